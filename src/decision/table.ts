/**
 * The decision table: a policy version asked, once, for every cell of its finite domain, so that a decision is three
 * look-ups. It has no rules of its own; every cell is an answer of `policy.ask`, the CASL rules.
 *
 * The domain falls apart along the lines of docs/meaning.md, which is what keeps it small: what the policy says of a
 * purpose and a field (lines 3–5), what a user's record says of a purpose (line 6), what a request says of a purpose
 * (line 7). A test asks the table and the rules for all combinations and holds them equal.
 */
import {
  type Attributes,
  type CaseStanding,
  type ChoiceStanding,
  type RequestFacts,
  choiceName,
} from './ability.js';
import type { CompiledPolicy } from './compile.js';
import { AGE_BANDS, type UserRecord } from './consent-event.js';
import {
  type Category,
  type Field,
  type Setting,
  UNKNOWN_REGION,
  noticeOf,
  regimesOfDecisions,
  settingIn,
} from './policy.js';
import { type Decision, REASONS, type Reason, isReason } from './reasons.js';

/**
 * Reasons as bytes. 0 is a no: memory that nobody has written yet must not read as a permit.
 */
export const REASON_CODES: readonly Reason[] = [
  'consent_unavailable',
  ...Object.keys(REASONS).filter((code): code is Reason => isReason(code) && code !== 'consent_unavailable'),
];
const UNAVAILABLE = 0;
/** The one byte that is a yes. */
export const PERMITTED = byteOf('permitted');

/** The byte of a reason. */
export function byteOf(reason: Reason): number {
  return REASON_CODES.indexOf(reason);
}

/** What the policy says of a purpose and a field, whoever the user is. */
const CLOSED: ReadonlySet<Reason> = new Set([
  'field_unclassified',
  'floor',
  'field_prohibited',
  'category_not_allowed',
  'provenance_not_allowed',
]);

const STANDINGS: readonly ChoiceStanding[] = ['none', 'granted', 'outdated', 'denied'];
const GRANTED = STANDINGS.indexOf('granted');
const OUTDATED = STANDINGS.indexOf('outdated');
const DENIED = STANDINGS.indexOf('denied');
const CASES: readonly CaseStanding[] = ['none', 'valid', 'expired', 'out_of_scope'];
/** Combinations of the facts of a request; see {@link factsIndex}. */
const FACTS = 32;

/** The place of the facts among their combinations. */
export function factsIndex({ actor, case: standing, legalReference, ownData }: RequestFacts): number {
  return (
    (actor === 'automated' ? 1 : 0) |
    (CASES.indexOf(standing) << 1) |
    (legalReference ? 8 : 0) |
    (ownData ? 16 : 0)
  );
}

export class DecisionTable {
  private readonly purposes: ReadonlyMap<string, number>;
  private readonly fields: ReadonlyMap<string, number>;
  private readonly regimes: ReadonlyMap<string, number>;
  private readonly fieldCount: number;
  /** Per purpose and field: what the policy itself answers. */
  private readonly closed: Uint8Array;
  /** What a record answers, see `resolve`: the cells of all purposes, and per purpose where its own begin. */
  private readonly cells: Uint8Array;
  private readonly cellsFrom: Uint32Array;
  /** Places of what the purposes depend on, purpose after purpose, and per purpose where its own end. */
  private readonly dependencies: Uint16Array;
  private readonly dependenciesTo: Uint32Array;
  /** Per purpose: the notice that a grant must carry to count today. */
  private readonly notices: Uint32Array;
  /** Per purpose: what the record of an unknown user, or one that cannot be read, answers. */
  private readonly absent: Uint8Array;
  private readonly unavailable: Uint8Array;
  /** Per purpose and combination of facts. */
  private readonly conditions: Uint8Array;
  private readonly unclassified: Uint8Array;
  private readonly permits: readonly Decision[];

  constructor(readonly policy: CompiledPolicy) {
    const { document } = policy;
    this.purposes = indexOf(document.purposes);
    this.fields = indexOf(document.fields);
    this.regimes = new Map(regimesOfDecisions(document).map((id, index) => [id, index]));
    this.fieldCount = document.fields.length;
    this.permits = document.purposes.map(({ obligations }) => ({
      permit: true,
      reason: 'permitted',
      obligations: obligations ?? [],
    }));
    this.unclassified = Uint8Array.from(document.fields, ({ category }) =>
      category === 'unclassified' ? 1 : 0,
    );
    this.closed = new Uint8Array(this.purposeCount * this.fieldCount);
    this.absent = new Uint8Array(this.purposeCount);
    this.unavailable = new Uint8Array(this.purposeCount);
    this.conditions = new Uint8Array(this.purposeCount * FACTS);
    this.notices = Uint32Array.from(document.purposes, noticeOf);
    const asked = document.purposes.map((purpose, index) => this.ask(purpose.id, index));
    this.cells = new Uint8Array(asked.reduce((sum, { cells }) => sum + cells.length, 0));
    this.dependencies = Uint16Array.from(asked.flatMap(({ dependencies }) => dependencies));
    this.cellsFrom = new Uint32Array(asked.length);
    this.dependenciesTo = new Uint32Array(asked.length);
    let cell = 0;
    let dependency = 0;
    asked.forEach(({ dependencies, cells }, purpose) => {
      this.cellsFrom[purpose] = cell;
      this.cells.set(cells, cell);
      cell += cells.length;
      dependency += dependencies.length;
      this.dependenciesTo[purpose] = dependency;
    });
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
   * @param consent what line 6 answers for the user, as a byte
   * @param facts place of the facts of the request, see {@link factsIndex}
   * @returns the byte of a reason
   */
  decide(purpose: number, field: number, consent: number, facts: number): number {
    const closed = this.closed[purpose * this.fieldCount + field] ?? UNAVAILABLE;
    if (closed !== PERMITTED) return closed;
    if (consent !== PERMITTED) return consent;
    return this.conditions[purpose * FACTS + facts] ?? UNAVAILABLE;
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

  /** Line 6 for a state that cannot be read. */
  ofUnavailable(purpose: number): number {
    return this.unavailable[purpose] ?? UNAVAILABLE;
  }

  /** What line 6 answers for one record; `unavailable`: for a state that cannot be read. */
  consentOf(record: UserRecord | 'unavailable'): (purpose: number) => number {
    if (record === 'unavailable') return (purpose) => this.ofUnavailable(purpose);
    const answers = new Uint8Array(this.purposeCount);
    if (record.registered) {
      const standings = new Uint8Array(this.purposeCount);
      for (const [id, { choice, notice }] of record.choices) {
        const purpose = this.purposes.get(id);
        if (purpose !== undefined) standings[purpose] = this.standingOf(purpose, choice === 'denied', notice);
      }
      const age = AGE_BANDS.indexOf(record.ageBand);
      this.resolve(this.regimeIndex(record.region), age, record.signals.has('gpc'), standings, answers, 0);
    } else this.resolveUnregistered(answers, 0);
    return (purpose) => answers[purpose] ?? UNAVAILABLE;
  }

  /** Place of the regime of a region. */
  regimeIndex(region: string | null): number {
    return this.regimes.get(this.policy.regimeInDecisions(region)) ?? 0;
  }

  /** How a choice for a purpose stands today, as a number for `resolve`. */
  standingOf(purpose: number, denied: boolean, notice: number): number {
    if (denied) return DENIED;
    return notice >= (this.notices[purpose] ?? Infinity) ? GRANTED : OUTDATED;
  }

  /**
   * Line 6 for the record of a registered user, for every purpose.
   *
   * @param regime place of the regime
   * @param ageBand place in `AGE_BANDS`
   * @param standings per purpose, how the user's choice stands; 0: nothing was said
   * @param out takes one byte per purpose, from `at` on
   */
  resolve(
    regime: number,
    ageBand: number,
    gpc: boolean,
    standings: Uint8Array,
    out: Uint8Array,
    at: number,
  ): void {
    const person = (regime * AGE_BANDS.length + ageBand) * 2 + (gpc ? 1 : 0);
    const { cells, cellsFrom, dependencies, dependenciesTo } = this;
    let dependency = 0;
    for (let purpose = 0; purpose < cellsFrom.length; purpose++) {
      let cell = person;
      for (const end = dependenciesTo[purpose] ?? 0; dependency < end; dependency++)
        cell = cell * STANDINGS.length + (standings[dependencies[dependency] ?? 0] ?? 0);
      out[at + purpose] = cells[(cellsFrom[purpose] ?? 0) + cell] ?? UNAVAILABLE;
    }
  }

  /** Line 6 for a user who was never registered, for every purpose. */
  resolveUnregistered(out: Uint8Array, at: number): void {
    out.set(this.absent, at);
  }

  private settingOf(purpose: string, regime: string): Setting {
    const known = this.policy.purposes.get(purpose);
    return known === undefined ? 'never' : settingIn(this.policy.document, known, regime);
  }

  private hearsSignals(regime: string): boolean {
    return regime === UNKNOWN_REGION || this.policy.document.overlays.gpc.regimes.includes(regime);
  }

  /** Asks the rules for all cells of a purpose. */
  private ask(purpose: string, index: number): ConsentCells {
    const { policy } = this;
    const dependencies = policy.dependencies.get(purpose) ?? [];
    const ask = (field: ClassifiedField, attributes: Partial<Attributes>): Reason =>
      policy.ask(purpose, field.id, {
        ...SATISFIED,
        regime: '',
        choices: {},
        ...attributes,
        category: field.category,
      });

    let open: ClassifiedField | undefined;
    policy.document.fields.forEach((field, at) => {
      const reason = isClassified(field) ? ask(field, {}) : 'field_unclassified';
      const closed = CLOSED.has(reason);
      this.closed[index * this.fieldCount + at] = closed ? byteOf(reason) : PERMITTED;
      if (!closed && isClassified(field)) open ??= field;
    });
    const persons = this.regimes.size * AGE_BANDS.length * 2;
    // nothing is open to the purpose, so no decision gets beyond lines 3 to 5
    if (open === undefined) return { dependencies: [], cells: new Uint8Array(persons) };
    const field = open;

    const nobody = {
      regime: UNKNOWN_REGION,
      age: 'unknown',
      choices: choicesOf(dependencies, () => 'none'),
    } as const;
    this.absent[index] = byteOf(ask(field, { ...nobody, record: 'absent' }));
    this.unavailable[index] = byteOf(ask(field, { ...nobody, record: 'unavailable' }));

    const combinations = STANDINGS.length ** dependencies.length;
    const cells = new Uint8Array(this.regimes.size * AGE_BANDS.length * 2 * combinations);
    const answers = new Map<string, Reason>();
    let consenting: Partial<Attributes> | undefined;
    let cell = 0;
    for (const regime of this.regimes.keys()) {
      const settings = dependencies.map((id) => this.settingOf(id, regime));
      const alike = `${settings.join()} ${this.hearsSignals(regime)}`;
      for (const age of AGE_BANDS)
        for (const gpc of [false, true])
          for (let code = 0; code < combinations; code++) {
            const standings = settings.map((setting, at) =>
              telling(setting, standingIn(code, dependencies.length - 1 - at)),
            );
            // states that the policy cannot tell apart are asked of the rules once
            const state = `${alike} ${age} ${gpc} ${standings.join()}`;
            let reason = answers.get(state);
            if (reason === undefined) {
              const attributes = {
                regime,
                age,
                gpc,
                choices: choicesOf(dependencies, (at) => standings[at] ?? 'none'),
              };
              reason = ask(field, attributes);
              answers.set(state, reason);
              if (reason === 'permitted') consenting ??= attributes;
            }
            cells[cell++] = byteOf(reason);
          }
    }
    // where no state consents, no decision gets beyond line 6
    if (consenting !== undefined)
      for (let facts = 0; facts < FACTS; facts++)
        this.conditions[index * FACTS + facts] = byteOf(ask(field, { ...consenting, ...factsAt(facts) }));
    return { dependencies: dependencies.map((id) => this.placeOf(id)), cells };
  }

  // INVARIANT: what a purpose depends on is in the policy; `validate` checks that
  private placeOf(purpose: string): number {
    const place = this.purposes.get(purpose);
    if (place === undefined)
      throw new Error(`\`${purpose}\` is not in the policy: compile it before it is used`);
    return place;
  }
}

/** Places of the purposes that a purpose depends on; for each state of them and of the person, the byte of a reason. */
type ConsentCells = { readonly dependencies: readonly number[]; readonly cells: Uint8Array };
type ClassifiedField = Field & { readonly category: Category };

/** Everything but consent and the field, such that nothing stands against it. */
const SATISFIED = {
  client: 'bound',
  record: 'known',
  age: 'adult',
  gpc: false,
  actor: 'automated',
  case: 'valid',
  legal_reference: true,
  own_data: true,
} as const;

function isClassified(field: Field): field is ClassifiedField {
  return field.category !== 'unclassified';
}

function indexOf(entries: readonly { readonly id: string }[]): Map<string, number> {
  return new Map(entries.map(({ id }, index) => [id, index]));
}

function choicesOf(
  purposes: readonly string[],
  standing: (at: number) => ChoiceStanding,
): Record<string, ChoiceStanding> {
  const choices: Record<string, ChoiceStanding> = Object.create(null);
  purposes.forEach((id, at) => (choices[choiceName(id)] = standing(at)));
  return choices;
}

/** The standing that a digit of a combination's number stands for. */
function standingIn(code: number, digit: number): ChoiceStanding {
  return STANDINGS[Math.floor(code / STANDINGS.length ** digit) % STANDINGS.length] ?? 'none';
}

/** One standing for all those that mean the same where the setting is this. */
function telling(setting: Setting, standing: ChoiceStanding): ChoiceStanding {
  switch (setting) {
    case 'always':
    case 'never':
      return 'none';
    case 'opt_out':
      return standing === 'denied' ? 'denied' : 'none';
    case 'opt_in':
      return standing;
  }
}

function factsAt(index: number): Partial<Attributes> {
  return {
    actor: (index & 1) !== 0 ? 'automated' : 'human',
    case: CASES[(index >> 1) & 3] ?? 'none',
    legal_reference: (index & 8) !== 0,
    own_data: (index & 16) !== 0,
  };
}
