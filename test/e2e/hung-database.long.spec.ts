/** What callers hear while the database neither answers nor breaks. */
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { freezingProxy } from './freezing-proxy.js';
import { peopleOf } from './people.js';
import { EVALUATION, mayRead } from './questions.js';
import { valueAt } from './replies.js';
import { startService } from './service.js';

const USER = 'u-1';
/** Nobody may be asked about it in Germany unless they granted it. */
const PURPOSE = 'ads.personalised';
const READS = [`/v1/users/${USER}/history`, `/v1/users/${USER}/receipts`, '/v1/policies/drafts'];

let postgres: PostgresServer;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

/** Makes the database hang. @returns what ends that */
type Hang = (databaseUrl: string, freeze: () => () => void) => Promise<() => Promise<void>>;

const locked: Hang = async (databaseUrl) => {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    'BEGIN; LOCK TABLE consent_event, consent_subject, policy_draft IN ACCESS EXCLUSIVE MODE',
  );
  return async () => {
    await client.query('ROLLBACK');
    await client.end();
  };
};
const frozen: Hang = async (_databaseUrl, freeze) => {
  const thaw = freeze();
  return async () => thaw();
};

test.each([
  ['its tables are locked', 'locked', locked],
  ['its network is frozen', 'frozen', frozen],
])('while %s, everybody is answered and nobody is permitted; then all goes on', async (_why, name, hang) => {
  const databaseUrl = await postgres.createDatabase(`hung_${name}`);
  const proxy = await freezingProxy(databaseUrl);
  const service = await startService({ DATABASE_URL: proxy.url });
  const people = await peopleOf(service);
  await people.register(USER, 'DE');
  await people.choose(USER, PURPOSE, 'granted');
  const tokens = {
    ads: await service.token({ sub: 'ads', purposes: [PURPOSE] }),
    accounts: await service.token({ sub: 'accounts', purposes: [], scope: 'choices:write settings:read' }),
    admin: await service.token({ sub: 'admin-1', roles: ['policy_admin'] }),
    user: await service.token({ sub: USER }),
  };
  const ask = async () =>
    valueAt(
      (await service.request('POST', EVALUATION, { token: tokens.ads, body: mayRead(PURPOSE, USER) })).body,
      'decision',
    );
  const optOut = () =>
    service.request('PUT', `/v1/users/${USER}/choices/${PURPOSE}`, {
      token: tokens.accounts,
      body: { choice: 'denied' },
    });
  const read = (path: string) =>
    service.request('GET', path, { token: path === '/v1/policies/drafts' ? tokens.admin : tokens.user });
  const openDraft = () =>
    service.request('POST', '/v1/policies/drafts', { token: tokens.admin, body: { message: 'a test' } });
  const ready = async () => (await service.request('GET', '/health/ready')).status;
  expect(await ask()).toBe(true);
  for (const path of READS) expect(await read(path), path).toMatchObject({ status: 200 });

  const release = await hang(databaseUrl, () => {
    proxy.freeze();
    return () => proxy.thaw();
  });
  const [refused, ...reads] = await Promise.all([optOut(), openDraft(), ...READS.map(read)]);
  expect(refused).toMatchObject({ status: 503, body: { type: 'urn:assent:problem:not_confirmed' } });
  for (const reply of reads)
    expect(reply).toMatchObject({ status: 503, body: { type: 'urn:assent:problem:storage_unavailable' } });
  expect(await ask()).toBe(false);
  expect(await service.request('GET', '/health/ready')).toMatchObject({
    status: 503,
    body: { parts: { consent: false }, trouble: expect.stringContaining('see that the database runs') },
  });
  expect(await optOut()).toMatchObject({ status: 503, body: { type: 'urn:assent:problem:not_confirmed' } });
  expect(await read(`/v1/users/${USER}/settings`)).toMatchObject({
    status: 503,
    body: { type: 'urn:assent:problem:consent_unavailable' },
  });

  await release();
  await expect.poll(ready).toBe(200);
  // whether the first one was written in the end is known by now; to repeat it does no harm
  expect(await optOut()).toMatchObject({ status: 200 });
  expect(await ask()).toBe(false);
  for (const path of READS) expect(await read(path), path).toMatchObject({ status: 200 });
  // it was the database each time, which is told in words
  expect(service.output()).not.toContain('no code');
  expect(service.output()).not.toMatch(/"stack".*trying again/);
  await service.stop();
  proxy.close();
});

test('a start waits for a database that is slow, and says so', async () => {
  const { databaseUrl, dataDir } = await postgres.createStore('slow_start');
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE policy_version IN ACCESS EXCLUSIVE MODE');
  const starting = startService({ DATABASE_URL: databaseUrl, DATA_DIR: dataDir });
  /** When the statement began that waits for the lock. */
  const waiting = async (): Promise<string> => {
    // within a transaction the server shows what it showed first
    await client.query('SELECT pg_stat_clear_snapshot()');
    const { rows } = await client.query<{ readonly since: string }>(
      `SELECT query_start::text AS since FROM pg_stat_activity
       WHERE wait_event_type = 'Lock' AND datname = current_database() LIMIT 1`,
    );
    return rows[0]?.since ?? '';
  };
  await expect.poll(waiting).not.toBe('');
  const first = await waiting();
  await expect.poll(waiting).not.toBe(first);
  await client.query('ROLLBACK');
  await client.end();
  const service = await starting;
  expect(service.output()).toMatch(
    /"because":"the database was not done with the policies in time.*the start waits for the database: trying again/,
  );
  await service.stop();
});
