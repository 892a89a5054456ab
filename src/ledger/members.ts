/**
 * Sets of users in buckets: those whose numbers have the same high bits, so that one user's sets are found by an index. The
 * database looks into them: a bit for each number of the bucket, or two bytes for each member, whichever is smaller.
 */
import { BIT_BYTES, BUCKET_SIZE, type Member } from './uses.store.js';

const BITS = Math.log2(BUCKET_SIZE);
const LOW = 0x7f;
/** What the first of two bytes has and the second has not, so that a pair is not found across two others. */
const FIRST = 0x80;

/** How a user is found in sets. */
export function memberOf(user: number): Member {
  const place = user & (BUCKET_SIZE - 1);
  return { user, bucket: bucketOf(user), place, pair: Buffer.of(FIRST | (place >>> 7), place & LOW) };
}

export function bucketOf(user: number): number {
  return user >>> BITS;
}

/** The users of a bucket, each once. */
export class Members {
  /** The bit of a place is as PostgreSQL's `get_bit` counts them. */
  private readonly bits = Buffer.alloc(BIT_BYTES);
  size = 0;

  constructor(private readonly bucket: number) {}

  /** @returns whether the user was not in it */
  add(user: number): boolean {
    const place = user & (BUCKET_SIZE - 1);
    const byte = this.bits[place >>> 3] ?? 0;
    const bit = 1 << (place & 7);
    if ((byte & bit) !== 0) return false;
    this.bits[place >>> 3] = byte | bit;
    this.size++;
    return true;
  }

  /** The numbers of the users, ascending. */
  users(): number[] {
    const users: number[] = [];
    for (const [index, bits] of this.bits.entries())
      for (let byte = bits; byte !== 0; byte &= byte - 1)
        users.push(this.bucket * BUCKET_SIZE + 8 * index + (31 - Math.clz32(byte & -byte)));
    return users;
  }

  toBytes(): Buffer {
    if (2 * this.size >= BIT_BYTES) return Buffer.from(this.bits);
    return Buffer.concat(this.users().map((user) => memberOf(user).pair));
  }
}
