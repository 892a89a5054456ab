/** What a record says that the ledger has not counted: after a restore, of people whom the log has never known. */
import { join } from 'node:path';
import { whereMissing } from '../disk.js';
import type { RecordEntry } from '../record/record-entry.js';
import { BEGINNING, type Position, blocksAfter } from '../record/segment/record-tail.js';
import { RecordDamage } from '../record/segment/segment-reader.js';
import { writersIn } from '../record/segment/writer-folder.js';
import type { UseStore } from './uses.store.js';

/** A consent log, as far as it gives numbers to users. */
type Numbering = {
  readonly tokens: { readonly logName: string };
  /** The last number that was given. */
  end(): Promise<{ readonly subject: number }>;
  /** Gives no number up to this one any more. */
  passOver(number: number): Promise<void>;
};

/**
 * Has the log give nobody a number that the record has for somebody whom the log does not know. To be called before anybody
 * is registered, and any use counted.
 *
 * @returns how many numbers it passed over
 */
export async function passOverLost(
  folder: string,
  log: Numbering,
  store: Pick<UseStore, 'cursors'>,
): Promise<number> {
  const highest = await highestUncounted(folder, log.tokens.logName, store);
  // after that: who is registered elsewhere meanwhile is in it
  const { subject } = await log.end();
  if (highest <= subject) return 0;
  await log.passOver(highest);
  return highest - subject;
}

/**
 * The highest number of a user that will be counted of the records until now; 0: none. To be called before any is counted:
 * a log that was put back to an older copy would give the numbers that it has lost to others, and their uses with them.
 *
 * @param folder of the record
 * @param log the consent log whose users they are
 */
export async function highestUncounted(
  folder: string,
  log: string,
  store: Pick<UseStore, 'cursors'>,
): Promise<number> {
  const writers = await writersIn(folder).catch(whereMissing([]));
  const cursors = await store.cursors(writers);
  let highest = 0;
  for (const writer of writers) {
    const cursor = cursors.get(writer);
    if (cursor?.hasEnded === true) continue;
    highest = Math.max(highest, await highestAfter(join(folder, writer), cursor ?? BEGINNING, log));
  }
  return highest;
}

async function highestAfter(folder: string, position: Position, log: string): Promise<number> {
  let highest = 0;
  try {
    for await (const { block } of blocksAfter(folder, position)) {
      if (block.log !== log) break;
      for (const { entry } of block.entries())
        for (const number of numbersIn(entry)) highest = Math.max(highest, number);
    }
  } catch (error) {
    // nothing after a damage is counted
    if (!(error instanceof RecordDamage)) throw error;
  }
  return highest;
}

function* numbersIn(entry: RecordEntry): Generator<number, void> {
  if (typeof entry.onBehalfOf === 'number') yield entry.onBehalfOf;
  // a set ascends
  if (entry.kind === 'users') for (const { users } of entry.sets) yield users.at(-1) ?? 0;
  else for (const { person } of entry.decisions) if (typeof person === 'number') yield person;
}
