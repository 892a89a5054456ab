/** What is left of segments that were kept long enough: a line each, so that they are told from ones that are missing. */
import { join } from 'node:path';
import { timeText } from '../../time.js';
import { noteLine, notedIn } from './noted-lines.js';
import type { SegmentTally } from './segment-format.js';

/** Times in milliseconds since the Unix epoch. */
export type RemovedSegment = SegmentTally & {
  readonly sequence: number;
  /** Number of its first block. */
  readonly first_block: number;
  /** SHA-256 of the file, in hexadecimal. */
  readonly hash: string;
  readonly is_last: boolean;
};

const NAME = 'removed.jsonl';
const NUMBERS = ['sequence', 'first_block', 'blocks', 'decisions', 'first', 'last'] as const;
const HASH = /^[0-9a-f]{64}$/;

/** The line is on the disk, and can be read, when it resolves. @throws the system's error */
export async function noteRemoved(folder: string, segment: RemovedSegment): Promise<void> {
  await noteLine(join(folder, NAME), segment);
  if (!(await removedFrom(folder)).has(segment.sequence))
    throw new Error(`\`${join(folder, NAME)}\` does not say what was written to it: look at the disk`);
}

/**
 * Those of which the line tells that nothing is missing: retention removes a writer's segments from the first one on.
 *
 * @param sequences of the segments that are there, ascending
 * @throws the system's error
 */
export async function removedBefore(
  folder: string,
  [first = Infinity]: readonly number[],
): Promise<Map<number, RemovedSegment>> {
  return new Map([...(await removedFrom(folder))].filter(([sequence]) => sequence < first));
}

/** Says it. @param until the latest time of a record among them */
export function removedTooEarly(what: string, until: number): string {
  return `removed too early: ${what}, with records until ${timeText(until)}, which RECORD_DAYS keeps; restore them from a copy`;
}

/** By sequence. A line that is none is left out: what it should tell is then missing. @throws the system's error */
export async function removedFrom(folder: string): Promise<Map<number, RemovedSegment>> {
  const segments = await notedIn(join(folder, NAME), isRemoved);
  return new Map(segments.map((segment) => [segment.sequence, segment]));
}

function isRemoved(value: unknown): value is RemovedSegment {
  if (typeof value !== 'object' || value === null) return false;
  const has: Record<string, unknown> = { ...value };
  return (
    NUMBERS.every((name) => Number.isSafeInteger(has[name])) &&
    typeof has['hash'] === 'string' &&
    HASH.test(has['hash']) &&
    typeof has['is_last'] === 'boolean'
  );
}
