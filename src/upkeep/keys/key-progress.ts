/** How far everything is sealed with the present key, for who cannot open the database beside the service. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.js';
import { memberOf, parseJson } from '../../json.js';
import type { Database } from '../../store/database/database.js';
import { KeyReplacement, type Slice } from '../../store/keys/key-replacement.js';
import { writeDurably } from '../../tlog/durable-file.js';

export type KeyPlace = Pick<Config, 'dataDir' | 'keyFile'>;

export type KeyProgress = {
  /** The id of the key that seals. */
  readonly present: string;
  /** Whether nothing is left that only a former key opens. */
  readonly isDone: boolean;
  /** Rows that were looked at. */
  readonly looked: number;
};

const TOLD_EVERY_MS = 200;

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
  let slice: Slice = { table: '', looked: 0, resealed: 0 };
  let told = -Infinity;
  for await (slice of new KeyReplacement(database).pass()) {
    if (performance.now() - told > TOLD_EVERY_MS) {
      await tell(place, { present, isDone: false, looked: slice.looked });
      told = performance.now();
    }
    if (await onSlice(slice)) return slice;
  }
  await tell(place, { present, isDone: true, looked: slice.looked });
  return slice;
}

const fileOf = ({ dataDir }: KeyPlace) => join(dataDir, 'keys.json');

async function tell(place: KeyPlace, progress: KeyProgress): Promise<void> {
  await writeDurably(fileOf(place), Buffer.from(`${JSON.stringify(progress)}\n`));
}

/** What was told last; `undefined`: nothing that counts. */
export function progressIn(place: KeyPlace): KeyProgress | undefined {
  try {
    const told = parseJson(readFileSync(fileOf(place), 'utf8'));
    const [present, isDone, looked] = ['present', 'isDone', 'looked'].map((name) => memberOf(told, name));
    return typeof present === 'string' && typeof isDone === 'boolean' && typeof looked === 'number'
      ? { present, isDone, looked }
      : undefined;
  } catch {
    return undefined;
  }
}
