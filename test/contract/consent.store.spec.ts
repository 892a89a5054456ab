import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GENESIS, firstBroken } from '../../src/consent/log/chain.js';
import { ConsentStoreLost } from '../../src/consent/log/consent.store.js';
import { ConsentState } from '../../src/decision/state/consent-state.js';
import { MOST_NUMBER } from '../../src/decision/state/key-index.js';
import { Overtaken } from '../../src/fleet/fleet.store.js';
import { openDatabase, type DatabaseSettings } from '../../src/store/database/database.js';
import { lockFolder } from '../../src/store/postgres/folder-lock.js';
import { newDataFolder } from '../data-folder.js';
import { MemoryConsentStore } from '../memory/memory-consent.store.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import {
  consentStoreContract,
  event,
  persistentConsentStoreContract,
  firstOf,
  usersOf,
  type OpenStore,
  type Place,
} from './consent.store.contract.js';
import { startPostgres, type PostgresServer } from './postgres-server.js';

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(async () => {
  await server.stop();
  for (const folder of folders) await rm(folder, { recursive: true });
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
  return embeddedIn(await newDataFolder());
}

/** Where nothing is yet: the first to open the store makes it. */
async function nowhere(): Promise<Place> {
  return embeddedIn(join(tmpdir(), `assent-store-${randomUUID()}`));
}

function embeddedIn(dataDir: string): Place {
  return {
    open: () => openStore({ dataDir }),
    clear: () => rm(dataDir, { recursive: true, force: true }),
  };
}

let databases = 0;
const folders: string[] = [];

/** A folder for a key, gone at the end. */
async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'assent-key-'));
  folders.push(folder);
  return folder;
}

async function onServer(): Promise<Place> {
  databases += 1;
  const settings = await server.createStore(`assent_${databases}`);
  return { open: () => openStore(settings), clear: async () => {} };
}

consentStoreContract('in memory', inMemory);
consentStoreContract('embedded', embedded);
consentStoreContract('PostgreSQL server', onServer);
persistentConsentStoreContract('embedded', nowhere, { isShared: false });
persistentConsentStoreContract('PostgreSQL server', onServer, { isShared: true });

describe('consent store on a server', () => {
  it('is opened by any number of processes, and none writes where another has written', async () => {
    const { databaseUrl, dataDir } = await server.createStore('shared');
    const one = await openStore({ databaseUrl, dataDir });
    const two = await openStore({ databaseUrl, dataDir });
    expect(firstOf(await one.store.append([event('u-1')], { after: 0 }))).toBe(1);
    await expect(two.store.append([event('u-2')], { after: 0 })).rejects.toThrow(Overtaken);
    expect(usersOf(await two.store.read(0, 10))).toEqual(['u-1']);
    expect(firstOf(await two.store.append([event('u-2')], { after: 1 }))).toBe(2);
    expect(usersOf(await one.store.read(1, 10))).toEqual(['u-2']);
    await one.close();
    await two.close();
  });

  it('takes nobody new once every number is given, and goes on for those whom it knows', async () => {
    const settings = await server.createStore('numbered');
    const database = await openDatabase(settings);
    await new PrismaConsentStore(database).append([event('u-1')]);
    const { head, prisma } = database;
    const last = { ...(await head.read()), subject: MOST_NUMBER - 1 };
    await prisma.$executeRaw`UPDATE consent_head SET ${head.columns(last)} WHERE id = 1`;
    await database.close();

    const { store, close } = await openStore(settings);
    expect(await store.append([event('u-2')])).toMatchObject([{ subject: MOST_NUMBER }]);
    await expect(store.append([event('u-1'), event('u-3')])).rejects.toThrow(
      'the consent log has given all of its 4294967295 numbers for users',
    );
    expect(usersOf(await store.append([event('u-1'), event('u-2')]))).toEqual(['u-1', 'u-2']);
    const state = new ConsentState([1, 2]);
    for (const entry of await store.read(0, 10)) state.apply(entry);
    expect(['u-1', 'u-2', 'u-3'].map((user) => state.numberOf(user))).toEqual([1, MOST_NUMBER, undefined]);
    await close();
  });

  it('goes on when its connections were ended', async () => {
    const { databaseUrl, dataDir } = await server.createStore('ended');
    const { store, close } = await openStore({ databaseUrl, dataDir });
    await store.append([event('before')]);
    await endConnections(databaseUrl);
    await expect.poll(() => store.append([event('after')]).then(firstOf, String)).toBe(2);
    await close();
  });

  it.each([
    ['of a kind that is not known', 'pause', '[1]', 'an entry of a kind, at revision 2,'],
    ['of a record in a format that is not known', 'retention', '[3,1]', 'a `format`, at revision 2,'],
    ['of an erasure that is not laid out as one', 'erasure', 'later', 'a `format`, at revision 2,'],
  ])('is not read past an entry %s, though it is about nobody', async (_what, kind, content, told) => {
    const settings = await server.createStore(`newer_${++databases}`);
    const { store, close } = await openStore(settings);
    await store.append([event('u-1')]);
    await query(settings.databaseUrl, 'ALTER TABLE consent_event DROP CONSTRAINT consent_event_kind_check');
    await query(
      settings.databaseUrl,
      `INSERT INTO consent_event (revision, subject, at, kind, content, hash)
       VALUES (2, 0, 0, '${kind}', '${content}', sha256('2'))`,
    );
    for (const reading of [store.read(1, 10), store.entries(0, 10)])
      await expect(reading).rejects.toThrow(`${told} that this build does not know: a newer build writes`);
    await close();
  });

  it('is not read on when it is no longer the one that was read', async () => {
    const { databaseUrl, dataDir } = await server.createStore('rewound');
    const one = await openStore({ databaseUrl, dataDir });
    const two = await openStore({ databaseUrl, dataDir });
    await one.store.append([event('u-1'), event('u-2')]);
    expect(await two.store.read(0, 10)).toHaveLength(2);
    await query(databaseUrl, `UPDATE consent_event SET hash = sha256('other') WHERE revision = 2`);
    await expect(two.store.read(2, 10)).rejects.toThrow(ConsentStoreLost);
    await expect(one.store.read(2, 10)).rejects.toThrow('is not the one that this process has read');
    await one.close();
    await two.close();
  });

  it('does not confirm what no standby is known to have', async () => {
    const { databaseUrl, dataDir } = await server.createStore('not_replicated');
    const { store, close } = await openStore({ databaseUrl, dataDir });
    await query(databaseUrl, `ALTER SYSTEM SET synchronous_standby_names = 'nobody'`);
    await query(databaseUrl, 'SELECT pg_reload_conf()');
    try {
      let said: string | undefined = 'nothing yet';
      const append = async () => {
        said = undefined;
        said = await store.append([event('u-1')]).then(
          () => 'confirmed',
          (error: unknown) => String(error),
        );
      };
      // who gives up to wait for the standby is told that the statement succeeded, with a warning
      const waiting = `FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query LIKE '%consent_event%'`;
      const cancelled = () => {
        // the server may hear of the setting after what was written first
        if (said !== undefined) void append();
        return query(databaseUrl, `SELECT pg_cancel_backend(pid) ${waiting}`);
      };
      await expect.poll(cancelled).toHaveLength(1);
      await expect.poll(() => said).toContain('`01000`');
    } finally {
      await query(databaseUrl, 'ALTER SYSTEM RESET synchronous_standby_names');
      await query(databaseUrl, 'SELECT pg_reload_conf()');
    }
    await close();
  });

  it('does not read a row that was tampered with', async () => {
    const { databaseUrl, dataDir } = await server.createStore('misread');
    const { store, close } = await openStore({ databaseUrl, dataDir });
    await store.append([event('secret-user'), event('other-user')]);
    // what the one said is said to be what the other said
    await query(
      databaseUrl,
      'UPDATE consent_event SET content = (SELECT content FROM consent_event WHERE revision = 2) WHERE revision = 1',
    );
    const refusal = await store.read(0, 10).catch(String);
    expect(refusal).toContain('the consent event with revision 1 was altered');
    expect(refusal).not.toContain('secret');
    expect(firstBroken({ revision: 0, hash: GENESIS }, await store.links(0, 10))).toBe(1);
    await close();
  });

  it('says what to do when the server cannot be reached', async () => {
    const databaseUrl = 'postgresql://nobody:hidden@127.0.0.1:1/none';
    const refusal = await openDatabase({ databaseUrl, dataDir: await newFolder() }).catch(String);
    expect(refusal).toContain(
      'cannot connect to the database at `127.0.0.1:1`; check DATABASE_URL and that its',
    );
    expect(refusal).not.toContain('hidden');
  });
});

describe('the key of a store', () => {
  it('is made with the database, and the database opens with no other', async () => {
    const { databaseUrl, dataDir } = await server.createStore('keyed');
    const { store, close } = await openStore({ databaseUrl, dataDir });
    await store.append([event('u-1')]);
    await close();

    const elsewhere = await newFolder();
    await expect(openDatabase({ databaseUrl, dataDir: elsewhere })).rejects.toThrow('there is no key file `');
    const other = await openStore({
      databaseUrl: await server.createDatabase('keyed_too'),
      dataDir: elsewhere,
    });
    await other.close();
    await expect(openDatabase({ databaseUrl, dataDir: elsewhere })).rejects.toThrow(
      'is not that of this database: restore the file that was made with it, or set KEY_FILE',
    );
    const again = await openStore({ databaseUrl, dataDir: elsewhere, keyFile: join(dataDir, 'key') });
    expect(usersOf(await again.store.read(0, 10))).toEqual(['u-1']);
    await again.close();
  });

  it('must be whole', async () => {
    const databaseUrl = await server.createDatabase('keyed_badly');
    const keyFile = join(await newFolder(), 'key');
    await writeFile(keyFile, 'short');
    await expect(openDatabase({ databaseUrl, dataDir: 'unused', keyFile })).rejects.toThrow(
      'does not hold a key: restore it, for it is 32 bytes in base64',
    );
  });
});

describe('the log table', () => {
  let databaseUrl: string;

  beforeAll(async () => {
    const settings = await server.createStore('checked');
    databaseUrl = settings.databaseUrl;
    const { close } = await openStore(settings);
    await close();
  });

  const HASH = `decode(repeat('00', 32), 'hex')`;
  it.each([
    ['an unknown kind', `1, 1, 0, 'merger', 'x', NULL, ${HASH}`],
    ['a revision before the first', `0, 1, 0, 'signal', 'x', NULL, ${HASH}`],
    ['an event that says nothing, and never did', `1, 1, 0, 'signal', NULL, NULL, ${HASH}`],
    ['an event that is forgotten and still says something', `1, 1, 0, 'signal', 'x', 'x', ${HASH}`],
    ['an event outside the chain', `1, 1, 0, 'signal', 'x', NULL, ''`],
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
    expect(() => lockFolder('/dev/null/data')).toThrow(
      'cannot write to `/dev/null/data`: its path leads through a file',
    );
  });
});

async function endConnections(databaseUrl: string): Promise<void> {
  await query(
    databaseUrl,
    `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
}

async function query(databaseUrl: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
