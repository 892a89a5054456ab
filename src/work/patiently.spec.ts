import { expect, test } from 'vitest';
import { DomainError, StorageUnavailable } from '../errors.js';
import { patiently } from './patiently.js';

const LATE = new StorageUnavailable('it did not answer', true);
const NO_RIGHT = new StorageUnavailable('it refuses its user');

/** Fails with each of these, and then works. */
async function tried(failures: readonly Error[]) {
  const told: unknown[] = [];
  const left = [...failures];
  const work = async () => {
    const failure = left.shift();
    if (failure !== undefined) throw failure;
    return 'done';
  };
  const came = await patiently(
    work,
    (error) => told.push(error),
    async () => undefined,
  ).catch((error: unknown) => error);
  return { came, told };
}

test('what was not answered in time is asked again', async () => {
  expect(await tried([LATE, LATE])).toEqual({ came: 'done', told: [LATE, LATE] });
});

test('what will not pass is thrown at once', async () => {
  expect(await tried([LATE, NO_RIGHT])).toEqual({ came: NO_RIGHT, told: [LATE] });
});

test('a change that is not confirmed is made again, unless its cause will not pass', async () => {
  const notConfirmed = (cause?: Error) =>
    new DomainError('not_confirmed', 'send it again', undefined, { cause });
  const [waits, late, never] = [notConfirmed(), notConfirmed(LATE), notConfirmed(NO_RIGHT)];
  expect(await tried([waits, late, never])).toEqual({ came: never, told: [waits, late] });
});

test('it is not asked for ever', async () => {
  const { came, told } = await tried(Array.from({ length: 100 }, () => LATE));
  expect(came).toBe(LATE);
  expect(told).toHaveLength(9);
});
