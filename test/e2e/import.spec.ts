/**
 * `npm run -s consent`, the built command, against a real server: what it takes in, refuses, goes on with and hands out.
 *
 * @module-tag once
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Service, startService, temporaryFolder } from './service.js';
import { newDataFolder } from '../data-folder.js';
import { LONG_RUN } from '../times.js';

const ROOT = new URL('../..', import.meta.url).pathname;

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
type Row = Readonly<Record<string, string | number>>;

let folder: string;
let service: Service;

beforeAll(async () => {
  folder = await temporaryFolder();
  service = await startService();
});
afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

function startCommand(to: Service, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['dist/cli/consent/consent.js', ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], DATA_DIR: to.dataDir, CONSENT_URL: to.url },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Runs the built command to its end. */
async function consent(args: readonly string[], to = service, input = ''): Promise<Ended> {
  const child = startCommand(to, args);
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin?.end(input);
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr };
}

function ndjson(rows: readonly (Row | string)[]): string {
  return rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join('');
}

async function fileOf(name: string, content: string | Buffer): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
}

async function linesOf(file: string): Promise<unknown[]> {
  const text = await readFile(file, 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line));
}

async function send(path: string, body: string, scope = 'choices:import'): Promise<string[]> {
  const token = await service.token({ sub: 'migration', purposes: [], scope });
  const { body: answer } = await service.request('POST', path, {
    token,
    body,
    headers: { 'content-type': 'application/x-ndjson' },
  });
  return typeof answer === 'string' ? answer.trimEnd().split('\n') : [JSON.stringify(answer)];
}

/** What the settings say of a purpose: the choice, and whether it is on. */
async function settingOf(user: string, purpose: string): Promise<unknown> {
  const token = await service.token({ sub: 'support', purposes: [], scope: 'settings:read' });
  const { body } = await service.request('GET', `/v1/users/${user}/settings`, { token });
  const { purposes } = Object(body);
  const found = [purposes].flat().find((one: unknown) => Object(one).id === purpose);
  const { choice, on } = Object(found);
  return { choice, on };
}

async function exported(from: Service): Promise<string[]> {
  const { code, stdout } = await consent(['export'], from);
  expect(code).toBe(0);
  return stdout.split('\n').toSorted();
}

/** The whole answer of the last line about an import: how far it is, and what became of its lines. */
async function standOf(of: Service, id: string): Promise<unknown> {
  const token = await of.token({ sub: 'migration', purposes: [], scope: 'choices:import' });
  const { line, summary } = Object((await of.request('GET', `/v1/imports/${id}`, { token })).body);
  return { line, summary };
}

describe('a row', () => {
  test('that grants on the notice in force is an opt-in; without a notice it is none', async () => {
    const home = { region: 'DE', age_band: 'adult' };
    const grant = { purpose: 'ads.off_platform', choice: 'granted' };
    const parent = { purpose: 'ads.personalised', choice: 'granted', notice: 1 };
    const rows = ['shown', 'not-shown'].map((user) => ({ user, ...home, ...parent }));
    const file = await fileOf(
      'notices.ndjson',
      ndjson([...rows, { user: 'shown', ...grant, notice: 1 }, { user: 'not-shown', ...grant }]),
    );
    expect(await consent(['import', file])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\n1 grant permits nothing: .*give each row the `notice`/is),
    });
    expect(await settingOf('shown', 'ads.off_platform')).toEqual({ choice: 'granted', on: true });
    expect(await settingOf('not-shown', 'ads.off_platform')).toEqual({ choice: 'granted', on: false });
  });

  test('that denies wins over one that grants, in either order', async () => {
    const said = (user: string, choice: string) => ({ user, purpose: 'ads.personalised', choice });
    const file = await fileOf(
      'ties.ndjson',
      ndjson([
        { user: 'first-yes', region: 'US-CA', age_band: 'adult' },
        { user: 'first-no', region: 'US-CA', age_band: 'adult' },
        said('first-yes', 'granted'),
        said('first-yes', 'denied'),
        said('first-no', 'denied'),
        said('first-no', 'granted'),
      ]),
    );
    const { code, stdout } = await consent(['import', file]);
    expect(code).toBe(1);
    expect(stdout).toContain('6 lines: 5 changed, 0 unchanged, 1 rejected');
    expect(await linesOf(`${file}.rejects.ndjson`)).toMatchObject([{ line: 6, reason: 'denial_stands' }]);
    for (const user of ['first-yes', 'first-no'])
      expect(await settingOf(user, 'ads.personalised')).toEqual({ choice: 'denied', on: false });
  });

  test.each([
    ['user_not_valid', { user: 'x'.repeat(257), region: 'DE' }],
    ['user_not_valid', { region: 'DE' }],
    ['user_not_valid', { user: 'bad ', region: 'DE' }],
    ['user_not_valid', { user: 'b\u200bad', region: 'DE' }],
    ['user_not_valid', { user: 'Zoe\u0308', region: 'DE' }],
    ['user_is_me', { user: 'me', region: 'DE' }],
    ['not_readable', '{"user":"bad","purpose":"ai","choice":"denied","choice":"granted"}'],
    ['until_not_valid', { user: 'bad', purpose: 'ai', choice: 'granted', until: '2127-02-30T00:00:00Z' }],
    ['at_not_valid', { user: 'bad', region: 'DE', at: 1_717_200_000 }],
    ['at_not_valid', { user: 'bad', region: 'DE', at: '2024-02-30' }],
    ['at_not_valid', { user: 'bad', region: 'DE', at: '45443.5' }],
    ['region_not_valid', { user: 'bad', region: 'Germany' }],
    ['region_not_valid', { user: 'bad', region: 'US-AC' }],
    ['age_band_not_valid', { user: 'bad', age_band: '42' }],
    ['purpose_unknown', { user: 'bad', purpose: 'ads.psychic', choice: 'denied' }],
    ['choice_not_valid', { user: 'bad', purpose: 'ai', choice: 'maybe' }],
    ['choice_not_valid', { user: 'bad', purpose: 'ai' }],
    ['purpose_not_valid', { user: 'bad', choice: 'denied' }],
    ['notice_not_valid', { user: 'bad', purpose: 'ai', choice: 'granted', notice: 0 }],
    ['notice_ahead', { user: 'bad', purpose: 'ai', choice: 'granted', notice: 99 }],
    ['at_not_valid', { user: 'bad', region: 'DE', at: 'yesterday' }],
    ['at_not_valid', { user: 'bad', region: 'DE', at: 9e15 }],
    ['language_not_valid', { user: 'bad', region: 'DE', language: '?' }],
    // longer than the settings take
    ['language_not_valid', { user: 'bad', region: 'DE', language: `de${'-abcdefg'.repeat(5)}` }],
    ['member_not_known', { user: 'bad', purpose: 'ai', choice: 'granted', untill: '2030-01-01T00:00:00Z' }],
    ['group_unknown', { user: 'bad', group: 'poststs', level: 'only_me' }],
    ['group_not_valid', { user: 'bad', level: 'only_me' }],
    ['level_not_valid', { user: 'bad', group: 'posts' }],
    ['level_not_valid', { user: 'bad', group: 'posts', level: '' }],
    ['says_nothing', { user: 'bad' }],
    ['not_readable', '{"user":'],
    ['not_readable', '[]'],
    ['too_long', `{"user":"${'x'.repeat(20_000)}"}`],
  ])('is refused as %s and counted, and the next one is taken', async (reason, row) => {
    const id = `refusal-${reason}-${Math.random().toString(36).slice(2)}`;
    const answer = await send(`/v1/imports/${id}?from=1`, ndjson([row, { user: 'good', region: 'DE' }]));
    expect(JSON.parse(answer[0] ?? '')).toMatchObject({ line: 1, reason });
    expect(JSON.parse(answer.at(-1) ?? '')).toMatchObject({
      done: true,
      line: 2,
      summary: { refused: 1, reasons: { [reason]: 1 } },
    });
    expect(await settingOf('bad', 'ai')).toMatchObject({ choice: null });
  });
});

describe('an import', () => {
  test('goes on after the last line that was taken, and nowhere else', async () => {
    const row = ndjson([{ user: 'one', region: 'DE' }]);
    await send('/v1/imports/steps?from=1', row);
    for (const from of [1, 3])
      expect(await send(`/v1/imports/steps?from=${from}`, row)).toEqual([
        expect.stringContaining('go on from line 2'),
      ]);
    expect(JSON.parse((await send('/v1/imports/steps?from=2', row)).at(-1) ?? '')).toMatchObject({ line: 2 });
  });

  test('stops when lines are not counted as they were', async () => {
    const answer = await send(
      '/v1/imports/miscounted?from=1',
      ndjson([{ line: 2, user: 'one', region: 'DE' }]),
    );
    expect(answer).toEqual([expect.stringContaining('"ended":"import_elsewhere"')]);
  });

  test('is for services with the scope, and so is an export', async () => {
    expect(await send('/v1/imports/other?from=1', '', 'choices:write')).toEqual([
      expect.stringContaining('choices:import'),
    ]);
    const token = await service.token({ sub: 'u-1' });
    for (const path of ['/v1/imports/other', '/v1/exports/choices'])
      expect(await service.request('GET', path, { token })).toMatchObject({ status: 403 });
  });

  test('that nobody began is not found', async () => {
    const token = await service.token({ sub: 'migration', purposes: [], scope: 'choices:import' });
    expect(await service.request('GET', '/v1/imports/nothing', { token })).toMatchObject({
      status: 404,
      body: { type: 'urn:assent:problem:import_not_found' },
    });
  });

  test('takes CSV with quotes, and compressed, and lists records that cannot be read', async () => {
    const csv = 'user,region,purpose,choice\r\n"a ""quoted"", one",DE,,\r\nshort,DE\r\nlast,,ai,denied\r\n';
    const file = await fileOf('people.csv.gz', gzipSync(csv));
    const { code, stdout } = await consent(['import', file]);
    expect({ code, stdout }).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('3 lines: 2 changed, 0 unchanged, 1 rejected'),
    });
    expect(await linesOf(`${file}.rejects.ndjson`)).toMatchObject([{ line: 2, reason: 'too_few_cells' }]);
    // again: nothing is sent, and that is said
    const again = await consent(['import', file]);
    expect(again.stdout).toMatch(
      /^the import `\w+` was taken in before: nothing was sent, .*\n3 lines: 2 changed/,
    );
    expect(await settingOf('last', 'ai')).toMatchObject({ choice: 'denied' });
    expect(await exported(service)).toContain(
      JSON.stringify({ user: 'a "quoted", one', region: 'DE', age_band: 'unknown' }),
    );
  });

  test("loses nobody's no to a quote that another row leaves open, and counts every line", async () => {
    const noes = Array.from({ length: 40 }, (_, place) => `,no-${place},ai,denied`);
    const csv = [
      `region,user,purpose,choice`,
      ',"open,ai,denied',
      ...noes,
      ',it"s,ai,denied',
      ',the-last,ai,denied',
    ];
    const file = await fileOf('quote.csv', `${csv.join('\n')}\n`);
    const { code, stdout } = await consent(['import', file]);
    expect({ code, stdout }).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('43 lines: 41 changed, 0 unchanged, 2 rejected'),
    });
    expect(await linesOf(`${file}.rejects.ndjson`)).toMatchObject([
      { line: 1, reason: 'quote_not_valid' },
      { line: 42, reason: 'quote_not_valid' },
    ]);
    for (const user of ['no-0', 'no-39', 'the-last'])
      expect(await settingOf(user, 'ai')).toMatchObject({ choice: 'denied' });
  });

  test('of two users whose names differ by a letter that is not ASCII takes them for two', async () => {
    const csv = 'user,region,purpose,choice\nm\xFCller,US-CA,ads.personalised,granted\nm\xF6ller,US-CA,,\n';
    const file = await fileOf('latin.csv', Buffer.from(csv, 'latin1'));
    expect(await consent(['import', file])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--encoding'),
    });
    expect(await consent(['import', file, '--encoding', 'windows-1252'])).toMatchObject({ code: 0 });
    expect(await settingOf('m%C3%BCller', 'ads.personalised')).toMatchObject({ choice: 'granted' });
    expect(await settingOf('m%C3%B6ller', 'ads.personalised')).toMatchObject({ choice: null });
    // nobody stands for both of them
    expect((await exported(service)).join('\n')).not.toContain('\ufffd');
  });

  test('refuses lines that are not UTF-8, and says so', async () => {
    const token = await service.token({ sub: 'migration', purposes: [], scope: 'choices:import' });
    const response = await fetch(`${service.url}/v1/imports/bytes?from=1`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
      body: Buffer.from(
        '\xEF\xBB\xBF{"user":"marked","region":"DE"}\n{"user":"m\xFCller","region":"DE"}\n',
        'latin1',
      ),
    });
    const answer = (await response.text()).trimEnd().split('\n');
    expect(answer[0]).toContain('not_utf_8');
    expect(answer.at(-1)).toContain('"changed":1,"unchanged":0,"refused":1');
  });

  test('refuses a header with what is no column, before anything is taken', async () => {
    const file = await fileOf('typo.csv', 'user,purpose,choise\nu,ai,denied\n');
    expect(await consent(['import', file])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('choise'),
    });
  });

  test('of standard input needs an id', async () => {
    const input = ndjson([{ user: 'piped', region: 'DE' }]);
    const args = ['import', '-', '--format', 'ndjson'];
    expect(await consent(args, service, input)).toMatchObject({ code: 2 });
    const rejects = join(folder, 'piped.rejects');
    expect(await consent([...args, '--id', 'pipe', '--rejects', rejects], service, input)).toMatchObject({
      code: 0,
    });
  });

  test('checks a file alone when it is told to', async () => {
    const file = await fileOf(
      'dry.ndjson',
      ndjson([
        { user: 'dry', region: 'DE' },
        { user: 'dry', region: '?' },
      ]),
    );
    const { code, stdout } = await consent(['import', file, '--dry-run']);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: expect.stringContaining('2 lines: 1 in order, 1 rejected'),
    });
    expect(stdout).toContain('the service was not asked');
    expect((await exported(service)).join('\n')).not.toContain('"dry"');
  });

  test('is told before it begins which grants name no notice, and what only the service can know', async () => {
    const rows = [
      { user: 'early', purpose: 'ads.psychic', choice: 'granted' },
      { user: 'early', purpose: 'ai', choice: 'granted', notice: 99 },
      { user: 'early', purpose: 'improve', choice: 'denied' },
      { user: 'early', purpose: 'improve', choice: 'granted' },
    ];
    const file = await fileOf('unknown.ndjson', ndjson(rows));
    const { code, stdout } = await consent(['import', file, '--dry-run']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('2 grants name no `notice`'),
    });
    // whatever the run rejects beyond the check, the check had named
    await consent(['import', file]);
    const rejected = await linesOf(`${file}.rejects.ndjson`);
    expect(rejected).toHaveLength(3);
    for (const line of rejected) expect(stdout).toContain(Object(line).reason);
  });
});

test('a level that its group does not have is the strictest, is counted, and is told at the end', async () => {
  const file = await fileOf(
    'levels.csv',
    'user,region,age_band,group,level,at\nl-1,US-NY,adult,posts,friends,2024-05-31\nl-2,US-NY,adult,posts,everyone,\n',
  );
  const { code, stdout } = await consent(['import', file]);
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringContaining('1 level was taken as the strictest: '),
  });
  expect(await exported(service)).toEqual(
    expect.arrayContaining([
      JSON.stringify({ user: 'l-1', group: 'posts', level: 'only_me' }),
      JSON.stringify({ user: 'l-2', group: 'posts', level: 'everyone' }),
    ]),
  );
});

describe('an export', () => {
  test.each(['all.ndjson', 'all.csv.gz'])(
    'as %s, taken in elsewhere, gives the same users, choices, levels and signals',
    async (name) => {
      const rows = [
        { user: 'here', region: 'DE', age_band: 'adult', signal: 'gpc' },
        { user: 'spaces, "quotes"', region: 'US-CA', age_band: 'minor' },
        { user: 'here', purpose: 'ads.off_platform', choice: 'granted', notice: 1 },
        { user: 'unregistered', purpose: 'ai', choice: 'denied' },
        ...['=HYPERLINK("https://example.org")', `'=1`, `''＝1`, '+49', "'plain"].map((user) => ({
          user,
          purpose: 'ai',
          choice: 'denied',
        })),
        { user: 'young', region: 'DE', age_band: 'minor', adult_from: '2039-04-05T06:07:08.000Z' },
        { user: 'young', purpose: 'ads.personalised', choice: 'granted', until: '2038-04-05T06:07:08.000Z' },
        { user: 'young', group: 'posts', level: 'only_me' },
        { user: 'nobody yet', group: 'profile_photo', level: 'connections' },
      ];
      const id = `origin-${name}`;
      expect((await send(`/v1/imports/${id}?from=1`, ndjson(rows))).at(-1)).toContain('"refused":0');
      const file = join(folder, name);
      expect(await consent(['export', file])).toMatchObject({ code: 0 });
      const elsewhere = await startService();
      try {
        expect(await consent(['import', file], elsewhere)).toMatchObject({ code: 0 });
        const [before, after] = [await exported(service), await exported(elsewhere)];
        expect(before).toContain(JSON.stringify(rows[0]));
        // what ends must not become what never ends
        for (const row of rows.slice(4)) expect(before).toContain(JSON.stringify(row));
        expect(after).toEqual(before);
      } finally {
        await elsewhere.stop();
      }
    },
  );
});

const ROWS = 20_000;
const USERS = 6_000;
const KILLS = 6;

/** Rows about the same users in a scattered order, some of which contradict each other and some of which are broken. */
function contradictions(): string {
  const regions = ['DE', 'US-CA', 'GB', 'BR'];
  const purposes = ['ads.personalised', 'ai', 'improve', 'research'];
  const levels = ['everyone', 'connections', 'only_me', 'friends'];
  return ndjson(
    Array.from({ length: ROWS }, (_, place): Row | string => {
      const user = `u-${(place * 7919) % USERS}`;
      if (place % 997 === 0) return '{"user":';
      if (place % 991 === 0) return { user, region: '??' };
      if (place < USERS) return { user, region: regions[place % 4] ?? '', age_band: 'adult' };
      const choice = (place * 31) % 10 < 6 ? 'granted' : 'denied';
      const at = place % 3 === 0 ? {} : { at: Date.UTC(2024, 0, 1) + ((place * 17) % 50) * 86_400_000 };
      if (place % 5 === 0) return { user, group: 'posts', level: levels[(place * 29) % 4] ?? '', ...at };
      return { user, purpose: purposes[(place * 13) % 4] ?? '', choice, notice: 1, ...at };
    }),
  );
}

// half a minute; `crash.long.spec.ts` kills the service while choices are made
test(
  `an import of ${ROWS} rows, its client and its server killed ${KILLS} times, ends as one that was left alone`,
  { ...LONG_RUN, timeout: 900_000 },
  async () => {
    const file = await fileOf('million.ndjson', contradictions());
    const alone = await startService();
    const rejectsAlone = join(folder, 'alone.rejects');
    expect(await consent(['import', file, '--id', 'big', '--rejects', rejectsAlone], alone)).toMatchObject({
      code: 1,
    });

    const dataDir = await newDataFolder();
    let killed = await startService({ DATA_DIR: dataDir });
    const port = new URL(killed.url).port;
    const rejects = join(folder, 'killed.rejects');
    const args = ['import', file, '--id', 'big', '--rejects', rejects];
    let client = startCommand(killed, args);
    let told = '';
    client.stderr?.on('data', (chunk: Buffer) => (told += chunk.toString()));
    const lines: number[] = [];
    for (let kill = 1; kill <= KILLS; kill++) {
      // one that was begun just before its service was killed was never answered, and ended at once: it is begun again
      const goOn = () => {
        if (client.exitCode !== null) client = startCommand(killed, args);
      };
      lines.push(await reached(killed, (ROWS * kill) / (KILLS + 1), goOn));
      if (kill % 2 === 0) {
        client.kill('SIGKILL');
        await once(client, 'close');
        client = startCommand(killed, args);
      } else {
        await killed.kill('SIGKILL');
        killed = await startService({ DATA_DIR: dataDir, PORT: port });
      }
    }
    // the service had answered before it was away
    expect(told).toMatch(/^trying again in 0\.2 s, and for 120 s before giving up$/m);
    // each kill fell into the import, at another place
    expect(lines.every((line) => line < ROWS)).toBe(true);
    if (client.exitCode === null) await once(client, 'close');
    expect(client.exitCode).toBe(1);

    expect(await standOf(killed, 'big')).toEqual(await standOf(alone, 'big'));
    expect(await exported(killed)).toEqual(await exported(alone));
    expect(await linesOf(rejects)).toEqual(await linesOf(rejectsAlone));
    await alone.stop();
    await killed.stop();
    await rm(dataDir, { recursive: true, force: true });
  },
);

/** Resolves to the line that an import stands at, once it has come to one. */
async function reached(of: Service, line: number, goOn: () => void): Promise<number> {
  for (;;) {
    const now = Number(Object(await standOf(of, 'big')).line ?? 0);
    if (now >= line) return now;
    goOn();
    // who asks without a pause keeps the service from the import
    await pass(20);
  }
}

test('admins see how far each import has come, and no user, row or line of it', async () => {
  const rows = [
    { user: 'u-listed', region: 'DE', age_band: 'adult' },
    { user: 'u-unlisted', region: 'Germany' },
  ];
  await send('/v1/imports/listed?from=1', ndjson(rows));
  for (const role of ['policy_admin', 'privacy_officer', 'auditor']) {
    const token = await service.token({ sub: 'ann', roles: [role] });
    const list = await service.request('GET', '/v1/imports?limit=1', { token });
    expect(list.body).toMatchObject({
      imports: [
        { id: 'listed', by: 'migration', line: 2, summary: { changed: 1, reasons: { region_not_valid: 1 } } },
      ],
    });
    expect(JSON.stringify(list.body)).not.toMatch(/u-listed|u-unlisted|Germany|refused_lately/);
    for (const path of ['/v1/imports/listed', '/v1/exports/choices'])
      expect((await service.request('GET', path, { token })).status).toBe(403);
  }
});
