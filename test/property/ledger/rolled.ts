/** What a ledger must say of records, read plainly. */
import type { RecordEntry } from '../../../src/record/record-entry.js';
import { dayOf } from '../../../src/ledger/roll-up.js';
import { termOf, termTexts } from '../../../src/ledger/term.js';
import { allTotals } from '../../../src/ledger/totals.js';
import { LATEST, usesOf } from '../../../src/ledger/user-uses.js';
import type { UseStore } from '../../../src/ledger/uses.store.js';

/** A use of a user's data, told apart by everything but how often and when. */
export type Use = { readonly what: string; count: number; first: number; last: number; discharged: string[] };

/** By user, what was used of them. */
export function usesIn(entries: readonly RecordEntry[]): Map<number, Use[]> {
  const uses = new Map<number, Map<string, Use>>();
  const use = (user: number, at: number, content: string) => {
    const own = uses.get(user) ?? new Map<string, Use>();
    uses.set(user, own);
    const what = `${dayOf(at)} ${JSON.stringify(termOf(content))}`;
    const { count, first, last } = own.get(what) ?? { count: 0, first: at, last: at };
    const discharged = dischargedIn(entries, user, what);
    own.set(what, {
      what,
      count: count + 1,
      first: Math.min(first, at),
      last: Math.max(last, at),
      discharged,
    });
  };
  for (const entry of entries)
    if (entry.kind === 'decisions') {
      for (const one of entry.decisions)
        if (typeof one.person === 'number') {
          const given = { ...one, fields: [one.field], way: 'decision' } as const;
          use(one.person, entry.at, termTexts(entry, given).content);
        }
    } else if (entry.kind === 'users')
      for (const { permits, obligations, users } of entry.sets)
        for (const user of users) {
          const { purpose, way } = entry;
          const given = { purpose, fields: permits, reason: 'permitted', obligations, way } as const;
          use(user, entry.at, termTexts(entry, given).content);
        }
  return new Map([...uses].map(([user, own]) => [user, sorted([...own.values()])]));
}

/** How often each obligation is said to be discharged of a use: each answer and person once. */
function dischargedIn(entries: readonly RecordEntry[], user: number, what: string): string[] {
  const said = new Map<string, Set<string>>();
  for (const entry of entries)
    if (entry.kind === 'discharge')
      for (const [place, one] of entry.decisions.entries()) {
        const { content } = termTexts(entry, { ...one, fields: [one.field], way: 'decision' });
        const of = `${dayOf(entry.decidedAt)} ${JSON.stringify(termOf(content))}`;
        if (one.person !== user || of !== what) continue;
        const obligation = JSON.stringify(entry.obligation);
        said.set(obligation, (said.get(obligation) ?? new Set()).add(`${entry.answer.join()} ${place}`));
      }
  return [...said].map(([obligation, answers]) => `${obligation} ${answers.size}`).toSorted();
}

/** The whole ledger of a user, read in pages. */
export async function ledgerOf(store: UseStore, user: number, limit = 100): Promise<Use[]> {
  const found: Use[] = [];
  for (let before = LATEST; ;) {
    const page = await usesOf(store, user, before, limit);
    for (const { day, terms, count, first, last, discharged } of page) {
      const texts = discharged.map(({ obligation, count: times }) => `${obligation} ${times}`).toSorted();
      found.push({ what: `${day} ${JSON.stringify(terms)}`, count, first, last, discharged: texts });
    }
    const end = page.at(-1);
    if (end === undefined || page.length < limit) return sorted(found);
    if (end.day > before.day) throw new Error('a page goes on with a later day');
    before = end;
  }
}

/** Uses with whose they are: the number of the user, what it was, how often, first and last. */
export type PeoplesUse = readonly [user: number, what: string, count: number, first: number, last: number];

/** The same as {@link usesIn} has it. */
export function peopleIn(entries: readonly RecordEntry[]): PeoplesUse[] {
  return [...usesIn(entries)].flatMap(([user, uses]) =>
    uses.map(({ what, count, first, last }): PeoplesUse => [user, what, count, first, last]),
  );
}

/** All of a ledger, read by whose data was used, in pages. */
export async function peopleOf(store: UseStore, limit: number): Promise<PeoplesUse[]> {
  const found: PeoplesUse[] = [];
  for await (const { terms, ...use } of allTotals(store, { fromDay: 0, toDay: LATEST.day })) {
    const what = `${use.day} ${JSON.stringify(terms)}`;
    for (let after = 0; ;) {
      const page = await store.people(use, after, limit);
      for (const { user, count, first, last } of page) {
        if (user <= after) throw new Error('a page goes on with an earlier number');
        after = user;
        found.push([user, what, count, first, last]);
      }
      if (page.length < limit) break;
    }
  }
  return found;
}

function sorted(uses: Use[]): Use[] {
  return uses.toSorted((one, other) => (one.what < other.what ? -1 : 1));
}
