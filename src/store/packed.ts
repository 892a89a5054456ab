/**
 * Bytes of many rows as parameters of one statement. One text for all of them, decoded once, and where each piece lies: what
 * a text for each piece, or JSON, takes the database to read is more than it takes to write the rows.
 */
import { Prisma } from './generated/client.js';

export class Packed {
  private readonly bytes: Buffer;
  private readonly starts: number[] = [];
  private readonly sizes: number[] = [];

  constructor(pieces: readonly Buffer[]) {
    this.bytes = Buffer.concat(pieces);
    let start = 1;
    for (const { length } of pieces) {
      this.starts.push(start);
      this.sizes.push(length);
      start += length;
    }
  }

  /** All of them, for a part of the statement that is evaluated once. */
  get whole(): Prisma.Sql {
    return Prisma.sql`decode(${this.bytes.toString('base64')}, 'base64')`;
  }

  /** Where each begins, from 1, and how long it is: two arrays for `unnest`. */
  get places(): Prisma.Sql {
    return Prisma.join([numbers(this.starts), numbers(this.sizes)]);
  }
}

/** Whole numbers as an array of the database. */
export function numbers(values: readonly number[]): Prisma.Sql {
  return Prisma.sql`${`{${values.join(',')}}`}::text::bigint[]`;
}
