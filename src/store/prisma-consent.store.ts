import { ConsentStore, ConsentStoreLost } from '../consent/consent.store.js';
import type { ConsentEvent, NewConsentEvent } from '../decision/consent-event.js';
import { fromRow, toRow } from './consent-row.js';
import type { Database } from './database.js';
import { refuse } from './database-refusal.js';
import { Prisma } from './generated/client.js';

/**
 * The consent log in PostgreSQL, embedded or on a server.
 *
 * INVARIANT: revisions stay below 2^53, so a number holds each exactly. A million a second reach that in 285 years.
 */
export class PrismaConsentStore extends ConsentStore {
  constructor(private readonly database: Database) {
    super();
  }

  async append(events: readonly NewConsentEvent[]): Promise<number> {
    if (events.length === 0) {
      throw new RangeError('a block of consent events cannot be empty; append at least one');
    }
    const { prisma, writer } = this.database;
    const block = JSON.stringify(events.map(toRow));
    // One statement, so it commits or fails as a whole without a transaction's further round trips. The row lock on
    // the head is held until the commit: blocks commit in the order of their revisions, and one that fails takes none.
    const rows = await prisma.$queryRaw<Row[]>`
      WITH head AS (
        UPDATE consent_head SET revision = revision + ${events.length}::int
        WHERE id = 1 AND writer = ${writer}
        RETURNING revision - ${events.length}::int AS base
      ), block AS (
        INSERT INTO consent_event
          (revision, user_id, at, by_kind, by_id, kind, region, age_band, purpose, choice, notice, signal)
        SELECT
          head.base + place, user_id, to_timestamp(at::float8 / 1000), by_kind, by_id, kind,
          region, age_band, purpose, choice, notice, signal
        FROM head, ROWS FROM (
          json_to_recordset(${block}::json) AS (
            user_id text, at bigint, by_kind text, by_id text, kind text,
            region text, age_band text, purpose text, choice text, notice int, signal text
          )
        ) WITH ORDINALITY AS event (
          user_id, at, by_kind, by_id, kind, region, age_band, purpose, choice, notice, signal, place
        )
      )
      SELECT (base + 1)::float8 AS first FROM head`.catch(refused);
    const first = rows[0]?.['first'];
    if (typeof first !== 'number') throw new ConsentStoreLost();
    return first;
  }

  read(after: number, limit: number): Promise<ConsentEvent[]> {
    return this.page(Prisma.sql`revision > ${after}::bigint`, limit);
  }

  readUser(user: string, after: number, limit: number): Promise<ConsentEvent[]> {
    return this.page(Prisma.sql`user_id = ${user} AND revision > ${after}::bigint`, limit);
  }

  private async page(where: Prisma.Sql, limit: number): Promise<ConsentEvent[]> {
    // As one JSON text, which is three times faster than rows: a start reads the whole log. The time as milliseconds,
    // because the adapters drop a timestamp's time zone instead of converting it.
    const [row] = await this.database.prisma.$queryRaw<Row[]>`
      SELECT coalesce(json_agg(event ORDER BY event.revision), '[]')::text AS page FROM (
        SELECT
          revision, user_id, (extract(epoch FROM at) * 1000)::bigint AS at, by_kind, by_id, kind,
          region, age_band, purpose, choice, notice, signal
        FROM consent_event
        WHERE ${where}
        ORDER BY revision
        LIMIT ${limit}::int
      ) AS event`.catch(refused);
    const page: unknown = JSON.parse(String(row?.['page']));
    if (!Array.isArray(page)) {
      throw new Error('the consent log did not come as a list; install the versions that package.json names');
    }
    return page.map(fromRow);
  }

  async head(): Promise<number> {
    const head = await this.database.prisma.consentHead
      .findUniqueOrThrow({ where: { id: 1 } })
      .catch(refused);
    return Number(head.revision);
  }

  onLost(listener: (reason: Error) => void): void {
    this.database.onLost(listener);
  }
}

type Row = Readonly<Record<string, unknown>>;

const refused = (error: unknown): never => refuse(error, 'the consent log');
