/** Who used what, as it is told. */
import type { AdminCaller, Caller } from '../access/caller.js';
import { isCasePurpose } from '../access/case-permissions.js';
import { readerRoleOf } from '../access/permissions.js';
import type { Cases, Disclosure } from '../cases/cases.js';
import type { ConsentStore } from '../consent/log/consent.store.js';
import type { StateInForce } from '../consent/log/state-in-force.js';
import { DomainError } from '../errors.js';
import { useNotFound } from './places.js';
import { type Total, allTotals, totalOf, totalsOf } from './totals.js';
import { LATEST, type UserUse, usesOf } from './user-uses.js';
import type { KeptAccess, Lookup, Place, TotalsWanted, UseOfPerson, UseStore } from './uses.store.js';

/** A part of a user's ledger. */
export type UsesPage = {
  /** Until when it is complete, in milliseconds since the Unix epoch; absent: nothing was counted yet. */
  readonly until: number | undefined;
  readonly all: readonly UserUse[];
  /** Those of them that the user may be told of, each with what they are told of its case. */
  readonly told: ReadonlyMap<UserUse, Told>;
};

/** What is told of the case of a use; null: it was under none. */
export type Told = Disclosure | null;

/** An admin who looks into a user's ledger, and why. */
export type LedgerReader = { readonly admin: AdminCaller; readonly reason: string };

/** Whose data was used on a day under the same terms. */
export type PeoplePage = {
  readonly until: number | undefined;
  readonly total: Total;
  readonly people: readonly UseOfPerson[];
};

export type TotalsPage = { readonly until: number | undefined; readonly totals: readonly Total[] };

/** How many look-ups a user is told of. */
const LOOKUPS = 50;
/** Uses that are held for each reader of a whole ledger. */
const AT_ONCE = 200;

export class Ledger {
  /**
   * @param isKept whether decisions are recorded at all
   * @param now milliseconds since the Unix epoch
   */
  constructor(
    private readonly store: UseStore,
    private readonly consent: Pick<StateInForce, 'numberOf'>,
    private readonly users: Pick<ConsentStore, 'usersNumbered'>,
    private readonly cases: Pick<Cases, 'get' | 'disclosures'>,
    private readonly isKept: boolean,
    private readonly now: () => number,
  ) {}

  /**
   * A user's uses, the latest day first. One whom the log does not know has none.
   *
   * @param before the place that they come after
   * @param reader an admin who looks into it, which is noted first, and told to the user
   * @throws DomainError `nothing_recorded`
   */
  async of(user: string, before: Place, limit: number, reader?: LedgerReader): Promise<UsesPage> {
    this.mustBeKept();
    const until = await this.completeUntil();
    const number = this.consent.numberOf(user);
    if (number !== undefined && reader !== undefined) await this.noteLookup([number], reader);
    const all = number === undefined ? [] : await usesOf(this.store, number, before, limit);
    return { until, all, told: await this.toldOf(all) };
  }

  /** Until when all that was recorded is counted, in milliseconds since the Unix epoch; `undefined`: nothing was. */
  completeUntil(): Promise<number | undefined> {
    return this.isKept ? this.store.completeUntil() : Promise.resolve(undefined);
  }

  /** All of a user's uses that they may be told, some hundreds at a time, the latest day first. */
  async *allOf(user: string): AsyncGenerator<ReadonlyMap<UserUse, Told>, void> {
    const number = this.consent.numberOf(user);
    if (number === undefined || !this.isKept) return;
    for (let before = LATEST; ;) {
      const uses = await usesOf(this.store, number, before, AT_ONCE);
      yield await this.toldOf(uses);
      const last = uses.at(-1);
      if (last === undefined || uses.length < AT_ONCE) return;
      before = last;
    }
  }

  /** Which admins looked into a user's ledger, the latest first. */
  async lookups(user: string): Promise<readonly Lookup[]> {
    const number = this.consent.numberOf(user);
    return number === undefined ? [] : this.store.lookupsOf(number, LOOKUPS);
  }

  /**
   * Uses of all users together, the latest day first.
   *
   * @param before the place that they come after
   * @throws DomainError `nothing_recorded`
   */
  async totals(wanted: TotalsWanted, before: Place, limit: number): Promise<TotalsPage> {
    this.mustBeKept();
    const until = await this.completeUntil();
    return { until, totals: await totalsOf(this.store, wanted, before, limit) };
  }

  /** All of them. @throws DomainError `nothing_recorded` */
  allTotals(wanted: TotalsWanted): AsyncGenerator<Total, void> {
    this.mustBeKept();
    return allTotals(this.store, wanted);
  }

  /**
   * Whose data was used on a day under some terms, by ascending number.
   *
   * @param after the number that they come after
   * @throws DomainError `nothing_recorded`, `use_not_found`
   */
  async people(use: Place, after: number, limit: number): Promise<PeoplePage> {
    this.mustBeKept();
    const until = await this.completeUntil();
    const total = await totalOf(this.store, use);
    if (total === undefined) throw useNotFound();
    return { until, total, people: await this.store.people(use, after, limit) };
  }

  /**
   * Ids by number, for an admin. It is noted of each before any is told, and each is told of it. Who was erased has none.
   */
  async idsFor(reader: LedgerReader, people: readonly UseOfPerson[]): Promise<ReadonlyMap<number, string>> {
    const ids = await this.users.usersNumbered(people.map(({ user }) => user));
    if (ids.size > 0) await this.noteLookup([...ids.keys()], reader);
    return ids;
  }

  /**
   * What was asked for under a case, the latest first.
   *
   * @param before the one that they come after
   * @throws DomainError `nothing_recorded`, `case_not_found`, `caller_not_allowed`
   */
  async accessesUnder(
    caller: Caller,
    id: string,
    before: Pick<KeptAccess, 'at' | 'id'> | undefined,
    limit: number,
  ): Promise<{ readonly until: number | undefined; readonly accesses: readonly KeptAccess[] }> {
    await this.cases.get(caller, id);
    this.mustBeKept();
    const until = await this.completeUntil();
    return { until, accesses: await this.store.accessesUnder(JSON.stringify(id), before, limit) };
  }

  /** A case may be about the user who asks: they are not to be warned while it goes on. */
  private async toldOf(uses: readonly UserUse[]): Promise<ReadonlyMap<UserUse, Told>> {
    const caseOf = ({ terms }: UserUse) => (isCasePurpose(terms.purpose) ? terms.case : null);
    const disclosures = await this.cases.disclosures(uses.flatMap((use) => caseOf(use) ?? []));
    const told = new Map<UserUse, Told>();
    for (const use of uses) {
      const named = caseOf(use);
      const disclosure = named === null ? null : disclosures.get(named);
      // a case that does not exist has nothing to hide
      if (named === null || disclosure !== null) told.set(use, disclosure ?? null);
    }
    return told;
  }

  private async noteLookup(users: readonly number[], { admin, reason }: LedgerReader): Promise<void> {
    const role = readerRoleOf(admin);
    if (role === undefined) throw new Error('the route lets in an admin who may not read ledgers');
    await this.store.noteLookup(users, { at: this.now(), by: admin.id, role, reason });
  }

  private mustBeKept(): void {
    if (!this.isKept)
      throw new DomainError(
        'nothing_recorded',
        'decisions are not recorded here, so nobody knows who used what: unset RECORD and start the service again',
      );
  }
}
