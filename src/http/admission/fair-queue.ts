/** Things that wait, in a line for each client, and whose turn it is. Pure: no clock, no HTTP. */

/** What a client gets in a round, in units of weight. */
const QUANTUM = 1;

export type Waiting<T> = {
  readonly item: T;
  /** Who waits: each gets the same share. */
  readonly client: string;
  /** At least 1, at most {@link MOST_WEIGHT}. */
  readonly weight: number;
  /** When it came, in milliseconds. */
  readonly since: number;
};

/** The most that one thing counts for. */
export const MOST_WEIGHT = 1_024;

type Line<T> = { readonly client: string; readonly waiting: Waiting<T>[]; weight: number; credit: number };

/**
 * Deficit round robin (M. Shreedhar and G. Varghese, "Efficient fair queueing using deficit round robin", SIGCOMM 1995):
 * in each round a client gets as much as every other, however many things of it wait and however large they are.
 */
export class FairQueue<T> {
  private readonly lines = new Map<string, Line<T>>();
  /** Those who wait, the next one first. */
  private readonly round: Line<T>[] = [];
  private total = 0;

  /** The weight of all that waits. */
  get weight(): number {
    return this.total;
  }

  add(waiting: Waiting<T>): void {
    let line = this.lines.get(waiting.client);
    if (line === undefined) {
      line = { client: waiting.client, waiting: [], weight: 0, credit: QUANTUM };
      this.lines.set(waiting.client, line);
      this.round.push(line);
    }
    line.waiting.push(waiting);
    line.weight += waiting.weight;
    this.total += waiting.weight;
  }

  /**
   * Takes the next one.
   *
   * @param newest of its client, not the oldest: those who have waited for long are about to give up
   */
  take(newest: boolean): Waiting<T> | undefined {
    for (let passed = 0; ; passed++) {
      if (passed > 0 && passed % this.round.length === 0) this.skipRounds(newest);
      const [line] = this.round;
      const next = line?.waiting.at(newest ? -1 : 0);
      if (line === undefined || next === undefined) return undefined;
      if (line.credit >= next.weight) {
        line.credit -= next.weight;
        return this.remove(line, newest);
      }
      line.credit += QUANTUM;
      // behind those who came meanwhile, as they are behind it
      this.round.shift();
      this.round.push(line);
    }
  }

  /**
   * Takes all that came before a time, but for the last one of each client: where there are many, a round is long, and
   * nobody is to lose their place in it.
   *
   * @param last before which that one is taken too
   */
  takeBefore(time: number, last: number): Waiting<T>[] {
    const taken: Waiting<T>[] = [];
    for (const line of this.round.toReversed())
      for (let first = line.waiting[0]; first !== undefined; first = line.waiting[0]) {
        if (first.since >= (line.waiting.length > 1 ? time : last)) break;
        taken.push(this.remove(line, false) ?? first);
      }
    return taken;
  }

  /** Takes what came last of the client of whom most waits. */
  takeFromLongest(): Waiting<T> | undefined {
    let longest: Line<T> | undefined;
    for (const line of this.round) if (longest === undefined || line.weight > longest.weight) longest = line;
    return longest && this.remove(longest, true);
  }

  /** Gives what the rounds would that nobody is served in. */
  private skipRounds(newest: boolean): void {
    const needs = this.round.map(
      ({ waiting, credit }) => (waiting.at(newest ? -1 : 0)?.weight ?? 0) - credit,
    );
    const least = Math.max(0, Math.min(...needs));
    for (const line of this.round) line.credit += least;
  }

  private remove(line: Line<T>, newest: boolean): Waiting<T> | undefined {
    const taken = newest ? line.waiting.pop() : line.waiting.shift();
    if (taken === undefined) return undefined;
    line.weight -= taken.weight;
    this.total -= taken.weight;
    if (line.waiting.length === 0) this.leave(line);
    return taken;
  }

  /** Who waits for nothing saves up no credit. */
  private leave(line: Line<T>): void {
    this.lines.delete(line.client);
    this.round.splice(this.round.indexOf(line), 1);
  }
}
