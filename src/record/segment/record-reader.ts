/** Reads all segments of a writer, and checks that none between them is missing, swapped or replaced. */
import { basename, join } from 'node:path';
import { removedBefore, removedFrom } from './removed-segments.js';
import { NOTHING_BEFORE, segmentName } from './segment-format.js';
import { type ReadBlock, RecordDamage, readSegment } from './segment-reader.js';
import { sequencesIn } from './writer-folder.js';

/** How a writer's record ends. */
export type WriterRead = {
  /** `open`: it writes, or ended without closing its last segment; `closed`: nothing can follow. */
  readonly state: 'open' | 'closed';
  /** Bytes of a block that was being written. */
  readonly torn: number;
  /** What retention has removed, by what it noted; absent: nothing. */
  readonly removed?: {
    readonly segments: number;
    /** The latest time of a record, in milliseconds since the Unix epoch. */
    readonly until: number;
    /** Number of the first block after them. */
    readonly nextBlock: number;
  };
};

/** The segment before. */
type Link = { readonly digest: Buffer; readonly nextBlock: number; readonly isLast: boolean };

const FIRST: Link = { digest: NOTHING_BEFORE, nextBlock: 0, isLast: false };

/**
 * The blocks of a writer, in their order, from the first segment that was not removed by retention.
 *
 * @param folder of the writer
 * @throws RecordDamage at the first frame that does not hold, and for the first segment that is missing
 */
export async function* readWriter(folder: string): AsyncGenerator<ReadBlock, WriterRead, undefined> {
  const sequences = await sequencesIn(folder);
  const removed = await removedBefore(folder, sequences);
  const there = new Set(sequences);
  const last = Math.max(0, ...sequences, ...(await removedFrom(folder)).keys());
  let before = FIRST;
  let torn = 0;
  let isOpen = true;
  for (let sequence = 1; sequence <= last; sequence++) {
    const path = join(folder, segmentName(sequence));
    const line = removed.get(sequence);
    if (there.has(sequence)) {
      if (before.isLast) throw new RecordDamage(path, 0, 'the writer had ended before it');
      const expected = {
        writer: basename(folder),
        sequence,
        firstBlock: before.nextBlock,
        previous: before.digest,
      };
      const read = yield* readSegment(path, sequence === last, expected);
      const { end, header, tally, digest } = read;
      before = { digest, nextBlock: header.firstBlock + tally.blocks, isLast: end?.isLast === true };
      torn = read.torn;
      isOpen = end === undefined;
    } else if (line !== undefined) {
      before = {
        digest: Buffer.from(line.hash, 'hex'),
        nextBlock: line.first_block + line.blocks,
        isLast: line.is_last,
      };
      isOpen = false;
    } else throw new RecordDamage(path, 0, 'the segment is missing');
  }
  // closed, and the next one is not there: that is a moment of a writer that goes on, and else a segment that is missing
  const state = isOpen || !before.isLast ? 'open' : 'closed';
  if (removed.size === 0) return { state, torn };
  const lines = [...removed.values()];
  const until = Math.max(...lines.map(({ last }) => last));
  const nextBlock = Math.max(...lines.map(({ first_block, blocks }) => first_block + blocks));
  return { state, torn, removed: { segments: removed.size, until, nextBlock } };
}
