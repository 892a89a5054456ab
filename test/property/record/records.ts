/** Any record of decisions. */
import * as fc from 'fast-check';
import { REASONS, type Decision, type Reason, isReason } from '../../../src/decision/reasons.js';
import { ANSWER_BYTES, WAYS } from '../../../src/record/block/block-format.js';
import type { Asked, Person, RecordEntry, RecordedDecision } from '../../../src/record/record-entry.js';
import type { Recording } from '../../../src/record/recording.js';

const LARGEST_NUMBER = 0xffff_ffff;
/** Any text at all, the ill-formed too; and often one that came before. */
const text = fc.oneof(
  fc.constantFrom('ads', 'personal.email', 'feed', '', 'Ümläut', 'x'.repeat(200)),
  fc.string({ unit: 'binary', maxLength: 90 }),
  fc.constant('a\ud800'),
);
const time = fc.oneof(
  fc.integer({ min: 1_790_000_000_000, max: 1_790_000_001_000 }),
  fc.integer({ min: 0, max: 2 ** 47 }),
);
const reason = fc.constantFrom(...Object.keys(REASONS).filter(isReason));
const stranger = fc.uint8Array({ minLength: 16, maxLength: 16 });
const person: fc.Arbitrary<Person> = fc.oneof(
  fc.nat(3),
  fc.integer({ min: 0, max: LARGEST_NUMBER }),
  stranger,
);

/** As object literals are. */
function plain<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true });
}

const asked: fc.Arbitrary<Asked> = fc.record(
  {
    at: time,
    client: text,
    request: fc.oneof(fc.uuid(), text),
    policy: text,
    revision: fc.oneof(fc.nat(1_000), fc.integer({ min: 0, max: 2 ** 51 })),
    actor: fc.constantFrom('automated', 'human'),
    case: text,
    item: text,
    reader: text,
    legalReference: text,
    onBehalfOf: person,
  },
  { requiredKeys: ['at', 'client', 'request', 'policy', 'revision', 'actor'], noNullPrototype: true },
);

const decision: fc.Arbitrary<RecordedDecision> = fc.record(
  {
    purpose: text,
    field: text,
    level: text,
    person,
    reason,
    source: text,
    obligations: fc.array(text, { maxLength: 3 }),
  },
  { requiredKeys: ['purpose', 'field', 'reason', 'obligations'], noNullPrototype: true },
);

/** Sparse, dense, whole, and at the ends of what a number can be. */
const userSet: fc.Arbitrary<Uint32Array> = fc.oneof(
  fc.uniqueArray(fc.integer({ min: 0, max: LARGEST_NUMBER }), { maxLength: 40 }).map(ascending),
  fc
    .tuple(fc.nat(5_000), fc.array(fc.boolean(), { maxLength: 300 }))
    .map(([from, there]) => ascending(there.flatMap((is, index) => (is ? [from + index] : [])))),
  fc.nat(100).map((count) => ascending(Array.from({ length: count }, (_, index) => LARGEST_NUMBER - index))),
);

function ascending(numbers: readonly number[]): Uint32Array {
  return Uint32Array.from(numbers).sort();
}

export const recordEntry: fc.Arbitrary<RecordEntry> = fc.oneof(
  fc
    .tuple(asked, fc.array(decision, { maxLength: 8 }))
    .map(([asked, decisions]): RecordEntry => ({ ...asked, kind: 'decisions', decisions })),
  fc
    .tuple(
      asked,
      plain({
        way: fc.constantFrom(...WAYS),
        purpose: text,
        fields: fc.array(text, { maxLength: 4 }),
        stream: text,
        part: fc.nat(),
        isLast: fc.boolean(),
        sets: fc.array(
          plain({
            permits: fc.array(text, { maxLength: 3 }),
            obligations: fc.array(text, { maxLength: 3 }),
            users: userSet,
            strangers: fc.array(stranger, { maxLength: 3 }),
          }),
          { maxLength: 3 },
        ),
        refused: fc.dictionary(reason, fc.nat(), { maxKeys: 3, noNullPrototype: true }),
      }),
    )
    .map(([asked, users]): RecordEntry => ({ ...asked, kind: 'users', ...users })),
  fc
    .tuple(
      asked,
      plain({
        obligation: text,
        decidedAt: time,
        decidedIn: text,
        answer: fc.uint8Array({ minLength: ANSWER_BYTES, maxLength: ANSWER_BYTES }),
        decisions: fc.array(decision, { maxLength: 3 }),
      }),
    )
    .map(([asked, discharge]): RecordEntry => ({ ...asked, kind: 'discharge', ...discharge })),
);

/** The answers that have been made; as in the service, equal ones are mostly one object. */
const DECISIONS = new Map<string, Decision>();

function answerOf(reason: Reason, source: string | undefined, obligations: readonly string[]): Decision {
  const key = JSON.stringify([reason, source, obligations]);
  const known = DECISIONS.get(key);
  if (known !== undefined) return known;
  const made = {
    permit: reason === 'permitted',
    reason,
    ...(source === undefined ? {} : { source }),
    obligations,
  };
  DECISIONS.set(key, made);
  return made;
}

/** Takes an entry down as the service does. */
export function take(
  recording: Pick<Recording, 'begin' | 'decision' | 'end' | 'takeUsers' | 'takeDischarge'>,
  entry: RecordEntry,
): void {
  if (entry.kind === 'users') {
    recording.takeUsers(entry, entry);
    return;
  }
  if (entry.kind === 'discharge') {
    recording.takeDischarge(entry, entry);
    return;
  }
  recording.begin(entry);
  for (const { purpose, field, level, person, reason, source, obligations } of entry.decisions)
    recording.decision(purpose, field, level, person, answerOf(reason, source, obligations));
  recording.end();
}
