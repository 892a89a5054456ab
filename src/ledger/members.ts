/** Sets of users in buckets: those whose numbers have the same high bits, so that one user's sets are found by an index. */
import { ByteReader } from '../record/block/byte-reader.js';
import { ByteWriter } from '../record/block/byte-writer.js';
import { bytesOfGaps, readUsers, writeUsers } from '../record/block/user-set.js';

const BITS = 13;
const SIZE = 2 ** BITS;

export function bucketOf(user: number): number {
  return user >>> BITS;
}

/** The users of a bucket, each once. */
export class Members {
  private readonly bits = new Uint8Array(SIZE / 8);
  size = 0;

  constructor(private readonly bucket: number) {}

  /** @returns whether the user was not in it */
  add(user: number): boolean {
    const place = user & (SIZE - 1);
    const byte = this.bits[place >>> 3] ?? 0;
    const bit = 1 << (place & 7);
    if ((byte & bit) !== 0) return false;
    this.bits[place >>> 3] = byte | bit;
    this.size++;
    return true;
  }

  /** The numbers of the users, ascending. */
  users(): number[] {
    return Array.from(this.places(), (place) => this.bucket * SIZE + place);
  }

  toBytes(): Buffer {
    const places = this.places();
    out.reset();
    writeUsers(out, places, bytesOfGaps(places));
    return Buffer.from(out.written());
  }

  private places(): Uint32Array {
    const places = new Uint32Array(this.size);
    let at = 0;
    for (const [index, bits] of this.bits.entries())
      for (let byte = bits; byte !== 0; byte &= byte - 1)
        places[at++] = 8 * index + (31 - Math.clz32(byte & -byte));
    return places;
  }
}

const out = new ByteWriter();

/** Whether a user of the bucket is among its members. @param members as `toBytes` gives them @throws Unreadable */
export function isMember(members: Uint8Array, user: number): boolean {
  return readUsers(new ByteReader(Buffer.from(members))).includes(user & (SIZE - 1));
}
