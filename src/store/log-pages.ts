/** Reads entries of the consent log, and opens their sealed contents. */
import { setImmediate as turn } from 'node:timers/promises';
import type { LogEntry } from '../decision/consent-event.js';
import type { Database } from './database/database.js';
import { decodeContent, mustBeKnown } from './database/event-content.js';
import {
  ENTRY_COLUMNS,
  ERASURE,
  HEAD_COLUMNS,
  type Row,
  type StoredEntry,
  type StoredHead,
  listIn,
  storedEntry,
  storedHead,
  textIn,
  unreadable,
} from './database/log-row.js';
import type { Subject } from './database/vault.js';
import { Erased } from './erased.js';
import type { FleetStore } from '../fleet/fleet.store.js';
import { Prisma } from './generated/client.js';
import { refusedOn } from './postgres/database-refusal.js';
import { SERVER, endedUnlessOn } from './postgres/server-fleet.js';
import { type Subjects, sealedSubjects } from './subjects.js';

/** Entries opened before the event loop gets a turn: about a millisecond. */
const OPENED_AT_ONCE = 128;

const ASCENDING = Prisma.sql`ASC`;
export const DESCENDING = Prisma.sql`DESC`;

/** A part of the log, as of one moment. */
type Page = {
  readonly rows: StoredEntry[];
  /** The users of the entries, by number, without those who were erased. */
  readonly subjects: ReadonlyMap<number, Subject>;
  readonly head: StoredHead;
};

export class LogPages {
  private readonly erased: Erased;

  constructor(
    private readonly database: Database,
    private readonly subjects: Subjects,
  ) {
    this.erased = new Erased(database);
  }

  async rows(where: Prisma.Sql, limit: number, order = ASCENDING): Promise<StoredEntry[]> {
    return (await this.list(entriesWhere(where, limit, order))).map(storedEntry);
  }

  /**
   * Rows as one JSON text, which is three times faster: a start reads the whole log.
   *
   * @throws Error when they are of another server than that of this process, see `FleetStore.server`
   */
  async list(query: Prisma.Sql): Promise<Row[]> {
    const { fleet } = this.database;
    const [row] = await this.database.prisma.$queryRaw<Row[]>`
      SELECT coalesce(json_agg(entry), '[]')::text AS page ${serverPart(fleet)}
      FROM (${query}) AS entry`.catch(refused);
    if (row !== undefined) fleet?.ensureOn(textIn(row, 'server'));
    return listIn(row, 'page');
  }

  /**
   * Entries in ascending order, with their users and the head of the log, all as of one moment.
   *
   * @throws Error when they are of another server than that of this process, see `FleetStore.server`
   */
  async page(where: Prisma.Sql, limit: number): Promise<Page> {
    const { fleet } = this.database;
    const [row] = await this.database.prisma.$queryRaw<Row[]>`
      WITH entry AS MATERIALIZED (${entriesWhere(where, limit, ASCENDING)}), head AS (
        SELECT ${HEAD_COLUMNS} FROM consent_head WHERE id = 1
      )
      SELECT coalesce((SELECT json_agg(entry) FROM entry), '[]')::text AS page,
        (SELECT json_agg(head) FROM head)::text AS head,
        (${sealedSubjects(Prisma.sql`id`, Prisma.sql`SELECT DISTINCT subject FROM entry`)}) AS subjects
        ${serverPart(fleet)}`.catch(refused);
    const [head] = listIn(row, 'head');
    if (row === undefined || head === undefined) return unreadable('head');
    fleet?.ensureOn(textIn(row, 'server'));
    return {
      rows: listIn(row, 'page').map(storedEntry),
      head: storedHead(head),
      subjects: this.subjects.openedById(row['subjects']),
    };
  }

  /** @throws NewerBuild when this build does not know the form of one of them */
  async opened({ rows, subjects }: Pick<Page, 'rows' | 'subjects'>): Promise<LogEntry[]> {
    for (const { revision, kind, content } of rows) mustBeKnown(revision, kind, content);
    const erasures = rows.filter(({ kind }) => kind === ERASURE);
    const erased = erasures.length === 0 ? new Map<number, string>() : await this.erased.named(erasures);
    for (const user of erased.values()) this.subjects.drop(user);
    const entries: LogEntry[] = [];
    for (const [place, row] of rows.entries()) {
      if (place > 0 && place % OPENED_AT_ONCE === 0) await turn();
      const { revision, at, kind } = row;
      entries.push(
        kind === ERASURE
          ? { revision, at, forgotten: true, erased: erased.get(revision) ?? null }
          : this.entryOf(row, subjects.get(row.subject)),
      );
    }
    return entries;
  }

  /** All opened entries above a revision, ascending, read a page at a time. */
  async *from(revision: number, where: Prisma.Sql, size: number): AsyncGenerator<LogEntry, void> {
    for (let last = revision; ;) {
      const page = await this.page(Prisma.sql`revision > ${last}::bigint AND ${where}`, size);
      yield* await this.opened(page);
      const end = page.rows.at(-1);
      if (end === undefined || page.rows.length < size) return;
      last = end.revision;
    }
  }

  entryOf({ revision, at, kind, content }: StoredEntry, subject: Subject | undefined): LogEntry {
    if (subject === undefined || content === undefined || kind === ERASURE)
      return { revision, at, forgotten: true };
    const { id, user } = subject;
    const said = decodeContent(revision, user, this.plainOf(subject, revision, content));
    return { revision, subject: id, user, at, ...said };
  }

  private plainOf(subject: Subject, revision: number, content: Buffer): Buffer {
    try {
      return this.database.vault.openContent(subject, revision, content);
    } catch (cause) {
      throw new Error(
        `the consent event with revision ${revision} was altered since it was written; restore the log from a backup`,
        { cause },
      );
    }
  }
}

function entriesWhere(where: Prisma.Sql, limit: number, order: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`SELECT ${ENTRY_COLUMNS} FROM consent_event WHERE ${where} ORDER BY revision ${order}
    LIMIT ${limit}::int`;
}

/**
 * The column of a statement that says on which server it is done, for `FleetStore.ensureOn`. It ends a connection to
 * another server than is expected.
 */
export function serverPart(fleet: FleetStore | undefined): Prisma.Sql {
  if (fleet === undefined) return Prisma.empty;
  const ended = Prisma.sql(endedUnlessOn('?::text').split('?'), fleet.server ?? null);
  return Prisma.sql`, ${Prisma.raw(SERVER)} AS server, ${ended} AS is_ended`;
}

const refused = refusedOn('the consent log');
