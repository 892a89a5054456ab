import {
  BudgetStore,
  type Charge,
  type Loss,
  type Spending,
  type Spent,
} from '../../src/budgets/budgets.store.js';

/** Digits after the point that an amount may have. */
const DIGITS = 80;

/** Budgets that end with the process: for tests, and the measure of what an adapter must do. */
export class MemoryBudgetStore extends BudgetStore {
  private readonly figures = new Map<string, Loss & { readonly data: string }>();
  private readonly budgets = new Map<string, Spent>();

  async spend(charge: Charge, limit: Loss | undefined): Promise<Spending> {
    const { purpose, period, figure, data, epsilon, delta, at } = charge;
    const known = this.figures.get(JSON.stringify([purpose, figure]));
    if (known !== undefined) {
      const covers = units(known.epsilon) >= units(epsilon) && units(known.delta) >= units(delta);
      return known.data === data && covers ? 'permitted' : 'changed';
    }
    const key = JSON.stringify([purpose, period]);
    const before = this.budgets.get(key) ?? { epsilon: '0', delta: '0', figures: 0, first: at, last: at };
    const after = { epsilon: sum(before.epsilon, epsilon), delta: sum(before.delta, delta) };
    if (
      limit === undefined ||
      units(after.epsilon) > units(limit.epsilon) ||
      units(after.delta) > units(limit.delta)
    )
      return 'refused';
    this.figures.set(JSON.stringify([purpose, figure]), { data, epsilon, delta });
    const times = { first: Math.min(before.first, at), last: Math.max(before.last, at) };
    this.budgets.set(key, { purpose, period, ...after, figures: before.figures + 1, ...times });
    return 'permitted';
  }

  async list(
    limit: number,
    purpose?: string,
    after?: Pick<Spent, 'first' | 'purpose' | 'period'>,
  ): Promise<readonly Spent[]> {
    return [...this.budgets.values()]
      .filter((one) => purpose === undefined || one.purpose === purpose)
      .toSorted(latestFirst)
      .filter((one) => after === undefined || latestFirst(one, after) > 0)
      .slice(0, limit);
  }
}

type Place = Pick<Spent, 'first' | 'purpose' | 'period'>;

function latestFirst(one: Place, other: Place): number {
  return other.first - one.first || order(other.purpose, one.purpose) || order(other.period, one.period);
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function units(decimal: string): bigint {
  const [whole = '', digits = ''] = decimal.split('.');
  return BigInt(whole + digits.padEnd(DIGITS, '0'));
}

function sum(one: string, other: string): string {
  const text = String(units(one) + units(other)).padStart(DIGITS + 1, '0');
  return `${text.slice(0, -DIGITS)}.${text.slice(-DIGITS)}`.replace(/\.?0*$/, '');
}
