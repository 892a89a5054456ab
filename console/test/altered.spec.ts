/** A consent log that somebody changed in the database: verified, it is said to be broken, and Home keeps saying so. */
import { rm } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database/database.js';
import { WITHOUT_BROWSER } from '../../test/browser.js';
import { newDataFolder } from '../../test/data-folder.js';
import { peopleOf } from '../../test/e2e/people.js';
import { startService } from '../../test/e2e/service.js';
import { onStage } from './stage.js';

const OFFICER = ['privacy_officer'] as const;
const BECAUSE = 'it does not follow from the one before';

/** The data of a service that has stopped; since then one entry says another time. */
async function alteredFolder(): Promise<string> {
  const dataDir = await newDataFolder();
  const service = await startService({ DATA_DIR: dataDir });
  const people = await peopleOf(service);
  for (const user of ['u-1', 'u-2', 'u-3']) await people.register(user, 'DE');
  await service.kill('SIGTERM');
  const database = await openDatabase({ dataDir });
  await database.prisma.consentEvent.update({ where: { revision: 2 }, data: { at: { increment: 60_000 } } });
  await database.close();
  return dataDir;
}

const dataDir = WITHOUT_BROWSER === undefined ? await alteredFolder() : '';
afterAll(() => rm(dataDir, { recursive: true, force: true }));

await onStage(
  ({ open }) => {
    test('is found by a verification, and stands on the Home of whoever may audit until one holds', async () => {
      const page = await open('oda', OFFICER, 'proof');
      await page.getByRole('button', { name: 'Verify the whole log' }).click();
      await page.getByRole('alert').getByText('■ Broken at revision 2.').waitFor();
      await page.getByRole('link', { name: 'Home' }).click();
      const failed = page.getByRole('region', { name: 'Failed verifications (1)' });
      await failed.getByText(BECAUSE).waitFor();
      expect(await page.getByText('Nothing waits for you.').count()).toBe(0);
      const auditor = await open('aud', ['auditor']);
      await auditor.getByRole('region', { name: 'Failed verifications (1)' }).waitFor();
      await auditor.getByRole('link', { name: 'The consent log', exact: true }).click();
      await auditor.getByRole('button', { name: 'Verify the whole log' }).waitFor();
      const writer = await open('ann', ['policy_admin']);
      await writer.getByText('Nothing waits for you.').waitFor();
      expect(await writer.getByText('Failed verifications').count()).toBe(0);
      for (const one of [page, auditor, writer]) await one.context().close();
    });
  },
  { DATA_DIR: dataDir },
);
