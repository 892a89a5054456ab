import { afterAll, beforeAll } from 'vitest';
import { type DatabaseSettings, openDatabase } from '../../src/store/database/database.js';
import { PrismaBudgetStore } from '../../src/store/prisma-budgets.store.js';
import { MemoryBudgetStore } from '../memory/memory-budget.store.js';
import { type OpenBudgetStore, budgetStoreContract } from './budget.store.contract.js';
import { onEmbedded } from './embedded.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(() => server.stop());

async function openStore(settings: DatabaseSettings): Promise<OpenBudgetStore> {
  const database = await openDatabase(settings);
  return { store: new PrismaBudgetStore(database), close: () => database.close() };
}

budgetStoreContract('in memory', async () => ({ store: new MemoryBudgetStore(), close: async () => {} }));

budgetStoreContract('embedded', () => onEmbedded(openStore));

budgetStoreContract('PostgreSQL server', async () => openStore(await server.createStore('budgets')));
