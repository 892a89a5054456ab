/**
 * The decision table: all answers of a policy version, so that a decision is three look-ups. It has no rules of its
 * own; `tabulate.ts` fills its cells with the answers of the CASL rules.
 *
 * It is small because the domain is a product along the lines of docs/meaning.md: what the policy says about a purpose
 * and a field (lines 3–5), what a user's record says about a purpose (consent, line 6), what a request says about a
 * purpose (line 7). A test compares the table with the rules for all combinations.
 */
import type { CaseStanding, ChoiceStanding, RequestFacts } from '../rules/ability.js';
import type { CompiledPolicy } from '../rules/compile.js';
import { AGE_BANDS, type UserRecord } from '../consent-event.js';
import { entryOf, noticeOf, regimesOfDecisions } from '../policy.js';
import { type Decision, REASONS, type Reason, isReason } from '../reasons.js';

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
export const CASES: readonly CaseStanding[] = ['none', 'valid', 'expired', 'out_of_scope'];
const NO_CASE = CASES.indexOf('none');
/** Combinations of the facts of a request; see {@link factsIndex}. */
export const FACTS = 32;

/** The index of the facts among their combinations. */
export function factsIndex({ actor, case: standing, legalReference, ownData }: RequestFacts): number {
  return (
    (actor === 'automated' ? 1 : 0) |
    (Math.max(CASES.indexOf(standing), NO_CASE) << 1) |
    (legalReference ? 8 : 0) |
    (ownData ? 16 : 0)
  );
}

/**
 * The cells of a table, as bytes of reasons. Purposes, fields and regimes are in the order of the document, and the
 * regime of users whose region is unknown comes last.
 */
export type Cells = {
  /** Per purpose and field: what the policy itself answers. */
  readonly closed: Uint8Array;
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
  private readonly unclassified: Uint8Array;
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
    this.fieldCount = document.fields.length;
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
    this.unclassified = Uint8Array.from(document.fields, ({ category }) =>
      category === 'unclassified' ? 1 : 0,
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

  /** Place of a purpose; `undefined`: the policy names no such purpose. */
  purposeIndex(id: string): number | undefined {
    return this.purposes.get(id);
  }

  /** Place of a field; `undefined`: the policy names no such field. */
  fieldIndex(id: string): number | undefined {
    return this.fields.get(id);
  }

  /**
   * Lines 3 to 8 for a purpose that the client may ask for.
   *
   * @param purpose place of the purpose
   * @param field place of the field
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

  /** Whether the field has no category yet. */
  isUnclassified(field: number): boolean {
    return this.unclassified[field] === 1;
  }

  /** The decision that permits a purpose, with its obligations. */
  permit(purpose: number): Decision {
    return this.permits[purpose] ?? { permit: false, reason: 'consent_unavailable', obligations: [] };
  }

  /** Lines 3 to 5: whether the policy itself opens the field to the purpose. */
  isOpen(purpose: number, field: number): boolean {
    return this.closed[purpose * this.fieldCount + field] === PERMITTED;
  }

  /** Line 7: the facts that permit the purpose, as one bit for each index of {@link factsIndex}. */
  permittingFacts(purpose: number): number {
    let bits = 0;
    for (let facts = 0; facts < FACTS; facts++)
      if (this.conditions[purpose * FACTS + facts] === PERMITTED) bits |= 1 << facts;
    return bits;
  }

  /** What consent answers for a purpose in every state of a registered user, see {@link Cells.consent}. Read-only. */
  consentCells(purpose: number): Uint8Array {
    return this.consent.subarray(this.consentFrom[purpose] ?? 0, this.consentFrom[purpose + 1]);
  }

  /** Line 6 for a state that cannot be read. */
  ofUnavailable(purpose: number): number {
    return this.unavailable[purpose] ?? UNAVAILABLE;
  }

  /** What consent answers for one record; `unavailable`: for a state that cannot be read. */
  consentOf(record: UserRecord | 'unavailable'): (purpose: number) => number {
    if (record === 'unavailable') return (purpose) => this.ofUnavailable(purpose);
    const answers = new Uint8Array(this.purposeCount);
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
    } else this.resolveUnregistered(answers, 0);
    return (purpose) => answers[purpose] ?? UNAVAILABLE;
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
    // an index beyond the last would be another user's cell
    const home = regime >= 0 && regime < this.unknownRegime ? regime : this.unknownRegime;
    const age = ageBand >= 0 && ageBand < AGE_BANDS.length ? ageBand : UNKNOWN_AGE;
    const person = (home * AGE_BANDS.length + age) * SIGNALLED.length + (gpc ? 1 : 0);
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
  }
}

function indexOf(entries: readonly { readonly id: string }[]): Map<string, number> {
  return new Map(entries.map(({ id }, index) => [id, index]));
}
