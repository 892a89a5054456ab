/** Signing in at a real OpenID provider: a session is worth what a token of it is, where it counts, and no longer. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BrowserByHand, freeUrl } from './by-hand.js';
import { type OpenIdProvider, startOpenIdProvider } from './openid-provider.js';
import { EVALUATION, mayRead } from './questions.js';
import { rawRequest } from './raw-request.js';
import { type Service, startService } from './service.js';

const AUDIENCE = 'https://assent.example';
const PEOPLE = { mo: {}, ann: { roles: ['auditor', 'something else'] }, bo: { roles: ['privacy_officer'] } };
const ELSEWHERE = 'https://evil.example';

let provider: OpenIdProvider;
let service: Service;
let url: string;

beforeAll(async () => {
  url = await freeUrl();
  provider = await startOpenIdProvider(
    AUDIENCE,
    { crm: {} },
    { id: 'assent-pages', secret: 'a secret of the page', publicUrl: url, people: PEOPLE },
  );
  service = await startService({
    OIDC_ISSUER: provider.issuer,
    OIDC_AUDIENCE: AUDIENCE,
    OIDC_SIGN_IN_CLIENT: 'assent-pages',
    OIDC_SIGN_IN_SECRET: 'a secret of the page',
    PUBLIC_URL: url,
    PORT: new URL(url).port,
    LOG_LEVEL: 'trace',
  });
});

afterAll(async () => {
  await service.stop();
  await provider.unplug();
});

async function signedIn(person: string, browser = new BrowserByHand(url)): Promise<BrowserByHand> {
  provider.signInAs(person);
  // the page itself is another's to serve
  const { url: at } = await browser.follows('/session/sign-in?to=/settings', `${url}/settings`);
  expect(at).toBe(`${url}/settings`);
  return browser;
}

const whoIs = async (browser: BrowserByHand) => {
  const { status, body } = await browser.fetches('GET', '/v1/session');
  return status === 200 ? parsed(body) : status;
};

const parsed = (text: string): unknown => JSON.parse(text);

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
    expect((await ann.fetches('GET', '/v1/users/me/settings')).status).toBe(403);
  });
});
