// Makes the data folder of a former build small enough to keep: `node scripts/fixture.mjs BUILD FILE`.
//
// BUILD is a folder with that build: a checkout of its tag, with its packages, after `npm run build`. Its service is started
// on a new data folder, people say what they want and are asked about, and the answers, the rows of the database and the
// other files are written to FILE. `test/e2e/former-build.spec.ts` makes the folder of it again, and starts on it.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

const [build, file] = process.argv.slice(2).map((path) => resolve(path));
if (file === undefined) {
  process.stderr.write('usage: node scripts/fixture.mjs BUILD FILE\n');
  process.exit(2);
}
const dataDir = mkdtempSync(join(tmpdir(), 'assent-fixture-'));
const env = { PATH: process.env.PATH, DATA_DIR: dataDir, PORT: '0', CHECKPOINT_SECONDS: '1' };

const token = (...args) =>
  execFileSync(process.execPath, ['dist/cli/token.js', ...args], {
    cwd: build,
    env,
    encoding: 'utf8',
  }).trim();

/** @returns its address, and how to stop it */
async function started() {
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: build,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => child.once('exit', done));
  let said = '';
  for await (const chunk of child.stdout) {
    said += chunk;
    const url = /"url":"([^"]+)"/.exec(said)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return {
      url,
      stop: async () => {
        child.kill('SIGTERM');
        await ended;
      },
    };
  }
  throw new Error(`the service ended before it was ready:\n${said}`);
}

const USERS = [
  ['anna', 'DE', 'adult'],
  ['ben', 'US-CA', 'adult'],
  ['cleo', 'US-NY', 'minor'],
  ['dora', 'BR', 'adult'],
  ['emil', 'FR', 'adult'],
];

async function filled(url) {
  const accounts = token(
    'service',
    'accounts',
    '--scopes',
    'users:write,users:erase,choices:write,settings:read',
  );
  const auditor = token('admin', 'ada', '--roles', 'auditor,privacy_officer');
  const send = async (method, path, bearer, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  for (const [id, region, age_band] of USERS)
    await send('PUT', `/v1/users/${id}`, accounts, { region, age_band });
  await send('PUT', '/v1/users/anna/choices/ads.personalised', accounts, { choice: 'granted', notice: 1 });
  await send('PUT', '/v1/users/anna/choices/research', accounts, { choice: 'denied' });
  await send('POST', '/v1/users/ben/signals', accounts, { signal: 'gpc' });
  await send('PUT', '/v1/users/dora/choices/personalise', accounts, { choice: 'denied' });
  await send('PUT', '/v1/users/emil/choices/ads.personalised', accounts, { choice: 'granted', notice: 1 });
  await send('DELETE', '/v1/users/emil', accounts);
  const member = token('user', 'anna');
  const receipts = await send('GET', '/v1/users/me/receipts', member);
  const signed = [];
  for (const { event } of receipts.receipts)
    signed.push((await send('GET', `/v1/users/me/receipts/${event}`, member)).jws);

  const purposes = ['ads.personalised', 'personalise', 'research', 'service', 'improve'];
  const asker = token('service', 'asker', '--purposes', purposes.join());
  const answers = [];
  for (const [user] of [...USERS, ['stranger']])
    for (const purpose of purposes)
      for (const field of ['member.skills', 'post.text', 'message.body']) {
        const body = {
          subject: { type: 'purpose', id: purpose },
          action: { name: 'read' },
          resource: { type: 'field', id: field, properties: { user } },
        };
        const { decision, context } = await send('POST', '/access/v1/evaluation', asker, body);
        answers.push({ body, decision, reason: context?.reason ?? context?.reason_admin });
      }
  for (;;) {
    const { uses } = await send('GET', '/v1/users/me/uses', member);
    if (uses.length > 0) break;
    await pass(200);
  }
  // a head of each log is signed
  await pass(2_500);
  const { revision, hash } = await send('GET', '/v1/log', auditor);
  const { events } = await send('GET', '/v1/users/me/history', member);
  return { revision, hash, answers, signed, purposes, history: events };
}

/** The rows of each table, as JSON text. */
async function rowsIn(folder) {
  const { PGlite } = await import(createRequire(join(build, 'package.json')).resolve('@electric-sql/pglite'));
  const database = await PGlite.create({ dataDir: folder });
  const ask = async (sql) => (await database.query(sql)).rows;
  const tables = await ask(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`);
  const rows = {};
  for (const { name } of tables) {
    const [{ all }] = await ask(`SELECT coalesce(json_agg(row), '[]')::text AS all FROM "${name}" AS row`);
    if (name !== '_prisma_migrations' && all !== '[]') rows[name] = all;
  }
  const sequences = await ask(
    `SELECT sequencename AS name, last_value::float8 AS last FROM pg_sequences WHERE last_value IS NOT NULL`,
  );
  const migrations = await ask('SELECT migration_name AS name FROM _prisma_migrations ORDER BY 1');
  await database.close();
  return { rows, sequences, migrations: migrations.map(({ name }) => name) };
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !/^(postgres\/|lock$)/.test(path))
    .map((path) => [path, readFileSync(join(folder, path)).toString('base64')]);
}

try {
  const service = await started();
  let said;
  try {
    said = await filled(service.url);
  } finally {
    await service.stop();
  }
  const { version } = JSON.parse(readFileSync(join(build, 'package.json'), 'utf8'));
  const fixture = { version, said, ...(await rowsIn(join(dataDir, 'postgres'))), files: filesIn(dataDir) };
  writeFileSync(file, gzipSync(JSON.stringify(fixture), { level: 9 }));
} finally {
  rmSync(dataDir, { recursive: true });
}
