/** An erasure that the database does not make: what is confirmed after it is kept, and whoever repeats it has it made. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { type People, peopleOf } from './people.js';
import { EVALUATION, PURPOSES, mayRead } from './questions.js';
import { type Service, startService, temporaryFolder } from './service.js';

const ADS = 'ads.personalised';

let folder: string;
let postgres: PostgresServer;
let operator: Client;
let env: Readonly<Record<string, string>>;
let service: Service;
let people: People;

const start = async () => {
  service = await startService(env);
  people = await peopleOf(service);
};
beforeAll(async () => {
  folder = await temporaryFolder();
  postgres = await startPostgres();
  env = {
    DATABASE_URL: await postgres.createDatabase('failed_erasure'),
    KEY_FILE: join(folder, 'key'),
    ERASURES_DIR: join(folder, 'erasures'),
    // whose lease has lapsed denies for another reason
    LEASE_MS: '10000',
  };
  operator = new Client(env['DATABASE_URL']);
  await operator.connect();
  await start();
});
afterAll(async () => {
  await service.stop();
  await operator.end();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

const decide = async (user: string) =>
  (
    await service.request('POST', EVALUATION, {
      token: await service.token({ sub: 'pep', purposes: PURPOSES }),
      body: mayRead(ADS, user),
    })
  ).body;
const denied = (reason: string) => ({ decision: false, context: { reason } });
const erase = async (user: string) =>
  service.request('DELETE', `/v1/users/${user}`, {
    token: await service.token({ sub: 'accounts', purposes: [], scope: 'users:erase' }),
  });

/** Asks for an erasure whose connection to the database breaks while it is made. */
async function failToErase(user: string): Promise<void> {
  await operator.query('BEGIN; LOCK TABLE consent_subject IN SHARE MODE');
  const answer = erase(user);
  const broken = async () =>
    (
      await operator.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'failed_erasure' AND wait_event_type = 'Lock'",
      )
    ).rowCount;
  await expect.poll(broken).toBeGreaterThan(0);
  expect(await answer).toMatchObject({
    status: 503,
    body: { type: 'urn:assent:problem:storage_unavailable' },
  });
  await operator.query('ROLLBACK');
  await expect.poll(() => decide(user)).toMatchObject({ decision: true });
}

test('an opt-out that is confirmed after it is not lost at the next start, and the log says what to do', async () => {
  await people.register('ann', 'US-NY');
  await failToErase('ann');
  await people.choose('ann', ADS, 'denied');
  await service.stop();
  await start();
  // as the account service does with everybody
  await people.register('ann', 'US-NY');
  expect(await decide('ann')).toMatchObject(denied('opted_out'));
  expect(await service.logged()).toContain('make every erasure again that was answered with an error');
});

test('it is made by whoever asks again, and nothing of it is left to do', async () => {
  expect(await erase('ann')).toMatchObject({ status: 200, body: { erased: true } });
  expect(await decide('ann')).toMatchObject(denied('unknown_user'));
  await people.register('ann', 'US-NY');
  await service.stop();
  await start();
  expect(await decide('ann')).toMatchObject({ decision: true });
  expect(await service.logged()).not.toContain('the list has erasures');
});

test('it is made at the next start where nothing was said since', async () => {
  await people.register('ben', 'US-NY');
  await failToErase('ben');
  await service.stop();
  await start();
  expect(await decide('ben')).toMatchObject(denied('unknown_user'));
  expect(await service.logged()).toContain('erasures done again');
});
