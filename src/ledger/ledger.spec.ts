import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { expect, it } from 'vitest';
import { MemoryConsentStore } from '../../test/memory/memory-consent.store.js';
import { MemoryUseStore } from '../../test/memory/memory-use.store.js';
import { times } from '../../test/times.js';
import { DAY_MS } from '../time.js';
import { Ledger, type ToldUse } from './ledger.js';
import { dayOf } from './roll-up.js';
import { termTexts } from './term.js';
import { LATEST } from './user-uses.js';

const NOBODY = { usersNumbered: async () => new Map<number, string>(), readUser: async () => [] };
const NO_CASES = {
  get: () => Promise.reject(new Error('nobody reads a case here')),
  disclosures: async () => new Map<string, null>(),
};

it('says that nothing is recorded rather than that nobody used anything', async () => {
  const ledger = new Ledger(new MemoryUseStore(), { numberOf: () => 1 }, NOBODY, NO_CASES, false, 0, () => 0);
  await expect(ledger.of('u-1', LATEST, 10)).rejects.toMatchObject({ code: 'nothing_recorded' });
});

const REPORTS = 'safety.report_review';
/** What may be told of cases by then, by id. */
const TOLD = new Map([
  ['open', null],
  ['closed', { role: 'case_reviewer', items: 2 } as const],
]);
const NOW = 100 * DAY_MS;
const SILENCE_DAYS = 83;

type Row = {
  readonly purpose: string;
  readonly case: string | undefined;
  readonly reason: 'permitted' | 'case_scope';
  readonly daysAgo: number;
};

/** What the user is shown of a row, said anew; `undefined`: nothing. */
function shownOf({ purpose, case: named, reason, daysAgo }: Row): string | undefined {
  if (purpose !== REPORTS) return 'no case';
  if (reason === 'permitted' && named === 'closed') return 'closed';
  if (reason === 'permitted' && named === 'open') return undefined;
  return daysAgo < SILENCE_DAYS ? undefined : 'no case';
}

const ROWS = array(
  record({
    purpose: constantFrom('ads', REPORTS),
    case: constantFrom(undefined, 'open', 'closed', 'mistyped'),
    reason: constantFrom('permitted', 'case_scope'),
    daysAgo: integer({ min: 0, max: 95 }),
  }),
  { maxLength: 40 },
);

async function ledgerOf(rows: readonly Row[]): Promise<Ledger> {
  const store = new MemoryUseStore();
  const asked = { at: 0, request: 'r', revision: 0, client: 'x', policy: 'p', actor: 'human' } as const;
  const given = { fields: ['post.text'], obligations: [], way: 'decision' } as const;
  const terms = rows.map(({ purpose, case: named, reason }, place) => ({
    ...termTexts(
      { ...asked, kind: 'decisions', decisions: [], ...(named === undefined ? {} : { case: named }) },
      { ...given, purpose, reason, level: String(place) },
    ),
    day: 1,
  }));
  const counts = rows.map(({ daysAgo }, term) => {
    const at = NOW - daysAgo * DAY_MS;
    return { day: dayOf(at), user: 1, term, count: 1, first: at, last: at };
  });
  const start = { sequence: 0, at: 0, nextBlock: 0, skip: 0 };
  await store.add(
    'w',
    start,
    { ...start, skip: 1 },
    { highest: 1, terms, counts, sets: [], totals: [], accesses: [], discharges: [] },
  );
  for (const { purpose, case: named, reason, daysAgo } of rows) {
    const of = purpose === REPORTS ? { case: reason === 'permitted' ? (named ?? null) : null } : {};
    await store.noteLookup([1], {
      at: NOW - daysAgo * DAY_MS,
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
  return new Ledger(store, { numberOf: () => 1 }, NOBODY, cases, true, SILENCE_DAYS * DAY_MS, () => NOW);
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

it('notes no look-up, and lets none be answered, where a user is known to the log and not yet to the process', async () => {
  const log = new MemoryConsentStore();
  const change = { kind: 'profile', region: 'DE', ageBand: 'adult' } as const;
  await log.append([{ user: 'u-1', by: { kind: 'service', id: 's' }, at: 0, via: 'settings', change }]);
  const ledger = new Ledger(
    new MemoryUseStore(),
    { numberOf: () => undefined },
    log,
    NO_CASES,
    true,
    0,
    () => 0,
  );
  const reader = {
    admin: { kind: 'admin', id: 'olga', roles: new Set(['auditor']) },
    reason: 'why',
  } as const;
  await expect(ledger.noteLookup('u-1', reader)).rejects.toMatchObject({ code: 'consent_unavailable' });
  await ledger.noteLookup('u-2', reader);
});
