import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Breaker } from './breaker.js';

/** A breaker on a clock that stands still until it is set. */
function breakerAt(clock: { now: number }): Breaker {
  return new Breaker(
    () => clock.now,
    () => 1,
  );
}

function fail(breaker: Breaker, times: number): void {
  for (let time = 0; time < times; time++) if (breaker.enter()) breaker.failed();
}

describe('the breaker', () => {
  test('lets everything through until five requests in a row have failed', () => {
    const breaker = breakerAt({ now: 0 });
    fail(breaker, 4);
    expect(breaker.enter()).toBe(true);
    breaker.succeeded();
    fail(breaker, 4);
    expect(breaker.enter()).toBe(true);
    breaker.failed();
    expect(breaker.enter()).toBe(false);
  });

  test('lets one request through after a pause, and all when that succeeds', () => {
    const clock = { now: 0 };
    const breaker = breakerAt(clock);
    fail(breaker, 5);
    clock.now = 499;
    expect(breaker.enter()).toBe(false);
    clock.now = 500;
    expect([breaker.enter(), breaker.enter(), breaker.enter()]).toEqual([true, false, false]);
    breaker.succeeded();
    expect([breaker.enter(), breaker.enter()]).toEqual([true, true]);
  });

  test('waits twice as long each time, ten seconds at most', () => {
    const clock = { now: 0 };
    const breaker = breakerAt(clock);
    fail(breaker, 5);
    const pauses = Array.from({ length: 8 }, () => {
      const from = clock.now;
      while (!breaker.enter()) clock.now++;
      breaker.failed();
      return clock.now - from;
    });
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
  });

  test('always lets a request through again, whatever happened', () => {
    assert(
      property(array(constantFrom('enter', 'succeeded', 'failed', 'gaveUp', 'pass')), (steps) => {
        const clock = { now: 0 };
        const breaker = breakerAt(clock);
        let open = 0;
        for (const step of steps) {
          if (step === 'pass') clock.now += 700;
          else if (step === 'enter') open += breaker.enter() ? 1 : 0;
          else if (open > 0) {
            open--;
            breaker[step]();
          }
        }
        for (; open > 0; open--) breaker.gaveUp();
        clock.now += 10_000;
        expect(breaker.enter()).toBe(true);
      }),
    );
  });
});
