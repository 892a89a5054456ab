/** Uses of all users together. */
import { type Term, termOf } from './term.js';
import { LATEST } from './user-uses.js';
import type { Discharged, KeptTotal, Place, TotalsWanted, UseStore } from './uses.store.js';

/** How often data was used on a day under the same terms. */
export type Total = Place & {
  readonly terms: Term;
  readonly count: number;
  readonly strangers: number;
  readonly discharged: readonly Discharged[];
};

const AT_ONCE = 500;

/** Those of a day under the same terms; `undefined`: there are none. */
export async function totalOf(store: UseStore, use: Place): Promise<Total | undefined> {
  const row = await store.totalOf(use);
  return row === undefined ? undefined : totalIn(row);
}

/** A part of them, the latest day first. @param before the place that they come after */
export async function totalsOf(
  store: UseStore,
  wanted: TotalsWanted,
  before: Place,
  limit: number,
): Promise<Total[]> {
  const rows = await store.totals(wanted, before, limit);
  return rows.map(totalIn);
}

function totalIn({ content, ...row }: KeptTotal): Total {
  return { ...row, terms: termOf(content) };
}

/** All of them, some hundreds at a time. */
export async function* allTotals(store: UseStore, wanted: TotalsWanted): AsyncGenerator<Total, void> {
  let before = LATEST;
  for (;;) {
    const totals = await totalsOf(store, wanted, before, AT_ONCE);
    yield* totals;
    const last = totals.at(-1);
    if (last === undefined || totals.length < AT_ONCE) return;
    before = last;
  }
}
