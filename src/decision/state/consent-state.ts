/**
 * The consent state: the record of every user, in memory, made by following the log in revision order.
 *
 * A user is a key in an index and the number of a class of equal records. What a record means for a policy is resolved
 * once per class, when a record or the policy changes, so that a decision only looks it up.
 */
import { type ConsentEvent, EMPTY_RECORD, type LogEntry, type UserRecord, isKept } from '../consent-event.js';
import { type Source, bytesOf, readNumber, readWord, split } from './dump-format.js';
import type { KeyBatch } from './key-batch.js';
import { type HashKey, type Key, KeyIndex, MOST_BYTES } from './key-index.js';
import { RecordClasses } from './record-classes.js';
import type { Steps } from '../steps.js';
import type { DecisionTable } from '../table/table.js';

/** Answers resolved in one step of {@link Resolution.fill}: well below a millisecond. */
const SLICE = 1 << 12;
const BLOCK_BITS = 12;
const BLOCK_MASK = (1 << BLOCK_BITS) - 1;

/** What every user's record means for one policy version: line 6 of the meaning, resolved. */
export class Resolution {
  /** Per block of classes, per class: see `DecisionTable.width`. In blocks, so that growth copies nothing. */
  private readonly blocks: Uint8Array[] = [];
  private readonly width: number;
  /** Per number of a purpose or region in the records: its place in the table; −1: the policy has no such purpose. */
  private readonly purposes: number[] = [];
  /** Per such number, the place of the visibility group whose number it is; −1: none of the policy. */
  private readonly groups: number[] = [];
  private readonly regimes: number[] = [];
  /** Per purpose, the state of the choice in the current record. */
  private readonly standings: Uint8Array;
  /** Per purpose, 1 where a grant of the current record prevails over the signal. */
  private readonly prevails: Uint8Array;

  constructor(
    readonly table: DecisionTable,
    private readonly users: KeyIndex,
    private readonly classes: RecordClasses,
  ) {
    this.width = table.width;
    this.standings = new Uint8Array(table.purposeCount);
    this.prevails = new Uint8Array(table.purposeCount);
    // class 0: users whom the log does not know
    table.resolveUnregistered(this.blockOf(0), 0);
  }

  /** Resolves the classes there are, a slice at a time; complete when the generator ends. */
  *fill(): Steps<void> {
    const slice = Math.ceil(SLICE / this.width);
    for (let id = 1; id < this.classes.end; id++) {
      if (this.classes.isUsed(id)) this.resolve(id);
      if (id % slice === 0) yield;
    }
  }

  /** The class of a user's record; 0 for a user whom the log does not know. */
  classOf(user: Key): number {
    return this.users.get(user);
  }

  /** Makes the values of a batch of users their classes, as {@link classOf} gives each, and its numbers theirs. */
  classesOf(users: KeyBatch): void {
    this.users.getMany(users);
  }

  /** What the record of the users of a class is resolved to, at a place, see `DecisionTable.width`. */
  of(classId: number, place: number): number {
    const block = this.blocks[classId >>> BLOCK_BITS];
    const answer = block?.[(classId & BLOCK_MASK) * this.width + place];
    return answer ?? this.table.ofUnavailable(place);
  }

  /** Place in the table of the regime that the users of a class live under; the last one: their region is unknown. */
  regimeOfClass(classId: number): number {
    return this.regimeOf(this.classes.open(classId).region);
  }

  /** Place in `AGE_BANDS` of the age band of the users of a class; `undefined`: they are not registered. */
  ageBandOfClass(classId: number): number | undefined {
    const { registered, ageBand } = this.classes.open(classId);
    return registered ? ageBand : undefined;
  }

  /** Resolves a class that is new, or whose number is reused. */
  resolve(classId: number): void {
    const { table, standings, prevails } = this;
    const block = this.blockOf(classId);
    const at = (classId & BLOCK_MASK) * this.width;
    const record = this.classes.open(classId);
    if (!record.registered) {
      table.resolveUnregistered(block, at);
      return;
    }
    const gpc = record.has('gpc');
    let someGrantPrevails = false;
    let someLevelIsSet = false;
    for (let index = 0; index < record.choices; index++) {
      const purpose = this.purposeOf(record.purposeAt(index));
      if (purpose < 0) {
        someLevelIsSet ||= this.groupOf(record.purposeAt(index)) >= 0;
        continue;
      }
      const denied = record.isDeniedAt(index);
      standings[purpose] = table.standingOf(purpose, denied, record.noticeAt(index));
      if (gpc && !denied && record.hasSignalAt(index)) {
        prevails[purpose] = 1;
        someGrantPrevails = true;
      }
    }
    const regime = this.regimeOf(record.region);
    table.resolve(
      regime,
      record.ageBand,
      gpc,
      standings,
      block,
      at,
      someGrantPrevails ? prevails : undefined,
    );
    table.resolveLevels(regime, record.ageBand, block, at);
    const levels = someLevelIsSet ? record.choices : 0;
    for (let index = 0; index < levels; index++) {
      const group = this.groupOf(record.purposeAt(index));
      if (group >= 0) table.setLevel(group, this.classes.levelAt(record.levelAt(index)), block, at);
    }
    standings.fill(0);
    if (someGrantPrevails) prevails.fill(0);
  }

  /** Bytes that the resolution holds. */
  get bytes(): number {
    return this.blocks.reduce((sum, block) => sum + block.byteLength, 0);
  }

  private blockOf(classId: number): Uint8Array {
    return (this.blocks[classId >>> BLOCK_BITS] ??= new Uint8Array(this.width << BLOCK_BITS));
  }

  private purposeOf(number: number): number {
    while (this.purposes.length <= number)
      this.purposes.push(this.table.purposeIndex(this.classes.purposeAt(this.purposes.length)) ?? -1);
    return this.purposes[number] ?? -1;
  }

  private groupOf(number: number): number {
    while (this.groups.length <= number) {
      const group = this.classes.groupAt(this.groups.length);
      this.groups.push((group === undefined ? undefined : this.table.groupIndex(group)) ?? -1);
    }
    return this.groups[number] ?? -1;
  }

  private regimeOf(number: number): number {
    while (this.regimes.length <= number)
      this.regimes.push(this.table.regimeIndex(this.classes.regionAt(this.regimes.length)));
    return this.regimes[number] ?? this.table.regimeIndex(null);
  }
}

/** The parts of a state. */
type Parts = { readonly users: KeyIndex; readonly classes: RecordClasses; readonly revision: number };

/** Bytes of one piece of a dump: about a millisecond to copy, hash and write. */
const PIECE = 1 << 19;

export class ConsentState {
  private readonly users: KeyIndex;
  private readonly classes: RecordClasses;
  private readonly resolutions = new Set<Resolution>();
  private applied: number;
  private dumping = false;

  /**
   * @param key secret for the hash of user ids, fresh for each state that is not restored
   * @param room most bytes of all ids, and of all records
   */
  constructor(
    private readonly key: HashKey,
    room = MOST_BYTES,
    parts?: Parts,
  ) {
    this.users = parts?.users ?? new KeyIndex(key, 'lasting', 0, room);
    this.classes = parts?.classes ?? new RecordClasses(key, 0, room);
    this.applied = parts?.revision ?? 0;
  }

  /**
   * The state that was dumped. It is at the revision at which the dump began, and must follow the log from there at
   * least to the revision at which the dump ended. Changes in between may be in it already; applying them again is
   * harmless, because a change sets a value, whatever it was before.
   *
   * @throws Error when the bytes are not of a dump; not all damage is detected, so the caller must know that they are
   *   intact
   */
  static restore(source: Source): ConsentState {
    const key = [readWord(source), readWord(source)] as const;
    const revision = readNumber(source);
    const users = KeyIndex.restore(key, source);
    const classes = RecordClasses.restore(key, source, users);
    return new ConsentState(key, MOST_BYTES, { users, classes, revision });
  }

  /**
   * The state in pieces, for `restore`. Events may be applied between two pieces, so that nothing waits for a dump.
   *
   * A piece is valid until the next one is requested.
   *
   * INVARIANT: every change sets a value (a choice, a profile, a signal, a level) and none counts, see `restore`.
   *
   * @param size bytes of a piece, more or less
   * @returns the revision up to which the pieces may hold changes
   * @throws Error when another dump is under way, or a user is removed meanwhile
   */
  *dump(size = PIECE): Generator<Uint8Array, number> {
    if (this.dumping) throw new Error('the consent state is being dumped; wait for that to end');
    this.dumping = true;
    // users first, then their classes: a class that a dumped user is in keeps its record until both are dumped
    this.classes.hold();
    try {
      yield bytesOf(Uint32Array.of(...this.key, ...split(this.applied)));
      yield* this.users.dump(size);
      yield* this.classes.dump(size);
      return this.applied;
    } finally {
      this.classes.release();
      this.dumping = false;
    }
  }

  /** The last revision that the state holds. */
  get revision(): number {
    return this.applied;
  }

  /** How many users the log knows. */
  get size(): number {
    return this.users.size;
  }

  /** Bytes that the state holds, without the resolutions. */
  get bytes(): number {
    return this.users.bytes + this.classes.bytes;
  }

  /** The share of its room that the state has filled, by ids or by records: whichever is fuller. */
  get filled(): number {
    return Math.max(this.users.filled, this.classes.filled);
  }

  /** Classes of equal records are numbered from 1 below this. */
  get classesEnd(): number {
    return this.classes.end;
  }

  /** How many users share the record of a class; 0 for a number that is not in use. */
  usersIn(classId: number): number {
    return this.classes.usersIn(classId);
  }

  /**
   * Calls back with the class of every user of a part, and the user's address, for `userAt`. The order is arbitrary,
   * but the same each time as long as nobody is new.
   *
   * @param part from 0 below `PARTS`
   */
  forEachIn(part: number, take: (classId: number, address: number) => void): void {
    this.users.forEachIn(part, take);
  }

  /** The id of the user at an address; `undefined` when the user was removed. */
  userAt(address: number): string | undefined {
    return this.users.textAt(address);
  }

  /** Whether the log knows the user. */
  knows(user: string): boolean {
    return this.users.get(user) !== 0;
  }

  /**
   * The number by which the log knows the user; `undefined` when it does not. It costs nothing right after the class of
   * the same user was looked up.
   */
  numberOf(user: Key): number | undefined {
    const number = this.users.numberOf(user);
    return number === 0 ? undefined : number;
  }

  /** Makes the numbers of a batch of users those by which the log knows them; 0: it does not. */
  numbersOf(users: KeyBatch): void {
    this.users.getMany(users);
  }

  /** The record of a user; of one the log does not know, the empty one. */
  recordOf(user: string): UserRecord {
    const classId = this.users.get(user);
    return classId === 0 ? EMPTY_RECORD : this.classes.recordOf(classId);
  }

  /** Ids of users by permanent place, from `start` on, at most `count` places; `undefined` where a user was removed. */
  usersFrom(start: number, count: number): readonly (string | undefined)[] {
    return this.users.textsFrom(start, count);
  }

  /**
   * Adds users to a batch until it is full, by permanent place from `start` on.
   *
   * @returns the place to go on from; `undefined`: there are no more
   */
  takeUsers(start: number, batch: KeyBatch): number | undefined {
    return this.users.keysFrom(start, batch);
  }

  /**
   * A resolution of the state for a policy version, which follows every change from now on. It answers for all users
   * once its `fill` has completed.
   */
  attach(table: DecisionTable): Resolution {
    const resolution = new Resolution(table, this.users, this.classes);
    this.resolutions.add(resolution);
    return resolution;
  }

  /** Releases a resolution: it follows no more changes. */
  detach(resolution: Resolution): void {
    this.resolutions.delete(resolution);
  }

  /**
   * Applies the next entry of the log.
   *
   * @throws Error when it is not the next one: a gap would be a lost change; or when it is about a known user under another
   *   number; RangeError when there is no room for it. Then nothing has changed
   */
  apply(entry: LogEntry): void {
    if (entry.revision !== this.applied + 1)
      throw new Error(`the consent log continues at ${entry.revision} after ${this.applied}: it has a gap`);
    if (isKept(entry)) this.change(entry);
    this.applied = entry.revision;
  }

  /** Forgets a user: from now on they are unknown. */
  forget(user: string): void {
    const classId = this.users.delete(user);
    if (classId !== 0) this.classes.leave(classId);
  }

  private change({ user, subject, change }: ConsentEvent): void {
    const before = this.users.get(user);
    // to begin a new record would lose what they have said
    if (before !== 0 && this.users.numberOf(user) !== subject)
      throw new Error(
        'the consent log has one user under two numbers, and no erasure between them; restore it from a backup',
      );
    const { id, fresh } = this.classes.move(before, change);
    if (fresh) for (const resolution of this.resolutions) resolution.resolve(id);
    if (id === before) return;
    try {
      this.users.set(user, id, subject);
    } catch (error) {
      this.classes.leave(id);
      throw error;
    }
  }
}
