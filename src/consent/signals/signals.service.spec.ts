import { beforeEach, describe, expect, it } from 'vitest';
import type { ConsentEvent, NewConsentEvent } from '../../decision/consent-event.js';
import { MAX_CHOICES } from '../../decision/state/record-classes.js';
import { MemoryConsentStore } from '../../../test/memory/memory-consent.store.js';
import { writeTcString } from './tc-string.js';
import { DAY_MS } from '../../time.js';
import { CMP, type House, houseOn } from '../../../test/house.js';
import { REFERENCE } from '../../../test/reference-policy.js';
import { policiesOn } from '../../../test/at-once.js';

const policies = policiesOn(REFERENCE);
const USER = 'u-1';
const BY = { kind: 'user', id: USER } as const;
/** A day at noon. */
const TODAY = 20_000 * DAY_MS + DAY_MS / 2;

/** A log that keeps its blocks as they were given to it. */
class RecordingStore extends MemoryConsentStore {
  readonly blocks: (readonly NewConsentEvent[])[] = [];

  override append(events: readonly NewConsentEvent[]): Promise<readonly ConsentEvent[]> {
    this.blocks.push(events);
    return super.append(events);
  }
}

let store: RecordingStore;
let house: House;
let now: number;

beforeEach(async () => {
  store = new RecordingStore();
  now = TODAY - 30 * DAY_MS;
  house = await houseOn(store, policies, () => now);
  await house.choices.setProfile(USER, BY, { region: 'DE', ageBand: 'adult' });
  now = TODAY;
});

/** A string that says no to everything, last updated so many days ago. */
const refusalOf = (daysAgo: number) =>
  writeTcString({ consents: [], legitimateInterests: [] }, CMP, TODAY - daysAgo * DAY_MS);

describe('a TC string', () => {
  it('is written as denials that came with a signal, in one block, with the day on which they were said', async () => {
    const { closed } = await house.signals.recordTcString(USER, BY, refusalOf(3));
    expect(closed.length).toBeGreaterThan(3);
    expect(store.blocks.at(-1)).toEqual(
      closed.map((purpose) => ({
        user: USER,
        by: BY,
        at: TODAY,
        saidAt: TODAY - DAY_MS / 2 - 3 * DAY_MS,
        via: 'tcf',
        change: { kind: 'choice', purpose, choice: 'denied', notice: 0, signal: true },
      })),
    );
  });

  it('is written once', async () => {
    await house.signals.recordTcString(USER, BY, refusalOf(0));
    const blocks = store.blocks.length;
    expect(await house.signals.recordTcString(USER, BY, refusalOf(0))).toMatchObject({
      changed: false,
      closed: [],
    });
    expect(store.blocks).toHaveLength(blocks);
  });

  it.each([
    { when: 'days before it', daysAgo: 0, grantedAgo: 5, holds: false },
    { when: 'on its day, which is all that it says', daysAgo: 2, grantedAgo: 2, holds: false },
    { when: 'on the day after', daysAgo: 2, grantedAgo: 1, holds: true },
    { when: 'days after it', daysAgo: 9, grantedAgo: 0, holds: true },
  ])('and a grant of $when: does the grant hold? $holds', async ({ daysAgo, grantedAgo, holds }) => {
    now = TODAY - grantedAgo * DAY_MS;
    await house.choices.choose(USER, BY, { purpose: 'recruiting', choice: 'denied' });
    await house.choices.choose(USER, BY, { purpose: 'ads.inferred', choice: 'granted', notice: 1 });
    now = TODAY;
    const { closed } = await house.signals.recordTcString(USER, BY, refusalOf(daysAgo));
    expect(closed.includes('ads.inferred')).toBe(!holds);
  });

  it.each([
    { day: 'of 1970', said: 0 },
    { day: 'of 1990', said: Date.UTC(1990, 5, 1) },
    { day: 'before there was version 2 of the framework', said: Date.UTC(2019, 7, 20) },
    { day: 'to come', said: TODAY + 400 * DAY_MS },
  ])('with an impossible date, $day, closes whatever was granted, now', async ({ said }) => {
    await house.choices.choose(USER, BY, { purpose: 'ads.inferred', choice: 'granted', notice: 1 });
    const text = writeTcString({ consents: [], legitimateInterests: [] }, CMP, said);
    const { closed, notRepresented } = await house.signals.recordTcString(USER, BY, text);
    expect(closed).toContain('ads.inferred');
    expect(notRepresented.map(({ what }) => what)).toContain('the day on which it was last updated');
    const [event] = store.blocks.at(-1) ?? [];
    expect([event?.at, event?.saidAt]).toEqual([TODAY, undefined]);
  });

  it('with an impossible date opens nothing', async () => {
    const everything = Array.from({ length: 11 }, (_, index) => index + 1);
    await house.choices.choose(USER, BY, { purpose: 'ads.inferred', choice: 'denied' });
    const text = writeTcString({ consents: everything, legitimateInterests: everything }, CMP, 0);
    expect(await house.signals.recordTcString(USER, BY, text)).toMatchObject({ changed: false, closed: [] });
  });

  it('closes a grant that an import dates after today: nobody has said it yet', async () => {
    now = TODAY - 9 * DAY_MS;
    await store.append([
      {
        user: USER,
        by: BY,
        at: now,
        saidAt: TODAY + 30 * DAY_MS,
        via: 'import',
        change: { kind: 'choice', purpose: 'ads.inferred', choice: 'granted', notice: 1, signal: false },
      },
    ]);
    await house.log.follow();
    now = TODAY;
    const { closed } = await house.signals.recordTcString(USER, BY, refusalOf(1));
    expect(closed).toContain('ads.inferred');
  });

  it('finds the last grant of a user who changed their mind thousands of times', async () => {
    now = TODAY - 9 * DAY_MS;
    for (let time = 0; time < 1_100; time++)
      await house.choices.choose(USER, BY, {
        purpose: 'ads.inferred',
        choice: time % 2 === 0 ? 'granted' : 'denied',
        notice: 1,
      });
    now = TODAY;
    await house.choices.choose(USER, BY, { purpose: 'ads.inferred', choice: 'granted', notice: 1 });
    const { closed } = await house.signals.recordTcString(USER, BY, refusalOf(5));
    expect(closed).not.toContain('ads.inferred');
  });

  it('closes a grant from before it, however lately another signal came', async () => {
    now = TODAY - 9 * DAY_MS;
    await house.signals.recordTcString(USER, BY, refusalOf(10));
    await house.choices.choose(USER, BY, {
      purpose: 'ads.inferred',
      choice: 'granted',
      notice: 1,
      signalShown: true,
    });
    now = TODAY;
    await house.hearing.record(USER, BY, 'gpc');
    const { closed } = await house.signals.recordTcString(USER, BY, refusalOf(5));
    expect(closed).toContain('ads.inferred');
  });

  it('that races a grant closes it', async () => {
    await house.choices.choose(USER, BY, { purpose: 'ads.inferred', choice: 'granted', notice: 1 });
    const heard = house.signals.recordTcString(USER, BY, refusalOf(0));
    const granting = house.choices.choose(USER, BY, {
      purpose: 'ads.inferred',
      choice: 'granted',
      notice: 1,
    });
    await Promise.allSettled([heard, granting]);
    expect((await heard).closed).toContain('ads.inferred');
    expect(
      house.settings.settingsOf(USER).purposes.find(({ purpose }) => purpose.id === 'ads.inferred'),
    ).toMatchObject({
      choice: 'denied',
      on: false,
    });
  });
});

describe('a record that is full', () => {
  const full = () =>
    house.log.change({
      user: USER,
      by: BY,
      at: now,
      via: 'settings',
      settle: () =>
        Array.from({ length: MAX_CHOICES }, (_, at) => ({
          kind: 'choice',
          purpose: at === 0 ? 'personalise' : `former.${at}`,
          choice: 'granted',
          notice: 0,
          signal: false,
        })),
    });

  it('keeps no choice for another purpose, and says that it is full, not that there is no such choice', async () => {
    await full();
    const refusal = { code: 'too_many_choices' };
    await expect(house.signals.recordTcString(USER, BY, refusalOf(0))).rejects.toMatchObject(refusal);
    const other = { purpose: 'ads.inferred', choice: 'denied' } as const;
    await expect(house.choices.choose(USER, BY, other)).rejects.toMatchObject(refusal);
    await expect(house.choices.chooseMany(USER, BY, [other])).rejects.toMatchObject({
      ...refusal,
      member: '/choices/0/purpose',
    });
  });

  it('takes another choice for a purpose that it has one for', async () => {
    await full();
    await house.choices.choose(USER, BY, { purpose: 'personalise', choice: 'denied' });
    expect(house.log.state.recordOf(USER).choices.get('personalise')).toMatchObject({ choice: 'denied' });
  });
});

describe('a signal in a header', () => {
  it('is written as the word of a browser, once', async () => {
    await house.hearing.hear(USER, BY, 'gpc');
    const event = { user: USER, by: BY, at: TODAY, via: 'gpc', change: { kind: 'signal', signal: 'gpc' } };
    expect(store.blocks.at(-1)).toEqual([event]);
    const blocks = store.blocks.length;
    await house.hearing.hear(USER, BY, 'gpc');
    await house.hearing.hear(USER, BY, undefined);
    expect(store.blocks).toHaveLength(blocks);
  });

  it('makes the grant that was shown it a grant against it', async () => {
    await house.choices.setProfile(USER, BY, { region: 'US-CA', ageBand: 'adult' });
    await house.hearing.hear(USER, BY, 'gpc');
    await expect(
      house.choices.choose(USER, BY, { purpose: 'ads.off_platform', choice: 'granted' }),
    ).rejects.toMatchObject({
      code: 'signal_stands',
    });
    const bits: unknown[] = [];
    for (const [purpose, choice] of [
      ['ads.off_platform', 'granted'],
      ['ads.off_platform', 'denied'],
      ['personalise', 'granted'],
    ] as const) {
      await house.choices.choose(USER, BY, { purpose, choice, signalShown: true });
      bits.push(store.blocks.at(-1)?.[0]?.change);
    }
    expect(bits).toMatchObject([{ signal: true }, { signal: false }, { signal: false }]);
  });
});
