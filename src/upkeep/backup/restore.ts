/** Puts a backup in the place of a data folder. */
import { copyFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isMissing, makeFolder } from '../../disk.js';
import { digestOf } from './copied-files.js';
import { copyErasures, erasuresIn } from './erasure-copies.js';
import { type Manifest, readManifest } from './manifest.js';
import { makeWhole } from './own-folder.js';

/** The longest that a cache may rest on what a process of the lost future told it: the longest lease, and its margins. */
const CACHES_MS = 16_000;

/**
 * Restores a backup: the folder is there whole, or nothing of it.
 *
 * @param dataDir a folder that is missing or empty
 * @param erasures the folder of the list of erasures, to be put into the data folder; absent: it is elsewhere
 * @param onProgress called with how many of the files are there
 * @throws Error with a message for people
 */
export async function restoreBackup(
  backup: string,
  dataDir: string,
  erasures: string | undefined,
  onProgress: (files: number, of: number) => void,
): Promise<Manifest> {
  const manifest = await readManifest(backup);
  // before anything is copied
  if (erasures !== undefined) await erasuresIn(erasures);
  await makeWhole(resolve(dataDir), async (folder) => {
    for (const path of manifest.folders) makeFolder(join(folder, path), 0o700);
    const files = Object.entries(manifest.files);
    for (const [place, [path, digest]] of files.entries()) {
      await copyChecked(join(backup, path), join(folder, path), digest);
      onProgress(place + 1, files.length);
    }
    if (erasures !== undefined) await copyErasures(erasures, join(folder, 'erasures'));
    await writeFile(join(folder, 'caches-attached'), `${CACHES_MS}\n`, { mode: 0o600 });
  });
  return manifest;
}

async function copyChecked(from: string, into: string, digest: string): Promise<void> {
  makeFolder(dirname(into), 0o700);
  await copyFile(from, into).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    throw new Error(`\`${from}\` is missing: the backup is not whole; take another one`);
  });
  if ((await digestOf(into)) !== digest)
    throw new Error(`\`${from}\` is not as it was written: take another backup`);
}
