/** Whoever is named by a record that is not counted yet is known before it is, so that nobody else gets their number. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Roller } from '../../../src/ledger/roller.js';
import { highestUncounted, passOverLost } from '../../../src/ledger/uncounted-numbers.js';
import { MemoryConsentStore } from '../../memory/memory-consent.store.js';
import { MemoryFailedVerificationStore } from '../../memory/memory-failed-verifications.store.js';
import { MemoryUseStore } from '../../memory/memory-use.store.js';
import { times } from '../../times.js';
import { event } from '../../contract/consent.store.contract.js';
import { newFolder, question, write } from '../record/folders.js';
import { recordEntry } from '../record/records.js';
import { usesIn } from './rolled.js';

const NOW = Date.UTC(2027, 0, 31);

const roll = (folder: string, store: MemoryUseStore) =>
  new Roller(
    { folder, log: 'log', days: 0, rows: 100 },
    store,
    () => NOW,
    () => undefined,
    new MemoryFailedVerificationStore(),
  ).run();

test('no number that the ledger will name is above the highest that is told before', async () => {
  const parts = fc.array(fc.array(recordEntry, { maxLength: 4 }), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(parts, async (writers) => {
      const folder = newFolder();
      for (const entries of writers) await write(folder, entries);
      const store = new MemoryUseStore();
      const highest = await highestUncounted(folder, 'log', store);
      for (const user of usesIn(writers.flat()).keys()) expect(user).toBeLessThanOrEqual(highest);
      expect(await highestUncounted(folder, 'another log', store)).toBe(0);
      await roll(folder, store);
      expect(await highestUncounted(folder, 'log', store)).toBe(0);
    }),
    { numRuns: times(100, 20) },
  );
});

test('whoever is registered after a restore has the uses of nobody whom the copy has lost', async () => {
  const folder = newFolder();
  const copy = new MemoryConsentStore();
  const uses = new MemoryUseStore();
  // of the seventh user of the log, whom the copy does not know
  await write(folder, [question('lost', NOW)]);
  const log = {
    tokens: { logName: 'log' },
    end: () => copy.end(),
    passOver: (number: number) => copy.passOver(number),
  };
  expect([await passOverLost(folder, log, uses), await passOverLost(folder, log, uses)]).toEqual([7, 0]);
  await roll(folder, uses);
  const [first] = await copy.append([event('new')]);
  expect(first?.subject).toBe(8);
});

test('a record that is not there names nobody', async () => {
  expect(await highestUncounted(`${newFolder()}/none`, 'log', new MemoryUseStore())).toBe(0);
});
