/** Reads a user's ledger: what was counted by user, and the sets that the user is in. */
import { isMember, bucketOf } from './members.js';
import { type Term, termOf } from './term.js';
import type { KeptSet, Place, UseStore } from './uses.store.js';

/** How often a user's data was used on a day under the same terms. Times in milliseconds since the Unix epoch. */
export type UserUse = Place & {
  readonly terms: Term;
  readonly count: number;
  readonly first: number;
  readonly last: number;
};

type Counts = { readonly day: number; readonly term: string; count: number; first: number; last: number };

/** What everything comes after. */
export const LATEST: Place = { day: 2 ** 31 - 1, term: '0' };
/** Sets held in memory at a time: a quarter of a megabyte at most. */
const SETS_AT_ONCE = 256;

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
  const counts = await store.countsOf(user, before, limit);
  const found = new Map<string, Counts>(counts.map((one) => [keyOf(one), { ...one }]));
  const isWhole = counts.length < limit;
  const firstDay = isWhole ? 0 : (counts.at(-1)?.day ?? 0);
  for await (const { set, isFirst } of setsOf(store, user, before, firstDay)) {
    // what is on the days before cannot come into the page any more
    if (isFirst && [...found.values()].filter(({ day }) => day > set.day).length >= limit) break;
    if (!isAfter(set, before) || !isMember(set.members, user)) continue;
    const there = found.get(keyOf(set));
    if (there === undefined)
      found.set(keyOf(set), { day: set.day, term: set.term, count: 1, first: set.at, last: set.at });
    else {
      there.count++;
      there.first = Math.min(there.first, set.at);
      there.last = Math.max(there.last, set.at);
    }
  }
  const page = [...found.values()].toSorted(latestFirst).slice(0, limit);
  const contents = await store.contentsOf([...new Set(page.map(({ term }) => term))]);
  return page.flatMap((one) => {
    const content = contents.get(one.term);
    // forgotten while it was read
    return content === undefined ? [] : [{ ...one, terms: termOf(content) }];
  });
}

/** The sets of the user's bucket, and whether each is the first of its day. */
async function* setsOf(
  store: UseStore,
  user: number,
  { day }: Place,
  firstDay: number,
): AsyncGenerator<{ readonly set: KeptSet; readonly isFirst: boolean }, void> {
  let before = { day, id: String(2n ** 63n - 1n) };
  for (;;) {
    const sets = await store.setsOf(bucketOf(user), firstDay, before, SETS_AT_ONCE);
    for (const set of sets) {
      yield { set, isFirst: set.day < before.day };
      before = set;
    }
    if (sets.length < SETS_AT_ONCE) return;
  }
}

function keyOf({ day, term }: Place): string {
  return `${day} ${term}`;
}

function isAfter(one: Place, before: Place): boolean {
  return latestFirst(one, before) > 0;
}

function latestFirst(one: Place, other: Place): number {
  if (one.day !== other.day) return other.day - one.day;
  const [term, than] = [BigInt(one.term), BigInt(other.term)];
  return term < than ? 1 : term > than ? -1 : 0;
}
