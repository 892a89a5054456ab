/** On tables that have grown: no question reads one of them whole, whatever plan the database makes of it, or keeps. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ConsentLog } from '../../src/consent/log/consent-log.js';
import { memberOf } from '../../src/ledger/members.js';
import { LATEST } from '../../src/ledger/user-uses.js';
import { type Database, openDatabase } from '../../src/store/database/database.js';
import { PrismaAttributeStore } from '../../src/store/prisma-attributes.store.js';
import { PrismaBudgetStore } from '../../src/store/prisma-budgets.store.js';
import { PrismaConsentCountStore } from '../../src/store/prisma-consent-counts.store.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import { PrismaCaseStore } from '../../src/store/prisma-cases.store.js';
import { PrismaExtractStore } from '../../src/store/prisma-extracts.store.js';
import { PrismaUseStore } from '../../src/store/prisma-uses.store.js';
import { opening } from './case.store.contract.js';
import { event } from './consent.store.contract.js';
import { openingOf } from './extract.store.contract.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

const USERS = 2_000;
const BLOCK = 500;
/** A plan for whatever values is made, if at all, when a statement has come this often on one connection. */
const OFTEN = 8;

/** Those that grow with people and with use. */
const TABLES = [
  'consent_event',
  'consent_subject',
  'use_term',
  'use_count',
  'use_set',
  'use_total',
  'use_access',
  'use_lookup',
  'case_file',
  'case_event',
  'extract',
  'extract_members',
  'use_discharge',
  'dp_budget',
  'dp_figure',
  'user_attribute',
  'consent_count',
  'consent_deadline',
];
const NOW = 1_800_000_000_000;
const TODAY = Math.floor(NOW / 86_400_000);
/** Rows as they are written, but for what is sealed in them: these are never opened. */
const GROWN = [
  `INSERT INTO consent_deadline SELECT revision, subject, 9000000000000 + revision FROM consent_event`,
  `INSERT INTO use_term SELECT term, '{}', '""', '""', '[]', '""', NULL, ${TODAY} FROM generate_series(1, 2000) AS term`,
  `INSERT INTO use_count SELECT ${TODAY} - day, subject, 1 + subject, 1, 0, 0
   FROM generate_series(0, 9) AS day, generate_series(1, 1500) AS subject`,
  `INSERT INTO use_set (day, bucket, term, at, members) SELECT ${TODAY} - day, bucket, 1, 0, '\\x0001'
   FROM generate_series(0, 9) AS day, generate_series(0, 500) AS bucket`,
  `INSERT INTO use_total SELECT ${TODAY} - day, term, 1, 0 FROM generate_series(0, 9) AS day, generate_series(1, 2000) AS term`,
  `INSERT INTO use_access (day, case_id, at, content) SELECT ${TODAY}, '"c-' || named || '"', ${NOW}, ''
   FROM generate_series(2, 5000) AS named`,
  `INSERT INTO use_discharge SELECT ${TODAY} - day, 1 + subject, subject, '"o"', int8send(subject)
   FROM generate_series(0, 9) AS day, generate_series(1, 1500) AS subject`,
  `INSERT INTO dp_budget SELECT 'p-' || named, '2026-11', 1, 0, 1, named, named FROM generate_series(1, 3000) AS named`,
  `INSERT INTO dp_figure SELECT 'p-' || named, 'f', 'd', '2026-11', 1, 0, 'c', 1, 1 FROM generate_series(1, 5000) AS named`,
  `INSERT INTO attribute (id, content) VALUES ('industry', '{"title":"Industry","values":[{"id":"law","title":"Law"}]}')`,
  `INSERT INTO user_attribute SELECT id, (SELECT number FROM attribute), 0 FROM consent_subject`,
  `INSERT INTO consent_count SELECT 'p-' || named, day, 'sha256:a', 0, 1, 50, '[]'
   FROM generate_series(1, 20) AS named, generate_series(1, 1095) AS day`,
  `INSERT INTO use_cursor (writer, sequence, at, next_block, skip, until, has_ended) VALUES ('w', 1, 0, 0, 0, 1, false)`,
  `INSERT INTO case_file SELECT 'c-' || named, ${NOW} - named, 1, '', '' FROM generate_series(2, 5000) AS named`,
  `INSERT INTO case_event SELECT 'c-' || named, 1, '' FROM generate_series(2, 5000) AS named`,
  `INSERT INTO extract (id, client, opened_at, content, revision)
   SELECT 'e-' || named, 'trainer', ${NOW} - named, '', 1 FROM generate_series(2, 3000) AS named`,
  `INSERT INTO extract_members (extract_id, bucket, number, up_to, edition, users, content)
   SELECT 'e-' || named, bucket, 0, 1, 1, 1, '' FROM generate_series(2, 3000) AS named, generate_series(1, 2) AS bucket`,
];

let server: PostgresServer;
let settings: Awaited<ReturnType<PostgresServer['createStore']>>;
let client: Client;

beforeAll(async () => {
  server = await startPostgres();
  settings = await server.createStore('grown');
  client = new Client({ connectionString: settings.databaseUrl });
  await client.connect();
  const database = await openDatabase(settings);
  const store = new PrismaConsentStore(database);
  for (let first = 0; first < 2 * USERS; first += BLOCK)
    await store.append(Array.from({ length: BLOCK }, (_, place) => event(userOf(first + place))));
  await growBesides(database);
  await database.close();
});

/** The ledger, cases and extracts: some that can be read, among many that nobody asks for. */
async function growBesides(database: Database): Promise<void> {
  const [uses, cases, extracts] = [
    new PrismaUseStore(database),
    new PrismaCaseStore(database),
    new PrismaExtractStore(database),
  ];
  const by = { by: 'olga', role: 'auditor', reason: 'a complaint' };
  await uses.noteLookup(
    Array.from({ length: USERS }, (_, user) => user + 1),
    { at: NOW, ...by },
  );
  for (const rows of GROWN) await client.query(rows);
  await cases.append('c-1', 1, opening(NOW));
  await extracts.open('e-1', openingOf({ at: NOW }));
  await client.query('ANALYZE');
}

afterAll(async () => {
  await client.end();
  await server.stop();
});

function userOf(number: number): string {
  return `u-${number % USERS}`;
}

/** How often each of the tables that grow was read from end to end. Told by a connection when it ends. */
async function wholeReads(): Promise<Record<string, number>> {
  const { rows } = await client.query<{ readonly name: string; readonly scans: number }>(
    `SELECT relname AS name, seq_scan::int AS scans FROM pg_stat_user_tables
     WHERE relname = ANY ($1)`,
    [TABLES],
  );
  return Object.fromEntries(rows.map(({ name, scans }) => [name, scans]));
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

const NONE = Object.fromEntries(TABLES.map((table) => [table, 0]));

/** As many as are met at a time. */
/** Writes beside the log at its head. */
async function atHead(store: PrismaConsentStore, write: (after: number) => Promise<void>): Promise<void> {
  const head = await store.head();
  await store.read(head, 1);
  await write(head);
}

function someDeadlines() {
  return Array.from({ length: 200 }, (_, place) => ({
    revision: place + 1,
    subject: place + 1,
    due: 9_000_000_000_000,
  }));
}

/** Counts a use of a term that there is. */
async function countOne(store: PrismaUseStore): Promise<unknown> {
  const from = (await store.cursors(['w'])).get('w');
  if (from === undefined) throw new Error('the writer has no place');
  const term = {
    content: '{}',
    client: '""',
    purpose: '""',
    fields: '[]',
    reason: '""',
    case: null,
    day: TODAY,
  };
  return store.add(
    'w',
    from,
    { ...from, at: from.at + 1 },
    {
      highest: 7,
      terms: [term],
      counts: [{ day: TODAY, user: 7, term: 0, count: 1, first: NOW, last: NOW }],
      sets: [{ day: TODAY, bucket: 3, term: 0, at: NOW, members: Buffer.from([0, 1]) }],
      totals: [{ day: TODAY, term: 0, count: 1, strangers: 0 }],
      accesses: [],
      discharges: [{ day: TODAY, user: 7, term: 0, obligation: '"o"', use: Buffer.from([1]) }],
    },
  );
}

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
  ['who asks what is due but for profiles', (store) => store.due(8.64e15, 100, 0)],
  ['who asks when the next is due', (store) => store.nextDue()],
  ['who sets deadlines', (store) => atHead(store, (after) => store.setDeadlines(someDeadlines(), after))],
  [
    'who puts them off',
    (store) => atHead(store, (after) => store.putOffDeadlines(someDeadlines(), [7], after)),
  ],
  [
    'who moves, and has what lapses looked at',
    async (store) => {
      await store.read(await store.head(), 1);
      await store.append([event(userOf(1))], { turns: () => true });
    },
  ],
  [
    'who reads their ledger',
    (_store, database) => new PrismaUseStore(database).usesOf(memberOf(7), LATEST, 50),
  ],
  [
    'who reads who looked them up',
    (_store, database) => new PrismaUseStore(database).lookupsOf(7, undefined, 50),
  ],
  [
    'who reads the accesses of a case',
    (_store, database) => new PrismaUseStore(database).accessesUnder('"c-1"', undefined, 50),
  ],
  [
    'who reads what was used of all people on a day',
    (_store, database) => new PrismaUseStore(database).totals({ fromDay: TODAY, toDay: TODAY }, LATEST, 50),
  ],
  [
    'who counts what was used of all people on a day',
    (_store, database) =>
      new PrismaUseStore(database).histogram(
        { fromDay: TODAY, toDay: TODAY },
        { every: 'day', by: 'reason' },
        LATEST.day,
        50,
      ),
  ],
  [
    'who reads one use',
    (_store, database) => new PrismaUseStore(database).totalOf({ day: TODAY, term: '7' }),
  ],
  [
    'who reads whose data a use was of',
    (_store, database) => new PrismaUseStore(database).people({ day: TODAY, term: '7' }, 0, 50),
  ],
  [
    'who pays for a figure, and for one that was paid for',
    async (_store, database) => {
      const budgets = new PrismaBudgetStore(database);
      const charge = {
        period: '2026-11',
        data: 'd',
        epsilon: '0.000000000001',
        delta: '0',
        client: 'c',
        at: NOW,
      };
      const limit = { epsilon: '2', delta: '0' };
      await budgets.spend({ ...charge, purpose: 'p-7', figure: randomUUID() }, limit);
      expect(await budgets.spend({ ...charge, purpose: 'p-8', figure: 'f' }, limit)).toBe('permitted');
    },
  ],
  [
    'who reads what was spent, of all purposes, and of one',
    async (_store, database) => {
      const budgets = new PrismaBudgetStore(database);
      const after = (await budgets.list(50)).at(-1);
      await budgets.list(50, undefined, after);
      await budgets.list(50, 'p-7');
    },
  ],
  [
    'who reads what is held of them for reports',
    (_store, database) => new PrismaAttributeStore(database).of(7),
  ],
  [
    'who counts by attributes, a page of them at a time',
    async (_store, database) => {
      const attributes = new PrismaAttributeStore(database);
      await attributes.page(50, (await attributes.page(50)).at(-1));
    },
  ],
  [
    'who says which value some users have, or have no more',
    async (_store, database) => {
      const attributes = new PrismaAttributeStore(database);
      const [one] = await attributes.all();
      await attributes.set(
        one?.number ?? 0,
        new Map([
          [7, 0],
          [8, null],
        ]),
      );
    },
  ],
  [
    'who reads where users stand, day by day, and who looks whether a day is counted',
    async (_store, database) => {
      const counts = new PrismaConsentCountStore(database);
      await counts.read('p-7', 10, 40);
      await counts.has(50, 'sha256:a');
      await counts.forget(0);
    },
  ],
  ['who counts what was recorded', (_store, database) => countOne(new PrismaUseStore(database))],
  ['who decides under a case', (_store, database) => new PrismaCaseStore(database).readAll(['c-1'])],
  ['who lists cases', (_store, database) => new PrismaCaseStore(database).list(1)],
  ['who reads an extract', (_store, database) => new PrismaExtractStore(database).read('e-1')],
  ['who lists extracts', (_store, database) => new PrismaExtractStore(database).list(1)],
  ['who looks for a user in extracts', (_store, database) => new PrismaExtractStore(database).bucketsOf(5)],
  ['who looks for parts to put together', (_store, database) => new PrismaExtractStore(database).withParts()],
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
