/** A record that is not as it was written is found out, and the exact place is named. */
import { copyFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Recorder } from '../../../src/record/keeping/recorder.js';
import { type WriterRead, readWriter } from '../../../src/record/segment/record-reader.js';
import { END_BYTES, MAGIC, segmentName } from '../../../src/record/segment/segment-format.js';
import { RecordDamage, readSegment } from '../../../src/record/segment/segment-reader.js';
import { isLong } from '../../times.js';
import { listener, newFolder, question, remove } from './folders.js';
import { take } from './records.js';

const SEGMENTS = 3;
const BLOCKS = 5;
const ALL_BITS = [1, 2, 4, 8, 16, 32, 64, 128];

type Seen = { readonly requests: string[]; readonly end: WriterRead };

async function readAll(folder: string): Promise<Seen> {
  const requests: string[] = [];
  const blocks = readWriter(folder);
  for (;;) {
    const next = await blocks.next();
    if (next.done === true) return { requests, end: next.value };
    for (const { entry } of next.value.entries()) requests.push(entry.request);
  }
}

async function damageIn(folder: string): Promise<{ file: string; at: number; fault: string }> {
  const damage: unknown = await readAll(folder).catch((error: unknown) => error);
  if (!(damage instanceof RecordDamage)) throw new Error('no damage was found');
  const { file, at, fault } = damage;
  return { file, at, fault };
}

/** Segments of two, two blocks and one, and the places of their frames. */
async function written(): Promise<{ folder: string; files: string[]; frames: number[][] }> {
  const root = newFolder();
  const settings = { folder: root, log: 'log', isFast: false, segmentBytes: 222 };
  const recorder = await Recorder.open(settings, Date.now, listener().news);
  for (let index = 0; index < BLOCKS; index++) {
    take(recorder, question(`request ${index}`));
    await recorder.settled(true);
  }
  await recorder.close();
  const folder = join(root, recorder.writer);
  const files = Array.from({ length: SEGMENTS }, (_, index) => join(folder, segmentName(index + 1)));
  const frames = await Promise.all(
    files.map(async (file) => {
      const places = [MAGIC.length];
      for await (const { at } of readSegment(file, true)) places.push(at);
      return [...places, readFileSync(file).length - END_BYTES];
    }),
  );
  return { folder, files, frames };
}

let folder: string;
let files: string[];
let frames: number[][];

beforeEach(async () => {
  ({ folder, files, frames } = await written());
});

describe('a record', () => {
  it('is whole as it was written', async () => {
    expect(await readAll(folder)).toEqual({
      requests: Array.from({ length: BLOCKS }, (_, index) => `request ${index}`),
      end: { state: 'closed', torn: 0 },
    });
    expect(frames.map((places) => places.length)).toEqual([4, 4, 3]);
  });

  it('in which any bit is flipped is found out at the frame of the bit', async () => {
    for (const [index, file] of files.entries()) {
      const bytes = readFileSync(file);
      for (let place = 0; place < bytes.length; place++) {
        const at = frames[index]?.findLast((frame) => frame <= place) ?? place;
        for (const bit of isLong ? ALL_BITS : [1 << (place % 8)]) {
          const flipped = Buffer.from(bytes);
          flipped[place] = (flipped[place] ?? 0) ^ bit;
          writeFileSync(file, flipped);
          const isOpenAtItsEnd = index === SEGMENTS - 1 && at === frames[index]?.at(-1);
          // only the very end of the last segment can be what a crash leaves, and is then no end
          if (isOpenAtItsEnd) expect((await readAll(folder)).end).toEqual({ state: 'open', torn: END_BYTES });
          else expect(await damageIn(folder)).toMatchObject({ file, at });
        }
      }
      writeFileSync(file, bytes);
    }
  });

  it('of which a segment is deleted names the segment', async () => {
    for (const file of files.slice(0, -1)) {
      const bytes = readFileSync(file);
      rmSync(file);
      expect(await damageIn(folder)).toEqual({ file, at: 0, fault: 'the segment is missing' });
      writeFileSync(file, bytes);
    }
  });

  it.each([
    ['between others', 2],
    ['at its end', 3],
  ])(
    'of which a segment %s is deleted and noted as removed names it: retention begins at the front',
    async (_, sequence) => {
      await remove(folder, sequence);
      const file = files[sequence - 1];
      expect(await damageIn(folder)).toEqual({ file, at: 0, fault: 'the segment is missing' });
    },
  );

  it('of which retention has removed the first segments, or all, is whole, and says until when', async () => {
    const removed = (segments: number) => ({ removed: { segments, until: expect.any(Number) } });
    await remove(folder, 1);
    expect(await readAll(folder)).toMatchObject({ end: { state: 'closed', ...removed(1) } });
    await remove(folder, 2);
    await remove(folder, 3, { last: 7 });
    const { requests, end } = await readAll(folder);
    expect(requests).toEqual([]);
    expect(end).toMatchObject({ state: 'closed', ...removed(3) });
    expect(end.removed?.until).toBeGreaterThan(7);
  });

  it('of which the last segment is deleted is not closed', async () => {
    rmSync(files[SEGMENTS - 1] ?? '');
    expect((await readAll(folder)).end.state).toBe('open');
  });

  it('in which two segments are swapped names the first', async () => {
    const [one = '', other = ''] = files;
    renameSync(one, `${one}.kept`);
    renameSync(other, one);
    renameSync(`${one}.kept`, other);
    expect(await damageIn(folder)).toMatchObject({ file: one, at: MAGIC.length });
  });

  it('in which two blocks are swapped names the first', async () => {
    for (const [index, file] of files.slice(0, 2).entries()) {
      const bytes = readFileSync(file);
      const [, one = 0, other = 0, end = 0] = frames[index] ?? [];
      const swapped = [bytes.subarray(0, one), bytes.subarray(other, end), bytes.subarray(one, other)];
      writeFileSync(file, Buffer.concat([...swapped, bytes.subarray(end)]));
      const due = `block ${2 * index} is due there, and it has block ${2 * index + 1}`;
      expect(await damageIn(folder)).toEqual({ file, at: one, fault: due });
      writeFileSync(file, bytes);
    }
  });

  it('in which a block is missing names the one after it', async () => {
    const [file = ''] = files;
    const bytes = readFileSync(file);
    const [, one = 0, other = 0] = frames[0] ?? [];
    writeFileSync(file, Buffer.concat([bytes.subarray(0, one), bytes.subarray(other)]));
    expect(await damageIn(folder)).toMatchObject({ file, at: one });
  });

  it('in which a segment is one of another writer, or was written anew, names it', async () => {
    const theirs = await written();
    const [, file = ''] = files;
    copyFileSync(theirs.files[1] ?? '', file);
    expect(await damageIn(folder)).toMatchObject({ file, at: MAGIC.length });
  });

  it('that is cut off anywhere is damaged there, or ends there as after a crash', async () => {
    const whole = await readAll(folder);
    for (const [index, file] of files.entries()) {
      const bytes = readFileSync(file);
      for (let length = bytes.length - 1; length >= 0; length--) {
        truncateSync(file, length);
        const places = frames[index] ?? [];
        const at = places.findLast((frame) => frame <= length) ?? length;
        if (index < SEGMENTS - 1 || length <= (places[1] ?? 0) - 1)
          expect(await damageIn(folder)).toMatchObject({ file, at });
        else {
          const { requests, end } = await readAll(folder);
          expect(end).toEqual({ state: 'open', torn: length - at });
          expect(requests).toEqual(whole.requests.slice(0, 2 * index + places.indexOf(at) - 1));
        }
      }
      writeFileSync(file, bytes);
    }
  });

  it('that ends in bytes made to look like many blocks is damaged there, before all of them are summed up', async () => {
    const file = files.at(-1) ?? '';
    const bytes = readFileSync(file);
    const at = frames.at(-1)?.[1] ?? 0;
    const fake = Buffer.alloc(40);
    fake.writeUInt32LE(10_000, 0);
    fake[8] = 1;
    fake.writeUIntLE(BLOCKS - 1, 9, 6);
    writeFileSync(
      file,
      Buffer.concat([bytes.subarray(0, at), Buffer.from([0]), ...Array.from({ length: 1_000 }, () => fake)]),
    );
    const fault = 'a frame does not hold, and what follows it is not what a crash leaves';
    expect(await damageIn(folder)).toEqual({ file, at, fault });
  });

  it('that another version wrote says so', async () => {
    const [file = ''] = files;
    const bytes = readFileSync(file);
    bytes[MAGIC.length - 1] = 9;
    writeFileSync(file, bytes);
    const fault = 'it has format 9, which this build does not know';
    expect(await damageIn(folder)).toEqual({ file, at: MAGIC.length - 1, fault });
  });
});
