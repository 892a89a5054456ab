import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaseEvent, CaseStore } from '../../src/cases/cases.store.js';

export type OpenCaseStore = {
  readonly store: CaseStore;
  readonly close: () => Promise<void>;
};

const AT = 1_800_000_000_123;
const BY = { kind: 'admin', id: 'rita' } as const;
/** What the text of a column must bear. */
const WORDS = `two lines\nand "quotes", 'apostrophes', \\ and 🗝️`;

export function opening(at = AT): CaseEvent & { readonly kind: 'opened' } {
  return {
    kind: 'opened',
    by: { kind: 'service', id: 'safety' },
    at,
    reason: WORDS,
    scope: {
      purpose: 'safety.report_review',
      user: 'u-1',
      report: 'r-1',
      items: ['m-1', 'ü'],
      fields: null,
      reviewers: [{ issuer: 'https://id.example', id: 'rita' }],
      expiresAt: at + 1_000,
      discloseAfter: at + 9_000,
    },
  };
}

/** One event of each kind, after the first. */
const LATER: readonly CaseEvent[] = [
  { kind: 'approved', by: BY, at: AT + 1, reason: 'seen' },
  { kind: 'extended', by: BY, at: AT + 2, reason: 'more time', expiresAt: AT + 5_000 },
  { kind: 'extension_approved', by: BY, at: AT + 3, reason: 'granted' },
  { kind: 'reassigned', by: BY, at: AT + 4, reason: 'away', reviewers: [{ issuer: 'i', id: 'rob' }] },
  { kind: 'closed', by: BY, at: AT + 5, reason: 'done' },
];

/** What every adapter of the case store does. */
export function caseStoreContract(name: string, open: () => Promise<OpenCaseStore>): void {
  describe(`case store ${name}`, () => {
    let opened: OpenCaseStore;
    const store = () => opened.store;

    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    it('has no cases at first', async () => {
      expect(await store().read('c-1')).toBeUndefined();
      expect(await store().list(10)).toEqual([]);
    });

    it('keeps every event as it was given, in order', async () => {
      const events = [opening(), ...LATER];
      for (const [place, event] of events.entries())
        expect(await store().append('c-1', place + 1, event)).toBe(true);
      expect(await store().read('c-1')).toEqual({ id: 'c-1', events });
    });

    it('reads several at once, those that there are', async () => {
      await store().append('c-ü "1"', 1, opening());
      const found = await store().readAll(['c-none', 'c-ü "1"', 'c-1', 'c-1']);
      expect(found).toEqual(
        new Map([
          ['c-1', await store().read('c-1')],
          ['c-ü "1"', { id: 'c-ü "1"', events: [opening()] }],
        ]),
      );
      expect(await store().readAll([])).toEqual(new Map());
    });

    it('takes each place once, and none ahead of its turn', async () => {
      expect(await store().append('c-1', 1, opening())).toBe(false);
      expect(await store().append('c-1', 6, LATER[4] ?? opening())).toBe(false);
      expect(await store().append('c-1', 8, LATER[4] ?? opening())).toBe(false);
      expect(await store().append('c-none', 2, LATER[4] ?? opening())).toBe(false);
      expect((await store().read('c-1'))?.events).toHaveLength(6);
      expect(await store().read('c-none')).toBeUndefined();
    });

    it('gives a place to one of those who want it at once', async () => {
      await store().append('c-2', 1, opening(AT + 10));
      const tried = await Promise.all(
        Array.from({ length: 8 }, (_, one) =>
          store().append('c-2', 2, { kind: 'closed', by: BY, at: AT, reason: String(one) }),
        ),
      );
      expect(tried.filter((done) => done)).toHaveLength(1);
      expect((await store().read('c-2'))?.events).toHaveLength(2);
    });

    it('lists cases page by page, those that were opened last first', async () => {
      await store().append('c-0', 1, opening());
      const ids = async (...page: Parameters<CaseStore['list']>) =>
        (await store().list(...page)).map(({ id }) => id);
      expect(await ids(10)).toEqual(['c-2', 'c-0', 'c-1', 'c-ü "1"']);
      expect(await ids(2)).toEqual(['c-2', 'c-0']);
      expect(await ids(2, { at: AT, id: 'c-0' })).toEqual(['c-1', 'c-ü "1"']);
      expect(await store().list(1)).toEqual([
        { id: 'c-2', openedAt: AT + 10, found: await store().read('c-2') },
      ]);
    });
  });
}
