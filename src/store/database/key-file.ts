import { randomBytes, randomUUID } from 'node:crypto';
import { type Stats, closeSync, fchownSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { link, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { tryLock } from 'fs-native-extensions';
import { codeOf, diskFaultOf, isMissing, makeFolder, syncFolder } from '../../disk.js';
import { textOf } from '../../text.js';
import { KEY_BYTES, type ReadRing, Vault } from './vault.js';
import type { RingKey } from './store-key.js';

/** The first line of a file with several keys. Builds that know only one refuse the file. */
const HEADING = 'keys of assent';
/** Ends the name of a file that takes the place of the key file once it is written: a UUID (RFC 9562). */
const UNFINISHED = /\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The vault of a key file.
 *
 * @returns `undefined` when there is no such file
 * @throws when the file is not one that holds a key
 */
export function readVault(path: string): Vault | undefined {
  const again = ringOf(path);
  try {
    const ring = again();
    return ring && new Vault(ring, again);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Reads the keys of a file whenever it has changed. */
function ringOf(path: string): ReadRing {
  let seen = '';
  return () => {
    const stat = statOf(path);
    const { ino, size, mtimeNs } = stat ?? {};
    const state = `${ino} ${size} ${mtimeNs}`;
    if (state === seen) return undefined;
    const isTakenAway = stat === undefined && seen !== '';
    const ring = isTakenAway ? [] : readRing(path);
    seen = state;
    return ring;
  };
}

/**
 * The keys in a key file, the newest first.
 *
 * @throws the system's error when there is no such file; Error when it is not one that holds keys
 */
export function readRing(path: string): readonly RingKey[] {
  const text = textOf(reading(path, () => readFileSync(path))) ?? '';
  const [heading, ...lines] = text.trim().split(/\r?\n/);
  const keys = heading === HEADING ? lines.map(keyIn) : [keyIn(text)];
  const known = keys.filter((key) => key !== undefined);
  if (known.length === 0 || known.length < keys.length)
    throw new Error(
      `the key file \`${path}\` does not hold a key: restore it, for it is ${KEY_BYTES} bytes in base64${heading === HEADING ? ' a line, with a time' : ''}`,
    );
  return known.toSorted((one, other) => (other.since ?? 0) - (one.since ?? 0));
}

function statOf(path: string) {
  return reading(path, () => statSync(path, { bigint: true, throwIfNoEntry: false }));
}

function reading<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isMissing(error)) throw error;
    throw new Error(
      `cannot read the key file \`${path}\`: ${diskFaultOf(error) ?? 'make it readable'}; or set KEY_FILE`,
      { cause: error },
    );
  }
}

function keyIn(line: string): RingKey | undefined {
  const [text = '', time, ...more] = line.trim().split(/\s+/);
  const key = Buffer.from(text, 'base64');
  const since = time === undefined ? undefined : Date.parse(time);
  if (key.length !== KEY_BYTES || more.length > 0 || Number.isNaN(since)) return undefined;
  return since === undefined ? { key } : { key, since };
}

/** The vault of a new key, which is stored in the file; or of the key in the file if another process was faster. */
export async function createVault(path: string): Promise<Vault> {
  const fresh = await written(path, `${lineOf({ key: randomBytes(KEY_BYTES) })}\n`);
  // a link fails if the file exists: no key is ever overwritten, and no reader sees half of one
  await link(fresh, path).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  await rm(fresh);
  const vault = readVault(path);
  if (vault === undefined) throw new Error(`the key file \`${path}\` was taken away while it was written`);
  return vault;
}

/**
 * Replaces the keys in a file, whole or not at all. A link to it stays a link, and its owner and rights stay.
 *
 * @param change what is to be there, of what is there now; the same list: nothing is written
 * @throws Error when another process does the same, or it cannot be written
 */
export async function changeRing(
  named: string,
  change: (ring: readonly RingKey[]) => readonly RingKey[],
): Promise<void> {
  const path = realpathSync(named);
  const lock = openLock(path);
  try {
    if (!tryLock(lock))
      throw new Error(`the key file \`${path}\` is being changed by another process: wait for that one`);
    await removeUnfinished(path);
    const before = readRing(path);
    const after = change(before);
    if (after === before) return;
    const fresh = await written(path, [HEADING, ...after.map(lineOf), ''].join('\n'), statSync(path));
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

function lineOf({ key, since }: RingKey): string {
  const text = Buffer.from(key).toString('base64');
  return since === undefined ? text : `${text} ${new Date(since).toISOString()}`;
}

/**
 * Writes a file beside the key file, durably.
 *
 * @param like what has the owner and the rights that it gets; absent: it is for the user of this process alone
 * @returns its path
 */
async function written(path: string, text: string, like?: Stats): Promise<string> {
  const fresh = `${path}.${randomUUID()}`;
  try {
    makeFolder(dirname(path), 0o700);
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(text);
      if (like !== undefined) {
        await file.chown(like.uid, like.gid);
        await file.chmod(like.mode & 0o777);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return fresh;
  } catch (cause) {
    await rm(fresh, { force: true });
    const fault =
      codeOf(cause) === 'EPERM' ? 'do it as the owner of the file, who is kept' : diskFaultOf(cause);
    throw new Error(
      `cannot write the key file \`${path}\`: ${fault ?? 'make its folder writable'}; or set KEY_FILE`,
      { cause },
    );
  }
}
