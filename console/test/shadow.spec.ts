/** A draft on real traffic: somebody starts it, sees what services would have been answered otherwise, and ends it. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { Setting } from '../../src/decision/policy.js';
import { violationsOn } from '../../settings/test/axe.js';
import { type SeenDraft, documentInForce, draftOf, ok } from '../../test/e2e/admins.js';
import { peopleOf } from '../../test/e2e/people.js';
import { EVALUATION, PURPOSES, mayRead } from '../../test/e2e/questions.js';
import { listAt, numberAt, textAt, valueAt } from '../../test/e2e/replies.js';
import { onStage, pictureOf } from './stage.js';
import { rowsOf, written } from './tables.js';

/** Under the draft, Americans must opt in to personalised ads, are recruited until they say no, and not researched. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, Setting>>>> = {
  'ads.personalised': { US: 'opt_in', EU_EEA_CH: 'opt_in' },
  recruiting: { US: 'opt_out' },
  research: { US: 'never', EU_EEA_CH: 'never' },
};
const DIFFERENCES = 'What would have been answered otherwise';

await onStage(({ service, admins, open }) => {
  let client: string;
  let draft: SeenDraft;

  beforeAll(async () => {
    client = await service.token({ sub: 'a-service', purposes: [...PURPOSES] });
    const people = await peopleOf(service);
    for (const user of ['quiet', 'refused']) await people.register(user, 'US-TX');
    await people.choose('refused', 'research', 'denied');
    const document = await documentInForce(admins);
    draft = await draftOf(admins, {
      ...document,
      purposes: document.purposes.map((purpose) => ({
        ...purpose,
        settings: { ...purpose.settings, ...SETTINGS[purpose.id] },
      })),
    });
  });

  const shadow = (of: SeenDraft, method: string, body?: unknown) =>
    admins.send('ann', method, `/drafts/${of.id}/shadow`, body === undefined ? {} : { body });
  const ask = async (purpose: string, user: string, times: number) => {
    for (let asked = 0; asked < times; asked++)
      await service.request('POST', EVALUATION, {
        token: client,
        body: mayRead(purpose, user, 'member.skills'),
      });
  };
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const figure = (page: Page, name: string) =>
    page.locator('dl.figures > div', { has: page.getByText(name, { exact: true }) }).locator('dd');

  test('it is started on a share, shows what the API says while services ask, and ends with its last report', async () => {
    const page = await open('olga', ['privacy_officer'], 'drafts');
    await page.getByRole('link', { name: /^Try it on real traffic/ }).click();
    await page.getByText('The draft is not in the shadow.').waitFor();
    await page.getByLabel('Share of the requests, in percent').fill('100');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing was compared yet.').waitFor();
    await expect
      .poll(() => page.locator(':focus').innerText())
      .toBe('It decides beside the version in force now.');
    await ask('ads.personalised', 'quiet', 3);
    await ask('recruiting', 'quiet', 2);
    await ask('research', 'refused', 1);
    // it is seen without anything being done
    await expect.poll(() => figure(page, 'Decisions since then').innerText()).toBe('6');
    const { body } = await shadow(draft, 'GET');
    const differences = listAt(body, 'differences');
    expect(differences.map((one) => textAt(one, 'turns'))).toEqual(['to_deny', 'to_permit', 'reason_only']);
    for (const [name, number] of [
      ['Decided by the draft too', valueAt(body, 'compared')],
      ['Skipped, for want of time', valueAt(body, 'skipped')],
      ['of these, permitted now and denied by the draft', 3],
      ['of these, denied now and permitted by the draft', 2],
      ['of these, denied by both, for another reason', 1],
    ] as const)
      expect(await figure(page, name).innerText()).toBe(written(number));
    const shown = async () =>
      (await rowsOf(page, DIFFERENCES)).map((row) => Object.values(row).map(firstWord));
    const told = differences.map((one) => [
      ...['purpose', 'client', 'live', 'draft'].map((member) => textAt(one, member)),
      { to_deny: 'denied', to_permit: 'permitted', reason_only: 'another' }[textAt(one, 'turns')],
      written(numberAt(one, 'count')),
    ]);
    expect(await shown()).toEqual(told);
    const saved = page.waitForEvent('download');
    await button(page, `Export as CSV: ${DIFFERENCES}`).click();
    const lines = (await readFile(await (await saved).path(), 'utf8')).trim().split('\r\n');
    expect(lines).toEqual([
      'purpose,client,live,draft,turns,count',
      ...differences.map((one) =>
        ['purpose', 'client', 'live', 'draft', 'turns', 'count'].map((member) => valueAt(one, member)).join(),
      ),
    ]);
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [1280, 768]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        expect(await violationsOn(page)).toEqual([]);
        await pictureOf(page, `shadow-${colorScheme}-${width}`);
      }
    // a number leads to what it counts, and the address of that can be given away
    await figure(page, 'of these, denied now and permitted by the draft').getByRole('link').click();
    // the browser tells of a new address by itself
    await page.waitForURL(/\?turns=to_permit$/);
    const olaf = await open('olaf', ['privacy_officer'], page.url().split('/console/')[1]);
    await olaf.getByRole('table', { name: DIFFERENCES }).waitFor();
    expect((await rowsOf(olaf, DIFFERENCES)).map(({ Purpose }) => Purpose)).toEqual(['recruiting']);
    await olaf.getByRole('link', { name: '2', exact: true }).last().click();
    await olaf.getByRole('heading', { name: 'Who used what' }).waitFor();
    expect(Object.fromEntries(new URL(olaf.url()).searchParams)).toMatchObject({
      purpose: 'recruiting',
      client: 'a-service',
      reason: 'needs_opt_in',
    });
    // what is tried out stands at home, and leads here
    await olaf.getByRole('link', { name: 'Home' }).click();
    await olaf
      .getByRole('region', { name: /tried out/ })
      .getByRole('link')
      .click();
    await button(olaf, 'End it').click();
    await olaf.getByText('It has ended. This is its last report.').waitFor();
    expect(await figure(olaf, 'Decisions since then').innerText()).toBe('6');
    expect((await shadow(draft, 'GET')).status).toBe(404);
    // whoever else looks is told, and keeps what was seen last
    await page.getByText('It is not in the shadow any more').waitFor();
    expect(await page.getByText('It decides beside the version in force now.').count()).toBe(0);
    expect(await figure(page, 'Decisions since then').innerText()).toBe('6');
    for (const one of [page, olaf]) await one.context().close();
  });

  test('what does not go is said: another draft, an end meanwhile, a draft that is unsound, a role, a fleet', async () => {
    const other = await admins.draft('ann');
    ok(await shadow(other, 'PUT', {}));
    const page = await open('olga', ['privacy_officer'], `drafts/${draft.id}/shadow`);
    await page.getByText('Another draft is in the shadow.').getByRole('link', { name: 'a test' }).waitFor();
    await button(page, 'Start it').click();
    await page.getByText('It decides beside the version in force now.').waitFor();
    expect((await shadow(other, 'GET')).status).toBe(404);
    expect(await shadow(draft, 'GET')).toMatchObject({ body: { share: 0.1 } });
    const justBefore = (method: string, something: () => Promise<unknown>) =>
      page.route('**/shadow', async (route) => {
        if (route.request().method() === method) await something();
        await route.continue();
      });
    await justBefore('DELETE', () => shadow(draft, 'DELETE'));
    await button(page, 'End it').click();
    await page.getByText('Nothing was ended').waitFor();
    await page.unrouteAll();
    const auditor = await open('aud', ['auditor'], `drafts/${draft.id}/shadow`);
    await auditor.getByText('You may not do this').waitFor();
    expect(await auditor.getByRole('button', { name: /^(?:Start|End) it/ }).count()).toBe(0);
    await auditor.route('**/v1/processes', async (route) => {
      const { revision, processes } = Object(await (await route.fetch()).json());
      await route.fulfill({ json: { revision, processes: [...processes, ...processes] } });
    });
    await auditor.reload();
    await auditor.getByText('2 processes decide. Each has its own shadow').waitFor();
    await auditor.getByText('The process that answered does not run it').waitFor();
    await justBefore('PUT', async () =>
      ok(await admins.patch('ann', draft, [{ op: 'remove', path: '/purposes/0/title' }])),
    );
    await button(page, 'Start it').click();
    await page.getByText('the draft was edited and does not compile any more').waitFor();
    await page.reload();
    await page.getByText('The draft does not compile, so it cannot decide.').waitFor();
    expect(await button(page, 'Start it').count()).toBe(0);
    // of what does not compile nobody can say what it changes, and that is said where it is decided
    await page.getByRole('link', { name: 'See what it changes for whom, and decide' }).click();
    await page.getByText('What it changes is known once it compiles').waitFor();
    for (const one of [page, auditor]) {
      // what it asks for again and again may be on its way
      await one.unrouteAll({ behavior: 'ignoreErrors' });
      await one.context().close();
    }
  });
});

function firstWord(text: string): string {
  return text.split(/\s/, 1)[0] ?? '';
}
