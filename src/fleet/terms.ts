/**
 * The terms of the leases of a fleet: how long a process may decide on what it has applied without a new proof that
 * nothing newer was confirmed (Gray and Cheriton, "Leases: an efficient fault-tolerant mechanism for distributed file
 * cache consistency", 1989). All times in milliseconds.
 */
export type Terms = {
  /** How long a lease holds, counted from when its renewal was sent. */
  readonly lease: number;
  /** How much two clocks may drift apart, as a share of elapsed time. */
  readonly drift: number;
  /**
   * Safety margin for the resolution of clocks: a lease is this much shorter for its holder, and longer for those who
   * wait for its end.
   */
  readonly margin: number;
  /** How often a lease is renewed. */
  readonly renewEvery: number;
  /** How often the log is read when no notification arrives. */
  readonly pollEvery: number;
  /** How long a confirmation waits for a process before it evicts it. */
  readonly patience: number;
};

/** @param lease how long a lease holds, in milliseconds */
export function termsOf(lease: number): Terms {
  return {
    lease,
    drift: 0.01,
    margin: 20,
    renewEvery: Math.min(lease / 4, 1_000),
    pollEvery: Math.min(lease / 8, 250),
    patience: lease / 8,
  };
}

/** The terms on which caches of clients keep answers of a process. All times in milliseconds. */
export type CacheTerms = {
  /** How long a cache uses answers without a new acknowledgement, counted from when it sent the last one. */
  readonly reliedOn: number;
  /** When the process relies on the end of that, counted from when it read the last acknowledgement. */
  readonly outlived: number;
  /** How long a cache that asks what is new waits when nothing is. */
  readonly hold: number;
};

/** Half a lease of a process, which can give away no more than it has. */
export function cacheTermsOf(terms: Terms): CacheTerms {
  const own = { ...terms, lease: terms.lease / 2 };
  return { reliedOn: reliedOn(own), outlived: outlived(own), hold: own.lease / 3 };
}

/** How long the holder of a lease relies on it. */
export const reliedOn = ({ lease, drift, margin }: Terms): number => lease * (1 - drift) - margin;

/** Time limit of the answer to a change, at least. */
const ANSWER_MS = 5_000;
/** Time allowed for the database when a change also waits for the lease of a process that is gone. */
const ANSWER_OF_DATABASE_MS = 2_000;

/** How long a confirmation waits for a process whose caches have not acknowledged it, before it evicts it. */
export const longestPatience = (terms: Terms): number => terms.patience + cacheTermsOf(terms).outlived;

/** A change that is not confirmed by then is answered as such; whoever has not applied it was evicted before. */
export const answeredWithin = (terms: Terms): number =>
  Math.max(ANSWER_MS, ANSWER_OF_DATABASE_MS + longestPatience(terms) + terms.pollEvery + outlived(terms));

/** After this long, all others can rely on its end. */
export const outlived = ({ lease, drift, margin }: Terms): number => lease * (1 + drift) + margin;
