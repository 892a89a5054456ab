/** Many processes that join a fleet at once while it takes changes as fast as it can. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { type Service, startService, temporaryFolder } from './service.js';
import { Storm } from './storm.js';

const JOINING = 10;
const WRITERS = 32;
const CHANGES = 200;
const GOES_ON = { timeout: 120_000 };

let postgres: PostgresServer;
const running: Service[] = [];
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => {
  await Promise.all(running.map((service) => service.stop()));
  await postgres.stop();
});

test(`${JOINING} processes that join at once under a load of changes decide on nothing older, and changes go on`, async () => {
  const databaseUrl = await postgres.createDatabase('joining');
  const keyFile = join(await temporaryFolder(), 'key');
  const start = async () => {
    const service = await startService({ DATABASE_URL: databaseUrl, KEY_FILE: keyFile });
    running.push(service);
    return service;
  };
  const writing = [await start(), await start()];
  const storm = new Storm();
  let turn = 0;
  await storm.begin(
    WRITERS,
    () => writing[turn++ % writing.length],
    // each is asked from the moment on that it says where it is
    Array.from({ length: JOINING }, (_, place) => () => running[writing.length + place]),
  );
  const more = async () => {
    const { confirmed } = storm.seen;
    await expect.poll(() => storm.seen.confirmed, GOES_ON).toBeGreaterThan(confirmed + CHANGES);
  };
  await more();
  const before = { confirmed: storm.seen.confirmed, at: performance.now() };
  await Promise.all(Array.from({ length: JOINING }, start));
  const seconds = (performance.now() - before.at) / 1_000;
  const perSecond = (storm.seen.confirmed - before.confirmed) / seconds;
  process.stdout.write(
    `${JOINING} joined in ${seconds.toFixed(1)} s, ${perSecond.toFixed(0)} changes/s meanwhile\n`,
  );
  expect(perSecond).toBeGreaterThan(0);
  await more();
  await storm.end();
  for (const service of running) expect(await storm.lostAt(service)).toBe(0);
  expect(storm.seen.stale).toBe(0);
  expect(storm.seen.permits).toBeGreaterThan(0);
}, 600_000);
