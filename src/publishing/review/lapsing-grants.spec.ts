import { describe, expect, test } from 'vitest';
import type { PolicyDocument } from '../../decision/policy.js';
import { DAY_MS } from '../../time.js';
import { policiesOn } from '../../../test/at-once.js';
import { houseOn } from '../../../test/house.js';
import { MemoryConsentStore } from '../../../test/memory/memory-consent.store.js';
import { REFERENCE } from '../../../test/reference-policy.js';
import { grantsLapsingAtOnce } from './lapsing-grants.js';

const NOW = Date.UTC(2026, 10, 29);
const PURPOSE = 'recruiting';

function lapsing(lapses_after?: Readonly<Record<string, string>>): PolicyDocument {
  const purposes = REFERENCE.purposes.map((one) =>
    one.id === PURPOSE && lapses_after !== undefined ? { ...one, lapses_after } : one,
  );
  return { ...REFERENCE, purposes };
}

/** How many grants a draft ends at once, of people in a region who granted so many days ago, and what then ends. */
async function counted(
  people: Readonly<Record<string, { readonly region: string; readonly daysAgo: readonly number[] }>>,
  before: PolicyDocument,
  draft: PolicyDocument,
) {
  let now = NOW;
  const store = new MemoryConsentStore();
  const policies = policiesOn(before);
  const house = await houseOn(store, policies, () => now);
  const said = Object.entries(people)
    .flatMap(([user, { region, daysAgo }]) => daysAgo.map((days) => ({ user, region, days })))
    .toSorted((one, other) => other.days - one.days);
  for (const { user, region, days } of said) {
    now = NOW - days * DAY_MS;
    const by = { kind: 'user', id: user } as const;
    await house.choices.setProfile(user, by, { region, ageBand: 'adult' });
    if (house.log.state.recordOf(user).choices.has(PURPOSE)) await house.takingBack.choice(user, by, PURPOSE);
    await house.choices.choose(user, by, { purpose: PURPOSE, choice: 'granted', notice: 1 });
  }
  now = NOW;
  const version = policiesOn(draft).current;
  const found = await grantsLapsingAtOnce(store, house.state, policies.current, version, NOW);
  const granted = () =>
    Object.keys(people).filter((user) => house.log.state.recordOf(user).choices.has(PURPOSE)).length;
  await house.time.start();
  const [standing] = [granted()];
  await house.state.prepare(version);
  policies.put(version);
  await house.lapses.run();
  await house.time.start();
  await house.time.close();
  return { found, ended: standing - granted() };
}

const PEOPLE = {
  old: { region: 'DE', daysAgo: [366] },
  older: { region: 'FR', daysAgo: [800] },
  young: { region: 'DE', daysAgo: [364] },
  renewed: { region: 'DE', daysAgo: [500, 10] },
  elsewhere: { region: 'US-CA', daysAgo: [900] },
};

describe('the grants that a draft ends at once', () => {
  test.each([
    { what: 'a first time', before: undefined, after: { EU_EEA_CH: 'P1Y' }, grants: 2 },
    { what: 'a shorter time', before: { EU_EEA_CH: 'P2Y' }, after: { EU_EEA_CH: 'P1Y' }, grants: 1 },
    { what: 'a time of days', before: { EU_EEA_CH: 'P2Y' }, after: { EU_EEA_CH: 'P5D' }, grants: 3 },
  ])('are as many as then end, for $what: $grants', async ({ before, after, grants }) => {
    const { found, ended } = await counted(PEOPLE, lapsing(before), lapsing(after));
    expect(found).toEqual([{ purpose: PURPOSE, regime: 'EU_EEA_CH', grants }]);
    expect(ended).toBe(grants);
  });

  test.each([
    { what: 'the same times', before: { EU_EEA_CH: 'P1Y' }, after: { EU_EEA_CH: 'P1Y' } },
    { what: 'a longer time', before: { EU_EEA_CH: 'P1Y' }, after: { EU_EEA_CH: 'P2Y' } },
    { what: 'no time any more', before: { EU_EEA_CH: 'P1Y' }, after: undefined },
  ])('are none for $what', async ({ before, after }) => {
    expect(await counted(PEOPLE, lapsing(before), lapsing(after))).toEqual({ found: [], ended: 0 });
  });

  test('are not told where the state cannot be read by then: fewer would be counted than there are', async () => {
    const store = new MemoryConsentStore();
    const policies = policiesOn(REFERENCE);
    const { choices } = await houseOn(store, policies, () => NOW - 800 * DAY_MS);
    const by = { kind: 'user', id: 'old' } as const;
    await choices.setProfile('old', by, { region: 'DE', ageBand: 'adult' });
    await choices.choose('old', by, { purpose: PURPOSE, choice: 'granted', notice: 1 });
    const draft = policiesOn(lapsing({ EU_EEA_CH: 'P1Y' })).current;
    const lost: Parameters<typeof grantsLapsingAtOnce>[1] = { recordOf: () => 'unavailable' };
    await expect(grantsLapsingAtOnce(store, lost, policies.current, draft, NOW)).rejects.toMatchObject({
      code: 'consent_unavailable',
    });
  });
});
