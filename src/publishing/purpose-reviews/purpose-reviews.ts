/** Which purposes somebody is to look at, and what was found when somebody did. */
import { timeAfter } from '../../decision/duration.js';
import { didYouMean } from '../../decision/nearest.js';
import type { Purpose } from '../../decision/policy.js';
import { DomainError } from '../../errors.js';
import type { PolicyService } from '../../policy/policy.service.js';
import { dayText, timeOf } from '../../time.js';
import { dueDay } from './due.js';
import type { PurposeReview, PurposeReviewStore } from './purpose-reviews.store.js';

/** A purpose that somebody is to look at. */
export type DuePurpose = {
  readonly purpose: Purpose;
  /** The day by which, YYYY-MM-DD. */
  readonly day: string;
  readonly latest: PurposeReview | undefined;
};

/** What is due in the policy in force, up to a day. */
export type Due = {
  readonly policy: string;
  /** In UTC, YYYY-MM-DD. */
  readonly today: string;
  readonly until: string;
  /** The longest due first; of the same day in the order of the policy. */
  readonly purposes: readonly DuePurpose[];
};

export class PurposeReviews {
  /** @param now milliseconds since the Unix epoch */
  constructor(
    readonly store: PurposeReviewStore,
    private readonly policies: Pick<PolicyService, 'current'>,
    private readonly now: () => number,
  ) {}

  /**
   * Records a review of a purpose of the policy in force.
   *
   * @throws DomainError `purpose_not_found`; `invalid_request`: the next day is none, or is not to come
   */
  async record(
    { id: by, roles }: { readonly id: string; readonly roles: Iterable<string> },
    { purpose: id, finding, next }: Pick<PurposeReview, 'purpose' | 'finding' | 'next'>,
  ): Promise<PurposeReview> {
    const { id: policy, purposes } = this.policies.current;
    const purpose = purposes.get(id);
    if (purpose === undefined)
      throw new DomainError(
        'purpose_not_found',
        `the policy names no purpose \`${id}\`${didYouMean(id, purposes.keys(), 'correct the id')}`,
        '/purpose',
      );
    const at = this.now();
    if (next !== null) mustCome(next, dayText(at));
    const reviewBy = purpose.review_by ?? null;
    return this.store.add({ purpose: id, policy, reviewBy, finding, next, by, roles: [...roles], at });
  }

  /** @param within a calendar duration, see `timeAfter` */
  async due(within: string): Promise<Due> {
    const { id: policy, document } = this.policies.current;
    const now = this.now();
    const until = dayText(timeAfter(now, within));
    const reviews = await this.store.latest(document.purposes.map(({ id }) => id));
    const latestOf = new Map(reviews.map((review) => [review.purpose, review]));
    const purposes = document.purposes.flatMap((purpose): DuePurpose[] => {
      const latest = latestOf.get(purpose.id);
      const day = dueDay(purpose, latest);
      return day === undefined || day > until ? [] : [{ purpose, day, latest }];
    });
    return {
      policy,
      today: dayText(now),
      until,
      purposes: purposes.toSorted((one, other) => (one.day < other.day ? -1 : Number(one.day > other.day))),
    };
  }
}

function mustCome(day: string, today: string): void {
  if (timeOf(`${day}T00:00:00Z`) === undefined)
    throw new DomainError('invalid_request', `there is no day \`${day}\`: correct it`, '/next');
  if (day <= today)
    throw new DomainError(
      'invalid_request',
      `\`next\` is \`${day}\`, which is not after today, \`${today}\`: send a later day, or none where the policy is to say`,
      '/next',
    );
}
