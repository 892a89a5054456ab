/** Segments that are gone for good, and who accepted that: a line each. Whoever counts or seals the record reads on after them. */
import { join } from 'node:path';
import { memberOf } from '../../json.js';
import { noteLine, notedIn } from './noted-lines.js';
import { removedBefore } from './removed-segments.js';
import { segmentName } from './segment-format.js';
import { readSegmentFrom } from './segment-reader.js';
import { sequencesIn } from './writer-folder.js';

/** Segments that follow one another. */
export type LostSegments = {
  readonly first: number;
  readonly last: number;
  /** Number of the first block after them. */
  readonly next_block: number;
};

/** That somebody accepted that they are lost. */
export type AcceptedLoss = LostSegments & {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly by: string;
  readonly because: string;
};

const NAME = 'lost.jsonl';

/**
 * What is missing before segments of a writer that have blocks, and was not removed by retention.
 *
 * @param folder of the writer
 * @throws RecordDamage at a segment after them that does not hold
 */
export async function missingFrom(folder: string, writer: string): Promise<LostSegments[]> {
  const sequences = await sequencesIn(folder);
  const removed = await removedBefore(folder, sequences);
  const missing: LostSegments[] = [];
  let due = Math.max(0, ...removed.keys()) + 1;
  for (const sequence of sequences) {
    const next_block = await firstBlockOf(join(folder, segmentName(sequence)), writer, sequence);
    if (next_block === undefined) continue;
    if (sequence > due) missing.push({ first: due, last: sequence - 1, next_block });
    due = sequence + 1;
  }
  return missing;
}

/** On the disk when it resolves. @throws the system's error */
export function acceptLoss(folder: string, loss: AcceptedLoss): Promise<void> {
  return noteLine(join(folder, NAME), loss);
}

/** A line that is none is left out. @param folder of the writer @throws the system's error */
export function acceptedIn(folder: string): Promise<AcceptedLoss[]> {
  return notedIn(join(folder, NAME), isAcceptedLoss);
}

/** Whether all of them were accepted as lost: what goes missing beside such segments later was not. */
export async function isAccepted(
  folder: string,
  { first, last, next_block }: LostSegments,
): Promise<boolean> {
  return (await acceptedIn(folder)).some(
    (loss) => loss.first <= first && loss.last === last && loss.next_block === next_block,
  );
}

async function firstBlockOf(path: string, writer: string, sequence: number): Promise<number | undefined> {
  for await (const { number } of readSegmentFrom(path, { writer, sequence }, 0, 0, true)) return number;
  return undefined;
}

function isAcceptedLoss(value: unknown): value is AcceptedLoss {
  return (
    ['first', 'last', 'next_block', 'at'].every((name) => Number.isSafeInteger(memberOf(value, name))) &&
    ['by', 'because'].every((name) => typeof memberOf(value, name) === 'string')
  );
}
