import {
  BIT_BYTES,
  BUCKET_SIZE,
  type Counted,
  type Discharged,
  type Histogram,
  type KeptAccess,
  type KeptLookup,
  type KeptTotal,
  type KeptUse,
  type Lookup,
  MOST_PARTS,
  type Member,
  type Place,
  type RolledUp,
  type TermTexts,
  type TotalsWanted,
  type UseAccess,
  type UseBucket,
  type UseCount,
  type UseDischarge,
  type UseOfPerson,
  type UseSet,
  UseStore,
  type WriterCursor,
} from '../../src/ledger/uses.store.js';
import { memberOf } from '../../src/ledger/members.js';
import { DAY_MS } from '../../src/time.js';

type Count = Omit<UseCount, 'term'> & { readonly term: string };
type Discharge = Omit<UseDischarge, 'term'> & { readonly term: string };
type Set = Omit<UseSet, 'term'> & { readonly term: string };
type Total = {
  readonly day: number;
  readonly term: string;
  readonly count: number;
  readonly strangers: number;
};

const START: Counted = { sequence: 0, at: 0, nextBlock: 0, skip: 0 };

/** A ledger that ends with the process: for tests, and the measure of what an adapter must do. */
export class MemoryUseStore extends UseStore {
  /** The last number that the log has given. */
  given = Infinity;
  private readonly writers = new Map<string, WriterCursor>();
  private readonly terms = new Map<string, TermTexts>();
  private readonly lookups: (Lookup & { readonly user: number })[] = [];
  private counts = new Map<string, Count>();
  private sets: Set[] = [];
  private accesses: UseAccess[] = [];
  private discharges = new Map<string, Discharge>();
  private totalsByKey = new Map<string, Total>();

  async cursors(writers: readonly string[]): Promise<ReadonlyMap<string, WriterCursor>> {
    return new Map([...this.writers].filter(([writer]) => writers.includes(writer)));
  }

  async begin(writer: string, at: number): Promise<void> {
    if (!this.writers.has(writer)) this.writers.set(writer, { ...START, until: at, hasEnded: false });
  }

  async add(writer: string, from: Counted, to: Counted, rolled: RolledUp): Promise<boolean> {
    if (!this.standsAt(writer, from) || rolled.highest > this.given) return false;
    this.writers.set(writer, { until: 0, hasEnded: false, ...this.writers.get(writer), ...to });
    const names = rolled.terms.map((term) => this.nameOf(term));
    const named = (term: number) => names[term] ?? '';
    for (const { user, ...one } of rolled.counts) {
      const term = named(one.term);
      const key = `${one.day} ${user} ${term}`;
      const there = this.counts.get(key) ?? { ...one, count: 0 };
      const count = there.count + one.count;
      const first = Math.min(there.first, one.first);
      const last = Math.max(there.last, one.last);
      this.counts.set(key, { day: one.day, user, term, count, first, last });
    }
    for (const set of rolled.sets) this.sets.push({ ...set, term: named(set.term) });
    this.accesses.push(...rolled.accesses);
    for (const one of rolled.discharges) {
      const discharge = { ...one, term: named(one.term) };
      const { day, user, obligation, use } = one;
      this.discharges.set(
        JSON.stringify([day, discharge.term, user, obligation, use.toString('hex')]),
        discharge,
      );
    }
    for (const { day, term, count, strangers } of rolled.totals) {
      const key = `${day} ${named(term)}`;
      const there = this.totalsByKey.get(key) ?? { count: 0, strangers: 0 };
      const sum = { count: there.count + count, strangers: there.strangers + strangers };
      this.totalsByKey.set(key, { day, term: named(term), ...sum });
    }
    return true;
  }

  async reached(writer: string, at: Counted, until: number, hasEnded: boolean): Promise<void> {
    if (!this.standsAt(writer, at)) return;
    const before = this.writers.get(writer)?.until ?? 0;
    this.writers.set(writer, { ...at, until: hasEnded ? Math.max(before, until) : until, hasEnded });
  }

  async completeUntil(): Promise<number | undefined> {
    const all = [...this.writers.values()];
    const open = all.filter(({ hasEnded }) => !hasEnded).map(({ until }) => until);
    if (open.length > 0) return Math.min(...open);
    return all.length === 0 ? undefined : Math.max(...all.map(({ until }) => until));
  }

  async usesOf(member: Member, before: Place, limit: number): Promise<readonly KeptUse[]> {
    const uses = new Map<string, KeptUse>();
    const own = [
      ...[...this.counts.values()].filter((one) => one.user === member.user),
      ...this.sets
        .filter((set) => isIn(set, member))
        .map(({ day, term, at }) => ({ day, term, count: 1, first: at, last: at })),
    ];
    for (const { day, term, count, first, last } of own) {
      const there = uses.get(`${day} ${term}`);
      uses.set(`${day} ${term}`, {
        day,
        term,
        count: count + (there?.count ?? 0),
        first: Math.min(first, there?.first ?? first),
        last: Math.max(last, there?.last ?? last),
        content: this.terms.get(term)?.content ?? '',
        discharged: this.dischargedOf({ day, term }, member.user),
      });
    }
    return [...uses.values()]
      .filter((one) => isAfter(one, before))
      .toSorted((one, other) => (isAfter(one, other) ? 1 : -1))
      .slice(0, limit);
  }

  async totals(wanted: TotalsWanted, before: Place, limit: number): Promise<readonly KeptTotal[]> {
    return this.wantedTotals(wanted)
      .filter((one) => isAfter(one, before))
      .toSorted((one, other) => (isAfter(one, other) ? 1 : -1))
      .slice(0, limit)
      .map(({ texts, ...one }) => ({ ...one, content: texts.content, discharged: this.dischargedOf(one) }));
  }

  async histogram(
    wanted: TotalsWanted,
    { every, by }: Histogram,
    before: number,
    limit: number,
  ): Promise<readonly UseBucket[]> {
    const buckets = grouped(this.wantedTotals(wanted), ({ day }) => bucketOf(day, every));
    return [...buckets]
      .filter(([day]) => day < before)
      .toSorted(([one], [other]) => other - one)
      .slice(0, limit)
      .map(([day, totals]) => ({
        day,
        count: sumOf(totals),
        permitted: sumOf(totals.filter(({ texts }) => texts.reason === '"permitted"')),
        parts: [...grouped(totals, ({ texts }) => texts[by])]
          .map(([of, some]) => ({ of, count: sumOf(some) }))
          .toSorted((one, other) => other.count - one.count || (one.of < other.of ? -1 : 1))
          .slice(0, MOST_PARTS),
      }));
  }

  private wantedTotals(wanted: TotalsWanted) {
    const { client, purpose, reason, permitted, case: named, fields, fromDay, toDay } = wanted;
    const isIn = (value: string | null, texts: string | undefined) => texts === undefined || texts === value;
    return [...this.totalsByKey.values()]
      .filter(({ day }) => day >= fromDay && day <= toDay)
      .flatMap((one) => {
        const texts = this.terms.get(one.term);
        return texts === undefined ? [] : [{ ...one, texts }];
      })
      .filter(
        ({ texts }) =>
          isIn(texts.client, client) &&
          isIn(texts.purpose, purpose) &&
          isIn(texts.reason, reason) &&
          (permitted === undefined || (texts.reason === '"permitted"') === permitted) &&
          isIn(texts.case, named) &&
          (fields === undefined || fields.some((field) => texts.fields.includes(field))),
      );
  }

  async totalOf({ day, term }: Place): Promise<KeptTotal | undefined> {
    const total = this.totalsByKey.get(`${day} ${term}`);
    if (total === undefined) return undefined;
    const content = this.terms.get(term)?.content ?? '';
    return { ...total, content, discharged: this.dischargedOf(total) };
  }

  async people({ day, term }: Place, after: number, limit: number): Promise<readonly UseOfPerson[]> {
    const isOf = (one: Place) => one.day === day && one.term === term;
    const people = new Map<number, UseOfPerson>();
    const add = ({ user, count, first, last }: UseOfPerson) => {
      const there = people.get(user) ?? { count: 0, first, last };
      const sum = { count: there.count + count, first: Math.min(there.first, first) };
      people.set(user, { user, ...sum, last: Math.max(there.last, last) });
    };
    for (const one of this.counts.values()) if (isOf(one)) add(one);
    for (const set of this.sets.filter(isOf))
      for (let user = BUCKET_SIZE * set.bucket; user < BUCKET_SIZE * (set.bucket + 1); user++)
        if (isIn(set, memberOf(user))) add({ user, count: 1, first: set.at, last: set.at });
    return [...people.values()]
      .filter(({ user }) => user > after)
      .toSorted((one, other) => one.user - other.user)
      .slice(0, limit);
  }

  async accessesUnder(
    named: string,
    before: Pick<KeptAccess, 'at' | 'id'> | undefined,
    limit: number,
  ): Promise<readonly KeptAccess[]> {
    return this.accesses
      .flatMap(({ case: of, day: _day, ...access }, place) =>
        of === named ? [{ ...access, id: String(place + 1) }] : [],
      )
      .toSorted(latestFirst)
      .filter((one) => before === undefined || latestFirst(one, before) > 0)
      .slice(0, limit);
  }

  async noteLookup(users: readonly number[], lookup: Lookup): Promise<void> {
    for (const user of users) this.lookups.push({ user, ...lookup });
  }

  async lookupsOf(
    user: number,
    before: Pick<KeptLookup, 'at' | 'id'> | undefined,
    limit: number,
  ): Promise<readonly KeptLookup[]> {
    return this.lookups
      .flatMap(({ user: of, ...lookup }, place) =>
        of === user ? [{ ...lookup, id: String(place + 1) }] : [],
      )
      .toSorted(latestFirst)
      .filter((one) => before === undefined || latestFirst(one, before) > 0)
      .slice(0, limit);
  }

  async forgetBefore(day: number, _atMost: number, present: readonly string[]): Promise<number> {
    const before = this.counts.size + this.sets.length + this.totalsByKey.size + this.writers.size;
    this.counts = new Map([...this.counts].filter(([, one]) => one.day >= day));
    this.totalsByKey = new Map([...this.totalsByKey].filter(([, one]) => one.day >= day));
    this.sets = this.sets.filter((one) => one.day >= day);
    this.accesses = this.accesses.filter((one) => one.day >= day);
    this.discharges = new Map([...this.discharges].filter(([, one]) => one.day >= day));
    for (const [writer, { until }] of this.writers)
      if (until > 0 && until < (day - 2) * DAY_MS && !present.includes(writer)) this.writers.delete(writer);
    return before - (this.counts.size + this.sets.length + this.totalsByKey.size + this.writers.size);
  }

  async empty(): Promise<void> {
    for (const all of [this.terms, this.counts, this.totalsByKey, this.discharges]) all.clear();
    for (const [writer, { hasEnded }] of this.writers)
      if (hasEnded) this.writers.delete(writer);
      else this.writers.set(writer, { ...START, until: 0, hasEnded });
    this.sets = [];
    this.accesses = [];
  }

  private dischargedOf({ day, term }: Place, user?: number): readonly Discharged[] {
    const counts = new Map<string, number>();
    for (const one of this.discharges.values())
      if (one.day === day && one.term === term && (user === undefined || one.user === user))
        counts.set(one.obligation, (counts.get(one.obligation) ?? 0) + 1);
    return [...counts]
      .map(([obligation, count]) => ({ obligation, count }))
      .toSorted((one, other) => (one.obligation < other.obligation ? -1 : 1));
  }

  private standsAt(writer: string, { sequence, at, nextBlock, skip }: Counted): boolean {
    const there = this.writers.get(writer) ?? START;
    return (
      there.sequence === sequence && there.at === at && there.nextBlock === nextBlock && there.skip === skip
    );
  }

  private nameOf(term: TermTexts): string {
    for (const [name, { content }] of this.terms) if (content === term.content) return name;
    const name = String(this.terms.size + 1);
    this.terms.set(name, term);
    return name;
  }
}

function grouped<One, Key>(all: readonly One[], keyOf: (one: One) => Key): ReadonlyMap<Key, readonly One[]> {
  const groups = new Map<Key, One[]>();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

function bucketOf(day: number, every: Histogram['every']): number {
  const date = new Date(day * DAY_MS);
  if (every === 'week') return day - ((date.getUTCDay() + 6) % 7);
  return every === 'month' ? day - date.getUTCDate() + 1 : day;
}

function sumOf(counts: readonly { readonly count: number }[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}

type Moment = { readonly at: number; readonly id: string };

function latestFirst(one: Moment, other: Moment): number {
  return other.at - one.at || Number(other.id) - Number(one.id);
}

function isIn({ bucket, members }: Set, { bucket: wanted, place, pair }: Member): boolean {
  if (bucket !== wanted) return false;
  return members.length === BIT_BYTES
    ? ((members[place >>> 3] ?? 0) & (1 << (place & 7))) !== 0
    : members.includes(pair);
}

function isAfter(one: Place, before: Place): boolean {
  return one.day < before.day || (one.day === before.day && BigInt(one.term) < BigInt(before.term));
}
