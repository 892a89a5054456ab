/** A fleet in a storm of opt-outs, whose processes and connections fail in every way at once. */
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { diceOf } from '../property/fleet/simulation.js';
import { times } from '../times.js';
import { type FreezingProxy, freezingProxy } from './freezing-proxy.js';
import { type Service, startService, temporaryFolder } from './service.js';
import { Storm } from './storm.js';

const SEED = 20_261_126;
const FAULTS = times(30, 6);
const PROCESSES = 3;
const WRITERS = 6;
const LEASE_MS = 2_000;
/** How long a process is paused, in leases. */
const PAUSES = [0.5, 1.5, 5];

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

  const storm = new Storm();

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

  await storm.begin(
    WRITERS,
    anyService,
    fleet.map((berth) => () => berth.service),
  );
  for (let fault = 0; fault < FAULTS; fault++) {
    await pass(300);
    await disturb(fault);
  }
  await pass(3_000);
  await storm.end();

  // what was confirmed is there, whoever is asked
  for (const { service } of fleet) expect(await storm.lostAt(service ?? expect.unreachable())).toBe(0);
  expect(storm.seen.stale).toBe(0);
  expect(storm.seen.confirmed).toBeGreaterThan(2 * FAULTS);
  expect(storm.seen.permits).toBeGreaterThan(100);
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
