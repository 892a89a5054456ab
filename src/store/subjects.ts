import { setImmediate as turn } from 'node:timers/promises';
import type { NewConsentEvent } from '../decision/consent-event.js';
import type { Database } from './database.js';
import { refuse } from './database-refusal.js';
import type { Subject } from './vault.js';

/** A new user as `consent_subject` takes them. */
type AdmittedSubject = { readonly id: number; readonly lookup: Buffer; readonly sealed: Buffer };

/** Users who are admitted between two turns of the event loop: about a millisecond. */
const ADMITTED_AT_ONCE = 64;

/** Users whose rows are kept open; those who change something have often just done so. */
const KEPT = 20_000;

/** The users of the log, by id and by number. Their keys are here and nowhere else. */
export class Subjects {
  /** By id of the user; who was asked for longest ago first. */
  private readonly kept = new Map<string, Subject>();

  constructor(private readonly database: Database) {}

  /** The user as the log knows them; `undefined` for one it does not know. */
  async find(user: string): Promise<Subject | undefined> {
    return this.kept.get(user) ?? (await this.findAll([this.database.vault.lookupOf(user)])).get(user);
  }

  /** Those of these users whom the log knows. */
  async findThese(users: readonly string[]): Promise<Subject[]> {
    const found = await this.findAll(users.map((user) => this.database.vault.lookupOf(user)));
    return [...found.values()];
  }

  /**
   * The users of these events. Those whom the log does not know are given the numbers after `last`, and are to be written
   * with the events.
   *
   * @param isNew whether the log is known not to know a user
   */
  async of(
    events: readonly NewConsentEvent[],
    last: number,
    isNew: (user: string) => boolean,
  ): Promise<{
    readonly known: ReadonlyMap<string, Subject>;
    readonly admitted: readonly AdmittedSubject[];
    readonly last: number;
  }> {
    const users = new Set(events.map(({ user }) => user));
    const known = new Map<string, Subject>();
    for (const user of users) {
      const subject = this.kept.get(user);
      if (subject !== undefined) known.set(user, subject);
    }
    const { vault } = this.database;
    const unkept = new Map(
      [...users].filter((user) => !known.has(user)).map((user) => [user, vault.lookupOf(user)]),
    );
    const perhaps = [...unkept].flatMap(([user, lookup]) => (isNew(user) ? [] : [lookup]));
    if (perhaps.length > 0)
      for (const [user, subject] of await this.findAll(perhaps)) known.set(user, subject);
    const admitted: AdmittedSubject[] = [];
    let id = last;
    for (const [user, lookup] of unkept) {
      if (known.has(user)) continue;
      if (admitted.length > 0 && admitted.length % ADMITTED_AT_ONCE === 0) await turn();
      const { subject, sealed } = vault.admit(++id, user);
      known.set(user, subject);
      admitted.push({ id, lookup, sealed });
    }
    return { known, admitted, last: id };
  }

  /** Keeps users who are known to be in the log. */
  keep(subjects: Iterable<Subject>): void {
    for (const subject of subjects) {
      this.kept.delete(subject.user);
      this.kept.set(subject.user, subject);
    }
    for (const user of this.kept.keys()) {
      if (this.kept.size <= KEPT) return;
      this.kept.delete(user);
    }
  }

  drop(user: string): void {
    this.kept.delete(user);
  }

  /** The users of these numbers who were not erased. */
  async byId(ids: readonly number[]): Promise<Map<number, Subject>> {
    const wanted = JSON.stringify([...new Set(ids)]);
    const [row] = await this.database.prisma.$queryRaw<Row[]>`
      SELECT coalesce(json_agg(json_build_array(id, encode(sealed, 'base64'))), '[]')::text AS page
      FROM consent_subject
      WHERE id IN (SELECT value::bigint FROM json_array_elements_text(${wanted}::json))`.catch(refused);
    return new Map(this.openedIn(row).map((subject) => [subject.id, subject]));
  }

  private async findAll(lookups: readonly Buffer[]): Promise<Map<string, Subject>> {
    const wanted = JSON.stringify(lookups.map((lookup) => lookup.toString('base64')));
    const [row] = await this.database.prisma.$queryRaw<Row[]>`
      SELECT coalesce(json_agg(json_build_array(id, encode(sealed, 'base64'))), '[]')::text AS page
      FROM consent_subject
      WHERE lookup IN (SELECT decode(value, 'base64') FROM json_array_elements_text(${wanted}::json))`.catch(
      refused,
    );
    // by the id that was sealed: that two ids share a hash of 128 bits is beyond chance, and would still do no harm
    return new Map(this.openedIn(row).map((subject) => [subject.user, subject]));
  }

  private openedIn(row: Row | undefined): Subject[] {
    const page: unknown = JSON.parse(String(row?.['page']));
    if (!Array.isArray(page)) throw unreadable();
    return page.map((entry: unknown) => {
      const [id, sealed]: unknown[] = Array.isArray(entry) ? entry : [];
      if (typeof id !== 'number' || typeof sealed !== 'string') throw unreadable();
      return this.database.vault.openSubject(id, Buffer.from(sealed, 'base64'));
    });
  }
}

type Row = Readonly<Record<string, unknown>>;

function unreadable(): Error {
  return new Error(
    'the users of the consent log did not come as a list; install the versions that package.json names',
  );
}

const refused = (error: unknown): never => refuse(error, 'the users of the consent log');
