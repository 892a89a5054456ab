/**
 * How those who remain for a purpose differ from all, from what may be told of each cohort. It is a function of that
 * alone: the same is told of it each time.
 */
import { AGE_BANDS } from '../decision/consent-event.js';
import type { Steps } from '../decision/steps.js';
import { type Told, drawnFor } from './told.js';

/** A figure, and between which it lies in 95 of 100 draws, see {@link balanceOf}. */
export type Estimate = { readonly value: number; readonly low: number; readonly high: number };

export type Row = Told & {
  /** From 0 to 1. */
  readonly shareOfAll: number;
  /** `undefined`: nobody is known to remain. */
  readonly shareOfRemaining: number | undefined;
  /** The share of those who remain over that of all; 1: as many as there would be if it made no difference. */
  readonly ratio: Estimate | undefined;
};

/** All users, split in one way. */
export type Split = {
  /** `undefined`: nothing is told of the cohort. */
  readonly rows: readonly (Row | undefined)[];
  /**
   * The Jensen–Shannon divergence of the shares of those who remain from the shares of all, in bits: 0 where they are
   * the same, at most 1. `undefined`: nobody is known to remain.
   *
   * J. Lin, "Divergence Measures Based on the Shannon Entropy", IEEE Transactions on Information Theory 37 (1991).
   */
  readonly divergence: Estimate | undefined;
};

/** A cohort whose share among those who remain is another than among all. */
export type Mover = {
  /** Its place among the cohorts. */
  readonly cohort: number;
  /** Share of those who remain, less that of all. */
  readonly difference: number;
};

/** Those who are counted by an attribute, split by it. */
export type AttributeBalance = {
  readonly users: Told;
  readonly split: Split;
  /** The largest first. */
  readonly movers: readonly Mover[];
};

export type Balance = {
  /** The fewest users of whom a number is told, and what numbers are multiples of. */
  readonly minimum: number;
  /** Of those who are counted by regime and age band. */
  readonly users: Told;
  readonly byRegime: Split;
  readonly byAgeBand: Split;
  readonly byBoth: Split;
  /** The largest first. */
  readonly movers: readonly Mover[];
};

const MOST_MOVERS = 10;
const DRAWS = 1_000;
/** Draws in one step: some tenths of a millisecond. */
const STEP = 20;
const LOWER = 0.025;
const UPPER = 0.975;
const SEED = 16;

/**
 * The balance, in steps.
 *
 * The bounds of each figure are of a parametric bootstrap: each draw takes a population of which the same would be told,
 * and lets each user of a cohort remain with the rate of the cohort. So they cover what was rounded and not told, and
 * chance. A divergence grows with every difference, also one by chance: that of a draw is too large by about as much as
 * the figure itself is. Where the draws lie above the figure on average, the lower bound is lowered by twice that; where
 * they lie below it, the upper bound is raised by twice that (B. Efron and R. Tibshirani, "An Introduction
 * to the Bootstrap", 1993, chapters 6, 10 and 13).
 *
 * @param cohorts regime after regime, of each the age bands
 * @param part the share of all users who are counted, drawn by chance
 * @param times how often it is drawn
 */
export function* balanceOf(
  cohorts: readonly Told[],
  minimum: number,
  part = 1,
  times = DRAWS,
): Steps<Balance> {
  const draws = yield* drawnPopulations(cohorts, minimum, part, times);
  const ages = AGE_BANDS.length;
  const byBoth = yield* splitOf(cohorts, draws, (cohort) => cohort);
  return {
    minimum,
    users: usersIn(cohorts),
    byRegime: yield* splitOf(cohorts, draws, (cohort) => Math.floor(cohort / ages)),
    byAgeBand: yield* splitOf(cohorts, draws, (cohort) => cohort % ages),
    byBoth,
    movers: moversIn(byBoth),
  };
}

/** The same of those who are counted by an attribute. @param cohorts of each value, and of those without one */
export function* attributeBalanceOf(
  cohorts: readonly Told[],
  minimum: number,
  part: number,
  times = DRAWS,
): Steps<AttributeBalance> {
  const draws = yield* drawnPopulations(cohorts, minimum, part, times);
  const split = yield* splitOf(cohorts, draws, (cohort) => cohort);
  return { users: usersIn(cohorts), split, movers: moversIn(split) };
}

/** Users by cohort, or by row of a split. */
type Population = { readonly all: readonly number[]; readonly remaining: readonly number[] };
type RowOf = (cohort: number) => number;

function* drawnPopulations(
  cohorts: readonly Told[],
  minimum: number,
  part: number,
  times: number,
): Steps<readonly Population[]> {
  const draws: Population[] = [];
  const random = randomFrom(SEED);
  while (draws.length < times) {
    draws.push(drawnPopulation(cohorts, minimum, part, random));
    if (draws.length % STEP === 0) yield;
  }
  return draws;
}

function drawnPopulation(
  cohorts: readonly Told[],
  minimum: number,
  part: number,
  random: () => number,
): Population {
  const drawn = cohorts.map((told) => {
    const { all: counted, left } = drawnFor(told, minimum, random);
    // as many as there would be in another part of the same users
    const all =
      part === 1 ? counted : Math.max(0, counted + Math.sqrt(counted * (1 - part)) * normal(random));
    return { all, remaining: counted === 0 ? 0 : remainingBy(all, 1 - left / counted, random) };
  });
  return { all: drawn.map(({ all }) => all), remaining: drawn.map(({ remaining }) => remaining) };
}

/** How many remain if each does with this rate: the normal approximation of the binomial distribution. */
function remainingBy(all: number, rate: number, random: () => number): number {
  const spread = Math.sqrt(all * rate * (1 - rate));
  return Math.min(all, Math.max(0, all * rate + spread * normal(random)));
}

function* splitOf(cohorts: readonly Told[], draws: readonly Population[], rowOf: RowOf): Steps<Split> {
  const told = populationIn(cohorts, rowOf);
  const shares = sharesIn(told);
  const isKnown = told.remaining.some((remaining) => remaining > 0);
  const divergences: number[] = [];
  const ratios: number[][] = told.all.map(() => []);
  for (const [at, draw] of draws.entries()) {
    const drawn = sharesIn({ all: summed(draw.all, rowOf), remaining: summed(draw.remaining, rowOf) });
    divergences.push(divergenceOf(drawn));
    ratios.forEach((ratio, row) => ratio.push(ratioOf(drawn, row)));
    if (at % STEP === 0) yield;
  }
  const rows: (Row | undefined)[] = [];
  for (const [row, all] of told.all.entries()) {
    const remaining = told.remaining[row] ?? 0;
    const figures = {
      remaining,
      left: all - remaining,
      shareOfAll: shares.all[row] ?? 0,
      shareOfRemaining: isKnown ? shares.remaining[row] : undefined,
      ratio: isKnown ? estimateOf(ratioOf(shares, row), ratios[row] ?? [], Infinity) : undefined,
    };
    rows.push(all === 0 ? undefined : figures);
    yield;
  }
  return { rows, divergence: isKnown ? estimateOf(divergenceOf(shares), divergences, 1) : undefined };
}

function populationIn(cohorts: readonly Told[], rowOf: RowOf): Population {
  const all = cohorts.map(({ remaining, left }) => remaining + left);
  const remaining = cohorts.map((told) => told.remaining);
  return { all: summed(all, rowOf), remaining: summed(remaining, rowOf) };
}

function summed(values: readonly number[], rowOf: RowOf): number[] {
  const sums: number[] = [];
  for (const [cohort, value] of values.entries()) sums[rowOf(cohort)] = (sums[rowOf(cohort)] ?? 0) + value;
  return sums;
}

function usersIn(cohorts: readonly Told[]): Told {
  return { remaining: sumOf(cohorts, 'remaining'), left: sumOf(cohorts, 'left') };
}

function sumOf(cohorts: readonly Told[], member: keyof Told): number {
  return cohorts.reduce((sum, told) => sum + told[member], 0);
}

function sharesIn({ all, remaining }: Population): Population {
  return { all: shared(all), remaining: shared(remaining) };
}

function shared(values: readonly number[]): number[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => (total === 0 ? 0 : value / total));
}

function ratioOf(shares: Population, row: number): number {
  const all = shares.all[row] ?? 0;
  return all === 0 ? 0 : (shares.remaining[row] ?? 0) / all;
}

/** The Jensen–Shannon divergence of two distributions, in bits. */
function divergenceOf({ all, remaining }: Population): number {
  let twice = 0;
  for (const [row, p] of all.entries()) {
    const q = remaining[row] ?? 0;
    const both = p + q;
    if (p > 0) twice += p * Math.log2((2 * p) / both);
    if (q > 0) twice += q * Math.log2((2 * q) / both);
  }
  return Math.min(1, Math.max(0, twice / 2));
}

/** @param most what the figure can be at most; at least it is 0 */
function estimateOf(value: number, drawn: readonly number[], most: number): Estimate {
  const sorted = Float64Array.from(drawn).sort();
  const bias = sorted.reduce((sum, one) => sum + one, 0) / sorted.length - value;
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? value;
  const low = at(LOWER) - 2 * Math.max(0, bias);
  const high = at(UPPER) - 2 * Math.min(0, bias);
  return { value, low: Math.min(value, Math.max(0, low)), high: Math.max(value, Math.min(most, high)) };
}

function moversIn({ rows }: Split): Mover[] {
  return rows
    .flatMap((row, cohort) =>
      row?.shareOfRemaining === undefined
        ? []
        : [{ cohort, difference: row.shareOfRemaining - row.shareOfAll }],
    )
    .filter(({ difference }) => difference !== 0)
    .toSorted((a, b) => Math.abs(b.difference) - Math.abs(a.difference))
    .slice(0, MOST_MOVERS);
}

/** A normally distributed number: G. E. P. Box and M. E. Muller, 1958. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Numbers from 0 up to 1, the same from the same seed: mulberry32, by T. Ettinger. No secret may rest on them. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
