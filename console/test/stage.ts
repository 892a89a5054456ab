/** The built service, and people who are signed in to its console in a browser. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { WITHOUT_BROWSER, browser } from '../../test/browser.js';
import { type Admins, adminsOf } from '../../test/e2e/admins.js';
import { type Service, startService } from '../../test/e2e/service.js';

export type Role =
  | 'policy_admin'
  | 'privacy_officer'
  | 'auditor'
  | 'case_reviewer'
  | 'security_investigator'
  | 'case_approver';

export type Stage = {
  readonly service: Service;
  readonly admins: Admins;
  readonly chromium: Browser;
  /**
   * A browser of somebody who has signed in, at a view.
   *
   * @param view below the console, as `matrix?gpc=on`
   */
  readonly open: (
    who: string,
    roles: readonly Role[],
    view?: string,
    options?: BrowserContextOptions,
  ) => Promise<Page>;
};

/** Tests on a stage of their own. Where there is no Chromium, they are skipped, and say so. */
export async function onStage(
  tests: (stage: Stage) => void,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  if (WITHOUT_BROWSER !== undefined) {
    test('in Chromium', ({ skip }) => skip(WITHOUT_BROWSER));
    return;
  }
  const chromium = await browser();
  if (chromium === undefined) throw new Error('there is no Chromium here, and CI=true asks for these tests');
  const service = await startService(env);
  const admins = await adminsOf(service);
  const open: Stage['open'] = async (who, roles, view = '', options = {}) => {
    const context = await chromium.newContext({
      locale: 'en',
      viewport: { width: 1280, height: 800 },
      ...options,
    });
    const page = await context.newPage();
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
        // eslint-disable-next-line no-console -- the tests read it
        console.error(`policy violated: ${violatedDirective} ${blockedURI} ${sourceFile}`),
      );
    });
    page.on('console', (message) => {
      if (message.text().startsWith('policy violated')) violated.push(message.text());
    });
    page.on('pageerror', (error) => violated.push(String(error)));
    await pick(context, service.url, who, roles);
    await page.goto(`${service.url}/console/${view}`);
    await page.locator('#view h1').waitFor();
    return page;
  };
  /** What no view may do: break its content security policy, or throw. */
  const violated: string[] = [];
  describe('in Chromium', () => {
    afterAll(async () => {
      await chromium.close();
      await service.stop();
      expect(violated).toEqual([]);
    });
    tests({ service, admins, chromium, open });
  });
}

/** Sends the form of the picker, without loading its page, or the console before it. */
async function pick(
  context: BrowserContext,
  url: string,
  who: string,
  roles: readonly Role[],
): Promise<void> {
  const fields = new URLSearchParams([
    ['id', who],
    ['to', '/console'],
    ...roles.map((role) => ['role', role]),
  ]);
  const reply = await context.request.post(`${url}/session/sign-in`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    data: fields.toString(),
    maxRedirects: 0,
  });
  expect(reply.status(), await reply.text()).toBe(303);
}

/** Signs in at the picker as people do, from where somebody stands before the console. */
export async function signIn(page: Page, who: string, roles: readonly Role[]): Promise<void> {
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Id of the person').fill(who);
  for (const role of roles) await page.getByLabel(role).check();
  await page.getByRole('button', { name: 'Sign in' }).click();
  // the address of the picker names where it leads to
  await page.waitForURL(({ pathname }) => pathname.startsWith('/console'));
  await page.locator('#view h1').waitFor();
}

/** The page of the service on which a user reads and changes their settings, once they have signed in. */
export async function settingsOf(chromium: Browser, { url }: Service, user: string): Promise<Page> {
  const context = await chromium.newContext({ locale: 'en' });
  const page = await context.newPage();
  await page.goto(`${url}/session/sign-in?to=/settings`);
  await page.getByLabel('Id of the person').fill(user);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(({ pathname }) => pathname === '/settings');
  return page;
}

/** Pictures of the console, to look at. */
const PICTURES = join(tmpdir(), 'assent-console');

export async function pictureOf(
  page: Page,
  name: string,
  options: { readonly fullPage?: boolean } = {},
): Promise<void> {
  await page.screenshot({ path: join(PICTURES, `${name}.png`), ...options });
}
