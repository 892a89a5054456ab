/** Folders of this user alone, in which something is made before it is put in its place. */
import { randomUUID } from 'node:crypto';
import { lstat, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { codeOf, makeFolder, syncFolder, whereMissing } from '../../disk.js';
import { UNFINISHED } from '../../durable.js';
import { type FolderLock, FolderInUse, lockFolder } from '../../store/postgres/folder-lock.js';
import { syncAll } from './copied-files.js';

/** Nobody calls a folder so that is to stay: what whoever was killed has left is removed. */
const BEING_MADE = '.unfinished';
const WRITABLE_BY_ALL = 0o002;
/** Of a folder in which each may only rename and remove what is theirs (chmod(2)). */
const STICKY = 0o1000;

/**
 * Makes a folder, which is there whole or not at all.
 *
 * @param target a folder that is missing or empty
 * @param make fills the folder that is then put there, with the file `lock` that it has until it is
 * @throws Error with a message for people
 */
export async function makeWhole<T>(target: string, make: (folder: string) => Promise<T>): Promise<T> {
  await mustTakeFolder(target);
  return inOwnFolder(target, 'name', async (folder) => {
    const made = await make(folder);
    await syncAll(folder);
    await rename(folder, target).catch(async (cause: unknown) => {
      // something may have appeared there
      await mustTakeFolder(target);
      throw codeOf(cause) === 'EBUSY' ? isMountPoint(target) : cause;
    });
    await syncFolder(dirname(target));
    return made;
  });
}

/**
 * Does work in a new folder of this user alone, and removes it; and before that, what whoever was killed has left.
 *
 * @param path what the name of the folder begins with
 * @param name how another place is named, for messages
 * @throws Error with a message for people, when everybody could put something else in its place
 */
export async function inOwnFolder<T>(
  path: string,
  name: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  makeFolder(dirname(resolve(path)), 0o700);
  const parent = await realpath(dirname(resolve(path)));
  await mustStay(parent, name);
  await removeAbandoned(parent, basename(path));
  // a name that nobody can guess: nothing was put there to be written to
  const folder = join(parent, `${basename(path)}${BEING_MADE}.${randomUUID()}`);
  const lock = lockFolder(folder, name);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true }).finally(() => lock.release());
  }
}

/** Members of the group of a folder are trusted, as they are with secrets. */
async function mustStay(parent: string, name: string): Promise<void> {
  for (let folder = parent; ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & (WRITABLE_BY_ALL | STICKY)) === WRITABLE_BY_ALL)
      throw new Error(
        `every user of this machine can rename what is in \`${folder}\`, and so get people's data: take that right away (chmod o-w), or ${name} a folder elsewhere`,
      );
    if (folder === dirname(folder)) return;
  }
}

/** People's data is in it. What another user has put there, or a link, stays as it is. */
async function removeAbandoned(parent: string, begins: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!UNFINISHED.test(name) || name.replace(UNFINISHED, '') !== `${begins}${BEING_MADE}`) continue;
    const folder = join(parent, name);
    const found = await lstat(folder).catch(whereMissing(undefined));
    if (found?.isDirectory() !== true || found.uid !== process.getuid?.() || (found.mode & 0o777) !== 0o700)
      continue;
    const lock = lockUnused(folder);
    if (lock === undefined) continue;
    await rm(folder, { recursive: true, force: true });
    lock.release();
  }
}

function lockUnused(folder: string): FolderLock | undefined {
  try {
    return lockFolder(folder);
  } catch (error) {
    if (error instanceof FolderInUse) return undefined;
    throw error;
  }
}

async function mustTakeFolder(folder: string): Promise<void> {
  const found = await lstat(folder).catch(whereMissing(undefined));
  if (found === undefined) return;
  if (!found.isDirectory())
    throw new Error(
      `\`${folder}\` is ${found.isSymbolicLink() ? 'a link' : 'no folder'}: name a new folder, for nothing is ever written over`,
    );
  if ((await readdir(folder)).length > 0)
    throw new Error(`\`${folder}\` is not empty: name a new folder, for nothing is ever written over`);
  if (found.dev !== (await stat(dirname(folder))).dev) throw isMountPoint(folder);
}

function isMountPoint(folder: string): Error {
  return new Error(
    `a disk is mounted at \`${folder}\`, and a folder is moved into its place as a whole: name one in it, such as \`${join(folder, 'data')}\``,
  );
}
