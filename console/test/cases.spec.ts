/** Cases are opened, approved by somebody else, extended and closed; what none of them opens is what the service refuses. */
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { violationsOn } from '../../settings/test/axe.js';
import { looksAt, isReason } from '../../src/decision/reasons.js';
import { documentInForce, ok } from '../../test/e2e/admins.js';
import { usesCounted } from '../../test/e2e/on-record.js';
import { peopleOf } from '../../test/e2e/people.js';
import { listAt, textAt, valueAt } from '../../test/e2e/replies.js';
import { LOOKS, faultsIn } from './looks.js';
import { onStage, pictureOf } from './stage.js';

const REPORTS = 'safety.report_review';
const INVESTIGATIONS = 'security.investigation';
const DAY_MS = 86_400_000;

const sectionOf = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const idIn = (page: Page) => new URL(page.url()).pathname.split('/').at(-1) ?? '';

/** Does one thing to the case that is shown. */
async function act(page: Page, title: string, reason = 'a test') {
  const acts = sectionOf(page, 'What you can do');
  await acts.getByText(title, { exact: true }).first().click();
  const form = acts.getByRole('form', { name: title });
  await form.getByLabel('Why, for whoever looks at the case later').fill(reason);
  await form.getByRole('button', { name: title }).click();
}

await onStage(({ service, admins, open }) => {
  let safety = '';
  beforeAll(async () => {
    const people = await peopleOf(service);
    await people.register('u-1', 'DE');
    safety = await service.token({
      sub: 'safety',
      purposes: [REPORTS, INVESTIGATIONS],
      scope: 'cases:write',
    });
  });

  const of = (sub: string, role: string) => service.token({ sub, roles: [role] });
  const send = async (token: string, path: string, body: object, headers = {}) =>
    service.request('POST', `/v1/cases${path}`, { token, body, headers });
  const opened = async (token: string, over: object) => {
    const reply = await send(token, '', {
      user: 'u-1',
      reason: 'a test',
      expires_at: new Date(Date.now() + DAY_MS).toISOString(),
      ...over,
    });
    expect(reply.status, JSON.stringify(reply.body)).toBe(201);
    return textAt(reply.body, 'id');
  };
  const report = () =>
    opened(safety, { purpose: REPORTS, report: 'r-1', items: ['m-1', 'm-2'], reviewers: [{ id: 'rita' }] });
  const investigation = async () =>
    opened(await of('ivan', 'security_investigator'), {
      purpose: INVESTIGATIONS,
      fields: ['message.metadata'],
      reviewers: [{ id: 'ivan' }],
    });
  const statusOf = async (id: string) => {
    const token = await of('aud', 'auditor');
    return valueAt(ok(await service.request('GET', `/v1/cases/${id}`, { token })), 'status');
  };

  test('an investigator opens a case with all that it demands, and is told that somebody else must approve it', async () => {
    const page = await open('ivan', ['security_investigator', 'case_approver'], 'cases');
    await page.getByText('Open a case', { exact: true }).click();
    const form = page.getByRole('form', { name: 'Open a case' });
    await form.getByLabel('Id of the person whose data is to be read').fill('u-1');
    await form.getByLabel('Fields that are to be read').fill('message.metadata\nmember.nonsense');
    await form.getByLabel('Ids of those who are to read').fill('ivan\niris');
    await form.getByLabel('Why, for whoever looks at the case later').fill('The account was taken over.');
    const send = form.getByRole('button', { name: 'Open the case' });
    await send.click();
    // what was written stays, to be mended
    await form.getByRole('alert').getByText('`member.nonsense` is no field of the policy').waitFor();
    await form.getByLabel('Fields that are to be read').fill('message.metadata');
    await form.getByLabel('Hours until it ends (1 to 72)').fill('23');
    await send.click();
    await page.getByRole('heading', { name: /^Case / }).waitFor();
    await page.getByText('waits for a second person').waitFor();
    await page.getByText(/^22 hours 59 minutes left/).waitFor();
    await sectionOf(page, 'What you can do')
      .getByText(/^You opened this case\. Nobody approves their own case/)
      .first()
      .waitFor();
    expect(await statusOf(idIn(page))).toBe('waiting');
    await page.getByRole('link', { name: 'Cases' }).first().click();
    await page.getByRole('row', { name: /waits for a second person/ }).waitFor();
    await page.context().close();
  });

  test('whoever approves approves what they have seen: a change since is told, and nothing is approved', async () => {
    const id = await investigation();
    const page = await open('arno', ['case_approver'], `cases/${id}`);
    await page.getByText('waits for a second person').waitFor();
    const ada = await of('ada', 'case_approver');
    ok(await send(ada, `/${id}/reviewers`, { reason: 'ivan is ill', reviewers: [{ id: 'iris' }] }));
    await act(page, 'Approve the case');
    await page
      .getByRole('alert')
      .getByText(/^Something has happened to the case since/)
      .waitFor();
    expect(await statusOf(id)).toBe('waiting');
    await page.getByRole('button', { name: 'Read it again' }).click();
    await sectionOf(page, 'What happened').getByText('ivan is ill').waitFor();
    await page.getByRole('form').getByRole('button', { name: 'Approve the case' }).click();
    await page.getByText('Done.').waitFor();
    expect(await statusOf(id)).toBe('open');
    await page.context().close();
  });

  test('a later end takes two people, and what was closed stays so', async () => {
    const id = await report();
    const rita = await open('rita', ['case_reviewer', 'case_approver'], `cases/${id}`);
    await act(rita, 'Ask for a later end');
    await rita.getByText('a later end waits for a second person').waitFor();
    await sectionOf(rita, 'What you can do')
      .getByText(/^You are one of its readers/)
      .waitFor();
    await rita.context().close();
    const arno = await open('arno', ['case_approver'], `cases/${id}`);
    await act(arno, 'Approve the later end');
    // some minutes may have passed since it was asked for
    await arno.getByText(/^71 hours 5\d minutes left/).waitFor();
    const ada = await of('ada', 'case_approver');
    ok(await send(ada, `/${id}/closings`, { reason: 'it is done' }));
    await act(arno, 'Ask for a later end');
    await arno
      .getByRole('alert')
      .getByText(/^The case has ended meanwhile/)
      .waitFor();
    await arno.getByRole('button', { name: 'Read it again' }).click();
    await arno.getByText('The case has ended, for good.').waitFor();
    expect(await arno.getByRole('form').count()).toBe(0);
    await arno.context().close();
  });

  test('what was asked for under it is told, permitted or denied', async () => {
    const id = await report();
    const reader = await of('rita', 'case_reviewer');
    for (const item of ['m-1', 'm-3'])
      await service.request('POST', '/access/v1/evaluation', {
        token: safety,
        body: {
          subject: { type: 'purpose', id: REPORTS },
          action: { name: 'read' },
          resource: { type: 'field', id: 'message.body', properties: { user: 'u-1', item } },
          context: { case: id, reader_token: reader },
        },
      });
    await usesCounted(service);
    const page = await open('rita', ['case_reviewer'], `cases/${id}`);
    const accesses = sectionOf(page, 'What was asked for under it');
    await accesses.getByRole('row', { name: /m-1.*permitted/ }).waitFor();
    await accesses.getByRole('row', { name: /m-3.*denied.*does not cover/ }).waitFor();
    await sectionOf(page, 'What no case opens')
      .getByText(/which you may not read: .*policy_admin/)
      .waitFor();
    await page.context().close();
  });

  test('the fields that it says no case opens are those that the policy closes under a case that opens all it can', async () => {
    const id = await report();
    const reader = await of('rita', 'case_reviewer');
    const { fields, purposes } = await documentInForce(admins);
    const { body } = await service.request('POST', '/access/v1/evaluations', {
      token: safety,
      body: {
        subject: { type: 'purpose', id: REPORTS },
        action: { name: 'read' },
        context: { case: id, reader_token: reader },
        evaluations: fields.map((field) => ({
          resource: { type: 'field', id: field.id, properties: { user: 'u-1', item: 'm-1' } },
        })),
      },
    });
    const answers = listAt(body, 'evaluations').map((answer) => textAt(answer, 'context', 'reason'));
    const closed = fields
      .map(({ id: field }) => field)
      .filter((_field, place) => {
        const reason = answers[place] ?? '';
        return isReason(reason) && looksAt(reason) === 'policy';
      });
    const page = await open('aud', ['auditor'], 'cases');
    const told = page.getByRole('region', { name: REPORTS });
    await told.waitFor();
    // what follows the colon is the reason, which has names in it too
    const shown = (await told.locator('li').allInnerTexts()).flatMap((line) =>
      (line.split(': ')[0] ?? '').split(', '),
    );
    expect(shown.toSorted()).toEqual(closed.toSorted());
    expect(closed.length).toBeGreaterThan(0);
    await told.getByText(`at most ${fields.length - closed.length} of ${fields.length} fields`).waitFor();
    const others = purposes.filter(({ id: purpose }) => ![REPORTS, INVESTIGATIONS].includes(purpose));
    await page.getByText(`For ${others.length} purposes no case can be opened`).waitFor();
    await page.context().close();
  });

  test('the register is of one status, and of what ends soon, at an address that can be shared', async () => {
    const [isOpen, waits] = [await report(), await investigation()];
    const soon = await opened(safety, {
      purpose: REPORTS,
      report: 'r-2',
      items: ['m-1'],
      reviewers: [{ id: 'rita' }],
      expires_at: new Date(Date.now() + DAY_MS / 8).toISOString(),
    });
    const page = await open('aud', ['auditor'], 'cases');
    const register = sectionOf(page, 'The register');
    const has = (id: string) => register.getByRole('link', { name: id.slice(0, 8) });
    await has(waits).waitFor();
    await register.getByLabel('Status').selectOption('open');
    await has(waits).waitFor({ state: 'detached' });
    await has(isOpen).waitFor();
    await register.getByLabel('Ends').selectOption('6');
    await has(isOpen).waitFor({ state: 'detached' });
    await has(soon).waitFor();
    expect(new URL(page.url()).search).toBe('?status=open&within=6');
    expect(await violationsOn(page)).toEqual([]);
    const shared = await page.context().newPage();
    await shared.goto(page.url());
    const same = sectionOf(shared, 'The register');
    await same.getByRole('link', { name: soon.slice(0, 8) }).waitFor();
    expect(await same.getByRole('link', { name: isOpen.slice(0, 8) }).count()).toBe(0);
    await same.getByLabel('Status').selectOption('waiting');
    await same.getByText('There is no such case that you may read.').waitFor();
    await page.context().close();
  });

  test('whoever is signed out in the middle loses nothing of what they wrote', async () => {
    const id = await investigation();
    const page = await open('arno', ['case_approver'], `cases/${id}`);
    await page.getByText('waits for a second person').waitFor();
    await page.context().clearCookies();
    await act(page, 'Close the case', 'a long reason');
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Why, for whoever looks at the case later').last().inputValue()).toBe(
      'a long reason',
    );
    expect(await statusOf(id)).toBe('waiting');
    await page.context().close();
  });

  test.each(LOOKS)(
    'in %s, at %i pixels, in %s, it has no fault that axe finds',
    async (colorScheme, width, language) => {
      const id = await investigation();
      const page = await open('arno', ['case_approver', 'auditor', 'case_reviewer'], 'cases', {
        colorScheme,
        viewport: { width, height: 800 },
      });
      await page.getByRole('region', { name: REPORTS }).waitFor();
      await page.getByText('Open a case', { exact: true }).click();
      await page.getByRole('table').waitFor();
      expect(await faultsIn(page, language)).toEqual([]);
      await pictureOf(page, `cases-${colorScheme}-${width}`);
      await page.getByRole('link', { name: id.slice(0, 8) }).click();
      await page.getByRole('region', { name: INVESTIGATIONS }).waitFor();
      await page.getByText('Approve the case', { exact: true }).first().click();
      expect(await faultsIn(page, language)).toEqual([]);
      await pictureOf(page, `case-${colorScheme}-${width}`);
      await page.context().close();
    },
  );
});
