/** Closes the segments of writers that ended without doing so: their process was killed, or the machine failed. */
import { join } from 'node:path';
import { segmentName } from '../segment/segment-format.js';
import { type ReadBlock, type SegmentRead, endOfFile, readSegment } from '../segment/segment-reader.js';
import { SegmentWriter } from '../segment/segment-writer.js';
import { lockEnded, sequencesIn, writersIn } from '../segment/writer-folder.js';

/** Notifications. */
export type RecoveryNews = {
  /** A block that was being written when the writer ended, so that nobody had been told that it is recorded. */
  readonly onCut: (cut: { readonly file: string; readonly at: number; readonly bytes: number }) => void;
  /** What cannot be closed is left as it is. */
  readonly onNotClosed: (error: unknown) => void;
};

/**
 * @param folder of the record
 * @param now milliseconds since the Unix epoch
 * @throws the system's error when the folder cannot be read
 */
export async function closeAbandoned(folder: string, now: () => number, news: RecoveryNews): Promise<void> {
  for (const writer of await writersIn(folder)) {
    try {
      const lock = await lockEnded(join(folder, writer));
      if (lock === undefined) continue;
      try {
        await closeWriter(join(folder, writer), now, news);
      } finally {
        lock.release();
      }
    } catch (error) {
      news.onNotClosed(error);
    }
  }
}

async function closeWriter(folder: string, now: () => number, news: RecoveryNews): Promise<void> {
  const sequence = (await sequencesIn(folder)).at(-1);
  if (sequence === undefined) return;
  const file = join(folder, segmentName(sequence));
  if ((await endOfFile(file))?.isLast === true) return;
  const read = await readThrough(readSegment(file, true));
  const segment =
    read.end === undefined
      ? await SegmentWriter.resume(file, read)
      : await SegmentWriter.create(folder, {
          ...read.header,
          sequence: sequence + 1,
          firstBlock: read.header.firstBlock + read.tally.blocks,
          openedAt: now(),
          previous: read.digest,
        });
  await segment.end(true);
  if (read.torn > 0) news.onCut({ file, at: read.length, bytes: read.torn });
}

/** What is found at the end, when nothing else is wanted. */
export async function readThrough(
  blocks: AsyncGenerator<ReadBlock, SegmentRead, undefined>,
): Promise<SegmentRead> {
  for (;;) {
    const next = await blocks.next();
    if (next.done === true) return next.value;
  }
}
