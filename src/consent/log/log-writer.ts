/**
 * Makes blocks of the consent log and writes them.
 *
 * Changes wait in a queue; one group at a time becomes a block, and is then applied to the state. A change is acknowledged
 * when no process decides on an older state any more. It is settled when its group is made, on the record as it is then,
 * so that no change is judged on a record that another one has changed.
 */
import type { LimitFunction } from 'p-limit';
import type { NewConsentEvent } from '../../decision/consent-event.js';
import {
  type SpanContext,
  inLinkedSpan,
  inSpan,
  noteInSpan,
  ofThisSpan,
  outsideSpans,
} from '../../traces.js';
import { DomainError, NewerBuild } from '../../errors.js';
import type { Membership } from '../../fleet/membership.js';
import { Overtaken, type Place } from '../../fleet/fleet.store.js';
import type { Troubles } from '../../fleet/troubles.js';
import type { Turns } from '../../fleet/turns.js';
import type { Cleared } from '../caches/cleared.js';
import { notConfirmed } from './answers.js';
import { type ConsentStore, ConsentStoreLost, type NewImportMark } from './consent.store.js';
import type { FollowedLog } from './followed-log.js';
import type { Ends } from './settlement/ends.js';
import type { OptOutsUnderWay } from './settlement/opt-outs-under-way.js';
import { refusalOfNew } from './settlement/room.js';
import { type ChangeRequest, type Settled, type SettledOn, settle } from './settlement/settlement.js';
import { WritingWatch } from './writing-watch.js';

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
  /** The span of who waits; `undefined`: nothing is traced. */
  readonly from: SpanContext | undefined;
};

/** Changes that are written as one block, with the mark of their import. */
type Bulk = {
  readonly requests: readonly ChangeRequest[];
  readonly mark: (outcomes: readonly Outcome[]) => NewImportMark;
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

/** What blocks are made with. */
export type Making = {
  readonly store: ConsentStore;
  readonly followed: FollowedLog;
  readonly optOuts: OptOutsUnderWay;
  readonly turns: Turns;
  readonly cleared: Cleared;
  readonly member: Pick<Membership, 'confirmed' | 'confirmedAsRead'>;
  readonly troubles: Troubles;
  /** Reads the log, or makes and writes a block, one after the other: each needs the state that the one before has left. */
  readonly oneAtATime: LimitFunction;
  readonly process: {
    readonly isAvailable: () => boolean;
    readonly isClosed: () => boolean;
    readonly isLost: () => boolean;
    readonly lose: (reason: Error) => void;
  };
};

export class LogWriter {
  private readonly queue: Waiting[] = [];
  private readonly exclusives: (() => Promise<void>)[] = [];
  private readonly bulks: (() => Promise<void>)[] = [];
  private writing: Promise<void> | undefined;
  readonly watch = new WritingWatch();

  constructor(private readonly on: Making) {}

  /** Takes a change. Whoever waits for it is told when no process decides on a state before it any more. */
  change(waiting: Waiting): void {
    const end = this.endOf([waiting.request]);
    this.queue.push({ ...waiting, ...ending(end, waiting.resolve, waiting.reject) });
    this.begin();
  }

  /** The same for changes that are one block. */
  changeAll(bulk: Bulk): void {
    const end = this.endOf(bulk.requests);
    const ended = { ...bulk, ...ending(end, bulk.resolve, bulk.reject) };
    this.bulks.push(ofThisSpan(() => this.writeBulk(ended)));
    this.begin();
  }

  private endOf(requests: readonly ChangeRequest[]): (isConfirmed: boolean) => void {
    const end = this.on.optOuts.begin(requests);
    const isOver = this.watch.begin();
    return (isConfirmed) => {
      end();
      isOver(isConfirmed);
    };
  }

  /** Takes work to do between two blocks. If it fails, decisions are denied until it is known what came of it. */
  exclusively(exclusive: Exclusive): void {
    this.exclusives.push(ofThisSpan(() => this.workExclusively(exclusive)));
    this.begin();
  }

  private begin(): void {
    this.writing ??= outsideSpans(() => this.write());
  }

  /** Resolves when all that was asked for is settled. */
  async written(): Promise<void> {
    await this.writing;
  }

  private async write(): Promise<void> {
    // what arrives in the same turn of the event loop shares the first block
    await new Promise((resolve) => setImmediate(resolve));
    while (this.queue.length + this.exclusives.length + this.bulks.length > 0) {
      await this.exclusives.shift()?.();
      if (this.queue.length > 0) await this.writeGroupInSpan();
      await this.bulks.shift()?.();
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
      this.on.oneAtATime(async () => {
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
    return this.on.turns.atHead(work, alone).then(
      () => true,
      () => false,
    );
  }

  private async workExclusively({ work, settle, at, resolve, reject }: Exclusive): Promise<void> {
    const isDone = await this.atHead(
      () => {
        this.on.followed.latest = Math.max(this.on.followed.latest, at);
        return work(this.on.followed.latest);
      },
      async (error) => {
        this.on.followed.isFresh = false;
        if (isLost(error)) this.on.process.lose(error);
        await this.recover(settle);
        reject(error);
      },
    );
    if (!isDone) return;
    this.on.cleared.applied();
    void this.on.cleared.confirmed(this.on.member.confirmed(this.on.followed.place)).then(resolve);
  }

  private async writeGroupInSpan(): Promise<void> {
    const group: Waiting[] = [];
    await inLinkedSpan(
      'group of changes',
      () => group.map(({ from }) => from),
      () => this.writeGroup(group),
    );
  }

  /** @param group is given those that are in it */
  private async writeGroup(group: Waiting[]): Promise<void> {
    let requests: readonly ChangeRequest[] = [];
    let before = 0;
    let settled: Settled = { events: [], results: [], latest: 0 };
    const isDone = await this.atHead(
      async () => {
        // changes that came while this process waited for its turn share the block
        group.push(...this.queue.splice(0, GROUP_SIZE - group.length));
        requests = group.map(({ request }) => request);
        before = this.on.followed.state.revision;
        const recordOf = this.on.followed.recordsAsTheyAre();
        const ends = await this.on.followed.endsFor(requests, recordOf);
        const fleeting = await this.on.followed.fleetingAndRepeated(requests, recordOf);
        settled = this.settle(requests, {
          recordOf,
          ends,
          fleeting,
          refusal: (request) => this.on.optOuts.refusesWaiting(request),
          // an import brings users by itself
          wasErased: (user, at) => this.on.followed.refusalOfErased(user, at),
        });
        if (settled.events.length > 0) await this.append(settled.events);
        else if (this.on.store.fleet !== undefined) await this.on.turns.ensureAtHead();
      },
      async (error) => {
        // the rest of the queue is refused too, instead of waiting until storage is back
        for (const { reject } of [...group, ...this.queue.splice(0)]) reject(notConfirmed(error));
        await this.recoverFrom(error);
      },
    );
    if (!isDone) return;
    // without a write there is no proof that this process may still decide
    if (settled.events.length === 0 && !this.on.process.isAvailable()) {
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
    noteInSpan({ 'assent.changes': group.length, 'assent.events': settled.events.length });
    const place = this.on.followed.place;
    const confirmed =
      settled.events.length > 0
        ? this.confirmed(place, { requests, before, events: settled.events.length })
        : this.on.cleared.confirmed(this.on.member.confirmedAsRead(place));
    // the next group is written meanwhile
    void confirmed.then(
      () => answers.forEach((answer) => answer()),
      (error: unknown) => group.forEach(({ reject }) => reject(notConfirmed(error))),
    );
  }

  /** Resolves when no process decides any more on a state before the place, and notifies the others of the block. */
  private async confirmed(place: Place, { requests, before, events }: Block): Promise<void> {
    await inSpan('wait for the confirmation', {}, () =>
      this.on.cleared.confirmed(this.on.member.confirmed(place)),
    );
    const { fleet } = this.on.store;
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
        const before = this.on.followed.state.revision;
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
    const { place } = this.on.followed;
    // the mark alone moves no place: another process may have reached this one, and gone on from it on a former server
    const confirmed =
      block.events > 0
        ? this.confirmed(place, block)
        : this.on.cleared.confirmed(this.on.member.confirmedAsRead(place));
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
    const recordOf = this.on.followed.recordsAsTheyAre();
    let ends: ReadonlyMap<string, Ends>;
    try {
      ends = await this.on.followed.endsFor(requests, recordOf);
      await prepare();
    } catch (cause) {
      throw new NothingWritten('what the changes rest on could not be read', { cause });
    }
    const { events, results } = this.settle(requests, {
      recordOf,
      ends,
      refusal: (request) => this.on.optOuts.refuses(request) ?? this.on.optOuts.refusesWaiting(request),
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
    const noRoomFor = (user: string) => refusalOfNew(this.on.followed.state, user);
    const settled = settle(requests, { ...on, noRoomFor, latest: this.on.followed.latest });
    this.on.followed.latest = settled.latest;
    return settled;
  }

  private async append(events: readonly NewConsentEvent[], mark?: NewImportMark): Promise<void> {
    const { store, followed } = this.on;
    const { state, lapses } = followed;
    const isNew = (user: string) => !state.knows(user);
    const lookAt = (event: NewConsentEvent) => lapses.lookAt(event);
    const turns = (event: NewConsentEvent) => lapses.mayTurnWith(event, state.recordOf(event.user));
    const { revision: after, published } = followed.place;
    const block = { after, published, mark, lookAt, turns, isNew };
    followed.wrote(await this.watch.writes(events.length, () => store.append(events, block)));
  }

  private async recoverFrom(error: unknown): Promise<void> {
    this.on.followed.isFresh = false;
    if (isLost(error)) this.on.process.lose(error);
    else this.on.troubles.tell('log', error);
    await this.recover();
  }

  /** Reads the log until the state is known to be that of the log; until then decisions are denied. */
  private async recover(settle?: () => Promise<void>): Promise<void> {
    while (!this.on.process.isLost()) {
      try {
        await settle?.();
        await this.on.followed.follow();
        this.on.troubles.end('log');
        return;
      } catch (error) {
        if (isLost(error)) return this.on.process.lose(error);
        this.on.troubles.tell('log', error);
        if (this.on.process.isClosed()) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }
}

function acknowledgementOf(
  before: number,
  { after, changed, at }: Exclude<Settled['results'][number], Error>,
): Acknowledgement {
  return { revision: before + after, changed, ...(changed ? { at } : {}) };
}

/** Whether this process can never again follow the log. */
export function isLost(error: unknown): error is Error {
  return error instanceof ConsentStoreLost || error instanceof NewerBuild;
}

/** Calls `end` before whoever waits is told. */
function ending<T>(
  end: (isConfirmed: boolean) => void,
  resolve: (value: T) => void,
  reject: (error: Error) => void,
): { readonly resolve: (value: T) => void; readonly reject: (error: Error) => void } {
  return {
    resolve: (value) => {
      end(true);
      resolve(value);
    },
    reject: (error) => {
      end(false);
      reject(error);
    },
  };
}

/** The work failed before anything was written. */
class NothingWritten extends Error {}
