/** Waits for a promise no longer than for a signal. */
import { Failure } from './failure.js';

/**
 * What the promise comes to, or the failure with which the signal was aborted before.
 *
 * @throws Failure of the signal; `aborted` where it was aborted with something else
 */
export async function settled<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let stop: (() => void) | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    stop = () => {
      reject(signal.reason instanceof Failure ? signal.reason : new Failure('aborted'));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
    // whoever stopped waiting does not hear of what it came to
    promise.catch(() => undefined);
  }
}
