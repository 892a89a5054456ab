/** Keeps the privacy budgets of the policy: what figures of a purpose may tell about one person in a period. */
import type { ServiceCaller } from '../access/caller.js';
import { whyWithout } from '../access/clients.js';
import { didYouMean } from '../decision/nearest.js';
import { DP_NOISE, type DpBudget } from '../decision/policy.js';
import { DomainError } from '../errors.js';
import type { PolicyService } from '../policy/policy.service.js';
import { MINUTE_MS } from '../time.js';
import type { BudgetStore, Charge, Loss } from './budgets.store.js';
import { periodAt } from './period.js';

/** By how much the clocks of callers and of processes may differ where a period ends. */
const TOLERANCE_MS = 5 * MINUTE_MS;

export class Budgets {
  /** @param now milliseconds since the Unix epoch */
  constructor(
    readonly store: BudgetStore,
    private readonly policies: Pick<PolicyService, 'current'>,
    private readonly now: () => number,
  ) {}

  /**
   * Pays for a figure. Resolves when it is on the disk. The same figure with the same answer is paid for once, whenever it is
   * asked for again.
   *
   * @throws DomainError `purpose_not_found`, `purpose_not_allowed`, `budget_not_offered`, `budget_exhausted`,
   *   `figure_changed`
   */
  async spend(client: ServiceCaller, charge: Omit<Charge, 'client' | 'at'>): Promise<void> {
    const budget = this.budgetOf(client, charge.purpose);
    const at = this.now();
    const isCurrent = [at - TOLERANCE_MS, at, at + TOLERANCE_MS].some(
      (time) => periodAt(budget.period, time) === charge.period,
    );
    const limit = isCurrent ? limitOf(budget) : undefined;
    const spending = await this.store.spend({ ...charge, client: client.id, at }, limit);
    if (spending === 'permitted') return;
    if (spending === 'changed')
      throw new DomainError(
        'figure_changed',
        'the figure was paid for with another answer, or with less: give changed data, and other noise, a new name, and show nobody who gets figures that it changed',
        '/data',
      );
    if (!isCurrent)
      throw new DomainError(
        'budget_not_offered',
        `the budget of this purpose is for each ${budget.period}, now \`${periodAt(budget.period, at)}\`: spend that, or ask for a figure that was paid for`,
        '/period',
      );
    throw new DomainError(
      'budget_exhausted',
      `the figure and what was spent before would exceed the limit of the policy, epsilon ${budget.epsilon} and delta ${budget.delta ?? '0'} for each ${budget.period}: wait for the next one`,
      '/epsilon',
    );
  }

  /** The limit of a purpose, by the policy in force; `undefined`: there is none. */
  limitOf(purpose: string): (Loss & { readonly period: DpBudget['period'] }) | undefined {
    const budget = this.policies.current.purposes.get(purpose)?.dp_budget;
    return budget && { ...limitOf(budget), period: budget.period };
  }

  /** @throws DomainError `purpose_not_found`, `purpose_not_allowed`, `budget_not_offered` */
  private budgetOf(client: ServiceCaller, id: string): DpBudget {
    const { purposes } = this.policies.current;
    const purpose = purposes.get(id);
    if (purpose === undefined)
      throw new DomainError(
        'purpose_not_found',
        `the policy names no such purpose${didYouMean(id, purposes.keys(), 'correct it')}`,
        '/purpose',
      );
    if (!client.purposes.has(id))
      throw new DomainError('purpose_not_allowed', whyWithout(client, 'purposes', id), '/purpose');
    const { dp_budget: budget, obligations = [] } = purpose;
    if (budget === undefined || !obligations.includes(DP_NOISE))
      throw new DomainError(
        'budget_not_offered',
        `the policy in force gives this purpose no \`dp_budget\`, so nothing may be spent: have one reviewed and published`,
        '/purpose',
      );
    return budget;
  }
}

function limitOf({ epsilon, delta = '0' }: DpBudget): Loss {
  return { epsilon, delta };
}
