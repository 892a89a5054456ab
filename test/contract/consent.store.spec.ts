import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type DatabaseSettings } from '../../src/store/database.js';
import { lockFolder } from '../../src/store/folder-lock.js';
import { MemoryConsentStore } from '../../src/store/memory-consent.store.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import {
  consentStoreContract,
  event,
  persistentConsentStoreContract,
  type OpenStore,
  type Place,
} from './consent.store.contract.js';
import { startPostgres, type PostgresServer } from './postgres-server.js';

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
}, 60_000);

afterAll(async () => {
  await server.stop();
});

async function openStore(settings: DatabaseSettings): Promise<OpenStore> {
  const database = await openDatabase(settings);
  return { store: new PrismaConsentStore(database), close: () => database.close() };
}

async function inMemory(): Promise<Place> {
  const store = new MemoryConsentStore();
  return { open: async () => ({ store, close: async () => {} }), clear: async () => {} };
}

async function embedded(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'assent-store-'));
  return {
    open: () => openStore({ dataDir: join(folder, 'data') }),
    clear: () => rm(folder, { recursive: true, force: true }),
  };
}

let databases = 0;

async function onServer(): Promise<Place> {
  databases += 1;
  const databaseUrl = await server.createDatabase(`assent_${databases}`);
  return { open: () => openStore({ databaseUrl, dataDir: 'unused' }), clear: async () => {} };
}

consentStoreContract('in memory', inMemory);
consentStoreContract('embedded', embedded);
consentStoreContract('PostgreSQL server', onServer);
persistentConsentStoreContract('embedded', embedded);
persistentConsentStoreContract('PostgreSQL server', onServer);

describe('consent store on a server that ends its connection', () => {
  it('tells once that the store is lost, also those who ask later', async () => {
    const databaseUrl = await server.createDatabase('ended');
    const { store, close } = await openStore({ databaseUrl, dataDir: 'unused' });
    const losses: Error[] = [];
    const lost = new Promise<Error>((resolve) => store.onLost(resolve));
    store.onLost((reason) => losses.push(reason));

    await endOwner(databaseUrl);
    expect(String(await lost)).toContain('the connection that holds the lock on the database broke');
    store.onLost((reason) => losses.push(reason));
    await close();
    expect(losses).toHaveLength(2);
  });

  it('cannot append once another has taken the store over', async () => {
    const databaseUrl = await server.createDatabase('taken_over');
    const one = await openStore({ databaseUrl, dataDir: 'unused' });
    await one.store.append([event('before')]);
    await endOwner(databaseUrl);

    const two = await openStore({ databaseUrl, dataDir: 'unused' });
    await expect(one.store.append([event('too late')])).rejects.toThrow('another process has taken over');
    expect(await two.store.append([event('after')])).toBe(2);
    expect((await two.store.read(0, 10)).map((read) => read.user)).toEqual(['before', 'after']);
    await one.close();
    await two.close();
  });

  it('gives the right time whatever time zone the server is set to', async () => {
    const databaseUrl = await server.createDatabase('far_away');
    await query(databaseUrl, `ALTER DATABASE far_away SET timezone = 'Asia/Kathmandu'`);
    const { store, close } = await openStore({ databaseUrl, dataDir: 'unused' });
    await store.append([event('u-1')]);
    expect((await store.read(0, 1)).map((read) => read.at)).toEqual([event('u-1').at]);
    await close();
  });

  it('does not read a row that it does not understand', async () => {
    const databaseUrl = await server.createDatabase('misread');
    const { store, close } = await openStore({ databaseUrl, dataDir: 'unused' });
    await store.append([event('secret-user')]);
    await query(databaseUrl, 'ALTER TABLE consent_event DROP CONSTRAINT consent_event_change_check');
    await query(databaseUrl, `UPDATE consent_event SET signal = 'secret-signal'`);
    const refusal = await store.read(0, 10).catch(String);
    expect(refusal).toContain('the consent event with revision 1 has an unreadable `signal`');
    expect(refusal).not.toContain('secret');
    await close();
  });

  it('says what to do when the server cannot be reached', async () => {
    const databaseUrl = 'postgresql://nobody:hidden@127.0.0.1:1/none';
    const refusal = await openDatabase({ databaseUrl, dataDir: 'unused' }).catch(String);
    expect(refusal).toContain('cannot connect to the database; check DATABASE_URL');
    expect(refusal).not.toContain('hidden');
  });
});

describe('the log table', () => {
  let databaseUrl: string;

  beforeAll(async () => {
    databaseUrl = await server.createDatabase('checked');
    const { close } = await openStore({ databaseUrl, dataDir: 'unused' });
    await close();
  });

  it.each([
    ['an unknown kind', `1, 'u', now(), 'user', 'u', 'merger', NULL, NULL, NULL, NULL, NULL, NULL`],
    ['an unknown changer', `1, 'u', now(), 'cat', 'u', 'signal', NULL, NULL, NULL, NULL, NULL, 'gpc'`],
    [
      'a profile without an age band',
      `1, 'u', now(), 'user', 'u', 'profile', 'DE', NULL, NULL, NULL, NULL, NULL`,
    ],
    [
      'a profile with a choice',
      `1, 'u', now(), 'user', 'u', 'profile', 'DE', 'adult', NULL, 'denied', NULL, NULL`,
    ],
    [
      'a choice without a notice',
      `1, 'u', now(), 'user', 'u', 'choice', NULL, NULL, 'ads', 'denied', NULL, NULL`,
    ],
    ['a choice of neither', `1, 'u', now(), 'user', 'u', 'choice', NULL, NULL, 'ads', 'maybe', 0, NULL`],
    ['a signal that is none', `1, 'u', now(), 'user', 'u', 'signal', NULL, NULL, NULL, NULL, NULL, NULL`],
    [
      'a revision before the first',
      `0, 'u', now(), 'user', 'u', 'signal', NULL, NULL, NULL, NULL, NULL, 'gpc'`,
    ],
  ])('refuses %s', async (_, row) => {
    await expect(query(databaseUrl, `INSERT INTO consent_event VALUES (${row})`)).rejects.toThrow(
      'violates check',
    );
  });
});

describe('the lock on a data folder', () => {
  it('goes with a process that is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'assent-lock-'));
    const holder = spawn(
      process.execPath,
      [
        '-e',
        `const fd = require('fs').openSync(process.argv[1], 'a');
         process.stdout.write(String(require('fs-native-extensions').tryLock(fd)));
         setInterval(() => {}, 1000);`,
        join(folder, 'lock'),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [answer] = await once(holder.stdout, 'data');
    expect(String(answer)).toBe('true');
    expect(() => lockFolder(folder)).toThrow(`\`${folder}\` is in use by another process`);

    holder.kill('SIGKILL');
    await once(holder, 'exit');
    lockFolder(folder).release();
    await rm(folder, { recursive: true });
  });

  it('cannot be taken where nothing can be written', () => {
    expect(() => lockFolder('/dev/null/data')).toThrow('cannot write to `/dev/null/data`; make it writable');
  });
});

async function endOwner(databaseUrl: string): Promise<void> {
  await query(
    databaseUrl,
    `SELECT pg_terminate_backend(pid, 10000) FROM pg_locks
     WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
}

async function query(databaseUrl: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
