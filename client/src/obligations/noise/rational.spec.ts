/** Exact numbers: a tenth is a tenth. */
import { assert, bigInt, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAtMost, productOf, quotientOf, ratio, rational, rootOf, roundedUp, sumOf } from './rational.js';

describe('an exact number', () => {
  it('is read from a whole number, a decimal or a fraction, in lowest terms', () => {
    expect(rational('0.10')).toEqual({ numerator: 1n, denominator: 10n });
    expect(rational('2/20')).toEqual(rational('0.1'));
    expect(rational('12')).toEqual({ numerator: 12n, denominator: 1n });
    expect(rational('0/7')).toEqual(rational('0'));
  });

  it('is not read from anything else', () => {
    for (const text of [
      '',
      '-1',
      '1/0',
      '1e3',
      '0x1',
      '1/',
      '.5',
      ' 1',
      '1\n',
      'NaN',
      '1/2/3',
      '1'.repeat(13),
      '0.1234567890123',
      '1/1234567890123',
    ])
      expect(() => rational(text)).toThrow('is not written as');
  });

  it('adds ten tenths up to one', () => {
    const tenth = rational('0.1');
    const sum = Array.from({ length: 10 }, () => tenth).reduce(sumOf);
    expect(sum).toEqual(rational('1'));
    expect(isAtMost(sum, rational('1'))).toBe(true);
    expect(isAtMost(sumOf(sum, ratio(1n, 10n ** 21n)), rational('1'))).toBe(false);
  });

  it('is rounded up to a unit, by less than one, and not at all when it is a multiple', () => {
    assert(
      property(
        bigInt({ min: 0n, max: 10n ** 12n }),
        bigInt({ min: 1n, max: 10n ** 12n }),
        bigInt({ min: 1n, max: 1000n }),
        (numerator, denominator, units) => {
          const exact = ratio(numerator, denominator);
          const rounded = roundedUp(exact, units);
          expect(isAtMost(exact, rounded)).toBe(true);
          expect(isAtMost(sumOf(exact, ratio(1n, units)), rounded)).toBe(false);
          expect((rounded.numerator * units) % rounded.denominator).toBe(0n);
          expect(roundedUp(rounded, units)).toEqual(rounded);
        },
      ),
    );
  });

  it('is divided as it was multiplied', () => {
    const [one, other] = [ratio(3n, 7n), ratio(22n, 5n)];
    expect(quotientOf(productOf(one, other), other)).toEqual(one);
  });

  it('has the root that is the largest whole number with a square of at most it', () => {
    assert(
      property(bigInt({ min: 0n, max: 1n << 200n }), (square) => {
        const root = rootOf(square);
        expect(root * root <= square && square < (root + 1n) ** 2n).toBe(true);
      }),
    );
    for (let square = 0n; square < 1000n; square++)
      expect(rootOf(square)).toBe(BigInt(Math.floor(Math.sqrt(Number(square)))));
  });
});
