/** On a log that has grown: no question reads all of it, or all users, whatever plan the database makes of it, or keeps. */
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ConsentLog } from '../../src/consent/log/consent-log.js';
import { type Database, openDatabase } from '../../src/store/database/database.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import { event } from './consent.store.contract.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

const USERS = 2_000;
const BLOCK = 500;
/** A plan for whatever values is made, if at all, when a statement has come this often on one connection. */
const OFTEN = 8;

let server: PostgresServer;
let settings: Awaited<ReturnType<PostgresServer['createStore']>>;

beforeAll(async () => {
  server = await startPostgres();
  settings = await server.createStore('grown');
  const database = await openDatabase(settings);
  const store = new PrismaConsentStore(database);
  for (let first = 0; first < 2 * USERS; first += BLOCK)
    await store.append(Array.from({ length: BLOCK }, (_, place) => event(userOf(first + place))));
  await database.close();
});

afterAll(() => server.stop());

function userOf(number: number): string {
  return `u-${number % USERS}`;
}

/** How often each of the tables that grow was read from end to end. Told by a connection when it ends. */
async function wholeReads(): Promise<Record<string, number>> {
  const client = new Client({ connectionString: settings.databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ readonly name: string; readonly scans: number }>(
      `SELECT relname AS name, seq_scan::int AS scans FROM pg_stat_user_tables
       WHERE relname IN ('consent_event', 'consent_subject')`,
    );
    return Object.fromEntries(rows.map(({ name, scans }) => [name, scans]));
  } finally {
    await client.end();
  }
}

async function wholeReadsOf(work: (store: PrismaConsentStore, database: Database) => Promise<unknown>) {
  const database = await openDatabase(settings);
  const store = new PrismaConsentStore(database);
  const before = await wholeReads();
  for (let time = 0; time < OFTEN; time++) await work(store, database);
  await database.close();
  const after = await wholeReads();
  return Object.fromEntries(
    Object.keys(after).map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]),
  );
}

const NONE = { consent_event: 0, consent_subject: 0 };

it.each<[string, Parameters<typeof wholeReadsOf>[0]]>([
  ['who follows the log', (store) => store.entries(2 * USERS - 100, 10_000)],
  [
    'who asks how far the others are',
    async (store, database) => {
      const [last] = await store.read(2 * USERS - 1, 1);
      const reached = {
        revision: last?.revision ?? 0,
        publication: 0,
        entry: store.lastLink,
        published: Buffer.alloc(0),
      };
      return database.fleet?.others(0, reached);
    },
  ],
  ['who reads what a user said', (store) => store.readUser(userOf(7), 0, 100)],
  ['who reads it back', (store) => store.readUserBack(userOf(7), 2 * USERS, 100)],
  ['who asks for last choices', (store) => store.lastChoices([{ user: userOf(3), purpose: 'ai' }])],
  ['who asks for deadlines', (store) => store.deadlinesOf([userOf(1), userOf(2)])],
  ['who asks what is due', (store) => store.due(Date.now(), 100)],
])('%s reads no table whole', async (_who, work) => {
  expect(await wholeReadsOf(work)).toEqual(NONE);
});

it('a change that is made and confirmed reads no table whole', async () => {
  expect(
    await wholeReadsOf(async (store) => {
      const log = new ConsentLog(store, () => undefined);
      await log.follow();
      await log.join();
      await log.change({ ...event(userOf(5)), settle: () => [event(userOf(5)).change] });
      await log.close();
    }),
  ).toEqual(NONE);
});
