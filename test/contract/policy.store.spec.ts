import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Overtaken } from '../../src/fleet/fleet.store.js';
import { type DatabaseSettings, openDatabase } from '../../src/store/database/database.js';
import { MemoryPolicyStore } from '../memory/memory-policy.store.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import { PrismaPolicyStore } from '../../src/store/prisma-policy.store.js';
import { event } from './consent.store.contract.js';
import { type OpenPolicyStore, policyStoreContract } from './policy.store.contract.js';
import { onEmbedded } from './embedded.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(() => server.stop());

async function openStore(settings: DatabaseSettings): Promise<OpenPolicyStore> {
  const database = await openDatabase(settings);
  const log = new PrismaConsentStore(database);
  return {
    store: new PrismaPolicyStore(database),
    append: async (events) => {
      await log.append(Array.from({ length: events }, (_, place) => event(`user-${place}`)));
    },
    close: () => database.close(),
  };
}

policyStoreContract('in memory', async () => {
  let revision = 0;
  return {
    store: new MemoryPolicyStore(() => revision),
    append: async (events) => void (revision += events),
    close: async () => {},
  };
});

policyStoreContract('embedded', () => onEmbedded(openStore));

policyStoreContract('PostgreSQL server', async () => openStore(await server.createStore('policies')));

describe('policy store on a server where another process declines', () => {
  it('publishes nothing past a decline that is being written while a draft which says the same is published', async () => {
    const database = await openDatabase(await server.createStore('policies_declined'));
    const store = new PrismaPolicyStore(database);
    const id = `sha256:${'0'.repeat(64)}`;
    await store.saveVersion({ id, document: {}, authors: [], message: '', parent: null, at: 1 });
    const start = { base: id, document: {}, content: id, message: 'm', authors: ['ann'], createdAt: 1 };
    await store.createDraft({ ...start, id: 'twin' });
    const draft = { id: 'twin', edit: 1, declines: 0 };
    const publish = () => store.publish({ version: id, by: 'a', at: 1, draft, approvals: [] });
    let publication: ReturnType<typeof publish> | undefined;
    // as a decline of a draft that the publication cannot see does
    await database.prisma.$transaction(async (decline) => {
      await decline.$executeRaw`INSERT INTO policy_content (id, declines) VALUES (${id}, 1)`;
      publication = publish();
      await expect
        .poll(() => database.prisma.$queryRaw`SELECT 1 AS waits FROM pg_locks WHERE NOT granted`)
        .toEqual([{ waits: 1 }]);
    });
    expect(await publication).toBeUndefined();
    expect((await store.draft('twin'))?.status).toBe('open');
    await database.close();
  });
});

describe('policy store on a server where another process withdraws an approval', () => {
  it('publishes nothing past a withdrawal that is being written', async () => {
    const database = await openDatabase(await server.createStore('policies_unapproved'));
    const store = new PrismaPolicyStore(database);
    const id = `sha256:${'0'.repeat(64)}`;
    await store.saveVersion({ id, document: {}, authors: [], message: '', parent: null, at: 1 });
    const start = { base: id, document: {}, content: id, message: 'm', authors: ['ann'], createdAt: 1 };
    await store.createDraft({ ...start, id: 'doubted' });
    const approval = { by: 'bob', roles: ['policy_admin'], at: 1 };
    await store.approve('doubted', 1, approval, []);
    const draft = { id: 'doubted', edit: 1, declines: 0 };
    const publish = () => store.publish({ version: id, by: 'a', at: 1, draft, approvals: [approval] });
    let publication: ReturnType<typeof publish> | undefined;
    // as a withdrawal does
    await database.prisma.$transaction(async (withdrawal) => {
      await withdrawal.$queryRaw`SELECT id FROM policy_draft WHERE id = 'doubted' FOR UPDATE`;
      await withdrawal.$executeRaw`DELETE FROM policy_approval WHERE draft_id = 'doubted'`;
      publication = publish();
      await expect
        .poll(() => database.prisma.$queryRaw`SELECT 1 AS waits FROM pg_locks WHERE NOT granted`)
        .toEqual([{ waits: 1 }]);
    });
    expect(await publication).toBeUndefined();
    expect((await store.draft('doubted'))?.status).toBe('open');
    await database.close();
  });
});

describe('policy store on a server where another process has published', () => {
  it('puts no version in force that does not follow it', async () => {
    const database = await openDatabase(await server.createStore('policies_overtaken'));
    const store = new PrismaPolicyStore(database);
    const id = `sha256:${'0'.repeat(64)}`;
    await store.saveVersion({ id, document: {}, authors: [], message: '', parent: null, at: 1 });
    const publication = { version: id, by: 'a', at: 1, draft: null, approvals: [] };
    await store.publish({ ...publication, follows: null });
    await expect(store.publish({ ...publication, follows: null })).rejects.toThrow(Overtaken);
    expect(await store.publications(10)).toHaveLength(1);
    await database.close();
  });
});
