/**
 * The terms of the leases of a fleet: how long a process may decide on what it has applied without a new proof that nothing
 * was confirmed behind its back (Gray and Cheriton, "Leases: an efficient fault-tolerant mechanism for distributed file
 * cache consistency", 1989). All times in milliseconds.
 */
export type Terms = {
  /** How long a lease holds, counted from the sending of its renewal. */
  readonly lease: number;
  /** By how much two clocks may run apart, as a part of the time that passed. */
  readonly drift: number;
  /** What a lease is shorter for its holder, and longer for those who wait for its end: for how finely clocks are read. */
  readonly margin: number;
  /** How often a lease is renewed. */
  readonly renewEvery: number;
  /** How often the log is looked at when nothing wakes the process. */
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

/** How long the holder of a lease relies on it. */
export const reliedOn = ({ lease, drift, margin }: Terms): number => lease * (1 - drift) - margin;

/** For how long a change may be unconfirmed: who has not applied it by then was evicted, and is out. */
export const unconfirmedFor = (terms: Terms): number => terms.patience + terms.pollEvery + outlived(terms);

/** After how long everybody else can rely on its end. */
export const outlived = ({ lease, drift, margin }: Terms): number => lease * (1 + drift) + margin;
