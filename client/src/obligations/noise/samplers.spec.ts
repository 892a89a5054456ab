/**
 * The samplers draw from the distributions that they are named for. The bytes come from fixed keys: each test either
 * always passes or never does.
 */
import { assert, bigInt, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteSource, keyedBytes, uniformBelow } from './bits.js';
import { type Rational, rational } from './rational.js';
import { bernoulli, bernoulliExp, discreteGaussian, discreteLaplace } from './samplers.js';

const KEY = new Uint8Array(32).fill(1);
const DRAWS = 20_000;
const SIDE = 8;
/** Chi-square with 18 degrees of freedom is larger for one key of 1,000. */
const MOST_CHI_SQUARE = 42.31;
/** A share is farther from what is expected for one key of 16,000. */
const MOST_DEVIATIONS = 4;

function chanceOf(draw: (bytes: ByteSource) => boolean, label: string): number {
  const bytes = keyedBytes(KEY, label);
  let hits = 0;
  for (let at = 0; at < DRAWS; at++) hits += Number(draw(bytes));
  return hits / DRAWS;
}

function deviations(seen: number, expected: number): number {
  return Math.abs(seen - expected) / Math.sqrt((expected * (1 - expected)) / DRAWS);
}

/** How far the draws are from a distribution of whole numbers, both tails in one bin each. */
function chiSquare(draw: (bytes: ByteSource) => bigint, weight: (z: number) => number): number {
  const bytes = keyedBytes(KEY, 'chi-square');
  const binOf = (z: number) => Math.max(-SIDE - 1, Math.min(SIDE + 1, z)) + SIDE + 1;
  const expected = Array.from({ length: 2 * SIDE + 3 }, () => 0);
  const seen = [...expected];
  const sizes = Array.from({ length: 4001 }, (_, at) => at - 2000);
  const sum = sizes.reduce((all, z) => all + weight(z), 0);
  for (const z of sizes) expected[binOf(z)] = (expected[binOf(z)] ?? 0) + (DRAWS * weight(z)) / sum;
  for (let at = 0; at < DRAWS; at++) {
    const bin = binOf(Number(draw(bytes)));
    seen[bin] = (seen[bin] ?? 0) + 1;
  }
  return expected.reduce((all, most, bin) => all + ((seen[bin] ?? 0) - most) ** 2 / most, 0);
}

describe('keyed bytes', () => {
  it('are the same for the same label, and others for every other', () => {
    const take = (key: Uint8Array, label: string) => {
      const bytes = keyedBytes(key, label);
      return Array.from({ length: 100 }, () => bytes());
    };
    assert(
      property(string(), string(), (one, other) => {
        expect(take(KEY, one)).toEqual(take(KEY, one));
        if (one !== other) expect(take(KEY, one)).not.toEqual(take(KEY, other));
        expect(take(KEY, one)).not.toEqual(take(new Uint8Array(32).fill(2), one));
      }),
    );
  });

  it('do not repeat from block to block', () => {
    const bytes = keyedBytes(KEY, 'blocks');
    const blocks = Array.from({ length: 1000 }, () => Array.from({ length: 32 }, () => bytes()).join());
    expect(new Set(blocks).size).toBe(1000);
  });

  it('make each number below a bound, and each as often', () => {
    for (const count of [1n, 2n, 3n, 10n, 17n]) {
      const bytes = keyedBytes(KEY, 'uniform');
      const seen = new Map<bigint, number>();
      for (let at = 0; at < DRAWS; at++) {
        const drawn = uniformBelow(count, bytes);
        seen.set(drawn, (seen.get(drawn) ?? 0) + 1);
      }
      expect(seen.size).toBe(Number(count));
      for (const [drawn, times] of seen) {
        expect(drawn).toBeLessThan(count);
        if (count > 1n) expect(deviations(times / DRAWS, 1 / Number(count))).toBeLessThan(MOST_DEVIATIONS);
      }
    }
  });

  it('make numbers of any size', () => {
    assert(
      property(bigInt({ min: 1n, max: 1n << 300n }), (count) => {
        const drawn = uniformBelow(count, keyedBytes(KEY, String(count)));
        expect(drawn >= 0n && drawn < count).toBe(true);
      }),
    );
  });
});

describe('a coin', () => {
  it('falls as often as it should', () => {
    for (const text of ['1/3', '0.01', '99/100']) {
      const chance = rational(text);
      const expected = Number(chance.numerator) / Number(chance.denominator);
      expect(
        deviations(
          chanceOf((bytes) => bernoulli(chance, bytes), text),
          expected,
        ),
      ).toBeLessThan(MOST_DEVIATIONS);
    }
    expect(chanceOf((bytes) => bernoulli(rational('0'), bytes), 'never')).toBe(0);
    expect(chanceOf((bytes) => bernoulli(rational('1'), bytes), 'always')).toBe(1);
  });

  it('of algorithm 1 falls with the chance exp(-rate), below 1, at 1 and above', () => {
    for (const text of ['1/100', '0.3', '1', '3/2', '2', '7/2']) {
      const rate = rational(text);
      const expected = Math.exp(-Number(rate.numerator) / Number(rate.denominator));
      expect(
        deviations(
          chanceOf((bytes) => bernoulliExp(rate, bytes), text),
          expected,
        ),
      ).toBeLessThan(MOST_DEVIATIONS);
    }
    expect(chanceOf((bytes) => bernoulliExp(rational('0'), bytes), 'at 0')).toBe(1);
  });
});

describe('the discrete Laplace distribution', () => {
  it('is drawn from, for scales that are whole and that are not', () => {
    for (const text of ['1', '2', '5/2', '7/3']) {
      const scale = rational(text);
      const size = Number(scale.numerator) / Number(scale.denominator);
      const distance = chiSquare(
        (bytes) => discreteLaplace(scale, bytes),
        (z) => Math.exp(-Math.abs(z) / size),
      );
      expect(distance).toBeLessThan(MOST_CHI_SQUARE);
    }
  });
});

describe('the discrete Gaussian distribution', () => {
  it('is drawn from, for variances that are whole and that are not', () => {
    for (const text of ['4', '9', '13/2', '25/3']) {
      const variance: Rational = rational(text);
      const square = Number(variance.numerator) / Number(variance.denominator);
      const distance = chiSquare(
        (bytes) => discreteGaussian(variance, bytes),
        (z) => Math.exp(-(z * z) / (2 * square)),
      );
      expect(distance).toBeLessThan(MOST_CHI_SQUARE);
    }
  });
});
