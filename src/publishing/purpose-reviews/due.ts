/** When a purpose is to be looked at again. */
import type { Purpose } from '../../decision/policy.js';
import type { PurposeReview } from './purpose-reviews.store.js';

/**
 * The day by which somebody looks at the purpose again, YYYY-MM-DD; `undefined`: none is set. The newest review puts its
 * `next` in place of the day of the policy that it answers, until the policy names another.
 *
 * @param latest the newest review of the purpose; absent: there is none
 */
export function dueDay(
  { review_by: day }: Pick<Purpose, 'review_by'>,
  latest?: Pick<PurposeReview, 'reviewBy' | 'next'>,
): string | undefined {
  const isAnswered = latest !== undefined && latest.reviewBy === (day ?? null);
  return (isAnswered ? latest.next : null) ?? day;
}
