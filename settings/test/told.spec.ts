/** What is told of a change: nothing that is not so, to nobody whom it is not about, and in the language that it is in. */
import type { Page, Route } from 'playwright-core';
import { expect, test } from 'vitest';
import { listAt, valueAt } from '../../test/e2e/replies.js';
import { answerFor, comeBackTo, drawn, onStage, purposeAt } from './stage.js';

const ID = 'improve';
const TITLE = 'Improving our products';
const OTHER = 'recruiting';
const OTHER_TITLE = 'Being found by recruiters';
const SETTINGS = '**/v1/users/me/settings';

/** Has every reading say something else of some purposes. */
async function retold(page: Page, purposes: Readonly<Record<string, object>>): Promise<void> {
  await page.route(SETTINGS, async (route: Route) => {
    const response = await route.fetch();
    const body: unknown = await response.json();
    const told = listAt(body, 'purposes').map((one) => ({
      ...Object(one),
      ...purposes[String(valueAt(one, 'id'))],
    }));
    await route.fulfill({ response, json: { ...Object(body), purposes: told } });
  });
}

async function close(page: Page): Promise<void> {
  // the page may be reading anew
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.context().close();
}

await onStage((stage) => {
  const { open, member, people, service, host, chromium } = stage;
  const choiceOf = async (user: string, purpose: string) =>
    valueAt(
      listAt(await people.settings(user), 'purposes').find((one) => valueAt(one, 'id') === purpose),
      'choice',
    );

  test('a yes that is given again while it holds is recorded now, and on since before', async () => {
    const user = await member('US-CA');
    await people.choose(user, OTHER, 'granted');
    const page = await open(user);
    await page.route(`**/choices/${OTHER}`, async (route) => {
      // a yes of long ago, of which a new one is written
      await people.choose(user, OTHER, 'denied');
      const { 'if-match': _resting, ...headers } = route.request().headers();
      await route.continue({ headers });
    });
    await answerFor(page, OTHER_TITLE).allow.click();
    await purposeAt(page, OTHER)
      .getByText(/^Recorded at .+ It stays on\.$/)
      .waitFor();
    expect(await page.getByText(/^On for every decision since/).count()).toBe(0);
    await close(page);
  });

  test('where the record does not say since when, no time is told', async () => {
    const page = await open(await member('US-CA'));
    await page.route(`**/choices/${ID}`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...Object(await response.json()), holds_from: null } });
    });
    await retold(page, { [ID]: { set_at: null } });
    await answerFor(page, TITLE).refuse.click();
    await purposeAt(page, ID).getByText('Recorded. Here is how it stands now.').waitFor();
    expect(await page.getByText(/for every decision since/).count()).toBe(0);
    await close(page);
  });

  test('what failed for one person is not offered to the next who signed in meanwhile', async () => {
    const [user, next] = [await member('US-CA'), await member('US-CA')];
    await people.choose(next, ID, 'denied');
    const page = await open(user);
    await page.route(`**/users/${user}/choices/${ID}`, async (route) => {
      await page.context().setExtraHTTPHeaders({ 'x-test-user': next });
      await route.abort('connectionreset');
    });
    const failed = page.waitForEvent('requestfailed');
    const readAnew = page.waitForResponse(SETTINGS);
    await answerFor(page, TITLE).refuse.click();
    await failed;
    await (await readAnew).finished();
    const item = purposeAt(page, ID);
    await expect.poll(() => item.locator('.state').first().innerText()).toBe('Off');
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    expect(await page.getByRole('status').innerText()).toBe('');
    await close(page);
  });

  test('an undo of several answers takes back none that was given elsewhere while it went on', async () => {
    const user = await member('US-CA');
    const page = await open(user);
    await page.getByRole('button', { name: 'Refuse all' }).click();
    const all = page.locator('.all');
    await all.locator('.result.done').waitFor();
    await page.route(
      '**/choices/*',
      async (route) => {
        const response = await route.fetch();
        await people.choose(user, OTHER, 'granted');
        await route.fulfill({ response });
      },
      { times: 1 },
    );
    await all.getByRole('button', { name: 'Undo' }).click();
    await all.getByText('Not all of it was taken back. Below is how it stands now.').waitFor();
    expect(await choiceOf(user, OTHER)).toBe('granted');
    await expect.poll(() => purposeAt(page, OTHER).locator('.state').first().innerText()).toBe('On');
    await close(page);
  });

  test.each([
    ['one answer', 'Refuse', (page: Page) => purposeAt(page, ID)],
    ['a no to everything', 'Refuse all', (page: Page) => page.locator('.all')],
  ])(
    'an undo of %s, clicked when the session had ended, is offered again',
    async (_named, button, placeOn) => {
      const user = await member('US-CA');
      const page = await (await chromium.newContext({ locale: 'en' })).newPage();
      const signIn = async () => {
        await page.getByLabel('Id of the person').fill(user);
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.waitForURL(`${service.url}/settings`);
        await drawn(page);
      };
      await page.goto(`${service.url}/session/sign-in?to=/settings`);
      await signIn();
      const place = placeOn(page);
      // a reading without a session would take the undo away
      const read = page.waitForResponse(SETTINGS);
      await place.getByRole('button', { name: button, exact: true }).first().click();
      await place.locator('.result.done').first().waitFor();
      expect(await choiceOf(user, ID)).toBe('denied');
      await read;
      await page.context().clearCookies();
      await place.getByRole('button', { name: 'Undo' }).click();
      await page.getByRole('link', { name: 'Sign in' }).click();
      await signIn();
      await place.getByText('Your answer was “Undo”.').waitFor();
      expect(await choiceOf(user, ID)).toBe('denied');
      await place.getByRole('button', { name: 'Try again' }).click();
      await expect.poll(() => choiceOf(user, ID)).toBeNull();
      await close(page);
    },
  );

  test('a title turns no words around it, and is in its own language within a sentence too', async () => {
    const page = await open(await member('US-CA'));
    const title = '\u202Eeman a';
    await retold(page, {
      [OTHER]: { title, lang: { title: 'de' } },
      [ID]: { needs: [OTHER], also_closes: [OTHER] },
    });
    await comeBackTo(page);
    const told = purposeAt(page, ID).locator('bdi[lang="de"]', { hasText: 'eman a' });
    // after a no, until it is on, and on the way there
    await expect.poll(() => told.count()).toBe(3);
    const places = await page
      .getByText('eman a')
      .evaluateAll((all) => all.map((one) => [one.tagName, getComputedStyle(one).unicodeBidi]));
    expect(new Set(places.map(String))).toEqual(new Set(['BDI,isolate']));
    await close(page);
  });

  test('texts that are compared are in their own language, and not held against those of another', async () => {
    for (const [agreedIn, marks] of [
      ['de', 1],
      ['fr', 0],
    ] as const) {
      const user = await member('US-CA');
      const page = await open(user);
      const setting = listAt(await people.settings(user), 'purposes').find(
        (one) => valueAt(one, 'id') === OTHER,
      );
      await retold(page, { [OTHER]: { notice: { version: 2, accepted: 1, lapses_after: null } } });
      const prompt = {
        purpose: OTHER,
        because: 'notice',
        description: 'Das ist neu',
        lang: { description: 'de' },
      };
      await page.route('**/v1/users/me/prompts', (route) =>
        route.fulfill({
          json: { language: 'en', prompts: [{ ...Object(setting), ...prompt }], not_before: [] },
        }),
      );
      await page.route('**/v1/notices/**', (route) =>
        route.fulfill({
          json: {
            version: 1,
            title: 'x',
            description: 'Das ist alt',
            data: [],
            lang: { description: agreedIn },
          },
        }),
      );
      await comeBackTo(page);
      await page.getByRole('button', { name: 'Review', exact: true }).click();
      const item = page.locator('li.purpose', { hasText: OTHER_TITLE }).first();
      await item.locator('.beside bdi[lang="de"]', { hasText: 'Das ist neu' }).waitFor();
      await item.locator(`.beside bdi[lang="${agreedIn}"]`, { hasText: 'Das ist alt' }).waitFor();
      expect(await item.locator('ins').getByText('neu').count()).toBe(marks);
      await close(page);
    }
  });

  test('a host hears that a record was erased', async () => {
    const page = await (await chromium.newContext({ locale: 'en' })).newPage();
    await page.goto(await host.pageOf(await member('DE')));
    await drawn(page);
    await page.evaluate(() =>
      document.addEventListener('assent-erasure', () => (document.title = 'erased'), { once: true }),
    );
    await page.getByRole('button', { name: 'My record' }).click();
    await page.getByRole('textbox').fill('ERASE');
    expect(await page.title()).toBe('A product');
    await page.getByRole('button', { name: 'Erase my record' }).click();
    await page.getByText('Your record is erased. This page asks for nothing more.').waitFor();
    expect(await page.title()).toBe('erased');
    await close(page);
  });

  test('a host changes the language of the page while it is open', async () => {
    const page = await (await chromium.newContext({ locale: 'en' })).newPage();
    await page.goto(await host.pageOf(await member('DE')));
    await drawn(page);
    for (const [language, words] of [
      ['de', 'Alles ablehnen'],
      ['en', 'Refuse all'],
    ] as const) {
      await page.evaluate(
        (tag) => document.querySelector('assent-settings')?.setAttribute('language', tag),
        language,
      );
      await page.getByRole('button', { name: words }).waitFor();
    }
    await close(page);
  });
});
