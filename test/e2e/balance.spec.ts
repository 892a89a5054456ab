/** The consent balance: what it says of those who remain is what their settings say, one by one. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type People, peopleOf } from './people.js';
import { listAt, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';

/** A group of users of one cohort: how many there are, and how many say no to a purpose. */
const GROUPS = [
  { region: 'US-NY', age_band: 'adult', users: 110, leave: 55 },
  { region: 'DE', age_band: 'adult', users: 100, leave: 3 },
  { region: 'FR', age_band: 'minor', users: 60, leave: 55 },
] as const;
const AT_ONCE = 8;
const NDJSON = { 'content-type': 'application/x-ndjson' };

let service: Service;
let people: People;
let auditor: string;

const usersOf = ({ region, users }: (typeof GROUPS)[number]) =>
  Array.from({ length: users }, (_, place) => `u-${region}-${place}`);

async function importRows(id: string, rows: readonly object[]): Promise<void> {
  const token = await service.token({ sub: 'migration', purposes: [], scope: 'choices:import' });
  const body = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const path = `/v1/imports/${id}?from=1`;
  const { status } = await service.request('POST', path, { token, body, headers: NDJSON });
  expect(status).toBe(200);
}

/** For how many users the purpose is on, as the settings of each say. */
async function remainingOf(users: readonly string[], purpose: string): Promise<number> {
  const waiting = users.values();
  let remaining = 0;
  const worker = async () => {
    for (const user of waiting) {
      const purposes = listAt(await people.settings(user), 'purposes');
      const found = purposes.find((one) => valueAt(one, 'id') === purpose);
      if (valueAt(found, 'on') === true) remaining++;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return remaining;
}

function balance(query: string, token = auditor) {
  const headers = { 'accept-language': 'de' };
  return service.request('GET', `/v1/reports/consent-balance${query}`, { token, headers });
}

function cohort(body: unknown, regime: string, ageBand: string): unknown {
  return listAt(valueAt(body, 'by_regime_and_age_band'), 'cohorts').find(
    (one) => valueAt(one, 'regime', 'id') === regime && valueAt(one, 'age_band') === ageBand,
  );
}

beforeAll(async () => {
  service = await startService();
  people = await peopleOf(service);
  auditor = await service.token({ sub: 'olga', roles: ['auditor'] });
  await importRows(
    'profiles',
    GROUPS.flatMap((group) =>
      usersOf(group).map((user) => ({ user, region: group.region, age_band: group.age_band })),
    ),
  );
  // a no to what it depends on is a no to it
  await importRows(
    'choices',
    GROUPS.flatMap((group) =>
      usersOf(group)
        .slice(0, group.leave)
        .map((user, place) => ({ user, purpose: place % 2 === 0 ? 'ai' : 'improve', choice: 'denied' })),
    ),
  );
});

afterAll(() => service.stop());

describe('an auditor', () => {
  test('reads who remains by regime and age band, as counted one by one, rounded to the minimum', async () => {
    const { status, body } = await balance('?purpose=ai');
    expect(status, JSON.stringify(body)).toBe(200);
    const [york] = GROUPS;
    expect(await remainingOf(usersOf(york), 'ai')).toBe(york.users - york.leave);
    expect(body).toMatchObject({
      purpose: { id: 'ai', title: 'Training von KI' },
      language: 'de',
      minimum: 50,
      users: { all: 200, remaining: 150, left: 50 },
      by_regime: { divergence: { value: expect.any(Number) } },
    });
    expect(cohort(body, 'US', 'adult')).toMatchObject({
      all: 100,
      remaining: 50,
      left: 50,
      share_of_all: 0.5,
      share_of_remaining: 0.3333,
      ratio: { value: 0.6667 },
    });
    const movers = listAt(body, 'movers').map(
      (one) => `${textAt(one, 'regime', 'id')} ${String(valueAt(one, 'difference'))}`,
    );
    expect(movers.toSorted()).toEqual(['EU_EEA_CH 0.1667', 'US -0.1667']);
  });

  test('is not told of few: not how many left where few did, and nothing of a small cohort', async () => {
    const { body } = await balance('?purpose=ai');
    expect(cohort(body, 'EU_EEA_CH', 'adult')).toMatchObject({ all: 100, remaining: 100, left: null });
    const nothing = { all: null, remaining: null, left: null, share_of_all: null, ratio: null };
    expect(cohort(body, 'EU_EEA_CH', 'minor')).toMatchObject(nothing);
    expect(cohort(body, 'HK', 'minor')).toMatchObject(nothing);
  });

  test('is told the same all day, so that one person’s change does not show', async () => {
    const before = (await balance('?purpose=ai')).body;
    await importRows(
      'later',
      usersOf(GROUPS[0]).map((user) => ({ user, purpose: 'ai', choice: 'denied' })),
    );
    expect((await balance('?purpose=ai')).body).toEqual(before);
    const deeper = (await balance('?purpose=ai.generative')).body;
    expect(cohort(deeper, 'US', 'adult')).toMatchObject({ all: 100, remaining: null, left: 100 });
  });

  test('is told what to correct where the purpose is none', async () => {
    const { status, body } = await balance('?purpose=ia');
    expect(status).toBe(400);
    expect(textAt(body, 'detail')).toBe('the policy names no purpose `ia`');
    expect((await balance('')).status).toBe(400);
  });
});

test('nobody else reads it', async () => {
  for (const token of [
    await service.token({ sub: 'u-DE-1' }),
    await service.token({ sub: 'trainer', purposes: ['ai'] }),
    await service.token({ sub: 'ann', roles: ['policy_admin'] }),
  ])
    expect((await balance('?purpose=ai', token)).status).toBe(403);
});

describe('attributes', () => {
  /** Users of one cohort, in which those with an even number are engineers, some are in sales, and the rest has not said. */
  const USERS = 1_200;
  const INDUSTRY = {
    title: 'Department',
    values: [
      { id: 'engineering', title: 'Engineering' },
      { id: 'sales', title: 'Sales' },
    ],
  };
  const named = Array.from({ length: USERS }, (_, place) => `u-${place}`);
  const valueOf = (place: number) =>
    place % 2 === 0 ? 'engineering' : place % 3 === 0 ? 'sales' : undefined;

  let registrar: string;

  const attributes = (method: string, path: string, body?: unknown, token = registrar) =>
    service.request(method, `/v1/attributes${path}`, { token, body });

  async function sent(rows: readonly unknown[], path = '/department/rows'): Promise<unknown[]> {
    const body = rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join('');
    const reply = await service.request('POST', `/v1/attributes${path}`, {
      token: registrar,
      body,
      headers: NDJSON,
    });
    expect(reply.status).toBe(200);
    return String(reply.body)
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  }

  /** What a user reads of themselves. */
  async function exported(user: string, accept = 'application/json'): Promise<unknown> {
    const token = await service.token({ sub: user });
    return (await service.request('GET', '/v1/users/me/export', { token, headers: { accept } })).body;
  }

  beforeAll(async () => {
    await service.stop();
    service = await startService();
    people = await peopleOf(service);
    auditor = await service.token({ sub: 'olga', roles: ['auditor'] });
    registrar = await service.token({ sub: 'crm', purposes: [], scope: 'attributes:write' });
    await importRows(
      'profiles',
      named.map((user) => ({ user, region: 'DE', age_band: 'adult' })),
    );
    // all engineers leave, and nobody else
    await importRows(
      'choices',
      named
        .filter((_user, place) => place % 2 === 0)
        .map((user) => ({ user, purpose: 'ai', choice: 'denied' })),
    );
  });

  test('are registered with their values, which can be added to, and not taken away', async () => {
    const first = { ...INDUSTRY, values: INDUSTRY.values.slice(0, 1) };
    expect((await attributes('PUT', '/department', first)).body).toEqual({ id: 'department', ...first });
    expect((await attributes('PUT', '/department', INDUSTRY)).body).toEqual({
      id: 'department',
      ...INDUSTRY,
    });
    const { status, body } = await attributes('PUT', '/department', first);
    expect([status, textAt(body, 'detail')]).toEqual([
      400,
      '`values` lacks `sales`, which users may have: add it, or delete the attribute and register it anew',
    ]);
    expect((await attributes('GET', '')).body).toEqual({ attributes: [{ id: 'department', ...INDUSTRY }] });
  });

  test('take rows of users, and say in words which are refused, and why', async () => {
    const rows = named.flatMap((user, place) => {
      const value = valueOf(place);
      return value === undefined ? [] : [{ user, value }];
    });
    expect((await sent(rows)).at(-1)).toEqual({
      line: rows.length,
      summary: { taken: rows.length, refused: 0 },
      done: true,
    });
    const reports = await sent([
      { user: 'u-1', value: 'sales' },
      { user: 'u-nobody', value: 'sales' },
      { user: 'u-1', value: 'marketing' },
      { user: 'u-1' },
      'none',
      { user: 'u-1', value: null },
    ]);
    expect(reports.at(-1)).toEqual({ line: 6, summary: { taken: 2, refused: 4 }, done: true });
    expect(
      reports
        .filter((one) => valueAt(one, 'reason') !== undefined)
        .map((one) => [valueAt(one, 'line'), valueAt(one, 'reason'), valueAt(one, 'error')]),
    ).toEqual([
      [2, 'user_unknown', 'no such user is known: register the user first, or correct the id'],
      [3, 'value_not_valid', expect.stringContaining('one of `engineering`, `sales`, or null')],
      [4, 'value_not_valid', expect.any(String)],
      [5, 'not_readable', expect.any(String)],
    ]);
  });

  test('show who left: each user is counted in one split alone', async () => {
    const { status, body } = await balance('?purpose=ai');
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({ part: 0.5, by_attribute: [{ attribute: { id: 'department' }, part: 0.5 }] });
    const [split] = listAt(body, 'by_attribute');
    const cohorts = listAt(split, 'cohorts');
    expect(cohorts.map((one) => valueAt(one, 'value'))).toEqual([...INDUSTRY.values, null]);
    const [engineering, sales, unsaid] = cohorts;
    // half of the users are counted here, half of them engineers
    expect(Math.abs(Number(valueAt(engineering, 'all')) - USERS / 4)).toBeLessThan(100);
    expect(engineering).toMatchObject({ remaining: null, share_of_remaining: 0, ratio: { value: 0 } });
    for (const cohort of [sales, unsaid]) {
      expect(cohort).toMatchObject({ left: null });
      expect(valueAt(cohort, 'remaining')).toBe(valueAt(cohort, 'all'));
    }
    expect(Number(valueAt(split, 'divergence', 'low'))).toBeGreaterThan(0.05);
    expect(valueAt(listAt(split, 'movers')[0], 'value', 'id')).toBe('engineering');
    const counted = [valueAt(body, 'users', 'all'), valueAt(split, 'users', 'all')].map(Number);
    expect(Math.abs(counted.reduce((sum, one) => sum + one) - USERS)).toBeLessThanOrEqual(100);
  });

  test('are in the export of the user, and in no other answer', async () => {
    const department = [{ attribute: { id: 'department', title: 'Department' }, value: INDUSTRY.values[0] }];
    expect(valueAt(await exported('u-0'), 'attributes')).toEqual(department);
    expect(valueAt(await exported('u-1'), 'attributes')).toEqual([]);
    expect(JSON.stringify(await people.settings('u-0'))).not.toContain('Engineering');
    expect(await exported('u-0', 'text/html')).toContain('<tr><td>Department</td><td>Engineering</td></tr>');
  });

  test('go with the user who is erased, also when the same id registers again', async () => {
    const token = await service.token({ sub: 'u-0' });
    expect((await service.request('DELETE', '/v1/users/me', { token })).status).toBe(200);
    await importRows('again', [{ user: 'u-0', region: 'DE', age_band: 'adult' }]);
    expect(valueAt(await exported('u-0'), 'attributes')).toEqual([]);
  });

  test('are gone with all rows when they are deleted', async () => {
    expect((await attributes('DELETE', '/department')).status).toBe(200);
    expect(valueAt(await exported('u-2'), 'attributes')).toEqual([]);
    const gone = await attributes('DELETE', '/department');
    expect([gone.status, textAt(gone.body, 'detail')]).toEqual([
      404,
      'there is no attribute `department`: register it first',
    ]);
    await attributes('PUT', '/department', INDUSTRY);
    expect(valueAt(await exported('u-2'), 'attributes')).toEqual([]);
  });

  test('are at most ten', async () => {
    for (let at = 1; at < 10; at++) expect((await attributes('PUT', `/a-${at}`, INDUSTRY)).status).toBe(200);
    const { status, body } = await attributes('PUT', '/a-10', INDUSTRY);
    expect([status, textAt(body, 'type')]).toEqual([409, 'urn:assent:problem:too_many_attributes']);
  });

  test('are for services with the scope alone', async () => {
    for (const token of [
      await service.token({ sub: 'u-1' }),
      await service.token({ sub: 'importer', purposes: [], scope: 'choices:import users:write' }),
      auditor,
    ])
      for (const [method, path] of [
        ['GET', ''],
        ['PUT', '/department'],
        ['DELETE', '/department'],
      ] as const)
        expect((await attributes(method, path, method === 'PUT' ? INDUSTRY : undefined, token)).status).toBe(
          403,
        );
  });
});
