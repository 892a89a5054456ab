/** Files that are there whole or not at all, also after a crash. */
import { randomUUID } from 'node:crypto';
import { link, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, makeFolder, syncFolder } from './disk.js';

/** Ends the name of what is made beside something, and then takes its place: a UUID (RFC 9562). */
export const UNFINISHED = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Writes or replaces a file, so that it is there whole or not at all. */
export type WriteWhole = (path: string, bytes: Uint8Array) => Promise<void>;

/**
 * Writes or replaces a file, and makes the folders that it needs.
 *
 * @param mode of a new file
 * @throws the system's error, for `diskFaultOf`
 */
export async function writeDurably(path: string, bytes: Uint8Array | string, mode = 0o666): Promise<void> {
  const folder = dirname(path);
  makeFolder(folder);
  const unfinished = `${path}.unfinished`;
  await writeFile(unfinished, bytes, { mode, flush: true });
  await rename(unfinished, path);
  await syncFolder(folder);
}

/**
 * Makes a file for the user of this process alone, and the folders that it needs, unless there is one: none is ever replaced.
 *
 * @returns whether it was made here: of processes that race, by one
 * @throws the system's error, for `diskFaultOf`
 */
export async function makeOnce(path: string, bytes: Uint8Array | string): Promise<boolean> {
  const folder = dirname(path);
  makeFolder(folder, 0o700);
  const fresh = `${path}.${randomUUID()}`;
  let isMade = true;
  try {
    await writeFile(fresh, bytes, { flag: 'wx', mode: 0o600, flush: true });
    // a link fails where there is a file, and nobody reads half of one
    await link(fresh, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
      isMade = false;
    });
  } finally {
    await rm(fresh, { force: true });
  }
  await syncFolder(folder);
  return isMade;
}
