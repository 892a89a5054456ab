import { expect, it } from 'vitest';
import { BEGINNING, FleetStore, type Member } from './fleet.store.js';
import { MACHINE } from './machine.js';
import { Membership } from './membership.js';
import { termsOf } from './terms.js';

/** Says that whoever asks is of another history, until it is told otherwise. */
class PartedStore extends FleetStore {
  readonly name = 'one';
  isParted = true;
  isMember = false;
  readonly acknowledge = async (): Promise<void> => undefined;
  readonly evict = async (): Promise<void> => undefined;
  readonly remove = async (): Promise<void> => undefined;
  readonly tell = async (): Promise<void> => undefined;

  async join(): Promise<number> {
    this.isMember = true;
    return 1;
  }

  async renew(): Promise<boolean> {
    return this.isMember;
  }

  async others(): Promise<readonly Member[] | undefined> {
    return this.isParted ? undefined : [];
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  onNews(): () => void {
    return () => undefined;
  }
}

it('confirms nothing of another history than that of the log, and reads the log', async () => {
  const store = new PartedStore();
  let isConfirmed = false;
  await new Promise<void>((resolve) => {
    const followed = { place: () => BEGINNING, follow: async () => resolve() };
    const membership = new Membership(store, followed, termsOf(80), MACHINE, () => undefined);
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
  const membership = new Membership(store, followed, termsOf(80), MACHINE, (error) =>
    told.push(error instanceof Error ? error.message : 'ended'),
  );
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
