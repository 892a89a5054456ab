/** Reads on in a record that is being written, from where somebody stopped reading, and without what is before. */
import { basename, join } from 'node:path';
import { isAccepted } from './lost-segments.js';
import { removedBefore, removedFrom } from './removed-segments.js';
import { segmentName } from './segment-format.js';
import { type ReadBlock, RecordDamage, endOfFile, readSegmentFrom } from './segment-reader.js';
import { sequencesIn } from './writer-folder.js';

/** Where in the record of a writer somebody stopped reading. */
export type Position = {
  /** The segment; 0: nothing was read. */
  readonly sequence: number;
  /** The first byte that was not read; 0: its first block. */
  readonly at: number;
  /** Number of the block that is next. */
  readonly nextBlock: number;
};

export const BEGINNING: Position = { sequence: 0, at: 0, nextBlock: 0 };

export type NextBlock = {
  readonly block: ReadBlock;
  /** After the block. */
  readonly position: Position;
};

/**
 * The blocks of a writer after a position that are on the disk by now, in their order, each once. Where retention removed
 * what comes next, or somebody accepted that it is lost, it goes on with the first segment that is there.
 *
 * @param folder of the writer
 * @throws RecordDamage at a frame that does not hold, and for the first other segment that is missing, unless all of it was read
 */
export async function* blocksAfter(folder: string, position: Position): AsyncGenerator<NextBlock, void> {
  const sequences = await sequencesIn(folder);
  let { nextBlock } = position;
  for (const sequence of sequences) {
    if (sequence < position.sequence) continue;
    for await (const block of blocksOf(folder, sequence, position, sequence === sequences.at(-1))) {
      // what a failed write left is in the next segment again
      if (block.number < nextBlock) continue;
      if (block.number > nextBlock) await expectRemoved(folder, sequences, block);
      nextBlock = block.number + 1;
      yield { block, position: { sequence, at: block.end, nextBlock } };
    }
  }
}

/** Whether its writer closed its last segment, so that nothing can follow. @param folder of the writer */
export async function isClosed(folder: string): Promise<boolean> {
  const last = (await sequencesIn(folder)).at(-1);
  return last !== undefined && (await endOfFile(join(folder, segmentName(last))))?.isLast === true;
}

/** Whether retention removed all of a writer that had ended. @param folder of the writer */
export async function isRemoved(folder: string): Promise<boolean> {
  if ((await sequencesIn(folder)).length > 0) return false;
  const removed = await removedFrom(folder);
  return removed.get(Math.max(...removed.keys()))?.is_last === true;
}

/** @param block the first one of its segment, before which others are missing @throws RecordDamage */
async function expectRemoved(
  folder: string,
  sequences: readonly number[],
  { sequence, number }: ReadBlock,
): Promise<void> {
  const removed = await removedBefore(folder, sequences);
  const before = removed.get(sequence - 1);
  if (before !== undefined && before.first_block + before.blocks === number) return;
  const known = [0, ...removed.keys(), ...sequences].filter((one) => one < sequence);
  if (await isAccepted(folder, { first: Math.max(...known) + 1, last: sequence - 1, next_block: number }))
    return;
  throw new RecordDamage(join(folder, segmentName(sequence - 1)), 0, 'the segment is missing');
}

async function* blocksOf(
  folder: string,
  sequence: number,
  position: Position,
  isLast: boolean,
): AsyncGenerator<ReadBlock, void> {
  const path = join(folder, segmentName(sequence));
  const named = { writer: basename(folder), sequence };
  if (sequence !== position.sequence) return yield* readSegmentFrom(path, named, 0, 0, isLast);
  try {
    yield* readSegmentFrom(path, named, position.at, position.nextBlock, isLast);
  } catch (error) {
    if (!(error instanceof RecordDamage)) throw error;
    // what was read may have been cut off since, because it was not on the disk
    yield* readSegmentFrom(path, named, 0, 0, isLast);
  }
}
