/** A ledger says of each user what the records say, however much of them is counted at a time, by whomever, and how often. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RollUp, partsOf } from '../../../src/ledger/roll-up.js';
import type { RecordEntry } from '../../../src/record/record-entry.js';
import { MemoryUseStore } from '../../memory/memory-use.store.js';
import { times } from '../../times.js';
import { recordEntry } from '../record/records.js';
import { ledgerOf, usesIn } from './rolled.js';

const DAY_MS = 86_400_000;

/** Entries of a few days and users, so that much comes together. */
const asked = fc.array(
  fc.tuple(recordEntry, fc.nat(3), fc.constantFrom('ranking', 'ads')).map(([entry, day, client]) => ({
    ...entry,
    client,
    at: (20_000 + day) * DAY_MS + (entry.at % 1_000),
  })),
  { maxLength: 12 },
);

/** With what services report of them: in any order, also twice, and of what is on no record. */
const entries = fc
  .tuple(
    asked,
    fc.array(
      fc.record({
        of: fc.nat(),
        obligation: fc.constantFrom('deidentify', 'a\u0000\ud800'),
        answer: fc.nat(2),
      }),
      { maxLength: 12 },
    ),
  )
  .map(([all, reports]) => [
    ...all,
    ...reports.flatMap(({ of, obligation, answer }): RecordEntry[] => {
      const entry = all[of % all.length];
      if (entry?.kind !== 'decisions') return [];
      const { at, request, decisions } = entry;
      const report = {
        obligation,
        decidedAt: at,
        decidedIn: request,
        answer: new Uint8Array(12).fill(answer),
      };
      return [{ ...entry, kind: 'discharge', at: at + DAY_MS, ...report, decisions }];
    }),
  ]);

async function expectLedger(
  store: MemoryUseStore,
  recorded: readonly RecordEntry[],
  limit?: number,
): Promise<void> {
  for (const [user, uses] of usesIn(recorded)) expect(await ledgerOf(store, user, limit)).toEqual(uses);
}

test('each use is in the ledger of its user, whatever is counted together', async () => {
  await fc.assert(
    fc.asyncProperty(
      entries,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 5 }),
      async (recorded, parts, limit) => {
        const store = new MemoryUseStore();
        let from = { sequence: 0, at: 0, nextBlock: 0, skip: 0 };
        let group = new RollUp(0);
        let added = 0;
        const add = async () => {
          const to = { ...from, skip: from.skip + 1 };
          expect(await store.add('w', from, to, group.result())).toBe(true);
          from = to;
          group = new RollUp(0);
        };
        for (const entry of recorded)
          for (let part = 0; part < partsOf(entry); part++) {
            group.add(entry, part);
            if (++added % parts === 0) await add();
          }
        await add();
        await expectLedger(store, recorded, limit);
      },
    ),
    { numRuns: times(500, 25) },
  );
});
