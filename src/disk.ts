/** Makes folders, reads files up to a limit, and explains errors of files and folders. */
import { closeSync, constants, existsSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** By system error codes (errno(3)). None of them means that data on the disk is damaged. */
const FAULTS: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk is full: free some space, and start again'],
  ['EDQUOT', 'the disk quota is used up: raise it or free some space, and start again'],
  ['EROFS', 'the file system is mounted for reading only: mount it for writing, and start again'],
  ['EACCES', 'this user may not use it: give the user of the process the right to, and start again'],
  ['EPERM', 'this user may not use it: give the user of the process the right to, and start again'],
  ['ENOTDIR', 'its path leads through a file: name a folder'],
  ['EISDIR', 'it is a folder: name a file'],
  ['ENOTSUP', 'its file system takes no folders: name one on a disk'],
  ['EMFILE', 'this process may open no more files: raise its limit, and start again'],
  ['ENFILE', 'the machine has too many files open: close some, or raise its limit'],
  ['ENOMEM', 'the machine has no memory left: free some, and start again'],
  ['EIO', 'the disk reports an error: look at the disk before anything else is written to it'],
]);

/** The code of a system error (errno(3)); `undefined`: it is none. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether an error says that there is no such file or folder. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** For `catch`: a value for where there is no such file or folder; every other error is thrown on. */
export function whereMissing<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (isMissing(error)) return instead;
    throw error;
  };
}

/** The explanation of a system error of a file, if the code is known. */
export function diskFaultOf(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const fault = FAULTS.get(codeOf(cause) ?? '');
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/**
 * Makes a folder and its missing parents, durably. Not by Node's own `recursive`, which never returns where a file system takes
 * no folders, such as `/proc`.
 *
 * @param mode of new folders
 * @throws the system's error, for `diskFaultOf`
 */
export function makeFolder(path: string, mode = 0o777): void {
  const folder = resolve(path);
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  if (!existsSync(dirname(folder))) makeFolder(dirname(folder), mode);
  try {
    mkdirSync(folder, mode);
    syncNow(dirname(folder));
  } catch (cause) {
    const code = codeOf(cause);
    // another process was faster
    if (code === 'EEXIST' && statSync(folder).isDirectory()) return;
    if (code === 'EEXIST') throw Object.assign(new Error('a file is there', { cause }), { code: 'ENOTDIR' });
    if (code === 'ENOENT' && existsSync(dirname(folder)))
      throw Object.assign(new Error('no folder can be made there', { cause }), { code: 'ENOTSUP' });
    throw cause;
  }
}

/**
 * Makes a folder in one that is there, durably, unless it exists. The one above is not made: where it was on another
 * disk, that disk is missing.
 *
 * @throws the system's error, for `diskFaultOf`
 */
export async function makeFolderIn(parent: string, name: string): Promise<void> {
  try {
    await mkdir(join(parent, name), { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  // also where another process made it: it may not have come so far
  await syncFolder(parent);
}

/**
 * The bytes of a file; `undefined`: it has more, or is a folder, a device or a pipe.
 *
 * @throws the system's error, for `diskFaultOf`
 */
export async function readWithin(path: string, most: number): Promise<Buffer | undefined> {
  // a pipe that nobody writes to would hold up whoever opens it otherwise
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    return found.isFile() && found.size <= most ? await file.readFile() : undefined;
  } finally {
    await file.close();
  }
}

/** Makes it durable that a name was made in a folder, changed or removed. @throws the system's error */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function syncNow(folder: string): void {
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
