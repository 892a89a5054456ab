import { refuse } from './obligation-error.js';
import { mustBeWhole } from './rows.js';

const DAY_MS = 86_400_000;

/**
 * A copy of data, or something made from copies that can be traced to a user.
 * Time in milliseconds since 1970, UTC.
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
 * @throws ObligationError `clock` when a copy was read later than now: delete it, or correct the clock; `bad_input`
 */
export function retain<C extends Copy>(
  copies: readonly C[],
  { days, now }: { readonly days: number; readonly now: number },
): { readonly keep: readonly C[]; readonly remove: readonly C[] } {
  mustBeWhole(days, 1, '`days`');
  mustBeWhole(now, 0, '`now`');
  for (const { readAt } of copies)
    if (mustBeWhole(readAt, 0, '`readAt`') > now)
      refuse('clock', 'a copy was read later than now: delete it, or correct the clock');
  // at the very end of the last day it must be gone
  const isOver = ({ readAt }: Copy) => now - readAt >= days * DAY_MS;
  return { keep: copies.filter((copy) => !isOver(copy)), remove: copies.filter(isOver) };
}
