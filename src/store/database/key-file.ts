/** The file that holds the keys of the store. */
import { randomUUID } from 'node:crypto';
import { type Stats, closeSync, fchownSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tryLock } from 'fs-native-extensions';
import { codeOf, diskFaultOf, isMissing, syncFolder } from '../../disk.js';
import { UNFINISHED, makeOnce } from '../../durable.js';
import { textOf } from '../../text.js';
import { type KeyText, UnfitKeyFile, keyTextIn } from './key-lines.js';

/** Whoever else changes the file is waited for: a KMS that does not answer keeps them for about as long. */
const PATIENCE_MS = 20_000;
const POLL_MS = 100;

/** @throws the system's error when there is no such file; UnfitKeyFile when it is not one that holds keys */
export function readKeyFile(path: string): KeyText {
  return keyTextIn(textOf(reading(path, () => readFileSync(path))) ?? '', path);
}

/** What {@link stateOf} says of a file that is not there. */
export const MISSING = 'missing';

/** Another text whenever a file, or who may read it, has changed. @throws UnfitKeyFile when that cannot be seen */
export function stateOf(path: string): string {
  const stat = reading(path, () => statSync(path, { bigint: true, throwIfNoEntry: false }));
  return stat === undefined ? MISSING : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
}

function reading<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isMissing(error)) throw error;
    throw new UnfitKeyFile(
      `cannot read the key file \`${path}\`: ${diskFaultOf(error) ?? 'make it readable'}; or set KEY_FILE`,
      { cause: error },
    );
  }
}

/** Creates a key file, unless there is one already: no key is ever overwritten. */
export async function createKeyFile(path: string, text: string): Promise<void> {
  await makeOnce(path, text).catch((cause: unknown) => {
    throw unwritten(path, cause);
  });
}

/**
 * Replaces what is in a key file, whole or not at all. A link to it stays a link, and its owner and rights stay.
 *
 * @param work gives what is to be there, of what is there now; `undefined`: nothing is written
 * @throws Error when another process does the same, and does not end; or it cannot be written
 */
export async function changeKeyFile(
  named: string,
  work: (text: KeyText) => Promise<string | undefined>,
): Promise<void> {
  const path = realpathSync(named);
  const lock = openLock(path);
  try {
    for (const until = performance.now() + PATIENCE_MS; !tryLock(lock); await delay(POLL_MS))
      if (performance.now() > until)
        throw new Error(`the key file \`${path}\` is being changed by another process: wait for that one`);
    await removeUnfinished(path);
    const text = await work(readKeyFile(path));
    if (text === undefined) return;
    const fresh = await written(path, text, statSync(path));
    await rename(fresh, path);
    await syncFolder(dirname(path));
  } finally {
    // it stays: if it were removed, two processes could each lock a file of that name
    closeSync(lock);
  }
}

/** Of the owner of the key file, who may be another one than makes it. */
function openLock(path: string): number {
  const name = `${path}.lock`;
  try {
    const lock = openSync(name, 'a', 0o600);
    const { uid, gid } = statSync(path);
    if (process.getuid?.() === 0) fchownSync(lock, uid, gid);
    return lock;
  } catch (cause) {
    throw new Error(
      `cannot lock the key file \`${path}\`: ${diskFaultOf(cause) ?? `make its folder and \`${name}\` writable`}`,
      { cause },
    );
  }
}

/** Removes what whoever was killed has left: all keys are in it, also one that was dropped since. */
async function removeUnfinished(path: string): Promise<void> {
  for (const name of await readdir(dirname(path)))
    if (name.startsWith(`${basename(path)}.`) && UNFINISHED.test(name))
      await rm(join(dirname(path), name), { force: true });
}

/**
 * Writes a file beside the key file, durably.
 *
 * @param like what has the owner and the rights that it gets
 * @returns its path
 */
async function written(path: string, text: string, like: Stats): Promise<string> {
  const fresh = `${path}.${randomUUID()}`;
  try {
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.chown(like.uid, like.gid);
      await file.chmod(like.mode & 0o777);
      await file.sync();
    } finally {
      await file.close();
    }
    return fresh;
  } catch (cause) {
    await rm(fresh, { force: true });
    throw unwritten(
      path,
      cause,
      codeOf(cause) === 'EPERM' ? 'do it as the owner of the file, who is kept' : diskFaultOf(cause),
    );
  }
}

function unwritten(path: string, cause: unknown, fault = diskFaultOf(cause)): Error {
  return new Error(
    `cannot write the key file \`${path}\`: ${fault ?? 'make its folder writable'}; or set KEY_FILE`,
    { cause },
  );
}
