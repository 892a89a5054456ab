/**
 * Rings when the wall clock reaches a time. Timers do not follow the wall clock when a machine sleeps or its clock is
 * set, so the clock is read every second as long as a time is set.
 */

/** How often to read the clock. */
const LOOK_EVERY_MS = 1_000;

export class Alarm {
  private timer: NodeJS.Timeout | undefined;
  private at = Infinity;
  private closed = false;

  /**
   * @param now milliseconds since the Unix epoch
   * @param ring called once for each time that is set
   */
  constructor(
    private readonly now: () => number,
    private readonly ring: () => void,
  ) {}

  /** Rings at this time, unless an earlier one is set. */
  set(at: number): void {
    if (at >= this.at || this.closed) return;
    this.at = at;
    this.wait();
  }

  /** Rings in a second, whatever the clock says. */
  setSoon(): void {
    if (this.closed) return;
    this.at = -Infinity;
    clearTimeout(this.timer);
    this.timer = setTimeout(this.look, LOOK_EVERY_MS).unref();
  }

  clear(): void {
    this.at = Infinity;
    clearTimeout(this.timer);
  }

  /** Never rings again. */
  close(): void {
    this.closed = true;
    this.clear();
  }

  private readonly look = (): void => {
    if (this.now() < this.at) return this.wait();
    this.at = Infinity;
    this.ring();
  };

  private wait(): void {
    clearTimeout(this.timer);
    const left = Math.max(this.at - this.now(), 0);
    this.timer = setTimeout(this.look, Math.min(left, LOOK_EVERY_MS)).unref();
  }
}
