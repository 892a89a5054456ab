import { expect, it } from 'vitest';
import { Absence } from './absence.js';
import { termsOf } from './terms.js';

it('is longer each time for a process that cannot keep up, to a bound, and none for one that has kept up', () => {
  let now = 0;
  const absence = new Absence(termsOf(2_000), { clocks: () => ({ monotonic: now, wall: 0 }) });
  /** For how long it stays out when it is evicted so long after it came in. */
  const outAfter = (ms: number) => {
    absence.entered();
    now += ms;
    absence.evicted();
    const from = now;
    while (!absence.isOver) now += 100;
    return now - from;
  };
  expect([300, 300, 19_000, 300, 300, 300, 300].map(outAfter)).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 16_000, 16_000,
  ]);
  expect([20_000, 300].map(outAfter)).toEqual([0, 500]);
});
