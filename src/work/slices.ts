import { setImmediate as turn } from 'node:timers/promises';
import type { Steps } from '../decision/steps.js';

/** How long a slice of work may block the event loop. The current step is finished, which takes a little longer. */
const SLICE_MS = 0.5;

/** A turn of the event loop that took less had nothing to do. */
const IDLE_MS = 0.1;
/** Work that gives way waits at most so many times as long as it took. */
const MOST_PATIENCE = 9;

/** Runs long work in slices, one per turn of the event loop, so that decisions go on in between. */
export async function inSlices<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    await turn();
    const end = performance.now() + SLICE_MS;
    do {
      const { done, value } = steps.next();
      if (done === true) return value;
    } while (performance.now() < end);
  }
}

/** Runs work that is not urgent in slices, and gives way to all other work between them. */
export async function inBackground<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const begin = performance.now();
    let step = steps.next();
    while (step.done !== true && performance.now() - begin < SLICE_MS) step = steps.next();
    await giveWay(performance.now() - begin);
    if (step.done === true) return step.value;
  }
}

/**
 * Gives way after a piece of work that is not urgent: until the event loop has nothing to do, at least for a turn, and at
 * most so long that such work takes a tenth of the time of a busy process.
 *
 * @param took how long the piece blocked the event loop, in milliseconds
 */
export async function giveWay(took: number): Promise<void> {
  const until = performance.now() + took * MOST_PATIENCE;
  for (;;) {
    const before = performance.now();
    await turn();
    const after = performance.now();
    if (after - before < IDLE_MS || after > until) return;
  }
}
