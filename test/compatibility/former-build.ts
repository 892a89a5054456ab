/** What former builds left, in a data folder or on a PostgreSQL server, made of what `scripts/fixture.mjs` kept of them. */
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPg } from '@prisma/adapter-pg';
import { Client } from 'pg';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { MIGRATIONS, type MigrationTarget, migrate } from '../../src/store/postgres/migrations.js';

const BUILDS = new URL('builds/', import.meta.url);

export type FormerBuild = {
  readonly version: string;
  readonly migrations: readonly string[];
  /** By table, as JSON text. */
  readonly rows: Readonly<Record<string, string>>;
  readonly sequences: readonly { readonly name: string; readonly last: number }[];
  /** Paths in the folder, and what they hold in base64. */
  readonly files: readonly (readonly [path: string, content: string])[];
  /** What its service said. */
  readonly said: {
    readonly revision: number;
    readonly hash: string;
    readonly purposes: readonly string[];
    readonly answers: readonly {
      readonly body: object;
      readonly decision: boolean;
      readonly reason: string;
    }[];
    /** Receipts. */
    readonly signed: readonly string[];
    readonly history: readonly object[];
  };
};

/** The names of all that were kept. */
export function formerBuilds(): Promise<string[]> {
  return readdir(BUILDS);
}

export async function formerBuild(name: string): Promise<FormerBuild> {
  // INVARIANT: written by scripts/fixture.mjs
  const kept: FormerBuild = JSON.parse(gunzipSync(await readFile(new URL(name, BUILDS))).toString());
  return kept;
}

/** Makes the data folder of a former build, with its embedded database. */
export async function formerFolder(build: FormerBuild): Promise<string> {
  const dataDir = await filesOf(build);
  const database = await PGlite.create({ dataDir: join(dataDir, 'postgres') });
  try {
    await fill(build, {
      factory: new PrismaPGlite(database),
      runScript: async (sql) => void (await database.exec(sql)),
      query: (sql, values) => database.query(sql, values),
    });
  } finally {
    await database.close();
  }
  return dataDir;
}

/** Makes what a former build left in an empty database of a server. @returns the data folder that belongs to it */
export async function formerServer(build: FormerBuild, databaseUrl: string): Promise<string> {
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    await fill(build, {
      factory: new PrismaPg({ connectionString: databaseUrl }),
      runScript: async (sql) => void (await database.query(sql)),
      query: (sql, values) => database.query(sql, values),
    });
  } finally {
    await database.end();
  }
  return filesOf(build);
}

type Target = MigrationTarget & { readonly query: (sql: string, values: unknown[]) => Promise<unknown> };

async function filesOf({ files }: FormerBuild): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'assent-former-'));
  for (const [path, content] of files) {
    await mkdir(dirname(join(dataDir, path)), { recursive: true });
    await writeFile(join(dataDir, path), Buffer.from(content, 'base64'), { mode: 0o600 });
  }
  return dataDir;
}

async function fill({ migrations, rows, sequences }: FormerBuild, target: Target): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'assent-migrations-'));
  for (const name of [...migrations, 'migration_lock.toml'])
    await cp(join(MIGRATIONS, name), join(folder, name), { recursive: true });
  await migrate(target, folder);
  await rm(folder, { recursive: true });
  // rows refer to each other
  await target.runScript(`SET session_replication_role = replica`);
  for (const [table, text] of Object.entries(rows)) {
    await target.runScript(`DELETE FROM "${table}"`);
    await target.query(`INSERT INTO "${table}" SELECT * FROM json_populate_recordset(NULL::"${table}", $1)`, [
      text,
    ]);
  }
  for (const { name, last } of sequences) await target.query(`SELECT setval($1, $2)`, [`"${name}"`, last]);
}
