import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Recorder, type RecorderNews } from '../../../src/record/keeping/recorder.js';
import { readWriter } from '../../../src/record/segment/record-reader.js';
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

test('whatever was written is read back, in its order, over any number of segments', async () => {
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
          for (const [index, entries] of bursts.entries()) {
            for (const entry of entries) take(recorder, entry);
            const settled = recorder.settled(index % 2 === 0);
            answers.push(settled ?? Promise.resolve(true));
            // some come while the ones before are being written, others after it
            await (index % 3 === 0 ? settled : turn());
          }
          expect(await Promise.all(answers)).not.toContain(false);
          await recorder.close();
          expect(await entriesIn(join(folder, recorder.writer))).toStrictEqual(bursts.flat());
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
    ),
    { numRuns: times(500, 40) },
  );
});
