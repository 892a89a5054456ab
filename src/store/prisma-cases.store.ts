import { createHash } from 'node:crypto';
import { type CaseEvent, CaseStore, type StoredCase } from '../cases/cases.store.js';
import { readCaseEvent } from './database/case-row.js';
import type { Database } from './database/database.js';
import { Prisma } from './generated/client.js';
import { refusedOn } from './postgres/database-refusal.js';

/** Cases in PostgreSQL, embedded or on a server, their events sealed and chained. */
export class PrismaCaseStore extends CaseStore {
  constructor(private readonly database: Database) {
    super();
  }

  async append(id: string, number: number, event: CaseEvent): Promise<boolean> {
    const { vault, toTheEnd } = this.database;
    const before = number === 1 ? GENESIS : await this.linkAt(id, number - 1);
    if (before === undefined) return false;
    const content = vault.seal(Buffer.from(JSON.stringify(event)), boundTo(id, number));
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

  async read(id: string): Promise<StoredCase | undefined> {
    // one statement: the head and the events of one moment
    const rows = await this.database.prisma.$queryRaw<readonly Row[]>`
      SELECT id, events, hash, mac, number, content FROM case_file JOIN case_event ON case_id = id
      WHERE id = ${id} ORDER BY number`.catch(refused);
    return this.opened(rows)[0];
  }

  async list(
    limit: number,
    after?: { readonly at: number; readonly id: string },
  ): Promise<readonly StoredCase[]> {
    const from =
      after === undefined
        ? Prisma.empty
        : Prisma.sql`WHERE opened_at < ${after.at}::bigint OR (opened_at = ${after.at}::bigint AND id > ${after.id})`;
    const rows = await this.database.prisma.$queryRaw<readonly Row[]>`
      WITH page AS (SELECT * FROM case_file ${from} ORDER BY opened_at DESC, id LIMIT ${limit}::int)
      SELECT id, events, hash, mac, number, content FROM page JOIN case_event ON case_id = id
      ORDER BY opened_at DESC, id, number`.catch(refused);
    return this.opened(rows);
  }

  /** @throws Error when the case was altered */
  private async linkAt(id: string, events: number): Promise<Uint8Array | undefined> {
    const row = await this.database.prisma.caseFile
      .findFirst({ where: { id, events }, select: { hash: true, mac: true } })
      .catch(refused);
    if (row === null) return undefined;
    if (!this.database.vault.vouchesFor(headOf(id, events, row.hash), row.mac)) throw altered(id);
    return row.hash;
  }

  /** @throws Error when a case was altered */
  private opened(rows: readonly Row[]): StoredCase[] {
    const cases = new Map<string, Row[]>();
    for (const row of rows) cases.set(row.id, [...(cases.get(row.id) ?? []), row]);
    return [...cases].map(([id, own]) => ({ id, events: this.eventsOf(id, own) }));
  }

  private eventsOf(id: string, rows: readonly Row[]): CaseEvent[] {
    const { vault } = this.database;
    let link: Uint8Array = GENESIS;
    for (const { content } of rows) link = linkAfter(link, content);
    const [head] = rows;
    const isWhole =
      head !== undefined &&
      head.events === rows.length &&
      Buffer.from(head.hash).equals(link) &&
      vault.vouchesFor(headOf(id, rows.length, link), head.mac);
    if (!isWhole) throw altered(id);
    return rows.map(({ content }, place) => {
      try {
        return readCaseEvent(JSON.parse(vault.open(content, boundTo(id, place + 1)).toString()));
      } catch {
        throw altered(id);
      }
    });
  }
}

type Row = {
  readonly id: string;
  readonly events: number;
  readonly hash: Uint8Array;
  readonly mac: Uint8Array;
  readonly number: number;
  readonly content: Uint8Array;
};

/** The link before the first event. */
const GENESIS = createHash('sha256').update('assent cases').digest();

function linkAfter(before: Uint8Array, content: Uint8Array): Buffer {
  return createHash('sha256').update(before).update(content).digest();
}

function headOf(id: string, events: number, hash: Uint8Array): string {
  return `case ${events} ${Buffer.from(hash).toString('base64url')} ${id}`;
}

/** Binds the sealed bytes to this place. */
function boundTo(id: string, number: number): string {
  return `case_event ${number} ${id}`;
}

/** Bytes in a statement: the adapters differ in how they send them, and not in how they send text. */
function bytes(value: Uint8Array): Prisma.Sql {
  return Prisma.sql`decode(${Buffer.from(value).toString('base64')}, 'base64')`;
}

function altered(id: string): Error {
  return new Error(
    `the case \`${id}\` was altered since it was written: restore the database from a backup, and find out who changed it`,
  );
}

const refused = refusedOn('the cases');
