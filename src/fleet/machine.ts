/** The clocks of the machine that a process runs on, and what it does later. */

/** A moment on both clocks, in milliseconds. The monotonic one stands still while a machine sleeps, the wall clock is set. */
export type Moment = { readonly monotonic: number; readonly wall: number };

export type Machine = {
  readonly clocks: () => Moment;
  /** Does something after so many milliseconds. @returns takes it back */
  readonly later: (ms: number, work: () => void) => () => void;
};

/** The real one. What it does later keeps no process alive. */
export const MACHINE: Machine = {
  clocks: () => ({ monotonic: performance.now(), wall: Date.now() }),
  later: (ms, work) => {
    const timer = setTimeout(work, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Whether no more than so much time has passed since a moment, by both clocks. */
export function isWithin(ms: number, since: Moment, now: Moment): boolean {
  const passed = now.wall - since.wall;
  // a wall clock that was set back does not say how much time has passed
  return now.monotonic - since.monotonic < ms && passed >= 0 && passed < ms;
}
