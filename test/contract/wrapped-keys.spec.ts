/** A store whose key a KMS wraps: it is on no disk as it is, and replaced as any other. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.js';
import { type Database, type DatabaseSettings, openDatabase } from '../../src/store/database/database.js';
import { KeyReplacement } from '../../src/store/keys/key-replacement.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import { logOf } from '../../src/work/chore-log.js';
import { keyChore } from '../../src/upkeep/keys/follow-keys.js';
import { addKey, dropKey, listedKeys, replaceKey, wrapKeys } from '../../src/upkeep/keys/store-keys.js';
import { newDataFolder } from '../data-folder.js';
import { type Kms, startKms } from '../kms.js';
import { event } from './consent.store.contract.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

let kms: Kms;
beforeEach(async () => {
  kms = await startKms();
  return () => kms.stop();
});

type Settings = DatabaseSettings & { readonly keyFile: string };

const embedded = async (): Promise<Settings> => withKey({ dataDir: await newDataFolder() });
let stores = 0;
const onServer = async (): Promise<Settings> => withKey(await server.createStore(`wrapped_${++stores}`));

function withKey(settings: DatabaseSettings): Settings {
  return { ...settings, keyFile: settings.keyFile ?? join(settings.dataDir, 'key') };
}

function wrapped(settings: Settings, more: Readonly<Record<string, string>> = {}): Settings {
  return { ...settings, kms: readConfig({ ...kms.settings, ...more }).kms };
}

async function opened<T>(settings: Settings, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(settings);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

const says = (settings: Settings, user: string) =>
  opened(settings, async (database) => (await new PrismaConsentStore(database).readUser(user, 0, 9)).length);

/** What the KMS was given to wrap, and is somewhere in the folder. */
async function foundIn(folder: string): Promise<Buffer[]> {
  const found: Buffer[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    for (const plain of kms.plains)
      if (bytes.includes(plain) || bytes.includes(plain.toString('base64'))) found.push(plain);
  }
  return found;
}

describe.each([
  ['embedded', embedded],
  ['on a server', onServer],
])('a store under a KMS, %s', (_kind, made) => {
  it('has its keys on no disk, replaces them, and is opened by nobody without that KMS', async () => {
    const plain = await made();
    const settings = wrapped(plain);
    await opened(settings, (database) => new PrismaConsentStore(database).append([event('one')]));
    const first = await listedKeys(settings);
    await replaceKey(settings, () => undefined);
    expect((await listedKeys(settings)).map(({ state }) => state)).toEqual(['present', 'former']);
    expect(await says(settings, 'one')).toBe(1);
    await dropKey(settings, first[0]?.id ?? '', true, Date.now());
    expect(await says(settings, 'one')).toBe(1);
    expect(kms.plains.length).toBeGreaterThanOrEqual(2);
    expect(await foundIn(settings.dataDir)).toEqual([]);

    await expect(openDatabase(plain)).rejects.toThrow('are wrapped by `aws-kms`: set KMS_KEY');
    kms.fail('AccessDeniedException');
    await expect(openDatabase(settings)).rejects.toThrow(
      /^the KMS at `http:\/\/127\.0\.0\.1:\d+` answers 400 \(AccessDeniedException\) to Decrypt: allow kms:Encrypt/,
    );
    kms.fail(undefined);
    await kms.stop();
    await expect(openDatabase(settings)).rejects.toThrow(
      /^the KMS at `.*` cannot be reached \(ECONNREFUSED\): see that KMS_ENDPOINT and AWS_REGION are right/,
    );
  });

  it('takes over from a key file that was not wrapped, and from another key of the KMS', async () => {
    const plain = await made();
    await opened(plain, (database) => new PrismaConsentStore(database).append([event('one')]));
    const settings = wrapped(plain);
    await expect(openDatabase(settings)).rejects.toThrow('have it wrapped with `npm run -s keys -- wrap`');
    const before = await readFile(plain.keyFile, 'utf8');
    expect(await wrapKeys(settings)).toBe(1);
    expect(await readFile(plain.keyFile, 'utf8')).not.toContain(before.trim());
    await replaceKey(settings, () => undefined);

    // after a rotation of the key of the KMS, and under another one
    kms.rotate();
    expect(await wrapKeys(settings)).toBe(2);
    expect(await says(settings, 'one')).toBe(1);
    kms.add('alias/next');
    const next = wrapped(plain, { KMS_KEY: 'alias/next' });
    await expect(openDatabase(next)).rejects.toThrow('bring the key file and KMS_KEY of this store together');
    await expect(wrapKeys(next)).rejects.toThrow('bring the key file and KMS_KEY of this store together');
    expect(await wrapKeys(next, kms.settings['KMS_KEY'])).toBe(2);
    expect(await says(next, 'one')).toBe(1);
    await expect(openDatabase(settings)).rejects.toThrow(
      'bring the key file and KMS_KEY of this store together',
    );
  });
});

it('the key file of another store is not taken, although the same KMS has wrapped its keys', async () => {
  const [one, other] = [wrapped(await embedded()), wrapped(await onServer())];
  for (const settings of [one, other])
    await opened(settings, (database) => new PrismaConsentStore(database).append([event('a')]));
  await expect(openDatabase({ ...one, keyFile: other.keyFile })).rejects.toThrow(
    /^the keys in `.*` are of the store `[\w-]{8}`, and the database is of `[\w-]{8}`/,
  );
});

it('a process that shares the store has the new key unwrapped before anything is sealed with it, and goes on without the KMS', async () => {
  const settings = wrapped(await onServer());
  const place = { ...settings, keyFile: settings.keyFile };
  const errors: string[] = [];
  const log = logOf(([level, , message]) => void errors.push(`${level} ${message}`));
  await opened(settings, async (database) => {
    const store = new PrismaConsentStore(database);
    await store.append([event('one')]);
    const { fleet } = database;
    const { epoch = 0 } = (await fleet?.join(2_000)) ?? {};
    const look = () => keyChore(place, database, log).run(new AbortController().signal);
    await addKey(settings);
    kms.fail('KMSInternalException');
    await expect(look()).rejects.toThrow('answers 500');
    await fleet?.renew(epoch);
    kms.fail(undefined);
    await expect(replaceKey(settings, () => undefined, 0)).rejects.toThrow('does not know the key');
    await look();
    await fleet?.renew(epoch);
    await replaceKey(settings, () => undefined, 0);
    await kms.stop();
    await look();
    expect(await new KeyReplacement(database).counts()).toMatchObject({ size: 2 });
    await store.read(0, 10);
    const append = () => store.append([event('two')]);
    await append().catch(append);
    expect(database.vault.current.id).toBe(database.vault.ring[0]?.id);
  });
  expect(errors).toEqual([]);
});
