/** Who reads a record while it is written gets every block once, whatever happens to the segments meanwhile. */
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { Recorder } from '../../../src/record/keeping/recorder.js';
import { closeAbandoned, readThrough } from '../../../src/record/keeping/recovery.js';
import { readWriter } from '../../../src/record/segment/record-reader.js';
import { BEGINNING, type Position, blocksAfter } from '../../../src/record/segment/record-tail.js';
import { acceptLoss, missingFrom } from '../../../src/record/segment/lost-segments.js';
import { END_BYTES, MAGIC, headerBytes, segmentName } from '../../../src/record/segment/segment-format.js';
import { RecordDamage, readSegment } from '../../../src/record/segment/segment-reader.js';
import { writersIn } from '../../../src/record/segment/writer-folder.js';
import { listener, newFolder, opened, question, remove, write } from './folders.js';
import { take } from './records.js';

/** The requests after a position, and the position after them. */
async function readOn(folder: string, position: Position): Promise<readonly [string[], Position]> {
  const requests: string[] = [];
  let last = position;
  for await (const next of blocksAfter(folder, position)) {
    for (const { entry } of next.block.entries()) requests.push(entry.request);
    last = next.position;
  }
  return [requests, last];
}

/** The same, as far as it holds. */
async function readUntilFault(folder: string, position: Position): Promise<readonly [string[], string]> {
  const requests: string[] = [];
  try {
    for await (const { block } of blocksAfter(folder, position))
      for (const { entry } of block.entries()) requests.push(entry.request);
  } catch (error) {
    expect(error).toBeInstanceOf(RecordDamage);
    return [requests, String(error)];
  }
  return [requests, 'no fault'];
}

/** The folder of a writer that has ended, with the requests 0 to 4 in segments of two, two and one. */
async function written(): Promise<string> {
  const folder = newFolder();
  const settings = { folder, log: 'log', isFast: false, segmentBytes: 222 };
  const recorder = await Recorder.open(settings, Date.now, listener().news);
  for (let index = 0; index < 5; index++) {
    take(recorder, question(`${index}`));
    await recorder.settled(true);
  }
  await recorder.close();
  return join(folder, recorder.writer);
}

function segment(own: string, sequence: number): string {
  return join(own, segmentName(sequence));
}

/** Where the frames of the blocks begin. */
async function placesIn(file: string): Promise<number[]> {
  const places: number[] = [];
  for await (const { at } of readSegment(file, true)) places.push(at);
  return places;
}

function flipAt(file: string, place: number): void {
  const bytes = readFileSync(file);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

async function onlyWriter(folder: string): Promise<string> {
  const [writer = ''] = await writersIn(folder);
  return join(folder, writer);
}

test('a block that was read and then cut off, because its write failed, is not read twice', async () => {
  const folder = newFolder();
  const { recording, close } = await opened(folder, listener().news);
  for (const request of ['first', 'second']) {
    take(recording, question(request));
    await recording.settled(true);
  }
  const own = await onlyWriter(folder);
  const first = join(own, '00000001.rec');
  const blocks = [];
  for await (const block of readWriter(own)) blocks.push(block);
  const whole = readFileSync(first);
  const [read, position] = await readOn(own, BEGINNING);
  expect(read).toEqual(['first', 'second']);
  await close();

  // as the writer leaves it: the first segment ends before the second block, which begins the next one
  writeFileSync(first, whole.subarray(0, blocks[1]?.at));
  await closeAbandoned(folder, Date.now, listener().news);
  const other = newFolder();
  await write(other, [question('x'), question('second'), question('third')]);
  const path = join(await onlyWriter(other), '00000001.rec');
  const { header } = await readThrough(readSegment(path, false));
  const named = headerBytes({ ...header, writer: basename(own), sequence: 2 });
  writeFileSync(
    join(own, '00000002.rec'),
    Buffer.concat([named, readFileSync(path).subarray(headerBytes(header).length)]),
  );
  expect(await readOn(own, position)).toMatchObject([['third'], { sequence: 2, nextBlock: 3 }]);
});

test('who comes back after segments were removed goes on with the first that is there', async () => {
  const own = await written();
  for (const sequence of [1, 2]) await remove(own, sequence);
  expect((await readOn(own, BEGINNING))[0]).toEqual(['4']);
  expect((await readOn(own, { sequence: 1, at: 0, nextBlock: 1 }))[0]).toEqual(['4']);
  await remove(own, 3);
  expect(await readOn(own, BEGINNING)).toEqual([[], BEGINNING]);
});

test('who has read all of a segment that is gone since misses nothing', async () => {
  const own = await written();
  rmSync(segment(own, 1));
  expect((await readOn(own, { sequence: 1, at: 1_000_000, nextBlock: 2 }))[0]).toEqual(['2', '3', '4']);
});

test.each([
  ['the first one', [1], BEGINNING],
  ['one in between', [2], BEGINNING],
  ['the one that was being read', [1], { sequence: 1, at: 0, nextBlock: 1 }],
  ['one in between, noted as if retention had removed it', [2], BEGINNING, 'noted'],
])('of segments of which %s is missing nothing is read past it', async (_which, missing, from, noted?) => {
  const own = await written();
  for (const sequence of missing)
    if (noted === undefined) rmSync(segment(own, sequence));
    else await remove(own, sequence);
  const [requests, fault] = await readUntilFault(own, from);
  expect(fault).toContain(
    `\`${segment(own, Math.max(...missing))}\` is damaged at byte 0: the segment is missing`,
  );
  expect(requests).toEqual(missing[0] === 1 ? [] : ['0', '1']);
});

test('what somebody accepted as lost is read past, and nothing else', async () => {
  const own = await written();
  rmSync(segment(own, 1));
  const [lost] = await missingFrom(own, basename(own));
  expect(lost).toEqual({ first: 1, last: 1, next_block: 2 });
  await acceptLoss(own, { first: 1, last: 1, next_block: 2, at: 1, by: 'olga', because: 'a disk died' });
  expect((await readOn(own, BEGINNING))[0]).toEqual(['2', '3', '4']);
  rmSync(segment(own, 2));
  expect(await readUntilFault(own, BEGINNING)).toEqual([
    [],
    expect.stringContaining('the segment is missing'),
  ]);
  expect(await missingFrom(own, basename(own))).toEqual([{ first: 1, last: 2, next_block: 4 }]);
});

test('what goes missing before what was accepted as lost was accepted by nobody', async () => {
  const own = await written();
  rmSync(segment(own, 2));
  await acceptLoss(own, { first: 2, last: 2, next_block: 4, at: 1, by: 'olga', because: 'a disk died' });
  expect((await readOn(own, BEGINNING))[0]).toEqual(['0', '1', '4']);
  rmSync(segment(own, 1));
  expect(await readUntilFault(own, BEGINNING)).toEqual([
    [],
    expect.stringContaining('the segment is missing'),
  ]);
});

test('a frame that does not hold is named, in whichever segment it is, and what is before it is read', async () => {
  const own = await written();
  for (const sequence of [1, 2, 3]) {
    const file = segment(own, sequence);
    const bytes = readFileSync(file);
    const places = await placesIn(file);
    for (const at of [MAGIC.length, ...places])
      for (const place of [at, at + 4, at + 40]) {
        flipAt(file, place);
        const [requests, fault] = await readUntilFault(own, BEGINNING);
        expect(fault).toContain(`\`${file}\` is damaged at byte ${at}: `);
        const before = 2 * (sequence - 1) + Math.max(0, places.indexOf(at));
        expect(requests).toEqual(['0', '1', '2', '3', '4'].slice(0, before));
        writeFileSync(file, bytes);
      }
  }
});

test('what follows the end of a segment is not passed over', async () => {
  const own = await written();
  const file = segment(own, 3);
  const bytes = readFileSync(file);
  const [at = 0] = await placesIn(file);
  writeFileSync(file, Buffer.concat([bytes.subarray(0, at), bytes.subarray(-END_BYTES), bytes.subarray(at)]));
  const [requests, fault] = await readUntilFault(own, BEGINNING);
  expect(requests).toEqual(['0', '1', '2', '3']);
  expect(fault).toContain(`\`${file}\` is damaged at byte ${at + END_BYTES}: something follows its end`);
});

test('of a segment that is being written, what was altered is named, and what is not whole yet is awaited', async () => {
  const folder = newFolder();
  const { recording, close } = await opened(folder, listener().news);
  for (const request of ['first', 'second', 'third']) {
    take(recording, question(request));
    await recording.settled(true);
  }
  const own = await onlyWriter(folder);
  const file = segment(own, 1);
  const whole = readFileSync(file);
  const [, second = 0, third = 0] = await placesIn(file);
  flipAt(file, second + 40);
  const [requests, fault] = await readUntilFault(own, BEGINNING);
  expect(requests).toEqual(['first']);
  expect(fault).toContain(`\`${file}\` is damaged at byte ${second}: `);
  writeFileSync(file, whole);
  const [, position] = await readOn(own, BEGINNING);
  for (const length of [third + 1, third + 8, third + 9, whole.length - 1]) {
    truncateSync(file, length);
    expect((await readOn(own, BEGINNING))[0]).toEqual(['first', 'second']);
    // who has read what was cut off since
    expect(await readOn(own, position)).toEqual([[], position]);
    writeFileSync(file, whole);
  }
  await close();
});
