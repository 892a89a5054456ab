/** The consent log of a process: takes changes, see `LogWriter`, and follows it together with the other processes. */
import { randomInt } from 'node:crypto';
import pLimit from 'p-limit';
import type { ChangedBy } from '../../decision/consent-event.js';
import { ConsentState } from '../../decision/state/consent-state.js';
import type { Tokens } from './consistency-token.js';
import { Caches } from '../caches/caches.js';
import { Cleared } from '../caches/cleared.js';
import { announce } from './announcement.js';
import { Answers, notConfirmed } from './answers.js';
import { FollowedLog, type Publications } from './followed-log.js';
import { HeadLook } from './head-look.js';
import type { Lapses } from './settlement/lapses.js';
import { OptOutsUnderWay } from './settlement/opt-outs-under-way.js';
import type { ChangeRequest } from './settlement/settlement.js';
import { type Acknowledgement, LogWriter, type Outcome, isLost } from './log-writer.js';
import { Membership } from '../../fleet/membership.js';
import { MACHINE } from '../../fleet/machine.js';
import type { News, Reached } from '../../fleet/fleet.store.js';
import { type Terms, answeredWithin, termsOf } from '../../fleet/terms.js';
import { Troubles } from '../../fleet/troubles.js';
import { Turns } from '../../fleet/turns.js';
import { inSpan, spanContext } from '../../traces.js';
import type { ConsentStore, Erasure, NewImportMark } from './consent.store.js';
import type { WritingWatch } from './writing-watch.js';

const LEASE_MS = 2_000;
const SEE_DATABASE =
  'see that the database runs, answers and can be reached from this machine, and what the log of this process says; it is tried again by itself';
/** What a change does elsewhere is over so long before its answer is late: decisions are denied while its outcome is open. */
const WRITTEN_WITHIN_MS = 500;

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
  private lost: Error | undefined;
  private readonly lostListeners: ((reason: Error) => void)[] = [];
  private closed = false;
  private stopPolling: () => void = () => undefined;
  private readonly member: Pick<Membership, keyof typeof ALONE>;
  private readonly turns: Turns;
  private readonly troubles: Troubles;
  private readonly oneAtATime = pLimit(1);
  private readonly writer: LogWriter;
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
    const { followed, optOuts, turns, cleared, member, troubles, oneAtATime } = this;
    this.writer = new LogWriter({
      store,
      followed,
      optOuts,
      turns,
      cleared,
      member,
      troubles,
      oneAtATime,
      process: {
        isAvailable: () => this.available,
        isClosed: () => this.closed,
        isLost: () => this.lost !== undefined,
        lose: (reason) => this.lose(reason),
      },
    });
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

  /** Who else knows when users were erased, see `LatelyErased.knownBy`. To be called before `join`. */
  erasedBy(erasedAt: (user: string) => number | undefined): void {
    this.followed.erasedBy(erasedAt);
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

  /** Why they may not, for operators, without what is secret; `undefined`: they may. */
  get trouble(): string | undefined {
    if (this.available) return undefined;
    if (this.lost !== undefined)
      return 'this process can no longer follow the consent log, and ends: its log says why';
    if (!this.followed.isFresh) return `the consent log cannot be read; ${SEE_DATABASE}`;
    if (this.answers.areOpen)
      return `the database did not say in time whether a change was written; ${SEE_DATABASE}`;
    return `the database did not renew the lease of this process in time; ${SEE_DATABASE}`;
  }

  /** How changes are written here. */
  get writing(): WritingWatch {
    return this.writer.watch;
  }

  /** The lease of this process, and how long one holds, in milliseconds; absent: it is alone, and needs none. */
  get lease(): { readonly remaining: number; readonly length: number } | undefined {
    return this.isAlone ? undefined : { remaining: this.member.remaining, length: this.terms.lease };
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
    return inSpan('change', {}, () =>
      this.answers.inTime((resolve, reject) => {
        this.writer.change({ request, resolve, reject, from: spanContext() });
      }),
    );
  }

  /**
   * Asks for many changes that are written as one block with a mark, in their order; those that are refused are left out.
   *
   * @param mark what is written with the block, when it is known what becomes of each change
   * @param prepare reads what settling the changes asks for: nothing is written between that and the block. It is told how
   *   long it may take, in milliseconds
   * @returns what became of each
   * @throws DomainError that `prepare` throws: then nothing is written; `not_confirmed` when storage fails or does not
   *   answer in time: the block with its mark may or may not have been written
   */
  changeAll(
    requests: readonly ChangeRequest[],
    mark: (outcomes: readonly Outcome[]) => NewImportMark,
    prepare: (within: number) => Promise<void> = () => Promise.resolve(),
  ): Promise<readonly Outcome[]> {
    if (this.closed || !this.available) return Promise.reject(notConfirmed());
    const left = this.timeLeft();
    return this.answers.inTime((resolve, reject) => {
      this.writer.changeAll({ requests, mark, prepare: () => prepare(left()), resolve, reject });
    });
  }

  /** Has everything from here on be later than this time, in milliseconds since the Unix epoch, and than what there is. */
  goesOnAfter(time: number): void {
    this.followed.latest = Math.max(this.followed.latest, time) + 1;
  }

  /**
   * Makes everything that the log says of a user unreadable, for good; from then on they are unknown.
   *
   * @param at when it was asked for, in milliseconds since the Unix epoch
   * @param before is told the time of the erasure, and how long it may take, in milliseconds; it is done before the erasure,
   *   at the end of the log: if it fails, or says no, nothing is erased
   * @returns `undefined` when the log does not know the user, or `before` says no
   * @throws Error when storage fails: it may or may not have been done
   */
  async erase(
    user: string,
    by: ChangedBy,
    at: number,
    before?: (at: number, within: number) => Promise<boolean>,
  ): Promise<Erasure | undefined> {
    const left = this.timeLeft();
    let erasure: Erasure | undefined;
    let isMeant: boolean | undefined;
    let failure: unknown;
    await this.betweenChanges(
      at,
      async (now) => {
        [isMeant, failure] = [true, undefined];
        if (before !== undefined && (await this.store.knows(user)))
          isMeant = await before(now, left()).catch((error: unknown) => {
            failure = error;
            return false;
          });
        if (!isMeant) return;
        erasure = await this.store.erase(user, by, now);
        if (erasure === undefined) return;
        this.followed.forgetUser(user, now);
        // whoever comes back is later, by which the list of erasures tells them from who they were
        if (before !== undefined) this.goesOnAfter(now);
        await this.follow();
      },
      async () => {
        // a user may not be found for other reasons, as while the key is replaced
        const [erased] = await this.store.erasures(this.state.revision, 1);
        if (erased !== undefined && !(await this.store.knows(user))) this.followed.forgetUser(user, at);
      },
    );
    if (erasure !== undefined) return erasure;
    if (failure !== undefined) throw notConfirmed(failure);
    // nothing was written that would prove that this database is still the one
    await this.confirmWritten();
    // a former server may not have them
    if (isMeant !== false && this.state.knows(user)) throw notConfirmed();
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
      this.writer.exclusively({ work, settle, at, resolve, reject });
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
    await this.writer.written();
    // a page that is half applied must not be missing from the last snapshot
    await this.oneAtATime(() => undefined);
    // a process that cannot leave is evicted
    await this.member.leave().catch(() => undefined);
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

  /** How much is left, from now on, of the time for what a change does elsewhere, in milliseconds. */
  private timeLeft(): () => number {
    const asked = performance.now();
    const until = asked + answeredWithin(this.terms) - WRITTEN_WITHIN_MS;
    return () => Math.max(0, until - performance.now());
  }

  private lose(reason: Error): void {
    if (this.lost !== undefined) return;
    this.lost = reason;
    this.onTrouble(reason);
    // the others need not wait for a process that decides no more
    this.member.leave().catch(() => undefined);
    for (const listener of this.lostListeners) listener(reason);
  }
}
