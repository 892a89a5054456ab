/** Things that wait, in a line for each client, and whose turn it is. Pure: no clock, no HTTP. */

/** What a client gets in a round, in units of weight. */
const QUANTUM = 1;

export type Waiting<T> = {
  readonly item: T;
  /** Who waits: each gets the same share. */
  readonly client: string;
  /** Whether it is not known who they are: all of these together get what one client gets, and each of them as much of it. */
  readonly isStranger?: boolean;
  /** At least 1, at most {@link MOST_WEIGHT}. */
  readonly weight: number;
  /** When it came, in milliseconds. */
  readonly since: number;
};

/** The most that one thing counts for. */
export const MOST_WEIGHT = 1_024;

/** What is served as one client. */
interface Served<T> {
  readonly weight: number;
  /** How many things wait. */
  readonly size: number;
  add(waiting: Waiting<T>): void;
  /** What `take` would take. */
  next(newest: boolean): Waiting<T> | undefined;
  take(newest: boolean): Waiting<T> | undefined;
  takeBefore(time: number, last: number): Waiting<T>[];
  takeFromLongest(): Waiting<T> | undefined;
}

/** What one client waits for. */
class Line<T> implements Served<T> {
  weight = 0;
  private readonly waiting: Waiting<T>[] = [];

  get size(): number {
    return this.waiting.length;
  }

  add(waiting: Waiting<T>): void {
    this.waiting.push(waiting);
    this.weight += waiting.weight;
  }

  next(newest: boolean): Waiting<T> | undefined {
    return this.waiting.at(newest ? -1 : 0);
  }

  take(newest: boolean): Waiting<T> | undefined {
    const taken = newest ? this.waiting.pop() : this.waiting.shift();
    this.weight -= taken?.weight ?? 0;
    return taken;
  }

  takeBefore(time: number, last: number): Waiting<T>[] {
    const taken: Waiting<T>[] = [];
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) {
      if (first.since >= (this.size > 1 ? time : last)) break;
      taken.push(this.take(false) ?? first);
    }
    return taken;
  }

  takeFromLongest(): Waiting<T> | undefined {
    return this.take(true);
  }
}

type Place<T> = { readonly client: string; readonly served: Served<T>; credit: number };

/** Where all strangers are: no client has this name. */
const STRANGERS = '';

/**
 * Deficit round robin (M. Shreedhar and G. Varghese, "Efficient fair queueing using deficit round robin", SIGCOMM 1995):
 * in each round a client gets as much as every other, however many things of it wait and however large they are.
 */
export class FairQueue<T> implements Served<T> {
  private readonly places = new Map<string, Place<T>>();
  /** Those who wait, the next one first. */
  private readonly round: Place<T>[] = [];
  private total = 0;
  private count = 0;

  /** @param isOfStrangers whether it is what all strangers together get */
  constructor(private readonly isOfStrangers = false) {}

  /** The weight of all that waits. */
  get weight(): number {
    return this.total;
  }

  get size(): number {
    return this.count;
  }

  add(waiting: Waiting<T>): void {
    const areMany = waiting.isStranger === true && !this.isOfStrangers;
    const client = areMany ? STRANGERS : waiting.client;
    let place = this.places.get(client);
    if (place === undefined) {
      place = { client, served: areMany ? new FairQueue<T>(true) : new Line<T>(), credit: QUANTUM };
      this.places.set(client, place);
      this.round.push(place);
    }
    place.served.add(waiting);
    this.total += waiting.weight;
    this.count++;
  }

  next(newest: boolean): Waiting<T> | undefined {
    return this.turnOf(newest)?.served.next(newest);
  }

  /**
   * Takes the next one.
   *
   * @param newest of its client, not the oldest: those who have waited for long are about to give up
   */
  take(newest: boolean): Waiting<T> | undefined {
    const place = this.turnOf(newest);
    const taken = place?.served.take(newest);
    if (place !== undefined && taken !== undefined) {
      place.credit -= taken.weight;
      this.leave(place, taken);
    }
    return taken;
  }

  /**
   * Takes all that came before a time, but for the last one of each client: where there are many, a round is long, and
   * nobody is to lose their place in it.
   *
   * @param last before which that one is taken too
   */
  takeBefore(time: number, last: number): Waiting<T>[] {
    return this.round.toReversed().flatMap((place) => {
      const taken = place.served.takeBefore(time, last);
      for (const one of taken) this.leave(place, one);
      return taken;
    });
  }

  /** Takes what came last of the client of whom most waits; somebody's only one while nobody has several. */
  takeFromLongest(): Waiting<T> | undefined {
    let longest: Place<T> | undefined;
    for (const place of this.round)
      if (longest === undefined || isLonger(place.served, longest.served)) longest = place;
    const taken = longest?.served.takeFromLongest();
    if (longest !== undefined && taken !== undefined) this.leave(longest, taken);
    return taken;
  }

  /** Whose turn it is: they have the credit for their next one. */
  private turnOf(newest: boolean): Place<T> | undefined {
    for (let passed = 0; ; passed++) {
      if (passed > 0 && passed % this.round.length === 0) this.skipRounds(newest);
      const [place] = this.round;
      const next = place?.served.next(newest);
      if (place === undefined || next === undefined) return undefined;
      if (place.credit >= next.weight) return place;
      place.credit += QUANTUM;
      // behind those who came meanwhile, as they are behind it
      this.round.shift();
      this.round.push(place);
    }
  }

  /** Gives what the rounds would that nobody is served in. */
  private skipRounds(newest: boolean): void {
    const needs = this.round.map(({ served, credit }) => (served.next(newest)?.weight ?? 0) - credit);
    const least = Math.max(0, Math.min(...needs));
    for (const place of this.round) place.credit += least;
  }

  /** Counts what was taken. Who waits for nothing saves up no credit. */
  private leave(place: Place<T>, { weight }: Waiting<T>): void {
    this.total -= weight;
    this.count--;
    if (place.served.size === 0 && this.places.delete(place.client))
      this.round.splice(this.round.indexOf(place), 1);
  }
}

function isLonger<T>(one: Served<T>, other: Served<T>): boolean {
  const [many, manyOthers] = [one.size > 1, other.size > 1];
  return many === manyOthers ? one.weight > other.weight : many;
}
