import {
  type Counted,
  type KeptCount,
  type KeptSet,
  type Place,
  type RolledUp,
  UseStore,
  type WriterCursor,
} from '../ledger/uses.store.js';
import type { Database } from './database/database.js';
import { Packed, numbers } from './database/packed-columns.js';
import { Prisma } from './generated/client.js';
import { DAY_MS } from '../time.js';
import { refusedOn } from './postgres/database-refusal.js';

/** Days read at a time: most pages are full after one. */
const DAYS_AT_ONCE = 16;
/** Bytes of a set; many are shorter. */
const SET_BYTES = 512;

/** The ledger in PostgreSQL, embedded or on a server. */
export class PrismaUseStore extends UseStore {
  constructor(private readonly database: Database) {
    super();
  }

  async cursors(writers: readonly string[]): Promise<ReadonlyMap<string, WriterCursor>> {
    const rows = await this.database.prisma.useCursor
      .findMany({ where: { writer: { in: [...writers] } } })
      .catch(refused);
    return new Map(
      rows.map(({ writer, sequence, at, nextBlock, skip, until, hasEnded }) => [
        writer,
        {
          sequence: Number(sequence),
          at: Number(at),
          nextBlock: Number(nextBlock),
          skip,
          until: Number(until),
          hasEnded,
        },
      ]),
    );
  }

  async add(writer: string, from: Counted, to: Counted, rolled: RolledUp): Promise<boolean> {
    if (from.sequence === 0) await this.begin(writer);
    const ids = rolled.terms.map(({ content }) => this.idOf(content));
    // one statement, so that what is counted and how far it is are one; to lose both with the power is no loss
    const [row] = await this.database.prisma.$queryRaw<readonly { readonly moved: number }[]>`
      WITH moved AS (
        UPDATE use_cursor SET sequence = ${to.sequence}::bigint, at = ${to.at}::bigint,
          next_block = ${to.nextBlock}::bigint, skip = ${to.skip}::int
        WHERE writer = ${writer} AND ${standsAt(from)}
        RETURNING set_config('synchronous_commit', 'off', true)
      )
      ${termsOf(rolled, ids)}
      ${countsOf(rolled, ids)}
      ${setsOf(rolled, ids)}
      ${totalsOf(rolled, ids)}
      SELECT count(*)::int AS moved FROM moved`.catch(refused);
    return row?.moved === 1;
  }

  async reached(writer: string, at: Counted, until: number, hasEnded: boolean): Promise<void> {
    if (at.sequence === 0) await this.begin(writer);
    await this.database.prisma.$executeRaw`
      WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) AS told)
      UPDATE use_cursor SET until = greatest(until, ${until}::bigint), has_ended = ${hasEnded}::boolean
      FROM quick WHERE writer = ${writer} AND told = 'off' AND ${standsAt(at)}`.catch(refused);
  }

  async completeUntil(): Promise<number | undefined> {
    const [row] = await this.database.prisma.$queryRaw<readonly { readonly until: number | null }[]>`
      SELECT coalesce(min(until) FILTER (WHERE NOT has_ended), max(until))::float8 AS until
      FROM use_cursor`.catch(refused);
    return row?.until ?? undefined;
  }

  async countsOf(user: number, before: Place, limit: number): Promise<readonly KeptCount[]> {
    return this.dayByDay(
      await this.daysUntil(before.day),
      limit,
      (from, to, left) => this.database.prisma.$queryRaw<readonly KeptCount[]>`
        SELECT day, term::text AS term, count::float8 AS count, first::float8 AS first, last::float8 AS last
        FROM generate_series(${from}::int, ${to}::int) AS days (wanted), LATERAL (
          SELECT * FROM use_count WHERE day = wanted AND subject = ${user}::bigint
            AND (day < ${before.day}::int OR term < ${before.term}::text::bigint)
          OFFSET 0
        ) AS found
        ORDER BY day DESC, found.term DESC LIMIT ${left}::int`,
    );
  }

  async setsOf(
    bucket: number,
    fromDay: number,
    before: { readonly day: number; readonly id: string },
    limit: number,
  ): Promise<readonly KeptSet[]> {
    const { first, last } = await this.daysUntil(before.day);
    return this.dayByDay(
      { first: Math.max(first, fromDay), last },
      limit,
      (from, to, left) => this.database.prisma.$queryRaw<readonly KeptSet[]>`
        SELECT day, id::text AS id, term::text AS term, at::float8 AS at, members
        FROM generate_series(${from}::int, ${to}::int) AS days (wanted), LATERAL (
          SELECT * FROM use_set WHERE day = wanted AND bucket = ${bucket}::int
            AND (day < ${before.day}::int OR id < ${before.id}::text::bigint)
          ORDER BY id DESC LIMIT ${left}::int
        ) AS found
        ORDER BY day DESC, found.id DESC LIMIT ${left}::int`,
    );
  }

  async contentsOf(terms: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.database.prisma.$queryRaw<
      readonly { readonly id: string; readonly content: string }[]
    >`
      SELECT id::text AS id, content FROM unnest(${`{${terms.join(',')}}`}::text::bigint[]) AS wanted (term),
        LATERAL (SELECT id, content FROM use_term WHERE id = wanted.term OFFSET 0) AS found`.catch(refused);
    return new Map(rows.map(({ id, content }) => [id, content]));
  }

  async forgetBefore(day: number, atMost: number): Promise<number> {
    const { prisma } = this.database;
    const deleted = [
      await prisma.$executeRaw`
        DELETE FROM use_count WHERE (day, subject, term) IN (
          SELECT day, subject, term FROM use_count WHERE day < ${day}::int ORDER BY day, subject, term LIMIT ${atMost}::int
        )`.catch(refused),
      await prisma.$executeRaw`
        DELETE FROM use_set WHERE (day, bucket, id) IN (
          SELECT day, bucket, id FROM use_set WHERE day < ${day}::int ORDER BY day, bucket, id LIMIT ${atMost}::int
        )`.catch(refused),
      await prisma.$executeRaw`
        DELETE FROM use_total WHERE (day, term) IN (
          SELECT day, term FROM use_total WHERE day < ${day}::int ORDER BY day, term LIMIT ${atMost}::int
        )`.catch(refused),
      // one that is used again meanwhile stays: whoever uses it writes its day
      await prisma.$executeRaw`
        DELETE FROM use_term WHERE id IN (
          SELECT id FROM use_term WHERE day < ${day}::int LIMIT ${atMost}::int
        ) AND day < ${day}::int`.catch(refused),
      // whose records were kept long enough as well: of machines that never came back
      await prisma.$executeRaw`
        DELETE FROM use_cursor WHERE until > 0 AND until < ${(day - 2) * DAY_MS}::bigint`.catch(refused),
    ];
    return deleted.reduce((sum, rows) => sum + rows);
  }

  async empty(): Promise<void> {
    await this.database.prisma
      .$executeRaw`TRUNCATE use_cursor, use_count, use_set, use_total, use_term`.catch(refused);
  }

  private async begin(writer: string): Promise<void> {
    await this.database.prisma.$executeRaw`
      INSERT INTO use_cursor (writer, sequence, at, next_block, skip, until, has_ended)
      VALUES (${writer}, 0, 0, 0, 0, 0, false) ON CONFLICT DO NOTHING`.catch(refused);
  }

  /** The days that there are, up to one. */
  private async daysUntil(day: number): Promise<Days> {
    const [row] = await this.database.prisma.$queryRaw<
      readonly { readonly first: number | null; readonly last: number | null }[]
    >`SELECT (SELECT min(day) FROM use_total) AS first, (SELECT max(day) FROM use_total) AS last`.catch(
      refused,
    );
    return { first: row?.first ?? 0, last: Math.min(day, row?.last ?? -1) };
  }

  /** Reads from the last day back until there is enough, some days at a time: most pages are full after the first. */
  private async dayByDay<Row>(
    { first, last }: Days,
    limit: number,
    read: (from: number, to: number, left: number) => Promise<readonly Row[]>,
  ): Promise<Row[]> {
    const found: Row[] = [];
    for (let to = last; to >= first && found.length < limit; to -= DAYS_AT_ONCE)
      found.push(
        ...(await read(Math.max(first, to - DAYS_AT_ONCE + 1), to, limit - found.length).catch(refused)),
      );
    return found;
  }

  /** Keyed, so that nobody can choose texts whose terms are taken for others. */
  private idOf(content: string): bigint {
    return this.database.vault.vouch(`use_term ${content}`).readBigUInt64LE() >> 1n;
  }
}

type Days = { readonly first: number; readonly last: number };

function standsAt({ sequence, at, nextBlock, skip }: Counted): Prisma.Sql {
  return Prisma.sql`sequence = ${sequence}::bigint AND at = ${at}::bigint AND next_block = ${nextBlock}::bigint
    AND skip = ${skip}::int`;
}

// Parts of the statement that adds to the ledger, if `moved` has a row. Whoever writes several rows writes them in one
// order, so that no two wait for each other.

function termsOf({ terms }: RolledUp, ids: readonly bigint[]): Prisma.Sql {
  const rows = terms
    .map(({ content, client, purpose, fields, reason, case: named, day }, place) => ({
      id: ids[place] ?? 0n,
      texts: [String(ids[place]), content, client, purpose, fields, reason, named, day],
    }))
    .toSorted((one, other) => order(one.id, other.id))
    .map(({ texts }) => texts);
  return Prisma.sql`, terms AS (
      INSERT INTO use_term (id, content, client, purpose, fields, reason, case_id, day)
      SELECT (term->>0)::bigint, term->>1, term->>2, term->>3, term->>4, term->>5, term->>6, (term->>7)::int
      FROM moved, json_array_elements(${JSON.stringify(rows)}::json) AS rows (term)
      ON CONFLICT (id) DO UPDATE SET day = excluded.day WHERE use_term.day < excluded.day
    )`;
}

function countsOf({ counts }: RolledUp, ids: readonly bigint[]): Prisma.Sql {
  const rows = named(counts, ids).toSorted(
    (one, other) => one.day - other.day || one.user - other.user || order(one.id, other.id),
  );
  return Prisma.sql`, counts AS (
      INSERT INTO use_count AS kept (day, subject, term, count, first, last)
      SELECT row.* FROM moved, unnest(
        ${column(rows, 'day')}::int[], ${column(rows, 'user')}, ${column(rows, 'id')}, ${column(rows, 'count')},
        ${column(rows, 'first')}, ${column(rows, 'last')}
      ) AS row
      ON CONFLICT (day, subject, term) DO UPDATE SET count = kept.count + excluded.count,
        first = least(kept.first, excluded.first), last = greatest(kept.last, excluded.last)
    )`;
}

function setsOf({ sets }: RolledUp, ids: readonly bigint[]): Prisma.Sql {
  const rows = named(sets, ids);
  const members = new Packed(rows.length * SET_BYTES);
  for (const { members: bytes } of rows) members.add(bytes);
  return Prisma.sql`, packed AS MATERIALIZED (SELECT ${members.whole} AS bytes)
    , sets AS (
      INSERT INTO use_set (day, bucket, term, at, members)
      SELECT row.day, row.bucket, row.term, row.at, substring(bytes, row.start::int, row.size::int)
      FROM moved, packed, unnest(
        ${column(rows, 'day')}::int[], ${column(rows, 'bucket')}::int[], ${column(rows, 'id')}, ${column(rows, 'at')},
        ${members.places}
      ) AS row (day, bucket, term, at, start, size)
    )`;
}

function totalsOf({ totals }: RolledUp, ids: readonly bigint[]): Prisma.Sql {
  const rows = named(totals, ids).toSorted((one, other) => one.day - other.day || order(one.id, other.id));
  return Prisma.sql`, totals AS (
      INSERT INTO use_total AS kept (day, term, count, strangers)
      SELECT row.* FROM moved, unnest(
        ${column(rows, 'day')}::int[], ${column(rows, 'id')}, ${column(rows, 'count')}, ${column(rows, 'strangers')}
      ) AS row
      ON CONFLICT (day, term) DO UPDATE SET count = kept.count + excluded.count,
        strangers = kept.strangers + excluded.strangers
    )`;
}

function named<Row extends { readonly term: number }>(rows: readonly Row[], ids: readonly bigint[]) {
  return rows.map((row) => ({ ...row, id: ids[row.term] ?? 0n }));
}

function column<Name extends string>(
  rows: readonly { readonly [name in Name]: number | bigint }[],
  name: Name,
): Prisma.Sql {
  return numbers(rows.map((row) => row[name]));
}

function order(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

const refused = refusedOn('the ledger of uses');
