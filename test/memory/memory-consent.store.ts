import {
  GENESIS,
  PUBLICATIONS_GENESIS,
  type Link,
  type VerifiableLink,
  hashAfter,
  sha256,
} from '../../src/consent/log/chain.js';
import { type Era, Tokens, drawName } from '../../src/consent/log/consistency-token.js';
import type { UserSince } from '../../src/consent/log/erased/erasure-marks.store.js';
import {
  ERASED_KEPT_MS,
  type Appending,
  ConsentStore,
  type Deadline,
  type Erasure,
  type ImportMark,
  type LapseMark,
  type ListedImport,
  type NewDeadline,
  type LogEnd,
  type UserGroup,
  type UserPurpose,
  type VerifiableUser,
} from '../../src/consent/log/consent.store.js';
import {
  type ChoiceEvent,
  type LevelEvent,
  deadlineOf,
  isChoice,
  isLeftBySignal,
  isLevel,
  isSuperseded,
  topicOf,
} from '../../src/consent/log/settlement/event-rules.js';
import {
  type ChangedBy,
  type ConsentEvent,
  type LogEntry,
  type NewConsentEvent,
  isKept,
} from '../../src/decision/consent-event.js';
import { type FleetStore, Overtaken } from '../../src/fleet/fleet.store.js';
import {
  decodeContent,
  decodeErasure,
  encodeContent,
  encodeErasure,
  encodeForgetting,
} from '../../src/store/database/event-content.js';

/** The consent log in memory, gone with the process. For tests, and as the reference of what the port means. */
export class MemoryConsentStore extends ConsentStore {
  readonly fleet: FleetStore | undefined = undefined;
  private readonly eras: Era[] = [{ after: 0, name: drawName() }];
  readonly tokens: Tokens;
  private readonly log: LogEntry[] = [];
  private readonly chain: Link[] = [];
  private readonly subjects = new Map<string, number>();
  private readonly marks = new Map<string, ImportMark>();
  private readonly listed = new Map<string, ListedImport>();
  private readonly gone: Erasure[] = [];
  private readonly erased = new Map<string, number>();
  /** Revisions whose content was forgotten, and which record says so of which. */
  private readonly forgotten = new Set<number>();
  private readonly forgettings = new Map<number, readonly number[]>();
  /** By revision of the event that set it. */
  private readonly deadlines = new Map<number, number>();
  private lapses: LapseMark | undefined;
  private lastSubject = 0;

  /** @param name of the log */
  constructor(private readonly name = drawName()) {
    super();
    this.tokens = new Tokens(name, this.eras);
  }

  async append(
    events: readonly NewConsentEvent[],
    { after, mark, lookAt = deadlineOf, turns = () => false }: Appending = {},
  ): Promise<readonly ConsentEvent[]> {
    if (events.length === 0 && mark === undefined) {
      throw new RangeError('a block of consent events cannot be empty; append at least one');
    }
    if (after !== undefined && after !== this.log.length) throw new Overtaken();
    const first = this.log.length + 1;
    const appended: ConsentEvent[] = [];
    const contents = events.map(encodeContent);
    for (const [place, event] of events.entries()) {
      const content = contents[place] ?? Buffer.alloc(0);
      const revision = first + place;
      const { user, at } = event;
      const subject = this.subjectOf(user);
      // a copy that later changes to the caller's object do not reach
      this.log.push({ revision, subject, user, at, ...decodeContent(revision, user, content) });
      this.link(event.change.kind, subject, at, content);
      appended.push({ ...event, revision, subject });
      const due = lookAt(event);
      if (turns(event))
        for (const one of this.deadlines.keys()) {
          const set = this.log[one - 1];
          if (set !== undefined && isKept(set) && set.user === user) this.deadlines.set(one, 0);
        }
      if (due !== undefined) this.deadlines.set(revision, due);
    }
    if (mark !== undefined) {
      const { id, line, summary, by = null, at = null } = structuredClone(mark);
      this.marks.set(id, { id, line, summary });
      const counts = Object.entries(summary).filter(([name]) => !/^\d+ /.test(name));
      const begunAt = this.listed.get(id)?.begunAt ?? at;
      this.listed.set(id, { id, line, summary: Object.fromEntries(counts), by, begunAt, changedAt: at });
    }
    return appended;
  }

  async read(after: number, limit: number): Promise<LogEntry[]> {
    return this.log.slice(after, after + limit);
  }

  entries(after: number, limit: number): Promise<LogEntry[]> {
    return this.read(after, limit);
  }

  async erasedLately(): Promise<ReadonlyMap<string, number>> {
    return new Map(this.erased);
  }

  /** No entry says here who was erased. */
  async knowsErased(after: number): Promise<boolean> {
    return (await this.erasures(after, 1)).length === 0;
  }

  /** Publications are not kept here. */
  readonly lastPublication = undefined;

  get lastLink(): Buffer {
    return this.chain.at(-1)?.hash ?? Buffer.alloc(0);
  }

  async readUser(user: string, after: number, limit: number): Promise<ConsentEvent[]> {
    return this.eventsOf(user)
      .filter(({ revision }) => revision > after)
      .slice(0, limit);
  }

  async readUserBack(user: string, until: number, limit: number): Promise<ConsentEvent[]> {
    return this.eventsOf(user)
      .filter(({ revision }) => revision <= until)
      .toReversed()
      .slice(0, limit);
  }

  async lastChoices(wanted: readonly UserPurpose[]): Promise<ChoiceEvent[]> {
    const lasts = wanted.map(({ user, purpose }) =>
      this.eventsOf(user)
        .filter(isChoice)
        .findLast(({ change }) => change.purpose === purpose),
    );
    return [...new Set(lasts)].filter((last) => last !== undefined);
  }

  async lastLevels(wanted: readonly UserGroup[]): Promise<LevelEvent[]> {
    const lasts = wanted.map(({ user, group }) =>
      this.eventsOf(user)
        .filter(isLevel)
        .findLast(({ change }) => change.group === group),
    );
    return [...new Set(lasts)].filter((last) => last !== undefined);
  }

  async hasForgotten(user: string, until: number): Promise<boolean> {
    const subject = this.subjects.get(user);
    return this.chain.some(
      (link) => link.subject === subject && link.revision <= until && !this.isKeptAt(link.revision),
    );
  }

  async head(): Promise<number> {
    return this.log.length;
  }

  async links(after: number, limit: number): Promise<VerifiableLink[]> {
    return this.chain.slice(after, after + limit).map((link) => {
      const forgets = this.forgettings.get(link.revision);
      return {
        ...link,
        isKept: !this.forgotten.has(link.revision),
        ...(forgets === undefined ? {} : { forgets }),
      };
    });
  }

  async end(): Promise<LogEnd> {
    const revision = this.chain.length;
    const hash = this.chain.at(-1)?.hash ?? GENESIS;
    // it knows of no publications
    const publications = PUBLICATIONS_GENESIS;
    return { revision, hash, publications, subject: this.lastSubject, last: revision, isSound: true };
  }

  async verifiableUsers(after: number, limit: number): Promise<VerifiableUser[]> {
    return [...this.subjects.values()]
      .filter((subject) => subject > after)
      .toSorted((one, other) => one - other)
      .slice(0, limit)
      .map((subject) => ({ subject, isSound: true }));
  }

  /** Users with a number above `after`, and the first entry about each. */
  usersSince(after: number, limit: number): UserSince[] {
    return [...this.subjects]
      .filter(([, number]) => number > after)
      .toSorted(([, one], [, other]) => one - other)
      .slice(0, limit)
      .map(([user, number]) => ({
        number,
        user,
        first: this.chain.find(({ subject }) => subject === number) ?? { revision: 0, at: -Infinity },
      }));
  }

  async passOver(number: number): Promise<void> {
    this.lastSubject = Math.max(this.lastSubject, number);
  }

  /** The same log, which goes another way from here on. */
  copy(): MemoryConsentStore {
    const copy = new MemoryConsentStore(this.name);
    copy.eras.splice(0, Infinity, ...this.eras, { after: this.log.length, name: drawName() });
    copy.log.push(...this.log);
    copy.chain.push(...this.chain);
    copy.gone.push(...this.gone);
    for (const [user, number] of this.subjects) copy.subjects.set(user, number);
    for (const [user, at] of this.erased) copy.erased.set(user, at);
    copy.lastSubject = this.lastSubject;
    return copy;
  }

  async usersNumbered(numbers: readonly number[]): Promise<ReadonlyMap<number, string>> {
    return new Map(
      [...this.subjects].flatMap(([user, number]) => (numbers.includes(number) ? [[number, user]] : [])),
    );
  }

  async knows(user: string): Promise<boolean> {
    return this.subjects.has(user);
  }

  async erase(user: string, by: ChangedBy, at: number): Promise<Erasure | undefined> {
    const subject = this.subjects.get(user);
    if (subject === undefined) return undefined;
    this.subjects.delete(user);
    for (const { revision } of this.eventsOf(user)) {
      this.forgetAt(revision);
      this.deadlines.delete(revision);
    }
    const revision = this.log.length + 1;
    const content = encodeErasure(by);
    this.log.push({ revision, at, forgotten: true });
    this.link('erasure', subject, at, content);
    const erasure = { revision, at, by: decodeErasure(revision, content) };
    this.gone.push(erasure);
    this.erased.set(user, at);
    return erasure;
  }

  async erasures(after: number, limit: number): Promise<Erasure[]> {
    return this.gone.filter(({ revision }) => revision > after).slice(0, limit);
  }

  async due(by: number, limit: number, sure = by): Promise<Deadline[]> {
    return this.allDeadlines()
      .filter(({ due, event }) => due <= by && (due <= sure || event.change.kind !== 'profile'))
      .slice(0, limit);
  }

  async deadlinesOf(users: readonly string[]): Promise<Deadline[]> {
    return this.allDeadlines().filter(({ event }) => users.includes(event.user));
  }

  private allDeadlines(): Deadline[] {
    const inOrder = [...this.deadlines].toSorted(
      ([one, oneDue], [other, otherDue]) => oneDue - otherDue || one - other,
    );
    return inOrder.flatMap(([revision, due]) => {
      const event = this.log[revision - 1];
      if (event === undefined || !isKept(event)) return [];
      const later = this.eventsOf(event.user).filter(
        (one) =>
          one.revision > revision && topicOf(one.change) === topicOf(event.change) && !isLeftBySignal(one),
      );
      return [{ event, due, later: later.slice(-1) }];
    });
  }

  async nextDue(after = -Infinity): Promise<number | undefined> {
    return [...this.deadlines.values()].filter((due) => due > after).toSorted((one, other) => one - other)[0];
  }

  async setDeadlines(deadlines: readonly NewDeadline[], after: number): Promise<void> {
    if (after !== this.log.length) throw new Overtaken();
    for (const { revision, due } of deadlines)
      if (this.isKeptAt(revision))
        this.deadlines.set(revision, Math.min(due, this.deadlines.get(revision) ?? Infinity));
  }

  async putOffDeadlines(
    deadlines: readonly NewDeadline[],
    removed: readonly number[],
    after: number,
  ): Promise<void> {
    if (after !== this.log.length) throw new Overtaken();
    for (const { revision, due } of deadlines) if (this.isKeptAt(revision)) this.deadlines.set(revision, due);
    await this.dropDeadlines(removed);
  }

  async lapseMark(): Promise<LapseMark | undefined> {
    return this.lapses;
  }

  async markLapses(mark: LapseMark): Promise<void> {
    this.lapses = mark;
  }

  async dropDeadlines(revisions: readonly number[]): Promise<void> {
    for (const revision of revisions) this.deadlines.delete(revision);
  }

  async importMark(id: string): Promise<ImportMark | undefined> {
    return this.marks.get(id);
  }

  async imports(
    limit: number,
    after?: { readonly at: number; readonly id: string },
  ): Promise<readonly ListedImport[]> {
    const isOlder = (one: ListedImport, other: { readonly at: number; readonly id: string }) =>
      (one.changedAt ?? 0) < other.at || ((one.changedAt ?? 0) === other.at && one.id < other.id);
    return [...this.listed.values()]
      .filter((one) => after === undefined || isOlder(one, after))
      .toSorted((one, other) => (isOlder(one, { at: other.changedAt ?? 0, id: other.id }) ? 1 : -1))
      .slice(0, limit);
  }

  async hasImports(): Promise<boolean> {
    return this.marks.size > 0;
  }

  async forget(
    before: Readonly<Record<'profile' | 'choice' | 'signal', number>>,
    after: number,
    limit: number,
    at: number,
  ): Promise<{ readonly reached: number; readonly forgotten: number } | undefined> {
    const page = this.log
      .filter(({ revision }) => revision > after && !this.forgettings.has(revision))
      .slice(0, limit);
    const reached = page.at(-1)?.revision;
    if (reached === undefined) {
      for (const [user, time] of this.erased) if (time < at - ERASED_KEPT_MS) this.erased.delete(user);
      return undefined;
    }
    const forgotten = page.filter(isKept).filter((event) => {
      const later = this.eventsOf(event.user).filter(({ revision }) => revision > event.revision);
      const { kind } = event.change;
      return event.at < before[kind === 'visibility' ? 'choice' : kind] && isSuperseded(event, later);
    });
    for (const { revision } of forgotten) {
      this.forgetAt(revision);
      this.deadlines.delete(revision);
    }
    if (forgotten.length === 0) return { reached, forgotten: 0 };
    const revisions = forgotten.map(({ revision }) => revision);
    for (const revision of revisions) this.forgotten.add(revision);
    const revision = this.log.length + 1;
    this.log.push({ revision, at, forgotten: true });
    this.link('retention', 0, at, encodeForgetting(revisions));
    this.forgettings.set(revision, revisions);
    return { reached, forgotten: revisions.length };
  }

  private eventsOf(user: string): ConsentEvent[] {
    return this.log.filter(isKept).filter((event) => event.user === user);
  }

  private forgetAt(revision: number): void {
    const entry = this.log[revision - 1];
    if (entry !== undefined) this.log[revision - 1] = { revision, at: entry.at, forgotten: true };
  }

  private isKeptAt(revision: number): boolean {
    const entry = this.log[revision - 1];
    return entry !== undefined && isKept(entry);
  }

  private subjectOf(user: string): number {
    const known = this.subjects.get(user);
    if (known !== undefined) return known;
    this.subjects.set(user, ++this.lastSubject);
    return this.lastSubject;
  }

  private link(kind: string, subject: number, at: number, content: Buffer): void {
    const link = { revision: this.chain.length + 1, subject, at, kind, digest: sha256(content) };
    this.chain.push({ ...link, hash: hashAfter(this.chain.at(-1)?.hash ?? GENESIS, link) });
  }
}
