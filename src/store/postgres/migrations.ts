import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NO_RIGHT, describeRefusal, lacksRight, passes, refusedOn } from './database-refusal.js';
import type { SqlDriverAdapter, SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';

/** The migrations of this build. `src/store` and `dist/store` are equally far from the package root. */
export const MIGRATIONS = fileURLToPath(new URL('../../../prisma/migrations', import.meta.url));

/** A database to migrate. */
export type MigrationTarget = {
  readonly factory: SqlDriverAdapterFactory;

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
 * The caller must own the database: nothing here excludes a second process.
 *
 * @throws when the database is not one that this build can continue, or when a migration fails
 */
export async function migrate(target: MigrationTarget, folder: string = MIGRATIONS): Promise<void> {
  const known = await readMigrations(folder);
  const adapter = await target.factory.connect();
  try {
    const applied = await readApplied(adapter);
    refuseUnlessContinuable(known, applied);
    const names = new Set(applied.map(({ name }) => name));
    for (const migration of known) if (!names.has(migration.name)) await apply(target, adapter, migration);
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
    await refuseUnlessEmpty(adapter);
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

/** If DATABASE_URL names another program's database by mistake, we must not create tables there. */
async function refuseUnlessEmpty(adapter: SqlDriverAdapter): Promise<void> {
  const others = await select(
    adapter,
    `SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') LIMIT 1`,
  );
  const [found] = others;
  if (found !== undefined)
    throw new Error(
      `the database has no record of migrations, and has something else in it, such as \`${String(found[0])}\`: name an empty database`,
    );
}

async function select(adapter: SqlDriverAdapter, sql: string): Promise<unknown[][]> {
  return (await adapter.queryRaw({ sql, args: [], argTypes: [] }).catch(refused)).rows;
}

const refused = refusedOn('its record of migrations');

function refuseUnlessContinuable(known: readonly Migration[], applied: readonly AppliedMigration[]): void {
  for (const { name, checksum, finished } of applied) {
    const migration = known.find((candidate) => candidate.name === name);
    if (migration === undefined)
      throw new Error(
        `the database has the migration \`${name}\`, which this build does not know; ` +
          'start the newer build that made it, or restore a backup from before it',
      );
    if (!finished)
      throw new Error(
        `the migration \`${name}\` did not finish on this database; restore a backup from before it and start again, ` +
          'or repair a server by hand and tell it with `prisma migrate resolve`',
      );
    if (!checksums(migration.sql).includes(checksum))
      throw new Error(
        `the database was made with another text of the migration \`${name}\`; ` +
          'start the build that made it, or undo the edit: a migration never changes once it was applied',
      );
  }
}

/** As Prisma computes them. Git may have changed line ends, which makes no different migration. */
function checksums(sql: string): string[] {
  const lines = sql.split(/\r?\n/);
  return ['\n', '\r\n'].map((end) => createHash('sha256').update(lines.join(end)).digest('hex'));
}

async function apply(
  target: MigrationTarget,
  adapter: SqlDriverAdapter,
  migration: Migration,
): Promise<void> {
  // INVARIANT: no migration commits by itself, so it is applied and recorded together, or not at all
  const script = [TAKES_TURNS, RECORDS, migration.sql, recordOf(migration)].join('\n;\n');
  await target.runScript(script).catch(async (cause: unknown) => {
    if (lacksRight(cause) || lacksSchema(cause)) throw await mayNotMigrate(adapter);
    if (passes(cause)) refusedOn(`the migration \`${migration.name}\``)(cause);
    throw new Error(
      `the migration \`${migration.name}\` failed with \`${describeRefusal(cause)}\` and left the database as it was; ` +
        'start the previous build, and report the code',
    );
  });
}

/** Whether the user sees no schema for tables: the database reports that instead of a missing right. */
function lacksSchema(error: unknown): boolean {
  return describeRefusal(error).split(' ').includes('3F000');
}

async function mayNotMigrate(adapter: SqlDriverAdapter): Promise<Error> {
  const sql = `SELECT has_schema_privilege(current_schema(), 'CREATE')`;
  const mayCreate = (await select(adapter, sql))[0]?.[0] === true;
  return new Error(
    mayCreate
      ? `the user of the database may not change its tables, as another user owns them (\`${NO_RIGHT}\`): start with the user that made them, or let that one run \`REASSIGN OWNED\`; the database is as it was`
      : `the user of the database may not create tables in it (\`${NO_RIGHT}\`): let its owner run \`GRANT USAGE, CREATE ON SCHEMA public TO …\` with the user of DATABASE_URL, and start again; the database is as it was`,
  );
}

/** `prisma migrate` takes the same lock. */
const TAKES_TURNS = 'SELECT pg_advisory_xact_lock(72707369)';

/** As Prisma makes it. */
const RECORDS = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

function recordOf({ name, sql }: Migration): string {
  const values = [randomUUID(), createHash('sha256').update(sql).digest('hex'), name]
    .map((value) => `'${value.replaceAll("'", "''")}'`)
    .join(', ');
  return `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
    VALUES (${values}, clock_timestamp(), 1)`;
}
