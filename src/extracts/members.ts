/**
 * The members of an extract: users by their numbers, each with the fields that were extracted of them.
 *
 * Few combinations of fields come up, the kinds. In memory a member is the number of their kind, in a bucket for the range
 * of their own number; in bytes a kind is a set of numbers, as gaps or as bits.
 */
import { ByteReader, Unreadable } from '../record/block/byte-reader.js';
import { ByteWriter } from '../record/block/byte-writer.js';
import { bytesOfGaps, readUsers, writeUsers } from '../record/block/user-set.js';
import { BUCKET_NUMBERS } from './extracts.store.js';

/** Of the format in bytes. */
const VERSION = 1;
const MOST_KINDS = 65_536;

/** Users of whom the same fields were extracted. */
export type MemberSet = {
  readonly fields: readonly string[];
  /** Ascending. */
  readonly users: Uint32Array;
};

/** The bytes of some members. @param fields all of the extract, in its order */
export function encodeMembers(fields: readonly string[], sets: readonly MemberSet[]): Uint8Array {
  const out = new ByteWriter();
  out.byte(VERSION);
  out.varint(sets.length);
  for (const set of sets) {
    out.raw(bitsOf(fields, set.fields));
    writeUsers(out, set.users, bytesOfGaps(set.users));
  }
  return Uint8Array.from(out.written());
}

/** @throws Error when the bytes are not those of members */
export function decodeMembers(fields: readonly string[], content: Uint8Array): MemberSet[] {
  const from = new ByteReader(Buffer.from(content));
  if (from.byte() !== VERSION) throw new Unreadable('members of an extract have an unknown form');
  return Array.from({ length: from.count() }, () => {
    const bits = from.raw(bytesFor(fields));
    return {
      fields: fields.filter((_field, at) => (((bits[at >> 3] ?? 0) >> (at & 7)) & 1) === 1),
      users: readUsers(from),
    };
  });
}

function bytesFor(fields: readonly string[]): number {
  return Math.ceil(fields.length / 8);
}

function bitsOf(all: readonly string[], some: readonly string[]): Uint8Array {
  const bits = new Uint8Array(bytesFor(all));
  for (const field of some) {
    const at = all.indexOf(field);
    if (at < 0) throw new RangeError(`\`${field}\` is no field of the extract`);
    bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
  }
  return bits;
}

export class Members {
  /** Per bucket, per number the kind; 0: not a member. */
  private readonly buckets = new Map<number, Uint16Array>();
  /** The fields of each kind, from 1; kind 0 has none. */
  private readonly kinds: (readonly string[])[] = [[]];
  private readonly kindOfFields = new Map<string, number>([['', 0]]);
  /** By two kinds, that of the fields of both. */
  private readonly unions = new Map<number, number>();

  /** @param fields all of the extract, in its order */
  constructor(private readonly fields: readonly string[]) {}

  /** Adds users. Of who is there already, these fields were extracted too. */
  add({ fields, users }: MemberSet): void {
    const kind = this.kindFor(fields);
    let range = -1;
    let bucket: Uint16Array = new Uint16Array();
    for (let at = 0; at < users.length; at++) {
      const user = users[at] ?? 0;
      const own = Math.floor(user / BUCKET_NUMBERS);
      if (own !== range) bucket = this.bucketAt((range = own));
      const place = user % BUCKET_NUMBERS;
      const before = bucket[place] ?? 0;
      if (before !== kind) bucket[place] = this.union(before, kind);
    }
  }

  /** Which ranges have members, ascending. */
  get ranges(): number[] {
    return [...this.buckets.keys()].toSorted((one, other) => one - other);
  }

  /** The kind of a user; 0: not a member. */
  kindOf(user: number): number {
    return this.buckets.get(Math.floor(user / BUCKET_NUMBERS))?.[user % BUCKET_NUMBERS] ?? 0;
  }

  fieldsOf(kind: number): readonly string[] {
    return this.kinds[kind] ?? [];
  }

  /** Takes a user out of what is in memory. */
  remove(user: number): void {
    const bucket = this.buckets.get(Math.floor(user / BUCKET_NUMBERS));
    if (bucket !== undefined) bucket[user % BUCKET_NUMBERS] = 0;
  }

  /** The members in a range, by kind. */
  in(range: number): MemberSet[] {
    const bucket = this.buckets.get(range) ?? new Uint16Array();
    const sizes = new Uint32Array(this.kinds.length);
    for (const kind of bucket) sizes[kind] = (sizes[kind] ?? 0) + 1;
    const sets = this.kinds.map((fields, kind) => ({
      fields,
      users: new Uint32Array(kind === 0 ? 0 : (sizes[kind] ?? 0)),
    }));
    const filled = new Uint32Array(this.kinds.length);
    for (let place = 0; place < bucket.length; place++) {
      const kind = bucket[place] ?? 0;
      if (kind === 0) continue;
      const at = filled[kind] ?? 0;
      filled[kind] = at + 1;
      const users = sets[kind]?.users;
      if (users !== undefined) users[at] = range * BUCKET_NUMBERS + place;
    }
    return sets.filter(({ users }) => users.length > 0);
  }

  private bucketAt(range: number): Uint16Array {
    const known = this.buckets.get(range);
    if (known !== undefined) return known;
    const bucket = new Uint16Array(BUCKET_NUMBERS);
    this.buckets.set(range, bucket);
    return bucket;
  }

  private kindFor(fields: readonly string[]): number {
    const ordered = this.fields.filter((field) => fields.includes(field));
    const name = ordered.join('\n');
    const known = this.kindOfFields.get(name);
    if (known !== undefined) return known;
    if (this.kinds.length === MOST_KINDS)
      throw new RangeError(`an extract has at most ${MOST_KINDS - 1} combinations of fields`);
    const kind = this.kinds.push(ordered) - 1;
    this.kindOfFields.set(name, kind);
    return kind;
  }

  private union(one: number, other: number): number {
    if (one === 0) return other;
    const pair = one * MOST_KINDS + other;
    const known = this.unions.get(pair);
    if (known !== undefined) return known;
    const kind = this.kindFor([...this.fieldsOf(one), ...this.fieldsOf(other)]);
    this.unions.set(pair, kind);
    return kind;
  }
}
