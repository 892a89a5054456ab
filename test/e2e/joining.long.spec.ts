/** What a process must have in common with those that are there, or does not join them. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { peopleOf } from './people.js';
import { EVALUATION, mayRead } from './questions.js';
import { valueAt } from './replies.js';
import { type Service, refusalToStart, startService, temporaryFolder } from './service.js';

const PURPOSE = 'ads.personalised';

/** Whoever is there holds a lease of this length. */
const LEASE_MS = '5000';
const APART = 'the clock of this machine and that of the database are apart';

let postgres: PostgresServer;
let env: { readonly DATABASE_URL: string; readonly KEY_FILE: string; readonly LEASE_MS: string };
const running: Service[] = [];

beforeAll(async () => {
  postgres = await startPostgres();
  const DATABASE_URL = await postgres.createDatabase('joining');
  env = { DATABASE_URL, KEY_FILE: join(await temporaryFolder(), 'key'), LEASE_MS };
  await starting();
});
afterAll(async () => {
  await Promise.all(running.map((service) => service.stop()));
  await postgres.stop();
});

/** Another process, whose clock is so far from that of the database. */
async function starting(apart = 0): Promise<Service> {
  const shift = `--import=data:text/javascript,const now = Date.now; Date.now = () => now() + ${apart};`;
  const service = await startService(env, apart === 0 ? [] : [shift]);
  running.push(service);
  return service;
}

test('nobody joins with another key, without one, or with another lease', async () => {
  const other = join(await temporaryFolder(), 'key');
  await writeFile(other, `${randomBytes(32).toString('base64')}\n`);
  const missing = join(await temporaryFolder(), 'key');
  const refused = [{ KEY_FILE: other }, { KEY_FILE: missing }, { LEASE_MS: '' }];
  const told = refused.map(async (settings) => (await refusalToStart({ ...env, ...settings })).stderr);
  expect(await Promise.all(told)).toEqual([
    `assent did not start: the key file \`${other}\` is not that of this database: restore the file that was made with it, or set KEY_FILE\n`,
    `assent did not start: there is no key file \`${missing}\`, and the database is sealed with a key: restore the file from its backup, or set KEY_FILE\n`,
    'assent did not start: the processes on this database hold leases of 5000 ms, and LEASE_MS is 2000 here: give all of them the same; to change it, stop all of them first\n',
  ]);
});

test('whoever has another time of day than the database says so, once, and joins', async () => {
  const early = await starting(-60_000);
  const right = await starting(5_000);
  const late = await starting(60_000);
  const toldBy = (service: Service) =>
    service
      .output()
      .split('\n')
      .filter((line) => line.includes(APART));
  expect(toldBy(early)).toEqual([expect.stringMatching(/"seconds":(60|61)/)]);
  expect(toldBy(right)).toEqual([]);
  expect(toldBy(late)).toEqual([expect.stringMatching(/"seconds":(59|60)/)]);
});

test('a lease as long as it is set is waited for', async () => {
  const [one = expect.unreachable(), ...others] = running;
  const people = await peopleOf(one);
  await people.register('u-1', 'DE');
  await people.choose('u-1', PURPOSE, 'granted');
  for (const other of others) await other.kill('SIGKILL');
  // answered when the lease has ended, and not given up before
  await people.choose('u-1', PURPOSE, 'denied');
  const token = await one.token({ sub: 'pep', purposes: [PURPOSE] });
  const { body } = await one.request('POST', EVALUATION, { token, body: mayRead(PURPOSE, 'u-1') });
  expect(valueAt(body, 'context', 'reason')).not.toBe('consent_unavailable');
  expect(valueAt(body, 'decision')).toBe(false);
});
