/**
 * Replaces the key of the store while it is in use (decision 070): from one statement on, everything new is sealed with
 * the new key, and what the former ones sealed is sealed anew, some rows at a time. Whoever is interrupted begins again,
 * and passes over what is done.
 */
import { ALTERED } from '../../cases/cases.store.js';
import { Overtaken } from '../../fleet/fleet.store.js';
import type { Database } from '../database/database.js';
import { KEY_LOCK } from '../database/log-head.js';
import type { StoreKey } from '../database/store-key.js';
import { Prisma } from '../generated/client.js';
import { isDuplicate, refusedOn } from '../postgres/database-refusal.js';
import { GONE_MS, IS_PRESENT } from '../postgres/server-fleet.js';
import { PrismaCaseStore } from '../prisma-cases.store.js';
import { SEALED_TABLES, type SealedTable, idIn } from './sealed-tables.js';

/** How far a pass over everything that is sealed has come. */
export type Slice = {
  readonly table: string;
  /** Rows that were looked at in this pass, in all tables. */
  readonly looked: number;
  /** Rows that were sealed anew. */
  readonly resealed: number;
  /** Rows so far that no key of the ring opens, or that cannot be written, by table and primary key; no more than a thousand. */
  readonly faults: ReadonlySet<string>;
};

/** How many rows each key opens, by its id. */
export type KeyCounts = ReadonlyMap<string, number>;

/** A row: its values, what was sealed in it, then what is written. */
type Change = readonly [values: readonly unknown[], sealed: string, ...written: readonly string[]];

const CASES_AT_ONCE = 64;
const MOST_FAULTS = 1_000;

export class KeyReplacement {
  private looked = 0;
  private resealed = 0;
  private readonly faults = new Set<string>();

  constructor(private readonly database: Database) {}

  /** The newest key of the ring, if another one seals. */
  async waiting(): Promise<StoreKey | undefined> {
    const { vault } = this.database;
    await vault.lookAgain();
    const [newest] = vault.ring;
    return newest === undefined || newest === vault.current ? undefined : newest;
  }

  /**
   * The builds of the processes that share the store and have not told that they know the newest key: what it seals they
   * could not open. One of a build from before keys could be replaced never tells it.
   */
  async unaware(): Promise<readonly string[]> {
    const { pool, vault } = this.database;
    if (pool === undefined) return [];
    const { rows } = await pool.query<{ readonly build: string }>(
      `SELECT build FROM fleet_member WHERE ${IS_PRESENT} AND newest_key <> $2 ORDER BY build`,
      [GONE_MS, vault.ring[0]?.id],
    );
    return rows.map(({ build }) => build);
  }

  /**
   * Has everything new sealed with the newest key of the ring.
   *
   * @throws Error when the key file has lost the key that seals now
   */
  async begin(): Promise<void> {
    const { head, vault } = this.database;
    await untilDone(async () => {
      // whichever process did it before
      await head.read();
      const key = await this.waiting();
      if (key === undefined) return;
      if (!vault.isFiled)
        throw new Error(
          `the key file has lost the key \`${vault.current.id}\`, which seals the store: put it back from its copy, with the new one`,
        );
      await head.replaceKey(key, (statement) => this.execute(statement));
    });
  }

  /**
   * Seals everything anew that the present key has not sealed, a slice at a time. When it ends, nothing is left that only a
   * former key opens. What was altered since it was sealed stays as it is, and is told of.
   */
  async *pass(): AsyncGenerator<Slice, void> {
    const { check } = this.database.vault;
    for (const table of SEALED_TABLES) yield* this.rowsOf(table);
    yield* this.cases();
    yield* this.snapshots();
    yield await this.headOfLog();
    if (this.faults.size === 0)
      await this.execute(
        Prisma.sql`UPDATE consent_head SET former_keys = '' WHERE key_check = ${check} AND former_keys <> ''`,
      );
  }

  /** The ids of former keys that something may need yet, because no pass has ended since: a copy does not start without them. */
  async awaited(): Promise<ReadonlySet<string>> {
    const [row] = await this.run<{ readonly ids: string }>(
      Prisma.sql`SELECT former_keys AS ids FROM consent_head WHERE id = 1`,
    );
    return new Set(row?.ids.split(' '));
  }

  /** When the present key began to seal, in milliseconds since the Unix epoch; 0: at the beginning. */
  async since(): Promise<number> {
    const [row] = await this.run<{ readonly since: number }>(
      Prisma.sql`SELECT key_since::float8 AS since FROM consent_head WHERE id = 1`,
    );
    return row?.since ?? 0;
  }

  /**
   * How many rows each key of the ring opens. Rows of no key of the ring are counted with the first, or with the key ''
   * where the ring has not that one. The head of the log counts with the key that it is sealed with, if that is a former one.
   */
  async counts(): Promise<KeyCounts> {
    const { vault, head } = this.database;
    const named = vault.ring.filter(({ isNamed }) => isNamed).map(({ id }) => id);
    const counts = new Map(vault.ring.map(({ id }) => [id, 0]));
    const first = vault.ring.find(({ isNamed }) => !isNamed)?.id ?? '';
    const tables = [
      ...SEALED_TABLES.map(({ name, column }) => [name, column] as const),
      ['case_event', 'content'] as const,
      ['consent_snapshot_piece', 'sealed'] as const,
    ];
    for (const [name, column] of tables) {
      const rows = await this.run<{ readonly id: string; readonly rows: number }>(Prisma.sql`
        SELECT CASE WHEN name IN (SELECT json_array_elements_text(${JSON.stringify(named)}::json)) THEN name ELSE '' END AS id,
          count(*)::float8 AS rows
        FROM (SELECT ${idIn(column)} AS name FROM ${identifier(name)} WHERE ${identifier(column)} IS NOT NULL) AS named
        GROUP BY 1`);
      for (const row of rows) {
        const id = row.id === '' ? first : row.id;
        counts.set(id, (counts.get(id) ?? 0) + row.rows);
      }
    }
    const sealer = await head.sealer();
    if (sealer !== undefined && sealer !== vault.current)
      counts.set(sealer.id, (counts.get(sealer.id) ?? 0) + 1);
    return counts;
  }

  private async *rowsOf(table: SealedTable): AsyncGenerator<Slice, void> {
    const { vault } = this.database;
    const key = Prisma.join(table.key.map(([column]) => identifier(column)));
    const values = Prisma.join([...table.key.map(([column]) => column), ...table.with].map(identifier));
    const cursor = Prisma.join(
      table.key.map(([, type], place) => Prisma.sql`(value->>${place}::int)::${Prisma.raw(type)}`),
    );
    for (let after: string | undefined; ;) {
      const beyond =
        after === undefined
          ? Prisma.empty
          : Prisma.sql`WHERE (${key}) > (SELECT ${cursor} FROM (SELECT ${after}::json AS value) AS cursor)`;
      const rows = await this.run<{ readonly row: string; readonly sealed: string | null }>(Prisma.sql`
        SELECT json_build_array(${values})::text AS row,
          CASE WHEN ${idIn(table.column)} <> ${vault.current.id} THEN encode(${identifier(table.column)}, 'base64') END AS sealed
        FROM ${identifier(table.name)} ${beyond} ORDER BY ${key} LIMIT ${table.atOnce}::int`);
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.row;
      const former = rows.flatMap(({ row, sealed }) => (sealed === null ? [] : [{ row, sealed }]));
      await this.database.sealing(() => this.reseal(table, former));
      this.looked += rows.length;
      yield this.slice(table.name);
      if (rows.length < table.atOnce) return;
    }
  }

  /**
   * Rows that were deleted or written meanwhile stay as they are: whoever writes one seals it with the present key.
   *
   * INVARIANT: the lock of the key is taken before those of rows. The trigger takes it after them, and then an erasure, which
   * holds the head, this and a replacement would wait for each other.
   */
  private async reseal(
    table: SealedTable,
    rows: readonly { readonly row: string; readonly sealed: string }[],
  ): Promise<void> {
    const { vault } = this.database;
    // a file that cannot be read makes no row an altered one
    await vault.lookAgain();
    const changes = rows.flatMap(({ row, sealed }): Change[] => {
      const values: unknown = JSON.parse(row);
      if (!Array.isArray(values)) throw new Error('a row did not come as a list');
      try {
        return [[values, sealed, ...table.resealed(vault, values, Buffer.from(sealed, 'base64'))]];
      } catch {
        this.noteFault(table.name, ...values.slice(0, table.key.length));
        return [];
      }
    });
    if (changes.length > 0) this.resealed += await this.write(table, changes);
  }

  /** Writes rows where they are as they were read. @returns how many */
  private async write(table: SealedTable, changes: readonly Change[]): Promise<number> {
    const isIt = table.key.map(
      ([column, type], place) =>
        Prisma.sql`${identifier(column)} = (change->0->>${place}::int)::${Prisma.raw(type)}`,
    );
    const beside =
      table.beside === undefined
        ? Prisma.empty
        : Prisma.sql`, ${identifier(table.beside)} = decode(change->>3, 'base64')`;
    try {
      return await this.database.toTheEnd(
        (patient) => patient.$executeRaw`
          WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(${KEY_LOCK}::bigint))
          UPDATE ${identifier(table.name)} SET ${identifier(table.column)} = decode(change->>2, 'base64') ${beside}
          FROM locked, json_array_elements(${JSON.stringify(changes)}::json) AS changes (change)
          WHERE ${Prisma.join(isIt, ' AND ')} AND ${identifier(table.column)} = decode(change->>1, 'base64')`,
      );
    } catch (error) {
      if (!isDuplicate(error)) return refused(error);
      const [[values] = [[]], ...others] = changes;
      let written = 0;
      // one of two rows that say the same stands in the way of no other
      if (others.length > 0) for (const change of changes) written += await this.write(table, [change]);
      else
        this.noteFault(
          table.name,
          ...values.slice(0, table.key.length),
          '(there is another row of the same)',
        );
      return written;
    }
  }

  private async *cases(): AsyncGenerator<Slice, void> {
    const { vault } = this.database;
    const cases = new PrismaCaseStore(this.database);
    for (let after = ''; ;) {
      const rows = await this.run<{ readonly id: string; readonly left: boolean }>(Prisma.sql`
        SELECT id, EXISTS (
          SELECT FROM case_event WHERE case_id = case_file.id AND ${idIn('content')} <> ${vault.current.id}
        ) AS left
        FROM case_file WHERE id > ${after} ORDER BY id LIMIT ${CASES_AT_ONCE}::int`);
      for (const { id, left } of rows) {
        if (!left) continue;
        let outcome: Awaited<ReturnType<typeof cases.reseal>>;
        do outcome = await this.database.sealing(() => cases.reseal(id));
        while (outcome === 'overtaken');
        if (outcome === ALTERED) this.noteFault('case_file', id);
        else this.resealed++;
      }
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.id;
      this.looked += rows.length;
      yield this.slice('case_file');
    }
  }

  /** They are only copies: the next one is sealed with the present key. */
  private async *snapshots(): AsyncGenerator<Slice, void> {
    this.resealed += await this.database
      .toTheEnd(
        (patient) => patient.$executeRaw`
          DELETE FROM consent_snapshot WHERE (format, revision) IN (
            SELECT format, revision FROM consent_snapshot_piece WHERE ${idIn('sealed')} <> ${this.database.vault.current.id}
          )`,
      )
      .catch(refused);
    yield this.slice('consent_snapshot');
  }

  /** A build that knows one key goes on sealing the head with that one. */
  private async headOfLog(): Promise<Slice> {
    const { head, vault } = this.database;
    const sealer = await head.sealer();
    if (sealer !== undefined && sealer !== vault.current) {
      await untilDone(() => head.sealAgain((statement) => this.execute(statement)));
      this.resealed++;
    }
    return this.slice('consent_head');
  }

  private slice(table: string): Slice {
    return { table, looked: this.looked, resealed: this.resealed, faults: this.faults };
  }

  private noteFault(table: string, ...key: readonly unknown[]): void {
    if (this.faults.size < MOST_FAULTS) this.faults.add([table, ...key].join(' '));
  }

  private execute(statement: Prisma.Sql): Promise<number> {
    return this.database.toTheEnd((patient) => patient.$executeRaw(statement)).catch(refused);
  }

  private run<Row>(query: Prisma.Sql): Promise<readonly Row[]> {
    return this.database.toTheEnd((patient) => patient.$queryRaw<readonly Row[]>(query)).catch(refused);
  }
}

/** Does work at the head of the log again until it is not overtaken. */
async function untilDone(work: () => Promise<void>): Promise<void> {
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
    }
}

function identifier(name: string): Prisma.Sql {
  return Prisma.raw(`"${name}"`);
}

const refused = refusedOn('what is sealed with the key of the store');
