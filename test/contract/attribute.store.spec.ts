import { afterAll, beforeAll } from 'vitest';
import type { ChangedBy, NewConsentEvent } from '../../src/decision/consent-event.js';
import { type DatabaseSettings, openDatabase } from '../../src/store/database/database.js';
import { PrismaAttributeStore } from '../../src/store/prisma-attributes.store.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import { MemoryAttributeStore } from '../memory/memory-attribute.store.js';
import { type OpenAttributeStore, attributeStoreContract } from './attribute.store.contract.js';
import { onEmbedded } from './embedded.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

const BY: ChangedBy = { kind: 'service', id: 'accounts' };

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(() => server.stop());

async function openStore(settings: DatabaseSettings): Promise<OpenAttributeStore> {
  const database = await openDatabase(settings);
  const log = new PrismaConsentStore(database);
  const change = { kind: 'profile', region: 'DE', ageBand: 'adult' } as const;
  return {
    store: new PrismaAttributeStore(database),
    admit: async (users) => {
      const events = await log.append(
        users.map((user): NewConsentEvent => ({ user, by: BY, at: 0, via: 'settings', change })),
      );
      return events.map(({ subject }) => subject);
    },
    erase: async (user) => void (await log.erase(user, BY, 0)),
    close: () => database.close(),
  };
}

attributeStoreContract('in memory', async () => {
  const known = new Set<number>();
  const store = new MemoryAttributeStore((user) => known.has(user));
  return {
    store,
    admit: async (users) => {
      for (const place of users.keys()) known.add(place + 1);
      return [...known];
    },
    erase: async () => {
      const [first = 0] = known;
      known.delete(first);
      store.erase(first);
    },
    close: async () => {},
  };
});

attributeStoreContract('embedded', () => onEmbedded(openStore));

attributeStoreContract('PostgreSQL server', async () => openStore(await server.createStore('attributes')));
