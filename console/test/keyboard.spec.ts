/**
 * The whole way of a change without a mouse: written, approved by two, published, and taken back. Nothing is clicked or
 * put into a field: keys go to what has the focus, and what has it can be seen.
 */
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { type People, peopleOf } from '../../test/e2e/people.js';
import { settingOf, valueAt } from '../../test/e2e/replies.js';
import { sealOf } from './desk.js';
import { onStage } from './stage.js';

const ADMIN = ['policy_admin'] as const;
const PURPOSE = 'recruiting';
/** More stops than these no view has before what somebody wants. */
const MOST_STOPS = 120;

/** What has the focus, in a shadow root too: its name, and whether somebody sees that it has it. */
async function focused(page: Page): Promise<{ readonly name: string; readonly isSeen: boolean }> {
  return page.evaluate(() => {
    const host = document.activeElement;
    const element = host?.shadowRoot?.activeElement ?? host;
    if (!(element instanceof HTMLElement) || element === document.body) return { name: '', isSeen: false };
    const labels =
      element instanceof HTMLInputElement ||
      element instanceof HTMLSelectElement ||
      element instanceof HTMLTextAreaElement ||
      element instanceof HTMLButtonElement
        ? [...(element.labels ?? [])].map(({ textContent }) => textContent)
        : [];
    const name = element.ariaLabel ?? (labels.length > 0 ? labels.join(' ') : element.textContent);
    const { width, height } = element.getBoundingClientRect();
    // the outline may be that of the frame around it
    const isOutlined = [element, host, host?.parentElement].some((one) => {
      if (!(one instanceof Element)) return false;
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
    });
    return { name: name.trim().replaceAll(/\s+/g, ' '), isSeen: isOutlined && width > 0 && height > 0 };
  });
}

/** Goes on with Tab until something of this name has the focus; what it passes can be seen to have it. */
async function tabTo(page: Page, name: string | RegExp, key = 'Tab'): Promise<void> {
  const passed: string[] = [];
  while (passed.length < MOST_STOPS) {
    await page.keyboard.press(key);
    const on = await focused(page);
    passed.push(on.name.slice(0, 60));
    // the end of the page
    if (on.name === '') continue;
    expect(on.isSeen, `nobody sees that \`${on.name.slice(0, 60)}\` has the focus`).toBe(true);
    if (typeof name === 'string' ? on.name.startsWith(name) : name.test(on.name)) return;
  }
  throw new Error(`the keyboard does not reach ${name}: ${passed.join(' | ')}`);
}

/** To a view, by the palette. */
async function goTo(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').locator('input:focus').waitFor();
  await page.keyboard.type(name);
  await page.getByRole('menuitem', { name, exact: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  // who hears it is told where they are
  await expect.poll(() => page.title()).toBe(`${name} · Assent`);
}

/** What was done is told, and the keyboard goes on from there. */
async function told(page: Page, text: string): Promise<void> {
  await page.getByText(text, { exact: true }).waitFor();
  await expect.poll(async () => (await focused(page)).name).toBe(text);
}

/** Approves the draft that waits, from home. */
async function approve(page: Page, draft: string): Promise<void> {
  await tabTo(page, draft);
  await page.keyboard.press('Enter');
  await page.getByText('may now read').or(page.getByText('may no longer read')).first().waitFor();
  await tabTo(page, 'Approve');
  await page.keyboard.press('Enter');
  await told(page, 'Your approval counts.');
}

/** Publishes the draft that is shown, once two others approved it. */
async function publish(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Publish now' }).waitFor();
  await tabTo(page, `Ask those who granted ${PURPOSE} again`);
  await page.keyboard.press('Space');
  await tabTo(page, 'Publish now');
  await page.keyboard.press('Enter');
  await told(page, 'It is in force.');
}

async function raiseNotices(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Raise the notices in the draft' }).waitFor();
  await tabTo(page, 'Raise the notices in the draft');
  await page.keyboard.press('Enter');
  await told(page, 'The notices are raised.');
}

await onStage(({ service, open }) => {
  let people: People;
  beforeAll(async () => {
    people = await peopleOf(service);
    await people.register('texan', 'US-TX');
  });
  const isOn = async () => valueAt(settingOf(await people.settings('texan'), PURPOSE), 'on');

  test('a change goes its whole way, and back', async () => {
    const [ann, bob, cat] = [await open('ann', ADMIN), await open('bob', ADMIN), await open('cat', ADMIN)];
    const home = async (page: Page) => {
      await goTo(page, 'Home');
      await page.getByRole('heading', { name: 'What waits for you' }).waitFor();
    };

    // written
    await goTo(ann, 'Drafts');
    await tabTo(ann, 'Why the policy is to change');
    await ann.keyboard.type('by hand');
    await tabTo(ann, 'Open a draft');
    await ann.keyboard.press('Enter');
    expect(await sealOf(ann)).toContain('The floor holds');
    await tabTo(ann, 'The policy of the draft');
    // what deletes a line here opens nothing over it
    await ann.keyboard.press('Control+Shift+k');
    await ann.keyboard.press('Control+z');
    expect(await ann.getByRole('dialog').count()).toBe(0);
    for (const [before, after] of [
      ['US: opt_in', 'US: opt_out'],
      ['Being found by recruiters', 'Being found by whoever hires'],
    ] as const) {
      await ann.keyboard.press('Control+Home');
      await ann.keyboard.press('Control+f');
      await ann.keyboard.type(before);
      await ann.keyboard.press('Enter');
      await ann.keyboard.press('Escape');
      await ann.keyboard.type(after);
    }
    // what cannot be saved yet has no place among the stops
    await ann.getByText('Not saved yet.').waitFor();
    expect(await sealOf(ann)).toContain('The floor holds');
    await tabTo(ann, 'Save', 'Shift+Tab');
    await ann.keyboard.press('Enter');
    await ann.getByText('Saved as edit 2.').waitFor();
    await tabTo(ann, 'See what it changes for whom, and decide');
    await ann.keyboard.press('Enter');
    await raiseNotices(ann);

    // approved by two, and published
    for (const page of [bob, cat]) {
      await home(page);
      await page.getByRole('link', { name: 'by hand' }).waitFor();
      await approve(page, 'by hand');
    }
    expect(await isOn()).toBe(false);
    await publish(ann);
    expect(await isOn()).toBe(true);

    // and taken back
    await goTo(ann, 'Versions');
    await ann.getByRole('list', { name: 'Publications' }).waitFor();
    await tabTo(ann, 'Return to this version');
    await ann.keyboard.press('Enter');
    await expect.poll(async () => (await focused(ann)).name).toBe('Why');
    await ann.keyboard.type('as it was');
    await tabTo(ann, 'Open the draft');
    await ann.keyboard.press('Enter');
    await raiseNotices(ann);
    for (const page of [bob, cat]) {
      await home(page);
      await page.getByRole('link', { name: 'as it was' }).waitFor();
      await approve(page, 'as it was');
    }
    await publish(ann);
    expect(await isOn()).toBe(false);
    for (const page of [ann, bob, cat]) await page.context().close();
  });
});
