/** How long to wait before something is tried again: longer each time, and not as long as everybody else waits. */
export class Pauses {
  private pause: number;

  /**
   * @param first milliseconds, at most, before the second try
   * @param longest milliseconds, at most, before any
   * @param random a number from 0 to 1
   */
  constructor(
    private readonly first: number,
    private readonly longest: number,
    private readonly random: () => number = Math.random,
  ) {
    this.pause = first;
  }

  /** Milliseconds to wait now: half of the longest that it may be, and a random part of the other half. */
  next(): number {
    const { pause } = this;
    this.pause = Math.min(2 * pause, this.longest);
    return pause * (0.5 + this.random() / 2);
  }

  /** All is well: the next one is as the first. */
  reset(): void {
    this.pause = this.first;
  }
}
