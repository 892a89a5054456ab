/** Every view, in both schemes and directions and on a narrow screen: for whoever cannot see, point, or read English. */
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { violationsOn } from './axe.js';
import { MARKUP } from './policy.js';
import { VIEWS, answerFor, drawn, onOwnStage, purposeAt, show } from './stage.js';

/** What a screen reader tells of a part of the page: names and states, without the texts between them, and times. */
async function heardOf(part: Locator): Promise<string> {
  const lines = (await part.ariaSnapshot()).split('\n');
  const named = lines.filter(
    (line) => !/^\s*- (paragraph|definition|term)\b|^\s*- text: (?!"?O[nf]f?"?$)/.test(line),
  );
  return named
    .join('\n')
    .replaceAll(/\d{1,2}:\d\d(:\d\d)?\s[AP]M/g, 'TIME')
    .replaceAll(/(\w+day, )?\w+ \d{1,2}, \d{4}/g, 'DAY');
}

/** The ledger counts a moment after the answer, and may count one of the two fields before the other. */
async function untilUsed(page: Page): Promise<void> {
  await expect
    .poll(
      async () => {
        await page.reload();
        await drawn(page);
        await show(page, 'uses');
        return page.locator('.line').count();
      },
      { interval: 1_000 },
    )
    .toBe(2);
}

await onOwnStage((stage) => {
  const { open, member, service, people, host, chromium } = stage;

  /** A member of whom everything can be shown. */
  async function whoseDataWasUsed(region: string): Promise<string> {
    const user = await member(region);
    await people.choose(user, 'improve', 'denied');
    await people.choose(user, 'recruiting', 'granted');
    const token = await service.token({ sub: 'ads', purposes: ['ads.personalised'] });
    for (const field of ['member.skills', 'message.body'])
      await service.request('POST', '/access/v1/evaluation', {
        token,
        body: {
          subject: { type: 'purpose', id: 'ads.personalised' },
          action: { name: 'read' },
          resource: { type: 'field', id: field, properties: { user } },
        },
      });
    return user;
  }

  describe.each([
    ['in English', 'en'],
    ['in Arabic', 'ar'],
  ])('%s', (_named, locale) => {
    test.each([
      ['light', 1280],
      ['dark', 1280],
      ['light', 320],
      ['dark', 320],
    ] as const)('in %s on a screen of %i pixels has no fault that axe finds', async (colorScheme, width) => {
      const user = await whoseDataWasUsed('US-CA');
      const page = await open(user, {
        locale,
        colorScheme,
        viewport: { width, height: 900 },
        reducedMotion: 'reduce',
      });
      await untilUsed(page);
      for (const view of VIEWS) {
        await show(page, view);
        for (const summary of (await page.locator('summary').all()).slice(0, 2)) await summary.click();
        expect(await violationsOn(page), view).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow, view).toBeLessThanOrEqual(0);
      }
      await page.context().close();
    });
  });

  test('in forced colours, what was answered and what is on differ by more than colour', async () => {
    const user = await member('DE');
    // what is measured must not be on its way
    const page = await open(user, { forcedColors: 'active', reducedMotion: 'reduce' });
    const { refuse, allow } = answerFor(page, 'Being found by recruiters');
    await refuse.click();
    await purposeAt(page, 'recruiting').locator('.result.done').waitFor();
    const before = (button: typeof refuse) =>
      button.evaluate((element) => [
        getComputedStyle(element, '::before').content,
        getComputedStyle(element).backgroundColor,
      ]);
    const [[given, ground], [other, otherGround]] = [await before(refuse), await before(allow)];
    expect(given).toContain('✓');
    expect(other).toBe('none');
    expect(ground).not.toBe(otherGround);
    await page.context().close();
  });

  test('nothing moves for whoever asked for less motion', async () => {
    const page = await open(await member('DE'), { reducedMotion: 'reduce' });
    const moving = await page.evaluate(
      () =>
        [...(document.querySelector('assent-settings')?.shadowRoot?.querySelectorAll('*') ?? [])].filter(
          (element) => {
            const { transitionDuration, animationName } = getComputedStyle(element);
            return transitionDuration !== '0s' || animationName !== 'none';
          },
        ).length,
    );
    expect(moving).toBe(0);
    await page.context().close();
  });

  test('it is used by keyboard alone, from the first setting to the erasure, and shows where the focus is', async () => {
    const user = await member('US-CA');
    const page = await open(user);
    const focused = () =>
      page.evaluate(() => {
        const element = document.querySelector('assent-settings')?.shadowRoot?.activeElement;
        if (!(element instanceof HTMLElement)) return undefined;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return {
          text: element.innerText,
          tag: element.tagName,
          id: element.id,
          isSeen: outlineStyle !== 'none' && outlineWidth !== '0px',
        };
      });
    const tabTo = async (isIt: (one: { text: string; tag: string }) => boolean) => {
      for (let keys = 0; keys < 200; keys++) {
        await page.keyboard.press('Tab');
        const now = await focused();
        if (now === undefined) continue;
        expect(now.isSeen, now.text).toBe(true);
        if (isIt(now)) return;
      }
      throw new Error('it cannot be reached with the Tab key');
    };
    await tabTo(({ text }) => text === 'Refuse all');
    await page.keyboard.press('Space');
    await page
      .getByText(/^All that can be refused is off/)
      .first()
      .waitFor();
    expect(await focused()).toMatchObject({ text: 'Refuse all' });
    await tabTo(({ text }) => text === 'Undo');
    await page.keyboard.press('Enter');
    await page
      .getByText(/^Taken back/)
      .first()
      .waitFor();
    await page.keyboard.press('Shift+Tab');
    await page.evaluate(() => {
      const root = document.querySelector('assent-settings')?.shadowRoot;
      root?.querySelector('select')?.focus();
    });
    await tabTo(({ text }) => text === 'My record');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await focused())?.id).toBe('view-record');
    // the script of the view may still be on its way
    await page.getByRole('textbox').waitFor();
    await tabTo(({ tag }) => tag === 'INPUT');
    await page.keyboard.type('ERASE');
    await page.keyboard.press('Enter');
    await page.getByText('Your record is erased. This page asks for nothing more.').waitFor();
    await expect.poll(async () => (await focused())?.tag).toBe('H2');
    await page.context().close();
  });

  test.each(VIEWS)('to a screen reader, the view %s has these names and states', async (view) => {
    const user = await whoseDataWasUsed('DE');
    const page = await open(user);
    if (view === 'uses') await untilUsed(page);
    await show(page, view);
    await expect(await heardOf(page.locator('.root'))).toMatchFileSnapshot(`heard/${view}.txt`);
    await page.context().close();
  });

  test('to a screen reader, an answer is told once it is confirmed', async () => {
    const page = await open(await member('DE'));
    await answerFor(page, 'Being found by recruiters').refuse.click();
    const item = purposeAt(page, 'recruiting');
    await item.locator('.result.done').waitFor();
    expect(await heardOf(item)).toMatchInlineSnapshot(`
      "- listitem:
        - heading "Being found by recruiters" [level=3]
        - text: "Off"
        - group: "Your data it uses: 26 kinds"
        - 'group "Being found by recruiters: your answer"':
          - button "Refuse" [pressed]
          - button "Allow"
          - button "Undo""
    `);
    expect(await page.getByRole('status').innerText()).toMatch(
      /^Being found by recruiters: Off for every decision since/,
    );
    await page.context().close();
  });

  test('it keeps to a policy that lets nothing in but its own script, and breaks it nowhere', async () => {
    const user = await whoseDataWasUsed('US-CA');
    const page = await open(user);
    const broken: string[] = [];
    page.on(
      'console',
      (message) => /Content Security Policy/.test(message.text()) && broken.push(message.text()),
    );
    const reply = await page.reload();
    const policy = reply?.headers()['content-security-policy'] ?? '';
    expect(policy.split('; ').toSorted()).toEqual(
      [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
      ].toSorted(),
    );
    await drawn(page);
    for (const view of VIEWS) await show(page, view);
    await page
      .getByRole('button', { name: /^Receipt: / })
      .first()
      .click();
    await page
      .getByText(/^Genuine: /)
      .first()
      .waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'A file for computers (JSON)' }).click(),
    ]);
    const held: unknown = JSON.parse(await readFile(await download.path(), 'utf8'));
    expect(held).toMatchObject({ settings: { user } });
    expect(broken).toEqual([]);
    expect(
      await page.evaluate(() => document.querySelectorAll('style, [style], script:not([src])').length),
    ).toBe(0);
    await page.context().close();
  });

  test('it shows markup in the texts of a policy as text', async () => {
    const page = await open(await member('DE'), { locale: 'fr' });
    for (const view of VIEWS) {
      await show(page, view);
      expect(await page.locator('.root img, .root b').count()).toBe(0);
    }
    await show(page, 'settings');
    expect(await page.locator('.root').innerText()).toContain(MARKUP);
    expect(await page.title()).not.toBe('run');
    await page.context().close();
  });

  test('it looks the same in a page whose own style is hostile', async () => {
    const user = await member('DE');
    const looks = async (style: string) => {
      const context = await chromium.newContext({
        viewport: { width: 900, height: 900 },
        locale: 'en',
        reducedMotion: 'reduce',
      });
      const page = await context.newPage();
      await page.goto(await host.pageOf(user, '', style));
      await drawn(page);
      const look = await answerFor(page, 'Being found by recruiters').refuse.evaluate((element) => {
        const { font, color, letterSpacing, textTransform, direction, visibility, cursor } =
          getComputedStyle(element);
        const { height, width } = element.getBoundingClientRect();
        return { font, color, letterSpacing, textTransform, direction, visibility, cursor, height, width };
      });
      await context.close();
      return look;
    };
    const hostile =
      '* { all: unset !important; font: 3px fantasy !important; color: red !important; letter-spacing: 9px !important; ' +
      'text-transform: uppercase !important; direction: rtl !important; cursor: none !important; line-height: 0 !important } ' +
      'button, li, h3, .choice { display: none !important; width: 1px !important }';
    const plain = await looks('body { margin: 0 }');
    expect(await looks(`${hostile} html, body, main, assent-settings { display: block !important }`)).toEqual(
      {
        ...plain,
        width: expect.any(Number),
      },
    );
  });

  test('it asks nothing before its host has said whose token counts', async () => {
    const user = await member('DE');
    const context = await chromium.newContext({ locale: 'en' });
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => {
      if (new URL(request.url()).pathname.startsWith('/v1/'))
        asked.push(request.headers()['authorization']?.split(' ')[0] ?? 'none');
    });
    await page.goto(await host.pageOf(user));
    await drawn(page);
    expect(asked).toEqual(['Bearer']);
    await context.close();
  });

  test('it takes the colours and the font of its host, and gives no part of it to yes that no does not have', async () => {
    const context = await chromium.newContext({ locale: 'en', colorScheme: 'light' });
    const page = await context.newPage();
    await page.goto(
      await host.pageOf(
        await member('DE'),
        '',
        'assent-settings { --assent-accent: rgb(120, 20, 90); --assent-font: serif } assent-settings::part(choice) { border-radius: 0 }',
      ),
    );
    const { refuse, allow } = answerFor(page, 'Being found by recruiters');
    for (const button of [refuse, allow])
      expect(
        await button.evaluate((element) => [
          getComputedStyle(element).borderRadius,
          getComputedStyle(element).fontFamily,
          element.part.value,
        ]),
      ).toEqual(['0px', 'serif', 'choice']);
    await context.close();
  });
});
