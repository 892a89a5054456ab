/** Reads on in a record that is being written, from where somebody stopped reading, and without what is before. */
import { join } from 'node:path';
import { segmentName } from './segment-format.js';
import { type ReadBlock, RecordDamage, readSegmentFrom } from './segment-reader.js';
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
 * The blocks of a writer after a position that are on the disk by now, in their order, each once. Where the segment of the
 * position was removed, it goes on with the first one that is there.
 *
 * @param folder of the writer
 * @throws RecordDamage at a frame of a closed segment that does not hold
 */
export async function* blocksAfter(folder: string, position: Position): AsyncGenerator<NextBlock, void> {
  const sequences = (await sequencesIn(folder)).filter((sequence) => sequence >= position.sequence);
  const last = sequences.at(-1);
  let { nextBlock } = position;
  for (const sequence of sequences)
    for await (const block of blocksOf(folder, sequence, position, sequence === last)) {
      // what a failed write left is in the next segment again
      if (block.number < nextBlock) continue;
      nextBlock = block.number + 1;
      yield { block, position: { sequence, at: block.end, nextBlock } };
    }
}

async function* blocksOf(
  folder: string,
  sequence: number,
  position: Position,
  isLast: boolean,
): AsyncGenerator<ReadBlock, void> {
  const path = join(folder, segmentName(sequence));
  if (sequence !== position.sequence) return yield* readSegmentFrom(path, 0, 0, isLast);
  try {
    yield* readSegmentFrom(path, position.at, position.nextBlock, isLast);
  } catch (error) {
    if (!(error instanceof RecordDamage)) throw error;
    // what was read may have been cut off since, because it was not on the disk
    yield* readSegmentFrom(path, 0, 0, isLast);
  }
}
