import { setImmediate as turn } from 'node:timers/promises';
import type { Steps } from '../decision/steps.js';

/** How long a slice of work may block the event loop. The current step is finished, which takes a little longer. */
const SLICE_MS = 0.5;

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
