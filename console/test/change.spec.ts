/** The way of a change through three people: who writes it, who approves it, what users see of it, and the way back. */
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { type SeenDraft, documentInForce, draftOf } from '../../test/e2e/admins.js';
import { type People, peopleOf } from '../../test/e2e/people.js';
import { settingOf, valueAt } from '../../test/e2e/replies.js';
import { onStage } from './stage.js';

const ADMIN = ['policy_admin'] as const;
const PURPOSE = 'recruiting';

await onStage(({ service, admins, open }) => {
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
  const stateOf = async () => valueAt(settingOf(await people.settings('texan'), PURPOSE), 'state');
  const decide = (draft: SeenDraft) => `drafts/${draft.id}/decide`;
  const may = (page: Page, what: string) => page.getByRole('region', { name: what, exact: true });

  test('one writes it, two approve what they have read, and it is in force for users when its author publishes it', async () => {
    const draft = await widening('First.');
    const before = await stateOf();
    const ann = await open('ann', ADMIN, decide(draft));
    await ann.getByText('2 approvals are missing.').waitFor();
    await may(ann, 'Approve').getByText('nobody approves their own').waitFor();
    expect(await may(ann, 'Approve').getByRole('button').count()).toBe(0);
    for (const who of ['bob', 'cat']) {
      const page = await open(who, ADMIN, decide(draft));
      await page.getByText('Something turns for 1 of 1 people.').waitFor();
      await page.getByText('may now read').first().waitFor();
      await page.locator('ins', { hasText: 'First' }).waitFor();
      await may(page, 'Approve').getByRole('button', { name: 'Approve' }).click();
      await page.getByText('Your approval counts.').waitFor();
      await page.context().close();
    }
    const publish = may(ann, 'Publish');
    // she need not ask for it again
    await publish.getByRole('button', { name: 'Publish now' }).waitFor();
    await publish.getByLabel(`Ask those who granted ${PURPOSE} again`).check();
    expect(await stateOf()).toEqual(before);
    await publish.getByRole('button', { name: 'Publish now' }).click();
    await ann.getByText('It has been published.').waitFor();
    expect(await stateOf()).not.toEqual(before);
    await ann.context().close();
  });
});
