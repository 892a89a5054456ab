import type { StateInForce } from '../consent/log/state-in-force.js';
import { didYouMean } from '../decision/nearest.js';
import { DomainError } from '../errors.js';
import type { PolicyVersion } from '../policy/policy.service.js';
import { DAY_MS } from '../time.js';
import { inSlices } from '../work/slices.js';
import type { Attribute, AttributeStore } from './attributes/attributes.store.js';
import { type AttributeBalance, type Balance, attributeBalanceOf, balanceOf } from './balance.js';
import { type Counts, countCohorts, countCohortsAndAttributes } from './cohorts.js';
import { minimumCohort } from './minimum-cohort.js';
import { OnceADay } from './once-a-day.js';
import { shareByAttribute, shareByRegime } from './parts-of-users.js';
import { type Count, toldOf } from './told.js';
import { ValuesOfUsers } from './values-of-users.js';

export type DatedBalance = Balance & {
  /** When it was counted, in milliseconds since the Unix epoch. */
  readonly countedAt: number;
  /** The share of all users who are counted by regime and age band. */
  readonly part: number;
  readonly byAttribute: readonly (AttributeBalance & {
    readonly attribute: Attribute;
    /** The share of all users who are counted by it. */
    readonly part: number;
  })[];
};

/**
 * How those who remain for a purpose differ from all users. A report is counted once a day (in UTC) for each purpose and
 * policy version.
 */
export class ConsentBalances {
  private readonly today: OnceADay<DatedBalance>;

  constructor(
    private readonly consent: StateInForce,
    private readonly attributes: Pick<AttributeStore, 'all' | 'page' | 'partsOf'>,
    private readonly now: () => number,
  ) {
    this.today = new OnceADay(now);
  }

  /** @throws DomainError `invalid_request` when the policy names no such purpose; `consent_unavailable` */
  async of(policy: PolicyVersion, purpose: string): Promise<DatedBalance> {
    const place = policy.table.purposeIndex(purpose);
    if (place === undefined)
      throw new DomainError(
        'invalid_request',
        `the policy names no purpose \`${purpose}\`${didYouMean(purpose, policy.purposes.keys())}`,
        '/purpose',
      );
    return this.today.of(`${policy.id} ${purpose}`, () => this.count(policy, purpose, place));
  }

  private async count(policy: PolicyVersion, purpose: string, place: number): Promise<DatedBalance> {
    this.consent.mustBeAvailable();
    // fixed by the first report of a day: otherwise the same users would be counted for one purpose by one attribute, and
    // for another that depends on it by another one
    const numbers = await this.attributes.partsOf(Math.floor(this.now() / DAY_MS));
    const attributes = (await this.attributes.all()).filter(({ number }) => numbers.includes(number));
    const { byBoth, byAttribute } = await this.counts(policy, place, numbers, attributes);
    this.consent.mustBeAvailable();
    const countedAt = this.now();
    const minimum = minimumCohort(policy, purpose);
    const told = (counts: readonly Count[] = []) => counts.map((count) => toldOf(count, minimum));
    const part = shareByRegime(numbers.length);
    const balance = await inSlices(balanceOf(told(byBoth), minimum, part));
    const splits: DatedBalance['byAttribute'][number][] = [];
    for (const attribute of attributes) {
      const share = shareByAttribute(numbers.length);
      const cohorts = told(byAttribute.get(attribute.number));
      splits.push({
        ...(await inSlices(attributeBalanceOf(cohorts, minimum, share))),
        attribute,
        part: share,
      });
    }
    return { ...balance, countedAt, part, byAttribute: splits };
  }

  private async counts(
    policy: PolicyVersion,
    purpose: number,
    numbers: readonly number[],
    attributes: readonly Attribute[],
  ): Promise<Counts> {
    if (numbers.length === 0)
      return this.consent.survey(policy, (state, resolution) => countCohorts(state, resolution, purpose));
    const values = await ValuesOfUsers.read(this.attributes, numbers);
    return this.consent.survey(policy, (state, resolution) =>
      countCohortsAndAttributes(state, resolution, purpose, numbers, attributes, values),
    );
  }
}
