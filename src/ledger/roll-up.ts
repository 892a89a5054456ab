/** Counts uses in a part of a record: by day, user and terms, and without the user. */
import type {
  RecordEntry,
  RecordedDecision,
  RecordedDischarge,
  RecordedSet,
  RecordedUsers,
} from '../record/record-entry.js';
import { isCasePurpose } from '../access/case-permissions.js';
import { DAY_MS } from '../time.js';
import { isReason } from '../decision/reasons.js';
import { Members, bucketOf } from './members.js';
import { type Given, termTexts } from './term.js';
import type { RolledUp, TermTexts, UseAccess, UseCount, UseDischarge, UseSet } from './uses.store.js';

/** The UTC day of a time, in days since the epoch. */
export function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

/** Of the place of a decision among those of an answer, of which there are a thousand at most. */
const PART_BYTES = 2;

/** A set with fewer members than this in a bucket is counted user by user. */
const LEAST_MEMBERS = 2;

type Counts = Pick<UseCount, 'day' | 'user' | 'term'> & { count: number; first: number; last: number };
/** What one time, term and bucket has. Who is in several parts of a question is in as many layers. */
type Bucket = Omit<UseSet, 'members'> & { readonly layers: Members[] };

/** The parts of an entry that are counted one by one: its decisions, or all of it. */
export function partsOf(entry: RecordEntry): number {
  return entry.kind === 'users' ? 1 : entry.decisions.length;
}

export class RollUp {
  private readonly terms = new Map<
    string,
    { readonly texts: TermTexts; readonly place: number; day: number }
  >();
  /** By term, day and user. */
  private readonly counts = new Map<string, Counts>();
  private readonly totals = new Map<
    string,
    { day: number; term: number; count: number; strangers: number }
  >();
  /** By term, time and bucket. */
  private readonly buckets = new Map<string, Bucket>();
  private readonly accesses: UseAccess[] = [];
  private readonly discharges: UseDischarge[] = [];
  private highest = 0;

  /** @param firstDay what is older is not counted: it was kept long enough */
  constructor(private readonly firstDay: number) {}

  /** How many rows there are, more or less. */
  get size(): number {
    const rare = this.accesses.length + this.discharges.length;
    return this.counts.size + this.buckets.size + this.totals.size + rare;
  }

  /** @param part from 0, see {@link partsOf} */
  add(entry: RecordEntry, part: number): void {
    // a discharge is as old as the use that it is of
    const day = dayOf(entry.kind === 'discharge' ? entry.decidedAt : entry.at);
    if (day < this.firstDay) return;
    if (entry.kind === 'users') return this.addUsers(entry);
    const decision = entry.decisions[part];
    if (decision === undefined) return;
    if (entry.kind === 'discharge') this.addDischarge(entry, decision, day, part);
    else this.addDecision(entry, decision);
  }

  /** What was counted; to be called once. */
  result(): RolledUp {
    const sets: UseSet[] = [];
    for (const { layers, ...one } of this.buckets.values())
      for (const members of layers)
        if (members.size >= LEAST_MEMBERS) sets.push({ ...one, members: members.toBytes() });
        else for (const user of members.users()) this.count(one.term, one.at, user);
    this.buckets.clear();
    return {
      highest: this.highest,
      terms: [...this.terms.values()].map(({ texts, day }) => ({ ...texts, day })),
      counts: [...this.counts.values()],
      sets,
      totals: [...this.totals.values()],
      accesses: this.accesses,
      discharges: this.discharges,
    };
  }

  private addDecision(entry: RecordEntry, decision: RecordedDecision): void {
    const { field, person } = decision;
    const term = this.term(entry, { ...decision, fields: [field], way: 'decision' });
    const isKnown = typeof person === 'number';
    this.total(term, entry.at, 1, person === undefined || isKnown ? 0 : 1);
    if (isKnown) this.count(term, entry.at, person);
    this.addAccess(entry, decision);
  }

  private addDischarge(
    entry: RecordEntry & RecordedDischarge,
    decision: RecordedDecision,
    day: number,
    part: number,
  ): void {
    const { person, field } = decision;
    const term = this.term(entry, { ...decision, fields: [field], way: 'decision' }, day);
    const use = Buffer.alloc(entry.answer.length + PART_BYTES);
    use.set(entry.answer);
    use.writeUInt16BE(part, entry.answer.length);
    const user = typeof person === 'number' ? person : 0;
    this.highest = Math.max(this.highest, user);
    this.discharges.push({ day, term, user, obligation: JSON.stringify(entry.obligation), use });
  }

  private addAccess(entry: RecordEntry, { purpose, field, reason }: RecordedDecision): void {
    // who names a case for another purpose reads nothing under it
    if (entry.case === undefined || !isCasePurpose(purpose)) return;
    const { at, client, item = null, reader = null } = entry;
    const named = JSON.stringify(entry.case);
    this.accesses.push({ day: dayOf(at), case: named, at, client, purpose, field, item, reader, reason });
  }

  private addUsers(entry: RecordEntry & RecordedUsers): void {
    const { purpose, fields, way, sets, refused, at } = entry;
    for (const { permits, obligations, users, strangers } of sets) {
      const given = { purpose, fields: permits, reason: 'permitted', obligations, way } as const;
      const term = this.term(entry, given);
      this.total(term, at, users.length + strangers.length, strangers.length);
      this.addSet(term, at, users);
      // a set ascends
      this.highest = Math.max(this.highest, users.at(-1) ?? 0);
    }
    // whom it was refused of is not on record
    for (const [reason, count] of Object.entries(refused))
      if (isReason(reason))
        this.total(this.term(entry, { purpose, fields, reason, obligations: [], way }), at, count, 0);
  }

  private addSet(term: number, at: number, users: RecordedSet['users']): void {
    let bucket: Bucket | undefined;
    for (const user of users) {
      const wanted = bucketOf(user);
      if (bucket?.bucket !== wanted) bucket = this.bucket(term, at, wanted);
      const { layers } = bucket;
      if (layers.some((layer) => layer.add(user))) continue;
      const layer = new Members(wanted);
      layer.add(user);
      layers.push(layer);
    }
  }

  private bucket(term: number, at: number, bucket: number): Bucket {
    const key = `${term} ${at} ${bucket}`;
    const there = this.buckets.get(key);
    if (there !== undefined) return there;
    const made = { day: dayOf(at), bucket, term, at, layers: [] };
    this.buckets.set(key, made);
    return made;
  }

  private term(entry: RecordEntry, given: Given, day = dayOf(entry.at)): number {
    const texts = termTexts(entry, given);
    const there = this.terms.get(texts.content);
    if (there !== undefined) {
      there.day = Math.max(there.day, day);
      return there.place;
    }
    const place = this.terms.size;
    this.terms.set(texts.content, { texts, place, day });
    return place;
  }

  private count(term: number, at: number, user: number): void {
    this.highest = Math.max(this.highest, user);
    const day = dayOf(at);
    const key = `${term} ${day} ${user}`;
    const there = this.counts.get(key);
    if (there === undefined) {
      this.counts.set(key, { day, user, term, count: 1, first: at, last: at });
      return;
    }
    there.count++;
    there.first = Math.min(there.first, at);
    there.last = Math.max(there.last, at);
  }

  private total(term: number, at: number, count: number, strangers: number): void {
    const day = dayOf(at);
    const key = `${term} ${day}`;
    const there = this.totals.get(key);
    if (there === undefined) {
      this.totals.set(key, { day, term, count, strangers });
      return;
    }
    there.count += count;
    there.strangers += strangers;
  }
}
