import { type Rational, ZERO, isAtMost, roundedUp, sumOf } from './rational.js';

/** What a figure costs: it is (epsilon, delta)-differentially private for one person. */
export type Charge = {
  readonly purpose: string;
  /** The period of the budget, such as `2026-11`, as the caller's clock says. */
  readonly period: string;
  /** Names the figure, and tells nothing about it. A figure that was paid for costs nothing when it is given again. */
  readonly figure: string;
  /** Names the exact answer, and tells nothing about it. A figure has one: another means that the data was changed. */
  readonly data: string;
  readonly epsilon: Rational;
  readonly delta: Rational;
};

/**
 * Where privacy is paid for. An implementation must be atomic, shared by all processes that release figures of the
 * purpose, and durable before it answers `permitted`: what is forgotten would be spent twice. `assent.budget`
 * is that of the service; {@link MemoryBudget} does not outlive its process.
 */
export type Budget = {
  /**
   * @returns `permitted` when the figure is paid for, now or before and for the same data; `changed_data` when it was
   *   paid for other data; `not_offered` when there is no such budget; anything else is a no
   */
  spend(charge: Charge): Promise<BudgetAnswer>;
};

export type BudgetAnswer = 'permitted' | 'refused' | 'not_offered' | 'changed_data';

/** The most that one person may lose to each purpose in each period. */
export type BudgetLimit = { readonly epsilon: Rational; readonly delta: Rational };

/** Each charge is rounded up to this unit, so that sums stay short. Decimals and powers of two that are taken fit it. */
const UNITS = 10n ** 12n * 2n ** 256n;

/**
 * A budget in memory, for tests and single processes. Costs add up (Dwork and Roth, 2014, "The Algorithmic Foundations
 * of Differential Privacy", theorem 3.16), each rounded up to a multiple of 10^-12 · 2^-256.
 */
export class MemoryBudget implements Budget {
  readonly #spent = new Map<string, BudgetLimit>();
  /** By figure, its data. */
  readonly #paid = new Map<string, string>();

  constructor(private readonly limit: BudgetLimit) {}

  spend({ purpose, period, figure, data, epsilon, delta }: Charge): Promise<BudgetAnswer> {
    const known = JSON.stringify([purpose, figure]);
    const paid = this.#paid.get(known);
    if (paid !== undefined) return Promise.resolve(paid === data ? 'permitted' : 'changed_data');
    const account = JSON.stringify([purpose, period]);
    const before = this.#spent.get(account) ?? { epsilon: ZERO, delta: ZERO };
    const after = {
      epsilon: sumOf(before.epsilon, roundedUp(epsilon, UNITS)),
      delta: sumOf(before.delta, roundedUp(delta, UNITS)),
    };
    if (!isAtMost(after.epsilon, this.limit.epsilon) || !isAtMost(after.delta, this.limit.delta))
      return Promise.resolve('refused');
    this.#spent.set(account, after);
    this.#paid.set(known, data);
    return Promise.resolve('permitted');
  }
}
