/** Signing in with a real browser: what it keeps, what it shows to scripts, and what it lets other pages do. */
import { createServer } from 'node:http';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest';
import { describeInBrowser } from '../browser.js';
import { freeUrl } from './by-hand.js';
import { type OpenIdProvider, startOpenIdProvider } from './openid-provider.js';
import { type Service, startService } from './service.js';

const AUDIENCE = 'https://assent.example';

describeInBrowser('in Chromium', (started) => {
  let chromium: Browser;
  let context: BrowserContext;
  let page: Page;
  let provider: OpenIdProvider;
  let service: Service;
  let picker: Service;
  let url: string;

  beforeAll(async () => {
    chromium = await started();
    url = await freeUrl();
    provider = await startOpenIdProvider(
      AUDIENCE,
      {},
      { id: 'assent-pages', publicUrl: url, people: { mo: {} } },
    );
    service = await startService({
      OIDC_ISSUER: provider.issuer,
      OIDC_AUDIENCE: AUDIENCE,
      OIDC_SIGN_IN_CLIENT: 'assent-pages',
      PUBLIC_URL: url,
      PORT: new URL(url).port,
    });
    picker = await startService();
  });
  afterAll(async () => {
    await chromium.close();
    await service.stop();
    await picker.stop();
    await provider.unplug();
  });
  beforeEach(async () => {
    context = await chromium.newContext();
    // by itself it gives up after 30 s
    context.setDefaultTimeout(120_000);
    page = await context.newPage();
  });
  afterEach(() => context.close());

  /** What a page of the service gets by `fetch`: the status and the body. */
  const fetched = (path: string, init: object = {}) =>
    page.evaluate(
      async ([at, how]) => {
        const reply = await fetch(at, how);
        return { status: reply.status, body: await reply.text() };
      },
      [path, init] as const,
    );

  const sessionCookie = async (of: string) =>
    (await context.cookies(of)).find(({ name }) => name === '__Host-assent-session');

  test('somebody signs in at the provider, and no script can read by what they are known', async () => {
    provider.signInAs('mo');
    await page.goto(`${url}/session/sign-in?to=/settings`);
    expect(page.url()).toBe(`${url}/settings`);
    expect(await sessionCookie(url)).toMatchObject({
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
      path: '/',
    });
    // the answers of the API are in no cookie jar that a script has
    await page.goto(`${url}/health/live`);
    expect(await page.evaluate('document.cookie')).toBe('');
    const who = await fetched('/v1/me');
    expect(who.status, who.body).toBe(200);
    expect(JSON.parse(who.body)).toMatchObject({ kind: 'user', id: 'mo' });
    expect((await fetched('/v1/users/me/choices', choosing({}))).status).toBe(403);
    expect((await fetched('/v1/users/me/choices', choosing({ 'x-assent-request': '1' }))).status).toBe(200);
    const out = await fetched('/session/sign-out', { method: 'POST', headers: { 'x-assent-request': '1' } });
    expect(out.status, out.body).toBe(200);
    expect(await sessionCookie(url)).toBeUndefined();
    expect((await fetched('/v1/me')).status).toBe(401);
  });

  test('in development mode somebody is picked by keyboard alone, on a page that breaks no rule of its own', async () => {
    const told: string[] = [];
    page.on('console', (message) => told.push(message.text()));
    await page.goto(`${picker.url}/session/sign-in?to=/settings&user=u-7`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${picker.url}/settings`);
    await page.goto(`${picker.url}/health/live`);
    expect(JSON.parse((await fetched('/v1/me')).body)).toMatchObject({ kind: 'user', id: 'u-7' });
    expect(told.filter((line) => line.includes('Content Security Policy'))).toEqual([]);
  });

  test('a page of another site cannot use the session: not by a form, an image, a script, a frame or a fetch', async () => {
    provider.signInAs('mo');
    await page.goto(`${url}/session/sign-in`);
    await page.goto(`${url}/health/live`);
    const history = async () => (await fetched('/v1/users/me/history')).body;
    const before = await history();
    const evil = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end(evilPage(url)),
    );
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    const address = evil.address();
    // a name of its own: another site than 127.0.0.1
    const there = `http://localhost:${typeof address === 'object' && address !== null ? address.port : 0}`;
    const attack = await context.newPage();
    const refused: number[] = [];
    attack.on('response', (reply) => {
      if (reply.url().startsWith(url)) refused.push(reply.status());
    });
    await attack.goto(there);
    await attack.waitForFunction("document.title === 'done'");
    const forged = attack.waitForResponse((reply) => reply.url().includes('/v1/'));
    await attack.click('button');
    expect([401, 403]).toContain((await forged).status());
    evil.close();
    expect(refused.length).toBeGreaterThanOrEqual(4);
    for (const status of refused) expect([401, 403, 404]).toContain(status);
    expect(await history()).toBe(before);
  });
});

function choosing(headers: object): object {
  return {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ choice: 'denied' }),
  };
}

/** What another site tries. */
function evilPage(url: string): string {
  return `<!doctype html><title>begun</title>
<img src="${url}/v1/users/me/export"><iframe src="${url}/v1/users/me/settings"></iframe>
<form method="post" action="${url}/v1/users/me/signals" enctype="text/plain"><input name="{&quot;signal&quot;:&quot;gpc&quot;,&quot;x&quot;:&quot;" value="&quot;}"><button>win</button></form>
<script type="module">
const tries = [
  fetch('${url}/v1/users/me/settings', { credentials: 'include', mode: 'no-cors' }),
  fetch('${url}/v1/users/me/choices', { method: 'PUT', credentials: 'include', headers: { 'x-assent-request': '1', 'content-type': 'application/json' }, body: '{"choice":"denied"}' }),
  fetch('${url}/session/sign-out', { method: 'POST', credentials: 'include', mode: 'no-cors' }),
];
await Promise.allSettled(tries);
document.title = 'done';
</script>`;
}
