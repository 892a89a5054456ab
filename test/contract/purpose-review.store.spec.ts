import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  PurposeReview,
  PurposeReviewStore,
} from '../../src/publishing/purpose-reviews/purpose-reviews.store.js';
import { type DatabaseSettings, openDatabase } from '../../src/store/database/database.js';
import { PrismaPurposeReviewStore } from '../../src/store/prisma-purpose-reviews.store.js';
import { MemoryPurposeReviewStore } from '../memory/memory-purpose-review.store.js';
import { onEmbedded } from './embedded.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

type Opening = { readonly store: PurposeReviewStore; readonly close: () => Promise<void> };

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(() => server.stop());

async function openStore(settings: DatabaseSettings): Promise<Opening> {
  const database = await openDatabase(settings);
  return { store: new PrismaPurposeReviewStore(database), close: () => database.close() };
}

const OPENINGS: readonly (readonly [string, () => Promise<Opening>])[] = [
  ['in memory', async () => ({ store: new MemoryPurposeReviewStore(), close: async () => {} })],
  ['embedded', () => onEmbedded(openStore)],
  ['PostgreSQL server', async () => openStore(await server.createStore('reviews'))],
];

const REVIEW: Omit<PurposeReview, 'sequence'> = {
  purpose: 'ads',
  policy: 'sha256:now',
  reviewBy: '2027-06-30',
  finding: 'All is well.\nSo far.',
  next: '2028-06-30',
  by: 'olga',
  roles: ['privacy_officer', 'policy_admin'],
  at: Date.UTC(2026, 10, 29),
};

describe.each(OPENINGS)('reviews of purposes, %s', (_name, open) => {
  let opening: Opening;
  const added: PurposeReview[] = [];

  beforeAll(async () => {
    opening = await open();
    const { store } = opening;
    const bare = { ...REVIEW, reviewBy: null, next: null };
    for (const review of [REVIEW, { ...bare, purpose: 'ai' }, bare]) added.push(await store.add(review));
  });
  afterAll(() => opening.close());

  it('are kept as they were written, newest first, in pages', async () => {
    const [first, second, third] = added;
    expect(first).toEqual({ ...REVIEW, sequence: first?.sequence });
    expect(await opening.store.list(10)).toEqual([third, second, first]);
    expect(await opening.store.list(1, third?.sequence)).toEqual([second]);
    expect(await opening.store.list(10, first?.sequence)).toEqual([]);
  });

  it('are looked up by purpose, the newest of each', async () => {
    const [, second, third] = added;
    const found = await opening.store.latest(['nothing', 'ads', 'ai']);
    expect(found.toSorted((one, other) => one.sequence - other.sequence)).toEqual([second, third]);
    expect(await opening.store.latest([])).toEqual([]);
    expect(await opening.store.latest(['nothing'])).toEqual([]);
  });
});
