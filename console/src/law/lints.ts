/** What else is noticed in a text that compiles. */
import { lintSteps } from '../../../src/decision/comparison/lint.js';
import type { PolicyDocument } from '../../../src/decision/policy.js';
import type { Steps } from '../../../src/decision/steps.js';
import { type Checked, type Finding, findingOf, inOrder } from './check.js';

/** More would not be read. */
const MOST = 100;

/**
 * @param today YYYY-MM-DD
 * @returns the first of them, and how many there are
 */
export function* findingsSteps(
  { table, placeOf }: Checked,
  base: PolicyDocument,
  today: string,
): Steps<{ readonly lints: readonly Finding[]; readonly count: number }> {
  const lints = yield* lintSteps(table, base, today);
  return { lints: inOrder(lints.slice(0, MOST).map((one) => findingOf(one, placeOf))), count: lints.length };
}
