import { createHmac } from 'node:crypto';
import { canonicalJson } from '../canonical-json.js';
import { keyFor } from '../keys.js';
import { ObligationError, refuse } from '../obligation-error.js';
import { mustBeId, mustBeWhole } from '../rows.js';
import { type ByteSource, keyedBytes } from './bits.js';
import type { Budget, Charge } from './budget.js';
import { type Rational, ZERO, productOf, quotientOf, ratio, rational, sumOf, textOf } from './rational.js';
import { discreteGaussian, discreteLaplace } from './samplers.js';

/** A delta of at most one in a million. */
const LEAST_DELTA_BITS = 20;
const MOST_DELTA_BITS = 256;

/** A figure that is to be given out. */
export type Figure = {
  readonly purpose: string;
  /** The period whose budget pays, such as `2026-11`. */
  readonly period: string;
  /** What is asked, as JSON. The order of members makes no difference. */
  readonly question: unknown;
  /** Names the state of the data, such as the id of an extract. Other data is another figure, with noise of its own. */
  readonly snapshot: string;
  /** The exact answer. It never leaves. */
  readonly value: bigint;
  /** The most by which one person can change the exact answer; 1 for a count of people. */
  readonly sensitivity: bigint;
  /** The most that the figure may tell about one person, as an exact number such as `0.1` or `1/3`. */
  readonly epsilon: string;
  /** Absent: Laplace. `gaussian`: with a chance of 2 to the power of minus `deltaBits`, epsilon may be exceeded. */
  readonly gaussian?: { readonly deltaBits: number };
};

export type NoiseKeeper = {
  /** At least 32 random bytes. Whoever has it can take the noise away. */
  readonly secret: Uint8Array;
  readonly budget: Budget;
};

/**
 * The answer with noise: discrete Laplace of scale sensitivity / epsilon, which is (epsilon, 0)-differentially private,
 * or discrete Gaussian, which is (epsilon, delta)-differentially private. The same figure has the same noise, whenever
 * and however often it is asked for, and is paid for once.
 *
 * The noise depends on the exact answer too: a caller who gives changed data the name of the old would otherwise give
 * away the exact change.
 *
 * @throws ObligationError `budget_exhausted` or `budget_unavailable`, and no figure is given; `weak_secret`, `bad_input`
 */
export async function dpNoise(figure: Figure, { secret, budget }: NoiseKeeper): Promise<bigint> {
  const { purpose, period, value, sensitivity } = figure;
  const epsilon = rational(figure.epsilon);
  if (typeof value !== 'bigint' || typeof sensitivity !== 'bigint' || sensitivity < 1n)
    refuse('bad_input', 'the value or the sensitivity is no whole number, or too small: pass bigints');
  if (epsilon.numerator === 0n) refuse('bad_input', 'an epsilon of 0 tells nothing: pass a positive one');
  const { delta, sample } = mechanismOf(figure, epsilon);
  const asked = canonicalJson([
    purpose,
    figure.question,
    mustBeId(figure.snapshot, 'the snapshot'),
    String(value),
    String(sensitivity),
    textOf(epsilon),
    textOf(delta),
  ]);
  // under another key than the noise: who keeps the budget must not be able to make it
  const name = createHmac('sha256', keyFor(secret, 'figure', purpose))
    .update(asked)
    .digest('hex');
  const noise = keyedBytes(keyFor(secret, 'noise', purpose), asked);
  await mustBePaid(budget, { purpose, period: mustBeId(period, 'the period'), figure: name, epsilon, delta });
  return value + sample(noise);
}

type Mechanism = { readonly delta: Rational; readonly sample: (bytes: ByteSource) => bigint };

/** What makes the noise of a figure. The Laplace mechanism alone has a delta of 0. */
function mechanismOf({ sensitivity, gaussian }: Figure, epsilon: Rational): Mechanism {
  if (gaussian === undefined) {
    const scale = quotientOf({ numerator: sensitivity, denominator: 1n }, epsilon);
    return { delta: ZERO, sample: (bytes) => discreteLaplace(scale, bytes) };
  }
  const bits = mustBeWhole(gaussian.deltaBits, LEAST_DELTA_BITS, '`deltaBits`');
  if (bits > MOST_DELTA_BITS)
    refuse('bad_input', `\`deltaBits\` is more than ${MOST_DELTA_BITS}: pass fewer`);
  const variance = varianceFor(sensitivity, epsilon, bits);
  return {
    delta: { numerator: 1n, denominator: 1n << BigInt(bits) },
    sample: (bytes) => discreteGaussian(variance, bytes),
  };
}

/**
 * A variance that suffices. It makes the figure rho-concentrated, rho = sensitivity² / (2 variance) (Canonne, Kamath and
 * Steinke, theorem 4), which is (rho + 2 sqrt(rho ln(1 / delta)), delta)-private (Bun and Steinke, 2016, "Concentrated
 * Differential Privacy", proposition 1.3). With L at least ln(1 / delta), the first is at most epsilon for every rho up to
 * epsilon² / (sqrt(L + epsilon) + sqrt(L))², and (sqrt(L + epsilon) + sqrt(L))² is at most 2 (2 L + epsilon): so
 * sensitivity² (2 L + epsilon) / epsilon² is enough, without a root.
 */
function varianceFor(sensitivity: bigint, epsilon: Rational, deltaBits: number): Rational {
  // 7 / 10 is more than ln 2
  const twice = ratio(2n * 7n * BigInt(deltaBits), 10n);
  const square = ratio(sensitivity ** 2n, 1n);
  return quotientOf(productOf(square, sumOf(twice, epsilon)), productOf(epsilon, epsilon));
}

async function mustBePaid(budget: Budget, charge: Charge): Promise<void> {
  let said: unknown;
  try {
    said = await budget.spend(charge);
  } catch (cause) {
    throw new ObligationError(
      'budget_unavailable',
      'the privacy budget could not be asked: try again later',
      {
        cause,
      },
    );
  }
  if (said !== 'permitted')
    refuse(
      'budget_exhausted',
      'the privacy budget of this purpose and period does not allow the figure: wait for the next period',
    );
}
