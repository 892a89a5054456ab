import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import type { StateInForce } from '../consent/log/state-in-force.js';
import { didYouMean } from '../decision/nearest.js';
import { DomainError } from '../errors.js';
import type { PolicyVersion } from '../policy/policy.service.js';
import { dayText } from '../time.js';
import { inSlices } from '../work/slices.js';
import { type Balance, balanceOf } from './balance.js';
import { countCohorts } from './cohorts.js';
import { minimumCohort } from './minimum-cohort.js';
import { toldOf } from './told.js';

export type DatedBalance = Balance & {
  /** When it was counted, in milliseconds since the Unix epoch. */
  readonly countedAt: number;
};

/** Reports kept: those of a day, for as many purposes as a policy can have and a few versions of it. */
const MOST_KEPT = 2_000;

/**
 * How those who remain for a purpose differ from all users. A report is counted once a day (in UTC) for each purpose and
 * policy version, and is the same all day, so that nobody can ask before and after one person's change.
 */
export class ConsentBalances {
  private readonly kept = new LRUCache<string, Promise<DatedBalance>>({ max: MOST_KEPT });
  /** One at a time: each resolves the whole state. */
  private readonly inTurn = pLimit(1);
  private day = '';

  constructor(
    private readonly consent: StateInForce,
    private readonly now: () => number,
  ) {}

  /** @throws DomainError `invalid_request` when the policy names no such purpose; `consent_unavailable` */
  async of(policy: PolicyVersion, purpose: string): Promise<DatedBalance> {
    const place = policy.table.purposeIndex(purpose);
    if (place === undefined)
      throw new DomainError(
        'invalid_request',
        `the policy names no purpose \`${purpose}\`${didYouMean(purpose, policy.purposes.keys())}`,
        '/purpose',
      );
    const day = dayText(this.now());
    if (day !== this.day) this.kept.clear();
    this.day = day;
    const key = `${policy.id} ${purpose}`;
    const counting = this.kept.get(key) ?? this.inTurn(() => this.count(policy, purpose, place));
    this.kept.set(key, counting);
    try {
      return await counting;
    } catch (error) {
      if (this.kept.get(key) === counting) this.kept.delete(key);
      throw error;
    }
  }

  private async count(policy: PolicyVersion, purpose: string, place: number): Promise<DatedBalance> {
    this.mustBeAvailable();
    const counts = await this.consent.survey(policy, (state, resolution) =>
      countCohorts(state, resolution, place),
    );
    this.mustBeAvailable();
    const countedAt = this.now();
    const minimum = minimumCohort(policy, purpose);
    const told = counts.map((count) => toldOf(count, minimum));
    return { ...(await inSlices(balanceOf(told, minimum))), countedAt };
  }

  private mustBeAvailable(): void {
    if (this.consent.available) return;
    throw new DomainError('consent_unavailable', 'the consent state cannot be read now: ask again shortly');
  }
}
