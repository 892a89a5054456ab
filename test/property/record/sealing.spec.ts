/** What was signed of a record verifies, whatever ends the sealer; and whatever is changed afterwards is named with its place. */
import { cpSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { BlockEncoder } from '../../../src/record/block/block-encoder.js';
import { RecordRetention } from '../../../src/record/keeping/record-retention.js';
import { Recorder } from '../../../src/record/keeping/recorder.js';
import { leafOf, proofIn, readLeaf } from '../../../src/record/proof/leaf-of-block.js';
import { RecordLeaves } from '../../../src/record/proof/record-leaves.js';
import { type VerifiedRecord, verifyRecord } from '../../../src/record/proof/verify-record.js';
import { noteRemoved } from '../../../src/record/segment/removed-segments.js';
import { type ReadBlock, endOfFile, readSegment } from '../../../src/record/segment/segment-reader.js';
import { readWriter } from '../../../src/record/segment/record-reader.js';
import { type SegmentHeader, segmentName } from '../../../src/record/segment/segment-format.js';
import { SegmentWriter } from '../../../src/record/segment/segment-writer.js';
import { DAY_MS } from '../../../src/time.js';
import type { WriteWhole } from '../../../src/durable.js';
import { finish } from '../../../src/decision/steps.js';
import { Sealer } from '../../../src/tlog/sealer.js';
import { isRecordOf } from '../../../src/tlog/tree/block-leaf.js';
import { times } from '../../times.js';
import { signerNamed, writeQuickly } from '../../tlog.js';
import { listener, newFolder, question, remove } from './folders.js';
import { take } from './records.js';

const ORIGIN = 'assent.example/record/1';
const SIGNER = signerNamed(ORIGIN);
const KEYS = { signers: async () => [SIGNER], known: async () => [SIGNER] };

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

type Verified = VerifiedRecord & { readonly faults: readonly string[] };

function sealedRecord(folder = newFolder()) {
  const log = join(folder, 'heads/record');
  const copies = join(folder, 'copies');
  const damages: string[] = [];
  const open = (write: WriteWhole = writeQuickly) =>
    Sealer.open(new RecordLeaves(folder, log, (damage) => damages.push(messageOf(damage)), write), {
      folder: log,
      copies,
      origin: ORIGIN,
      keys: KEYS,
      onTrouble: (message, cause) => {
        throw new Error(message, { cause });
      },
      write,
    });
  /** @param keptSince nothing younger may have been removed */
  const verify = async (keptSince = -Infinity): Promise<Verified> => {
    const faults: string[] = [];
    const kept = { folder: log, origin: ORIGIN, keys: [SIGNER], copies };
    return { ...(await verifyRecord(folder, kept, keptSince, (fault) => faults.push(fault))), faults };
  };
  return { folder, log, copies, damages, open, verify };
}

function recorderIn(folder: string, segmentBytes = 400, now: () => number = Date.now): Promise<Recorder> {
  return Recorder.open({ folder, log: 'log', isFast: false, segmentBytes }, now, listener().news);
}

async function record(recorder: Recorder, ...requests: readonly string[]): Promise<void> {
  for (const request of requests) {
    take(recorder, question(request));
    await recorder.settled(true);
  }
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('write' as const), writer: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('seal' as const), dies: fc.option(fc.nat(14)) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('end' as const), writer: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('forget' as const) }) },
);

test('any history of several writers verifies, with a sealer that dies at any of its writes and goes on', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 24 }), async (steps) => {
      const { folder, log, open, verify, damages } = sealedRecord();
      try {
        const writers = new Map<number, Recorder>();
        let blocks = 0;
        let sealer: Sealer | undefined;
        for (const one of steps) {
          if (one.does === 'write') {
            const recorder = writers.get(one.writer) ?? (await recorderIn(folder));
            writers.set(one.writer, recorder);
            await record(recorder, `request ${blocks++}`);
          }
          if (one.does === 'end') {
            await writers.get(one.writer)?.close();
            writers.delete(one.writer);
          }
          // the next one has to find out from the leaves how far it was
          if (one.does === 'forget') {
            sealer = undefined;
            rmSync(join(log, 'positions'), { recursive: true, force: true });
          }
          if (one.does === 'seal') {
            let left = one.dies ?? Infinity;
            sealer ??= await open(async (path, bytes) => {
              if (left-- <= 0) throw new Error('killed');
              await writeQuickly(path, bytes);
            });
            await sealer.seal().catch(() => undefined);
            if (one.dies !== null) sealer = undefined;
          }
        }
        for (const recorder of writers.values()) await recorder.close();
        await (await open()).seal();
        expect(damages).toEqual([]);
        if (blocks === 0) expect(existsSync(join(log, 'checkpoint'))).toBe(false);
        else
          expect(await verify()).toMatchObject({
            faults: [],
            sealed: blocks,
            unsealed: 0,
            head: { size: blocks },
          });
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: times(150, 6) },
  );
});

test('a damage in the last segment of a writer that ended is told, and what follows it is sealed once it is restored', async () => {
  const { folder, open, verify, damages } = sealedRecord();
  const recorder = await recorderIn(folder);
  await record(recorder, 'one', 'two');
  await recorder.close();
  const file = join(folder, recorder.writer, segmentName(1));
  const bytes = readFileSync(file);
  const altered = Buffer.from(bytes);
  const at = bytes.indexOf('two');
  altered[at] = 0;
  writeFileSync(file, altered);
  const sealer = await open();
  for (let round = 0; round < 3; round++) await sealer.seal();
  expect(damages).toEqual([expect.stringContaining(`the record \`${file}\` is damaged at byte `)]);

  writeFileSync(file, bytes);
  await (await open()).seal();
  expect(await verify()).toMatchObject({ faults: [], sealed: 2, unsealed: 0 });
});

describe('a record of two writers that was sealed', () => {
  const LONG_AGO = Date.UTC(2026, 0, 1);
  let sealed: ReturnType<typeof sealedRecord>;
  /** Has ended, with two blocks in each of three segments, and none in the last. */
  let ended: string;
  /** Writes, with three blocks in its segment, of which two are sealed. */
  let writing: string;
  let live: Recorder;
  /** As it was when it was sealed. */
  let older: string;
  /** Where the frames of its blocks begin. */
  let places: number[];

  const segment = (writer: string, sequence: number) => join(sealed.folder, writer, segmentName(sequence));
  const faults = async () => (await sealed.verify()).faults;

  beforeEach(async () => {
    sealed = sealedRecord();
    const one = await recorderIn(sealed.folder, 222, () => LONG_AGO);
    for (let index = 0; index < 6; index++) {
      take(one, question(`request ${index}`, LONG_AGO + index));
      await one.settled(true);
    }
    await one.close();
    const other = await recorderIn(sealed.folder, 1 << 20);
    await record(other, 'six', 'seven');
    ended = one.writer;
    writing = other.writer;
    await (await sealed.open()).seal();
    older = newFolder();
    cpSync(sealed.folder, older, { recursive: true });
    await record(other, 'eight');
    live = other;
    places = [];
    for await (const { at } of readWriter(join(sealed.folder, writing))) places.push(at);
  });

  test('proves each record, and shows nothing of the others but their number', async () => {
    const [, block] = await blocksOf(segment(writing, 1));
    if (block === undefined) throw new Error('there are two');
    const leaf = finish(leafOf(block));
    const { record, proof } = proofIn(block, 0);
    expect(JSON.parse(record)).toMatchObject({ request: 'seven', user: 7, reason: 'floor' });
    expect(isRecordOf(leaf, Buffer.from(record), proof)).toBe(true);
    expect(isRecordOf(leaf, Buffer.from(record.replace('seven', 'eight')), proof)).toBe(false);
    expect(readLeaf(leaf)).toMatchObject({ writer: writing, number: 1, leaf: { count: 1 } });
    expect(() => proofIn(block, 1)).toThrow('has no leaf 1');
  });

  test('verifies, with what was written since', async () => {
    expect(await sealed.verify()).toMatchObject({
      faults: [],
      head: { size: 8 },
      copies: 1,
      sealed: 8,
      unsealed: 1,
      removed: 0,
    });
  });

  test.each([
    ['the first of it', 1, 'is damaged at byte 0: the segment is missing'],
    ['one in between', 2, 'is damaged at byte 0: the segment is missing'],
  ])('of which a segment is deleted, %s, names it', async (_which, sequence, said) => {
    rmSync(segment(ended, sequence));
    expect(await faults()).toEqual([expect.stringContaining(`\`${segment(ended, sequence)}\` ${said}`)]);
  });

  test('of which the last segments of a writer are deleted names where it ends, and what was signed', async () => {
    for (const last of [3, 4]) rmSync(segment(ended, last));
    const first = firstEntryOf(ended);
    expect(await faults()).toEqual([
      expect.stringMatching(
        `its record ends at byte \\d+ of \`.*/00000002.rec\`, but blocks 4 to 5 of this writer were signed, from entry ${first + 4} of the log on`,
      ),
    ]);
  });

  test('of which a writer is deleted names the writer', async () => {
    rmSync(join(sealed.folder, writing), { recursive: true });
    const first = firstEntryOf(writing);
    expect(await faults()).toEqual([
      `\`${join(sealed.folder, writing)}\` is not there, but blocks 0 to 1 of this writer were signed, from entry ${first} of the log on: restore them from a copy`,
    ]);
  });

  test('of which the end is cut off after it was sealed names the byte', async () => {
    const file = segment(writing, 1);
    truncateSync(file, places[1]);
    expect(await faults()).toEqual([
      expect.stringContaining(`its record ends at byte ${places[1]} of \`${file}\`, but blocks 1 to 1`),
    ]);
  });

  test('of which only what was not sealed is cut off verifies', async () => {
    truncateSync(segment(writing, 1), places[2]);
    expect(await sealed.verify()).toMatchObject({ faults: [], sealed: 8, unsealed: 0 });
  });

  test('in which a byte is another names the block', async () => {
    const file = segment(writing, 1);
    const bytes = readFileSync(file);
    const at = (places[0] ?? 0) + 30;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    expect(await faults()).toEqual([expect.stringContaining(`\`${file}\` is damaged at byte ${places[0]}`)]);
  });

  test('in which two records are swapped names the first', async () => {
    const file = segment(writing, 1);
    const bytes = readFileSync(file);
    const [one = 0, other = 0, end = 0] = places;
    const swapped = [bytes.subarray(0, one), bytes.subarray(other, end), bytes.subarray(one, other)];
    writeFileSync(file, Buffer.concat([...swapped, bytes.subarray(end)]));
    expect(await faults()).toEqual([expect.stringContaining(`\`${file}\` is damaged at byte ${one}`)]);
  });

  test('that somebody wrote anew, hashes and all, names the first block that is another', async () => {
    const file = segment(writing, 1);
    const { header, blocks } = await partsOf(file);
    rmSync(file);
    const forged = new BlockEncoder();
    take(forged, { ...question('seven'), at: LONG_AGO });
    const anew = await SegmentWriter.create(join(sealed.folder, writing), header);
    await anew.append(blocks[0] ?? Buffer.of());
    await anew.append(forged.seal(1));
    await anew.append(blocks[2] ?? Buffer.of());
    await anew.end(true);
    expect(await faults()).toEqual([
      expect.stringContaining(`the record \`${file}\` is not what was signed, from byte ${places[1]} to `),
    ]);
  });

  test('that was put back to an older state, heads and all, is found out by what was handed out', async () => {
    await (await sealed.open()).seal();
    const { folder, copies } = sealed;
    for (const name of [ended, writing, 'heads']) {
      rmSync(join(folder, name), { recursive: true });
      cpSync(join(older, name), join(folder, name), { recursive: true });
    }
    await expect(sealed.verify()).rejects.toThrow(
      'the log has 8 leaves, but a checkpoint of 9 was handed out',
    );
    rmSync(copies, { recursive: true });
    expect(await faults()).toEqual([]);
  });

  test('of which a block was passed over names it', async () => {
    const kept = join(sealed.log, 'positions/8.json');
    const positions = JSON.parse(readFileSync(kept, 'utf8'));
    positions.writers[writing][2]++;
    writeFileSync(kept, JSON.stringify(positions));
    await record(live, 'nine');
    await (await sealed.open()).seal();
    expect(await faults()).toEqual([
      expect.stringContaining(
        `has at byte ${places[2]} a block that was never sealed, although later ones were: block 2`,
      ),
    ]);
  });

  test('of which retention has removed the oldest verifies, and says until when', async () => {
    const later = () => LONG_AGO + 90 * DAY_MS;
    await new RecordRetention(sealed.folder, 'none', 30, later, listener().news).sweep();
    const keptSince = later() - 30 * DAY_MS;
    expect(await sealed.verify(keptSince)).toMatchObject({
      faults: [],
      sealed: 2,
      removed: 6,
      removedUntil: LONG_AGO + 5,
    });
    await (await sealed.open()).seal();
    expect(await sealed.verify(keptSince)).toMatchObject({ faults: [], removed: 6, unsealed: 0 });
  });

  describe('of which somebody deleted segments, with a line as if retention had,', () => {
    const since = LONG_AGO + 1;
    const own = () => join(sealed.folder, ended);

    test('says so where they are not the first ones', async () => {
      await remove(own(), 2);
      expect((await sealed.verify(since)).faults).toEqual([
        expect.stringContaining(`\`${segment(ended, 2)}\` is damaged at byte 0: the segment is missing`),
      ]);
    });

    test('says so where the signed log knows them to be too young, whatever the line says', async () => {
      for (const sequence of [1, 2, 3, 4]) await remove(own(), sequence, { last: 1 });
      expect((await sealed.verify(since)).faults).toEqual([
        `removed too early: blocks 0 to 5 of the writer ${ended}, with records until 2026-01-01T00:00:00.005Z, which RECORD_DAYS keeps; restore them from a copy`,
      ]);
      expect((await sealed.verify(LONG_AGO + 6)).faults).toEqual([]);
    });

    test('says so where the first ones that are left out are followed by others', async () => {
      await remove(own(), 1, { last: 1 });
      expect((await sealed.verify(since)).faults).toEqual([
        expect.stringContaining(
          `removed too early: blocks 0 to 1 of the writer ${ended}, with records until `,
        ),
      ]);
    });

    test('says so where they were never sealed, if the line itself says that they are too young', async () => {
      await live.close();
      const late = await recorderIn(sealed.folder, 1);
      await record(late, 'nine', 'ten');
      await late.close();
      await remove(join(sealed.folder, late.writer), 1);
      await (await sealed.open()).seal();
      expect((await sealed.verify(since)).faults).toEqual([
        expect.stringContaining(
          `removed too early: segments of the writer ${late.writer}, with records until `,
        ),
      ]);
    });

    test('says so of one that is there, whose line would hide what follows it', async () => {
      for (const sequence of [3, 4]) rmSync(segment(ended, sequence));
      const end = await endOfFile(segment(ended, 2));
      if (end === undefined) throw new Error('it is closed');
      await noteRemoved(own(), {
        ...end,
        sequence: 2,
        first_block: 2,
        blocks: 10,
        hash: 'a'.repeat(64),
        is_last: true,
      });
      expect((await sealed.verify(LONG_AGO + 6)).faults).toEqual([
        expect.stringContaining('but blocks 4 to 5 of this writer were signed'),
      ]);
    });
  });

  async function blocksOf(file: string): Promise<ReadBlock[]> {
    const blocks: ReadBlock[] = [];
    for await (const block of readSegment(file, true)) blocks.push(block);
    return blocks;
  }

  function firstEntryOf(writer: string): number {
    return ended < writing === (writer === ended) ? 0 : writer === ended ? 2 : 6;
  }

  async function partsOf(file: string): Promise<{ header: SegmentHeader; blocks: Buffer[] }> {
    const bytes = readFileSync(file);
    const blocks: Buffer[] = [];
    const reading = readSegment(file, true);
    for (;;) {
      const next = await reading.next();
      if (next.done === true) return { header: next.value.header, blocks };
      blocks.push(bytes.subarray(next.value.at, next.value.end));
    }
  }
});

test('one whose record cannot be read holds up nobody, and is told of once', async () => {
  const { folder, open, verify, damages } = sealedRecord();
  writeFileSync(join(folder, '0000000000000000'), 'no folder');
  const recorder = await recorderIn(folder);
  await record(recorder, 'one', 'two');
  const sealer = await open();
  await sealer.seal();
  await record(recorder, 'three');
  await sealer.seal();
  await recorder.close();
  expect(damages).toEqual([expect.stringContaining('ENOTDIR')]);
  rmSync(join(folder, '0000000000000000'));
  expect(await verify()).toMatchObject({ faults: [], sealed: 3, unsealed: 0 });
});

test('a copy of a writer under another name is sealed by nobody', async () => {
  const { folder, open, verify, damages } = sealedRecord();
  const recorder = await recorderIn(folder);
  await record(recorder, 'one');
  await recorder.close();
  const copy = join(folder, '00000000deadbeef');
  cpSync(join(folder, recorder.writer), copy, { recursive: true });
  await (await open()).seal();
  expect(damages).toEqual([expect.stringContaining(`of the writer ${recorder.writer}, under another name`)]);
  rmSync(copy, { recursive: true });
  expect(await verify()).toMatchObject({ faults: [], sealed: 1, unsealed: 0 });
});

test('nobody ceases to be sealed because a file that is not signed says that they have ended', async () => {
  const { folder, log, open, verify } = sealedRecord();
  const recorder = await recorderIn(folder);
  await record(recorder, 'one');
  await (await open()).seal();
  const file = join(log, 'positions/1.json');
  const kept: unknown = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...Object(kept), ended: [recorder.writer] }));
  await record(recorder, 'two');
  await (await open()).seal();
  await recorder.close();
  expect(await verify()).toMatchObject({ faults: [], sealed: 2 });
});
