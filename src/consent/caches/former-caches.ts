/**
 * Whether caches may rest on a process that ended without telling them. The others of a fleet wait for such a process; one
 * that is alone with its database has a file that says so to the next.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, whereMissing } from '../../disk.js';
import { writeDurably } from '../../durable.js';
import type { Caches } from './caches.js';

const NAME = 'caches-attached';

/**
 * Has a process wait for the caches of the one before it, and leaves word of its own.
 *
 * @param folder that of the database
 * @returns what removes the word, once no cache is left
 */
export async function followFormerCaches(folder: string, caches: Caches): Promise<() => Promise<void>> {
  const path = join(folder, NAME);
  const left = await readFile(path, 'utf8').catch(whereMissing(undefined));
  const lasting = left === undefined ? 0 : lastingIn(left);
  if (lasting > 0) caches.outlive(lasting);
  caches.leavesWord(async (ms) => {
    // this process may be killed before the caches of the one before it have ended
    if (ms <= lasting) return;
    await writeDurably(path, `${ms}\n`, 0o600);
  });
  return async () => {
    await rm(path).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  };
}

/** How long leases may go on, in milliseconds. A file that was cut off was left by a process that no cache rests on yet. */
function lastingIn(text: string): number {
  return /^\d{1,9}\n$/.test(text) ? Number(text) : 0;
}
