/** Signing in at a real OpenID provider: a session is worth what a token of it is, where it counts, and no longer. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BrowserByHand, freeUrl } from './by-hand.js';
import { contract } from './contract.js';
import { type OpenIdProvider, signed, startOpenIdProvider } from './openid-provider.js';
import { EVALUATION, mayRead } from './questions.js';
import { rawRequest } from './raw-request.js';
import { textAt } from './replies.js';
import { type Service, startService } from './service.js';
import { newDataFolder } from '../data-folder.js';

const AUDIENCE = 'https://assent.example';
const PEOPLE = { mo: {}, ann: { roles: ['auditor', 'something else'] }, bo: { roles: ['privacy_officer'] } };
const SECRET = 'a secret of the page';
const COOKIE = '__Host-assent-session';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const ELSEWHERE = 'https://evil.example';

let provider: OpenIdProvider;
let service: Service;
let url: string;
let dataDir: string;

beforeAll(async () => {
  url = await freeUrl();
  provider = await startOpenIdProvider(
    AUDIENCE,
    { crm: {} },
    { id: 'assent-pages', secret: SECRET, publicUrl: url, people: PEOPLE },
  );
  dataDir = await newDataFolder();
  await writeFile(join(dataDir, 'secret'), `${SECRET}\n`, { mode: 0o600 });
  service = await startService(settings());
});

afterAll(async () => {
  await service.stop();
  await provider.unplug();
  await rm(dataDir, { recursive: true, force: true });
});

const settings = () => ({
  OIDC_ISSUER: provider.issuer,
  OIDC_AUDIENCE: AUDIENCE,
  OIDC_SIGN_IN_CLIENT: 'assent-pages',
  OIDC_SIGN_IN_SECRET_FILE: join(dataDir, 'secret'),
  PUBLIC_URL: url,
  PORT: new URL(url).port,
  DATA_DIR: dataDir,
  LOG_LEVEL: 'trace',
});

async function signedIn(person: string, browser = new BrowserByHand(url)): Promise<BrowserByHand> {
  provider.signInAs(person);
  // the page itself is another's to serve
  const { url: at } = await browser.follows('/session/sign-in?to=/settings', `${url}/settings`);
  expect(at).toBe(`${url}/settings`);
  return browser;
}

const parsed = (text: string): unknown => JSON.parse(text);

const whoIs = async (browser: BrowserByHand) => {
  const { status, body } = await browser.fetches('GET', '/v1/me');
  return status === 200 ? parsed(body) : status;
};

/** What of the answers to a person differs, by the cookie and by a token. */
async function differences(browser: BrowserByHand, person: string, roles: readonly string[]) {
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: provider.issuer, aud: AUDIENCE, sub: person, client_id: 'assent-pages', iat: now };
  const token = await signed(
    { ...claims, exp: now + 600, ...(roles.length > 0 ? { roles } : {}) },
    provider.key(),
  );
  const document = contract()?.operationsOf('GET') ?? [];
  const differing: string[] = [];
  for (const template of document.filter((one) => one.startsWith('/v1/') && one !== '/v1/me')) {
    const path = `${template.replaceAll(/\{id\}/g, template.includes('users') ? 'mo' : 'x').replaceAll(/\{\w+\}/g, 'x')}?${template.includes('changes') ? 'follow=false' : ''}`;
    const mine = await browser.fetches('GET', path);
    const theirs = await rawRequest(url, {
      method: 'GET',
      path,
      headers: { host: new URL(url).host, authorization: `Bearer ${token}` },
    });
    if (mine.status !== theirs.status) differing.push(`${path}: ${mine.status} and ${theirs.status}`);
  }
  return { asked: document.length, differing };
}

describe('somebody who signs in', () => {
  test('is the user whom a token of the provider shows', async () => {
    const mo = await signedIn('mo');
    expect(await whoIs(mo)).toMatchObject({ kind: 'user', id: 'mo' });
    const reply = await mo.fetches('GET', '/v1/users/me/settings');
    expect(reply.status, reply.body).toBe(200);
    expect((await mo.fetches('GET', '/v1/users/ann/settings')).status).toBe(403);
    expect((await mo.fetches('GET', '/v1/log')).status).toBe(403);
  });

  test('is the admin whom it shows, with the roles that mean something here', async () => {
    const ann = await signedIn('ann');
    expect(await whoIs(ann)).toMatchObject({ kind: 'admin', id: 'ann', roles: ['auditor'] });
    expect((await ann.fetches('GET', '/v1/log')).status).toBe(200);
    expect((await ann.fetches('GET', '/v1/users/mo/settings')).status).toBe(403);
  });

  test('may read with their cookie exactly what they may read with a token', async () => {
    for (const [person, roles] of [
      ['mo', []],
      ['ann', ['auditor']],
      ['bo', ['privacy_officer']],
    ] as const) {
      const { asked, differing } = await differences(await signedIn(person), person, roles);
      expect(asked).toBeGreaterThan(20);
      expect(differing).toEqual([]);
    }
  });

  test('has a cookie that no script and no other site gets, and answers that no other page may show', async () => {
    provider.signInAs('mo');
    const browser = new BrowserByHand(url);
    const { url: back } = await browser.follows('/session/sign-in', `${url}/session/callback`);
    const { headers } = await browser.opens(back, 'cross-site');
    expect(headers.location).toBe('/settings');
    const [session = ''] = headers['set-cookie']?.filter((one) => one.startsWith(`${COOKIE}=`)) ?? [];
    expect(session.replace(/=[^;]+/, '=…')).toBe(`${COOKIE}=…; Path=/; Secure; HttpOnly; SameSite=Lax`);
    expect(session).not.toContain('mo');
    const { headers: told } = await browser.fetches('GET', '/v1/me');
    expect(told).toMatchObject({
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
  });

  test('is told nothing of what they came with, on a page that can do nothing', async () => {
    const browser = new BrowserByHand(url);
    const query = 'state=qUeRy-state&code=qUeRy-code&error=qUeRy-error&error_description=qUeRy';
    const { status, body, headers } = await browser.opens(`/session/callback?${query}`);
    expect(status).toBe(400);
    expect(body).toContain('sign in again');
    expect(body).not.toContain('qUeRy');
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; style-src 'sha256-[\w+/]+='$/,
    );
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
    expect(body).not.toContain('<script');
  });

  test('and does not, is told so and has no session', async () => {
    provider.signInAs(undefined);
    const browser = new BrowserByHand(url);
    const { status, body } = await browser.follows('/session/sign-in');
    expect(status, body).toBe(400);
    expect(body).toContain('was cancelled');
    expect(browser.cookies).toBe('');
  });

  test('while the provider does not answer, is told so, and can later', async () => {
    provider.signInAs('mo');
    const browser = new BrowserByHand(url);
    const { url: back } = await browser.follows('/session/sign-in', `${url}/session/callback`);
    await provider.unplug();
    try {
      const { status, body } = await browser.opens(back, 'cross-site');
      expect(status, body).toBe(503);
    } finally {
      await provider.plug();
    }
    expect(browser.session).toBe('');
    expect(await whoIs(await signedIn('mo', browser))).toMatchObject({ id: 'mo' });
  });
});

describe('an attempt to sign in', () => {
  test('counts once, in the browser that began it', async () => {
    provider.signInAs('mo');
    const browser = new BrowserByHand(url);
    const { url: back } = await browser.follows('/session/sign-in', `${url}/session/callback`);
    const copy = browser.copy();
    const other = new BrowserByHand(url);
    await other.follows('/session/sign-in', `${url}/session/callback`);
    for (const stranger of [new BrowserByHand(url), other]) {
      expect((await stranger.opens(back, 'cross-site')).status).toBe(400);
      expect(stranger.session).toBe('');
    }
    expect((await browser.opens(back, 'cross-site')).status).toBe(303);
    for (const again of [browser.copy(), copy]) {
      const before = again.session;
      expect((await again.opens(back, 'cross-site')).status).toBe(400);
      expect(again.session).toBe(before);
    }
    expect(await whoIs(browser)).toMatchObject({ id: 'mo' });
  });

  test('counts only as the provider ended it', async () => {
    provider.signInAs('mo');
    const changed = (change: (query: URLSearchParams) => void) => async () => {
      const browser = new BrowserByHand(url);
      const { url: back } = await browser.follows('/session/sign-in', `${url}/session/callback`);
      const address = new URL(back);
      change(address.searchParams);
      const { status } = await browser.opens(address.href, 'cross-site');
      return browser.session === '' ? status : 'signed in';
    };
    const attempts = [
      changed((query) => query.set('iss', ELSEWHERE)),
      changed((query) => query.delete('iss')),
      changed((query) => query.append('state', query.get('state') ?? '')),
      changed((query) => query.append('code', 'another')),
      changed((query) => query.set('code', 'another')),
      changed((query) => query.delete('code')),
      changed((query) => query.set('state', 'A'.repeat(22))),
    ];
    for (const [at, attempt] of attempts.entries()) expect(await attempt(), String(at)).toBe(400);
    expect(await changed(() => undefined)()).toBe('signed in');
  });

  test('does not take that of another tab from it', async () => {
    provider.signInAs('mo');
    const browser = new BrowserByHand(url);
    const tabs: string[] = [];
    for (const to of ['/settings/review', '/console'])
      tabs.push((await browser.follows(`/session/sign-in?to=${to}`, `${url}/session/callback`)).url);
    const [first = '', second = ''] = tabs;
    expect((await browser.opens(second, 'cross-site')).headers.location).toBe('/console');
    const between = browser.copy();
    expect((await browser.opens(first, 'cross-site')).headers.location).toBe('/settings/review');
    expect(await whoIs(browser)).toMatchObject({ id: 'mo' });
    // there is one session in a browser
    expect(await whoIs(between)).toBe(401);
  });

  test('is one of few, however often somebody begins', async () => {
    const browser = new BrowserByHand(url);
    for (let time = 0; time < 12; time++) await browser.opens('/session/sign-in');
    expect(browser.cookies.split('; ')).toHaveLength(5);
    expect(await whoIs(await signedIn('mo', browser))).toMatchObject({ id: 'mo' });
  });

  test('is not begun by what a page loads or frames', async () => {
    for (const destination of ['iframe', 'image', 'empty', 'script'])
      expect(
        await rawRequest(url, {
          method: 'GET',
          path: '/session/sign-in',
          headers: { host: new URL(url).host, 'sec-fetch-dest': destination },
        }),
        destination,
      ).toMatchObject({ status: 403 });
  });

  test.each([
    '//evil.example',
    'https://evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/settings\\..\\..\\evil.example',
    '/%2fevil.example',
    '/settings/%2e%2e//evil.example',
    '/settings/../..//evil.example',
    '/settings//evil.example',
    '/settings@evil.example',
    '/settings.evil.example',
    '/settingsevil',
    '/settings\r\nLocation: https://evil.example',
    '/settings\u0000',
    '\t//evil.example',
    ' /settings',
    '/settings?to=https://evil.example',
    '/settings#//evil.example:80',
    'javascript:alert(1)',
    '/session/sign-in',
    '/v1/users/me/export',
    '/',
    '',
    'settings',
    `/settings/${'a'.repeat(300)}`,
  ])('does not lead to %j', async (to) => {
    const { status, headers, body } = await new BrowserByHand(url).opens(
      `/session/sign-in?to=${encodeURIComponent(to)}`,
    );
    expect(status).toBe(400);
    expect(headers.location).toBeUndefined();
    expect(headers['set-cookie']).toBeUndefined();
    expect(body).not.toContain('evil');
  });

  test('picks nobody: that is for development mode', async () => {
    const { status, headers } = await new BrowserByHand(url).send('POST', `${url}/session/sign-in`, {
      headers: {
        'sec-fetch-site': 'same-origin',
        origin: url,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'id=mo',
    });
    expect(status).toBe(404);
    expect(headers['set-cookie']).toBeUndefined();
  });
});

describe('a session', () => {
  let mo: BrowserByHand;
  beforeAll(async () => {
    mo = await signedIn('mo');
  });

  const CHOICE = '/v1/users/me/choices/research';
  const DENIED = JSON.stringify({ choice: 'denied' });
  const historyOf = async (browser: BrowserByHand) =>
    (await browser.fetches('GET', '/v1/users/me/history')).body;

  /** A request with exactly these headers, besides the cookie. */
  const sent = (method: string, path: string, headers: Readonly<Record<string, string>>, body?: string) =>
    mo.send(method, `${url}${path}`, {
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
  const OWN = { 'sec-fetch-site': 'same-origin', 'x-assent-request': '1' };

  test.each([
    ['no header at all', {}],
    ['our header alone', { 'x-assent-request': '1' }],
    ['our header with another value', { ...OWN, 'x-assent-request': 'yes' }],
    ['from our origin without our header', { 'sec-fetch-site': 'same-origin' }],
    ['from another site', { ...OWN, 'sec-fetch-site': 'cross-site' }],
    ['from a sister site', { ...OWN, 'sec-fetch-site': 'same-site' }],
    ['by an address that was typed', { ...OWN, 'sec-fetch-site': 'none' }],
    ['from two places', { ...OWN, 'sec-fetch-site': 'same-origin, cross-site' }],
    ['with the origin of another page', { ...OWN, origin: ELSEWHERE }],
    ['with no origin that has a name', { ...OWN, origin: 'null' }],
    ['with the origin in another spelling', { ...OWN, origin: 'HTTP://127.0.0.1' }],
  ])('changes nothing by a request %s', async (_named, headers) => {
    const before = await historyOf(mo);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const changes: readonly [string, string, string?][] = [
      ['PUT', CHOICE, DENIED],
      ['PUT', '/v1/users/me/choices', DENIED],
      ['POST', '/v1/users/me/signals', JSON.stringify({ signal: 'gpc' })],
      ['DELETE', '/v1/users/me'],
    ];
    for (const [method, path, body] of changes) {
      const reply = await sent(method, path, headers, body);
      expect(reply.status, `${method} ${path}: ${reply.body}`).toBe(403);
      expect(parsed(reply.body)).toMatchObject({ type: 'urn:assent:problem:not_own_page' });
    }
    expect((await sent('POST', '/v1/users/me/signals', { ...headers, ...form }, 'signal=gpc')).status).toBe(
      403,
    );
    expect((await sent('POST', '/session/sign-out', headers)).status).toBe(403);
    expect(await historyOf(mo)).toBe(before);
  });

  test.each([
    ['an image of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'image' }],
    ['a link of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
    ['a sister site', { 'sec-fetch-site': 'same-site' }],
    ['another origin', { origin: ELSEWHERE }],
  ])('tells nothing, and hears no signal, to %s', async (_named, headers) => {
    const before = await historyOf(mo);
    for (const path of ['/v1/users/me/settings', '/v1/users/me/export', '/v1/me'])
      expect((await sent('GET', path, { ...headers, 'sec-gpc': '1' })).status).toBe(403);
    expect(await historyOf(mo)).toBe(before);
  });

  test('is heard from a page of this service, and from an address that was typed', async () => {
    for (const headers of [OWN, { ...OWN, origin: url }]) {
      const reply = await sent('PUT', CHOICE, headers, DENIED);
      expect(reply.status, reply.body).toBe(200);
    }
    for (const headers of [{}, { 'sec-fetch-site': 'none' }, { 'sec-fetch-site': 'same-origin' }])
      expect((await sent('GET', '/v1/users/me/settings', headers)).status).toBe(200);
    expect(await historyOf(mo)).toContain('research');
  });

  test('decides nothing: decisions are for services', async () => {
    const body = JSON.stringify(mayRead('service', 'mo'));
    for (const path of [EVALUATION, `${EVALUATION}s`, '/access/v1/search/subject', '/access/v1/nothing'])
      expect((await sent('POST', path, OWN, body)).status, path).toBe(401);
    const audience = JSON.stringify({ purpose: 'research', fields: ['member.skills'], users: ['mo'] });
    expect((await sent('POST', '/v1/audiences', OWN, audience)).status).toBe(403);
  });

  test('does not stand in for a token that does not hold, and makes no difference to one that does', async () => {
    for (const authorization of ['', 'Bearer', 'Bearer nonsense', 'Basic bW86'])
      expect((await sent('GET', '/v1/users/me/settings', { ...OWN, authorization })).status).toBe(401);
    const authorization = `Bearer ${await provider.accessToken('crm')}`;
    const reply = await sent('GET', '/v1/me', { authorization, 'sec-fetch-site': 'cross-site' });
    expect(parsed(reply.body)).toMatchObject({ kind: 'service', id: 'crm' });
    expect(parsed(reply.body)).not.toHaveProperty('session');
  });

  test('is not there at an address that there is not', async () => {
    expect((await sent('GET', '/v1/nothing', OWN)).status).toBe(404);
    expect((await sent('GET', '/nothing', OWN)).status).toBe(401);
  });

  test('is none with a cookie that was changed anywhere, cut, or made elsewhere', async () => {
    const whole = mo.session;
    const forger = mo.copy();
    const answer = async (value: string) => {
      forger.put(COOKIE, value);
      return (await forger.fetches('GET', '/v1/me')).status;
    };
    expect(await answer(whole)).toBe(200);
    for (let at = 0; at < whole.length; at++) {
      const other = whole[at] === 'A' ? 'B' : 'A';
      expect(await answer(`${whole.slice(0, at)}${other}${whole.slice(at + 1)}`), String(at)).toBe(401);
    }
    // the last letter of 16 bytes has four bits that say nothing
    const last = LETTERS.indexOf(whole.at(-1) ?? '');
    expect(await answer(`${whole.slice(0, -1)}${LETTERS[last ^ 1]}`)).toBe(401);
    for (const value of [
      whole.slice(0, -1),
      whole.slice(0, 40),
      `${whole}A`,
      `${whole}.`,
      '.',
      '....',
      'x'.repeat(5_000),
    ])
      expect(await answer(value), value.slice(0, 20)).toBe(401);
    const beginner = new BrowserByHand(url);
    await beginner.opens('/session/sign-in');
    expect(await answer(beginner.cookies.split('=')[1] ?? '')).toBe(401);
    const twice = await mo.send('GET', `${url}/v1/me`, {
      headers: { cookie: `${COOKIE}=${whole}; ${COOKIE}=${whole}` },
    });
    expect(twice.status).toBe(401);
    expect(await answer(whole)).toBe(200);
  });

  test('that was there before somebody signed in is not theirs, and has ended', async () => {
    const planted = await signedIn('bo');
    const victim = new BrowserByHand(url);
    victim.put(COOKIE, planted.session);
    await signedIn('mo', victim);
    expect(victim.session).not.toBe(planted.session);
    expect(await whoIs(victim)).toMatchObject({ id: 'mo' });
    expect(await whoIs(planted)).toBe(401);
  });

  test('ends when its person signs out, and every copy of it, here and at the provider', async () => {
    const browser = await signedIn('mo');
    const copy = browser.copy();
    const other = await signedIn('mo');
    const { status, body } = await browser.fetches('POST', '/session/sign-out');
    expect(status, body).toBe(200);
    expect(browser.session).toBe('');
    expect(await whoIs(copy)).toBe(401);
    expect(await whoIs(other)).toMatchObject({ id: 'mo' });
    const there = new URL(textAt(parsed(body), 'continue_at'));
    expect(there.origin).toBe(provider.issuer);
    expect((await browser.opens(there.href)).status).toBe(200);
    expect((await browser.opens('/session/signed-out')).body).toContain('signed out');
    // nobody is signed in now, and that is no fault
    expect(await browser.fetches('POST', '/session/sign-out')).toMatchObject({ status: 200 });
    expect(await copy.fetches('POST', '/session/sign-out')).toMatchObject({ status: 200 });
  });

  test('lives on when the service is started again, unless it was ended', async () => {
    const ended = await signedIn('mo');
    const copy = ended.copy();
    await ended.fetches('POST', '/session/sign-out');
    await service.kill('SIGTERM');
    service = await startService(settings());
    expect(await whoIs(mo)).toMatchObject({ id: 'mo' });
    expect(await whoIs(copy)).toBe(401);
  });

  test('leaves neither codes nor cookies in the log', async () => {
    provider.signInAs('mo');
    const browser = new BrowserByHand(url);
    const { url: back } = await browser.follows('/session/sign-in', `${url}/session/callback`);
    await browser.opens(back, 'cross-site');
    const log = await service.logged();
    const { searchParams } = new URL(back);
    for (const secret of [searchParams.get('code'), searchParams.get('state'), browser.session, mo.session])
      expect(log).not.toContain(secret);
  });
});
