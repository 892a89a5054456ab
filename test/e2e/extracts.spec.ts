/** What a service took for training is known to the last user, also after a crash, and so is who has withdrawn since. */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type People, peopleOf } from './people.js';
import { importRows } from './importing.js';
import { listAt, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';
import { newDataFolder } from '../data-folder.js';

const NDJSON = 'application/x-ndjson';
const FIELDS = ['member.skills', 'post.text'];
const OPENING = { purpose: 'ai', fields: FIELDS, title: 'Text model', context: { actor: 'automated' } };

let service: Service;
let people: People;
let trainer = '';

beforeAll(async () => {
  service = await startService();
  people = await peopleOf(service);
  trainer = await service.token({ sub: 'trainer', purposes: ['ai', 'service'] });
});
afterAll(() => service.stop());

const linesIn = (body: unknown): unknown[] =>
  (typeof body === 'string' ? body : JSON.stringify(body))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

async function ask(method: string, path: string, body?: unknown, token = trainer) {
  return service.request(method, path, { token, ...(body === undefined ? {} : { body }) });
}

async function opened(opening: object = OPENING): Promise<string> {
  const { status, body } = await ask('POST', '/v1/extracts', opening);
  expect(status, JSON.stringify(body)).toBe(201);
  return textAt(body, 'id');
}

/** Takes users into an extract; the lines of the answer but the last. */
async function take(extract: string, users: readonly string[], over: object = {}): Promise<unknown[]> {
  const { status, body } = await ask('POST', '/v1/audiences', {
    purpose: 'ai',
    fields: FIELDS,
    users,
    extract,
    ...over,
  });
  expect(status, JSON.stringify(body)).toBe(200);
  return linesIn(body).slice(0, -1);
}

async function withdrawn(extract: string): Promise<unknown[]> {
  const { status, body } = await ask('GET', `/v1/extracts/${extract}/withdrawn`);
  expect(status, JSON.stringify(body)).toBe(200);
  return linesIn(body);
}

describe('an extract', () => {
  test('has who was let through, and tells who withdrew or was erased, by the handle of each', async () => {
    for (const user of ['u-1', 'u-2', 'u-3', 'u-4']) await people.register(user, 'US-NY');
    await people.choose('u-4', 'ai', 'denied');
    const extract = await opened();
    const lines = await take(extract, ['u-1', 'u-2', 'u-3', 'u-4', 'nobody']);
    const [one, two, three] = lines.map((line) => valueAt(line, 'member'));
    expect(lines).toEqual([
      { user: 'u-1', member: expect.stringMatching(/^[\w-]{22}$/), fields: FIELDS },
      { user: 'u-2', member: expect.any(String), fields: FIELDS },
      { user: 'u-3', member: expect.any(String), fields: FIELDS },
      { user: 'u-4', fields: [] },
      { user: 'nobody', fields: [] },
    ]);
    const other = await take(await opened(), ['u-1']);
    expect(valueAt(other[0], 'member')).not.toBe(one);
    expect(await withdrawn(extract)).toEqual([
      expect.objectContaining({ members: 3, withdrawn: 0, erased: 0 }),
    ]);

    await people.choose('u-1', 'improve', 'denied');
    const eraser = await service.token({ sub: 'eraser', purposes: [], scope: 'users:erase' });
    await ask('DELETE', '/v1/users/u-2', undefined, eraser);
    await people.register('u-2', 'US-NY');
    const accounts = await service.token({ sub: 'accounts', purposes: [], scope: 'choices:write' });
    await ask('PUT', '/v1/users/u-3/visibility/posts', { level: 'only_me' }, accounts);
    const found = await withdrawn(extract);
    expect(found).toEqual([
      { member: one, user: 'u-1', withdrawn: { 'member.skills': 'opted_out', 'post.text': 'opted_out' } },
      { member: three, user: 'u-3', withdrawn: { 'post.text': 'floor' } },
      { member: two, erased: true },
      expect.objectContaining({ members: 3, withdrawn: 2, erased: 1 }),
    ]);

    const since = textAt(found.at(-1), 'since');
    const { body } = await ask('POST', `/v1/extracts/${extract}/unlearned`, { since });
    expect(valueAt(body, 'unlearned')).toEqual([{ since, by: 'trainer', at: expect.any(String) }]);
    const reader = await service.token({ sub: 'reader', purposes: [], scope: 'settings:read users:export' });
    const own = async (user: string) =>
      listAt((await ask('GET', `/v1/users/${user}/extracts`, undefined, reader)).body, 'extracts');
    expect(await own('u-3')).toEqual([
      expect.objectContaining({
        id: extract,
        client: 'trainer',
        title: 'Text model',
        purpose: { id: 'ai', title: 'Training AI' },
        fields: FIELDS,
        withdrawn: { 'post.text': 'floor' },
        left_out_at: expect.stringMatching(/Z$/),
      }),
    ]);
    const exported = await ask('GET', '/v1/users/u-3/export', undefined, reader);
    expect(listAt(exported.body, 'extracts')).toEqual(await own('u-3'));
    // who is another person by now, although the id is the same
    expect(await own('u-2')).toEqual([]);
    const later = await ask('GET', `/v1/extracts/${extract}/withdrawn?since=${since}`);
    expect(linesIn(later.body)).toEqual([expect.objectContaining({ complete: false, withdrawn: 0 })]);
    // who comes back is permitted again, and is told of no more
    await people.choose('u-1', 'improve', 'granted');
    expect(await withdrawn(extract)).toHaveLength(3);
  });

  test('is closed for good', async () => {
    const extract = await opened();
    await take(extract, ['u-4', 'u-1', 'u-1']);
    await take(extract, ['u-1', 'u-2']);
    const closed = await ask('POST', `/v1/extracts/${extract}/close`);
    expect(closed.body).toMatchObject({ members: 2, closed_at: expect.any(String) });
    const again = await ask('POST', '/v1/audiences', {
      purpose: 'ai',
      fields: FIELDS,
      users: ['u-3'],
      extract,
    });
    expect(again).toMatchObject({ status: 409, body: { type: 'urn:assent:problem:extract_closed' } });
    expect(valueAt((await ask('POST', `/v1/extracts/${extract}/close`)).body, 'closed_at')).toBe(
      valueAt(closed.body, 'closed_at'),
    );
  });

  test('takes in nobody whom the log does not know, whatever the purpose', async () => {
    const extract = await opened({ purpose: 'service', fields: ['member.skills'] });
    const users = { purpose: 'service', fields: ['member.skills'] };
    expect(await take(extract, ['never-seen', 'u-1'], users)).toEqual([
      { user: 'never-seen', fields: [] },
      { user: 'u-1', member: expect.any(String), fields: ['member.skills'] },
    ]);
  });

  test('is its own service’s, and shown to auditors', async () => {
    const extract = await opened();
    const other = await service.token({ sub: 'other', purposes: ['ai'] });
    const auditor = await service.token({ sub: 'ada', roles: ['auditor'] });
    for (const path of ['', '/withdrawn'])
      expect(await ask('GET', `/v1/extracts/${extract}${path}`, undefined, other)).toMatchObject({
        status: 404,
      });
    const body = { purpose: 'ai', fields: FIELDS, users: ['u-1'], extract };
    expect(await ask('POST', '/v1/audiences', body, other)).toMatchObject({ status: 404 });
    expect(listAt((await ask('GET', '/v1/extracts', undefined, other)).body, 'extracts')).toEqual([]);
    const [listed] = listAt((await ask('GET', '/v1/extracts?limit=1', undefined, auditor)).body, 'extracts');
    expect(listed).toMatchObject({ id: extract, client: 'trainer', title: 'Text model', closed_at: null });
    expect(JSON.stringify(listed)).not.toContain('secret');
  });

  test('tells officers how many have withdrawn, once a day, and nothing of few', async () => {
    const users = Array.from({ length: 120 }, (_, at) => `many-${at}`);
    await importRows(
      service,
      'many',
      users.map((user) => ({ user, region: 'US-NY', age_band: 'adult' })),
    );
    const officer = await service.token({ sub: 'oda', roles: ['privacy_officer'] });
    const [small, early, late] = [await opened(), await opened(), await opened()];
    await take(small, users.slice(0, 99));
    for (const extract of [early, late]) await take(extract, users);
    const balance = async (extract: string) => {
      const { status, body } = await ask('GET', `/v1/extracts/${extract}/balance`, undefined, officer);
      expect(status).toBe(200);
      return body;
    };
    const nobody = { purpose: 'ai', minimum: 50, remaining: 100, left: null };
    expect(await balance(early)).toMatchObject(nobody);
    await importRows(
      service,
      'regrets',
      users.slice(0, 60).map((user) => ({ user, purpose: 'ai', choice: 'denied' })),
    );
    expect(await balance(early)).toMatchObject(nobody);
    const told = await balance(late);
    expect(told).toMatchObject({ remaining: 50, left: 50 });
    expect(JSON.stringify(told)).not.toMatch(/many-|member/);
    expect(await balance(small)).toMatchObject({ remaining: null, left: null });
    const refused = await ask('GET', `/v1/extracts/${late}/balance`);
    expect(refused).toMatchObject({ status: 403 });
  });

  test.each<[string, object, RegExp]>([
    ['another purpose', { purpose: 'service', fields: ['member.skills'] }, /the extract is for `ai`/],
    ['a field that it is not of', { fields: ['member.job_title'] }, /`fields.0` is not among the fields/],
    ['another fact', { context: { actor: 'human' } }, /`actor` is not what the extract was opened with/],
  ])('refuses an audience of %s', async (_what, over, says) => {
    const extract = await opened();
    const body = { purpose: 'ai', fields: FIELDS, users: ['u-1'], extract, ...over };
    const refused = await ask('POST', '/v1/audiences', body);
    expect(refused).toMatchObject({ status: 400, body: { detail: expect.stringMatching(says) } });
  });

  test('is asked for as lines, because only they name members', async () => {
    const extract = await opened();
    const refused = await service.request('POST', '/v1/audiences', {
      token: trainer,
      body: { purpose: 'ai', fields: FIELDS, users: ['u-1'], extract },
      headers: { accept: 'text/plain' },
    });
    expect(refused).toMatchObject({ status: 400, body: { detail: expect.stringContaining(NDJSON) } });
  });

  test('takes no look that it did not end with', async () => {
    const extract = await opened();
    for (const since of ['', 'x', 'x.0', `${await people.register('u-1', 'US-NY')}.7`])
      expect(await ask('POST', `/v1/extracts/${extract}/unlearned`, { since })).toMatchObject({
        status: 400,
        body: { member: '/since' },
      });
  });
});

test('whoever was answered is in the extract, although the process was killed in the middle of the answer', async () => {
  const DATA_DIR = await newDataFolder();
  const first = await startService({ DATA_DIR });
  const users = Array.from({ length: 9 }, (_, at) => `k-${at}`);
  const own = await peopleOf(first);
  for (const user of users) await own.register(user, 'US-NY');
  const token = await first.token({ sub: 'trainer', purposes: ['ai'] });
  const { body } = await first.request('POST', '/v1/extracts', { token, body: OPENING });
  const extract = textAt(body, 'id');
  const handles = await answeredUntilKilled(first, token, extract, users);
  expect(handles.size).toBeGreaterThan(0);

  const second = await startService({ DATA_DIR });
  const peopleThen = await peopleOf(second);
  for (const user of users) await peopleThen.choose(user, 'ai', 'denied');
  const look = await second.request('GET', `/v1/extracts/${extract}/withdrawn`, { token });
  const found = new Map(
    linesIn(look.body).flatMap((line) => {
      const member = valueAt(line, 'member');
      return member === undefined ? [] : [[valueAt(line, 'user'), member] as const];
    }),
  );
  for (const [user, member] of handles) expect(found.get(user)).toBe(member);
  await second.stop();
});

/** Sends some users, a few at a time, and kills the service once some were answered and others were not. */
function answeredUntilKilled(
  { url, kill }: Service,
  token: string,
  extract: string,
  users: readonly string[],
): Promise<Map<string, string>> {
  return new Promise((resolve) => {
    let text = '';
    const query = `purpose=ai&fields=${FIELDS.join()}&extract=${extract}`;
    const sending = httpRequest(`${url}/v1/audiences?${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'text/plain' },
    });
    const finish = () => {
      const whole = text.slice(0, text.lastIndexOf('\n')).split('\n');
      resolve(
        new Map(
          whole
            .filter((line) => line !== '')
            .map((line) => {
              const parsed: unknown = JSON.parse(line);
              return [textAt(parsed, 'user'), textAt(parsed, 'member')];
            }),
        ),
      );
    };
    let sent = 0;
    const sendSome = () => {
      for (let some = 0; some < 3; some++) sending.write(`${users[sent++ % users.length]}\n`);
    };
    sending.on('error', () => undefined);
    sending.on('response', (answer) => {
      answer.on('data', (piece: Buffer) => {
        text += piece.toString();
        sendSome();
        if (text.split('\n').length > 12) void kill('SIGKILL');
      });
      answer.on('error', () => undefined);
      answer.on('close', finish);
    });
    sendSome();
  });
}
