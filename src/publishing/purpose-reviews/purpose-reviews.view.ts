/** Reviews of purposes, as they go over the wire. */
import { TEXT, TIME, YES_OR_NO, listOf, named, objectOf, orNull, said } from '../../http/contract/shapes.js';
import { NEXT } from '../../http/pages.js';
import { timeText } from '../../time.js';
import type { Due } from './purpose-reviews.js';
import type { PurposeReview } from './purpose-reviews.store.js';

const DAY = { type: 'string', format: 'date' };

export const PURPOSE_REVIEW = named(
  'PurposeReview',
  objectOf({
    purpose: TEXT,
    policy: said('the version that was in force', TEXT),
    review_by: said('the day of the policy that it answers; null: the purpose had none', orNull(DAY)),
    finding: TEXT,
    next: said(
      'the day by which somebody looks again, while the policy names no other; null: the policy is to say',
      orNull(DAY),
    ),
    by: TEXT,
    roles: listOf(TEXT),
    at: TIME,
  }),
);
export const PURPOSE_REVIEWS = named('PurposeReviews', objectOf({ reviews: listOf(PURPOSE_REVIEW) }, NEXT));
export const DUE = named(
  'DueReviews',
  objectOf({
    policy: said('the version in force', TEXT),
    today: said('in UTC, as all days', DAY),
    until: DAY,
    due: said(
      'the longest due first',
      listOf(
        named(
          'DueReview',
          objectOf({
            purpose: TEXT,
            title: TEXT,
            owner: said('who answers for it; null: the policy names nobody', orNull(TEXT)),
            review_by: said('as the policy has it', orNull(DAY)),
            due_on: said('the day by which somebody looks at it', DAY),
            is_overdue: said('that day is past', YES_OR_NO),
            last_review: said('the newest; null: there is none', orNull(PURPOSE_REVIEW)),
          }),
        ),
      ),
    ),
  }),
);

export function purposeReviewView(review: PurposeReview) {
  const { purpose, policy, reviewBy, finding, next, by, roles, at } = review;
  return { purpose, policy, review_by: reviewBy, finding, next, by, roles, at: timeText(at) };
}

export function dueView({ policy, today, until, purposes }: Due) {
  return {
    policy,
    today,
    until,
    due: purposes.map(({ purpose, day, latest }) => ({
      purpose: purpose.id,
      title: purpose.title,
      owner: purpose.owner ?? null,
      review_by: purpose.review_by ?? null,
      due_on: day,
      is_overdue: day < today,
      last_review: latest === undefined ? null : purposeReviewView(latest),
    })),
  };
}
