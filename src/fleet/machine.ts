/** The clocks and timers of the machine. */

/**
 * A moment on both clocks, in milliseconds. The monotonic one may stop while a machine sleeps, the wall clock may be
 * set.
 */
export type Moment = { readonly monotonic: number; readonly wall: number };

export type Machine = {
  readonly clocks: () => Moment;
  /** Does something after this many milliseconds. @returns a function that cancels it */
  readonly later: (ms: number, work: () => void) => () => void;
};

/** The real one. Its timers keep no process alive. */
export const MACHINE: Machine = {
  clocks: () => ({ monotonic: performance.now(), wall: Date.now() }),
  later: (ms, work) => {
    const timer = setTimeout(work, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Whether at most this much time has passed since a moment, by both clocks. */
export function isWithin(ms: number, since: Moment, now: Moment): boolean {
  const passed = now.wall - since.wall;
  // a wall clock that was set back does not show the elapsed time
  return now.monotonic - since.monotonic < ms && passed >= 0 && passed < ms;
}
