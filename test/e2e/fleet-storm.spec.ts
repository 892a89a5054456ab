/** A fleet in a storm of opt-outs, whose processes and connections fail in every way at once. */
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { diceOf } from '../property/fleet/simulation.js';
import { times } from '../times.js';
import { type FreezingProxy, freezingProxy } from './freezing-proxy.js';
import { EVALUATIONS, mayRead } from './questions.js';
import { listAt, valueAt } from './replies.js';
import { type Service, startService, temporaryFolder } from './service.js';

/** Nobody may be asked about it in Germany unless they granted it. */
const PURPOSE = 'ads.personalised';
const SEED = times(20_261_126, 1);
const FAULTS = times(60, 5);
const PROCESSES = 3;
const ASKED_AT_ONCE = 100;
const WRITERS = 6;
const USERS_AT_ONCE = 2_000;
const LEASE_MS = 2_000;
/** How long a process is paused, in leases. */
const PAUSES = [0.5, 1.5, times(5, 1)];

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

/** One place of the fleet: the process that runs there now, and its way to the database. */
type Berth = { service: Service | undefined; readonly proxy: FreezingProxy };

test(`no decision permits what was denied and confirmed, and nothing that was is lost, over ${FAULTS} faults`, async () => {
  const databaseUrl = await postgres.createDatabase('storm');
  const keyFile = join(await temporaryFolder(), 'key');
  const dice = diceOf(SEED);
  const start = async (proxy: FreezingProxy) => startService({ DATABASE_URL: proxy.url, KEY_FILE: keyFile });
  const fleet: Berth[] = [];
  for (let place = 0; place < PROCESSES; place++) {
    const proxy = await freezingProxy(databaseUrl);
    fleet.push({ service: await start(proxy), proxy });
  }
  const anyService = () => fleet[dice.below(PROCESSES)]?.service;

  /** When each denial was confirmed, by user. */
  const confirmed = new Map<string, number>();
  const recent: string[] = [];
  const granted: string[] = [];
  const seen = { decisions: 0, permits: 0, stale: 0 };
  const calm = new AbortController();
  let users = 0;

  const grantMore = async () => {
    const from = users;
    const rows = Array.from({ length: USERS_AT_ONCE }, (_, place) =>
      JSON.stringify({
        line: place + 1,
        user: `u-${from + place}`,
        region: 'DE',
        age_band: 'adult',
        purpose: PURPOSE,
        choice: 'granted',
        notice: 1,
      }),
    );
    const service = anyService();
    if (service === undefined) return;
    const token = await service.token({ sub: 'import', purposes: [], scope: 'choices:import' });
    const headers = { 'content-type': 'application/x-ndjson' };
    const path = `/v1/imports/people-${from}?from=1`;
    const reply = await service
      .request('POST', path, { token, body: `${rows.join('\n')}\n`, headers })
      .catch(() => undefined);
    if (reply?.status !== 200 || !String(reply.body).includes('"done":true')) return;
    users += USERS_AT_ONCE;
    granted.push(...Array.from({ length: USERS_AT_ONCE }, (_, place) => `u-${from + place}`));
  };

  const deny = async () => {
    while (!calm.signal.aborted) {
      const user = granted.pop();
      const service = anyService();
      if (user === undefined || service === undefined) {
        await pass(20);
        continue;
      }
      const token = await service.token({ sub: 'accounts', purposes: [], scope: 'choices:write' });
      const path = `/v1/users/${user}/choices/${PURPOSE}`;
      const reply = await service
        .request('PUT', path, { token, body: { choice: 'denied' } })
        .catch(() => undefined);
      if (reply?.status !== 200) continue;
      confirmed.set(user, performance.now());
      recent.push(user);
      if (recent.length > ASKED_AT_ONCE) recent.shift();
    }
  };

  const ask = async (berth: Berth, wanted: readonly string[]) => {
    const { service } = berth;
    if (service === undefined || wanted.length === 0) return pass(20);
    const token = await service.token({ sub: 'ads', purposes: [PURPOSE] });
    const body = { evaluations: wanted.map((user) => mayRead(PURPOSE, user)) };
    const sent = performance.now();
    const reply = await service.request('POST', EVALUATIONS, { token, body }).catch(() => undefined);
    if (reply?.status !== 200) return pass(20);
    for (const [place, answer] of listAt(reply.body, 'evaluations').entries()) {
      seen.decisions++;
      const isPermit = valueAt(answer, 'decision') === true;
      if (isPermit) seen.permits++;
      const since = confirmed.get(wanted[place] ?? '');
      if (isPermit && since !== undefined && since < sent) seen.stale++;
    }
  };
  const askAllTheWhile = async (berth: Berth) => {
    while (!calm.signal.aborted)
      await ask(berth, [...recent.slice(-ASKED_AT_ONCE / 2), ...granted.slice(-ASKED_AT_ONCE / 2)]);
  };

  const disturb = async (fault: number) => {
    const berth = fleet[dice.below(PROCESSES)] ?? expect.unreachable();
    const { service, proxy } = berth;
    switch (fault % 5) {
      case 0:
        service?.process.kill('SIGSTOP');
        await pass(LEASE_MS * (PAUSES[dice.below(PAUSES.length)] ?? 1));
        service?.process.kill('SIGCONT');
        return;
      case 1:
        berth.service = undefined;
        await service?.kill('SIGKILL');
        berth.service = await start(proxy);
        return;
      case 2:
        proxy.freeze();
        await pass(dice.below(2 * LEASE_MS));
        proxy.thaw();
        return;
      case 3:
        return endConnections(databaseUrl);
      default:
        // all at once
        for (const each of fleet) await each.service?.kill('SIGKILL');
        for (const each of fleet) each.service = await start(each.proxy);
    }
  };

  await grantMore();
  expect(granted.length).toBe(USERS_AT_ONCE);
  const working = [...Array.from({ length: WRITERS }, deny), ...fleet.map(askAllTheWhile)];
  for (let fault = 0; fault < FAULTS; fault++) {
    await pass(300);
    if (granted.length < USERS_AT_ONCE / 4) await grantMore();
    await disturb(fault);
  }
  await pass(3_000);
  calm.abort();
  await Promise.all(working);

  // what was confirmed is there, whoever is asked
  const all = [...confirmed.keys()];
  for (const berth of fleet) {
    const before = { ...seen };
    for (let from = 0; from < all.length; from += 1_000) await ask(berth, all.slice(from, from + 1_000));
    expect(seen.permits - before.permits).toBe(0);
    expect(seen.decisions - before.decisions).toBe(all.length);
  }
  expect(seen.stale).toBe(0);
  expect(confirmed.size).toBeGreaterThan(2 * FAULTS);
  expect(seen.permits).toBeGreaterThan(100);
  for (const { service, proxy } of fleet) {
    await service?.stop();
    proxy.close();
  }
}, 900_000);

async function endConnections(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  await client.end();
}
