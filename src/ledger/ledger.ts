/** Who used what, as it is told. */
import { isCasePurpose } from '../access/case-permissions.js';
import type { StateInForce } from '../consent/log/state-in-force.js';
import { DomainError } from '../errors.js';
import { type UserUse, usesOf } from './user-uses.js';
import type { Place, UseStore } from './uses.store.js';

/** A part of a user's ledger. */
export type UsesPage = {
  /** Until when it is complete, in milliseconds since the Unix epoch; absent: nothing was counted yet. */
  readonly until: number | undefined;
  readonly all: readonly UserUse[];
  readonly mayBeTold: (use: UserUse) => boolean;
};

export class Ledger {
  /** @param isKept whether decisions are recorded at all */
  constructor(
    private readonly store: UseStore,
    private readonly consent: Pick<StateInForce, 'numberOf'>,
    private readonly isKept: boolean,
  ) {}

  /**
   * A user's uses, the latest day first. One whom the log does not know has none.
   *
   * @param before the place that they come after
   * @throws DomainError `nothing_recorded`
   */
  async of(user: string, before: Place, limit: number): Promise<UsesPage> {
    if (!this.isKept) throw notKept();
    const until = await this.store.completeUntil();
    const number = this.consent.numberOf(user);
    const all = number === undefined ? [] : await usesOf(this.store, number, before, limit);
    return { until, all, mayBeTold };
  }
}

/** A case may be about the user who asks, and they are not to be warned. */
function mayBeTold({ terms }: UserUse): boolean {
  return terms.case === null || !isCasePurpose(terms.purpose);
}

function notKept(): DomainError {
  return new DomainError(
    'nothing_recorded',
    'decisions are not recorded here, so nobody knows who used what: unset RECORD and start the service again',
  );
}
