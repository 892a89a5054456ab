import { randomBytes, randomUUID } from 'node:crypto';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert, asyncProperty, date, uint8Array } from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { KeyWrapper } from '../../kms/key-wrapper.js';
import { changeRing, createVault, readRing, readVault, readWrappedRing, wrapRing } from './key-ring.js';
import { type RingKey, open, seal } from './store-key.js';
import { KEY_BYTES } from './vault.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-key-file-'));
  file = join(folder, 'key');
  return () => rm(folder, { recursive: true });
});

const keys = uint8Array({ minLength: KEY_BYTES, maxLength: KEY_BYTES });
const times = date({ min: new Date(1_000), max: new Date('9999-12-31'), noInvalidDate: true });

it('keeps the keys that it is given, the newest first, and the one that it was made with', async () => {
  await createVault(file);
  const [first] = readRing(file);
  await assert(
    asyncProperty(array(keys, { maxLength: 4 }), times, async (added, time) => {
      const ring = added.map((key, place) => ({ key: Buffer.from(key), since: time.getTime() - place }));
      await changeRing(file, () => [...ring, ...(first === undefined ? [] : [first])]);
      expect(readRing(file)).toEqual([...ring, first]);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
    }),
    { numRuns: 20 },
  );
});

it('reads the file of a build that knew one key, and a build that knows one key reads none with several', async () => {
  const key = randomBytes(KEY_BYTES);
  await writeFile(file, `${key.toString('base64')}\n`);
  expect(readRing(file)).toEqual([{ key }]);
  await changeRing(file, (ring) => [{ key: randomBytes(KEY_BYTES), since: 1 }, ...ring]);
  const text = await readFile(file, 'utf8');
  expect(Buffer.from(text.trim(), 'base64').length).not.toBe(KEY_BYTES);
});

it.each([
  ['nothing', ''],
  ['something else', 'a password\n'],
  ['a heading alone', 'keys of assent\n'],
  ['a key and a line that is none', `keys of assent\n${randomBytes(KEY_BYTES).toString('base64')}\nx\n`],
  ['a key of no time', `keys of assent\n${randomBytes(KEY_BYTES).toString('base64')} yesterday\n`],
])('refuses a file with %s', async (_what, text) => {
  await writeFile(file, text);
  await expect(readVault(file)).rejects.toThrow(`the key file \`${file}\` does not hold a key: restore it`);
});

it('knows keys that were added since, and goes on with those it knows when the file is gone', async () => {
  const vault = await createVault(file);
  const since = 1_800_000_000_000;
  expect(vault.readAgain()).toBe(false);
  await changeRing(file, (ring) => [{ key: randomBytes(KEY_BYTES), since }, ...ring]);
  const other = await readVault(file);
  const [newest] = other?.ring ?? [];
  other?.follow(newest?.check ?? '', Buffer.alloc(0));
  const sealed = other?.seal(Buffer.from('said'), 'here') ?? Buffer.alloc(0);
  expect(vault.open(sealed, 'here').toString()).toBe('said');
  await rm(file);
  expect(vault.open(sealed, 'here').toString()).toBe('said');
  expect(() => vault.open(sealed, 'there')).toThrow();
});

it('is changed by one after the other, where two do at once', async () => {
  await createVault(file);
  await Promise.all(
    [1, 2].map((since) => changeRing(file, (ring) => [{ key: randomBytes(KEY_BYTES), since }, ...ring])),
  );
  expect(readRing(file)).toHaveLength(3);
});

it('stays where a link leads to, with the rights that it has', async () => {
  await createVault(file);
  await chmod(file, 0o640);
  const link = join(folder, 'link');
  await symlink(file, link);
  await changeRing(link, (ring) => [{ key: randomBytes(KEY_BYTES), since: 1 }, ...ring]);
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect(readRing(file)).toHaveLength(2);
  expect((await stat(file)).mode & 0o777).toBe(0o640);
});

it.each([
  ['has other keys', (path: string) => changeRing(path, () => [{ key: randomBytes(KEY_BYTES), since: 1 }])],
  ['is gone', (path: string) => rm(path)],
  ['is empty', (path: string) => writeFile(path, '')],
  ['is a folder', (path: string) => rm(path).then(() => mkdir(path))],
])('is told to have lost the key that seals, when it %s', async (_how, lose) => {
  const vault = await createVault(file);
  vault.readAgain();
  expect(vault.isFiled).toBe(true);
  const kept = await readFile(file);
  await lose(file);
  await vault.lookAgain().catch(() => undefined);
  expect(vault.isFiled).toBe(false);
  await rm(file, { recursive: true, force: true });
  await writeFile(file, kept);
  await vault.lookAgain();
  expect(vault.isFiled).toBe(true);
});

it('leaves no copy of a key: what whoever was killed has left is removed', async () => {
  await createVault(file);
  await writeFile(`${file}.${randomUUID()}`, 'keys of assent\n');
  await changeRing(file, (ring) => [{ key: randomBytes(KEY_BYTES), since: 1 }, ...ring]);
  expect((await readdir(folder)).toSorted()).toEqual(['key', 'key.lock']);
});

it('is changed by one at a time, and loses no key', async () => {
  await createVault(file);
  const before = readRing(file);
  const add = () => changeRing(file, (ring) => [{ key: randomBytes(KEY_BYTES), since: 1 }, ...ring]);
  const ended = await Promise.allSettled([add(), add()]);
  const written = ended.filter(({ status }) => status === 'fulfilled').length;
  expect(readRing(file)).toHaveLength(before.length + written);
});

it('says in words that it cannot be changed where it lies', async () => {
  await createVault(file);
  await mkdir(`${file}.lock`);
  const change = changeRing(file, (ring) => [{ key: randomBytes(KEY_BYTES), since: 1 }, ...ring]);
  await expect(change).rejects.toThrow(`cannot lock the key file \`${file}\`: it is a folder`);
});

describe('wrapped keys', () => {
  /** A KMS that has a key of its own, and counts what it unwraps. */
  class OwnWrapper extends KeyWrapper {
    readonly scheme = 'ours';
    unwraps = 0;
    isThere = true;
    private readonly key = randomBytes(KEY_BYTES);

    async wrap(key: Uint8Array, store: string): Promise<Uint8Array> {
      return Buffer.from(seal(this.key, key, Buffer.from(store)));
    }

    async unwrap(wrapped: Uint8Array, store: string): Promise<Uint8Array> {
      if (!this.isThere) throw new Error('the KMS cannot be reached');
      this.unwraps++;
      return open(this.key, wrapped, Buffer.from(store));
    }
  }

  const store = 'a-store';
  let wrapper: OwnWrapper;
  beforeEach(() => {
    wrapper = new OwnWrapper();
  });

  const isShown = async (key: Uint8Array) => {
    const text = await readFile(file);
    return text.includes(Buffer.from(key).toString('base64')) || text.includes(Buffer.from(key));
  };
  const added = (since: number) => (ring: readonly RingKey[]) => [
    { key: randomBytes(KEY_BYTES), since },
    ...ring,
  ];

  it('are in the file as nothing but what the KMS made of them', async () => {
    await createVault(file, { wrapper, store });
    await changeRing(file, added(2), { wrapper });
    await changeRing(file, added(3), { wrapper });
    const ring = await readWrappedRing(file, { wrapper, store });
    expect(ring.map(({ since }) => since)).toEqual([3, 2, undefined]);
    for (const { key } of ring) expect(await isShown(key)).toBe(false);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const [newest] = ring;
    await changeRing(file, (now) => now.filter(({ since }) => since === 3), { wrapper });
    expect(await readWrappedRing(file, { wrapper })).toEqual([newest]);
  });

  it('are unwrapped once, when the file has changed, and known while the KMS is away', async () => {
    const vault = await createVault(file, { wrapper, store });
    const before = wrapper.unwraps;
    expect(await vault.lookAgain()).toBe(false);
    await changeRing(file, added(2), { wrapper });
    const written = wrapper.unwraps;
    expect(await vault.lookAgain()).toBe(true);
    expect(vault.ring).toHaveLength(2);
    // the one that is known is not asked for again
    expect(wrapper.unwraps - written).toBe(1);
    expect(written).toBeGreaterThan(before);
    wrapper.isThere = false;
    const sealed = vault.seal(Buffer.from('said'), 'here');
    expect(vault.open(sealed, 'here').toString()).toBe('said');
  });

  it('that come while the KMS is away are known when it is back', async () => {
    const vault = await createVault(file, { wrapper, store });
    await changeRing(file, added(2), { wrapper });
    wrapper.isThere = false;
    await expect(vault.lookAgain()).rejects.toThrow('the KMS cannot be reached');
    expect(vault.ring).toHaveLength(1);
    expect(vault.isFiled).toBe(true);
    wrapper.isThere = true;
    expect(await vault.lookAgain()).toBe(true);
    expect(vault.ring).toHaveLength(2);
  });

  it('are of one store, one scheme, and read by nobody without a KMS', async () => {
    await createVault(file, { wrapper, store });
    await expect(readVault(file, { wrapper, store: 'other' })).rejects.toThrow(
      `the keys in \`${file}\` are of the store \`a-store\`, and the database is of \`other\``,
    );
    await expect(readVault(file)).rejects.toThrow('are wrapped by `ours`: set KMS_KEY');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('a-store', 'b-store'));
    await expect(readVault(file, { wrapper })).rejects.toThrow();
    await writeFile(file, text.replace('by ours', 'by theirs'));
    await expect(readVault(file, { wrapper })).rejects.toThrow('which this build does not know');
    await writeFile(file, text.split('\n').slice(0, 1).join('\n'));
    await expect(readVault(file, { wrapper })).rejects.toThrow('does not hold wrapped keys: restore it');
  });

  it('come from a file that has them as they are, and from another key of the KMS', async () => {
    await createVault(file);
    await changeRing(file, added(2));
    const ring = readRing(file);
    await expect(readVault(file, { wrapper, store })).rejects.toThrow(
      'have it wrapped with `npm run -s keys -- wrap`',
    );
    expect(await wrapRing(file, { wrapper, store })).toBe(2);
    expect(await readWrappedRing(file, { wrapper, store })).toEqual(ring);
    for (const { key } of ring) expect(await isShown(key)).toBe(false);
    const next = new OwnWrapper();
    await expect(wrapRing(file, { wrapper: next, store })).rejects.toThrow();
    expect(await wrapRing(file, { wrapper: next, store }, wrapper)).toBe(2);
    expect(await readWrappedRing(file, { wrapper: next, store })).toEqual(ring);
  });

  it('that do not come back as they were are not taken', async () => {
    await createVault(file);
    const before = await readFile(file);
    wrapper.unwrap = async () => randomBytes(KEY_BYTES);
    await expect(wrapRing(file, { wrapper, store })).rejects.toThrow('does not come back as it was');
    expect(await readFile(file)).toEqual(before);
  });
});
