/** What somebody who means ill, a service in trouble, or another person at the same browser can do to the console. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { type SeenDraft, documentInForce, draftOf } from '../../test/e2e/admins.js';
import { peopleOf } from '../../test/e2e/people.js';
import { violationsOn } from '../../settings/test/axe.js';
import { textOf } from './desk.js';
import { onStage, signIn } from './stage.js';

const OFFICER = ['privacy_officer'] as const;
const VIEWS = [
  '',
  'matrix',
  'consent',
  'operation',
  'drafts',
  'versions',
  'reviews',
  'replay#at=2026-01-01T00:00:00.000Z&purpose=ads&field=member.skills&user=u-1',
  'uses',
  'cases',
  'cases/5f3c0f5e-0000-4000-8000-000000000000',
  'proof',
  'drafts/5f3c0f5e-0000-4000-8000-000000000000',
  'drafts/5f3c0f5e-0000-4000-8000-000000000000/decide',
  'drafts/5f3c0f5e-0000-4000-8000-000000000000/shadow',
];
const JSON_TYPE = 'application/json';

await onStage(({ service, admins, open }) => {
  let draft: SeenDraft;
  beforeAll(async () => {
    await (await peopleOf(service)).register('texan', 'US-TX');
    const document = await documentInForce(admins);
    draft = await draftOf(admins, {
      ...document,
      purposes: document.purposes.map((purpose) =>
        purpose.id === 'recruiting'
          ? {
              ...purpose,
              description: `${purpose.description} More.`,
              settings: { ...purpose.settings, US: 'opt_out' },
            }
          : purpose,
      ),
    });
  });
  const decide = () => `drafts/${draft.id}/decide`;
  /** Where somebody still is, whatever became of the view. */
  const stands = async (page: Page) => {
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    // the heading and the zone of times stand in an empty view too
    const says = page.locator('#view > :not(h1, .zone)');
    await expect.poll(async () => (await says.allInnerTexts()).join('')).toMatch(/\w/);
  };

  describe.each([
    // what may pass is asked for again first, which takes its time: the tests of each view do that
    ['is a refusal without a reason', { status: 400, contentType: JSON_TYPE, body: '{}' }],
    ['is no JSON', { contentType: JSON_TYPE, body: '{"publications": [' }],
    ['lacks what it should have', { contentType: JSON_TYPE, body: '{}' }],
    ['is of another kind', { contentType: JSON_TYPE, body: '[null]' }],
  ])('where every answer %s', (_what, answer) => {
    test('no view takes away more than itself, and says that it was no answer', async () => {
      const page = await open('oda', OFFICER);
      await page.route(
        ({ pathname }) => pathname.startsWith('/v1/') && pathname !== '/v1/me',
        (route) => route.fulfill(answer),
      );
      for (const view of VIEWS) {
        await page.goto(`${service.url}/console/${view}`);
        await stands(page);
        await page.getByText('The answer could not be understood, so it is not shown.').first().waitFor();
      }
      await page.unrouteAll();
      await page.goto(`${service.url}/console/${decide()}`);
      await page.getByText('2 approvals are missing.').waitFor();
      await page.context().close();
    });
  });

  test('a part of the page that a newer build took away is told, and the page can be loaded anew', async () => {
    const page = await open('oda', OFFICER);
    await page.route('**/console/files/uses-view-*.js', (route) => route.fulfill({ status: 404 }));
    await page.getByRole('link', { name: 'Uses' }).click();
    await page.getByText('A part of the page could not be loaded or shown.').waitFor();
    await page.getByRole('link', { name: 'Matrix' }).click();
    await page.getByRole('grid').waitFor();
    await page.getByRole('link', { name: 'Uses' }).click();
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Reload the page' }).click();
    await page.getByRole('heading', { name: 'Who used what' }).waitFor();
    await page.context().close();
  });

  test('no link hides for whom a draft turns something, or shows cells under the name of another law or version', async () => {
    const page = await open('olaf', OFFICER, `${decide()}?regime=nowhere&count=nothing`);
    await page.getByRole('rowheader', { name: 'recruiting' }).waitFor();
    await page.goto(`${service.url}/console/matrix?regime=nowhere&age=old&said=maybe&gpc=perhaps`);
    await page.getByRole('grid').waitFor();
    const shown = await page.locator('.legend').innerText();
    await page.goto(`${service.url}/console/matrix`);
    await page.getByRole('grid').waitFor();
    expect(await page.locator('.legend').innerText()).toBe(shown);
    const version = await admins.current();
    await page.route('**/v1/policies', (route) =>
      route.fulfill({
        contentType: JSON_TYPE,
        body: JSON.stringify({ current: version, versions: [], publications: [] }),
      }),
    );
    await page.goto(`${service.url}/console/matrix?version=${version}`);
    await page.getByRole('grid').waitFor();
    expect(await page.getByRole('combobox', { name: 'Policy version' }).inputValue()).toBe(version);
    await page.context().close();
  });

  test('when somebody else signs in in another tab, nothing of the one before stays in sight', async () => {
    const page = await open('oda', OFFICER, decide());
    await page.getByRole('button', { name: 'Name some of them' }).click();
    await page.getByText('texan').waitFor();
    const other = await page.context().newPage();
    await other.goto(`${service.url}/console/`);
    await other.getByRole('button', { name: 'Sign out' }).click();
    // where somebody signed out, every tab of theirs is out
    await page.getByText('You are not signed in.').waitFor();
    expect(await page.getByText('texan').count()).toBe(0);
    await signIn(other, 'ann', ['policy_admin']);
    await page.bringToFront();
    await page.reload();
    await page.getByText('2 approvals are missing.').waitFor();
    expect(await page.getByText('texan').count()).toBe(0);
    await other.context().clearCookies();
    await other.goto(`${service.url}/console/`);
    await signIn(other, 'oda', OFFICER);
    // it asks who it is for when somebody comes back to it
    await page.evaluate(() => dispatchEvent(new Event('visibilitychange')));
    await page.getByText('oda, privacy_officer').waitFor();
    await page.context().close();
  });

  test('who signs out by hand is asked about what is not saved in any tab, and leaves nothing behind', async () => {
    const page = await open('oda', OFFICER, `drafts/${draft.id}`);
    const keys = () =>
      page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('.draft.')));
    await textOf(page).press('Control+Home');
    await page.keyboard.type('# ');
    await page.getByText('Not saved yet.').waitFor();
    // others who use this browser, whose sessions ended by themselves
    const others = ['assent.console.draft.ann.1', 'assent.console.draft.oda.b.2'];
    await page.evaluate((theirs) => theirs.forEach((key) => localStorage.setItem(key, '{}')), others);
    const other = await page.context().newPage();
    await other.goto(`${service.url}/console/${decide()}`);
    await other.getByLabel('Why not').fill('not yet');
    const out = page.getByRole('button', { name: 'Sign out', exact: true });
    const asked = page.getByRole('alertdialog', { name: 'Something is not saved' });
    // the other tab answers once the machine has time for it, however short the page waits
    await page.evaluate(() => {
      const wait = setTimeout.bind(globalThis);
      Object.assign(globalThis, {
        setTimeout: (run: () => void, ms?: number) => wait(run, ms === 500 ? 60_000 : ms),
      });
    });
    await out.click();
    await asked.getByText('in a form that was not sent').waitFor();
    await asked.getByRole('link', { name: `Text of the draft ${draft.id.slice(0, 8)}` }).waitFor();
    expect(await violationsOn(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await asked.waitFor({ state: 'detached' });
    expect(await other.getByLabel('Why not').inputValue()).toBe('not yet');
    expect(await keys()).toHaveLength(3);
    await out.click();
    await asked.getByRole('button', { name: 'Sign out and remove it' }).click();
    for (const tab of [page, other]) await tab.getByText('You are not signed in.').waitFor();
    expect((await keys()).toSorted()).toEqual(others);
    await page.context().close();
  });

  test('a sign-out that did not arrive is told', async () => {
    const page = await open('oda', OFFICER);
    await page.route('**/session/sign-out', (route) => route.abort());
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('alert').getByText('You are still signed in').waitFor();
    await page.context().close();
  });

  test('whoever has no role is told so', async () => {
    const visitor = await open('ann', OFFICER);
    await visitor.context().clearCookies();
    await visitor.reload();
    await visitor.getByRole('link', { name: 'Sign in' }).click();
    await visitor.getByLabel('Id of the person').fill('visitor');
    await visitor.getByRole('button', { name: 'Sign in' }).click();
    await visitor.getByText('The console is for admins.').waitFor();
    await visitor.context().close();
  });
});
