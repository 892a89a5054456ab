/** The key of the store is replaced again and again beside services that write; whoever does it is killed on the way. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { integer, sample } from 'fast-check';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { isKept } from '../../src/decision/consent-event.js';
import { readRing } from '../../src/store/database/key-ring.js';
import { type Database, openDatabase } from '../../src/store/database/database.js';
import { StoreKey } from '../../src/store/database/store-key.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import { event } from '../contract/consent.store.contract.js';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { newDataFolder } from '../data-folder.js';
import { times } from '../times.js';
import { type Service, startService, temporaryFolder } from './service.js';

const KILLS = times(20, 4);
/** Users from before: sealing them anew takes a second or two. */
const USERS = 20_000;
const LATEST_KILL_MS = 4_000;
/** On a server the command waits first until each process knows the new key. */
const LATEST_KILL_ON_SERVER_MS = 8_000;
const COMMAND = new URL('../../dist/cli/keys.js', import.meta.url).pathname;

type Settings = Readonly<Record<string, string>>;

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

async function withStore<T>(settings: Settings, work: (database: Database) => Promise<T>): Promise<T> {
  const { DATA_DIR = '', DATABASE_URL, KEY_FILE } = settings;
  const database = await openDatabase({ databaseUrl: DATABASE_URL, keyFile: KEY_FILE, dataDir: DATA_DIR });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

async function seed(settings: Settings): Promise<void> {
  await withStore(settings, async (database) => {
    const store = new PrismaConsentStore(database);
    for (let at = 0; at < USERS; at += 1_000)
      await store.append(
        Array.from({ length: 1_000 }, (_, place) => event(`before-${at + place}`)),
        { isNew: () => true },
      );
  });
}

/** The users in the log, each as its key opened them. */
async function usersIn(settings: Settings): Promise<ReadonlySet<string>> {
  return withStore(settings, async (database) => {
    const entries = await new PrismaConsentStore(database).read(0, 1_000_000);
    expect(entries.filter(isKept)).toHaveLength(entries.length);
    return new Set(entries.filter(isKept).map(({ user }) => user));
  });
}

function keys(settings: Settings, ...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: { ...process.env, ...settings } });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function succeeded(settings: Settings, ...args: readonly string[]): Promise<void> {
  const child = keys(settings, ...args);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = await once(child, 'exit');
  expect(code, said).toBe(0);
}

/** Registers new people one after the other, until it is stopped. */
async function registering(
  service: Service,
  name: string,
  registered: string[],
): Promise<() => Promise<void>> {
  const token = await service.token({ sub: 'accounts', purposes: [], scope: 'users:write' });
  const body = { region: 'DE', age_band: 'adult' };
  const stopping = new AbortController();
  const running = (async () => {
    for (let number = 0; !stopping.signal.aborted; number++) {
      const user = `${name}-${number}`;
      // one that was evicted from the fleet, on a machine that is busy, refuses until it has joined anew
      for (let status = 503; status === 503;) {
        ({ status } = await service.request('PUT', `/v1/users/${user}`, { token, body }));
        expect([200, 503]).toContain(status);
      }
      registered.push(user);
    }
  })();
  // told to whoever stops it
  running.catch(() => undefined);
  return async () => {
    stopping.abort();
    await running;
  };
}

async function dropFormer(settings: Settings, file: string): Promise<void> {
  const [, ...former] = readRing(file).map((key) => new StoreKey(key).id);
  for (const id of former) await succeeded(settings, 'drop', id, '--now');
  expect(readRing(file)).toHaveLength(1);
}

const moments = (latest: number) => sample(integer({ min: 0, max: latest }), KILLS);

test('a service on the embedded database that is killed while it replaces the key goes on with it', async () => {
  const settings = { DATA_DIR: await newDataFolder() };
  await seed(settings);
  const registered: string[] = [];
  for (const [kill, moment] of moments(LATEST_KILL_MS).entries()) {
    const service = await startService(settings);
    onTestFinished(() => void service.process.kill('SIGKILL'));
    const stop = await registering(service, `kill-${kill}`, registered);
    const rotation = keys(settings, 'rotate');
    await pass(moment);
    await service.kill('SIGKILL');
    rotation.kill('SIGKILL');
    await stop().catch(() => undefined);
    const there = await usersIn(settings);
    expect(registered.filter((user) => !there.has(user))).toEqual([]);
    expect(there.size).toBeGreaterThanOrEqual(USERS);
  }
  const service = await startService(settings);
  await succeeded(settings, 'rotate');
  await dropFormer(settings, join(settings.DATA_DIR, 'key'));
  await service.stop();
  expect((await usersIn(settings)).size).toBeGreaterThanOrEqual(USERS + registered.length);
}, 1_200_000);

test('a command that is killed while it replaces the key of several processes stops none of them', async () => {
  const DATABASE_URL = await postgres.createDatabase('keys_killed');
  const folders = [await temporaryFolder(), await temporaryFolder()];
  const KEY_FILE = join(folders[0] ?? '', 'key');
  const [mine = {}, theirs = {}] = folders.map((DATA_DIR) => ({ DATABASE_URL, KEY_FILE, DATA_DIR }));
  await seed(mine);
  const registered: string[] = [];
  const services = [await startService(mine), await startService(theirs)];
  for (const service of services) onTestFinished(() => void service.process.kill('SIGKILL'));
  const stops = await Promise.all(
    services.map((service, place) => registering(service, `of-${place}`, registered)),
  );
  for (const moment of moments(LATEST_KILL_ON_SERVER_MS)) {
    const rotation = keys(mine, 'rotate');
    const before = registered.length;
    await pass(moment);
    rotation.kill('SIGKILL');
    if (moment > LATEST_KILL_ON_SERVER_MS / 2) expect(registered.length).toBeGreaterThan(before);
  }
  await succeeded(mine, 'rotate');
  await dropFormer(mine, KEY_FILE);
  await pass(1_000);
  await Promise.all(stops.map((stop) => stop()));
  for (const service of services) {
    expect(await service.logged()).not.toMatch(/altered|the key file/);
    await service.stop();
  }
  const there = await usersIn(mine);
  expect(registered.filter((user) => !there.has(user))).toEqual([]);
  expect(there.size).toBe(USERS + registered.length);
}, 1_200_000);
