/** Counts by purpose, regime and reason: what they say is what the settings of users say, one by one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type People, peopleOf } from './people.js';
import { listAt, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';

/** Users of one cohort: the first so many send a signal, the next so many say no. */
const [USERS, SIGNALS, DENIALS] = [400, 100, 150];
const NAMES = Array.from({ length: USERS }, (_, place) => `u-${place}`);
const NDJSON = { 'content-type': 'application/x-ndjson' };

let service: Service;
let people: People;
let auditor: string;

async function importRows(id: string, rows: readonly object[]): Promise<void> {
  const token = await service.token({ sub: 'migration', purposes: [], scope: 'choices:import' });
  const body = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const { status } = await service.request('POST', `/v1/imports/${id}?from=1`, {
    token,
    body,
    headers: NDJSON,
  });
  expect(status).toBe(200);
}

const counts = (query: string, token = auditor) =>
  service.request('GET', `/v1/reports/consent-counts${query}`, { token });

async function reasonOf(user: string): Promise<string> {
  const found = listAt(await people.settings(user), 'purposes').find(
    (one) => valueAt(one, 'id') === 'share.affiliates',
  );
  return textAt(found, 'reason');
}

beforeAll(async () => {
  service = await startService();
  people = await peopleOf(service);
  auditor = await service.token({ sub: 'olga', roles: ['auditor'] });
  await importRows(
    'profiles',
    NAMES.map((user) => ({ user, region: 'US-CA', age_band: 'adult' })),
  );
  await importRows('signals', [
    ...NAMES.slice(0, SIGNALS).map((user) => ({ user, signal: 'gpc' })),
    ...NAMES.slice(SIGNALS, SIGNALS + DENIALS).map((user) => ({
      user,
      purpose: 'share.affiliates',
      choice: 'denied',
    })),
  ]);
});

afterAll(() => service.stop());

test('an auditor reads how many users have which reason, and the same again when somebody has changed', async () => {
  const reasons = [0, SIGNALS, USERS - 1].map((place) => reasonOf(NAMES[place] ?? ''));
  expect(await Promise.all(reasons)).toEqual(['signal_opted_out', 'opted_out', 'permitted']);
  const { status, body } = await counts('?purpose=share.affiliates');
  expect(status, JSON.stringify(body)).toBe(200);
  expect(body).toMatchObject({ purpose: 'share.affiliates', days: [{ part: 1 }] });
  const [day] = listAt(body, 'days');
  const minimum = Number(valueAt(day, 'minimum'));
  const [regime] = listAt(day, 'regimes');
  expect(regime).toMatchObject({ regime: 'US_CA', users: USERS });
  const told = new Map(
    listAt(regime, 'reasons').map((one) => [valueAt(one, 'reason'), Number(valueAt(one, 'users'))]),
  );
  expect(told).toEqual(
    new Map([
      ['permitted', USERS - SIGNALS - DENIALS],
      ['opted_out', DENIALS],
      ['signal_opted_out', SIGNALS],
    ]),
  );
  for (const users of told.values()) expect(users % minimum).toBe(0);
  await importRows(
    'later',
    NAMES.map((user) => ({ user, purpose: 'share.affiliates', choice: 'denied' })),
  );
  expect((await counts('?purpose=share.affiliates')).body).toEqual(body);
});

test('days and regimes can be asked for, and what is none is named', async () => {
  const day = new Date().toISOString();
  const { body } = await counts(`?purpose=share.affiliates&regime=UK&from=${day}&until=${day}`);
  expect(listAt(body, 'days').map((one) => listAt(one, 'regimes'))).toEqual([[]]);
  const refusals = [
    ['?purpose=adds', 'the policy names no purpose `adds`: did you mean `ads`?'],
    ['?purpose=share.affiliates&regime=U', 'the policy names no regime `U`'],
    [
      '?purpose=share.affiliates&from=2001-01-01T00:00:00Z',
      '`from` is more than 366 days back: ask for fewer days at a time',
    ],
  ];
  for (const [query = '', detail = ''] of refusals) {
    const reply = await counts(query);
    expect(reply.status, query).toBe(400);
    expect(textAt(reply.body, 'detail')).toContain(detail);
  }
});

test('nobody else reads them', async () => {
  for (const token of [
    await service.token({ sub: 'u-1' }),
    await service.token({ sub: 'trainer', purposes: ['ads'] }),
    await service.token({ sub: 'ann', roles: ['policy_admin'] }),
  ])
    expect((await counts('?purpose=share.affiliates', token)).status).toBe(403);
});
