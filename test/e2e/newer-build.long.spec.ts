/** An older build beside a newer one on the same database: what it does not know, it never passes over. */
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { contentIdOf } from '../../src/policy/content-id.js';
import { openDatabase } from '../../src/store/database/database.js';
import { PrismaPolicyStore } from '../../src/store/prisma-policy.store.js';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { REFERENCE } from '../reference-policy.js';
import { peopleOf } from './people.js';
import { EVALUATION, mayRead } from './questions.js';
import { valueAt } from './replies.js';
import { type Service, refusalToStart, startService, temporaryFolder } from './service.js';

const PURPOSE = 'ads.personalised';
const PACKAGE = new URL('../..', import.meta.url).pathname;
const START_IT = 'a newer build writes to this database; start that build';

/** Columns of all tables that a running process reads and writes, and a table. */
const LATER = `
  ALTER TABLE "consent_event" ADD COLUMN "later" TEXT;
  ALTER TABLE "consent_head" ADD COLUMN "later" INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE "consent_subject" ADD COLUMN "later" TEXT;
  ALTER TABLE "fleet_member" ADD COLUMN "later" TEXT;
  ALTER TABLE "policy_publication" ADD COLUMN "later" TEXT;
  CREATE TABLE "later" ("id" TEXT PRIMARY KEY);`;

let postgres: PostgresServer;
let newer: string;
let databases = 0;
const running: Service[] = [];

beforeAll(async () => {
  [postgres, newer] = await Promise.all([startPostgres(), newerBuild()]);
});
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop();
});
afterAll(async () => {
  await postgres.stop();
  await rm(newer, { recursive: true });
});

/** This build, with another format of contents, which it writes, and another form of policies. */
async function newerBuild(): Promise<string> {
  const folder = await temporaryFolder();
  await symlink(join(PACKAGE, 'node_modules'), join(folder, 'node_modules'));
  for (const part of ['package.json', 'dist', 'policies', 'prisma'])
    await cp(join(PACKAGE, part), join(folder, part), { recursive: true });
  const edit = async (path: string, from: RegExp, to: string) => {
    const text = await readFile(join(folder, path), 'utf8');
    expect(text).toMatch(from);
    await writeFile(join(folder, path), text.replace(from, to));
  };
  await edit('dist/bundle/service.js', /(FORMATS(\$\d+)?) = \[1, 2\]/, '$1 = [1, 2, 3]');
  await edit('dist/bundle/service.js', /(FORMAT_OF_ALL(\$\d+)?) = 1\b/, '$1 = 3');
  await edit('policies/policy.schema.json', /"const": 1/, '"enum": [1, 2]');
  return folder;
}

async function withMigration<T>(work: () => Promise<T>): Promise<T> {
  const folder = join(newer, 'prisma/migrations/29990101000000_later');
  await mkdir(folder);
  await writeFile(join(folder, 'migration.sql'), LATER);
  try {
    return await work();
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function newDatabase() {
  const databaseUrl = await postgres.createDatabase(`builds_${++databases}`);
  const folder = await temporaryFolder();
  const settings = { DATABASE_URL: databaseUrl, KEY_FILE: join(folder, 'key') };
  const start = async (build?: string) => {
    const service = await startService(settings, [], build);
    running.push(service);
    return { service, ended: new Promise((resolve) => service.process.once('exit', resolve)) };
  };
  return { settings, start };
}

async function askerOf(service: Service): Promise<(user: string) => Promise<boolean>> {
  const token = await service.token({ sub: 'pep', purposes: [PURPOSE] });
  return async (user) => {
    const { body } = await service.request('POST', EVALUATION, { token, body: mayRead(PURPOSE, user) });
    return valueAt(body, 'decision') === true;
  };
}

describe('a build beside a newer one', () => {
  test('goes on while that migrates the database, and ends in words, never permitting what was denied, when that writes what it does not know', async () => {
    const { start } = await newDatabase();
    const old = [await start(), await start()];
    const [first = expect.unreachable()] = old;
    const people = await peopleOf(first.service);
    await people.register('u-1', 'DE');
    await people.choose('u-1', PURPOSE, 'granted');
    const { service } = await withMigration(() => start(newer));
    const here = await askerOf(service);
    const there = await Promise.all(old.map((each) => askerOf(each.service)));

    // both decide, and the older ones write
    await people.register('u-2', 'DE');
    await people.choose('u-2', PURPOSE, 'granted');
    for (const ask of [here, ...there]) expect(await ask('u-2')).toBe(true);
    await people.choose('u-2', PURPOSE, 'denied');
    for (const ask of [here, ...there]) expect(await ask('u-2')).toBe(false);

    const later = await peopleOf(service);
    await later.choose('u-1', PURPOSE, 'denied');
    const asked = there.map((ask) => ask('u-1').catch(() => 'ended'));
    expect(await here('u-1')).toBe(false);
    for (const answer of await Promise.all(asked)) expect(answer).not.toBe(true);
    expect(await Promise.all(old.map(({ ended }) => ended))).toEqual([1, 1]);
    const sentence = `the consent log has an entry with a \`format\`, at revision 6, that this build does not know: ${START_IT}`;
    for (const each of old) await expect.poll(each.service.output).toContain(sentence);

    // the newer one is not disturbed
    await later.choose('u-2', PURPOSE, 'granted');
    expect([await here('u-1'), await here('u-2')]).toEqual([false, true]);
    expect(service.output()).not.toContain('trouble');
  });

  test('ends in words when a policy is published whose form it does not know, and is not started again', async () => {
    const { settings, start } = await newDatabase();
    const old = await start();
    const { service } = await start(newer);
    const document = { ...REFERENCE, schema: 2 };
    const id = await contentIdOf(document);
    const database = await openDatabase({
      databaseUrl: settings.DATABASE_URL,
      keyFile: settings.KEY_FILE,
      dataDir: service.dataDir,
    });
    const policies = new PrismaPolicyStore(database);
    await policies.saveVersion({ id, document, authors: [], message: '', parent: null, at: Date.now() });
    await policies.publish({ version: id, by: 'ann', at: Date.now(), draft: null, approvals: [] });
    await database.close();

    const sentence = `the policy version \`${id}\` has a form that this build does not know: ${START_IT}`;
    expect(await old.ended).toBe(1);
    await expect.poll(old.service.output).toContain(sentence);
    expect((await refusalToStart(settings)).stderr).toBe(`assent did not start: ${sentence}\n`);

    const token = await service.token({ sub: 'reader', purposes: [], scope: 'policies:read' });
    await expect
      .poll(async () => valueAt((await service.request('GET', '/v1/policies/current', { token })).body, 'id'))
      .toBe(id);
    const people = await peopleOf(service);
    await people.register('u-1', 'DE');
    await people.choose('u-1', PURPOSE, 'granted');
    expect(await (await askerOf(service))('u-1')).toBe(true);
  });
});
