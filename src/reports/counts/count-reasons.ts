/** Counts users by purpose, regime, age band and reason. */
import { AGE_BANDS } from '../../decision/consent-event.js';
import { regimesOfDecisions } from '../../decision/policy.js';
import type { ConsentState, Resolution } from '../../decision/state/consent-state.js';
import { KeyBatch } from '../../decision/state/key-batch.js';
import type { Steps } from '../../decision/steps.js';
import { REASON_CODES } from '../../decision/table/table.js';
import { partOf } from '../parts-of-users.js';

/** Answers counted in one step: some tenths of a millisecond. */
const STEP = 1 << 13;

/** Per purpose of a policy version: users by cohort, and within it by the byte of a reason. */
export class ReasonCounts {
  private readonly ages = AGE_BANDS.length;
  private readonly counts: Float64Array;
  readonly regimes: readonly string[];

  constructor(private readonly resolution: Resolution) {
    const { policy, purposeCount } = resolution.table;
    this.regimes = regimesOfDecisions(policy.document);
    this.counts = new Float64Array(purposeCount * this.cohorts * REASON_CODES.length);
  }

  /** How many cohorts there are: regime after regime, of each the age bands. */
  get cohorts(): number {
    return this.regimes.length * this.ages;
  }

  /** Adds users of a class; those who are not registered are in no cohort. */
  add(classId: number, users: number): void {
    const { resolution, counts } = this;
    const ageBand = resolution.ageBandOfClass(classId);
    if (ageBand === undefined) return;
    const cohort = resolution.regimeOfClass(classId) * this.ages + ageBand;
    for (let purpose = 0; purpose < resolution.table.purposeCount; purpose++) {
      const place = this.from(purpose, cohort) + resolution.of(classId, purpose);
      counts[place] = (counts[place] ?? 0) + users;
    }
  }

  /** How many users of a cohort have a reason. @param reason its byte */
  of(purpose: number, cohort: number, reason: number): number {
    return this.counts[this.from(purpose, cohort) + reason] ?? 0;
  }

  /** Bytes of the reasons that the policy leaves in a cohort, whatever its users say, in the order of precedence. */
  reasonsIn(purpose: number, cohort: number): readonly number[] {
    const cells = this.resolution.table.consentCells(purpose);
    const width = cells.length / this.cohorts;
    const found = new Set(cells.subarray(cohort * width, (cohort + 1) * width));
    return [...found].toSorted((one, other) => one - other);
  }

  private from(purpose: number, cohort: number): number {
    return (purpose * this.cohorts + cohort) * REASON_CODES.length;
  }
}

/**
 * Counts in steps: all users by class of equal records, of which the state knows how many users each has; where attributes
 * count some, the others one by one. A change that arrives meanwhile moves one user to another class, so each number is
 * off by at most as many as arrive.
 *
 * @param resolution attached to the state, and filled
 * @param parts numbers of the attributes by which users are counted: those are not counted here
 */
export function* countReasons(
  state: ConsentState,
  resolution: Resolution,
  parts: readonly number[],
): Steps<ReasonCounts> {
  const counts = new ReasonCounts(resolution);
  if (parts.length > 0) {
    yield* countOneByOne(state, resolution, parts, counts);
    return counts;
  }
  const step = Math.ceil(STEP / (1 + resolution.table.purposeCount));
  for (let id = 1; id < state.classesEnd; id++) {
    const users = state.usersIn(id);
    if (users > 0) counts.add(id, users);
    if (id % step === 0) yield;
  }
  return counts;
}

function* countOneByOne(
  state: ConsentState,
  resolution: Resolution,
  parts: readonly number[],
  counts: ReasonCounts,
): Steps<void> {
  const batch = new KeyBatch();
  let next: number | undefined = 0;
  while (next !== undefined) {
    batch.clear();
    next = state.takeUsers(next, batch);
    resolution.classesOf(batch);
    for (let at = 0; at < batch.size; at++) {
      const [classId = 0, user = 0] = [batch.values[at], batch.numbers[at]];
      if (classId !== 0 && partOf(user, parts) === undefined) counts.add(classId, 1);
    }
    yield;
  }
}
