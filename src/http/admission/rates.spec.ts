import { array, assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { MOST_WEIGHT } from './fair-queue.js';
import { Rates } from './rates.js';

const RATE = 100;

test('in no time a client takes more than its rate, a second of it at once, and one thing', () => {
  const steps = array(integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 });
  assert(
    property(steps, integer({ min: 1, max: MOST_WEIGHT }), (pauses, weight) => {
      const rates = new Rates(RATE);
      let now = 0;
      let taken = 0;
      for (const pause of pauses) {
        now += pause;
        if (rates.take('client', weight, now) === 0) taken += weight;
      }
      expect(taken).toBeLessThanOrEqual(RATE * (1 + now / 1_000) + weight);
    }),
  );
});

test('who waits as long as they were told is let through, and others are not in their way', () => {
  assert(
    property(integer({ min: 1, max: MOST_WEIGHT }), (weight) => {
      const rates = new Rates(RATE);
      let now = 0;
      let wait = 0;
      while (wait === 0) wait = rates.take('much', weight, now);
      expect(rates.take('little', weight, now)).toBe(0);
      now += wait;
      expect(rates.take('much', weight, now)).toBe(0);
    }),
  );
});

test('clients without number take no room without bound', () => {
  const rates = new Rates(RATE);
  for (let client = 0; client < 50_000; client++) rates.take(String(client), 1, client);
  expect(rates.size).toBeLessThanOrEqual(10_000);
});
