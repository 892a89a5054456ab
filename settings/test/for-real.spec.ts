/** The page with nothing in between: with a session of the service, and in a page of another origin. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeInBrowser } from '../../test/browser.js';
import { freePort } from '../../test/e2e/network.js';
import { peopleOf } from '../../test/e2e/people.js';
import { startService, temporaryFolder } from '../../test/e2e/service.js';
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
      for (const host of [listed, other]) await host.serve(service.url, token);
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

/** The product of docs/settings-page.md as it is written, at an address of its own. */
async function hostOn() {
  const docs = await readFile(new URL('../../docs/settings-page.md', import.meta.url), 'utf8');
  const [html = '', js = ''] = ['html', 'js'].map(
    (language) => new RegExp(`\`\`\`${language}\\n([\\s\\S]+?)\`\`\``).exec(docs)?.[1],
  );
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'host.mjs'), js);
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  let host: ChildProcess | undefined;
  return {
    origin,
    serve: async (service: string, token: string) => {
      await writeFile(join(folder, 'settings.html'), html.replace('https://assent.example.org', service));
      const env = { PATH: process.env['PATH'], PORT: String(port), USER_TOKEN: token };
      host = spawn(process.execPath, ['host.mjs'], { cwd: folder, env, stdio: 'inherit' });
      await expect
        .poll(() =>
          fetch(origin).then(
            ({ status }) => status,
            () => 0,
          ),
        )
        .toBe(200);
    },
    stop: async () => {
      host?.kill();
      if (host?.exitCode === null) await once(host, 'exit');
      await rm(folder, { recursive: true });
    },
  };
}
