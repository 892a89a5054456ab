/**
 * The floor: what no version may ever open. It is proved by examining every cell below it. A version is proved against
 * its own floor and that of the version in force; the second finds changes of the floor itself, such as one more
 * purpose, or another category for a private message.
 */
import type { RequestFacts } from '../rules/ability.js';
import { EMPTY_RECORD, type UserRecord } from '../consent-event.js';
import { type Permits, factsIn, isEmpty, namesIn, permitsOf } from './permits.js';
import {
  ACTION,
  CATEGORIES,
  type Category,
  type PolicyDocument,
  UNKNOWN_REGION,
  regimesOfDecisions,
} from '../policy.js';
import { chainTo } from '../derivation.js';
import { decideAtLevel } from '../rules/reference.js';
import type { Steps } from '../steps.js';
import { type DecisionTable, FACTS } from '../table/table.js';
import { type FieldAtLevel, categoryAt, fieldIn, fieldsAtLevels } from '../visibility.js';
import { type UserStates, countOf, regionClasses, userIn, userStates } from './user-states.js';

/** The floor of one category: all other purposes, also future ones, may never read these fields at these levels. */
export type CategoryFloor = {
  readonly category: Category;
  readonly purposes: ReadonlySet<string>;
  readonly fields: readonly FieldAtLevel[];
  /** From a field, through what it is made of, to what the floor protects. */
  readonly chainOf: (field: FieldAtLevel) => string[];
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
  /** All such fields at levels; each is permitted for the user and facts of the counterexample. */
  readonly fields: readonly string[];
  readonly counterexample: FloorCounterexample;
};

/** A question that should be denied but is permitted, by the rules too. */
export type FloorCounterexample = {
  readonly field: string;
  /** From the field, through what it is made of or replaces, to what the floor protects; absent: that is the field. */
  readonly chain?: readonly string[];
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
  /**
   * A field at a level moves to a category with another floor, or leaves the floor because it has no category or is
   * removed.
   */
  | {
      readonly kind: 'field';
      readonly field: string;
      readonly before: Category | 'unclassified';
      readonly after: Category | 'unclassified' | 'removed';
      /** All categories whose floors it had. */
      readonly floors: readonly Category[];
      /** The field at a level to which its data comes; absent: it is removed. */
      readonly to?: string;
    };

/** The floor of a document. */
export function floorOf(document: PolicyDocument): Floor {
  const { all, removed } = fieldsAtLevels(document);
  const fields = new Map(document.fields.map((field) => [field.id, field]));
  return CATEGORIES.flatMap((category) => {
    const purposes = document.floor[category];
    if (purposes === undefined) return [];
    const within = [...all, ...removed].filter(({ floors }) => floors.includes(category));
    const chainOf = ({ field, parts }: FieldAtLevel) => {
      const protects = parts.find(({ floors }) => floors.includes(category))?.of ?? field.id;
      return chainTo(field, protects, (id) => fields.get(id));
    };
    return [{ category, purposes: new Set(purposes), fields: within, chainOf }];
  });
}

/**
 * Examines every cell of a version below a floor: each purpose that the floor does not name, each field at a level below
 * it, each state of the user and all facts of the request. What the version does not name, it denies. If the floor is
 * that of another version, a field is examined at the level to which the data of that level comes.
 *
 * @param floor its own, or that of another version
 * @throws Error when the rules disagree with the table: the version must not be used
 */
export function* proveFloor(table: DecisionTable, floor: Floor): Steps<FloorProof> {
  const regions = regionClasses([table]);
  const { atLevels } = table.policy;
  const names = namesIn([table]);
  const violations: FloorViolation[] = [];
  let cells = 0;
  for (const { id: purpose } of table.policy.document.purposes) {
    const states = userStates([table], regions, purpose);
    const permits = yield* permitsOf(table, purpose, states, 0, names);
    for (const { category, purposes, fields, chainOf } of floor) {
      if (purposes.has(purpose)) continue;
      /** What is examined, each with what it holds. */
      const named = new Map<string, FieldAtLevel>();
      for (const field of fields)
        for (const place of atLevels.placesFrom(field)) named.set(atLevels.all[place]?.id ?? '', field);
      cells += named.size * (countOf(states) + 1) * FACTS;
      const opened = {
        ...permits,
        fields: new Set([...named.keys()].filter((id) => permits.fields.has(id))),
      };
      if (!isEmpty(opened)) {
        const violation = yield* violationOf(table, states, purpose, category, opened);
        violations.push(withChain(violation, named, chainOf));
      }
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

/** The violation, with the way from its field to what the floor protects. */
function withChain(
  { counterexample, ...violation }: FloorViolation,
  held: ReadonlyMap<string, FieldAtLevel>,
  chainOf: CategoryFloor['chainOf'],
): FloorViolation {
  const field = fieldIn(counterexample.field);
  const source = held.get(counterexample.field);
  const chain = source === undefined ? [] : chainOf(source);
  const whole = chain[0] === field ? chain : [field, ...chain];
  return {
    ...violation,
    counterexample: { ...counterexample, ...(whole.length < 2 ? {} : { chain: whole }) },
  };
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
  if (!decideAtLevel(policy, { purpose, action: ACTION, field, clientPurposes, record, facts }).permit)
    throw new Error(
      `for \`${purpose}\` and \`${field}\` the decision table permits what the rules deny: do not publish the version, and report this`,
    );
}

/**
 * What a change of the policy does to the floor. A field that leaves the document or its category also leaves its
 * floor: otherwise it could come back as something harmless. A field that nobody could read before, because it is new
 * or had no category, does not raise the floor.
 */
export function* changeOfFloor(before: PolicyDocument, after: PolicyDocument): Steps<ChangeOfFloor> {
  const moves = yield* movesBetween(before, after);
  const lowers = ({ from, to }: FromTo) => letsMore(listIn(before, from), listIn(after, to));
  const raises = ({ move, from, to }: FromTo) =>
    move.before !== 'unclassified' &&
    to !== undefined &&
    move.to !== undefined &&
    letsMore(listIn(after, to), listIn(before, from));
  const those = (moving: (one: FromTo) => boolean) => moves.filter(moving).map(({ move }) => move);
  return {
    lowered: [...stepsBetween(before.floor, after.floor), ...those(lowers)],
    raised: [...stepsBetween(after.floor, before.floor), ...those(raises)],
  };
}

type Move = Extract<FloorStep, { kind: 'field' }>;

/** A move, with what is at its ends. */
type FromTo = { readonly move: Move; readonly from: FieldAtLevel; readonly to: FieldAtLevel | undefined };

/**
 * The fields at levels of the first document, removed ones included, whose data has other floors in the second, or of
 * which nothing is left there.
 */
function* movesBetween(before: PolicyDocument, after: PolicyDocument): Steps<FromTo[]> {
  const was = fieldsAtLevels(before);
  yield;
  const now = fieldsAtLevels(after);
  const remembered = was.removed.filter((one) => was.placeFrom(one) === undefined);
  const moves: FromTo[] = [];
  for (const from of [...was.all, ...remembered]) {
    yield;
    const held = new Set(was.placesFrom(from).map((place) => was.all[place]?.field.id));
    // what held it before too is compared with itself
    const ends = now.placesFrom(from).flatMap((place) => now.all[place] ?? []);
    const fresh = ends.filter(({ field }) => field.id === from.field.id || !held.has(field.id));
    const isGone = now.placeFrom(from) === undefined;
    const memory = isGone ? now.memoryOf(from) : undefined;
    const found = [
      ...fresh.map((to) => moveTo(from, to, to.id)),
      ...(isGone ? [moveTo(from, memory, undefined)] : []),
    ];
    moves.push(...found.filter(({ to }) => to === undefined || sorted(to.floors) !== sorted(from.floors)));
  }
  return moves;
}

/** @param field absent: the data is in no field */
function moveTo(from: FieldAtLevel, to: FieldAtLevel | undefined, field: string | undefined): FromTo {
  const before = categoryAt(from) ?? 'unclassified';
  const after = to === undefined ? 'removed' : (categoryAt(to) ?? 'unclassified');
  const { floors } = from;
  const move = { kind: 'field', field: from.id, before, after, floors } as const;
  return { move: field === undefined ? move : { ...move, to: field }, from, to };
}

function sorted(categories: readonly Category[]): string {
  return categories.toSorted().join();
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

/** The purposes that the floors of all its categories name; `undefined`: it has no floor, and so any. */
function listIn({ floor }: PolicyDocument, at: FieldAtLevel | undefined): readonly string[] | undefined {
  const lists = (at?.floors ?? []).flatMap((category) => {
    const list = floor[category];
    return list === undefined ? [] : [list];
  });
  const [first, ...others] = lists;
  return first?.filter((purpose) => others.every((list) => list.includes(purpose)));
}

function letsMore(list: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  if (list === undefined) return false;
  return other === undefined || other.some((purpose) => !list.includes(purpose));
}
