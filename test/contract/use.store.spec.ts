import { rm } from 'node:fs/promises';
import { afterAll, beforeAll } from 'vitest';
import { type DatabaseSettings, openDatabase } from '../../src/store/database/database.js';
import { PrismaUseStore } from '../../src/store/prisma-uses.store.js';
import { newDataFolder } from '../e2e/service.js';
import { MemoryUseStore } from '../memory/memory-use.store.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';
import { type OpenUseStore, useStoreContract } from './use.store.contract.js';

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
}, 60_000);

afterAll(() => server.stop());

async function openStore(settings: DatabaseSettings): Promise<OpenUseStore> {
  const database = await openDatabase(settings);
  return { store: new PrismaUseStore(database), close: () => database.close() };
}

useStoreContract('in memory', async () => ({ store: new MemoryUseStore(), close: async () => {} }));

useStoreContract('embedded', async () => {
  const folder = await newDataFolder();
  const opened = await openStore({ dataDir: folder });
  return {
    ...opened,
    close: async () => {
      await opened.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});

useStoreContract('PostgreSQL server', async () => openStore(await server.createStore('uses')));
