/** A place of the log: after a revision, and after a number of publications. */
export type Place = { readonly revision: number; readonly publication: number };

/**
 * A place that a process has reached, and in which history: after the promotion of a standby that lacked entries,
 * another entry may have the same number.
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

/** Whether a process at the first place has applied the second. */
export function reaches(one: Place, other: Place): boolean {
  return one.revision >= other.revision && one.publication >= other.publication;
}

/** A process of the fleet, as the others see it. */
export type Member = {
  /** Another one with each join, in every copy of the database. */
  readonly epoch: number;
  /** How long its lease holds after a renewal, in milliseconds. */
  readonly lease: number;
  /** What it says it has applied; nowhere, when that is of another history than the log. */
  readonly applied: Place;
  /** Whether it was on the server that says so when it said what it has applied, and so has read nothing elsewhere since. */
  readonly isHere: boolean;
  /** Whether it says that it has applied more, which caches of its clients have not acknowledged yet: proves nothing. */
  readonly isHeld: boolean;
  readonly isEvicted: boolean;
};

/** The log has moved on from the place for which a block was made: nothing was written. */
export class Overtaken extends Error {
  constructor() {
    super('the consent log has gone on meanwhile');
    this.name = 'Overtaken';
  }
}

/** Notifications between processes. None may be relied on: they may be lost, late or duplicated. */
export type News =
  /** A process has written to the log, up to this revision, or something other than entries. */
  | { readonly kind: 'written'; readonly revision: number }
  /** A process has applied the log up to this revision. */
  | { readonly kind: 'applied'; readonly by: string; readonly revision: number }
  /** What a process wrote at these revisions is confirmed. */
  | { readonly kind: 'confirmed'; readonly first: number; readonly last: number }
  /** A policy version is about to be published. */
  | { readonly kind: 'announced'; readonly version: string }
  /** A process has compiled it. */
  | { readonly kind: 'prepared'; readonly version: string; readonly by: string };

/**
 * The members of the fleet. Each write must be on the synchronous standby, if there is one, when its promise resolves:
 * an old primary that was cut off still answers reads, and must not renew a lease.
 */
export abstract class FleetStore {
  /**
   * The server on which this process has proved that it is in the fleet, while it is. What is read on another one is
   * refused: a pool may still have connections to an old primary that was cut off.
   */
  server: string | undefined;

  /** The id of the newest key of the store that this process knows. It says so when it joins, and with each renewal. */
  newestKey: () => string = () => '';

  /** @throws Error when something was read on another server than that of this process */
  ensureOn(server: string): void {
    if (this.server !== undefined && this.server !== server)
      throw new Error('the database answered on another server than the one that was written to last');
  }

  /**
   * Enters a process that has applied nothing yet.
   *
   * @param lease how long its lease holds, in milliseconds
   * @returns its epoch, and the name of the server
   * @throws Error when the members hold leases of another length
   */
  abstract join(lease: number): Promise<{ readonly epoch: number; readonly server: string }>;

  /**
   * Proves that a process is in the fleet.
   *
   * @returns the name of the server; `undefined`: it was evicted, or is not there
   */
  abstract renew(epoch: number): Promise<string | undefined>;

  /**
   * Records what a process has applied, and on which server it is, unless it was evicted, and wakes those who wait for it.
   *
   * @param isHeld whether it has applied more, see {@link Member}
   */
  abstract acknowledge(epoch: number, applied: Reached, isHeld: boolean): Promise<void>;

  /**
   * The other processes, evicted ones included, all as of one moment.
   *
   * @param reached the place that the caller has reached
   * @returns `undefined` when that is of another history than the log
   * @throws Error when this was read on another server than that of this process
   */
  abstract others(epoch: number, reached: Reached): Promise<readonly Member[] | undefined>;

  /**
   * How many processes have renewed their lease so lately that it holds, this one included, by the clock of the
   * database: for whom it is worth to wait, and no proof of anything.
   */
  abstract renewing(): Promise<number>;

  /** From then on its lease cannot be renewed. */
  abstract evict(epoch: number): Promise<void>;

  /**
   * Removes a process that no longer decides: itself, or one that was evicted and whose lease has ended.
   *
   * @param on the server that says so; on another one nothing is removed. Absent: wherever it is
   */
  abstract remove(epoch: number, on?: string): Promise<void>;

  /**
   * Waits a short time for the turn to write, which only orders concurrent writers and proves nothing. Then does the
   * work, and passes the turn on.
   *
   * @param work may pass the turn on before it is done
   */
  abstract inTurn<T>(work: (giveOn: () => void) => Promise<T>): Promise<T>;

  /** The name of this process in its notifications. */
  abstract readonly name: string;

  /** Notifies the others. It may fail, or reach nobody. */
  abstract tell(news: News): Promise<void>;

  /**
   * Calls back with each notification, and with `undefined` when the connection for them was renewed.
   *
   * @returns a function that ends this
   */
  abstract onNews(listener: (news: News | undefined) => void): () => void;
}
