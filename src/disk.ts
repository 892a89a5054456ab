/** Makes folders, and explains errors of files and folders. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

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

/** The explanation of a system error of a file, if the code is known. */
export function diskFaultOf(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const fault = 'code' in cause && typeof cause.code === 'string' ? FAULTS.get(cause.code) : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/**
 * Makes a folder and its missing parents. Not by Node's own `recursive`, which never returns where a file system takes
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
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    // another process was faster
    if (code === 'EEXIST' && statSync(folder).isDirectory()) return;
    if (code === 'EEXIST') throw Object.assign(new Error('a file is there', { cause }), { code: 'ENOTDIR' });
    if (code === 'ENOENT' && existsSync(dirname(folder)))
      throw Object.assign(new Error('no folder can be made there', { cause }), { code: 'ENOTSUP' });
    throw cause;
  }
}
