/**
 * The exact difference of two policy versions: every cell that one permits and the other denies.
 *
 * A cell is a purpose, a field at a level of its visibility group, a state of the user (see `user-states.ts`; users who were never registered are one
 * more) and the facts of a request. Users are compared by their records, not by how a version reads them: a region that
 * moves to another regime is a difference for its people, and a raised notice for those who granted before. What only
 * one version names, the other denies.
 */
import type { RequestFacts } from '../rules/ability.js';
import { type ClientChange, clientChanges } from './changes/client-changes.js';
import { type Box, inBoth, sizeOf, without } from './cell-boxes.js';
import { EMPTY_RECORD, type UserRecord } from '../consent-event.js';
import { type Permits, type Requests, factsIn, isEmpty, namesIn, permitsOf, requestsOf } from './permits.js';
import { ACTION } from '../policy.js';
import type { Reason } from '../reasons.js';
import { decideAtLevel, obligationsOf } from '../rules/reference.js';
import { type ChangeOfLineage, changesOfLineage } from './changes/lineage-changes.js';
import { type ChangeOfLapse, changesOfLapses } from './changes/lapse-changes.js';
import { type Rewrite, rewritesBetween } from './changes/rewrites.js';
import type { Steps } from '../steps.js';
import { type DecisionTable, FACTS } from '../table/table.js';
import { type ChangeOfVisibility, changesOfVisibility } from './changes/visibility-changes.js';
import {
  type Group,
  type UserStates,
  countOf,
  groupOf,
  regionClasses,
  userIn,
  userStates,
} from './user-states.js';

export type Difference = {
  /** How many cells were compared. */
  readonly cells: number;
  /** How many cells turn from deny to permit. */
  readonly opened: number;
  /** How many cells turn from permit to deny. */
  readonly closed: number;
  /** All of these cells, each in one flip. */
  readonly flips: readonly Flip[];
  /** For purposes that still permit a cell that they permitted before. */
  readonly obligations: readonly ChangeOfObligations[];
  /** For purposes that both have: changed demands for proof. */
  readonly consistency: readonly ChangeOfConsistency[];
  /** How long grants hold from now on; no cell shows it. */
  readonly lapses: readonly ChangeOfLapse[];
  /** What changes about the levels of visibility groups; cells are compared level by level. */
  readonly visibility: readonly ChangeOfVisibility[];
  /** Releases that widen, and removed fields that are forgotten or come back as less strict; no cell shows it. */
  readonly lineage: readonly ChangeOfLineage[];
  /** What changes for clients; cells are compared as if every client could ask for everything. */
  readonly clients: readonly ClientChange[];
  /** All other changes, which no cell shows. */
  readonly rewrites: readonly Rewrite[];
  /**
   * Whether any cell opens, or is permitted on fewer terms or less proof, grants hold longer, data comes to a wider level, or a client may ask for or do
   * more.
   */
  readonly widens: boolean;
  /**
   * Whether any cell closes, or is permitted on more terms or more proof, grants hold less long, data comes to a stricter level, or a client may ask for or do
   * less.
   */
  readonly narrows: boolean;
};

export type Direction = 'opened' | 'closed';

/** Cells of one purpose with the same change: each of the fields, for each of the users, in each of the requests. */
export type Flip = {
  readonly purpose: string;
  readonly direction: Direction;
  /**
   * What changed them. `fields`: the policy itself (lines 1–5 of docs/meaning.md). `consent`: what the user must agree
   * to (line 6). `conditions`: what the request must state (line 7).
   */
  readonly because: 'fields' | 'consent' | 'conditions';
  readonly fields: readonly string[];
  /** They never overlap. Only one if the cause is `consent`. */
  readonly who: readonly Who[];
  readonly requests: Requests;
  /** Number of cells. */
  readonly cells: number;
  /** One of the cells, with the answer of the rules. */
  readonly example: Example;
};

/** Users whose cells change, by their regimes before and after, and by their records. */
export type Who =
  | { readonly registered: false }
  | (Omit<Group, 'regimes'> & {
      readonly registered: true;
      /** Absent: all. */
      readonly regimes?: readonly { readonly before: string; readonly after: string }[];
    });

export type Example = {
  readonly record: UserRecord;
  readonly field: string;
  readonly facts: RequestFacts;
  readonly before: Reason;
  readonly after: Reason;
};

export type ChangeOfObligations = {
  readonly purpose: string;
  /** Only where it reads these; absent: wherever it reads. */
  readonly fields?: readonly string[];
  readonly dropped: readonly string[];
  readonly added: readonly string[];
};

export type ChangeOfConsistency = {
  readonly purpose: string;
  /** true: from now on the database must confirm decisions; false: no longer. */
  readonly demanded: boolean;
};

/** The difference of two versions. */
export function* differenceSteps(before: DecisionTable, after: DecisionTable): Steps<Difference> {
  const regions = regionClasses([before, after]);
  const fields = namesIn([before, after]);
  const flips: Flip[] = [];
  const obligations: ChangeOfObligations[] = [];
  let cells = 0;
  for (const purpose of idsOf(before, after, 'purposes')) {
    const states = userStates([before, after], regions, purpose);
    const pair = { before, after, purpose, states };
    const was = yield* permitsOf(before, purpose, states, 0, fields);
    const is = yield* permitsOf(after, purpose, states, 1, fields);
    cells += fields.length * (countOf(states) + 1) * FACTS;
    for (const part of yield* partsOf(was, is)) flips.push(...(yield* flipsOf(pair, 'closed', part)));
    for (const part of yield* partsOf(is, was)) flips.push(...(yield* flipsOf(pair, 'opened', part)));
    const both = yield* permitsOfBoth(was, is);
    if (!isEmpty(both)) obligations.push(...changesOfObligations(pair, both.fields));
  }
  const turned = (direction: Direction) =>
    flips.reduce((sum, flip) => (flip.direction === direction ? sum + flip.cells : sum), 0);
  const [opened, closed] = [turned('opened'), turned('closed')];
  const consistency = changesOfConsistency(before, after);
  const lapses = changesOfLapses(before.policy, after.policy);
  const clients = clientChanges(before.policy.document, after.policy.document);
  const visibility = changesOfVisibility(before, after, regions);
  const lineage = changesOfLineage(before.policy, after.policy);
  return {
    cells,
    opened,
    closed,
    flips,
    obligations,
    consistency,
    lapses,
    visibility,
    lineage,
    clients,
    rewrites: rewritesBetween(before.policy.document, after.policy.document),
    widens:
      opened > 0 ||
      obligations.some(({ dropped }) => dropped.length > 0) ||
      consistency.some(({ demanded }) => !demanded) ||
      lapses.some(({ opens }) => opens) ||
      visibility.some(({ opens }) => opens) ||
      lineage.length > 0 ||
      clients.some(({ opens }) => opens),
    narrows:
      closed > 0 ||
      visibility.some(({ closes }) => closes) ||
      obligations.some(({ added }) => added.length > 0) ||
      consistency.some(({ demanded }) => demanded) ||
      lapses.some(({ closes }) => closes) ||
      clients.some(({ closes }) => closes),
  };
}

/** A purpose in two versions. */
type Pair = {
  readonly before: DecisionTable;
  readonly after: DecisionTable;
  readonly purpose: string;
  readonly states: UserStates;
};

type Part = Permits & { readonly because: Flip['because'] };

/** The cells that one permits and the other does not, by the first of the three in which they differ. */
function* partsOf(one: Permits, other: Permits): Steps<Part[]> {
  const both = yield* permitsOfBoth(one, other);
  const closed = [...one.fields].filter((field) => !other.fields.has(field));
  const users = yield* without(one.users, other.users);
  const requests = yield* without(one.requests, other.requests);
  return [
    { ...one, because: 'fields', fields: new Set(closed) },
    {
      because: 'consent',
      fields: both.fields,
      users,
      unregistered: one.unregistered && !other.unregistered,
      requests: one.requests,
    },
    { ...both, because: 'conditions', requests },
  ];
}

function* permitsOfBoth(one: Permits, other: Permits): Steps<Permits> {
  return {
    fields: new Set([...one.fields].filter((field) => other.fields.has(field))),
    users: yield* inBoth(one.users, other.users),
    unregistered: one.unregistered && other.unregistered,
    requests: yield* inBoth(one.requests, other.requests),
  };
}

function* flipsOf(pair: Pair, direction: Direction, part: Part): Steps<Flip[]> {
  if (isEmpty(part)) return [];
  const fields = [...part.fields];
  const everyone: Users[] = [...part.users, ...(part.unregistered ? (['unregistered'] as const) : [])];
  const groups = part.because === 'consent' ? everyone.map((users) => [users]) : [everyone];
  const flips: Flip[] = [];
  for (const requests of part.requests)
    for (const users of groups) {
      flips.push({
        purpose: pair.purpose,
        direction,
        because: part.because,
        fields,
        who: users.map((one) => whoOf(pair, one)),
        requests: requestsOf(requests),
        cells: fields.length * countOfUsers(users) * sizeOf([requests]),
        example: exampleOf(pair, direction, fields, users, requests),
      });
      yield;
    }
  return flips;
}

/** A group of users: a box of states, or those without a record. */
type Users = Box | 'unregistered';

function countOfUsers(users: readonly Users[]): number {
  return users.reduce((sum, one) => sum + (one === 'unregistered' ? 1 : sizeOf([one])), 0);
}

function whoOf({ before, after, states }: Pair, users: Users): Who {
  if (users === 'unregistered') return { registered: false };
  const { regimes, ...group } = groupOf([before, after], states, users);
  if (regimes === undefined) return { registered: true, ...group };
  const moves = regimes.map(([before = '', after = '']) => ({ before, after }));
  return { registered: true, regimes: moves, ...group };
}

/** @throws Error when the rules of a version disagree with its table: the version must not be used */
function exampleOf(
  { before, after, purpose, states }: Pair,
  direction: Direction,
  [field = '']: readonly string[],
  [users = 'unregistered']: readonly Users[],
  requests: Box,
): Example {
  const record = users === 'unregistered' ? EMPTY_RECORD : userIn(states, users).record;
  const facts = factsIn(requests);
  const question = { purpose, action: ACTION, field, clientPurposes: new Set([purpose]), record, facts };
  const [was, is] = [decideAtLevel(before.policy, question), decideAtLevel(after.policy, question)];
  if (was.permit === is.permit || is.permit !== (direction === 'opened'))
    throw new Error(
      `for \`${purpose}\` and \`${field}\` the decision table and the rules differ: publish neither version, and report this`,
    );
  return { record, field, facts, before: was.reason, after: is.reason };
}

/** @param fields that it reads in both */
function changesOfObligations(pair: Pair, fields: ReadonlySet<string>): ChangeOfObligations[] {
  const { purpose } = pair;
  const everywhere = turnedObligations(pair, undefined);
  const changes = isNone(everywhere) ? [] : [{ purpose, ...everywhere }];
  /** Fields whose releases change something else, by what they change. */
  const others = new Map<string, { readonly fields: string[]; readonly turned: TurnedObligations }>();
  for (const field of fields) {
    const turned = turnedObligations(pair, field);
    const key = JSON.stringify(turned);
    if (key === JSON.stringify(everywhere) || isNone(turned)) continue;
    const known = others.get(key);
    if (known === undefined) others.set(key, { fields: [field], turned });
    else known.fields.push(field);
  }
  return [
    ...changes,
    ...[...others.values()].map(({ fields: some, turned }) => ({ purpose, fields: some, ...turned })),
  ];
}

type TurnedObligations = Pick<ChangeOfObligations, 'dropped' | 'added'>;

function isNone({ dropped, added }: TurnedObligations): boolean {
  return dropped.length + added.length === 0;
}

/** @param field absent: one without obligations of its own */
function turnedObligations({ before, after, purpose }: Pair, field: string | undefined): TurnedObligations {
  const of = ({ policy: { purposes, atLevels } }: DecisionTable) => {
    const at = field === undefined ? undefined : atLevels.all[atLevels.placeOf(field) ?? -1];
    const entry = purposes.get(purpose);
    return entry === undefined ? [] : obligationsOf(entry, at ?? NO_RELEASE);
  };
  const [was, is] = [of(before), of(after)];
  return { dropped: was.filter((id) => !is.includes(id)), added: is.filter((id) => !was.includes(id)) };
}
const NO_RELEASE = { obligations: [] };

/** Also for closed purposes: one that is opened later must have the proof that it was to have. */
function changesOfConsistency(before: DecisionTable, after: DecisionTable): ChangeOfConsistency[] {
  return [...after.policy.purposes.keys()].flatMap((purpose) => {
    const demanded = after.mustBeConfirmed(purpose);
    if (!before.policy.purposes.has(purpose) || before.mustBeConfirmed(purpose) === demanded) return [];
    return [{ purpose, demanded }];
  });
}

/** Ids of what is in either version: those of the one before in their order, then the new ones. */
export function idsOf(before: DecisionTable, after: DecisionTable, what: 'purposes' | 'fields'): string[] {
  return [...new Set([before, after].flatMap(({ policy }) => policy.document[what].map(({ id }) => id)))];
}
