/** Whether a row of figures, taken one after the other, goes up. */

export type Trend = {
  /** By how much the figure grows from the first to the last, by the median of all slopes (Theil and Sen). */
  readonly growth: number;
  /** The median of the figures. */
  readonly median: number;
  /** How likely so much order is by chance: that of the test of Mann and Kendall, one-sided. */
  readonly chance: number;
  /** Whether it goes up: hardly by chance, and by more than is tolerated. */
  readonly isUp: boolean;
};

/** Less likely than this by chance is a trend. */
const CHANCE = 0.01;

/**
 * @param figures at even distances; neither test minds single ones that stand out
 * @param tolerated growth, in the unit of the figures, that is none
 */
export function trendOf(figures: readonly number[], tolerated: number): Trend {
  const median = medianOf(figures);
  const slopes: number[] = [];
  let order = 0;
  for (const [at, figure] of figures.entries())
    for (const [distance, later] of figures.slice(at + 1).entries()) {
      slopes.push((later - figure) / (distance + 1));
      order += Math.sign(later - figure);
    }
  const growth = medianOf(slopes) * (figures.length - 1);
  const chance = order <= 0 ? 1 : 1 - normal((order - 1) / Math.sqrt(varianceOf(figures)));
  return { growth, median, chance, isUp: chance < CHANCE && growth > tolerated };
}

/** Of the sum of signs, where nothing is in order (Kendall, Rank Correlation Methods, chapter 5: with ties). */
function varianceOf(figures: readonly number[]): number {
  const ties = new Map<number, number>();
  for (const figure of figures) ties.set(figure, (ties.get(figure) ?? 0) + 1);
  const pairs = (n: number) => n * (n - 1) * (2 * n + 5);
  const tied = [...ties.values()].reduce((sum, n) => sum + pairs(n), 0);
  return (pairs(figures.length) - tied) / 18;
}

export function medianOf(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** The share of a normal distribution that is below so many standard deviations (Abramowitz and Stegun, 26.2.17). */
function normal(deviations: number): number {
  const t = 1 / (1 + 0.2316419 * deviations);
  const tail = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153].reduce(
    (sum, factor) => (sum + factor) * t,
    0,
  );
  return 1 - (Math.exp((-deviations * deviations) / 2) / Math.sqrt(2 * Math.PI)) * tail;
}
