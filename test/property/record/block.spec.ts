import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { entriesOf, headOf } from '../../../src/record/block/block-decoder.js';
import { BlockEncoder } from '../../../src/record/block/block-encoder.js';
import { FRAME_BYTES } from '../../../src/record/block/frame.js';
import type { RecordEntry } from '../../../src/record/record-entry.js';
import { times } from '../../times.js';
import { recordEntry, take } from './records.js';

const blocks = fc.array(fc.array(recordEntry, { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 4,
});

test('whatever is taken down is read back as it was, block by block, each by itself', () => {
  fc.assert(
    fc.property(blocks, (all) => {
      const encoder = new BlockEncoder();
      const sealed = all.map((entries, number) => {
        for (const entry of entries) take(encoder, entry);
        return Buffer.from(encoder.seal(number).subarray(FRAME_BYTES));
      });
      expect(encoder.isEmpty).toBe(true);
      // the last one first: a block needs none before it
      for (const [number, block] of [...sealed.entries()].reverse()) {
        const entries = all[number] ?? [];
        const read = [...entriesOf(block)];
        expect(read.map(({ entry }) => entry)).toStrictEqual(entries);
        expect(headOf(block)).toEqual({
          number,
          first: Math.min(...entries.map(({ at }) => at)),
          last: Math.max(...entries.map(({ at }) => at)),
          decisions: entries.map(idsOf).reduce((sum, count) => sum + count, 0),
        });
        expect(read.map(({ index }) => index)).toEqual(
          entries.map((_, place) =>
            entries
              .slice(0, place)
              .map(idsOf)
              .reduce((sum, count) => sum + count, 0),
          ),
        );
      }
    }),
    { numRuns: times(2_000, 300) },
  );
});

test('a question that failed half-way leaves the next one whole', () => {
  const asked = { at: 1, client: 'c', request: 'r', policy: 'p', revision: 1, actor: 'human' } as const;
  const encoder = new BlockEncoder();
  encoder.begin(asked);
  encoder.decision('ads', 'email', undefined, 7, { permit: true, reason: 'permitted', obligations: [] });
  encoder.begin({ ...asked, at: 2 });
  encoder.decision('ads', 'email', undefined, 7, { permit: false, reason: 'floor', obligations: [] });
  const read = [...entriesOf(encoder.seal(0).subarray(FRAME_BYTES))];
  expect(read.map(({ entry }) => entry)).toMatchObject([
    { at: 1, decisions: [{ person: 7, reason: 'permitted' }] },
    { at: 2, decisions: [{ person: 7, reason: 'floor' }] },
  ]);
});

test('a set that does not ascend is refused, and nothing of it is written', () => {
  const asked = { at: 1, client: 'c', request: 'r', policy: 'p', revision: 1, actor: 'human' } as const;
  const encoder = new BlockEncoder();
  const set = { permits: ['email'], obligations: [], users: Uint32Array.of(3, 3), strangers: [] };
  const question = {
    way: 'audience',
    purpose: 'ads',
    fields: ['email'],
    stream: 's',
    part: 0,
    isLast: true,
    refused: {},
  } as const;
  expect(() => encoder.takeUsers(asked, { ...question, sets: [set] })).toThrow('must ascend');
  expect([...entriesOf(encoder.seal(0).subarray(FRAME_BYTES))]).toEqual([]);
});

function idsOf(entry: RecordEntry): number {
  return entry.kind === 'users' ? 1 : entry.decisions.length;
}
