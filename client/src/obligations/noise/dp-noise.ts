import { createHmac } from 'node:crypto';
import { canonicalJson } from '../canonical-json.js';
import { mustBeId } from '../ids.js';
import { type KeyUse, keyFor } from '../keys.js';
import { refuse } from '../obligation-error.js';
import { mustBeWhole } from '../rows.js';
import { type ByteSource, keyedBytes } from './bits.js';
import type { Budget, Charge } from './budget.js';
import { type Rational, ZERO, productOf, quotientOf, ratio, rational, sumOf, textOf } from './rational.js';
import { discreteGaussian, discreteLaplace } from './samplers.js';

/** A delta of at most one in a million. */
const LEAST_DELTA_BITS = 20;
const MOST_DELTA_BITS = 256;

/** Far beyond any count or sum; more digits would take long to work with. */
const MOST_SENSITIVITY = 2n ** 64n;
const MOST_VALUE = 2n ** 128n;
/** Other spellings of a period would have budgets of their own. */
const PERIOD = /^\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?|-W(?:0[1-9]|[1-4]\d|5[0-3]))?$/;

/** A figure that is to be given out. */
export type Figure = {
  readonly purpose: string;
  /** The period whose budget pays, by ISO 8601: a year, month, day or week such as `2026`, `2026-11` or `2026-W48`. */
  readonly period: string;
  /** What is asked, as JSON. The order of members makes no difference. */
  readonly question: unknown;
  /** Names the state of the data, such as the id of an extract. Changed data must have another name. */
  readonly snapshot: string;
  /** The exact answer, below 2^128 and above its negative. It never leaves. */
  readonly value: bigint;
  /** The most by which one person can change the exact answer; 1 for a count of people. At most 2^64. */
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
 * The noise depends on the exact answer too: changed data under the name of the old would otherwise give away the exact
 * change. The budget refuses such data, because another answer would still show that it has changed.
 *
 * @throws ObligationError `budget_exhausted`, `budget_not_offered`, `budget_unavailable`, or `changed_data` when the same figure had another
 *   exact answer before, and no figure is given; `weak_secret`, `bad_input`
 */
export async function dpNoise(figure: Figure, { secret, budget }: NoiseKeeper): Promise<bigint> {
  const { purpose, period, value, sensitivity } = figure;
  const epsilon = rational(figure.epsilon);
  if (typeof value !== 'bigint' || typeof sensitivity !== 'bigint' || sensitivity < 1n)
    refuse('bad_input', 'the value or the sensitivity is no whole number, or too small: pass bigints');
  if (sensitivity > MOST_SENSITIVITY || value > MOST_VALUE || value < -MOST_VALUE)
    refuse('bad_input', 'the sensitivity is above 2^64 or the value beyond 2^128: pass smaller units');
  if (epsilon.numerator === 0n) refuse('bad_input', 'an epsilon of 0 tells nothing: pass a positive one');
  const { delta, sample } = mechanismOf(figure, epsilon);
  const figureText = canonicalJson([
    purpose,
    figure.question,
    mustBeId(figure.snapshot, 'the snapshot'),
    String(sensitivity),
    textOf(epsilon),
    textOf(delta),
  ]);
  const answerText = canonicalJson([figureText, String(value)]);
  // under other keys than the noise: who keeps the budget must not be able to make it
  const codeOf = (use: KeyUse, text: string) =>
    createHmac('sha256', keyFor(secret, use, purpose))
      .update(text)
      .digest('hex');
  const noise = keyedBytes(keyFor(secret, 'noise', purpose), answerText);
  await mustBePaid(budget, {
    purpose,
    period: mustBePeriod(period),
    figure: codeOf('figure', figureText),
    data: codeOf('data', answerText),
    epsilon,
    delta,
  });
  return value + sample(noise);
}

type Mechanism = { readonly delta: Rational; readonly sample: (bytes: ByteSource) => bigint };

/** What makes the noise of a figure. The Laplace mechanism alone has a delta of 0. */
function mechanismOf({ sensitivity, gaussian }: Figure, epsilon: Rational): Mechanism {
  if (gaussian === undefined) {
    const scale = quotientOf({ numerator: sensitivity, denominator: 1n }, epsilon);
    return { delta: ZERO, sample: (bytes) => discreteLaplace(scale, bytes) };
  }
  if (typeof gaussian !== 'object' || gaussian === null)
    refuse('bad_input', '`gaussian` is no record: leave it out, or pass `deltaBits`');
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

function mustBePeriod(period: string): string {
  if (typeof period !== 'string' || !PERIOD.test(period))
    refuse('bad_input', 'the period is no year, month, day or week: pass it as `2026-11` or `2026-W48`');
  return period;
}

async function mustBePaid(budget: Budget, charge: Charge): Promise<void> {
  let said: unknown;
  try {
    said = await budget.spend(charge);
  } catch {
    refuse(
      'budget_unavailable',
      'the privacy budget could not be asked: try again later, unless the caller may not ask for the purpose',
    );
  }
  if (said === 'changed_data')
    refuse(
      'changed_data',
      'the snapshot gave another answer before: give changed data a new name, and show nobody this error',
    );
  if (said === 'not_offered')
    refuse(
      'budget_not_offered',
      'there is no privacy budget of this purpose and period: take a period of now of the length that the policy gives, or have a budget published',
    );
  if (said !== 'permitted')
    refuse(
      'budget_exhausted',
      'the privacy budget of this purpose and period does not allow the figure: wait for the next period',
    );
}
