import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpentIdStore } from '../../src/sessions/spent-ids.store.js';
import { type DatabaseSettings, openDatabase } from '../../src/store/database/database.js';
import { PrismaSpentIdStore } from '../../src/store/prisma-spent-ids.store.js';
import { MemorySpentIdStore } from '../memory/memory-spent-ids.store.js';
import { onEmbedded } from './embedded.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

type Opened = { readonly store: SpentIdStore; readonly close: () => Promise<void> };

async function openStore(settings: DatabaseSettings): Promise<Opened> {
  const database = await openDatabase(settings);
  return { store: new PrismaSpentIdStore(database), close: () => database.close() };
}

const STORES: Readonly<Record<string, () => Promise<Opened>>> = {
  'in memory': async () => ({ store: new MemorySpentIdStore(), close: async () => {} }),
  embedded: () => onEmbedded(openStore),
  'PostgreSQL server': async () => openStore(await server.createStore('spent_ids')),
};

describe.each(Object.keys(STORES))('the ids that are spent, %s', (named) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = (await STORES[named]?.()) ?? { store: new MemorySpentIdStore(), close: async () => {} };
  });
  afterAll(() => opened.close());
  const id = (number: number) => Uint8Array.from({ length: 16 }, () => number);

  it('are those that were spent, by one alone of all who try at once', async () => {
    const { store } = opened;
    expect(await store.isSpent(id(1))).toBe(false);
    const tries = await Promise.all(Array.from({ length: 8 }, () => store.spend(id(1), 1_000, 0)));
    expect(tries.filter(Boolean)).toHaveLength(1);
    expect(await store.isSpent(id(1))).toBe(true);
    expect(await store.isSpent(id(2))).toBe(false);
  });

  it('are forgotten once they would count no more, and not before', async () => {
    const { store } = opened;
    await store.spend(id(3), 500, 0);
    await store.spend(id(4), 501, 0);
    await store.spend(id(5), 1_000, 501);
    expect(await store.isSpent(id(3))).toBe(false);
    expect(await store.isSpent(id(4))).toBe(true);
    expect(await store.isSpent(id(5))).toBe(true);
  });
});
