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

let service: Service;
let people: People;
let auditor: string;

const usersOf = ({ region, users }: (typeof GROUPS)[number]) =>
  Array.from({ length: users }, (_, place) => `u-${region}-${place}`);

async function importRows(id: string, rows: readonly object[]): Promise<void> {
  const token = await service.token({ sub: 'migration', purposes: [], scope: 'choices:import' });
  const body = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const headers = { 'content-type': 'application/x-ndjson' };
  const { status } = await service.request('POST', `/v1/imports/${id}?from=1`, { token, body, headers });
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
