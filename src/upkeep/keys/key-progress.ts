/**
 * How far everything is sealed with the present key, for who cannot open the database beside the service. It only tells:
 * what is to be done, the service takes from the database.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.js';
import { memberOf, parseJson } from '../../json.js';
import type { Database } from '../../store/database/database.js';
import { KeyReplacement, type Slice } from '../../store/keys/key-replacement.js';
import { writeDurably } from '../../durable.js';
import { syncAll } from '../backup/copied-files.js';
import { POSTGRES } from '../backup/manifest.js';

export type KeyPlace = Pick<Config, 'dataDir' | 'keyFile'>;

export type KeyProgress = {
  /** The id of the key that seals. */
  readonly present: string;
  /** When it began to seal, in milliseconds since the Unix epoch. */
  readonly since: number;
  /** Whether nothing is left that only a former key opens, but for `faults`. */
  readonly isDone: boolean;
  /** Whether the service had been through before, and only makes sure since it started. */
  readonly isAgain: boolean;
  /** Rows that were looked at. */
  readonly looked: number;
  /** Rows that no key of the file opens. */
  readonly faults: number;
};

/** What to do about rows that no key of the file opens. */
export const MEND_FAULTS =
  'put the key that opens them back into the file, or restore them from a backup; where somebody altered them, find out who, and delete what cannot be restored. Former keys stay until then';

const TOLD_EVERY_MS = 200;

/** Tells which key seals before anything else is done: what was told before may be of another copy of the database. */
export async function tellAtStart(place: KeyPlace, database: Database): Promise<void> {
  if (database.kind === 'server') return;
  const { vault } = database;
  const before = progressIn(place);
  await tell(place, {
    present: vault.current.id,
    since: await new KeyReplacement(database).since(),
    isDone: vault.ring.length === 1,
    isAgain: before?.present === vault.current.id && (before.isDone || before.isAgain),
    looked: 0,
    faults: 0,
  });
}

/**
 * Seals everything with the present key that is not, and tells how far it is.
 *
 * @param onSlice called after each slice; it returns whether to stop there
 */
export async function resealAll(
  place: KeyPlace,
  database: Database,
  onSlice: (slice: Slice) => Promise<boolean> | boolean,
): Promise<Slice> {
  const present = database.vault.current.id;
  const replacement = new KeyReplacement(database);
  const since = await replacement.since();
  const before = progressIn(place);
  const isAgain = before?.present === present && before.isAgain;
  let slice: Slice = { table: '', looked: 0, resealed: 0, faults: new Set() };
  const tellWhether = async (isDone: boolean) => {
    // on a server nobody asks there
    if (database.kind === 'server') return;
    await tell(place, { present, since, isDone, isAgain, looked: slice.looked, faults: slice.faults.size });
  };
  let told = -Infinity;
  for await (slice of replacement.pass()) {
    if (performance.now() - told > TOLD_EVERY_MS) {
      await tellWhether(false);
      told = performance.now();
    }
    if (await onSlice(slice)) return slice;
  }
  if (database.kind === 'embedded') await makeDurable(place, database);
  await tellWhether(true);
  return slice;
}

/** The embedded database leaves its files to the system, which may lose them for longer than a key that is taken away. */
async function makeDurable({ dataDir }: KeyPlace, { prisma }: Database): Promise<void> {
  await prisma.$executeRaw`CHECKPOINT`;
  await syncAll(join(dataDir, POSTGRES));
}

const fileOf = ({ dataDir }: KeyPlace) => join(dataDir, 'keys.json');

async function tell(place: KeyPlace, progress: KeyProgress): Promise<void> {
  await writeDurably(fileOf(place), `${JSON.stringify(progress)}\n`);
}

/** What was told last; `undefined`: nothing that counts. */
export function progressIn(place: KeyPlace): KeyProgress | undefined {
  try {
    const told = parseJson(readFileSync(fileOf(place), 'utf8'));
    const [present, isDone, isAgain] = ['present', 'isDone', 'isAgain'].map((name) => memberOf(told, name));
    const [since, looked, faults] = ['since', 'looked', 'faults'].map((name) => memberOf(told, name));
    return typeof present === 'string' &&
      typeof isDone === 'boolean' &&
      typeof isAgain === 'boolean' &&
      typeof since === 'number' &&
      typeof looked === 'number' &&
      typeof faults === 'number'
      ? { present, since, isDone, isAgain, looked, faults }
      : undefined;
  } catch {
    return undefined;
  }
}
