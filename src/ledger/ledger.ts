/** Who used what, as it is told. */
import type { AdminCaller, Caller } from '../access/caller.js';
import { isCasePurpose } from '../access/case-permissions.js';
import { readerRoleOf } from '../access/permissions.js';
import type { Cases, Disclosure } from '../cases/cases.js';
import type { ConsentStore } from '../consent/log/consent.store.js';
import type { StateInForce } from '../consent/log/state-in-force.js';
import { DomainError } from '../errors.js';
import { useNotFound } from './places.js';
import type { Term } from './term.js';
import { type Total, allTotals, totalOf, totalsOf } from './totals.js';
import { LATEST, type UserUse, usesOf } from './user-uses.js';
import type {
  Histogram,
  KeptAccess,
  KeptLookup,
  Lookup,
  Place,
  TotalsWanted,
  UseBucket,
  UseOfPerson,
  UseStore,
} from './uses.store.js';

/** A part of a user's ledger. */
export type UsesPage = {
  /** Until when it is complete, in milliseconds since the Unix epoch; absent: nothing was counted yet. */
  readonly until: number | undefined;
  readonly uses: readonly ToldUse[];
};

/** A use that the user may be told of. */
export type ToldUse = {
  readonly use: UserUse;
  /** The case under which it was permitted; null: none. */
  readonly under: (Disclosure & { readonly case: string }) | null;
};

/**
 * What was asked for, or looked up. `case`: the one under which it was permitted; null: it was refused; absent: it was for a
 * purpose without cases.
 */
type Asked = { readonly last: number; readonly case?: string | null | undefined };

/** An admin who looks into what is held of a user, and why. */
export type LedgerReader = { readonly admin: AdminCaller; readonly reason: string };

/** Whose data was used on a day under the same terms. */
export type PeoplePage = {
  readonly until: number | undefined;
  readonly total: Total;
  readonly people: readonly UseOfPerson[];
};

export type TotalsPage = { readonly until: number | undefined; readonly totals: readonly Total[] };

/** How many look-ups are told with a page of uses; and read at once. */
const LOOKUPS = 50;
/** Uses that are held for each reader of a ledger. */
const AT_ONCE = 200;

export class Ledger {
  /**
   * @param isKept whether decisions are recorded at all
   * @param silence the longest time until a user is told of a case, in milliseconds
   * @param now milliseconds since the Unix epoch
   */
  constructor(
    private readonly store: UseStore,
    private readonly consent: Pick<StateInForce, 'numberOf'>,
    private readonly users: Pick<ConsentStore, 'usersNumbered' | 'readUser'>,
    private readonly cases: Pick<Cases, 'get' | 'disclosures'>,
    private readonly isKept: boolean,
    private readonly silence: number,
    private readonly now: () => number,
  ) {}

  /**
   * A user's uses, the latest day first. One whom the log does not know has none.
   *
   * @param before the place that they come after
   * @throws DomainError `nothing_recorded`
   */
  async of(user: string, before: Place, limit: number): Promise<UsesPage> {
    this.mustBeKept();
    const until = await this.completeUntil();
    const number = this.consent.numberOf(user);
    const uses: ToldUse[] = [];
    if (number !== undefined)
      for await (const told of this.toldUses(number, before)) {
        uses.push(...told);
        if (uses.length >= limit) break;
      }
    return { until, uses: uses.slice(0, limit) };
  }

  /** Until when all that was recorded is counted, in milliseconds since the Unix epoch; `undefined`: nothing was. */
  completeUntil(): Promise<number | undefined> {
    return this.isKept ? this.store.completeUntil() : Promise.resolve(undefined);
  }

  /** All of a user's uses that they may be told of, some hundreds at a time, the latest day first. */
  async *allOf(user: string): AsyncGenerator<readonly ToldUse[], void> {
    const number = this.consent.numberOf(user);
    if (number !== undefined && this.isKept) yield* this.toldUses(number, LATEST);
  }

  /**
   * Notes that an admin looks into what is held of a user, who is told. Of whom the log does not know nothing is held.
   *
   * @throws DomainError `consent_unavailable` when the log knows them, and this process does not yet
   */
  async noteLookup(user: string, reader: LedgerReader): Promise<void> {
    const number = this.consent.numberOf(user);
    if (number !== undefined) return this.note([number], reader);
    if ((await this.users.readUser(user, 0, 1)).length > 0)
      throw new DomainError(
        'consent_unavailable',
        'what the user said is not known here yet, so that you look into it cannot be noted: ask again shortly',
      );
  }

  /** Which admins looked into what is held of a user, as far as they may be told, some at a time, the latest first. */
  async *lookups(user: string): AsyncGenerator<readonly Lookup[], void> {
    const number = this.consent.numberOf(user);
    if (number === undefined) return;
    for (let before: KeptLookup | undefined; ;) {
      const lookups = await this.store.lookupsOf(number, before, LOOKUPS);
      const told = await this.toldOf(lookups, (one) => ({ ...one, last: one.at }));
      yield told.map(([lookup]) => lookup);
      before = lookups.at(-1);
      if (before === undefined || lookups.length < LOOKUPS) return;
    }
  }

  /** The latest of {@link lookups}. */
  async latestLookups(user: string): Promise<readonly Lookup[]> {
    const latest: Lookup[] = [];
    for await (const lookups of this.lookups(user)) {
      latest.push(...lookups);
      if (latest.length >= LOOKUPS) break;
    }
    return latest.slice(0, LOOKUPS);
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

  /**
   * How often data was used in each bucket, the latest first.
   *
   * @param before the first day of the bucket that they come after
   * @throws DomainError `nothing_recorded`
   */
  async histogram(
    wanted: TotalsWanted,
    shape: Histogram,
    before: number,
    limit: number,
  ): Promise<{ readonly until: number | undefined; readonly buckets: readonly UseBucket[] }> {
    this.mustBeKept();
    const until = await this.completeUntil();
    return { until, buckets: await this.store.histogram(wanted, shape, before, limit) };
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
   * Ids by number, for an admin. It is noted of each before any is told, and each is told of it, when they may be told of
   * the use. Who was erased has none.
   */
  async idsFor(
    reader: LedgerReader,
    { terms }: Total,
    people: readonly UseOfPerson[],
  ): Promise<ReadonlyMap<number, string>> {
    const ids = await this.users.usersNumbered(people.map(({ user }) => user));
    if (ids.size > 0) await this.note([...ids.keys()], reader, caseOf(terms));
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

  /** Uses that may be told, some at a time. It reads on past others: to show where they are would tell of them. */
  private async *toldUses(number: number, from: Place): AsyncGenerator<readonly ToldUse[], void> {
    for (let before = from; ;) {
      const uses = await usesOf(this.store, number, before, AT_ONCE);
      const told = await this.toldOf(uses, ({ terms, last }) => ({ case: caseOf(terms), last }));
      yield told.map(([use, under]) => ({ use, under }));
      const last = uses.at(-1);
      if (last === undefined || uses.length < AT_ONCE) return;
      before = last;
    }
  }

  /**
   * What users may be told of. A case may be about them, and they are not to be warned while it goes on: not by what was
   * read under it, and not by what was refused, for whatever it names, another case may have been meant.
   */
  private async toldOf<One>(
    all: readonly One[],
    askedOf: (one: One) => Asked,
  ): Promise<readonly (readonly [One, ToldUse['under']])[]> {
    const asked = all.map(askedOf);
    const disclosures = await this.cases.disclosures(asked.flatMap((one) => one.case ?? []));
    return all.flatMap((one, place): (readonly [One, ToldUse['under']])[] => {
      const { case: named, last = 0 } = asked[place] ?? {};
      if (named === undefined) return [[one, null]];
      const disclosure = named === null ? undefined : disclosures.get(named);
      if (named === null || disclosure === undefined)
        return this.now() >= last + this.silence ? [[one, null]] : [];
      return disclosure === null ? [] : [[one, { ...disclosure, case: named }]];
    });
  }

  private async note(
    users: readonly number[],
    { admin, reason }: LedgerReader,
    named?: string | null,
  ): Promise<void> {
    const role = readerRoleOf(admin);
    if (role === undefined) throw new Error('the route lets in an admin who may not read ledgers');
    const of = named === undefined ? {} : { case: named };
    await this.store.noteLookup(users, { at: this.now(), by: admin.id, role, reason, ...of });
  }

  private mustBeKept(): void {
    if (!this.isKept)
      throw new DomainError(
        'nothing_recorded',
        'decisions are not recorded here, so nobody knows who used what: unset RECORD and start the service again',
      );
  }
}

/** The case under which something was permitted; null: refused, for a purpose with cases; `undefined`: it has none. */
function caseOf({ purpose, case: named, reason }: Term): string | null | undefined {
  if (!isCasePurpose(purpose)) return undefined;
  return reason === 'permitted' ? named : null;
}
