/**
 * A fleet in a world of its own: its time, its messages and its database are made here, so that a history is repeated by its
 * seed. What runs in it is the code of `src/fleet/`.
 */
import { BEGINNING, FleetStore, type Member, NOWHERE, type Reached } from '../../../src/fleet/fleet.store.js';
import type { Machine, Moment } from '../../../src/fleet/machine.js';
import type { Membership } from '../../../src/fleet/membership.js';
import type { Terms } from '../../../src/fleet/terms.js';
import type { Turns } from '../../../src/fleet/turns.js';

/** The code that is tried: that of `src/fleet/`, or a mutant of it. */
export type Protocol = {
  readonly Membership: typeof Membership;
  readonly Turns: typeof Turns;
  readonly Overtaken: new () => Error;
  /** How the rest of a process is wrong, which is not of `src/fleet/`. */
  readonly wrong?:
    | 'renews by reading'
    | 'renews what was evicted'
    | 'acknowledges what it has only read'
    | 'counts what others have of another history';
};

/** What was seen in a history. */
export type History = {
  readonly decisions: number;
  readonly confirmed: number;
  readonly evictions: number;
  /** What must never be; each names when and where. */
  readonly faults: readonly string[];
};

/** Whole numbers below a bound, by a seed (xorshift32: Marsaglia, "Xorshift RNGs", 2003). */
export type Dice = { readonly below: (bound: number) => number; readonly chance: (of: number) => boolean };

export function diceOf(seed: number): Dice {
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1;
  const below = (bound: number): number => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % bound;
  };
  return { below, chance: (of) => below(of) === 0 };
}

/** What happens at its time, in order. */
class Timeline {
  now = 0;
  private readonly events: { readonly at: number; readonly order: number; readonly work: () => void }[] = [];
  private order = 0;

  at(moment: number, work: () => void): void {
    const event = { at: Math.max(moment, this.now), order: this.order++, work };
    // the last one is the next
    let place = this.events.length;
    while (place > 0) {
      const other = this.events[place - 1];
      if (other === undefined || other.at > event.at || (other.at === event.at && other.order > event.order))
        break;
      place--;
    }
    this.events.splice(place, 0, event);
  }

  async until(end: number): Promise<void> {
    for (;;) {
      const next = this.events.at(-1);
      if (next === undefined || next.at > end) break;
      this.events.pop();
      this.now = next.at;
      next.work();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.now = end;
  }
}

/** A clock that runs a little wrong, stands still now and then, and, if it is a wall clock, is set. */
class Clock {
  private offset = 0;
  private frozen = 0;

  constructor(
    private readonly timeline: Timeline,
    readonly rate: number,
  ) {}

  read(): number {
    return (this.timeline.now - this.frozen) * this.rate + this.offset;
  }

  set(by: number): void {
    this.offset += by;
  }

  standStill(ms: number): void {
    this.frozen += ms;
  }
}

/** A change: a user's no, or something that closes nothing. */
type Entry = {
  readonly user: number | undefined;
  /** Another one for each entry that was ever written, also for one that takes the place of one that was lost. */
  readonly link: Buffer;
};
type Row = { readonly lease: number; applied: Reached; isEvicted: boolean };

/** A database with a standby that has everything that was acknowledged; a promotion makes one of the other. */
class Database {
  readonly log: Entry[] = [];
  readonly rows = new Map<number, Row>();
  epochs = 0;
  turn: number | undefined;
  readonly waitingForTurn: (() => void)[] = [];
  /** Cut off: it answers what is read, and what is written never ends. */
  isIsolated = false;
  /** How much of the end of the log the standby may lack: what a wait for it that was cancelled has left. */
  private besides = 0;

  /** The standby, which has what was acknowledged; this one is cut off. */
  promoted(): Database {
    const other = new Database();
    other.log.push(...this.log.slice(0, this.log.length - this.besides));
    for (const [epoch, row] of this.rows) other.rows.set(epoch, { ...row });
    other.epochs = this.epochs;
    this.isIsolated = true;
    return other;
  }

  /** @param after the last entry that the writer knows of */
  append(length: number, after: Entry | undefined, entries: readonly Entry[]): boolean {
    if (this.log.length !== length || this.log.at(-1) !== after) return false;
    this.log.push(...entries);
    return true;
  }

  /** Whether it has what somebody says to have applied. */
  has({ revision, entry }: Reached): boolean {
    return revision <= 0 || this.log[revision - 1]?.link.equals(entry) === true;
  }

  /** The standby has what was written, and all that came before. */
  replicated(): void {
    this.besides = 0;
  }

  /** Takes the standby's acknowledgement of the last entries back. */
  doubt(entries: number): void {
    this.besides = entries;
  }
}

const LOST = Symbol('lost');

/** Of what fails and is tried again. */
const NOBODY_HEARS = { tell: () => undefined, end: () => undefined };

/** Nothing keeps a section apart from the others: what a process reads meanwhile makes its writing fail, and no worse. */
const atOnce = <T>(section: () => Promise<T>): Promise<T> => section();

class World {
  readonly timeline = new Timeline();
  database = new Database();
  readonly denied = new Map<number, number>();
  readonly faults: string[] = [];
  decisions = 0;
  confirmed = 0;
  evictions = 0;
  written = 0;
  /** One in so many messages is lost, and one in so many late. */
  lossy = 60;
  /** The wait for the standby is cut short for one write in so many. */
  readonly doubtful: number;

  constructor(
    readonly dice: Dice,
    readonly terms: Terms,
    readonly protocol: Protocol,
  ) {
    this.doubtful = dice.chance(4) ? 3 : 25;
  }
}

/** One process: its clocks, its connection, what it has applied. */
class Process {
  private readonly monotonic: Clock;
  private readonly wall: Clock;
  /** Whether its machine is suspended now and then; otherwise its wall clock is set. */
  private readonly isSuspended: boolean;
  private pausedUntil = 0;
  private readonly later: (() => void)[] = [];
  private connection: Database;
  private applied: Entry[] = [];
  private readonly closed = new Set<number>();
  /** How much of the log it says it has applied, if that is more than it has. */
  private seen = 0;
  private seenLast: Buffer | undefined;
  readonly membership: Membership;
  private readonly turns: Turns;
  private following: Promise<void> = Promise.resolve();
  isDead = false;

  constructor(
    readonly world: World,
    readonly name: string,
    readonly terms: Terms,
  ) {
    const { dice, timeline } = world;
    const drift = () => 1 + (dice.below(1001) - 500) / 100_000;
    this.monotonic = new Clock(timeline, drift());
    this.wall = new Clock(timeline, drift());
    this.isSuspended = dice.chance(2);
    this.connection = world.database;
    const machine: Machine = {
      clocks: (): Moment => ({ monotonic: this.monotonic.read(), wall: this.wall.read() }),
      later: (ms, work) => {
        let isWanted = true;
        timeline.at(timeline.now + ms / this.monotonic.rate, () => this.run(() => isWanted && work()));
        return () => {
          isWanted = false;
        };
      },
    };
    this.membership = new world.protocol.Membership(
      new SimulatedStore(this),
      { place: () => this.place(), follow: () => this.follow() },
      terms,
      machine,
      NOBODY_HEARS,
    );
    this.turns = new world.protocol.Turns(
      { inTurn: (work) => work(() => undefined), follow: () => this.follow() },
      machine,
    );
  }

  /** Runs at once, or when the process is no longer paused. */
  run(work: () => void): void {
    if (this.isDead) return;
    if (this.world.timeline.now < this.pausedUntil) this.later.push(work);
    else work();
  }

  pause(ms: number): void {
    const { timeline } = this.world;
    this.pausedUntil = Math.max(this.pausedUntil, timeline.now + ms);
    timeline.at(this.pausedUntil, () => {
      if (timeline.now < this.pausedUntil) return;
      for (const work of this.later.splice(0)) timeline.at(timeline.now, () => this.run(work));
    });
  }

  /** One of the clocks is wrong: that both are at once is beyond what a lease can bear. */
  mistime(ms: number): void {
    if (this.isSuspended) {
      this.monotonic.standStill(ms);
      this.pause(ms);
    } else this.wall.set(this.world.dice.chance(2) ? ms : -ms);
  }

  start(): void {
    const attempt = () =>
      this.membership.join().catch(() => {
        this.world.timeline.at(this.world.timeline.now + 100, () => this.run(() => void attempt()));
      });
    void attempt();
  }

  /** Asks whether something of a user may be used. */
  decide(user: number): void {
    this.run(() => {
      const { world } = this;
      world.decisions++;
      const since = world.denied.get(user);
      const permits = this.membership.holds && !this.closed.has(user);
      if (permits && since !== undefined)
        world.faults.push(`at ${world.timeline.now} ${this.name} permits ${user}, denied since ${since}`);
    });
  }

  /** Asks for a no. */
  deny(user: number): void {
    this.run(() => void this.change(user));
  }

  private async change(user: number): Promise<void> {
    const { world } = this;
    try {
      if (!this.membership.holds) return;
      const place = await this.turns.atHead(async () => {
        const base = this.applied.length;
        const last = this.applied.at(-1);
        // what stands already is confirmed as it stands
        if (this.closed.has(user)) return undefined;
        const entries = [{ user, link: linkOf(++world.written) }];
        await this.ask(
          (database) => {
            if (!database.append(base, last, entries)) throw new world.protocol.Overtaken();
            if (!world.dice.chance(world.doubtful)) return;
            database.doubt(entries.length);
            throw new Error('no standby is known to have it');
          },
          { isWrite: true },
        );
        this.take(base, entries);
        return this.place();
      }, atOnce);
      this.membership.applied();
      for (const other of processes.get(world) ?? []) other.hear();
      await (place === undefined
        ? this.membership.confirmedAsRead(this.place())
        : this.membership.confirmed(place));
      world.confirmed++;
      if (!world.denied.has(user)) world.denied.set(user, world.timeline.now);
    } catch {
      // nobody was told that it is confirmed
    }
  }

  private take(base: number, entries: readonly Entry[]): void {
    // an append of its own may have come between
    for (const entry of entries.slice(Math.max(0, this.applied.length - base))) {
      this.applied.push(entry);
      if (entry.user !== undefined) this.closed.add(entry.user);
    }
  }

  /** Hears that somebody has written, perhaps, and some time. */
  private hear(): void {
    const { dice, timeline } = this.world;
    if (dice.chance(4)) return;
    timeline.at(timeline.now + dice.below(20), () =>
      this.run(() => {
        void this.follow().then(
          () => this.membership.applied(),
          () => undefined,
        );
      }),
    );
  }

  /** Hears how far another process says it is, perhaps, and some time. */
  hearOf(name: string, revision: number): void {
    const { dice, timeline } = this.world;
    if (dice.chance(4)) return;
    timeline.at(timeline.now + dice.below(20), () => this.run(() => this.membership.hint(name, revision)));
  }

  private follow(): Promise<void> {
    const next = this.following.then(() => this.followNow());
    this.following = next.catch(() => undefined);
    return next;
  }

  private async followNow(): Promise<void> {
    const applied = [...this.applied];
    const [same, entries] = await this.ask(({ log }): readonly [boolean, readonly Entry[]] => [
      applied.every((entry, place) => log[place] === entry),
      log.slice(applied.length),
    ]);
    if (!same) {
      // another history: it ends, and somebody starts it again
      this.end();
      throw new Error('the log is another one');
    }
    const isNews = entries.length > 0;
    if (this.world.protocol.wrong === 'acknowledges what it has only read') {
      this.seen = Math.max(this.seen, applied.length + entries.length);
      this.seenLast = entries.at(-1)?.link ?? this.seenLast;
      this.membership.applied();
      await new Promise<void>((resolve) => this.after(50, resolve));
    }
    this.take(applied.length, entries);
    if (isNews) this.membership.applied();
  }

  place(): Reached {
    return {
      ...BEGINNING,
      revision: Math.max(this.seen, this.applied.length),
      entry: (this.seen > this.applied.length ? this.seenLast : this.applied.at(-1)?.link) ?? BEGINNING.entry,
    };
  }

  /** Ends it, and starts another one in its place. */
  end(): void {
    this.isDead = true;
    const { timeline, dice } = this.world;
    const fleet = processes.get(this.world) ?? [];
    const place = fleet.indexOf(this);
    timeline.at(timeline.now + dice.below(1_000), () => {
      const next = new Process(this.world, `${this.name}'`, this.terms);
      fleet[place] = next;
      next.start();
    });
  }

  private after(ms: number, work: () => void): void {
    const { timeline } = this.world;
    timeline.at(timeline.now + ms, () => this.run(work));
  }

  /** Polls, as a process does that nobody wakes. */
  poll(): void {
    this.run(() => {
      void this.follow().then(
        () => this.membership.applied(),
        () => undefined,
      );
    });
  }

  reconnect(): void {
    this.connection = this.world.database;
  }

  /** Sends a statement, and waits for its answer. Some are lost, and nobody knows on which way. */
  async ask<T>(statement: (database: Database) => T, { isWrite = false } = {}): Promise<T> {
    const { world } = this;
    const { dice, timeline } = world;
    const connection = this.connection;
    const delay = () =>
      dice.chance(world.lossy) ? LOST : dice.chance(20) ? dice.below(900) : 1 + dice.below(10);
    const there = delay();
    const back = delay();
    return new Promise<T>((resolve, reject) => {
      const fail = (after: number) =>
        timeline.at(timeline.now + after, () => this.run(() => reject(new Error('the connection broke'))));
      if (there === LOST) return fail(dice.below(3_000));
      timeline.at(timeline.now + there, () => {
        // what is written where nobody else hears of it does not end
        if (isWrite && connection.isIsolated) return fail(500 + dice.below(3_000));
        let outcome: () => void;
        try {
          if (isWrite) connection.replicated();
          const value = statement(connection);
          outcome = () => resolve(value);
        } catch (error) {
          outcome = () => reject(error instanceof Error ? error : new Error('failed'));
        }
        if (back === LOST) return fail(dice.below(3_000));
        timeline.at(timeline.now + back, () => this.run(outcome));
      });
    });
  }
}

function linkOf(number: number): Buffer {
  const link = Buffer.alloc(4);
  link.writeUInt32BE(number);
  return link;
}

const processes = new WeakMap<World, Process[]>();

class SimulatedStore extends FleetStore {
  readonly name = '';

  constructor(private readonly process: Process) {
    super();
  }

  join(lease: number): Promise<number> {
    return this.process.ask(
      (database) => {
        const epoch = ++database.epochs;
        database.rows.set(epoch, { lease, applied: { ...BEGINNING, ...NOWHERE }, isEvicted: false });
        return epoch;
      },
      { isWrite: true },
    );
  }

  renew(epoch: number): Promise<boolean> {
    const isWrite = this.process.world.protocol.wrong !== 'renews by reading';
    if (this.process.world.protocol.wrong === 'renews what was evicted')
      return this.process.ask(() => true, { isWrite });
    return this.process.ask(({ rows }) => rows.get(epoch)?.isEvicted === false, { isWrite });
  }

  async acknowledge(epoch: number, applied: Reached): Promise<void> {
    const { world, name } = this.process;
    await this.process.ask(
      ({ rows }) => {
        const row = rows.get(epoch);
        if (row?.isEvicted === false) row.applied = applied;
      },
      { isWrite: true },
    );
    for (const other of processes.get(world) ?? [])
      if (other !== this.process) other.hearOf(name, applied.revision);
  }

  others(epoch: number, reached: Reached): Promise<readonly Member[] | undefined> {
    const { wrong } = this.process.world.protocol;
    return this.process.ask((database) => {
      if (!database.has(reached)) return undefined;
      return [...database.rows].flatMap(([other, { lease, applied, isEvicted }]) => {
        const counts = wrong === 'counts what others have of another history' || database.has(applied);
        return other === epoch
          ? []
          : [{ epoch: other, lease, applied: counts ? applied : NOWHERE, isEvicted }];
      });
    });
  }

  evict(epoch: number): Promise<void> {
    return this.process.ask(
      ({ rows }) => {
        const row = rows.get(epoch);
        if (row !== undefined) row.isEvicted = true;
        this.process.world.evictions++;
      },
      { isWrite: true },
    );
  }

  remove(epoch: number): Promise<void> {
    return this.process.ask(({ rows }) => void rows.delete(epoch), { isWrite: true });
  }

  inTurn<T>(work: (giveOn: () => void) => Promise<T>): Promise<T> {
    return work(() => undefined);
  }

  renewing(): Promise<number> {
    return this.process.ask(({ rows }) => rows.size);
  }

  async tell(): Promise<void> {
    // processes hear of each other as the world lets them
  }

  onNews(): () => void {
    return () => undefined;
  }
}

/**
 * Lives a history, and says what was seen.
 *
 * @param others on which every second process holds its lease
 */
export async function live(
  seed: number,
  protocol: Protocol,
  terms: Terms,
  ms: number,
  others = terms,
): Promise<History> {
  const dice = diceOf(seed);
  const world = new World(dice, terms, protocol);
  const { timeline } = world;
  const fleet = Array.from(
    { length: 2 + dice.below(3) },
    (_, place) => new Process(world, `p${place}`, place % 2 === 0 ? terms : others),
  );
  processes.set(world, fleet);
  const any = (): Process | undefined => fleet[dice.below(fleet.length)];
  fleet.forEach((process) => timeline.at(dice.below(500), () => process.start()));
  let users = 0;
  for (let at = 0; at < ms; at += 20 + dice.below(60))
    timeline.at(at, () => {
      // of those of late, for what was closed long ago is closed everywhere
      for (let asked = 0; asked < 3; asked++)
        for (const process of fleet) process.decide(Math.max(0, users - dice.below(6)));
      if (dice.chance(3))
        any()?.deny(users > 0 && dice.chance(4) ? users - 1 - dice.below(Math.min(users, 3)) : users++);
    });
  for (let at = 0; at < ms; at += terms.pollEvery)
    for (const process of fleet) timeline.at(at + dice.below(terms.pollEvery), () => process.poll());
  for (let at = dice.below(1_500); at < ms; at += 200 + dice.below(2_500))
    timeline.at(at, () => disturb(world, any));
  await timeline.until(ms);
  for (const [user, since] of world.denied)
    if (!world.database.log.some((entry) => entry.user === user))
      world.faults.push(`the denial of ${user}, confirmed at ${since}, is not in the log`);
  return world;
}

function disturb(world: World, any: () => Process | undefined): void {
  const { dice, timeline, terms } = world;
  const fleet = processes.get(world) ?? [];
  switch (dice.below(8)) {
    case 0:
    case 1:
      return any()?.pause(dice.below(3 * terms.lease));
    case 2:
    case 3:
      return any()?.mistime(dice.below(5 * terms.lease));
    case 4: {
      world.lossy = 2 + dice.below(8);
      return timeline.at(timeline.now + dice.below(2_000), () => {
        world.lossy = 60;
      });
    }
    case 5: {
      // some stay with the old primary for a while
      const former = world.database;
      world.database = former.promoted();
      for (const process of fleet) timeline.at(timeline.now + dice.below(4_000), () => process.reconnect());
      return;
    }
    case 6: {
      const process = any();
      return process?.isDead === false ? process.end() : undefined;
    }
    default:
      return any()?.reconnect();
  }
}
