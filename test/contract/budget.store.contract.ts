import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BudgetStore, Charge, Spent } from '../../src/budgets/budgets.store.js';
import { times } from '../times.js';

export type OpenBudgetStore = { readonly store: BudgetStore; readonly close: () => Promise<void> };

const LIMIT = { epsilon: '1', delta: '0' };

function charge(more: Partial<Charge> = {}): Charge {
  return {
    purpose: 'ads',
    period: '2026-11',
    figure: 'f',
    data: 'd',
    epsilon: '0.1',
    delta: '0',
    client: 'c',
    at: 1,
    ...more,
  };
}

export function budgetStoreContract(name: string, open: () => Promise<OpenBudgetStore>): void {
  describe(`privacy budgets, ${name}`, () => {
    let opening: OpenBudgetStore;
    let store: BudgetStore;
    let drawn = 0;

    beforeAll(async () => {
      opening = await open();
      store = opening.store;
    });
    afterAll(() => opening.close());

    const newPurpose = () => `purpose.${drawn++}`;
    const spentOf = async (purpose: string) => (await store.list(10, purpose))[0];

    it('pay until the limit is reached exactly, as decimals and not as doubles', async () => {
      const purpose = newPurpose();
      for (let figure = 0; figure < 10; figure++)
        expect(await store.spend(charge({ purpose, figure: `f${figure}`, at: 5 + figure }), LIMIT)).toBe(
          'permitted',
        );
      for (const epsilon of ['0.1', '0.000000000001'])
        expect(await store.spend(charge({ purpose, figure: 'more', epsilon }), LIMIT)).toBe('refused');
      expect(await store.list(10, purpose)).toEqual([
        { purpose, period: '2026-11', epsilon: '1', delta: '0', figures: 10, first: 5, last: 14 },
      ]);
    });

    it('pay for a figure once, in whatever period it is asked for again', async () => {
      const purpose = newPurpose();
      const whole = charge({ purpose, epsilon: '1' });
      for (const again of [whole, whole, { ...whole, period: '2026-12' }])
        expect(await store.spend(again, LIMIT)).toBe('permitted');
      expect(await store.spend(whole, undefined)).toBe('permitted');
      expect(await store.list(10, purpose)).toMatchObject([{ period: '2026-11', epsilon: '1', figures: 1 }]);
    });

    it('refuse another answer to a figure that was paid for, and take nothing for it', async () => {
      const purpose = newPurpose();
      await store.spend(charge({ purpose }), LIMIT);
      for (const limit of [LIMIT, undefined])
        expect(await store.spend(charge({ purpose, data: 'other' }), limit)).toBe('changed');
      expect(await spentOf(purpose)).toMatchObject({ epsilon: '0.1', figures: 1 });
    });

    it('refuse a figure that was paid for with less, and take nothing for it', async () => {
      const purpose = newPurpose();
      const paid = charge({ purpose, epsilon: '0.2', delta: '0.01' });
      const limit = { epsilon: '1', delta: '0.5' };
      expect(await store.spend(paid, limit)).toBe('permitted');
      for (const more of [{ epsilon: '0.200000000001' }, { delta: '0.010000000001' }])
        for (const bound of [limit, undefined])
          expect(await store.spend({ ...paid, ...more }, bound)).toBe('changed');
      for (const same of [{ epsilon: '0.1' }, { epsilon: '0.20' }, { epsilon: '00.2' }, { delta: '0' }])
        expect(await store.spend({ ...paid, ...same }, limit)).toBe('permitted');
      expect(await spentOf(purpose)).toMatchObject({ epsilon: '0.2', delta: '0.01', figures: 1 });
    });

    it('pay nothing without a limit, nor for one figure that is beyond it', async () => {
      const purpose = newPurpose();
      expect(await store.spend(charge({ purpose }), undefined)).toBe('refused');
      expect(await store.spend(charge({ purpose, epsilon: '1.000000000001' }), LIMIT)).toBe('refused');
      expect(await spentOf(purpose)).toBe(undefined);
      expect(await store.spend(charge({ purpose }), LIMIT)).toBe('permitted');
    });

    it('bound epsilon and delta, each by itself, down to the last digit of either', async () => {
      const purpose = newPurpose();
      const least = `0.${'0'.repeat(79)}1`;
      const limit = { epsilon: '999999', delta: `0.${'0'.repeat(79)}2` };
      for (const [figure, told] of [
        ['a', 'permitted'],
        ['b', 'permitted'],
        ['c', 'refused'],
      ] as const)
        expect(await store.spend(charge({ purpose, figure, epsilon: '1', delta: least }), limit)).toBe(told);
      expect(await store.spend(charge({ purpose, figure: 'c', epsilon: '999997' }), limit)).toBe('permitted');
      expect(await spentOf(purpose)).toMatchObject({ epsilon: '999999', delta: limit.delta, figures: 3 });
    });

    it('are one for each purpose and period, and shared by clients', async () => {
      const [one, other] = [newPurpose(), newPurpose()];
      const spend = (more: Partial<Charge>) => store.spend(charge({ epsilon: '0.6', ...more }), LIMIT);
      expect(await spend({ purpose: one, figure: 'a', client: 'ads' })).toBe('permitted');
      expect(await spend({ purpose: one, figure: 'b', client: 'ranking' })).toBe('refused');
      expect(await spend({ purpose: one, figure: 'b', period: '2026-12' })).toBe('permitted');
      expect(await spend({ purpose: other, figure: 'a' })).toBe('permitted');
    });

    it('never pay more than the limit, and never twice for a figure, whoever spends at the same time', async () => {
      const spending = fc.record({
        figure: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        tenths: fc.integer({ min: 1, max: 7 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(spending, { minLength: 2, maxLength: 12 }), async (all) => {
          const purpose = newPurpose();
          // a figure has one price, as its code has it
          const prices = new Map(all.map(({ figure, tenths }) => [figure, tenths]));
          const told = await Promise.all(
            all.map(async ({ figure }) => {
              const epsilon = `0.${prices.get(figure)}`;
              return { figure, said: await store.spend(charge({ purpose, figure, epsilon }), LIMIT) };
            }),
          );
          const paid = new Set(told.filter(({ said }) => said === 'permitted').map(({ figure }) => figure));
          const tenths = [...paid].reduce((sum, figure) => sum + (prices.get(figure) ?? 0), 0);
          const spent = await spentOf(purpose);
          expect(tenths).toBeLessThanOrEqual(10);
          expect(Math.round(10 * Number(spent?.epsilon))).toBe(tenths);
          expect(spent?.figures).toBe(paid.size);
          // whoever asks for the same figure is told the same
          for (const { figure, said } of told) expect(said === 'permitted').toBe(paid.has(figure));
        }),
        { numRuns: times(60, 15) },
      );
    });

    it('are listed in pages, the one that was begun last first', async () => {
      const purpose = newPurpose();
      for (const [place, period] of ['2026-01', '2026-02', '2026-03', '2026-04', '2026-05'].entries())
        await store.spend(charge({ purpose, period, figure: period, at: 10 + Math.floor(place / 2) }), LIMIT);
      const all = await store.list(10, purpose);
      expect(all.map(({ period }) => period)).toEqual([
        '2026-05',
        '2026-04',
        '2026-03',
        '2026-02',
        '2026-01',
      ]);
      const read: Spent[] = [];
      for (let after: Spent | undefined; ;) {
        const page = await store.list(2, purpose, after);
        read.push(...page);
        after = page.at(-1);
        if (page.length < 2) break;
      }
      expect(read).toEqual(all);
      expect((await store.list(100)).length).toBeGreaterThan(5);
    });
  });
}
