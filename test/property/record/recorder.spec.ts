import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Recorder, type RecorderNews } from '../../../src/record/keeping/recorder.js';
import { readWriter } from '../../../src/record/segment/record-reader.js';
import { BEGINNING, blocksAfter } from '../../../src/record/segment/record-tail.js';
import type { RecordEntry } from '../../../src/record/record-entry.js';
import { times } from '../../times.js';
import { recordEntry, take } from './records.js';

const NO_TROUBLE: RecorderNews = {
  onTrouble: (error) => {
    throw error;
  },
  onWorking: () => undefined,
};

async function entriesIn(folder: string): Promise<RecordEntry[]> {
  const entries: RecordEntry[] = [];
  for await (const block of readWriter(folder)) for (const { entry } of block.entries()) entries.push(entry);
  return entries;
}

/** Reads on in the record of a writer. */
function tailOf(folder: string) {
  const read: RecordEntry[] = [];
  let position = BEGINNING;
  return {
    read,
    readOn: async () => {
      for await (const next of blocksAfter(folder, position)) {
        for (const { entry } of next.block.entries()) read.push(entry);
        position = next.position;
      }
    },
  };
}

test('whatever was written is read back, in its order, over any number of segments, and while it is written', async () => {
  const burst = fc.array(recordEntry, { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(burst, { minLength: 1, maxLength: 8 }),
      fc.constantFrom(1, 2_000, 1 << 20),
      fc.boolean(),
      async (bursts, segmentBytes, isFast) => {
        const folder = mkdtempSync(join(tmpdir(), 'record-'));
        try {
          const recorder = await Recorder.open(
            { folder, log: 'log', isFast, segmentBytes },
            Date.now,
            NO_TROUBLE,
          );
          const answers: Promise<boolean>[] = [];
          const tail = tailOf(join(folder, recorder.writer));
          let taken = 0;
          for (const [index, entries] of bursts.entries()) {
            for (const entry of entries) take(recorder, entry);
            const settled = recorder.settled(index % 2 === 0);
            answers.push(settled ?? Promise.resolve(true));
            taken += entries.length;
            // some come while the ones before are being written, others after it
            await (index % 3 === 0 ? settled : turn());
            await tail.readOn();
            if (index % 3 === 0 && settled !== undefined) expect(tail.read.length).toBe(taken);
          }
          expect(await Promise.all(answers)).not.toContain(false);
          await recorder.close();
          await tail.readOn();
          expect(tail.read).toStrictEqual(bursts.flat());
          expect(await entriesIn(join(folder, recorder.writer))).toStrictEqual(bursts.flat());
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
    ),
    { numRuns: times(200, 40) },
  );
});
