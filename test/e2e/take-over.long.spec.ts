/** What a process answers that no longer owns the store and has not heard of it. */
import { Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { freezingProxy } from './freezing-proxy.js';
import { peopleOf } from './people.js';
import { EVALUATION, mayRead } from './questions.js';
import { valueAt } from './replies.js';
import { type Service, startService } from './service.js';

const USER = 'u-1';
/** Nobody may be asked about it in Germany unless they granted it. */
const PURPOSE = 'ads.personalised';
const WAITING = 192;

let postgres: PostgresServer;
let databases = 0;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

describe('a process whose store another one has taken over', () => {
  test('never permits after the opt-out, and is not ready, when its network is frozen', async () => {
    const { databaseUrl, proxy, one } = await startBehindProxy();
    const ask = await asking(one);
    expect(await ask()).toBe(true);

    const answers: { readonly sent: number; readonly permitted: boolean }[] = [];
    const enough = new AbortController();
    const asker = (async () => {
      while (!enough.signal.aborted) {
        const sent = performance.now();
        answers.push({ sent, permitted: await ask() });
        await pass(10);
      }
    })();
    proxy.freeze();
    const two = await takeOver(databaseUrl, one);
    await optOut(two);
    const confirmed = performance.now();
    const permitted = () => answers.filter(({ sent }) => sent < confirmed).some((one) => one.permitted);
    expect(permitted()).toBe(true);
    const later = () => answers.filter(({ sent }) => sent > confirmed).length;
    await expect.poll(later, { timeout: 60_000 }).toBeGreaterThan(20);
    enough.abort();
    await asker;
    expect(answers.filter(({ sent, permitted }) => permitted && sent > confirmed)).toEqual([]);
    expect(await one.request('GET', '/health/ready')).toMatchObject({
      status: 503,
      body: { parts: { consent: false } },
    });
    // a change that needs no write rests on the same state, and is not acknowledged either
    const grant = await choosing(one, 'granted');
    expect(grant).toMatchObject({ status: 503, body: { type: 'urn:assent:problem:not_confirmed' } });

    const exit = new Promise((resolve) => one.process.once('exit', resolve));
    proxy.thaw();
    expect(await exit).toBe(1);
    await two.stop();
    await one.stop();
    proxy.close();
  });

  test(`never permits after the opt-out when it was paused with ${WAITING} questions waiting`, async () => {
    const databaseUrl = await newDatabase();
    const one = await startService({ DATABASE_URL: databaseUrl });
    await grant(one);
    const token = await one.token({ sub: 'ads', purposes: [PURPOSE] });
    const agent = new Agent({ keepAlive: true, maxSockets: WAITING });
    const all = () => Array.from({ length: WAITING }, () => askOn(agent, one, token));
    const answersOf = (asked: readonly Asked[]) => Promise.all(asked.map(({ answer }) => answer));
    expect(new Set(await answersOf(all()))).toEqual(new Set([true]));

    one.process.kill('SIGSTOP');
    const two = await takeOver(databaseUrl, one);
    await optOut(two);
    const asked = all();
    // they wait in its sockets before it wakes
    await Promise.all(asked.map(({ sent }) => sent));
    one.process.kill('SIGCONT');
    expect((await answersOf(asked)).filter((answer) => answer === true)).toEqual([]);
    agent.destroy();
    await two.stop();
    await one.stop();
  });
});

describe('a process that cannot prove that it owns the store', () => {
  test('denies, says that it is not ready, and recovers by itself when it can again', async () => {
    const { proxy, one } = await startBehindProxy();
    const ask = await asking(one);
    const ready = async () => (await one.request('GET', '/health/ready')).status;
    expect([await ask(), await ready()]).toEqual([true, 200]);

    proxy.freeze();
    await expect.poll(ask, { timeout: 10_000 }).toBe(false);
    expect(await ready()).toBe(503);

    proxy.thaw();
    await expect.poll(ask, { timeout: 10_000 }).toBe(true);
    expect(await ready()).toBe(200);
    await optOut(one);
    expect(await ask()).toBe(false);
    await one.stop();
    proxy.close();
  });
});

function newDatabase(): Promise<string> {
  return postgres.createDatabase(`taken_${++databases}`);
}

async function startBehindProxy() {
  const databaseUrl = await newDatabase();
  const proxy = await freezingProxy(databaseUrl);
  const one = await startService({ DATABASE_URL: proxy.url });
  await grant(one);
  return { databaseUrl, proxy, one };
}

/** Ends the connection that holds the lock at the server, as one does that is sure that its process is gone. */
async function takeOver(databaseUrl: string, one: Service): Promise<Service> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    `SELECT pg_terminate_backend(pid, 10000) FROM pg_locks
     WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  await client.end();
  return startService({ DATABASE_URL: databaseUrl, KEY_FILE: join(one.dataDir, 'key') });
}

async function grant(service: Service): Promise<void> {
  const people = await peopleOf(service);
  await people.register(USER, 'DE');
  await people.choose(USER, PURPOSE, 'granted');
}

async function optOut(service: Service): Promise<void> {
  expect(await choosing(service, 'denied')).toMatchObject({ status: 200 });
}

async function choosing(service: Service, choice: string) {
  const token = await service.token({ sub: 'accounts', purposes: [], scope: 'choices:write' });
  return service.request('PUT', `/v1/users/${USER}/choices/${PURPOSE}`, { token, body: { choice } });
}

/** Whether the purpose may read, asked of a service. */
async function asking(service: Service): Promise<() => Promise<boolean>> {
  const token = await service.token({ sub: 'ads', purposes: [PURPOSE] });
  return async () => {
    const { body } = await service.request('POST', EVALUATION, { token, body: mayRead(PURPOSE, USER) });
    return valueAt(body, 'decision') === true;
  };
}

type Asked = { readonly sent: Promise<void>; readonly answer: Promise<boolean | undefined> };

/** The same on a connection that is kept open; `undefined` when the process has closed it without an answer. */
function askOn(agent: Agent, { url }: Service, token: string): Asked {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const request = httpRequest(`${url}${EVALUATION}`, { agent, method: 'POST', headers });
  const answer = new Promise<boolean | undefined>((resolve) => {
    request.on('error', () => resolve(undefined));
    request.on('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('error', () => resolve(undefined));
      response.on('end', () => resolve(valueAt(JSON.parse(text), 'decision') === true));
    });
  });
  const sent = new Promise<void>((resolve) => request.end(JSON.stringify(mayRead(PURPOSE, USER)), resolve));
  return { sent, answer };
}
