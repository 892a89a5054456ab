/**
 * The one writer and follower of the consent log.
 *
 * Changes wait in a queue; one group at a time becomes one block of the log and then of the state, and only then is it
 * acknowledged. What a change means is settled when its group is made, on the record as it then is, so that no change
 * is judged on a state that another one has already overtaken.
 */
import { randomInt } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import {
  type ChangedBy,
  type ConsentChange,
  EMPTY_RECORD,
  type LogEntry,
  type NewConsentEvent,
  type UserRecord,
  applyChange,
  isKept,
} from '../../decision/consent-event.js';
import { ConsentState } from '../../decision/state/consent-state.js';
import { DomainError } from '../../errors.js';
import type { Tokens } from './consistency-token.js';
import { Ends } from './ends.js';
import { type ConsentStore, ConsentStoreLost, type Erasure, type ImportMark } from './consent.store.js';
import { deadlineOf, isSuperseded } from './event-rules.js';
import { choiceKeyOf, standingChoices } from './standing-choices.js';

/** A change that somebody asks for. */
export type ChangeRequest = Omit<NewConsentEvent, 'change'> & {
  /** The purposes that it closes or opens for the user; an opt-out wins over an opt-in that races with it. */
  readonly closes?: readonly string[];
  readonly opens?: readonly string[];
  /**
   * Whether the outcome may depend on the end of a grant or of a minority, judged by the record before the block. If so,
   * the ends are read from the store first. Only what that record holds can end.
   */
  readonly mayDependOnEnds?: (record: UserRecord) => boolean;
  /**
   * Decides what to write, from the record as it is at its turn: all of it, or nothing.
   *
   * @param ends of what the record holds, if `mayDependOnEnds` asked for them
   * @returns the changes, none when there is nothing to change
   * @throws DomainError when the change is refused
   */
  readonly settle: (record: UserRecord, ends: Ends) => readonly ConsentChange[];
};

/** What became of a change. */
export type Acknowledgement = {
  /** The revision from which on decisions rest on the change. */
  readonly revision: number;
  /** Whether anything was written; false: it already stood so. */
  readonly changed: boolean;
};

/** The events to write, and per change how many of them it rests on, or why it is refused. */
type Settled = {
  readonly events: readonly NewConsentEvent[];
  readonly results: readonly (Error | { readonly after: number; readonly changed: boolean })[];
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
/** How long somebody who asks for a change waits for its answer. */
const ANSWER_MS = 5_000;

export class ConsentLog {
  private readonly queue: Waiting[] = [];
  private readonly exclusives: Exclusive[] = [];
  private readonly bulks: Bulk[] = [];
  /** Time of the last entry: times never go back, so that a time, too, is a place in the log. */
  private latest = 0;
  /** Opt-outs that are not acknowledged yet, counted by user and purpose. */
  private readonly closing = new Map<string, number>();
  private readonly waiters = new Set<{ readonly revision: number; readonly wake: () => void }>();
  private writing: Promise<void> | undefined;
  /** Cache, by user; changes of the log are applied to it. */
  private readonly ends = new LRUCache<string, Ends>({ max: KEPT_ENDS });
  /** Whether a choice in the log may be one that was imported. */
  private hasImports = false;
  /** Whether the state is known to be that of the log. */
  private fresh = false;
  /** Changes that were answered `not_confirmed` and whose outcome is still open. */
  private overdue = 0;
  private lost: Error | undefined;
  private readonly deadlineListeners: ((due: number) => void)[] = [];
  private readonly lostListeners: ((reason: Error) => void)[] = [];
  private closed = false;

  /** @param state one that was restored from a snapshot of this log; by default an empty one */
  constructor(
    private readonly store: ConsentStore,
    private readonly onTrouble: (error: unknown) => void,
    readonly state = new ConsentState([randomInt(2 ** 32), randomInt(2 ** 32)]),
  ) {
    store.onLost((reason) => this.lose(reason));
    store.onRegained(() => this.catchUp());
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

  /** Names revisions of this log. */
  get tokens(): Tokens {
    return this.store.tokens;
  }

  /** Whether decisions may rest on the state. */
  get available(): boolean {
    return this.fresh && this.overdue === 0 && this.lost === undefined && this.store.isOwned;
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
      if (page.length === 0) break;
      for (const entry of page) this.take(entry);
      this.latest = Math.max(this.latest, page.at(-1)?.at ?? 0);
      onProgress?.(this.state.revision, head);
    }
    this.hasImports ||= await this.store.hasImports();
    this.fresh = true;
    this.wake();
  }

  /**
   * Asks for a change; resolves when the log holds it and decisions rest on it.
   *
   * @throws DomainError what `settle` refuses with; `opt_out_in_progress` for an opt-in that races with an opt-out;
   *   `not_confirmed` when storage fails, in which case the change may or may not have been written
   */
  change(request: ChangeRequest): Promise<Acknowledgement> {
    if (this.closed || !this.available) return Promise.reject(notConfirmed());
    const refusal = this.raced(request);
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.answered(
      this.whileClosing(
        [request],
        new Promise<Acknowledgement>((resolve, reject) => {
          this.queue.push({ request, resolve, reject });
          this.writing ??= this.write();
        }),
      ),
    );
  }

  /**
   * Asks for many changes that are written as one block with a mark, in their order; those that are refused are left out.
   *
   * @param mark what is written with the block, when it is known what becomes of each change
   * @param prepare reads what settling the changes asks for: nothing is written between that and the block
   * @returns what became of each
   * @throws DomainError `not_confirmed` when storage fails: the block with its mark may or may not have been written
   */
  changeAll(
    requests: readonly ChangeRequest[],
    mark: (outcomes: readonly Outcome[]) => ImportMark,
    prepare: () => Promise<void> = () => Promise.resolve(),
  ): Promise<readonly Outcome[]> {
    if (this.closed || !this.available) return Promise.reject(notConfirmed());
    return this.whileClosing(
      requests,
      new Promise((resolve, reject) => {
        this.bulks.push({ requests, mark, prepare, resolve, reject });
        this.writing ??= this.write();
      }),
    );
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
    const erased = this.exclusively(
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
    await this.answered(erased);
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
    return this.answered(this.exclusively(at, work, settle));
  }

  /**
   * Waits for the outcome with a timeout. After the timeout the work goes on; decisions are denied until its outcome is
   * known.
   *
   * @throws DomainError `not_confirmed`
   */
  answered<T>(settled: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        this.overdue += 1;
        reject(notConfirmed(new Error('the database did not answer in time')));
      }, ANSWER_MS);
      void settled.then(resolve, reject).finally(() => {
        clearTimeout(timer);
        if (isLate) this.overdue -= 1;
      });
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
      const timer = setTimeout(done, patience);
      this.waiters.add(waiter);
    });
  }

  /** Takes no more changes, and resolves when those that were taken are settled. */
  async close(): Promise<void> {
    this.closed = true;
    await this.writing;
  }

  private async write(): Promise<void> {
    // what arrives in the same turn of the event loop shares the first block
    await new Promise((resolve) => setImmediate(resolve));
    while (this.queue.length + this.exclusives.length + this.bulks.length > 0) {
      const exclusive = this.exclusives.shift();
      if (exclusive !== undefined) await this.workExclusively(exclusive);
      if (this.queue.length > 0) await this.writeGroup(this.queue.splice(0, GROUP_SIZE));
      const bulk = this.bulks.shift();
      if (bulk !== undefined) await this.writeBulk(bulk);
    }
    this.writing = undefined;
  }

  private async workExclusively({ work, settle, at, resolve, reject }: Exclusive): Promise<void> {
    try {
      this.latest = Math.max(this.latest, at);
      await work(this.latest);
      resolve();
    } catch (error) {
      this.fresh = false;
      if (error instanceof ConsentStoreLost) this.lose(error);
      await this.recover(settle);
      reject(error);
    }
  }

  private async writeGroup(group: readonly Waiting[]): Promise<void> {
    const requests = group.map(({ request }) => request);
    const before = this.state.revision;
    let settled: Settled;
    try {
      const ends = await this.endsFor(requests);
      const imported = await this.importedDenials(requests);
      settled = this.settle(requests, ends, { imported });
      const { events } = settled;
      if (events.length > 0) await this.append(events);
    } catch (error) {
      // the rest of the queue is refused too, instead of waiting until storage is back
      for (const { reject } of [...group, ...this.queue.splice(0)]) reject(notConfirmed(error));
      await this.recoverFrom(error);
      return;
    }
    // without a write there is no proof that no other process wrote in between
    if (settled.events.length === 0 && !this.available) {
      for (const { reject } of group) reject(notConfirmed());
      return;
    }
    for (const [place, { resolve, reject }] of group.entries()) {
      const result = settled.results[place];
      if (result === undefined || result instanceof Error) reject(result ?? notConfirmed());
      else resolve({ revision: before + result.after, changed: result.changed });
    }
  }

  private async writeBulk({ requests, mark, prepare, resolve, reject }: Bulk): Promise<void> {
    let ends: ReadonlyMap<string, Ends>;
    try {
      ends = await this.endsFor(requests);
      await prepare();
    } catch (error) {
      return reject(notConfirmed(error));
    }
    const { events, results } = this.settle(requests, ends, { refusal: (request) => this.raced(request) });
    const outcomes = results.map((result) => {
      if (result instanceof Error) return result instanceof DomainError ? result : undefined;
      return result.changed ? 'changed' : 'unchanged';
    });
    const known = outcomes.filter((outcome) => outcome !== undefined);
    // a change that failed to settle is a bug here, and must not be reported as a refused row
    if (known.length < outcomes.length) return reject(notConfirmed());
    try {
      await this.append(events, mark(known));
    } catch (error) {
      reject(notConfirmed(error));
      await this.recoverFrom(error);
      return;
    }
    resolve(known);
  }

  /**
   * Settles changes in order, each on the record that the ones before it leave.
   *
   * @param ends of what stands for the users whose changes may depend on it
   * @param given `refusal`: why a change is refused before it is settled; `imported`: imported denials that hold, which a
   *   repeated no replaces with an event of its own
   * @returns the events to write, and per change how many of them it rests on, or why it is refused
   */
  private settle(
    requests: readonly ChangeRequest[],
    ends: ReadonlyMap<string, Ends>,
    given: {
      readonly refusal?: (request: ChangeRequest) => DomainError | undefined;
      readonly imported?: ReadonlySet<string>;
    } = {},
  ): Settled {
    const records = new Map<string, UserRecord>();
    const endsOf = new Map(ends);
    const events: NewConsentEvent[] = [];
    const results = requests.map((request) => {
      const { user, by, at, via, saidAt, language } = request;
      const record = records.get(user) ?? this.state.recordOf(user);
      try {
        const refused = given.refusal?.(request);
        if (refused !== undefined) return refused;
        let standing = endsOf.get(user) ?? Ends.NONE;
        const settled = request.settle(record, standing);
        const changes = [...settled, ...saidAnew(request, record, settled, given.imported)];
        this.latest = Math.max(this.latest, at);
        const said = {
          ...(saidAt === undefined ? {} : { saidAt }),
          ...(language === undefined ? {} : { language }),
        };
        for (const change of changes) {
          events.push({ user, by, at: this.latest, via, ...said, change });
          standing = standing.after({ user, by, via, change });
        }
        endsOf.set(user, standing);
        if (changes.length > 0) records.set(user, changes.reduce(applyChange, record));
        return { after: events.length, changed: changes.length > 0 };
      } catch (error) {
        return error instanceof Error ? error : new Error('the change could not be settled');
      }
    });
    return { events, results };
  }

  /**
   * Imported denials of the purposes that the requests close. A no that repeats one is written as an event of its own, so
   * that a later import cannot grant what was denied here.
   */
  private async importedDenials(requests: readonly ChangeRequest[]): Promise<ReadonlySet<string>> {
    const denied = requests.flatMap(({ user, closes = [] }) => {
      const { choices } = closes.length === 0 ? EMPTY_RECORD : this.state.recordOf(user);
      return closes.flatMap((purpose) =>
        choices.get(purpose)?.choice === 'denied' ? [{ user, purpose }] : [],
      );
    });
    if (denied.length === 0 || !this.hasImports) return new Set();
    const standing = standingChoices(await this.store.lastChoices(denied));
    return new Set([...standing].flatMap(([key, { isHere }]) => (isHere ? [] : [key])));
  }

  private async append(events: readonly NewConsentEvent[], mark?: ImportMark): Promise<void> {
    // the revision that the block follows
    const base = (await this.store.append(events, mark, (user) => !this.state.knows(user))) - 1;
    if (base === this.state.revision)
      events.forEach((event, index) => this.take({ ...event, revision: base + 1 + index }));
    else await this.follow();
    this.wake();
  }

  /** Applies the next entry of the log. */
  private take(entry: LogEntry): void {
    this.state.apply(entry);
    if (!isKept(entry)) return;
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
  private async endsFor(requests: readonly ChangeRequest[]): Promise<ReadonlyMap<string, Ends>> {
    const users = new Set(
      requests.flatMap(({ user, mayDependOnEnds }) =>
        mayDependOnEnds?.(this.state.recordOf(user)) === true ? [user] : [],
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
    if (error instanceof ConsentStoreLost) this.lose(error);
    else this.onTrouble(error);
    await this.recover();
  }

  /** Ownership was in doubt for a while: reads the log on before decisions rest on the state again. */
  private catchUp(): void {
    // what is not fresh is being read already
    if (!this.fresh) return;
    this.fresh = false;
    this.onTrouble(new Error('for a while it was not proved that this process owns the consent log'));
    this.exclusives.push({
      work: () => this.follow(),
      settle: async () => undefined,
      at: 0,
      resolve: () => undefined,
      reject: () => undefined,
    });
    this.writing ??= this.write();
  }

  /** Reads the log again until the state is known to be that of the log; until then decisions are denied. */
  private async recover(settle?: () => Promise<void>): Promise<void> {
    while (this.lost === undefined) {
      try {
        await settle?.();
        await this.follow();
        return;
      } catch (error) {
        this.onTrouble(error);
        if (this.closed) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  private lose(reason: Error): void {
    if (this.lost !== undefined) return;
    this.lost = reason;
    this.onTrouble(reason);
    for (const listener of this.lostListeners) listener(reason);
  }

  /** Counts what the changes close as being closed until they are settled. */
  private async whileClosing<T>(requests: readonly ChangeRequest[], settled: Promise<T>): Promise<T> {
    const keys = requests.flatMap(({ user, closes = [] }) =>
      closes.map((purpose) => choiceKeyOf(user, purpose)),
    );
    if (keys.length === 0) return settled;
    for (const key of keys) this.closing.set(key, (this.closing.get(key) ?? 0) + 1);
    try {
      return await settled;
    } finally {
      for (const key of keys) {
        const left = (this.closing.get(key) ?? 1) - 1;
        if (left > 0) this.closing.set(key, left);
        else this.closing.delete(key);
      }
    }
  }

  /** Refuses a grant of what an unacknowledged opt-out is closing. */
  private raced({ user, opens = [] }: ChangeRequest): DomainError | undefined {
    return opens.some((purpose) => this.closing.has(choiceKeyOf(user, purpose)))
      ? new DomainError(
          'opt_out_in_progress',
          'read the settings again, and ask the user again before you grant it',
        )
      : undefined;
  }

  private wake(): void {
    for (const waiter of this.waiters) if (this.state.revision >= waiter.revision) waiter.wake();
  }
}

/** The denials of a request that leave the record as it is, but replace an imported denial. */
function saidAnew(
  { user, closes = [] }: ChangeRequest,
  { choices }: UserRecord,
  changes: readonly ConsentChange[],
  imported: ReadonlySet<string> = new Set(),
): ConsentChange[] {
  if (imported.size === 0) return [];
  return closes.flatMap((purpose) => {
    const recorded = choices.get(purpose);
    const isSaid = changes.some((change) => change.kind === 'choice' && change.purpose === purpose);
    return recorded?.choice === 'denied' && imported.has(choiceKeyOf(user, purpose)) && !isSaid
      ? [{ kind: 'choice', purpose, ...recorded }]
      : [];
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
