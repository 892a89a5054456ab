import type { Position } from '../record/segment/record-tail.js';

/** How far the record of a writer is counted. */
export type Counted = Position & {
  /** How many decisions of the block that is next are counted already. */
  readonly skip: number;
};

export type WriterCursor = Counted & {
  /** All that was recorded before is counted; in milliseconds since the Unix epoch. */
  readonly until: number;
  /** Whether nothing follows. */
  readonly hasEnded: boolean;
};

/** What uses are told apart by, besides user and day, as texts that any text fits into. */
export type TermTexts = {
  /** All of it; what has the same content is the same. */
  readonly content: string;
  readonly client: string;
  readonly purpose: string;
  readonly fields: string;
  readonly reason: string;
  readonly case: string | null;
};

/** What was counted of a part of a record. Days since the epoch, times in milliseconds since it, terms by their place. */
export type RolledUp = {
  readonly terms: readonly (TermTexts & { readonly day: number })[];
  readonly counts: readonly UseCount[];
  readonly sets: readonly UseSet[];
  readonly totals: readonly UseTotal[];
};

/** How often a user's data was used on a day under some terms. */
export type UseCount = {
  readonly day: number;
  /** Number of the user. */
  readonly user: number;
  readonly term: number;
  readonly count: number;
  readonly first: number;
  readonly last: number;
};

/** Users of one bucket whose data was used at a time under some terms, once each. */
export type UseSet = {
  readonly day: number;
  readonly bucket: number;
  readonly term: number;
  readonly at: number;
  readonly members: Buffer;
};

export type UseTotal = {
  readonly day: number;
  readonly term: number;
  readonly count: number;
  /** Of these, of people whom the log does not know. */
  readonly strangers: number;
};

/** Where in a user's ledger something is: the latest day first. */
export type Place = { readonly day: number; readonly term: string };

/** A {@link UseCount} as it is kept: its term is named. */
export type KeptCount = Place & { readonly count: number; readonly first: number; readonly last: number };

/** A {@link UseSet} as it is kept. */
export type KeptSet = Place & { readonly id: string; readonly at: number; readonly members: Uint8Array };

/** The ledger of uses, for all processes. */
export abstract class UseStore {
  /** By writer, of those that are known. */
  abstract cursors(writers: readonly string[]): Promise<ReadonlyMap<string, WriterCursor>>;

  /**
   * Adds what was counted between two places of a record, if nobody did so before.
   *
   * @returns whether it was added; if not, the writer stands elsewhere by now
   */
  abstract add(writer: string, from: Counted, to: Counted, rolled: RolledUp): Promise<boolean>;

  /** Notes that all that the writer recorded before a time is counted, if it stands there. */
  abstract reached(writer: string, at: Counted, until: number, hasEnded: boolean): Promise<void>;

  /** Until when all records of all writers are counted; `undefined` where nothing was counted yet. */
  abstract completeUntil(): Promise<number | undefined>;

  /**
   * A user's uses as counts, the latest day first.
   *
   * @param before the place that they come after
   */
  abstract countsOf(user: number, before: Place, limit: number): Promise<readonly KeptCount[]>;

  /**
   * The sets of a bucket, the latest day first.
   *
   * @param fromDay the earliest day
   * @param before the one that they come after
   */
  abstract setsOf(
    bucket: number,
    fromDay: number,
    before: { readonly day: number; readonly id: string },
    limit: number,
  ): Promise<readonly KeptSet[]>;

  /** The contents of these terms, by their names. */
  abstract contentsOf(terms: readonly string[]): Promise<ReadonlyMap<string, string>>;

  /**
   * Deletes what was used before a day.
   *
   * @param atMost how many rows of each kind
   * @returns how many rows were deleted
   */
  abstract forgetBefore(day: number, atMost: number): Promise<number>;

  /** Empties the ledger, so that it is counted anew. */
  abstract empty(): Promise<void>;
}
