import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ConsentChange, NewConsentEvent } from '../../../decision/consent-event.js';
import { MemoryConsentStore } from '../../../../test/memory/memory-consent.store.js';
import { followedLog, timekeeperOf } from '../../../../test/house.js';
import { DAY_MS, MINUTE_MS } from '../../../time.js';
import type { ConsentLog } from '../../log/consent-log.js';
import { SureTime } from './sure-time.js';
import { Timekeeper } from './timekeeper.js';

type Living = { readonly witness?: () => number };

const MINOR = { kind: 'profile', region: 'DE', ageBand: 'minor', adultFrom: 5_000 } as const;
const GRANT = { kind: 'choice', purpose: 'ads', choice: 'granted', notice: 1, signal: false } as const;
const DENIAL = { ...GRANT, choice: 'denied', notice: 0 } as const;

function said(user: string, change: ConsentChange): NewConsentEvent {
  return { user, by: { kind: 'user', id: user }, at: 1_000, via: 'settings', change };
}

/** A log with these events, and its timekeeper at a time. */
async function at(now: number, events: readonly NewConsentEvent[]) {
  const store = new MemoryConsentStore();
  if (events.length > 0) await store.append(events);
  const log = await followedLog(store);
  return { store, log, time: timekeeperOf(log, store, () => now) };
}

describe('a deadline', () => {
  test('makes an adult of a minor at the time it names, wherever they live by then', async () => {
    const { store, log, time } = await at(5_000, [said('u', MINOR)]);
    await time.start();
    expect(log.state.recordOf('u')).toMatchObject({ region: 'DE', ageBand: 'adult' });
    expect(
      (await store.readUser('u', 1, 10)).map(({ at, by, via, saidAt }) => ({ at, by, via, saidAt })),
    ).toEqual([{ at: 5_000, by: { kind: 'engine', id: 'assent' }, via: 'birthday', saidAt: undefined }]);
    await time.close();
  });

  test('ends a grant as a denial, which nothing but a choice of the user lifts', async () => {
    const { log, time } = await at(2_000, [said('u', { ...GRANT, until: 2_000 })]);
    await time.start();
    expect(log.state.recordOf('u').choices.get('ads')).toEqual({
      choice: 'denied',
      notice: 0,
      signal: false,
    });
    await time.close();
  });

  test('that has not come changes nothing', async () => {
    const { store, time } = await at(1_999, [said('u', { ...GRANT, until: 2_000 }), said('u', MINOR)]);
    await time.start();
    expect(await store.head()).toBe(2);
    expect(await store.nextDue()).toBe(2_000);
    await time.close();
  });

  test.each<{ what: string; first: ConsentChange; next: ConsentChange }>([
    { what: 'the grant was given again, without an end', first: { ...GRANT, until: 2_000 }, next: GRANT },
    { what: 'the grant was withdrawn', first: { ...GRANT, until: 2_000 }, next: DENIAL },
    { what: 'the grant was prolonged', first: { ...GRANT, until: 2_000 }, next: { ...GRANT, until: 9_000 } },
    {
      what: 'another profile came',
      first: MINOR,
      next: { kind: 'profile', region: 'FR', ageBand: 'unknown' },
    },
  ])('counts no longer when $what', async ({ first, next }) => {
    const { store, log, time } = await at(6_000, [said('u', first), said('u', next)]);
    const before = log.state.recordOf('u');
    await time.start();
    expect(await store.head()).toBe(2);
    expect(log.state.recordOf('u')).toEqual(before);
    expect(await store.due(6_000, 10)).toEqual([]);
    await time.close();
  });

  test('still counts when something else was said since', async () => {
    const { log, time } = await at(6_000, [said('u', MINOR), said('u', GRANT), said('v', MINOR)]);
    await time.start();
    expect(['u', 'v'].map((user) => log.state.recordOf(user).ageBand)).toEqual(['adult', 'adult']);
    await time.close();
  });

  test('is met at its place after downtime, and says when it was', async () => {
    const { store, time } = await at(1_000_000, [
      said('u', { ...GRANT, until: 2_000 }),
      { ...said('v', GRANT), at: 3_000 },
    ]);
    await time.start();
    // times never go back, so the entry is of the time of the one before
    expect(await store.readUser('u', 1, 10)).toMatchObject([{ at: 3_000, saidAt: 2_000, via: 'expiry' }]);
    await time.close();
  });

  test('is dated no earlier than it came, also when others that came before it are met with it', async () => {
    const { store, time } = await at(9_000, [
      said('u', { ...GRANT, until: 2_000 }),
      said('v', { ...GRANT, until: 7_000 }),
    ]);
    await time.start();
    expect((await store.read(2, 10)).map((entry) => entry.at)).toEqual([2_000, 7_000]);
    await time.close();
  });

  test('of a grant still counts when a signal came since: nothing was said about when the grant ends', async () => {
    const { store, log, time } = await at(9_000, [
      said('u', { ...GRANT, signal: true, until: 2_000 }),
      { ...said('u', GRANT), via: 'gpc' },
    ]);
    await time.start();
    expect(log.state.recordOf('u').choices.get('ads')?.choice).toBe('denied');
    expect(await store.head()).toBe(3);
    await time.close();
  });

  test('is met once, however often the process is killed on the way', async () => {
    const { store, log, time } = await at(6_000, [said('u', MINOR)]);
    store.dropDeadlines = () => Promise.reject(new Error('killed'));
    await expect(time.start()).rejects.toThrow('killed');
    expect(log.state.recordOf('u').ageBand).toBe('adult');
    const again = new MemoryConsentStore();
    await again.append([said('u', MINOR), said('u', { kind: 'profile', region: 'DE', ageBand: 'adult' })]);
    const later = timekeeperOf(await followedLog(again), again, () => 6_000);
    await later.start();
    expect(await again.head()).toBe(2);
    await later.close();
  });

  test('by the thousand is met in pieces, so that changes need not wait for all', async () => {
    const users = Array.from({ length: 1_000 }, (_, index) => said(`u-${index}`, MINOR));
    const { log, store, time } = await at(6_000, users);
    const append = vi.spyOn(store, 'append');
    await time.start();
    expect(users.every(({ user }) => log.state.recordOf(user).ageBand === 'adult')).toBe(true);
    expect(Math.max(...append.mock.calls.map(([events]) => events.length))).toBeLessThanOrEqual(200);
    await time.close();
  });

  describe('and a clock that leaps ten years ahead', () => {
    const NOW = Date.UTC(2026, 10, 29);
    const YEAR = 365 * DAY_MS;
    const AHEAD = 10 * YEAR;

    /**
     * A service in whose log something was said a week ago by somebody who comes of age in a year, and granted something
     * for two. Whether its database has a clock of its own may be told.
     */
    async function living({ witness }: Living = {}) {
      vi.useFakeTimers({ now: NOW });
      const store = new MemoryConsentStore();
      const before = { at: NOW - 7 * DAY_MS };
      await store.append([
        { ...said('u', { ...MINOR, adultFrom: NOW + YEAR }), ...before },
        { ...said('u', { ...GRANT, until: NOW + 2 * YEAR }), ...before },
      ]);
      const leaps: number[] = [];
      let going: { readonly log: ConsentLog; readonly time: Timekeeper } | undefined;
      const start = async () => {
        await going?.time.close();
        // one that is left open goes on looking by the clock, beside all that follow it
        await going?.log.close();
        const log = await followedLog(store);
        const sure = new SureTime(
          store,
          async () => witness?.() ?? Date.now(),
          (days) => leaps.push(days),
        );
        const time = timekeeperOf(log, store, Date.now, sure);
        log.onDeadline((due) => time.expect(due));
        going = { log, time };
        await Promise.all([time.start(), vi.advanceTimersByTimeAsync(100)]);
      };
      await start();
      const recordOf = (user = 'u') => {
        if (going === undefined) throw new Error('it is not running');
        return going.log.state.recordOf(user);
      };
      return {
        store,
        leaps,
        start,
        isAdult: (user?: string) => recordOf(user).ageBand === 'adult',
        choice: () => recordOf().choices.get('ads')?.choice,
        run: (ms: number) => vi.advanceTimersByTimeAsync(ms),
        leap: (ms: number) => vi.setSystemTime(Date.now() + ms),
        close: async () => going?.time.close(),
      };
    }

    afterEach(() => void vi.useRealTimers());

    test('ends at once what is over by it, and makes nobody an adult; when it is set right, all is as it should be', async () => {
      const { store, leap, run, start, isAdult, choice, leaps, close } = await living();
      await store.append([{ ...said('v', { ...MINOR, adultFrom: NOW + DAY_MS }), at: NOW }]);
      await start();
      leap(AHEAD);
      await run(2 * MINUTE_MS);
      expect([isAdult(), choice(), leaps]).toEqual([false, 'denied', [3_650]]);
      leap(-AHEAD);
      await run(2 * MINUTE_MS);
      leap(AHEAD);
      await run(2 * MINUTE_MS);
      expect([isAdult(), leaps.length]).toEqual([false, 2]);
      leap(-AHEAD);
      await run(2 * MINUTE_MS);
      leap(DAY_MS);
      await run(2 * MINUTE_MS);
      expect([isAdult(), isAdult('v'), leaps.length]).toEqual([false, true, 2]);
      await close();
    });

    test('is believed when it has lasted for a day of running', async () => {
      const { leap, run, isAdult, close } = await living();
      leap(AHEAD);
      await run(DAY_MS - 2 * MINUTE_MS);
      expect(isAdult()).toBe(false);
      await run(5 * MINUTE_MS);
      expect(isAdult()).toBe(true);
      await close();
    });

    test('is not believed because the service was started again, nor for what was said meanwhile', async () => {
      const { store, leap, run, start, isAdult, close } = await living();
      leap(AHEAD);
      for (let hour = 1; hour < 24; hour++) {
        await run(60 * MINUTE_MS);
        await store.append([{ ...said('v', GRANT), at: Date.now() }]);
        await start();
        expect(isAdult()).toBe(false);
      }
      await run(2 * 60 * MINUTE_MS);
      await start();
      expect(isAdult()).toBe(true);
      await close();
    });

    test('is never believed while the clock of the database says otherwise, by which others come of age', async () => {
      const { store, leap, run, isAdult, leaps, close } = await living({ witness: () => Date.now() - AHEAD });
      const minor = { ...MINOR, adultFrom: NOW + 60 * MINUTE_MS };
      leap(AHEAD);
      await store.append([{ ...said('v', minor), at: NOW }]);
      await run(DAY_MS + 120 * MINUTE_MS);
      expect([isAdult(), isAdult('v'), leaps]).toEqual([false, true, []]);
      await close();
    });

    test('keeps nothing from being met that closes, however many would come of age', async () => {
      const { store, leap, run, isAdult, choice, close } = await living();
      await store.append(
        Array.from({ length: 300 }, (_, place) => ({
          ...said(`m-${place}`, { ...MINOR, adultFrom: NOW + YEAR }),
          at: NOW,
        })),
      );
      leap(AHEAD);
      await run(2_000);
      expect([isAdult('m-7'), choice()]).toEqual([false, 'denied']);
      await close();
    });

    test.each([
      { away: 20, isAtOnce: true },
      { away: 400, isAtOnce: false },
    ])(
      'is not told from $away days without a word, after which nobody waits longer than a day',
      async (one) => {
        const { store, leap, start, run, isAdult, close } = await living();
        const minor = { ...MINOR, adultFrom: NOW + 10 * DAY_MS };
        await store.append([{ ...said('v', minor), at: NOW }]);
        leap(one.away * DAY_MS);
        await start();
        expect(isAdult('v')).toBe(one.isAtOnce);
        await run(DAY_MS + 2 * MINUTE_MS);
        expect(isAdult('v')).toBe(true);
        await close();
      },
    );
  });

  describe('and a wall clock that does not go as timers do', () => {
    const HOUR_MS = 3_600_000;

    /** A grant that ends in half an hour, in a service that runs. */
    async function running() {
      vi.useFakeTimers({ now: 1_000 });
      const store = new MemoryConsentStore();
      const reads = vi.spyOn(store, 'nextDue');
      const log = await followedLog(store);
      const time = timekeeperOf(log, store, Date.now);
      log.onDeadline((due) => time.expect(due));
      await time.start();
      const granted = log.change({ ...said('u', GRANT), settle: () => [{ ...GRANT, until: HOUR_MS / 2 }] });
      await vi.advanceTimersByTimeAsync(1);
      await granted;
      return { log, store, time, reads, choice: () => log.state.recordOf('u').choices.get('ads')?.choice };
    }

    test('ends what is over within a second of a jump, as when a machine wakes', async () => {
      const { time, choice } = await running();
      try {
        vi.setSystemTime(HOUR_MS);
        expect(choice()).toBe('granted');
        await vi.advanceTimersByTimeAsync(1_000);
        expect(choice()).toBe('denied');
      } finally {
        await time.close();
        vi.useRealTimers();
      }
    });

    test('reads nothing of the log while nothing is due', async () => {
      const { time, reads, choice } = await running();
      try {
        const before = reads.mock.calls.length;
        await vi.advanceTimersByTimeAsync(HOUR_MS / 4);
        expect([reads.mock.calls.length, choice()]).toEqual([before, 'granted']);
      } finally {
        await time.close();
        vi.useRealTimers();
      }
    });

    test('never opens again what has ended when the clock steps back', async () => {
      const { log, store, time, choice } = await running();
      try {
        await vi.advanceTimersByTimeAsync(HOUR_MS / 2);
        expect(choice()).toBe('denied');
        vi.setSystemTime(1_000);
        await vi.advanceTimersByTimeAsync(HOUR_MS);
        expect(choice()).toBe('denied');
        expect(log.state.revision).toBe(2);
        expect((await store.read(0, 10)).map(({ at }) => at)).toEqual([1_000, HOUR_MS / 2]);
      } finally {
        await time.close();
        vi.useRealTimers();
      }
    });

    test('ends at its time what has not ended when the clock steps back', async () => {
      const { time, choice } = await running();
      try {
        await vi.advanceTimersByTimeAsync(HOUR_MS / 4);
        vi.setSystemTime(0);
        await vi.advanceTimersByTimeAsync(HOUR_MS / 2 - 1_000);
        expect(choice()).toBe('granted');
        await vi.advanceTimersByTimeAsync(2_000);
        expect(choice()).toBe('denied');
      } finally {
        await time.close();
        vi.useRealTimers();
      }
    });
  });

  test('that closes is met although nobody can tell whether the clock can be believed', async () => {
    const store = new MemoryConsentStore();
    await store.append([said('u', MINOR), said('u', { ...GRANT, until: 2_000 })]);
    const log = await followedLog(store);
    const sure = { at: () => Promise.reject(new Error('the log cannot be read')) };
    const trouble = vi.fn();
    const time = new Timekeeper(log, store, () => 6_000, sure, {
      onMet: () => undefined,
      onTrouble: trouble,
      onDone: () => undefined,
    });
    await time.start();
    await time.close();
    const { ageBand, choices } = log.state.recordOf('u');
    expect([ageBand, choices.get('ads')?.choice, trouble.mock.calls.length]).toEqual(['minor', 'denied', 1]);
  });

  test('that comes while the service runs is met at its time', async () => {
    vi.useFakeTimers({ now: 1_000 });
    try {
      const store = new MemoryConsentStore();
      const log = await followedLog(store);
      const met = vi.fn();
      const sure = { at: async (now: number) => now };
      const time = new Timekeeper(log, store, Date.now, sure, {
        onMet: met,
        onTrouble: () => undefined,
        onDone: () => undefined,
      });
      log.onDeadline((due) => time.expect(due));
      await time.start();
      const granted = log.change({ ...said('u', GRANT), settle: () => [{ ...GRANT, until: 60_000 }] });
      await vi.advanceTimersByTimeAsync(1);
      await granted;
      await vi.advanceTimersByTimeAsync(58_000);
      expect(met).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1_000);
      expect(met).toHaveBeenCalledExactlyOnceWith({ deadlines: 1, events: 1 });
      expect(log.state.recordOf('u').choices.get('ads')?.choice).toBe('denied');
      await time.close();
    } finally {
      vi.useRealTimers();
    }
  });
});
