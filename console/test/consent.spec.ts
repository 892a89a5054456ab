/** Where people stand: what is shown is what the reports say, and nothing that they do not tell. */
import { beforeAll, expect, test } from 'vitest';
import { ok } from '../../test/e2e/admins.js';
import { importRows } from '../../test/e2e/importing.js';
import { listAt, textAt, valueAt } from '../../test/e2e/replies.js';
import { LOOKS, faultsIn } from './looks.js';
import { onStage, pictureOf } from './stage.js';
import { fileOf, rowsOf, written } from './tables.js';

const OFFICER = ['privacy_officer'] as const;

/** Groups of people, and how many of each say no. */
const GROUPS = [
  { region: 'DE', users: 300, no: 120 },
  { region: 'US-CA', users: 200, no: 10 },
  // too few to tell anything of
  { region: 'GB', users: 60, no: 30 },
];

await onStage(({ service, admins, open }) => {
  let counts: unknown;
  let balance: unknown;

  beforeAll(async () => {
    await importRows(
      service,
      'people',
      GROUPS.flatMap(({ region, users, no }) =>
        Array.from({ length: users }, (_, place) => ({
          user: `${region}-${place}`,
          region,
          age_band: 'adult',
          ...(place < no ? { purpose: 'ai', choice: 'denied' } : {}),
        })),
      ),
    );
    const trainer = await service.token({ sub: 'trainer', purposes: ['ai'] });
    const taken = { purpose: 'ai', fields: ['member.skills'], context: { actor: 'automated' } };
    const opened = await service.request('POST', '/v1/extracts', {
      token: trainer,
      body: { ...taken, title: 'Spring' },
    });
    const users = Array.from({ length: 190 }, (_, place) => `US-CA-${place + 10}`);
    ok(
      await service.request('POST', '/v1/audiences', {
        token: trainer,
        body: { ...taken, users, extract: textAt(opened.body, 'id') },
      }),
    );
    const report = async (name: string) =>
      ok(await admins.send('oda', 'GET', `/v1/reports/${name}?purpose=ai`));
    [counts, balance] = [await report('consent-counts'), await report('consent-balance')];
    await importRows(
      service,
      'regrets',
      users.slice(0, 60).map((user) => ({ user, purpose: 'ai', choice: 'denied' })),
    );
  });

  test('the numbers by day, law and reason are those of the report, and the file has them', async () => {
    const page = await open('oda', OFFICER, 'consent?purpose=ai');
    const [day] = listAt(counts, 'days');
    const regimes = listAt(day, 'regimes');
    const sumOf = (reason: string | null) =>
      regimes
        .flatMap((one) => listAt(one, 'reasons'))
        .filter((one) => valueAt(one, 'reason') === reason)
        .reduce<number>((sum, one) => sum + Number(valueAt(one, 'users')), 0);
    expect(await rowsOf(page, 'Day by day')).toEqual([
      expect.objectContaining({
        'Day (UTC)': valueAt(day, 'day'),
        '● permitted': written(sumOf('permitted')),
        '⊘ opted_out': written(sumOf('opted_out')),
      }),
    ]);
    const shown = await rowsOf(page, `By law, on ${textAt(day, 'day')}`);
    expect(shown.map(({ People }) => People)).toEqual(regimes.map((one) => written(valueAt(one, 'users'))));
    expect(shown.map(({ Law }) => Law)).not.toContain('United Kingdom');
    await page
      .getByText('Numbers are rounded to multiples of 50. Of fewer people nothing is told')
      .first()
      .waitFor();
    const [head, ...lines] = await fileOf(page, 'Export as CSV: Day by day');
    expect(head).toBe('day,regime,people,permitted,opted_out,counted_at,policy');
    expect(lines).toEqual([
      [
        textAt(day, 'day'),
        'all',
        sumOf('permitted') + sumOf('opted_out'),
        sumOf('permitted'),
        sumOf('opted_out'),
        textAt(day, 'counted_at'),
        textAt(day, 'policy'),
      ].join(','),
    ]);
    // the days before were not counted, and seven counts of one day are not seven days
    const missing = page.getByText('A day without a bar was not counted, or has too few people');
    await missing.waitFor();
    const days = Array.from({ length: 7 }, (_, place) => ({ ...Object(day), policy: `sha256:${place}` }));
    await page.route('**/v1/reports/consent-counts*', (route) =>
      route.fulfill({ json: { ...Object(counts), days } }),
    );
    await page.getByRole('combobox', { name: 'Time' }).selectOption('7');
    await expect.poll(async () => (await rowsOf(page, 'Day by day')).length).toBe(days.length);
    await missing.waitFor();
    await page.context().close();
  });

  test('whoever clicks a law sees its days, at an address that can be shared', async () => {
    const page = await open('oda', OFFICER, 'consent?purpose=ai');
    await page.getByRole('button', { name: 'California', exact: true }).click();
    await page.waitForURL(/regime=US_CA/);
    const shared = await page.context().newPage();
    await shared.goto(page.url());
    const [row] = await rowsOf(shared, 'Day by day');
    const california = listAt(listAt(counts, 'days')[0], 'regimes').find(
      (one) => valueAt(one, 'regime') === 'US_CA',
    );
    expect(row?.['People']).toBe(written(valueAt(california, 'users')));
    // the file says of whom it is
    const [, line = ''] = await fileOf(shared, 'Export as CSV: Day by day');
    expect(line.split(',').slice(1, 3)).toEqual(['US_CA', String(valueAt(california, 'users'))]);
    await page.context().close();
  });

  test('who is in and who is not is told with its interval, and of whom nothing is told is named', async () => {
    const page = await open('oda', OFFICER, 'consent?purpose=ai');
    const cohorts = listAt(valueAt(balance, 'by_regime'), 'cohorts');
    const told = cohorts.filter((one) => valueAt(one, 'all') !== null);
    const most = (value: unknown) => Number(value).toLocaleString('en', { maximumFractionDigits: 3 });
    expect(told.length).toBeGreaterThan(0);
    const shown = await rowsOf(page, 'Who is in and who is not');
    expect(
      shown.map(({ Group, All, Weight, '95 % interval': interval }) => [Group, All, Weight, interval]),
    ).toEqual(
      told.map((one) => [
        valueAt(one, 'regime', 'title'),
        written(valueAt(one, 'all')),
        most(valueAt(one, 'ratio', 'value')),
        `${most(valueAt(one, 'ratio', 'low'))} – ${most(valueAt(one, 'ratio', 'high'))}`,
      ]),
    );
    const untold = cohorts.filter((one) => valueAt(one, 'all') === null);
    await page
      .getByText(
        `if there are any: ${untold.map((one) => textAt(valueAt(one, 'regime'), 'title')).join('; ')}.`,
      )
      .waitFor();
    await page.context().close();
  });

  test('extracts say how many have withdrawn, rounded, and whether their service has left them out', async () => {
    const page = await open('oda', OFFICER, 'consent?purpose=ai');
    await page.getByText('about 50').waitFor();
    expect(await rowsOf(page, 'Extracts for training')).toEqual([
      expect.objectContaining({
        Client: 'trainer',
        Purpose: 'ai',
        'People in it': '190',
        'May no longer be read': 'about 50',
        Closed: '○ open',
      }),
    ]);
    await page.getByText('the service has not said so').waitFor();
    const file = 'Export as CSV: Extracts for training';
    const [head, line] = await fileOf(page, file);
    expect(head).toMatch(/,members,left,left_is,opened_at,closed_at,unlearned$/);
    expect(line).toMatch(/,190,50,rounded,[^,]+,,never$/);
    // what was refused is called so, and the file has no gap that looks like an answer
    await page.route(/\/v1\/extracts\/[^/]+/, (route) =>
      route.fulfill({
        status: 403,
        contentType: 'application/problem+json',
        body: JSON.stringify({ type: 'urn:assent:problem:caller_not_allowed', detail: 'no' }),
      }),
    );
    await page.reload();
    await expect.poll(() => page.getByText('Your roles do not allow this.').count()).toBe(2);
    expect((await fileOf(page, file))[1]).toMatch(/,190,,not read,[^,]+,,not read$/);
    await page.context().close();
  });

  test('who may not read reports is told why, and nothing is asked for them', async () => {
    const asked: string[] = [];
    const page = await open('ann', ['policy_admin']);
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${service.url}/console/consent`);
    await expect
      .poll(() => page.getByText('You may not do this: ').allTextContents())
      .toEqual([expect.stringContaining('privacy_officer or auditor')]);
    expect(asked.filter((path) => /reports|extracts/.test(path))).toEqual([]);
    await page.context().close();
  });

  test('a report that fails is said to have failed, and can be asked for again', async () => {
    const page = await open('oda', OFFICER);
    await page.route('**/v1/reports/consent-counts*', (route) => route.fulfill({ status: 503, body: '' }));
    await page.goto(`${service.url}/console/consent?purpose=ai`);
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('table', { name: 'Day by day' }).count()).toBe(0);
    await page.unroute('**/v1/reports/consent-counts*');
    await page.getByRole('button', { name: 'Try again' }).click();
    expect(await rowsOf(page, 'Day by day')).toHaveLength(1);
    await page.context().close();
  });

  test.each(LOOKS)(
    'in %s, at %i pixels, in %s, no view of these has a fault that axe finds',
    async (colorScheme, width, language) => {
      const page = await open('oda', OFFICER, '', { colorScheme, viewport: { width, height: 800 } });
      for (const [view, table] of [
        ['consent?purpose=ai', 'Who is in and who is not'],
        ['operation', 'Clients'],
        ['reviews?within=P99Y&purpose=ai', /^Due by/],
        ['proof', undefined],
      ] as const) {
        await page.goto(`${service.url}/console/${view}`);
        // before the script of the view is there, nothing is busy yet
        await page.locator('#view h1').waitFor();
        if (table !== undefined) await page.getByRole('table', { name: table }).waitFor();
        await expect.poll(() => page.locator('[aria-busy="true"]').count()).toBe(0);
        expect([view, await faultsIn(page, language)]).toEqual([view, []]);
        const beyond = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect([view, beyond]).toEqual([view, 0]);
        await pictureOf(page, `${view.split('?')[0] ?? ''}-${colorScheme}-${width}`);
      }
      await page.context().close();
    },
  );
});
