/** What changes while an answer is on its way: who is signed in, what another tab says, and a host that gives no token. */
import type { Page, Route } from 'playwright-core';
import { expect, test } from 'vitest';
import { adminsOf, documentInForce, publishDocument } from '../../test/e2e/admins.js';
import { listAt, valueAt } from '../../test/e2e/replies.js';
import { answerFor, comeBackTo, drawn, onOwnStage, purposeAt } from './stage.js';

const ID = 'improve';
const TITLE = 'Improving our products';
const OTHER = 'recruiting';
const OTHER_TITLE = 'Being found by recruiters';
const SETTINGS = '**/v1/users/me/settings';

await onOwnStage((stage) => {
  const { open, member, people, service, host, chromium } = stage;
  const settingOf = async (user: string, purpose: string) =>
    listAt(await people.settings(user), 'purposes').find((one) => valueAt(one, 'id') === purpose);
  const stateOn = (page: Page) => purposeAt(page, ID).locator('.state').first();

  /** Publishes a policy with one more purpose. */
  async function publishOneMore(id: string): Promise<void> {
    const admins = await adminsOf(service);
    const document = await documentInForce(admins);
    const like = document.purposes.find((one) => one.id === ID);
    if (like === undefined) throw new Error('the policy has no such purpose');
    await publishDocument(admins, { ...document, purposes: [...document.purposes, { ...like, id }] });
  }

  test('what is confirmed to one person is not shown to the next who signed in meanwhile, who can answer at once', async () => {
    const [user, next] = [await member('US-CA'), await member('US-CA')];
    const page = await open(user);
    let letGo = (): void => undefined;
    const may = new Promise<void>((resolve) => (letGo = resolve));
    const held = async (route: Route) => {
      const response = await route.fetch();
      await may;
      await route.fulfill({ response });
    };
    await page.route(`**/users/${user}/choices/${ID}`, held);
    const taken = page.waitForRequest(`**/users/${user}/choices/${ID}`);
    await answerFor(page, TITLE).refuse.click();
    await taken;
    await page.context().setExtraHTTPHeaders({ 'x-test-user': next });
    await comeBackTo(page);
    // what became of the click of the person before is not said any more
    await expect.poll(() => page.getByText('Saving. What is shown still holds.').count()).toBe(0);
    await page.route(SETTINGS, (route) => route.abort());
    const late = page.waitForResponse(`**/users/${user}/choices/${ID}`);
    const readAnew = page.waitForRequest(SETTINGS);
    letGo();
    await (await late).finished();
    await readAnew;
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    expect(await stateOn(page).innerText()).toBe('On');
    expect(await purposeAt(page, ID).locator('.result').count()).toBe(0);
    await page.unroute(SETTINGS);
    await answerFor(page, TITLE).refuse.click();
    await expect.poll(async () => valueAt(await settingOf(next, ID), 'choice')).toBe('denied');
    await page.context().close();
  });

  test('a no is sent for who is shown, also while that of the person before is on its way', async () => {
    const [user, next] = [await member('US-CA'), await member('US-CA')];
    const page = await open(user);
    await page.route(`**/users/${user}/choices/${ID}`, () => undefined);
    const taken = page.waitForRequest(`**/users/${user}/choices/${ID}`);
    await answerFor(page, TITLE).refuse.click();
    await taken;
    await page.context().setExtraHTTPHeaders({ 'x-test-user': next });
    await comeBackTo(page);
    await expect.poll(() => page.getByText('Saving. What is shown still holds.').count()).toBe(0);
    await answerFor(page, TITLE).refuse.click();
    await expect.poll(async () => valueAt(await settingOf(next, ID), 'choice')).toBe('denied');
    await page.context().close();
  });

  test('an undo takes back no answer that was given elsewhere since', async () => {
    const user = await member('US-CA');
    const page = await open(user);
    // a reading that is still on its way would hear of what is said elsewhere, and take the undo away
    const read = page.waitForResponse(SETTINGS);
    await answerFor(page, TITLE).allow.click();
    const item = purposeAt(page, ID);
    await item.getByText(/^On for every decision since/).waitFor();
    await read;
    await expect.poll(() => page.locator('.root').getAttribute('aria-busy')).toBe('false');
    await people.choose(user, ID, 'denied');
    await item.getByRole('button', { name: 'Undo' }).click();
    await item.getByText(/^This changed while you were reading/).waitFor();
    expect(await stateOn(page).innerText()).toBe('Off');
    expect(valueAt(await settingOf(user, ID), 'choice')).toBe('denied');
    await page.context().close();
  });

  test('a yes does not go over a no that was said elsewhere, also where what holds could not be read', async () => {
    const user = await member('US-CA');
    const page = await open(user);
    await page.route(SETTINGS, (route) => route.abort());
    await answerFor(page, TITLE).refuse.click();
    await purposeAt(page, ID).getByText('Recorded. What holds now could not be read.').waitFor();
    await people.choose(user, OTHER, 'denied');
    await page.unroute(SETTINGS);
    await answerFor(page, OTHER_TITLE).allow.click();
    await purposeAt(page, OTHER)
      .getByText(/^This changed while you were reading/)
      .waitFor();
    expect(valueAt(await settingOf(user, OTHER), 'choice')).toBe('denied');
    await page.context().close();
  });

  test('a wider level does not go over a narrower one that was set elsewhere, and the narrowest is never refused', async () => {
    const user = await member('US-CA');
    const page = await open(user);
    const levels = page.getByRole('group', { name: 'Your posts: your answer' }).getByRole('button');
    const ids = await levels.evaluateAll((all) => all.map((one) => one.getAttribute('value') ?? ''));
    const token = await service.token({ sub: user });
    const elsewhere = (level: string | undefined) =>
      service.request('PUT', '/v1/users/me/visibility/posts', { token, body: { level } });
    const levelOf = async () => valueAt(listAt(await people.settings(user), 'visibility')[0], 'level');
    await elsewhere(ids.at(-1));
    await levels.first().click();
    await page.locator('.failed', { hasText: 'This changed while you were reading' }).waitFor();
    expect(await levelOf()).toBe(ids.at(-1));
    await elsewhere(ids.at(0));
    await levels.last().click();
    await expect.poll(levelOf).toBe(ids.at(-1));
    await page.context().close();
  });

  test('once what ends soon is answered, why it was asked is not said any more', async () => {
    const user = await member('US-CA');
    const page = await open(user);
    const why = 'Then it is turned off, unless you agree to it again.';
    await page.route('**/v1/users/me/prompts', async (route) => {
      const setting = await settingOf(user, OTHER);
      const prompt = { ...Object(setting), purpose: OTHER, because: 'lapses_soon', why };
      await route.fulfill({ json: { language: 'en', prompts: [prompt], not_before: [] } });
    });
    await page.getByRole('button', { name: 'Review', exact: true }).click();
    await page.getByText(why).waitFor();
    await answerFor(page, OTHER_TITLE).allow.click();
    await page.locator('.result.done').waitFor();
    expect(await page.getByText(why).count()).toBe(0);
    await page.context().close();
  });

  test('a host that never gives a token keeps nobody waiting for good, and a no can be tried again', async () => {
    const user = await member('US-CA');
    const page = await (await chromium.newContext({ locale: 'en' })).newPage();
    await page.goto(await host.pageOf(user));
    await drawn(page);
    await page.evaluate(() => {
      const timeout = AbortSignal.timeout.bind(AbortSignal);
      AbortSignal.timeout = (ms) => timeout(Reflect.get(globalThis, 'hangs') === true ? ms / 10 : ms);
      const element: { getToken?: unknown } | null = document.querySelector('assent-settings');
      Object.assign(globalThis, { given: element?.getToken, hangs: true });
      const { given }: { given?: () => Promise<string> } = Object(globalThis);
      if (element !== null)
        element.getToken = () =>
          Reflect.get(globalThis, 'hangs') === true ? new Promise(() => undefined) : given?.();
    });
    await answerFor(page, TITLE).refuse.click();
    await purposeAt(page, ID)
      .getByText(/^No answer arrived/)
      .waitFor();
    await page.evaluate(() => Object.assign(globalThis, { hangs: false }));
    await purposeAt(page, ID).getByRole('button', { name: 'Try again' }).click();
    await expect.poll(async () => valueAt(await settingOf(user, ID), 'choice')).toBe('denied');
    await page.context().close();
  });

  test.each([
    ['a no is offered', 'Refuse', 1],
    ['a yes is not: it was to another text', 'Allow', 0],
  ])('after a policy that came while somebody signed in again, %s', async (_named, answer, offered) => {
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
    await page.context().clearCookies();
    await purposeAt(page, ID).locator(':scope > .answer').getByRole('button', { name: answer }).click();
    await publishOneMore(answer.toLowerCase());
    await page.getByRole('link', { name: 'Sign in' }).click();
    await signIn();
    expect(await page.getByText(/^Your answer was/).count()).toBe(offered);
    await page.context().close();
  });

  test('a no to everything is never told as one that was taken back', async () => {
    const user = await member('US-CA');
    const page = await open(user);
    const all = page.getByRole('button', { name: 'Refuse all' });
    const told = page.getByRole('status');
    await all.click();
    await page.locator('.all .result.done').waitFor();
    await expect.poll(() => told.innerText()).toMatch(/^All that can be refused is off/);
    await page.reload();
    await drawn(page);
    await all.click();
    await page.locator('.all .result.done').waitFor();
    await expect.poll(() => told.innerText()).toMatch(/^All that can be refused is off/);
    await publishOneMore('newer');
    await comeBackTo(page);
    expect(await purposeAt(page, 'newer').locator('.state').innerText()).toBe('On');
    expect(await page.getByText(/^Taken back at/).count()).toBe(0);
    await page.context().close();
  });
});
