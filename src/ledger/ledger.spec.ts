import { expect, it } from 'vitest';
import { MemoryUseStore } from '../../test/memory/memory-use.store.js';
import { Ledger } from './ledger.js';
import { LATEST } from './user-uses.js';

it('says that nothing is recorded rather than that nobody used anything', async () => {
  const ledger = new Ledger(new MemoryUseStore(), { numberOf: () => 1 }, false, () => 0);
  await expect(ledger.of('u-1', LATEST, 10)).rejects.toMatchObject({ code: 'nothing_recorded' });
});
