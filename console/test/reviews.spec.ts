/** What is to be looked at again: who reviews it, and what waits for whom at home. */
import { beforeAll, expect, test } from 'vitest';
import { documentInForce, ok, publishDocument } from '../../test/e2e/admins.js';
import { listAt, textAt, valueAt } from '../../test/e2e/replies.js';
import { onStage } from './stage.js';
import { rowsOf } from './tables.js';

const OFFICER = ['privacy_officer'] as const;
const DAY_MS = 86_400_000;
const YESTERDAY = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10);
const LATER = new Date(Date.now() + 400 * DAY_MS).toISOString().slice(0, 10);

await onStage(({ service, admins, open }) => {
  beforeAll(async () => {
    const document = await documentInForce(admins);
    await publishDocument(admins, {
      ...document,
      purposes: document.purposes.map((purpose) =>
        ['ai', 'ads'].includes(purpose.id) ? { ...purpose, review_by: YESTERDAY } : purpose,
      ),
    });
  });

  const dueNow = async (within = 'P99Y') =>
    listAt(ok(await admins.send('oda', 'GET', `/due?within=${within}`)), 'due');

  test('each purpose is shown with its day, its owner and its legal basis under each law', async () => {
    const page = await open('auditor', ['auditor'], 'reviews?within=P99Y');
    const { purposes, regimes } = await documentInForce(admins);
    const due = await dueNow();
    const [{ until } = { until: '' }] = [Object(ok(await admins.send('oda', 'GET', '/due?within=P99Y')))];
    const dueRows = () => rowsOf(page, `Due by ${String(until)}`);
    // the legal basis comes with the policy, which is read besides
    await expect
      .poll(async () => (await dueRows()).map((row) => row['Legal basis by law']))
      .not.toContain('');
    const shown = await dueRows();
    expect(shown).toHaveLength(due.length);
    for (const [place, one] of due.entries()) {
      const row = shown[place];
      const purpose = textAt(one, 'purpose');
      expect(row?.['Purpose']).toContain(purpose);
      expect(row?.['Who answers for it']).toBe(valueAt(one, 'owner'));
      expect(row?.['Due on']).toBe(
        `${textAt(one, 'due_on')}${valueAt(one, 'is_overdue') === true ? '■ overdue' : ''}`,
      );
      for (const regime of Object.keys(purposes.find(({ id }) => id === purpose)?.legal_basis ?? {}))
        expect(row?.['Legal basis by law']).toContain(regimes.find(({ id }) => id === regime)?.title);
    }
    expect(await page.getByRole('button', { name: /Review it/ }).count()).toBe(0);
    await page.getByText('You may not do this: this is for admins with the role privacy_officer.').waitFor();
    await page.context().close();
  });

  test('an officer goes from home to what is due and records what was found, and then it is not due', async () => {
    const page = await open('oda', OFFICER);
    await page.getByRole('heading', { name: 'Purposes to look at again (2)' }).waitFor();
    const ai = (await dueNow('P0D')).find((one) => valueAt(one, 'purpose') === 'ai');
    await page.getByRole('link', { name: textAt(ai, 'title') }).click();
    const finding = page.getByLabel('What was found');
    await page.getByRole('button', { name: 'Record the review' }).click();
    await page.getByText('Say what was found.').waitFor();
    await finding.fill('The balance still holds.\nComplaints went down.');
    await page.getByLabel(/^Next review by/).fill(LATER);
    await page.getByRole('button', { name: 'Record the review' }).click();
    await page.getByText('The review of ai is recorded.').waitFor();
    expect(await rowsOf(page, 'Reviews')).toEqual([
      expect.objectContaining({
        Purpose: 'ai',
        By: 'oda (privacy_officer)',
        Finding: 'The balance still holds.\nComplaints went down.',
        'Day that it answers': YESTERDAY,
        'Next by': LATER,
      }),
    ]);
    expect((await dueNow('P0D')).map((one) => valueAt(one, 'purpose'))).toEqual(['ads']);
    await page.getByRole('link', { name: 'Home' }).click();
    await page.getByRole('heading', { name: 'Purposes to look at again (1)' }).waitFor();
    await page.context().close();
  });

  test('what was written stays when the session has ended or the service fails, and is recorded once', async () => {
    const page = await open('olaf', OFFICER, 'reviews?within=P99Y&purpose=ads');
    const finding = page.getByLabel('What was found');
    const record = page.getByRole('button', { name: 'Record the review' });
    await finding.fill('Nothing to change.');
    await page.getByRole('button', { name: 'Review it: ai', exact: true }).click();
    await expect.poll(() => finding.inputValue()).toBe('');
    await page.getByRole('button', { name: 'Review it: ads', exact: true }).click();
    await expect.poll(() => finding.inputValue()).toBe('Nothing to change.');
    const cookies = await page.context().cookies();
    await page.context().clearCookies();
    await record.click();
    await page.getByRole('alert').waitFor();
    expect(await finding.inputValue()).toBe('Nothing to change.');
    await page.context().addCookies(cookies);
    await page.route('**/v1/policies/reviews', (route) => route.fulfill({ status: 500, body: '' }));
    await record.click();
    await page.getByText('The answer could not be understood').waitFor();
    expect(await page.getByText('is recorded').count()).toBe(0);
    await page.unroute('**/v1/policies/reviews');
    await record.click();
    await page.getByText('The review of ads is recorded.').waitFor();
    const reviews = listAt(ok(await admins.send('oda', 'GET', '/reviews')), 'reviews');
    expect(reviews.filter((one) => valueAt(one, 'purpose') === 'ads')).toHaveLength(1);
    await page.context().close();
  });

  test('home shows each what waits for them alone', async () => {
    const draft = await admins.draft('bob');
    for (const [who, roles, heading] of [
      ['cat', ['policy_admin'], 'To look at, and to approve or decline'],
      ['bob', ['policy_admin'], 'Yours'],
    ] as const) {
      const page = await open(who, roles);
      await page.getByRole('heading', { name: heading, exact: true }).waitFor();
      const link = page.getByRole('link', { name: 'a test' });
      expect(await link.getAttribute('href')).toBe(`/console/drafts/${draft.id}/decide`);
      expect(await page.getByRole('heading', { name: /^To look at|^Yours/ }).count()).toBe(1);
      await page.context().close();
    }
  });

  test('home that cannot be told what waits does not say that nothing does', async () => {
    const page = await open('oda', OFFICER);
    await page.route('**/v1/waiting', (route) => route.fulfill({ status: 503, body: '' }));
    await page.goto(`${service.url}/console/`);
    await page.getByRole('alert').waitFor();
    expect(await page.getByText('Nothing waits for you.').count()).toBe(0);
    await page.context().close();
  });
});
