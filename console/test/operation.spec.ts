/** How the service runs: what is shown is what it tells of itself. */
import { beforeAll, expect, test } from 'vitest';
import { documentInForce, ok } from '../../test/e2e/admins.js';
import { importRows } from '../../test/e2e/importing.js';
import { listAt, textAt, valueAt } from '../../test/e2e/replies.js';
import { onStage } from './stage.js';
import { rowsOf, written } from './tables.js';

await onStage(({ service, admins, open }) => {
  beforeAll(async () => {
    await importRows(service, 'moved', [
      { user: 'one', region: 'DE', age_band: 'adult' },
      { user: 'two', region: 'nowhere' },
      { user: 'three', region: 'DE', age_band: 'old' },
      { user: 'four', region: 'nowhere' },
    ]);
    const token = await service.token({ sub: 'ads-measurement', purposes: ['ads.insights'] });
    const period = new Date().toISOString().slice(0, 7);
    const body = { figure: '0a'.repeat(32), data: '7f'.repeat(32), epsilon: '0.25' };
    ok(await service.request('POST', `/v1/budgets/ads.insights/${period}/spend`, { token, body }));
  });

  test('processes, imports, clients and budgets are as the service tells of them', async () => {
    const page = await open('oda', ['privacy_officer'], 'operation');
    const told = async (path: string) => ok(await admins.send('oda', 'GET', path));
    const processes = await told('/v1/processes');
    expect(await rowsOf(page, 'Processes')).toEqual([
      expect.objectContaining({
        State: '● deciding',
        Revision: written(valueAt(processes, 'revision')),
        Behind: '0',
        'Policy version': (await admins.current()).replace('sha256:', '').slice(0, 10),
      }),
    ]);
    const summary = valueAt(listAt(await told('/v1/imports'), 'imports')[0], 'summary');
    const reasons = Object.entries(Object(valueAt(summary, 'reasons')));
    expect(reasons.length).toBeGreaterThan(1);
    const [moved] = await rowsOf(page, 'Imports');
    expect(moved).toMatchObject({
      'Import and who sends it': 'movedmigration',
      'Lines so far': '4',
      Changed: '1',
      Refused: '3',
    });
    for (const [reason, count] of reasons)
      expect(moved?.['Refused for']).toContain(`${reason} ${String(count)}`);
    const { clients = [] } = await documentInForce(admins);
    expect(
      (await rowsOf(page, 'Clients')).map(({ Client, 'May ask for': purposes }) => [Client, purposes]),
    ).toEqual(clients.map(({ id, purposes }) => [id, purposes.join('') || 'nothing']));
    const [budget] = listAt(await told('/v1/budgets'), 'budgets');
    expect(await rowsOf(page, 'Privacy budgets')).toEqual([
      expect.objectContaining({
        Purpose: 'ads.insights',
        Period: textAt(budget, 'period'),
        'Epsilon spent': `0.25 of ${textAt(valueAt(budget, 'limit'), 'epsilon')}`,
        Figures: '1',
      }),
    ]);
    await page.context().close();
  });

  test('processes are asked for again by themselves; where no answer comes, that is said above the old one', async () => {
    const page = await open('oda', ['privacy_officer'], 'operation');
    await rowsOf(page, 'Processes');
    await page.route('**/v1/processes', (route) => route.abort());
    await page.getByText('No answer arrived. What is shown may be old.').waitFor();
    expect(await rowsOf(page, 'Processes')).toHaveLength(1);
    await page.context().close();
  });
});
