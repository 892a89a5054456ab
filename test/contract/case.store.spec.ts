import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, type DatabaseSettings, openDatabase } from '../../src/store/database/database.js';
import { PrismaCaseStore } from '../../src/store/prisma-cases.store.js';
import { MemoryCaseStore } from '../memory/memory-case.store.js';
import { type OpenCaseStore, caseStoreContract, opening } from './case.store.contract.js';
import { onEmbedded } from './embedded.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(() => server.stop());

async function openStore(settings: DatabaseSettings): Promise<OpenCaseStore> {
  const database = await openDatabase(settings);
  return { store: new PrismaCaseStore(database), close: () => database.close() };
}

caseStoreContract('in memory', async () => ({ store: new MemoryCaseStore(), close: async () => {} }));

caseStoreContract('embedded', () => onEmbedded(openStore));

caseStoreContract('PostgreSQL server', async () => openStore(await server.createStore('cases')));

describe('the tables of cases', () => {
  let database: Database;
  let store: PrismaCaseStore;

  beforeAll(async () => {
    database = await openDatabase(await server.createStore('cases_sealed'));
    store = new PrismaCaseStore(database);
  });
  afterAll(() => database.close());

  /** A case that was opened and closed. */
  async function closedCase(id: string): Promise<void> {
    await store.append(id, 1, opening());
    await store.append(id, 2, { kind: 'closed', by: { kind: 'admin', id: 'rita' }, at: 1, reason: 'done' });
  }

  it('say nothing of whom a case is about', async () => {
    await closedCase('sealed');
    const rows = await database.prisma.caseEvent.findMany({ where: { caseId: 'sealed' } });
    const held = rows.map(({ content }) => Buffer.from(content).toString('latin1')).join();
    for (const secret of ['u-1', 'm-1', 'rita', 'safety', 'closed', 'done'])
      expect(held).not.toContain(secret);
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    [
      'its closing was taken away',
      async (id) => {
        await database.prisma.caseEvent.deleteMany({ where: { caseId: id, number: 2 } });
        await database.prisma.caseFile.update({ where: { id }, data: { events: 1 } });
      },
    ],
    [
      'all its events were taken away',
      (id) => database.prisma.caseEvent.deleteMany({ where: { caseId: id } }),
    ],
    [
      'a byte of an event was changed',
      (id) =>
        database.prisma.$executeRaw`
          UPDATE case_event SET content = set_byte(content, 20, get_byte(content, 20) # 1)
          WHERE case_id = ${id} AND number = 1`,
    ],
    [
      'two events were swapped',
      (id) => database.prisma.$executeRaw`
          UPDATE case_event SET content = (
            SELECT content FROM case_event AS other WHERE other.case_id = ${id} AND other.number <> case_event.number
          ) WHERE case_id = ${id}`,
    ],
    [
      'an event has another number',
      (id) =>
        database.prisma.$executeRaw`UPDATE case_event SET number = 3 WHERE case_id = ${id} AND number = 2`,
    ],
    [
      'its events are those of another case',
      async (id) => {
        await store.append(`${id} open`, 1, opening());
        await database.prisma.caseEvent.deleteMany({ where: { caseId: id } });
        await database.prisma.$executeRaw`
          INSERT INTO case_event SELECT ${id}, number, content FROM case_event WHERE case_id = ${`${id} open`}`;
        await database.prisma.$executeRaw`
          UPDATE case_file SET (events, hash, mac) = (
            SELECT events, hash, mac FROM case_file WHERE id = ${`${id} open`}
          ) WHERE id = ${id}`;
      },
    ],
  ])('are found out where %s', async (what, alter) => {
    await closedCase(what);
    await alter(what);
    await expect(store.read(what)).rejects.toThrow(`the case \`${what}\` was altered`);
    // and nothing else is lost with it
    await store.append(`${what} whole`, 1, opening());
    expect(await store.readAll([what, `${what} whole`])).toEqual(
      new Map<string, unknown>([
        [what, 'altered'],
        [`${what} whole`, await store.read(`${what} whole`)],
      ]),
    );
    const listed = (await store.list(100)).find(({ id }) => id === what);
    expect(listed).toMatchObject({ openedAt: opening().at, found: 'altered' });
  });
});
