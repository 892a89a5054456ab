/** The matrix says what the service decides, and can be read with the keyboard, by ear and in the dark. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { documentInForce } from '../../test/e2e/admins.js';
import { valueAt } from '../../test/e2e/replies.js';
import { peopleOf } from '../../test/e2e/people.js';
import { LOOKS, faultsIn } from './looks.js';
import { onStage, pictureOf } from './stage.js';
import { fileOf } from './tables.js';

const OFFICER = ['privacy_officer'] as const;

/** A cell by its names. */
const cellOf = (page: Page, purpose: string, field: string) =>
  page.locator(`[role="gridcell"][aria-label^="${purpose}, ${field}: "]`);

await onStage(({ service, admins, open }) => {
  test('each of its cells is what the service decides about a user of that kind', async () => {
    const people = await peopleOf(service);
    await people.register('of-berlin', 'DE');
    await people.register('of-texas', 'US-TX');
    const document = await documentInForce(admins);
    const page = await open('oda', OFFICER, 'matrix', { viewport: { width: 1800, height: 2000 } });
    for (const [user, regime] of [
      ['of-berlin', undefined],
      ['of-texas', document.regimes.find(({ regions }) => regions.includes('US'))?.id],
    ] as const) {
      if (regime !== undefined) await page.goto(`${service.url}/console/matrix?regime=${regime}`);
      await page.getByRole('grid').waitFor();
      const shown = await page
        .locator('[role="gridcell"]')
        .evaluateAll((cells) => cells.map((cell) => [cell.ariaLabel, cell.textContent === '●']));
      const [head = '', first = ''] = await fileOf(page, 'Export as CSV');
      expect(head).toMatch(/^policy,regime,age,answered,gpc,purpose,field,/);
      expect(first.split(',').slice(1, 5)).toEqual([
        regime ?? document.regimes[0]?.id,
        'adult',
        'nothing',
        'no',
      ]);
      const told = new Map(shown.map(([label, isOpen]) => [String(label).split(': ')[0], isOpen]));
      expect(told.size).toBe(document.purposes.length * document.fields.length);
      for (const { id: purpose, conditions } of document.purposes) {
        // the matrix is of requests that meet every condition
        if (conditions !== undefined) continue;
        const token = await service.token({ sub: 'pep', purposes: [purpose] });
        const { body } = await service.request('POST', '/access/v1/evaluations', {
          token,
          body: {
            subject: { type: 'purpose', id: purpose },
            action: { name: 'read' },
            evaluations: document.fields.map(({ id }) => ({
              resource: { type: 'field', id, properties: { user } },
            })),
          },
        });
        const answers = valueAt(body, 'evaluations');
        for (const [place, { id }] of document.fields.entries())
          expect([purpose, id, told.get(`${purpose}, ${id}`)]).toEqual([
            purpose,
            id,
            valueAt(Array.isArray(answers) ? answers[place] : undefined, 'decision'),
          ]);
      }
    }
    await page.context().close();
  });

  test('somebody who has never seen it finds why a purpose may not read a field, and can share the place', async () => {
    const page = await open('ann', ['policy_admin']);
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').locator('input:focus').waitFor();
    await page.keyboard.type('salary');
    await page.getByRole('menuitem', { name: 'member.salary' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('grid').waitFor();
    await cellOf(page, 'ads.personalised', 'member.salary').click();
    const why = page.getByRole('complementary', { name: 'ads.personalised may not read member.salary' });
    await why.getByText('The field is closed to the purpose by its never or only.').waitFor();
    // the rule itself, not only that there is one
    await why.getByText(/^ads, /).waitFor();
    await page.getByLabel('Find a purpose or field').fill('ads.personalised member.salary');
    await expect.poll(() => page.locator('[role="gridcell"]').count()).toBe(1);
    // the numbers are those of what is found
    await expect
      .poll(() => page.locator('.legend button[aria-pressed]').allInnerTexts())
      .toEqual([expect.stringMatching(/field_prohibited\s1$/)]);
    await page.getByLabel('Find a purpose or field').fill('salary');
    const shared = await page.context().newPage();
    await shared.goto(page.url());
    await shared
      .getByRole('complementary', { name: 'ads.personalised may not read member.salary' })
      .waitFor();
    await shared.goto(`${service.url}/console/matrix?with=law:NOWHERE`);
    await shared.getByText('This version has no law NOWHERE, so nothing is compared.').waitFor();
    await page.context().close();
  });

  test('Back takes back what was chosen, one by one, and is not led through what was typed', async () => {
    const { regimes } = await documentInForce(admins);
    const regime = regimes.at(-1)?.id ?? '';
    const page = await open('oda', OFFICER, 'matrix', { viewport: { width: 1800, height: 2000 } });
    await page.getByRole('grid').waitFor();
    await page.getByLabel('Law where the person lives').selectOption(regime);
    const why = page.getByRole('complementary', { name: /^ads may (not )?read member\.skills/ });
    await cellOf(page, 'ads', 'member.skills').click();
    await why.waitFor();
    // chosen again, it is no step
    await cellOf(page, 'ads', 'member.skills').click();
    const find = page.getByLabel('Find a purpose or field');
    await find.pressSequentially('member.skills');
    await page.waitForURL(/find=member\.skills$/);
    const whole = page.url();
    await page.goBack();
    await why.waitFor({ state: 'detached' });
    expect([await find.inputValue(), new URL(page.url()).search]).toEqual(['', `?regime=${regime}`]);
    await page.goBack();
    await expect.poll(() => page.url()).toBe(`${service.url}/console/matrix`);
    await page.goForward();
    await page.goForward();
    await why.waitFor();
    expect([await find.inputValue(), page.url()]).toEqual(['member.skills', whole]);
    // and where the choice names a person
    await page.goto(
      `${service.url}/console/replay#purpose=ads&field=member.skills&user=one&policy=p&revision=r`,
    );
    const user = page.getByLabel('Id of the person');
    await user.fill('other');
    await page.getByRole('button', { name: 'Repeat the decision' }).click();
    await expect.poll(() => page.url()).toContain('user=other');
    await page.goBack();
    await expect.poll(() => user.inputValue()).toBe('one');
    await page.context().close();
  });

  test('the keyboard alone goes through it', async () => {
    const page = await open('ann', ['policy_admin'], 'matrix');
    await page.getByRole('grid').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.locator('#view').evaluate((view) => view.matches(':focus'))).toBe(true);
    expect(page.url()).toMatch(/\/console\/matrix$/);
    await page.locator('[role="gridcell"][tabindex="0"]').focus();
    const focused = () => page.evaluate(() => document.activeElement?.ariaLabel?.split(':')[0]);
    const { purposes, fields } = await documentInForce(admins);
    const [first, second] = purposes.map(({ id }) => id);
    const [top, below] = fields.map(({ id }) => id);
    for (const [key, place] of [
      ['ArrowRight', `${second}, ${top}`],
      ['ArrowDown', `${second}, ${below}`],
      ['Home', `${first}, ${below}`],
      ['Control+End', `${purposes.at(-1)?.id}, ${fields.at(-1)?.id}`],
      ['Control+Home', `${first}, ${top}`],
    ] as const) {
      await page.keyboard.press(key);
      await expect.poll(focused).toBe(place);
    }
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: new RegExp(`^${first} may `) }).waitFor();
    await page.context().close();
  });

  test.each(LOOKS)(
    'in %s, at %i pixels, in %s, it has no fault that axe finds',
    async (colorScheme, width, language) => {
      const page = await open('oda', OFFICER, 'matrix?said=denied&cell=ads/member.skills', {
        colorScheme,
        viewport: { width, height: 800 },
      });
      await page.getByRole('grid').waitFor();
      expect(await faultsIn(page, language)).toEqual([]);
      // texts of the policy are in the language of the page as well
      await page.locator('header select').selectOption('de');
      await page
        .getByRole('option', { name: 'Vereinigtes Königreich' })
        .first()
        .waitFor({ state: 'attached' });
      await pictureOf(page, `matrix-${colorScheme}-${width}`);
      await page.context().close();
    },
  );
});
