/** The keys of the store, for commands: with the database at hand, or beside a service that has it. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isMissing } from '../../disk.js';
import {
  type Database,
  type DatabaseSettings,
  openDatabase,
  wrapperOf,
} from '../../store/database/database.js';
import { nameLog } from '../../store/database/eras.js';
import {
  type Wrapping,
  changeRing,
  readWrappedRing,
  storeOfRing,
  wrapRing,
} from '../../store/database/key-ring.js';
import { StoreKey } from '../../store/database/store-key.js';
import { KEY_BYTES } from '../../store/database/vault.js';
import { AwsKms } from '../../kms/aws-kms.js';
import { KeyReplacement } from '../../store/keys/key-replacement.js';
import { FolderInUse } from '../../store/postgres/folder-lock.js';
import { DAY_MS } from '../../time.js';
import { type KeyPlace, MEND_FAULTS, progressIn, resealAll } from './key-progress.js';

/** Where the keys and the store are. */
export type KeySettings = KeyPlace & Pick<DatabaseSettings, 'databaseUrl' | 'kms'>;

export type ListedKey = {
  readonly id: string;
  /** When it was made, in milliseconds since the Unix epoch; absent: with the database. */
  readonly since: number | undefined;
  readonly state: 'next' | 'present' | 'former';
  /** When the present one began to seal, in milliseconds since the Unix epoch; absent: another one, or not known. */
  readonly sealsSince?: number;
  /** How many rows it opens that no other key does, or none of the file; absent: not known beside a service. */
  readonly opens?: number | undefined;
};

/** Rows that were looked at so far. */
export type OnProgress = (looked: number) => void;

const POLL_MS = 200;
/** A service that has not begun for this long does not follow this key file. */
const PATIENCE_MS = 60_000;
/** Processes that share the store look at their key files more often, and tell what they know with each lease. */
const KNOWN_WITHIN_MS = 15_000;
/** What is sealed for a browser counts for two days, see `src/sessions/sealing.ts`. */
const SESSIONS_MS = 2 * DAY_MS;

/**
 * The keys of the key file, the newest first.
 *
 * @throws Error when it has not the one that seals
 */
export function listedKeys(config: KeySettings): Promise<readonly ListedKey[]> {
  return withStore(config, listedIn, () => listedBeside(config));
}

/** As the service that has the database tells. */
async function listedBeside(config: KeySettings): Promise<readonly ListedKey[]> {
  const told = progressIn(config);
  if (told === undefined)
    throw new Error(
      `the service on \`${config.dataDir}\` has not told yet which key seals: call this again in a moment`,
    );
  const { present, since, isDone, faults } = told;
  return listed(await keysIn(config), present, since, (id) =>
    id !== present && isDone ? faults : undefined,
  );
}

async function listedIn(database: Database): Promise<readonly ListedKey[]> {
  const { vault } = database;
  const replacement = new KeyReplacement(database);
  const counts = await replacement.counts();
  // any former one may be that of rows that seem to be of none
  const ofNone = counts.get('') ?? 0;
  const awaited = await replacement.awaited();
  return listed(vault.ring, vault.current.id, await replacement.since(), (id) =>
    Math.max((counts.get(id) ?? 0) + (id === vault.current.id ? 0 : ofNone), awaited.has(id) ? 1 : 0),
  );
}

function listed(
  keys: readonly StoreKey[],
  present: string,
  sealsSince: number,
  opens: (id: string) => number | undefined,
): readonly ListedKey[] {
  const at = keys.findIndex(({ id }) => id === present);
  if (at < 0)
    throw new Error(
      `the key file has lost the key \`${present}\`, which seals the store: put it back from its copy`,
    );
  return keys.map(({ id, since }, place): ListedKey => {
    const key = { id, since, opens: opens(id) };
    if (place < at) return { ...key, state: 'next' };
    if (place > at) return { ...key, state: 'former' };
    return { ...key, state: 'present', sealsSince: Math.max(sealsSince, since ?? 0) };
  });
}

/**
 * Puts a new key into the key file, which seals nothing yet.
 *
 * @throws Error when there is one already
 */
export async function addKey(config: KeySettings): Promise<string> {
  if (config.databaseUrl === undefined)
    throw new Error('the service on the embedded database would take the key up at once: call `rotate`');
  const [newest] = await listedKeys(config);
  if (newest?.state === 'next')
    throw new Error(
      `the key file has a new key already, \`${newest.id}\`: bring it to all machines, then call \`rotate\``,
    );
  return putKey(config, newest?.id);
}

/**
 * Replaces the key of the store, or goes on where that was interrupted.
 *
 * @param knownWithin how long the processes that share the store may take to know the new key, in milliseconds
 * @returns the id of the key that seals everything now
 * @throws Error with a message for people, also when it seals everything but what no key opens
 */
export function replaceKey(
  config: KeySettings,
  onProgress: OnProgress,
  knownWithin = KNOWN_WITHIN_MS,
): Promise<string> {
  return withStore(
    config,
    async (database) => {
      const { vault } = database;
      const replacement = new KeyReplacement(database);
      const reseal = () =>
        resealAll(config, database, ({ looked }) => {
          onProgress(looked);
          return false;
        });
      const isOwed = async () =>
        (await listedIn(database)).some(({ state, opens = 1 }) => state === 'former' && opens > 0);
      const isInterrupted = (await replacement.waiting()) === undefined && (await isOwed());
      let end = isInterrupted ? await reseal() : undefined;
      // what no key opens is left by each pass, and does not stand in the way of the next key
      if (end === undefined || end.resealed === 0) {
        if ((await replacement.waiting()) === undefined) await putKey(config, vault.ring[0]?.id);
        await untilKnown(replacement, knownWithin);
        await replacement.begin();
        end = await reseal();
      }
      const { id } = vault.current;
      const [fault] = end.faults;
      if (fault !== undefined) throw butFor(id, count(end.faults.size), `such as \`${fault}\``);
      return id;
    },
    () => replacedByService(config, onProgress),
  );
}

/** @throws Error when a process that shares the store does not come to know the newest key */
async function untilKnown(replacement: KeyReplacement, within: number): Promise<void> {
  const key = await replacement.waiting();
  if (key === undefined) return;
  const until = performance.now() + within;
  for (let unaware: readonly string[]; (unaware = await replacement.unaware()).length > 0;) {
    if (performance.now() > until)
      throw new Error(
        `${unaware.length === 1 ? '1 process does' : `${unaware.length} processes do`} not know the key \`${key.id}\`, and could read nothing that it seals (builds: ${unaware.map((build) => `\`${build || 'an older one'}\``).join(', ')}): bring the key file to where they run, or end those of a build from before keys could be replaced; then call this again`,
      );
    await delay(POLL_MS);
  }
}

const count = (rows: number): string => (rows === 1 ? '1 row' : `${rows} rows`);

/** @param rows that no key of the file opens */
function butFor(id: string, rows: string, where: string): Error {
  return new Error(
    `everything is sealed with \`${id}\` but for ${rows} that no key of the file opens, ${where}: ${MEND_FAULTS}`,
  );
}

async function replacedByService(config: KeySettings, onProgress: OnProgress): Promise<string> {
  const isReplaced = (id: string) => {
    const told = progressIn(config);
    return told?.present === id && (told.isDone || told.isAgain);
  };
  // a key that the file has lost is not replaced
  const keys = await listedBeside(config);
  const [newest] = keys;
  const isAtWork = newest !== undefined && keys.length > 1 && !isReplaced(newest.id);
  const id = isAtWork ? newest.id : await putKey(config, newest?.id);
  let looked = -1;
  for (let until = performance.now() + PATIENCE_MS; !isReplaced(id);) {
    await delay(POLL_MS);
    const told = progressIn(config);
    if (told?.present === id && told.looked !== looked) {
      until = performance.now() + PATIENCE_MS;
      onProgress((looked = told.looked));
    }
    if (performance.now() > until)
      throw new Error(
        `the service on \`${config.dataDir}\` does not take up the key \`${id}\`: see its log, and whether it has the same KEY_FILE; then call this again`,
      );
  }
  const faults = progressIn(config)?.faults ?? 0;
  if (faults > 0) throw butFor(id, count(faults), 'which the log of the service names');
  return id;
}

/**
 * Takes a former key out of the key file.
 *
 * @param isUrgent whether what it sealed for browsers and clients may end with it
 * @throws Error when it is needed, or there is none
 */
export async function dropKey(
  config: KeySettings,
  id: string,
  isUrgent: boolean,
  now: number,
): Promise<void> {
  const keys = await listedKeys(config);
  const key = keys.find((one) => one.id === id);
  if (key === undefined) throw new Error(`the key file has no key \`${id}\`: see \`show\``);
  if (key.state !== 'former')
    throw new Error(`\`${id}\` is the ${key.state} key: only a former one can be taken away`);
  if (key.opens !== 0)
    throw new Error(
      `\`${id}\` is needed${key.opens === undefined ? '' : ` for ${count(key.opens)}`}: call \`rotate\`, which goes on where it was, or says that no key opens them`,
    );
  // of keys before the one before, it is later than needed
  const replacedAt = keys.find(({ state }) => state === 'present')?.sealsSince ?? now;
  if (!isUrgent && now - replacedAt < SESSIONS_MS)
    throw new Error(
      `sessions that \`${id}\` sealed may last until ${new Date(replacedAt + SESSIONS_MS).toISOString()}: wait, or end them with \`--now\``,
    );
  await changeRing(
    config.keyFile,
    (ring) => ring.filter((one) => new StoreKey(one).id !== id),
    wrappingOf(config),
  );
}

/**
 * Puts a new key into the key file, unless another command was faster.
 *
 * @param before the id of the newest one, when it was found that another is to be put there
 * @returns the id of the newest one
 */
async function putKey(config: KeySettings, before: string | undefined): Promise<string> {
  const key = randomBytes(KEY_BYTES);
  let id = '';
  await changeRing(
    config.keyFile,
    (ring) => {
      const [newest] = ring.map((one) => new StoreKey(one).id);
      if (newest !== undefined && newest !== before) {
        id = newest;
        return ring;
      }
      // the newest one is to seal, also when the clock was put back
      const since = Math.max(Date.now(), ...ring.map((one) => (one.since ?? 0) + 1));
      ({ id } = new StoreKey({ key, since }));
      return [{ key, since }, ...ring];
    },
    wrappingOf(config),
  );
  return id;
}

/**
 * Has the keys in the key file wrapped by the KMS of the settings, or wrapped anew.
 *
 * @param from the key of the KMS that has wrapped them; absent: that of the settings
 * @returns how many they are
 * @throws Error with a message for people; the file is as it was then
 */
export async function wrapKeys(config: KeySettings, from?: string): Promise<number> {
  const { kms, keyFile } = config;
  if (kms === undefined) throw new Error('there is nothing to wrap the keys with: set KMS_KEY');
  const wrapper = new AwsKms(kms);
  const store = storeOfRing(keyFile) ?? (await storeOf(config));
  return wrapRing(
    keyFile,
    { wrapper, store },
    from === undefined ? wrapper : new AwsKms({ ...kms, key: from }),
  );
}

/** The name of the store, when its key is not wrapped yet; that the key is the one of this store is seen by the way. */
async function storeOf({ kms: _kms, ...plain }: KeySettings): Promise<string> {
  return withStore(
    plain,
    ({ prisma }) => nameLog(prisma),
    () => {
      throw new Error(
        `a service has the store in \`${plain.dataDir}\`, and would lose the key: stop it, then call this again`,
      );
    },
  );
}

function wrappingOf(config: KeySettings): Wrapping | undefined {
  const wrapper = wrapperOf(config);
  return wrapper && { wrapper };
}

async function keysIn(config: KeySettings): Promise<readonly StoreKey[]> {
  const { keyFile } = config;
  try {
    return (await readWrappedRing(keyFile, wrappingOf(config))).map((key) => new StoreKey(key));
  } catch (error) {
    if (isMissing(error))
      throw new Error(`there is no key file \`${keyFile}\`: set KEY_FILE`, { cause: error });
    throw error;
  }
}

/** @param beside what is done while a service has the embedded database */
async function withStore<T>(
  config: KeySettings,
  work: (database: Database) => Promise<T>,
  beside: () => Promise<T>,
): Promise<T> {
  // a key that is not there is not made
  await keysIn(config);
  let database: Database;
  try {
    database = await openDatabase(config);
  } catch (error) {
    if (error instanceof FolderInUse) return beside();
    throw error;
  }
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
