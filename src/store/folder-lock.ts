import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { tryLock } from 'fs-native-extensions';

/** Held until `release`, or until the process is gone, however it went. */
export type FolderLock = { release(): Promise<void> };

/**
 * Makes `dataDir` (created if it is missing) this process's own.
 *
 * The kernel holds the lock for the open file, so there is never a stale one to clear away. The file stays when the
 * lock goes: were it removed, two processes could each lock a file of that name.
 *
 * @throws when another process has it, or when the folder cannot be written
 */
export async function lockFolder(dataDir: string): Promise<FolderLock> {
  const file = await openLockFile(dataDir);
  if (!tryLock(file.fd)) {
    await file.close();
    throw new Error(
      `\`${dataDir}\` is in use by another process; stop it, or set DATA_DIR to another folder`,
    );
  }
  return { release: () => file.close() };
}

async function openLockFile(dataDir: string): Promise<FileHandle> {
  try {
    // For the owner alone: what users agreed to is in here.
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    return await open(join(dataDir, 'lock'), 'a', 0o600);
  } catch (cause) {
    throw new Error(`cannot write to \`${dataDir}\`; make it writable, or set DATA_DIR to another folder`, {
      cause,
    });
  }
}
