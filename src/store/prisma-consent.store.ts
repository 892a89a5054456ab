import { setImmediate as turn } from 'node:timers/promises';
import type { Link, VerifiableLink } from '../consent/log/chain.js';
import type { Tokens } from '../consent/log/consistency-token.js';
import {
  type Appending,
  ConsentStore,
  ConsentStoreLost,
  type Deadline,
  type Erasure,
  type ImportMark,
  type LogEnd,
  type UserPurpose,
  type VerifiableUser,
} from '../consent/log/consent.store.js';
import {
  type ChoiceEvent,
  deadlineOf,
  isChoice,
  isLeftBySignal,
  isSuperseded,
  subjectOf,
} from '../consent/log/event-rules.js';
import {
  type ChangedBy,
  type ConsentEvent,
  type LogEntry,
  type NewConsentEvent,
  isKept,
} from '../decision/consent-event.js';
import { type FleetStore, Overtaken } from '../fleet/fleet.store.js';
import type { Database } from './database/database.js';
import { refusedOn } from './postgres/database-refusal.js';
import {
  decodeContent,
  decodeErasure,
  decodeForgetting,
  encodeContent,
  encodeErasure,
  encodeForgetting,
  mustBeKnown,
} from './database/event-content.js';
import { Prisma } from './generated/client.js';
import { type Head, headOf } from './database/log-head.js';
import { SealedBlock } from './database/sealed-block.js';
import { Erased } from './erased.js';
import { Subjects, admissionOf, sealedSubjects } from './subjects.js';
import type { Subject } from './database/vault.js';

/** Events that are sealed between two turns of the event loop: about a millisecond. */
const SEALED_AT_ONCE = 128;

const EMPTY = Buffer.alloc(0);

const ASCENDING = Prisma.sql`ASC`;
const DESCENDING = Prisma.sql`DESC`;

/**
 * The consent log in PostgreSQL, embedded or on a server.
 *
 * INVARIANT: revisions stay below 2^53, so a number holds each exactly. A million a second reach that in 285 years.
 */
export class PrismaConsentStore extends ConsentStore {
  readonly tokens: Tokens;
  readonly fleet: FleetStore | undefined;
  private readonly subjects: Subjects;
  private readonly erased: Erased;
  /** The last link of what was read or written: what comes next must follow it. */
  private reached: Pick<Link, 'revision' | 'hash'> | undefined;
  lastPublication: Buffer | undefined;

  constructor(private readonly database: Database) {
    super();
    this.subjects = new Subjects(database);
    this.erased = new Erased(database);
    this.tokens = database.tokens;
    this.fleet = database.fleet;
  }

  append(events: readonly NewConsentEvent[], appending: Appending = {}): Promise<number> {
    if (events.length === 0 && appending.mark === undefined)
      return Promise.reject(new RangeError('a block of consent events cannot be empty; append at least one'));
    return this.database.head.inTurn((head) => this.appendAfter(head, events, appending));
  }

  private async appendAfter(
    head: Head,
    events: readonly NewConsentEvent[],
    { after = head.revision, mark, isNew = () => false }: Appending,
  ): Promise<number> {
    if (after !== head.revision) throw new Overtaken();
    this.ensureRead(head);
    const contents = events.map(encodeContent);
    const { known, admitted, last } = await this.subjects.of(events, head.subject, isNew);
    const block = new SealedBlock(head, events.length);
    const deadlines: NewDeadline[] = [];
    for (const [place, event] of events.entries()) {
      if (place > 0 && place % SEALED_AT_ONCE === 0) await turn();
      const subject = known.get(event.user);
      const content = contents[place];
      if (subject === undefined || content === undefined)
        throw new Error('every event of a block has a subject');
      const revision = head.revision + 1 + place;
      block.add(
        subject.id,
        event.at,
        event.change.kind,
        this.database.vault.sealContent(subject, revision, content),
      );
      const due = deadlineOf(event);
      if (due !== undefined) deadlines.push({ revision, subject: subject.id, due });
    }
    await this.write(head, { ...head, ...block.last, subject: last }, block, [
      ...(admitted.length === 0 ? [] : [admissionOf(admitted)]),
      ...(deadlines.length === 0 ? [] : [deadlinesPart(deadlines)]),
      ...(mark === undefined ? [] : [markPart(mark)]),
    ]);
    this.subjects.keep(known.values());
    return head.revision + 1;
  }

  /**
   * Writes entries as one statement, so that they commit or fail as a whole without a transaction's further round trips.
   *
   * @param besides further parts of the statement; each takes from `head`, which is empty when the store was lost
   */
  private async write(
    before: Head,
    after: Head,
    block: SealedBlock,
    besides: readonly Prisma.Sql[],
  ): Promise<void> {
    const { toTheEnd, head } = this.database;
    const statement = Prisma.sql`
      WITH head AS (${head.move(before, after)}), ${Prisma.join([block.insertion, ...besides])}
      SELECT true AS written ${this.database.wakes} FROM head`;
    const rows = await toTheEnd((patient) => patient.$queryRaw<Row[]>(statement)).catch(refused);
    head.moved(after, rows);
    this.reached = block.last;
  }

  /**
   * What is written rests on what was read: the numbers of users, and what they have said. Where the log is read to its head,
   * that must be the one.
   */
  private ensureRead({ revision, hash }: Head): void {
    const { reached } = this;
    if (reached === undefined) return;
    if (reached.revision < revision) throw new Overtaken();
    if (reached.revision > revision || !reached.hash.equals(hash)) throw new ConsentStoreLost();
  }

  async read(after: number, limit: number): Promise<LogEntry[]> {
    const { reached } = this;
    const isNext = reached !== undefined && reached.revision === after && after > 0;
    // with the entry that was read last, which must still be there
    const from = isNext ? after - 1 : after;
    const page = await this.page(Prisma.sql`revision > ${from}::bigint`, isNext ? limit + 1 : limit);
    if (isNext && !page.rows.shift()?.hash.equals(reached.hash)) throw new ConsentStoreLost();
    this.reached = page.rows.at(-1) ?? reached;
    this.lastPublication = page.head.publications;
    // whoever writes next writes after this
    this.database.head.seen(headOf(page.head), page.head.mac);
    return this.opened(page);
  }

  async entries(after: number, limit: number): Promise<LogEntry[]> {
    return this.opened(await this.page(Prisma.sql`revision > ${after}::bigint`, limit));
  }

  get lastLink(): Buffer {
    return this.reached?.hash ?? EMPTY;
  }

  async readUser(user: string, after: number, limit: number): Promise<ConsentEvent[]> {
    return this.ofUser(user, Prisma.sql`revision > ${after}::bigint`, limit, ASCENDING);
  }

  async readUserBack(user: string, until: number, limit: number): Promise<ConsentEvent[]> {
    return this.ofUser(user, Prisma.sql`revision <= ${until}::bigint`, limit, DESCENDING);
  }

  private async ofUser(
    user: string,
    which: Prisma.Sql,
    limit: number,
    order: Prisma.Sql,
  ): Promise<ConsentEvent[]> {
    const subject = await this.subjects.find(user);
    if (subject === undefined) return [];
    const where = Prisma.sql`subject = ${subject.id}::bigint AND content IS NOT NULL AND ${which}`;
    return (await this.rows(where, limit, order)).map((row) => this.entryOf(row, subject)).filter(isKept);
  }

  async lastChoices(wanted: readonly UserPurpose[]): Promise<ChoiceEvent[]> {
    const sought = new Map<string, Set<string>>();
    for (const { user, purpose } of wanted) sought.set(user, (sought.get(user) ?? new Set()).add(purpose));
    const lasts: ChoiceEvent[] = [];
    let unread = (await this.subjects.findThese([...sought.keys()])).map((subject): UnreadChoices => ({
      subject,
      purposes: new Set(sought.get(subject.user)),
      before: Number.MAX_SAFE_INTEGER,
    }));
    // a few events back mostly; of those that lie further back, ever more are read at once
    for (let step = 8; unread.length > 0; step *= 8) {
      const pages = await this.choicesBack(unread, step);
      unread = unread.flatMap(({ subject, purposes }) => {
        const page = pages.get(subject.id) ?? [];
        for (const row of page) {
          const event = this.entryOf(row, subject);
          if (isKept(event) && isChoice(event) && purposes.delete(event.change.purpose)) lasts.push(event);
        }
        const before = page.length < step ? undefined : page.at(-1)?.revision;
        return before === undefined || purposes.size === 0 ? [] : [{ subject, purposes, before }];
      });
    }
    return lasts;
  }

  /** By number of the user, so many of their choices back from where nothing is read yet, the last one first. */
  private async choicesBack(
    unread: readonly UnreadChoices[],
    limit: number,
  ): Promise<ReadonlyMap<number, readonly StoredEntry[]>> {
    const places = JSON.stringify(unread.map(({ subject: { id }, before }) => ({ id, before })));
    const rows = await this.list(Prisma.sql`
      SELECT choice.* FROM json_to_recordset(${places}::json) AS place (id bigint, before bigint), LATERAL (
        SELECT revision, subject, at, kind, encode(content, 'base64') AS content, encode(hash, 'base64') AS hash
        FROM consent_event
        WHERE subject = place.id AND revision < place.before AND kind = 'choice' AND content IS NOT NULL
        ORDER BY revision DESC LIMIT ${limit}::int
      ) AS choice`);
    const pages = new Map<number, StoredEntry[]>(unread.map(({ subject }) => [subject.id, []]));
    for (const row of rows.map(storedEntry)) pages.get(row.subject)?.push(row);
    return pages;
  }

  async hasForgotten(user: string, until: number): Promise<boolean> {
    const subject = await this.subjects.find(user);
    if (subject === undefined) return false;
    const where = Prisma.sql`subject = ${subject.id}::bigint AND content IS NULL AND revision <= ${until}::bigint`;
    return (await this.rows(where, 1)).length > 0;
  }

  async head(): Promise<number> {
    const head = await this.database.prisma.consentHead
      .findUniqueOrThrow({ where: { id: 1 } })
      .catch(refused);
    return Number(head.revision);
  }

  async links(after: number, limit: number): Promise<VerifiableLink[]> {
    const rows = await this.list(Prisma.sql`
      SELECT revision, subject, at, kind, encode(hash, 'base64') AS hash,
        encode(coalesce(digest, sha256(content)), 'base64') AS digest, content IS NOT NULL AS is_kept,
        CASE kind WHEN ${RETENTION} THEN encode(content, 'base64') END AS record
      FROM consent_event WHERE revision > ${after}::bigint ORDER BY revision LIMIT ${limit}::int`);
    return rows.map((row) => ({
      ...placeOf(row),
      kind: textIn(row, 'kind'),
      digest: bytesIn(row, 'digest'),
      hash: bytesIn(row, 'hash'),
      isKept: row['is_kept'] === true,
      ...(typeof row['record'] === 'string'
        ? { forgets: decodeForgetting(numberIn(row, 'revision'), bytesIn(row, 'record')) }
        : {}),
    }));
  }

  async end(): Promise<LogEnd> {
    const [row] = await this.list(Prisma.sql`
      SELECT ${HEAD_COLUMNS}, coalesce((SELECT max(revision) FROM consent_event), 0) AS last
      FROM consent_head WHERE id = 1`);
    if (row === undefined) return unreadable('head');
    const stored = storedHead(row);
    const head = headOf(stored);
    return { ...head, last: numberIn(row, 'last'), isSound: this.database.head.isSound(head, stored.mac) };
  }

  verifiableUsers(after: number, limit: number): Promise<VerifiableUser[]> {
    return this.subjects.verifiable(after, limit);
  }

  async knows(user: string): Promise<boolean> {
    return (await this.subjects.find(user)) !== undefined;
  }

  erase(user: string, by: ChangedBy, at: number): Promise<Erasure | undefined> {
    return this.database.head.inTurn(async (head) => {
      const subject = await this.subjects.find(user);
      if (subject === undefined) return undefined;
      this.ensureRead(head);
      const content = encodeErasure(by);
      const block = new SealedBlock(head, 1);
      block.add(subject.id, at, ERASURE, content);
      this.subjects.drop(user);
      await this.write(head, { ...head, ...block.last }, block, [
        Prisma.sql`deadlines AS (DELETE FROM consent_deadline USING head WHERE subject = ${subject.id}::bigint)`,
        Prisma.sql`gone AS (DELETE FROM consent_subject USING head WHERE id = ${subject.id}::bigint)`,
        this.erased.noted(block.last.revision, user, at),
      ]);
      const { revision } = block.last;
      return { revision, at, by: decodeErasure(revision, content) };
    });
  }

  async erasures(after: number, limit: number): Promise<Erasure[]> {
    const rows = await this.rows(Prisma.sql`kind = ${ERASURE} AND revision > ${after}::bigint`, limit);
    return rows.map(({ revision, at, content }) => ({
      revision,
      at,
      by: decodeErasure(revision, content ?? Buffer.alloc(0)),
    }));
  }

  async knowsErased(after: number): Promise<boolean> {
    const [row] = await this.list(Prisma.sql`
      SELECT true AS unknown FROM consent_event AS event
      WHERE kind = ${ERASURE} AND revision > ${after}::bigint
        AND NOT EXISTS (SELECT FROM consent_erased AS erased WHERE erased.revision = event.revision)
      LIMIT 1`);
    return row === undefined;
  }

  async due(by: number, limit: number): Promise<Deadline[]> {
    return this.deadlines(Prisma.sql`due <= ${by}::bigint ORDER BY due, revision LIMIT ${limit}::int`);
  }

  async deadlinesOf(users: readonly string[]): Promise<Deadline[]> {
    const ids = (await this.subjects.findThese(users)).map(({ id }) => BigInt(id));
    return this.deadlines(Prisma.sql`subject = ANY (${ids}::bigint[]) ORDER BY due, revision`);
  }

  private async deadlines(which: Prisma.Sql): Promise<Deadline[]> {
    const deadlines = await this.list(Prisma.sql`
      SELECT revision, subject, due AS at FROM consent_deadline WHERE ${which}`);
    if (deadlines.length === 0) return [];
    const places = deadlines.map(placeOf);
    // the events that set them, and what the same users have said since
    const first = Math.min(...places.map(({ revision }) => revision));
    const page = await this.page(
      Prisma.sql`revision >= ${first}::bigint AND kind IN ('profile', 'choice') AND content IS NOT NULL
        AND subject = ANY (${places.map(({ subject }) => BigInt(subject))}::bigint[])`,
      undefined,
    );
    const events = (await this.opened(page)).filter(isKept);
    const byRevision = new Map(events.map((event) => [event.revision, event]));
    const keyOf = ({ user, change }: ConsentEvent) => `${subjectOf(change)} ${user}`;
    const lasts = new Map(
      events.filter((event) => !isLeftBySignal(event)).map((event) => [keyOf(event), event]),
    );
    return places.flatMap(({ revision, at: due }) => {
      const event = byRevision.get(revision);
      if (event === undefined) return [];
      const last = lasts.get(keyOf(event));
      return [{ event, due, later: last !== undefined && last.revision > revision ? [last] : [] }];
    });
  }

  async nextDue(): Promise<number | undefined> {
    const next = await this.database.prisma.consentDeadline
      .findFirst({ orderBy: { due: 'asc' } })
      .catch(refused);
    return next === null ? undefined : Number(next.due);
  }

  async dropDeadlines(revisions: readonly number[]): Promise<void> {
    await this.database.prisma.consentDeadline
      .deleteMany({ where: { revision: { in: revisions.map(BigInt) } } })
      .catch(refused);
  }

  async importMark(id: string): Promise<ImportMark | undefined> {
    const row = await this.database.prisma.consentImport.findUnique({ where: { id } }).catch(refused);
    if (row === null) return undefined;
    const summary: unknown = JSON.parse(row.summary);
    const counts = Object.entries(typeof summary === 'object' && summary !== null ? summary : {});
    return {
      id,
      line: Number(row.line),
      summary: Object.fromEntries(counts.map(([name, count]) => [name, Number(count)])),
    };
  }

  async hasImports(): Promise<boolean> {
    return (
      (await this.database.prisma.consentImport.findFirst({ select: { id: true } }).catch(refused)) !== null
    );
  }

  async forget(
    before: Readonly<Record<'profile' | 'choice' | 'signal', number>>,
    after: number,
    limit: number,
    at: number,
  ): Promise<{ readonly reached: number; readonly forgotten: number } | undefined> {
    const page = await this.rows(Prisma.sql`kind <> ${RETENTION} AND revision > ${after}::bigint`, limit);
    const reached = page.at(-1)?.revision;
    if (reached === undefined) return undefined;
    const old = page.filter(({ at, kind, content }) => content !== undefined && isOld(kind, at, before));
    if (old.length === 0) return { reached, forgotten: 0 };
    const subjects = [...new Set(old.map(({ subject }) => BigInt(subject)))];
    const all = await this.opened(
      await this.page(Prisma.sql`subject = ANY (${subjects}::bigint[]) AND content IS NOT NULL`, undefined),
    );
    const byUser = new Map<string, ConsentEvent[]>();
    for (const entry of all.filter(isKept))
      byUser.set(entry.user, [...(byUser.get(entry.user) ?? []), entry]);
    const superseded = [...byUser.values()].flatMap((events) =>
      events.flatMap((event, place) =>
        isSuperseded(event, events.slice(place + 1)) ? [event.revision] : [],
      ),
    );
    const wanted = new Set(superseded);
    const revisions = old.flatMap(({ revision }) => (wanted.has(revision) ? [revision] : []));
    if (revisions.length === 0) return { reached, forgotten: 0 };
    await this.database.head.inTurn(async (head) => {
      this.ensureRead(head);
      const block = new SealedBlock(head, 1);
      block.add(NOBODY, at, RETENTION, encodeForgetting(revisions));
      // what was superseded has no deadline that could still count
      await this.write(head, { ...head, ...block.last }, block, [
        Prisma.sql`deadlines AS (
          DELETE FROM consent_deadline USING head WHERE consent_deadline.revision = ANY (${revisions.map(BigInt)}::bigint[])
        )`,
        Prisma.sql`forgotten AS (
          UPDATE consent_event SET digest = sha256(content), content = NULL FROM head
          WHERE consent_event.revision = ANY (${revisions.map(BigInt)}::bigint[]) AND content IS NOT NULL
        )`,
      ]);
    });
    return { reached, forgotten: revisions.length };
  }

  private async rows(
    where: Prisma.Sql,
    limit: number | undefined,
    order = ASCENDING,
  ): Promise<StoredEntry[]> {
    const rows = await this.list(entriesWhere(where, limit, order));
    return rows.map(storedEntry);
  }

  /** As one JSON text, which is three times faster than rows: a start reads the whole log. */
  private async list(query: Prisma.Sql): Promise<Row[]> {
    const [row] = await this.database.prisma.$queryRaw<Row[]>`
      SELECT coalesce(json_agg(entry), '[]')::text AS page FROM (${query}) AS entry`.catch(refused);
    return listIn(row, 'page');
  }

  /** Entries in ascending order, with their users and the head of the log as they were then. */
  private async page(where: Prisma.Sql, limit: number | undefined): Promise<Page> {
    const [row] = await this.database.prisma.$queryRaw<Row[]>`
      WITH entry AS MATERIALIZED (${entriesWhere(where, limit)}), head AS (
        SELECT ${HEAD_COLUMNS} FROM consent_head WHERE id = 1
      )
      SELECT coalesce((SELECT json_agg(entry) FROM entry), '[]')::text AS page,
        (SELECT json_agg(head) FROM head)::text AS head,
        (${sealedSubjects(Prisma.sql`id`, Prisma.sql`SELECT DISTINCT subject FROM entry`)}) AS subjects`.catch(
      refused,
    );
    const [head] = listIn(row, 'head');
    if (row === undefined || head === undefined) return unreadable('head');
    return {
      rows: listIn(row, 'page').map(storedEntry),
      head: storedHead(head),
      subjects: this.subjects.openedById(row['subjects']),
    };
  }

  /** @throws NewerBuild when one of them is of a form that is not known */
  private async opened({ rows, subjects }: Page): Promise<LogEntry[]> {
    for (const { revision, kind, content } of rows) mustBeKnown(revision, kind, content);
    const erasures = rows.filter(({ kind }) => kind === ERASURE);
    const erased = erasures.length === 0 ? new Map<number, string>() : await this.erased.named(erasures);
    for (const user of erased.values()) this.subjects.drop(user);
    return rows.map((row) =>
      row.kind === ERASURE
        ? { revision: row.revision, at: row.at, forgotten: true, erased: erased.get(row.revision) ?? null }
        : this.entryOf(row, subjects.get(row.subject)),
    );
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

  private entryOf({ revision, at, kind, content }: StoredEntry, subject: Subject | undefined): LogEntry {
    if (subject === undefined || content === undefined || kind === ERASURE)
      return { revision, at, forgotten: true };
    const { user } = subject;
    return { revision, user, at, ...decodeContent(revision, user, this.plainOf(subject, revision, content)) };
  }
}

/** The purposes of a user whose last choice is not found yet, and the revision that all is read back to. */
type UnreadChoices = {
  readonly subject: Subject;
  readonly purposes: Set<string>;
  readonly before: number;
};

function entriesWhere(where: Prisma.Sql, limit: number | undefined, order = ASCENDING): Prisma.Sql {
  const bound = limit === undefined ? Prisma.empty : Prisma.sql`LIMIT ${limit}::int`;
  return Prisma.sql`
    SELECT revision, subject, at, kind, encode(content, 'base64') AS content, encode(hash, 'base64') AS hash
    FROM consent_event WHERE ${where} ORDER BY revision ${order} ${bound}`;
}

type NewDeadline = { readonly revision: number; readonly subject: number; readonly due: number };

function deadlinesPart(deadlines: readonly NewDeadline[]): Prisma.Sql {
  return Prisma.sql`deadlines AS (
    INSERT INTO consent_deadline (revision, subject, due)
    SELECT event.* FROM head,
      json_to_recordset(${JSON.stringify(deadlines)}::json) AS event (revision bigint, subject bigint, due bigint)
  )`;
}

function markPart({ id, line, summary }: ImportMark): Prisma.Sql {
  return Prisma.sql`mark AS (
    INSERT INTO consent_import (id, line, summary)
    SELECT ${id}, ${line}::bigint, ${JSON.stringify(summary)} FROM head
    ON CONFLICT (id) DO UPDATE SET line = excluded.line, summary = excluded.summary
  )`;
}

const ERASURE = 'erasure';
const RETENTION = 'retention';
/** Whom a record is about that is about no user. */
const NOBODY = 0;

type StoredEntry = Pick<Link, 'revision' | 'subject' | 'at' | 'kind' | 'hash'> & {
  readonly content: Buffer | undefined;
};
type StoredHead = Parameters<typeof headOf>[0] & { readonly publications: Buffer; readonly mac: Buffer };
/** A part of the log, as of one moment. */
type Page = {
  readonly rows: StoredEntry[];
  /** Those of the users of the entries who were not erased, by number. */
  readonly subjects: ReadonlyMap<number, Subject>;
  readonly head: StoredHead;
};
type Row = Readonly<Record<string, unknown>>;

function isOld(
  kind: string,
  at: number,
  before: Readonly<Record<'profile' | 'choice' | 'signal', number>>,
): boolean {
  return (kind === 'profile' || kind === 'choice' || kind === 'signal') && at < before[kind];
}

function placeOf(row: Row): { readonly revision: number; readonly subject: number; readonly at: number } {
  return { revision: numberIn(row, 'revision'), subject: numberIn(row, 'subject'), at: numberIn(row, 'at') };
}

function storedEntry(row: Row): StoredEntry {
  return {
    ...placeOf(row),
    kind: textIn(row, 'kind'),
    content: row['content'] === null ? undefined : bytesIn(row, 'content'),
    hash: bytesIn(row, 'hash'),
  };
}

const HEAD_COLUMNS = Prisma.sql`revision, subject, encode(hash, 'base64') AS hash,
  encode(publications, 'base64') AS publications, encode(mac, 'base64') AS mac`;

function storedHead(row: Row): StoredHead {
  return {
    revision: BigInt(numberIn(row, 'revision')),
    subject: BigInt(numberIn(row, 'subject')),
    hash: bytesIn(row, 'hash'),
    publications: bytesIn(row, 'publications'),
    mac: bytesIn(row, 'mac'),
  };
}

function listIn(row: Row | undefined, column: string): Row[] {
  const list: unknown = JSON.parse(textIn(row ?? {}, column));
  return Array.isArray(list) ? list : unreadable(column);
}

function numberIn(row: Row, column: string): number {
  const value = row[column];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : unreadable(column);
}

function textIn(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : unreadable(column);
}

function bytesIn(row: Row, column: string): Buffer {
  return Buffer.from(textIn(row, column), 'base64');
}

function unreadable(column: string): never {
  throw new Error(
    `the consent log has an unreadable \`${column}\`; start the build that wrote it, or restore the log from a backup`,
  );
}

const refused = refusedOn('the consent log');
