/**
 * The floor: what no version may ever open. It is proved by examining every cell below it. A version is proved against
 * its own floor and that of the version in force; the second finds changes of the floor itself, such as one more
 * purpose, or another category for a private message.
 */
import type { RequestFacts } from '../rules/ability.js';
import { EMPTY_RECORD, type UserRecord } from '../consent-event.js';
import { type Permits, factsIn, isEmpty, permitsOf } from './permits.js';
import {
  ACTION,
  CATEGORIES,
  type Category,
  type Field,
  type PolicyDocument,
  UNKNOWN_REGION,
  regimesOfDecisions,
} from '../policy.js';
import { decideByRules } from '../rules/reference.js';
import type { Steps } from '../steps.js';
import { type DecisionTable, FACTS } from '../table/table.js';
import { type UserStates, countOf, regionClasses, userIn, userStates } from './user-states.js';

/** The floor of one category: all other purposes, also future ones, may never read these fields. */
export type CategoryFloor = {
  readonly category: Category;
  readonly purposes: ReadonlySet<string>;
  readonly fields: readonly string[];
};

/** The floors of the categories that have one. */
export type Floor = readonly CategoryFloor[];

export type FloorProof = {
  /** Whether no cell below the floor is permitted. */
  readonly holds: boolean;
  /** How many cells below the floor were examined. */
  readonly cells: number;
  readonly violations: readonly FloorViolation[];
};

/** A purpose that may read what the floor of a category forbids. */
export type FloorViolation = {
  readonly purpose: string;
  readonly category: Category;
  /** All such fields of the category; each is permitted for the user and facts of the counterexample. */
  readonly fields: readonly string[];
  readonly counterexample: FloorCounterexample;
};

/** A question that should be denied but is permitted, by the rules too. */
export type FloorCounterexample = {
  readonly field: string;
  /** Of the user, as decisions call it; see `regimesOfDecisions`. */
  readonly regime: string;
  readonly record: UserRecord;
  readonly facts: RequestFacts;
};

/** A change between two floors. */
export type ChangeOfFloor = { readonly lowered: readonly FloorStep[]; readonly raised: readonly FloorStep[] };

export type FloorStep =
  /** A category gets or loses its floor. */
  | { readonly kind: 'category'; readonly category: Category }
  /** The floor of a category allows another purpose, or one fewer. */
  | { readonly kind: 'purpose'; readonly category: Category; readonly purpose: string }
  /** A field moves to a category with another floor, or leaves the floor because it has no category or is removed. */
  | {
      readonly kind: 'field';
      readonly field: string;
      readonly before: Field['category'];
      readonly after: Field['category'] | 'removed';
    };

/** The floor of a document. */
export function floorOf({ floor, fields }: PolicyDocument): Floor {
  return CATEGORIES.flatMap((category) => {
    const purposes = floor[category];
    if (purposes === undefined) return [];
    const within = fields.filter((field) => field.category === category).map(({ id }) => id);
    return [{ category, purposes: new Set(purposes), fields: within }];
  });
}

/**
 * Examines every cell of a version below a floor: each purpose that the floor does not name, each field below it, each
 * state of the user and all facts of the request. What the version does not name, it denies.
 *
 * @param floor its own, or that of another version
 * @throws Error when the rules disagree with the table: the version must not be used
 */
export function* proveFloor(table: DecisionTable, floor: Floor): Steps<FloorProof> {
  const regions = regionClasses([table]);
  const violations: FloorViolation[] = [];
  let cells = 0;
  for (const { id: purpose } of table.policy.document.purposes) {
    const states = userStates([table], regions, purpose);
    const permits = yield* permitsOf(table, purpose, states, 0);
    for (const { category, purposes, fields } of floor) {
      if (purposes.has(purpose)) continue;
      const named = fields.filter((field) => table.fieldIndex(field) !== undefined);
      cells += named.length * (countOf(states) + 1) * FACTS;
      const opened = { ...permits, fields: new Set(named.filter((field) => permits.fields.has(field))) };
      if (!isEmpty(opened)) violations.push(yield* violationOf(table, states, purpose, category, opened));
      yield;
    }
  }
  return { holds: violations.length === 0, cells, violations };
}

function* violationOf(
  table: DecisionTable,
  states: UserStates,
  purpose: string,
  category: Category,
  opened: Permits,
): Steps<FloorViolation> {
  const fields = [...opened.fields];
  const [field = ''] = fields;
  const found = { field, ...userOf(table, states, opened), facts: factsIn(opened.requests[0] ?? []) };
  for (const one of fields) {
    confirm(table, purpose, { ...found, field: one });
    yield;
  }
  return { purpose, category, fields, counterexample: found };
}

function userOf(
  table: DecisionTable,
  states: UserStates,
  { users: [box] }: Permits,
): Pick<FloorCounterexample, 'regime' | 'record'> {
  if (box === undefined) return { regime: UNKNOWN_REGION, record: EMPTY_RECORD };
  const { record, regimes } = userIn(states, box);
  const regime = regimesOfDecisions(table.policy.document)[regimes[0] ?? 0] ?? UNKNOWN_REGION;
  return { regime, record };
}

function confirm(
  { policy }: DecisionTable,
  purpose: string,
  { field, record, facts }: FloorCounterexample,
): void {
  const clientPurposes = new Set([purpose]);
  if (!decideByRules(policy, { purpose, action: ACTION, field, clientPurposes, record, facts }).permit)
    throw new Error(
      `for \`${purpose}\` and \`${field}\` the decision table permits what the rules deny: do not publish the version, and report this`,
    );
}

/**
 * What a change of the policy does to the floor. A field that leaves the document or its category also leaves its
 * floor: otherwise it could come back as something harmless. A field that nobody could read before, because it is new
 * or had no category, does not raise the floor.
 */
export function changeOfFloor(before: PolicyDocument, after: PolicyDocument): ChangeOfFloor {
  const moves = movesBetween(before, after);
  const lowers = (move: Move) => letsMore(listIn(before, move.before), listIn(after, move.after));
  const raises = (move: Move) =>
    move.before !== 'unclassified' &&
    move.after !== 'removed' &&
    letsMore(listIn(after, move.after), listIn(before, move.before));
  return {
    lowered: [...stepsBetween(before.floor, after.floor), ...moves.filter(lowers)],
    raised: [...stepsBetween(after.floor, before.floor), ...moves.filter(raises)],
  };
}

type Move = Extract<FloorStep, { kind: 'field' }>;

/** The fields of the first document that have another category in the second, or are not in it. */
function movesBetween(before: PolicyDocument, after: PolicyDocument): Move[] {
  const categories = new Map(after.fields.map(({ id, category }) => [id, category]));
  return before.fields.flatMap(({ id, category }) => {
    const now = categories.get(id) ?? 'removed';
    return now === category ? [] : [{ kind: 'field', field: id, before: category, after: now }];
  });
}

/** Categories and purposes that the second allows and the first does not. */
function stepsBetween(one: PolicyDocument['floor'], other: PolicyDocument['floor']): FloorStep[] {
  return CATEGORIES.flatMap((category): FloorStep[] => {
    const [list, otherList] = [one[category], other[category]];
    if (list === undefined) return [];
    if (otherList === undefined) return [{ kind: 'category', category }];
    const more = otherList.filter((purpose) => !list.includes(purpose));
    return more.map((purpose) => ({ kind: 'purpose', category, purpose }));
  });
}

/** The purposes that the floor of a category names; `undefined`: it has none, and so any. */
function listIn({ floor }: PolicyDocument, category: Move['after']): readonly string[] | undefined {
  return category === 'unclassified' || category === 'removed' ? undefined : floor[category];
}

function letsMore(list: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  if (list === undefined) return false;
  return other === undefined || other.some((purpose) => !list.includes(purpose));
}
