/** What proves that nothing was changed: a verdict is shown only where the service gave one. */
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { violationsOn } from '../../settings/test/axe.js';
import { ok } from '../../test/e2e/admins.js';
import { peopleOf } from '../../test/e2e/people.js';
import { listAt, textAt, valueAt } from '../../test/e2e/replies.js';
import { onStage } from './stage.js';
import { rowsOf, written } from './tables.js';

const OFFICER = ['privacy_officer'] as const;

/** Verifies the log, which answers with these lines. */
async function verified(page: Page, lines: readonly object[]): Promise<void> {
  await page.route('**/v1/log/verification', (route) =>
    route.fulfill({
      contentType: 'application/x-ndjson',
      body: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    }),
  );
  await page.getByRole('button', { name: 'Verify the whole log' }).click();
}

await onStage(({ service, admins, open }) => {
  beforeAll(async () => {
    const people = await peopleOf(service);
    await people.register('leaver', 'DE');
    await people.register('other', 'DE');
    const user = await service.token({ sub: 'leaver' });
    ok(await service.request('DELETE', '/v1/users/me', { token: user }));
    const eraser = await service.token({ sub: 'accounts', purposes: [], scope: 'users:erase' });
    ok(await service.request('DELETE', '/v1/users/other', { token: eraser }));
  });

  test('the log is verified to its end, whose hash is that of the service', async () => {
    const page = await open('auditor', ['auditor'], 'proof');
    await page.getByRole('button', { name: 'Verify the whole log' }).click();
    const end = ok(await admins.send('auditor', 'GET', '/v1/log'));
    const verdict = page.getByRole('status').filter({ hasText: 'Intact' });
    await verdict.waitFor();
    const text = await verdict.textContent();
    expect(text).toContain(`up to revision ${written(valueAt(end, 'revision'))}`);
    expect(text).toContain(textAt(end, 'hash'));
    await page.context().close();
  });

  test('a log that was changed is said to be broken, where and why', async () => {
    const page = await open('oda', OFFICER, 'proof');
    await verified(page, [
      { verified: 5, of: 9 },
      { intact: false, broken_at: 7, because: 'the entry is not the one that was sealed' },
    ]);
    const verdict = page.getByRole('alert');
    await verdict.getByText('■ Broken at revision 7.').waitFor();
    await verdict.getByText('the entry is not the one that was sealed').waitFor();
    expect(await page.getByText('Intact').count()).toBe(0);
    await page.context().close();
  });

  test.each([
    ['en', 'light', 'Failed verifications (2)', 'Keep a copy of the database', 'The consent log'],
    [
      'de',
      'dark',
      'Gescheiterte Prüfungen (2)',
      'Bewahren Sie eine Kopie',
      'Das Protokoll der Einwilligungen',
    ],
  ] as const)(
    'what failed last stands on Home, with when and what to do (%s, %s)',
    async (locale, colorScheme, title, todo, log) => {
      const page = await open('oda', OFFICER, 'proof');
      const at = '2026-11-29T10:00:00.000Z';
      const entries = [
        { id: 'consent_log', href: '/v1/log', about: 'revision 7: it was changed', due: null, at },
        { id: 'record/0a1b', href: '/v1/uses', about: 'damaged at byte 3', due: null, at },
      ];
      await page.route('**/v1/waiting', (route) =>
        route.fulfill({
          json: { waiting: [{ kind: 'verifications_failed', count: 2, entries }], whole: true },
        }),
      );
      const asked: string[] = [];
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      await page.getByRole('combobox', { name: 'Language' }).selectOption(locale);
      await page.goto(`${service.url}/console/`);
      const failed = page.getByRole('region', { name: title });
      await failed.getByText('revision 7: it was changed').waitFor();
      await failed.getByText('damaged at byte 3').waitFor();
      await failed.getByText(todo).waitFor();
      await failed.getByText('npm run -s record -- check').waitFor();
      expect(await failed.locator(`time[datetime="${at}"]`).count()).toBe(2);
      await page.emulateMedia({ colorScheme });
      expect(await violationsOn(page)).toEqual([]);
      // nothing is verified anew for it
      expect(asked).not.toContain('/v1/log/verification');
      await failed.getByRole('link', { name: log }).click();
      await page.waitForURL(/\/proof/);
      await page.context().close();
    },
  );

  test.each([
    ['has no last line', [{ verified: 5, of: 9 }]],
    [
      'goes on behind its verdict',
      [
        { intact: true, revision: 9, hash: 'h' },
        { verified: 5, of: 9 },
      ],
    ],
    ['says nothing that is known', [{ intact: 'yes', revision: 9, hash: 'h' }]],
    ['is empty', []],
  ])('an answer that %s proves nothing', async (_, lines) => {
    const page = await open('oda', OFFICER, 'proof');
    await verified(page, lines);
    await page.getByText('The verification ended without a result. Nothing is known').waitFor();
    expect(await page.getByText('Intact').count()).toBe(0);
    await page.context().close();
  });

  test('a verification that was stopped says that nothing is known', async () => {
    const page = await open('oda', OFFICER, 'proof');
    // never answered
    await page.route('**/v1/log/verification', () => undefined);
    await page.getByRole('button', { name: 'Verify the whole log' }).click();
    await page.getByRole('progressbar').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped. Nothing is known.').waitFor();
    await page.context().close();
  });

  test('a privacy officer makes a new key once they are sure, and the one before stays', async () => {
    const page = await open('oda', OFFICER, 'proof');
    const keysNow = async () =>
      listAt(ok(await service.request('GET', '/.well-known/receipt-keys.json')), 'keys');
    const before = await keysNow();
    await page.getByRole('button', { name: 'Make a new key' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await keysNow()).toEqual(before);
    for (let made = 1; made <= 2; made++) {
      await page.getByRole('button', { name: 'Make a new key' }).click();
      await page.getByRole('button', { name: 'Make it and retire the present one' }).click();
      await expect.poll(async () => (await keysNow()).length).toBe(before.length + made);
    }
    const now = await keysNow();
    await expect
      .poll(async () =>
        (await rowsOf(page, 'Keys of receipts')).map(({ Key, Retired }) => [Key, Retired === '● signs']),
      )
      .toEqual(now.map((key) => [valueAt(key, 'kid'), valueAt(key, 'retired_at') === null]));
    expect(now.filter((key) => valueAt(key, 'retired_at') === null)).toHaveLength(1);
    await page.context().close();
  });

  test('erasures say on whose word, and never whom', async () => {
    const page = await open('oda', OFFICER, 'proof');
    const erasures = listAt(ok(await admins.send('oda', 'GET', '/v1/erasures')), 'erasures');
    expect((await rowsOf(page, 'Erasures')).map(({ Record, By }) => [Record, By])).toEqual(
      erasures.map((one) => [
        valueAt(one, 'id'),
        valueAt(one, 'by', 'id') === undefined ? 'the person themselves' : 'service accounts',
      ]),
    );
    expect(erasures).toHaveLength(2);
    expect(await page.content()).not.toContain('leaver');
    await page.context().close();
  });
});
