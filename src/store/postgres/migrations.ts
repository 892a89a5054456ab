import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type { ApplyMigrationsInput } from '@prisma/schema-engine-wasm/schema_engine_bg';
import { startSchemaEngine } from './schema-engine.js';

/** The migrations of this build. `src/store` and `dist/store` are equally far from the package root. */
export const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

/** A database to migrate. */
export type MigrationTarget = {
  readonly factory: SqlMigrationAwareDriverAdapterFactory;

  /**
   * Runs a whole script of SQL as one transaction.
   *
   * The adapters' own `executeScript` will not do: the one for `pg` cuts the script at every semicolon, in comments and
   * strings too, and commits each piece; the one for PGlite does not wait for the end, and so hides errors.
   */
  runScript(sql: string): Promise<void>;
};

type Migration = { readonly name: string; readonly sql: string };
type AppliedMigration = { readonly name: string; readonly checksum: string; readonly finished: boolean };

/**
 * Brings the database to the schema of this build, and leaves the same record of it that `prisma migrate deploy` does.
 *
 * The caller must own the database: nothing here keeps a second process out.
 *
 * @throws when the database is not one that this build can continue, or when a migration fails
 */
export async function migrate(target: MigrationTarget, folder: string = MIGRATIONS): Promise<void> {
  const known = await readMigrations(folder);
  const adapter = await target.factory.connect();
  try {
    const applied = await readApplied(adapter);
    refuseUnlessContinuable(known, applied);
    // The engine takes longer to load than everything else here, and mostly there is nothing for it to do.
    if (applied.length < known.length) {
      await applyPending(target, adapter, folder, known);
    }
  } finally {
    await adapter.dispose();
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names
      .sort()
      .map(async (name) => ({ name, sql: await readFile(join(folder, name, 'migration.sql'), 'utf8') })),
  );
}

async function readApplied(adapter: SqlDriverAdapter): Promise<AppliedMigration[]> {
  const table = await select(adapter, `SELECT to_regclass('_prisma_migrations') IS NOT NULL`);
  if (table[0]?.[0] !== true) {
    return [];
  }
  const rows = await select(
    adapter,
    `SELECT migration_name, checksum, finished_at IS NOT NULL FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
  );
  return rows.map(([name, checksum, finished]) => ({
    name: String(name),
    checksum: String(checksum),
    finished: finished === true,
  }));
}

async function select(adapter: SqlDriverAdapter, sql: string): Promise<unknown[][]> {
  return (await adapter.queryRaw({ sql, args: [], argTypes: [] })).rows;
}

function refuseUnlessContinuable(known: readonly Migration[], applied: readonly AppliedMigration[]): void {
  for (const { name, checksum, finished } of applied) {
    const migration = known.find((candidate) => candidate.name === name);
    if (migration === undefined) {
      throw new Error(
        `the database has the migration \`${name}\`, which this build does not know; ` +
          'start the newer build that made it, or restore a backup from before it',
      );
    }
    if (!finished) {
      throw new Error(
        `the migration \`${name}\` did not finish on this database; restore a backup from before it and start again, ` +
          'or repair a server by hand and tell it with `prisma migrate resolve`',
      );
    }
    if (!checksums(migration.sql).includes(checksum)) {
      throw new Error(
        `the database was made with another text of the migration \`${name}\`; ` +
          'start the build that made it, or undo the edit: a migration never changes once it was applied',
      );
    }
  }
}

/** As Prisma computes them. Git may have changed the line ends since, which is no other migration. */
function checksums(sql: string): string[] {
  const lines = sql.split(/\r?\n/);
  return ['\n', '\r\n'].map((end) => createHash('sha256').update(lines.join(end)).digest('hex'));
}

async function applyPending(
  target: MigrationTarget,
  adapter: SqlDriverAdapter,
  folder: string,
  migrations: readonly Migration[],
): Promise<void> {
  let failed: { readonly name: string; readonly cause: unknown } | undefined;
  // The engine only says that a script failed; which one, and the database's own words, are kept here.
  const executeScript = async (sql: string): Promise<void> => {
    await target.runScript(sql).catch((cause: unknown) => {
      failed = {
        name: migrations.find((migration) => migration.sql === sql)?.name ?? 'of unknown name',
        cause,
      };
      throw cause;
    });
  };
  const engine = await startSchemaEngine(withScripts(target.factory, adapter, executeScript));
  try {
    await engine.applyMigrations(await toEngine(folder, migrations)).catch((error: unknown) => {
      if (failed === undefined) {
        throw error;
      }
    });
    if (failed !== undefined) {
      // INVARIANT: no migration commits by itself. Nothing of the script is left then, and saying so in the record
      // keeps the database open to the previous build and to the next.
      await engine.markMigrationRolledBack({ migrationName: failed.name });
      throw new Error(
        `the migration \`${failed.name}\` failed and left the database as it was; ` +
          'start the previous build, and report the cause below',
        { cause: failed.cause },
      );
    }
  } finally {
    engine.free();
  }
}

async function toEngine(folder: string, migrations: readonly Migration[]): Promise<ApplyMigrationsInput> {
  const lockfile = 'migration_lock.toml';
  return {
    migrationsList: {
      baseDir: folder,
      lockfile: { path: lockfile, content: await readFile(join(folder, lockfile), 'utf8') },
      shadowDbInitScript: '',
      migrationDirectories: migrations.map(({ name, sql }) => ({
        path: name,
        migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
      })),
    },
    filters: { externalTables: [], externalEnums: [] },
  };
}

/** The factory that gives the engine `adapter`, with another way to run scripts. */
function withScripts(
  factory: SqlMigrationAwareDriverAdapterFactory,
  adapter: SqlDriverAdapter,
  executeScript: (sql: string) => Promise<void>,
): SqlMigrationAwareDriverAdapterFactory {
  const { provider, adapterName } = adapter;
  return {
    provider,
    adapterName,
    connectToShadowDb: () => factory.connectToShadowDb(),
    connect: () =>
      Promise.resolve({
        provider,
        adapterName,
        executeScript,
        queryRaw: (query) => adapter.queryRaw(query),
        executeRaw: (query) => adapter.executeRaw(query),
        startTransaction: (isolation) => adapter.startTransaction(isolation),
        getConnectionInfo: () => adapter.getConnectionInfo?.() ?? { supportsRelationJoins: true },
        dispose: () => Promise.resolve(),
      }),
  };
}
