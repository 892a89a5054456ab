import { type Terms, outlived, reliedOn } from '../../fleet/terms.js';

/** The terms on which caches outside of the process keep answers. All times in milliseconds. */
export type CacheTerms = {
  /** How long a cache uses answers without a new acknowledgement, counted from when it sent the last one. */
  readonly reliedOn: number;
  /** When the process relies on the end of that, counted from when it read the last acknowledgement. */
  readonly outlived: number;
  /** How long a question for what is new waits when nothing is. */
  readonly hold: number;
};

/** Half a lease of a process: it cannot give away more than it has, and it renews its own after a quarter. */
export function cacheTermsOf(terms: Terms): CacheTerms {
  const own = { ...terms, lease: terms.lease / 2 };
  return { reliedOn: reliedOn(own), outlived: outlived(own), hold: own.lease / 3 };
}
