import { array, assert, double, property } from 'fast-check';
import { expect, it } from 'vitest';
import { Histogram, TIMES } from './histogram.js';

it('says of each bound how many values are at most it, of all how many there are, and their sum', () => {
  const values = array(double({ min: 0, max: 20, noNaN: true }));
  assert(
    property(values, (observed) => {
      const histogram = new Histogram();
      for (const value of observed) histogram.observe(value);
      const { bounds, upTo, count, sum } = histogram.read();
      expect(bounds).toEqual(TIMES);
      expect(upTo).toEqual(TIMES.map((bound) => observed.filter((value) => value <= bound).length));
      expect(count).toBe(observed.length);
      expect(sum).toBeCloseTo(
        observed.reduce((all, value) => all + value, 0),
        6,
      );
    }),
  );
});

it('counts a value that is exactly a bound below it', () => {
  const histogram = new Histogram([1, 2]);
  for (const value of [1, 2, 3]) histogram.observe(value);
  expect(histogram.read()).toEqual({ bounds: [1, 2], upTo: [1, 2], count: 3, sum: 6 });
});
