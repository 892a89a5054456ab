/** What may be spent is what the policy in force gives in the period that it is. */
import { beforeEach, describe, expect, test } from 'vitest';
import { policiesOn } from '../../test/at-once.js';
import { MemoryBudgetStore } from '../../test/memory/memory-budget.store.js';
import { REFERENCE } from '../../test/reference-policy.js';
import type { ServiceCaller } from '../access/caller.js';
import { serviceUnder } from '../access/clients.js';
import type { DpBudget } from '../decision/policy.js';
import { Budgets } from './budgets.js';
import type { Charge } from './budgets.store.js';

const PURPOSE = 'ads.insights';
const MINUTE = 60_000;
const NEW_YEAR = Date.UTC(2027, 0, 1);

let store: MemoryBudgetStore;
let now = NEW_YEAR;

beforeEach(() => {
  store = new MemoryBudgetStore();
  now = NEW_YEAR - 60 * MINUTE;
});

/** Under a policy that gives the purpose this budget; `undefined`: none. */
function under(budget: DpBudget | undefined, obligations: readonly string[] = ['dp_noise']): Budgets {
  const purposes = REFERENCE.purposes.map((purpose) => {
    if (purpose.id !== PURPOSE) return purpose;
    const { dp_budget: _former, ...rest } = purpose;
    return { ...rest, obligations, ...(budget === undefined ? {} : { dp_budget: budget }) };
  });
  return new Budgets(store, policiesOn({ ...REFERENCE, purposes }), () => now);
}

const client: ServiceCaller = serviceUnder(REFERENCE, {
  kind: 'service',
  id: 'ads-measurement',
  purposes: new Set([PURPOSE]),
  listings: { purposes: [], scopes: [] },
});

async function said(budgets: Budgets, figure: string, more: Partial<Charge> = {}): Promise<string> {
  const charge = {
    purpose: PURPOSE,
    period: '2026-12',
    figure,
    data: 'd',
    epsilon: '0.5',
    delta: '0',
    ...more,
  };
  return budgets.spend(client, charge).then(
    () => 'paid',
    (error: unknown) => String(Reflect.get(Object(error), 'code')),
  );
}

const monthly = (epsilon: string): DpBudget => ({ epsilon, period: 'month' });

describe('a policy', () => {
  test('that gives less than was spent stops what is new, and not what was paid for', async () => {
    expect(await said(under(monthly('1')), 'a')).toBe('paid');
    const less = under(monthly('0.4'));
    expect(await said(less, 'b', { epsilon: '0.000000000001' })).toBe('budget_exhausted');
    expect(await said(less, 'a')).toBe('paid');
    expect(await said(under(monthly('1')), 'b')).toBe('paid');
    expect(await said(under(monthly('1')), 'c', { epsilon: '0.000000000001' })).toBe('budget_exhausted');
  });

  test('that gives none stops all of it', async () => {
    expect(await said(under(monthly('1')), 'a')).toBe('paid');
    expect(await said(under(undefined), 'a')).toBe('budget_not_offered');
  });

  test('that gives another length of period begins anew, and no period of before goes on', async () => {
    expect(await said(under(monthly('0.5')), 'a')).toBe('paid');
    const daily = under({ epsilon: '0.5', period: 'day' });
    expect(await said(daily, 'b')).toBe('budget_not_offered');
    expect(await said(daily, 'b', { period: '2026-12-31' })).toBe('paid');
    expect(await said(daily, 'a')).toBe('paid');
  });

  test.each([
    ['1', '1.000000000000', 'paid'],
    ['1.0', '000000000001', 'paid'],
    ['0.3', '0.30', 'paid'],
    ['0.3', '0.300000000001', 'budget_exhausted'],
    ['999999', '999999999999.999999999999', 'budget_exhausted'],
  ])('that gives %s and is asked for %s: %s', async (limit, epsilon, expected) => {
    expect(await said(under(monthly(limit)), 'a', { epsilon })).toBe(expected);
  });

  test('that gives no delta takes no figure that has one', async () => {
    expect(await said(under(monthly('1')), 'a', { delta: `0.${'0'.repeat(79)}1` })).toBe('budget_exhausted');
    expect(await said(under(monthly('1')), 'a', { delta: '0.000' })).toBe('paid');
  });
});

test.each([
  [-6, '2026-12', 'paid'],
  [-6, '2027-01', 'budget_not_offered'],
  [-5, '2027-01', 'paid'],
  [0, '2026-12', 'paid'],
  [4, '2026-12', 'paid'],
  [5, '2026-12', 'budget_not_offered'],
  [5, '2027-01', 'paid'],
])('%s minutes after the end of a month, that of %s: %s', async (minutes, period, expected) => {
  now = NEW_YEAR + minutes * MINUTE;
  expect(await said(under(monthly('1')), 'a', { period })).toBe(expected);
});

test.each(['2026-1', '2026-12 ', '2026-12-', ' 2026-12', '2026-012', '2026-13', '__proto__', '\uff12026-12'])(
  'there is no period `%s`',
  async (period) => {
    expect(await said(under(monthly('1')), 'a', { period })).toBe('budget_not_offered');
  },
);
