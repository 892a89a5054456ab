/** A ledger is counted up to where a record is damaged, and claims to be complete no further. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { LATEST } from '../../../src/ledger/user-uses.js';
import { Roller } from '../../../src/ledger/roller.js';
import { Recorder } from '../../../src/record/keeping/recorder.js';
import { closeAbandoned } from '../../../src/record/keeping/recovery.js';
import { acceptLoss, missingFrom } from '../../../src/record/segment/lost-segments.js';
import { segmentName } from '../../../src/record/segment/segment-format.js';
import { readSegment } from '../../../src/record/segment/segment-reader.js';
import { writersIn } from '../../../src/record/segment/writer-folder.js';
import { MemoryFailedVerificationStore } from '../../memory/memory-failed-verifications.store.js';
import { MemoryUseStore } from '../../memory/memory-use.store.js';
import { listener, newFolder, question, remove, write } from '../record/folders.js';
import { take } from '../record/records.js';

const FIRST = Date.UTC(2027, 0, 31);
const NOW = FIRST + 60_000;

let folder: string;
let store: MemoryUseStore;
let damages: MemoryFailedVerificationStore;
/** Writers that were told of as of another log. */
let foreign: string[];

const roll = (now = NOW) =>
  new Roller(
    { folder, log: 'log', days: 90, rows: 100 },
    store,
    () => now,
    (writer) => void foreign.push(writer),
    damages,
  ).run();

/** How often data was used, by the ledger. */
async function counted(): Promise<number> {
  const all = await store.totals({ fromDay: 0, toDay: LATEST.day }, LATEST, 100);
  return all.reduce((sum, { count }) => sum + count, 0);
}

async function segmentOf(writer: string): Promise<{ file: string; bytes: Buffer; places: number[] }> {
  const file = join(folder, writer, segmentName(1));
  const places: number[] = [];
  for await (const { at } of readSegment(file, true)) places.push(at);
  return { file, bytes: readFileSync(file), places };
}

function flipped(bytes: Buffer, place: number): Buffer {
  const other = Buffer.from(bytes);
  other[place] = (other[place] ?? 0) ^ 1;
  return other;
}

beforeEach(() => {
  folder = newFolder();
  store = new MemoryUseStore();
  foreign = [];
  damages = new MemoryFailedVerificationStore();
});

test('a damage in the last segment of a writer that ended is named, and nothing counts as complete past it', async () => {
  await write(
    folder,
    [0, 1, 2].map((index) => question(`${index}`, FIRST + index)),
  );
  const [writer = ''] = await writersIn(folder);
  await write(folder, [question('of another process', FIRST)]);
  const { file, bytes, places } = await segmentOf(writer);
  for (const [place, at] of places.entries()) {
    store = new MemoryUseStore();
    writeFileSync(file, flipped(bytes, at + 40));
    await expect(roll()).rejects.toThrow(`the record \`${file}\` is damaged at byte ${at}: `);
    expect(await counted()).toBe(place + 1);
    const until = place === 0 ? 0 : FIRST + place - 1;
    expect(await store.completeUntil()).toBe(until);
    await expect(roll(NOW + 1)).rejects.toThrow('is damaged at byte');
    expect(await store.completeUntil()).toBe(until);
    expect(await damages.all()).toEqual([
      {
        of: `record/${writer}`,
        at: expect.any(Number),
        because: expect.stringContaining(`damaged at byte ${at}: `),
        by: null,
      },
    ]);

    writeFileSync(file, bytes);
    await roll();
    expect(await damages.all()).toEqual([]);
    expect(await counted()).toBe(4);
    expect(await store.completeUntil()).toBe(NOW);
  }
});

test('a segment that is lost for good holds up what follows it until somebody accepts that; what was counted of it stays', async () => {
  const settings = { folder, log: 'log', isFast: false, segmentBytes: 222 };
  const recorder = await Recorder.open(settings, () => FIRST, listener().news);
  for (let index = 0; index < 5; index++) {
    take(recorder, question(`${index}`, FIRST));
    await recorder.settled(true);
  }
  await recorder.close();
  const { writer } = recorder;
  const [first = '', second = '', last = ''] = [1, 2, 3].map((sequence) =>
    join(folder, writer, segmentName(sequence)),
  );
  const bytes = readFileSync(last);
  for (const file of [second, last]) rmSync(file);
  await roll();
  expect(await counted()).toBe(2);
  rmSync(first);
  writeFileSync(last, bytes);
  for (let time = 0; time < 2; time++) await expect(roll()).rejects.toThrow('the segment is missing');
  expect(await counted()).toBe(2);
  expect(await damages.all()).toMatchObject([{ of: `record/${writer}` }]);

  const own = join(folder, writer);
  for (const lost of await missingFrom(own, writer))
    await acceptLoss(own, { ...lost, at: NOW, by: 'olga', because: 'a disk died' });
  await roll();
  expect(await damages.all()).toEqual([]);
  expect(await counted()).toBe(3);
  expect(await store.completeUntil()).toBe(NOW);
});

test('a writer that was killed is counted, and has ended once somebody closed its last segment', async () => {
  const recorder = await Recorder.open({ folder, log: 'log', isFast: false }, () => FIRST, listener().news);
  take(recorder, question('one', FIRST));
  await recorder.settled(true);
  // what a machine that fails would leave
  const running = folder;
  folder = newFolder();
  cpSync(running, folder, { recursive: true });
  await recorder.close();

  await roll();
  expect(await counted()).toBe(1);
  const ended = async () => (await store.cursors([recorder.writer])).get(recorder.writer)?.hasEnded;
  expect(await ended()).toBe(false);
  expect(await store.completeUntil()).toBe(NOW);
  await closeAbandoned(folder, () => NOW, listener().news);
  await roll(NOW + 1);
  expect(await ended()).toBe(true);
  expect(await counted()).toBe(1);
});

test('a folder that cannot be read does not keep the records of others from being counted', async () => {
  await write(folder, [question('one', FIRST)]);
  writeFileSync(join(folder, '0000000000000000'), 'no folder');
  await expect(roll()).rejects.toThrow('ENOTDIR');
  expect(await counted()).toBe(1);
});

test('a copy of a writer under another name is named, and counted by nobody', async () => {
  await write(folder, [question('one', FIRST)]);
  const [writer = ''] = await writersIn(folder);
  cpSync(join(folder, writer), join(folder, '00000000deadbeef'), { recursive: true });
  await expect(roll()).rejects.toThrow(`of the writer ${writer}, under another name`);
  expect(await counted()).toBe(1);
});

test('what is of another consent log is of other people: it is told once, and counted for nobody', async () => {
  const recorder = await Recorder.open({ folder, log: 'other', isFast: false }, () => FIRST, listener().news);
  take(recorder, question('one', FIRST));
  await recorder.close();
  await write(folder, [question('ours', FIRST)]);
  await roll();
  await roll();
  expect(foreign).toEqual([recorder.writer]);
  expect(await counted()).toBe(1);
  expect(await store.completeUntil()).toBe(NOW);
});

test('a ledger that is made anew is complete no further than the writer that was not counted yet', async () => {
  await write(folder, [question('one', FIRST)]);
  await write(folder, [question('two', FIRST)]);
  const until: (number | undefined)[] = [];
  const add = store.add.bind(store);
  store.add = async (...args) => {
    until.push(await store.completeUntil());
    return add(...args);
  };
  await roll();
  expect(until).toEqual([0, 0]);
  expect(await store.completeUntil()).toBe(NOW);
});

test('a writer that is away is waited for, also when the ledger is made anew', async () => {
  await store.begin('0123456789abcdef', FIRST);
  await write(folder, [question('one', FIRST)]);
  await store.empty();
  await roll();
  expect(await store.completeUntil()).toBe(0);
});

test('a writer that recorded nothing and whose segments retention removed holds nobody back', async () => {
  const recorder = await Recorder.open({ folder, log: 'log', isFast: false }, () => FIRST, listener().news);
  await store.begin(recorder.writer, FIRST);
  await recorder.close();
  await remove(join(folder, recorder.writer), 1);
  await write(folder, [question('one', FIRST)]);
  await roll();
  expect(await store.completeUntil()).toBe(NOW);
});
