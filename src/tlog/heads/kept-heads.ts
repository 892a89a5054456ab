/** Checkpoints as files: the one of a log, and the copies that were handed out. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { whereMissing } from '../../disk.js';
import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { NoteFault, type NoteKey } from './note.js';

/** The head's file, in the folder of the log. */
export const CHECKPOINT = 'checkpoint';

const COPY = /^\d{16}\.checkpoint$/;

/** The name of a checkpoint's copy; the names are in the order of sizes. */
export function copyName(size: number): string {
  return `${String(size).padStart(16, '0')}.checkpoint`;
}

/** The paths of all copies in a folder, by size; none when it is not there. */
export async function copiesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(whereMissing(undefined));
  return (names ?? [])
    .filter((name) => COPY.test(name))
    .toSorted()
    .map((name) => join(folder, name));
}

/**
 * The checkpoint of this log in a file; `undefined` when there is no file.
 *
 * @throws NoteFault when it is malformed, of another log, or not signed by one of these keys
 */
export async function readHead(
  path: string,
  origin: string,
  keys: readonly NoteKey[],
): Promise<Checkpoint | undefined> {
  const note = await readFile(path).catch(whereMissing(undefined));
  try {
    return note && openCheckpoint(note, origin, keys);
  } catch (error) {
    throw error instanceof NoteFault ? new NoteFault(`\`${path}\` ${error.message}`) : error;
  }
}
