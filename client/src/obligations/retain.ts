import { refuse } from './obligation-error.js';
import { itemsOf, mustBeWhole } from './rows.js';

const DAY_MS = 86_400_000;
/** In September 2001. What is below was written in seconds, as the times of this century are. */
const LEAST_TIME_MS = 1e12;

/**
 * A copy of data, or something made from copies that can be traced to a user.
 * Time in milliseconds since 1970, UTC, from September 2001 on.
 */
export type Copy = {
  /** When its data was read; for what is made of several copies, when the first of them was. */
  readonly readAt: number;
};

/**
 * Parts copies into those that may be kept now, and those that must be deleted now.
 *
 * @param days after reading, of 24 hours each
 * @param now as `readAt`
 * @throws ObligationError `clock` when a copy was read later than now: delete it, or correct the clock; `bad_input`, also
 *   for a time in seconds
 */
export function retain<C extends Copy>(
  copies: readonly C[],
  { days, now }: { readonly days: number; readonly now: number },
): { readonly keep: readonly C[]; readonly remove: readonly C[] } {
  mustBeWhole(days, 1, '`days`');
  mustBeTime(now, '`now`');
  const [keep, remove]: [C[], C[]] = [[], []];
  for (const copy of itemsOf(copies, 'what should be copies')) {
    if (typeof copy !== 'object' || copy === null)
      refuse('bad_input', 'a copy is no record: pass copies that have `readAt`');
    const age = now - mustBeTime(copy.readAt, '`readAt`');
    if (age < 0) refuse('clock', 'a copy was read later than now: delete it, or correct the clock');
    // at the very end of the last day it must be gone
    (age >= days * DAY_MS ? remove : keep).push(copy);
  }
  return { keep, remove };
}

function mustBeTime(time: number, what: string): number {
  if (mustBeWhole(time, 0, what) < LEAST_TIME_MS)
    refuse('bad_input', `${what} is before September 2001: pass milliseconds since 1970, not seconds`);
  return time;
}
