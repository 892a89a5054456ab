/** A soak finds what grows, and nothing where only chance moves a figure. */
import { describe, expect, test } from 'vitest';
import { seeded } from '../../soak/seeded.js';
import { trendOf } from '../../soak/trend.js';

const WINDOWS = 40;
const RUNS = 1_000;
const LEVEL = 200;
const NOISE = 20;
const TOLERATED = 10;

/** Of many runs whose figure grows so much from the first window to the last: the share that is said to go up. */
function shareUp(growth: number): number {
  const { next } = seeded(7);
  const ups = Array.from({ length: RUNS }, () => {
    const figures = Array.from(
      { length: WINDOWS },
      (_, at) => LEVEL + (growth * at) / (WINDOWS - 1) + (next() - 0.5) * NOISE,
    );
    return trendOf(figures, TOLERATED).isUp;
  });
  return ups.filter((isUp) => isUp).length / RUNS;
}

describe('a figure', () => {
  test('that only chance moves has no trend', () => {
    expect(shareUp(0)).toBe(0);
  });

  test('that grows by less than is tolerated has none', () => {
    expect(shareUp(TOLERATED / 4)).toBeLessThan(0.05);
  });

  test('that grows by twice what is tolerated has one', () => {
    expect(shareUp(2 * TOLERATED)).toBeGreaterThan(0.99);
  });

  test('that falls has none', () => {
    expect(shareUp(-4 * TOLERATED)).toBe(0);
  });

  test('that is always the same has none, and one that leaps once in the middle is no chance', () => {
    const flat = Array.from({ length: WINDOWS }, () => LEVEL);
    expect(trendOf(flat, 0)).toEqual({ growth: 0, median: LEVEL, chance: 1, isUp: false });
    const leap = flat.map((level, at) => (at < WINDOWS / 2 ? level : level + 50));
    expect(trendOf(leap, TOLERATED).chance).toBeLessThan(0.001);
  });

  test('that grows steadily grows by what it grew', () => {
    const figures = Array.from({ length: WINDOWS }, (_, at) => 3 * at);
    expect(trendOf(figures, 0)).toMatchObject({ growth: 3 * (WINDOWS - 1), isUp: true });
  });
});

test('a seed decides the numbers, all over their range', () => {
  const numbersOf = (seed: number) => {
    const { below } = seeded(seed);
    return Array.from({ length: 1_000 }, () => below(10));
  };
  expect(numbersOf(1)).toEqual(numbersOf(1));
  expect(numbersOf(1)).not.toEqual(numbersOf(2));
  expect(new Set(numbersOf(1)).size).toBe(10);
});
