import { expect, it } from 'vitest';
import type { FailedVerificationStore } from '../../src/consent/upkeep/failed-verifications.store.js';
import { type DatabaseSettings, openDatabase } from '../../src/store/database/database.js';
import { PrismaFailedVerificationStore } from '../../src/store/prisma-failed-verifications.store.js';
import { MemoryFailedVerificationStore } from '../memory/memory-failed-verifications.store.js';
import { onEmbedded } from './embedded.js';

type Opening = { readonly store: FailedVerificationStore; readonly close: () => Promise<void> };

async function openStore(settings: DatabaseSettings): Promise<Opening> {
  const database = await openDatabase(settings);
  return { store: new PrismaFailedVerificationStore(database), close: () => database.close() };
}

const OPENINGS: readonly (readonly [string, () => Promise<Opening>])[] = [
  ['in memory', async () => ({ store: new MemoryFailedVerificationStore(), close: async () => {} })],
  ['embedded', () => onEmbedded(openStore)],
];

it.each(OPENINGS)(
  'keeps %s the last failure of each, the latest first, until it passes',
  async (_where, open) => {
    const { store, close } = await open();
    const first = { of: 'consent_log', at: 1, because: 'revision 7: changed', by: 'olga' };
    const record = { of: 'record/0a', at: 2, because: 'damaged at byte 3', by: null };
    const second = { ...first, at: 3, because: 'revision 6: changed' };
    await store.failed(first);
    await store.failed(record);
    expect(await store.all()).toEqual([record, first]);
    await store.failed(second);
    expect(await store.all()).toEqual([second, record]);
    await store.passed('consent_log');
    await store.passed('consent_log');
    expect(await store.all()).toEqual([record]);
    await close();
  },
);
