/** Reads a user's ledger. */
import { memberOf } from './members.js';
import { type Term, termOf } from './term.js';
import type { KeptUse, Place, UseStore } from './uses.store.js';

/** How often a user's data was used on a day under the same terms. Times in milliseconds since the Unix epoch. */
export type UserUse = Omit<KeptUse, 'content'> & { readonly terms: Term };

/** What everything comes after. */
export const LATEST: Place = { day: 2 ** 31 - 1, term: '0' };

/**
 * A user's uses, the latest day first.
 *
 * @param user their number
 * @param before the place that they come after
 */
export async function usesOf(
  store: UseStore,
  user: number,
  before: Place,
  limit: number,
): Promise<UserUse[]> {
  const uses = await store.usesOf(memberOf(user), before, limit);
  return uses.map(({ content, ...use }) => ({ ...use, terms: termOf(content) }));
}
