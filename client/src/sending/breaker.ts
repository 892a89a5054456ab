/** Stops asking for a while when nothing but failures comes back: a no at once is better than a no after the deadline. */

import { Pauses } from './pauses.js';

/** Failures in a row after which it opens. */
const THRESHOLD = 5;
/** Milliseconds that it stays open: the first time, and at most. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

export class Breaker {
  private failures = 0;
  private openUntil = 0;
  private isTrying = false;
  private readonly pauses: Pauses;

  /**
   * @param now milliseconds on a clock that only counts on
   * @param random a number from 0 to 1: so that many clients do not come back at once
   */
  constructor(
    private readonly now: () => number = () => performance.now(),
    random?: () => number,
  ) {
    this.pauses = new Pauses(FIRST_PAUSE, LONGEST_PAUSE, random);
  }

  /** Whether a request may be sent. After a pause, one may, and the others wait for what comes of it. */
  enter(): boolean {
    if (this.failures < THRESHOLD) return true;
    if (this.isTrying || this.now() < this.openUntil) return false;
    this.isTrying = true;
    return true;
  }

  succeeded(): void {
    this.failures = 0;
    this.pauses.reset();
    this.isTrying = false;
  }

  failed(): void {
    this.failures++;
    this.isTrying = false;
    // those that were sent before it opened do not make the pause longer
    if (this.failures < THRESHOLD || this.now() < this.openUntil) return;
    this.openUntil = this.now() + this.pauses.next();
  }

  /** Nothing is known of the service: the caller gave up, or was refused for a reason of its own. */
  gaveUp(): void {
    this.isTrying = false;
  }
}
