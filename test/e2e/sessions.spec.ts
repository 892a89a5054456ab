/** Sessions in development mode, and who may call the API from another page. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BrowserByHand } from './by-hand.js';
import { peopleOf } from './people.js';
import { EVALUATION } from './questions.js';
import { type RawReply, rawRequest } from './raw-request.js';
import { type Service, startService } from './service.js';

const USER = 'u-page';
const SHOP = 'https://shop.example';
const LISTED = [SHOP, 'http://localhost:5173'];

let service: Service;
let url: string;

beforeAll(async () => {
  service = await startService({ ALLOWED_ORIGINS: LISTED.join(', '), LOG_LEVEL: 'trace' });
  ({ url } = service);
  await (await peopleOf(service)).register(USER, 'DE');
});
afterAll(() => service.stop());

type Picking = { readonly form?: string; readonly headers?: Readonly<Record<string, string>> };

function picks({ form = `id=${USER}`, headers = {} }: Picking = {}): Promise<RawReply> {
  return rawRequest(url, {
    method: 'POST',
    path: '/session/sign-in',
    headers: {
      host: new URL(url).host,
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      ...headers,
    },
    body: [form],
  });
}

async function picked(form: string): Promise<BrowserByHand> {
  const browser = new BrowserByHand(url);
  const { status, body } = await browser.send('POST', `${url}/session/sign-in`, {
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      origin: url,
    },
    body: form,
  });
  expect(status, body).toBe(303);
  return browser;
}

describe('the picker of people', () => {
  test('makes a user of an id, and an admin of an id with roles', async () => {
    const user = await picked(`id=${USER}&to=%2Fsettings`);
    expect((await user.fetches('GET', '/v1/users/me/settings')).status).toBe(200);
    const admin = await picked('id=ann&role=auditor&role=policy_admin&to=%2Fconsole');
    expect(JSON.parse((await admin.fetches('GET', '/v1/me')).body)).toMatchObject({
      kind: 'admin',
      id: 'ann',
      roles: ['auditor', 'policy_admin'],
      session: { ends_at: expect.any(String) },
    });
    expect((await admin.fetches('GET', '/v1/policies')).status).toBe(200);
    await user.fetches('POST', '/session/sign-out');
    expect((await user.fetches('GET', '/v1/users/me/settings')).status).toBe(401);
  });

  test.each(['id=', 'id=me', 'role=auditor', 'id=x&role=king', `id=${'x'.repeat(300)}`, ''])(
    'makes nobody of %j',
    async (form) => {
      const { status, headers } = await picks({ form });
      expect(status).toBe(400);
      expect(headers['set-cookie']).toBeUndefined();
    },
  );

  const host = () => new URL(url).host;
  test.each<[string, () => Readonly<Record<string, string>>, number]>([
    ['a name that somebody lets point here', () => ({ host: `rebound.example:${new URL(url).port}` }), 404],
    ['a name that begins like this machine', () => ({ host: 'localhost.example' }), 404],
    ['an address of the network', () => ({ host: '192.168.1.7' }), 404],
    ['a user before a loopback name', () => ({ host: `x@${host()}` }), 404],
    ['a path in the name', () => ({ host: `${host()}/x` }), 404],
    ['a proxy', () => ({ 'x-forwarded-for': '203.0.113.7' }), 404],
    ['a proxy that says this machine', () => ({ 'x-forwarded-for': '127.0.0.1' }), 404],
    ['a proxy by its standard header', () => ({ forwarded: 'for=203.0.113.7' }), 404],
    ['a proxy that names another host', () => ({ 'x-forwarded-host': 'assent.example' }), 404],
    ['another site', () => ({ 'sec-fetch-site': 'cross-site' }), 403],
    ['a sister site', () => ({ 'sec-fetch-site': 'same-site' }), 403],
    ['an address that was typed', () => ({ 'sec-fetch-site': 'none' }), 403],
    ['another origin', () => ({ origin: SHOP }), 403],
    ['no origin that has a name', () => ({ origin: 'null' }), 403],
  ])('serves nobody who comes by %s', async (_named, headers, expected) => {
    const { status, headers: answered } = await picks({ headers: headers() });
    expect(status).toBe(expected);
    expect(answered['set-cookie']).toBeUndefined();
    if (expected !== 404) return;
    const form = await rawRequest(url, {
      method: 'GET',
      path: '/session/sign-in',
      headers: { host: host(), ...headers() },
    });
    expect(form.status).toBe(404);
  });

  test('serves every name of this machine', async () => {
    const { port } = new URL(url);
    for (const name of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]'])
      expect((await picks({ headers: { host: `${name}:${port}` } })).status, name).toBe(303);
  });

  test('takes a form alone, so that no page of another site can send it without being asked for', async () => {
    const { status } = await picks({ headers: { 'content-type': 'application/json' }, form: '{"id":"x"}' });
    expect(status).toBe(400);
  });

  test('shows what it is given as text', async () => {
    const { body, headers } = await new BrowserByHand(url).opens(
      `/session/sign-in?user=${encodeURIComponent('"><script>alert(1)</script>')}`,
    );
    expect(body).not.toContain('<script');
    expect(body).toContain('value="&quot;&gt;&lt;script&gt;');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
  });

  test('leads to pages of this service alone', async () => {
    for (const to of ['//evil.example', 'https://evil.example', '/\\evil.example', '/v1/users/me/export'])
      expect((await picks({ form: `id=x&to=${encodeURIComponent(to)}` })).status, to).toBe(400);
  });
});

describe('a page of another origin', () => {
  const asks = (method: string, path: string, headers: Readonly<Record<string, string>>) =>
    rawRequest(url, { method, path, headers: { host: new URL(url).host, ...headers } });
  const beforehand = (origin: string, path: string) =>
    asks('OPTIONS', path, { origin, 'access-control-request-method': 'PUT' });
  const SETTINGS = '/v1/users/me/settings';

  test.each(LISTED)('that is listed may call the API with a token: %s', async (origin) => {
    const asked = await beforehand(origin, SETTINGS);
    expect(asked).toMatchObject({
      status: 204,
      body: '',
      headers: { 'access-control-allow-origin': origin },
    });
    expect(asked.headers['access-control-allow-headers']?.toLowerCase()).toContain('authorization');
    expect(asked.headers['access-control-allow-headers']?.toLowerCase()).not.toContain('x-assent-request');
    expect(asked.headers['access-control-allow-methods']).toContain('PUT');
    const authorization = `Bearer ${await service.token({ sub: USER })}`;
    for (const [sent, status] of [
      [{ authorization }, 200],
      [{}, 401],
    ] as const) {
      const reply = await asks('GET', SETTINGS, { origin, 'sec-fetch-site': 'cross-site', ...sent });
      expect(reply.status).toBe(status);
      expect(reply.headers['access-control-allow-origin']).toBe(origin);
      expect(reply.headers['access-control-expose-headers']).toContain('ETag');
      expect(reply.headers['access-control-allow-credentials']).toBeUndefined();
      expect(reply.headers.vary).toMatch(/\bOrigin\b/);
    }
  });

  test.each([
    'https://evil.example',
    'https://shop.example.evil.example',
    'https://evil.shop.example',
    'https://xshop.example',
    'http://shop.example',
    'https://shop.example:8443',
    'https://shop.example/',
    'HTTPS://SHOP.EXAMPLE',
    `${SHOP}, ${SHOP}`,
    'null',
    '*',
  ])('that is not listed may not: %s', async (origin) => {
    const asked = await beforehand(origin, SETTINGS);
    expect(asked.status).toBe(401);
    const authorization = `Bearer ${await service.token({ sub: USER })}`;
    for (const reply of [asked, await asks('GET', SETTINGS, { origin, authorization })])
      expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('never asks for decisions, and signs nobody in', async () => {
    for (const path of [EVALUATION, '/access/v1/search/subject', '/session/sign-in', '/session/sign-out'])
      for (const reply of [await beforehand(SHOP, path), await asks('POST', path, { origin: SHOP })])
        expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('has no use of a cookie, whether it is listed or not', async () => {
    const browser = await picked(`id=${USER}`);
    for (const origin of [SHOP, 'https://evil.example'])
      for (const site of ['cross-site', 'same-site', 'same-origin'])
        expect(
          await browser.fetches('GET', SETTINGS, { headers: { origin, 'sec-fetch-site': site } }),
        ).toMatchObject({ status: 403 });
  });

  test('may not anything where none is listed, and neither may a cookie of another store', async () => {
    const closed = await startService();
    try {
      const browser = new BrowserByHand(closed.url);
      browser.put('__Host-assent-session', (await picked(`id=${USER}`)).session);
      expect((await browser.fetches('GET', '/v1/me')).status).toBe(401);
      const reply = await rawRequest(closed.url, {
        method: 'OPTIONS',
        path: SETTINGS,
        headers: { host: 'x', origin: SHOP, 'access-control-request-method': 'GET' },
      });
      expect(reply.status).toBe(401);
      expect(reply.headers['access-control-allow-origin']).toBeUndefined();
      expect(reply.headers.vary).toBeUndefined();
    } finally {
      await closed.stop();
    }
  });
});
