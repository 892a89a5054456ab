import pLimit from 'p-limit';
import type { StateInForce } from '../../consent/log/state-in-force.js';
import { didYouMean } from '../../decision/nearest.js';
import { regimesOfDecisions } from '../../decision/policy.js';
import { PERMITTED, REASON_CODES } from '../../decision/table/table.js';
import { DomainError } from '../../errors.js';
import type { PolicyService, PolicyVersion } from '../../policy/policy.service.js';
import { DAY_MS } from '../../time.js';
import type { AttributeStore } from '../attributes/attributes.store.js';
import { minimumCohort } from '../minimum-cohort.js';
import { shareByRegime } from '../parts-of-users.js';
import { toldOf } from '../told.js';
import type { ConsentCountStore, CountOfDay, ToldCount } from './consent-counts.store.js';
import { type ReasonCounts, countReasons } from './count-reasons.js';
import { toldReasons } from './told-reasons.js';

/** Days that one answer has at most. */
export const MOST_DAYS = 366;

/** The words of a question. Times are in milliseconds since the Unix epoch, and mean the day that they are in. */
export type CountsQuestion = {
  readonly purpose: string;
  readonly regime?: string;
  /** Absent: that of `until`. */
  readonly from?: number;
  /** Absent: today. */
  readonly until?: number;
};

/**
 * How many users have which reason, by purpose and regime, on each day. It is counted once a day (in UTC) for each policy
 * version that is in force on it, by whichever process is first, so that nobody can ask before and after one person's
 * change.
 */
export class ConsentCounts {
  /** One at a time: each resolves the whole state. */
  private readonly inTurn = pLimit(1);
  /** What was counted last, so that nothing is asked of the database for it. */
  private last = '';

  /** @param days for how many days it is kept; 0: for ever */
  constructor(
    private readonly consent: StateInForce,
    private readonly policies: PolicyService,
    private readonly attributes: Pick<AttributeStore, 'partsOf'>,
    private readonly store: ConsentCountStore,
    private readonly days: number,
    private readonly now: () => number,
  ) {}

  /**
   * Counts this day for the policy in force, unless that was done.
   *
   * @throws DomainError `consent_unavailable`
   */
  async look(): Promise<void> {
    await this.inTurn(async () => {
      const { current } = this.policies;
      const day = this.dayOf(this.now());
      const key = `${day} ${current.id}`;
      if (key === this.last) return;
      if (!(await this.store.has(day, current.id))) await this.store.write(await this.count(current, day));
      this.last = key;
    });
  }

  /** Deletes what was kept long enough. */
  async forget(): Promise<void> {
    if (this.days > 0) await this.store.forget(this.dayOf(this.now()) - this.days);
  }

  /** @throws DomainError `invalid_request` when there is no such purpose or regime, or there are too many days */
  async of({ purpose, regime, from, until }: CountsQuestion): Promise<readonly CountOfDay[]> {
    const last = this.dayOf(until ?? this.now());
    const first = from === undefined ? last : this.dayOf(from);
    if (last - first >= MOST_DAYS)
      throw new DomainError(
        'invalid_request',
        `\`from\` is more than ${MOST_DAYS} days back: ask for fewer days at a time`,
        '/from',
      );
    if (last >= this.dayOf(this.now())) await this.look();
    const counts = await this.store.read(purpose, first, last);
    const { purposes, document } = this.policies.current;
    if (counts.length === 0) mustBeAmong('purpose', purpose, purposes.keys());
    if (regime === undefined) return counts;
    const ofRegime = counts.map((count) => ({
      ...count,
      told: count.told.filter((one) => one.regime === regime),
    }));
    if (ofRegime.every(({ told }) => told.length === 0))
      mustBeAmong('regime', regime, regimesOfDecisions(document));
    return ofRegime;
  }

  private async count(policy: PolicyVersion, day: number): Promise<CountOfDay[]> {
    this.consent.mustBeAvailable();
    const parts = await this.attributes.partsOf(day);
    const counts = await this.consent.survey(policy, (state, resolution) =>
      countReasons(state, resolution, parts),
    );
    this.consent.mustBeAvailable();
    const at = this.now();
    const part = shareByRegime(parts.length);
    return [...policy.purposes.keys()].flatMap((purpose) => {
      const place = policy.table.purposeIndex(purpose);
      if (place === undefined) return [];
      const minimum = minimumCohort(policy, purpose);
      return {
        purpose,
        day,
        policy: policy.id,
        at,
        part,
        minimum,
        told: toldOfPurpose(counts, place, minimum),
      };
    });
  }

  private dayOf(time: number): number {
    return Math.floor(time / DAY_MS);
  }
}

function mustBeAmong(member: 'purpose' | 'regime', id: string, known: Iterable<string>): void {
  const all = [...known];
  if (all.includes(id)) return;
  throw new DomainError(
    'invalid_request',
    `the policy names no ${member} \`${id}\`${didYouMean(id, all)}`,
    `/${member}`,
  );
}

/** By regime: the sums of what may be told of its cohorts, and of nothing else. */
function toldOfPurpose(counts: ReasonCounts, purpose: number, minimum: number): ToldCount[] {
  const ages = counts.cohorts / counts.regimes.length;
  return counts.regimes.flatMap((regime, place) => {
    const sums = new Map<string | null, number>();
    for (let age = 0; age < ages; age++)
      for (const [reason, users] of toldOfCohort(counts, purpose, place * ages + age, minimum))
        if (users > 0) sums.set(reason, (sums.get(reason) ?? 0) + users);
    return [...sums].map(([reason, users]) => ({ regime, reason, users }));
  });
}

function toldOfCohort(
  counts: ReasonCounts,
  purpose: number,
  cohort: number,
  minimum: number,
): readonly (readonly [string | null, number])[] {
  const reasons = counts.reasonsIn(purpose, cohort).filter((reason) => reason !== PERMITTED);
  const users = reasons.map((reason) => counts.of(purpose, cohort, reason));
  const left = users.reduce((sum, one) => sum + one, 0);
  const all = left + counts.of(purpose, cohort, PERMITTED);
  const told = toldOf({ all, left }, minimum);
  const why = toldReasons(all, users, told, minimum);
  return [
    ['permitted', told.remaining],
    ...(why === undefined
      ? [[null, told.left] as const]
      : reasons.map((reason, place) => [REASON_CODES[reason] ?? null, why[place] ?? 0] as const)),
  ];
}
