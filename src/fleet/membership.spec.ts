import { expect, it } from 'vitest';
import { BEGINNING, FleetStore, type Member } from './fleet.store.js';
import { MACHINE } from './machine.js';
import { Membership } from './membership.js';
import { termsOf } from './terms.js';

/** Says that whoever asks is of another history, until it is told otherwise. */
class PartedStore extends FleetStore {
  readonly name = 'one';
  isParted = true;
  readonly join = async (): Promise<number> => 1;
  readonly renew = async (): Promise<boolean> => true;
  readonly acknowledge = async (): Promise<void> => undefined;
  readonly evict = async (): Promise<void> => undefined;
  readonly remove = async (): Promise<void> => undefined;
  readonly tell = async (): Promise<void> => undefined;

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
