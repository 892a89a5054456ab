/** What somebody is asked when the text that they agreed to has changed, also while they read it. */
import { expect, test } from 'vitest';
import { adminsOf, documentInForce, publishDocument } from '../../test/e2e/admins.js';
import { listAt, valueAt } from '../../test/e2e/replies.js';
import { answerFor, drawn, onOwnStage, purposeAt } from './stage.js';

const ID = 'recruiting';
const TITLE = 'Being found by recruiters';

await onOwnStage((stage) => {
  const { open, member, people, service } = stage;

  /** Publishes another description of the purpose, and its number as a notice. */
  async function publish(change: (description: string) => string, notice: number): Promise<void> {
    const admins = await adminsOf(service);
    const document = await documentInForce(admins);
    await publishDocument(
      admins,
      {
        ...document,
        purposes: document.purposes.map((one) =>
          one.id === ID ? { ...one, description: change(one.description), notice } : one,
        ),
      },
      { [ID]: notice },
    );
  }

  test('what was agreed to stands beside what it says now, with the words that changed marked', async () => {
    const user = await member('DE');
    await people.choose(user, ID, 'granted');
    await publish((text) => text.replace('salary details', 'home address'), 2);
    const page = await open(user);
    expect(await purposeAt(page, ID).locator('.state').first().innerText()).toBe('Off');
    await page.getByRole('button', { name: 'Review', exact: true }).click();
    const item = page.locator('li.purpose', { hasText: TITLE }).first();
    await item.getByText('What you agreed to').waitFor();
    expect(await item.locator('del').allInnerTexts()).toEqual(['salary details ']);
    expect(await item.locator('ins').allInnerTexts()).toEqual(['home address ']);
    const { refuse, allow } = answerFor(page, TITLE);
    for (const button of [refuse, allow]) expect(await button.getAttribute('aria-pressed')).toBe('false');
    await allow.click();
    await item.getByText(/^On for every decision since/).waitFor();
    await page.context().close();
  });

  test('an undo is no yes to a text that has changed since the yes before', async () => {
    const user = await member('DE');
    await people.choose(user, ID, 'granted', 2);
    await publish((text) => `${text} It is also kept for longer.`, 3);
    const page = await open(user);
    await answerFor(page, TITLE).refuse.click();
    const item = purposeAt(page, ID);
    await item.locator('.result.done').waitFor();
    expect(await item.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    await people.choose(user, ID, 'granted', 3);
    await publish((text) => `${text} It is also kept elsewhere.`, 4);
    await page.reload();
    await drawn(page);
    await page.getByRole('button', { name: 'Refuse all' }).click();
    await page.locator('.all .result.done').waitFor();
    const undo = page.locator('.all').getByRole('button', { name: 'Undo' });
    if ((await undo.count()) > 0) {
      await undo.click();
      await page
        .getByText(/^Taken back/)
        .first()
        .waitFor();
    }
    expect(
      listAt(await people.settings(user), 'purposes').find((one) => valueAt(one, 'id') === ID),
    ).toMatchObject({ choice: 'denied', on: false });
    await page.context().close();
  });

  test('a text that changes while somebody reads it is not agreed to: the new one is shown first', async () => {
    const user = await member('DE');
    const page = await open(user);
    await page.getByRole('button', { name: 'Review', exact: true }).click();
    const { allow } = answerFor(page, TITLE);
    await allow.waitFor();
    await publish((text) => `${text} It is also shown to partners.`, 5);
    await allow.click();
    await page
      .getByText(/^This changed while you were reading/)
      .first()
      .waitFor();
    const events = listAt(
      (await service.request('GET', '/v1/users/me/history', { token: await service.token({ sub: user }) }))
        .body,
      'events',
    );
    expect(events.filter((event) => valueAt(event, 'purpose') === ID)).toEqual([]);
    await page.getByText('It is also shown to partners.').waitFor();
    await allow.click();
    await page
      .getByText(/^On for every decision since/)
      .first()
      .waitFor();
    await page.context().close();
  });
});
