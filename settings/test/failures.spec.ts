/** What goes wrong on the way: nothing is shown that is not confirmed, and nothing that was said is lost or said twice. */
import type { Route } from 'playwright-core';
import { expect, test } from 'vitest';
import { listAt, valueAt } from '../../test/e2e/replies.js';
import { answerFor, comeBackTo, drawn, onStage, purposeAt } from './stage.js';

const ID = 'improve';
const TITLE = 'Improving our products';

type Fault = {
  readonly named: string;
  readonly meet: (route: Route) => Promise<void>;
  readonly says: RegExp;
  /** Whether the service had recorded it all the same. */
  readonly recorded?: true;
};

const problem = (status: number, code: string) => ({
  status,
  contentType: 'application/problem+json',
  body: JSON.stringify({
    type: `urn:assent:problem:${code}`,
    title: '',
    status,
    detail: '',
    request_id: 'x',
  }),
});

const FAULTS: readonly Fault[] = [
  {
    named: 'the network is gone',
    meet: (route) => route.abort('internetdisconnected'),
    says: /^No answer arrived/,
  },
  {
    named: 'the answer is lost on its way back',
    meet: async (route) => {
      await route.fetch();
      await route.abort('connectionreset');
    },
    says: /^No answer arrived/,
    recorded: true,
  },
  {
    named: 'the sign-in has ended',
    meet: (route) => route.fulfill(problem(401, 'not_authenticated')),
    says: /^You are signed out/,
  },
  {
    named: 'the sign-in does not allow it',
    meet: (route) => route.fulfill(problem(403, 'caller_not_allowed')),
    says: /^This may not be/,
  },
  {
    named: 'it changed meanwhile',
    meet: (route) => route.fulfill(problem(409, 'opt_out_in_progress')),
    says: /^This changed while you were reading/,
  },
  {
    named: 'the service cannot confirm it',
    meet: (route) => route.fulfill(problem(503, 'not_confirmed')),
    says: /^The service could not confirm it/,
  },
  {
    named: 'the service fails',
    meet: (route) => route.fulfill({ status: 500, body: '<h1>oops</h1>' }),
    says: /^The service could not confirm it/,
  },
  {
    named: 'the answer is no JSON',
    meet: (route) => route.fulfill({ status: 200, body: 'ok' }),
    says: /^The answer could not be understood/,
  },
  {
    named: 'the answer is another one',
    meet: (route) => route.fulfill({ status: 200, json: { changed: 'yes' } }),
    says: /^The answer could not be understood/,
  },
];

await onStage((stage) => {
  const { open, member, people, service } = stage;
  const settingOf = async (user: string) =>
    listAt(await people.settings(user), 'purposes').find((one) => valueAt(one, 'id') === ID);
  const historyOf = async (user: string) => {
    const token = await service.token({ sub: user });
    const { body } = await service.request('GET', '/v1/users/me/history', { token });
    return listAt(body, 'events').filter((event) => valueAt(event, 'purpose') === ID);
  };

  test.each(FAULTS)(
    'when $named, what holds is shown, and trying again records it once',
    async ({ meet, says, recorded }) => {
      const user = await member('US-CA');
      const page = await open(user);
      const item = purposeAt(page, ID);
      const { refuse } = answerFor(page, TITLE);
      await page.route(`**/choices/${ID}`, meet);
      await refuse.click();
      await item.getByText(says).waitFor();
      expect(await item.locator('.state').first().innerText()).toBe(recorded === undefined ? 'On' : 'Off');
      expect(valueAt(await settingOf(user), 'on')).toBe(recorded === undefined);
      expect(await page.getByText(/for every decision since/).count()).toBe(0);
      await page.unroute(`**/choices/${ID}`);
      const again = item.getByRole('button', { name: 'Try again' });
      await (says.source.includes('changed while') ? refuse : again).click();
      await item.getByText(/^Off for every decision since/).waitFor();
      expect(await historyOf(user)).toHaveLength(1);
      await page.context().close();
    },
  );

  test('when a change was recorded and what holds cannot be read, it says both', async () => {
    const page = await open(await member('US-CA'));
    const item = purposeAt(page, ID);
    await page.route('**/v1/users/me/settings', (route) => route.abort());
    await answerFor(page, TITLE).refuse.click();
    await item.getByText('Recorded. What holds now could not be read.').waitFor();
    // the answer to the change says how this purpose stands
    expect(await item.locator('.state').first().innerText()).toBe('Off');
    await page.unroute('**/v1/users/me/settings');
    await item.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => item.getByText('could not be read').count()).toBe(0);
    await page.context().close();
  });

  test('when somebody clicks again and again while it is saved, one request is sent', async () => {
    const page = await open(await member('US-CA'));
    let sent = 0;
    let clicked = (): void => undefined;
    const isClicked = new Promise<void>((resolve) => (clicked = resolve));
    await page.route(`**/choices/${ID}`, async (route) => {
      sent++;
      await isClicked;
      await route.continue();
    });
    const { refuse, allow } = answerFor(page, TITLE);
    // as if it were not marked as busy
    for (const button of [refuse, allow, refuse, refuse]) await button.click({ force: true });
    clicked();
    await purposeAt(page, ID)
      .getByText(/^Off for every decision since/)
      .waitFor();
    expect(sent).toBe(1);
    await page.context().close();
  });

  test.each([
    ['signed out', (route: Route) => route.fulfill(problem(401, 'not_authenticated')), 'You are signed out'],
    ['offline', (route: Route) => route.abort(), 'No answer arrived'],
    [
      'the settings are not such',
      (route: Route) => route.fulfill({ json: { purposes: [{ id: 'x', on: true }] } }),
      'The answer could not be understood',
    ],
  ] as const)('when it opens %s, it says so and shows no setting', async (named, meet, says) => {
    const user = await member('US-CA');
    const context = await stage.chromium.newContext({
      locale: 'en',
      extraHTTPHeaders: { 'x-test-user': user },
    });
    const page = await context.newPage();
    await page.route('**/v1/users/me/settings', meet);
    await page.goto(`${stage.host.url}/settings`);
    await page.getByRole('alert').getByText(says).waitFor();
    expect(await page.getByText(/\bOn\b|\bOff\b/).count()).toBe(0);
    if (named === 'signed out')
      expect(await page.getByRole('link', { name: 'Sign in' }).getAttribute('href')).toBe(
        `${stage.host.url}/session/sign-in?to=/settings`,
      );
    await page.unroute('**/v1/users/me/settings');
    await page.getByRole('button', { name: 'Try again' }).click();
    await drawn(page);
    await context.close();
  });

  test('when another tab changed something, this one shows it when somebody comes back to it', async () => {
    const user = await member('US-CA');
    const one = await open(user);
    const other = await one.context().newPage();
    await other.goto(`${stage.host.url}/settings`);
    await answerFor(other, TITLE).refuse.click();
    await purposeAt(other, ID)
      .getByText(/^Off for every decision since/)
      .waitFor();
    await comeBackTo(one);
    await expect.poll(() => purposeAt(one, ID).locator('.state').first().innerText()).toBe('Off');
    await one.context().close();
  });

  test('when somebody comes back offline, it says that no answer arrived, and reads anew once there is one', async () => {
    const user = await member('US-CA');
    const page = await open(user);
    await page.context().setOffline(true);
    await comeBackTo(page);
    await page.getByText('No answer arrived. What is shown was confirmed last.').waitFor();
    await people.choose(user, ID, 'denied');
    await page.context().setOffline(false);
    await expect.poll(() => purposeAt(page, ID).locator('.state').first().innerText()).toBe('Off');
    expect(await page.getByText('No answer arrived').count()).toBe(0);
    await page.context().close();
  });

  test('when two tabs answer differently, a yes that had not seen the no is refused, and both show what holds', async () => {
    const user = await member('US-CA');
    const one = await open(user);
    const other = await one.context().newPage();
    await other.goto(`${stage.host.url}/settings`);
    // what it shows must be from before the no
    await drawn(other);
    await answerFor(one, TITLE).refuse.click();
    await purposeAt(one, ID)
      .getByText(/^Off for every decision since/)
      .waitFor();
    await answerFor(other, TITLE).allow.click();
    await purposeAt(other, ID)
      .getByText(/^This changed while you were reading/)
      .waitFor();
    expect(valueAt(await settingOf(user), 'choice')).toBe('denied');
    expect(await purposeAt(other, ID).locator('.state').first().innerText()).toBe('Off');
    await answerFor(other, TITLE).allow.click();
    await purposeAt(other, ID)
      .getByText(/^On for every decision since/)
      .waitFor();
    await comeBackTo(one);
    await expect.poll(() => purposeAt(one, ID).locator('.state').first().innerText()).toBe('On');
    expect(valueAt(await settingOf(user), 'on')).toBe(true);
    // what it was told before no longer holds, and is not said any more
    await expect
      .poll(() =>
        purposeAt(one, ID)
          .getByText(/for every decision since/)
          .count(),
      )
      .toBe(0);
    await one.context().close();
  });

  test('when a record was erased, the page asks for nothing more', async () => {
    const user = await member('US-CA');
    const page = await open(user);
    await page.getByRole('button', { name: 'My record' }).click();
    await page.getByRole('textbox').fill('erase');
    await page.getByRole('button', { name: 'Erase my record' }).click();
    await page.getByText('Nothing was erased. Type ERASE in the field first.').waitFor();
    expect(await page.getByRole('textbox').inputValue()).toBe('erase');
    expect(valueAt(await people.settings(user), 'known')).toBe(true);
    await page.getByRole('textbox').fill('ERASE');
    await page.getByRole('button', { name: 'Erase my record' }).click();
    await page.getByText('Your record is erased. This page asks for nothing more.').waitFor();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await comeBackTo(page);
    await page.waitForLoadState('networkidle');
    expect(requests).toEqual([]);
    expect(valueAt(await people.settings(user), 'known')).toBe(false);
    await page.context().close();
  });

  test.each([
    ['where the law closes a purpose', 'CN', 'adult'],
    ['for a minor', 'US-CA', 'minor'],
    ['for an unknown age', 'DE', 'unknown'],
  ])(
    'when somebody opens it %s, sentences say so and no control is dead',
    async (_named, region, ageBand) => {
      const user = await member(region, ageBand);
      const page = await open(user);
      for (const one of listAt(await people.settings(user), 'purposes')) {
        const because = valueAt(one, 'because');
        const group = page.getByRole('group', {
          name: `${String(valueAt(one, 'title'))}: your answer`,
          exact: true,
        });
        const isShut = because === 'age' || because === 'regime' || because === 'unknown_user';
        if (isShut || listAt(one, 'offers').length === 0) expect(await group.count()).toBe(0);
        await expect(purposeAt(page, String(valueAt(one, 'id'))).innerText()).resolves.toContain(
          String(valueAt(one, 'why')),
        );
      }
      await page.context().close();
    },
  );

  test('when nothing is known of somebody, the page says so and offers nothing that would not count', async () => {
    const page = await open('a-stranger');
    expect(await page.getByText('This is off because we do not know yet').count()).toBeGreaterThan(3);
    expect(await page.locator('button[value="granted"]').count()).toBe(0);
    await page.context().close();
  });
});
