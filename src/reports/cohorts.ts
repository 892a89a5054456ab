/** Counts users by regime and age band, and those for whom a purpose is on: by class of equal records, not by user. */
import { AGE_BANDS } from '../decision/consent-event.js';
import { regimesOfDecisions } from '../decision/policy.js';
import type { ConsentState, Resolution } from '../decision/state/consent-state.js';
import type { Steps } from '../decision/steps.js';
import { PERMITTED } from '../decision/table/table.js';
import type { Count } from './told.js';

/** Classes counted in one step: some tenths of a millisecond. */
const STEP = 1 << 11;

/**
 * Counts in steps. A change that arrives meanwhile moves one user to another class, so each number is off by at most as
 * many as arrive.
 *
 * @param resolution attached to the state, and filled
 * @param purpose place of the purpose
 * @returns regime after regime, of each the age bands; users who are not registered are in none
 */
export function* countCohorts(
  state: ConsentState,
  resolution: Resolution,
  purpose: number,
): Steps<readonly Count[]> {
  const regimes = regimesOfDecisions(resolution.table.policy.document);
  const counts = Array.from({ length: regimes.length * AGE_BANDS.length }, () => ({ all: 0, left: 0 }));
  for (let id = 1; id < state.classesEnd; id++) {
    const users = state.usersIn(id);
    const ageBand = users === 0 ? undefined : resolution.ageBandOfClass(id);
    const count =
      ageBand === undefined ? undefined : counts[resolution.regimeOfClass(id) * AGE_BANDS.length + ageBand];
    if (count !== undefined) {
      count.all += users;
      if (resolution.of(id, purpose) !== PERMITTED) count.left += users;
    }
    if (id % STEP === 0) yield;
  }
  return counts;
}
