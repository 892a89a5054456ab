/**
 * Exact samplers: whole numbers and fractions alone, because the gaps between doubles give noise away (Mironov, 2012,
 * "On significance of the least significant bits for differential privacy"). All are from Canonne, Kamath and Steinke,
 * 2020, "The Discrete Gaussian for Differential Privacy". How long they take depends on what they draw.
 */
import { type ByteSource, uniformBelow } from './bits.js';
import { type Rational, quotientOf, ratio, rootOf } from './rational.js';

/** True with the probability `chance`, from 0 to 1. */
export function bernoulli({ numerator, denominator }: Rational, bytes: ByteSource): boolean {
  return uniformBelow(denominator, bytes) < numerator;
}

/** True with the probability exp(-rate), for a rate of at least 0: algorithm 1. */
export function bernoulliExp({ numerator, denominator }: Rational, bytes: ByteSource): boolean {
  for (let whole = numerator / denominator; whole > 0n; whole--)
    if (!bernoulliExpOfUnit(1n, 1n, bytes)) return false;
  return bernoulliExpOfUnit(numerator % denominator, denominator, bytes);
}

/** The same for a rate of at most 1. */
function bernoulliExpOfUnit(numerator: bigint, denominator: bigint, bytes: ByteSource): boolean {
  let at = 1n;
  while (bernoulli({ numerator, denominator: denominator * at }, bytes)) at++;
  return at % 2n === 1n;
}

/** A whole number z with a probability proportional to exp(-|z| / scale), for a positive scale: algorithm 2. */
export function discreteLaplace({ numerator, denominator }: Rational, bytes: ByteSource): bigint {
  for (;;) {
    const rest = uniformBelow(numerator, bytes);
    if (!bernoulliExp({ numerator: rest, denominator: numerator }, bytes)) continue;
    let whole = 0n;
    while (bernoulliExpOfUnit(1n, 1n, bytes)) whole++;
    const size = (rest + numerator * whole) / denominator;
    const isNegative = bernoulli({ numerator: 1n, denominator: 2n }, bytes);
    // otherwise 0 would come twice as often as it should
    if (isNegative && size === 0n) continue;
    return isNegative ? -size : size;
  }
}

/** A whole number z with a probability proportional to exp(-z² / (2 variance)), for a positive variance: algorithm 3. */
export function discreteGaussian(variance: Rational, bytes: ByteSource): bigint {
  const { numerator, denominator } = variance;
  const scale = rootOf(numerator / denominator) + 1n;
  for (;;) {
    const drawn = discreteLaplace({ numerator: scale, denominator: 1n }, bytes);
    // |drawn| - variance / scale
    const off = (drawn < 0n ? -drawn : drawn) * denominator * scale - numerator;
    const square = ratio(off * off, (denominator * scale) ** 2n);
    const twice = { numerator: 2n * numerator, denominator };
    if (bernoulliExp(quotientOf(square, twice), bytes)) return drawn;
  }
}
