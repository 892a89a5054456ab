/**
 * Writes to the consent log, and follows it.
 *
 * Changes wait in a queue; one group at a time becomes one block of the log and then of the state. It is acknowledged when
 * no process decides any more on what was before it. What a change means is settled when its group is made, on the record
 * as it then is, so that no change is judged on a state that another one has already overtaken.
 */
import { randomInt } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import {
  type ChangedBy,
  EMPTY_RECORD,
  type LogEntry,
  type NewConsentEvent,
  type UserRecord,
  isKept,
} from '../../decision/consent-event.js';
import { ConsentState } from '../../decision/state/consent-state.js';
import { DomainError, NewerBuild } from '../../errors.js';
import type { Tokens } from './consistency-token.js';
import { announce } from './announcement.js';
import { Ends } from './ends.js';
import { OptOutsUnderWay } from './opt-outs-under-way.js';
import { FillingWatch, refusalOfNew } from './room.js';
import { type ChangeRequest, type Settled, type SettledOn, settle } from './settlement.js';
import { Membership } from '../../fleet/membership.js';
import { MACHINE } from '../../fleet/machine.js';
import { type News, Overtaken, type Place, type Reached } from '../../fleet/fleet.store.js';
import { type Terms, termsOf, unconfirmedFor } from '../../fleet/terms.js';
import { Troubles } from '../../fleet/troubles.js';
import { Turns } from '../../fleet/turns.js';
import { type ConsentStore, ConsentStoreLost, type Erasure, type ImportMark } from './consent.store.js';
import { deadlineOf, isSuperseded } from './event-rules.js';
import { standingChoices } from './standing-choices.js';

/** What became of a change. */
export type Acknowledgement = {
  /** The revision from which on decisions rest on the change. */
  readonly revision: number;
  /** Whether anything was written; false: it already stood so. */
  readonly changed: boolean;
};

type Waiting = {
  readonly request: ChangeRequest;
  readonly resolve: (acknowledgement: Acknowledgement) => void;
  readonly reject: (error: Error) => void;
};

/** Changes that are one block with a mark. */
type Bulk = {
  readonly requests: readonly ChangeRequest[];
  readonly mark: (outcomes: readonly Outcome[]) => ImportMark;
  readonly prepare: () => Promise<void>;
  readonly resolve: (outcomes: readonly Outcome[]) => void;
  readonly reject: (error: Error) => void;
};

/** What became of one change among many. */
export type Outcome = 'changed' | 'unchanged' | DomainError;

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
const PAGE_SIZE = 10_000;
const RETRY_MS = 200;
/** Size of the cache of ends, in users. */
const KEPT_ENDS = 10_000;
/** How long somebody who asks for a change waits for its answer, at least. */
const ANSWER_MS = 5_000;
/** What of that the database may take, when a change waits for the lease of a process that is gone. */
const ANSWER_OF_DATABASE_MS = 2_000;
const LEASE_MS = 2_000;

/** Publications of policies, as far as they lie between changes of the log. */
export type Publications = {
  /** How many of them are in force here. */
  readonly count: number;
  /** The link of the last one that is in their chain; empty before the first. */
  readonly link: Buffer;
  /**
   * Those that are not yet, in order, ready to be put in force.
   *
   * @param last the link of the last one that there is; absent: not known
   */
  readonly pending: (
    last: Buffer | undefined,
  ) => Promise<readonly { readonly after: number; readonly put: () => void }[]>;
  /** Makes a version ready that is about to be published. */
  readonly prepare: (version: string) => Promise<void>;
};

/** Where nothing is published. */
const NO_PUBLICATIONS: Publications = {
  count: 0,
  link: Buffer.alloc(0),
  pending: async () => [],
  prepare: async () => undefined,
};

/** A process that is alone with its log. */
const ALONE = {
  holds: true,
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
  /** Time of the last entry: times never go back, so that a time, too, is a place in the log. */
  private latest = 0;
  private readonly waiters = new Set<{ readonly revision: number; readonly wake: () => void }>();
  private writing: Promise<void> | undefined;
  /** Cache, by user; changes of the log are applied to it. */
  private readonly ends = new LRUCache<string, Ends>({ max: KEPT_ENDS });
  /** Whether a choice in the log may be one that was imported. */
  private hasImports = false;
  /** Whether the state knew somebody before the log was read. */
  private readonly wasRestored: boolean;
  /** Whether the log was read to its end once. */
  private wasRead = false;
  /** Whether the state is known to be that of the log. */
  private fresh = false;
  /** Changes that were answered `not_confirmed` and whose outcome is still open. */
  private overdue = 0;
  private lost: Error | undefined;
  private readonly deadlineListeners: ((due: number) => void)[] = [];
  private readonly erasureListeners: (() => void)[] = [];
  private readonly lostListeners: ((reason: Error) => void)[] = [];
  private closed = false;
  private stopPolling: () => void = () => undefined;
  private readonly member: Pick<Membership, keyof typeof ALONE>;
  private readonly turns: Turns;
  private readonly troubles: Troubles;
  private publications = NO_PUBLICATIONS;
  /** The link of the last entry that was applied. */
  private link: Buffer = NO_PUBLICATIONS.link;
  /** The log is read on, or a block of it made and written: each on the state that the one before has left. */
  private readonly oneAtATime = pLimit(1);
  /** A reading of the log that waits to begin; all who ask before that share it. */
  private reading: Promise<void> | undefined;
  /** The latest look at the head, and one that has not begun. */
  private lastLook: Promise<unknown> = Promise.resolve();
  private nextLook: Promise<boolean> | undefined;
  private readonly optOuts: OptOutsUnderWay;
  private filling = new FillingWatch(() => undefined);

  /**
   * @param onTrouble is told what fails; `undefined`: it no longer does
   * @param state one that was restored from a snapshot of this log; by default an empty one
   */
  constructor(
    private readonly store: ConsentStore,
    private readonly onTrouble: (error: unknown) => void,
    readonly state = new ConsentState([randomInt(2 ** 32), randomInt(2 ** 32)]),
    private readonly terms: Terms = termsOf(LEASE_MS),
  ) {
    const { fleet } = store;
    this.troubles = new Troubles(onTrouble);
    this.optOuts = new OptOutsUnderWay(terms);
    this.wasRestored = state.size > 0;
    const followed = { place: () => this.place(), follow: () => this.readOn() };
    this.member =
      fleet === undefined ? ALONE : new Membership(fleet, followed, terms, MACHINE, this.troubles);
    this.turns = new Turns(
      { inTurn: (work) => fleet?.inTurn(work) ?? work(() => undefined), follow: () => this.follow() },
      MACHINE,
    );
    fleet?.onNews((news) => this.hear(news));
  }

  /** Follows what is published with what is changed. Before it joins. */
  follows(publications: Publications): void {
    this.publications = publications;
  }

  /** Joins the processes that decide on this log; for a state that has followed it. */
  async join(): Promise<void> {
    await this.member.join();
    this.pollSoon();
  }

  /** Calls back once when this process can no longer be the writer; it denies from then on. */
  onLost(listener: (reason: Error) => void): void {
    if (this.lost === undefined) this.lostListeners.push(listener);
    else listener(this.lost);
  }

  /** Calls back with the time of every deadline that a change sets. */
  onDeadline(listener: (due: number) => void): void {
    this.deadlineListeners.push(listener);
  }

  /** Calls back when a user was erased, by whatever process. */
  onErasure(listener: () => void): void {
    this.erasureListeners.push(listener);
  }

  /** Calls back when the state has filled so much of its room that somebody should know; see `ConsentState.filled`. */
  onFilling(listener: (filled: number) => void): void {
    this.filling = new FillingWatch(listener);
    this.filling.look(this.state.filled);
  }

  /** Names revisions of this log. */
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
    return this.fresh && this.overdue === 0 && this.lost === undefined;
  }

  /**
   * Applies the log to the state, from the state's revision to the head.
   *
   * @param onProgress called after each page with the revision reached and the one to reach
   */
  async follow(onProgress?: (revision: number, head: number) => void): Promise<void> {
    const head = onProgress === undefined ? 0 : await this.store.head();
    if (this.latest === 0 && this.state.revision > 0) {
      const [last] = await this.store.read(this.state.revision - 1, 1);
      this.latest = last?.at ?? 0;
    }
    for (;;) {
      const page = await this.store.read(this.state.revision, PAGE_SIZE);
      this.takeAll(page, await this.publications.pending(this.store.lastPublication));
      this.latest = Math.max(this.latest, page.at(-1)?.at ?? 0);
      onProgress?.(this.state.revision, head);
      if (page.length < PAGE_SIZE) break;
    }
    if (!this.wasRead) this.hasImports = await this.store.hasImports();
    this.wasRead = true;
    this.fresh = true;
    this.wake();
  }

  /**
   * Asks for a change; resolves when the log holds it and decisions rest on it.
   *
   * @throws DomainError what `settle` refuses with; `opt_out_in_progress` for an opt-in that races with an opt-out;
   *   `too_many_users` for a user of whom nothing is known when the state is nearly full; `not_confirmed` when storage
   *   fails, in which case the change may or may not have been written
   */
  change(request: ChangeRequest): Promise<Acknowledgement> {
    if (this.closed || !this.available) return Promise.reject(notConfirmed());
    const refusal = this.optOuts.refuses(request);
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.answered((resolve, reject) => {
      const end = this.optOuts.begin([request]);
      this.queue.push({
        request,
        resolve: (acknowledgement) => {
          end();
          resolve(acknowledgement);
        },
        reject: (error) => {
          end();
          reject(error);
        },
      });
      this.writing ??= this.write();
    });
  }

  /**
   * Asks for many changes that are written as one block with a mark, in their order; those that are refused are left out.
   *
   * @param mark what is written with the block, when it is known what becomes of each change
   * @param prepare reads what settling the changes asks for: nothing is written between that and the block
   * @returns what became of each
   * @throws DomainError that `prepare` throws: then nothing is written; `not_confirmed` when storage fails: the block with its mark may or may not have been written
   */
  changeAll(
    requests: readonly ChangeRequest[],
    mark: (outcomes: readonly Outcome[]) => ImportMark,
    prepare: () => Promise<void> = () => Promise.resolve(),
  ): Promise<readonly Outcome[]> {
    if (this.closed || !this.available) return Promise.reject(notConfirmed());
    const end = this.optOuts.begin(requests);
    return new Promise<readonly Outcome[]>((resolve, reject) => {
      this.bulks.push({ requests, mark, prepare, resolve, reject });
      this.writing ??= this.write();
    }).finally(end);
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
        this.forgetUser(user);
        await this.follow();
      },
      async () => {
        if (!(await this.store.knows(user))) this.forgetUser(user);
      },
    );
    return erasure;
  }

  /**
   * Forgets what was superseded, see `ConsentStore.forget`. What it says of users stays as it is.
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

  /** As `exclusively` does, for somebody who waits for the answer. @throws DomainError `not_confirmed`; what the work throws */
  betweenChanges(
    at: number,
    work: (at: number) => Promise<void>,
    settle: () => Promise<void>,
  ): Promise<void> {
    return this.answered((resolve, reject) => {
      this.exclusively(at, work, settle).then(resolve, reject);
    });
  }

  /**
   * Waits for the outcome with a timeout. After the timeout the work goes on; decisions are denied until its outcome is
   * known.
   *
   * @throws DomainError `not_confirmed`
   */
  private answered<T>(
    ask: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(
        () => {
          isLate = true;
          this.overdue += 1;
          reject(notConfirmed(new Error('the database did not answer in time')));
        },
        Math.max(ANSWER_MS, ANSWER_OF_DATABASE_MS + unconfirmedFor(this.terms)),
      );
      const settled = (): void => {
        clearTimeout(timer);
        if (isLate) this.overdue -= 1;
      };
      ask(
        (value) => {
          settled();
          resolve(value);
        },
        (error) => {
          settled();
          reject(error);
        },
      );
    });
  }

  /** Resolves to whether the state has reached the revision, waiting for it at most so many milliseconds. */
  async reaches(revision: number, patience: number): Promise<boolean> {
    if (this.available && this.state.revision >= revision) return true;
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.waiters.delete(waiter);
        resolve(this.available && this.state.revision >= revision);
      };
      const waiter = { revision, wake: done };
      const timer = setTimeout(done, patience).unref();
      this.waiters.add(waiter);
    });
  }

  /** Resolves to whether the state is all that the log had at some moment after the call, see `StateInForce.isAtHead`. */
  async isAtHead(patience: number): Promise<boolean> {
    if (this.isAlone) return this.available;
    return inTime(this.nextLook ?? this.lookNext(patience), patience);
  }

  /** Looks at the head once the look under way is done: one write for all who ask meanwhile. */
  private lookNext(patience: number): Promise<boolean> {
    const look = this.lastLook.then(() => {
      // who asks from here on wants what is written from here on
      this.nextLook = undefined;
      return inTime(this.lookAtHead(), patience);
    });
    this.lastLook = look;
    this.nextLook = look;
    return look;
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
    // what is read would be missing from the last snapshot
    await this.oneAtATime(() => undefined);
    // who cannot leave is evicted
    await this.member.leave().catch((error: unknown) => this.onTrouble(error));
  }

  /** The place of the log up to which the state is built. */
  private place(): Reached {
    return {
      revision: this.state.revision,
      entry: this.link,
      publication: this.publications.count,
      published: this.publications.link,
    };
  }

  /** Follows the log between two blocks of this process, and while it waits for its turn to write one. */
  private readOn(): Promise<void> {
    this.reading ??= this.oneAtATime(async () => {
      // who asks from here on wants what is written from here on
      this.reading = undefined;
      // what fails is tried again by whoever wants it: without it the lease ends before long
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
        return this.optOuts.confirmed(news.revision);
      case 'announced':
        return void this.prepare(news.version).catch((error: unknown) => this.onTrouble(error));
      case 'prepared':
        return;
      case 'written':
        // what this process has written itself is in the state already
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
    await this.publications.prepare(version).catch((error: unknown) => {
      // whoever is gone by then is not to be waited for
      if (!isLost(error)) throw error;
      this.lose(error);
    });
    const { fleet } = this.store;
    await fleet?.tell({ kind: 'prepared', version, by: fleet.name });
  }

  /** Reads on, and says how far. What fails is tried again. */
  private poll(): void {
    if (this.closed || !this.wasRead) return;
    this.readOn().then(
      () => this.member.applied(),
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
   * @param recover is done after a failure, before anything else is read or written
   * @returns whether it was done
   */
  private atHead(work: () => Promise<void>, recover: (error: unknown) => Promise<void>): Promise<boolean> {
    const alone = <T>(section: () => Promise<T>, giveOn: () => void) =>
      this.oneAtATime(async () => {
        try {
          return await section();
        } catch (error) {
          if (error instanceof Overtaken) throw error;
          // it may take long, and the others need not wait for it
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
        this.latest = Math.max(this.latest, at);
        return work(this.latest);
      },
      async (error) => {
        this.fresh = false;
        if (isLost(error)) this.lose(error);
        await this.recover(settle);
        reject(error);
      },
    );
    if (!isDone) return;
    this.member.applied();
    void this.member.confirmed(this.place()).then(resolve);
  }

  private async writeGroup(): Promise<void> {
    const group: Waiting[] = [];
    let requests: readonly ChangeRequest[] = [];
    let before = 0;
    let settled: Settled = { events: [], results: [], latest: 0 };
    const isDone = await this.atHead(
      async () => {
        // what has come while this process waited for its turn shares the block
        group.push(...this.queue.splice(0, GROUP_SIZE - group.length));
        requests = group.map(({ request }) => request);
        before = this.state.revision;
        const recordOf = this.recordsAsTheyAre();
        const ends = await this.endsFor(requests, recordOf);
        const imported = await this.importedDenials(requests, recordOf);
        settled = this.settle(requests, {
          recordOf,
          ends,
          imported,
          refusal: (request) => this.optOuts.refusesElsewhere(request),
        });
        if (settled.events.length > 0) await this.append(settled.events);
        else await this.ensureAtHead();
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
        return [() => resolve({ revision: before + result.after, changed: result.changed })];
      reject(result ?? notConfirmed());
      return [];
    });
    if (answers.length === 0) return;
    const place = this.place();
    const confirmed =
      settled.events.length > 0 ? this.confirmed(place, requests) : this.member.confirmedAsRead(place);
    // the next group is written meanwhile
    void confirmed.then(
      () => answers.forEach((answer) => answer()),
      (error: unknown) => group.forEach(({ reject }) => reject(notConfirmed(error))),
    );
  }

  /**
   * Makes sure that what was settled rests on the head of the log, where no block that is written proves it: a no that seems to
   * stand may have been overtaken by a grant.
   *
   * @throws Overtaken
   */
  private async ensureAtHead(): Promise<void> {
    if (this.store.fleet === undefined) return;
    const { revision } = this.state;
    await this.follow();
    if (this.state.revision > revision) throw new Overtaken();
  }

  /** Resolves when nobody decides any more on what was before a place, and tells those who wait for it. */
  private async confirmed(place: Place, requests: readonly ChangeRequest[]): Promise<void> {
    await this.member.confirmed(place);
    const { fleet } = this.store;
    if (fleet === undefined || !requests.some(({ closes = [] }) => closes.length > 0)) return;
    // who does not hear of it waits a little longer
    fleet.tell({ kind: 'confirmed', revision: place.revision }).catch(() => undefined);
  }

  private async writeBulk({ requests, mark, prepare, resolve, reject }: Bulk): Promise<void> {
    let known: Outcome[] = [];
    const isDone = await this.atHead(
      async () => {
        known = await this.writeAll(requests, mark, prepare);
      },
      async (error) => {
        const isNothing = error instanceof NothingWritten;
        reject(isNothing && error.cause instanceof DomainError ? error.cause : notConfirmed(error));
        // what could not be prepared, or settled, was not written either
        if (!isNothing) await this.recoverFrom(error);
      },
    );
    if (isDone) void this.confirmed(this.place(), requests).then(() => resolve(known));
  }

  private async writeAll(
    requests: readonly ChangeRequest[],
    mark: Bulk['mark'],
    prepare: Bulk['prepare'],
  ): Promise<Outcome[]> {
    const recordOf = this.recordsAsTheyAre();
    let ends: ReadonlyMap<string, Ends>;
    try {
      ends = await this.endsFor(requests, recordOf);
      await prepare();
    } catch (cause) {
      throw new NothingWritten('what the changes rest on could not be read', { cause });
    }
    const { events, results } = this.settle(requests, {
      recordOf,
      ends,
      refusal: (request) => this.optOuts.refuses(request) ?? this.optOuts.refusesElsewhere(request),
    });
    const outcomes = results.map((result) => {
      if (result instanceof Error) return result instanceof DomainError ? result : undefined;
      return result.changed ? 'changed' : 'unchanged';
    });
    const known = outcomes.filter((outcome) => outcome !== undefined);
    // a change that failed to settle is a bug here, and must not be reported as a refused row
    if (known.length < outcomes.length) throw new NothingWritten('a change could not be settled');
    await this.append(events, mark(known));
    return known;
  }

  private settle(
    requests: readonly ChangeRequest[],
    on: Pick<SettledOn, 'recordOf' | 'ends' | 'imported' | 'refusal'>,
  ): Settled {
    const noRoomFor = (user: string) => refusalOfNew(this.state, user);
    const settled = settle(requests, { ...on, noRoomFor, latest: this.latest });
    this.latest = settled.latest;
    return settled;
  }

  /** The records of users, each made once. Nothing is written meanwhile. */
  private recordsAsTheyAre(): SettledOn['recordOf'] {
    const made = new Map<string, UserRecord>();
    return (user) => {
      const record = made.get(user) ?? this.state.recordOf(user);
      made.set(user, record);
      return record;
    };
  }

  /**
   * Imported denials of the purposes that the requests close. A no that repeats one is written as an event of its own, so
   * that a later import cannot grant what was denied here.
   */
  private async importedDenials(
    requests: readonly ChangeRequest[],
    recordOf: SettledOn['recordOf'],
  ): Promise<ReadonlySet<string>> {
    if (!this.hasImports) return new Set();
    const denied = requests.flatMap(({ user, closes = [] }) => {
      const { choices } = closes.length === 0 ? EMPTY_RECORD : recordOf(user);
      return closes.flatMap((purpose) =>
        choices.get(purpose)?.choice === 'denied' ? [{ user, purpose }] : [],
      );
    });
    if (denied.length === 0) return new Set();
    const standing = standingChoices(await this.store.lastChoices(denied));
    return new Set([...standing].flatMap(([key, { isHere }]) => (isHere ? [] : [key])));
  }

  private async append(events: readonly NewConsentEvent[], mark?: ImportMark): Promise<void> {
    const { revision } = this.state;
    await this.store.append(events, { after: revision, mark, isNew: (user) => !this.state.knows(user) });
    events.forEach((event, index) => this.take({ ...event, revision: revision + 1 + index }));
    this.filling.look(this.state.filled);
    this.link = this.store.lastLink;
    this.wake();
  }

  /** Applies what stands next in the log, and puts publications in force where they lie in it. */
  private takeAll(
    page: readonly LogEntry[],
    publications: Awaited<ReturnType<Publications['pending']>>,
  ): void {
    let next = 0;
    const putUpTo = (revision: number) => {
      for (
        let each = publications[next];
        each !== undefined && each.after <= revision;
        each = publications[next]
      ) {
        each.put();
        next++;
      }
    };
    if (page.length > 0) this.turns.contended();
    for (const entry of page) {
      putUpTo(entry.revision - 1);
      this.take(entry);
      if (this.wasRead && this.store.fleet !== undefined) this.optOuts.note(entry);
    }
    this.filling.look(this.state.filled);
    putUpTo(this.state.revision);
    this.link = this.store.lastLink;
    if (page.length > 0 || next > 0) this.member.applied();
  }

  /** Applies the next entry of the log. */
  private take(entry: LogEntry): void {
    this.state.apply(entry);
    if (!isKept(entry)) {
      if (entry.erased === undefined) return;
      // nobody says any more whom the state would have to forget
      if (entry.erased === null && (this.wasRead || this.wasRestored)) throw new ConsentStoreLost();
      if (entry.erased !== null) this.forgetUser(entry.erased);
      if (this.wasRead) for (const listener of this.erasureListeners) listener();
      return;
    }
    if (entry.via === 'import') this.hasImports = true;
    const ends = this.ends.peek(entry.user);
    if (ends !== undefined) this.ends.set(entry.user, ends.after(entry));
    const due = deadlineOf(entry);
    if (due !== undefined) for (const listener of this.deadlineListeners) listener(due);
  }

  private forgetUser(user: string): void {
    this.state.forget(user);
    this.ends.delete(user);
  }

  /** The ends for users whose changes may depend on them, from the cache or the store. Nothing is written meanwhile. */
  private async endsFor(
    requests: readonly ChangeRequest[],
    recordOf: SettledOn['recordOf'],
  ): Promise<ReadonlyMap<string, Ends>> {
    const users = new Set(
      requests.flatMap(({ user, mayDependOnEnds }) =>
        mayDependOnEnds?.(recordOf(user)) === true ? [user] : [],
      ),
    );
    const known = new Map<string, Ends>();
    for (const user of users) {
      const ends = this.ends.get(user);
      if (ends !== undefined) known.set(user, ends);
    }
    const unknown = [...users].filter((user) => !known.has(user));
    if (unknown.length === 0) return known;
    const deadlines = await this.store.deadlinesOf(unknown);
    const found = Ends.in(deadlines);
    for (const user of unknown) {
      const ends = found.get(user) ?? Ends.NONE;
      known.set(user, ends);
      this.ends.set(user, ends);
    }
    // superseded deadlines would be read again each time
    const past = deadlines.filter(({ event, later }) => isSuperseded(event, later));
    if (past.length > 0) await this.store.dropDeadlines(past.map(({ event }) => event.revision));
    return known;
  }

  private async recoverFrom(error: unknown): Promise<void> {
    this.fresh = false;
    if (isLost(error)) this.lose(error);
    else this.troubles.tell('log', error);
    await this.recover();
  }

  /** Reads the log again until the state is known to be that of the log; until then decisions are denied. */
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
    // nobody has to wait for a process that decides no more
    this.member.leave().catch((error: unknown) => this.onTrouble(error));
    for (const listener of this.lostListeners) listener(reason);
  }

  private wake(): void {
    for (const waiter of this.waiters) if (this.state.revision >= waiter.revision) waiter.wake();
  }
}

/** Whether this process can never again follow the log. */
function isLost(error: unknown): error is Error {
  return error instanceof ConsentStoreLost || error instanceof NewerBuild;
}

/** What was asked for could not even be tried. */
class NothingWritten extends Error {}

/** Whether it came true within so many milliseconds. */
function inTime(proof: Promise<boolean>, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = MACHINE.later(patience, () => resolve(false));
    void proof
      .catch(() => false)
      .then((isProved) => {
        stop();
        resolve(isProved);
      });
  });
}

function notConfirmed(cause?: unknown): DomainError {
  return new DomainError(
    'not_confirmed',
    'read the settings, and send the change again if it is not there',
    undefined,
    {
      cause,
    },
  );
}
