/** What a service does about the key of its store: on the embedded database it replaces it, when the key file has a new one. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../store/database/database.js';
import { KeyReplacement } from '../../store/keys/key-replacement.js';
import { type Chore, Chores } from '../../work/chores.js';
import type { ChoreLog } from '../../work/chore-log.js';
import { newsOf } from '../../work/failing.js';
import { type KeyPlace, MEND_FAULTS, resealAll } from './key-progress.js';

/** How often a service on the embedded database looks at its key file. */
const LOOK_MS = 1_000;
/** How often a process on a server looks at its key file, and which key seals; one that writes learns that at once. */
const LOOK_ON_SERVER_MS = 2_000;

/** Follows the key of the store, beside the answering of questions. */
export function followKeys(place: KeyPlace, database: Database, log: ChoreLog): Chores {
  return new Chores([keyChore(place, database, log)], newsOf(log));
}

export function keyChore(place: KeyPlace, database: Database, log: ChoreLog): Chore {
  const isOnServer = database.kind === 'server';
  let wasFiled = true;
  const tellLoss = ({ current, isFiled }: Database['vault']) => {
    if (isFiled === wasFiled) return;
    wasFiled = isFiled;
    if (isFiled) log.info({ key: current.id }, 'the key file has the key that seals the store again');
    else
      log.error(
        { key: current.id },
        'the key file has lost the key that seals the store: put it back from its copy before this process ends, for none can start without it',
      );
  };
  const replace = isOnServer ? undefined : replacing(place, database, log);
  return {
    name: 'follow the key of the store',
    restMs: isOnServer ? LOOK_ON_SERVER_MS : LOOK_MS,
    restsFirst: true,
    run: async (signal) => {
      const { vault } = database;
      // also what was taken out of the file: nothing is taken any more that such a key sealed
      await vault.lookAgain().catch((error: unknown) => {
        tellLoss(vault);
        throw error;
      });
      // the key that another process has replaced may be out of the file already, and is not to be put back
      if (isOnServer) await database.head.read();
      tellLoss(vault);
      await replace?.(signal);
    },
  };
}

function replacing(
  place: KeyPlace,
  database: Database,
  log: ChoreLog,
): (signal: AbortSignal) => Promise<void> {
  const { vault } = database;
  const replacement = new KeyReplacement(database);
  /** The key that this process has sealed everything with. */
  let done: string | undefined;
  return async (signal) => {
    if ((await replacement.waiting()) !== undefined) {
      await replacement.begin();
      log.info({ key: vault.current.id }, 'the store is sealed with a new key from now on');
    }
    const { id } = vault.current;
    if (done === id || vault.ring.length === 1) return;
    let last = performance.now();
    let isLeft = false;
    const { resealed, faults } = await resealAll(place, database, async () => {
      // as long a rest as the slice took: questions go first
      await delay(performance.now() - last, undefined, { signal }).catch(() => undefined);
      last = performance.now();
      isLeft = signal.aborted || (await replacement.waiting()) !== undefined;
      return isLeft;
    });
    if (isLeft) return;
    done = id;
    if (resealed > 0) log.info({ key: id, resealed }, 'everything is sealed with the new key');
    if (faults.size > 0)
      log.error({ rows: [...faults] }, `no key of the file opens these rows: ${MEND_FAULTS}`);
  };
}
