/**
 * Bytes of many rows as parameters of one statement. One text for all of them, decoded once, and where each piece lies: what
 * a text for each piece, or JSON, takes the database to read is more than it takes to write the rows.
 */
import { Prisma } from '../generated/client.js';

export class Packed {
  private bytes: Buffer;
  private size = 0;
  private readonly sizes: number[] = [];

  /** @param expected how many bytes there will be, more or less */
  constructor(expected: number) {
    this.bytes = Buffer.allocUnsafe(expected);
  }

  /** Takes a copy of a piece: what it was made of need not outlive the making. */
  add(piece: Buffer): void {
    const end = this.size + piece.length;
    if (end > this.bytes.length) {
      const larger = Buffer.allocUnsafe(2 * end);
      this.bytes.copy(larger, 0, 0, this.size);
      this.bytes = larger;
    }
    piece.copy(this.bytes, this.size);
    this.sizes.push(piece.length);
    this.size = end;
  }

  /** All of them, for a part of the statement that is evaluated once. */
  get whole(): Prisma.Sql {
    return Prisma.sql`decode(${this.bytes.toString('base64', 0, this.size)}, 'base64')`;
  }

  /** Where each begins, from 1, and how long it is: two arrays for `unnest`. */
  get places(): Prisma.Sql {
    let next = 1;
    const starts = this.sizes.map((size) => (next += size) - size);
    return Prisma.join([numbers(starts), numbers(this.sizes)]);
  }
}

/** Whole numbers as an array of the database. */
export function numbers(values: readonly number[]): Prisma.Sql {
  return Prisma.sql`${`{${values.join(',')}}`}::text::bigint[]`;
}
