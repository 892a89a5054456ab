/**
 * The consent state: the record of every user, in memory, made by following the log in revision order.
 *
 * A user is a key in an index and the number of a class of equal records. What a record means for a policy is resolved
 * once per class, when a record or the policy changes, so that a decision only looks it up.
 */
import { type ConsentEvent, EMPTY_RECORD, type UserRecord, applyChange } from './consent-event.js';
import { type HashKey, KeyIndex } from './key-index.js';
import { RecordClasses } from './record-classes.js';
import type { DecisionTable } from './table.js';

export * from './consent-event.js';

/** Classes resolved in one slice of {@link Resolution.fill}: about a millisecond. */
const SLICE = 2_048;
const BLOCK_BITS = 12;
const BLOCK_MASK = (1 << BLOCK_BITS) - 1;

/** What every user's record means for one policy version: line 6 of the meaning, resolved. */
export class Resolution {
  /** Per block of classes, per class, per purpose: the byte of a reason. In blocks, so that growth copies nothing. */
  private readonly blocks: Uint8Array[] = [];
  private readonly width: number;

  constructor(
    readonly table: DecisionTable,
    private readonly users: KeyIndex,
    private readonly classes: RecordClasses,
  ) {
    this.width = table.purposeCount;
    // class 0: users whom the log does not know
    this.resolve(0, EMPTY_RECORD);
  }

  /** Resolves the classes there are, a slice at a time; complete when the generator ends. */
  *fill(): Generator<void, void> {
    for (let id = 1; id < this.classes.end; id++) {
      if (this.classes.isUsed(id)) this.resolve(id, this.classes.recordOf(id));
      if (id % SLICE === 0) yield;
    }
  }

  /** The class of a user's record; 0 for a user whom the log does not know. */
  classOf(user: string): number {
    return this.users.get(user);
  }

  /** What line 6 answers for the users of a class and a purpose, as the byte of a reason. */
  of(classId: number, purpose: number): number {
    const block = this.blocks[classId >>> BLOCK_BITS];
    const answer = block?.[(classId & BLOCK_MASK) * this.width + purpose];
    return answer ?? this.table.ofUnavailable(purpose);
  }

  /** Takes in a class that is new, or whose number is used again. */
  resolve(classId: number, record: UserRecord): void {
    const block = (this.blocks[classId >>> BLOCK_BITS] ??= new Uint8Array(this.width << BLOCK_BITS));
    this.table.resolve(record, block, (classId & BLOCK_MASK) * this.width);
  }

  /** Bytes that the resolution holds. */
  get bytes(): number {
    return this.blocks.reduce((sum, block) => sum + block.byteLength, 0);
  }
}

export class ConsentState {
  private readonly users: KeyIndex;
  private readonly classes: RecordClasses;
  private readonly resolutions = new Set<Resolution>();
  private applied = 0;

  /** @param key secret for the hash of user ids, fresh for each process */
  constructor(key: HashKey) {
    this.users = new KeyIndex(key);
    this.classes = new RecordClasses(key);
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

  /** The record of a user; of one the log does not know, the empty one. */
  recordOf(user: string): UserRecord {
    const classId = this.users.get(user);
    return classId === 0 ? EMPTY_RECORD : this.classes.recordOf(classId);
  }

  /** Ids of users by lasting place, from `start` on, at most `count` places; `undefined` where a user was removed. */
  usersFrom(start: number, count: number): readonly (string | undefined)[] {
    return this.users.textsFrom(start, count);
  }

  /**
   * A resolution of the state for a policy version, which from now on takes in every change. It answers for all users
   * once its `fill` has run to the end.
   */
  attach(table: DecisionTable): Resolution {
    const resolution = new Resolution(table, this.users, this.classes);
    this.resolutions.add(resolution);
    return resolution;
  }

  /** Lets a resolution go: it takes in no more changes. */
  detach(resolution: Resolution): void {
    this.resolutions.delete(resolution);
  }

  /**
   * Takes in the next event of the log.
   *
   * @throws Error when the event is not the next one: a gap would be a lost change
   */
  apply(event: ConsentEvent): void {
    if (event.revision !== this.applied + 1)
      throw new Error(`the consent log continues at ${event.revision} after ${this.applied}: it has a gap`);
    const before = this.users.get(event.user);
    const record = applyChange(before === 0 ? EMPTY_RECORD : this.classes.recordOf(before), event.change);
    const { id, fresh } = this.classes.join(record);
    if (fresh) for (const resolution of this.resolutions) resolution.resolve(id, record);
    this.users.set(event.user, id);
    if (before !== 0) this.classes.leave(before);
    this.applied = event.revision;
  }
}
