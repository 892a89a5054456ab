/** Requests that rest on what the caller has read: tags of settings, over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type People, peopleOf } from './people.js';
import { type Service, startService } from './service.js';

const READ = ['settings', 'prompts', 'choices/recruiting'];
const WRITTEN = [
  { method: 'PUT', path: 'choices/ai', body: { choice: 'denied' } },
  { method: 'PUT', path: 'choices', body: { choices: [{ purpose: 'ai', choice: 'denied' }] } },
  { method: 'PUT', path: 'choices', body: { choice: 'denied' } },
  { method: 'PUT', path: 'visibility/posts', body: { level: 'only_me' } },
  // what `member` said
  { method: 'DELETE', path: 'choices/personalise', body: undefined },
  { method: 'DELETE', path: 'signals/gpc', body: undefined },
];
const TAG = /^"[\w-]{22}\.[\w-]{22}"$/;

let service: Service;
let people: People;
let users = 0;

beforeAll(async () => {
  service = await startService();
  people = await peopleOf(service);
});
afterAll(() => service.stop());

async function member() {
  const user = `member-${users++}`;
  await people.register(user, 'US-CA');
  await people.choose(user, 'personalise', 'denied');
  const token = await service.token({ sub: user });
  await service.request('POST', `/v1/users/me/signals`, { token, body: { signal: 'gpc' } });
  const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    service.request('GET', `/v1/users/me/${path}`, { token, headers });
  const change = (method: string, path: string, body: unknown, ifMatch?: string) =>
    service.request(method, `/v1/users/me/${path}`, {
      token,
      body,
      headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
    });
  const put = (path: string, body: unknown, ifMatch?: string) => change('PUT', path, body, ifMatch);
  const tagOf = async (path: string, headers?: Readonly<Record<string, string>>) =>
    (await get(path, headers)).headers.get('etag') ?? '';
  return { user, get, change, put, tagOf };
}

describe.each(READ)('what was read of %s', (path) => {
  test('is not sent again until something of the user changes', async () => {
    const { user, get, tagOf } = await member();
    const tag = await tagOf(path);
    expect(tag).toMatch(TAG);
    await people.register(`another of ${user}`, 'DE');
    const known = await get(path, { 'if-none-match': `"other", ${tag}` });
    expect(known).toMatchObject({ status: 304, body: '' });
    expect(known.headers.get('etag')).toBe(tag);
    await people.choose(user, 'recruiting', 'denied');
    const changed = await get(path, { 'if-none-match': tag });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(tag);
  });

  test('in another language is something else', async () => {
    const { get, tagOf } = await member();
    const tag = await tagOf(path);
    const german = await get(`${path}?language=de`, { 'if-none-match': tag });
    expect(german.status).toBe(200);
    expect(german.headers.get('etag')).toMatch(TAG);
    expect(german.headers.get('etag')).not.toBe(tag);
  });

  test.each(WRITTEN)('is what $method of $path may rest on', async ({ method, path: to, body }) => {
    const { user, get, change, tagOf } = await member();
    const stale = await tagOf(path);
    await people.choose(user, 'research', 'denied');
    const settings = (await get('settings')).body;
    expect(await change(method, to, body, stale)).toMatchObject({
      status: 412,
      body: { type: 'urn:assent:problem:settings_changed', detail: expect.stringContaining('read') },
    });
    expect((await get('settings')).body).toEqual(settings);
    expect(await change(method, to, body, `${stale}, W/${await tagOf(`${path}?language=de`)}`)).toMatchObject(
      {
        status: 200,
        body: { changed: true },
      },
    );
  });
});

describe('two tabs that have read the same', () => {
  test('make one change', async () => {
    const { change, tagOf } = await member();
    const tag = await tagOf('settings');
    const all = await Promise.all(WRITTEN.map(({ method, path, body }) => change(method, path, body, tag)));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(all.filter(({ status }) => status === 412)).toHaveLength(WRITTEN.length - 1);
  });
});

describe('a change', () => {
  test.each([undefined, '*', ' * '])('without a tag (%s) is made whatever has changed', async (ifMatch) => {
    const { user, put } = await member();
    await people.choose(user, 'research', 'denied');
    expect(await put('choices/ai', { choice: 'denied' }, ifMatch)).toMatchObject({ status: 200 });
  });

  test.each(['', 'abc', '"abc', '"a" "b"', '"a",,"b"', 'w/"a"', '*, "a"'])(
    'whose tag is none (%j) is refused',
    async (ifMatch) => {
      const { put } = await member();
      expect(await put('choices/ai', { choice: 'denied' }, ifMatch)).toMatchObject({
        status: 400,
        body: { detail: expect.stringContaining('`If-Match`') },
      });
    },
  );

  test('that rests on a signal of the same request is made', async () => {
    const { put, tagOf } = await member();
    const tag = await tagOf('settings', { 'sec-gpc': '1' });
    expect(await put('choices/ai', { choice: 'denied' }, tag)).toMatchObject({ status: 200 });
  });
});
