/**
 * Which requests are answered at once, which wait, and which are refused. Pure: it is given its clock and the turns of the
 * event loop (decision 074).
 *
 * How long a request may wait depends on whether the queue has been empty lately ("controlled delay", and the newest first
 * where it has not; B. Maurer, "Fail at scale", ACM Queue 13(8), 2015).
 */
import { FairQueue, type Waiting } from './fair-queue.js';
import type { Kind } from './kinds.js';

/**
 * Weight that is answered in each turn of the event loop: while no more comes, without a look at anything; and where the
 * machine gives the process little time, so that it is not by the clock alone.
 */
const FREE_WEIGHT = 64;
/** Weight between two looks at the clock. */
const LOOK_WEIGHT = 16;
/** How long a turn works off what waits. */
const SLICE_MS = 2;
/** Where the queue has not been empty for so long, the process has more to do than it can; until then anything may wait so long. */
const PATIENCE_MS = 100;
/** The same for what people say. */
const PATIENCE_OF_CRITICAL_MS = 10_000;
/** For how long after something waited for too long, or found no room, all waits are short. */
const STRICT_MS = 5_000;
/** How often one of those who send again at once is let back in. */
const RETURN_MS = 5;
/** Those that this time allows may be let in together, and one more: connections are read again in batches. */
const RETURNED_TOGETHER_MS = 10;
/** The most that waits, of a kind. */
const MOST_WEIGHT_WAITING = 4_000;

/** The most clients that are remembered as having asked for too much. */
const MOST_REMEMBERED = 10_000;

/** What a kind gets in a round where all wait, in weight: an eighth for what is neither critical nor a decision. */
const SHARES: Readonly<Record<Kind, number>> = { critical: 16, decision: 16, other: 2 };

/** What the gate does, and by what it knows when. */
export type Doors<T> = {
  /** Milliseconds on a clock that only counts on. */
  readonly now: () => number;
  /** Calls back once the event loop has looked for what arrived. */
  readonly nextTurn: (then: () => void) => void;
  /** Calls back in this turn, once what has begun is done. */
  readonly soon: (then: () => void) => void;
  readonly answer: (item: T) => void;
  /** @param rests whether its sender is not to be read for a while */
  readonly refuse: (item: T, rests: boolean) => void;
};

/** Who sends something. */
export type Sender = {
  readonly name: string;
  /** Whether that was verified: all others share what one client gets. */
  readonly isKnown: boolean;
};

export type Arrival<T> = {
  readonly item: T;
  readonly kind: Kind;
  readonly weight: number;
  /** Asked for only where it matters. */
  readonly sender: () => Sender;
  /** Whether it may have waited before it was read. Asked for of each. */
  readonly isLate: () => boolean;
};

type Part<T> = { readonly kind: Kind; readonly queue: FairQueue<T>; credit: number };

export class Gate<T> {
  private readonly parts: readonly Part<T>[] = (['critical', 'decision', 'other'] as const).map((kind) => ({
    kind,
    queue: new FairQueue<T>(),
    credit: SHARES[kind],
  }));
  private at = 0;
  private count = 0;
  private turnWeight = 0;
  private isArmed = false;
  private filledAt = 0;
  private strictUntil = -Infinity;
  private isStrict = false;
  private returnedAt = -Infinity;
  /** Of whom something waited for too long, or found no room, and when last: the longest ago first. */
  private readonly insistent = new Map<string, number>();
  /** How many things wait. */
  private queued = 0;
  private readonly counts: Record<Kind, number> = { critical: 0, decision: 0, other: 0 };

  /** @param shortest how long a request may wait while there is more to do than can be done, in milliseconds */
  constructor(
    private readonly shortest: number,
    private readonly doors: Doors<T>,
  ) {}

  /** The number of the turn of the event loop, from 0; only turns in which something arrives count. */
  get turn(): number {
    return this.count;
  }

  /** Whether there is more to do than can be done. */
  get isOverloaded(): boolean {
    return this.isStrict && (this.queued > 0 || this.doors.now() < this.strictUntil);
  }

  /** The weight of all that waits. */
  get waiting(): number {
    return this.parts.reduce((sum, { queue }) => sum + queue.weight, 0);
  }

  /** How many were refused. */
  get refused(): Readonly<Record<Kind, number>> {
    return this.counts;
  }

  /** Makes the turn count, so that what follows it is told from what arrives in it. */
  arm(): void {
    if (this.isArmed) return;
    this.isArmed = true;
    this.doors.nextTurn(() => this.endTurn());
  }

  arrive({ item, kind, weight, sender, isLate }: Arrival<T>): void {
    this.arm();
    // it waited where its wait is not counted; while all waits are short, who asks for little is not meant
    if (kind !== 'critical' && isLate() && (!this.isStrict || this.isInsistent(sender().name)))
      return this.turnAway(kind, item, this.isStrict && !this.mayReturn());
    if (!this.isStrict && this.turnWeight < FREE_WEIGHT && this.queued === 0) {
      this.turnWeight += weight;
      this.doors.answer(item);
      return;
    }
    const { queue } = this.part(kind);
    const now = this.doors.now();
    const { name, isKnown } = sender();
    if (this.queued === 0) this.filledAt = now;
    this.queued++;
    queue.add({ item, client: name, isStranger: !isKnown, weight, since: now });
    while (queue.weight > MOST_WEIGHT_WAITING) this.refuse(kind, queue.takeFromLongest(), now);
  }

  private part(kind: Kind): Part<T> {
    const part = this.parts.find((one) => one.kind === kind);
    // INVARIANT: there is one for each kind
    if (part === undefined) throw new Error('a kind of requests has no queue');
    return part;
  }

  private endTurn(): void {
    this.isArmed = false;
    this.count++;
    this.turnWeight = 0;
    if (this.queued === 0 && !this.isStrict) return;
    const now = this.doors.now();
    this.isStrict = now < this.strictUntil || (this.queued > 0 && now - this.filledAt > PATIENCE_MS);
    this.work(now + SLICE_MS, 0);
  }

  private work(until: number, done: number): void {
    let weight = done;
    while (weight < done + LOOK_WEIGHT && this.queued > 0) {
      const next = this.next();
      if (next === undefined) break;
      this.queued--;
      weight += next.weight;
      this.doors.answer(next.item);
    }
    if (this.queued === 0) return;
    const now = this.doors.now();
    if (now < until || weight < FREE_WEIGHT) return this.doors.soon(() => this.work(until, weight));
    this.refuseLate(now);
    if (this.queued > 0) this.arm();
  }

  /** After the work, so that what was read in this turn had its turn. */
  private refuseLate(now: number): void {
    for (const { kind, queue } of this.parts) {
      const patience = kind === 'critical' ? PATIENCE_OF_CRITICAL_MS : PATIENCE_MS;
      const wait = this.isStrict && kind !== 'critical' ? this.shortest : patience;
      for (const late of queue.takeBefore(now - wait, now - patience)) this.refuse(kind, late, now);
    }
  }

  private next(): Waiting<T> | undefined {
    for (;;) {
      const part = this.parts[this.at];
      if (part === undefined) return undefined;
      if (part.credit > 0 && part.queue.weight > 0) {
        // what people say waits for long, and the first to come is the first to be done
        const next = part.queue.take(this.isStrict && part.kind !== 'critical');
        part.credit -= next?.weight ?? 0;
        return next;
      }
      // who waits for nothing saves up no credit, and a debt is paid
      part.credit = Math.min(part.credit + SHARES[part.kind], SHARES[part.kind]);
      this.at = (this.at + 1) % this.parts.length;
    }
  }

  /** Refuses what was taken off its queue: there is too much. */
  private refuse(kind: Kind, waiting: Waiting<T> | undefined, now: number): void {
    if (waiting === undefined) return;
    const { item, client } = waiting;
    this.queued--;
    this.strictUntil = now + STRICT_MS;
    this.isStrict = true;
    this.insistent.delete(client);
    this.insistent.set(client, now);
    if (this.insistent.size > MOST_REMEMBERED) {
      const [longestAgo = client] = this.insistent.keys();
      this.insistent.delete(longestAgo);
    }
    this.turnAway(kind, item, true);
  }

  private isInsistent(client: string): boolean {
    return this.doors.now() - (this.insistent.get(client) ?? -Infinity) < STRICT_MS;
  }

  /**
   * Whether one who was refused for being late may send again at once: they would be late for ever. All of them together
   * would be too much, and until that showed, everything would wait behind them.
   */
  private mayReturn(): boolean {
    const now = this.doors.now();
    const next = Math.max(this.returnedAt + RETURN_MS, now - RETURNED_TOGETHER_MS);
    if (next > now) return false;
    this.returnedAt = next;
    return true;
  }

  private turnAway(kind: Kind, item: T, rests: boolean): void {
    this.counts[kind]++;
    this.doors.refuse(item, rests);
  }
}
