import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, lstat, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert, asyncProperty, date, uint8Array } from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { changeRing, createVault, readRing, readVault } from './key-file.js';
import { KEY_BYTES } from './vault.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-key-file-'));
  file = join(folder, 'key');
  return () => rm(folder, { recursive: true });
});

const keys = uint8Array({ minLength: KEY_BYTES, maxLength: KEY_BYTES });
const times = date({ min: new Date(1), max: new Date('9999-12-31'), noInvalidDate: true });

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
  expect(() => readVault(file)).toThrow(`the key file \`${file}\` does not hold a key: restore it`);
});

it('knows keys that were added since, and goes on with those it knows when the file is gone', async () => {
  const vault = await createVault(file);
  const since = 1_800_000_000_000;
  expect(vault.readAgain()).toBe(false);
  await changeRing(file, (ring) => [{ key: randomBytes(KEY_BYTES), since }, ...ring]);
  const other = readVault(file);
  const [newest] = other?.ring ?? [];
  other?.follow(newest?.check ?? '', Buffer.alloc(0));
  const sealed = other?.seal(Buffer.from('said'), 'here') ?? Buffer.alloc(0);
  expect(vault.open(sealed, 'here').toString()).toBe('said');
  await rm(file);
  expect(vault.open(sealed, 'here').toString()).toBe('said');
  expect(() => vault.open(sealed, 'there')).toThrow();
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
])('is told to have lost the key that seals, when it %s', async (_how, lose) => {
  const vault = await createVault(file);
  vault.readAgain();
  expect(vault.isFiled).toBe(true);
  const kept = await readFile(file);
  await lose(file);
  vault.readAgain();
  expect(vault.isFiled).toBe(false);
  await writeFile(file, kept);
  vault.readAgain();
  expect(vault.isFiled).toBe(true);
});

it('leaves no copy of a key: what whoever was killed has left is removed', async () => {
  await createVault(file);
  const left = `${file}.${randomUUID()}`;
  await writeFile(left, 'keys of assent\n');
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
