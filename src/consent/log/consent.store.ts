import type { ChangedBy, ConsentEvent, LogEntry, NewConsentEvent } from '../../decision/consent-event.js';
import { DAY_MS } from '../../time.js';
import type { VerifiableLink } from './chain.js';
import type { Tokens } from './consistency-token.js';
import type { ChoiceEvent, LevelEvent } from './settlement/event-rules.js';
import type { FleetStore } from '../../fleet/fleet.store.js';

/** The log is not the one that was read before: a state built from it can no longer be trusted. */
export class ConsentStoreLost extends Error {
  constructor() {
    super(
      'the consent log is not the one that this process has read: it was restored from a backup, or a standby without all of it was promoted; restart this process',
    );
    this.name = 'ConsentStoreLost';
  }
}

/** What a choice is about. */
export type UserPurpose = { readonly user: string; readonly purpose: string };

/** What a level is about. */
export type UserGroup = { readonly user: string; readonly group: string };

/** An event that brings about another one when its time comes. */
export type Deadline = {
  readonly event: ConsentEvent;
  /** When it is looked at: not later than it brings that about. In milliseconds since the Unix epoch. */
  readonly due: number;
  /** The last later event of the same user on the same subject, if there is one; all of them could fill memory. */
  readonly later: readonly ConsentEvent[];
};

/** When an event about a user is looked at, see {@link Deadline}. */
export type NewDeadline = { readonly revision: number; readonly subject: number; readonly due: number };

/** How far the log was gone through for the terms under which grants lapse. */
export type LapseMark = {
  /** See `Lapses.terms`. */
  readonly terms: string;
  /** The last revision that was looked at. */
  readonly reached: number;
  /** All grants from before these terms have their deadlines. */
  readonly isDone?: boolean;
};

/** The record that a user was erased; it does not say who. */
export type Erasure = {
  readonly revision: number;
  readonly at: number;
  readonly by: { readonly kind: ChangedBy['kind']; readonly id?: string };
};

/** For how long the log knows who was erased, in milliseconds. */
export const ERASED_KEPT_MS = DAY_MS;
/** After how long the id is gone: a sweep begins a day after the one before. */
export const ERASED_GONE_MS = ERASED_KEPT_MS + DAY_MS;

/** What a log ends with. */
export type LogEnd = {
  readonly revision: number;
  readonly hash: Buffer;
  /** The last link of the chain of publications. */
  readonly publications: Buffer;
  /** The last number given to a user. */
  readonly subject: number;
  /** The last existing entry. */
  readonly last: number;
  /** Whether the holder of the log's key wrote all of it. */
  readonly isSound: boolean;
};

/** What can be verified about a user without naming them. */
export type VerifiableUser = {
  readonly subject: number;
  /** Whether their key was made for this number. */
  readonly isSound: boolean;
};

/** The position of an import. */
export type ImportMark = {
  readonly id: string;
  /** The last line that was taken in. */
  readonly line: number;
  /** What became of the lines until then, counted. */
  readonly summary: Readonly<Record<string, number>>;
};

/** A mark as it is written, by whom and when; absent, it is known of no row of the block. */
export type NewImportMark = ImportMark & {
  /** Id of the service. */
  readonly by?: string;
  /** Milliseconds since the Unix epoch. */
  readonly at?: number;
};

/** An import without the refusals of single lines. What builds before this one wrote has no `by` and no times. */
export type ListedImport = ImportMark & {
  /** Id of the service that sent the last block. */
  readonly by: string | null;
  /** When the first and the last block were taken in, in milliseconds since the Unix epoch. */
  readonly begunAt: number | null;
  readonly changedAt: number | null;
};

/** Options of a block of events. */
export type Appending = {
  /** The head for which the block was made: `Overtaken` if the log has moved on. Absent: it follows any head. */
  readonly after?: number;
  /**
   * The last link of the chain of publications that are in force for whoever made the block: `Overtaken` if it is another
   * one by now. Absent or empty: the block rests on no policy.
   */
  readonly published?: Buffer;
  /** Written with the block, or alone when there are no events. */
  readonly mark?: NewImportMark | undefined;
  /** When an event is to be looked at, see `Lapses.lookAt`. Absent: when it brings about another one. */
  readonly lookAt?: (event: NewConsentEvent) => number | undefined;
  /** Whether an event has all deadlines of its user looked at, see `Lapses.mayTurnWith`. */
  readonly turns?: (event: NewConsentEvent) => boolean;
  /**
   * Whether a user is new: the log is not asked about them, and must find all others. Absent: it is asked about all, and
   * whom it does not find is new.
   */
  readonly isNew?: (user: string) => boolean;
};

/** The consent log: append-only, one order, no gaps, each entry chained to the one before. */
export abstract class ConsentStore {
  /** Names revisions of this log. */
  abstract readonly tokens: Tokens;

  /** The processes that write to this log and follow it; absent: only this process can. */
  abstract readonly fleet: FleetStore | undefined;

  /**
   * Appends the events as one atomic block, in array order, with the revisions that follow the head. When the promise
   * resolves, the block survives a crash of the process. When it rejects, either the whole block is in the log or none
   * of it; `read` shows which.
   *
   * @returns the events as the log has them
   * @throws Overtaken when another process has written meanwhile: nothing of the block is in the log
   */
  abstract append(
    events: readonly NewConsentEvent[],
    appending?: Appending,
  ): Promise<readonly ConsentEvent[]>;

  /**
   * The entries at the revisions above `after`, ascending, at most `limit`. An empty array: there are no more.
   *
   * @throws ConsentStoreLost when the entries up to `after`, as they were read before, are no longer in the log
   */
  abstract read(after: number, limit: number): Promise<LogEntry[]>;

  /** The same for a reader that does not follow the log, such as a replay. */
  abstract entries(after: number, limit: number): Promise<LogEntry[]>;

  /** The last link of what was read or written here; empty before the first. */
  abstract readonly lastLink: Buffer;

  /** The link of the last publication that there was when the log was last read; absent: not known. */
  abstract readonly lastPublication: Buffer | undefined;

  /** Events of one user with a revision above `after`, ascending, at most `limit`. */
  abstract readUser(user: string, after: number, limit: number): Promise<ConsentEvent[]>;

  /** Events of one user with a revision of at most `until`, descending, at most `limit`. */
  abstract readUserBack(user: string, until: number, limit: number): Promise<ConsentEvent[]>;

  /**
   * The last choice of each of these users and purposes, without events that only record that a signal left a grant as
   * it was.
   */
  abstract lastChoices(wanted: readonly UserPurpose[]): Promise<ChoiceEvent[]>;

  /** The last level of each of these users and visibility groups. */
  abstract lastLevels(wanted: readonly UserGroup[]): Promise<LevelEvent[]>;

  /** Whether contents about the user up to this revision were deleted. */
  abstract hasForgotten(user: string, until: number): Promise<boolean>;

  /** The last revision in the log; 0 when it is empty. */
  abstract head(): Promise<number>;

  /** Links of the chain at the revisions above `after`, ascending, at most `limit`. */
  abstract links(after: number, limit: number): Promise<VerifiableLink[]>;

  /** The end of the log, as of one moment. */
  abstract end(): Promise<LogEnd>;

  /** Users with a number above `after`, ascending, at most `limit`, for verification. */
  abstract verifiableUsers(after: number, limit: number): Promise<VerifiableUser[]>;

  /** Whether the log knows the user, or knew them and they were not erased. */
  abstract knows(user: string): Promise<boolean>;

  /** The users with these numbers, by number; those who were erased are not in it. */
  abstract usersNumbered(numbers: readonly number[]): Promise<ReadonlyMap<number, string>>;

  /**
   * Makes everything that the log says about a user permanently unreadable, and appends a record of it.
   *
   * @returns `undefined` when the log does not know the user; then nothing has changed
   */
  abstract erase(user: string, by: ChangedBy, at: number): Promise<Erasure | undefined>;

  /** Erasures with a revision above `after`, ascending, at most `limit`. */
  abstract erasures(after: number, limit: number): Promise<Erasure[]>;

  /**
   * When users were erased, by their ids, the earliest first, in milliseconds since the Unix epoch: at least those of the
   * last {@link ERASED_KEPT_MS}.
   */
  abstract erasedLately(): Promise<ReadonlyMap<string, number>>;

  /** Whether the ids of all users erased after a revision are still known; `read` returns them. */
  abstract knowsErased(after: number): Promise<boolean>;

  /**
   * Deadlines that are due by then, the earliest first, at most `limit`.
   *
   * @param sure those of profiles only if they are due by this as well
   */
  abstract due(by: number, limit: number, sure?: number): Promise<Deadline[]>;

  /** Deadlines of these users, whenever they come, the earliest first. */
  abstract deadlinesOf(users: readonly string[]): Promise<Deadline[]>;

  /**
   * Gives no number up to this one to a user any more. What names numbers outside the store may name them: of users that an
   * older copy of the log has never known.
   */
  abstract passOver(number: number): Promise<void>;

  /** When the next deadline is due, of those that are later than `after`; `undefined`: there is none. */
  abstract nextDue(after?: number): Promise<number | undefined>;

  /**
   * Sets deadlines of events that still have their content; of two for one event, the earlier one holds.
   *
   * @param after the revision up to which the log is known
   * @param published see {@link Appending}
   * @throws Overtaken when the log has moved on: nothing is set
   */
  abstract setDeadlines(deadlines: readonly NewDeadline[], after: number, published?: Buffer): Promise<void>;

  /**
   * Puts deadlines off, and removes others.
   *
   * @param removed by the revisions of the events that set them
   * @param after the revision up to which the log is known
   * @param published see {@link Appending}
   * @throws Overtaken when the log has moved on, so that somebody may have moved whose grant lapses now: all stay
   */
  abstract putOffDeadlines(
    deadlines: readonly NewDeadline[],
    removed: readonly number[],
    after: number,
    published?: Buffer,
  ): Promise<void>;

  abstract lapseMark(): Promise<LapseMark | undefined>;

  /**
   * @param published see {@link Appending}
   * @throws Overtaken when another policy is in force by now: whoever goes through the log by it is not to be misled
   */
  abstract markLapses(mark: LapseMark, published?: Buffer): Promise<void>;

  /** Removes deadlines, by the revisions of the events that set them. */
  abstract dropDeadlines(revisions: readonly number[]): Promise<void>;

  /** The position of an import; `undefined` for one that has not begun. */
  abstract importMark(id: string): Promise<ImportMark | undefined>;

  /**
   * Imports, those that changed last first.
   *
   * @param after the one before the page: when it changed, 0 where that is not known, and its id
   */
  abstract imports(
    limit: number,
    after?: { readonly at: number; readonly id: string },
  ): Promise<readonly ListedImport[]>;

  /** Whether any import has begun, so that a choice may be imported. */
  abstract hasImports(): Promise<boolean>;

  /**
   * Deletes the content of superseded events and logs the deletion; see `isSuperseded`. At the end of the log, also deletes
   * the ids of those who were erased longer ago than {@link ERASED_KEPT_MS}.
   *
   * @param before only events that are older, in milliseconds since the Unix epoch, per kind
   * @param after only revisions above it
   * @param limit how many entries are examined
   * @param at the time of the record, in milliseconds since the Unix epoch
   * @returns the last revision that was examined, and how many contents were deleted; `undefined`: there is no more
   */
  abstract forget(
    before: Readonly<Record<'profile' | 'choice' | 'signal', number>>,
    after: number,
    limit: number,
    at: number,
  ): Promise<{ readonly reached: number; readonly forgotten: number } | undefined>;
}

const PAGE = 1_000;

/** The events of a user with revisions above `after` up to `until`, ascending, read a page at a time. */
export async function* eventsOf(
  store: Pick<ConsentStore, 'readUser'>,
  user: string,
  after = 0,
  until = Infinity,
  atOnce = PAGE,
): AsyncGenerator<ConsentEvent, void> {
  for (let last = after; last < until;) {
    const page = await store.readUser(user, last, atOnce);
    yield* page.filter(({ revision }) => revision <= until);
    const end = page.at(-1);
    if (end === undefined || page.length < atOnce) return;
    last = end.revision;
  }
}
