/**
 * The time by which something may open. What closes goes by the clock; what a wrong clock opens stays open when it is set
 * right, so that waits until the clock can be believed. Why it is as it is: decision 015.
 */
import { isKept } from '../../../decision/consent-event.js';
import { SureClock } from '../../../sure-clock.js';
import { CLOCK_TOLERANCE_MS, DAY_MS } from '../../../time.js';
import type { ConsentStore } from '../../log/consent.store.js';

export class SureTime {
  private clock: SureClock | undefined;
  private isDoubted = false;

  /**
   * @param witness another clock, in milliseconds since the Unix epoch
   * @param onLeap called once for each leap that is not believed, with how many days it is
   * @param steady milliseconds since any moment, whatever the clock is set to
   */
  constructor(
    private readonly store: Pick<ConsentStore, 'head' | 'entries'>,
    private readonly witness: () => Promise<number>,
    private readonly onLeap: (days: number) => void,
    private readonly steady: () => number = () => performance.now(),
  ) {}

  /**
   * Of both clocks the one that is behind; 0 while that one is doubted.
   *
   * @param now what the clock of this process says, in milliseconds since the Unix epoch
   */
  async at(now: number): Promise<number> {
    const there = await this.witness();
    const both = now - there > CLOCK_TOLERANCE_MS ? there : now;
    // a process that was started again goes by no entry of the last day: the clock may have been wrong by then
    this.clock ??= new SureClock((await timeBefore(this.store, both - DAY_MS)) ?? both, this.steady);
    const leap = this.clock.leapAt(both);
    if (leap !== undefined && !this.isDoubted) this.onLeap(Math.floor(leap / DAY_MS));
    this.isDoubted = leap !== undefined;
    return leap === undefined ? Math.floor(both) : 0;
  }
}

/** Entries that are read at a time, from the last one back, and at most so often. */
const PAGE = 100;
const PAGES = 20;

/**
 * When somebody said something last, up to a time; 0: not known; `undefined`: there is no entry up to then. What the engine
 * wrote is dated when it was due, so it is no word of any clock.
 */
async function timeBefore(
  store: Pick<ConsentStore, 'head' | 'entries'>,
  time: number,
): Promise<number | undefined> {
  // times in the log never go back
  let reached = 0;
  for (let last = await store.head(); reached < last;) {
    const middle = Math.ceil((reached + last) / 2);
    const [entry] = await store.entries(middle - 1, 1);
    if (entry !== undefined && entry.at <= time) reached = middle;
    else last = middle - 1;
  }
  if (reached === 0) return undefined;
  for (let page = 1; page <= PAGES && reached > 0; page++) {
    const after = Math.max(reached - PAGE, 0);
    const entries = await store.entries(after, reached - after);
    const said = entries.findLast((entry) => isKept(entry) && entry.by.kind !== 'engine');
    if (said !== undefined) return said.at;
    reached = after;
  }
  return 0;
}
