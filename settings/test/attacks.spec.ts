/**
 * What others try with the page of somebody who is signed in, as a browser lets them: pages of another site, pages of the
 * same site on another origin, links, what somebody manages to put into the page, and whoever uses the browser next.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { listAt, valueAt } from '../../test/e2e/replies.js';
import { answerFor, comeBackTo, drawn, onStage, purposeAt } from './stage.js';

const ID = 'improve';
const TITLE = 'Improving our products';

await onStage((stage) => {
  const { service, member, people, chromium, host } = stage;
  let site: Awaited<ReturnType<typeof startSite>>;
  let user: string;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.stop());
  beforeEach(async () => {
    user = await member('US-CA');
    context = await chromium.newContext({ locale: 'en' });
    page = await context.newPage();
    await signIn(page, user);
  });
  afterEach(() => context.close());

  async function signIn(on: Page, as: string): Promise<void> {
    await on.goto(`${service.url}/session/sign-in?to=/settings&user=${as}`);
    await on.getByRole('button', { name: 'Sign in' }).click();
    await on.waitForURL(`${service.url}/settings`);
    await drawn(on);
  }
  /** What was said by somebody or for them, besides where they live. */
  const historyOf = async (of: string) => {
    const token = await service.token({ sub: of });
    const { body } = await service.request('GET', '/v1/users/me/history', { token });
    return listAt(body, 'events').filter((event) => valueAt(event, 'kind') !== 'profile');
  };
  /** Who is signed in in the browser, as the service says. */
  const whoIsIn = async () => {
    const tab = await context.newPage();
    const reply = await tab.goto(`${service.url}/v1/users/me/settings`);
    const body: unknown = JSON.parse((await reply?.text()) ?? '');
    await tab.close();
    return valueAt(body, 'user');
  };

  test.each([
    ['another site', () => site.elsewhere],
    // cookies go along there: they do not know ports
    ['another origin of the same site', () => site.beside],
  ])('a page of %s changes nothing, reads nothing and signs nobody out or in', async (_named, origin) => {
    const attack = await context.newPage();
    const replies: number[] = [];
    attack.on('response', (reply) => {
      if (reply.url().startsWith(service.url)) replies.push(reply.status());
    });
    site.serve(`<!doctype html><title>begun</title>
      <img src="${service.url}/v1/users/me/export"><script src="${service.url}/v1/users/me/settings"></script>
      <script type="module">
      const headers = { 'x-assent-request': '1', 'content-type': 'application/json' };
      const at = (path) => '${service.url}' + path;
      const put = { method: 'PUT', credentials: 'include', headers, body: '{"choice":"denied"}' };
      const said = await Promise.allSettled([
        fetch(at('/v1/users/me/settings'), { credentials: 'include' }),
        fetch(at('/v1/users/me/settings'), { credentials: 'include', mode: 'no-cors' }),
        fetch(at('/v1/users/me/choices'), put),
        fetch(at('/v1/users/me/choices/${ID}'), put),
        fetch(at('/v1/users/me'), { method: 'DELETE', credentials: 'include', headers }),
        fetch(at('/session/sign-out'), { method: 'POST', credentials: 'include', mode: 'no-cors' }),
        fetch(at('/session/sign-out'), { method: 'POST', credentials: 'include', headers }),
      ]);
      globalThis.read = said.flatMap((one) => one.value === undefined || one.value.type === 'opaque' ? [] : [one.value.status]);
      document.title = 'done';
      </script>`);
    await attack.goto(origin());
    await attack.waitForFunction("document.title === 'done'");
    expect(await attack.evaluate('globalThis.read')).toEqual([]);
    expect(replies.length).toBeGreaterThanOrEqual(2);
    for (const status of replies) expect(status).toBeGreaterThanOrEqual(400);
    for (const [path, fields] of [
      ['/v1/users/me/choices', '<input name=\'{"choice":"denied","x":"\' value=\'"}\'>'],
      ['/session/sign-out', ''],
      ['/session/sign-in', '<input name="id" value="mallory"><input name="to" value="/settings">'],
    ] as const) {
      site.serve(
        `<!doctype html><form method="post" action="${service.url}${path}" ${fields.includes('{') ? 'enctype="text/plain"' : ''}>${fields}<button>win</button></form>`,
      );
      await attack.goto(origin());
      const answered = attack.waitForResponse((reply) => reply.url() === service.url + path);
      await attack.getByRole('button').click();
      expect((await answered).status(), path).toBeGreaterThanOrEqual(400);
      // where it leads to must not come in the way of the next page
      await (await answered).finished();
    }
    expect(await historyOf(user)).toEqual([]);
    expect(await whoIsIn()).toBe(user);
  });

  test('no other page can frame it, and so nobody clicks on it without seeing it', async () => {
    const attack = await context.newPage();
    for (const origin of [site.elsewhere, site.beside])
      for (const path of ['/settings', '/session/sign-in?to=/settings']) {
        site.serve(
          `<!doctype html><title>begun</title><iframe src="${service.url}${path}" onload="document.title='done'"></iframe>`,
        );
        await attack.goto(origin);
        await attack.waitForFunction("document.title === 'done'");
        const [, frame] = attack.frames();
        expect(await frame?.content(), path).not.toMatch(/assent-settings|Id of the person/);
      }
    expect(await historyOf(user)).toEqual([]);
  });

  test('a link to sign in leads to no other site, however a browser reads the address', async () => {
    const { host: evil } = new URL(site.elsewhere);
    const left: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(service.url)) left.push(request.url());
    });
    for (const to of [
      `//${evil}`,
      `/\\${evil}`,
      `\\\\${evil}`,
      `/\t/${evil}`,
      `/settings/..//${evil}`,
      `/settings@${evil}`,
      `http://${evil}/settings`,
      'javascript:document.title="run"',
      `/settings\r\nlocation: ${site.elsewhere}`,
    ]) {
      const reply = await page.goto(
        `${service.url}/session/sign-in?user=${user}&to=${encodeURIComponent(to)}`,
      );
      if (reply?.status() === 200) {
        const led = page.waitForEvent('framenavigated');
        await page.getByRole('button', { name: 'Sign in' }).click();
        // before, the page that was loaded last is that of the form
        await led;
        await page.waitForLoadState();
      }
      expect(new URL(page.url()).origin, to).toBe(service.url);
    }
    expect(left).toEqual([]);
    expect(await page.title()).not.toBe('run');
  });

  test('nothing by which somebody is known is in an address, in a store, or where a script reads', async () => {
    const addresses: string[] = [];
    page.on('request', (request) => addresses.push(request.url(), request.headers()['referer'] ?? ''));
    const cookies = await context.cookies();
    const secrets = cookies.map(({ value }) => value).filter((value) => value.length > 8);
    expect(secrets.length).toBeGreaterThan(0);
    await page.reload();
    await drawn(page);
    await answerFor(page, TITLE).refuse.click();
    await purposeAt(page, ID).locator('.result.done').waitFor();
    const readable = await storedOn(page);
    for (const secret of secrets) {
      expect(addresses.filter((address) => address.includes(secret))).toEqual([]);
      expect(readable).not.toContain(secret);
    }
    expect(readable).toContain('"stored":[]');
  });

  test('the token of a host is in no address, in no store and nowhere in the document but where the host put it', async () => {
    const embedded = await context.newPage();
    const addresses: string[] = [];
    embedded.on('request', (request) => addresses.push(request.url()));
    let token = '';
    embedded.on('request', (request) => {
      token = request.headers()['authorization']?.slice('Bearer '.length) ?? token;
    });
    await embedded.goto(await host.pageOf(user));
    await drawn(embedded);
    await answerFor(embedded, TITLE).refuse.click();
    await purposeAt(embedded, ID).locator('.result.done').waitFor();
    expect(token.length).toBeGreaterThan(100);
    expect(addresses.filter((address) => address.includes(token))).toEqual([]);
    // the host's own script has it, as the docs show
    await embedded.evaluate(() => document.querySelectorAll('script').forEach((script) => script.remove()));
    expect(await storedOn(embedded)).not.toContain(token);
  });

  test('what somebody manages to put into the page runs nothing, and sends nothing elsewhere', async () => {
    const sent: string[] = [];
    await context.route(`${site.elsewhere}/**`, (route) => {
      sent.push(route.request().url());
      return route.abort();
    });
    const ran = await page.evaluate(async (elsewhere) => {
      const put = (tag: string, more: Readonly<Record<string, string>>) => {
        const element = document.createElement(tag);
        for (const [name, value] of Object.entries(more)) element.setAttribute(name, value);
        document.body.append(element);
        return element;
      };
      const inline = document.createElement('script');
      inline.textContent = 'document.title = "run"';
      document.body.append(inline);
      put('img', { src: 'x', onerror: 'document.title = "run"' });
      put('img', { src: `${elsewhere}/img` });
      put('script', { src: `${elsewhere}/script.js` });
      put('iframe', { src: `${elsewhere}/frame` });
      put('link', { rel: 'stylesheet', href: `${elsewhere}/style.css` });
      put('a', { href: 'javascript:document.title = "run"' }).click();
      const form = put('form', { action: `${elsewhere}/form`, method: 'post' });
      if (form instanceof HTMLFormElement) form.submit();
      const results = await Promise.allSettled([
        fetch(`${elsewhere}/fetch`, { mode: 'no-cors' }),
        new Promise((resolve) => setTimeout(resolve, 100)),
      ]);
      return [document.title, navigator.sendBeacon(`${elsewhere}/beacon`) && results[0]?.status];
    }, site.elsewhere);
    expect(ran[0]).not.toBe('run');
    expect(ran[1]).not.toBe('fulfilled');
    expect(sent).toEqual([]);
    expect(new URL(page.url()).origin).toBe(service.url);
  });

  test('whoever goes back after a sign-out, or comes to a page whose session has ended, sees nothing of it', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    await page.goBack();
    await page.waitForLoadState('networkidle');
    expect(await page.getByText(TITLE).count()).toBe(0);
    await signIn(page, user);
    await context.clearCookies();
    await comeBackTo(page);
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    expect(await page.getByText(TITLE).count()).toBe(0);
  });

  test('what is clicked on the page of one person is not recorded for the next who signs in in another window', async () => {
    const next = await member('US-CA');
    const other = await context.newPage();
    await signIn(other, next);
    await answerFor(page, TITLE).refuse.click();
    await purposeAt(page, ID)
      .getByText(/^This may not be read or changed with your sign-in/)
      .waitFor();
    for (const one of [user, next]) expect(await historyOf(one)).toEqual([]);
    // the page is now that of who is signed in, and says so of the click before
    await answerFor(page, TITLE).refuse.click();
    await purposeAt(page, ID).locator('.result.done').waitFor();
    expect(await historyOf(user)).toEqual([]);
    expect(valueAt(await people.settings(next), 'user')).toBe(next);
    expect(await historyOf(next)).toHaveLength(1);
  });
});

/** What a script of the page can read: the document, cookies and stores. */
function storedOn(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const databases = (await indexedDB.databases()).map(({ name }) => name);
    const caches = await globalThis.caches.keys();
    const stored = [
      ...Object.entries(localStorage),
      ...Object.entries(sessionStorage),
      ...databases,
      ...caches,
    ];
    return JSON.stringify({
      cookie: document.cookie,
      stored,
      document: document.documentElement.outerHTML,
      element: document.querySelector('assent-settings')?.shadowRoot?.innerHTML,
      named: performance.getEntries().map(({ name }) => name),
      state: JSON.stringify(history.state),
    });
  });
}

/** A server with pages that are not of the service, under two names: one of another site, one of the same. */
async function startSite() {
  let page = '';
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html; charset=utf-8').end(page),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    elsewhere: `http://localhost:${port}`,
    beside: `http://127.0.0.1:${port}`,
    serve: (html: string) => {
      page = html;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
