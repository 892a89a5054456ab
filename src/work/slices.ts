import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import type { Steps } from '../decision/steps.js';

/** How long a slice of work may block the event loop. The current step is finished, which takes a little longer. */
const SLICE_MS = 0.5;

/** Of the time of a busy process, work that gives way takes this share. */
const LEAST_SHARE = 1 / 20;
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
 * Gives way after a piece of work that is not urgent, the longer the busier the process is: such work takes a twentieth of
 * the time of one that is busy all the time, a quarter where half of it is idle. Idle is also a process whose callers all
 * wait for the disk, so a share of what is idle is left for them. A thread of its own has nobody to give way to.
 *
 * @param took how long the piece blocked the event loop, in milliseconds
 * @param signal ends the wait
 */
export async function giveWay(took: number, signal?: AbortSignal): Promise<void> {
  if (!isMainThread) return turn();
  const begin = performance.now();
  const before = performance.eventLoopUtilization();
  for (;;) {
    if (signal?.aborted === true) return;
    await delay(Math.min(took, LONGEST_LOOK_MS));
    const { utilization } = performance.eventLoopUtilization(before);
    const share = Math.max(LEAST_SHARE, (1 - utilization) ** 2);
    if (performance.now() - begin >= took * (1 / share - 1)) return;
  }
}
