import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { expect, it } from 'vitest';
import { MemoryUseStore } from '../../test/memory/memory-use.store.js';
import { times } from '../../test/times.js';
import { DAY_MS } from '../time.js';
import { Ledger, type ToldUse } from './ledger.js';
import { dayOf } from './roll-up.js';
import { termTexts } from './term.js';
import { LATEST } from './user-uses.js';

const NOBODY = { usersNumbered: async () => new Map<number, string>() };
const NO_CASES = {
  get: () => Promise.reject(new Error('nobody reads a case here')),
  disclosures: async () => new Map<string, null>(),
};

it('says that nothing is recorded rather than that nobody used anything', async () => {
  const ledger = new Ledger(new MemoryUseStore(), { numberOf: () => 1 }, NOBODY, NO_CASES, false, () => 0);
  await expect(ledger.of('u-1', LATEST, 10)).rejects.toMatchObject({ code: 'nothing_recorded' });
});

const REPORTS = 'safety.report_review';
const HOUR_MS = 3_600_000;
/** What may be told of cases by then, by id. */
const TOLD = new Map([
  ['open', null],
  ['closed', { user: 'u-1', role: 'case_reviewer', items: 2 } as const],
  ['of another', { user: 'u-2', role: 'case_reviewer', items: 2 } as const],
]);
const NOW = 100 * DAY_MS;

type Row = { readonly purpose: string; readonly case: string | undefined; readonly hoursAgo: number };

/** What the user is shown of a row, said anew; `undefined`: nothing. */
function shownOf({ purpose, case: named, hoursAgo }: Row): string | undefined {
  if (purpose !== REPORTS) return 'no case';
  if (named === 'closed') return 'closed';
  if (named === 'of another') return 'no case';
  return named === 'open' || hoursAgo < 72 ? undefined : 'no case';
}

const ROWS = array(
  record({
    purpose: constantFrom('ads', REPORTS),
    case: constantFrom(undefined, 'open', 'closed', 'of another', 'mistyped'),
    hoursAgo: integer({ min: 0, max: 90 }),
  }),
  { maxLength: 40 },
);

async function ledgerOf(rows: readonly Row[]): Promise<Ledger> {
  const store = new MemoryUseStore();
  const asked = { at: 0, request: 'r', revision: 0, client: 'x', policy: 'p', actor: 'human' } as const;
  const given = { fields: ['post.text'], reason: 'permitted', obligations: [], way: 'decision' } as const;
  const terms = rows.map(({ purpose, case: named }, place) => ({
    ...termTexts(
      { ...asked, kind: 'decisions', decisions: [], ...(named === undefined ? {} : { case: named }) },
      { ...given, purpose, level: String(place) },
    ),
    day: 1,
  }));
  const counts = rows.map(({ hoursAgo }, term) => {
    const at = NOW - hoursAgo * HOUR_MS;
    return { day: dayOf(at), user: 1, term, count: 1, first: at, last: at };
  });
  const start = { sequence: 0, at: 0, nextBlock: 0, skip: 0 };
  await store.add('w', start, { ...start, skip: 1 }, { terms, counts, sets: [], totals: [], accesses: [] });
  for (const { purpose, case: named, hoursAgo } of rows) {
    const of = purpose === REPORTS ? { case: named ?? null } : {};
    await store.noteLookup([1], {
      at: NOW - hoursAgo * HOUR_MS,
      by: 'olga',
      role: 'auditor',
      reason: 'why',
      ...of,
    });
  }
  const cases = {
    ...NO_CASES,
    disclosures: async (ids: Iterable<string>) =>
      new Map([...ids].flatMap((id) => (TOLD.has(id) ? [[id, TOLD.get(id) ?? null] as const] : []))),
  };
  return new Ledger(store, { numberOf: () => 1 }, NOBODY, cases, true, () => NOW);
}

it('shows every use and look-up but those that would warn of a case that goes on, and no page tells where they are', () =>
  assert(
    asyncProperty(ROWS, integer({ min: 1, max: 7 }), async (rows, limit) => {
      const ledger = await ledgerOf(rows);
      const expected = rows.map(shownOf).filter((shown) => shown !== undefined);
      const shown = ({ under }: ToldUse) => under?.case ?? 'no case';

      const paged: ToldUse[] = [];
      for (let before = LATEST; ;) {
        const { uses } = await ledger.of('u-1', before, limit);
        paged.push(...uses);
        const last = uses.at(-1);
        if (last === undefined || uses.length < limit) break;
        before = last.use;
      }
      const all: ToldUse[] = [];
      for await (const some of ledger.allOf('u-1')) all.push(...some);
      expect(paged).toEqual(all);
      expect(all.map(shown).toSorted()).toEqual(expected.toSorted());
      const days = all.map(({ use }) => use.day);
      expect(days).toEqual(days.toSorted((one, other) => other - one));

      const lookups: unknown[] = [];
      for await (const some of ledger.lookups('u-1')) lookups.push(...some);
      expect(lookups).toHaveLength(expected.length);
      expect(await ledger.latestLookups('u-1')).toEqual(lookups);
    }),
    { numRuns: times(300, 60) },
  ));
