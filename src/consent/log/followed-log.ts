/** The state that a process builds from the consent log, and what else it knows of the log. */
import { LRUCache } from 'lru-cache';
import { type ConsentEvent, EMPTY_RECORD, type LogEntry, isKept } from '../../decision/consent-event.js';
import type { ConsentState } from '../../decision/state/consent-state.js';
import type { DomainError } from '../../errors.js';
import type { Reached } from '../../fleet/fleet.store.js';
import { type ConsentStore, ConsentStoreLost } from './consent.store.js';
import { LatelyErased } from './lately-erased.js';
import { Ends } from './settlement/ends.js';
import { isSuperseded } from './settlement/event-rules.js';
import { Lapses } from './settlement/lapses.js';
import { FillingWatch } from './settlement/room.js';
import type { ChangeRequest, SettledOn } from './settlement/settlement.js';
import {
  type StandingLevel,
  choiceKeyOf,
  levelKeyOf,
  standingChoices,
  standingLevels,
} from './settlement/standing-choices.js';

const PAGE_SIZE = 10_000;
/** Size of the cache of ends, in users. */
const KEPT_ENDS = 10_000;

/** Publications of policies, each at its place between two changes of the log. */
export type Publications = {
  /** How many of them are in force here. */
  readonly count: number;
  /** The hash of the last one in their chain; empty before the first. */
  readonly link: Buffer;
  /**
   * Those that are not in force yet, in order, ready to be put in force.
   *
   * @param last the hash of the last one in the store; absent: not known
   */
  readonly pending: (
    last: Buffer | undefined,
  ) => Promise<readonly { readonly after: number; readonly put: () => void }[]>;
  /** Makes a version ready that is about to be published. */
  readonly prepare: (version: string) => Promise<void>;
};

/** For a log without policies, as in tests. */
const NO_PUBLICATIONS: Publications = {
  count: 0,
  link: Buffer.alloc(0),
  pending: async () => [],
  prepare: async () => undefined,
};

/** Called while the log is read. */
export type Reader = {
  /** An entry of another process was applied. */
  readonly note: (entry: LogEntry) => void;
  /** An entry was read that was in the log when this process started. */
  readonly noteOfBefore: (entry: LogEntry) => void;
  /** Answers about a user may be others from here on. */
  readonly touched: (user: string) => void;
  /** A page was applied: so many entries, and the publications between them. */
  readonly applied: (entries: number) => void;
};

export class FollowedLog {
  /** Time of the last entry. Times never go back, so that a time names a place in the log. */
  latest = 0;
  /** Whether the state is known to be that of the log. */
  isFresh = false;
  /** Whether the log was read to its end once. */
  wasRead = false;
  publications = NO_PUBLICATIONS;
  /** When grants lapse. */
  lapses = new Lapses();
  /** The hash of the last entry that was applied. */
  private link: Buffer = NO_PUBLICATIONS.link;
  /** Cache, by user; kept up to date with the log. */
  private readonly ends = new LRUCache<string, Ends>({ max: KEPT_ENDS });
  /** The terms of lapses when they were read: which grants have a deadline depends on them. */
  private endsUnder = '';
  /** Whether a choice in the log may be one that was imported. */
  private hasImports = false;
  /** Whether the state came from a snapshot. */
  private readonly wasRestored: boolean;
  private readonly erased = new LatelyErased();
  private filling = new FillingWatch(() => undefined);
  private readonly waiters = new Set<{ readonly revision: number; readonly wake: () => void }>();
  private readonly deadlineListeners: ((due: number) => void)[] = [];
  private readonly erasureListeners: (() => void)[] = [];
  private readonly withdrawalListeners: (() => void)[] = [];

  /** @param state one that was restored from a snapshot of this log, or an empty one */
  constructor(
    private readonly store: ConsentStore,
    readonly state: ConsentState,
    private readonly reader: Reader,
  ) {
    this.wasRestored = state.size > 0;
  }

  onDeadline(listener: (due: number) => void): void {
    this.deadlineListeners.push(listener);
  }

  onErasure(listener: () => void): void {
    this.erasureListeners.push(listener);
  }

  onSignalWithdrawn(listener: () => void): void {
    this.withdrawalListeners.push(listener);
  }

  onFilling(listener: (filled: number) => void): void {
    this.filling = new FillingWatch(listener);
    this.filling.look(this.state.filled);
  }

  /** The place of the log up to which the state is built. */
  get place(): Reached {
    return {
      revision: this.state.revision,
      entry: this.link,
      publication: this.publications.count,
      published: this.publications.link,
    };
  }

  /**
   * Applies the log to the state, from the state's revision to the head.
   *
   * @param onProgress called after each page with the revision reached and the one to reach
   */
  async follow(onProgress?: (revision: number, head: number) => void): Promise<void> {
    const head = onProgress === undefined ? 0 : await this.store.head();
    if (this.latest === 0 && this.state.revision > 0) {
      const { revision } = this.state;
      const back = Math.min(revision, this.store.fleet === undefined ? 1 : PAGE_SIZE);
      const page = await this.store.read(revision - back, back);
      for (const entry of page) this.reader.noteOfBefore(entry);
      this.latest = timeAfter(page);
    }
    for (;;) {
      const { fleet } = this.store;
      const server = fleet?.server;
      const page = await this.store.read(this.state.revision, PAGE_SIZE);
      const publications = await this.publications.pending(this.store.lastPublication);
      // others may count on it that this process applies nothing more of the server that it has left
      if (server !== undefined) fleet?.ensureOn(server);
      this.takeAll(page, publications);
      this.latest = Math.max(this.latest, timeAfter(page));
      onProgress?.(this.state.revision, head);
      if (page.length < PAGE_SIZE) break;
    }
    if (!this.wasRead) {
      this.hasImports = await this.store.hasImports();
      this.erased.begin(await this.store.erasedLately());
    }
    this.wasRead = true;
    this.isFresh = true;
    this.wake();
  }

  /** Applies what this process has written itself, from the next revision on. */
  wrote(events: readonly ConsentEvent[]): void {
    for (const event of events) this.take(event);
    this.filling.look(this.state.filled);
    this.link = this.store.lastLink;
    this.wake();
  }

  /** Forgets a user who was erased. @param at when, in milliseconds since the Unix epoch */
  forgetUser(user: string, at: number): void {
    this.erased.note(user, at);
    this.state.forget(user);
    this.ends.delete(user);
    this.reader.touched(user);
  }

  /** See `LatelyErased.knownBy`. */
  erasedBy(erasedAt: (user: string) => number | undefined): void {
    this.erased.knownBy(erasedAt);
  }

  /**
   * The refusal of a change that would make a new record of somebody who was erased of late.
   *
   * @param at when it was asked for, in milliseconds since the Unix epoch
   */
  refusalOfErased(user: string, at: number): DomainError | undefined {
    return this.state.knows(user) ? undefined : this.erased.refusalOf(user, at);
  }

  /** Calls back when the state has reached a revision, and at each step after it. @returns a function that ends this */
  awaiting(revision: number, wake: () => void): () => void {
    const waiter = { revision, wake };
    this.waiters.add(waiter);
    return () => void this.waiters.delete(waiter);
  }

  /** Reads records of users, each unpacked once. INVARIANT: nothing is written while it is used. */
  recordsAsTheyAre(): SettledOn['recordOf'] {
    const made = new Map<string, ReturnType<SettledOn['recordOf']>>();
    return (user) => {
      const record = made.get(user) ?? this.state.recordOf(user);
      made.set(user, record);
      return record;
    };
  }

  /** The ends for users whose changes may depend on them, from the cache or the store. INVARIANT: nothing is written meanwhile. */
  async endsFor(
    requests: readonly ChangeRequest[],
    recordOf: SettledOn['recordOf'],
  ): Promise<ReadonlyMap<string, Ends>> {
    if (this.endsUnder !== this.lapses.terms) this.ends.clear();
    this.endsUnder = this.lapses.terms;
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
    // otherwise superseded deadlines would be read again each time
    const past = deadlines.filter(({ event, later }) => isSuperseded(event, later));
    if (past.length > 0) await this.store.dropDeadlines(past.map(({ event }) => event.revision));
    return known;
  }

  /**
   * Denials of the purposes that the requests close, and levels that they set, that were imported, or are from before an
   * erasure that failed. What repeats one here is written as an event of its own, so that neither a later import opens what
   * was closed here, nor that erasure takes it away when it is done after all.
   */
  async fleetingAndRepeated(
    requests: readonly ChangeRequest[],
    recordOf: SettledOn['recordOf'],
  ): Promise<ReadonlySet<string>> {
    const denied = requests.flatMap(({ user, closes = [] }) => {
      const { choices } = closes.length === 0 ? EMPTY_RECORD : recordOf(user);
      return closes.flatMap((purpose) =>
        choices.get(purpose)?.choice === 'denied' ? [{ user, purpose }] : [],
      );
    });
    const set = requests.flatMap(({ user, sets }) =>
      sets !== undefined && recordOf(user).visibility?.get(sets.group) === sets.level
        ? [{ user, group: sets.group }]
        : [],
    );
    const listed = new Map([...denied, ...set].map(({ user }) => [user, this.erased.listedAt(user)]));
    const mayGo = ({ user }: { readonly user: string }) => this.hasImports || listed.get(user) !== undefined;
    const [choices, levels] = [denied.filter(mayGo), set.filter(mayGo)];
    const standing = new Map<string, Pick<StandingLevel, 'isHere' | 'at'>>([
      ...(choices.length === 0 ? [] : standingChoices(await this.store.lastChoices(choices))),
      ...(levels.length === 0 ? [] : standingLevels(await this.store.lastLevels(levels))),
    ]);
    const lasts = (user: string, key: string) => {
      const said = standing.get(key);
      return said?.isHere === true && said.at > (listed.get(user) ?? -Infinity);
    };
    const keys = [
      ...choices.map(({ user, purpose }) => [user, choiceKeyOf(user, purpose)] as const),
      ...levels.map(({ user, group }) => [user, levelKeyOf(user, group)] as const),
    ];
    // what the log does not find is written, or refused with its user
    return new Set(keys.flatMap(([user, key]) => (lasts(user, key) ? [] : [key])));
  }

  /** Applies the next entries, and puts publications in force at their places between them. */
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
    for (const entry of page) {
      putUpTo(entry.revision - 1);
      this.take(entry);
      if (this.wasRead) this.reader.note(entry);
      else this.reader.noteOfBefore(entry);
    }
    this.filling.look(this.state.filled);
    putUpTo(this.state.revision);
    this.link = this.store.lastLink;
    if (page.length > 0 || next > 0) this.reader.applied(page.length);
  }

  /** Applies the next entry of the log. */
  private take(entry: LogEntry): void {
    this.state.apply(entry);
    if (!isKept(entry)) {
      if (entry.erased === undefined) return;
      // the log no longer says who was erased, so this state cannot forget them
      if (entry.erased === null && (this.wasRead || this.wasRestored)) throw new ConsentStoreLost();
      if (entry.erased !== null) this.forgetUser(entry.erased, entry.at);
      if (this.wasRead) for (const listener of this.erasureListeners) listener();
      return;
    }
    this.reader.touched(entry.user);
    if (entry.via === 'import') this.hasImports = true;
    if (entry.change.kind === 'signal' && entry.change.withdrawn === true)
      for (const listener of this.withdrawalListeners) listener();
    const ends = this.ends.peek(entry.user);
    if (ends !== undefined) this.ends.set(entry.user, ends.after(entry));
    // whoever moved may have grants that lapse at another time now: they are looked at at once
    const isMove = entry.change.kind === 'profile' && this.lapses.terms !== '';
    const due = isMove ? 0 : this.lapses.lookAt(entry);
    if (due !== undefined) for (const listener of this.deadlineListeners) listener(due);
  }

  private wake(): void {
    for (const waiter of this.waiters) if (this.state.revision >= waiter.revision) waiter.wake();
  }
}

/** The earliest time of what follows these entries, in milliseconds since the Unix epoch. */
function timeAfter(entries: readonly LogEntry[]): number {
  const last = entries.at(-1);
  if (last === undefined) return 0;
  // whoever comes back is later than their erasure, whichever process registers them: so the list of erasures knows them
  return isKept(last) || last.erased === undefined ? last.at : last.at + 1;
}
