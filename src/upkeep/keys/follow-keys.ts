/** What a service does about the key of its store: on the embedded database it replaces it, when the key file has a new one. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../store/database/database.js';
import { KeyReplacement } from '../../store/keys/key-replacement.js';
import { Chores } from '../../work/chores.js';
import type { ChoreLog } from '../chore-log.js';
import { type KeyPlace, progressIn, resealAll } from './key-progress.js';

/** How often a service on the embedded database looks at its key file. */
const LOOK_MS = 1_000;
/** How often a process on a server looks which key seals; one that writes learns it at once. */
const LOOK_AT_HEAD_MS = 10_000;

/** Follows the key of the store, beside the answering of questions. */
export function followKeys(place: KeyPlace, database: Database, log: ChoreLog): Chores {
  const [restMs, run] =
    database.kind === 'server'
      ? [LOOK_AT_HEAD_MS, async () => void (await database.head.read())]
      : [LOOK_MS, (signal: AbortSignal) => replaceHere(place, database, log, signal)];
  return new Chores([{ name: 'follow the key of the store', restMs, restsFirst: true, run }], {
    onTrouble: (name, error) => log.warn({ err: error }, `could not ${name}: trying again`),
  });
}

async function replaceHere(
  place: KeyPlace,
  database: Database,
  log: ChoreLog,
  signal: AbortSignal,
): Promise<void> {
  const { vault } = database;
  const replacement = new KeyReplacement(database);
  if (replacement.waiting() !== undefined) {
    await replacement.begin();
    log.info({ key: vault.current.id }, 'the store is sealed with a new key from now on');
  }
  const told = progressIn(place);
  const isDone = told?.present === vault.current.id && told.isDone;
  if (isDone || vault.ring.length === 1) return;
  let last = performance.now();
  const { resealed } = await resealAll(place, database, async () => {
    // as long a rest as the slice took: questions go first
    await delay(performance.now() - last, undefined, { signal }).catch(() => undefined);
    last = performance.now();
    return signal.aborted;
  });
  if (!signal.aborted) log.info({ key: vault.current.id, resealed }, 'everything is sealed with the new key');
}
