import type { Reason } from '../decision/reasons.js';
import type { Position } from '../record/segment/record-tail.js';

/** How many numbers a bucket of users has. */
export const BUCKET_SIZE = 8_192;
/** Bytes of a set of users of a bucket that has a bit for each number. */
export const BIT_BYTES = BUCKET_SIZE / 8;

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
  /** The highest number of a user in it; 0: none. */
  readonly highest: number;
  readonly terms: readonly (TermTexts & { readonly day: number })[];
  readonly counts: readonly UseCount[];
  readonly sets: readonly UseSet[];
  readonly totals: readonly UseTotal[];
  readonly accesses: readonly UseAccess[];
  readonly discharges: readonly UseDischarge[];
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
  /** A bit for each number of the bucket, 1,024 bytes; or two bytes for each member, see {@link Member}. */
  readonly members: Buffer;
};

export type UseTotal = {
  readonly day: number;
  readonly term: number;
  readonly count: number;
  /** Of these, of people whom the log does not know. */
  readonly strangers: number;
};

/** That a service said of one use that it did what it was obliged to. What is said twice counts once. */
export type UseDischarge = {
  /** Of the use. */
  readonly day: number;
  readonly term: number;
  /** Number of the user; 0: somebody whom the log does not know. */
  readonly user: number;
  /** As JSON text. */
  readonly obligation: string;
  /** Names the use among all. */
  readonly use: Buffer;
};

/** An obligation, as JSON text, and of how many uses the service said that it did it. */
export type Discharged = { readonly obligation: string; readonly count: number };

/** What was asked for under a case, and what was answered. */
export type AccessSaid = {
  readonly client: string;
  readonly purpose: string;
  readonly field: string;
  readonly item: string | null;
  /** Who was to read, as their token proves. */
  readonly reader: string | null;
  readonly reason: Reason;
};

export type UseAccess = AccessSaid & {
  readonly day: number;
  /** As JSON text. */
  readonly case: string;
  readonly at: number;
};

/** A {@link UseAccess} as it is kept. */
export type KeptAccess = AccessSaid & { readonly id: string; readonly at: number };

/** Where in a user's ledger something is: the latest day first. */
export type Place = { readonly day: number; readonly term: string };

/** A user, and how they are found in sets. */
export type Member = {
  /** Their number. */
  readonly user: number;
  readonly bucket: number;
  /** Which bit they have in a set of bits. */
  readonly place: number;
  /** Their two bytes in a list. */
  readonly pair: Buffer;
};

/** What was counted of a user on a day under some terms, in sets or not, and the content of the terms. */
export type KeptUse = Place & {
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly content: string;
  /** By obligation, in no particular order. */
  readonly discharged: readonly Discharged[];
};

/** A {@link UseTotal} as it is kept, with the content of its term. */
export type KeptTotal = Place & {
  readonly count: number;
  readonly strangers: number;
  readonly content: string;
  readonly discharged: readonly Discharged[];
};

/** What totals are narrowed to; texts as in {@link TermTexts}. */
export type TotalsWanted = {
  readonly client?: string | undefined;
  readonly purpose?: string | undefined;
  readonly reason?: string | undefined;
  /** Permits alone, or refusals alone. */
  readonly permitted?: boolean | undefined;
  readonly case?: string | undefined;
  /** Those with any of these fields, each as a text. */
  readonly fields?: readonly string[] | undefined;
  readonly fromDay: number;
  readonly toDay: number;
};

/** How long a bucket of a histogram is: a day, a week from Monday, a month; in UTC. */
export const BUCKETS = ['day', 'week', 'month'] as const;
/** What a bucket is divided by. */
export const DIVISIONS = ['reason', 'client', 'purpose'] as const;
/** How many parts of a bucket are told one by one. */
export const MOST_PARTS = 100;

export type Histogram = {
  readonly every: (typeof BUCKETS)[number];
  readonly by: (typeof DIVISIONS)[number];
};

/** How often data was used in one bucket, of whomever. */
export type UseBucket = {
  /** The first day that it can have. */
  readonly day: number;
  readonly count: number;
  readonly permitted: number;
  /** The {@link MOST_PARTS} largest, the largest first; each is a text as in {@link TermTexts}. */
  readonly parts: readonly { readonly of: string; readonly count: number }[];
};

/** How often the data of one person was used on a day under some terms. */
export type UseOfPerson = Pick<UseCount, 'user' | 'count' | 'first' | 'last'>;

/** That an admin looked into what is held of a user, or was told that a use was of them. */
export type Lookup = {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly by: string;
  readonly role: string;
  readonly reason: string;
  /** Of a use for a purpose with cases: the case under which it was permitted, or null. */
  readonly case?: string | null;
};

/** A {@link Lookup} as it is kept. */
export type KeptLookup = Lookup & { readonly id: string };

/** The ledger of uses, for all processes. */
export abstract class UseStore {
  /** By writer, of those that are known. */
  abstract cursors(writers: readonly string[]): Promise<ReadonlyMap<string, WriterCursor>>;

  /**
   * Notes that a writer begins, before it records anything: the ledger is complete no further until it is counted. One that
   * is known stays as it is.
   *
   * @param at milliseconds since the Unix epoch
   */
  abstract begin(writer: string, at: number): Promise<void>;

  /**
   * Adds what was counted between two places of a record, if nobody did so before, and the log has given all the numbers in
   * it: a log that was put back to an older copy would give them to others, and their uses with them.
   *
   * @returns whether it was added
   */
  abstract add(writer: string, from: Counted, to: Counted, rolled: RolledUp): Promise<boolean>;

  /** Notes that all that the writer recorded before a time is counted, if it stands there. */
  abstract reached(writer: string, at: Counted, until: number, hasEnded: boolean): Promise<void>;

  /** Until when all records of all writers are counted; `undefined` where nothing was counted yet. */
  abstract completeUntil(): Promise<number | undefined>;

  /** A user's uses, the latest day first. @param before the place that they come after */
  abstract usesOf(member: Member, before: Place, limit: number): Promise<readonly KeptUse[]>;

  /** Uses of all users together, the latest day first. @param before the place that they come after */
  abstract totals(wanted: TotalsWanted, before: Place, limit: number): Promise<readonly KeptTotal[]>;

  /**
   * How often data of all users was used, the latest bucket first; without those that have nothing.
   *
   * @param before the first day of the bucket that they come after
   */
  abstract histogram(
    wanted: TotalsWanted,
    shape: Histogram,
    before: number,
    limit: number,
  ): Promise<readonly UseBucket[]>;

  /** Uses of a day under the same terms; `undefined`: there are none. */
  abstract totalOf(use: Place): Promise<KeptTotal | undefined>;

  /**
   * Whose uses these are, by ascending number.
   *
   * @param after the number that they come after
   */
  abstract people(use: Place, after: number, limit: number): Promise<readonly UseOfPerson[]>;

  /**
   * What was asked for under a case, the latest first.
   *
   * @param named the case, as JSON text
   * @param before the one that they come after
   */
  abstract accessesUnder(
    named: string,
    before: Pick<KeptAccess, 'at' | 'id'> | undefined,
    limit: number,
  ): Promise<readonly KeptAccess[]>;

  /** Resolves when it is noted of each. @param users their numbers */
  abstract noteLookup(users: readonly number[], lookup: Lookup): Promise<void>;

  /**
   * Who looked into what is held of a user, the latest first.
   *
   * @param user their number
   * @param before the one that they come after
   */
  abstract lookupsOf(
    user: number,
    before: Pick<KeptLookup, 'at' | 'id'> | undefined,
    limit: number,
  ): Promise<readonly KeptLookup[]>;

  /**
   * Deletes what was used before a day.
   *
   * @param atMost how many rows of each kind
   * @param present writers whose places stay
   * @returns how many rows were deleted
   */
  abstract forgetBefore(day: number, atMost: number, present: readonly string[]): Promise<number>;

  /** Empties the ledger, so that it is counted anew. What admins looked up stays, and so does who is waited for. */
  abstract empty(): Promise<void>;
}
