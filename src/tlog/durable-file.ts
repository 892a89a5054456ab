/** Files that are there whole or not at all, also after a crash. */
import { existsSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../disk.js';

/** Writes or replaces a file, so that it is there whole or not at all. */
export type WriteWhole = (path: string, bytes: Uint8Array) => Promise<void>;

/** Writes or replaces a file, and makes the folders that it needs. @throws the system's error, for `diskFaultOf` */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  await ensureFolder(folder);
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

async function ensureFolder(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  await ensureFolder(parent);
  makeFolder(folder);
  await syncFolder(parent);
}

/** Without it a name of a file can be lost when the machine fails. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
