/** How many of an extract have withdrawn since, for those who may not know who is in it. */
import type { Caller } from '../../access/caller.js';
import type { Extracts } from '../../extracts/extracts.js';
import type { StoredExtract } from '../../extracts/extracts.store.js';
import { LEAST_COHORT, minimumCohort } from '../../reports/minimum-cohort.js';
import { OnceADay } from '../../reports/once-a-day.js';
import { type Told, toldOf } from '../../reports/told.js';
import type { EvaluationService } from '../evaluation.service.js';
import type { Withdrawals } from './withdrawals.js';

export type ExtractBalance = {
  readonly extract: StoredExtract;
  /** Of the members: multiples of the minimum; 0: not told. */
  readonly told: Told;
  readonly minimum: number;
  /** Id of the policy version that decided. */
  readonly policy: string;
  /** In milliseconds since the Unix epoch. */
  readonly countedAt: number;
};

/** Counted once a day (in UTC) for each extract and policy version, one at a time. */
export class ExtractBalances {
  private readonly today: OnceADay<ExtractBalance>;

  constructor(
    private readonly extracts: Pick<Extracts, 'get'>,
    private readonly withdrawals: Pick<Withdrawals, 'count'>,
    private readonly evaluation: Pick<EvaluationService, 'policy'>,
    private readonly now: () => number,
  ) {
    this.today = new OnceADay(now);
  }

  /** @throws DomainError `extract_not_found`, `consent_unavailable` */
  async of(caller: Caller, id: string): Promise<ExtractBalance> {
    const extract = await this.extracts.get(caller, id);
    return this.today.of(`${this.evaluation.policy.id} ${id}`, () => this.count(caller, extract));
  }

  private async count(caller: Caller, extract: StoredExtract): Promise<ExtractBalance> {
    const { policy } = this.evaluation;
    const { purpose } = extract.opening;
    // of a purpose that is gone all have withdrawn, whatever they chose
    const minimum = policy.purposes.has(purpose) ? minimumCohort(policy, purpose) : LEAST_COHORT;
    const { members, left } = await this.withdrawals.count(caller, extract);
    return {
      extract,
      told: toldOf({ all: members, left }, minimum),
      minimum,
      policy: policy.id,
      countedAt: this.now(),
    };
  }
}
