/**
 * Bulk decisions: one purpose and a few fields, for any number of users.
 *
 * Two users differ only in the byte that consent answers for them, and in the levels of the visibility groups that the
 * fields have. So the decisions for every field are made once for each byte, and for each combination of levels that
 * comes up, by the same `decide` that answers a single evaluation; a user then costs few look-ups for any number of
 * fields, and users are looked up in batches.
 */
import { decide } from '../../decision/table/decide.js';
import type { KeyBatch } from '../../decision/state/key-batch.js';
import { ACTION } from '../../decision/policy.js';
import { REASONS, type Reason } from '../../decision/reasons.js';
import { type DecisionTable, REASON_CODES, byteOf } from '../../decision/table/table.js';

/** The question for every user. */
export type AudienceQuestion = {
  readonly purpose: string;
  readonly fields: readonly string[];
  /** Per field, the level that its items have by themselves; absent: none is known. */
  readonly levels?: readonly (string | undefined)[];
  /** Purposes that the client's credentials list. */
  readonly clientPurposes: ReadonlySet<string>;
  /** What the request states and the engine has verified, see `factsIndex`. */
  readonly facts: number;
};

/** The decisions for all users with the same answer of consent and the same levels. */
export type Outcome = {
  /** A small number of its own. */
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

/** What the record of a user is resolved to, see `DecisionTable.width`. */
type Resolved = (place: number) => number;

/** More than any group has levels. */
const MOST_LEVELS = 256;

export class Audience {
  private readonly purpose: number;
  /** Places of the groups of the fields in what records are resolved to. */
  private readonly groups: readonly number[];
  /** By place; without groups, the byte that consent answers. */
  private readonly outcomes: (Outcome | undefined)[];
  /** By place after some of the groups and the level of the next one: the place after that one. */
  private readonly steps = new Map<number, number>();
  private readonly unreadable: Outcome;
  /** Users per outcome. */
  private readonly users: number[] = [];

  /** @param answersFor what the record of each user of a batch is resolved to now, at a place */
  constructor(
    private readonly table: DecisionTable,
    readonly question: AudienceQuestion,
    private readonly answersFor: (users: KeyBatch) => (at: number, place: number) => number,
  ) {
    this.purpose = table.purposeIndex(question.purpose) ?? -1;
    const groups = question.fields.flatMap((field) => table.groupsOf(table.fieldIndex(field) ?? -1));
    this.groups = [...new Set(groups)].map((group) => table.purposeCount + group);
    this.outcomes = REASON_CODES.map((_reason, consent) =>
      this.groups.length === 0 ? outcomeOf(table, question, consent, () => consent) : undefined,
    );
    this.unreadable = this.outcomeAt(byteOf('consent_unavailable'), (place) => table.ofUnavailable(place));
  }

  /**
   * Looks up all users of a batch.
   *
   * @returns decides all fields of the user at a place of it, and counts the decisions; good until the next `await`
   */
  lookUp(users: KeyBatch): (at: number) => Outcome {
    const answerFor = this.answersFor(users);
    return (at) => {
      const consent = answerFor(at, this.purpose);
      const outcome =
        this.groups.length === 0
          ? (this.outcomes[consent] ?? this.unreadable)
          : this.outcomeAt(consent, (place) => answerFor(at, place));
      this.users[outcome.place] = (this.users[outcome.place] ?? 0) + 1;
      return outcome;
    };
  }

  private outcomeAt(consent: number, resolved: Resolved): Outcome {
    let place = consent;
    for (const group of this.groups) {
      const step = place * MOST_LEVELS + resolved(group);
      const known = this.steps.get(step);
      if (known === undefined) this.steps.set(step, (place = this.outcomes.push(undefined) - 1));
      else place = known;
    }
    return (this.outcomes[place] ??= outcomeOf(this.table, this.question, place, resolved));
  }

  /** What users with this place were answered. */
  answerAt(place: number): Outcome {
    return this.outcomes[place] ?? this.unreadable;
  }

  /** How many users were decided. */
  get size(): number {
    return this.users.reduce((sum, users) => sum + users, 0);
  }

  /** How many decisions had which reason, a user and a field being one; reasons in the order of precedence. */
  get counts(): Partial<Record<Reason, number>> {
    const totals = new Map<Reason, number>();
    for (const { place, reasons } of this.decided()) {
      const users = this.users[place] ?? 0;
      for (const reason of reasons) totals.set(reason, (totals.get(reason) ?? 0) + users);
    }
    const ordered = Object.keys(REASONS).flatMap((code) => [...totals].filter(([reason]) => reason === code));
    return Object.fromEntries(ordered);
  }

  /** The obligations for what was permitted; empty if nothing was. */
  get obligations(): readonly string[] {
    return [...new Set(this.decided().flatMap(({ obligations }) => obligations))];
  }

  /** The outcomes that some user had. */
  private decided(): Outcome[] {
    return this.outcomes.flatMap((outcome) =>
      outcome !== undefined && (this.users[outcome.place] ?? 0) > 0 ? [outcome] : [],
    );
  }
}

function outcomeOf(
  table: DecisionTable,
  { purpose, fields, levels, clientPurposes, facts }: AudienceQuestion,
  place: number,
  resolved: Resolved,
): Outcome {
  const decisions = fields.map((field, index) =>
    decide(
      table,
      { purpose, action: ACTION, field, clientPurposes, facts, visibility: levels?.[index] },
      resolved,
    ),
  );
  const bits = new Uint8Array(Math.ceil(fields.length / 8));
  decisions.forEach(({ permit }, index) => {
    const at = index >> 3;
    if (permit) bits[at] = (bits[at] ?? 0) | (1 << (index & 7));
  });
  return {
    place,
    permitted: fields.filter((_field, index) => decisions[index]?.permit === true),
    passes: decisions.every(({ permit }) => permit),
    bits,
    reasons: decisions.map(({ reason }) => reason),
    // those of the purpose, and of releases of the fields
    obligations: [...new Set(decisions.flatMap(({ obligations }) => obligations))],
  };
}
