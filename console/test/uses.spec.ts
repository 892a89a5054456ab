/** The record of use is found, counted and exported as the service has it, and nobody is looked up unawares. */
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { timesOf, usesCounted } from '../../test/e2e/on-record.js';
import { peopleOf } from '../../test/e2e/people.js';
import { listAt, textAt } from '../../test/e2e/replies.js';
import { LOOKS, faultsIn } from './looks.js';
import { onStage, pictureOf } from './stage.js';

const OFFICER = ['privacy_officer'] as const;
const REASON = 'complaint 17';

/** The section of a view by its heading. */
const sectionOf = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

await onStage(({ service, open }) => {
  let uses: readonly unknown[] = [];
  beforeAll(async () => {
    const people = await peopleOf(service);
    for (const user of ['u-1', 'u-2']) await people.register(user, 'US-NY');
    const token = await service.token({ sub: 'ads', purposes: ['ads.personalised'] });
    for (const field of ['member.skills', 'message.body', 'member.salary'])
      for (const user of ['u-1', 'u-2', 'u-unknown'])
        await service.request('POST', '/access/v1/evaluation', {
          token,
          body: {
            subject: { type: 'purpose', id: 'ads.personalised' },
            action: { name: 'read' },
            resource: { type: 'field', id: field, properties: { user } },
          },
        });
    uses = await usesCounted(service);
  });

  const lookups = async () => {
    const token = await service.token({ sub: 'u-1' });
    const { body } = await service.request('GET', '/v1/users/me/uses', { token });
    return listAt(body, 'lookups').map((lookup) => textAt(lookup, 'reason'));
  };

  test('a number leads to what was counted, and from there to whose data it was, which is noted only once somebody was told so', async () => {
    const page = await open('oda', OFFICER, 'uses?client=ads');
    const counts = sectionOf(page, 'How often').getByRole('table');
    await counts.waitFor();
    const refused = uses.filter((use) => textAt(use, 'reason') === 'floor');
    await counts.getByTitle(/^Show the uses: floor, /).click();
    const list = sectionOf(page, 'The uses').getByRole('table');
    await expect.poll(() => list.locator('tbody tr').count()).toBe(refused.length);
    expect(await list.locator('tbody').innerText()).toContain('message.body');
    await list.getByRole('link', { name: 'Whose data' }).click();
    const people = page.getByRole('complementary', { name: 'Whose data it was' });
    await people.getByRole('table').waitFor();
    await people.getByText(/^Before the ids are shown, it is noted that you looked/).waitFor();
    expect(await people.innerText()).not.toContain('u-1');
    expect(await lookups()).toEqual([]);
    const address = page.url();
    await people.getByLabel('Your reason').fill(REASON);
    await page.keyboard.press('Enter');
    await people.getByText('u-1').waitFor();
    await people.getByText('It was noted that you looked.').waitFor();
    expect(await lookups()).toEqual([REASON]);
    // whoever gets the link is told first as well
    expect(page.url()).toBe(address);
    await page.reload();
    await people.getByLabel('Your reason').waitFor();
    expect(await people.innerText()).not.toContain('u-1');
    expect(await lookups()).toEqual([REASON]);
    await page.context().close();
  });

  test('who looks for a purpose is told of its parts, whose uses stand under their own names', async () => {
    const page = await open('oda', OFFICER, 'uses?purpose=ads&client=ads');
    await page.getByText('Nothing of this was recorded.').first().waitFor();
    await page.getByRole('link', { name: 'ads.personalised', exact: true }).click();
    const list = sectionOf(page, 'The uses').getByRole('table');
    await expect.poll(() => list.locator('tbody tr').count()).toBe(uses.length);
    await page.context().close();
  });

  test('its numbers are those of the record, however they are divided, and lead to what they count alone', async () => {
    const [day = ''] = uses.map((use) => textAt(use, 'day')).sort();
    const page = await open('oda', OFFICER, `uses?every=month&from=${day}`);
    const counts = sectionOf(page, 'How often').getByRole('table');
    const bars = sectionOf(page, 'How often').locator('figure rect');
    const permitted = uses.filter((use) => textAt(use, 'reason') === 'permitted');
    let largest: number | undefined;
    for (const by of ['client', 'purpose', 'reason'] as const) {
      await page.getByRole('combobox', { name: 'Divided by' }).selectOption(by);
      const names = [
        ...new Set(uses.map((use) => (by === 'purpose' ? textAt(use, by, 'id') : textAt(use, by)))),
      ].sort();
      const heads = counts.locator('thead th');
      await expect
        .poll(async () =>
          (await heads.allInnerTexts())
            .slice(3)
            .map((text) => text.replace(/^\S+\s+/, ''))
            .sort(),
        )
        .toEqual(names);
      const cells = await counts.locator('tbody tr').first().getByRole('cell').allInnerTexts();
      const [total, open, ...parts] = cells.map(Number);
      expect(total).toBe(timesOf(uses));
      expect(open).toBe(timesOf(permitted));
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total);
      expect(await bars.count()).toBe(parts.filter((part) => part > 0).length);
      largest = parts[0];
    }
    await counts.getByTitle(/^Show the uses: Permitted, /).click();
    const list = sectionOf(page, 'The uses').getByRole('table');
    await expect.poll(() => list.locator('tbody tr').count()).toBe(permitted.length);
    // the month begins earlier, and its number does not
    expect(new URL(page.url()).searchParams.get('from')).toBe(day);
    await page.getByRole('combobox', { name: 'Answer' }).selectOption('');
    await expect.poll(() => counts.locator('tbody td').first().innerText()).toBe(String(timesOf(uses)));
    // the first of the bars is the first of the parts
    await bars.first().click();
    await expect.poll(() => new URL(page.url()).searchParams.get('reason')).not.toBeNull();
    await expect.poll(() => counts.locator('tbody td').first().innerText()).toBe(String(largest));
    await page.context().close();
  });

  test.each([
    ['CSV', 'text/csv'],
    ['lines of JSON', 'application/x-ndjson'],
  ])('what is shown is exported whole, as %s of the service', async (name, type) => {
    const page = await open('oda', OFFICER, 'uses?verdict=refused&purpose=ads.personalised');
    const loading = page.waitForEvent('download');
    await page.getByRole('button', { name: `Export all as ${name}` }).click();
    const file = await readFile(await (await loading).path(), 'utf8');
    const token = await service.token({ sub: 'oda', roles: [...OFFICER] });
    const { body } = await service.request('GET', '/v1/uses?permitted=false&purpose=ads.personalised', {
      token,
      headers: { accept: type },
    });
    expect(file).toBe(body);
    expect(file).toContain('floor');
    await page.context().close();
  });

  test('an auditor sees numbers, and why no ids', async () => {
    const auditor = await open('aud', ['auditor'], 'uses?reason=floor');
    await sectionOf(auditor, 'The uses').getByRole('link', { name: 'Whose data' }).click();
    const people = auditor.getByRole('complementary', { name: 'Whose data it was' });
    await people.getByText(/^Who they are is only for the role privacy_officer/).waitFor();
    expect(await people.getByRole('textbox').count()).toBe(0);
    // what does not come takes nothing away
    await auditor.route(/\/people(\?|$)/, async (route) => {
      if (route.request().url().includes('cursor')) {
        await route.fulfill({ status: 400, contentType: 'application/json', body: '{}' });
        return;
      }
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...Object(await response.json()), next: 'more' } });
    });
    await auditor.reload();
    await people.getByRole('button', { name: 'Show earlier ones' }).click();
    await people.getByRole('alert').waitFor();
    expect(await people.getByRole('table').locator('tbody tr').count()).toBeGreaterThan(0);
    await auditor.context().close();
  });

  test('what cannot be read says so, and can be asked for again', async () => {
    const page = await open('oda', OFFICER);
    await page.route(/\/v1\/uses$/, (route) => route.fulfill({ status: 500, body: 'nonsense' }));
    await page.route('**/v1/uses/counts?**', (route) =>
      route.fulfill({
        status: 409,
        contentType: 'application/problem+json',
        body: JSON.stringify({ type: 'urn:assent:problem:nothing_recorded', detail: 'off' }),
      }),
    );
    await page.getByRole('link', { name: 'Uses' }).click();
    await sectionOf(page, 'How often')
      .getByText(/^This service keeps no record/)
      .waitFor();
    const list = sectionOf(page, 'The uses');
    await list.getByRole('alert').waitFor();
    await page.unrouteAll();
    await list.getByRole('button', { name: 'Try again' }).click();
    await list.getByRole('table').waitFor();
    await page.context().close();
  });

  test.each(LOOKS)(
    'in %s, at %i pixels, in %s, it has no fault that axe finds',
    async (colorScheme, width, language) => {
      const page = await open('oda', OFFICER, 'uses?reason=floor', {
        colorScheme,
        viewport: { width, height: 800 },
      });
      await page.getByRole('link', { name: 'Whose data' }).click();
      await page.getByRole('complementary').getByRole('table').waitFor();
      await page.getByRole('combobox', { name: 'Reason' }).selectOption('');
      await sectionOf(page, 'How often')
        .getByTitle(/permitted/)
        .first()
        .waitFor();
      expect(await faultsIn(page, language)).toEqual([]);
      await pictureOf(page, `uses-${colorScheme}-${width}`);
      await page.context().close();
    },
  );
});
