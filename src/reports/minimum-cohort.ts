import { type CompiledPolicy } from '../decision/rules/compile.js';
import { entryOf } from '../decision/policy.js';

/** The fewest users of whom a report gives a number, whatever the policy says: a policy can only ask for more. */
export const LEAST_COHORT = 50;

/** An obligation that sets the fewest users of a group: `min_cohort_300`. */
const MIN_COHORT = /^min_cohort_(\d{1,9})$/;

/**
 * The fewest users of whom a report about a purpose gives a number: the largest `min_cohort_…` among the obligations of
 * the purpose, and at least {@link LEAST_COHORT}.
 *
 * @throws Error when the policy names no such purpose
 */
export function minimumCohort({ purposes }: CompiledPolicy, purpose: string): number {
  const { obligations = [] } = entryOf(purposes, purpose);
  return Math.max(LEAST_COHORT, ...obligations.map((id) => Number(MIN_COHORT.exec(id)?.[1] ?? 0)));
}
