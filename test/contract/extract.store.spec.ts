import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, type DatabaseSettings, openDatabase } from '../../src/store/database/database.js';
import { PrismaExtractStore } from '../../src/store/prisma-extracts.store.js';
import { MemoryExtractStore } from '../memory/memory-extract.store.js';
import { type OpenExtractStore, extractStoreContract, openingOf } from './extract.store.contract.js';
import { onEmbedded } from './embedded.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(() => server.stop());

async function openStore(settings: DatabaseSettings): Promise<OpenExtractStore> {
  const database = await openDatabase(settings);
  return { store: new PrismaExtractStore(database), close: () => database.close() };
}

extractStoreContract('in memory', async () => ({ store: new MemoryExtractStore(), close: async () => {} }));

extractStoreContract('embedded', () => onEmbedded(openStore));

extractStoreContract('PostgreSQL server', async () => openStore(await server.createStore('extracts')));

describe('the tables of extracts', () => {
  let database: Database;
  let store: PrismaExtractStore;

  beforeAll(async () => {
    database = await openDatabase(await server.createStore('extracts_sealed'));
    store = new PrismaExtractStore(database);
  });
  afterAll(() => database.close());

  it('say neither who is in one nor how its members are named', async () => {
    const secret = Buffer.from('the secret of all of its handles');
    await store.open('sealed', openingOf({ secret }));
    await store.add('sealed', 1, 1, Buffer.from('who is in it'));
    const [extract] = await database.prisma.extract.findMany({ include: { members: true } });
    const held = [extract?.content, ...(extract?.members ?? []).map(({ content }) => content)]
      .map((bytes) => Buffer.from(bytes ?? []).toString('latin1'))
      .join();
    expect(held.length).toBeGreaterThan(100);
    for (const plain of [secret.toString(), secret.toString('base64'), 'who is in it', 'post.text'])
      expect(held).not.toContain(plain);
  });

  it('are found out where members of one are put into another, or another service is made its owner', async () => {
    await store.open('mine', openingOf());
    await store.open('other', openingOf({ client: 'other' }));
    await store.add('other', 1, 1, Buffer.from([1]));
    await database.prisma
      .$executeRaw`UPDATE extract_members SET extract_id = 'mine' WHERE extract_id = 'other'`;
    await expect(store.parts('mine', 0, 1)).rejects.toThrow('the extract `mine` was altered');
    await database.prisma.$executeRaw`
      UPDATE extract SET content = (SELECT content FROM extract WHERE id = 'other') WHERE id = 'mine'`;
    await expect(store.read('mine')).rejects.toThrow('the extract `mine` was altered');
  });
});
