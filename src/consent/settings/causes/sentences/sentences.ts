/** What a language must be able to say, and what its sentences are made with. */
import type { Because, Cause } from '../cause.js';
import type { Origin } from '../../history.js';

/** What a sentence may name, in its language. */
export type Named = {
  /** Title of the law that applies to the user; null: it is not known where they live. */
  readonly law: string | null;
  /** Title of the purpose that a dependency is on. */
  readonly titleOf: (purpose: Extract<Cause, { because: 'dependency' }>['on']) => string;
};

/** A sentence or two for each cause; the compiler sees to it that none is missing. */
export type Sentences = {
  readonly [B in Because]: (cause: Extract<Cause, { because: B }>, named: Named) => string;
};

/** The service that acted for the user, if one did. */
export function serviceOf(origin: Origin | undefined): string | undefined {
  return origin?.by.kind === 'service' ? origin.by.id : undefined;
}

/** The day, in UTC: to the user it may have been the day before or after. */
export function dayOf({ at }: Pick<Origin, 'at'>, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(at);
}
