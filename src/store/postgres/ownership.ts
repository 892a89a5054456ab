/**
 * The proof that this process still owns the store. It is a write that only the owner can make, made again and again;
 * without it for too long, another process may have taken the store over, and nothing may rest on what this one holds.
 */

/** How long a proof holds, counted from when it was sent: when it arrived, nobody here knows. */
export const PROOF_HOLDS_MS = 2_000;

/**
 * How long a new owner waits before it confirms anything: whoever owned the store before has then stopped to permit, even
 * if the clocks of the two machines run apart by a fifth.
 */
export const DENIES_AFTER_MS = 2_500;

const PROVE_EVERY_MS = 1_000;

/** A moment on both clocks. The monotonic one stands still while a machine sleeps, the wall clock is set. */
export type Moment = { readonly monotonic: number; readonly wall: number };

/** Reads both clocks, in milliseconds. */
export const readClocks = (): Moment => ({ monotonic: performance.now(), wall: Date.now() });

export class Ownership {
  private proved: Moment;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private readonly listeners: (() => void)[] = [];
  /** What the clocks said in this stretch of work; absent: they were not read in it. */
  private asRead: boolean | undefined;

  /**
   * @param first when the first proof was sent
   * @param prove resolves to whether the write hit, `undefined` when it may be lost again; throws when nobody knows
   * @param onTaken called when it did not hit: another process owns the store
   */
  constructor(
    first: Moment,
    private readonly prove: () => Promise<boolean | undefined>,
    private readonly onTaken: () => void,
    private readonly clocks: () => Moment = readClocks,
  ) {
    this.proved = first;
    this.schedule(first);
  }

  /**
   * Whether the last proof still holds, by both clocks. They are read once in a stretch of work that nothing comes
   * between: a process that is paused inside of it is as one that was slow after it had looked.
   */
  get holds(): boolean {
    if (this.asRead === undefined) {
      this.asRead = this.isWithin();
      void STRETCH_ENDED.then(this.forget);
    }
    return this.asRead;
  }

  /** Calls back whenever ownership is proved again after a time in which it was not. */
  onRegained(listener: () => void): void {
    this.listeners.push(listener);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private readonly forget = (): void => {
    this.asRead = undefined;
  };

  private isWithin(): boolean {
    const { monotonic, wall } = this.clocks();
    const { proved } = this;
    const passed = wall - proved.wall;
    // a wall clock that was set back does not say how much time has passed
    return monotonic - proved.monotonic < PROOF_HOLDS_MS && passed >= 0 && passed < PROOF_HOLDS_MS;
  }

  private schedule(last: Moment): void {
    const delay = PROVE_EVERY_MS - (this.clocks().monotonic - last.monotonic);
    this.timer = setTimeout(() => void this.proveAgain(), Math.max(delay, 0)).unref();
  }

  private async proveAgain(): Promise<void> {
    const sent = this.clocks();
    // one that fails proves nothing; if the connection is gone, its owner hears of it elsewhere
    const isOurs = await this.prove().catch(() => undefined);
    if (this.stopped) return;
    if (isOurs === false) {
      this.onTaken();
      return;
    }
    if (isOurs === true) {
      const wasProved = this.isWithin();
      this.proved = sent;
      if (!wasProved && this.isWithin()) for (const listener of this.listeners) listener();
    }
    this.schedule(sent);
  }
}

const STRETCH_ENDED = Promise.resolve();
