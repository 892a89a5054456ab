/**
 * A fleet whose PostgreSQL is restarted, killed, or replaced by its standby while users opt out: nothing that was confirmed
 * is lost, and nothing that was is permitted.
 */
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { Client } from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { type PostgresServer, type Standby, startPostgres } from '../contract/postgres-server.js';
import { type FreezingProxy, freezingProxy } from './freezing-proxy.js';
import { EVALUATION, mayRead } from './questions.js';
import { valueAt } from './replies.js';
import { type Service, startService, temporaryFolder } from './service.js';
import { PURPOSE, Storm } from './storm.js';

const WRITERS = 6;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A process of a fleet, and its way to the database. */
type Member = { readonly service: Service; readonly way: FreezingProxy };

async function fleetOf(count: number, databaseUrl: string): Promise<readonly Member[]> {
  const keyFile = join(await temporaryFolder(), 'key');
  const members: Member[] = [];
  for (let place = 0; place < count; place++) {
    const way = await freezingProxy(databaseUrl);
    closing.push(() => way.close());
    const service = await startService({ DATABASE_URL: way.url, KEY_FILE: keyFile });
    closing.push(() => service.stop());
    members.push({ service, way });
  }
  return members;
}

async function startServer(): Promise<PostgresServer> {
  const postgres = await startPostgres();
  closing.push(() => postgres.stop());
  return postgres;
}

/** A storm that asks every process; some of them take the opt-outs in turn. */
async function stormOn(asked: readonly Member[], written = asked): Promise<Storm> {
  const storm = new Storm();
  let turn = 0;
  await storm.begin(
    WRITERS,
    () => written[turn++ % written.length]?.service,
    asked.map(
      ({ service }) =>
        () =>
          service,
    ),
  );
  await goesOn(storm);
  return storm;
}

/** More opt-outs are confirmed, and more is permitted. */
async function goesOn(storm: Storm): Promise<void> {
  const { confirmed, permits } = storm.seen;
  await expect.poll(() => storm.seen.confirmed).toBeGreaterThan(confirmed + 50);
  await expect.poll(() => storm.seen.permits).toBeGreaterThan(permits + 500);
}

async function expectNothingLost(storm: Storm, members: readonly Member[]): Promise<void> {
  await storm.end();
  for (const { service } of members) expect(await storm.lostAt(service)).toBe(0);
  expect(storm.seen.stale).toBe(0);
}

async function readiness({ service }: Member): Promise<number> {
  return (await service.request('GET', '/health/ready')).status;
}

async function choosing({ service }: Member, user: string, choice: 'granted' | 'denied') {
  const token = await service.token({ sub: 'accounts', purposes: [], scope: 'choices:write users:write' });
  await service.request('PUT', `/v1/users/${user}`, { token, body: { region: 'DE', age_band: 'adult' } });
  const body = choice === 'granted' ? { choice, notice: 1 } : { choice };
  return service.request('PUT', `/v1/users/${user}/choices/${PURPOSE}`, { token, body });
}

async function mayReadOf({ service }: Member, user: string): Promise<unknown> {
  const token = await service.token({ sub: 'ads', purposes: [PURPOSE] });
  const { body } = await service.request('POST', EVALUATION, { token, body: mayRead(PURPOSE, user) });
  return valueAt(body, 'decision');
}

describe('a fleet whose PostgreSQL ends', () => {
  test.each([
    ['restarted', 'SIGINT'],
    ['killed, and started again', 'SIGKILL'],
  ] as const)('goes on by itself when it is %s', async (_how, signal) => {
    const postgres = await startServer();
    const members = await fleetOf(3, await postgres.createDatabase('fleet'));
    const storm = await stormOn(members);
    await postgres.halt(signal);
    for (const member of members) await expect.poll(() => readiness(member)).toBe(503);
    const { permits } = storm.seen;
    expect(await choosing(members[0] ?? expect.unreachable(), 'late', 'denied')).toMatchObject({
      status: 503,
    });
    expect(storm.seen.permits).toBe(permits);
    await postgres.resume();
    await goesOn(storm);
    for (const member of members) await expect.poll(() => readiness(member)).toBe(200);
    await expectNothingLost(storm, members);
  });
});

describe('a fleet whose PostgreSQL has a standby that commits wait for', () => {
  /** Three processes, a standby, and the standby's way to the server. */
  async function replicated() {
    const postgres = await startServer();
    const databaseUrl = await postgres.createDatabase('fleet');
    const link = await freezingProxy(databaseUrl);
    closing.push(() => link.close());
    const standby = await postgres.addStandby(link.url);
    const members = await fleetOf(3, databaseUrl);
    return { databaseUrl, link, standby, members, standbyUrl: standby.urlOf(databaseUrl) };
  }

  test('loses nothing when that is promoted, and the process that is cut off with the old server denies', async () => {
    const { link, standby, standbyUrl, members } = await replicated();
    const [one, two, island] = threeOf(members);
    const storm = await stormOn(members, [one, two]);
    for (const way of [link, one.way, two.way]) way.freeze();
    // it still reaches the old server, and reads there
    await expect.poll(() => readiness(island)).toBe(503);
    await promote(standby, standbyUrl, [one, two]);
    await goesOn(storm);
    expect(await choosing(island, 'of-the-island', 'denied')).toMatchObject({ status: 503 });
    expect(await readiness(island)).toBe(503);
    island.way.leadTo(standbyUrl);
    await expect.poll(() => readiness(island)).toBe(200);
    await expectNothingLost(storm, members);
  });

  test('tells nobody that a change is confirmed whose wait for the standby was cut short', async () => {
    const { databaseUrl, link, members } = await replicated();
    const [one, two] = threeOf(members);
    expect(await choosing(one, 'u-1', 'granted')).toMatchObject({ status: 200 });
    link.freeze();
    const denied = choosing(one, 'u-1', 'denied');
    await cancelWaits(databaseUrl, denied);
    expect(await denied).toMatchObject({ status: 503, body: { type: 'urn:assent:problem:not_confirmed' } });
    link.thaw();
    for (const member of members) await expect.poll(() => readiness(member)).toBe(200);
    // the server has it all the same
    expect(await mayReadOf(two, 'u-1')).toBe(false);
    expect(await choosing(two, 'u-1', 'denied')).toMatchObject({ status: 200 });
  });

  test('ends, and says why, when that is promoted and lacks what the processes have read', async () => {
    const { databaseUrl, link, standby, standbyUrl, members } = await replicated();
    const [one] = threeOf(members);
    expect(await choosing(one, 'u-1', 'granted')).toMatchObject({ status: 200 });
    link.freeze();
    const denied = choosing(one, 'u-1', 'denied');
    await cancelWaits(databaseUrl, denied);
    expect(await denied).toMatchObject({ status: 503 });
    const ends = members.map(
      ({ service }) => new Promise((resolve) => service.process.once('exit', resolve)),
    );
    await promote(standby, standbyUrl, members);
    expect(await Promise.all(ends)).toEqual([1, 1, 1]);
    for (const { service } of members)
      expect(service.output()).toContain('a standby without all of it was promoted; restart this process');
  });
});

function threeOf([one, two, three]: readonly Member[]): readonly [Member, Member, Member] {
  return one !== undefined && two !== undefined && three !== undefined
    ? [one, two, three]
    : expect.unreachable();
}

async function promote(standby: Standby, url: string, members: readonly Member[]): Promise<void> {
  await standby.promote();
  for (const { way } of members) way.leadTo(url);
}

/** Cancels every wait for the standby, as long as something is waited for. */
async function cancelWaits(databaseUrl: string, answered: Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const isAnswered = answered.then(() => true);
  while (!(await Promise.race([isAnswered, pass(20, false)])))
    await client.query(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`);
  await client.end();
}
