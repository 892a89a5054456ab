/** Files that are there whole or not at all, also after a crash. */
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, syncFolder } from '../disk.js';

/** Writes or replaces a file, so that it is there whole or not at all. */
export type WriteWhole = (path: string, bytes: Uint8Array) => Promise<void>;

/** Writes or replaces a file, and makes the folders that it needs. @throws the system's error, for `diskFaultOf` */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  makeFolder(folder);
  const unfinished = `${path}.unfinished`;
  const file = await open(unfinished, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  await syncFolder(folder);
}
