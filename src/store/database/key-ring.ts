/** The keys of a key file, which may be wrapped by a KMS (decision 073). */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { isMissing } from '../../disk.js';
import type { KeyWrapper } from '../../kms/key-wrapper.js';
import { MISSING, changeKeyFile, createKeyFile, readKeyFile, stateOf } from './key-file.js';
import {
  type KeyLine,
  type KeyText,
  MOST_WRAPPED_BYTES,
  UnfitKeyFile,
  keyLineText,
  keyTextWith,
} from './key-lines.js';
import type { RingKey } from './store-key.js';
import { KEY_BYTES, type ReadRing, Vault } from './vault.js';

/** With what the keys of a file are wrapped; the store is that of the database, where it is known. */
export type Wrapping = { readonly wrapper: KeyWrapper; readonly store?: string };

/** With what keys are wrapped, and for which store. */
export type WrappingFor = Wrapping & { readonly store: string };

/** Keys and their lines, the newest first. */
type Ring = ReadonlyMap<RingKey, KeyLine>;

/**
 * The vault of a key file.
 *
 * @param wrapping with what its keys are unwrapped; absent: they are not wrapped
 * @returns `undefined` when there is no such file
 * @throws when the file is not one that holds a key, or it cannot be unwrapped
 */
export async function readVault(path: string, wrapping?: Wrapping): Promise<Vault | undefined> {
  const { prepare, again } = wrapping === undefined ? plainRing(path) : wrappedRing(path, wrapping);
  try {
    await prepare();
    const ring = again();
    return ring && new Vault(ring, again, prepare);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

type Rereading = { readonly again: ReadRing; readonly prepare: () => Promise<void> };

/** Reads the keys of a file whenever it has changed. */
function plainRing(path: string): Rereading {
  let seen = '';
  return {
    prepare: async () => undefined,
    again: () => {
      const state = stateOf(path);
      if (state === seen) return undefined;
      const isTakenAway = state === MISSING && seen !== '';
      const ring = isTakenAway ? [] : readRing(path);
      seen = state;
      return ring;
    },
  };
}

/** The same of wrapped keys. A key is unwrapped once, and kept in memory alone. */
function wrappedRing(path: string, wrapping: Wrapping): Rereading {
  let seen = '';
  let found: readonly RingKey[] | undefined;
  const known = new Map<string, Uint8Array>();
  return {
    prepare: async () => {
      const state = stateOf(path);
      if (state === seen) return;
      const isTakenAway = state === MISSING && seen !== '';
      found = isTakenAway ? [] : [...(await unwrapped(path, readKeyFile(path), wrapping, known)).keys()];
      seen = state;
    },
    again: () => {
      const ring = found;
      found = undefined;
      return ring;
    },
  };
}

/**
 * The keys in a key file, the newest first.
 *
 * @throws the system's error when there is no such file; Error when it is not one that holds keys, or they are wrapped
 */
export function readRing(path: string): readonly RingKey[] {
  return [...plain(path, readKeyFile(path)).keys()];
}

/** The same, also of wrapped keys. @throws as {@link readRing}; Error when they cannot be unwrapped */
export async function readWrappedRing(path: string, wrapping?: Wrapping): Promise<readonly RingKey[]> {
  return [...(await unwrapped(path, readKeyFile(path), wrapping)).keys()];
}

/** The store that the keys in a file are wrapped for; `undefined`: they are not wrapped. @throws as {@link readRing} */
export function storeOfRing(path: string): string | undefined {
  return readKeyFile(path).wrapped?.store;
}

/**
 * The vault of a new key, which is stored in the file; or of the key in the file if another process was faster.
 *
 * @param wrapping absent: the key is stored as it is
 */
export async function createVault(path: string, wrapping?: WrappingFor): Promise<Vault> {
  const key = { key: randomBytes(KEY_BYTES) };
  await createKeyFile(
    path,
    wrapping === undefined ? `${keyLineText(lineOf(key))}\n` : await wrappedText([key], wrapping),
  );
  const vault = await readVault(path, wrapping);
  if (vault === undefined) throw new Error(`the key file \`${path}\` was taken away while it was written`);
  return vault;
}

/**
 * Replaces the keys in a file.
 *
 * @param change what is to be there, of what is there now; the same list: nothing is written
 * @param wrapping absent: they are not wrapped
 * @throws Error when another process does the same, or it cannot be written
 */
export function changeRing(
  path: string,
  change: (ring: readonly RingKey[]) => readonly RingKey[],
  wrapping?: Wrapping,
): Promise<void> {
  return changeKeyFile(path, async (text) => {
    const known = await unwrapped(path, text, wrapping);
    const before = [...known.keys()];
    const after = change(before);
    if (after === before) return undefined;
    const lineFor = async (key: RingKey) =>
      wrapping === undefined || text.wrapped === undefined
        ? lineOf(key)
        : wrappedLine(key, { ...wrapping, store: text.wrapped.store });
    const lines: KeyLine[] = [];
    for (const key of after) lines.push(known.get(key) ?? (await lineFor(key)));
    return keyTextWith({ ...text, lines });
  });
}

/**
 * Wraps the keys in a file, also those that are wrapped already.
 *
 * @param from unwraps them before, where another key of a KMS has wrapped them
 * @returns how many they are
 * @throws Error with a message for people; the file stays as it was then
 */
export async function wrapRing(
  path: string,
  wrapping: WrappingFor,
  from: KeyWrapper = wrapping.wrapper,
): Promise<number> {
  let count = 0;
  await changeKeyFile(path, async (text) => {
    const before = text.wrapped && { ...wrapping, wrapper: from };
    const keys = [...(await unwrapped(path, text, before)).keys()];
    count = keys.length;
    return wrappedText(keys, wrapping);
  });
  return count;
}

function plain(path: string, { wrapped, lines }: KeyText): Ring {
  if (wrapped !== undefined)
    throw new UnfitKeyFile(
      `the keys in \`${path}\` are wrapped by \`${wrapped.scheme}\`: set KMS_KEY, and the credentials for it`,
    );
  return new Map(lines.map((line) => [keyOf(line), line]));
}

/** @param known keys that were unwrapped before, by what was wrapped */
async function unwrapped(
  path: string,
  text: KeyText,
  wrapping: Wrapping | undefined,
  known = new Map<string, Uint8Array>(),
): Promise<Ring> {
  if (wrapping === undefined) return plain(path, text);
  const { wrapped, lines } = text;
  if (wrapped === undefined)
    throw new UnfitKeyFile(
      `the key file \`${path}\` has the key of the store as it is, and KMS_KEY is set: have it wrapped with \`npm run -s keys -- wrap\``,
    );
  const { wrapper, store } = wrapping;
  if (wrapped.scheme !== wrapper.scheme)
    throw new UnfitKeyFile(
      `the keys in \`${path}\` are wrapped by \`${wrapped.scheme}\`, which this build does not know: start a newer one`,
    );
  if (store !== undefined && wrapped.store !== store)
    throw new UnfitKeyFile(
      `the keys in \`${path}\` are of the store \`${wrapped.store}\`, and the database is of \`${store}\`: restore the file that was made with it, or set KEY_FILE`,
    );
  const keys: [RingKey, KeyLine][] = [];
  for (const line of lines) {
    const name = Buffer.from(line.bytes).toString('base64');
    const key = known.get(name) ?? (await wrapper.unwrap(line.bytes, wrapped.store));
    if (key.length !== KEY_BYTES)
      throw new UnfitKeyFile(`a key in \`${path}\` was unwrapped to ${key.length} bytes: restore the file`);
    known.set(name, key);
    keys.push([keyOf({ ...line, bytes: key }), line]);
  }
  return new Map(keys);
}

function keyOf({ bytes, since }: KeyLine): RingKey {
  return since === undefined ? { key: bytes } : { key: bytes, since };
}

function lineOf({ key, since }: RingKey): KeyLine {
  return since === undefined ? { bytes: key } : { bytes: key, since };
}

async function wrappedText(keys: readonly RingKey[], wrapping: WrappingFor): Promise<string> {
  const { wrapper, store } = wrapping;
  const lines: KeyLine[] = [];
  for (const key of keys) lines.push(await wrappedLine(key, wrapping));
  return keyTextWith({ wrapped: { scheme: wrapper.scheme, store }, lines });
}

/** @throws Error when the key does not come back as it was: nothing is to rest on it then */
async function wrappedLine(key: RingKey, { wrapper, store }: WrappingFor): Promise<KeyLine> {
  const bytes = await wrapper.wrap(key.key, store);
  const isKept = bytes.length <= MOST_WRAPPED_BYTES && isSame(await wrapper.unwrap(bytes, store), key.key);
  if (!isKept)
    throw new Error(
      'a key that was wrapped does not come back as it was: see that KMS_ENDPOINT is that of a KMS',
    );
  return { ...lineOf(key), bytes };
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
