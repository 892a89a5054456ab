import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import { diskFaultOf, makeFolder } from '../../disk.js';

/** The file that is locked, unless another one is named. */
export const LOCK = 'lock';

/** Held until `release`, or until the process ends in any way. */
export type FolderLock = { release(): void };

/** Another process has the folder. */
export class FolderInUse extends Error {}

/**
 * Makes a folder (created if it is missing) this process's own.
 *
 * The kernel holds the lock for the open file, so there is never a stale one. The file stays after the lock is
 * released: if it were removed, two processes could each lock a file of that name.
 *
 * @param name how another folder is named, for messages
 * @param lock name of the file: each is a lock of its own
 * @throws when another process holds it, or when the folder cannot be written or locked
 */
export function lockFolder(folder: string, name = 'set DATA_DIR to', lock = LOCK): FolderLock {
  const file = openLockFile(folder, name, lock);
  let locked = false;
  try {
    locked = tryLock(file);
  } catch (cause) {
    throw new Error(`cannot lock \`${folder}\`: ${name} a folder on a local disk`, { cause });
  } finally {
    if (!locked) closeSync(file);
  }
  if (!locked)
    throw new FolderInUse(`\`${folder}\` is in use by another process: stop it, or ${name} another folder`);
  return { release: () => closeSync(file) };
}

/** A plain descriptor, because Node closes a forgotten `FileHandle`, and the lock would go with it. */
function openLockFile(folder: string, name: string, lock: string): number {
  try {
    // Only for the owner: it holds personal data.
    makeFolder(folder, 0o700);
    return openSync(join(folder, lock), 'a', 0o600);
  } catch (cause) {
    const fault = diskFaultOf(cause) ?? 'make it writable';
    throw new Error(`cannot write to \`${folder}\`: ${fault}; or ${name} another folder`, { cause });
  }
}
