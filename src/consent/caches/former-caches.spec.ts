import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MACHINE } from '../../fleet/machine.js';
import { termsOf } from '../../fleet/terms.js';
import { Caches } from './caches.js';
import { followFormerCaches } from './former-caches.js';

const HOLDER = { id: 'ads', purposes: new Set<string>() };

async function folderOfOne(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'former-caches-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** A process with leases of that length starts on a folder. */
async function started(folder: string, lease: number) {
  const caches = new Caches(termsOf(lease), MACHINE, () => Infinity);
  const forget = await followFormerCaches(folder, caches);
  return { caches, forget };
}

test('a process that was killed is waited for, and one that ended in order is not', async () => {
  const folder = await folderOfOne();
  const first = await started(folder, 30_000);
  expect(first.caches.areAny).toBe(false);
  await first.caches.attach(HOLDER);
  const second = await started(folder, 30_000);
  expect(second.caches.areAny).toBe(true);
  await second.forget();
  expect((await started(folder, 30_000)).caches.areAny).toBe(false);
});

test('one with shorter leases leaves no word that its caches end before those of the one that it followed', async () => {
  const folder = await folderOfOne();
  const word = async () => Number(await readFile(join(folder, 'caches-attached'), 'utf8'));
  await (await started(folder, 30_000)).caches.attach(HOLDER);
  const long = await word();
  await (await started(folder, 2_000)).caches.attach(HOLDER);
  expect(await word()).toBe(long);
});
