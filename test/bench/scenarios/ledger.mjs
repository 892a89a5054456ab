import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { product } from '../engine.mjs';
import { startPostgres } from '../postgres.mjs';
import { temporaryFolder } from '../servers.mjs';
import { median } from '../timing.mjs';

const DAYS = 90;
const TERMS = 40;
/** Questions about many users on a day; each lets one user in ten through. */
const SETS = 100;
const BUCKET = 8_192;
const LAST_DAY = 20_000;
const PAGE = 200;

export default {
  name: 'ledger',
  title: 'Who used my data: the ledger of one user',
  shape: `${DAYS} days, each with ${SETS} questions about many users that let one in ten through, and ${TERMS} terms; a PostgreSQL server with fsync on, on the same machine`,
  size: '100 million uses that were counted by user, of a million users, and 810 million in sets',
  worst: 'each user is another one, who was not read before; all pages of their ledger are read',
  measures: 'milliseconds until the whole ledger of a user is read, and its first page of 50 uses',
  load: 'one reader',
  rounds: 1,
  systems: [{ name: 'assent', title: 'Assent', note: 'the reading alone, without HTTP' }],
  headline: { metric: 'whole ledger', unit: 'ms' },
  targets: [
    {
      says: 'ms for the whole ledger of a user',
      at: 'most',
      bound: 300,
      figure: (v) => v('assent', 'whole ledger'),
    },
  ],
  // `LEDGER_USERS` sets another size: a hundred uses a user, and the sets besides
  options: (quick) => ({
    users: Number(process.env['LEDGER_USERS'] ?? (quick ? 2_000 : 1_000_000)),
    reads: 50,
  }),
  overHttp: {
    async prepare({ users }) {
      const postgres = await startPostgres();
      const folder = await temporaryFolder();
      const { readConfig } = await product('config.js');
      const { openDatabase } = await product('store/database/database.js');
      const { PrismaUseStore } = await product('store/prisma-uses.store.js');
      const url = await postgres.createDatabase('ledger');
      const config = readConfig({ DATA_DIR: folder, DATABASE_URL: url, KEY_FILE: join(folder, 'key') });
      const database = await openDatabase(config);
      const seconds = await fill(database, users);
      return { postgres, folder, database, store: new PrismaUseStore(database), seconds };
    },
    async measure(_system, { database, store, seconds }, { users, reads }) {
      const { usesOf, LATEST } = await product('ledger/user-uses.js');
      const whole = [];
      const first = [];
      let uses = 0;
      for (let read = 0; read < reads; read++) {
        const user = 1 + ((read * 7_919) % users);
        let began = performance.now();
        await usesOf(store, user, LATEST, 51);
        first.push(performance.now() - began);
        began = performance.now();
        for (let before = LATEST; before !== undefined;) {
          const page = await usesOf(store, user, before, PAGE);
          uses += page.length;
          before = page.length < PAGE ? undefined : page.at(-1);
        }
        whole.push(performance.now() - began);
      }
      const [{ bytes }] = await database.prisma.$queryRawUnsafe(
        "SELECT (pg_total_relation_size('use_count') + pg_total_relation_size('use_set'))::float8 AS bytes",
      );
      return [
        { metric: 'whole ledger', unit: 'ms', value: median(whole) },
        { metric: 'whole ledger, slowest', unit: 'ms', value: Math.max(...whole) },
        { metric: 'first page', unit: 'ms', value: median(first) },
        { metric: 'uses of a user', unit: '', value: uses / reads },
        { metric: 'on disk', unit: 'MB', value: bytes / 1e6 },
        { metric: 'heap and buffers', unit: 'MB', value: process.memoryUsage.rss() / 1e6 },
        { metric: 'filled in', unit: 's', value: seconds },
      ];
    },
    async finish({ postgres, folder, database }) {
      await database.close();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  },
};

/** Writes the rows that counting would have written. @returns {Promise<number>} the seconds that it took */
async function fill({ pool }, users) {
  const { termTexts } = await product('ledger/term.js');
  const { Members } = await product('ledger/members.js');
  const began = performance.now();
  const client = await pool.connect();
  const run = (text, values) => client.query({ text, values, query_timeout: 3_600_000 });
  await run('SET statement_timeout = 0');
  const asked = { client: 'ads', policy: 'sha256:p', actor: 'automated' };
  for (let term = 1; term <= TERMS; term++) {
    const given = {
      purpose: 'ads',
      fields: [`f${term}`],
      reason: 'permitted',
      obligations: [],
      way: 'decision',
    };
    const { content } = termTexts(asked, given);
    await run('INSERT INTO use_term VALUES ($1, $2, $3, $3, $3, $3, NULL, $4)', [
      term,
      content,
      '""',
      LAST_DAY,
    ]);
  }
  // one in ten, with other ones in each set
  const members = Array.from({ length: 10 }, (_, shift) => {
    const some = new Members(0);
    for (let place = shift; place < BUCKET; place += 10) some.add(place);
    return some.toBytes();
  });
  for (let day = LAST_DAY - DAYS + 1; day <= LAST_DAY; day++) {
    await run(`INSERT INTO use_total SELECT $1::int, term, 1, 0 FROM generate_series(1, ${TERMS}) AS term`, [
      day,
    ]);
    // 10 uses in 9 days, under one of the terms each
    await run(
      `INSERT INTO use_count SELECT $1::int, subject, 1 + (subject + $1 * (use + 7)) % ${TERMS}, 3, $1::bigint * 86400000, $1::bigint * 86400000 + 1000
       FROM generate_series(1, $2::int) AS subject, generate_series(0, CASE WHEN (subject + $1) % 9 = 0 THEN 1 ELSE 0 END) AS use
       ON CONFLICT DO NOTHING`,
      [day, users],
    );
    for (const [shift, bytes] of members.entries())
      await run(
        `INSERT INTO use_set (day, bucket, term, at, members)
         SELECT $1::int, bucket, 1 + (question * 10 + $2::int) % ${TERMS}, $1::bigint * 86400000, $3
         FROM generate_series(0, $4::int) AS bucket, generate_series(1, ${SETS / 10}) AS question`,
        [day, shift, bytes, Math.floor(users / BUCKET)],
      );
  }
  await run('VACUUM (ANALYZE) use_count, use_set, use_total, use_term');
  client.release(true);
  return (performance.now() - began) / 1_000;
}
