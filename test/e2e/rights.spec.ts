/**
 * What people may ask for by law: to see everything, and to have it gone.
 *
 * @module-tag once
 */
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PGlite } from '@electric-sql/pglite';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { EVALUATION, mayRead } from './questions.js';
import { listAt, settingOf, textAt, valueAt } from './replies.js';
import { type Service, startService, temporaryFolder } from './service.js';
import { LONG_RUN } from '../times.js';

/** As unlike anything else as what is looked for in every file must be. */
const ERASED = 'zoë-erasure-7f3a9c';
const LANGUAGE = 'de-x-zqxjkwvy';
/** Enough others for a snapshot to be taken. */
const OTHERS = 10_050;
const AT_ONCE = 50;

const FOLDERS: string[] = [];
let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(async () => {
  await server.stop();
  for (const folder of FOLDERS) await rm(folder, { recursive: true, force: true });
});

async function newFolder(): Promise<string> {
  const folder = await temporaryFolder();
  FOLDERS.push(folder);
  return folder;
}

/** The service as those see it who look after accounts, and as auditors do. */
async function facesOf(service: Service) {
  const accounts = await service.token({
    sub: 'registry',
    purposes: ['ads.personalised'],
    scope: 'users:write settings:read choices:write users:export users:erase',
  });
  const auditor = await service.token({ sub: 'auditor', roles: ['auditor'] });
  const at = (user: string) => `/v1/users/${encodeURIComponent(user)}`;
  return {
    put: (user: string, path: string, body: unknown) =>
      service.request('PUT', `${at(user)}${path}`, { token: accounts, body }),
    get: (user: string, path: string, headers: Record<string, string> = {}) =>
      service.request('GET', `${at(user)}${path}`, { token: accounts, headers }),
    erase: (user: string) => service.request('DELETE', at(user), { token: accounts }),
    decide: (user: string) =>
      service.request('POST', EVALUATION, { token: accounts, body: mayRead('ads.personalised', user) }),
    audit: (method: string, path: string) => service.request(method, path, { token: auditor }),
  };
}

/** Everything that a value could have been written as. */
function disguisesOf(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  return [
    bytes,
    Buffer.from(secret, 'utf16le'),
    Buffer.from(bytes.toString('hex')),
    Buffer.from(encodeURIComponent(secret)),
    Buffer.from(
      JSON.stringify(secret).replaceAll(/[^ -~]/g, (unit) => `\\u00${unit.charCodeAt(0).toString(16)}`),
    ),
    // wherever it began, some part of it comes out like this
    ...[0, 1, 2].map((shift) =>
      Buffer.from(
        Buffer.concat([Buffer.alloc(shift), bytes])
          .toString('base64')
          .slice(4, -4),
      ),
    ),
  ];
}

/** The files of a folder that hold one of these. */
async function filesWith(folder: string, secrets: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const content = await readFile(path);
    if (secrets.flatMap(disguisesOf).some((disguise) => content.includes(disguise))) found.push(entry.name);
  }
  return found;
}

type Query = (sql: string) => Promise<readonly Record<string, unknown>[]>;

/** The tables with a row in which one of these stands as it is. */
async function tablesWith(query: Query, secrets: readonly string[]): Promise<string[]> {
  const tables = await query(`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`);
  expect(tables.length).toBeGreaterThan(8);
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await query(`SELECT t::text AS row FROM "${String(name)}" AS t`);
    if (rows.some(({ row }) => secrets.some((secret) => String(row).includes(secret))))
      found.push(String(name));
  }
  return found;
}

async function registerOthers({ put }: Awaited<ReturnType<typeof facesOf>>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < OTHERS) await put(`other-${next++}`, '', { region: 'DE', age_band: 'adult' });
    }),
  );
}

describe.each([{ storage: 'embedded' }, { storage: 'on a server' }])('erasure, $storage', ({ storage }) => {
  // so many users that a snapshot is worth its while
  test(
    'leaves nothing of the user in any table, file or log, and a chain that still verifies',
    { ...LONG_RUN, timeout: 240_000 },
    async () => {
      const dataDir = await newFolder();
      const databaseUrl = storage === 'embedded' ? undefined : await server.createDatabase('erasure');
      const env = { DATA_DIR: dataDir, ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }) };
      const first = await startService(env);
      const before = await facesOf(first);
      await before.put(ERASED, '', {
        region: 'US-CA',
        age_band: 'minor',
        adult_from: '2039-04-05T06:07:08Z',
      });
      await before.put(ERASED, '/choices/recruiting', { choice: 'granted', notice: 1, language: LANGUAGE });
      await registerOthers(before);
      await first.kill('SIGTERM');
      const secrets = [ERASED, LANGUAGE];
      // the search finds what is there: the snapshot names its users
      expect(await filesWith(dataDir, secrets)).toEqual(['consent-state.snapshot']);

      const second = await startService(env);
      const now = await facesOf(second);
      expect((await now.get(ERASED, '/settings')).body).toMatchObject({ known: true });
      expect(await now.erase(ERASED)).toMatchObject({
        status: 200,
        body: { erased: true, record: { by: { kind: 'service', id: 'registry' } } },
      });
      expect(await filesWith(dataDir, secrets)).toEqual([]);
      expect((await now.decide(ERASED)).body).toMatchObject({
        decision: false,
        context: { reason: 'unknown_user' },
      });
      expect((await now.get(ERASED, '/settings')).body).toMatchObject({ known: false, region: 'unknown' });
      expect((await now.get(ERASED, '/history')).body).toMatchObject({ events: [] });
      expect(await now.erase(ERASED)).toMatchObject({ status: 200, body: { erased: false } });
      expect((await now.audit('GET', '/v1/erasures')).body).toMatchObject({
        erasures: [{ by: { kind: 'service', id: 'registry' } }],
      });
      expect((await now.audit('POST', '/v1/log/verification')).body).toMatchObject({ intact: true });
      await second.kill('SIGTERM');
      expect(await filesWith(dataDir, secrets)).toEqual([]);

      const third = await startService(env);
      const after = await facesOf(third);
      expect((await after.get(ERASED, '/settings')).body).toMatchObject({ known: false });
      expect((await after.get('other-1', '/settings')).body).toMatchObject({ known: true });
      expect((await after.audit('POST', '/v1/log/verification')).body).toMatchObject({ intact: true });
      await third.kill('SIGTERM');
      for (const { output } of [first, second, third])
        expect(secrets.filter((secret) => output().includes(secret))).toEqual([]);

      if (databaseUrl === undefined) {
        const database = await PGlite.create({ dataDir: join(dataDir, 'postgres') });
        expect(
          await tablesWith(async (sql) => (await database.query<Record<string, unknown>>(sql)).rows, secrets),
        ).toEqual([]);
        await database.close();
      } else {
        const client = new Client({ connectionString: databaseUrl });
        await client.connect();
        expect(await tablesWith(async (sql) => (await client.query(sql)).rows, secrets)).toEqual([]);
        await client.end();
        expect(await filesWith(server.folder, secrets)).toEqual([]);
      }
    },
  );
});

describe('what people may see', () => {
  let service: Service;
  let faces: Awaited<ReturnType<typeof facesOf>>;

  beforeAll(async () => {
    service = await startService();
    faces = await facesOf(service);
    await faces.put('ida', '', { region: 'DE', age_band: 'adult' });
    await faces.put('ida', '/choices/recruiting', { choice: 'granted', notice: 1, language: 'de' });
    await faces.put('ida', '/choices/<b>', { choice: 'denied' });
    await faces.put('ida', '/choices/ads.personalised', { choice: 'denied' });
    await faces.put('jo', '', { region: 'US-CA', age_band: 'adult' });
  });

  afterAll(() => service.stop());

  test('of their history: every event with who, how, when, and on which notice and policy', async () => {
    const { body } = await faces.get('ida', '/history');
    const policy = textAt((await faces.get('ida', '/settings')).body, 'policy');
    const by = { kind: 'service', id: 'registry' };
    expect(listAt(body, 'events')).toMatchObject([
      { kind: 'profile', region: 'DE', age_band: 'adult', by, via: 'settings', policy },
      { kind: 'choice', purpose: 'recruiting', choice: 'granted', notice: 1, language: 'de', by, policy },
      { kind: 'choice', purpose: 'ads.personalised', choice: 'denied', notice: null, by, policy },
    ]);
  });

  test('of their history page by page', async () => {
    const whole = listAt((await faces.get('ida', '/history')).body, 'events');
    const pages: unknown[] = [];
    for (let after = ''; ;) {
      const { body } = await faces.get('ida', `/history?limit=1${after}`);
      const [event] = listAt(body, 'events');
      if (event === undefined) break;
      pages.push(event);
      after = `&after=${textAt(event, 'id')}`;
    }
    expect(pages).toEqual(whole);
    expect(await faces.get('ida', '/history?after=nonsense')).toMatchObject({
      status: 400,
      body: { member: '/after' },
    });
    expect(await faces.get('ida', '/history?limit=0')).toMatchObject({ status: 400 });
  });

  test('of their history the newest first, in words, page by page', async () => {
    const oldest = listAt((await faces.get('ida', '/history?language=de')).body, 'events');
    const newest = await faces.get('ida', '/history?order=newest', { 'accept-language': 'de' });
    expect(newest.body).toMatchObject({
      language: 'de',
      events: [
        { kind: 'choice', title: 'Personalisierte Anzeigen', receipt: true },
        { kind: 'choice', title: 'Von Personalsuchenden gefunden werden', receipt: true },
        { kind: 'profile', title: null, receipt: false },
      ],
    });
    expect(listAt(newest.body, 'events')).toEqual(oldest.toReversed());
    for (const limit of [1, 2, 3, 4]) {
      const pages: unknown[] = [];
      for (let after = ''; ;) {
        const { body } = await faces.get('ida', `/history?order=newest&language=de&limit=${limit}${after}`);
        const events = listAt(body, 'events');
        expect(events.length).toBeGreaterThan(0);
        pages.push(...events);
        if (valueAt(body, 'next') === undefined) break;
        after = `&after=${textAt(body, 'next')}`;
      }
      expect(pages).toEqual(oldest.toReversed());
    }
    expect(await faces.get('ida', '/history?order=random')).toMatchObject({ status: 400 });
  });

  test('in one call: everything, as JSON', async () => {
    const { body, status, headers } = await faces.get('ida', '/export', { 'accept-language': 'de' });
    expect(status).toBe(200);
    expect(headers.get('content-language')).toBe('de');
    // a page has titles and receipts besides
    expect(valueAt((await faces.get('ida', '/history')).body, 'events')).toMatchObject(
      listAt(body, 'history'),
    );
    expect(valueAt(body, 'settings')).toEqual(
      (await faces.get('ida', '/settings', { 'accept-language': 'de' })).body,
    );
    expect(settingOf(valueAt(body, 'settings'), 'recruiting')).toMatchObject({ choice: 'granted', on: true });
  });

  test('as a page that loads and runs nothing, in their language', async () => {
    const { body, headers } = await faces.get('ida', '/export', {
      accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
      'accept-language': 'de-CH',
    });
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(String(body)).toContain('<html lang="de" dir="ltr">');
    expect(String(body)).toContain('Was über Sie gespeichert ist');
    expect(String(body)).not.toMatch(/<script|https?:\/\/|<b>/);
  });

  test('with whatever an id holds written as text', async () => {
    const user = `<img src=x onerror=alert(1)>"'&`;
    await faces.put(user, '', { region: 'DE', age_band: 'adult' });
    const { body } = await faces.get(user, '/export', { accept: 'text/html' });
    expect(String(body)).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;');
    expect(String(body)).not.toContain('<img');
  });

  test('of somebody nobody knows: nothing', async () => {
    expect((await faces.get('stranger', '/export')).body).toMatchObject({
      history: [],
      settings: { known: false },
    });
  });

  test('themselves, and nobody else', async () => {
    const token = await service.token({ sub: 'jo' });
    expect(await service.request('GET', '/v1/users/me/export', { token })).toMatchObject({
      status: 200,
      body: { settings: { user: 'jo' } },
    });
    for (const [method, path] of [
      ['GET', '/v1/users/ida/export'],
      ['GET', '/v1/users/ida/history'],
      ['DELETE', '/v1/users/ida'],
      ['GET', '/v1/log'],
      ['POST', '/v1/log/verification'],
      ['GET', '/v1/erasures'],
    ] as const)
      expect(await service.request(method, path, { token }), path).toMatchObject({ status: 403 });
  });

  test('may erase themselves, and the record does not say who they were', async () => {
    const token = await service.token({ sub: 'kim' });
    await faces.put('kim', '', { region: 'DE', age_band: 'adult' });
    expect(await service.request('DELETE', '/v1/users/me', { token })).toMatchObject({
      status: 200,
      body: { erased: true, record: { by: { kind: 'user' } } },
    });
    expect(JSON.stringify((await faces.audit('GET', '/v1/erasures')).body)).not.toContain('kim');
  });

  test('of the log as auditors: its last link, and that every entry follows from the one before', async () => {
    const { body: head } = await faces.audit('GET', '/v1/log');
    const { body } = await faces.audit('POST', '/v1/log/verification');
    expect(body).toEqual({ intact: true, revision: valueAt(head, 'revision'), hash: valueAt(head, 'hash') });
  });
});
