/** How far a process says that it has come: no further than its caches. */
import type { Reached } from '../../fleet/fleet.store.js';
import type { Machine } from '../../fleet/machine.js';
import type { Held } from '../../fleet/membership.js';
import type { Caches } from './caches.js';

export class Cleared implements Held {
  /** The last place of which it is known that no cache is behind it. */
  private reached: Reached;

  /**
   * @param place what the process has applied
   * @param report tells the other processes how far this one is
   * @param soon how long caches have before the others are told that they are awaited, in milliseconds
   */
  constructor(
    private readonly caches: Caches,
    private readonly place: () => Reached,
    private readonly report: () => void,
    private readonly machine: Pick<Machine, 'later'>,
    private readonly soon: number,
  ) {
    this.reached = place();
  }

  /** Something was applied. */
  applied(): void {
    this.report();
    const dropped = this.caches.haveDropped();
    if (dropped === undefined) return;
    const place = this.place();
    const stop = this.machine.later(this.soon, this.report);
    void dropped.then(() => {
      stop();
      if (place.revision >= this.reached.revision) this.reached = place;
      this.report();
    });
  }

  /** Resolves when something is confirmed, and no cache rests on anything before it. It must be applied. */
  async confirmed(elsewhere: Promise<void>): Promise<void> {
    const dropped = this.caches.haveDropped();
    await elsewhere;
    await dropped;
  }

  isAny(): boolean {
    return this.caches.areAny;
  }

  isLate(): boolean {
    return this.caches.areLate;
  }

  cleared(): Reached {
    if (!this.caches.areBehind) this.reached = this.place();
    return this.reached;
  }

  released(): Promise<void> {
    return this.caches.close();
  }
}
