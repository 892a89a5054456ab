/** The folder of a writer: its segments, its lock, and what was removed from it. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import { whereMissing } from '../../disk.js';
import { isWriter, sequenceOf } from './segment-format.js';

/** Held until `release`, or until the process ends in any way. */
export type WriterLock = {
  /** Whether its file is no longer in any folder, so that others can lock one in its place. */
  isGone(): boolean;
  /** Whether its file is still the one that others find; that takes a look at the folder. @throws the system's error */
  isInPlace(): Promise<boolean>;
  release(): void;
};

/**
 * Makes the folder of a writer this process's own. The kernel holds the lock for the open file, so there is never a stale
 * one; the file stays, because if it were removed, two processes could each lock a file of that name.
 *
 * @returns `undefined` when somebody else holds it
 * @throws the system's error
 */
export function lockWriter(folder: string): WriterLock | undefined {
  const path = join(folder, 'lock');
  const file = openSync(path, 'a', 0o600);
  let isLocked = false;
  try {
    isLocked = tryLock(file);
  } finally {
    if (!isLocked) closeSync(file);
  }
  if (!isLocked) return undefined;
  return {
    isGone: () => fstatSync(file).nlink === 0,
    isInPlace: async () => {
      const held = fstatSync(file, { bigint: true });
      const found = await stat(path, { bigint: true }).catch(whereMissing(undefined));
      return found?.dev === held.dev && found.ino === held.ino;
    },
    release: () => closeSync(file),
  };
}

/**
 * As `lockWriter`, of the folder of another writer, which must have ended. One that begins finds its lock free: it is left
 * alone until it has a segment, and by then it holds the lock.
 *
 * @throws the system's error
 */
export async function lockEnded(folder: string): Promise<WriterLock | undefined> {
  return (await sequencesIn(folder)).length === 0 ? undefined : lockWriter(folder);
}

/** The names of the writers whose folders are in a record's folder. */
export async function writersIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter(isWriter).sort();
}

/** The sequences of the segments in a writer's folder, ascending. */
export async function sequencesIn(folder: string): Promise<number[]> {
  // a pipe would never be read to its end
  const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => !entry.isFIFO());
  const sequences = files.map(({ name }) => sequenceOf(name)).filter((sequence) => sequence !== undefined);
  return sequences.sort((one, other) => one - other);
}
