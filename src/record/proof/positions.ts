/** How far the sealer has come with each writer, as a file for each size of the log that it may go on from. */
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { whereMissing } from '../../disk.js';
import { memberOf, parseJson } from '../../json.js';
import type { WriteWhole } from '../../durable.js';
import type { Position } from '../segment/record-tail.js';
import { isWriter } from '../segment/segment-format.js';

/** By writer. */
export type Positions = ReadonlyMap<string, Position>;

const FOLDER = 'positions';
const NAME = /^\d{1,16}\.json$/;

/**
 * Writes the positions at a size, and removes those that nobody needs any more.
 *
 * @param folder of the log
 * @param before the size that was signed last
 */
export async function keepPositions(
  folder: string,
  size: number,
  before: number,
  writers: Positions,
  write: WriteWhole,
): Promise<void> {
  const places = [...writers].map(([writer, { sequence, at, nextBlock }]) => [
    writer,
    [sequence, at, nextBlock],
  ]);
  const text = JSON.stringify({ writers: Object.fromEntries(places) });
  await write(pathOf(folder, size), Buffer.from(`${text}\n`));
  const needed = [size, before].map(nameOf);
  for (const name of await readdir(join(folder, FOLDER)))
    if (NAME.test(name) && !needed.includes(name)) await rm(join(folder, FOLDER, name));
}

/** The positions at a size; `undefined` when they were not kept, or cannot be read. @throws the system's error */
export async function keptPositions(folder: string, size: number): Promise<Positions | undefined> {
  const text = await readFile(pathOf(folder, size), 'utf8').catch(whereMissing(undefined));
  try {
    return text === undefined ? undefined : positionsIn(parseJson(text));
  } catch {
    return undefined;
  }
}

function positionsIn(value: unknown): Positions | undefined {
  const writers = memberOf(value, 'writers');
  if (typeof writers !== 'object' || writers === null) return undefined;
  const positions = Object.entries(writers).map(([writer, place]): [string, Position] | undefined => {
    const numbers: unknown[] = Array.isArray(place) ? place : [];
    const [sequence, at, nextBlock] = numbers.map((number) =>
      Number.isSafeInteger(number) ? Number(number) : NaN,
    );
    if (sequence === undefined || at === undefined || nextBlock === undefined) return undefined;
    return isWriter(writer) && sequence + at + nextBlock >= 0
      ? [writer, { sequence, at, nextBlock }]
      : undefined;
  });
  const read = positions.filter((position) => position !== undefined);
  return read.length < positions.length ? undefined : new Map(read);
}

function pathOf(folder: string, size: number): string {
  return join(folder, FOLDER, nameOf(size));
}

function nameOf(size: number): string {
  return `${size}.json`;
}
