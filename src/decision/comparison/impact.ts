/**
 * What a draft would change for the current users: for how many of them which purposes could read more fields, and
 * which fewer. It counts by class of equal records, not by user, so the time depends on the number of classes; only the
 * sample ids are looked up among the users.
 */
import type { ConsentState, Resolution } from '../state/consent-state.js';
import { PARTS } from '../state/key-index.js';
import { regimesOfDecisions } from '../policy.js';
import { idsOf } from './difference.js';
import type { Steps } from '../steps.js';
import { type DecisionTable, PERMITTED } from '../table/table.js';

/**
 * A field of a user turns from deny to permit for a purpose when a request that was denied would be permitted, and from
 * permit to deny when one that was permitted would be denied. A field with visibility groups counts at the levels of
 * the user: nobody knows here which items have a stricter one. Where the conditions of a purpose change it may do both.
 * What only one version names is denied by the other.
 */
export type Turned = {
  /** The sum over users of the fields that change for them. Each purpose counts separately. */
  readonly userFields: number;
  /** Number of users with at least one changed field. */
  readonly users: number;
};

/** The changes for one purpose and the users of one regime before and one after: a region may have moved. */
export type PurposeImpact = {
  readonly purpose: string;
  /** As decisions call regimes: `UNKNOWN_REGION` for users whose region is unknown. */
  readonly regimeBefore: string;
  readonly regimeAfter: string;
  /** From deny to permit. */
  readonly opened: Turned;
  /** From permit to deny. */
  readonly closed: Turned;
  /** Ids of some of these users. */
  readonly samples: { readonly opened: readonly string[]; readonly closed: readonly string[] };
};

/**
 * What publishing would change, over the consent state.
 *
 * Each class was counted at its turn, while changes went on. A change moves one user to another class, so each number
 * of users is off by at most `changes` from the state at `revision`; if that is 0, all is exact.
 */
export type Impact = {
  /** All known users, whether or not anything changes for them. */
  readonly users: number;
  /** The revision at which the count ended. */
  readonly revision: number;
  /** Number of changes that arrived during the count. */
  readonly changes: number;
  /** Number of users for whom anything changes. */
  readonly concerned: number;
  readonly opened: Turned;
  readonly closed: Turned;
  /** In the order of the purposes and regimes of the version before, then new ones. Only where something changes. */
  readonly byPurpose: readonly PurposeImpact[];
};

/** Answers per step of the count, and users per step of the search: some tenths of a millisecond. */
const STEP = 1 << 13;
const SAMPLE_STEP = 64;

/**
 * Counts what changes for the users of a state, in steps.
 *
 * INVARIANT: both resolutions are attached to the state and filled.
 *
 * @param before the version in force
 * @param after the draft
 * @param samples maximum number of sample ids for each entry and direction; 0: no search
 */
export function* impactOf(
  state: ConsentState,
  before: Resolution,
  after: Resolution,
  samples: number,
): Steps<Impact> {
  const start = state.revision;
  const survey = new Survey(before, after, yield* turnsBetween(before.table, after.table));
  const concerned = yield* countClasses(state, survey);
  const { revision, size } = state;
  if (samples > 0) yield* takeSamples(state, survey, concerned, samples);
  return { users: size, revision, changes: revision - start, ...survey.result() };
}

/** What consent permits: two bits, that of the version before and that of the version after. */
const BEFORE = 1;
const AFTER = 2;

/** Number of fields that change for a user and a purpose. */
type Turns = {
  readonly purpose: string;
  /** Its indexes in the tables; `undefined`: the version has no such purpose. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** By kind of fields. */
  readonly kinds: readonly TurnsOfKind[];
};

/** Fields that have the same groups before and after. */
type Kind = {
  /** Places of the groups. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** How many combinations of levels the groups have. */
  readonly levelsBefore: number;
  readonly levelsAfter: number;
  readonly fields: readonly Pair[];
};

type TurnsOfKind = {
  /** Place of the kind. */
  readonly kind: number;
  /** By openness before, openness after, and what consent permits (`BEFORE` and `AFTER`), see {@link turnIndex}. */
  readonly opened: Uint16Array;
  readonly closed: Uint16Array;
};

type AllTurns = { readonly kinds: readonly Kind[]; readonly turns: readonly Turns[] };

const CONSENTS = 4;

function turnIndex({ levelsAfter }: Kind, was: number, is: number): number {
  return (was * levelsAfter + is) * CONSENTS;
}

/** A field in the two tables. */
type Pair = { readonly before: number | undefined; readonly after: number | undefined };

/** Per purpose for which anything can change, how much. */
function* turnsBetween(before: DecisionTable, after: DecisionTable): Steps<AllTurns> {
  const alike = new Map<string, Pair[]>();
  for (const id of idsOf(before, after, 'fields')) {
    const field = { before: before.fieldIndex(id), after: after.fieldIndex(id) };
    const key = `${groupsOf(before, field.before).join()} ${groupsOf(after, field.after).join()}`;
    alike.set(key, [...(alike.get(key) ?? []), field]);
  }
  const kinds = [...alike.values()].map((fields) => kindOf(before, after, fields));
  const all: Turns[] = [];
  for (const purpose of idsOf(before, after, 'purposes')) {
    yield;
    const was = permitted(before, purpose);
    const is = permitted(after, purpose);
    const turns = kinds.map((kind, place) => ({ kind: place, ...turnsOfKind(kind, was, is) }));
    const some = turns.filter(({ opened, closed }) => opened.some(Boolean) || closed.some(Boolean));
    if (some.length > 0) all.push({ purpose, before: was.place, after: is.place, kinds: some });
  }
  return { kinds, turns: all };
}

/** Places of the groups of a field. */
function groupsOf(table: DecisionTable, field: number | undefined): readonly number[] {
  return field === undefined ? [] : table.groupsOf(field);
}

/** How many combinations of levels groups have. */
function levelsOf(table: DecisionTable, groups: readonly number[]): number {
  return table.opennessOfAll(groups, (group) => table.widestOf(group)) + 1;
}

function kindOf(before: DecisionTable, after: DecisionTable, fields: readonly Pair[]): Kind {
  const [first] = fields;
  const groups = { before: groupsOf(before, first?.before), after: groupsOf(after, first?.after) };
  return {
    ...groups,
    levelsBefore: levelsOf(before, groups.before),
    levelsAfter: levelsOf(after, groups.after),
    fields,
  };
}

function turnsOfKind(kind: Kind, was: Permitted, is: Permitted): Omit<TurnsOfKind, 'kind'> {
  const { fields, levelsBefore, levelsAfter } = kind;
  const opened = new Uint16Array(levelsBefore * levelsAfter * CONSENTS);
  const closed = new Uint16Array(opened.length);
  for (const field of fields)
    for (let old = 0; old < levelsBefore; old++)
      for (let now = 0; now < levelsAfter; now++) {
        const earlierFacts = was.facts(field.before, old);
        const laterFacts = is.facts(field.after, now);
        const at = turnIndex(kind, old, now);
        for (let consent = 0; consent < CONSENTS; consent++) {
          const earlier = (consent & BEFORE) === 0 ? 0n : earlierFacts;
          const later = (consent & AFTER) === 0 ? 0n : laterFacts;
          if ((later & ~earlier) !== 0n) opened[at + consent] = (opened[at + consent] ?? 0) + 1;
          if ((earlier & ~later) !== 0n) closed[at + consent] = (closed[at + consent] ?? 0) + 1;
        }
      }
  return { opened, closed };
}

/**
 * Where a purpose stands in a table, and under which facts a field is permitted when consent permits: a bit for each.
 */
type Permitted = {
  readonly place: number | undefined;
  /** @param openness of the levels of its groups */
  readonly facts: (field: number | undefined, openness: number) => bigint;
};

function permitted(table: DecisionTable, purpose: string): Permitted {
  const place = table.purposeIndex(purpose);
  if (place === undefined) return { place, facts: () => 0n };
  const facts = table.permittingFacts(place);
  return {
    place,
    facts: (field, openness) =>
      field !== undefined && table.isOpenAt(place, table.placeAtOpenness(field, openness)) ? facts : 0n,
  };
}

/** A {@link Turned} in the making. */
class Tally {
  userFields = 0;
  users = 0;
  readonly samples: string[] = [];

  add(users: number, fields: number): void {
    if (fields === 0) return;
    this.userFields += users * fields;
    this.users += users;
  }

  /** Adds a sample where one is still wanted. */
  offer(user: string, wanted: number): void {
    if (this.lacks(wanted)) this.samples.push(user);
  }

  lacks(wanted: number): boolean {
    return this.samples.length < Math.min(wanted, this.users);
  }

  turned(): Turned {
    return { userFields: this.userFields, users: this.users };
  }
}

/** An entry of the impact in the making. */
type Entry = { readonly opened: Tally; readonly closed: Tally };

/** The impact in the making. */
class Survey {
  private readonly opened = new Tally();
  private readonly closed = new Tally();
  private concerned = 0;
  /** By regime before and after, as one number, and then by place among `turns`. */
  private readonly entries = new Map<number, Entry[]>();
  private readonly regimesBefore: readonly string[];
  private readonly regimesAfter: readonly string[];
  private readonly turns: readonly Turns[];
  private readonly kinds: readonly Kind[];
  /** By kind, where the tables of its turns are read for the class that is looked at. */
  private readonly places: Uint32Array;

  constructor(
    private readonly before: Resolution,
    private readonly after: Resolution,
    { turns, kinds }: AllTurns,
  ) {
    this.turns = turns;
    this.kinds = kinds;
    this.places = new Uint32Array(kinds.length);
    this.regimesBefore = regimesOfDecisions(before.table.policy.document);
    this.regimesAfter = regimesOfDecisions(after.table.policy.document);
  }

  /** Number of purposes for which anything can change. */
  get width(): number {
    return this.turns.length;
  }

  classOf(user: string): number {
    return this.before.classOf(user);
  }

  /** Counts the users of a class. @returns whether anything changes for them */
  count(classId: number, users: number): boolean {
    let opened = 0;
    let closed = 0;
    let entries: Entry[] | undefined;
    this.lookAt(classId);
    for (let place = 0; place < this.turns.length; place++) {
      const turns = this.turns[place];
      if (turns === undefined) continue;
      const { opens, closes } = this.turned(classId, turns);
      if (opens + closes === 0) continue;
      entries ??= this.entriesOf(classId);
      entries[place]?.opened.add(users, opens);
      entries[place]?.closed.add(users, closes);
      opened += opens;
      closed += closes;
    }
    if (entries === undefined) return false;
    this.concerned += users;
    this.opened.add(users, opened);
    this.closed.add(users, closed);
    return true;
  }

  /** Adds a user as a sample wherever one is wanted. @returns whether more samples of the class are useful */
  sample(classId: number, user: string, wanted: number): boolean {
    const entries = this.entriesOf(classId);
    this.lookAt(classId);
    let more = false;
    for (const [place, turns] of this.turns.entries()) {
      const { opens, closes } = this.turned(classId, turns);
      const entry = entries[place];
      for (const [fields, tally] of [
        [opens, entry?.opened],
        [closes, entry?.closed],
      ] as const) {
        if (tally === undefined || fields === 0) continue;
        tally.offer(user, wanted);
        more ||= tally.lacks(wanted);
      }
    }
    return more;
  }

  /** Whether more samples are wanted. */
  lacks(wanted: number): boolean {
    for (const entries of this.entries.values())
      for (const { opened, closed } of entries) if (opened.lacks(wanted) || closed.lacks(wanted)) return true;
    return false;
  }

  result(): Pick<Impact, 'concerned' | 'opened' | 'closed' | 'byPurpose'> {
    const { concerned, opened, closed } = this;
    const pairs = [...this.entries].sort(([one], [other]) => one - other);
    const byPurpose = this.turns.flatMap(({ purpose }, place) =>
      pairs.flatMap(([pair, entries]) => {
        const entry = entries[place];
        if (entry === undefined || entry.opened.users + entry.closed.users === 0) return [];
        return [{ purpose, ...this.regimesOf(pair), ...impactOfEntry(entry) }];
      }),
    );
    return { concerned, opened: opened.turned(), closed: closed.turned(), byPurpose };
  }

  /** The levels of a class are the same for each purpose. */
  private lookAt(classId: number): void {
    const { before, after, kinds, places } = this;
    for (let at = 0; at < kinds.length; at++) {
      const kind = kinds[at];
      // groups are few, and most fields have none
      if (kind === undefined || kind.levelsBefore * kind.levelsAfter === 1) continue;
      const was = opennessFor(before, classId, kind.before);
      places[at] = turnIndex(kind, was, opennessFor(after, classId, kind.after));
    }
  }

  /** Number of fields that turn for a user of the class that is looked at. */
  private turned(classId: number, turns: Turns): { readonly opens: number; readonly closes: number } {
    const consent = this.consentOf(classId, turns);
    let [opens, closes] = [0, 0];
    for (const { kind, opened: opening, closed: closing } of turns.kinds) {
      const at = (this.places[kind] ?? 0) + consent;
      opens += opening[at] ?? 0;
      closes += closing[at] ?? 0;
    }
    return { opens, closes };
  }

  private consentOf(classId: number, { before, after }: Turns): number {
    const was = before !== undefined && this.before.of(classId, before) === PERMITTED;
    const is = after !== undefined && this.after.of(classId, after) === PERMITTED;
    return (was ? BEFORE : 0) | (is ? AFTER : 0);
  }

  private entriesOf(classId: number): Entry[] {
    const pair =
      this.before.regimeOfClass(classId) * this.regimesAfter.length + this.after.regimeOfClass(classId);
    let entries = this.entries.get(pair);
    if (entries === undefined) {
      entries = this.turns.map(() => ({ opened: new Tally(), closed: new Tally() }));
      this.entries.set(pair, entries);
    }
    return entries;
  }

  private regimesOf(pair: number): Pick<PurposeImpact, 'regimeBefore' | 'regimeAfter'> {
    const count = this.regimesAfter.length;
    return {
      regimeBefore: this.regimesBefore[Math.floor(pair / count)] ?? '',
      regimeAfter: this.regimesAfter[pair % count] ?? '',
    };
  }
}

/** Openness of the levels of a class. */
function opennessFor(resolution: Resolution, classId: number, groups: readonly number[]): number {
  const { table } = resolution;
  return table.opennessOfAll(groups, (group) =>
    table.opennessIn(resolution.of(classId, table.purposeCount + group)),
  );
}

function impactOfEntry({ opened, closed }: Entry): Pick<PurposeImpact, 'opened' | 'closed' | 'samples'> {
  return {
    opened: opened.turned(),
    closed: closed.turned(),
    samples: { opened: opened.samples, closed: closed.samples },
  };
}

/** Counts all classes. @returns by class, 1 where anything changes for its users */
function* countClasses(state: ConsentState, survey: Survey): Steps<Uint8Array> {
  const concerned = new Uint8Array(state.classesEnd);
  if (survey.width === 0) return concerned;
  const step = Math.ceil(STEP / survey.width);
  for (let id = 1; id < concerned.length; id++) {
    const users = state.usersIn(id);
    if (users > 0 && survey.count(id, users)) concerned[id] = 1;
    if (id % step === 0) yield;
  }
  return concerned;
}

/**
 * Collects sample users, until there are enough or no more.
 *
 * @param concerned by class, 1 where anything changes for its users; set to 0 where no more are wanted
 */
function* takeSamples(
  state: ConsentState,
  survey: Survey,
  concerned: Uint8Array,
  samples: number,
): Steps<void> {
  for (let part = 0; part < PARTS && survey.lacks(samples); part++) {
    // collect first: a part is scanned in one go, and sampling costs more than skipping a user
    /** Class and address, user after user. */
    const found: number[] = [];
    state.forEachIn(part, (classId, address) => {
      if (concerned[classId] === 1) found.push(classId, address);
    });
    yield;
    for (let index = 0; index < found.length; index += 2) {
      if (index % (2 * SAMPLE_STEP) === 0) yield;
      const user = concerned[found[index] ?? 0] === 1 ? state.userAt(found[index + 1] ?? 0) : undefined;
      if (user === undefined) continue;
      // look up again: the user may have moved, and the class number may have been reused
      const now = survey.classOf(user);
      if (!survey.sample(now, user, samples)) concerned[now] = 0;
    }
  }
}
