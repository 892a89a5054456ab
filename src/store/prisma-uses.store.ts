import { isReason } from '../decision/reasons.js';
import {
  type AccessSaid,
  BIT_BYTES,
  type Counted,
  type Discharged,
  type Histogram,
  type KeptAccess,
  type KeptLookup,
  type KeptTotal,
  type KeptUse,
  type Lookup,
  MOST_PARTS,
  type Member,
  type Place,
  type RolledUp,
  type TotalsWanted,
  type UseBucket,
  type UseOfPerson,
  UseStore,
  type WriterCursor,
} from '../ledger/uses.store.js';
import type { Database } from './database/database.js';
import { Packed, numbers } from './database/packed-columns.js';
import { Prisma } from './generated/client.js';
import { memberOf } from '../json.js';
import { DAY_MS } from '../time.js';
import { peopleOf } from './people-of-use.js';
import { refusedOn } from './postgres/database-refusal.js';

/** Days read at a time: few at first, for most pages are full after them, and twice as many each time after. */
const DAYS_AT_FIRST = 4;
const MOST_DAYS = 64;
/** Bytes of a set; many are shorter. */
const SET_BYTES = 512;

/** What was discharged of some uses, as JSON text. @param uses which of `use_discharge` */
function dischargedOf(uses: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`coalesce((
    SELECT json_agg(json_build_array(obligation, times)) FROM (
      SELECT obligation, count(*)::int AS times FROM use_discharge WHERE ${uses} GROUP BY obligation
    ) AS counted
  ), '[]')::text AS discharged`;
}

/** All {@link KeptTotal}s. */
const TOTALS = Prisma.sql`
  SELECT total.day, total.term::text AS term, count::float8 AS count, strangers::float8 AS strangers, content,
    ${dischargedOf(Prisma.sql`use_discharge.day = total.day AND use_discharge.term = total.term`)}
  FROM use_total AS total JOIN use_term ON id = total.term`;

const PERMITTED = JSON.stringify('permitted');

/** The first day of the bucket of a `day`. Day 0 was a Thursday. */
const BUCKET_OF: Readonly<Record<Histogram['every'], Prisma.Sql>> = {
  day: Prisma.sql`day`,
  week: Prisma.sql`(day - (day + 3) % 7)`,
  month: Prisma.sql`(day + 1 - extract(day FROM date '1970-01-01' + day)::int)`,
};

const PART_OF: Readonly<Record<Histogram['by'], Prisma.Sql>> = {
  reason: Prisma.sql`reason`,
  client: Prisma.sql`client`,
  purpose: Prisma.sql`purpose`,
};

/** Whether a row of `use_term` is wanted. */
function termsWanted(wanted: TotalsWanted): Prisma.Sql {
  const { client = null, purpose = null, reason = null, permitted = null, case: named = null } = wanted;
  const fields = wanted.fields === undefined ? null : JSON.stringify(wanted.fields);
  return Prisma.sql`(${client}::text IS NULL OR client = ${client}::text)
    AND (${purpose}::text IS NULL OR purpose = ${purpose}::text)
    AND (${reason}::text IS NULL OR reason = ${reason}::text)
    AND (${permitted}::boolean IS NULL OR (reason = ${PERMITTED}) = ${permitted}::boolean)
    AND (${named}::text IS NULL OR case_id = ${named}::text)
    AND (${fields}::text IS NULL OR EXISTS (
      SELECT FROM json_array_elements_text(${fields}::text::json) AS fields (wanted)
      WHERE position(wanted IN use_term.fields) > 0
    ))`;
}

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

  async begin(writer: string, at: number): Promise<void> {
    await this.database.prisma.$executeRaw`
      INSERT INTO use_cursor (writer, sequence, at, next_block, skip, until, has_ended)
      VALUES (${writer}, 0, 0, 0, 0, ${at}::bigint, false) ON CONFLICT DO NOTHING`.catch(refused);
  }

  add(writer: string, from: Counted, to: Counted, rolled: RolledUp): Promise<boolean> {
    return this.database.sealing(() => this.addSealed(writer, from, to, rolled));
  }

  private async addSealed(writer: string, from: Counted, to: Counted, rolled: RolledUp): Promise<boolean> {
    if (from.sequence === 0) await this.begin(writer, 0);
    const ids = rolled.terms.map(({ content }) => this.idOf(content));
    // one statement, so that what is counted and how far it is are one; to lose both with the power is no loss
    const [row] = await this.database.prisma.$queryRaw<readonly { readonly moved: number }[]>`
      WITH moved AS (
        UPDATE use_cursor SET sequence = ${to.sequence}::bigint, at = ${to.at}::bigint,
          next_block = ${to.nextBlock}::bigint, skip = ${to.skip}::int
        WHERE writer = ${writer} AND ${standsAt(from)}
          AND ${rolled.highest}::bigint <= (SELECT subject FROM consent_head WHERE id = 1)
        RETURNING set_config('synchronous_commit', 'off', true)
      )
      ${termsOf(rolled, ids)}
      ${countsOf(rolled, ids)}
      ${setsOf(rolled, ids)}
      ${totalsOf(rolled, ids)}
      ${this.accessesOf(rolled)}
      ${dischargesOf(rolled, ids)}
      SELECT count(*)::int AS moved FROM moved`.catch(refused);
    return row?.moved === 1;
  }

  async reached(writer: string, at: Counted, until: number, hasEnded: boolean): Promise<void> {
    if (at.sequence === 0) await this.begin(writer, 0);
    await this.database.prisma.$executeRaw`
      WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) AS told)
      UPDATE use_cursor SET until = CASE WHEN ${hasEnded}::boolean THEN greatest(until, ${until}::bigint) ELSE ${until}::bigint END, has_ended = ${hasEnded}::boolean
      FROM quick WHERE writer = ${writer} AND told = 'off' AND ${standsAt(at)}`.catch(refused);
  }

  async completeUntil(): Promise<number | undefined> {
    const [row] = await this.database.prisma.$queryRaw<readonly { readonly until: number | null }[]>`
      SELECT coalesce(min(until) FILTER (WHERE NOT has_ended), max(until))::float8 AS until
      FROM use_cursor`.catch(refused);
    return row?.until ?? undefined;
  }

  async usesOf(member: Member, before: Place, limit: number): Promise<readonly KeptUse[]> {
    const { first, last } = await this.daysUntil(before.day);
    const found: KeptUse[] = [];
    let days = DAYS_AT_FIRST;
    for (let to = last; to >= first && found.length < limit; to -= days, days = Math.min(2 * days, MOST_DAYS))
      found.push(
        ...(await this.usesOn(member, before, Math.max(first, to - days + 1), to, limit - found.length)),
      );
    return found;
  }

  async totals(wanted: TotalsWanted, before: Place, limit: number): Promise<readonly KeptTotal[]> {
    const rows = await this.database.prisma.$queryRaw<readonly Told<KeptTotal>[]>`${TOTALS}
      WHERE total.day BETWEEN ${wanted.fromDay}::int AND ${wanted.toDay}::int
        AND (total.day, total.term) < (${before.day}::int, ${before.term}::text::bigint)
        AND ${termsWanted(wanted)}
      ORDER BY total.day DESC, total.term DESC LIMIT ${limit}::int`.catch(refused);
    return rows.map(withDischarged);
  }

  /** Counted by term first, so that each is looked up once, by its key. */
  async histogram(
    wanted: TotalsWanted,
    { every, by }: Histogram,
    before: number,
    limit: number,
  ): Promise<readonly UseBucket[]> {
    const rows = await this.database.prisma.$queryRaw<
      readonly (Omit<UseBucket, 'parts'> & { readonly of: string; readonly times: number })[]
    >`
      WITH counted AS MATERIALIZED (
        SELECT ${BUCKET_OF[every]} AS bucket, term, sum(count) AS times FROM use_total
        WHERE day BETWEEN ${wanted.fromDay}::int AND ${wanted.toDay}::int AND ${BUCKET_OF[every]} < ${before}::int
        GROUP BY 1, 2
      ), parts AS (
        SELECT bucket, part, sum(times) AS times, sum(times) FILTER (WHERE reason = ${PERMITTED}) AS permitted
        FROM counted, LATERAL (
          SELECT ${PART_OF[by]} AS part, reason FROM use_term WHERE id = counted.term AND ${termsWanted(wanted)} OFFSET 0
        ) AS terms
        GROUP BY 1, 2
      ), ranked AS (
        SELECT bucket, part, times, sum(times) OVER one AS count, sum(permitted) OVER one AS permitted,
          row_number() OVER (PARTITION BY bucket ORDER BY times DESC, part) AS place,
          dense_rank() OVER (ORDER BY bucket DESC) AS bucket_place
        FROM parts WINDOW one AS (PARTITION BY bucket)
      )
      SELECT bucket AS day, part AS of, times::float8 AS times, count::float8 AS count,
        coalesce(permitted, 0)::float8 AS permitted
      FROM ranked WHERE place <= ${MOST_PARTS}::int AND bucket_place <= ${limit}::int
      ORDER BY bucket DESC, place`.catch(refused);
    const buckets = new Map<number, UseBucket>();
    for (const { day, count, permitted, of, times } of rows) {
      const parts = [...(buckets.get(day)?.parts ?? []), { of, count: times }];
      buckets.set(day, { day, count, permitted, parts });
    }
    return [...buckets.values()];
  }

  async totalOf({ day, term }: Place): Promise<KeptTotal | undefined> {
    const [row] = await this.database.prisma.$queryRaw<readonly Told<KeptTotal>[]>`${TOTALS}
      WHERE total.day = ${day}::int AND total.term = ${term}::text::bigint`.catch(refused);
    return row && withDischarged(row);
  }

  people(use: Place, after: number, limit: number): Promise<readonly UseOfPerson[]> {
    return peopleOf(this.database.prisma, use, after, limit).catch(refused);
  }

  async accessesUnder(
    named: string,
    before: Pick<KeptAccess, 'at' | 'id'> | undefined,
    limit: number,
  ): Promise<readonly KeptAccess[]> {
    const rows = await this.database.prisma.$queryRaw<readonly Sealed[]>`
      SELECT id::text AS id, at::float8 AS at, content FROM use_access
      WHERE case_id = ${named}::text ${olderThan(before)}
      ORDER BY use_access.at DESC, use_access.id DESC LIMIT ${limit}::int`.catch(refused);
    return rows.map(({ id, at, content }) => {
      const said = this.database.vault.open(content, boundToAccess(named, at));
      return { id, at, ...accessIn(JSON.parse(said.toString())) };
    });
  }

  noteLookup(users: readonly number[], lookup: Lookup): Promise<void> {
    return this.database.sealing(() => this.noteSealed(users, lookup));
  }

  private async noteSealed(users: readonly number[], { at, ...said }: Lookup): Promise<void> {
    const content = Buffer.from(JSON.stringify(said));
    const rows = users.map((user) => [
      user,
      this.database.vault.seal(content, boundToLookup(user, at)).toString('base64'),
    ]);
    await this.database
      .toTheEnd(
        (prisma) => prisma.$executeRaw`
          INSERT INTO use_lookup (subject, at, content)
          SELECT (lookup->>0)::bigint, ${at}::bigint, decode(lookup->>1, 'base64')
          FROM json_array_elements(${JSON.stringify(rows)}::json) AS rows (lookup)`,
      )
      .catch(refused);
  }

  async lookupsOf(
    user: number,
    before: Pick<KeptLookup, 'at' | 'id'> | undefined,
    limit: number,
  ): Promise<readonly KeptLookup[]> {
    const rows = await this.database.prisma.$queryRaw<readonly Sealed[]>`
      SELECT id::text AS id, at::float8 AS at, content FROM use_lookup
      WHERE subject = ${user}::bigint ${olderThan(before)}
      ORDER BY use_lookup.at DESC, use_lookup.id DESC LIMIT ${limit}::int`.catch(refused);
    return rows.map(({ id, at, content }) => {
      const said: unknown = JSON.parse(this.database.vault.open(content, boundToLookup(user, at)).toString());
      const of = memberOf(said, 'case');
      const named = of === undefined ? {} : { case: of === null ? null : textAt(said, 'case') };
      const [by, role, reason] = [textAt(said, 'by'), textAt(said, 'role'), textAt(said, 'reason')];
      return { id, at, by, role, reason, ...named };
    });
  }

  async forgetBefore(day: number, atMost: number, present: readonly string[]): Promise<number> {
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
      await prisma.$executeRaw`
        DELETE FROM use_access WHERE id IN (
          SELECT id FROM use_access WHERE day < ${day}::int LIMIT ${atMost}::int
        )`.catch(refused),
      await prisma.$executeRaw`
        DELETE FROM use_discharge WHERE (day, term, subject, obligation, use) IN (
          SELECT day, term, subject, obligation, use FROM use_discharge WHERE day < ${day}::int LIMIT ${atMost}::int
        )`.catch(refused),
      await prisma.$executeRaw`
        DELETE FROM use_lookup WHERE id IN (
          SELECT id FROM use_lookup WHERE at < ${day * DAY_MS}::bigint LIMIT ${atMost}::int
        )`.catch(refused),
      // whose records were kept long enough as well: of machines that never came back
      await prisma.$executeRaw`
        DELETE FROM use_cursor WHERE until > 0 AND until < ${(day - 2) * DAY_MS}::bigint
          AND writer NOT IN (SELECT json_array_elements_text(${JSON.stringify(present)}::json))`.catch(
        refused,
      ),
    ];
    return deleted.reduce((sum, rows) => sum + rows);
  }

  async empty(): Promise<void> {
    const { prisma } = this.database;
    // one that has not ended may be of a machine that is away: it is waited for
    await prisma
      .$transaction([
        prisma.$executeRaw`DELETE FROM use_cursor WHERE has_ended`,
        prisma.$executeRaw`UPDATE use_cursor SET sequence = 0, at = 0, next_block = 0, skip = 0, until = 0`,
        prisma.$executeRaw`TRUNCATE use_count, use_set, use_total, use_term, use_access, use_discharge`,
      ])
      .catch(refused);
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

  /** In each of these days by the key: for whatever plan, no other user's rows are read, nor other days'. */
  private async usesOn(
    { user, bucket, place, pair }: Member,
    before: Place,
    from: number,
    to: number,
    limit: number,
  ): Promise<readonly KeptUse[]> {
    const isIn = Prisma.sql`CASE octet_length(members) WHEN ${BIT_BYTES}::int THEN get_bit(members, ${place}::int) = 1
      ELSE position(decode(${pair.toString('hex')}, 'hex') IN members) > 0 END`;
    const rows = await this.database.prisma.$queryRaw<readonly Told<KeptUse>[]>`
      WITH uses AS (
        SELECT day, term, sum(count)::float8 AS count, min(first)::float8 AS first, max(last)::float8 AS last
        FROM generate_series(${from}::int, ${to}::int) AS days (wanted), LATERAL (
          SELECT day, term, count, first, last FROM use_count WHERE day = wanted AND subject = ${user}::bigint
          UNION ALL
          SELECT day, term, 1, at, at FROM use_set WHERE day = wanted AND bucket = ${bucket}::int AND ${isIn}
          OFFSET 0
        ) AS found
        WHERE day < ${before.day}::int OR term < ${before.term}::text::bigint
        GROUP BY day, term ORDER BY day DESC, term DESC LIMIT ${limit}::int
      )
      SELECT uses.day, uses.term::text AS term, count, first, last, content, ${dischargedOf(Prisma.sql`
        use_discharge.day = uses.day AND use_discharge.term = uses.term AND subject = ${user}::bigint`)}
      FROM uses, LATERAL (SELECT content FROM use_term WHERE id = uses.term OFFSET 0) AS terms
      ORDER BY uses.day DESC, uses.term DESC`.catch(refused);
    return rows.map(withDischarged);
  }

  /** Rare, unlike the rest. */
  private accessesOf({ accesses }: RolledUp): Prisma.Sql {
    if (accesses.length === 0) return Prisma.empty;
    const rows = accesses.map(({ day, case: named, at, ...said }) => {
      const content = this.database.vault.seal(Buffer.from(JSON.stringify(said)), boundToAccess(named, at));
      return [day, named, at, content.toString('base64')];
    });
    return Prisma.sql`, accesses AS (
      INSERT INTO use_access (day, case_id, at, content)
      SELECT (access->>0)::int, access->>1, (access->>2)::bigint, decode(access->>3, 'base64')
      FROM moved, json_array_elements(${JSON.stringify(rows)}::json) AS rows (access)
    )`;
  }

  /** Keyed, so that nobody can choose texts whose terms are taken for others. */
  private idOf(content: string): bigint {
    return this.database.vault.lastingHashOf(`use_term ${content}`).readBigUInt64LE() >> 1n;
  }
}

type Told<Kept> = Omit<Kept, 'discharged'> & { readonly discharged: string };

function withDischarged<Kept extends { readonly discharged: string }>(row: Kept) {
  return { ...row, discharged: dischargedIn(row.discharged) };
}

function dischargedIn(text: string): readonly Discharged[] {
  const rows: unknown = JSON.parse(text);
  if (!Array.isArray(rows)) return unreadable();
  return rows.map((row: unknown) => {
    const [obligation, count]: readonly unknown[] = Array.isArray(row) ? row : [];
    return typeof obligation === 'string' && typeof count === 'number' ? { obligation, count } : unreadable();
  });
}

type Sealed = { readonly id: string; readonly at: number; readonly content: Uint8Array };

function olderThan(before: { readonly at: number; readonly id: string } | undefined): Prisma.Sql {
  return before === undefined
    ? Prisma.empty
    : Prisma.sql`AND (at, id) < (${before.at}::bigint, ${before.id}::text::bigint)`;
}

export function boundToLookup(user: number, at: number): string {
  return `use_lookup ${user} ${at}`;
}

export function boundToAccess(named: string, at: number): string {
  return `use_access ${named} ${at}`;
}

function accessIn(said: unknown): AccessSaid {
  const optionAt = (name: string) => (memberOf(said, name) === null ? null : textAt(said, name));
  const reason = textAt(said, 'reason');
  return {
    client: textAt(said, 'client'),
    purpose: textAt(said, 'purpose'),
    field: textAt(said, 'field'),
    item: optionAt('item'),
    reader: optionAt('reader'),
    reason: isReason(reason) ? reason : unreadable(),
  };
}

function textAt(value: unknown, name: string): string {
  const member = memberOf(value, name);
  return typeof member === 'string' ? member : unreadable();
}

function unreadable(): never {
  throw new Error('the ledger has a look-up, an access or a discharge that this build cannot read');
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

/** Rare, unlike the rest. */
function dischargesOf({ discharges }: RolledUp, ids: readonly bigint[]): Prisma.Sql {
  if (discharges.length === 0) return Prisma.empty;
  const rows = named(discharges, ids)
    .toSorted(
      (one, other) =>
        one.day - other.day ||
        order(one.id, other.id) ||
        one.user - other.user ||
        Number(one.obligation > other.obligation) - Number(one.obligation < other.obligation) ||
        Buffer.compare(one.use, other.use),
    )
    .map(({ day, id, user, obligation, use }) => [day, String(id), user, obligation, use.toString('hex')]);
  return Prisma.sql`, discharges AS (
      INSERT INTO use_discharge (day, term, subject, obligation, use)
      SELECT (row->>0)::int, (row->>1)::bigint, (row->>2)::bigint, row->>3, decode(row->>4, 'hex')
      FROM moved, json_array_elements(${JSON.stringify(rows)}::json) AS rows (row)
      ON CONFLICT DO NOTHING
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
