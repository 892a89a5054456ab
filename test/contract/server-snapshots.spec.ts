import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConsentLog } from '../../src/consent/log/consent-log.js';
import { DISK, FORMAT } from '../../src/consent/upkeep/snapshots/snapshot-file.js';
import { SnapshotKeeper, restoreShared } from '../../src/consent/upkeep/snapshots/snapshot.js';
import { type Database, openDatabase } from '../../src/store/database/database.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import { PIECE_BYTES, ServerSnapshots } from '../../src/store/server-snapshots.js';
import { event } from './consent.store.contract.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

const DAY_MS = 86_400_000;

let server: PostgresServer;
let database: Database;
let databaseUrl: string;
let databases = 0;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());
beforeEach(async () => {
  const settings = await server.createStore(`snapshots_${++databases}`);
  ({ databaseUrl } = settings);
  database = await openDatabase(settings);
});
afterEach(() => database.close());

function sharedIn({ pool, vault }: Database, format = 1): ServerSnapshots {
  return new ServerSnapshots(pool ?? expect.unreachable(), vault, format);
}

async function* chunksOf(bytes: Uint8Array, size = 333_333): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(shared: ServerSnapshots, revision: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of shared.read(revision)) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

/** Asks the database itself. */
async function rowsOf(text: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('the snapshot that a fleet shares', () => {
  it.each([1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 5 * PIECE_BYTES, 5_432_100])(
    'is the bytes that were shared, when they are %d',
    async (size) => {
      const bytes = randomBytes(size);
      const shared = sharedIn(database);
      expect(await shared.latest()).toBe(0);
      expect(await shared.share(10, 1, chunksOf(bytes))).toBe(true);
      expect(await shared.latest()).toBe(10);
      expect((await read(shared, 10)).equals(bytes)).toBe(true);
    },
  );

  it('takes the place of the one before, of which nothing is left', async () => {
    const shared = sharedIn(database);
    await shared.share(10, 1, chunksOf(randomBytes(3 * PIECE_BYTES)));
    const bytes = randomBytes(1.5 * PIECE_BYTES);
    expect(await shared.share(20, 10, chunksOf(bytes))).toBe(true);
    expect(await shared.latest()).toBe(20);
    expect((await read(shared, 20)).equals(bytes)).toBe(true);
    expect(await rowsOf('SELECT DISTINCT revision FROM consent_snapshot_piece')).toEqual([
      { revision: '20' },
    ]);
  });

  it('stays when another one is not worth it', async () => {
    const shared = sharedIn(database);
    await shared.share(10, 1, chunksOf(randomBytes(10)));
    expect(await shared.share(19, 10, chunksOf(randomBytes(10)))).toBe(false);
    expect(await shared.latest()).toBe(10);
  });

  it('is shared by one process at a time, and is not there before it is whole', async () => {
    const [one, other] = [sharedIn(database), sharedIn(database)];
    async function* inTheMiddle(): AsyncGenerator<Uint8Array, void> {
      yield randomBytes(1.5 * PIECE_BYTES);
      expect(await other.latest()).toBe(0);
      expect(await other.share(30, 1, chunksOf(randomBytes(10)))).toBe(false);
      yield randomBytes(10);
    }
    expect(await one.share(20, 1, inTheMiddle())).toBe(true);
    expect(await other.latest()).toBe(20);
  });

  it('leaves nothing when its writing fails, and is shared by the next one', async () => {
    const shared = sharedIn(database);
    async function* failing(): AsyncGenerator<Uint8Array, void> {
      yield randomBytes(2.5 * PIECE_BYTES);
      throw new Error('the file is gone');
    }
    await expect(shared.share(20, 1, failing())).rejects.toThrow('the file is gone');
    expect(await rowsOf('SELECT piece FROM consent_snapshot_piece')).toEqual([]);
    expect(await shared.share(20, 1, chunksOf(randomBytes(10)))).toBe(true);
  });

  it('leaves nothing of a writing that was given up, however much is written of it since', async () => {
    const [one, other] = [sharedIn(database), sharedIn(database)];
    async function* slow(): AsyncGenerator<Uint8Array, void> {
      yield randomBytes(1.5 * PIECE_BYTES);
      await rowsOf("UPDATE consent_snapshot SET at = at - interval '1 hour'");
      expect(await other.share(30, 1, chunksOf(randomBytes(10)))).toBe(true);
      yield randomBytes(3 * PIECE_BYTES);
    }
    await expect(one.share(20, 1, slow())).rejects.toThrow();
    expect(await one.latest()).toBe(30);
    expect(await rowsOf('SELECT DISTINCT revision FROM consent_snapshot_piece')).toEqual([
      { revision: '30' },
    ]);
  });

  it('is of its format alone', async () => {
    await sharedIn(database, 1).share(20, 1, chunksOf(randomBytes(10)));
    expect(await sharedIn(database, 2).latest()).toBe(0);
    expect(await sharedIn(database, 2).share(20, 1, chunksOf(randomBytes(10)))).toBe(true);
    expect(await sharedIn(database, 1).latest()).toBe(20);
  });

  it('is sealed, each piece for its place', async () => {
    const shared = sharedIn(database);
    await shared.share(20, 1, chunksOf(Buffer.alloc(2 * PIECE_BYTES, 'somebody')));
    const [row] = await rowsOf(
      "SELECT string_agg(encode(sealed, 'escape'), '') AS text FROM consent_snapshot_piece",
    );
    expect(row).not.toHaveProperty('text', expect.stringContaining('somebody'));
    await rowsOf('UPDATE consent_snapshot_piece SET piece = 1 - piece + 10');
    await rowsOf('UPDATE consent_snapshot_piece SET piece = piece - 10');
    await expect(read(shared, 20)).rejects.toThrow();
  });

  it('is in no standby and no copy of the files: its tables are written to no log', async () => {
    expect(
      await rowsOf(
        "SELECT relname, relpersistence FROM pg_class WHERE relname LIKE 'consent_snapshot%' AND relkind = 'r' ORDER BY 1",
      ),
    ).toEqual([
      { relname: 'consent_snapshot', relpersistence: 'u' },
      { relname: 'consent_snapshot_piece', relpersistence: 'u' },
    ]);
  });

  it('is dropped when it has held somebody for half a day who was erased since, and not before', async () => {
    const store = new PrismaConsentStore(database);
    await store.append([event('gone')]);
    const shared = sharedIn(database);
    await shared.share(1, 1, chunksOf(randomBytes(10)));
    await store.erase('gone', { kind: 'service', id: 'accounts' }, Date.now() - DAY_MS / 4);
    await shared.dropStale();
    expect(await shared.latest()).toBe(1);
    await rowsOf(`UPDATE consent_erased SET at = at - ${DAY_MS / 2}`);
    await shared.dropStale();
    expect(await shared.latest()).toBe(0);
    expect(await rowsOf('SELECT piece FROM consent_snapshot_piece')).toEqual([]);
  });
});

describe('a process without a snapshot', () => {
  const news = {
    onSaved: () => undefined,
    onShared: () => undefined,
    onTrouble: (error: unknown) => expect.unreachable(String(error)),
  };
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assent-shared-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Another process saves its state, and shares it. */
  async function share(store: PrismaConsentStore, shared: ServerSnapshots): Promise<void> {
    const log = new ConsentLog(store, () => undefined);
    await log.follow();
    await log.join();
    const keeper = new SnapshotKeeper(join(folder, 'other'), log, store, news, -Infinity, DISK, shared);
    await keeper.save();
    await log.close();
  }

  it('starts on the one that is shared, and forgets whom the log has erased since', async () => {
    const store = new PrismaConsentStore(database);
    const shared = sharedIn(database, FORMAT);
    await store.append(['kept', 'gone', 'late'].map((user) => event(user)));
    await share(store, shared);
    await store.erase('gone', { kind: 'service', id: 'accounts' }, Date.now());
    const own = join(folder, 'own');
    const restored = await restoreShared(own, store, shared, -Infinity);
    expect(restored?.state?.revision).toBe(3);
    const log = new ConsentLog(store, () => undefined, restored?.state);
    await log.follow();
    expect(log.state.revision).toBe(4);
    expect(['kept', 'gone', 'late'].filter((user) => log.state.knows(user))).toEqual(['kept', 'late']);
  });

  it('does not when nothing says any more who was erased since', async () => {
    const store = new PrismaConsentStore(database);
    const shared = sharedIn(database, FORMAT);
    await store.append([event('gone')]);
    await share(store, shared);
    await store.erase('gone', { kind: 'service', id: 'accounts' }, Date.now());
    await rowsOf('DELETE FROM consent_erased');
    expect(await restoreShared(join(folder, 'own'), store, shared, -Infinity)).toMatchObject({
      ignored: expect.stringContaining('a user was erased'),
    });
  });

  it('reads the log when the one that is shared was altered', async () => {
    const store = new PrismaConsentStore(database);
    const shared = sharedIn(database, FORMAT);
    await store.append([event('one')]);
    await share(store, shared);
    await rowsOf(
      'UPDATE consent_snapshot_piece SET sealed = set_byte(sealed, 40, 255 - get_byte(sealed, 40))',
    );
    expect(await restoreShared(join(folder, 'own'), store, shared, -Infinity)).toMatchObject({
      ignored: expect.stringContaining('it could not be had'),
    });
  });
});

describe('a log', () => {
  it('knows for a day who was erased after a revision', async () => {
    const store = new PrismaConsentStore(database);
    await store.append([event('one'), event('other')]);
    expect(await store.knowsErased(0)).toBe(true);
    await store.erase('one', { kind: 'service', id: 'accounts' }, Date.now());
    expect(await store.knowsErased(0)).toBe(true);
    await rowsOf('DELETE FROM consent_erased');
    expect([await store.knowsErased(2), await store.knowsErased(3)]).toEqual([false, true]);
  });
});
