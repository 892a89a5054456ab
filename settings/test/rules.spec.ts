/** The twelve rules against dark patterns, each measured in a browser against the built service. */
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { listAt, textAt, valueAt } from '../../test/e2e/replies.js';
import { VIEWS, answerFor, drawn, onStage, purposeAt, show } from './stage.js';

const TITLE = 'Being found by recruiters';
const ID = 'recruiting';

/** Once the script of the other views is there, which comes after the first screen. */
async function fetched(page: Page): Promise<void> {
  const files = () =>
    page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .map(({ name }) => name)
        .join('\n'),
    );
  await expect.poll(files).toMatch(/\/later-[^/]*\.js$/m);
}

/** What a button looks like, and what it costs to see. */
function lookOf(button: Locator) {
  return button.evaluate((element) => {
    const style = getComputedStyle(element);
    const { width, height } = element.getBoundingClientRect();
    const { font, padding, borderWidth, borderColor, borderStyle, color, backgroundColor, opacity } = style;
    return {
      width,
      height,
      look: { font, padding, borderWidth, borderColor, borderStyle, color, backgroundColor, opacity },
    };
  });
}

/** Presses Tab until a button has the focus, then Enter; resolves to the number of keys. */
async function keysTo(page: Page, from: Locator, button: Locator): Promise<number> {
  await from.focus();
  for (let keys = 1; keys < 50; keys++) {
    await page.keyboard.press('Tab');
    if (!(await button.evaluate((element) => element.matches(':focus')))) continue;
    await page.keyboard.press('Enter');
    return keys + 1;
  }
  throw new Error('the button cannot be reached with the Tab key');
}

await onStage((stage) => {
  const { open, member, service, people } = stage;
  const choiceOf = async (user: string, purpose: string) =>
    listAt(await people.settings(user), 'purposes').find((one) => valueAt(one, 'id') === purpose);

  test('1: refusing takes no more keys, clicks or requests than allowing, from the same place', async () => {
    const cost = async (answer: 'refuse' | 'allow') => {
      const page = await open(await member('DE'));
      // what is fetched for the page itself is no cost of an answer
      await fetched(page);
      const requests: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      // what the answer moved is read after it
      const read = page.waitForResponse('**/v1/users/me/settings');
      const keys = await keysTo(page, page.locator(`h3[id="purpose-${ID}"]`), answerFor(page, TITLE)[answer]);
      const done = purposeAt(page, ID).locator('.result.done');
      await done.waitFor();
      await read;
      await page.context().close();
      return { keys, requests: requests.length };
    };
    const [refuse, allow] = [await cost('refuse'), await cost('allow')];
    expect(refuse.keys).toBeLessThanOrEqual(allow.keys);
    expect(refuse.requests).toBeLessThanOrEqual(allow.requests);
    // one click each
    for (const answer of ['refuse', 'allow'] as const) {
      const page = await open(await member('DE'));
      await answerFor(page, TITLE)[answer].click();
      await purposeAt(page, ID).locator('.result.done').waitFor();
      await page.context().close();
    }
  });

  test('2: no and yes are of one size, font and contrast, in one order everywhere, and there is no later', async () => {
    // what is measured must not be on its way
    const page = await open(await member('DE'), { reducedMotion: 'reduce' });
    const { refuse, allow } = answerFor(page, TITLE);
    expect(await lookOf(refuse)).toEqual(await lookOf(allow));
    const given = async (button: Locator) => {
      await button.click();
      await expect.poll(() => button.getAttribute('aria-pressed')).toBe('true');
      // away from the button, so that nothing hovers
      await page.mouse.move(0, 0);
      const other = button === refuse ? allow : refuse;
      return { given: await lookOf(button), other: await lookOf(other) };
    };
    const [no, yes] = [await given(refuse), await given(allow)];
    expect(no.given.look).toEqual(yes.given.look);
    expect(no.other.look).toEqual(yes.other.look);
    expect([no.given.width, no.given.height]).toEqual([yes.given.width, yes.given.height]);
    for (const view of ['Settings', 'Review']) {
      await page.getByRole('button', { name: view, exact: true }).click();
      await page.locator('.answer').first().waitFor();
      const orders = await page
        .locator('.answer:has(button[value="denied"])')
        .evaluateAll((groups) => groups.map((group) => group.textContent));
      expect(orders.length).toBeGreaterThan(3);
      expect(new Set(orders)).toEqual(new Set(['RefuseAllow']));
    }
    expect(await page.locator('.root').innerText()).not.toMatch(/later|not now|remind me|skip/i);
    await page.context().close();
  });

  test('3: states are words, and those that the service answers', async () => {
    const user = await member('US-CA');
    const page = await open(user);
    const shown = await page
      .locator('li.purpose:has(h3[id^="purpose-"])')
      .evaluateAll((items) =>
        items.map((item) => [
          item.querySelector('h3')?.id.slice('purpose-'.length),
          item.querySelector('.state')?.textContent,
        ]),
      );
    const answered = listAt(await people.settings(user), 'purposes');
    expect(Object.fromEntries(shown)).toEqual(
      Object.fromEntries(
        answered.map((one) => [textAt(one, 'id'), valueAt(one, 'on') === true ? 'On' : 'Off']),
      ),
    );
    await page.context().close();
  });

  test('4: a no to everything is on the first screen, and there is no yes to everything', async () => {
    const user = await member('US-CA');
    for (const viewport of [
      { width: 320, height: 640 },
      { width: 1280, height: 720 },
    ]) {
      const page = await open(user, { viewport });
      const box = await page.getByRole('button', { name: 'Refuse all' }).boundingBox();
      expect(box === null ? Infinity : box.y + box.height).toBeLessThanOrEqual(viewport.height);
      expect(await page.getByRole('button', { name: /\ball\b|everything/i }).allInnerTexts()).toEqual([
        'Refuse all',
      ]);
      await page.context().close();
    }
    const token = await service.token({ sub: user });
    const all = await service.request('PUT', '/v1/users/me/choices', { token, body: { choice: 'granted' } });
    expect(all.status).toBe(400);
  });

  test('4: a no to everything is one click, and turns off everything that can be', async () => {
    const user = await member('US-CA');
    const page = await open(user);
    await page.getByRole('button', { name: 'Refuse all' }).click();
    await page
      .getByText(/^All that can be refused is off for every decision since .+\d/)
      .first()
      .waitFor();
    const left = listAt(await people.settings(user), 'purposes').filter((one) => valueAt(one, 'on') === true);
    expect(left.filter((one) => listAt(one, 'offers').includes('denied'))).toEqual([]);
    await page.context().close();
  });

  test('5: refusing asks nothing back, and can be undone', async () => {
    const user = await member('US-CA');
    const page = await open(user);
    let dialogs = 0;
    page.on('dialog', (dialog) => {
      dialogs++;
      void dialog.dismiss();
    });
    const item = purposeAt(page, 'improve');
    await answerFor(page, 'Improving our products').refuse.click();
    await item.getByText(/^Off for every decision since/).waitFor();
    expect(await choiceOf(user, 'improve')).toMatchObject({ choice: 'denied', on: false });
    expect(await page.locator('dialog, [role=dialog], [role=alertdialog]').count()).toBe(0);
    await item.getByRole('button', { name: 'Undo' }).first().click();
    await item.getByText(/^On for every decision since/).waitFor();
    // as if nothing had been said: it is no yes either
    expect(await choiceOf(user, 'improve')).toMatchObject({ on: true, choice: null });
    expect(dialogs).toBe(0);
    await page.context().close();
  });

  test('5: undoing a no to everything says again what was said before, and nothing else', async () => {
    const user = await member('US-CA');
    await people.choose(user, ID, 'granted');
    await people.choose(user, 'research', 'denied');
    const said = async () =>
      listAt(await people.settings(user), 'purposes').map((one) => [
        textAt(one, 'id'),
        valueAt(one, 'choice'),
        valueAt(one, 'on'),
      ]);
    const before = await said();
    const page = await open(user);
    await page.getByRole('button', { name: 'Refuse all' }).click();
    await page
      .getByText(/^All that can be refused is off/)
      .first()
      .waitFor();
    expect(await said()).not.toEqual(before);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page
      .getByText(/^Taken back/)
      .first()
      .waitFor();
    expect(await said()).toEqual(before);
    await page.context().close();
  });

  test('5: nothing is ticked before somebody answers, and Escape records nothing', async () => {
    const user = await member('DE');
    const page = await open(user);
    const writes: string[] = [];
    page.on('request', (request) => request.method() !== 'GET' && writes.push(request.url()));
    for (const view of ['Settings', 'Review']) {
      await page.getByRole('button', { name: view, exact: true }).click();
      const { refuse } = answerFor(page, TITLE);
      await refuse.waitFor();
      expect(await page.locator('button[value="denied"][aria-pressed="true"]').count()).toBe(0);
      expect(await page.locator('button[value="granted"][aria-pressed="true"]').count()).toBe(0);
      await refuse.focus();
      for (const key of ['Escape', 'Tab', 'Escape']) await page.keyboard.press(key);
    }
    expect(writes).toEqual([]);
    expect(await choiceOf(user, ID)).toMatchObject({ choice: null });
    await page.context().close();
  });

  test('6: what a no and a yes lead to stands beside them before they are used', async () => {
    const user = await member('US-CA');
    const page = await open(user);
    const purposes = listAt(await people.settings(user), 'purposes');
    const titleOf = (id: unknown) =>
      textAt(
        purposes.find((one) => valueAt(one, 'id') === id),
        'title',
      );
    const groups = await page.locator('.answer:has(button[value="denied"])').all();
    expect(groups.length).toBeGreaterThan(8);
    for (const group of groups) {
      const what = page.locator(`[id="${await group.getAttribute('aria-describedby')}"]`);
      expect(await what.innerText()).toMatch(/Refuse: .+\n+Allow: /);
      const [text, buttons] = [await what.boundingBox(), await group.boundingBox()];
      expect((buttons?.y ?? 0) - ((text?.y ?? 0) + (text?.height ?? 0))).toBeLessThan(40);
    }
    for (const purpose of purposes)
      for (const moved of [...listAt(purpose, 'also_closes'), ...listAt(purpose, 'also_opens')]) {
        const what = page.locator(`[id="what-${textAt(purpose, 'id')}"]`);
        if ((await what.count()) > 0) expect(await what.innerText()).toContain(titleOf(moved));
      }
    await page.context().close();
    const european = await open(await member('DE'));
    const holds = (purpose: string) => european.locator(`[id="what-${purpose}"]`).innerText();
    expect(await holds('recruiting')).toContain('It holds for 1 year and 1 month. Then you are asked again.');
    expect(await holds('improve')).not.toContain('It holds for');
    await european.context().close();
  });

  test('7: every control is at most two activations away, and every link leads to where it says', async () => {
    const page = await open(await member('US-CA'));
    for (const view of VIEWS) {
      await show(page, view);
      // one activation led here: nothing that can be used waits behind another one
      for (const control of await page.locator('section button, li button, input').all())
        expect(await control.isVisible()).toBe(true);
    }
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await answerFor(page, 'Personalised ads').refuse.click();
    const link = purposeAt(page, 'ads.inferred').getByRole('button', {
      name: 'Go to the setting: Personalised ads',
    });
    await link.click();
    await expect
      .poll(() =>
        page.locator('h3[id="purpose-ads.personalised"]').evaluate((title) => title.matches(':focus')),
      )
      .toBe(true);
    await page.context().close();
  });

  test.each([
    ['en', 'en', 'ltr'],
    ['de-AT', 'de', 'ltr'],
    ['fr', 'fr', 'ltr'],
    ['ar', 'ar', 'rtl'],
    ['pt', 'en', 'ltr'],
  ])('8: to a browser in %s, the page is in the language of the answer, %s', async (locale, lang, dir) => {
    const user = await member('DE');
    const context = await stage.chromium.newContext({ locale, extraHTTPHeaders: { 'x-test-user': user } });
    const page = await context.newPage();
    const answered = page.waitForResponse(
      (response) =>
        response.url().endsWith('/settings') && response.headers()['content-language'] !== undefined,
    );
    await page.goto(`${stage.host.url}/settings`);
    await drawn(page);
    const root = page.locator('html');
    expect(await root.getAttribute('lang')).toBe(lang);
    expect((await answered).headers()['content-language']).toBe(lang);
    expect(await root.getAttribute('dir')).toBe(dir);
    await context.close();
  });

  test('9: whoever answered is left alone until the day that the service names', async () => {
    const user = await member('DE');
    const page = await open(user);
    const review = async () => {
      await page.getByRole('button', { name: 'Review', exact: true }).click();
      await page.getByText('What you are asked', { exact: true }).waitFor();
    };
    await review();
    await answerFor(page, TITLE).refuse.click();
    await page
      .getByText(/^Off for every decision since/)
      .first()
      .waitFor();
    await answerFor(page, 'Personalised ads').allow.click();
    await page
      .getByText(/^On for every decision since/)
      .first()
      .waitFor();
    await page.reload();
    await drawn(page);
    await review();
    // it is told with the prompts
    await page.getByText(new RegExp(`^${TITLE}: not before .*${new Date().getUTCFullYear() + 1}$`)).waitFor();
    const titles = await page.locator('li.purpose h3').allInnerTexts();
    expect(titles.length).toBeGreaterThan(0);
    expect(titles).not.toContain(TITLE);
    expect(titles).not.toContain('Personalised ads');
    await page.context().close();
  });

  test('11: off appears only once it is confirmed, and asks who somebody is in no field', async () => {
    const user = await member('US-CA');
    const page = await open(user);
    const item = purposeAt(page, 'improve');
    const state = item.locator('.state').first();
    let pass: (() => void) | undefined;
    let sent: unknown;
    await page.route('**/choices/improve', async (route) => {
      sent = route.request().postDataJSON();
      await new Promise<void>((resolve) => {
        pass = resolve;
      });
      await route.continue();
    });
    await answerFor(page, 'Improving our products').refuse.click();
    await item.getByText('Saving. What is shown still holds.').waitFor();
    expect(await state.innerText()).toBe('On');
    expect(await answerFor(page, 'Improving our products').refuse.getAttribute('aria-pressed')).toBe('false');
    await expect.poll(() => pass).toBeDefined();
    expect(sent).toEqual({ choice: 'denied', language: 'en' });
    expect(await page.locator('input, textarea').count()).toBe(0);
    pass?.();
    await item.getByText(/^Off for every decision since \d/).waitFor();
    expect(await state.innerText()).toBe('Off');
    await page.context().close();
  });

  test('12: Global Privacy Control is seen and effective in the first answer', async () => {
    const user = await member('US-CA');
    const context = await stage.chromium.newContext({
      locale: 'en',
      extraHTTPHeaders: { 'x-test-user': user, 'sec-gpc': '1' },
    });
    const page = await context.newPage();
    const answers: unknown[] = [];
    page.on('response', (response) => {
      if (response.url().endsWith('/v1/users/me/settings'))
        void response.json().then((body: unknown) => answers.push(body));
    });
    await page.goto(`${stage.host.url}/settings`);
    await page.getByText(/^Your browser sends Global Privacy Control/).waitFor();
    // the page may show the answer before its body is here
    await expect.poll(() => answers).toHaveLength(1);
    const closed = listAt(answers[0], 'purposes').filter((one) => valueAt(one, 'because') === 'signal');
    expect(closed.length).toBeGreaterThan(0);
    for (const one of closed)
      expect(await purposeAt(page, textAt(one, 'id')).locator('.state').first().innerText()).toBe('Off');
    await context.close();
  });
});
