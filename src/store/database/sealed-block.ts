/** Entries to be written: chained, and packed into the columns of one statement. */
import { type Kind, type Link, HASH_BYTES, KINDS, hashAfter, sha256 } from '../../consent/log/chain.js';
import { Prisma } from '../generated/client.js';
import { Packed, numbers } from './packed-columns.js';

/** Bytes of a sealed content; most are a little shorter. */
const CONTENT_BYTES = 128;

export class SealedBlock {
  private readonly subjects: number[] = [];
  private readonly times: number[] = [];
  private readonly kinds: number[] = [];
  private readonly contents: Packed;
  private readonly hashes: Packed;
  private reached: Pick<Link, 'revision' | 'hash'>;

  /**
   * @param after the entry that the first one follows
   * @param expected how many there will be, more or less
   */
  constructor(
    private readonly after: Pick<Link, 'revision' | 'hash'>,
    expected: number,
  ) {
    this.reached = after;
    this.contents = new Packed(expected * CONTENT_BYTES);
    this.hashes = new Packed(expected * HASH_BYTES);
  }

  /** The end of the log after the block is written. */
  get last(): Pick<Link, 'revision' | 'hash'> {
    return this.reached;
  }

  /** Adds the next entry; it gets the revision after the last one. */
  add(subject: number, at: number, kind: Kind, content: Buffer): void {
    const revision = this.reached.revision + 1;
    const hash = hashAfter(this.reached.hash, { revision, subject, at, kind, digest: sha256(content) });
    this.reached = { revision, hash };
    this.subjects.push(subject);
    this.times.push(at);
    // in the column, its place represents it
    this.kinds.push(1 + KINDS.indexOf(kind));
    this.contents.add(content);
    this.hashes.add(hash);
  }

  /** The parts of a statement that write the block, if `head` has a row. */
  get insertion(): Prisma.Sql {
    return Prisma.sql`packed AS MATERIALIZED (SELECT ${this.contents.whole} AS contents, ${this.hashes.whole} AS hashes
      ), block AS (
        INSERT INTO consent_event (revision, subject, at, kind, content, hash)
        SELECT ${this.after.revision}::bigint + place, event.subject, event.at, (${[...KINDS]}::text[])[event.kind],
          substring(contents, start::int, size::int),
          substring(hashes, 1 + (place::int - 1) * ${HASH_BYTES}::int, ${HASH_BYTES}::int)
        FROM head, packed, unnest(
          ${numbers(this.subjects)}, ${numbers(this.times)}, ${numbers(this.kinds)}, ${this.contents.places}
        ) WITH ORDINALITY AS event (subject, at, kind, start, size, place)
      )`;
  }
}
