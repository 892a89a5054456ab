/** The way of a change through three people: who writes it, who approves it, what users see of it, and the way back. */
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { drawn, purposeAt } from '../../settings/test/stage.js';
import { type SeenDraft, documentInForce, draftOf, ok } from '../../test/e2e/admins.js';
import { type People, peopleOf } from '../../test/e2e/people.js';
import { listAt, settingOf, textAt, valueAt } from '../../test/e2e/replies.js';
import { LOOKS, faultsIn } from './looks.js';
import { onStage, pictureOf, settingsOf } from './stage.js';
import { fileOf } from './tables.js';

const ADMIN = ['policy_admin'] as const;
const PURPOSE = 'recruiting';

await onStage(({ service, admins, chromium, open }) => {
  let people: People;
  beforeAll(async () => {
    people = await peopleOf(service);
    await people.register('texan', 'US-TX');
  });

  /** A draft by Ann in which recruiting is on for Americans until they say no, in other words than before. */
  const widening = async (word: string): Promise<SeenDraft> => {
    const document = await documentInForce(admins);
    return draftOf(admins, {
      ...document,
      purposes: document.purposes.map((purpose) =>
        purpose.id === PURPOSE
          ? {
              ...purpose,
              description: `${purpose.description} ${word}`,
              settings: { ...purpose.settings, US: 'opt_out' },
              notice: (purpose.notice ?? 1) + 1,
            }
          : purpose,
      ),
    });
  };
  const isOn = async () => valueAt(settingOf(await people.settings('texan'), PURPOSE), 'on');
  const decide = (draft: SeenDraft) => `drafts/${draft.id}/decide`;
  /** What a user reads of the purpose, on their own page, when they come to it again, and whether it is on. */
  const seenBy = async (page: Page) => {
    await page.reload();
    await drawn(page);
    const shown = purposeAt(page, PURPOSE);
    return { says: await shown.innerText(), state: await shown.locator('.state').first().innerText() };
  };
  const may = (page: Page, what: string) => page.getByRole('region', { name: what, exact: true });

  test('one writes it, two approve what they have read, and it is in force for users when its author publishes it', async () => {
    const draft = await widening('First.');
    const texan = await settingsOf(chromium, service, 'texan');
    const before = await seenBy(texan);
    expect(before.says).not.toContain('First.');
    const ann = await open('ann', ADMIN, decide(draft));
    await ann.getByText('2 approvals are missing.').waitFor();
    await may(ann, 'Approve').getByText('nobody approves their own').waitFor();
    expect(await may(ann, 'Approve').getByRole('button').count()).toBe(0);
    for (const who of ['bob', 'cat']) {
      const page = await open(who, ADMIN, decide(draft));
      await page.getByText('Something changes for 1 of 1 people.').waitFor();
      await page.getByText('may now read').first().waitFor();
      await page.locator('ins', { hasText: 'First' }).waitFor();
      await may(page, 'Approve').getByRole('button', { name: 'Approve' }).click();
      await page.getByText('Your approval counts.').waitFor();
      if (who === 'cat')
        await page.getByText('somebody who has not approved it can publish it now').waitFor();
      await page.context().close();
    }
    const publish = may(ann, 'Publish');
    // she need not ask for it again
    await publish.getByRole('button', { name: 'Publish now' }).waitFor();
    await publish.getByLabel(`Ask those who granted ${PURPOSE} again`).check();
    expect(await isOn()).toBe(false);
    await publish.getByRole('button', { name: 'Publish now' }).click();
    await ann.getByText('It has been published.').waitFor();
    expect(await isOn()).toBe(true);
    const after = await seenBy(texan);
    expect(after.says).toContain('First.');
    expect(after.state).not.toBe(before.state);
    for (const page of [ann, texan]) await page.context().close();
  });

  test('whoever goes back sees first for whom it turns, and it is a change like any other', async () => {
    const texan = await settingsOf(chromium, service, 'texan');
    const between = await seenBy(texan);
    expect(between.says).toContain('First.');
    const dan = await open('dan', ADMIN, 'versions');
    const line = dan.getByRole('list', { name: 'Publications' }).getByRole('listitem');
    await line.first().getByText('published by ann').waitFor();
    await line.first().getByText('approved by bob, cat').waitFor();
    await line.nth(1).getByRole('link', { name: 'Return to this version' }).click();
    await dan.getByLabel('Why').fill('as it was');
    await dan.getByRole('button', { name: 'Open the draft' }).click();
    await dan.getByRole('heading', { name: 'as it was' }).waitFor();
    // those who granted the terms between must not count for these
    await dan.getByRole('button', { name: 'Raise the notices in the draft' }).click();
    await dan.getByText('The notices are raised.').waitFor();
    await dan.getByText('Something changes for 1 of 1 people.').waitFor();
    const view = dan.url().split('/console/')[1];
    for (const who of ['ann', 'bob']) {
      const page = await open(who, ADMIN, view);
      await may(page, 'Approve').getByRole('button', { name: 'Approve' }).click();
      await page.getByText('Your approval counts.').waitFor();
      await page.context().close();
    }
    expect(await isOn()).toBe(true);
    await may(dan, 'Publish').getByLabel(`Ask those who granted ${PURPOSE} again`).check();
    await may(dan, 'Publish').getByRole('button', { name: 'Publish now' }).click();
    await dan.getByText('It has been published.').waitFor();
    expect(await isOn()).toBe(false);
    const back = await seenBy(texan);
    expect(back.says).not.toContain('First.');
    expect(back.state).not.toBe(between.state);
    for (const page of [dan, texan]) await page.context().close();
  });

  test('a decline with its remark keeps a draft from being published, by the keyboard alone', async () => {
    const draft = await widening('Second.');
    const bob = await open('bob', ADMIN, decide(draft));
    await may(bob, 'Decline').getByRole('button').waitFor();
    const tabTo = async (role: string, name: string) => {
      for (let presses = 0; presses < 60; presses++) {
        await bob.keyboard.press('Tab');
        const isThere = await bob
          .getByRole(role === 'button' ? 'button' : 'textbox', { name, exact: true })
          .evaluate((element) => element === document.activeElement);
        if (isThere) return;
      }
      throw new Error(`the keyboard does not reach ${name}`);
    };
    await tabTo('textbox', 'Why not');
    await bob.keyboard.type('not before March');
    await tabTo('button', 'Decline');
    await bob.keyboard.press('Enter');
    await bob.getByText('Your decline stands.').waitFor();
    // one person, however they write themselves
    const ann = await open('Ann', ADMIN, decide(draft));
    await ann.getByText('not before March').waitFor();
    await may(ann, 'Publish').getByText('It cannot be published yet.').waitFor();
    for (const [page, section] of [
      [ann, 'Yours'],
      [bob, 'You have said what you think'],
    ] as const) {
      await page.goto(`${service.url}/console/`);
      await page
        .getByRole('region', { name: section, exact: true })
        .locator(`a[href$="${draft.id}/decide"]`)
        .waitFor();
    }
    for (const page of [ann, bob]) await page.context().close();
  });

  test('an edit meanwhile is told, and a click on what was read before counts for nothing', async () => {
    const draft = await widening('Third.');
    const bob = await open('bob', ADMIN, decide(draft));
    const approve = may(bob, 'Approve').getByRole('button', { name: 'Approve' });
    await approve.waitFor();
    // it is edited before the page looks again
    const address = `**/v1/policies/drafts/${draft.id}`;
    const body = JSON.stringify(await admins.get(draft));
    await bob.route(address, (route) => route.fulfill({ contentType: 'application/json', body }));
    const { body: edited } = await admins.patch('ann', draft, [
      { op: 'add', path: '/purposes/0/description', value: 'Otherwise.' },
    ]);
    await approve.click();
    await bob.getByText('The draft has been edited since. Nothing was done.').waitFor();
    expect(valueAt(await admins.get(draft), 'approvals')).toEqual([]);
    // the check of the later edit is not shown as that of the one before
    await bob.reload();
    await bob.getByText('The draft was edited while it was read here.').waitFor();
    await bob.unroute(address);
    await bob.getByText('it is at edit 2 now').waitFor();
    expect(await approve.count()).toBe(0);
    await bob.getByRole('button', { name: 'Show edit 2' }).click();
    await bob.locator('ins', { hasText: 'Otherwise' }).waitFor();
    await approve.click();
    await bob.getByText('Your approval counts.').waitFor();
    expect(valueAt(await admins.get(draft), 'content')).toBe(valueAt(edited, 'content'));
    await bob.context().close();
  });

  test('long work says so and can be stopped, and trouble is told and can be tried again', async () => {
    const draft = await widening('Fourth.');
    const bob = await open('bob', ADMIN, decide(draft));
    await bob.route('**/check', () => undefined);
    await bob.route('**/impact', (route) => route.fulfill({ status: 503, body: 'nonsense' }));
    await bob.reload();
    await bob.getByText('Every cell of the draft is compared').waitFor();
    const changes = bob.getByRole('region', { name: 'What it changes' });
    await changes.getByRole('button', { name: 'Cancel' }).click();
    await changes.getByText('Stopped.').waitFor();
    // nobody decides about what they have not seen
    expect(await bob.getByRole('heading', { name: 'What you can do' }).count()).toBe(0);
    await bob.unroute('**/check');
    await changes.getByRole('button', { name: 'Try again' }).click();
    await changes.getByText('may now read').first().waitFor();
    const impact = bob.getByRole('region', { name: 'Whom it concerns' });
    await impact.getByText('The answer could not be understood').waitFor();
    await bob.unroute('**/impact');
    // grants that the draft lets lapse sooner are in no other number
    const lapsing = [
      { purpose: PURPOSE, regime: 'US', grants: 1200 },
      { purpose: 'ads', regime: 'EU', grants: 34 },
    ];
    await bob.route('**/impact', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: Object.assign(await response.json(), { lapsing }) });
    });
    await impact.getByRole('button', { name: 'Try again' }).click();
    await impact.getByText('Something changes for 1 of 1 people.').waitFor();
    await impact.getByText('1,234 grants are older than the draft lets them be').waitFor();
    expect(await fileOf(bob, 'Export as CSV: Grants that lapse at once')).toEqual([
      'purpose,regime,grants',
      `${PURPOSE},US,1200`,
      'ads,EU,34',
    ]);
    await bob.context().close();
  });

  test('a session that ends while somebody writes a remark loses nothing', async () => {
    const draft = await widening('Fifth.');
    const bob = await open('bob', ADMIN, decide(draft));
    const decline = may(bob, 'Decline');
    await decline.getByLabel('Why not').fill('a long thought');
    await bob.context().clearCookies();
    await decline.getByRole('button', { name: 'Decline' }).click();
    await decline.getByText('You are not signed in any more.').waitFor();
    const [tab] = await Promise.all([
      bob.context().waitForEvent('page'),
      decline.getByRole('link', { name: 'Sign in' }).click(),
    ]);
    await tab.getByLabel('Id of the person').fill('bob');
    await tab.getByLabel('policy_admin').check();
    await tab.getByRole('button', { name: 'Sign in' }).click();
    // the address of the picker names where it leads to
    await tab.waitForURL(({ pathname }) => pathname.startsWith('/console'));
    await decline.getByRole('button', { name: 'Decline' }).click();
    await bob.getByText('Your decline stands.').waitFor();
    await bob.getByText('a long thought').waitFor();
    await bob.context().close();
  });

  test('a publication that waits is seen by all at home, and can be withdrawn', async () => {
    const draft = await widening('Sixth.');
    const publishAt = new Date(Date.now() + 86_400_000).toISOString();
    for (const who of ['bob', 'cat'] as const) ok(await admins.approve(who, draft));
    const ann = await open('ann', ADMIN);
    const row = (section: string) =>
      ann.getByRole('region', { name: section }).locator(`li:has(a[href$="${draft.id}/decide"])`);
    await row('Yours').getByText('It can be published.').waitFor();
    await row('Yours').getByText(`Whoever publishes it names the notices of ${PURPOSE}.`).waitFor();
    await row('Yours').getByRole('link').click();
    const publish = may(ann, 'Publish');
    await publish.getByLabel(`Ask those who granted ${PURPOSE} again`).check();
    await publish.getByLabel('at a time').check();
    await publish.getByLabel('Time, in').fill('12026-11-29T00:00');
    await publish.getByRole('button', { name: 'Publish at that time' }).click();
    await publish.getByText('There is no such time here').waitFor();
    await publish.getByLabel('Time, in').fill(publishAt.slice(0, 16));
    await publish.getByRole('button', { name: 'Publish at that time' }).click();
    await ann.getByText('It waits for its time.').waitFor();
    await ann.getByRole('link', { name: 'Home' }).click();
    await row('To come into force at a time').getByRole('link').click();
    await publish.getByRole('button', { name: 'Withdraw' }).click();
    await ann.getByText('It is open again.').waitFor();
    expect(valueAt(await admins.get(draft), 'status')).toBe('open');
    await ann.context().close();
  });

  test('one link says why a decision of a day was made, to those who may see it and to nobody else', async () => {
    await people.register('asked-about', 'US-TX');
    const at = new Date().toISOString();
    await people.choose('asked-about', PURPOSE, 'denied');
    const ann = await open('ann', ADMIN, 'replay');
    await ann.getByLabel('When, in').fill('12026-11-29T00:00');
    await ann.getByLabel('Purpose').fill(PURPOSE);
    await ann.getByLabel('Field').fill('member.skills');
    await ann.getByLabel('Id of the person').fill('asked-about');
    // that of today is asked for by itself, and that it did not come is told
    await ann.route('**/v1/decisions/replay', async (route) => {
      if (route.request().postData()?.includes(at) === true) await route.continue();
      else await route.fulfill({ status: 400, contentType: 'application/json', body: '{}' });
    });
    await ann.getByRole('button', { name: 'Repeat the decision' }).click();
    await ann.getByText('There is no such time here').waitFor();
    await ann.getByLabel('When, in').fill(at.slice(0, 23));
    await ann.getByRole('button', { name: 'Repeat the decision' }).click();
    await ann.getByText('How it would be decided now is not known:').waitFor();
    await ann.unrouteAll();
    await ann.getByRole('button', { name: 'Try again' }).click();
    const why = (page: Page) =>
      page.getByRole('article', { name: `${PURPOSE} was not allowed to read member.skills of asked-about` });
    await why(ann).waitFor();
    const consent = (page: Page) => why(page).getByRole('row', { name: /^6\. / }).getByRole('cell');
    await expect
      .poll(() => consent(ann).allTextContents())
      .toEqual([expect.stringContaining('needs_opt_in'), expect.stringContaining('opted_out')]);
    // no recorder and no client is asked
    const client = why(ann).getByRole('row', { name: /^2\. / }).getByRole('cell');
    expect(await client.allInnerTexts()).toEqual(['· no part of a replay', '· no part of a replay']);
    const link = new URL(ann.url());
    // whom it is about is sent to nobody, not even to the service
    expect(link.search).toBe('');
    const view = `${link.pathname.split('/console/')[1]}${link.hash}`;
    const auditor = await open('aud', ['auditor'], view);
    await why(auditor).getByText('Profile: US-TX, adult').waitFor();
    // a replay has no case, which may have been the reason of a permit
    await auditor.getByLabel('Purpose').fill('safety.report_review');
    await auditor.getByLabel('Field').fill('comment.text');
    await auditor.getByRole('button', { name: 'Repeat the decision' }).click();
    await auditor
      .getByRole('heading', { name: 'without the case or the reference that the request may have named' })
      .waitFor();
    const reviewer = await open('rev', ['case_reviewer'], view);
    await reviewer.getByText('You may not do this').waitFor();
    expect(await why(reviewer).count()).toBe(0);
    // what they had said until then goes along to the cell
    await ann.getByLabel('When, in').fill(new Date().toISOString().slice(0, 23));
    await ann.getByRole('button', { name: 'Repeat the decision' }).click();
    await why(ann).getByText('opted_out').first().waitFor();
    await ann.getByRole('link', { name: 'This cell in its matrix' }).click();
    await ann.getByRole('complementary').getByText('opted_out', { exact: true }).waitFor();
    for (const page of [ann, auditor, reviewer]) await page.context().close();
  });

  test('two versions are compared line by line, and in the matrix', async () => {
    const page = await open('aud', ['auditor'], 'versions');
    await page.getByRole('link', { name: 'Compare with the one before' }).last().click();
    const document = page.getByRole('region', { name: 'What the documents say' });
    await document.locator('ins', { hasText: 'US: opt_out' }).waitFor();
    await document.locator('del', { hasText: 'US: opt_in' }).waitFor();
    const inMatrix = page.getByRole('link', { name: 'What opens and closes, in the matrix' });
    await expect.poll(() => inMatrix.getAttribute('href')).toContain('regime=US');
    await inMatrix.click();
    await page.getByLabel('Find a purpose or field').fill(`${PURPOSE} member.skills`);
    await page.locator(`[aria-label^="${PURPOSE}, member.skills: "][data-change="opened"]`).waitFor();
    await page.context().close();
  });

  test.each(LOOKS)(
    'in %s, at %i pixels, in %s, no view has a fault that axe finds',
    async (colorScheme, width, language) => {
      const draft = await widening(`In ${colorScheme} at ${width}.`);
      const options = { colorScheme, viewport: { width, height: 800 } };
      const page = await open('oda', ['privacy_officer'], `${decide(draft)}?named=some`, options);
      await page.getByRole('img', { name: 'people by purpose' }).waitFor();
      await page.getByRole('columnheader', { name: 'Some of them' }).first().waitFor();
      // for whom it opens, and for whom it closes, are told apart
      const cells = page
        .getByRole('row')
        .filter({ has: page.getByRole('rowheader', { name: PURPOSE, exact: true }) })
        .getByRole('cell');
      const [, , , closedFor, , , openFor = ''] = await cells.allInnerTexts();
      expect([closedFor, openFor]).toEqual([
        expect.not.stringContaining('texan'),
        expect.stringContaining('texan'),
      ]);
      await may(page, 'Publish').waitFor();
      const found: Record<string, string[]> = { decide: await faultsIn(page, language) };
      await pictureOf(page, `decide-${colorScheme}-${width}`);
      const [before, after] = listAt(
        ok(await admins.send('ann', 'GET', '/publications')),
        'publications',
      ).map((entry) => textAt(entry, 'version'));
      for (const [name, view, ready] of [
        ['home', '', '2 approvals are missing.'],
        ['versions', `versions?from=${before}&to=${after}`, 'are new.'],
        [
          'replay',
          `replay#at=${new Date().toISOString()}&purpose=${PURPOSE}&field=member.skills&user=texan`,
          'What was known of the person',
        ],
      ] as const) {
        await page.goto(`${service.url}/console/${view}`);
        await page.getByText(ready).first().waitFor();
        found[name] = await faultsIn(page, language);
        await pictureOf(page, `${name}-${colorScheme}-${width}`);
      }
      expect(found).toEqual({ decide: [], home: [], versions: [], replay: [] });
      await page.context().close();
    },
  );
});
