/** When users are counted, for what, and what is told of it. */
import { beforeEach, describe, expect, test } from 'vitest';
import { policiesOn } from '../../../test/at-once.js';
import { noTrouble } from '../../../test/house.js';
import { MemoryAttributeStore } from '../../../test/memory/memory-attribute.store.js';
import { MemoryConsentCountStore } from '../../../test/memory/memory-consent-counts.store.js';
import { MemoryConsentStore } from '../../../test/memory/memory-consent.store.js';
import { REFERENCE } from '../../../test/reference-policy.js';
import { ConsentLog } from '../../consent/log/consent-log.js';
import { StateInForce } from '../../consent/log/state-in-force.js';
import { Choices } from '../../consent/settings/changes/choices.js';
import type { NewConsentEvent } from '../../decision/consent-event.js';
import { DAY_MS } from '../../time.js';
import { ConsentCounts } from './consent-counts.js';

const BY = { kind: 'service', id: 'accounts' } as const;
const USERS = Array.from({ length: 400 }, (_, place) => `u-${place}`);
const EVENING = Date.UTC(2027, 0, 31, 23, 59, 59, 999);
const DAYS = 30;

const renamed = policiesOn({
  ...REFERENCE,
  purposes: REFERENCE.purposes.map((purpose) => ({ ...purpose, title: `${purpose.title}, renamed` })),
}).current;

let now: number;
let policies: ReturnType<typeof policiesOn>;
let log: ConsentLog;
let choices: Choices;
let attributes: MemoryAttributeStore;
let state: StateInForce;
let store: MemoryConsentCountStore;
let counts: ConsentCounts;

const another = () => new ConsentCounts(state, policies, attributes, store, DAYS, () => now);

beforeEach(async () => {
  now = EVENING;
  policies = policiesOn(REFERENCE);
  const consent = new MemoryConsentStore();
  const change = { kind: 'profile', region: 'US-CA', ageBand: 'adult' } as const;
  await consent.append(
    USERS.map((user): NewConsentEvent => ({ user, by: BY, at: 0, via: 'settings', change })),
  );
  log = new ConsentLog(consent, noTrouble);
  choices = new Choices(log, policies, () => now);
  attributes = new MemoryAttributeStore();
  state = new StateInForce(log, policies);
  store = new MemoryConsentCountStore();
  counts = another();
});

/** Each day that is asked for, as the numbers of its reasons. */
async function toldOf(question: Partial<Parameters<ConsentCounts['of']>[0]> = {}, from = counts) {
  const days = await from.of({ purpose: 'ai', ...question });
  return days.map(({ told }) => Object.fromEntries(told.map(({ reason, users }) => [reason, users])));
}

function leave(users: readonly string[], purpose = 'ai') {
  return Promise.all(users.map((user) => choices.choose(user, BY, { purpose, choice: 'denied' })));
}

describe('counts', () => {
  beforeEach(() => log.follow());

  test('are the same until the day ends in UTC, in every process, and then made anew; the days before stay', async () => {
    expect(await toldOf()).toEqual([{ permitted: 400 }]);
    await leave(USERS.slice(0, 200));
    expect(await toldOf()).toEqual([{ permitted: 400 }]);
    expect(await toldOf({}, another())).toEqual([{ permitted: 400 }]);
    now++;
    expect(await toldOf()).toEqual([{ permitted: 200, opted_out: 200 }]);
    expect(await toldOf({ from: EVENING })).toEqual([{ permitted: 400 }, { permitted: 200, opted_out: 200 }]);
    expect(await toldOf({ until: EVENING })).toEqual([{ permitted: 400 }]);
  });

  test('are of every purpose once one was asked for, or nobody asked and the day is looked at', async () => {
    await counts.look();
    await leave(USERS);
    for (const purpose of ['ai', 'ai.generative'])
      expect(await counts.of({ purpose })).toMatchObject([
        {
          purpose,
          at: EVENING,
          part: 1,
          minimum: 50,
          told: [{ regime: 'US_CA', reason: 'permitted', users: 400 }],
        },
      ]);
  });

  test('are made for each version that is put in force, and say for which', async () => {
    const { id } = policies.current;
    await counts.look();
    await leave(USERS);
    policies.put(renamed);
    const days = await counts.of({ purpose: 'ai' });
    expect(days.map(({ policy }) => policy)).toEqual([id, renamed.id]);
    expect(await toldOf()).toEqual([{ permitted: 400 }, { opted_out: 400 }]);
  });

  test('are nothing of few: who left is not told under the minimum, nor why under twice as many', async () => {
    // where a signal may close it as well
    const purpose = 'share.affiliates';
    await leave(USERS.slice(0, 49), purpose);
    expect(await toldOf({ purpose })).toEqual([{ permitted: 400 }]);
    now += DAY_MS;
    await leave(USERS.slice(49, 60), purpose);
    expect(await toldOf({ purpose })).toEqual([{ permitted: 350, null: 50 }]);
    now += DAY_MS;
    await leave(USERS.slice(60, 80), purpose);
    expect(await toldOf({ purpose })).toEqual([{ permitted: 300, opted_out: 100 }]);
  });

  test('leave out who is counted by an attribute on that day, also where one comes later', async () => {
    await attributes.add({ id: 'one', title: 'One', values: [{ id: 'a', title: 'A' }] }, 10);
    const [day] = await counts.of({ purpose: 'ai' });
    expect(day).toMatchObject({ part: 0.5 });
    expect(Math.abs((day?.told[0]?.users ?? 0) - 200)).toBeLessThanOrEqual(50);
    expect(await attributes.partsOf(Math.floor(EVENING / DAY_MS))).toEqual([1]);
  });

  test('are forgotten after as many days as they are kept', async () => {
    await counts.look();
    now += DAYS * DAY_MS;
    await counts.forget();
    expect(await toldOf({ until: EVENING })).toHaveLength(1);
    now += DAY_MS;
    await counts.forget();
    expect(await toldOf({ until: EVENING })).toHaveLength(0);
  });

  test('of one regime are those alone; of one that there is not, or a purpose, it says what may be meant', async () => {
    expect(await toldOf({ regime: 'US_CA' })).toEqual([{ permitted: 400 }]);
    expect(await toldOf({ regime: 'UK' })).toEqual([{}]);
    const refused = { code: 'invalid_request' };
    await expect(counts.of({ purpose: 'ai', regime: 'USA' })).rejects.toMatchObject(refused);
    await expect(counts.of({ purpose: 'ia' })).rejects.toMatchObject(refused);
    await expect(counts.of({ purpose: 'ai', from: EVENING - 366 * DAY_MS })).rejects.toMatchObject(refused);
    expect(await toldOf({ from: EVENING - 365 * DAY_MS })).toHaveLength(1);
  });
});

test('a state that cannot be read gives none, and nothing is kept of it', async () => {
  await expect(toldOf()).rejects.toMatchObject({ code: 'consent_unavailable' });
  await log.follow();
  expect(await toldOf()).toEqual([{ permitted: 400 }]);
});
