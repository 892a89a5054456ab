import { setImmediate as turn } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { VerifiableUser } from '../consent/log/consent.store.js';
import type { UserSince } from '../consent/log/erased/erasure-marks.store.js';
import type { NewConsentEvent } from '../decision/consent-event.js';
import { Overtaken } from '../fleet/fleet.store.js';
import { parseJson } from '../json.js';
import { MOST_NUMBER } from '../decision/state/key-index.js';
import type { Database } from './database/database.js';
import { refusedOn } from './postgres/database-refusal.js';
import { Prisma } from './generated/client.js';
import { Packed, numbers } from './database/packed-columns.js';
import type { SealedHead } from './database/log-head.js';
import { LOOKUP_BYTES, type SealedSubject, type Subject } from './database/vault.js';

/** Users sealed per turn of the event loop: about a millisecond. */
const ADMITTED_AT_ONCE = 64;

/** Users whose opened rows are cached: those who change something often do so again. */
const KEPT = 20_000;

/** The users of the log, by id and by number. Only this class holds their keys. */
export class Subjects {
  /** By id of the user. */
  private readonly kept = new LRUCache<string, Subject>({ max: KEPT });

  constructor(private readonly database: Database) {}

  /** The user as the log knows them; `undefined` for one it does not know. */
  async find(user: string): Promise<Subject | undefined> {
    return this.kept.get(user) ?? (await this.findAll([user])).get(user);
  }

  /** Those of these users whom the log knows. */
  async findThese(users: readonly string[]): Promise<Subject[]> {
    return [...(await this.findAll(users)).values()];
  }

  /** The ids of users, by number. */
  async numbered(numbers: readonly number[]): Promise<Map<number, string>> {
    const [row] = await this.database.prisma.$queryRaw<Row[]>`${sealedSubjects(
      Prisma.sql`id`,
      Prisma.sql`SELECT DISTINCT value::bigint FROM json_array_elements_text(${JSON.stringify(numbers)}::json)`,
    )}`.catch(refused);
    return new Map(this.openedIn(row?.['page']).map(({ id, user }) => [id, user]));
  }

  /**
   * The users of these events. Unknown ones get the numbers after the last one, and must be written with the events.
   *
   * INVARIANT: a number fits into 32 bits, as the state of every process keeps it; refused here, before it is in the log.
   *
   * @param isNew whether the state does not know a user; absent: the log is asked about all
   * @throws RangeError when no number is left; Overtaken when somebody was erased meanwhile; Error when the log does not
   *   find a user whom the state knows: under another number, what they have said would be lost
   */
  async of(
    events: readonly NewConsentEvent[],
    { revision, subject: last, key }: Pick<SealedHead, 'revision' | 'subject' | 'key'>,
    isNew?: (user: string) => boolean,
  ): Promise<{
    readonly known: ReadonlyMap<string, Subject>;
    readonly admitted: readonly SealedSubject[];
    readonly last: number;
  }> {
    const users = new Set(events.map(({ user }) => user));
    const known = new Map<string, Subject>();
    for (const user of users) {
      const subject = this.kept.get(user);
      if (subject !== undefined) known.set(user, subject);
    }
    const { vault } = this.database;
    const sought = [...users].filter((user) => !known.has(user) && isNew?.(user) !== true);
    if (sought.length > 0) for (const [user, subject] of await this.findAll(sought)) known.set(user, subject);
    if (isNew !== undefined && sought.some((user) => !known.has(user))) await this.notFound(revision);
    const admitted: SealedSubject[] = [];
    let id = last;
    for (const user of users) {
      if (known.has(user)) continue;
      if (admitted.length > 0 && admitted.length % ADMITTED_AT_ONCE === 0) await turn();
      if (id >= MOST_NUMBER)
        throw new RangeError(
          `the consent log has given all of its ${MOST_NUMBER} numbers for users; it takes no new user`,
        );
      const { subject, row } = vault.admit(++id, user, key);
      known.set(user, subject);
      admitted.push(row);
    }
    return { known, admitted, last: id };
  }

  /** @throws Overtaken when the log has moved on from a revision; else Error */
  private async notFound(since: number): Promise<never> {
    const { revision } = await this.database.head.read();
    if (revision !== since) throw new Overtaken();
    throw new Error(
      'the consent log does not find a user by an id that it knows: their row was altered since it was written, or is of a key that the key file has not; restore the log, or the key file, from a backup',
    );
  }

  /** Keeps users who are known to be in the log. */
  keep(subjects: Iterable<Subject>): void {
    for (const subject of subjects) this.kept.set(subject.user, subject);
  }

  drop(user: string): void {
    this.kept.delete(user);
  }

  /** Users as a statement with `sealedSubjects` has given them, by number. */
  openedById(page: unknown): Map<number, Subject> {
    return new Map(this.openedIn(page).map((subject) => [subject.id, subject]));
  }

  /** Users with a number above `after`, ascending: whether each row is the one that was written for that number. */
  async verifiable(after: number, limit: number): Promise<VerifiableUser[]> {
    const rows = await this.database.prisma.consentSubject
      .findMany({ where: { id: { gt: BigInt(after) } }, orderBy: { id: 'asc' }, take: limit })
      .catch(refused);
    return rows.map(({ id, lookup, sealed }) => ({
      subject: Number(id),
      isSound: this.isSound(Number(id), Buffer.from(lookup), Buffer.from(sealed)),
    }));
  }

  /** Users with a number above `after`, ascending, and the first entry about each, whatever is left of it. */
  async since(after: number, limit: number): Promise<UserSince[]> {
    const [row] = await this.database.prisma.$queryRaw<Row[]>`
      SELECT coalesce(json_agg(json_build_array(id, encode(sealed, 'base64')) ORDER BY id), '[]')::text AS page,
        coalesce(json_object_agg(id, first), '{}')::text AS firsts
      FROM (
        SELECT id, sealed, (
          SELECT json_build_array(revision, at) FROM consent_event
          WHERE subject = consent_subject.id ORDER BY revision LIMIT 1
        ) AS first
        FROM consent_subject WHERE id > ${after}::bigint ORDER BY id LIMIT ${limit}::int
      ) AS page`.catch(refused);
    const firsts = new Map<string, unknown>(Object.entries(Object(parseJson(String(row?.['firsts'])))));
    return this.openedIn(row?.['page']).map(({ id, user }) => {
      const first = firsts.get(String(id));
      // a user without an entry is of no known time: any erasure is later
      const [revision, at]: unknown[] = Array.isArray(first) ? first : [];
      const known = typeof revision === 'number' && typeof at === 'number';
      return { number: id, user, first: known ? { revision, at } : { revision: 0, at: -Infinity } };
    });
  }

  private isSound(id: number, lookup: Buffer, sealed: Buffer): boolean {
    const { vault } = this.database;
    try {
      const { user } = vault.openSubject(id, sealed);
      return vault.lookupsOf(user).some((own) => own.equals(lookup));
    } catch {
      return false;
    }
  }

  private async findAll(users: readonly string[]): Promise<Map<string, Subject>> {
    const { prisma, vault, head } = this.database;
    for (;;) {
      const { check } = vault;
      const lookups = users.flatMap((user) => vault.lookupsOf(user));
      const wanted = JSON.stringify(lookups.map((lookup) => lookup.toString('base64')));
      const [row] = await prisma.$queryRaw<Row[]>`
        SELECT (${sealedSubjects(
          Prisma.sql`lookup`,
          Prisma.sql`SELECT DISTINCT decode(value, 'base64') FROM json_array_elements_text(${wanted}::json)`,
        )}) AS page, (SELECT key_check FROM consent_head WHERE id = 1) AS key_check`.catch(refused);
      // by the sealed id: two ids with the same 128-bit hash are practically impossible, and would still be harmless
      if (row?.['key_check'] === check)
        return new Map(this.openedIn(row['page']).map((subject) => [subject.user, subject]));
      // the key was replaced: a user may be there under a hash that was not asked for
      await head.read();
    }
  }

  private openedIn(page: unknown): Subject[] {
    let sealed: unknown;
    try {
      sealed = JSON.parse(String(page));
    } catch {
      // what the parser says quotes it
      throw unreadable();
    }
    if (!Array.isArray(sealed)) throw unreadable();
    return sealed.map((entry: unknown) => {
      const [id, sealed]: unknown[] = Array.isArray(entry) ? entry : [];
      if (typeof id !== 'number' || typeof sealed !== 'string') throw unreadable();
      return this.database.vault.openSubject(id, Buffer.from(sealed, 'base64'));
    });
  }
}

/**
 * The statement that reads users, as one text. Each is looked up separately: for a cached plan, the planner may assume
 * a list so long that it reads all users.
 *
 * @param column identifies them
 * @param wanted query of the values
 */
export function sealedSubjects(column: Prisma.Sql, wanted: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`SELECT coalesce(json_agg(json_build_array(id, encode(sealed, 'base64'))), '[]')::text AS page
    FROM (${wanted}) AS wanted (value), LATERAL (
      SELECT id, sealed FROM consent_subject WHERE ${column} = wanted.value OFFSET 0
    ) AS subject`;
}

/** Bytes of a sealed row; most are shorter. */
const SEALED_BYTES = 128;

/** The parts of a statement that write new users, if `head` has a row. */
export function admissionOf(admitted: readonly SealedSubject[]): Prisma.Sql {
  const lookups = new Packed(admitted.length * LOOKUP_BYTES);
  const rows = new Packed(admitted.length * SEALED_BYTES);
  for (const { lookup, sealed } of admitted) {
    lookups.add(lookup);
    rows.add(sealed);
  }
  return Prisma.sql`admitted AS MATERIALIZED (SELECT ${lookups.whole} AS lookups, ${rows.whole} AS rows)
    , subjects AS (
      INSERT INTO consent_subject (id, lookup, sealed)
      SELECT subject.id, substring(lookups, lookup_start::int, lookup_size::int),
        substring(rows, row_start::int, row_size::int)
      FROM head, admitted, unnest(${numbers(admitted.map(({ id }) => id))}, ${lookups.places}, ${rows.places})
        AS subject (id, lookup_start, lookup_size, row_start, row_size)
    )`;
}

type Row = Readonly<Record<string, unknown>>;

function unreadable(): Error {
  return new Error(
    'the users of the consent log did not come as a list; install the versions that package.json names',
  );
}

const refused = refusedOn('the users of the consent log');
