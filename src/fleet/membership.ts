/**
 * One process as a member of the fleet.
 *
 * A change is confirmed when every other process has applied it or can no longer decide. So a process with a lease
 * decides on everything that was confirmed to anybody. The proof and its assumptions are in docs/fleet.md.
 */
import { LRUCache } from 'lru-cache';
import { Absence } from './absence.js';
import { type FleetStore, type Member, NOWHERE, type Place, type Reached, reaches } from './fleet.store.js';
import { Lease } from './lease.js';
import type { Machine } from './machine.js';
import { type Terms, longestPatience, outlived } from './terms.js';
import type { Troubles } from './troubles.js';

/** A waiter for the confirmation of a place. */
type Waiting = {
  readonly place: Place;
  readonly since: number;
  /** Of a place that was only read: since when this process is on the server where it was. */
  readonly onServerSince?: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
};

/** The log, as a member uses it. */
export type Followed = {
  /** What it has applied. */
  readonly place: () => Reached;
  /** Applies the log up to its current head or further. */
  readonly follow: () => Promise<void>;
  /** What rests on this process elsewhere; absent: nothing ever does. */
  readonly held?: Held;
};

/** What rests on a process elsewhere, such as the caches of its clients. */
export type Held = {
  /** Whether there is anything. */
  readonly isAny: () => boolean;
  /** Whether it keeps what was applied from being cleared, for longer than a moment. */
  readonly isLate: () => boolean;
  /** The place before which nothing rests on this process any more, itself included. */
  readonly cleared: () => Reached;
  /** Ends it, and resolves when there is nothing. */
  readonly released: () => Promise<void>;
};

export class Membership {
  private readonly lease: Lease;
  private readonly absence: Absence;
  private epoch: number | undefined;
  /** The epoch in which it no longer decides, but others may still wait for it. */
  private former: number | undefined;
  /** Resolves when the current attempt to join has ended. */
  private joining: Promise<void> | undefined;
  /** Since when this process is on its server, by the monotonic clock, and whether it has read the log there. */
  private onServerSince = 0;
  private hasReadThere = false;
  /** Resolves when it has read the log on a server to which it comes. */
  private moving: Promise<void> | undefined;
  private acknowledged: Place = NOWHERE;
  private saidHeld = false;
  private acknowledging = false;
  private readonly waiting = new Set<Waiting>();
  /** How far others say they are, by name: only hints when to read the rows. */
  private readonly hints = new LRUCache<string, number>({ max: KEPT_HINTS });
  /** How many others were deciding at the last read. */
  private othersDeciding = 0;
  private looking = false;
  private lookAgain = false;
  /**
   * By epoch, when the leases of evicted processes have ended. Only by the monotonic clock: if it stopped for a while,
   * the wait is longer, never shorter.
   */
  private readonly evicted = new Map<number, number>();
  private stopRenewing: () => void = () => undefined;
  /** Absent when no read is scheduled. */
  private stopLooking: (() => void) | undefined;
  private left = false;

  constructor(
    private readonly store: FleetStore,
    private readonly followed: Followed,
    private readonly terms: Terms,
    private readonly machine: Machine,
    private readonly troubles: Pick<Troubles, 'tell' | 'end'>,
  ) {
    this.lease = new Lease(terms, machine);
    this.absence = new Absence(terms, machine);
  }

  /** Whether decisions may rest on what was applied, now. */
  get holds(): boolean {
    return this.lease.holds;
  }

  /** For how long it holds, in milliseconds. */
  get remaining(): number {
    return this.lease.remaining;
  }

  /** Joins; from then on the lease is renewed, and the process rejoins after an eviction. @throws when it fails */
  async join(): Promise<void> {
    await this.enter();
    this.scheduleRenewal();
  }

  /** Reports what was applied to processes that wait for the confirmation of a change. */
  applied(): void {
    if (!this.acknowledging) void this.acknowledge();
  }

  /**
   * Resolves when no process decides on the state before a place any more; the place must be in the log.
   *
   * It does not resolve while the store is unreachable.
   */
  confirmed(place: Place): Promise<void> {
    return this.reached(place);
  }

  /**
   * The same for a place that was only read: an entry whose wait for the standby was cut short can be read before the
   * standby has it. So a write must follow the read, on the same server.
   *
   * A process that has not said that it is on this server may have applied the place on a former one, and then something
   * that its standby never had. So it also waits until leases from there have ended.
   *
   * @throws Error when this process is no longer in the fleet, cannot write, or has come to another server meanwhile,
   *   also while it waits: the members of a former server say nothing of this one
   */
  async confirmedAsRead(place: Place): Promise<void> {
    const { onServerSince } = this;
    if (!(await this.prove())) throw new Error('the process is not in the fleet');
    if (this.onServerSince !== onServerSince) throw new Error(ELSEWHERE);
    await this.reached(place, onServerSince);
  }

  private reached(place: Place, onServerSince?: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const since = this.machine.clocks().monotonic;
      const there = onServerSince === undefined ? {} : { onServerSince };
      this.waiting.add({ place, since, ...there, resolve, reject });
      this.lookIfReached();
    });
  }

  /** Records how far another process says it is. */
  hint(by: string, revision: number): void {
    this.hints.set(by, revision);
    this.lookIfReached();
  }

  /**
   * Reads the others' rows when that may confirm something; their notifications may be lost, and one of them may be
   * gone.
   */
  private lookIfReached(): void {
    const [first] = this.waiting;
    if (first === undefined) return;
    const reaching = [...this.hints.values()].filter((revision) => revision >= first.place.revision);
    if (reaching.length >= this.othersDeciding) this.look();
    else if (!this.looking && this.stopLooking === undefined) this.lookSoon(this.untilNextLook());
  }

  private look(): void {
    if (this.looking) this.lookAgain = true;
    else if (this.waiting.size > 0) void this.lookAtOthers();
  }

  private lookSoon(wait: number): void {
    this.stopLooking?.();
    if (!this.left) this.stopLooking = this.machine.later(wait, () => this.look());
  }

  /**
   * Resolves to whether this process is in the fleet, by a write that was sent after the call.
   *
   * A lease is renewed on a server only after the log was read there: what this process has applied may be missing on it.
   *
   * @throws when it fails
   */
  async prove(): Promise<boolean> {
    const { epoch } = this;
    if (epoch === undefined) return false;
    const sent = this.machine.clocks();
    const server = await this.store.renew(epoch);
    if (epoch !== this.epoch) return false;
    if (server === undefined) {
      this.absence.evicted();
      this.lapse();
      return false;
    }
    const isOfBefore = this.moving !== undefined || sent.monotonic < this.onServerSince;
    if (server === this.store.server && this.hasReadThere && !isOfBefore) {
      this.lease.renewed(sent);
      return true;
    }
    if (!isOfBefore) this.moving = this.moveTo(server).finally(() => (this.moving = undefined));
    await this.moving;
    return this.prove();
  }

  /** Reads the log on a server, and from now on there alone. */
  private async moveTo(server: string): Promise<void> {
    this.store.server = server;
    this.onServerSince = this.machine.clocks().monotonic;
    this.hasReadThere = false;
    await this.followed.follow();
    this.hasReadThere = true;
  }

  /** Stops deciding, and leaves. */
  async leave(): Promise<void> {
    this.left = true;
    this.lease.end();
    this.stopRenewing();
    this.stopLooking?.();
    // a membership that is on its way would stand there after this process has gone
    await this.joining?.catch(() => undefined);
    this.lease.end();
    const own = [this.epoch, this.former];
    this.epoch = undefined;
    // the others wait for this process until then, as they would for one that was killed
    await this.followed.held?.released();
    for (const epoch of own) if (epoch !== undefined) await this.store.remove(epoch);
  }

  /** Stops deciding until it has rejoined. */
  lapse(): void {
    this.lease.end();
    this.former ??= this.epoch;
    this.epoch = undefined;
    this.store.server = undefined;
    this.acknowledged = NOWHERE;
    this.saidHeld = false;
  }

  private enter(): Promise<void> {
    this.joining ??= this.enterOnce().finally(() => (this.joining = undefined));
    return this.joining;
  }

  private async enterOnce(): Promise<void> {
    this.store.server = undefined;
    // read most of the log before anybody waits for this process
    await this.followed.follow();
    // while a cache rests on it, the others must wait for it, as for one that was killed
    if (this.former !== undefined && this.followed.held?.isAny() !== true)
      await this.store.remove(this.former);
    this.former = undefined;
    if (this.left) return;
    const sent = this.machine.clocks();
    const { epoch, server } = await this.store.join(this.terms.lease);
    // later confirmations wait for this process; earlier ones are in the log
    try {
      await this.moveTo(server);
    } catch (error) {
      // it has not decided under this membership, and the others would wait for it after each attempt
      await this.store.remove(epoch).catch(() => undefined);
      throw error;
    }
    this.epoch = epoch;
    this.absence.entered();
    this.lease.renewed(sent);
    this.applied();
  }

  /** What fails once it leaves is in nobody's way: a process that cannot leave is evicted. */
  private tell(what: string, error: unknown): void {
    if (!this.left) this.troubles.tell(what, error);
  }

  private scheduleRenewal(): void {
    if (!this.left) this.stopRenewing = this.machine.later(this.terms.renewEvery, () => void this.renew());
  }

  private async renew(): Promise<void> {
    // the next renewal does not wait for this one, which may hang
    this.scheduleRenewal();
    try {
      if (!(await this.prove())) {
        if (this.former !== undefined) this.tell('lease', new Error(EVICTED));
        // the answer may be of a membership that another has replaced
        if (this.epoch !== undefined || !this.absence.isOver) return;
        await this.enter();
      }
      this.troubles.end('lease');
    } catch (error) {
      this.tell('lease', error);
    }
  }

  private async acknowledge(): Promise<void> {
    this.acknowledging = true;
    try {
      for (;;) {
        const { epoch } = this;
        const { held } = this.followed;
        const place = held === undefined ? this.followed.place() : held.cleared();
        const isHeld = held?.isLate() === true;
        const isNews = !reaches(this.acknowledged, place) || (isHeld && !this.saidHeld);
        if (epoch === undefined || !isNews) return;
        await this.store.acknowledge(epoch, place, isHeld);
        this.troubles.end('acknowledgement');
        if (epoch !== this.epoch) continue;
        this.acknowledged = place;
        this.saidHeld = isHeld;
      }
    } catch (error) {
      this.tell('acknowledgement', error);
      this.machine.later(this.terms.pollEvery, () => this.applied());
    } finally {
      this.acknowledging = false;
    }
  }

  private async lookAtOthers(): Promise<void> {
    this.looking = true;
    this.lookAgain = false;
    this.stopLooking?.();
    this.stopLooking = undefined;
    try {
      // take the waiters first: a change that starts to wait during the read may be newer than what is read
      const asking = [...this.waiting];
      const { server } = this.store;
      const members = await this.store.others(this.epoch ?? NOBODY, this.followed.place());
      if (this.store.server !== server) return;
      // a confirmation on another history would be lost
      if (members === undefined) return await this.followed.follow();
      const now = this.machine.clocks().monotonic;
      for (const { epoch, lease, isEvicted } of members)
        // a promotion may have lost the eviction, and then the lease is renewed
        if (!isEvicted) this.evicted.delete(epoch);
        else if (!this.evicted.has(epoch)) this.evicted.set(epoch, now + this.outlivedOf(lease));
      const deciding = members.filter(({ epoch }) => !this.isOver(epoch, now));
      this.othersDeciding = deciding.length;
      for (const waiting of asking)
        if (this.hasLeft(waiting)) this.giveUp(waiting);
        else if (
          deciding.every(
            (member) =>
              reaches(member.applied, waiting.place) &&
              (member.isHere || now >= (waiting.onServerSince ?? -Infinity) + this.outlivedOf(member.lease)),
          )
        )
          this.confirm(waiting);
      await this.evictLate(asking, deciding, now);
      await this.removeOver(members, now, server);
      this.troubles.end('members');
    } catch (error) {
      this.tell('members', error);
    } finally {
      this.looking = false;
      if (this.waiting.size > 0) this.lookSoon(this.lookAgain ? 0 : this.untilNextLook());
    }
  }

  private confirm(waiting: Waiting): void {
    this.waiting.delete(waiting);
    waiting.resolve();
  }

  /** Whether this process is no longer on the server where a place was read. */
  private hasLeft({ onServerSince }: Waiting): boolean {
    return onServerSince !== undefined && (this.epoch === undefined || onServerSince !== this.onServerSince);
  }

  private giveUp(waiting: Waiting): void {
    this.waiting.delete(waiting);
    waiting.reject(new Error(ELSEWHERE));
  }

  private async evictLate(
    asking: readonly Waiting[],
    deciding: readonly Member[],
    now: number,
  ): Promise<void> {
    for (const { epoch, lease, applied, isHeld, isEvicted } of deciding) {
      const patience = isHeld ? longestPatience(this.terms) : this.terms.patience;
      const isLate = asking.some(
        (waiting) =>
          this.waiting.has(waiting) && now - waiting.since >= patience && !reaches(applied, waiting.place),
      );
      if (isEvicted || !isLate) continue;
      await this.store.evict(epoch);
      // counted from the answer: the process may have renewed its lease until then
      this.evicted.set(epoch, this.machine.clocks().monotonic + this.outlivedOf(lease));
    }
  }

  /** @param server whose members these are; absent: nobody knows, so none is removed */
  private async removeOver(
    members: readonly Member[],
    now: number,
    server: string | undefined,
  ): Promise<void> {
    const there = new Set(members.map(({ epoch }) => epoch));
    for (const epoch of this.evicted.keys()) {
      if (there.has(epoch) && !this.isOver(epoch, now)) continue;
      if (there.has(epoch)) {
        if (server === undefined) continue;
        await this.store.remove(epoch, server);
      }
      this.evicted.delete(epoch);
    }
  }

  /**
   * Whether a lease that can no longer be renewed has certainly ended, allowing for drift between the machines' clocks.
   */
  private isOver(epoch: number, now: number): boolean {
    const until = this.evicted.get(epoch);
    return until !== undefined && now >= until;
  }

  /** Normally the lease of this process; if a row states another, that one counts. */
  private outlivedOf(lease: number): number {
    return outlived({ ...this.terms, lease });
  }

  private untilNextLook(): number {
    const now = this.machine.clocks().monotonic;
    const next = [
      ...[...this.waiting].flatMap(({ since, onServerSince = 0 }) => [
        since + this.terms.patience,
        since + longestPatience(this.terms),
        onServerSince + this.outlivedOf(this.terms.lease),
      ]),
      ...this.evicted.values(),
    ].filter((moment) => moment > now);
    return Math.min(this.terms.pollEvery, ...next.map((moment) => moment - now));
  }
}

const ELSEWHERE = 'the database has another server meanwhile';

/** Another process stopped waiting for this one. */
const EVICTED = 'this process did not follow the log in time, and was evicted from the fleet: it joins anew';

/** Size of the cache of hints, in processes, past ones included. */
const KEPT_HINTS = 1_000;

/** No epoch has this number. */
const NOBODY = 0;
