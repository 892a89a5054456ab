import { describe, expect, test } from 'vitest';
import { Breaker } from './breaker.js';
import { Failure } from '../terms/failure.js';
import { Guard } from './guard.js';
import type { ClientReason } from '../terms/reasons.js';

const PATIENT = 30_000;

/** Fails so many times, for this reason, and then succeeds. */
function failing(times: number, reason: ClientReason) {
  const told = { attempts: 0 };
  const attempt = () => {
    told.attempts++;
    return told.attempts <= times ? Promise.reject(new Failure(reason)) : Promise.resolve('answer');
  };
  return { told, attempt };
}

describe('a request', () => {
  test.each(['unreachable', 'unavailable'] as const)(
    'that is `%s` is sent again, three times in all',
    async (reason) => {
      const twice = failing(2, reason);
      expect(await new Guard(PATIENT).run(twice.attempt)).toBe('answer');
      const thrice = failing(3, reason);
      await expect(new Guard(PATIENT).run(thrice.attempt)).rejects.toMatchObject({ reason });
      expect([twice.told.attempts, thrice.told.attempts]).toEqual([3, 3]);
    },
  );

  test.each(['malformed_answer', 'unauthorised', 'refused', 'invalid_question'] as const)(
    'that is `%s` is not sent again: it would come to the same',
    async (reason) => {
      const { told, attempt } = failing(1, reason);
      await expect(new Guard(PATIENT).run(attempt)).rejects.toMatchObject({ reason });
      expect(told.attempts).toBe(1);
    },
  );

  test('that may be answered another time is sent again, three times in all', async () => {
    let attempts = 0;
    const attempt = () => {
      attempts++;
      return Promise.reject(new Failure('unauthorised', { isWorthAnother: true }));
    };
    await expect(new Guard(PATIENT).run(attempt)).rejects.toMatchObject({ reason: 'unauthorised' });
    expect(attempts).toBe(3);
  });

  test('is not sent again where the service asks to wait for longer than the caller does', async () => {
    let attempts = 0;
    const attempt = () => {
      attempts++;
      return Promise.reject(new Failure('unavailable', { retryAfter: 60_000 }));
    };
    await expect(new Guard(PATIENT).run(attempt)).rejects.toMatchObject({ reason: 'unavailable' });
    expect(attempts).toBe(1);
  });

  test('whose answer is read after its deadline is denied: the process was held up meanwhile', async () => {
    const late = () => {
      const began = performance.now();
      while (performance.now() - began < 20);
      return Promise.resolve('answer');
    };
    await expect(new Guard(10).run(late)).rejects.toMatchObject({ reason: 'timed_out' });
  });
});

describe('after five requests that failed', () => {
  test('one that cannot even begin does not keep the others waiting for ever', async () => {
    let now = 0;
    const guard = new Guard(PATIENT, new Breaker(() => now));
    const { attempt } = failing(5, 'malformed_answer');
    for (let time = 0; time < 5; time++) await guard.run(attempt).catch(() => undefined);
    now += 10_000;
    const broken = Object.assign(new AbortController().signal, {
      addEventListener: () => {
        throw new Error('no');
      },
    });
    await expect(guard.run(attempt, broken)).rejects.toBeInstanceOf(Failure);
    now += 10_000;
    expect(await guard.run(attempt)).toBe('answer');
  });

  test('none is sent, and the answer is a no at once; later all goes on by itself', async () => {
    const guard = new Guard(PATIENT);
    const { told, attempt } = failing(5, 'malformed_answer');
    for (let time = 0; time < 5; time++) await guard.run(attempt).catch(() => undefined);
    await expect(guard.run(attempt)).rejects.toMatchObject({ reason: 'breaker_open' });
    expect(told.attempts).toBe(5);
    await expect.poll(() => guard.run(attempt).catch(() => undefined), { timeout: PATIENT }).toBe('answer');
  });

  test.each(['refused', 'aborted'] as const)('that were `%s` the next one is sent', async (reason) => {
    const guard = new Guard(PATIENT);
    const { attempt } = failing(9, reason);
    for (let time = 0; time < 9; time++) await guard.run(attempt).catch(() => undefined);
    expect(await guard.run(attempt)).toBe('answer');
  });
});
