/** The service keeps privacy budgets: no purpose spends more than the reviewed policy gives it, whoever asks. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Admins, adminsOf, documentInForce, ok, pointerTo } from './admins.js';
import { listAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';
import { newDataFolder } from '../data-folder.js';

const PURPOSE = 'ads.insights';
const MONTH = () => new Date().toISOString().slice(0, 7);

let dataDir = '';
let service: Service;
let ads = '';
let ranking = '';

beforeAll(async () => {
  dataDir = await newDataFolder();
  service = await startService({ DATA_DIR: dataDir });
  ads = await service.token({ sub: 'ads-measurement', purposes: [PURPOSE] });
  ranking = await service.token({ sub: 'ranking', purposes: [PURPOSE, 'ads.personalised'] });
});

afterAll(() => service.stop());

const code = (text: string) => Buffer.from(text.padEnd(32)).toString('hex');

function spend(
  figure: string,
  epsilon: string,
  { token = ads, period = MONTH(), purpose = PURPOSE, data = 'd', ...more }: Record<string, string> = {},
) {
  const body = { figure: code(figure), data: code(data), epsilon, ...more };
  return service.request('POST', `/v1/budgets/${purpose}/${period}/spend`, { token, body });
}

const problem = (name: string) => ({ body: { type: `urn:assent:problem:${name}` } });

async function budgets(query = '') {
  const token = await service.token({ sub: 'olga', roles: ['auditor'] });
  const { status, body } = await service.request('GET', `/v1/budgets${query}`, { token });
  expect(status).toBe(200);
  return listAt(body, 'budgets');
}

describe('a figure', () => {
  test('is paid for once, by all clients of the purpose together, up to the limit and no further', async () => {
    for (const token of [ads, ads, ranking])
      expect(await spend('first', '0.7', { token })).toEqual(
        expect.objectContaining({ status: 200, body: { figure: code('first'), data: code('d') } }),
      );
    expect(await spend('second', '0.300000000001', { token: ranking })).toMatchObject({
      status: 409,
      ...problem('budget_exhausted'),
    });
    expect(await spend('second', '0.3', { token: ranking, delta: '0.000001' })).toMatchObject({
      status: 200,
    });
    for (const more of [{}, { delta: '0.1' }])
      expect(await spend('third', '0.000000000001', more)).toMatchObject(problem('budget_exhausted'));
    expect(await spend('first', '0.7')).toMatchObject({ status: 200 });
    expect(await budgets()).toMatchObject([
      {
        purpose: PURPOSE,
        period: MONTH(),
        spent: { epsilon: '1', delta: '0.000001' },
        limit: { epsilon: '1', delta: '0.000001', period: 'month' },
        figures: 2,
      },
    ]);
    expect(await budgets('?purpose=ads.personalised')).toEqual([]);
  });

  test('with another answer is refused, though it was paid for', async () => {
    expect(await spend('first', '0.7', { data: 'other' })).toMatchObject({
      status: 409,
      ...problem('figure_changed'),
    });
  });

  test('stays paid for, and what was spent stays spent, after a restart', async () => {
    await service.stop();
    service = await startService({ DATA_DIR: dataDir });
    expect(await spend('first', '0.7')).toMatchObject({ status: 200 });
    expect(await spend('third', '0.1')).toMatchObject(problem('budget_exhausted'));
  });
});

describe('nothing can be spent', () => {
  test('of a purpose that the policy gives no budget, that it has not, or that the client may not ask for', async () => {
    expect(await spend('x', '0.1', { token: ranking, purpose: 'ads.personalised' })).toMatchObject({
      status: 409,
      ...problem('budget_not_offered'),
    });
    expect(await spend('x', '0.1', { purpose: 'ads.insight' })).toMatchObject({ status: 404 });
    expect(await spend('x', '0.1', { purpose: 'ads.measurement' })).toMatchObject({ status: 403 });
  });

  test('in a period of another length, of the past, of the future, or written in another way', async () => {
    const day = new Date().toISOString().slice(0, 10);
    for (const period of [
      '2020-01',
      '2999-12',
      MONTH().slice(0, 4),
      day,
      '2026-W48',
      '2026-1',
      `${MONTH()}-`,
    ])
      expect(await spend('x', '0.1', { period }), period).toMatchObject({
        status: 409,
        ...problem('budget_not_offered'),
      });
  });

  test('that is no amount', async () => {
    for (const epsilon of [
      '0',
      '-1',
      '0.0',
      '1e-9',
      '1e9',
      'NaN',
      'Infinity',
      '',
      ' 1',
      '1.',
      '.1',
      '9'.repeat(13),
    ])
      expect(await spend('x', epsilon), epsilon).toMatchObject({ status: 400 });
    for (const delta of ['-0.1', '1', '1e-9', `0.${'1'.repeat(81)}`])
      expect(await spend('x', '0.1', { delta }), delta).toMatchObject({ status: 400 });
    for (const epsilon of [0.1, null, ['0.1']]) {
      const body = { figure: code('x'), data: code('d'), epsilon };
      const path = `/v1/budgets/${PURPOSE}/${MONTH()}/spend`;
      expect(await service.request('POST', path, { token: ads, body })).toMatchObject({ status: 400 });
    }
  });

  test('by whoever is no service, and only who audits reads what was', async () => {
    for (const claims of [{ sub: 'u-1' }, { sub: 'ann', roles: ['auditor'] }])
      expect(await spend('x', '0.1', { token: await service.token(claims) })).toMatchObject({ status: 403 });
    for (const token of [ads, await service.token({ sub: 'u-1' })])
      expect((await service.request('GET', '/v1/budgets', { token })).status).toBe(403);
  });
});

describe('a limit', () => {
  let admins: Admins;

  test('is raised by a policy that two others have approved, and counts from then on', async () => {
    admins = await adminsOf(service);
    const document = await documentInForce(admins);
    const path = `${pointerTo(document, 'purposes', PURPOSE)}/dp_budget/epsilon`;
    const draft = await admins.draft('ann', [{ op: 'replace', path, value: '1.5' }]);
    const check = await admins.check(draft);
    expect(valueAt(check, 'requirements', 'approvals_needed')).toBe(2);
    expect(listAt(check, 'difference', 'rewrites')).toMatchObject([
      { says: `\`dp_budget.epsilon\` of the purpose \`${PURPOSE}\` changes from "1" to "1.5"` },
    ]);
    expect(await spend('third', '0.5')).toMatchObject(problem('budget_exhausted'));
    for (const who of ['bob', 'cat'] as const) ok(await admins.approve(who, draft));
    ok(await admins.publish('ann', draft));
    expect(await spend('third', '0.5')).toMatchObject({ status: 200 });
    expect(await spend('fourth', '0.1')).toMatchObject(problem('budget_exhausted'));
  });
});
