/** Takes decisions down in the bytes of a block. It is on the path of every decision: nothing here waits or looks back. */
import type { Decision } from '../../decision/reasons.js';
import {
  ASKED,
  FRAME_KINDS,
  HEAD,
  HEAD_BYTES,
  HEAD_NUMBER_BYTES,
  OPERATIONS,
  PERSONS,
  WAYS,
} from './block-format.js';
import { ByteWriter } from './byte-writer.js';
import { FRAME_BYTES, sealFrame } from './frame.js';
import type { Asked, Person, RecordedDischarge, RecordedUsers } from '../record-entry.js';
import { bytesOfGaps, writeUsers } from './user-set.js';

/** All of a decision but the person. */
type Terms = {
  readonly purpose: string;
  readonly field: string;
  readonly level: string | undefined;
  readonly decision: Decision;
  /** The block that numbered them last, and how. */
  block: object;
  number: number;
};

/** Terms are remembered over blocks, and forgotten when they are this many or hold this many characters. */
const MOST_TERMS = 1 << 16;
const MOST_CHARACTERS = 1 << 22;

export class BlockEncoder {
  private out = new ByteWriter();
  /** Holds the block that was sealed last. */
  private other = new ByteWriter();
  /** By purpose and field: a purpose has few decisions and levels on a field, and one text of all costs more. */
  private readonly terms = new Map<string, Map<string, Terms[]>>();
  /** Those of the purpose that was decided on last: a batch is of one, as a rule. */
  private purpose: string | undefined;
  private ofPurpose = new Map<string, Terms[]>();
  private knownTerms = 0;
  private knownCharacters = 0;

  /** Stands for the block being filled. */
  private block: object = {};
  /** Of the block. Made anew for each, as the answers of a turn are in `direct.ts`. */
  private texts = new Map<string, number>();
  private numberedTerms = 0;
  private decisions = 0;
  private first = Infinity;
  private last = 0;
  private at = 0;
  private revision = 0;
  private person: Person | undefined;
  private isOpen = false;

  constructor() {
    this.out.skip(FRAME_BYTES + HEAD_BYTES);
  }

  get isEmpty(): boolean {
    return this.out.length === FRAME_BYTES + HEAD_BYTES;
  }

  /** In bytes. */
  get length(): number {
    return this.out.length;
  }

  begin(asked: Asked): void {
    // the question before failed half-way
    if (this.isOpen) this.end();
    this.prepare(asked);
    this.out.varint(OPERATIONS.decisions);
    this.asked(asked);
    this.isOpen = true;
    this.person = undefined;
  }

  decision(
    purpose: string,
    field: string,
    level: string | undefined,
    person: Person | undefined,
    decision: Decision,
  ): void {
    if (!this.isOpen) throw new Error('a decision was taken down that no question began');
    const terms = this.known(purpose, field, level, decision);
    this.about(terms.block === this.block ? terms.number : this.number(terms), person);
  }

  /** @param number of the terms */
  private about(number: number, person: Person | undefined): void {
    this.decisions++;
    const { out } = this;
    if (person === undefined) out.varint(4 * number + PERSONS.none);
    else if (person === this.person) out.varint(4 * number + PERSONS.sameAsBefore);
    else if (typeof person === 'number') {
      out.varint(4 * number + PERSONS.number);
      out.varint(person);
      this.person = person;
    } else {
      out.varint(4 * number + PERSONS.stranger);
      out.raw(person);
      this.person = person;
    }
  }

  end(): void {
    this.out.varint(OPERATIONS.end);
    this.isOpen = false;
  }

  takeUsers(asked: Asked, users: RecordedUsers): void {
    if (this.isOpen) this.end();
    this.prepare(asked);
    const purpose = this.text(users.purpose);
    const fields = this.textsOf(users.fields);
    const sets = users.sets.map((set) => ({
      ...set,
      gapBytes: bytesOfGaps(set.users),
      permits: this.textsOf(set.permits),
      obligations: this.textsOf(set.obligations),
    }));
    const refused = Object.entries(users.refused).map(
      ([reason, count]) => [this.text(reason), count] as const,
    );
    const { out } = this;
    out.varint(OPERATIONS.users);
    this.asked(asked);
    out.byte(WAYS.indexOf(users.way));
    out.varint(purpose);
    this.list(fields);
    out.text(users.stream);
    out.varint(users.part);
    out.byte(users.isLast ? 1 : 0);
    out.varint(sets.length);
    for (const set of sets) {
      this.list(set.permits);
      this.list(set.obligations);
      writeUsers(out, set.users, set.gapBytes);
      out.varint(set.strangers.length);
      for (const stranger of set.strangers) out.raw(stranger);
    }
    out.varint(refused.length);
    for (const [reason, count] of refused) {
      out.varint(reason);
      out.varint(count);
    }
    this.decisions++;
  }

  takeDischarge(
    asked: Asked,
    { obligation, decidedAt, decidedIn, answer, decisions }: RecordedDischarge,
  ): void {
    if (this.isOpen) this.end();
    this.prepare(asked);
    const named = this.text(obligation);
    const { out } = this;
    out.varint(OPERATIONS.discharge);
    this.asked(asked);
    out.signed(decidedAt - asked.at);
    out.text(decidedIn);
    out.varint(named);
    out.raw(answer);
    this.person = undefined;
    for (const { person, ...said } of decisions) {
      const { purpose, field, level, ...given } = said;
      const decision = { permit: given.reason === 'permitted', ...given };
      // not remembered: an object for each report would have to be looked through for each decision
      this.about(this.number({ purpose, field, level, decision, block: this.block, number: 0 }), person);
    }
    out.varint(OPERATIONS.end);
  }

  /**
   * Ends the block and begins the next one.
   *
   * @param number of the block
   * @returns its frame, which stays until the next block is sealed
   */
  seal(number: number): Buffer {
    if (this.isOpen) this.end();
    const frame = this.out.written();
    const bytes = frame.subarray(FRAME_BYTES);
    bytes[0] = FRAME_KINDS.block;
    bytes.writeUIntLE(number, HEAD.number, HEAD_NUMBER_BYTES);
    bytes.writeUIntLE(Math.min(this.first, this.last), HEAD.first, HEAD_NUMBER_BYTES);
    bytes.writeUIntLE(this.last, HEAD.last, HEAD_NUMBER_BYTES);
    bytes.writeUInt32LE(this.decisions, HEAD.decisions);
    [this.out, this.other] = [this.other, this.out];
    this.out.reset();
    this.out.skip(FRAME_BYTES + HEAD_BYTES);
    this.block = {};
    this.texts = new Map();
    this.numberedTerms = 0;
    this.decisions = 0;
    this.first = Infinity;
    this.last = 0;
    this.at = 0;
    this.revision = 0;
    if (this.knownTerms > MOST_TERMS || this.knownCharacters > MOST_CHARACTERS) {
      this.terms.clear();
      this.purpose = undefined;
      this.knownTerms = 0;
      this.knownCharacters = 0;
    }
    return sealFrame(frame);
  }

  private known(purpose: string, field: string, level: string | undefined, decision: Decision): Terms {
    if (purpose !== this.purpose) {
      this.purpose = purpose;
      this.ofPurpose = put(this.terms, purpose, () => new Map<string, Terms[]>());
    }
    const those = this.ofPurpose.get(field) ?? [];
    // the latest first: decisions of policies before are none of this one's
    for (let at = those.length - 1; at >= 0; at--) {
      const terms = those[at];
      if (terms?.decision === decision && terms.level === level) return terms;
    }
    return this.learn(purpose, field, level, decision);
  }

  private learn(purpose: string, field: string, level: string | undefined, decision: Decision): Terms {
    const terms: Terms = { purpose, field, level, decision, block: this.terms, number: 0 };
    put(this.ofPurpose, field, (): Terms[] => []).push(terms);
    this.knownTerms++;
    this.knownCharacters += purpose.length + field.length + (level?.length ?? 0);
    return terms;
  }

  private number(terms: Terms): number {
    const { purpose, field, level, decision } = terms;
    const texts = this.textsOf([purpose, field, decision.reason]);
    const options = [level, decision.source].map((text) => (text === undefined ? 0 : this.text(text) + 1));
    const obligations = this.textsOf(decision.obligations);
    this.out.varint(OPERATIONS.terms);
    for (const number of [...texts, ...options]) this.out.varint(number);
    this.list(obligations);
    terms.block = this.block;
    terms.number = ++this.numberedTerms;
    return terms.number;
  }

  /** Numbers the texts of `asked` before it is written: it is one operation. */
  private prepare({ client, policy, case: name, reader, legalReference }: Asked): void {
    this.text(client);
    this.text(policy);
    if (name !== undefined) this.text(name);
    if (reader !== undefined) this.text(reader);
    if (legalReference !== undefined) this.text(legalReference);
  }

  private asked(asked: Asked): void {
    const { out } = this;
    const { at, revision, item, reader, legalReference, onBehalfOf } = asked;
    if (at < this.first) this.first = at;
    if (at > this.last) this.last = at;
    out.byte(
      (asked.actor === 'human' ? ASKED.human : 0) |
        (asked.case === undefined ? 0 : ASKED.case) |
        (item === undefined ? 0 : ASKED.item) |
        (reader === undefined ? 0 : ASKED.reader) |
        (legalReference === undefined ? 0 : ASKED.legalReference) |
        (typeof onBehalfOf === 'number' ? ASKED.onBehalfOfNumber : 0) |
        (typeof onBehalfOf === 'object' ? ASKED.onBehalfOfStranger : 0),
    );
    out.signed(at - this.at);
    out.signed(revision - this.revision);
    this.at = at;
    this.revision = revision;
    out.varint(this.text(asked.client));
    out.varint(this.text(asked.policy));
    out.text(asked.request);
    if (asked.case !== undefined) out.varint(this.text(asked.case));
    if (item !== undefined) out.text(item);
    if (reader !== undefined) out.varint(this.text(reader));
    if (legalReference !== undefined) out.varint(this.text(legalReference));
    if (typeof onBehalfOf === 'number') out.varint(onBehalfOf);
    else if (onBehalfOf !== undefined) out.raw(onBehalfOf);
  }

  private list(numbers: readonly number[]): void {
    this.out.varint(numbers.length);
    for (const number of numbers) this.out.varint(number);
  }

  private textsOf(texts: readonly string[]): number[] {
    return texts.map((text) => this.text(text));
  }

  /** The number of a text in this block; writes it where it is new. */
  private text(text: string): number {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    this.out.varint(OPERATIONS.text);
    this.out.text(text);
    const number = this.texts.size;
    this.texts.set(text, number);
    return number;
  }
}

function put<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const there = map.get(key);
  if (there !== undefined) return there;
  const made = make();
  map.set(key, made);
  return made;
}
