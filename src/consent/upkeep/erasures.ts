import type { ChangedBy } from '../../decision/consent-event.js';
import type { ConsentLog } from '../log/consent-log.js';
import type { Erasure } from '../log/consent.store.js';
import type { SnapshotKeeper } from './snapshots/snapshot.js';

/**
 * Erases users (GDPR article 17): destroys the key that everything about them is sealed with, removes them from the
 * state, and deletes snapshots that hold them.
 */
export class Erasures {
  constructor(
    private readonly log: ConsentLog,
    /** Absent when no snapshots are kept. */
    private readonly snapshots: Pick<SnapshotKeeper, 'without'> | undefined,
    /** Milliseconds since the Unix epoch. */
    private readonly now: () => number,
  ) {}

  /**
   * @returns the record of the erasure, `undefined` when nobody has this id
   * @throws DomainError `not_confirmed`
   */
  erase(user: string, by: ChangedBy): Promise<Erasure | undefined> {
    const erase = () => this.log.erase(user, by, this.now());
    return this.snapshots === undefined ? erase() : this.snapshots.without(erase);
  }
}
