/**
 * What a person's token lacks to be that of a service or an admin, in words. Kept apart from the callers, which are
 * logged: it is for the caller who is refused, or for the person who set this service up for another provider.
 */
import type { Caller, Credentials } from './caller.js';

export type Lacks = { readonly service: string; readonly admin: string };

const lacking = new WeakMap<Caller | Credentials, Lacks>();

export function rememberLacks(person: Credentials, lacks: Lacks): void {
  lacking.set(person, lacks);
}

/**
 * The end of a refusal of a caller that is no service or no admin; empty where nothing is known, as in development
 * mode.
 */
export function whatLacks(caller: Caller, to: keyof Lacks): string {
  const lacks = lacking.get(caller);
  return lacks === undefined ? '' : `; ${lacks[to]}`;
}
