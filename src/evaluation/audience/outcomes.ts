/**
 * Bulk decisions: one purpose and a few fields, for any number of users.
 *
 * Two users differ only in the byte that consent answers for them. So the decisions for every field are made
 * beforehand, once for each possible byte, by the same `decide` that answers a single evaluation; a user then costs one
 * look-up for any number of fields, and users are looked up in batches.
 */
import { decide } from '../../decision/table/decide.js';
import type { KeyBatch } from '../../decision/state/key-batch.js';
import { ACTION } from '../../decision/policy.js';
import { REASONS, type Reason } from '../../decision/reasons.js';
import { type DecisionTable, REASON_CODES } from '../../decision/table/table.js';

/** The question for every user. */
export type AudienceQuestion = {
  readonly purpose: string;
  readonly fields: readonly string[];
  /** Purposes that the client's credentials list. */
  readonly clientPurposes: ReadonlySet<string>;
  /** What the request states and the engine has verified, see `factsIndex`. */
  readonly facts: number;
};

/** The decisions for all users with the same answer of consent. */
export type Outcome = {
  /** Its place among {@link Audience.outcomes}. */
  readonly place: number;
  /** The fields that are permitted, in the order asked. */
  readonly permitted: readonly string[];
  /** Whether all of them are. */
  readonly passes: boolean;
  /**
   * A bit per field, in the order asked: field `i` is bit `i mod 8` of byte `i div 8`, the least significant is bit 0.
   */
  readonly bits: Uint8Array;
  readonly reasons: readonly Reason[];
  readonly obligations: readonly string[];
};

export class Audience {
  /** By what consent answers, as the byte of a reason. */
  readonly outcomes: readonly Outcome[];
  private readonly unreadable: Outcome;
  /** Users per outcome. */
  private readonly users: Float64Array;

  /** @param answersFor what consent answers now for each user of a batch and the purpose, as the byte of a reason */
  constructor(
    table: DecisionTable,
    readonly question: AudienceQuestion,
    private readonly answersFor: (users: KeyBatch) => (at: number) => number,
  ) {
    this.outcomes = REASON_CODES.map((_reason, consent) => outcomeOf(table, question, consent));
    this.unreadable = outcomeOf(table, question, REASON_CODES.indexOf('consent_unavailable'));
    this.users = new Float64Array(this.outcomes.length);
  }

  /**
   * Looks up all users of a batch.
   *
   * @returns decides all fields of the user at a place of it, and counts the decisions; good until the next `await`
   */
  lookUp(users: KeyBatch): (at: number) => Outcome {
    const answerFor = this.answersFor(users);
    return (at) => {
      const outcome = this.outcomes[answerFor(at)] ?? this.unreadable;
      this.users[outcome.place] = (this.users[outcome.place] ?? 0) + 1;
      return outcome;
    };
  }

  /** How many users were decided. */
  get size(): number {
    return this.users.reduce((sum, users) => sum + users, 0);
  }

  /** How many decisions had which reason, a user and a field being one; reasons in the order of precedence. */
  get counts(): Partial<Record<Reason, number>> {
    const totals = new Map<Reason, number>();
    for (const { place, reasons } of this.outcomes) {
      const users = this.users[place] ?? 0;
      if (users > 0) for (const reason of reasons) totals.set(reason, (totals.get(reason) ?? 0) + users);
    }
    const ordered = Object.keys(REASONS).flatMap((code) => [...totals].filter(([reason]) => reason === code));
    return Object.fromEntries(ordered);
  }

  /** The obligations for what was permitted; empty if nothing was. */
  get obligations(): readonly string[] {
    const permitted = this.outcomes.find(
      ({ place, permitted }) => permitted.length > 0 && (this.users[place] ?? 0) > 0,
    );
    return permitted?.obligations ?? [];
  }
}

function outcomeOf(
  table: DecisionTable,
  { purpose, fields, clientPurposes, facts }: AudienceQuestion,
  consent: number,
): Outcome {
  const decisions = fields.map((field) =>
    decide(table, { purpose, action: ACTION, field, clientPurposes, facts }, () => consent),
  );
  const bits = new Uint8Array(Math.ceil(fields.length / 8));
  decisions.forEach(({ permit }, index) => {
    const at = index >> 3;
    if (permit) bits[at] = (bits[at] ?? 0) | (1 << (index & 7));
  });
  return {
    place: consent,
    permitted: fields.filter((_field, index) => decisions[index]?.permit === true),
    passes: decisions.every(({ permit }) => permit),
    bits,
    reasons: decisions.map(({ reason }) => reason),
    // all fields are read for one purpose, so every permit carries the same
    obligations: decisions.find(({ permit }) => permit)?.obligations ?? [],
  };
}
