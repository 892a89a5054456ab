import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { RecordRetention } from '../../../src/record/keeping/record-retention.js';
import { Recorder } from '../../../src/record/keeping/recorder.js';
import { closeAbandoned } from '../../../src/record/keeping/recovery.js';
import { readWriter } from '../../../src/record/segment/record-reader.js';
import { isClosed } from '../../../src/record/segment/record-tail.js';
import { removedFrom } from '../../../src/record/segment/removed-segments.js';
import { RecordDamage } from '../../../src/record/segment/segment-reader.js';
import { lockWriter } from '../../../src/record/segment/writer-folder.js';
import { DAY_MS } from '../../../src/time.js';
import { listener, newFolder, opened, question, requestsIn, write } from './folders.js';
import { take } from './records.js';

function segmentsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.rec'))
    .map((name) => join(folder, name));
}

async function readThrough(folder: string): Promise<unknown> {
  const blocks = readWriter(folder);
  for (;;) {
    const { done, value } = await blocks.next();
    if (done === true) return value;
  }
}

/** Another bit. @param place a share of the file; 1: its last byte */
function flipIn(file: string, place: number): void {
  const bytes = readFileSync(file);
  const at = Math.min(bytes.length - 1, Math.floor(bytes.length * place));
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

test('the next start closes what a crash left, and cuts and names only the block that was being written', async () => {
  const folder = newFolder();
  const { recording, close } = await opened(folder, listener().news);
  for (const request of ['one', 'two', 'three']) {
    take(recording, question(request));
    expect(await recording.settled(true)).toBe(true);
  }
  // what a machine that fails would leave
  const left = newFolder();
  cpSync(folder, left, { recursive: true });
  await close();
  const [file = ''] = segmentsIn(left);
  const at = statSync(file).size;
  appendFileSync(file, Buffer.from('400000001234567801', 'hex'));

  const { told, news } = listener();
  await (await opened(left, news)).close();
  expect(told.onCut).toEqual([[{ file, at, bytes: 9 }]]);
  expect([...(await requestsIn(left)).values()]).toEqual(['one', 'two', 'three']);

  const again = listener();
  await (await opened(left, again.news)).close();
  expect(again.told.onCut).toEqual([]);
});

test('what was altered is not taken for what a crash left: it is named, and stays', async () => {
  const folder = newFolder();
  const { recording, close } = await opened(folder, listener().news);
  for (const request of ['one', 'two']) {
    take(recording, question(request));
    await recording.settled(true);
  }
  const left = newFolder();
  cpSync(folder, left, { recursive: true });
  await close();
  const [file = ''] = segmentsIn(left);
  const bytes = readFileSync(file);
  const at = bytes.indexOf('one');
  bytes[at] = 0;
  writeFileSync(file, bytes);

  const { told, news } = listener();
  await (await opened(left, news)).close();
  expect(told.onNotClosed).toEqual([[expect.any(RecordDamage)]]);
  expect(String(told.onNotClosed[0])).toContain(`${file}\` is damaged at byte `);
  expect(told.onCut).toEqual([]);
  expect(readFileSync(file)).toEqual(bytes);
});

test('a crash between two segments is closed by one that is empty', async () => {
  const folder = newFolder();
  const settings = { folder, log: 'log', isFast: false, segmentBytes: 1 };
  const recorder = await Recorder.open(settings, Date.now, listener().news);
  take(recorder, question('one'));
  await recorder.settled(true);
  await recorder.close();
  const [, second = ''] = segmentsIn(folder).sort();
  rmSync(second);

  const { told, news } = listener();
  await (await opened(folder, news)).close();
  expect(told.onNotClosed).toEqual([]);
  const blocks = readWriter(join(folder, recorder.writer));
  expect(await blocks.next()).toMatchObject({ done: false });
  expect(await blocks.next()).toEqual({ done: true, value: { state: 'closed', torn: 0 } });
});

test('what another process is writing is left alone', async () => {
  const folder = newFolder();
  const one = await opened(folder, listener().news);
  const { told, news } = listener();
  const other = await opened(folder, news);
  for (const { recording } of [one, other]) {
    take(recording, question('both'));
    expect(await recording.settled(true)).toBe(true);
  }
  await one.close();
  await other.close();
  expect(await requestsIn(folder)).toHaveProperty('size', 2);
  expect(told.onCut).toEqual([]);
  expect(told.onNotClosed).toEqual([]);
});

test('a process that begins finds its lock free, whoever closes or removes records beside it', async () => {
  const folder = newFolder();
  const begins = Array.from({ length: 20 }, (_, index) => join(folder, index.toString(16).padStart(16, '0')));
  for (const own of begins) mkdirSync(own);
  const { told, news } = listener();
  const others = [
    () => closeAbandoned(folder, Date.now, news),
    () => new RecordRetention(folder, '', 90, Date.now, news).sweep(),
  ];
  for (const other of others) {
    const ends = other().then(() => true);
    for (let isDone = false; !isDone; isDone = await Promise.race([ends, turn(false)]))
      for (const own of begins) {
        const lock = lockWriter(own);
        expect(lock).toBeDefined();
        lock?.release();
      }
  }
  expect([told.onNotClosed, told.onNotRemoved]).toEqual([[], []]);
});

test('records that were kept long enough are removed, and are told from missing ones', async () => {
  const folder = newFolder();
  const day = (days: number) => 20_000 * DAY_MS + days * DAY_MS;
  await write(folder, [question('old', day(0))]);
  await write(folder, [question('young', day(80))]);
  const { told, news } = listener();
  await new RecordRetention(folder, '', 90, () => day(91), news).sweep();
  expect(told.onRemoved).toEqual([[{ segments: 1, decisions: 1 }]]);
  expect([...(await requestsIn(folder)).values()]).toEqual(['young']);
  expect(segmentsIn(folder)).toHaveLength(1);
  await new RecordRetention(folder, '', 90, () => day(91), news).sweep();
  expect(told.onRemoved).toHaveLength(1);
});

describe('a clock that is years ahead', () => {
  const day = (days: number) => 20_000 * DAY_MS + days * DAY_MS;

  /** A record of ten days, and its retention on a clock that somebody can set. @param ahead of the newest record, in days */
  async function kept(ahead: number) {
    const folder = newFolder();
    for (const at of [0, 10]) await write(folder, [question(`of day ${at}`, day(at))]);
    const clock = { at: day(10 + ahead), steady: 0 };
    const { told, news } = listener();
    const now = () => clock.at;
    const retention = new RecordRetention(folder, '', 90, now, news, () => clock.steady);
    const pass = (days: number) => {
      clock.at += days * DAY_MS;
      clock.steady += days * DAY_MS;
    };
    return { told, clock, pass, sweep: () => retention.sweepIfSure(), left: () => segmentsIn(folder).length };
  }

  test.each([
    { where: 'from the start on', ahead: 1_000 },
    { where: 'from one moment to the next', ahead: 0 },
  ])('removes nothing for a day, and says so: $where', async ({ ahead }) => {
    const { told, clock, pass, sweep, left } = await kept(ahead);
    if (ahead === 0) {
      await sweep();
      clock.at += 1_000 * DAY_MS;
    }
    await sweep();
    pass(0.99);
    await sweep();
    expect(left()).toBe(2);
    expect(told.onLeap).toEqual([[1_000], [1_000]]);
    pass(0.01);
    await sweep();
    expect(left()).toBe(0);
  });

  test('removes nothing that is young when it was set right', async () => {
    const { told, clock, pass, sweep, left } = await kept(1);
    await sweep();
    clock.at += 1_000 * DAY_MS;
    await sweep();
    clock.at -= 1_000 * DAY_MS;
    pass(2);
    await sweep();
    expect([left(), told.onLeap]).toEqual([2, [[1_000]]]);
    // a second leap is doubted anew
    clock.at += 1_000 * DAY_MS;
    await sweep();
    expect(left()).toBe(2);
  });

  test('is not taken for one where time has passed, or the service was off for some weeks', async () => {
    const { told, pass, sweep, left } = await kept(30);
    await sweep();
    expect(left()).toBe(2);
    pass(55);
    await sweep();
    expect([left(), told.onLeap]).toEqual([1, []]);
  });
});

test('a writer that has recorded nothing is known to have ended for as long as records are kept', async () => {
  const folder = newFolder();
  const day = (days: number) => 20_000 * DAY_MS + days * DAY_MS;
  await write(folder, [], () => day(0));
  const [writer = ''] = readdirSync(folder);
  const { told, news } = listener();
  await new RecordRetention(folder, '', 90, () => day(90), news).sweep();
  expect(await isClosed(join(folder, writer))).toBe(true);
  await new RecordRetention(folder, '', 90, () => day(91), news).sweep();
  expect(segmentsIn(folder)).toEqual([]);
  expect(await removedFrom(join(folder, writer))).toEqual(
    new Map([[1, expect.objectContaining({ blocks: 0, is_last: true })]]),
  );
  expect(told.onRemoved).toEqual([[{ segments: 1, decisions: 0 }]]);
});

test('an empty segment after old records, by which a crash was closed, is kept as long as one begun then', async () => {
  const folder = newFolder();
  const day = (days: number) => 20_000 * DAY_MS + days * DAY_MS;
  const settings = { folder, log: 'log', isFast: false, segmentBytes: 1 };
  const recorder = await Recorder.open(settings, () => day(0), listener().news);
  take(recorder, question('one', day(0)));
  await recorder.settled(true);
  await recorder.close();
  const [, second = ''] = segmentsIn(folder).sort();
  rmSync(second);
  await closeAbandoned(folder, () => day(80), listener().news);
  await new RecordRetention(folder, '', 90, () => day(91), listener().news).sweep();
  expect(segmentsIn(folder)).toEqual([second]);
  expect(await isClosed(join(folder, recorder.writer))).toBe(true);
});

test('what a crash left of a note does not hide the note of the next segment', async () => {
  const folder = newFolder();
  const day = (days: number) => 20_000 * DAY_MS + days * DAY_MS;
  await write(folder, [question('old', day(0))]);
  const [writer = ''] = readdirSync(folder);
  const notes = join(folder, writer, 'removed.jsonl');
  writeFileSync(notes, '{"sequence":1,"first_bl');
  await new RecordRetention(folder, '', 90, () => day(91), listener().news).sweep();
  expect(segmentsIn(folder)).toEqual([]);
  expect(await readThrough(join(folder, writer))).toMatchObject({ removed: { segments: 1 } });
});

test('one writer whose record is damaged keeps it, and those of all others are removed all the same', async () => {
  const folder = newFolder();
  const day = (days: number) => 20_000 * DAY_MS + days * DAY_MS;
  for (const request of ['one', 'two', 'three']) await write(folder, [question(request, day(0))]);
  const [first = '', last = '', whole = ''] = segmentsIn(folder).sort();
  const damaged = [first, last];
  for (const file of damaged) flipIn(file, 1 / 2);
  const { told, news } = listener();
  await new RecordRetention(folder, '', 90, () => day(91), news).sweep();
  expect(segmentsIn(folder).sort()).toEqual(damaged);
  expect(told.onNotRemoved.map(String)).toEqual(
    damaged.map((file) => expect.stringContaining(`the record \`${file}\` is damaged at byte `)),
  );
  expect(told.onRemoved).toEqual([[{ segments: 1, decisions: 1 }]]);
  expect(existsSync(whole)).toBe(false);
});

test('a segment that was closed and has lost its end is named', async () => {
  const folder = newFolder();
  const at = 20_000 * DAY_MS;
  const settings = { folder, log: 'log', isFast: false, segmentBytes: 1 };
  const recorder = await Recorder.open(settings, () => at, listener().news);
  for (const request of ['one', 'two', 'three']) {
    take(recorder, question(request, at));
    await recorder.settled(true);
  }
  await recorder.close();
  const [first = '', second = '', ...others] = segmentsIn(folder).sort();
  flipIn(second, 1);
  const { told, news } = listener();
  await new RecordRetention(folder, '', 90, () => at + 91 * DAY_MS, news).sweep();
  expect(told.onRemoved).toEqual([[{ segments: 1, decisions: 1 }]]);
  expect(told.onNotRemoved.map(String)).toEqual([
    expect.stringContaining(`\`${second}\` is damaged at byte `),
  ]);
  expect(segmentsIn(folder).sort()).toEqual([second, ...others]);
  expect(existsSync(first)).toBe(false);
});

test('nothing is removed while a clock that was set back says that it is young', async () => {
  const folder = newFolder();
  await write(folder, [question('one', 20_000 * DAY_MS)]);
  const { told, news } = listener();
  await new RecordRetention(folder, '', 90, () => 19_000 * DAY_MS, news).sweep();
  expect(told.onRemoved).toEqual([]);
});
