/** How writing the log does, for whoever watches the service. */
import { Histogram } from '../../histogram.js';

/** Most changes of a block are far below what one may have. */
const GROUPS: readonly number[] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

export class WritingWatch {
  /** Changes that were taken, and are neither confirmed nor refused. */
  underWay = 0;
  /** From when a change was taken until it is confirmed, in seconds. */
  readonly confirmed = new Histogram();
  /** How long the database takes to write a block, in seconds. */
  readonly written = new Histogram();
  /** Entries of a block. */
  readonly groups = new Histogram(GROUPS);

  /** A change was taken. @returns to be called once, when it is over */
  begin(): (isConfirmed: boolean) => void {
    const since = performance.now();
    this.underWay++;
    return (isConfirmed) => {
      this.underWay--;
      if (isConfirmed) this.confirmed.observe((performance.now() - since) / 1_000);
    };
  }

  /** Counts a block that is written. */
  async writes<T>(entries: number, write: () => Promise<T>): Promise<T> {
    const since = performance.now();
    const result = await write();
    this.written.observe((performance.now() - since) / 1_000);
    this.groups.observe(entries);
    return result;
  }
}
