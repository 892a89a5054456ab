import { expect, it } from 'vitest';
import { MemoryUseStore } from '../../test/memory/memory-use.store.js';
import { Ledger } from './ledger.js';
import { termTexts } from './term.js';
import { LATEST, type UserUse } from './user-uses.js';

const NOBODY = { usersNumbered: async () => new Map<number, string>() };
/** Each goes on. */
const CASES = {
  get: () => Promise.reject(new Error('nobody reads a case here')),
  disclosures: async (ids: Iterable<string>) => new Map([...ids].map((id) => [id, null])),
};

it('says that nothing is recorded rather than that nobody used anything', async () => {
  const ledger = new Ledger(new MemoryUseStore(), { numberOf: () => 1 }, NOBODY, CASES, false, () => 0);
  await expect(ledger.of('u-1', LATEST, 10)).rejects.toMatchObject({ code: 'nothing_recorded' });
});

it('has all uses of a user, however many there are, the latest day first, but for those under a case that goes on', async () => {
  const store = new MemoryUseStore();
  const asked = {
    at: 0,
    request: 'r',
    revision: 0,
    client: 'ads',
    policy: 'p',
    actor: 'human',
    kind: 'decisions',
    decisions: [],
  } as const;
  const term = (purpose: string, of: object = {}) => ({
    ...termTexts(
      { ...asked, ...of },
      { purpose, fields: ['post.text'], reason: 'permitted', obligations: [], way: 'decision' },
    ),
    day: 1,
  });
  const terms = [term('ads'), term('safety.report_review', { case: 'c-1' })];
  const days = Array.from({ length: 450 }, (_, day) => day + 1);
  const counts = days.map((day) => ({
    day,
    user: 1,
    term: day % 3 === 0 ? 1 : 0,
    count: 1,
    first: day,
    last: day,
  }));
  const start = { sequence: 0, at: 0, nextBlock: 0, skip: 0 };
  await store.add('w', start, { ...start, skip: 1 }, { terms, counts, sets: [], totals: [], accesses: [] });
  const ledger = new Ledger(store, { numberOf: () => 1 }, NOBODY, CASES, true, () => 0);
  const found: UserUse[] = [];
  for await (const told of ledger.allOf('u-1')) found.push(...told.keys());
  expect(found.map(({ day }) => day)).toEqual(days.filter((day) => day % 3 !== 0).toReversed());
});
