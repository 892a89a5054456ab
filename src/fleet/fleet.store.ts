/** A place of the log: after a revision, and after so many publications of policies. */
export type Place = { readonly revision: number; readonly publication: number };

/**
 * A place that a process has come to, and in which history: after a standby was promoted that lacked something, another
 * entry may have the same number.
 */
export type Reached = Place & {
  /** The last link of the chain of entries; empty before the first. */
  readonly entry: Buffer;
  /** The last link of the chain of publications; empty before the first. */
  readonly published: Buffer;
};

/** Where every history begins. */
export const BEGINNING: Reached = {
  revision: 0,
  publication: 0,
  entry: Buffer.alloc(0),
  published: Buffer.alloc(0),
};

/** Before every place. */
export const NOWHERE: Place = { revision: -1, publication: -1 };

/** Whether whoever has applied one place has applied the other. */
export function reaches(one: Place, other: Place): boolean {
  return one.revision >= other.revision && one.publication >= other.publication;
}

/** A process of the fleet, as the others see it. */
export type Member = {
  /** Counted up with each joining, and never given twice. */
  readonly epoch: number;
  /** How long its lease holds once it was renewed, in milliseconds. */
  readonly lease: number;
  /** What it says it has applied; nowhere, when that is of another history than the log. */
  readonly applied: Place;
  readonly isEvicted: boolean;
};

/** The log has gone on from the place that a block was made for: nothing was written. */
export class Overtaken extends Error {
  constructor() {
    super('the consent log has gone on meanwhile');
    this.name = 'Overtaken';
  }
}

/** What a process may hear from others. None of it is to be relied on: it may be lost, late or come twice. */
export type News =
  /** Somebody has written to the log, up to this revision or something else. */
  | { readonly kind: 'written'; readonly revision: number }
  /** Somebody has applied the log up to this revision. */
  | { readonly kind: 'applied'; readonly by: string; readonly revision: number }
  /** What was written up to this revision is confirmed. */
  | { readonly kind: 'confirmed'; readonly revision: number }
  /** A policy version is about to be published. */
  | { readonly kind: 'announced'; readonly version: string }
  /** Somebody has made it ready. */
  | { readonly kind: 'prepared'; readonly version: string; readonly by: string };

/**
 * Who is in the fleet. Each write must be on the synchronous standby, if there is one, when its promise resolves: an old
 * primary that was cut off still answers reads, and must not renew a lease.
 */
export abstract class FleetStore {
  /**
   * Enters a process that has applied nothing yet.
   *
   * @param lease how long its lease holds, in milliseconds
   * @returns its epoch
   * @throws Error when those that are there hold leases of another length
   */
  abstract join(lease: number): Promise<number>;

  /** Proves that a process is in the fleet. @returns whether it is; false: it was evicted, or is not there */
  abstract renew(epoch: number): Promise<boolean>;

  /** Takes note of what a process has applied, unless it was evicted, and wakes whoever waits for that. */
  abstract acknowledge(epoch: number, applied: Reached): Promise<void>;

  /**
   * The other processes, evicted ones included, all as of one moment.
   *
   * @param reached where the one who asks has come to
   * @returns `undefined` when that is of another history than the log
   */
  abstract others(epoch: number, reached: Reached): Promise<readonly Member[] | undefined>;

  /**
   * How many processes have renewed their lease so lately that it holds, this one included, by the clock of the database: for
   * whom it is worth to wait, and no proof of anything.
   */
  abstract renewing(): Promise<number>;

  /** From then on its lease cannot be renewed. */
  abstract evict(epoch: number): Promise<void>;

  /** Takes out a process that no longer decides: itself, or one that was evicted so long ago that its lease has ended. */
  abstract remove(epoch: number): Promise<void>;

  /**
   * Waits for the turn to write, but not for long: it orders those who write at once and proves nothing. Then does the work,
   * and gives the turn to the next.
   *
   * @param work may give it on before it is done
   */
  abstract inTurn<T>(work: (giveOn: () => void) => Promise<T>): Promise<T>;

  /** Names this process in what it tells. */
  abstract readonly name: string;

  /** Tells the others. It may fail, or reach nobody. */
  abstract tell(news: News): Promise<void>;

  /** Calls back with what others tell, and when a connection on which it was heard has begun anew. @returns ends that */
  abstract onNews(listener: (news: News | undefined) => void): () => void;
}
