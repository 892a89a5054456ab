import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type {
  Choice,
  ConsentEvent,
  LogEntry,
  NewConsentEvent,
  UserRecord,
} from '../../decision/consent-event.js';
import { MemoryConsentStore } from '../../../test/memory/memory-consent.store.js';
import { followedLog } from '../../../test/house.js';
import { ConsentState } from '../../decision/state/consent-state.js';
import { DomainError } from '../../errors.js';
import { FleetStore, type Member } from '../../fleet/fleet.store.js';
import { answeredWithin, termsOf } from '../../fleet/terms.js';
import { ConsentLog } from './consent-log.js';
import type { ChangeRequest } from './settlement/settlement.js';
import { type Appending, type ConsentStore, ConsentStoreLost } from './consent.store.js';

/** A store whose appends can be held up, made to fail before or after they are written, or taken over by another. */
class TroubledStore extends MemoryConsentStore {
  trouble: 'none' | 'before' | 'after' | 'lost' = 'none';
  unreadable = false;
  hold: Promise<void> | undefined;
  readonly blocks: number[] = [];

  override async append(
    events: readonly NewConsentEvent[],
    appending?: Appending,
  ): Promise<readonly ConsentEvent[]> {
    await this.hold;
    this.blocks.push(events.length);
    if (this.trouble === 'lost') throw new ConsentStoreLost();
    if (this.trouble === 'before') throw new Error('the database is gone');
    const appended = await super.append(events, appending);
    if (this.trouble === 'after') throw new Error('the connection broke before the answer');
    return appended;
  }

  override async read(after: number, limit: number): Promise<LogEntry[]> {
    if (this.unreadable) throw new Error('the database is gone');
    return super.read(after, limit);
  }
}

/** A fleet of one whose renewals are answered when the test says so. */
class SlowFleet extends FleetStore {
  readonly name = 'one';
  /** Answers each renewal that was sent. */
  readonly sent: ((server: string | undefined) => void)[] = [];
  readonly join = async () => ({ epoch: 1, server: 'a' });
  readonly acknowledge = async (): Promise<void> => undefined;
  readonly evict = async (): Promise<void> => undefined;
  readonly remove = async (): Promise<void> => undefined;
  readonly renewing = async (): Promise<number> => 1;
  readonly tell = async (): Promise<void> => undefined;
  others = async (): Promise<readonly Member[]> => [];
  readonly onNews = (): (() => void) => () => undefined;

  renew(): Promise<string | undefined> {
    return new Promise((resolve) => this.sent.push(resolve));
  }

  inTurn<T>(work: (giveOn: () => void) => Promise<T>): Promise<T> {
    return work(() => undefined);
  }
}

class SharedStore extends TroubledStore {
  override readonly fleet = new SlowFleet();
}

/** A log that another process writes to, which renews its lease and reads by itself after a minute. */
async function sharedLog() {
  const store = new SharedStore();
  const log = new ConsentLog(store, () => undefined, undefined, termsOf(240_000));
  await log.follow();
  await log.join();
  return { store, log, sent: store.fleet.sent };
}

function started(store: ConsentStore = new TroubledStore()): Promise<ConsentLog> {
  return followedLog(store, { onTrouble: () => undefined });
}

function choose(user: string, purpose: string, choice: Choice): ChangeRequest {
  return {
    user,
    by: { kind: 'user', id: user },
    at: 0,
    via: 'settings',
    ...(choice === 'denied' ? { closes: [purpose] } : { opens: [purpose] }),
    settle: (record: UserRecord) =>
      record.choices.get(purpose)?.choice === choice
        ? []
        : [{ kind: 'choice', purpose, choice, notice: 0, signal: false }],
  };
}

const choiceOf = (log: ConsentLog, user: string, purpose: string) =>
  log.state.recordOf(user).choices.get(purpose)?.choice;

describe('a change', () => {
  test('is acknowledged only when decisions rest on it', async () => {
    const log = await started();
    const { revision, changed } = await log.change(choose('u', 'ads', 'denied'));
    expect({ revision, changed }).toEqual({ revision: 1, changed: true });
    expect(log.state.revision).toBeGreaterThanOrEqual(revision);
    expect(choiceOf(log, 'u', 'ads')).toBe('denied');
  });

  test('that changes nothing is not written, and says so', async () => {
    const store = new TroubledStore();
    const log = await started(store);
    await log.change(choose('u', 'ads', 'denied'));
    expect(await log.change(choose('u', 'ads', 'denied'))).toEqual({ revision: 1, changed: false });
    expect(await store.head()).toBe(1);
  });

  test('shares a block with those that arrive at the same time', async () => {
    const store = new TroubledStore();
    const log = await started(store);
    await Promise.all(
      Array.from({ length: 50 }, (_, user) => log.change(choose(`u-${user}`, 'ads', 'denied'))),
    );
    expect(store.blocks).toEqual([50]);
  });

  test('is judged on the record as it is at its turn, not as it was when it was asked for', async () => {
    const log = await started();
    await log.change(choose('u', 'ads', 'denied'));
    const back = log.change(choose('u', 'ads', 'granted'));
    // asked for while the record still says denied, so that it would look like nothing to change
    const again = log.change(choose('u', 'ads', 'denied'));
    expect((await back).changed).toBe(true);
    expect((await again).changed).toBe(true);
    expect(choiceOf(log, 'u', 'ads')).toBe('denied');
  });

  test('that is refused leaves the others of its block alone', async () => {
    const log = await started();
    const refused = log.change({
      ...choose('u', 'ads', 'denied'),
      settle: () => {
        throw new Error('no');
      },
    });
    const other = log.change(choose('v', 'ads', 'denied'));
    await expect(refused).rejects.toThrow('no');
    expect((await other).changed).toBe(true);
  });
});

describe('an opt-in that races with an opt-out of the same purpose', () => {
  test('is refused while the opt-out is being saved, and the opt-out holds', async () => {
    const store = new TroubledStore();
    const log = await started(store);
    let release = () => {};
    store.hold = new Promise((resolve) => (release = resolve));
    const out = log.change(choose('u', 'ads', 'denied'));
    const back = log.change(choose('u', 'ads', 'granted'));
    const elsewhere = log.change(choose('u', 'research', 'granted'));
    await expect(back).rejects.toMatchObject({ code: 'opt_out_in_progress' });
    release();
    await Promise.all([out, elsewhere]);
    expect(choiceOf(log, 'u', 'ads')).toBe('denied');
    expect(choiceOf(log, 'u', 'research')).toBe('granted');
  });

  test('is taken again once the opt-out is confirmed', async () => {
    const log = await started();
    await log.change(choose('u', 'ads', 'denied'));
    await log.change(choose('u', 'ads', 'granted'));
    expect(choiceOf(log, 'u', 'ads')).toBe('granted');
  });
});

describe('a state that is nearly full', () => {
  const ROOM = 64 * 1024;

  /** A log that has taken new users until one was refused. */
  async function filledLog() {
    const store = new TroubledStore();
    const log = await followedLog(store, { state: new ConsentState([1, 2], ROOM) });
    const told: number[] = [];
    log.onFilling((filled) => told.push(filled));
    for (let users = 0; ; users++)
      try {
        await log.change(choose(`u-${users}`, 'ads', 'denied'));
      } catch (refusal) {
        return { store, log, users, refusal, told };
      }
  }

  test('takes no new user, and says what to do, before the room is used up and before anything is written', async () => {
    const { store, log, users, refusal } = await filledLog();
    expect(refusal).toBeInstanceOf(DomainError);
    expect(refusal).toMatchObject({ code: 'too_many_users', message: expect.stringContaining('make room') });
    expect(log.state.filled).toBeGreaterThanOrEqual(0.95);
    expect(log.state.filled).toBeLessThan(0.96);
    for (const choice of ['denied', 'granted'] as const)
      await expect(log.change(choose('somebody new', 'ads', choice))).rejects.toThrow('nothing was written');
    expect([await store.head(), log.state.size]).toEqual([users, users]);
    expect(log.available).toBe(true);
  });

  test('loses nobody, and takes every no of those it knows', async () => {
    const { log, users } = await filledLog();
    const ids = Array.from({ length: users }, (_, number) => `u-${number}`);
    expect(ids.filter((id) => choiceOf(log, id, 'ads') !== 'denied')).toEqual([]);
    const answers = await Promise.all(ids.map((id) => log.change(choose(id, 'ai', 'denied'))));
    expect(answers.filter(({ changed }) => !changed)).toEqual([]);
    await log.change(choose('u-0', 'ads', 'granted'));
    expect(ids.filter((id) => choiceOf(log, id, 'ai') !== 'denied')).toEqual([]);
    expect(choiceOf(log, 'u-0', 'ads')).toBe('granted');
  });

  test('refuses new users of a block alone, and one who was erased is new', async () => {
    const { log, users } = await filledLog();
    await log.erase('u-1', { kind: 'service', id: 'accounts' }, 0);
    const outcomes = await Promise.allSettled(
      ['u-0', 'somebody new', 'u-1', 'u-2'].map((user) => log.change(choose(user, 'ai', 'denied'))),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect(log.state.size).toBe(users - 1);
  });

  test('has nothing against a new user of whom there is nothing to write', async () => {
    const { log, users } = await filledLog();
    const nothing = { ...choose('somebody new', 'ads', 'denied'), settle: () => [] };
    expect(await log.change(nothing)).toEqual({ revision: users, changed: false });
  });

  test('was told of at 80 % and at 90 %, once each', async () => {
    const { store, log, told } = await filledLog();
    await log.change(choose('u-0', 'ai', 'denied'));
    expect(told.map((filled) => filled.toFixed(2))).toEqual(['0.80', '0.90']);
    // and of one that has come so far when somebody asks, of that at once
    const again = await followedLog(store, { state: new ConsentState([1, 2], ROOM) });
    const toldAgain: number[] = [];
    again.onFilling((filled) => toldAgain.push(filled));
    expect(toldAgain).toEqual([log.state.filled]);
  });

  test('follows what another process has written of new users', async () => {
    const { store, log, users } = await filledLog();
    const other = await started(store);
    await other.change(choose('somebody new', 'ads', 'denied'));
    await log.follow();
    expect([log.state.size, choiceOf(log, 'somebody new', 'ads')]).toEqual([users + 1, 'denied']);
    await log.change(choose('somebody new', 'ai', 'denied'));
    expect(choiceOf(log, 'somebody new', 'ai')).toBe('denied');
  });
});

describe('when storage fails', () => {
  test('a change is not confirmed, and what had been written all the same is in force afterwards', async () => {
    const store = new TroubledStore();
    const log = await started(store);
    store.trouble = 'after';
    await expect(log.change(choose('u', 'ads', 'denied'))).rejects.toMatchObject({ code: 'not_confirmed' });
    store.trouble = 'none';
    expect(await log.reaches(1, 20_000)).toBe(true);
    expect(choiceOf(log, 'u', 'ads')).toBe('denied');
  });

  test('decisions do not rest on the state until it is known again to be that of the log', async () => {
    const store = new TroubledStore();
    const log = await started(store);
    store.trouble = 'before';
    store.unreadable = true;
    await expect(log.change(choose('u', 'ads', 'denied'))).rejects.toMatchObject({ code: 'not_confirmed' });
    expect(log.available).toBe(false);
    await expect(log.change(choose('u', 'ads', 'denied'))).rejects.toMatchObject({ code: 'not_confirmed' });
    store.trouble = 'none';
    store.unreadable = false;
    await expect.poll(() => log.available).toBe(true);
    expect((await log.change(choose('u', 'ads', 'denied'))).changed).toBe(true);
  });

  test.each<[string, (log: ConsentLog, denial: ChangeRequest) => Promise<unknown>]>([
    ['a change', (log, denial) => log.change(denial)],
    [
      'a block of an import',
      (log, denial) => log.changeAll([denial], () => ({ id: 'i', line: 1, summary: {} })),
    ],
  ])(
    '%s that nobody confirms is answered before other processes take grants again',
    async (_what, changed) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      onTestFinished(() => void vi.useRealTimers());
      const store = new TroubledStore();
      const log = await started(store);
      let release = () => {};
      store.hold = new Promise((resolve) => (release = resolve));
      const answer = changed(log, choose('u', 'ads', 'denied')).catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(answeredWithin(termsOf(2_000)));
      expect(await answer).toMatchObject({ code: 'not_confirmed' });
      expect(log.available).toBe(false);
      release();
      await vi.waitFor(() => expect(log.available).toBe(true), { timeout: 20_000 });
      expect(choiceOf(log, 'u', 'ads')).toBe('denied');
    },
  );

  test('nobody waits behind a change that failed', async () => {
    const store = new TroubledStore();
    const log = await started(store);
    let release = () => {};
    store.hold = new Promise((resolve) => (release = resolve));
    const first = log.change(choose('u', 'ads', 'denied'));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    const behind = log.change(choose('v', 'ads', 'denied'));
    store.trouble = 'before';
    store.unreadable = true;
    release();
    await expect(first).rejects.toMatchObject({ code: 'not_confirmed' });
    await expect(behind).rejects.toMatchObject({ code: 'not_confirmed' });
    store.unreadable = false;
    await log.close();
  });

  test('a log that is another one than was read is never rested on again', async () => {
    const store = new TroubledStore();
    const log = await started(store);
    const losses: string[] = [];
    log.onLost((reason) => losses.push(reason.message));
    store.trouble = 'lost';
    await expect(log.change(choose('u', 'ads', 'denied'))).rejects.toMatchObject({ code: 'not_confirmed' });
    store.trouble = 'none';
    expect(log.available).toBe(false);
    expect(losses).toEqual([
      expect.stringContaining('the consent log is not the one that this process has read'),
    ]);
    expect(await log.reaches(0, 0)).toBe(false);
  });
});

describe('a process that stops', () => {
  test('settles what it has taken, and takes no more', async () => {
    const log = await started();
    const taken = log.change(choose('u', 'ads', 'denied'));
    await log.close();
    expect((await taken).changed).toBe(true);
    await expect(log.change(choose('u', 'ads', 'granted'))).rejects.toMatchObject({ code: 'not_confirmed' });
  });
});

describe('an erasure', () => {
  const ACCOUNTS = { kind: 'service', id: 'accounts' } as const;

  test('of which the answer was lost is done where the log has it, and else the user is who they were', async () => {
    for (const isDone of [true, false]) {
      const store = new TroubledStore();
      const log = await started(store);
      await log.change(choose('u', 'ads', 'denied'));
      const erase = store.erase.bind(store);
      store.erase = async (...args) => {
        if (isDone) await erase(...args);
        // as while the key is replaced that users are found by
        else store.knows = async () => false;
        throw new Error('the connection broke before the answer');
      };
      await expect(log.erase('u', ACCOUNTS, 0)).rejects.toThrow('the connection broke');
      await expect.poll(() => log.available).toBe(true);
      expect([log.state.knows('u'), choiceOf(log, 'u', 'ads')]).toEqual(
        isDone ? [false, undefined] : [true, 'denied'],
      );
    }
  });

  test('has less time for what is done before it, the longer it has waited', async () => {
    const log = await started();
    for (const user of ['u', 'v']) await log.change(choose(user, 'ads', 'denied'));
    const times: number[] = [];
    const slowly = async (_at: number, within: number) => {
      times.push(within);
      await delay(100);
      return true;
    };
    await Promise.all(['u', 'v'].map((user) => log.erase(user, ACCOUNTS, 0, slowly)));
    const [first = 0, second = 0] = times;
    expect(first).toBeLessThan(answeredWithin(termsOf(2_000)));
    expect(second).toBeLessThan(first - 50);
  });

  test('is earlier than the return of its user, also where another process registers them at the same moment', async () => {
    const store = new TroubledStore();
    const read = store.read.bind(store);
    // as a store that processes share says who it was
    store.read = async (...args) =>
      (await read(...args)).map((entry) => ('forgotten' in entry ? { ...entry, erased: 'u' } : entry));
    const [log, other] = [await started(store), await started(store)];
    await log.change(choose('u', 'ads', 'denied'));
    await other.follow();
    await log.erase('u', ACCOUNTS, 0);
    await other.follow();
    const back = {
      ...choose('u', 'ads', 'denied'),
      settle: () => [{ kind: 'profile', region: 'DE', ageBand: 'adult' } as const],
    };
    const [erasure] = await store.erasures(0, 1);
    const { at = -Infinity } = await other.change(back);
    expect(at).toBeGreaterThan(erasure?.at ?? Infinity);
  });
});

describe('work at one place of the log', () => {
  const granted = (user: string) => choose(user, 'ads.personalised', 'granted');

  test('comes after every change that was acknowledged before, and before every one after', async () => {
    const log = await started();
    const places: number[] = [];
    await log.change(granted('one'));
    const work = log.exclusively(
      5,
      async () => {
        places.push(log.state.revision);
        await new Promise((resolve) => setImmediate(resolve));
        places.push(log.state.revision);
      },
      async () => undefined,
    );
    const after = log.change(granted('two'));
    await work;
    expect(places).toEqual([1, 1]);
    expect(await after).toEqual({ revision: 2, changed: true, at: 5 });
  });

  test('that fails has nothing decided until it is known what came of it', async () => {
    const log = await started();
    const seen: boolean[] = [];
    let tries = 0;
    const work = log.exclusively(
      5,
      () => Promise.reject(new Error('the connection broke before the answer')),
      async () => {
        seen.push(log.available);
        if (++tries < 3) throw new Error('the database is gone');
      },
    );
    await expect(work).rejects.toThrow('the connection broke');
    expect(seen).toEqual([false, false, false]);
    expect(log.available).toBe(true);
  });

  test('has a time that is not before that of any change before it, and changes after it are not before it', async () => {
    const store = new TroubledStore();
    const log = await started(store);
    let place = 0;
    await log.change({ ...granted('one'), at: 900 });
    await log.exclusively(
      500,
      async (at) => void (place = at),
      async () => undefined,
    );
    await log.change({ ...granted('two'), at: 100 });
    expect(place).toBe(900);
    expect((await store.read(0, 10)).map(({ at }) => at)).toEqual([900, 900]);
  });

  test('after a restart is not before the last entry either', async () => {
    const store = new TroubledStore();
    await (await started(store)).change({ ...granted('one'), at: 900 });
    const again = await started(store);
    await again.change({ ...granted('two'), at: 100 });
    expect((await store.read(0, 10)).map(({ at }) => at)).toEqual([900, 900]);
  });
});

describe('the head of the log', () => {
  const LONG = 60_000;

  test('is asked for once for all who want it at the same time, and again for whoever comes while that is under way', async () => {
    const { log, store, sent } = await sharedLog();
    const first = [log.isAtHead(LONG), log.isAtHead(LONG)];
    await expect.poll(() => sent).toHaveLength(1);
    const later = [1, 2, 3].map(async () => ({ is: await log.isAtHead(LONG), revision: log.state.revision }));
    sent[0]?.('a');
    expect(await Promise.all(first)).toEqual([true, true]);
    await expect.poll(() => sent).toHaveLength(2);
    await store.append([
      {
        user: 'u',
        by: { kind: 'user', id: 'u' },
        at: 0,
        via: 'settings',
        change: { kind: 'profile', region: 'DE', ageBand: 'adult' },
      },
    ]);
    sent[1]?.('a');
    expect(await Promise.all(later)).toEqual(later.map(() => ({ is: true, revision: 1 })));
    expect(sent).toHaveLength(2);
    await log.close();
  });

  test('is asked for anew when the database did not answer in time', async () => {
    const { log, sent } = await sharedLog();
    expect(await Promise.all([log.isAtHead(20), log.isAtHead(20)])).toEqual([false, false]);
    const again = log.isAtHead(LONG);
    await expect.poll(() => sent).toHaveLength(2);
    sent[1]?.('a');
    expect(await again).toBe(true);
    await log.close();
  });

  test('is not what a process has read that is no longer in the fleet', async () => {
    const { log, sent } = await sharedLog();
    const asked = log.isAtHead(LONG);
    await expect.poll(() => sent).toHaveLength(1);
    sent[0]?.(undefined);
    expect(await asked).toBe(false);
    await log.close();
  });

  test.each<[string, boolean, unknown]>([
    ['after this process proved that it is in the fleet', true, undefined],
    ['as not confirmed when it is not', false, { code: 'not_confirmed' }],
  ])('an erasure of somebody unknown is answered %s', async (_when, isIn, expected) => {
    const { log, sent } = await sharedLog();
    const answer = log
      .erase('nobody', { kind: 'service', id: 'accounts' }, 0)
      .catch((error: unknown) => error);
    await expect.poll(() => sent).toHaveLength(1);
    sent[0]?.(isIn ? 'a' : undefined);
    if (expected === undefined) expect(await answer).toBeUndefined();
    else expect(await answer).toMatchObject(Object(expected));
    await log.close();
  });
});

describe('a process whose database has another server', () => {
  test('does not apply what it has read on the former one and was still making ready', async () => {
    const { store, log } = await sharedLog();
    let makeReady = (_ready: readonly never[]): void => expect.unreachable();
    log.follows({
      count: 0,
      link: Buffer.alloc(0),
      pending: () => new Promise((resolve) => (makeReady = resolve)),
      prepare: async () => undefined,
    });
    await store.append([
      {
        user: 'u',
        by: { kind: 'user', id: 'u' },
        at: 0,
        via: 'settings',
        change: { kind: 'choice', purpose: 'ads', choice: 'granted', notice: 1, signal: false },
      },
    ]);
    const reading = log.follow();
    await new Promise((resolve) => setImmediate(resolve));
    store.fleet.server = 'b';
    makeReady([]);
    await expect(reading).rejects.toThrow('another server');
    expect(choiceOf(log, 'u', 'ads')).toBeUndefined();
  });

  test('does not say of a user that nobody knows them because the former one does not', async () => {
    const { store, log, sent } = await sharedLog();
    await log.change(choose('u', 'ads', 'denied'));
    store.erase = async () => undefined;
    const answer = log.erase('u', { kind: 'service', id: 'accounts' }, 0).catch((error: unknown) => error);
    await expect.poll(() => sent).toHaveLength(1);
    sent[0]?.('a');
    expect(await answer).toMatchObject({ code: 'not_confirmed' });
    await log.close();
  });

  test('says of an import that a no stands when no lease of the former one can hold any more', async () => {
    const { store, log, sent } = await sharedLog();
    await log.change(choose('u', 'ads', 'denied'));
    const { epoch, server = expect.unreachable() } = { epoch: 2, server: store.fleet.server };
    const applied = { revision: 1, publication: 0 };
    let isHere = false;
    store.fleet.others = async () => [
      { epoch, lease: 240_000, applied, isHere, isHeld: false, isEvicted: false },
    ];
    const mark = { id: 'i', line: 1, summary: {} };
    let outcomes: unknown;
    void log.changeAll([choose('u', 'ads', 'denied')], () => mark).then((each) => (outcomes = each));
    await expect.poll(() => sent).toHaveLength(1);
    sent[0]?.(server);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(outcomes).toBeUndefined();
    isHere = true;
    await expect.poll(() => outcomes).toEqual(['unchanged']);
  });
});
