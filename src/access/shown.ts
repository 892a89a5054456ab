/**
 * What a person's token lacks to be that of a service or of an admin, in words. Beside the callers themselves, who are
 * written to the log: it is for the one who is refused, or who has set this service up for another provider.
 */
import type { Caller, Credentials } from './caller.js';

export type Lacks = { readonly service: string; readonly admin: string };

const lacking = new WeakMap<Caller | Credentials, Lacks>();

export function rememberLacks(person: Credentials, lacks: Lacks): void {
  lacking.set(person, lacks);
}

/** To follow a refusal of who is no service or no admin; empty where nothing is known, as in development mode. */
export function whatLacks(caller: Caller, to: keyof Lacks): string {
  const lacks = lacking.get(caller);
  return lacks === undefined ? '' : `; ${lacks[to]}`;
}
