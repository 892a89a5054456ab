import { createHash } from 'node:crypto';
import {
  ALTERED,
  type CaseEvent,
  CaseStore,
  type FoundCase,
  type ListedCase,
  alteredCase,
} from '../cases/cases.store.js';
import { readCaseEvent } from './database/case-row.js';
import type { Database } from './database/database.js';
import { Prisma } from './generated/client.js';
import { refusedOn } from './postgres/database-refusal.js';

/** Cases in PostgreSQL, embedded or on a server, their events sealed and chained. */
export class PrismaCaseStore extends CaseStore {
  constructor(private readonly database: Database) {
    super();
  }

  append(id: string, number: number, event: CaseEvent): Promise<boolean> {
    return this.database.sealing(() => this.appendSealed(id, number, event));
  }

  private async appendSealed(id: string, number: number, event: CaseEvent): Promise<boolean> {
    const { vault, toTheEnd } = this.database;
    const before: Uint8Array | undefined = number === 1 ? GENESIS : await this.linkAt(id, number - 1);
    if (before === undefined) return false;
    const content = vault.seal(Buffer.from(JSON.stringify(event)), boundToCaseEvent(id, number));
    const hash = linkAfter(before, content);
    const mac = vault.vouch(headOf(id, number, hash));
    const statement =
      number === 1
        ? Prisma.sql`
            WITH head AS (
              INSERT INTO case_file (id, opened_at, events, hash, mac)
              VALUES (${id}, ${event.at}::bigint, 1, ${bytes(hash)}, ${bytes(mac)})
              ON CONFLICT DO NOTHING
              RETURNING id
            )`
        : Prisma.sql`
            WITH head AS (
              UPDATE case_file SET events = ${number}::int, hash = ${bytes(hash)}, mac = ${bytes(mac)}
              WHERE id = ${id} AND events = ${number - 1}::int AND hash = ${bytes(before)}
              RETURNING id
            )`;
    const appended = await toTheEnd(
      (patient) =>
        patient.$executeRaw`${statement}
          INSERT INTO case_event (case_id, number, content)
          SELECT id, ${number}::int, ${bytes(content)} FROM head`,
    ).catch(refused);
    return appended === 1;
  }

  async readAll(ids: readonly string[]): Promise<ReadonlyMap<string, FoundCase>> {
    // one statement: heads and events of one moment
    const rows = await this.database.prisma.$queryRaw<readonly Row[]>`
      SELECT ${COLUMNS} FROM case_file LEFT JOIN case_event ON case_id = id
      WHERE id = ANY (ARRAY(SELECT json_array_elements_text(${JSON.stringify(ids)}::json))) ORDER BY id, number`.catch(
      refused,
    );
    return new Map(this.opened(rows).map(({ id, found }) => [id, found]));
  }

  async list(
    limit: number,
    after?: { readonly at: number; readonly id: string },
  ): Promise<readonly ListedCase[]> {
    const from =
      after === undefined
        ? Prisma.empty
        : Prisma.sql`WHERE opened_at < ${after.at}::bigint OR (opened_at = ${after.at}::bigint AND id > ${after.id})`;
    const rows = await this.database.prisma.$queryRaw<readonly Row[]>`
      WITH page AS (SELECT * FROM case_file ${from} ORDER BY opened_at DESC, id LIMIT ${limit}::int)
      SELECT ${COLUMNS} FROM page LEFT JOIN case_event ON case_id = id
      ORDER BY opened_at DESC, id, number`.catch(refused);
    return this.opened(rows);
  }

  /**
   * Seals the events of a case with the present key, where they are not.
   *
   * @returns `overtaken` when it was written to meanwhile, `altered` when it was not as it was sealed: it is as it was
   */
  async reseal(id: string): Promise<'sealed' | 'overtaken' | typeof ALTERED> {
    const { vault, toTheEnd } = this.database;
    const rows = await this.database.prisma.$queryRaw<readonly Row[]>`
      SELECT ${COLUMNS} FROM case_file LEFT JOIN case_event ON case_id = id WHERE id = ${id} ORDER BY number`.catch(
      refused,
    );
    const [head] = rows;
    if (head === undefined) return 'sealed';
    if (this.caseIn(id, rows) === ALTERED) return ALTERED;
    let hash: Uint8Array = GENESIS;
    const contents = rows.flatMap(({ content }, place) => {
      if (content === null) return [];
      const bound = boundToCaseEvent(id, place + 1);
      const sealed = vault.seal(vault.open(content, bound), bound);
      hash = linkAfter(hash, sealed);
      return [[place + 1, sealed.toString('base64')]];
    });
    const written = await toTheEnd(
      (patient) => patient.$executeRaw`
        WITH head AS (
          UPDATE case_file SET hash = ${bytes(hash)}, mac = ${bytes(vault.vouch(headOf(id, contents.length, hash)))}
          WHERE id = ${id} AND events = ${head.events}::int AND hash = ${bytes(head.hash)}
          RETURNING id
        )
        UPDATE case_event SET content = decode(event->>1, 'base64')
        FROM head, json_array_elements(${JSON.stringify(contents)}::json) AS events (event)
        WHERE case_id = head.id AND number = (event->>0)::int`,
    ).catch(refused);
    return written === contents.length ? 'sealed' : 'overtaken';
  }

  /** @throws Error when the case was altered */
  private async linkAt(id: string, events: number): Promise<Uint8Array | undefined> {
    const row = await this.database.prisma.caseFile
      .findFirst({ where: { id, events }, select: { hash: true, mac: true } })
      .catch(refused);
    if (row === null) return undefined;
    if (!this.database.vault.vouchesFor(headOf(id, events, row.hash), row.mac)) throw alteredCase(id);
    return row.hash;
  }

  private opened(rows: readonly Row[]): ListedCase[] {
    const cases = new Map<string, Row[]>();
    for (const row of rows) {
      const own = cases.get(row.id);
      if (own === undefined) cases.set(row.id, [row]);
      else own.push(row);
    }
    return [...cases].map(([id, own]) => ({
      id,
      openedAt: own[0]?.openedAt ?? 0,
      found: this.caseIn(id, own),
    }));
  }

  private caseIn(id: string, rows: readonly Row[]): FoundCase {
    const { vault } = this.database;
    const contents = rows.flatMap(({ content }) => content ?? []);
    let link: Uint8Array = GENESIS;
    for (const content of contents) link = linkAfter(link, content);
    const [head] = rows;
    const isWhole =
      head !== undefined &&
      head.events === contents.length &&
      rows.every(({ number }, place) => (number ?? 1) === place + 1) &&
      Buffer.from(head.hash).equals(link) &&
      vault.vouchesFor(headOf(id, contents.length, link), head.mac);
    if (!isWhole) return ALTERED;
    try {
      const events = contents.map((content, place) =>
        readCaseEvent(JSON.parse(vault.open(content, boundToCaseEvent(id, place + 1)).toString())),
      );
      return { id, events };
    } catch {
      return ALTERED;
    }
  }
}

type Row = {
  readonly id: string;
  readonly events: number;
  readonly hash: Uint8Array;
  readonly mac: Uint8Array;
  readonly openedAt: number;
  /** From 1; null: the events were taken away. */
  readonly number: number | null;
  readonly content: Uint8Array | null;
};
const COLUMNS = Prisma.sql`id, events, hash, mac, opened_at::float8 AS "openedAt", number, content`;

/** The link before the first event. */
const GENESIS = createHash('sha256').update('assent cases').digest();

function linkAfter(before: Uint8Array, content: Uint8Array): Buffer {
  return createHash('sha256').update(before).update(content).digest();
}

function headOf(id: string, events: number, hash: Uint8Array): string {
  return `case ${events} ${Buffer.from(hash).toString('base64url')} ${id}`;
}

/** Binds the sealed bytes to this place. */
function boundToCaseEvent(id: string, number: number): string {
  return `case_event ${number} ${id}`;
}

/** Bytes in a statement: the adapters differ in how they send them, and not in how they send text. */
function bytes(value: Uint8Array): Prisma.Sql {
  return Prisma.sql`decode(${Buffer.from(value).toString('base64')}, 'base64')`;
}

const refused = refusedOn('the cases');
