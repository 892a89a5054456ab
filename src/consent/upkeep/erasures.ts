import type { ChangedBy } from '../../decision/consent-event.js';
import type { ConsentLog } from '../log/consent-log.js';
import type { Erasure } from '../log/consent.store.js';
import type { ErasureList } from '../log/erased/erasure-list.js';
import type { ErasureMarkStore, ListedErasure } from '../log/erased/erasure-marks.store.js';
import { LIST } from './listed-erasures.js';
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
    /** Where erasures are listed outside the database; absent: nowhere. */
    private readonly listed?: {
      readonly list: Pick<ErasureList, 'enter'>;
      readonly marks: Pick<ErasureMarkStore, 'follow'>;
    },
  ) {}

  /**
   * @returns the record of the erasure, `undefined` when nobody has this id
   * @throws DomainError `not_confirmed`
   */
  erase(user: string, by: ChangedBy): Promise<Erasure | undefined> {
    if (this.listed === undefined) return this.without(() => this.log.erase(user, by, this.now()));
    return this.withEntry(this.listed, user, by);
  }

  /**
   * Erases a user whom the list of erasures has.
   *
   * @param isMeant asked when nothing more can be said before the erasure: whether it is to be done
   */
  eraseListed(user: string, isMeant: () => Promise<boolean>): Promise<Erasure | undefined> {
    return this.without(() => this.log.erase(user, LIST, this.now(), isMeant));
  }

  private async withEntry(
    { list, marks }: NonNullable<typeof this.listed>,
    user: string,
    by: ChangedBy,
  ): Promise<Erasure | undefined> {
    const entries: ListedErasure[] = [];
    const enter = async (at: number, within: number) => {
      const place = this.log.tokens.of(this.log.place.revision);
      entries.push(await list.enter(user, at, place, within));
      return true;
    };
    const erasure = await this.without(() => this.log.erase(user, by, this.now(), enter));
    // what is not noted costs the next start a look at all users, and nothing else
    if (erasure !== undefined) await marks.follow(entries).catch(() => undefined);
    return erasure;
  }

  private without(erase: () => Promise<Erasure | undefined>): Promise<Erasure | undefined> {
    return this.snapshots === undefined ? erase() : this.snapshots.without(erase);
  }
}
