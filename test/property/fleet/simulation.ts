/**
 * A fleet in a world of its own: its time, its messages and its database are made here, so that a history is repeated by its
 * seed. What runs in it is the code of `src/fleet/`, and that of the log by which opt-outs hold against opt-ins.
 */
import { Caches } from '../../../src/consent/caches/caches.js';
import { Cleared } from '../../../src/consent/caches/cleared.js';
import { Answers } from '../../../src/consent/log/answers.js';
import { OptOutsUnderWay } from '../../../src/consent/log/settlement/opt-outs-under-way.js';
import type { LogEntry } from '../../../src/decision/consent-event.js';
import { BEGINNING, FleetStore, type Member, NOWHERE, type Reached } from '../../../src/fleet/fleet.store.js';
import type { Machine, Moment } from '../../../src/fleet/machine.js';
import type { Held, Membership } from '../../../src/fleet/membership.js';
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
    | 'believes any server'
    | 'renews what was evicted'
    | 'acknowledges what it has only read'
    | 'judges an opt-in only by what is unconfirmed when it is written'
    | 'takes for confirmed what comes before a block that is'
    | 'takes for confirmed what it has read at its start'
    | 'forgets the opt-outs of others before they are answered'
    | 'confirms before its caches have dropped'
    | 'says that it has applied what its caches have not dropped'
    | 'keeps what another process has answered'
    | 'keeps what was touched while it was asked';
};

/** What was seen in a history. */
export type History = {
  readonly decisions: number;
  readonly confirmed: number;
  /** Of these, grants, and what stood already. */
  readonly granted: number;
  readonly stood: number;
  readonly evictions: number;
  /** What clients did on answers that they had kept. */
  readonly kept: number;
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

/** What a user says of the one purpose that there is. */
type Choice = 'denied' | 'granted';

/** A change that was written. */
export type Entry = {
  readonly user: number;
  readonly choice: Choice;
  /** When it was asked for, and when it was written. */
  readonly began: number;
  written: number;
  /** Another one for each entry that was ever written, also for one that takes the place of one that was lost. */
  readonly link: Buffer;
};

/** What an answer rests on: an entry at its place. */
type Resting = { readonly revision: number; readonly entry: Entry };

/** What a change came to, and whether it was written or stood already. */
type Written = { readonly on: Resting; readonly isNew: boolean };

/** What was promised of a user by what was confirmed. */
type Promised = {
  /** When the last no that was written was confirmed: what opens follows from what was asked for later. */
  denied: number;
  /** When the last no that stood already was asked for: what opens was written later. */
  stood: number;
};
type Row = {
  readonly lease: number;
  applied: Reached;
  server: string | undefined;
  isHeld: boolean;
  isEvicted: boolean;
};

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
  /** Whom the standby may still have as not evicted, likewise. */
  private readonly evictedBesides = new Set<number>();

  constructor(private readonly promotions = 0) {}

  get name(): string {
    return `${this.promotions}`;
  }

  /** The standby, which has what was acknowledged; this one is cut off. */
  promoted(): Database {
    const other = new Database(this.promotions + 1);
    other.log.push(...this.log.slice(0, this.log.length - this.besides));
    for (const [epoch, row] of this.rows)
      other.rows.set(epoch, { ...row, isEvicted: row.isEvicted && !this.evictedBesides.has(epoch) });
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
    this.evictedBesides.clear();
  }

  /** The same of an eviction. */
  doubtEviction(epoch: number): void {
    this.evictedBesides.add(epoch);
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

export class World {
  readonly timeline = new Timeline();
  database = new Database();
  readonly promised = new Map<number, Promised>();
  /** Everything that was confirmed, and the furthest of it. */
  readonly rested: Resting[] = [];
  furthest: Resting | undefined;
  readonly faults: string[] = [];
  decisions = 0;
  confirmed = 0;
  granted = 0;
  stood = 0;
  evictions = 0;
  kept = 0;
  written = 0;
  /** One in so many messages is lost, and one in so many late. */
  lossy = 60;
  /** The wait for the standby is cut short for one write in so many. */
  readonly doubtful: number;
  /** Whether a standby is promoted as soon as the wait for it was cut short: before it has what was written. */
  readonly failsOver: boolean;

  constructor(
    readonly dice: Dice,
    readonly terms: Terms,
    readonly protocol: Protocol,
  ) {
    this.doubtful = dice.chance(4) ? 3 : 25;
    this.failsOver = dice.chance(2);
  }

  fault(what: string): void {
    this.faults.push(`at ${this.timeline.now} ${what}`);
  }

  /** Somebody acts on the last entry about a user that they know. */
  judge(who: string, user: number, last: Entry | undefined): void {
    const promised = this.promised.get(user);
    if (promised === undefined || last?.choice === 'denied') return;
    if ((last?.began ?? 0) < promised.denied)
      this.fault(`${who} permits ${user}, denied since ${promised.denied}`);
    if ((last?.written ?? 0) < promised.stood)
      this.fault(`${who} permits ${user}, whose no stood at ${promised.stood}`);
  }

  promisedOf(user: number): Promised {
    const promised = this.promised.get(user) ?? { denied: -1, stood: -1 };
    this.promised.set(user, promised);
    return promised;
  }

  /** Somebody was told that a change is confirmed. */
  confirm(on: Resting): void {
    this.confirmed++;
    this.rested.push(on);
    if (on.revision >= (this.furthest?.revision ?? 0)) this.furthest = on;
  }
}

/** What a program runs on: its clocks, and how it is held up. */
export class Computer {
  private readonly monotonic: Clock;
  private readonly wall: Clock;
  /** Whether its machine is suspended now and then; otherwise its wall clock is set. */
  private readonly isSuspended: boolean;
  private pausedUntil = 0;
  private readonly later: (() => void)[] = [];
  protected readonly machine: Machine;
  isDead = false;

  constructor(
    readonly world: World,
    readonly name: string,
  ) {
    const { dice, timeline } = world;
    const drift = () => 1 + (dice.below(1001) - 500) / 100_000;
    this.monotonic = new Clock(timeline, drift());
    this.wall = new Clock(timeline, drift());
    this.isSuspended = dice.chance(2);
    this.machine = {
      clocks: (): Moment => ({ monotonic: this.monotonic.read(), wall: this.wall.read() }),
      later: (ms, work) => {
        let isWanted = true;
        timeline.at(timeline.now + ms / this.monotonic.rate, () => this.run(() => isWanted && work()));
        return () => {
          isWanted = false;
        };
      },
    };
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
}

/** One process: its connection, what it has applied. */
export class Process extends Computer {
  /** Where it writes, and where it reads: a pool has several connections. */
  private writesTo: Database;
  private readsFrom: Database;
  /** Where it says what it has applied, which waits for no standby. */
  private tellsTo: Database;
  private applied: Entry[] = [];
  /** The last entry of each user. */
  private readonly last = new Map<number, Entry>();
  private readonly optOuts: OptOutsUnderWay;
  private readonly answers: Answers;
  /** Until what was asked for is written, what is asked for later waits. */
  private writing: Promise<unknown> = Promise.resolve();
  /** How much of the log it says it has applied, if that is more than it has. */
  private seen = 0;
  private seenLast: Buffer | undefined;
  private wasRead = false;
  readonly membership: Membership;
  private readonly store: SimulatedStore;
  private readonly turns: Turns;
  private following: Promise<void> = Promise.resolve();
  readonly caches: Caches;
  private readonly cleared: Cleared;

  constructor(
    world: World,
    name: string,
    readonly terms: Terms,
  ) {
    super(world, name);
    const { machine } = this;
    const { wrong } = world.protocol;
    this.writesTo = world.database;
    this.readsFrom = world.database;
    this.tellsTo = world.database;
    this.store = new SimulatedStore(this);
    this.caches = new Caches(terms, machine, () => (this.isAvailable ? this.membership.remaining : 0));
    this.cleared = new Cleared(
      this.caches,
      () => this.place(),
      () => this.membership.applied(),
      machine,
      terms.patience / 2,
    );
    const held: Held = {
      isAny: () => this.cleared.isAny(),
      isLate: () => this.cleared.isLate(),
      cleared: () =>
        wrong === 'says that it has applied what its caches have not dropped'
          ? this.place()
          : this.cleared.cleared(),
      released: () => this.cleared.released(),
    };
    this.membership = new world.protocol.Membership(
      this.store,
      { place: () => this.place(), follow: () => this.follow(), held },
      terms,
      machine,
      NOBODY_HEARS,
    );
    this.turns = new world.protocol.Turns(
      {
        inTurn: (work) => work(() => undefined),
        follow: () => this.follow(),
        place: () => ({ revision: this.applied.length }),
      },
      machine,
    );
    // opt-outs of others are forgotten when half the time has passed in which they are answered
    const speed = wrong === 'forgets the opt-outs of others before they are answered' ? 2 : 1;
    const clocks = (): Moment => {
      const now = machine.clocks();
      return { ...now, monotonic: speed * now.monotonic };
    };
    this.optOuts = new OptOutsUnderWay(terms, { clocks });
    this.answers = new Answers(terms, machine);
  }

  start(): void {
    const attempt = () =>
      this.membership.join().catch(() => {
        this.world.timeline.at(this.world.timeline.now + 100, () => this.run(() => void attempt()));
      });
    void attempt();
  }

  private get isAvailable(): boolean {
    return this.membership.holds && !this.answers.areOpen;
  }

  /** Asks whether something of a user may be used, with the token of the last answer. */
  decide(user: number): void {
    this.run(() => {
      const { world } = this;
      world.decisions++;
      if (!this.isAvailable) return;
      const { furthest } = world;
      world.judge(this.name, user, this.last.get(user));
      if (furthest !== undefined && this.applied[furthest.revision - 1] !== furthest.entry)
        world.fault(`${this.name} decides without ${furthest.revision}, which was confirmed`);
    });
  }

  /** Asks for a change. */
  say(user: number, choice: Choice): void {
    this.run(() => {
      // nobody was told that it is confirmed
      this.change(user, choice).catch(() => undefined);
    });
  }

  private async change(user: number, choice: Choice): Promise<void> {
    const { world, optOuts } = this;
    const began = world.timeline.now;
    const races = { user: `${user}`, [choice === 'denied' ? 'closes' : 'opens']: ['ads'] };
    if (!this.isAvailable || optOuts.refuses(races) !== undefined) return;
    const { on, isNew } = await this.answers.inTime<Written>((resolve, reject) => {
      const end = optOuts.begin([races]);
      const isRefused = () =>
        (world.protocol.wrong === 'judges an opt-in only by what is unconfirmed when it is written'
          ? optOuts.refuses(races)
          : optOuts.refusesWaiting(races)) !== undefined;
      const writing = this.writing.then(() => this.write(user, choice, began, isRefused));
      // the next one is written while this one is confirmed
      this.writing = writing.catch(() => undefined);
      writing
        .then((written) => this.confirmed(written, choice))
        .finally(end)
        .then(resolve, reject);
    });
    world.confirm(on);
    if (!isNew) world.stood++;
    if (choice === 'granted') world.granted++;
    else if (isNew) world.promisedOf(user).denied = world.timeline.now;
    else world.promisedOf(user).stood = began;
  }

  private async write(
    user: number,
    choice: Choice,
    began: number,
    isRefused: () => boolean,
  ): Promise<Written> {
    const { world } = this;
    return this.turns.atHead(async () => {
      const base = this.applied.length;
      const before = this.applied.at(-1);
      if (isRefused()) throw new Error('an opt-out is under way');
      if (before !== undefined && this.last.get(user)?.choice === choice) {
        await this.turns.ensureAtHead();
        return { on: { revision: base, entry: before }, isNew: false };
      }
      const entry: Entry = { user, choice, began, written: 0, link: linkOf(++world.written) };
      await this.ask(
        (database) => {
          if (!database.append(base, before, [entry])) throw new world.protocol.Overtaken();
          entry.written = world.timeline.now;
          if (!world.dice.chance(world.doubtful)) return;
          database.doubt(1);
          if (world.failsOver) failOver(world, user);
          throw new Error('no standby is known to have it');
        },
        { isWrite: true },
      );
      this.take(base, [entry]);
      return { on: { revision: base + 1, entry }, isNew: true };
    }, atOnce);
  }

  private async confirmed(written: Written, choice: Choice): Promise<Written> {
    const others = (processes.get(this.world) ?? []).filter((other) => other !== this);
    if (!written.isNew) {
      if (!this.isAvailable) throw new Error('it no longer has a lease');
      await this.dropped(this.membership.confirmedAsRead(this.place()));
      return written;
    }
    this.cleared.applied();
    for (const other of others) other.hear();
    await this.dropped(this.membership.confirmed(this.place()));
    if (choice === 'denied') for (const other of others) other.hearConfirmed(written.on.revision);
    return written;
  }

  private dropped(confirmed: Promise<void>): Promise<void> {
    const isWrong = this.world.protocol.wrong === 'confirms before its caches have dropped';
    return isWrong ? confirmed : this.cleared.confirmed(confirmed);
  }

  /** What it answers about a user now; `undefined`: it decides nothing. */
  answer(user: number): { readonly last: Entry | undefined } | undefined {
    return this.isAvailable ? { last: this.last.get(user) } : undefined;
  }

  private take(base: number, entries: readonly Entry[]): void {
    // an append of its own may have come between
    for (const entry of entries.slice(Math.max(0, this.applied.length - base))) {
      this.applied.push(entry);
      this.last.set(entry.user, entry);
      this.caches.touch(`${entry.user}`);
    }
  }

  /** Hears that somebody has written, perhaps, and some time. */
  private hear(): void {
    const { dice, timeline } = this.world;
    if (dice.chance(4)) return;
    timeline.at(timeline.now + dice.below(20), () =>
      this.run(() => {
        void this.follow().then(
          () => this.cleared.applied(),
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

  /** Hears that an opt-out is confirmed, perhaps, and some time. */
  hearConfirmed(revision: number): void {
    const { dice, timeline } = this.world;
    if (dice.chance(4)) return;
    const first =
      this.world.protocol.wrong === 'takes for confirmed what comes before a block that is' ? 0 : revision;
    timeline.at(timeline.now + dice.below(20), () => this.run(() => this.optOuts.confirmed(first, revision)));
  }

  private follow(): Promise<void> {
    const next = this.following.then(() => this.followNow());
    this.following = next.catch(() => undefined);
    return next;
  }

  private async followNow(): Promise<void> {
    const applied = [...this.applied];
    const [server, same, entries] = await this.ask(
      ({ log, name }): readonly [string, boolean, readonly Entry[]] => [
        name,
        applied.every((entry, place) => log[place] === entry),
        log.slice(applied.length),
      ],
    );
    this.store.ensureOn(server);
    // what was read is opened, and a policy may have to be compiled
    if (this.world.dice.chance(10)) {
      await new Promise<void>((resolve) => this.after(this.world.dice.below(200), resolve));
      this.store.ensureOn(server);
    }
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
    for (const [place, entry] of entries.entries())
      if (applied.length + place >= this.applied.length) this.note(entry, applied.length + place + 1);
    this.take(applied.length, entries);
    this.wasRead = true;
    if (isNews) this.cleared.applied();
  }

  private note(entry: Entry, revision: number): void {
    if (this.wasRead) this.optOuts.note(logged(entry, revision));
    else if (this.world.protocol.wrong !== 'takes for confirmed what it has read at its start')
      this.optOuts.noteOfBefore(logged(entry, revision));
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
        () => this.cleared.applied(),
        () => undefined,
      );
    });
  }

  reconnect(): void {
    const { dice, database } = this.world;
    if (!dice.chance(3)) this.writesTo = database;
    if (!dice.chance(3)) this.readsFrom = database;
    if (!dice.chance(3)) this.tellsTo = database;
  }

  /** Sends a statement, and waits for its answer. Some are lost, and nobody knows on which way. */
  async ask<T>(statement: (database: Database) => T, { isWrite = false, isTold = false } = {}): Promise<T> {
    const { world } = this;
    const { dice, timeline } = world;
    const connection = isTold ? this.tellsTo : isWrite ? this.writesTo : this.readsFrom;
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

/** An entry as the log has it. */
function logged({ user, choice, written }: Entry, revision: number): LogEntry {
  return {
    revision,
    subject: user + 1,
    user: `${user}`,
    by: { kind: 'user', id: `${user}` },
    at: written,
    via: 'settings',
    change: { kind: 'choice', purpose: 'ads', choice, notice: 0, signal: false },
  };
}

function linkOf(number: number): Buffer {
  const link = Buffer.alloc(4);
  link.writeUInt32BE(number);
  return link;
}

const processes = new WeakMap<World, Process[]>();

class SimulatedStore extends FleetStore {
  readonly name = '';

  override ensureOn(server: string): void {
    if (this.process.world.protocol.wrong !== 'believes any server') super.ensureOn(server);
  }

  constructor(private readonly process: Process) {
    super();
  }

  join(lease: number): ReturnType<FleetStore['join']> {
    return this.process.ask(
      (database) => {
        const epoch = ++database.epochs;
        const applied = { ...BEGINNING, ...NOWHERE };
        database.rows.set(epoch, { lease, applied, server: undefined, isHeld: false, isEvicted: false });
        return { epoch, server: database.name };
      },
      { isWrite: true },
    );
  }

  renew(epoch: number): Promise<string | undefined> {
    const { wrong } = this.process.world.protocol;
    return this.process.ask(
      ({ rows, name }) =>
        rows.get(epoch)?.isEvicted === false || wrong === 'renews what was evicted' ? name : undefined,
      { isWrite: wrong !== 'renews by reading' },
    );
  }

  async acknowledge(epoch: number, applied: Reached, isHeld: boolean): Promise<void> {
    const { world, name } = this.process;
    const { server } = this;
    await this.process.ask(
      ({ rows }) => {
        const row = rows.get(epoch);
        if (row?.isEvicted === false) Object.assign(row, { applied, server, isHeld });
      },
      { isTold: true },
    );
    for (const other of processes.get(world) ?? [])
      if (other !== this.process) other.hearOf(name, applied.revision);
  }

  async others(epoch: number, reached: Reached): Promise<readonly Member[] | undefined> {
    const [server, members] = await this.process.ask(
      (database) =>
        [
          database.name,
          !database.has(reached)
            ? undefined
            : [...database.rows].flatMap(([other, row]) => {
                if (other === epoch) return [];
                const applied = database.has(row.applied) ? row.applied : NOWHERE;
                return [{ ...row, epoch: other, applied, isHere: row.server === database.name }];
              }),
        ] as const,
    );
    this.ensureOn(server);
    return members;
  }

  evict(epoch: number): Promise<void> {
    const { world } = this.process;
    return this.process.ask(
      (database) => {
        const { rows } = database;
        const row = rows.get(epoch);
        if (row !== undefined) row.isEvicted = true;
        world.evictions++;
        if (!world.dice.chance(world.doubtful)) return;
        database.doubtEviction(epoch);
        if (world.failsOver)
          world.timeline.at(world.timeline.now + world.dice.below(10), () => promoteStandby(world));
        throw new Error('no standby is known to have it');
      },
      { isWrite: true },
    );
  }

  remove(epoch: number, on?: string): Promise<void> {
    return this.process.ask(
      ({ rows, name }) => {
        if (on === undefined || on === name) rows.delete(epoch);
      },
      { isWrite: true },
    );
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

/** Those who ask the processes, and act on what they answer. */
export type ClientsOf = (
  world: World,
  any: () => Process | undefined,
) => readonly (Computer & { readonly use: (user: number) => void })[];

/**
 * Lives a history, and says what was seen.
 *
 * @param others on which every second process holds its lease
 * @param clientsOf makes those who ask the processes
 */
export async function live(
  seed: number,
  protocol: Protocol,
  terms: Terms,
  ms: number,
  others = terms,
  clientsOf: ClientsOf = () => [],
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
  const clients = clientsOf(world, any);
  const anybody = (): Computer | undefined =>
    clients.length > 0 && dice.chance(2) ? clients[dice.below(clients.length)] : any();
  fleet.forEach((process) => timeline.at(dice.below(500), () => process.start()));
  let users = 0;
  for (let at = 0; at < ms; at += 20 + dice.below(60))
    timeline.at(at, () => {
      // of those of late, for what was closed long ago is closed everywhere
      for (let asked = 0; asked < 3; asked++)
        for (const process of fleet) process.decide(Math.max(0, users - dice.below(6)));
      for (const client of clients) client.use(Math.max(0, users - dice.below(6)));
      if (dice.chance(3)) {
        const user = users > 0 && !dice.chance(4) ? users - 1 - dice.below(Math.min(users, 2)) : users++;
        any()?.say(user, dice.chance(2) ? 'granted' : 'denied');
      }
    });
  for (let at = 0; at < ms; at += terms.pollEvery)
    for (const process of fleet) timeline.at(at + dice.below(terms.pollEvery), () => process.poll());
  for (let at = dice.below(1_500); at < ms; at += 200 + dice.below(2_500))
    timeline.at(at, () => disturb(world, any, anybody));
  await timeline.until(ms);
  for (const { revision, entry } of world.rested)
    if (world.database.log[revision - 1] !== entry)
      world.faults.push(`${revision}, which was confirmed, is not in the log`);
  return world;
}

function disturb(world: World, any: () => Process | undefined, anybody: () => Computer | undefined): void {
  const { dice, timeline, terms } = world;
  switch (dice.below(8)) {
    case 0:
    case 1:
      return anybody()?.pause(dice.below(3 * terms.lease));
    case 2:
    case 3:
      return anybody()?.mistime(dice.below(5 * terms.lease));
    case 4: {
      world.lossy = 2 + dice.below(8);
      return timeline.at(timeline.now + dice.below(2_000), () => {
        world.lossy = 60;
      });
    }
    case 5:
      return promoteStandby(world);
    case 6: {
      const process = any();
      return process?.isDead === false ? process.end() : undefined;
    }
    default:
      return any()?.reconnect();
  }
}

/** The standby lacks what was written last, and its user says no, to whom they reach, again and again. */
function failOver(world: World, user: number): void {
  const { dice, timeline } = world;
  timeline.at(timeline.now + dice.below(10), () => promoteStandby(world));
  for (let times = 0; times < 6; times++)
    timeline.at(timeline.now + dice.below(2_500), () => {
      const fleet = processes.get(world) ?? [];
      fleet[dice.below(fleet.length)]?.say(user, 'denied');
    });
}

function promoteStandby(world: World): void {
  const { dice, timeline } = world;
  const former = world.database;
  world.database = former.promoted();
  // some stay with the old primary for a while
  for (const process of processes.get(world) ?? [])
    timeline.at(timeline.now + dice.below(4_000), () => process.reconnect());
}
