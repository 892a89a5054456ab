/** The privacy budget that the service keeps, see docs/obligations.md, "Noise". */
import { failureOf } from './terms/failure.js';
import { memberOf } from './terms/json.js';
import type { BudgetAnswer, Charge } from './obligations/noise/budget.js';
import type { Rational } from './obligations/noise/rational.js';

/** Digits after the point that the service takes. */
const EPSILON_DIGITS = 12;
const DELTA_DIGITS = 80;

/** What the service says no to, in its codes. */
const REFUSALS: Readonly<Record<string, BudgetAnswer>> = {
  budget_exhausted: 'refused',
  budget_not_offered: 'not_offered',
  figure_changed: 'changed_data',
};

/**
 * Pays at the service. What has no exact decimal is rounded up.
 *
 * @param report sends a body to an address of the service
 * @throws Failure when the service could not be asked
 */
export async function spend(
  { purpose, period, figure, data, epsilon, delta }: Charge,
  report: (path: string, body: object) => Promise<unknown>,
): Promise<BudgetAnswer> {
  const path = `v1/budgets/${encodeURIComponent(purpose)}/${encodeURIComponent(period)}/spend`;
  const cost = { epsilon: decimalOf(epsilon, EPSILON_DIGITS), delta: decimalOf(delta, DELTA_DIGITS) };
  try {
    const paid = await report(path, { figure, data, ...cost });
    const isThis = memberOf(paid, 'figure') === figure && memberOf(paid, 'data') === data;
    return isThis ? 'permitted' : 'refused';
  } catch (error) {
    const failure = failureOf(error);
    const { code } = failure;
    if (code !== undefined && Object.hasOwn(REFUSALS, code)) return REFUSALS[code] ?? 'refused';
    throw failure;
  }
}

function decimalOf({ numerator, denominator }: Rational, digits: number): string {
  const units = (numerator * 10n ** BigInt(digits) + denominator - 1n) / denominator;
  const text = String(units).padStart(digits + 1, '0');
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`.replace(/\.?0+$/, '');
}
