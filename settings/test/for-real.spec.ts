/** The page with nothing in between: with a session of the service, and in a page of another origin. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { describeInBrowser } from '../../test/browser.js';
import { peopleOf } from '../../test/e2e/people.js';
import { startService } from '../../test/e2e/service.js';
import { answerFor, purposeAt } from './stage.js';

const TITLE = 'Improving our products';

describeInBrowser('in Chromium', (started) => {
  test('somebody signs in, refuses on the page what was on, and signs out', async () => {
    const service = await startService();
    const chromium = await started();
    try {
      await (await peopleOf(service)).register('u-1', 'US-CA');
      const page = await chromium.newPage({ locale: 'en' });
      await page.goto(`${service.url}/settings`);
      await page.getByRole('link', { name: 'Sign in' }).click();
      await page.getByLabel('Id of the person').fill('u-1');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL(`${service.url}/settings`);
      await answerFor(page, TITLE).refuse.click();
      await purposeAt(page, 'improve').getByText('Off', { exact: true }).first().waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('link', { name: 'Sign in' }).waitFor();
      const settings = await service.request('GET', '/v1/users/me/settings', {
        token: await service.token({ sub: 'u-1' }),
      });
      expect(settings.body).toMatchObject({
        purposes: expect.arrayContaining([expect.objectContaining({ id: 'improve', on: false })]),
      });
    } finally {
      await chromium.close();
      await service.stop();
    }
  });

  test('a page of another origin shows it where the service lists that origin, and nowhere else', async () => {
    const [listed, other] = [await hostOn(), await hostOn()];
    const service = await startService({ ALLOWED_ORIGINS: listed.origin });
    const chromium = await started();
    try {
      await (await peopleOf(service)).register('u-1', 'US-CA');
      const token = await service.token({ sub: 'u-1' });
      for (const host of [listed, other]) host.serve(service.url, token);
      const page = await chromium.newPage({ locale: 'en' });
      await page.goto(listed.origin);
      expect(await page.evaluate(() => document.scripts.length)).toBe(2);
      await answerFor(page, TITLE).refuse.click();
      await purposeAt(page, 'improve').getByText('Off', { exact: true }).first().waitFor();
      await page.goto(other.origin);
      await page.waitForLoadState('networkidle');
      expect(await answerFor(page, TITLE).refuse.count()).toBe(0);
    } finally {
      await chromium.close();
      await service.stop();
      await Promise.all([listed.stop(), other.stop()]);
    }
  });
});

/** The five lines of docs/settings-page.md as they are written, on an origin of its own that gives the token. */
async function hostOn() {
  const docs = await readFile(new URL('../../docs/settings-page.md', import.meta.url), 'utf8');
  const lines = /```html\n([\s\S]+?)```/.exec(docs)?.[1] ?? '';
  let page = '';
  let held = '';
  const server = createServer(({ url }, response) => {
    if (url === '/assent-token') return response.setHeader('content-type', 'text/plain').end(held);
    return response.setHeader('content-type', 'text/html; charset=utf-8').end(page);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    serve: (service: string, token: string) => {
      held = token;
      page = `<!doctype html><title>A product</title>\n${lines.replace('https://assent.example.org', service)}`;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
