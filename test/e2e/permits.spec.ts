/**
 * Permits for a data lake: a real answer of a real service in DuckDB, under the views that the command writes for it, is
 * cell by cell what the service answers when it is asked about every item.
 */
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peopleOf } from './people.js';
import { EVALUATIONS, READ, purpose } from './questions.js';
import { decisionsOf, textAt } from './replies.js';
import { type Service, startService, temporaryFolder } from './service.js';
import { tokenAt } from './tokens.js';

const ROOT = new URL('../..', import.meta.url).pathname;
const AI = 'ai';
const PARQUET = 'application/vnd.apache.parquet';

let service: Service;
let folder: string;
let token: string;
let future: string;
let database: DuckDBConnection;

const USERS = [
  'european adult',
  'european minor',
  'nowhere',
  'american',
  'american who said no',
  'american who said no to improve',
  'shows posts to connections',
  'hides posts',
  'shows the photo to nobody',
  'Ünal "Ökonomin"',
  "'; DROP TABLE users; --",
  '007',
  '7',
  'Alice',
  'alice',
];
/** Whom no log knows. */
const STRANGERS = ['nobody has heard of them', 'ALICE', ' 7', ''];
/** What the column of levels has in it; null: nothing. */
const LEVELS = ['everyone', 'connections', 'only_me', 'Everyone', 'connections ', 'friends', '', null];

const MAPPING = `
permits: permits
max_age: 12 hours
tables:
  - table: posts
    user: author
    visibility: audience
    columns: { text: post.text, media: post.media }
  - table: posts
    view: posts_without_levels
    user: author
    columns: { id: public.headline, text: post.text }
  - table: members
    user: id
    columns: { skills: member.skills, salary: member.salary, photo: public.photo, note: null }
`;

async function send(path: string, options: { readonly method?: string; readonly accept?: string } = {}) {
  const { method = 'GET', accept } = options;
  return fetch(`${service.url}/v1/permits?${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(accept === undefined ? {} : { accept }) },
  });
}

/** Puts an answer of the service into the table of permits. */
async function load(query = `purpose=${AI}`, into = 'permits'): Promise<void> {
  const answer = await send(query);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, PARQUET]);
  const file = join(folder, `${into}.parquet`);
  await writeFile(file, new Uint8Array(await answer.arrayBuffer()));
  await database.run(`CREATE OR REPLACE TABLE "${into}" AS FROM '${file}'`);
}

const rowsOf = async (sql: string): Promise<unknown[]> =>
  (await database.runAndReadAll(sql)).getRowObjectsJson();

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

async function views(dialect: string, mapping = MAPPING, asked = AI): Promise<Ended> {
  const file = join(folder, 'mapping.yaml');
  await writeFile(file, mapping);
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['dist/cli/policy/policy.js', 'views', '--purpose', asked, '--dialect', dialect, '--tables', file],
      { cwd: ROOT },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

/** Asks the service of every item. */
async function permitted(
  items: readonly { readonly user: string; readonly field: string; readonly level?: string | undefined }[],
): Promise<unknown[]> {
  const decisions: unknown[] = [];
  for (let from = 0; from < items.length; from += 500) {
    const body = {
      subject: purpose(AI),
      action: READ,
      evaluations: items.slice(from, from + 500).map(({ user, field, level }) => ({
        resource: { type: 'field', id: field, properties: { user, visibility: level } },
      })),
    };
    const reply = await service.request('POST', EVALUATIONS, { token, body });
    decisions.push(...decisionsOf(reply.body));
  }
  return decisions;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  service = await startService({ CONSISTENCY_WAIT_MS: '50' });
  const people = await peopleOf(service);
  token = await service.token({
    sub: 'lake',
    purposes: [AI, 'service', 'rights', 'security.malware_scan'],
    scope: 'permits:export',
  });
  const writer = await service.token({ sub: 'writer', purposes: [], scope: 'choices:write' });
  for (const user of USERS.slice(3)) await people.register(user, 'US-NY');
  await people.register('european adult', 'DE');
  await people.register('european minor', 'FR', 'minor');
  await people.choose('nowhere', 'improve', 'denied');
  await people.choose('american who said no', AI, 'denied');
  await people.choose('american who said no to improve', 'improve', 'denied');
  await people.choose('alice', AI, 'denied');
  await people.choose('7', AI, 'denied');
  const setLevel = (user: string, group: string, level: string) =>
    service.request('PUT', `/v1/users/${encodeURIComponent(user)}/visibility/${group}`, {
      token: writer,
      body: { level },
    });
  await setLevel('shows posts to connections', 'posts', 'connections');
  await setLevel('hides posts', 'posts', 'only_me');
  const last = await setLevel('shows the photo to nobody', 'profile_photo', 'only_me');
  future = tokenAt(textAt(last.body, 'consistency_token'), 1_000_000);

  const instance = await DuckDBInstance.create(':memory:');
  database = await instance.connect();
  await database.run(
    'CREATE TABLE posts (id VARCHAR, author VARCHAR COLLATE NOCASE, audience VARCHAR COLLATE NOCASE, text VARCHAR, media VARCHAR)',
  );
  await database.run(
    'CREATE TABLE members (id VARCHAR, skills VARCHAR, salary INTEGER, photo BLOB, note VARCHAR)',
  );
  for (const user of [...USERS, ...STRANGERS]) {
    for (const level of LEVELS)
      await database.run('INSERT INTO posts VALUES (?, ?, ?, ?, ?)', [
        `${user} ${level}`,
        user,
        level,
        `text of ${user} ${level}`,
        'media',
      ]);
    await database.run("INSERT INTO members VALUES (?, 'skills', 1, 'photo'::BLOB, 'note')", [user]);
  }
  await load();
});

afterAll(async () => {
  database.closeSync();
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('the views in DuckDB', () => {
  let written: Ended;
  beforeAll(async () => {
    written = await views('duckdb');
    await database.run(written.stdout);
  });

  test('are written with what is left out said apart', () => {
    expect(written.code).toBe(0);
    expect(written.stderr.split('\n')).toEqual([
      '`posts`: the column `author` is left out, for it has no field',
      '`posts`: the column `audience` is left out, for it has no field',
      '`posts`: the column `author` is left out, for it has no field',
      '`members`: the column `id` is left out, for it has no field',
      '`members`: the column `note` is left out, for it has no field',
      '`members`: the column `salary` is NULL in every row, for the policy does not open `member.salary` to `ai`',
      '',
    ]);
  });

  test('show of posts what the service answers about each, at the level of author and post', async () => {
    const items = [...USERS, ...STRANGERS].flatMap((user) =>
      LEVELS.map((level) => ({ user, level, text: `text of ${user} ${level}` })),
    );
    // what the column has is the level; a row without one is as strict as one whose level is none of the group
    const asked = items.flatMap(({ user, level }) =>
      ['post.text', 'post.media'].map((field) => ({
        user: user === '' ? 'nobody' : user,
        field,
        level: level === null || level.trim() !== level || level === '' ? 'none' : level,
      })),
    );
    const decisions = await permitted(asked);
    const expected = items.flatMap(({ text }, index) => {
      const [isText, isMedia] = [decisions[2 * index], decisions[2 * index + 1]];
      return isText === true || isMedia === true
        ? [{ text: isText === true ? text : null, media: isMedia === true ? 'media' : null }]
        : [];
    });
    expect(expected.length).toBeGreaterThan(10);
    const shown = await rowsOf('FROM posts_for_ai ORDER BY text');
    const byText = (one: { text: string | null }, other: { text: string | null }) =>
      Buffer.compare(Buffer.from(one.text ?? ''), Buffer.from(other.text ?? ''));
    expect(shown).toEqual(expected.toSorted(byText));
  });

  test('go by the level of the author alone where no column has another', async () => {
    const decisions = await permitted(
      [...USERS, ...STRANGERS.slice(0, 3)].map((user) => ({ user, field: 'post.text' })),
    );
    const readable = decisions.filter((decision) => decision === true).length;
    expect(readable).toBeGreaterThan(5);
    expect(await rowsOf('SELECT count(*) AS rows FROM posts_without_levels WHERE text IS NOT NULL')).toEqual([
      { rows: String(readable * LEVELS.length) },
    ]);
  });

  test('mask what the policy closes, and leave out whom nothing may be read of', async () => {
    const fields = ['member.skills', 'public.photo'];
    const asked = [...USERS, ...STRANGERS.slice(0, 3)];
    const decisions = await permitted(asked.flatMap((user) => fields.map((field) => ({ user, field }))));
    const expected = asked.flatMap((_user, index) => {
      const [isSkills, isPhoto] = [decisions[2 * index] === true, decisions[2 * index + 1] === true];
      return isSkills || isPhoto
        ? [{ skills: isSkills ? 'skills' : null, salary: null, photo: isPhoto ? 'photo' : null }]
        : [];
    });
    const shown = await rowsOf('SELECT skills, salary, photo::VARCHAR AS photo FROM members_for_ai');
    const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).toSorted();
    expect(sorted(shown)).toEqual(sorted(expected));
    expect(await rowsOf('SELECT count(*) AS hidden FROM members_for_ai WHERE photo IS NULL')).toEqual([
      { hidden: '1' },
    ]);
  });

  test('carry what whoever reads must do', async () => {
    const [about] = await rowsOf(
      "SELECT comment FROM duckdb_columns() WHERE table_name = 'posts_for_ai' AND column_name = 'text'",
    );
    expect(textAt(about, 'comment')).toMatch(
      /^post\.text, for ai\ndeidentify: Remove .*\nmin_cohort_50: Use/,
    );
  });

  test.each([
    ['past `max_age`', 'UPDATE permits SET made_at = made_at - 43201 * 1000'],
    ['made in the future', 'UPDATE permits SET made_at = made_at + 3600 * 1000'],
    ['of another policy', "UPDATE permits SET policy = 'sha256:0'"],
    ['of another purpose', "UPDATE permits SET purpose = 'ads'"],
    ['of no time', 'ALTER TABLE permits ALTER made_at SET DATA TYPE BIGINT USING NULL'],
    [
      'followed by newer ones of another policy',
      "INSERT INTO permits SELECT * REPLACE (made_at + 1 AS made_at, 'sha256:0' AS policy) FROM permits WHERE \"user\" = ''",
    ],
    [
      'followed by newer ones that permit nothing',
      'INSERT INTO permits SELECT * REPLACE (made_at + 1 AS made_at) FROM permits WHERE "user" = \'\'',
    ],
  ])('return nothing from permits that are %s', async (_what, change) => {
    await load();
    expect(await rowsOf('FROM posts_for_ai LIMIT 1')).toHaveLength(1);
    await database.run(change);
    expect(await rowsOf('FROM posts_for_ai UNION ALL SELECT skills, photo FROM members_for_ai')).toEqual([]);
    await load();
  });

  test('of two files show no row twice', async () => {
    await load();
    const [before] = await rowsOf('SELECT count(*) AS rows FROM posts_for_ai');
    await database.run('INSERT INTO permits SELECT * REPLACE (made_at - 1 AS made_at) FROM permits');
    expect(await rowsOf('SELECT count(*) AS rows FROM posts_for_ai')).toEqual([before]);
    await load();
  });
});

describe('an answer', () => {
  test('to a `HEAD` has the same headers and no body', async () => {
    const answer = await send(`purpose=${AI}`, { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, PARQUET]);
    expect((await answer.arrayBuffer()).byteLength).toBe(0);
  });

  test.each([PARQUET, 'application/*', '*/*', `text/html, ${PARQUET};q=0.5`])(
    'is given to `Accept: %s`',
    async (accept) => {
      expect((await send(`purpose=${AI}`, { accept })).status).toBe(200);
    },
  );

  test.each([
    ['`Accept` of another type', 400, 'purpose=ai', 'application/json', 'ask for application/vnd'],
    ['no purpose', 400, '', undefined, '`purpose` is missing'],
    ['a purpose that is none', 400, 'purpose=aii', undefined, 'did you mean `ai`?'],
    ['a purpose of others', 403, 'purpose=ads', undefined, 'purpose'],
    ['a field that is none', 400, 'purpose=ai&fields=post.txt', undefined, 'did you mean `post.text`?'],
    ['an empty list of fields', 400, 'purpose=ai&fields=', undefined, '`fields'],
    ['a parameter that is none', 400, 'purpose=ai&field=post.text', undefined, '`field`'],
    ['a purpose twice', 400, 'purpose=ai&purpose=ads', undefined, 'occurs twice'],
    ['a purpose for own data', 400, 'purpose=rights', undefined, 'ask for evaluations'],
    ['a purpose of processes', 400, 'purpose=security.malware_scan', undefined, 'add `actor=automated`'],
    ['another actor', 400, 'purpose=ai&actor=robot', undefined, '`actor`'],
  ])('is refused for %s', async (_what, status, query, accept, words) => {
    const answer = await send(query, accept === undefined ? {} : { accept });
    const problem: unknown = await answer.json();
    expect(answer.status).toBe(status);
    expect(textAt(problem, 'detail')).toContain(words);
  });

  test('is refused where the revision that it must rest on is not reached', async () => {
    const answer = await send(`purpose=${AI}&consistency_token=${future}`);
    expect(answer.status).toBe(503);
    expect(textAt(await answer.json(), 'type')).toBe('urn:assent:problem:consent_unavailable');
  });

  test('rests on facts that are stated', async () => {
    await load('purpose=security.malware_scan&actor=automated&fields=post.text', 'scanned');
    expect(await rowsOf('SELECT count(*) > 1 AS some FROM scanned')).toEqual([{ some: true }]);
  });
});
