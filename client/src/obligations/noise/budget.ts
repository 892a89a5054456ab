import { type Rational, ZERO, isAtMost, sumOf } from './rational.js';

/** What a figure costs: it is (epsilon, delta)-differentially private for one person. */
export type Charge = {
  readonly purpose: string;
  /** The period of the budget, such as `2026-11`, as the caller's clock says. */
  readonly period: string;
  /** Names the figure, and tells nothing about it. A figure that was paid for costs nothing when it is given again. */
  readonly figure: string;
  readonly epsilon: Rational;
  readonly delta: Rational;
};

/**
 * Where privacy is paid for. An implementation must be atomic, shared by all processes that release figures of the
 * purpose, and durable before it answers `permitted`: what is forgotten would be spent twice. The service is to keep it;
 * {@link MemoryBudget} does not outlive its process.
 */
export type Budget = {
  /** @returns `permitted` when the figure is paid for, now or before; anything else is a no */
  spend(charge: Charge): Promise<'permitted' | 'refused'>;
};

/** The most that one person may lose to each purpose in each period. */
export type BudgetLimit = { readonly epsilon: Rational; readonly delta: Rational };

/**
 * A budget in memory, for tests and single processes. Costs add up (Dwork and Roth, 2014, "The Algorithmic Foundations
 * of Differential Privacy", theorem 3.16).
 */
export class MemoryBudget implements Budget {
  readonly #spent = new Map<string, BudgetLimit>();
  readonly #paid = new Set<string>();

  constructor(private readonly limit: BudgetLimit) {}

  spend({ purpose, period, figure, epsilon, delta }: Charge): Promise<'permitted' | 'refused'> {
    const known = JSON.stringify([purpose, figure]);
    if (this.#paid.has(known)) return Promise.resolve('permitted');
    const account = JSON.stringify([purpose, period]);
    const before = this.#spent.get(account) ?? { epsilon: ZERO, delta: ZERO };
    const after = { epsilon: sumOf(before.epsilon, epsilon), delta: sumOf(before.delta, delta) };
    if (!isAtMost(after.epsilon, this.limit.epsilon) || !isAtMost(after.delta, this.limit.delta))
      return Promise.resolve('refused');
    this.#spent.set(account, after);
    this.#paid.add(known);
    return Promise.resolve('permitted');
  }
}
