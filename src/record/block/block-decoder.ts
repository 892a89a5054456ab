/** Reads a block back into the entries that were taken down. */
import { type Reason, isReason } from '../../decision/reasons.js';
import {
  ANSWER_BYTES,
  ASKED,
  FRAME_KINDS,
  HEAD,
  HEAD_BYTES,
  HEAD_NUMBER_BYTES,
  OPERATIONS,
  PERSONS,
  STRANGER_BYTES,
  WAYS,
} from './block-format.js';
import { ByteReader, Unreadable } from './byte-reader.js';
import type {
  Asked,
  Person,
  RecordEntry,
  RecordedDecision,
  RecordedDischarge,
  RecordedUsers,
} from '../record-entry.js';
import { readUsers } from './user-set.js';

/** What a block says of itself. Times in milliseconds since the Unix epoch. */
export type BlockHead = {
  /** Counts on over the segments of a writer, from 0. */
  readonly number: number;
  readonly first: number;
  readonly last: number;
  /** How many ids it gives: one for each decision, and one for each question about many people. */
  readonly decisions: number;
};

/** An entry and the place in its block of its first decision; the others follow it. */
export type PlacedEntry = { readonly index: number; readonly entry: RecordEntry };

/** @throws Unreadable when these are not the bytes of a block */
export function headOf(block: Buffer): BlockHead {
  if (block.length < HEAD_BYTES || block[0] !== FRAME_KINDS.block) throw new Unreadable('it is no block');
  return {
    number: block.readUIntLE(HEAD.number, HEAD_NUMBER_BYTES),
    first: block.readUIntLE(HEAD.first, HEAD_NUMBER_BYTES),
    last: block.readUIntLE(HEAD.last, HEAD_NUMBER_BYTES),
    decisions: block.readUInt32LE(HEAD.decisions),
  };
}

/** The entries of a block, in the order in which they were taken down. @throws Unreadable where it is not a block's */
export function* entriesOf(block: Buffer): Generator<PlacedEntry, void> {
  const { decisions } = headOf(block);
  const decoder = new BlockDecoder(new ByteReader(block, HEAD_BYTES));
  let index = 0;
  for (let entry = decoder.next(); entry !== undefined; entry = decoder.next()) {
    yield { index, entry };
    index += entry.kind === 'users' ? 1 : entry.decisions.length;
  }
  if (index !== decisions) throw new Unreadable('it has not as many decisions as it says');
}

type Terms = Omit<RecordedDecision, 'person'>;

class BlockDecoder {
  private readonly texts: string[] = [];
  private readonly terms: Terms[] = [];
  private at = 0;
  private revision = 0;

  constructor(private readonly from: ByteReader) {}

  next(): RecordEntry | undefined {
    while (!this.from.isAtEnd) {
      const operation = this.from.varint();
      if (operation === OPERATIONS.decisions) {
        const asked = this.asked();
        return { ...asked, kind: 'decisions', decisions: this.decisions() };
      }
      if (operation === OPERATIONS.users) {
        const asked = this.asked();
        return { ...asked, kind: 'users', ...this.users() };
      }
      if (operation === OPERATIONS.discharge) {
        const asked = this.asked();
        return { ...asked, kind: 'discharge', ...this.discharge(asked) };
      }
      this.define(operation);
    }
    return undefined;
  }

  private define(operation: number): void {
    if (operation === OPERATIONS.text) this.texts.push(this.from.text());
    else if (operation === OPERATIONS.terms) this.terms.push(this.readTerms());
    else throw new Unreadable('it has an unknown operation');
  }

  private readTerms(): Terms {
    const purpose = this.text();
    const field = this.text();
    const reason = this.reason();
    const level = this.option();
    const source = this.option();
    return {
      purpose,
      field,
      ...(level === undefined ? {} : { level }),
      reason,
      ...(source === undefined ? {} : { source }),
      obligations: this.list(),
    };
  }

  private decisions(): RecordedDecision[] {
    const decisions: RecordedDecision[] = [];
    let person: Person | undefined;
    for (;;) {
      const operation = this.from.varint();
      if (operation === OPERATIONS.end) return decisions;
      if (operation < 4) {
        this.define(operation);
        continue;
      }
      const terms = this.terms[Math.floor(operation / 4) - 1];
      if (terms === undefined) throw new Unreadable('it names terms that it does not have');
      const kind = operation % 4;
      if (kind === PERSONS.number) person = this.from.varint();
      if (kind === PERSONS.stranger) person = this.stranger();
      decisions.push(kind === PERSONS.none || person === undefined ? terms : { ...terms, person });
    }
  }

  private users(): RecordedUsers {
    const { from } = this;
    const way = WAYS[from.byte()];
    if (way === undefined) throw new Unreadable('it has an unknown kind of question');
    return {
      way,
      purpose: this.text(),
      fields: this.list(),
      stream: from.text(),
      part: from.varint(),
      isLast: from.byte() === 1,
      sets: this.many(() => ({
        permits: this.list(),
        obligations: this.list(),
        users: readUsers(from),
        strangers: this.many(() => this.stranger()),
      })),
      refused: Object.fromEntries(this.many(() => [this.reason(), from.varint()])),
    };
  }

  private discharge({ at }: Asked): RecordedDischarge {
    const { from } = this;
    return {
      decidedAt: at + from.signed(),
      decidedIn: from.text(),
      obligation: this.text(),
      answer: Uint8Array.from(from.raw(ANSWER_BYTES)),
      decisions: this.decisions(),
    };
  }

  private asked(): Asked {
    const { from } = this;
    const has = from.byte();
    this.at += from.signed();
    this.revision += from.signed();
    const { at, revision } = this;
    const client = this.text();
    const policy = this.text();
    const request = from.text();
    return {
      at,
      client,
      request,
      policy,
      revision,
      actor: has & ASKED.human ? 'human' : 'automated',
      ...(has & ASKED.case ? { case: this.text() } : {}),
      ...(has & ASKED.item ? { item: from.text() } : {}),
      ...(has & ASKED.reader ? { reader: this.text() } : {}),
      ...(has & ASKED.legalReference ? { legalReference: this.text() } : {}),
      ...(has & ASKED.onBehalfOfNumber ? { onBehalfOf: from.varint() } : {}),
      ...(has & ASKED.onBehalfOfStranger ? { onBehalfOf: this.stranger() } : {}),
    };
  }

  private stranger(): Uint8Array {
    return Uint8Array.from(this.from.raw(STRANGER_BYTES));
  }

  private many<T>(read: () => T): T[] {
    return Array.from({ length: this.from.count() }, read);
  }

  private list(): string[] {
    return this.many(() => this.text());
  }

  private option(): string | undefined {
    const number = this.from.varint();
    return number === 0 ? undefined : this.textAt(number - 1);
  }

  private text(): string {
    return this.textAt(this.from.varint());
  }

  private textAt(number: number): string {
    const text = this.texts[number];
    if (text === undefined) throw new Unreadable('it names a text that it does not have');
    return text;
  }

  private reason(): Reason {
    const reason = this.text();
    if (!isReason(reason))
      throw new Unreadable(`it has a reason that this build does not know, \`${reason}\``);
    return reason;
  }
}
