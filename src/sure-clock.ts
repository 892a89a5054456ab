/** What must not be undone by a wrong clock asks first whether the clock can be believed. */
import { DAY_MS } from './time.js';

/** How far the clock may be ahead of what was known before, and is believed. */
const LEAP_MS = 31 * DAY_MS;
/** For how long one that is further ahead is not believed: so that somebody can set it right. */
const DOUBTED_MS = DAY_MS;

/** Tells of a clock of which one leap ahead is not believed before it has lasted for a day of running. */
export class SureClock {
  private known: { readonly at: number; readonly steady: number };
  /** When the leap was seen, by the steady clock. */
  private seen: number | undefined;

  /**
   * @param newest the latest time that is known from before, in milliseconds since the Unix epoch
   * @param steady milliseconds since any moment, whatever the clock is set to
   */
  constructor(
    newest: number,
    private readonly steady: () => number,
  ) {
    this.known = { at: newest, steady: steady() };
  }

  /**
   * How far the clock is ahead of what it should say, in milliseconds, as long as it is not believed.
   *
   * @param now what it says, in milliseconds since the Unix epoch
   */
  leapAt(now: number): number | undefined {
    const steady = this.steady();
    const ahead = now - (this.known.at + steady - this.known.steady);
    if (ahead > LEAP_MS) {
      this.seen ??= steady;
      if (steady - this.seen < DOUBTED_MS) return ahead;
    }
    this.known = { at: now, steady };
    this.seen = undefined;
    return undefined;
  }
}
