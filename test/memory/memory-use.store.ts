import {
  type Counted,
  type KeptCount,
  type KeptSet,
  type Place,
  type RolledUp,
  UseStore,
  type WriterCursor,
} from '../../src/ledger/uses.store.js';
import { DAY_MS } from '../../src/time.js';

type Count = KeptCount & { readonly user: number };
type Set = KeptSet & { readonly bucket: number };
type Total = {
  readonly day: number;
  readonly term: string;
  readonly count: number;
  readonly strangers: number;
};

/** A ledger that ends with the process: for tests, and the measure of what an adapter must do. */
export class MemoryUseStore extends UseStore {
  private readonly writers = new Map<string, WriterCursor>();
  private readonly terms = new Map<string, { readonly content: string; readonly day: number }>();
  private counts = new Map<string, Count>();
  private sets: Set[] = [];
  totals = new Map<string, Total>();
  private lastId = 0;

  async cursors(writers: readonly string[]): Promise<ReadonlyMap<string, WriterCursor>> {
    return new Map([...this.writers].filter(([writer]) => writers.includes(writer)));
  }

  async add(writer: string, from: Counted, to: Counted, rolled: RolledUp): Promise<boolean> {
    if (!this.standsAt(writer, from)) return false;
    this.writers.set(writer, { until: 0, hasEnded: false, ...this.writers.get(writer), ...to });
    const names = rolled.terms.map(({ content, day }) => this.nameOf(content, day));
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
    for (const set of rolled.sets)
      this.sets.push({ ...set, term: named(set.term), id: String(++this.lastId) });
    for (const { day, term, count, strangers } of rolled.totals) {
      const key = `${day} ${named(term)}`;
      const there = this.totals.get(key) ?? { count: 0, strangers: 0 };
      const sum = { count: there.count + count, strangers: there.strangers + strangers };
      this.totals.set(key, { day, term: named(term), ...sum });
    }
    return true;
  }

  async reached(writer: string, at: Counted, until: number, hasEnded: boolean): Promise<void> {
    if (this.standsAt(writer, at)) this.writers.set(writer, { ...at, until, hasEnded });
  }

  async completeUntil(): Promise<number | undefined> {
    const all = [...this.writers.values()];
    const open = all.filter(({ hasEnded }) => !hasEnded).map(({ until }) => until);
    if (open.length > 0) return Math.min(...open);
    return all.length === 0 ? undefined : Math.max(...all.map(({ until }) => until));
  }

  async countsOf(user: number, before: Place, limit: number): Promise<readonly KeptCount[]> {
    const own = [...this.counts.values()].filter((one) => one.user === user && isAfter(one, before));
    return own.toSorted((one, other) => (isAfter(one, other) ? 1 : -1)).slice(0, limit);
  }

  async setsOf(
    bucket: number,
    fromDay: number,
    before: { readonly day: number; readonly id: string },
    limit: number,
  ): Promise<readonly KeptSet[]> {
    const place = ({ day, id }: { readonly day: number; readonly id: string }) => ({ day, term: id });
    return this.sets
      .filter((one) => one.bucket === bucket && one.day >= fromDay && isAfter(place(one), place(before)))
      .toSorted((one, other) => (isAfter(place(one), place(other)) ? 1 : -1))
      .slice(0, limit);
  }

  async contentsOf(terms: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return new Map(terms.map((term) => [term, this.terms.get(term)?.content ?? '']));
  }

  async forgetBefore(day: number): Promise<number> {
    const before = this.counts.size + this.sets.length + this.totals.size + this.writers.size;
    this.counts = new Map([...this.counts].filter(([, one]) => one.day >= day));
    this.totals = new Map([...this.totals].filter(([, one]) => one.day >= day));
    this.sets = this.sets.filter((one) => one.day >= day);
    for (const [writer, { until }] of this.writers)
      if (until > 0 && until < (day - 2) * DAY_MS) this.writers.delete(writer);
    return before - (this.counts.size + this.sets.length + this.totals.size + this.writers.size);
  }

  async empty(): Promise<void> {
    for (const all of [this.writers, this.terms, this.counts, this.totals]) all.clear();
    this.sets = [];
  }

  private standsAt(writer: string, { sequence, at, nextBlock, skip }: Counted): boolean {
    const there = this.writers.get(writer) ?? { sequence: 0, at: 0, nextBlock: 0, skip: 0 };
    return (
      there.sequence === sequence && there.at === at && there.nextBlock === nextBlock && there.skip === skip
    );
  }

  private nameOf(content: string, day: number): string {
    for (const [name, one] of this.terms)
      if (one.content === content) {
        this.terms.set(name, { content, day: Math.max(day, one.day) });
        return name;
      }
    const name = String(this.terms.size + 1);
    this.terms.set(name, { content, day });
    return name;
  }
}

function isAfter(one: Place, before: Place): boolean {
  return one.day < before.day || (one.day === before.day && BigInt(one.term) < BigInt(before.term));
}
