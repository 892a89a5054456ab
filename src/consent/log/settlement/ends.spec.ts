import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryConsentStore } from '../../../../test/memory/memory-consent.store.js';
import type { Said } from '../../settings/changes/choices.js';
import type { Deadline } from '../consent.store.js';
import { type House, houseOn, timekeeperOf } from '../../../../test/house.js';
import { REFERENCE } from '../../../../test/reference-policy.js';
import { policiesOn } from '../../../../test/at-once.js';

const policies = policiesOn(REFERENCE);
const USER = 'u-1';
const BY = { kind: 'user', id: USER } as const;
const NOW = Date.UTC(2027, 0, 1);
const MAY = Date.UTC(2027, 4, 1);
const JUNE = Date.UTC(2027, 5, 1);
const GRANT: Said = { purpose: 'ads.inferred', choice: 'granted' };

/** A log that counts how often it is asked what ends. */
class CountingStore extends MemoryConsentStore {
  lookedUp = 0;

  override deadlinesOf(users: readonly string[]): Promise<Deadline[]> {
    this.lookedUp++;
    return super.deadlinesOf(users);
  }
}

let store: CountingStore;
let house: House;
let now: number;

async function started(): Promise<void> {
  house = await houseOn(store, policies, () => now);
}

beforeEach(async () => {
  store = new CountingStore();
  now = NOW;
  await started();
  await house.choices.setProfile(USER, BY, { region: 'US-CA', ageBand: 'adult' });
});

const choose = async (said: Said) => (await house.choices.choose(USER, BY, said)).changed;
const recorded = () => house.log.state.recordOf(USER).choices;

/** What is left of the grant once a time has come. */
async function leftAt(time: number): Promise<string | undefined> {
  now = time;
  const keeper = timekeeperOf(house.log, store, () => now);
  await keeper.start();
  await keeper.close();
  return recorded().get(GRANT.purpose)?.choice;
}

/** Takes rows in as an import. @returns how many lines changed something */
async function importRows(...rows: readonly object[]): Promise<number> {
  const run = await house.imports.goOn(`i-${store.lookedUp}-${now}-${await store.head()}`, 1, BY);
  async function* lines() {
    yield Buffer.from(rows.map((row) => `${JSON.stringify({ user: USER, ...row })}\n`).join(''));
  }
  let changed = 0;
  for await (const report of run.take(lines())) if ('summary' in report) changed = report.summary.changed;
  return changed;
}

describe('a grant with an end', () => {
  it('that is given again without one is a change, and does not end', async () => {
    expect(await choose({ ...GRANT, until: MAY })).toBe(true);
    expect(await choose(GRANT)).toBe(true);
    expect(await choose(GRANT)).toBe(false);
    expect(await leftAt(MAY)).toBe('granted');
  });

  it('that is given again with the same end is no change, however often, and ends then', async () => {
    await choose({ ...GRANT, until: MAY });
    const head = await store.head();
    for (let time = 0; time < 300; time++) expect(await choose({ ...GRANT, until: MAY })).toBe(false);
    expect(await store.head()).toBe(head);
    expect(await leftAt(MAY - 1)).toBe('granted');
    expect(await leftAt(MAY)).toBe('denied');
  });

  it.each([
    { first: MAY, next: JUNE },
    { first: JUNE, next: MAY },
    { first: undefined, next: MAY },
  ])('ends when it was said last: $first, then $next', async ({ first, next }) => {
    await choose(first === undefined ? GRANT : { ...GRANT, until: first });
    expect(await choose({ ...GRANT, until: next })).toBe(true);
    expect(await choose({ ...GRANT, until: next })).toBe(false);
    expect(await leftAt(next - 1)).toBe('granted');
    expect(await leftAt(next)).toBe('denied');
  });

  it('has no end any more once it was denied and granted anew', async () => {
    await choose({ ...GRANT, until: MAY });
    await choose({ purpose: GRANT.purpose, choice: 'denied' });
    expect(await choose(GRANT)).toBe(true);
    expect(await choose(GRANT)).toBe(false);
    expect(await leftAt(MAY)).toBe('granted');
  });

  it('keeps its end when a signal comes', async () => {
    await house.hearing.record(USER, BY, 'gpc');
    const shown = { purpose: 'ads.off_platform', choice: 'granted', signalShown: true, until: MAY } as const;
    await choose(shown);
    const again = await house.log.change({
      user: USER,
      by: BY,
      at: now,
      via: 'gpc',
      settle: () => [{ kind: 'choice', purpose: shown.purpose, choice: 'granted', notice: 0, signal: true }],
    });
    expect(again.changed).toBe(true);
    expect(await choose(shown)).toBe(false);
    expect(await choose({ ...shown, until: JUNE })).toBe(true);
  });

  it('is the same after a restart', async () => {
    await choose({ ...GRANT, until: MAY });
    await started();
    expect(await choose({ ...GRANT, until: MAY })).toBe(false);
    expect(await choose(GRANT)).toBe(true);
  });

  it('is compared with those that share its block', async () => {
    const changes = await Promise.all([
      choose({ ...GRANT, until: MAY }),
      choose({ ...GRANT, until: MAY }),
      choose(GRANT),
      choose(GRANT),
      choose({ ...GRANT, until: JUNE }),
    ]);
    expect(changes).toEqual([true, false, true, false, true]);
    expect(await leftAt(JUNE)).toBe('denied');
  });

  it('among several choices is compared as one alone is', async () => {
    const ai = { purpose: 'ai', choice: 'granted' } as const;
    const both = [
      { ...GRANT, until: MAY },
      { ...ai, until: JUNE },
    ];
    const many = async (list: readonly Said[]) =>
      (await house.choices.chooseMany(USER, BY, list)).choices.map(({ changed }) => changed);
    expect(await many(both)).toEqual([true, true]);
    expect(await many(both)).toEqual([false, false]);
    expect(await many([GRANT, { ...ai, until: JUNE }])).toEqual([true, false]);
    expect(await leftAt(MAY)).toBe('granted');
    expect(await leftAt(JUNE)).toBe('granted');
    expect(recorded().get('ai')?.choice).toBe('denied');
  });

  it('of an import is taken in once, and one without an end takes none away', async () => {
    const row = { purpose: GRANT.purpose, choice: 'granted' };
    const until = { ...row, until: new Date(MAY).toISOString() };
    expect(await importRows(until)).toBe(1);
    expect(await importRows(until, row)).toBe(0);
    expect(await leftAt(MAY)).toBe('denied');
  });

  it('is forgotten with its user', async () => {
    await choose({ ...GRANT, until: MAY });
    await choose({ ...GRANT, until: MAY });
    await house.log.erase(USER, BY, now);
    await house.choices.setProfile(USER, BY, { region: 'US-CA', ageBand: 'adult' });
    expect(await choose({ ...GRANT, until: MAY })).toBe(true);
    expect(await leftAt(MAY)).toBe('denied');
  });

  it('is looked up once, and not for those who grant or deny what was not granted', async () => {
    await choose(GRANT);
    await choose({ purpose: GRANT.purpose, choice: 'denied' });
    await choose({ ...GRANT, until: MAY });
    expect(store.lookedUp).toBe(0);
    for (let time = 0; time < 10; time++) await choose({ ...GRANT, until: MAY + time });
    expect(store.lookedUp).toBe(1);
  });
});

describe('the time at which a minor comes of age', () => {
  const minor = { region: 'DE', ageBand: 'minor' } as const;

  it('is not lost when two profiles come at once', async () => {
    const profiles = [
      { ...minor, adultFrom: MAY },
      { ...minor, region: 'FR' },
    ];
    await Promise.all(profiles.map((profile) => house.choices.setProfile(USER, BY, profile)));
    await leftAt(MAY);
    expect(house.log.state.recordOf(USER)).toMatchObject({ region: 'FR', ageBand: 'adult' });
  });

  it('stays as it was said last, also where an import says where they live', async () => {
    await house.choices.setProfile(USER, BY, { ...minor, adultFrom: MAY });
    expect(await importRows({ region: 'FR' })).toBe(1);
    expect(
      await importRows({ region: 'FR', age_band: 'minor', adult_from: new Date(MAY).toISOString() }),
    ).toBe(0);
    expect((await house.choices.setProfile(USER, BY, { ...minor, region: 'FR' })).changed).toBe(false);
    await leftAt(MAY);
    expect(house.log.state.recordOf(USER)).toMatchObject({ region: 'FR', ageBand: 'adult' });
  });

  it('is gone once they were said to be none', async () => {
    await house.choices.setProfile(USER, BY, { ...minor, adultFrom: MAY });
    await house.choices.setProfile(USER, BY, { ...minor, ageBand: 'unknown' });
    await house.choices.setProfile(USER, BY, minor);
    await leftAt(MAY);
    expect(house.log.state.recordOf(USER)).toMatchObject({ ageBand: 'minor' });
  });
});
