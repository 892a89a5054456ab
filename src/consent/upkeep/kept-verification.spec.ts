import { expect, test } from 'vitest';
import { MemoryFailedVerificationStore } from '../../../test/memory/memory-failed-verifications.store.js';
import { keptVerification } from './kept-verification.js';
import type { VerificationReport } from './verification.js';

const BROKEN = { intact: false, revision: 7, because: 'the entry was changed' } as const;
const INTACT = { intact: true, revision: 9, hash: Buffer.alloc(32) } as const;
const HALF = { verified: 4, of: 9 };
const KEPT = { of: 'consent_log', at: 5, because: 'revision 7: the entry was changed', by: 'olga' };

/** What is told, of a verification that says this. */
async function told(
  store: Pick<MemoryFailedVerificationStore, 'failed' | 'passed'>,
  ...reports: readonly VerificationReport[]
): Promise<VerificationReport[]> {
  const said = async function* () {
    yield* reports;
  };
  const all: VerificationReport[] = [];
  const onTrouble = (error: unknown) => expect(error).toEqual(new Error('no database'));
  for await (const report of keptVerification(said(), 'olga', store, () => 5, onTrouble)) all.push(report);
  return all;
}

test('what failed is kept until a later verification holds, and one that was left off changes nothing', async () => {
  const store = new MemoryFailedVerificationStore();
  expect(await told(store, HALF, BROKEN)).toEqual([HALF, BROKEN]);
  expect(await store.all()).toEqual([KEPT]);
  await told(store, HALF);
  expect(await store.all()).toEqual([KEPT]);
  await told(store, HALF, INTACT);
  expect(await store.all()).toEqual([]);
});

test('what was found is told where it cannot be kept', async () => {
  const fails = () => Promise.reject(new Error('no database'));
  expect(await told({ failed: fails, passed: fails }, BROKEN)).toEqual([BROKEN]);
  expect(await told({ failed: fails, passed: fails }, INTACT)).toEqual([INTACT]);
});
