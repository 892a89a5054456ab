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
  type ListedImport,
  type NewImportMark,
  type LapseMark,
  type NewDeadline,
  type LogEnd,
  type UserGroup,
  type UserPurpose,
  type VerifiableUser,
} from '../consent/log/consent.store.js';
import {
  type ChoiceEvent,
  type LevelEvent,
  deadlineOf,
  isChoice,
  isLevel,
  supersedes,
  topicOf,
  visibilityTopic,
} from '../consent/log/settlement/event-rules.js';
import {
  type ChangedBy,
  type ConsentEvent,
  type LogEntry,
  type NewConsentEvent,
  isKept,
} from '../decision/consent-event.js';
import { type FleetStore, Overtaken } from '../fleet/fleet.store.js';
import { PUBLICATIONS_GENESIS } from '../consent/log/chain.js';
import type { Database } from './database/database.js';
import {
  decodeErasure,
  decodeForgetting,
  encodeContent,
  encodeErasure,
  encodeForgetting,
} from './database/event-content.js';
import { type Head, type SealedHead, headOf } from './database/log-head.js';
import {
  ERASURE,
  HEAD_COLUMNS,
  RETENTION,
  type Row,
  type StoredEntry,
  bytesIn,
  numberIn,
  placeOf,
  storedHead,
  textIn,
  unreadable,
} from './database/log-row.js';
import { SealedBlock } from './database/sealed-block.js';
import { StoredDeadlines, deadlinesPart, turnedPart } from './deadlines.js';
import { Erased } from './erased.js';
import { Prisma } from './generated/client.js';
import { lastSaid } from './last-said.js';
import { DESCENDING, LogPages, serverPart } from './log-pages.js';
import { refusedOn } from './postgres/database-refusal.js';
import { Subjects, admissionOf } from './subjects.js';

/** Events sealed before the event loop gets a turn: about a millisecond. */
const SEALED_AT_ONCE = 128;

const EMPTY = Buffer.alloc(0);

/** Page size when later events are searched. */
const LATER_SIZE = 1_000;

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
  private readonly pages: LogPages;
  private readonly deadlines: StoredDeadlines;
  /** The last entry that was read or written: the next one must follow it. */
  private reached: Pick<Link, 'revision' | 'hash'> | undefined;
  /** The one before what was read or written last: it is followed again where that is not applied yet. */
  private before: Pick<Link, 'revision' | 'hash'> | undefined;
  lastPublication: Buffer | undefined;

  constructor(private readonly database: Database) {
    super();
    this.subjects = new Subjects(database);
    this.erased = new Erased(database);
    this.pages = new LogPages(database, this.subjects);
    this.deadlines = new StoredDeadlines(database, this.pages, this.subjects);
    this.tokens = database.tokens;
    this.fleet = database.fleet;
  }

  append(events: readonly NewConsentEvent[], appending: Appending = {}): Promise<readonly ConsentEvent[]> {
    if (events.length === 0 && appending.mark === undefined)
      return Promise.reject(new RangeError('a block of consent events cannot be empty; append at least one'));
    return this.database.head.inTurn((head) => this.appendAfter(head, events, appending));
  }

  private async appendAfter(
    head: SealedHead,
    events: readonly NewConsentEvent[],
    { after = head.revision, published, mark, lookAt = deadlineOf, turns = () => false, isNew }: Appending,
  ): Promise<readonly ConsentEvent[]> {
    if (after !== head.revision) throw new Overtaken();
    this.ensureRead(head, published);
    const contents = events.map(encodeContent);
    const { known, admitted, last } = await this.subjects.of(events, head, isNew);
    const block = new SealedBlock(head, events.length);
    const appended: ConsentEvent[] = [];
    const deadlines: NewDeadline[] = [];
    const turned: number[] = [];
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
      appended.push({ ...event, revision, subject: subject.id });
      const due = lookAt(event);
      if (turns(event)) turned.push(subject.id);
      if (due !== undefined) deadlines.push({ revision, subject: subject.id, due });
    }
    await this.write(head, { ...head, ...block.last, subject: last }, block, [
      ...(admitted.length === 0 ? [] : [admissionOf(admitted)]),
      ...(deadlines.length === 0 ? [] : [deadlinesPart(deadlines)]),
      ...(turned.length === 0 ? [] : [turnedPart(turned)]),
      ...(mark === undefined ? [] : [markPart(mark)]),
    ]);
    this.subjects.keep(known.values());
    return appended;
  }

  /**
   * Writes a block as one statement, which commits or fails as a whole and needs no further round trips.
   *
   * @param besides further parts of the statement; each selects from `head`, which has no row when another process has
   *   moved the head
   */
  private async write(
    before: SealedHead,
    after: SealedHead,
    block: SealedBlock,
    besides: readonly Prisma.Sql[],
  ): Promise<void> {
    const { toTheEnd, head } = this.database;
    const statement = Prisma.sql`
      WITH head AS (${head.move(before, after)}), ${Prisma.join([block.insertion, ...besides])}
      SELECT true AS written ${this.database.wakes(Prisma.sql`revision`)} FROM head`;
    const rows = await toTheEnd((patient) => patient.$queryRaw<Row[]>(statement)).catch(refused);
    head.moved(after, rows);
    this.before = this.reached;
    this.reached = block.last;
  }

  /**
   * A block rests on what was read: the numbers of users, what they have said, and the policy in force. So the last entry
   * that was read must be the head, and the last publication the one that is in force here.
   */
  private ensureRead({ revision, hash, publications }: Head, published: Buffer = EMPTY): void {
    const { reached } = this;
    if (reached === undefined) return;
    if (reached.revision < revision) throw new Overtaken();
    if (reached.revision > revision || !reached.hash.equals(hash)) throw new ConsentStoreLost();
    const areKnown = published.length > 0 && !publications.equals(PUBLICATIONS_GENESIS);
    if (areKnown && !published.equals(publications)) throw new Overtaken();
  }

  async read(after: number, limit: number): Promise<LogEntry[]> {
    const last = [this.reached, this.before].find((link) => link?.revision === after);
    // the last entry is read again: it must still be there
    const [from, rows] = last === undefined ? [after, limit] : [after - 1, limit + 1];
    const page = await this.pages.page(Prisma.sql`revision > ${from}::bigint`, rows);
    if (last !== undefined && page.rows.shift()?.hash.equals(last.hash) !== true)
      throw new ConsentStoreLost();
    this.before = last;
    this.reached = page.rows.at(-1) ?? last ?? this.reached;
    this.lastPublication = page.head.publications;
    // the next block is written after this head, without reading it again
    this.database.head.seen(headOf(page.head), page.head.mac, page.head.keyCheck);
    return this.pages.opened(page);
  }

  async entries(after: number, limit: number): Promise<LogEntry[]> {
    return this.pages.opened(await this.pages.page(Prisma.sql`revision > ${after}::bigint`, limit));
  }

  get lastLink(): Buffer {
    return this.reached?.hash ?? EMPTY;
  }

  async readUser(user: string, after: number, limit: number): Promise<ConsentEvent[]> {
    return this.ofUser(user, Prisma.sql`revision > ${after}::bigint`, limit);
  }

  async readUserBack(user: string, until: number, limit: number): Promise<ConsentEvent[]> {
    return this.ofUser(user, Prisma.sql`revision <= ${until}::bigint`, limit, DESCENDING);
  }

  private async ofUser(
    user: string,
    where: Prisma.Sql,
    limit: number,
    order?: Prisma.Sql,
  ): Promise<ConsentEvent[]> {
    const subject = await this.subjects.find(user);
    if (subject === undefined) return [];
    const mine = Prisma.sql`subject = ${subject.id}::bigint AND content IS NOT NULL AND ${where}`;
    const rows = await this.pages.rows(mine, limit, order);
    return rows.map((row) => this.pages.entryOf(row, subject)).filter(isKept);
  }

  lastChoices(wanted: readonly UserPurpose[]): Promise<ChoiceEvent[]> {
    const sought = wanted.map(({ user, purpose }) => ({ user, topic: topicOf({ kind: 'choice', purpose }) }));
    return lastSaid(this.pages, this.subjects, 'choice', sought, isChoice);
  }

  lastLevels(wanted: readonly UserGroup[]): Promise<LevelEvent[]> {
    const sought = wanted.map(({ user, group }) => ({ user, topic: visibilityTopic(group) }));
    return lastSaid(this.pages, this.subjects, 'visibility', sought, isLevel);
  }

  async hasForgotten(user: string, until: number): Promise<boolean> {
    const subject = await this.subjects.find(user);
    if (subject === undefined) return false;
    const where = Prisma.sql`subject = ${subject.id}::bigint AND content IS NULL AND revision <= ${until}::bigint`;
    return (await this.pages.rows(where, 1)).length > 0;
  }

  async head(): Promise<number> {
    const head = await this.database.prisma.consentHead
      .findUniqueOrThrow({ where: { id: 1 } })
      .catch(refused);
    return Number(head.revision);
  }

  async links(after: number, limit: number): Promise<VerifiableLink[]> {
    const rows = await this.pages.list(Prisma.sql`
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
    const [row] = await this.pages.list(Prisma.sql`
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

  usersNumbered(numbers: readonly number[]): Promise<ReadonlyMap<number, string>> {
    return this.subjects.numbered(numbers);
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
      const after = { ...head, ...block.last };
      await this.write(head, after, block, [
        Prisma.sql`deadlines AS (DELETE FROM consent_deadline USING head WHERE subject = ${subject.id}::bigint)`,
        Prisma.sql`gone AS (DELETE FROM consent_subject USING head WHERE id = ${subject.id}::bigint)`,
        this.erased.noted(after, user, at),
      ]);
      const { revision } = after;
      return { revision, at, by: decodeErasure(revision, content) };
    });
  }

  async erasures(after: number, limit: number): Promise<Erasure[]> {
    const rows = await this.pages.rows(Prisma.sql`kind = ${ERASURE} AND revision > ${after}::bigint`, limit);
    return rows.map(({ revision, at, content }) => ({
      revision,
      at,
      by: decodeErasure(revision, content ?? Buffer.alloc(0)),
    }));
  }

  erasedLately(): Promise<ReadonlyMap<string, number>> {
    return this.erased.lately();
  }

  async knowsErased(after: number): Promise<boolean> {
    const [row] = await this.pages.list(Prisma.sql`
      SELECT true AS unknown FROM consent_event AS event
      WHERE kind = ${ERASURE} AND revision > ${after}::bigint
        AND NOT EXISTS (SELECT FROM consent_erased AS erased WHERE erased.revision = event.revision)
      LIMIT 1`);
    return row === undefined;
  }

  async passOver(number: number): Promise<void> {
    const { toTheEnd, head } = this.database;
    try {
      await head.inTurn(async (before) => {
        if (before.subject >= number) return;
        const after = { ...before, subject: number };
        const statement = Prisma.sql`WITH head AS (${head.move(before, after)}) SELECT true AS written FROM head`;
        const rows = await toTheEnd((patient) => patient.$queryRaw<Row[]>(statement)).catch(refused);
        head.moved(after, rows);
      });
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
      await this.passOver(number);
    }
  }

  due(by: number, limit: number, sure?: number): Promise<Deadline[]> {
    return this.deadlines.due(by, limit, sure);
  }

  deadlinesOf(users: readonly string[]): Promise<Deadline[]> {
    return this.deadlines.of(users);
  }

  nextDue(after?: number): Promise<number | undefined> {
    return this.deadlines.next(after);
  }

  setDeadlines(deadlines: readonly NewDeadline[], after: number, published?: Buffer): Promise<void> {
    return this.atHead(after, published, (at) => this.deadlines.set(deadlines, at));
  }

  putOffDeadlines(
    deadlines: readonly NewDeadline[],
    removed: readonly number[],
    after: number,
    published?: Buffer,
  ): Promise<void> {
    return this.atHead(after, published, (at) => this.deadlines.putOff(deadlines, removed, at));
  }

  /** Writes beside the log, while its head is where the caller knows it. */
  private atHead(
    after: number,
    published: Buffer | undefined,
    write: (at: Prisma.Sql) => Promise<number>,
  ): Promise<void> {
    return this.database.head.inTurn(async (head) => {
      if (after !== head.revision) throw new Overtaken();
      this.ensureRead(head, published);
      if ((await write(this.database.head.isAt(head))) === 0) throw new Overtaken();
    });
  }

  lapseMark(): Promise<LapseMark | undefined> {
    return this.deadlines.mark();
  }

  async markLapses(mark: LapseMark, published: Buffer = EMPTY): Promise<void> {
    const { head } = this.database;
    const written = await this.deadlines.setMark(
      mark,
      published.length === 0 ? Prisma.sql`id = 1` : head.hasPublished(published),
    );
    if (written === 0) throw new Overtaken();
  }

  dropDeadlines(revisions: readonly number[]): Promise<void> {
    return this.deadlines.drop(revisions);
  }

  async importMark(id: string): Promise<ImportMark | undefined> {
    const { prisma, fleet } = this.database;
    // a former server may have a later one than this log, and the rows between them would be left out
    const [row] = await prisma.$queryRaw<readonly MarkRow[]>`
      SELECT (SELECT line FROM consent_import WHERE id = ${id})::float8 AS line,
        (SELECT summary FROM consent_import WHERE id = ${id}) AS summary ${serverPart(fleet)}`.catch(refused);
    fleet?.ensureOn(row?.server ?? '');
    if (typeof row?.line !== 'number' || row.summary === null) return undefined;
    return { id, line: row.line, summary: countsIn(row.summary) };
  }

  async imports(
    limit: number,
    after?: { readonly at: number; readonly id: string },
  ): Promise<readonly ListedImport[]> {
    const { prisma, fleet } = this.database;
    const older =
      after && Prisma.sql`WHERE (coalesce(changed_at, 0), id) < (${after.at}::bigint, ${after.id}::text)`;
    // refusals of single lines are left in the database: of each import there may be thousands
    const rows = await prisma.$queryRaw<readonly ListedRow[]>`
      SELECT id, line::float8 AS line, by, begun_at::float8 AS "begunAt", changed_at::float8 AS "changedAt", (
        SELECT coalesce(json_object_agg(key, value), '{}') FROM json_each(summary::json) WHERE key !~ '^[0-9]+ '
      )::text AS summary ${serverPart(fleet)}
      FROM (
        SELECT * FROM consent_import ${older ?? Prisma.empty}
        ORDER BY coalesce(changed_at, 0) DESC, id DESC LIMIT ${limit}::int
      ) AS page ORDER BY coalesce(changed_at, 0) DESC, id DESC`.catch(refused);
    for (const { server } of rows) fleet?.ensureOn(server ?? '');
    return rows.map(({ id, line, by, begunAt, changedAt, summary }) => ({
      id,
      line,
      by,
      begunAt,
      changedAt,
      summary: countsIn(summary),
    }));
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
    const page = await this.pages.rows(
      Prisma.sql`kind <> ${RETENTION} AND revision > ${after}::bigint`,
      limit,
    );
    const reached = page.at(-1)?.revision;
    if (reached === undefined) {
      await this.erased.letGo(at);
      return undefined;
    }
    const old = page.filter(({ at, kind, content }) => content !== undefined && isOld(kind, at, before));
    if (old.length === 0) return { reached, forgotten: 0 };
    const revisions = await this.supersededOf(old);
    if (revisions.length === 0) return { reached, forgotten: 0 };
    await this.database.head.inTurn(async (head) => {
      this.ensureRead(head);
      const block = new SealedBlock(head, 1);
      block.add(NOBODY, at, RETENTION, encodeForgetting(revisions));
      // the deadline of a superseded event no longer counts
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

  /** The revisions of those entries that a later event of the same user has superseded. */
  private async supersededOf(entries: readonly StoredEntry[]): Promise<number[]> {
    const wanted = new Set(entries.map(({ revision }) => revision));
    const subjects = [...new Set(entries.map(({ subject }) => BigInt(subject)))];
    const superseded: number[] = [];
    /** By topic and user, the entries that nothing found so far supersedes. */
    const standing = new Map<string, ConsentEvent[]>();
    let left = wanted.size;
    const said = this.pages.from(
      Math.min(...wanted) - 1,
      Prisma.sql`subject = ANY (${subjects}::bigint[]) AND content IS NOT NULL`,
      LATER_SIZE,
    );
    for await (const event of said) {
      if (!isKept(event)) continue;
      const key = `${topicOf(event.change)} ${event.user}`;
      const before = standing.get(key) ?? [];
      const stays = before.filter((one) => !supersedes(event, one));
      superseded.push(...before.flatMap((one) => (stays.includes(one) ? [] : [one.revision])));
      if (wanted.has(event.revision)) {
        left--;
        stays.push(event);
      }
      if (stays.length > 0) standing.set(key, stays);
      else standing.delete(key);
      if (left === 0 && standing.size === 0) break;
    }
    return superseded.toSorted((one, other) => one - other);
  }
}

type MarkRow = {
  readonly line: number | null;
  readonly summary: string | null;
  readonly server?: string;
};

type ListedRow = Omit<ListedImport, 'summary'> & { readonly summary: string; readonly server?: string };

/** @param summary as JSON text */
function countsIn(summary: string): ImportMark['summary'] {
  const value: unknown = JSON.parse(summary);
  const counts = Object.entries(typeof value === 'object' && value !== null ? value : {});
  return Object.fromEntries(counts.map(([name, count]) => [name, Number(count)]));
}

function markPart({ id, line, summary, by, at }: NewImportMark): Prisma.Sql {
  return Prisma.sql`mark AS (
    INSERT INTO consent_import (id, line, summary, by, begun_at, changed_at)
    SELECT ${id}, ${line}::bigint, ${JSON.stringify(summary)}, ${by ?? null}::text, ${at ?? null}::bigint, ${at ?? null}::bigint FROM head
    ON CONFLICT (id) DO UPDATE SET line = excluded.line, summary = excluded.summary, by = excluded.by,
      changed_at = excluded.changed_at
  )`;
}

/** Stands for the user of a record that is about none. */
const NOBODY = 0;

function isOld(
  kind: string,
  at: number,
  before: Readonly<Record<'profile' | 'choice' | 'signal', number>>,
): boolean {
  // a level that was set is kept as long as a choice
  if (kind === 'visibility') return at < before.choice;
  return (kind === 'profile' || kind === 'choice' || kind === 'signal') && at < before[kind];
}

const refused = refusedOn('the consent log');
