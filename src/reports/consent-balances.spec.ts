/** When a balance is counted. */
import { beforeEach, describe, expect, test } from 'vitest';
import { policiesOn } from '../../test/at-once.js';
import { noTrouble } from '../../test/house.js';
import { MemoryAttributeStore } from '../../test/memory/memory-attribute.store.js';
import { MemoryConsentStore } from '../../test/memory/memory-consent.store.js';
import { REFERENCE } from '../../test/reference-policy.js';
import { ConsentLog } from '../consent/log/consent-log.js';
import { StateInForce } from '../consent/log/state-in-force.js';
import { Choices } from '../consent/settings/changes/choices.js';
import type { NewConsentEvent } from '../decision/consent-event.js';
import { ConsentBalances } from './consent-balances.js';

const BY = { kind: 'service', id: 'accounts' } as const;
const USERS = Array.from({ length: 100 }, (_, place) => `u-${place}`);
const EVENING = Date.UTC(2027, 0, 31, 23, 59, 59, 999);

const policies = policiesOn(REFERENCE);
const renamed = policiesOn({
  ...REFERENCE,
  purposes: REFERENCE.purposes.map((purpose) => ({ ...purpose, title: `${purpose.title}, renamed` })),
});

let now: number;
let log: ConsentLog;
let choices: Choices;
let attributes: MemoryAttributeStore;
let balances: ConsentBalances;

beforeEach(async () => {
  now = EVENING;
  const store = new MemoryConsentStore();
  const change = { kind: 'profile', region: 'US-NY', ageBand: 'adult' } as const;
  await store.append(
    USERS.map((user): NewConsentEvent => ({ user, by: BY, at: 0, via: 'settings', change })),
  );
  log = new ConsentLog(store, noTrouble);
  choices = new Choices(log, policies, () => now);
  attributes = new MemoryAttributeStore();
  balances = new ConsentBalances(new StateInForce(log, policies), attributes, () => now);
});

async function leftOf(purpose = 'ai', { current } = policies): Promise<number> {
  return (await balances.of(current, purpose)).users.left;
}

async function everybodyLeaves(): Promise<void> {
  await Promise.all(USERS.map((user) => choices.choose(user, BY, { purpose: 'ai', choice: 'denied' })));
}

describe('a balance', () => {
  beforeEach(() => log.follow());

  test('is the same until the day ends in UTC, and then counted anew', async () => {
    expect(await leftOf()).toBe(0);
    await everybodyLeaves();
    expect(await leftOf()).toBe(0);
    expect(await balances.of(policies.current, 'ai')).toMatchObject({ countedAt: EVENING });
    now++;
    expect(await leftOf()).toBe(100);
  });

  test('is counted for each purpose and each policy version', async () => {
    expect(await leftOf()).toBe(0);
    await everybodyLeaves();
    expect(await leftOf('ai.generative')).toBe(100);
    expect(await leftOf('ai', renamed)).toBe(100);
    expect(await leftOf()).toBe(0);
  });

  test('has of all purposes the attributes that there were when the first of the day was counted', async () => {
    const registered = async (id: string) =>
      (await attributes.add({ id, title: id, values: [{ id: 'a', title: 'A' }] }, 10)) ?? 0;
    const splitsOf = async (purpose: string) => {
      const { part, byAttribute } = await balances.of(policies.current, purpose);
      return { part, splits: byAttribute.map((split) => [split.attribute.id, split.part]) };
    };
    const one = await registered('one');
    await registered('other');
    const both = [
      ['one', 0.25],
      ['other', 0.25],
    ];
    expect(await splitsOf('ai')).toEqual({ part: 0.5, splits: both });
    await registered('late');
    expect(await splitsOf('ai.generative')).toEqual({ part: 0.5, splits: both });
    // its users are counted nowhere else on this day
    await attributes.drop(one);
    expect(await splitsOf('improve')).toEqual({ part: 0.5, splits: both.slice(1) });
    now++;
    expect((await splitsOf('ai')).splits.map(([id]) => id)).toEqual(['other', 'late']);
  });

  test('is counted once for all who ask at the same time', async () => {
    const [one, other] = await Promise.all(
      ['ai', 'ai'].map((purpose) => balances.of(policies.current, purpose)),
    );
    expect(one).toBe(other);
  });
});

test('a state that cannot be read gives none, and what failed is not kept', async () => {
  await expect(leftOf()).rejects.toMatchObject({ code: 'consent_unavailable' });
  await log.follow();
  expect(await leftOf()).toBe(0);
});
