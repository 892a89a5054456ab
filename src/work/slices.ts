import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import type { Steps } from '../decision/steps.js';

/** How long a slice of work may block the event loop. The current step is finished, which takes a little longer. */
const SLICE_MS = 0.5;

/** Of a busy process, work that gives way takes a twentieth of the time. */
const REST = 19;
/** A process that works less of the time than this has room for work that is not urgent. */
const BUSY = 0.5;
const LONGEST_LOOK_MS = 50;

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
 * Gives way after a piece of work that is not urgent: for a while in a process that has little to do, and else so long
 * that such work takes a twentieth of the time. A thread of its own has nobody to give way to.
 *
 * @param took how long the piece blocked the event loop, in milliseconds
 */
export async function giveWay(took: number): Promise<void> {
  if (!isMainThread) return turn();
  const look = Math.min(took / 4, LONGEST_LOOK_MS);
  for (const end = performance.now() + took * REST; performance.now() < end;) {
    const before = performance.eventLoopUtilization();
    await delay(look);
    if (performance.eventLoopUtilization(before).utilization < BUSY) return;
  }
}
