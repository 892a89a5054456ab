/**
 * The decision table: all answers of a policy version, so that a decision is three look-ups. It has no rules of its
 * own; `tabulate.ts` fills its cells with the answers of the CASL rules.
 *
 * It is small because the domain is a product along the lines of docs/meaning.md: what the policy says about a purpose
 * and a field (lines 3–5), what a user's record says about a purpose (consent, line 6), what a request says about a
 * purpose (line 7). A test compares the table with the rules for all combinations.
 */
import type { CaseStanding, ChoiceStanding, RequestFacts } from '../rules/ability.js';
import { type CompiledPolicy, isAlwaysOn } from '../rules/compile.js';
import { AGE_BANDS, type UserRecord } from '../consent-event.js';
import { entryOf, noticeOf, regimesOfDecisions } from '../policy.js';
import { type Decision, REASONS, type Reason, isReason } from '../reasons.js';
import { defaultLevel, levelPlace } from '../visibility.js';

/**
 * Reasons as bytes. 0 is a denial: unwritten memory must not read as a permit.
 */
export const REASON_CODES: readonly Reason[] = [
  'consent_unavailable',
  ...Object.keys(REASONS).filter((code): code is Reason => isReason(code) && code !== 'consent_unavailable'),
];
const UNAVAILABLE = 0;
const BYTES: ReadonlyMap<Reason, number> = new Map(REASON_CODES.map((reason, byte) => [reason, byte]));
/** The only byte that permits. */
export const PERMITTED = byteOf('permitted');

/** The byte of a reason. */
export function byteOf(reason: Reason): number {
  return BYTES.get(reason) ?? UNAVAILABLE;
}

/** States of a choice, by number in the cells. */
export const STANDINGS: readonly ChoiceStanding[] = ['none', 'granted', 'outdated', 'denied'];
export const NOTHING_SAID = STANDINGS.indexOf('none');
const GRANTED = STANDINGS.indexOf('granted');
const OUTDATED = STANDINGS.indexOf('outdated');
export const DENIED = STANDINGS.indexOf('denied');
const UNKNOWN_AGE = AGE_BANDS.indexOf('unknown');
/** States of the signal, by number in the cells. */
export const SIGNALLED: readonly boolean[] = [false, true];
/** States of a case, by number among the facts. */
export const CASES: readonly CaseStanding[] = [
  'none',
  'valid',
  'not_approved',
  'closed',
  'expired',
  'out_of_scope',
  'other_reader',
];
const NO_CASE = CASES.indexOf('none');
/** Combinations of the facts of a request; see {@link factsIndex}. */
export const FACTS = 8 * CASES.length;

/** The index of the facts among their combinations. */
export function factsIndex({ actor, case: standing, legalReference, ownData }: RequestFacts): number {
  const about = (ownData ? 2 : 0) + (legalReference ? 1 : 0);
  const cases = about * CASES.length + Math.max(CASES.indexOf(standing), NO_CASE);
  return cases * 2 + (actor === 'automated' ? 1 : 0);
}

/**
 * What {@link DecisionTable.kindOf} says of a field without a group, of one without a category, and of one that is made
 * of others.
 */
export const PLAIN = -1;
export const UNCLASSIFIED = -2;
export const DERIVED = -3;

/**
 * The cells of a table, as bytes of reasons. Purposes and regimes are in the order of the document, and the regime of
 * users whose region is unknown comes last. Fields are in that of `FieldsAtLevels`.
 */
export type Cells = {
  /** Per purpose and field at a level: what the policy itself answers. */
  readonly closed: Uint8Array;
  /** Which of the fields that a field is made of gives the answer in `closed`, where it is not the field itself. */
  readonly sources: ReadonlyMap<number, string>;
  /**
   * The answers of records, purpose after purpose, from the index in `consentFrom`. Within a purpose: per regime, age
   * band, signal and then, for each of its dependencies, how the choice stands; the last one changes fastest.
   */
  readonly consent: Uint8Array;
  readonly consentFrom: Uint32Array;
  /** Places of what the purposes depend on, purpose after purpose, and per purpose where its own end. */
  readonly dependencies: Uint16Array;
  readonly dependenciesTo: Uint32Array;
  /** Per purpose: what the record of an unknown user, or one that cannot be read, answers. */
  readonly absent: Uint8Array;
  readonly unavailable: Uint8Array;
  /** Per purpose and combination of facts. */
  readonly conditions: Uint8Array;
};

export class DecisionTable {
  private readonly purposes: ReadonlyMap<string, number>;
  /** What was asked for last: a decision asks for its purpose several times, and comparing a string with itself is free. */
  private recent: string | undefined;
  private recentPlace: number | undefined;
  private readonly fields: ReadonlyMap<string, number>;
  private readonly regimes: ReadonlyMap<string, number>;
  private readonly fieldCount: number;
  private readonly closed: Uint8Array;
  private readonly consent: Uint8Array;
  private readonly consentFrom: Uint32Array;
  private readonly dependencies: Uint16Array;
  private readonly dependenciesTo: Uint32Array;
  private readonly absent: Uint8Array;
  private readonly unavailable: Uint8Array;
  private readonly conditions: Uint8Array;
  /** Places of those dependencies that the signal closes, purpose after purpose, and where those of each begin. */
  private readonly closedBySignal: Uint16Array;
  private readonly closedBySignalFrom: Uint32Array;
  /** Per purpose: the notice that a grant must carry to count today. */
  private readonly notices: Uint32Array;
  /** Per field: {@link PLAIN}, {@link UNCLASSIFIED} or {@link DERIVED}, or the place of its group. */
  private readonly kinds: Int16Array;
  /** Per field with groups: place of the field at the levels next to its strictest ones; wider ones follow. */
  private readonly wider: Uint32Array;
  /** Per field: the places of its groups, or of those of all that it is made of. */
  private readonly groupsOfFields: readonly (readonly number[])[];
  /** Denials that a field gets from what it is made of: by cell, and for fields without a category by field. */
  private readonly denials: ReadonlyMap<number, Decision>;
  private readonly unclassified: ReadonlyMap<number, Decision>;
  /** Permits of fields that carry obligations of their own, by purpose and field. */
  private readonly obliged = new Map<number, Decision>();
  private readonly groups: readonly Group[];
  /** Per purpose, 1 where it is on for users of whom nothing is known. */
  private readonly alwaysOn: Uint8Array;
  private readonly confirmed: ReadonlySet<string>;
  private readonly permits: readonly Decision[];

  /** @param cells of this policy; only `tabulate` may pass them */
  constructor(
    readonly policy: CompiledPolicy,
    cells: Cells,
  ) {
    const { document } = policy;
    this.purposes = indexOf(document.purposes);
    this.fields = indexOf(document.fields);
    this.regimes = new Map(regimesOfDecisions(document).map((id, index) => [id, index]));
    this.fieldCount = policy.atLevels.all.length;
    this.closed = cells.closed;
    this.consent = cells.consent;
    this.consentFrom = cells.consentFrom;
    this.dependencies = cells.dependencies;
    this.dependenciesTo = cells.dependenciesTo;
    this.absent = cells.absent;
    this.unavailable = cells.unavailable;
    this.conditions = cells.conditions;
    const closedBySignal = document.purposes.map(({ id }) => entryOf(policy.closedBySignal, id));
    this.closedBySignal = Uint16Array.from(
      closedBySignal.flatMap((ids) => ids.map((id) => entryOf(this.purposes, id))),
    );
    this.closedBySignalFrom = new Uint32Array(closedBySignal.length + 1);
    closedBySignal.forEach(({ length }, purpose) => {
      this.closedBySignalFrom[purpose + 1] = (this.closedBySignalFrom[purpose] ?? 0) + length;
    });
    this.notices = Uint32Array.from(document.purposes, noticeOf);
    this.alwaysOn = Uint8Array.from(document.purposes, ({ id }) => (isAlwaysOn(policy, id) ? 1 : 0));
    const regimes = regimesOfDecisions(document);
    this.groups = (document.visibility ?? []).map((group) => ({
      id: group.id,
      levels: new Map(group.levels.map(({ id }, place) => [id, group.levels.length - 1 - place])),
      widest: group.levels.length - 1,
      defaults: Uint8Array.from(
        regimes.flatMap((regime) =>
          AGE_BANDS.map(
            (age) => group.levels.length - 1 - levelPlace(group, defaultLevel(document, group, regime, age)),
          ),
        ),
      ),
    }));
    const { all, data } = policy.atLevels;
    const places = data.map(({ groups }) => groups.map((id) => this.groupIndex(id) ?? -1));
    this.kinds = Int16Array.from(document.fields, ({ derived_from }, field) => {
      if (all[field]?.unclassified !== undefined) return UNCLASSIFIED;
      return derived_from === undefined ? (places[field]?.[0] ?? PLAIN) : DERIVED;
    });
    this.wider = Uint32Array.from(data, ({ wider }) => wider);
    this.groupsOfFields = places;
    this.denials = denialsOf(cells);
    this.unclassified = new Map(
      document.fields.flatMap(({ id }, field) => {
        const source = all[field]?.unclassified ?? id;
        return source === id ? [] : [[field, denial('field_unclassified', source)]];
      }),
    );
    const demanding = document.purposes.filter(({ consistency }) => consistency !== undefined);
    this.confirmed = new Set(
      document.purposes.flatMap(({ id }) =>
        demanding.some((one) => entryOf(policy.dependencies, id).includes(one.id)) ? [id] : [],
      ),
    );
    this.permits = document.purposes.map(({ obligations }) => ({
      permit: true,
      reason: 'permitted',
      obligations: obligations ?? [],
    }));
  }

  get purposeCount(): number {
    return this.policy.document.purposes.length;
  }

  /** Bytes that a record is resolved to: what consent answers per purpose, then the openness per visibility group. */
  get width(): number {
    return this.purposeCount + this.groups.length;
  }

  /** Place of a purpose; `undefined`: the policy names no such purpose. */
  purposeIndex(id: string): number | undefined {
    if (id !== this.recent) {
      this.recent = id;
      this.recentPlace = this.purposes.get(id);
    }
    return this.recentPlace;
  }

  /** Place of a field; `undefined`: the policy names no such field. */
  fieldIndex(id: string): number | undefined {
    return this.fields.get(id);
  }

  /**
   * Lines 3 to 8 for a purpose that the client may ask for.
   *
   * @param purpose place of the purpose
   * @param field place of the field at a level
   * @param consent what the record answers for the user, as a byte
   * @param facts place of the facts of the request, see {@link factsIndex}
   * @returns the byte of a reason
   */
  decide(purpose: number, field: number, consent: number, facts: number): number {
    const closed = this.closed[purpose * this.fieldCount + field] ?? UNAVAILABLE;
    if (closed !== PERMITTED) return closed;
    if (consent !== PERMITTED) return consent;
    return this.conditions[purpose * FACTS + facts] ?? UNAVAILABLE;
  }

  /** Whether the database must confirm the state for decisions about the purpose. */
  mustBeConfirmed(purpose: string): boolean {
    return this.confirmed.has(purpose);
  }

  /** Place of the visibility group of a field, or {@link PLAIN}, {@link UNCLASSIFIED} or {@link DERIVED}. */
  kindOf(field: number): number {
    return this.kinds[field] ?? UNCLASSIFIED;
  }

  /** Places of the visibility groups of a field, or of all that it is made of. */
  groupsOf(field: number): readonly number[] {
    return this.groupsOfFields[field] ?? [];
  }

  /**
   * Place of a field with groups at the levels that hold: the stricter of the member's and the item's.
   *
   * @param item level of the item; absent: none is known. One that the group does not have is the strictest
   * @param resolved what the record of the user is resolved to, see {@link width}
   */
  placeAtLevel(
    purpose: number,
    field: number,
    item: string | undefined,
    resolved: (place: number) => number,
  ): number {
    const kind = this.kindOf(field);
    if (kind >= 0) return this.placeAtOpenness(field, this.opennessFor(purpose, kind, item, resolved));
    const openness = this.opennessOfAll(this.groupsOf(field), (group) =>
      this.opennessFor(purpose, group, item, resolved),
    );
    return this.placeAtOpenness(field, openness);
  }

  /** Openness of the level of a group that holds, see {@link placeAtLevel}. */
  private opennessFor(
    purpose: number,
    place: number,
    item: string | undefined,
    resolved: (place: number) => number,
  ): number {
    const group = this.groups[place];
    if (group === undefined) return STRICTEST;
    const own = item === undefined ? group.widest : (group.levels.get(item) ?? STRICTEST);
    const members = resolved(this.purposeCount + place);
    // if nothing is known of the user, line 6 denies all but what is always on: say that, not what follows from it
    const isAsked = members < NOT_KNOWN || (members === NOT_KNOWN && this.alwaysOn[purpose] === 1);
    return isAsked ? Math.min(own, this.opennessIn(members)) : own;
  }

  /** Openness of the level that a byte of a resolved record says; the strictest where none is known. */
  opennessIn(byte: number): number {
    return byte < NOT_KNOWN ? byte : STRICTEST;
  }

  /** Openness of levels as one number, of the first group in the lowest place; see {@link groupsOf}. */
  opennessOfAll(groups: readonly number[], opennessOf: (group: number) => number): number {
    let [openness, radix] = [0, 1];
    for (const group of groups) {
      openness += radix * opennessOf(group);
      radix *= this.widestOf(group) + 1;
    }
    return openness;
  }

  /** Place of a field at levels of this openness; {@link STRICTEST} is at the field itself. */
  placeAtOpenness(field: number, openness: number): number {
    return openness <= STRICTEST ? field : (this.wider[field] ?? field) + openness - 1;
  }

  /** Place of a visibility group; `undefined`: the policy has none of this id. */
  groupIndex(id: string): number | undefined {
    const place = this.groups.findIndex((group) => group.id === id);
    return place < 0 ? undefined : place;
  }

  /** Whether a group of the field, or of what it is made of, has the level. */
  knowsLevel(field: number, level: string): boolean {
    return this.groupsOf(field).some((group) => this.groups[group]?.levels.has(level) === true);
  }

  /** Openness of a level; the strictest for one that the group does not have. */
  opennessOf(group: number, level: string): number {
    return this.groups[group]?.levels.get(level) ?? STRICTEST;
  }

  /** Openness of the widest level. */
  widestOf(group: number): number {
    return this.groups[group]?.widest ?? STRICTEST;
  }

  /** The decision that permits a purpose, with its obligations. */
  permit(purpose: number): Decision {
    return this.permits[purpose] ?? { permit: false, reason: 'consent_unavailable', obligations: [] };
  }

  /** The decision about a field that is made of others, by the byte of its cell. @param place of the field at levels */
  ofDerived(purpose: number, field: number, place: number, byte: number): Decision {
    if (byte === PERMITTED) return this.permitOf(purpose, field);
    return (
      this.denials.get(purpose * this.fieldCount + place) ?? deny(REASON_CODES[byte] ?? 'consent_unavailable')
    );
  }

  /** The denial of a field without a category. */
  ofUnclassified(field: number): Decision {
    return this.unclassified.get(field) ?? deny('field_unclassified');
  }

  /** The permit of a field, with the obligations of the purpose and of the releases by which it was made. */
  permitOf(purpose: number, field: number): Decision {
    const own = this.policy.atLevels.all[field]?.obligations ?? [];
    const permit = this.permit(purpose);
    if (own.length === 0 || !permit.permit) return permit;
    const key = purpose * this.fieldCount + field;
    const known = this.obliged.get(key);
    if (known !== undefined) return known;
    const made = { ...permit, obligations: [...new Set([...permit.obligations, ...own])] };
    this.obliged.set(key, made);
    return made;
  }

  /** Place of a field at its widest levels; of one without a group, the field itself. */
  placeAtWidest(field: number): number {
    const widest = this.opennessOfAll(this.groupsOf(field), (group) => this.widestOf(group));
    return this.placeAtOpenness(field, widest);
  }

  /** Lines 3 to 5: whether the policy itself opens the field to the purpose, at its widest levels if it has groups. */
  isOpen(purpose: number, field: number): boolean {
    return this.isOpenAt(purpose, this.placeAtWidest(field));
  }

  /** The same for a field at a level; a place that is none is closed. */
  isOpenAt(purpose: number, place: number | undefined): boolean {
    if (place === undefined || place < 0 || place >= this.fieldCount) return false;
    return this.closed[purpose * this.fieldCount + place] === PERMITTED;
  }

  /** Line 7: the facts that permit the purpose, as one bit for each index of {@link factsIndex}. */
  permittingFacts(purpose: number): bigint {
    let bits = 0n;
    for (let facts = 0; facts < FACTS; facts++)
      if (this.conditions[purpose * FACTS + facts] === PERMITTED) bits |= 1n << BigInt(facts);
    return bits;
  }

  /** What consent answers for a purpose in every state of a registered user, see {@link Cells.consent}. Read-only. */
  consentCells(purpose: number): Uint8Array {
    return this.consent.subarray(this.consentFrom[purpose] ?? 0, this.consentFrom[purpose + 1]);
  }

  /** What a state that cannot be read is resolved to, see {@link width}. */
  ofUnavailable(place: number): number {
    return place < this.purposeCount ? (this.unavailable[place] ?? UNAVAILABLE) : NOT_READABLE;
  }

  /** What one record is resolved to, see {@link width}; `unavailable`: a state that cannot be read. */
  consentOf(record: UserRecord | 'unavailable'): (place: number) => number {
    if (record === 'unavailable') return (place) => this.ofUnavailable(place);
    const answers = new Uint8Array(this.width);
    if (record.registered) {
      const standings = new Uint8Array(this.purposeCount);
      const prevails = new Uint8Array(this.purposeCount);
      for (const [id, { choice, notice, signal }] of record.choices) {
        const purpose = this.purposes.get(id);
        if (purpose === undefined) continue;
        standings[purpose] = this.standingOf(purpose, choice === 'denied', notice);
        prevails[purpose] = choice === 'granted' && signal ? 1 : 0;
      }
      const [regime, age] = [this.regimeIndex(record.region), AGE_BANDS.indexOf(record.ageBand)];
      this.resolve(regime, age, record.signals.has('gpc'), standings, answers, 0, prevails);
      this.resolveLevels(regime, age, answers, 0);
      for (const [id, level] of record.visibility ?? [])
        this.setLevel(this.groupIndex(id), level, answers, 0);
    } else this.resolveUnregistered(answers, 0);
    return (place) => answers[place] ?? UNAVAILABLE;
  }

  /** Place of the regime of users whose region is unknown: the last one. */
  private get unknownRegime(): number {
    return this.regimes.size - 1;
  }

  /** Place of the regime of a region. */
  regimeIndex(region: string | null): number {
    return this.regimes.get(this.policy.regimeInDecisions(region)) ?? this.unknownRegime;
  }

  /** The current state of a choice for a purpose, as a number for `resolve`. */
  standingOf(purpose: number, denied: boolean, notice: number): number {
    if (denied) return DENIED;
    return notice >= (this.notices[purpose] ?? Infinity) ? GRANTED : OUTDATED;
  }

  /**
   * Line 6 for the record of a registered user, for every purpose.
   *
   * @param regime index of the regime; an invalid one reads as that of unknown regions, the last one
   * @param ageBand index in `AGE_BANDS`; an invalid one reads as unknown
   * @param gpc whether the user sends Global Privacy Control
   * @param standings per purpose, the state of the user's choice; 0: none
   * @param out takes one byte per purpose, from `at` on
   * @param prevails per purpose, 1 for a grant that was given after the user was shown the signal; absent: there is
   *   none
   */
  resolve(
    regime: number,
    ageBand: number,
    gpc: boolean,
    standings: Uint8Array,
    out: Uint8Array,
    at: number,
    prevails?: Uint8Array,
  ): void {
    const person = this.personIndex(regime, ageBand) * SIGNALLED.length + (gpc ? 1 : 0);
    const { consent, consentFrom, dependencies, dependenciesTo } = this;
    let dependency = 0;
    for (let purpose = 0; purpose < consentFrom.length; purpose++) {
      let cell = person;
      if (gpc && prevails !== undefined && this.isGrantedAnew(purpose, prevails)) cell--;
      for (const end = dependenciesTo[purpose] ?? 0; dependency < end; dependency++)
        cell = cell * STANDINGS.length + (standings[dependencies[dependency] ?? -1] ?? DENIED);
      out[at + purpose] = consent[(consentFrom[purpose] ?? 0) + cell] ?? UNAVAILABLE;
    }
  }

  private personIndex(regime: number, ageBand: number): number {
    // an index beyond the last would be another user's cell
    const home = regime >= 0 && regime < this.unknownRegime ? regime : this.unknownRegime;
    const age = ageBand >= 0 && ageBand < AGE_BANDS.length ? ageBand : UNKNOWN_AGE;
    return home * AGE_BANDS.length + age;
  }

  /** The levels of a registered user who has set none. @param out takes them after the answers of the purposes */
  resolveLevels(regime: number, ageBand: number, out: Uint8Array, at: number): void {
    const person = this.personIndex(regime, ageBand);
    for (let group = 0; group < this.groups.length; group++)
      out[at + this.purposeCount + group] = this.groups[group]?.defaults[person] ?? STRICTEST;
  }

  /** The level that a registered user has set. @param group its place; `undefined`: the policy has no such group */
  setLevel(group: number | undefined, level: string, out: Uint8Array, at: number): void {
    if (group !== undefined) out[at + this.purposeCount + group] = this.opennessOf(group, level);
  }

  /** Whether a grant prevails over the signal for every dependency that the signal closes. */
  private isGrantedAnew(purpose: number, prevails: Uint8Array): boolean {
    const from = this.closedBySignalFrom[purpose] ?? 0;
    const to = this.closedBySignalFrom[purpose + 1] ?? 0;
    for (let place = from; place < to; place++)
      if (prevails[this.closedBySignal[place] ?? -1] !== 1) return false;
    return to > from;
  }

  /** Line 6 for a user who was never registered, for every purpose. */
  resolveUnregistered(out: Uint8Array, at: number): void {
    out.set(this.absent, at);
    out.fill(NOT_KNOWN, at + this.purposeCount, at + this.width);
  }
}

/** A visibility group. Levels count from the strictest, so that unwritten memory reads as that. */
type Group = {
  readonly id: string;
  /** By the id of a level. */
  readonly levels: ReadonlyMap<string, number>;
  readonly widest: number;
  /** Per regime and age band, of members who have set none. */
  readonly defaults: Uint8Array;
};
/** The openness of the strictest level. */
const STRICTEST = 0;
/** In place of an openness: that of a user who was never registered, and of a state that cannot be read. */
const NOT_KNOWN = 254;
const NOT_READABLE = 255;

/** Denials without a source differ only in their reason, so each is made once. */
const DENIALS = new Map(REASON_CODES.map((reason) => [reason, denial(reason)]));
const CLOSED = denial('consent_unavailable');

export function deny(reason: Reason): Decision {
  return DENIALS.get(reason) ?? CLOSED;
}

function denial(reason: Reason, source?: string): Decision {
  return { permit: false, reason, obligations: [], ...(source === undefined ? {} : { source }) };
}

function denialsOf({ closed, sources }: Cells): Map<number, Decision> {
  const made = new Map<string, Decision>();
  return new Map(
    [...sources].map(([cell, source]) => {
      const reason = REASON_CODES[closed[cell] ?? UNAVAILABLE] ?? 'consent_unavailable';
      const key = `${reason} ${source}`;
      const one = made.get(key) ?? denial(reason, source);
      made.set(key, one);
      return [cell, one];
    }),
  );
}

function indexOf(entries: readonly { readonly id: string }[]): Map<string, number> {
  return new Map(entries.map(({ id }, index) => [id, index]));
}
