/**
 * What a permit obliges its caller to, as functions. Each does what its obligation in the reference policy says, or throws
 * an {@link ObligationError}: then the data must not be used. See docs/obligations.md for what they do not protect
 * against.
 */
export { aggregateOnly, type Aggregation, type Count, type Dimension } from './tables/aggregate-only.js';
export { minCohort, type Cohort, type Cohorts, type CohortsFound } from './tables/min-cohort.js';
export { canonicalJson } from './canonical-json.js';
export {
  deidentify,
  type Deidentification,
  type DeidentificationReport,
  type Deidentified,
} from './deidentify.js';
export { anything, partOf, prefixOf, rangesOf, type Cell, type Generalisation } from './generalise.js';
export { logDisclosure, type Disclosure, type DisclosureLog } from './log-disclosure.js';
export {
  type Budget,
  type BudgetAnswer,
  type BudgetLimit,
  type Charge,
  MemoryBudget,
} from './noise/budget.js';
export { dpNoise, type Figure, type NoiseKeeper } from './noise/dp-noise.js';
export { rational, type Rational } from './noise/rational.js';
export { OBLIGATION_ERRORS, ObligationError, type ObligationErrorCode } from './obligation-error.js';
export { ParticipantsOnly } from './participants-only.js';
export { pseudonymise, pseudonymOf, type PseudonymKey, type Pseudonymisation } from './pseudonymise.js';
export { readObligation, type Obligation } from './read-obligation.js';
export { retain, type Copy } from './retain.js';
export type { Row } from './rows.js';
export { verdictOnly } from './verdict-only.js';
