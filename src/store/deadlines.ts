/** The deadlines of events, kept beside the log. */
import type { Deadline, LapseMark, NewDeadline } from '../consent/log/consent.store.js';
import { isLeftBySignal, topicOf } from '../consent/log/settlement/event-rules.js';
import { type ConsentEvent, isKept } from '../decision/consent-event.js';
import type { Database } from './database/database.js';
import { placeOf } from './database/log-row.js';
import { Prisma } from './generated/client.js';
import type { LogPages } from './log-pages.js';
import { refusedOn } from './postgres/database-refusal.js';
import type { Subjects } from './subjects.js';

/** Page size when the events of users are searched. */
const PAGE_SIZE = 1_000;

export class StoredDeadlines {
  constructor(
    private readonly database: Database,
    private readonly pages: LogPages,
    private readonly subjects: Subjects,
  ) {}

  due(by: number, limit: number, sure = by): Promise<Deadline[]> {
    // a scalar, for which no plan reads the whole log
    return this.where(Prisma.sql`due <= ${by}::bigint AND (due <= ${sure}::bigint OR (
        SELECT event.kind FROM consent_event AS event WHERE event.revision = consent_deadline.revision
      ) IS DISTINCT FROM 'profile') ORDER BY due, revision LIMIT ${limit}::int`);
  }

  async of(users: readonly string[]): Promise<Deadline[]> {
    const ids = (await this.subjects.findThese(users)).map(({ id }) => BigInt(id));
    return this.where(Prisma.sql`subject = ANY (${ids}::bigint[]) ORDER BY due, revision`);
  }

  async next(after = -1): Promise<number | undefined> {
    const next = await this.database.prisma.consentDeadline
      .findFirst({ where: { due: { gt: BigInt(after) } }, orderBy: { due: 'asc' } })
      .catch(refused);
    return next === null ? undefined : Number(next.due);
  }

  /** @param at whether the head is where it was. @returns 0 when it is not, and nothing was written */
  set(deadlines: readonly NewDeadline[], at: Prisma.Sql): Promise<number> {
    return this.written(
      at,
      Prisma.sql`written AS (
        INSERT INTO consent_deadline AS kept (revision, subject, due) ${existing(deadlines)}
        ON CONFLICT (revision) DO UPDATE SET due = LEAST(kept.due, excluded.due)
      )`,
    );
  }

  /** As `set` does. */
  putOff(deadlines: readonly NewDeadline[], removed: readonly number[], at: Prisma.Sql): Promise<number> {
    // no update, for which a plan may read the whole table
    return this.written(
      at,
      Prisma.sql`written AS (
        INSERT INTO consent_deadline (revision, subject, due) ${existing(deadlines)}
        ON CONFLICT (revision) DO UPDATE SET due = excluded.due
      ), removed AS (
        DELETE FROM consent_deadline USING head
        WHERE consent_deadline.revision = ANY (${removed.map(BigInt)}::bigint[])
      )`,
    );
  }

  private async written(at: Prisma.Sql, parts: Prisma.Sql): Promise<number> {
    const rows = await this.database.prisma.$queryRaw<readonly unknown[]>`
      WITH head AS (SELECT revision FROM consent_head WHERE ${at} FOR UPDATE), ${parts}
      SELECT true AS written FROM head`.catch(refused);
    return rows.length;
  }

  async mark(): Promise<LapseMark | undefined> {
    const mark = await this.database.prisma.consentLapses.findUnique({ where: { id: 1 } }).catch(refused);
    if (mark === null) return undefined;
    return { terms: mark.terms, reached: Number(mark.reached), isDone: mark.isDone };
  }

  /** @param at as of `set`. @returns as `set` does */
  setMark({ terms, reached, isDone = false }: LapseMark, at: Prisma.Sql): Promise<number> {
    return this.written(
      at,
      Prisma.sql`written AS (
        INSERT INTO consent_lapses (id, terms, reached, is_done)
        SELECT 1, ${terms}, ${reached}::bigint, ${isDone}::boolean FROM head
        ON CONFLICT (id) DO UPDATE
        SET terms = excluded.terms, reached = excluded.reached, is_done = excluded.is_done
      )`,
    );
  }

  async drop(revisions: readonly number[]): Promise<void> {
    await this.database.prisma.consentDeadline
      .deleteMany({ where: { revision: { in: revisions.map(BigInt) } } })
      .catch(refused);
  }

  private async where(which: Prisma.Sql): Promise<Deadline[]> {
    const deadlines = await this.pages.list(Prisma.sql`
      SELECT revision, subject, due AS at FROM consent_deadline WHERE ${which}`);
    if (deadlines.length === 0) return [];
    const places = deadlines.map(placeOf);
    const set = new Set(places.map(({ revision }) => revision));
    const subjects = [...new Set(places.map(({ subject }) => BigInt(subject)))];
    // the events that set them, and the last event of each user on the same topic
    const byRevision = new Map<number, ConsentEvent>();
    const lasts = new Map<string, ConsentEvent>();
    const said = this.pages.from(
      Math.min(...set) - 1,
      Prisma.sql`kind IN ('profile', 'choice') AND content IS NOT NULL AND subject = ANY (${subjects}::bigint[])`,
      PAGE_SIZE,
    );
    for await (const event of said) {
      if (!isKept(event)) continue;
      if (set.has(event.revision)) byRevision.set(event.revision, event);
      if (!isLeftBySignal(event)) lasts.set(keyOf(event), event);
    }
    return places.flatMap(({ revision, at: due }) => {
      const event = byRevision.get(revision);
      if (event === undefined) return [];
      const last = lasts.get(keyOf(event));
      return [{ event, due, later: last !== undefined && last.revision > revision ? [last] : [] }];
    });
  }
}

function keyOf({ user, change }: ConsentEvent): string {
  return `${topicOf(change)} ${user}`;
}

/** Those deadlines whose event can be read, if `head` has a row. */
function existing(deadlines: readonly NewDeadline[]): Prisma.Sql {
  // with a limit each event is looked up, and no plan reads the whole log
  return Prisma.sql`
    SELECT given.revision, given.subject, given.due
    FROM head, json_to_recordset(${JSON.stringify(deadlines)}::json)
      AS given (revision bigint, subject bigint, due bigint),
    LATERAL (
      SELECT FROM consent_event AS event JOIN consent_subject AS who ON who.id = event.subject
      WHERE event.revision = given.revision AND event.content IS NOT NULL LIMIT 1
    ) AS readable`;
}

/** The part of a statement that writes deadlines, if `head` has a row. */
export function deadlinesPart(deadlines: readonly NewDeadline[]): Prisma.Sql {
  return Prisma.sql`deadlines AS (
    INSERT INTO consent_deadline (revision, subject, due)
    SELECT event.* FROM head,
      json_to_recordset(${JSON.stringify(deadlines)}::json) AS event (revision bigint, subject bigint, due bigint)
  )`;
}

/** The part of a statement that has all deadlines of users looked at, whatever a clock says, if `head` has a row. */
export function turnedPart(subjects: readonly number[]): Prisma.Sql {
  return Prisma.sql`turned AS (
    UPDATE consent_deadline AS kept SET due = 0 FROM head
    WHERE kept.subject = ANY (${subjects.map(BigInt)}::bigint[])
  )`;
}

const refused = refusedOn('the consent log');
