/** Data folders as former builds left them, made of what `scripts/fixture.mjs` kept of them. */
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { MIGRATIONS, migrate } from '../../src/store/postgres/migrations.js';

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

/** Makes the data folder of a former build. */
export async function formerFolder(build: FormerBuild): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'assent-former-'));
  for (const [path, content] of build.files) {
    await mkdir(dirname(join(dataDir, path)), { recursive: true });
    await writeFile(join(dataDir, path), Buffer.from(content, 'base64'), { mode: 0o600 });
  }
  const database = await PGlite.create({ dataDir: join(dataDir, 'postgres') });
  try {
    await migrateAsThen(database, build.migrations);
    // rows refer to each other
    await database.exec(`SET session_replication_role = replica`);
    for (const [table, rows] of Object.entries(build.rows)) {
      await database.exec(`DELETE FROM "${table}"`);
      await database.query(
        `INSERT INTO "${table}" SELECT * FROM json_populate_recordset(NULL::"${table}", $1)`,
        [rows],
      );
    }
    for (const { name, last } of build.sequences)
      await database.query(`SELECT setval($1, $2)`, [`"${name}"`, last]);
  } finally {
    await database.close();
  }
  return dataDir;
}

async function migrateAsThen(database: PGlite, names: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'assent-migrations-'));
  for (const name of [...names, 'migration_lock.toml'])
    await cp(join(MIGRATIONS, name), join(folder, name), { recursive: true });
  const runScript = async (sql: string) => void (await database.exec(sql));
  await migrate({ factory: new PrismaPGlite(database), runScript }, folder);
  await rm(folder, { recursive: true });
}
