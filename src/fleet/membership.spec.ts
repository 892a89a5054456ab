import { expect, it } from 'vitest';
import { BEGINNING, FleetStore, type Member } from './fleet.store.js';
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
  readonly evict = async (): Promise<void> => undefined;
  readonly remove = async (): Promise<void> => undefined;
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

/** For a machine that has other things to do. */
const PATIENT = { timeout: 4_000 };

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
  await expect.poll(() => isConfirmed, PATIENT).toBe(true);
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
  await expect.poll(() => told, PATIENT).toHaveLength(3);
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
  await expect.poll(() => renewals, PATIENT).toBeGreaterThan(3);
  expect(told).toEqual(['it cannot be said']);
  store.acknowledge = async () => undefined;
  await expect.poll(() => told, PATIENT).toEqual(['it cannot be said', 'ended']);
  await membership.leave();
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
