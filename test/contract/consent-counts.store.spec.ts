import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConsentCountStore, CountOfDay } from '../../src/reports/counts/consent-counts.store.js';
import { type DatabaseSettings, openDatabase } from '../../src/store/database/database.js';
import { PrismaConsentCountStore } from '../../src/store/prisma-consent-counts.store.js';
import { MemoryConsentCountStore } from '../memory/memory-consent-counts.store.js';
import { onEmbedded } from './embedded.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

type Opened = { readonly store: ConsentCountStore; readonly close: () => Promise<void> };

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(() => server.stop());

async function openStore(settings: DatabaseSettings): Promise<Opened> {
  const database = await openDatabase(settings);
  return { store: new PrismaConsentCountStore(database), close: () => database.close() };
}

function count(more: Partial<CountOfDay> = {}): CountOfDay {
  return {
    purpose: 'ads',
    day: 20_000,
    policy: 'sha256:a',
    at: 1_728_000_000_123,
    part: 0.5,
    minimum: 50,
    told: [
      { regime: 'EU_EEA_CH', reason: 'permitted', users: 4_000_000_000 },
      { regime: 'EU_EEA_CH', reason: null, users: 150 },
    ],
    ...more,
  };
}

describe.each<[string, () => Promise<Opened>]>([
  ['in memory', async () => ({ store: new MemoryConsentCountStore(), close: async () => {} })],
  ['embedded', () => onEmbedded(openStore)],
  ['PostgreSQL server', async () => openStore(await server.createStore('counts'))],
])('store of counts %s', (_name, open) => {
  let opened: Opened;
  let store: ConsentCountStore;

  beforeAll(async () => {
    opened = await open();
    store = opened.store;
  });
  afterAll(() => opened.close());

  it('keeps what the first wrote of a day and a version, and nothing of who comes later', async () => {
    const first = ['ai', 'ads'].map((purpose) => count({ purpose }));
    const later = ['ads', 'ai', 'more'].map((purpose) => count({ purpose, minimum: 300, told: [] }));
    expect(await store.has(20_000, 'sha256:a')).toBe(false);
    await store.write(first);
    expect(await store.has(20_000, 'sha256:a')).toBe(true);
    await store.write(later.slice(0, 2));
    for (const one of first) expect(await store.read(one.purpose, 0, 30_000)).toEqual([one]);
    expect(await store.has(20_001, 'sha256:a')).toBe(false);
    expect(await store.has(20_000, 'sha256:b')).toBe(false);
  });

  it('has one of two that are written at once, whole', async () => {
    const purposes = Array.from({ length: 40 }, (_, place) => `p-${place}`);
    const of = (at: number) => purposes.map((purpose) => count({ purpose, day: 19_000, at }));
    await Promise.all([store.write(of(1)), store.write(of(2).toReversed())]);
    const times = new Set<number>();
    for (const purpose of purposes) times.add((await store.read(purpose, 19_000, 19_000))[0]?.at ?? 0);
    expect([...times]).toHaveLength(1);
  });

  it('gives the days that are asked for, and of each the versions in the order in which they were counted', async () => {
    const one = { purpose: 'dated' };
    const days = [
      count({ ...one, day: 5 }),
      count({ ...one, day: 7, at: 1, policy: 'sha256:z' }),
      count({ ...one, day: 7, at: 2 }),
    ];
    await store.write(days.toReversed());
    await store.write([count({ ...one, day: 8 })]);
    expect(await store.read('dated', 5, 7)).toEqual(days);
    expect(await store.read('dated', 6, 6)).toEqual([]);
  });

  it('forgets what is older than a day', async () => {
    const one = { purpose: 'old' };
    await store.write([count({ ...one, day: 1 }), count({ ...one, day: 2 })]);
    await store.forget(2);
    expect((await store.read('old', 0, 9)).map(({ day }) => day)).toEqual([2]);
  });
});
