/**
 * How long an evicted process stays out of the fleet. The others would wait again and again for one that cannot keep
 * up, so each time it is evicted soon after it joined, it stays out twice as long.
 */
import type { Machine } from './machine.js';
import type { Terms } from './terms.js';

/** In leases: a process that was in the fleet this long has kept up. */
const KEPT_UP = 10;
/** In leases. */
const LONGEST = 8;

export class Absence {
  private enteredAt = -Infinity;
  private pause = 0;
  private until = -Infinity;

  constructor(
    private readonly terms: Terms,
    private readonly machine: Pick<Machine, 'clocks'>,
  ) {}

  get isOver(): boolean {
    return this.now >= this.until;
  }

  entered(): void {
    this.enteredAt = this.now;
  }

  evicted(): void {
    const { lease, renewEvery } = this.terms;
    const hasKeptUp = this.now - this.enteredAt >= KEPT_UP * lease;
    this.pause = hasKeptUp ? 0 : Math.min(2 * this.pause || renewEvery, LONGEST * lease);
    this.until = this.now + this.pause;
  }

  private get now(): number {
    return this.machine.clocks().monotonic;
  }
}
