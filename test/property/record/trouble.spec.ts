/** While records cannot be written nothing is available, those who wait are told, and nothing taken down is lost. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type RecordNews } from '../../../src/record/keeping/open-record.js';
import { Recorder } from '../../../src/record/keeping/recorder.js';
import { readWriter } from '../../../src/record/segment/record-reader.js';
import { readSegment } from '../../../src/record/segment/segment-reader.js';
import { listener, newFolder, question } from './folders.js';
import { take } from './records.js';

/** Of libuv, which work on files. */
const THREADS = 4;

/** Resolves when the record works again. */
function untilWorking(news: RecordNews): { readonly news: RecordNews; readonly works: Promise<void> } {
  let works: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (works = resolve));
  const onWorking = () => {
    news.onWorking();
    works();
  };
  return { news: { ...news, onWorking }, works: promise };
}

const BREAKS: readonly [string, (folder: string) => void][] = [
  ['is removed', (folder) => rmSync(folder, { recursive: true })],
  [
    'is replaced by a file',
    (folder) => {
      rmSync(folder, { recursive: true });
      writeFileSync(folder, '');
    },
  ],
];

test.each(BREAKS)('a folder that %s makes the record unavailable until it is back', async (_, breakIt) => {
  const folder = join(newFolder(), 'record');
  mkdirSync(folder);
  const { told, news } = listener();
  const { news: told2, works } = untilWorking(news);
  const recorder = await Recorder.open({ folder, log: 'log', isFast: false }, Date.now, told2);
  take(recorder, question('before'));
  expect(await recorder.settled(true)).toBe(true);

  breakIt(folder);
  take(recorder, question('meanwhile'));
  expect(await recorder.settled(true)).toBe(false);
  expect(recorder.isAvailable).toBe(false);
  expect(await recorder.settled(true)).toBe(false);
  expect(told.onTrouble).toHaveLength(1);

  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  await works;
  expect(recorder.isAvailable).toBe(true);
  take(recorder, question('after'));
  expect(await recorder.settled(true)).toBe(true);
  await recorder.close();

  const own = join(folder, recorder.writer);
  const left = readdirSync(own).find((name) => name.endsWith('.rec')) ?? '';
  const requests: string[] = [];
  for await (const block of readSegment(join(own, left), false))
    for (const { entry } of block.entries()) requests.push(entry.request);
  expect(requests).toEqual(['meanwhile', 'after']);
  // what was in the folder is gone, and that is seen
  await expect(readWriter(own).next()).rejects.toThrow(
    '00000001.rec` is damaged at byte 0: the segment is missing',
  );
});

test('a folder that is moved away is missed while it runs, not only when the next segment begins', async () => {
  const folder = join(newFolder(), 'record');
  mkdirSync(folder);
  const { told, news } = listener();
  const { news: told2, works } = untilWorking(news);
  const recorder = await Recorder.open({ folder, log: 'log', isFast: false }, Date.now, told2);
  const written: string[] = [];
  const record = async () => {
    const request = `r-${written.length}`;
    take(recorder, question(request));
    if (await recorder.settled(true)) written.push(request);
    return recorder.isAvailable;
  };
  await record();
  renameSync(folder, `${folder}-away`);
  await expect.poll(record).toBe(false);
  expect(told.onTrouble).toHaveLength(1);

  renameSync(`${folder}-away`, folder);
  await works;
  expect(await record()).toBe(true);
  await recorder.close();
  const requests: string[] = [];
  for await (const block of readWriter(join(folder, recorder.writer)))
    for (const { entry } of block.entries()) requests.push(entry.request);
  expect(requests).toEqual(expect.arrayContaining(written));
});

test('more than the buffer holds makes the record unavailable until it is written', async () => {
  const { told, news } = listener();
  const { news: told2, works } = untilWorking(news);
  const recorder = await Recorder.open({ folder: newFolder(), log: 'log', isFast: false }, Date.now, told2);
  const large = 'x'.repeat(1 << 20);
  let taken = 0;
  for (; recorder.isAvailable; taken++) take(recorder, question(`${taken}${large}`));
  expect(taken).toBe(16);
  expect(told.onTrouble).toHaveLength(1);
  const settled = recorder.settled(true);
  await works;
  expect(await settled).toBe(true);
  expect(recorder.isAvailable).toBe(true);
  await recorder.close();
});

test('a disk that does not answer makes the record unavailable until it does', async () => {
  const folder = newFolder();
  const { told, news } = listener();
  const { news: told2, works } = untilWorking(news);
  // more than a disk that answers takes on a slow machine
  const recorder = await Recorder.open(
    { folder, log: 'log', isFast: false, patienceMs: 2_000 },
    Date.now,
    told2,
  );
  // all threads that work on files wait for somebody to open the other end
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const waiting = Array.from({ length: THREADS }, () => open(pipe, 'r'));
  take(recorder, question('meanwhile'));
  expect(await recorder.settled(true)).toBe(false);
  expect(recorder.isAvailable).toBe(false);
  take(recorder, question('then'));
  expect(await recorder.settled(true)).toBe(false);
  expect(told.onTrouble).toHaveLength(1);

  const other = openSync(pipe, 'r+');
  await works;
  expect(recorder.isAvailable).toBe(true);
  take(recorder, question('after'));
  expect(await recorder.settled(true)).toBe(true);
  await recorder.close();
  const requests: string[] = [];
  for await (const block of readWriter(join(folder, recorder.writer)))
    for (const { entry } of block.entries()) requests.push(entry.request);
  expect(requests).toEqual(['meanwhile', 'then', 'after']);
  for (const file of waiting) await (await file).close();
  closeSync(other);
});

test('a clock that goes backwards neither loses records nor keeps a segment open', async () => {
  const folder = newFolder();
  const { told, news } = listener();
  let now = Date.UTC(2027, 0, 31);
  const recorder = await Recorder.open(
    { folder, log: 'log', isFast: false, segmentBytes: 1 },
    () => now,
    news,
  );
  const asked: number[] = [];
  for (const back of [0, 1, 3_600_000, 86_400_000, 0]) {
    now = Date.UTC(2027, 0, 31) - back;
    asked.push(now);
    take(recorder, question('r', now));
    expect(await recorder.settled(true)).toBe(true);
  }
  await recorder.close();
  const times: number[] = [];
  for await (const block of readWriter(join(folder, recorder.writer)))
    for (const { entry } of block.entries()) times.push(entry.at);
  expect(times).toEqual(asked);
  expect(told.onTrouble).toEqual([]);
});

/** @param windowMs how old what is not written may be while answers leave */
function fastRecorder(windowMs: number): Promise<Recorder> {
  const settings = { folder: newFolder(), log: 'log', isFast: true, windowMs };
  return Recorder.open(settings, Date.now, listener().news);
}

test('nothing leaves before it is recorded while something older than the window is not', async () => {
  const recorder = await fastRecorder(0);
  take(recorder, question('one'));
  expect(await recorder.settled(false)).toBe(true);
  expect(recorder.settled(false)).toBeUndefined();
  take(recorder, question('two'));
  const written = recorder.settled(true);
  take(recorder, question('three'));
  expect(recorder.settled(false)).toBeInstanceOf(Promise);
  expect(await written).toBe(true);
  await recorder.close();
});

test('what may leave before it is recorded need not wait, what is bound to its record must', async () => {
  const recorder = await fastRecorder(60_000);
  expect(recorder.settled(true)).toBeUndefined();
  take(recorder, question('one'));
  expect(recorder.settled(false)).toBeUndefined();
  expect(await recorder.settled(true)).toBe(true);
  expect(recorder.settled(true)).toBeUndefined();
  await recorder.close();
});

test('nobody is told that something is recorded which was taken down after the record was closed', async () => {
  const recorder = await Recorder.open(
    { folder: newFolder(), log: 'log', isFast: false },
    Date.now,
    listener().news,
  );
  await recorder.close();
  expect(recorder.isAvailable).toBe(false);
  take(recorder, question('late'));
  expect(await recorder.settled(true)).toBe(false);
});
