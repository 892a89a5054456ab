import { DomainError } from '../errors.js';
import type { Caller } from './caller.js';
import { type Permission, mustBeAllowedTo } from './permission.js';

/** The routes that declare what they do, so that a caller can be told beforehand what they may do, and why not the rest. */
export class DeclaredRoutes {
  /** By method and address, as the OpenAPI document writes it. */
  private readonly permissions = new Map<string, Permission>();

  note(methods: readonly string[], url: string, may: Permission): void {
    const address = url.replaceAll(/:(\w+)/g, '{$1}');
    for (const method of methods) if (method !== 'HEAD') this.permissions.set(`${method} ${address}`, may);
  }

  /**
   * What the caller may do: to some draft, case or extract perhaps not, which that route tells.
   *
   * @returns for each route that they may not use, why not
   */
  openTo(caller: Caller): {
    readonly may: readonly string[];
    readonly mayNot: Readonly<Record<string, string>>;
  } {
    const refusals = [...this.permissions].map(([route, may]) => [route, refusalOf(caller, may)] as const);
    return {
      may: refusals.flatMap(([route, refusal]) => (refusal === undefined ? [route] : [])).toSorted(),
      mayNot: Object.fromEntries(
        refusals.flatMap(([route, refusal]) => (refusal === undefined ? [] : [[route, refusal]])).toSorted(),
      ),
    };
  }
}

function refusalOf(caller: Caller, may: Permission): string | undefined {
  try {
    mustBeAllowedTo(caller, may);
    return undefined;
  } catch (error) {
    if (error instanceof DomainError) return error.message;
    throw error;
  }
}
