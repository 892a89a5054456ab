/**
 * What happens around an open page: other tabs, services, new policies, a process that is killed, a session that ends, and
 * answers that overtake each other. After each of these, what the page shows is what the service says.
 */
import { assert, asyncProperty, constantFrom, array } from 'fast-check';
import type { BrowserContext, Page, Route } from 'playwright-core';
import { expect, test } from 'vitest';
import { adminsOf, documentInForce, publishDocument } from '../../test/e2e/admins.js';
import { listAt, textAt, valueAt } from '../../test/e2e/replies.js';
import { times } from '../../test/times.js';
import { answerFor, comeBackTo, drawn, onOwnStage, purposeAt } from './stage.js';

const ID = 'improve';
const TITLE = 'Improving our products';
const SETTINGS = '**/v1/users/me/settings';

await onOwnStage((stage) => {
  const { open, member, people, service } = stage;
  const settingOf = async (user: string) =>
    listAt(await people.settings(user), 'purposes').find((one) => valueAt(one, 'id') === ID);
  const saidOf = async (user: string) => {
    const token = await service.token({ sub: user });
    const { body } = await service.request('GET', '/v1/users/me/history', { token });
    return listAt(body, 'events').filter((event) => valueAt(event, 'purpose') === ID);
  };
  const stateOn = (page: Page) => purposeAt(page, ID).locator('.state').first();

  /** What is on, and what was answered, as the service has it. */
  async function held(user: string): Promise<unknown> {
    const purposes = listAt(await people.settings(user), 'purposes').map((one) => {
      const offers = listAt(one, 'offers');
      const because = valueAt(one, 'because');
      const isShut = because === 'age' || because === 'regime' || because === 'unknown_user';
      return [
        textAt(one, 'id'),
        [
          valueAt(one, 'on') === true ? 'On' : 'Off',
          offers.length < 2 || isShut ? null : valueAt(one, 'choice'),
        ],
      ];
    });
    return Object.fromEntries(purposes);
  }

  /** The same as the page has it. */
  function shown(page: Page): Promise<unknown> {
    return page
      .locator('li.purpose:has(h3[id^="purpose-"])')
      .evaluateAll((items) =>
        Object.fromEntries(
          items.map((item) => [
            item.querySelector('h3')?.id.slice('purpose-'.length),
            [
              item.querySelector('.state')?.textContent,
              item.querySelector(':scope > .answer [aria-pressed="true"]')?.getAttribute('value') ?? null,
            ],
          ]),
        ),
      );
  }

  /** That somebody who comes back to the page sees what holds. */
  async function expectWhatHolds(page: Page, user: string): Promise<void> {
    await expect.poll(() => page.getByText('Saving. What is shown still holds.').count()).toBe(0);
    const asked = page.waitForRequest(SETTINGS);
    await comeBackTo(page);
    // what shows already what holds may still be reading it
    await (await (await asked).response())?.finished();
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    await expect.poll(() => shown(page)).toEqual(await held(user));
  }

  /** Holds the next answer with settings back, which the service has given already, until it is let go. */
  async function holdNext(
    page: Page,
  ): Promise<{ readonly taken: Promise<void>; readonly letGo: () => void }> {
    let letGo = (): void => undefined;
    const may = new Promise<void>((resolve) => (letGo = resolve));
    const taken = new Promise<void>((resolve) => {
      void page.route(
        SETTINGS,
        async (route: Route) => {
          const response = await route.fetch();
          resolve();
          await may;
          await route.fulfill({ response });
        },
        { times: 1 },
      );
    });
    return { taken, letGo };
  }

  const settled = (page: Page, url: RegExp) => page.waitForResponse((reply) => url.test(reply.url()));

  test('an older answer that arrives late does not take the place of a newer one', async () => {
    const user = await member('US-CA');
    const page = await open(user);
    const { taken, letGo } = await holdNext(page);
    await comeBackTo(page);
    await taken;
    await people.choose(user, ID, 'denied');
    await comeBackTo(page);
    await expect.poll(() => stateOn(page).innerText()).toBe('Off');
    const late = settled(page, /\/settings$/);
    letGo();
    await (await late).finished();
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    expect(await stateOn(page).innerText()).toBe('Off');
    await page.context().close();
  });

  test('an answer from before a change does not undo it on the page', async () => {
    const user = await member('US-CA');
    const page = await open(user);
    const { taken, letGo } = await holdNext(page);
    await comeBackTo(page);
    await taken;
    await answerFor(page, TITLE).refuse.click();
    await purposeAt(page, ID)
      .getByText(/^Off for every decision since/)
      .waitFor();
    const late = settled(page, /\/settings$/);
    letGo();
    await (await late).finished();
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    expect(await stateOn(page).innerText()).toBe('Off');
    expect(await answerFor(page, TITLE).refuse.getAttribute('aria-pressed')).toBe('true');
    await page.context().close();
  });

  test.each([
    ['before it has recorded the change', false],
    ['after it has recorded the change', true],
  ])('when the service is killed %s, trying again records it once', async (_named, recorded) => {
    const user = await member('US-CA');
    const page = await open(user);
    const restarted = new Promise<void>((resolve, reject) => {
      const meet = async (route: Route) => {
        if (recorded) await route.fetch();
        await Promise.all([route.abort('connectionreset'), stage.restart()]);
      };
      void page.route(`**/choices/${ID}`, (route) => meet(route).then(resolve, reject), { times: 1 });
    });
    const item = purposeAt(page, ID);
    await answerFor(page, TITLE).refuse.click();
    await item.getByText(/^No answer arrived/).waitFor();
    expect(await page.getByText(/for every decision since/).count()).toBe(0);
    await restarted;
    await expectWhatHolds(page, user);
    expect(await stateOn(page).innerText()).toBe(recorded ? 'Off' : 'On');
    await item.getByRole('button', { name: 'Try again' }).click();
    await item.getByText(/^Off for every decision since/).waitFor();
    expect(await saidOf(user)).toHaveLength(1);
    await expectWhatHolds(page, user);
    await page.context().close();
  });

  /** Signs in at the picker, from the link on the page or before there is one. */
  async function signIn(page: Page, user: string): Promise<void> {
    await page.getByLabel('Id of the person').fill(user);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`${service.url}/settings`);
    await drawn(page);
  }

  async function whoseSessionEnds(user: string): Promise<{ context: BrowserContext; page: Page }> {
    const context = await stage.chromium.newContext({ locale: 'en' });
    const page = await context.newPage();
    await page.goto(`${service.url}/session/sign-in?to=/settings`);
    await signIn(page, user);
    await context.clearCookies();
    await answerFor(page, TITLE).refuse.click();
    await page.getByRole('link', { name: 'Sign in' }).click();
    return { context, page };
  }

  test('when the session ends while somebody answers, the answer is offered once they are back, and sent by no one else', async () => {
    const user = await member('US-CA');
    const { context, page } = await whoseSessionEnds(user);
    await signIn(page, user);
    const item = purposeAt(page, ID);
    await item.getByText('Your answer was “Refuse”. You were signed out, so it was not recorded.').waitFor();
    expect(valueAt(await settingOf(user), 'choice')).toBeNull();
    await item.getByRole('button', { name: 'Try again' }).click();
    await item.getByText(/^Off for every decision since/).waitFor();
    expect(valueAt(await settingOf(user), 'choice')).toBe('denied');
    await page.reload();
    await drawn(page);
    expect(await page.getByText(/^Your answer was/).count()).toBe(0);
    await context.close();
  });

  test('when somebody else signs in then, they are offered nothing that was not theirs', async () => {
    const [user, other] = [await member('US-CA'), await member('US-CA')];
    const { context, page } = await whoseSessionEnds(user);
    await signIn(page, other);
    expect(await page.getByText(/^Your answer was/).count()).toBe(0);
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    for (const one of [user, other]) expect(await saidOf(one)).toEqual([]);
    await context.close();
  });

  test('whatever happens around it in whatever order, the page shows what holds', async () => {
    const admins = await adminsOf(service);
    let published = 0;
    const PURPOSES = [ID, 'recruiting', 'ads.personalised', 'research'] as const;
    type Around = { readonly user: string; readonly page: Page; readonly tab: Page };

    async function answer(page: Page, id: string, choice: 'granted' | 'denied'): Promise<void> {
      const button = purposeAt(page, id).locator(`:scope > .answer button[value="${choice}"]`);
      if ((await button.count()) === 0) return;
      const replied = page.waitForResponse((reply) => reply.request().method() === 'PUT');
      // before what it moved is read, the next yes may end without a request of its own
      const read = page.waitForResponse(SETTINGS);
      await button.click();
      await replied;
      await read;
    }
    const answers = PURPOSES.flatMap((id) =>
      (['granted', 'denied'] as const).flatMap((choice) => [
        [`${choice} ${id} on the page`, ({ page }: Around) => answer(page, id, choice)] as const,
        [`${choice} ${id} in another tab`, ({ tab }: Around) => answer(tab, id, choice)] as const,
      ]),
    );
    const STORMS = new Map<string, (around: Around) => Promise<unknown>>([
      ...answers,
      ['denied by a service', ({ user }) => people.choose(user, 'research', 'denied')],
      [
        'everything refused',
        async ({ page }) => {
          const replied = page.waitForResponse((reply) => reply.request().method() === 'PUT');
          await page.getByRole('button', { name: 'Refuse all' }).click();
          await replied;
        },
      ],
      [
        'undone',
        async ({ page }) => {
          const undo = page.getByRole('button', { name: 'Undo' }).first();
          if ((await undo.count()) > 0) await undo.click();
        },
      ],
      [
        'the answer to a change lost',
        async ({ page }) => {
          await page.route('**/choices/*', (route) => route.fetch().then(() => route.abort()), { times: 1 });
          await purposeAt(page, 'recruiting').locator(':scope > .answer button[value="granted"]').click();
          await page
            .getByText(/^No answer arrived/)
            .first()
            .waitFor();
        },
      ],
      ['moved to another country', ({ user }) => people.register(user, published % 2 === 0 ? 'DE' : 'US-CA')],
      [
        'a policy published',
        async () => {
          const document = await documentInForce(admins);
          const notice = ++published + 1;
          const purposes = document.purposes.map((one) =>
            one.id === 'research' ? { ...one, title: `Research ${notice}`, notice } : one,
          );
          await publishDocument(admins, { ...document, purposes }, { research: notice });
        },
      ],
    ]);

    await assert(
      asyncProperty(
        array(constantFrom(...STORMS.keys()), { minLength: 12, maxLength: 12 }),
        async (names) => {
          const user = await member('US-CA');
          const page = await open(user);
          // in a window of its own: behind another one, a browser draws once a second, and a click waits for two of these
          const tab = await open(user);
          for (const name of names) {
            await STORMS.get(name)?.({ user, page, tab });
            await expectWhatHolds(page, user);
          }
          await expectWhatHolds(tab, user);
          for (const one of [page, tab]) await one.context().close();
        },
      ),
      { numRuns: times(6, 1), endOnFailure: true },
    );
  });
});
