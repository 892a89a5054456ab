import { refuse } from '../obligation-error.js';

/** An exact number in lowest terms; the denominator is positive. */
export type Rational = { readonly numerator: bigint; readonly denominator: bigint };

export const ZERO: Rational = { numerator: 0n, denominator: 1n };
const WRITTEN = /^(\d{1,12})(?:\.(\d{1,12})|\/(\d{1,12}))?$/;

/**
 * The number that a text writes as a whole number, decimal or fraction, with at most 12 digits before and after the sign:
 * `1`, `0.1`, `1/3`. A text, because the double `0.1` is not a tenth.
 *
 * @throws ObligationError `bad_input` for anything else, negative numbers and denominators of 0
 */
export function rational(text: string): Rational {
  const [, whole, decimals = '', below] = (typeof text === 'string' && WRITTEN.exec(text)) || [];
  if (whole === undefined || (below !== undefined && BigInt(below) === 0n))
    refuse(
      'bad_input',
      'a number is not written as `1`, `0.1` or `1/3`: pass such a text, of at most 12 digits each',
    );
  return ratio(
    BigInt(whole + decimals),
    below === undefined ? 10n ** BigInt(decimals.length) : BigInt(below),
  );
}

/** @param denominator positive */
export function ratio(numerator: bigint, denominator: bigint): Rational {
  const divisor = divisorOf(numerator < 0n ? -numerator : numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

export function sumOf(one: Rational, other: Rational): Rational {
  return ratio(
    one.numerator * other.denominator + other.numerator * one.denominator,
    one.denominator * other.denominator,
  );
}

export function productOf(one: Rational, other: Rational): Rational {
  return ratio(one.numerator * other.numerator, one.denominator * other.denominator);
}

/** @param other positive */
export function quotientOf(one: Rational, other: Rational): Rational {
  return ratio(one.numerator * other.denominator, one.denominator * other.numerator);
}

export function isAtMost(one: Rational, other: Rational): boolean {
  return one.numerator * other.denominator <= other.numerator * one.denominator;
}

/** The least multiple of 1 / units that is not below. */
export function roundedUp({ numerator, denominator }: Rational, units: bigint): Rational {
  return ratio((numerator * units + denominator - 1n) / denominator, units);
}

export function textOf({ numerator, denominator }: Rational): string {
  return `${numerator}/${denominator}`;
}

/** The largest whole number whose square is at most this one, by Newton's method. */
export function rootOf(square: bigint): bigint {
  if (square < 2n) return square;
  let root = 1n << (BigInt(square.toString(2).length + 1) / 2n);
  for (let next = (root + square / root) / 2n; next < root; next = (root + square / root) / 2n) root = next;
  return root;
}

function divisorOf(one: bigint, other: bigint): bigint {
  while (other !== 0n) [one, other] = [other, one % other];
  return one;
}
