/**
 * Bytes of many rows as parameters of one statement. One text for all of them, decoded once, with the place of each
 * piece: parsing a text per piece, or JSON, would take the database longer than writing the rows.
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

  /** Copies a piece, so that its buffer can be reused. */
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

  /** All bytes, for a part of the statement that is evaluated once. */
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
export function numbers(values: readonly (number | bigint)[]): Prisma.Sql {
  return Prisma.sql`${`{${values.join(',')}}`}::text::bigint[]`;
}
