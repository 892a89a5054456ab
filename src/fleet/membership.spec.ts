import { describe, expect, it } from 'vitest';
import { BEGINNING, FleetStore, type Member, type Reached } from './fleet.store.js';
import { MACHINE } from './machine.js';
import { Membership } from './membership.js';
import { termsOf } from './terms.js';
import { Troubles } from './troubles.js';

/** Says that whoever asks is of another history, until it is told otherwise. */
class PartedStore extends FleetStore {
  readonly name = 'one';
  isParted = true;
  isMember = false;
  acknowledge = async (): Promise<void> => undefined;
  readonly evict: (epoch: number) => Promise<void> = async () => undefined;
  readonly remove: (epoch: number, on?: string) => Promise<void> = async () => undefined;
  readonly renewing = async (): Promise<number> => 1;
  readonly tell = async (): Promise<void> => undefined;

  async join() {
    this.isMember = true;
    return { epoch: 1, server: 'a' };
  }

  async renew(): Promise<string | undefined> {
    return this.isMember ? 'a' : undefined;
  }

  async others(): Promise<readonly Member[] | undefined> {
    return this.isParted ? undefined : [];
  }

  inTurn<T>(work: (giveOn: () => void) => Promise<T>): Promise<T> {
    return work(() => undefined);
  }

  onNews(): () => void {
    return () => undefined;
  }
}

/** Keeps what is told of troubles. */
function troublesIn(told: string[]): Troubles {
  return new Troubles((error) => told.push(error instanceof Error ? error.message : 'ended'));
}

const noTroubles = () => troublesIn([]);

it('confirms nothing of another history than that of the log, and reads the log', async () => {
  const store = new PartedStore();
  let isConfirmed = false;
  await new Promise<void>((resolve) => {
    const followed = { place: () => BEGINNING, follow: async () => resolve() };
    const membership = new Membership(store, followed, termsOf(80), MACHINE, noTroubles());
    void membership.confirmed(BEGINNING).then(() => (isConfirmed = true));
  });
  expect(isConfirmed).toBe(false);
  store.isParted = false;
  await expect.poll(() => isConfirmed).toBe(true);
});

it('says once that it was evicted, once why it cannot join anew, and once that it has', async () => {
  const told: string[] = [];
  const lacking: string[] = [];
  const store = new PartedStore();
  store.isParted = false;
  const followed = {
    place: () => BEGINNING,
    follow: async () => {
      const why = lacking.shift();
      if (why !== undefined) throw new Error(why);
    },
  };
  const membership = new Membership(store, followed, termsOf(80), MACHINE, troublesIn(told));
  await membership.join();
  lacking.push(...Array.from({ length: 5 }, () => 'the database is away'));
  store.isMember = false;
  await expect.poll(() => told).toHaveLength(3);
  expect(told).toEqual([
    expect.stringContaining('was evicted from the fleet'),
    'the database is away',
    'ended',
  ]);
  expect(lacking).toEqual([]);
  await membership.leave();
});

it('says once that it cannot say what it has applied, however often its lease is renewed, and once that it can', async () => {
  const told: string[] = [];
  const store = new PartedStore();
  let renewals = 0;
  const renew = store.renew.bind(store);
  store.renew = async () => {
    renewals++;
    return renew();
  };
  store.acknowledge = async () => {
    throw new Error('it cannot be said');
  };
  const followed = { place: () => ({ ...BEGINNING, revision: 1 }), follow: async () => undefined };
  const membership = new Membership(store, followed, termsOf(80), MACHINE, troublesIn(told));
  await membership.join();
  await expect.poll(() => renewals).toBeGreaterThan(3);
  expect(told).toEqual(['it cannot be said']);
  store.acknowledge = async () => undefined;
  await expect.poll(() => told).toEqual(['it cannot be said', 'ended']);
  await membership.leave();
});

/** Knows who is in it; joinings wait where they are told to. */
class CountingStore extends PartedStore {
  readonly present = new Set<number>();
  until: Promise<void> = Promise.resolve();
  private joined = 0;

  override readonly remove = async (epoch: number) => void this.present.delete(epoch);

  override async join() {
    await this.until;
    this.present.add(++this.joined);
    return { epoch: this.joined, server: 'a' };
  }
}

it.each(['that it has lost', 'that is on its way'])('leaves no membership behind %s', async (which) => {
  const store = new CountingStore();
  const followed = { place: () => BEGINNING, follow: async () => undefined };
  // its own renewals are further apart than this takes
  const membership = new Membership(store, followed, termsOf(60_000), MACHINE, noTroubles());
  await membership.join();
  membership.lapse();
  let go = (): void => undefined;
  store.until = new Promise((resolve) => (go = resolve));
  const joining = which === 'that is on its way' ? membership.join() : undefined;
  await new Promise(setImmediate);
  const leaving = membership.leave();
  go();
  await Promise.all([leaving, joining]);
  expect([...store.present]).toEqual([]);
  expect(membership.holds).toBe(false);
});

it('does not decide on the renewal of a membership that it has given up meanwhile', async () => {
  const store = new PartedStore();
  const followed = { place: () => BEGINNING, follow: async () => undefined };
  // its own renewals are further apart than this takes
  const membership = new Membership(store, followed, termsOf(60_000), MACHINE, noTroubles());
  await membership.join();
  expect(membership.holds).toBe(true);
  let answer = (_server: string): void => expect.unreachable();
  store.renew = () => new Promise((resolve) => (answer = resolve));
  const proved = membership.prove();
  membership.lapse();
  answer('a');
  expect(await proved).toBe(false);
  expect(membership.holds).toBe(false);
  await membership.leave();
});

it('does not join anew for the answer to a renewal of a membership that another has replaced', async () => {
  const store = new PartedStore();
  let joined = 0;
  const join = store.join.bind(store);
  store.join = async () => ({ ...(await join()), epoch: ++joined });
  const followed = { place: () => BEGINNING, follow: async () => undefined };
  const membership = new Membership(store, followed, termsOf(80), MACHINE, noTroubles());
  await membership.join();
  let answer = (_server: string | undefined): void => expect.unreachable();
  let renewals = 0;
  // the first hangs, and the second finds that this process was evicted
  store.renew = () => {
    if (++renewals > 1) return Promise.resolve(renewals === 2 ? undefined : 'a');
    return new Promise((resolve) => (answer = resolve));
  };
  await expect.poll(() => joined).toBe(2);
  await expect.poll(() => membership.holds).toBe(true);
  const { server } = store;
  answer(undefined);
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(joined).toBe(2);
  expect(store.server).toBe(server);
  await membership.leave();
});

it('is waited for by nobody while it cannot read the log where it has joined', async () => {
  const store = new PartedStore();
  const members = new Set<number>();
  let joined = 0;
  store.join = async () => {
    members.add(++joined);
    return { epoch: joined, server: 'b' };
  };
  const leaving = Object.assign(store, { remove: async (epoch: number) => void members.delete(epoch) });
  // what it reads on the former server is refused once it has joined on this one
  const followed = { place: () => BEGINNING, follow: async () => leaving.ensureOn('a') };
  const membership = new Membership(leaving, followed, termsOf(80), MACHINE, noTroubles());
  await expect(membership.join()).rejects.toThrow('another server');
  expect([joined, members.size]).toEqual([1, 0]);
});

describe('a process that comes to another server', () => {
  const place: Reached = { ...BEGINNING, revision: 1 };
  const other: Member = {
    epoch: 2,
    lease: 80,
    applied: BEGINNING,
    isHere: true,
    isHeld: false,
    isEvicted: false,
  };

  /** Members as they are on the server of this process. */
  class MovedStore extends PartedStore {
    readonly evictions: number[] = [];
    readonly removals: (readonly [epoch: number, on: string | undefined])[] = [];
    members: readonly Member[] = [];
    at = 'a';
    /** Where the members are read; absent: where they are written. */
    readAt: string | undefined;
    reading: Promise<unknown> = Promise.resolve();

    override async join() {
      return { epoch: 1, server: this.at };
    }

    override async renew() {
      return this.at;
    }

    override async others() {
      const { members } = this;
      await this.reading;
      this.ensureOn(this.readAt ?? this.at);
      return members;
    }

    override readonly evict = async (epoch: number) => {
      this.evictions.push(epoch);
      this.members = this.members.map((each) => ({ ...each, isEvicted: true }));
    };

    override readonly remove = async (epoch: number, on?: string) => void this.removals.push([epoch, on]);
  }

  it('waits there for whom it saw evicted on the former one, when the promoted one has not heard of that', async () => {
    const store = new MovedStore();
    const followed = { place: () => place, follow: async () => undefined };
    const membership = new Membership(store, followed, termsOf(80), MACHINE, noTroubles());
    await membership.join();
    // an eviction whose wait for the standby was cut short
    store.members = [{ ...other, isEvicted: true }];
    const before = membership.confirmed(BEGINNING);
    await new Promise((resolve) => setTimeout(resolve, 5));
    store.at = 'b';
    store.members = [other];
    await membership.prove();
    await before;
    await new Promise((resolve) => setTimeout(resolve, 150));
    // the other one decides on what was before, and nobody has evicted it here
    await membership.confirmed(place);
    expect(store.evictions).toEqual([2]);
    await membership.leave();
  });

  it('removes who is over only where their row says so', async () => {
    const store = new MovedStore();
    const followed = { place: () => place, follow: async () => undefined };
    const membership = new Membership(store, followed, termsOf(80), MACHINE, noTroubles());
    await membership.join();
    store.members = [{ ...other, isEvicted: true }];
    await membership.confirmed(place);
    await expect.poll(() => store.removals).toContainEqual([2, 'a']);
    // its own row it may remove anywhere
    await membership.leave();
    expect(store.removals.filter(([, on]) => on === undefined)).toEqual([[1, undefined]]);
  });

  it.each([
    ['has left the fleet', (membership: Membership) => membership.lapse()],
    [
      'comes to another one',
      async (membership: Membership, store: MovedStore) => {
        store.at = 'c';
        await membership.prove();
      },
    ],
  ])('confirms nothing that it has only read there once it %s', async (_what, leaves) => {
    const store = new MovedStore();
    const followed = { place: () => place, follow: async () => undefined };
    // its own renewals are further apart than this takes
    const membership = new Membership(store, followed, termsOf(60_000), MACHINE, noTroubles());
    await membership.join();
    store.members = [{ ...other, applied: place }];
    let read = (_nothing: unknown): void => expect.unreachable();
    store.reading = new Promise((resolve) => (read = resolve));
    const confirmed = membership.confirmedAsRead(place);
    confirmed.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await leaves(membership, store);
    store.readAt = store.at === 'c' ? 'c' : 'elsewhere';
    read(undefined);
    await expect(confirmed).rejects.toThrow('the database has another server meanwhile');
    await membership.leave();
  });
});
