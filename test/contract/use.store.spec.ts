import { afterAll, beforeAll } from 'vitest';
import { type DatabaseSettings, openDatabase } from '../../src/store/database/database.js';
import { PrismaUseStore } from '../../src/store/prisma-uses.store.js';
import { MemoryUseStore } from '../memory/memory-use.store.js';
import { onEmbedded } from './embedded.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';
import { type OpenUseStore, useStoreContract } from './use.store.contract.js';

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(() => server.stop());

async function openStore(settings: DatabaseSettings): Promise<OpenUseStore> {
  const database = await openDatabase(settings);
  const gives = async (number: number) => {
    await database.prisma.$executeRaw`UPDATE consent_head SET subject = ${number}::bigint`;
  };
  return { store: new PrismaUseStore(database), gives, close: () => database.close() };
}

useStoreContract('in memory', async () => {
  const store = new MemoryUseStore();
  return { store, gives: async (number) => void (store.given = number), close: async () => {} };
});

useStoreContract('embedded', () => onEmbedded(openStore));

useStoreContract('PostgreSQL server', async () => openStore(await server.createStore('uses')));
