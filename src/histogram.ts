/** How often something took how long, in buckets that are fixed: an observation is an addition, and no memory is taken. */

/** Upper bounds of times, in seconds: from what a decision takes to what a caller no longer waits for. */
export const TIMES: readonly number[] = [
  0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

export type Buckets = {
  /** Ascending; what is above the last one is in `count` alone. */
  readonly bounds: readonly number[];
  /** Per bound: how many observations were at most it. */
  readonly upTo: readonly number[];
  readonly count: number;
  readonly sum: number;
};

export class Histogram {
  private readonly counts: Float64Array;
  private sum = 0;

  /** @param bounds ascending */
  constructor(private readonly bounds: readonly number[] = TIMES) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Counts one value, in the unit of the bounds. */
  observe(value: number): void {
    let at = 0;
    while (value > (this.bounds[at] ?? Infinity)) at++;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sum += value;
  }

  read(): Buckets {
    let count = 0;
    const upTo = Array.from(this.counts, (here) => (count += here));
    return { bounds: this.bounds, upTo: upTo.slice(0, -1), count, sum: this.sum };
  }
}
