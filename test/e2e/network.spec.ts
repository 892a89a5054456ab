/** The example in `examples/network`: three services, of which none uses anything of a member who has said no. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAssent } from '../../client/src/assent.js';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import {
  ADS,
  AI,
  MEMBERS,
  type Member,
  type Network,
  PERMITTED,
  type Running,
  freePort,
  idsOf,
  startNetwork,
} from './network.js';
import { listAt, numberAt, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';

const EVERYBODY = idsOf(MEMBERS);

let postgres: PostgresServer;
let databaseUrl: string;
let assent: Service;
let network: Network;
let folder: string;

beforeAll(async () => {
  const server = startPostgres().then(async (started) => {
    postgres = started;
    databaseUrl = await started.createDatabase('profiles');
  });
  // grants name its address
  assent = await startService({ PORT: String(await freePort()) });
  await server;
  network = await startNetwork(assent, databaseUrl);
});
afterAll(async () => {
  await network?.stop();
  await Promise.all([assent?.stop(), postgres?.stop()]);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-'));
  return () => rm(folder, { recursive: true });
});

async function post(url: string, path: string, body: object, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: valueIn(await response.text()) };
}

function valueIn(text: string): unknown {
  return JSON.parse(text);
}

/** Whose data the profile store has handed out, of these lines of its own. */
const handedOut = (lines: readonly unknown[]) =>
  new Set(lines.flatMap((line) => (valueAt(line, 'members') === undefined ? [] : listAt(line, 'members'))));
const linesOf = (request: string) =>
  network.profiles.lines.filter((line) => valueAt(line, 'request') === request);

/** The rows that a training set of these members should have, in the order of their text. */
function rowsOf(members: readonly Member[]): string[] {
  return members
    .filter(({ industry }) => industry === 'software' || industry === 'care')
    .map(({ industry, skill }) => JSON.stringify({ industry, seniority: '*', skill }))
    .sort();
}

const gone = new Set<Member>();
const stillIn = (purpose: typeof ADS | typeof AI) => PERMITTED[purpose].filter((member) => !gone.has(member));

/** Somebody who permits both, and is among the people of a training set. */
function next(): Member {
  const member = stillIn(ADS).find(({ industry, denied }) => industry === 'care' && denied.length === 0);
  if (member === undefined) throw new Error('nobody is left');
  return member;
}

/** The member says no to both. @returns when each was confirmed */
async function leave(member: Member) {
  gone.add(member);
  const [ads, ai] = [await network.optOut(member.member, ADS), await network.optOut(member.member, AI)];
  return { [ADS]: ads, [AI]: ai };
}

/** Has the database wait with the profile of a member, and so with those that are read with it, until the work is done. */
async function whileReading<Result>(member: string, work: () => Promise<Result>): Promise<Result> {
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    await database.query(`
      SELECT pg_advisory_lock(1);
      ALTER TABLE profiles RENAME TO kept;
      CREATE VIEW profiles AS SELECT member, name, email, industry, seniority,
        CASE WHEN member = '${member}' AND pg_advisory_xact_lock_shared(1) IS NULL THEN '' ELSE skill END AS skill
        FROM kept`);
    return await work();
  } finally {
    await database.end();
  }
}

async function trainingSet({ url }: Running) {
  const response = await fetch(new URL('/training-set', url));
  const text = await response.text();
  const [head, ...rows] = text.trimEnd().split('\n');
  return { status: response.status, text, head: valueIn(head ?? ''), rows: rows.sort() };
}

describe('the ranker', () => {
  test('reads the skills of those who permit it, and of nobody else', async () => {
    const request = randomUUID();
    const answer = await post(
      network.ranker.url,
      '/ads',
      { visitors: EVERYBODY },
      { 'x-request-id': request },
    );
    expect(answer).toEqual({ status: 200, body: { ad: 'one about TypeScript' } });
    expect(handedOut(linesOf(request))).toEqual(new Set(idsOf(PERMITTED[ADS])));
  });

  test('uses nothing of fewer people than it must', async () => {
    const { body } = await post(network.ranker.url, '/ads', { visitors: EVERYBODY.slice(0, 299) });
    expect(body).toEqual({ ad: 'one that fits the page' });
  });
});

describe('a ranker that forgets to ask', () => {
  const wanted = { members: EVERYBODY.slice(0, 200), fields: ['member.skills'] };

  test('gets nothing', async () => {
    const before = network.profiles.lines.length;
    const { status, body } = await post(network.profiles.url, '/profiles', wanted);
    expect({ status, body }).toEqual({
      status: 403,
      body: { reason: 'no_grant', detail: expect.stringContaining('brings no grant') },
    });
    expect(network.profiles.lines.length).toBe(before);
  });

  test('gets nothing of those whom it did not ask about, and no field that it did not ask for', async () => {
    const [one] = idsOf(PERMITTED[ADS]);
    const { grant, headers } = await grantOf([one ?? '']);
    const { status, body } = await post(
      network.profiles.url,
      '/profiles',
      { members: EVERYBODY.slice(0, 200), fields: ['member.skills', 'member.email'] },
      await headers(),
    );
    expect(grant.denied).toEqual([]);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { members: [{ member: one, 'member.skills': expect.any(String) }] },
    });
    expect(JSON.stringify(body)).not.toContain('@members.example');
    expect(new Set(listAt(body, 'refused').map((line) => valueAt(line, 'reason')))).toEqual(
      new Set(['not_granted']),
    );
  });
});

/** A grant for the ads of a process beside the ranker, and headers for a request to the profile store. */
async function grantOf(members: readonly string[]) {
  const asking = createAssent({
    url: assent.url,
    token: network.adsToken,
    purpose: ADS,
    discharges: ['min_cohort_300'],
    timeout: 60_000,
  });
  const grant = await asking.grant(members, ['member.skills'], { audience: 'profiles' });
  asking.close();
  const headers = async ({ url } = network.profiles) => ({
    ...(await grant.headersFor('POST', `${url}/profiles`)),
  });
  return { grant, headers };
}

describe("the exporter's file", () => {
  test('holds no opted-out user, no direct identifier, and no cohort below the minimum', async () => {
    const exporter = await network.startExporter(folder);
    const made = await post(exporter.url, '/training-sets', { members: EVERYBODY });
    expect(made).toMatchObject({ status: 200 });
    const { head, rows, text } = await trainingSet(exporter);
    // exactly those who permit it, so nobody else
    expect(rows).toEqual(rowsOf(PERMITTED[AI]));
    for (const { member, name, email } of MEMBERS)
      for (const identifier of [`"${member}"`, name, email]) expect(text).not.toContain(identifier);
    expect(head).toEqual({
      training_snapshot_id: valueAt(made.body, 'training_snapshot_id'),
      purpose: AI,
      people: rows.length,
    });
    const fewest = (groups: readonly string[]) =>
      Math.min(...groups.map((group) => groups.filter((other) => other === group).length));
    expect(fewest(rows.map((row) => textAt(valueIn(row), 'industry')))).toBeGreaterThanOrEqual(50);
    expect(fewest(rows)).toBeGreaterThanOrEqual(10);
    expect(await readdir(folder)).toEqual([`${textAt(made.body, 'training_snapshot_id')}.ndjson`]);
  });
});

describe('a member who says no while all three run', () => {
  test('is in no file that was being made', async () => {
    const exporter = await network.startExporter(folder);
    const leaving = next();
    const request = randomUUID();
    const isGiven = (line: unknown) =>
      valueAt(line, 'request') === request && handedOut([line]).has(leaving.member);
    const { making } = await whileReading(idsOf(stillIn(AI)).at(-1) ?? '', async () => {
      const body = { members: EVERYBODY };
      const making = post(exporter.url, '/training-sets', body, { 'x-request-id': request });
      await network.profiles.line(isGiven);
      await leave(leaving);
      return { making };
    });
    expect(await making).toMatchObject({ status: 200 });
    expect((await trainingSet(exporter)).rows).toEqual(rowsOf(stillIn(AI)));
  });

  test('is in no file that is handed out after that', async () => {
    const exporter = await network.startExporter(folder);
    const make = () => post(exporter.url, '/training-sets', { members: EVERYBODY });
    expect(await make()).toMatchObject({ status: 200 });
    await leave(next());
    expect(await trainingSet(exporter)).toMatchObject({
      status: 409,
      head: { detail: expect.stringContaining('1 in it have withdrawn') },
    });
    expect(await readdir(folder)).toEqual([]);
    expect(await trainingSet(exporter)).toMatchObject({ status: 404 });
    expect(await make()).toMatchObject({ status: 200 });
    expect((await trainingSet(exporter)).rows).toEqual(rowsOf(stillIn(AI)));
    // whoever has two files could tell by their difference what the one who left has in the first
    await leave(next());
    expect(await make()).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('no group') },
    });
  });

  test('is given out to no request that began after the confirmation', async () => {
    const exporter = await network.startExporter(folder);
    const begun = new Map<string, number>();
    const over = new AbortController();
    const load = async (url: string, path: string, body: object) => {
      while (!over.signal.aborted) {
        const request = randomUUID();
        begun.set(request, Date.now());
        expect(await post(url, path, body, { 'x-request-id': request })).toMatchObject({ status: 200 });
      }
    };
    const loads = [
      load(network.ranker.url, '/ads', { visitors: EVERYBODY }),
      load(network.ranker.url, '/ads', { visitors: EVERYBODY.toReversed() }),
      load(exporter.url, '/training-sets', { members: EVERYBODY }),
    ];
    const from = network.profiles.lines.length;
    /** What was handed out to requests that began after a time, for a purpose. */
    const given = (purpose: string, after: number) =>
      network.profiles.lines
        .slice(from)
        .filter((line) => valueAt(line, 'purpose') === purpose)
        .filter((line) => (begun.get(textAt(line, 'request')) ?? 0) > after);
    const several = async (purpose: string, after: number) => {
      await expect.poll(() => given(purpose, after).length).toBeGreaterThan(4);
    };
    await Promise.all([several(ADS, 0), several(AI, 0)]);
    const gone = next();
    const confirmed = await leave(gone);
    await Promise.all([several(ADS, confirmed[ADS]), several(AI, confirmed[AI])]);
    over.abort();
    await Promise.all(loads);
    for (const purpose of [ADS, AI] as const) {
      expect(handedOut(given(purpose, 0))).toContain(gone.member);
      expect(handedOut(given(purpose, confirmed[purpose]))).not.toContain(gone.member);
    }
  });

  test('ends the grants that are out, before they expire', async () => {
    const gone = next();
    const { member: other = '' } = stillIn(ADS).find((one) => one !== gone) ?? {};
    const members = [gone.member, other];
    const { headers, grant } = await grantOf(members);
    const given = async () => {
      const wanted = { members, fields: ['member.skills'] };
      const { body } = await post(network.profiles.url, '/profiles', wanted, await headers());
      return {
        members: listAt(body, 'members').map((one) => textAt(one, 'member')),
        refused: listAt(body, 'refused'),
      };
    };
    // the owner takes a grant once it has heard the changes that it rests on
    await expect.poll(() => given()).toEqual({ members, refused: [] });
    await leave(gone);
    const refused = [{ member: gone.member, field: 'member.skills', reason: 'withdrawn' }];
    await expect.poll(() => given()).toEqual({ members: [other], refused });
    expect(grant.isOver).toBe(false);
  });
});

test('an exporter that is killed leaves no file that is not whole', async () => {
  const exporter = await network.startExporter(folder);
  const making = post(exporter.url, '/training-sets', { members: EVERYBODY }).catch(() => undefined);
  await exporter.line((line) => valueAt(line, 'released') !== undefined);
  await exporter.kill('SIGKILL');
  await making;
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.ndjson')) continue;
    const [head, ...rows] = (await readFile(join(folder, name), 'utf8')).trimEnd().split('\n');
    expect(rows.length).toBe(numberAt(valueIn(head ?? ''), 'people'));
  }
  // and none that the next one would hand out
  expect(await trainingSet(await network.startExporter(folder))).toMatchObject({ status: 404 });
});

test('a profile store that hears nothing of Assent, or cannot have its keys, gives nothing out', async () => {
  const members = idsOf(stillIn(ADS)).slice(0, 2);
  const { headers } = await grantOf(members);
  const ask = async (store = network.profiles) =>
    post(store.url, '/profiles', { members, fields: ['member.skills'] }, await headers(store));
  expect(await ask()).toMatchObject({ status: 200, body: { refused: [] } });
  await assent.kill('SIGKILL');
  await expect
    .poll(() => ask(), { interval: 5 })
    .toMatchObject({
      body: { members: [], refused: [{ reason: 'changes_unheard' }, { reason: 'changes_unheard' }] },
    });
  expect(await ask(await network.startProfiles())).toMatchObject({
    status: 403,
    body: { reason: 'unknown_key' },
  });
});
