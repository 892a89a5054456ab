/** Asks again what the database did not answer, where nobody else would. */
import { setTimeout as delay } from 'node:timers/promises';
import { DomainError, StorageUnavailable } from '../errors.js';

/** How often something is tried, and the rest in between: a read that is not answered takes five seconds by itself. */
const ATTEMPTS = 10;
const REST_MS = 1_000;

/**
 * Does work, and again while the database does not answer it in time, or breaks the connection off.
 *
 * @param work can be done again after it failed
 * @param onTrouble called before it is tried again
 * @throws what the work throws, at once when that will not pass
 */
export async function patiently<T>(
  work: () => Promise<T>,
  onTrouble: (error: unknown) => void,
  rest: () => Promise<unknown> = () => delay(REST_MS),
): Promise<T> {
  for (let attempt = 1; attempt < ATTEMPTS; attempt++)
    try {
      return await work();
    } catch (error) {
      if (!passes(error)) throw error;
      onTrouble(error);
      await rest();
    }
  return work();
}

function passes(error: unknown): boolean {
  // without a cause it waits until the process may decide again
  if (error instanceof DomainError)
    return error.code === 'not_confirmed' && (error.cause === undefined || passes(error.cause));
  return error instanceof StorageUnavailable && error.isPassing;
}
