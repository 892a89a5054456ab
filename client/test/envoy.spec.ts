/** The adapter for Envoy, asked as its filter asks: the method, the path and the query of the client, and no body. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, type Server, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { array, assert, constant, constantFrom, oneof, property, string, tuple } from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createAdapter } from '../examples/envoy/adapter.js';
import { foundIn, routesIn } from '../examples/envoy/routes.js';
import { times } from '../../test/times.js';
import { type Settings, createAssent } from '../src/assent.js';
import { memberOf } from '../src/terms/json.js';
import { FakeService } from './faults/fake-service.js';
import { FAULTS } from './faults/faults.js';
import { Permitting } from './asking/permitting.js';

const folder = new URL('../examples/envoy/', import.meta.url);
const ROUTES = routesIn(await readFile(new URL('routes.json', folder), 'utf8'));
const RIGHT = '/members/u-123/skills';

type Reply = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string };

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  server = undefined;
});

async function start(settings: Settings): Promise<void> {
  server = createAdapter(createAssent(settings), ROUTES);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

/** Asks as Envoy does: `AsyncClient` adds what begins with `x-envoy` and the address of the client. */
async function ask(
  path: string,
  method = 'GET',
  more: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const address = server?.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const headers = {
    host: 'members.example',
    'content-length': '0',
    'x-envoy-internal': 'true',
    'x-envoy-expected-rq-timeout-ms': '3000',
    'x-forwarded-for': '203.0.113.7',
    ...more,
  };
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }).end();
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

describe('what the policy permits', () => {
  let transport: Permitting;
  beforeEach(async () => {
    transport = new Permitting(({ user }) => user !== 'u-456');
    await start({ transport });
  });
  const asked = () => transport.batches.flat().map(({ user, field, purpose }) => [user, field, purpose]);

  test('is let through, and the service is told for what it is and on which terms', async () => {
    const { status, headers } = await ask(`${RIGHT}?page=2`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'x-assent-purpose': 'ads.personalised',
      'x-assent-fields': 'member.skills',
      'x-assent-obligations': '',
    });
    expect(asked()).toEqual([['u-123', 'member.skills', 'ads.personalised']]);
  });

  test('is refused of a user who denies it, with the reason and without the user', async () => {
    const { status, headers, body } = await ask('/members/u-456/skills');
    expect([status, headers['content-type']]).toEqual([403, 'application/problem+json']);
    expect(JSON.parse(body)).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      reason: 'opted_out',
      detail: expect.any(String),
      purpose: 'ads.personalised',
      field: 'member.skills',
    });
    expect(body).not.toContain('u-456');
  });

  test.each([
    ['another path', '/members/u-123'],
    ['a path that goes on', `${RIGHT}/all`],
    ['a slash at the end', `${RIGHT}/`],
    ['two slashes at the beginning', `/${RIGHT}`],
    ['two slashes', '/members//u-123/skills'],
    ['no user', '/members//skills'],
    ['a way back', '/members/u-456/../u-123/skills'],
    ['a way back for a user', '/members/../skills'],
    ['a way back that is encoded', '/members/u-456/%2e%2e/u-123/skills'],
    ['a way back that is encoded twice', '/members/%252e%252e/skills'],
    ['a way back for a user that is encoded', '/members/%2e%2e/skills'],
    ['a way back behind a parameter', '/members/..;/skills'],
    ['a parameter of a segment', '/members/u-123;u=u-456/skills'],
    ['a slash that is encoded', '/members/u-456%2f..%2fu-123/skills'],
    ['a backslash', '/members\\u-123\\skills'],
    ['a backslash that is encoded', '/members/u-456%5cu-123/skills'],
    ['a letter that is encoded', '/members/u-123/%73kills'],
    ['a user that is encoded', '/members/%75-123/skills'],
    ['a null byte', '/members/u-123%00/skills'],
    ['capitals', '/Members/u-123/skills'],
    ['capitals at the end', '/members/u-123/SKILLS'],
    ['an address', `http://members.example${RIGHT}`],
    ['a fragment', `${RIGHT}#all`],
    ['no slash', 'members/u-123/skills'],
    ['a parameter that the route does not name', `${RIGHT}?user=u-456`],
    ['a parameter twice', `${RIGHT}?page=1&page=2`],
    ['a name that is encoded', `${RIGHT}?p%61ge=1`],
    ['a name in brackets', `${RIGHT}?page[]=1`],
    ['another separator', `${RIGHT}?page=1;user=u-456`],
    ['a second question mark', `${RIGHT}?page=1?user=u-456`],
    ['an empty query', `${RIGHT}?`],
  ])('is not asked about with %s', async (_what, path) => {
    // one of them Node refuses to read by itself
    expect((await ask(path)).status).toBeGreaterThanOrEqual(400);
    expect(foundIn(ROUTES, 'GET', path)).toBeUndefined();
    expect(asked()).toEqual([]);
  });

  test.each(['POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])('is not asked about by %s', async (method) => {
    // in small letters Node does not read it at all
    expect((await ask(RIGHT, method)).status).not.toBe(200);
    expect(asked()).toEqual([]);
  });

  test.each([
    'x-original-url',
    'x-rewrite-url',
    'x-forwarded-uri',
    'x-envoy-original-path',
    'x-http-method-override',
    'x-assent-user',
    'x-assent-purpose',
    'authorization',
    'cookie',
  ])('is the same whatever a client sends as %s', async (header) => {
    expect((await ask('/members/u-456/skills', 'GET', { [header]: RIGHT })).status).toBe(403);
    expect((await ask('/members', 'GET', { [header]: RIGHT })).status).toBe(403);
    const { headers } = await ask(RIGHT, 'GET', { [header]: 'u-456' });
    expect(headers['x-assent-purpose']).toBe('ads.personalised');
    expect(asked().map(([user]) => user)).toEqual(['u-456', 'u-123']);
  });
});

test('whatever path is let through, every server takes it for the one that was asked about', () => {
  const letters = ['/', '//', '{user}', '.', '..', '%', ';', '\\', '?', '&', '#', '@', ':', ' ', '\u00e9'];
  const words = ['members', 'skills', 'u-1', 'Members', 'page=1', '%2e', '%2f', '%00', '%252e'];
  const pieces = constantFrom(...letters, ...words);
  const mostly = (right: string) => oneof({ weight: 4, arbitrary: constant(right) }, pieces);
  const anything = array(pieces, { maxLength: 3 }).map((some) => some.join(''));
  const users = oneof(anything, string({ unit: 'binary', maxLength: 6 }));
  const slash = mostly('/');
  const end = oneof({ weight: 4, arbitrary: constant('') }, anything);
  const targets = tuple(slash, mostly('members'), slash, users, slash, mostly('skills'), end).map((parts) =>
    parts.join(''),
  );
  let permitted = 0;
  assert(
    property(targets, (target) => {
      const found = foundIn(ROUTES, 'GET', target);
      if (found === undefined) return;
      permitted++;
      const [path = ''] = target.split('?');
      expect(path).toBe(`/members/${found.user}/skills`);
      expect(new URL(target, 'http://h').pathname).toBe(path);
      expect(decodeURIComponent(path)).toBe(path);
      expect(path.split(/[/\\;]/)).toHaveLength(4);
    }),
    { numRuns: times(300_000, 30_000) },
  );
  // otherwise nothing was tried
  expect(permitted).toBeGreaterThan(0);
});

test.each(FAULTS)('a service that %s lets nothing through', async (_what, reason, fault) => {
  const service = await new FakeService().start();
  const timeout = reason === 'timed_out' ? 250 : 30_000;
  await start({ url: service.url, token: 'a-token', discharges: ['min_cohort_50'], timeout });
  // a deadline that is short enough to wait for may be too short for one of them
  await expect.poll(async () => (await ask(RIGHT)).headers['x-assent-obligations']).toBe('min_cohort_50');
  service.doing = fault;
  const { status, body } = await ask(RIGHT);
  expect([status, JSON.parse(body)]).toEqual([
    reason === 'unknown_obligation' ? 403 : 503,
    expect.objectContaining({ reason }),
  ]);
  await service.stop();
});

test.each([
  ['the routes are no list', '{}'],
  ['the routes are no list', '[]'],
  ['`methods` is none of', '[{"methods":"GET"}]'],
  ['`method` is no method', '[{"method":"get"}]'],
  ['`path` must begin with `/`', '[{"method":"GET","path":"members/{user}"}]'],
  ['`path` must begin with `/`', '[{"method":"GET","path":"/members"}]'],
  ['`path` must begin with `/`', '[{"method":"GET","path":"/{user}/{user}"}]'],
  ['`path` must begin with `/`', '[{"method":"GET","path":"/members/../{user}"}]'],
  ['`path` must begin with `/`', '[{"method":"GET","path":"/members/u-{user}"}]'],
  ['`path` must begin with `/`', '[{"method":"GET","path":"/members//{user}"}]'],
  ['`path` must begin with `/`', '[{"method":"GET","path":"/members/*/{user}"}]'],
  ['`purpose` is missing', '[{"method":"GET","path":"/{user}"}]'],
  ['`fields` must list', '[{"method":"GET","path":"/{user}","purpose":"ai","fields":[]}]'],
  ['`query` must list', '[{"method":"GET","path":"/{user}","purpose":"ai","fields":["a"],"query":["a=b"]}]'],
  [
    'name the same requests',
    JSON.stringify(
      ['/a/{user}', '/{user}/b'].map((path) => ({ method: 'GET', path, purpose: 'ai', fields: ['a'] })),
    ),
  ],
])('routes are refused in words: %s', (words, routes) => {
  expect(() => routesIn(routes)).toThrow(words);
});

test('Envoy is configured to let nothing through by itself, and to hand on what the adapter says', async () => {
  const config: unknown = parse(await readFile(new URL('envoy.yaml', folder), 'utf8'));
  const found = (name: string): unknown[] => membersOf(config, name);
  expect(found('failure_mode_allow')).toEqual([false]);
  expect(found('normalize_path')).toEqual([true]);
  expect(found('merge_slashes')).toEqual([true]);
  expect(found('path_with_escaped_slashes_action')).toEqual(['REJECT_REQUEST']);
  await start({ transport: new Permitting() });
  const added = Object.keys((await ask(RIGHT)).headers).filter((name) => name.startsWith('x-'));
  const [allowed] = found('allowed_upstream_headers');
  expect(memberOf(allowed, 'patterns')).toEqual(added.map((exact) => ({ exact })));
});

/** The members of this name, wherever they are. */
function membersOf(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = memberOf(value, name);
  return [
    ...(own === undefined ? [] : [own]),
    ...Object.values(value).flatMap((one) => membersOf(one, name)),
  ];
}
