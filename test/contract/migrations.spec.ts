import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrate, MIGRATIONS } from '../../src/store/postgres/migrations.js';
import { narrowingIn } from './narrowing.js';
import { startSchemaEngine } from './schema-engine.js';

const LATER = '29990101000000_later';

describe('migrations', () => {
  let database: PGlite;
  let folder: string;
  let scripts: string[];

  beforeAll(async () => {
    database = await PGlite.create();
  });

  afterAll(async () => {
    await database.close();
  });

  beforeEach(async () => {
    await database.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public;');
    folder = await mkdtemp(join(tmpdir(), 'assent-migrations-'));
    await cp(MIGRATIONS, folder, { recursive: true });
    scripts = [];
    return () => rm(folder, { recursive: true });
  });

  const run = (): Promise<void> =>
    migrate(
      {
        factory: new PrismaPGlite(database),
        runScript: async (sql) => {
          scripts.push(sql);
          await database.exec(sql);
        },
      },
      folder,
    );

  async function addMigration(name: string, sql: string): Promise<void> {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'migration.sql'), sql);
  }

  async function tables(): Promise<unknown[]> {
    const { rows } = await database.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
    );
    return rows.map((row) => row.name);
  }

  it('are applied to an empty database, and recorded as Prisma does', async () => {
    await run();
    expect(await tables()).toEqual([
      '_prisma_migrations',
      'attribute',
      'case_event',
      'case_file',
      'consent_count',
      'consent_deadline',
      'consent_era',
      'consent_erased',
      'consent_event',
      'consent_head',
      'consent_import',
      'consent_lapses',
      'consent_snapshot',
      'consent_snapshot_piece',
      'consent_subject',
      'dp_budget',
      'dp_figure',
      'erasure_list',
      'erasure_listed',
      'extract',
      'extract_members',
      'extract_unlearned',
      'failed_verification',
      'fleet_member',
      'policy_approval',
      'policy_content',
      'policy_decline',
      'policy_draft',
      'policy_publication',
      'policy_version',
      'purpose_review',
      'receipt_key',
      'report_day',
      'spent_id',
      'use_access',
      'use_count',
      'use_cursor',
      'use_discharge',
      'use_lookup',
      'use_set',
      'use_term',
      'use_total',
      'user_attribute',
    ]);
    const { rows } = await database.query(
      'SELECT migration_name, finished_at IS NOT NULL AS finished, applied_steps_count AS steps FROM _prisma_migrations',
    );
    expect(rows).toEqual(
      (await readNames(folder)).map((name) => ({ migration_name: name, finished: true, steps: 1 })),
    );
  });

  it('are left alone when there is nothing to do', async () => {
    await run();
    const applied = scripts.length;
    await run();
    expect(scripts).toHaveLength(applied);
  });

  it('go on from where the database is', async () => {
    await run();
    await addMigration(LATER, `CREATE TABLE later (a text DEFAULT ';'); -- a comment; with a semicolon`);
    await run();
    expect(await tables()).toContain('later');
  });

  it('do not start on a database of a newer build', async () => {
    await addMigration(LATER, 'CREATE TABLE later ()');
    await run();
    await rm(join(folder, LATER), { recursive: true });
    await expect(run()).rejects.toThrow(
      `the database has the migration \`${LATER}\`, which this build does not know; start the newer build`,
    );
  });

  it('do not start on a database whose last migration was interrupted', async () => {
    await run();
    await database.exec('UPDATE _prisma_migrations SET finished_at = NULL');
    await expect(run()).rejects.toThrow('did not finish on this database; restore a backup');
  });

  it('do not start on a database that was made by another text of them', async () => {
    await addMigration(LATER, 'CREATE TABLE later ()');
    await run();
    await writeFile(join(folder, LATER, 'migration.sql'), 'CREATE TABLE other ()');
    await expect(run()).rejects.toThrow(
      `the database was made with another text of the migration \`${LATER}\``,
    );
  });

  it('are the same after Git has changed their line ends', async () => {
    await addMigration(LATER, 'CREATE TABLE later (\n)\n');
    await run();
    await writeFile(join(folder, LATER, 'migration.sql'), 'CREATE TABLE later (\r\n)\r\n');
    await expect(run()).resolves.toBeUndefined();
  });

  it('leave nothing of one that fails, and the database to the builds before and after', async () => {
    await run();
    await addMigration(LATER, 'CREATE TABLE later (); SELECT nonsense;');
    await expect(run()).rejects.toThrow(
      `the migration \`${LATER}\` failed with \`42703\` and left the database as it was`,
    );
    expect(await tables()).not.toContain('later');

    await rm(join(folder, LATER), { recursive: true });
    await run();
    await addMigration(LATER, 'CREATE TABLE later ()');
    await run();
    expect(await tables()).toContain('later');
  });

  it('do not start on a database that has something else in it', async () => {
    await database.exec('CREATE TABLE theirs ()');
    await expect(run()).rejects.toThrow('has something else in it, such as `theirs`: name an empty database');
    expect(await tables()).toEqual(['theirs']);
  });

  it('are for `prisma migrate status` what it would have recorded, and leave `prisma migrate deploy` nothing to do', async () => {
    await run();
    const engine = await startSchemaEngine(new PrismaPGlite(database));
    const history = { migrationsList: await listIn(folder), filters };
    expect(await engine.diagnoseMigrationHistory({ ...history, optInToShadowDatabase: false })).toEqual({
      editedMigrationNames: [],
      failedMigrationNames: [],
      hasMigrationsTable: true,
      history: null,
    });
    expect(await engine.applyMigrations(history)).toEqual({ appliedMigrationNames: [] });
    engine.free();
  });

  it('go on from where `prisma migrate deploy` has come, in a table of the same shape', async () => {
    await run();
    const ours = await shapeOfRecord();
    await database.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public;');
    const engine = await startSchemaEngine(new PrismaPGlite(database));
    await engine.applyMigrations({ migrationsList: await listIn(folder), filters });
    engine.free();
    expect(await shapeOfRecord()).toEqual(ours);

    await addMigration(LATER, 'CREATE TABLE later ()');
    await run();
    expect(scripts.at(-1)).toContain('CREATE TABLE later ()');
    expect(await tables()).toContain('later');
  });

  async function shapeOfRecord(): Promise<unknown[]> {
    const { rows } = await database.query(
      `SELECT column_name, data_type, character_maximum_length, is_nullable, column_default
       FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position`,
    );
    return rows;
  }

  it('make the schema that Prisma generates its client from', async () => {
    const engine = await startSchemaEngine(new PrismaPGlite(database));
    const { stdout } = await engine.diff({
      from: { tag: 'migrations', ...(await listIn(folder)) },
      to: {
        tag: 'schemaDatamodel',
        files: [
          { path: 'schema.prisma', content: await readFile(join(MIGRATIONS, '../schema.prisma'), 'utf8') },
        ],
      },
      script: true,
      exitCode: null,
      filters,
    });
    engine.free();
    expect(stdout).toBe('-- This is an empty migration.\n');
  });
});

/** What was done before the rule, in databases that no older build runs on. */
const BEFORE_THE_RULE = [
  'DROP TABLE "consent_event"',
  'ALTER TABLE "consent_event" DROP CONSTRAINT "consent_event_kind_check"',
  `ALTER TABLE "consent_event" ADD CONSTRAINT "consent_event_kind_check" CHECK ("kind" IN ('profile', 'choice', 'signal', 'erasure', 'retention'))`,
  'ALTER TABLE "policy_decline" ALTER COLUMN "base" SET NOT NULL',
  'DELETE FROM "consent_snapshot_piece" AS piece WHERE NOT EXISTS ( SELECT FROM "consent_snapshot" AS snapshot WHERE snapshot."format" = piece."format" AND snapshot."revision" = piece."revision" )',
  'ALTER TABLE "consent_snapshot_piece" ADD CONSTRAINT "consent_snapshot_piece_format_revision_fkey" FOREIGN KEY ("format", "revision") REFERENCES "consent_snapshot"("format", "revision") ON DELETE CASCADE ON UPDATE RESTRICT',
];

/** Checks that were replaced by ones that let everything through that they did, and more. */
const WIDENED = [
  'ALTER TABLE "consent_event" DROP CONSTRAINT "consent_event_kind_check"',
  `ALTER TABLE "consent_event" ADD CONSTRAINT "consent_event_kind_check" CHECK ("kind" IN ('profile', 'choice', 'signal', 'visibility', 'erasure', 'retention'))`,
];

describe('a migration', () => {
  it('takes nothing away that an older build beside it uses, and asks for nothing that it does not give', async () => {
    const names = await readNames(MIGRATIONS);
    const texts = await Promise.all(
      names.sort().map((name) => readFile(join(MIGRATIONS, name, 'migration.sql'), 'utf8')),
    );
    expect(texts.flatMap(narrowingIn)).toEqual([...BEFORE_THE_RULE, ...WIDENED]);
  });

  it.each([
    'DROP TABLE "policy_draft"',
    'ALTER TABLE "policy_draft" DROP COLUMN "size"',
    'ALTER TABLE "policy_draft" RENAME COLUMN "size" TO "bytes"',
    'ALTER TABLE policy_draft ALTER COLUMN size TYPE BIGINT',
    'ALTER TABLE "policy_draft" ALTER COLUMN "size" SET DATA TYPE BIGINT',
    'alter table "policy_draft" alter column "schedule" set not null',
    'ALTER TABLE "policy_draft" ADD COLUMN "kind" TEXT NOT NULL',
    'ALTER TABLE "policy_draft" ADD COLUMN "one" TEXT NOT NULL, ADD COLUMN "two" TEXT NOT NULL DEFAULT 1',
    'ALTER TABLE "policy_draft" ADD COLUMN "one" TEXT DEFAULT 1, ADD COLUMN "two" TEXT NOT NULL',
    'ALTER TABLE "policy_draft" ADD CONSTRAINT "small" CHECK ("size" < 10)',
    'CREATE UNIQUE INDEX "one" ON "policy_draft"("base")',
    'TRUNCATE "policy_draft"',
    'DELETE FROM "policy_draft"',
  ])('would with `%s`', (statement) => {
    expect(narrowingIn(`-- AlterTable\n${statement};\nSELECT 1;`)).toEqual([statement]);
  });

  it.each([
    'CREATE TABLE "a" ("b" TEXT NOT NULL);\nCREATE UNIQUE INDEX "c" ON "a"("b");\nALTER TABLE "a" ADD CONSTRAINT "d" CHECK ("b" <> \'\')',
    'ALTER TABLE "policy_draft" ADD COLUMN "kind" TEXT, ADD COLUMN "two" TEXT NOT NULL DEFAULT \'\'',
    '-- DROP TABLE "policy_draft"\nCREATE INDEX "e" ON "policy_draft"("size")',
  ])('would not with `%s`', (sql) => {
    expect(narrowingIn(sql)).toEqual([]);
  });
});

const filters = { externalTables: [], externalEnums: [] };

/** The migrations of a folder, as Prisma's engine is given them. */
async function listIn(folder: string) {
  const lockfile = 'migration_lock.toml';
  const migrationDirectories = await Promise.all(
    (await readNames(folder)).map(async (path) => ({
      path,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok', value: await readFile(join(folder, path, 'migration.sql'), 'utf8') } as const,
      },
    })),
  );
  return {
    baseDir: folder,
    lockfile: { path: lockfile, content: await readFile(join(folder, lockfile), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories,
  };
}

async function readNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
