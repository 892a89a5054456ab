/** Counts users by regime and age band, or by attributes, and those for whom a purpose is on. */
import { AGE_BANDS } from '../decision/consent-event.js';
import { regimesOfDecisions } from '../decision/policy.js';
import type { ConsentState, Resolution } from '../decision/state/consent-state.js';
import { KeyBatch } from '../decision/state/key-batch.js';
import type { Steps } from '../decision/steps.js';
import { PERMITTED } from '../decision/table/table.js';
import { partOf } from './parts-of-users.js';
import type { Count } from './told.js';

/** Classes counted in one step: some tenths of a millisecond. */
const STEP = 1 << 11;

/** An attribute that is counted. */
type Counted = { readonly number: number; readonly values: { readonly length: number } };

/** The place of the value that a user has of the attribute by which they are counted; `undefined`: none. */
type ValueOf = { readonly of: (user: number) => number | undefined };

/** Users by cohort, each in one alone. */
export type Counts = {
  /** Regime after regime, of each the age bands. */
  readonly byBoth: readonly Count[];
  /** By number of the attribute: its values, and last those who have none. */
  readonly byAttribute: ReadonlyMap<number, readonly Count[]>;
};

type Counter = { all: number; left: number };

/**
 * Counts by class of equal records, not by user, in steps. A change that arrives meanwhile moves one user to another
 * class, so each number is off by at most as many as arrive.
 *
 * @param resolution attached to the state, and filled
 * @param purpose place of the purpose
 * @returns users who are not registered are in none
 */
export function* countCohorts(state: ConsentState, resolution: Resolution, purpose: number): Steps<Counts> {
  const byBoth = countersOf(resolution);
  for (let id = 1; id < state.classesEnd; id++) {
    const users = state.usersIn(id);
    if (users > 0) count(byBoth[cohortOf(resolution, id)], resolution.of(id, purpose), users);
    if (id % STEP === 0) yield;
  }
  return { byBoth, byAttribute: new Map() };
}

/**
 * The same with attributes: user by user, for only who it is says by which they are counted, and what they have of it.
 *
 * @param parts numbers of the attributes by which users are counted, at least one
 * @param attributes those of them that there still are; who is counted by another one is in no cohort
 */
export function* countCohortsAndAttributes(
  state: ConsentState,
  resolution: Resolution,
  purpose: number,
  parts: readonly number[],
  attributes: readonly Counted[],
  values: ValueOf,
): Steps<Counts> {
  const byBoth = countersOf(resolution);
  const byAttribute = new Map(
    attributes.map(({ number, values: { length } }) => [number, counters(length + 1)]),
  );
  const batch = new KeyBatch();
  let next: number | undefined = 0;
  while (next !== undefined) {
    batch.clear();
    next = state.takeUsers(next, batch);
    resolution.classesOf(batch);
    for (let at = 0; at < batch.size; at++) {
      const [classId = 0, user = 0] = [batch.values[at], batch.numbers[at]];
      const cohort = classId === 0 ? NONE : cohortOf(resolution, classId);
      if (cohort === NONE) continue;
      const part = partOf(user, parts);
      const split = part === undefined ? undefined : (byAttribute.get(part) ?? []);
      const counter = split === undefined ? byBoth[cohort] : split[values.of(user) ?? split.length - 1];
      count(counter, resolution.of(classId, purpose), 1);
    }
    yield;
  }
  return { byBoth, byAttribute };
}

const NONE = -1;

/** Place of the cohort by regime and age band; −1: they are not registered, or there are none. */
function cohortOf(resolution: Resolution, classId: number): number {
  const ageBand = resolution.ageBandOfClass(classId);
  return ageBand === undefined ? NONE : resolution.regimeOfClass(classId) * AGE_BANDS.length + ageBand;
}

function count(counter: Counter | undefined, answer: number, users: number): void {
  if (counter === undefined) return;
  counter.all += users;
  if (answer !== PERMITTED) counter.left += users;
}

function countersOf({ table }: Resolution): Counter[] {
  return counters(regimesOfDecisions(table.policy.document).length * AGE_BANDS.length);
}

function counters(length: number): Counter[] {
  return Array.from({ length }, () => ({ all: 0, left: 0 }));
}
