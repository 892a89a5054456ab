/** What a process must have in common with those that are there, or does not join them. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { peopleOf } from './people.js';
import { EVALUATION, mayRead } from './questions.js';
import { valueAt } from './replies.js';
import { type Service, refusalToStart, startService, temporaryFolder } from './service.js';

const PURPOSE = 'ads.personalised';

let postgres: PostgresServer;
let databases = 0;
const running: Service[] = [];

beforeAll(async () => {
  postgres = await startPostgres();
});
afterEach(async () => {
  for (const service of running.splice(0)) await service.stop();
});
afterAll(() => postgres.stop());

async function newDatabase(): Promise<{ readonly DATABASE_URL: string; readonly KEY_FILE: string }> {
  const DATABASE_URL = await postgres.createDatabase(`joining_${++databases}`);
  return { DATABASE_URL, KEY_FILE: join(await temporaryFolder(), 'key') };
}

async function starting(...[env, options]: Parameters<typeof startService>): Promise<Service> {
  const service = await startService(env, options);
  running.push(service);
  return service;
}

test('a lease as long as it is set is waited for, and nobody joins with another', async () => {
  const env = { ...(await newDatabase()), LEASE_MS: '5000' };
  const one = await starting(env);
  const two = await starting(env);
  expect((await refusalToStart({ ...env, LEASE_MS: '' })).stderr).toBe(
    'assent did not start: the processes on this database hold leases of 5000 ms, and LEASE_MS is 2000 here: give all of them the same; to change it, stop all of them first\n',
  );
  const people = await peopleOf(one);
  await people.register('u-1', 'DE');
  await people.choose('u-1', PURPOSE, 'granted');
  await two.kill('SIGKILL');
  // answered when the lease has ended, and not given up before
  await people.choose('u-1', PURPOSE, 'denied');
  const token = await one.token({ sub: 'pep', purposes: [PURPOSE] });
  const { body } = await one.request('POST', EVALUATION, { token, body: mayRead(PURPOSE, 'u-1') });
  expect(valueAt(body, 'context', 'reason')).not.toBe('consent_unavailable');
  expect(valueAt(body, 'decision')).toBe(false);
});

test('nobody joins with another key, or without one', async () => {
  const env = await newDatabase();
  await starting(env);
  const other = join(await temporaryFolder(), 'key');
  await writeFile(other, `${randomBytes(32).toString('base64')}\n`);
  const missing = join(await temporaryFolder(), 'key');
  const told = [other, missing].map(async (KEY_FILE) => (await refusalToStart({ ...env, KEY_FILE })).stderr);
  expect(await Promise.all(told)).toEqual([
    `assent did not start: the key file \`${other}\` is not that of this database: restore the file that was made with it, or set KEY_FILE\n`,
    `assent did not start: there is no key file \`${missing}\`, and the database is sealed with a key: restore the file from its backup, or set KEY_FILE\n`,
  ]);
});

test('whoever has another time of day than the database says so, once, and joins', async () => {
  const env = await newDatabase();
  const apart = 'the clock of this machine and that of the database are apart';
  const shifted = (ms: number) => [
    `--import=data:text/javascript,const now = Date.now; Date.now = () => now() + ${ms};`,
  ];
  const right = await starting(env, shifted(5_000));
  expect(right.output()).not.toContain(apart);
  for (const [ms, seconds] of [
    [-60_000, /"seconds":(60|61)/],
    [60_000, /"seconds":(59|60)/],
  ] as const) {
    const lines = (await starting(env, shifted(ms))).output().split('\n');
    expect(lines.filter((line) => line.includes(apart))).toEqual([expect.stringMatching(seconds)]);
  }
});
