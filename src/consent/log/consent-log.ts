/**
 * Writes to the consent log, and follows it.
 *
 * Changes wait in a queue; one group at a time becomes a block of the log, and is then applied to the state. A change is
 * acknowledged when no process decides on an older state any more. It is settled when its group is made, on the record as
 * it is then, so that no change is judged on a record that another one has changed.
 */
import { randomInt } from 'node:crypto';
import pLimit from 'p-limit';
import type { ChangedBy, NewConsentEvent } from '../../decision/consent-event.js';
import { ConsentState } from '../../decision/state/consent-state.js';
import { DomainError, NewerBuild } from '../../errors.js';
import type { Tokens } from './consistency-token.js';
import { Caches } from '../caches/caches.js';
import { Cleared } from '../caches/cleared.js';
import { announce } from './announcement.js';
import { Answers, notConfirmed } from './answers.js';
import type { Ends } from './settlement/ends.js';
import { FollowedLog, type Publications } from './followed-log.js';
import { HeadLook } from './head-look.js';
import type { Lapses } from './settlement/lapses.js';
import { OptOutsUnderWay } from './settlement/opt-outs-under-way.js';
import { refusalOfNew } from './settlement/room.js';
import { type ChangeRequest, type Settled, type SettledOn, settle } from './settlement/settlement.js';
import { Membership } from '../../fleet/membership.js';
import { MACHINE } from '../../fleet/machine.js';
import { type News, Overtaken, type Place, type Reached } from '../../fleet/fleet.store.js';
import { type Terms, termsOf } from '../../fleet/terms.js';
import { Troubles } from '../../fleet/troubles.js';
import { Turns } from '../../fleet/turns.js';
import { type ConsentStore, ConsentStoreLost, type Erasure, type ImportMark } from './consent.store.js';

/** What became of a change. */
export type Acknowledgement = {
  /** The revision from which on decisions rest on the change. */
  readonly revision: number;
  /** Whether anything was written; false: the record said so already. */
  readonly changed: boolean;
  /** When the log took it in, in milliseconds since the Unix epoch; absent: nothing was written. */
  readonly at?: number;
};

type Waiting = {
  readonly request: ChangeRequest;
  readonly resolve: (acknowledgement: Acknowledgement) => void;
  readonly reject: (error: Error) => void;
};

/** Changes that are written as one block, with the mark of their import. */
type Bulk = {
  readonly requests: readonly ChangeRequest[];
  readonly mark: (outcomes: readonly Outcome[]) => ImportMark;
  readonly prepare: () => Promise<void>;
  readonly resolve: (outcomes: readonly Outcome[]) => void;
  readonly reject: (error: Error) => void;
};

/** What became of one change among many. */
export type Outcome = 'changed' | 'unchanged' | DomainError;

/** What was written as one block: so many events after a revision, for these changes. */
type Block = {
  readonly requests: readonly ChangeRequest[];
  readonly before: number;
  readonly events: number;
};

/** Work that is done between two blocks of the log. */
type Exclusive = {
  readonly work: (at: number) => Promise<void>;
  readonly settle: () => Promise<void>;
  readonly at: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

/** Most changes in one block: keeps a transaction in the low milliseconds. */
const GROUP_SIZE = 1_000;
const RETRY_MS = 200;
const LEASE_MS = 2_000;

/** A process that is alone with its log. */
const ALONE = {
  holds: true,
  remaining: Infinity,
  join: async () => undefined,
  leave: async () => undefined,
  applied: () => undefined,
  hint: () => undefined,
  confirmed: async () => undefined,
  confirmedAsRead: async () => undefined,
  prove: async () => true,
};

export class ConsentLog {
  private readonly queue: Waiting[] = [];
  private readonly exclusives: Exclusive[] = [];
  private readonly bulks: Bulk[] = [];
  private writing: Promise<void> | undefined;
  private lost: Error | undefined;
  private readonly lostListeners: ((reason: Error) => void)[] = [];
  private closed = false;
  private stopPolling: () => void = () => undefined;
  private readonly member: Pick<Membership, keyof typeof ALONE>;
  private readonly turns: Turns;
  private readonly troubles: Troubles;
  /** Reads the log, or makes and writes a block, one after the other: each needs the state that the one before has left. */
  private readonly oneAtATime = pLimit(1);
  /** A reading of the log that has not begun; all who ask before it begins share it. */
  private reading: Promise<void> | undefined;
  private readonly optOuts: OptOutsUnderWay;
  private readonly answers: Answers;
  private readonly followed: FollowedLog;
  /** Those of other processes that keep answers of this one. */
  readonly caches: Caches;
  private readonly cleared: Cleared;
  private readonly headLook = new HeadLook(() => this.lookAtHead());

  /**
   * @param onTrouble called with what fails, and with `undefined` when it works again
   * @param state one that was restored from a snapshot of this log; by default an empty one
   */
  constructor(
    private readonly store: ConsentStore,
    private readonly onTrouble: (error: unknown) => void,
    state = new ConsentState([randomInt(2 ** 32), randomInt(2 ** 32)]),
    private readonly terms: Terms = termsOf(LEASE_MS),
  ) {
    const { fleet } = store;
    this.troubles = new Troubles(onTrouble);
    this.optOuts = new OptOutsUnderWay(terms);
    this.answers = new Answers(terms);
    this.caches = new Caches(terms, MACHINE, () => (this.isKnown ? this.member.remaining : 0));
    this.followed = new FollowedLog(store, state, {
      note: (entry) => fleet !== undefined && this.optOuts.note(entry),
      noteOfBefore: (entry) => fleet !== undefined && this.optOuts.noteOfBefore(entry),
      touched: (user) => this.caches.touch(user),
      applied: (entries) => {
        if (entries > 0) this.turns.contended();
        this.cleared.applied();
      },
    });
    const place = () => this.followed.place;
    const report = () => this.member.applied();
    this.cleared = new Cleared(this.caches, place, report, MACHINE, terms.patience / 2);
    const log = { place, follow: () => this.readOn(), held: this.cleared };
    this.member = fleet === undefined ? ALONE : new Membership(fleet, log, terms, MACHINE, this.troubles);
    this.turns = new Turns(
      {
        inTurn: (work) => fleet?.inTurn(work) ?? work(() => undefined),
        follow: () => this.follow(),
        place: () => this.followed.place,
      },
      MACHINE,
    );
    fleet?.onNews((news) => this.hear(news));
  }

  /** Puts publications in force at their place in the log. To be called before `join`. */
  follows(publications: Publications): void {
    this.followed.publications = publications;
  }

  /** Lets grants lapse by these. To be called before `join`. */
  lapsesBy(lapses: Lapses): void {
    this.followed.lapses = lapses;
  }

  get lapses(): Lapses {
    return this.followed.lapses;
  }

  /**
   * Has the log gone through again if grants lapse otherwise under a policy. To be called before it is published, in the
   * same turn, so that this is known although this process dies right after.
   */
  async leaveLapsesTo(policy: Parameters<Lapses['areOthersUnder']>[0]): Promise<void> {
    if (this.lapses.areOthersUnder(policy)) await this.store.markLapses({ terms: '', reached: 0 });
  }

  /** Joins the fleet, once the log was followed. */
  async join(): Promise<void> {
    await this.member.join();
    this.pollSoon();
  }

  /**
   * Calls back once when this process can no longer follow the log: another history has replaced it, or a newer build writes to
   * it. It denies from then on.
   */
  onLost(listener: (reason: Error) => void): void {
    if (this.lost === undefined) this.lostListeners.push(listener);
    else listener(this.lost);
  }

  /** Calls back with the time of every deadline that a change sets, in milliseconds since the Unix epoch. */
  onDeadline(listener: (due: number) => void): void {
    this.followed.onDeadline(listener);
  }

  /** Calls back when a user was erased, by whatever process. */
  onErasure(listener: () => void): void {
    this.followed.onErasure(listener);
  }

  /** Calls back when a signal of a user was taken back, by whatever process. */
  onSignalWithdrawn(listener: () => void): void {
    this.followed.onSignalWithdrawn(listener);
  }

  /** Calls back when the room of the state is nearly full, see `ConsentState.filled`. */
  onFilling(listener: (filled: number) => void): void {
    this.followed.onFilling(listener);
  }

  /** The place of the log up to which the state is built. */
  get place(): Reached {
    return this.followed.place;
  }

  get state(): ConsentState {
    return this.followed.state;
  }

  /** The consistency tokens of this log. */
  get tokens(): Tokens {
    return this.store.tokens;
  }

  /** Whether decisions may rest on the state. */
  get available(): boolean {
    return this.isKnown && this.member.holds;
  }

  /** Whether nobody else can write to the log. */
  get isAlone(): boolean {
    return this.store.fleet === undefined;
  }

  /** Whether the state is known to be that of the log up to its revision, whoever may decide on it. */
  get isKnown(): boolean {
    return this.followed.isFresh && !this.answers.areOpen && this.lost === undefined;
  }

  /**
   * Applies the log to the state, from the state's revision to the head.
   *
   * @param onProgress called after each page with the revision reached and the one to reach
   */
  follow(onProgress?: (revision: number, head: number) => void): Promise<void> {
    return this.followed.follow(onProgress);
  }

  /**
   * Asks for a change; resolves when the log holds it and decisions rest on it.
   *
   * @throws DomainError what `settle` refuses with; `opt_out_in_progress` for an opt-in that races with an opt-out;
   *   `user_erased` for what would make a record of somebody who was erased of late, unless it registers them;
   *   `too_many_users` for a new user when the state is nearly full; `not_confirmed` when storage
   *   fails (the change may or may not have been written), or when this process is closing or has no lease (it was not)
   */
  change(request: ChangeRequest): Promise<Acknowledgement> {
    if (this.closed || !this.available) return Promise.reject(notConfirmed());
    const refusal = this.optOuts.refuses(request);
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.answers.inTime((resolve, reject) => {
      const end = this.optOuts.begin([request]);
      this.queue.push({ request, ...ending(end, resolve, reject) });
      this.writing ??= this.write();
    });
  }

  /**
   * Asks for many changes that are written as one block with a mark, in their order; those that are refused are left out.
   *
   * @param mark what is written with the block, when it is known what becomes of each change
   * @param prepare reads what settling the changes asks for: nothing is written between that and the block
   * @returns what became of each
   * @throws DomainError that `prepare` throws: then nothing is written; `not_confirmed` when storage fails or does not
   *   answer in time: the block with its mark may or may not have been written
   */
  changeAll(
    requests: readonly ChangeRequest[],
    mark: (outcomes: readonly Outcome[]) => ImportMark,
    prepare: () => Promise<void> = () => Promise.resolve(),
  ): Promise<readonly Outcome[]> {
    if (this.closed || !this.available) return Promise.reject(notConfirmed());
    return this.answers.inTime((resolve, reject) => {
      const end = this.optOuts.begin(requests);
      this.bulks.push({ requests, mark, prepare, ...ending(end, resolve, reject) });
      this.writing ??= this.write();
    });
  }

  /**
   * Makes everything that the log says of a user unreadable, for good; from then on they are unknown.
   *
   * @param at when it was asked for, in milliseconds since the Unix epoch
   * @returns `undefined` when the log does not know the user
   * @throws Error when storage fails: it may or may not have been done
   */
  async erase(user: string, by: ChangedBy, at: number): Promise<Erasure | undefined> {
    let erasure: Erasure | undefined;
    await this.betweenChanges(
      at,
      async (now) => {
        erasure = await this.store.erase(user, by, now);
        if (erasure === undefined) return;
        this.followed.forgetUser(user, now);
        await this.follow();
      },
      async () => {
        if (!(await this.store.knows(user))) this.followed.forgetUser(user, at);
      },
    );
    if (erasure !== undefined) return erasure;
    // nothing was written that would prove that this database is still the one
    await this.confirmWritten();
    // a former server may not have them
    if (this.state.knows(user)) throw notConfirmed();
    return undefined;
  }

  /**
   * Deletes the content of superseded events, see `ConsentStore.forget`. No record changes.
   *
   * @param at when it was asked for, in milliseconds since the Unix epoch
   */
  async forget(
    before: Parameters<ConsentStore['forget']>[0],
    after: number,
    limit: number,
    at: number,
  ): ReturnType<ConsentStore['forget']> {
    let page: Awaited<ReturnType<ConsentStore['forget']>>;
    await this.exclusively(
      at,
      async (now) => {
        page = await this.store.forget(before, after, limit, now);
        if (page !== undefined && page.forgotten > 0) await this.follow();
      },
      async () => undefined,
    );
    return page;
  }

  /**
   * Does work at one place of the log: after every change that was acknowledged before, and before every one that is
   * acknowledged after.
   *
   * @param at when it was asked for, in milliseconds since the Unix epoch
   * @param work is given the time of its place in the log
   * @param settle finds out, after the work has failed, what came of it; it is asked until it succeeds, and decisions
   *   are denied until then
   * @throws what the work throws
   */
  exclusively(at: number, work: (at: number) => Promise<void>, settle: () => Promise<void>): Promise<void> {
    if (this.closed || !this.available) return Promise.reject(notConfirmed());
    return new Promise((resolve, reject) => {
      this.exclusives.push({ work, settle, at, resolve, reject });
      this.writing ??= this.write();
    });
  }

  /** The same for a caller who waits for the answer. @throws DomainError `not_confirmed`; what the work throws */
  betweenChanges(
    at: number,
    work: (at: number) => Promise<void>,
    settle: () => Promise<void>,
  ): Promise<void> {
    return this.answers.inTime((resolve, reject) => {
      this.exclusively(at, work, settle).then(resolve, reject);
    });
  }

  /** Resolves to whether the state reaches the revision within so many milliseconds. */
  async reaches(revision: number, patience: number): Promise<boolean> {
    if (this.available && this.state.revision >= revision) return true;
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        stop();
        resolve(this.available && this.state.revision >= revision);
      };
      const timer = setTimeout(done, patience).unref();
      const stop = this.followed.awaiting(revision, done);
    });
  }

  /** Resolves to whether the state is all that the log had at some moment after the call, see `StateInForce.isAtHead`. */
  async isAtHead(patience: number): Promise<boolean> {
    if (this.isAlone) return this.available;
    return this.headLook.isAtHead(patience);
  }

  /**
   * Resolves when no process decides any more on a state before what the log had at the call, whoever wrote it.
   *
   * @throws DomainError `not_confirmed` when that is not known in time
   */
  confirmWritten(): Promise<void> {
    if (this.isAlone) return this.caches.haveDropped() ?? Promise.resolve();
    return this.answers.inTime((resolve, reject) => {
      this.readOn()
        .then(() => this.cleared.confirmed(this.member.confirmedAsRead(this.followed.place)))
        .then(resolve, (error: unknown) => reject(notConfirmed(error)));
    });
  }

  private async lookAtHead(): Promise<boolean> {
    const isIn = await this.member.prove();
    if (isIn) await this.readOn();
    return isIn && this.available;
  }

  /** Takes no more changes, and resolves when those that were taken are settled and nobody waits for this process. */
  async close(): Promise<void> {
    this.closed = true;
    this.stopPolling();
    await this.writing;
    // a page that is half applied must not be missing from the last snapshot
    await this.oneAtATime(() => undefined);
    // a process that cannot leave is evicted
    await this.member.leave().catch((error: unknown) => this.onTrouble(error));
  }

  /** Follows the log between two blocks of this process, and while it waits for its turn to write one. */
  private readOn(): Promise<void> {
    this.reading ??= this.oneAtATime(async () => {
      // whoever asks from here on needs a new reading: this one may miss what they wait for
      this.reading = undefined;
      // the next caller tries again; if all fail, the lease ends
      await this.follow().catch((error: unknown) => {
        if (isLost(error)) this.lose(error);
        throw error;
      });
    });
    return this.reading;
  }

  private hear(news: News | undefined): void {
    switch (news?.kind) {
      case 'applied':
        return this.member.hint(news.by, news.revision);
      case 'confirmed':
        return this.optOuts.confirmed(news.first, news.last);
      case 'announced':
        return void this.prepare(news.version).catch((error: unknown) => this.onTrouble(error));
      case 'prepared':
        return;
      case 'written':
        // this process has written or read it already
        if (news.revision !== 0 && news.revision <= this.state.revision) return;
        break;
      case undefined:
        break;
    }
    this.poll();
  }

  /** Has all processes make a policy version ready that is about to be published. */
  async announce(version: string): Promise<void> {
    const { fleet } = this.store;
    if (fleet !== undefined) await announce(fleet, version);
  }

  private async prepare(version: string): Promise<void> {
    await this.followed.publications.prepare(version).catch((error: unknown) => {
      // a process that can no longer follow the log must not be waited for
      if (!isLost(error)) throw error;
      this.lose(error);
    });
    const { fleet } = this.store;
    await fleet?.tell({ kind: 'prepared', version, by: fleet.name });
  }

  /** Reads the rest of the log, and acknowledges it. The next poll tries again what fails. */
  private poll(): void {
    if (this.closed || !this.followed.wasRead) return;
    this.readOn().then(
      () => this.cleared.applied(),
      () => undefined,
    );
  }

  private pollSoon(): void {
    if (this.store.fleet === undefined || this.closed) return;
    this.stopPolling = MACHINE.later(this.terms.pollEvery, () => {
      this.poll();
      this.pollSoon();
    });
  }

  private async write(): Promise<void> {
    // what arrives in the same turn of the event loop shares the first block
    await new Promise((resolve) => setImmediate(resolve));
    while (this.queue.length + this.exclusives.length + this.bulks.length > 0) {
      const exclusive = this.exclusives.shift();
      if (exclusive !== undefined) await this.workExclusively(exclusive);
      if (this.queue.length > 0) await this.writeGroup();
      const bulk = this.bulks.shift();
      if (bulk !== undefined) await this.writeBulk(bulk);
    }
    this.writing = undefined;
  }

  /**
   * Does work at the head of the log.
   *
   * @param recover called after a failure, before anything else is read or written
   * @returns whether it was done
   */
  private atHead(work: () => Promise<void>, recover: (error: unknown) => Promise<void>): Promise<boolean> {
    const alone = <T>(section: () => Promise<T>, giveOn: () => void) =>
      this.oneAtATime(async () => {
        try {
          return await section();
        } catch (error) {
          if (error instanceof Overtaken) throw error;
          // recovery may take long, and the other processes need not wait for it
          giveOn();
          await recover(error);
          throw error;
        }
      });
    return this.turns.atHead(work, alone).then(
      () => true,
      () => false,
    );
  }

  private async workExclusively({ work, settle, at, resolve, reject }: Exclusive): Promise<void> {
    const isDone = await this.atHead(
      () => {
        this.followed.latest = Math.max(this.followed.latest, at);
        return work(this.followed.latest);
      },
      async (error) => {
        this.followed.isFresh = false;
        if (isLost(error)) this.lose(error);
        await this.recover(settle);
        reject(error);
      },
    );
    if (!isDone) return;
    this.cleared.applied();
    void this.cleared.confirmed(this.member.confirmed(this.followed.place)).then(resolve);
  }

  private async writeGroup(): Promise<void> {
    const group: Waiting[] = [];
    let requests: readonly ChangeRequest[] = [];
    let before = 0;
    let settled: Settled = { events: [], results: [], latest: 0 };
    const isDone = await this.atHead(
      async () => {
        // changes that came while this process waited for its turn share the block
        group.push(...this.queue.splice(0, GROUP_SIZE - group.length));
        requests = group.map(({ request }) => request);
        before = this.state.revision;
        const recordOf = this.followed.recordsAsTheyAre();
        const ends = await this.followed.endsFor(requests, recordOf);
        const imported = await this.followed.importedAndRepeated(requests, recordOf);
        settled = this.settle(requests, {
          recordOf,
          ends,
          imported,
          refusal: (request) => this.optOuts.refusesWaiting(request),
          // an import brings users by itself
          wasErased: (user, at) => this.followed.refusalOfErased(user, at),
        });
        if (settled.events.length > 0) await this.append(settled.events);
        else if (!this.isAlone) await this.turns.ensureAtHead();
      },
      async (error) => {
        // the rest of the queue is refused too, instead of waiting until storage is back
        for (const { reject } of [...group, ...this.queue.splice(0)]) reject(notConfirmed(error));
        await this.recoverFrom(error);
      },
    );
    if (!isDone) return;
    // without a write there is no proof that this process may still decide
    if (settled.events.length === 0 && !this.available) {
      for (const { reject } of group) reject(notConfirmed());
      return;
    }
    const answers = group.flatMap(({ resolve, reject }, place) => {
      const result = settled.results[place];
      if (result !== undefined && !(result instanceof Error))
        return [() => resolve(acknowledgementOf(before, result))];
      reject(result ?? notConfirmed());
      return [];
    });
    if (answers.length === 0) return;
    const place = this.followed.place;
    const confirmed =
      settled.events.length > 0
        ? this.confirmed(place, { requests, before, events: settled.events.length })
        : this.cleared.confirmed(this.member.confirmedAsRead(place));
    // the next group is written meanwhile
    void confirmed.then(
      () => answers.forEach((answer) => answer()),
      (error: unknown) => group.forEach(({ reject }) => reject(notConfirmed(error))),
    );
  }

  /** Resolves when no process decides any more on a state before the place, and notifies the others of the block. */
  private async confirmed(place: Place, { requests, before, events }: Block): Promise<void> {
    await this.cleared.confirmed(this.member.confirmed(place));
    const { fleet } = this.store;
    // the others take every level that is set for one that closes
    const isNoted = requests.some(({ closes = [], opens = [] }) => closes.length + opens.length > 0);
    if (fleet === undefined || !isNoted) return;
    // a process that misses it refuses grants a little longer
    fleet.tell({ kind: 'confirmed', first: before + 1, last: before + events }).catch(() => undefined);
  }

  private async writeBulk({ requests, mark, prepare, resolve, reject }: Bulk): Promise<void> {
    let known: readonly Outcome[] = [];
    let block: Block = { requests, before: 0, events: 0 };
    const isDone = await this.atHead(
      async () => {
        const before = this.state.revision;
        const { outcomes, events } = await this.writeAll(requests, mark, prepare);
        known = outcomes;
        block = { requests, before, events };
      },
      async (error) => {
        const isNothing = error instanceof NothingWritten;
        reject(isNothing && error.cause instanceof DomainError ? error.cause : notConfirmed(error));
        // what could not be prepared, or settled, was not written either
        if (!isNothing) await this.recoverFrom(error);
      },
    );
    if (!isDone) return;
    const { place } = this.followed;
    // the mark alone moves no place: another process may have reached this one, and gone on from it on a former server
    const confirmed =
      block.events > 0
        ? this.confirmed(place, block)
        : this.cleared.confirmed(this.member.confirmedAsRead(place));
    void confirmed.then(
      () => resolve(known),
      (error: unknown) => reject(notConfirmed(error)),
    );
  }

  private async writeAll(
    requests: readonly ChangeRequest[],
    mark: Bulk['mark'],
    prepare: Bulk['prepare'],
  ): Promise<{ readonly outcomes: readonly Outcome[]; readonly events: number }> {
    const recordOf = this.followed.recordsAsTheyAre();
    let ends: ReadonlyMap<string, Ends>;
    try {
      ends = await this.followed.endsFor(requests, recordOf);
      await prepare();
    } catch (cause) {
      throw new NothingWritten('what the changes rest on could not be read', { cause });
    }
    const { events, results } = this.settle(requests, {
      recordOf,
      ends,
      refusal: (request) => this.optOuts.refuses(request) ?? this.optOuts.refusesWaiting(request),
    });
    const outcomes = results.map((result) => {
      if (result instanceof Error) return result instanceof DomainError ? result : undefined;
      return result.changed ? 'changed' : 'unchanged';
    });
    const known = outcomes.filter((outcome) => outcome !== undefined);
    // a change that failed to settle is a bug here, and must not be reported as a refused row
    if (known.length < outcomes.length) throw new NothingWritten('a change could not be settled');
    await this.append(events, mark(known));
    return { outcomes: known, events: events.length };
  }

  private settle(requests: readonly ChangeRequest[], on: Omit<SettledOn, 'latest' | 'noRoomFor'>): Settled {
    const noRoomFor = (user: string) => refusalOfNew(this.state, user);
    const settled = settle(requests, { ...on, noRoomFor, latest: this.followed.latest });
    this.followed.latest = settled.latest;
    return settled;
  }

  private async append(events: readonly NewConsentEvent[], mark?: ImportMark): Promise<void> {
    const { revision } = this.state;
    const isNew = (user: string) => !this.state.knows(user);
    const { lapses } = this;
    const lookAt = (event: NewConsentEvent) => lapses.lookAt(event);
    const turns = (event: NewConsentEvent) => lapses.mayTurnWith(event, this.state.recordOf(event.user));
    this.followed.wrote(await this.store.append(events, { after: revision, mark, lookAt, turns, isNew }));
  }

  private async recoverFrom(error: unknown): Promise<void> {
    this.followed.isFresh = false;
    if (isLost(error)) this.lose(error);
    else this.troubles.tell('log', error);
    await this.recover();
  }

  /** Reads the log until the state is known to be that of the log; until then decisions are denied. */
  private async recover(settle?: () => Promise<void>): Promise<void> {
    while (this.lost === undefined) {
      try {
        await settle?.();
        await this.follow();
        this.troubles.end('log');
        return;
      } catch (error) {
        if (isLost(error)) return this.lose(error);
        this.troubles.tell('log', error);
        if (this.closed) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  private lose(reason: Error): void {
    if (this.lost !== undefined) return;
    this.lost = reason;
    this.onTrouble(reason);
    // the others need not wait for a process that decides no more
    this.member.leave().catch((error: unknown) => this.onTrouble(error));
    for (const listener of this.lostListeners) listener(reason);
  }
}

function acknowledgementOf(
  before: number,
  { after, changed, at }: Exclude<Settled['results'][number], Error>,
): Acknowledgement {
  return { revision: before + after, changed, ...(changed ? { at } : {}) };
}

/** Whether this process can never again follow the log. */
function isLost(error: unknown): error is Error {
  return error instanceof ConsentStoreLost || error instanceof NewerBuild;
}

/** Calls `end` before whoever waits is told. */
function ending<T>(
  end: () => void,
  resolve: (value: T) => void,
  reject: (error: Error) => void,
): { readonly resolve: (value: T) => void; readonly reject: (error: Error) => void } {
  return {
    resolve: (value) => {
      end();
      resolve(value);
    },
    reject: (error) => {
      end();
      reject(error);
    },
  };
}

/** The work failed before anything was written. */
class NothingWritten extends Error {}
