/** When a caller last showed who they are: the time of their token, or of signing in. Kept apart from the callers, which are logged. */
import type { Caller, Credentials } from './caller.js';

const issued = new WeakMap<Caller | Credentials, number>();

/** @param at milliseconds since the Unix epoch */
export function rememberIssued(holder: Credentials, at: number): void {
  issued.set(holder, at);
}

/** In milliseconds since the Unix epoch; 0 where the token does not say. */
export function issuedAtOf(caller: Caller): number {
  return issued.get(caller) ?? 0;
}
