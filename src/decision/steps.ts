/**
 * Long work in steps. The core has no clock and no event loop, so long work is a generator that yields after every
 * small piece, and its driver decides when other work has its turn.
 */

/** Work that yields between pieces of well below a millisecond, and returns its result. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Does all of the work at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
