import { join } from 'node:path';
import { diskFaultOf } from '../../disk.js';
import { type ReadBlock, RecordDamage } from '../../record/segment/segment-reader.js';
import { type WriterRead, readWriter } from '../../record/segment/record-reader.js';
import { writersIn } from '../../record/segment/writer-folder.js';
import { DAY_MS } from '../../time.js';
import { UsageError } from '../terminal.js';

/** Where a service with the same settings keeps its record. */
export const USUAL_FOLDER = process.env['RECORD_DIR'] ?? join(process.env['DATA_DIR'] ?? '.data', 'record');

/** How the help of a command says `--days`. */
export const DAYS_HELP = `after how many days records were deleted, 0 for never; default RECORD_DAYS, else 90`;

/**
 * What is not older must still be there.
 *
 * @param days after which records are deleted
 * @returns milliseconds since the Unix epoch
 * @throws UsageError
 */
export function keptSince(days = process.env['RECORD_DAYS'] ?? '90'): number {
  if (!/^\d{1,5}$/.test(days))
    throw new UsageError(`\`--days ${days}\` is no number of days: give one from 0 on`);
  // a day less: clocks differ, and retention goes on meanwhile
  return Number(days) === 0 ? 0 : Date.now() - (Number(days) - 1) * DAY_MS;
}

/** What one writer has written, or where it does not hold. */
export type WriterFound = {
  readonly writer: string;
  readonly decisions: number;
  readonly blocks: number;
  readonly state: 'open' | 'closed';
  /** Bytes of a block that was being written. */
  readonly torn: number;
  readonly removed?: WriterRead['removed'];
  readonly damage?: string;
};

/**
 * Reads a record through, writer by writer.
 *
 * @param take gets every block that holds
 * @throws Error with a message for people when the folder cannot be read
 */
export async function* readRecord(
  folder: string,
  take: (block: ReadBlock) => void | Promise<void>,
): AsyncGenerator<WriterFound, void> {
  for (const writer of await named(folder, writersIn(folder))) {
    let decisions = 0;
    let blocks = 0;
    const reading = readWriter(join(folder, writer));
    try {
      let next = await reading.next();
      for (; next.done !== true; next = await reading.next()) {
        await take(next.value);
        decisions += next.value.decisions;
        blocks++;
      }
      yield { writer, decisions, blocks, ...next.value };
    } catch (error) {
      if (!(error instanceof RecordDamage)) throw error;
      yield { writer, decisions, blocks, state: 'open', torn: 0, damage: error.message };
    }
  }
}

async function named<T>(folder: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    const fault = diskFaultOf(cause) ?? 'it is no folder of a record';
    throw new Error(`cannot read the record in \`${folder}\`: ${fault}`, { cause });
  }
}
