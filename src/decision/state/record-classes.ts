/**
 * Users with equal records share one class: each distinct record is stored once. Most of ten million users have changed
 * nothing, and the rest differ in few ways.
 *
 * A record is packed: a byte of flags, three of the region's number, then four per choice (the purpose's number;
 * notice, signal and choice) and per level of a visibility group (the group's number; the level's), ascending by the
 * first number. Changes and resolutions work on the packed form.
 */
import {
  AGE_BANDS,
  CHOICES,
  type ChoiceChange,
  type ConsentChange,
  type RecordedChoice,
  SIGNALS,
  type Signal,
  type UserRecord,
} from '../consent-event.js';
import {
  type Source,
  bytesOf,
  damaged,
  entryPieces,
  readEntries,
  readWord,
  setWord,
  word,
} from './dump-format.js';
import { type HashKey, KeyIndex, MOST_BYTES, PARTS, type Place } from './key-index.js';
import { Names } from './numbered-names.js';
import { decode, encodeFrom } from './utf-8.js';
import { Words } from './word-list.js';

const HEAD_BYTES = 4;
const CHOICE_BYTES = 4;
/** Set in every packed record, because no key begins with a 0 byte. */
const PRESENT = 0x80;
const REGISTERED = 0x40;
const AGE_MASK = 3;
const SIGNAL_SHIFT = 2;
const DENIED = CHOICES.indexOf('denied');
const MOST_REGIONS = 2 ** 24;
const MOST_PURPOSES = 2 ** 16;
/** Bits of a choice: the choice, whether a signal was involved, and above them the notice. */
const CHOICE_BIT = 1;
const SIGNAL_BIT = 2;
const NOTICE_SHIFT = 2;
const MOST_NOTICE = 2 ** (16 - NOTICE_SHIFT) - 1;

/** Begin the names of visibility groups and of levels among those of purposes: no purpose's id begins with them. */
const GROUP = '@';
const LEVEL = '=';

/** Maximum choices and levels of a record: a limit of the packed form, and twice the purposes that a policy can have. */
export const MAX_CHOICES = 1_000;

/** Address of a class without a record: it was freed, and its number waits to be reused. */
const NOWHERE = 0xffff_ffff;
/** Room for the longest entry of a dump, with the length of its piece. */
const ENTRY_BYTES = 4 + 2 + 0xffff;

/** A packed record, read in place. Valid until a record changes or is freed. */
export class PackedRecord implements Place {
  bytes = new Uint8Array(0);
  start = 0;
  length = 0;

  /** Whether a profile was ever given. */
  get registered(): boolean {
    return (this.flags & REGISTERED) !== 0;
  }

  /** Place of the age band in `AGE_BANDS`. */
  get ageBand(): number {
    return this.flags & AGE_MASK;
  }

  has(signal: Signal): boolean {
    return (this.flags & bitOf(signal)) !== 0;
  }

  /** Number of the region; 0: unknown. */
  get region(): number {
    return word(this.bytes, this.start + 1) | ((this.bytes[this.start + 3] ?? 0) << 16);
  }

  /** How many choices and levels there are. */
  get choices(): number {
    return (this.length - HEAD_BYTES) / CHOICE_BYTES;
  }

  /** Number of the purpose of a choice, or of the group of a level. */
  purposeAt(choice: number): number {
    return word(this.bytes, this.start + HEAD_BYTES + choice * CHOICE_BYTES);
  }

  isDeniedAt(choice: number): boolean {
    return (this.said(choice) & CHOICE_BIT) === DENIED;
  }

  /** Whether a signal was involved in the choice; see `ChoiceChange`. */
  hasSignalAt(choice: number): boolean {
    return (this.said(choice) & SIGNAL_BIT) !== 0;
  }

  noticeAt(choice: number): number {
    return this.said(choice) >> NOTICE_SHIFT;
  }

  /** Number of the level, where it is one. */
  levelAt(choice: number): number {
    return this.said(choice);
  }

  private get flags(): number {
    return this.bytes[this.start] ?? 0;
  }

  private said(choice: number): number {
    return word(this.bytes, this.start + HEAD_BYTES + choice * CHOICE_BYTES + 2);
  }
}

export class RecordClasses {
  private readonly index: KeyIndex;
  /** By class. */
  private readonly addresses = new Words();
  private readonly users = new Words();
  private readonly free: number[] = [];
  /** Classes that have lost their last user and will be freed, unless they have got another. */
  private readonly idle: number[] = [];
  private held = false;
  private readonly regions = new Names(MOST_REGIONS, 'regions');
  private readonly purposes = new Names(MOST_PURPOSES, 'purposes');
  private readonly cursor = new PackedRecord();
  /** The record that `move` makes. */
  private readonly draft = new Uint8Array(HEAD_BYTES + MAX_CHOICES * CHOICE_BYTES);

  /**
   * @param expected how many classes there will be soon
   * @param room most bytes of all records
   */
  constructor(key: HashKey, expected = 0, room = MOST_BYTES) {
    this.index = new KeyIndex(key, 'none', expected, room);
    this.addresses.push(NOWHERE);
    this.users.push(0);
  }

  /** Bytes that the classes hold. */
  get bytes(): number {
    return this.index.bytes + this.addresses.bytes + this.users.bytes;
  }

  /** The share of their room that the records have filled, see {@link KeyIndex.filled}. */
  get filled(): number {
    return this.index.filled;
  }

  /** Classes are numbered from 1 below this. */
  get end(): number {
    return this.addresses.length;
  }

  /**
   * Moves a user to the class of their record after one more change.
   *
   * @param before class of the user; 0: the user is new
   * @returns the class; `fresh`: its record is one that no user had
   * @throws RangeError when a record cannot hold the change; then nothing has changed
   */
  move(before: number, change: ConsentChange): { readonly id: number; readonly fresh: boolean } {
    const packed = this.draft.subarray(0, this.drafted(before, change));
    const known = this.index.get(packed);
    if (known !== 0 && known === before) return { id: before, fresh: false };
    const joined = known === 0 ? this.found(packed) : this.join(known);
    if (before !== 0) this.leave(before);
    return joined;
  }

  /** Takes a user out of a class. A class without users is freed, and its number reused. */
  leave(id: number): void {
    const left = this.users.get(id) - 1;
    this.users.set(id, left);
    if (left === 0) this.idle.push(id);
    // free two per call, so that the backlog drains
    if (!this.held) for (let count = 0; count < 2; count++) this.giveUp(this.idle.pop());
  }

  /** How many users are in the class. */
  usersIn(id: number): number {
    return this.users.get(id);
  }

  /** Whether the class has users. */
  isUsed(id: number): boolean {
    return this.usersIn(id) > 0;
  }

  /** The record of a class, packed. The same object is handed out each time. */
  open(id: number): PackedRecord {
    this.index.locate(this.addresses.get(id), this.cursor);
    return this.cursor;
  }

  /** The record of a class that has users. */
  recordOf(id: number): UserRecord {
    const packed = this.open(id);
    const choices = new Map<string, RecordedChoice>();
    const levels = new Map<string, string>();
    for (let at = 0; at < packed.choices; at++) {
      const group = this.groupAt(packed.purposeAt(at));
      if (group === undefined)
        choices.set(this.purposes.at(packed.purposeAt(at)) ?? '', {
          choice: packed.isDeniedAt(at) ? 'denied' : 'granted',
          notice: packed.noticeAt(at),
          signal: packed.hasSignalAt(at),
        });
      else levels.set(group, this.levelAt(packed.levelAt(at)));
    }
    return {
      registered: packed.registered,
      region: this.regionAt(packed.region),
      ageBand: AGE_BANDS[packed.ageBand] ?? 'unknown',
      choices,
      signals: new Set(SIGNALS.filter((signal) => packed.has(signal))),
      ...(levels.size === 0 ? {} : { visibility: levels }),
    };
  }

  /** The region of a number; `null`: unknown. */
  regionAt(number: number): string | null {
    return this.regions.at(number) ?? null;
  }

  /** The purpose of a number. */
  purposeAt(number: number): string {
    return this.purposes.at(number) ?? '';
  }

  /** The visibility group of a number; `undefined`: it is that of a purpose. */
  groupAt(number: number): string | undefined {
    const name = this.purposeAt(number);
    return name.startsWith(GROUP) ? name.slice(GROUP.length) : undefined;
  }

  /** The level of a number. */
  levelAt(number: number): string {
    return this.purposeAt(number).slice(LEVEL.length);
  }

  /** From now on no class is freed, so that a number keeps its record until `release`. */
  hold(): void {
    this.held = true;
  }

  release(): void {
    this.held = false;
  }

  /**
   * The records of all classes in pieces, for `restore`.
   *
   * A piece is valid until the next one is requested.
   *
   * INVARIANT: the classes are held.
   *
   * @param size bytes of a piece, more or less
   */
  *dump(size: number): Generator<Uint8Array, void> {
    const { end } = this;
    yield bytesOf(Uint32Array.of(end));
    const buffer = new Uint8Array(size + ENTRY_BYTES);
    const place = new PackedRecord();
    yield* entryPieces(1, end, size, buffer, (id, at) => {
      if (this.addresses.get(id) === NOWHERE) return 0;
      this.index.locate(this.addresses.get(id), place);
      buffer.set(place.bytes.subarray(place.start, place.start + place.length), at);
      return place.length;
    });
    // after the records, so that all the names in them are there
    for (const names of [this.regions, this.purposes]) {
      const { count } = names;
      yield bytesOf(Uint32Array.of(count));
      yield* entryPieces(1, count, size, buffer, (number, at) =>
        encodeFrom(names.at(number) ?? '', 0, buffer.subarray(at), 0),
      );
    }
  }

  /**
   * The classes that were dumped, without those that no user is in.
   *
   * @param users values are classes: the users in them
   * @throws Error when the bytes are not of a dump; not every damage is found
   */
  static restore(key: HashKey, source: Source, users: KeyIndex): RecordClasses {
    const end = readWord(source);
    // every class has a length of two bytes
    if (end === 0 || (end - 1) * 2 > source.left) throw damaged();
    const classes = new RecordClasses(key, end);
    for (let id = 1; id < end; id++) {
      classes.addresses.push(NOWHERE);
      classes.users.push(0);
    }
    const count = (id: number) => {
      if (id >= end) throw damaged();
      classes.users.set(id, classes.users.get(id) + 1);
    };
    for (let part = 0; part < PARTS; part++) users.forEachIn(part, count);
    readEntries(source, 1, end, (id, packed) => {
      if (!classes.isUsed(id)) {
        classes.free.push(id);
        return;
      }
      if (packed.length < HEAD_BYTES || classes.index.set(packed, id) !== 0) throw damaged();
      classes.addresses.set(id, classes.index.lastAddress);
    });
    for (const names of [classes.regions, classes.purposes])
      readEntries(source, 1, readWord(source), (number, bytes) => {
        if (names.numberOf(decode(bytes, 0, bytes.length)) !== number) throw damaged();
      });
    return classes;
  }

  private join(id: number): { readonly id: number; readonly fresh: boolean } {
    const users = this.users.get(id);
    this.users.set(id, users + 1);
    // a class without users may have been skipped where records were resolved
    return { id, fresh: users === 0 };
  }

  private found(packed: Uint8Array): { readonly id: number; readonly fresh: boolean } {
    const id = this.free.pop() ?? this.end;
    this.index.set(packed, id);
    if (id === this.end) {
      this.addresses.push(this.index.lastAddress);
      this.users.push(1);
    } else {
      this.addresses.set(id, this.index.lastAddress);
      this.users.set(id, 1);
    }
    return { id, fresh: true };
  }

  /** Frees a class that has no users; it may have got some, or be free already. */
  private giveUp(id: number | undefined): void {
    if (id === undefined || this.isUsed(id) || this.addresses.get(id) === NOWHERE) return;
    const { bytes, start, length } = this.open(id);
    this.index.delete(bytes.subarray(start, start + length));
    this.addresses.set(id, NOWHERE);
    this.free.push(id);
  }

  /** Makes the record of a class after a change, in `draft`. @returns its length */
  private drafted(before: number, change: ConsentChange): number {
    const { draft } = this;
    let length = HEAD_BYTES;
    if (before === 0) {
      draft.fill(0, 0, HEAD_BYTES);
      draft[0] = PRESENT | AGE_BANDS.indexOf('unknown');
    } else {
      const packed = this.open(before);
      length = packed.length;
      for (let at = 0; at < length; at++) draft[at] = packed.bytes[packed.start + at] ?? 0;
    }
    const flags = draft[0] ?? 0;
    switch (change.kind) {
      case 'profile': {
        const region = this.regions.numberOf(change.region ?? '');
        draft[0] = (flags & ~AGE_MASK) | REGISTERED | AGE_BANDS.indexOf(change.ageBand);
        setWord(draft, 1, region & 0xffff);
        draft[3] = region >> 16;
        return length;
      }
      case 'choice':
        return this.draftChoice(length, change);
      case 'signal': {
        const bit = bitOf(change.signal);
        draft[0] = change.withdrawn === true ? flags & ~bit : flags | bit;
        return length;
      }
      case 'visibility': {
        const level = this.purposes.numberOf(`${LEVEL}${change.level}`);
        return this.draftEntry(length, `${GROUP}${change.group}`, level);
      }
    }
  }

  private draftChoice(length: number, { purpose, choice, notice, signal }: ChoiceChange): number {
    if (!(notice >= 0 && notice <= MOST_NOTICE))
      throw new RangeError(`a record keeps notices from 0 to ${MOST_NOTICE}; number notices anew`);
    if (choice === 'none') return this.draftWithout(length, purpose);
    return this.draftEntry(
      length,
      purpose,
      (notice << NOTICE_SHIFT) | (signal ? SIGNAL_BIT : 0) | CHOICES.indexOf(choice),
    );
  }

  /** Sets the entry of a name. */
  private draftEntry(length: number, name: string, said: number): number {
    const { draft } = this;
    const { number, at, isNew } = this.placeIn(length, name);
    if (isNew) {
      if (length === draft.length) throw new RangeError(`a record keeps at most ${MAX_CHOICES} choices`);
      draft.copyWithin(at + CHOICE_BYTES, at, length);
      setWord(draft, at, number);
    }
    setWord(draft, at + 2, said);
    return isNew ? length + CHOICE_BYTES : length;
  }

  /** Removes the entry of a name. */
  private draftWithout(length: number, name: string): number {
    const { at, isNew } = this.placeIn(length, name);
    if (isNew) return length;
    this.draft.copyWithin(at, at + CHOICE_BYTES, length);
    return length - CHOICE_BYTES;
  }

  /** Where the entry of a name is in the draft, or would be. */
  private placeIn(length: number, name: string) {
    const number = this.purposes.numberOf(name);
    let at = HEAD_BYTES;
    while (at < length && word(this.draft, at) < number) at += CHOICE_BYTES;
    return { number, at, isNew: at === length || word(this.draft, at) !== number };
  }
}

function bitOf(signal: Signal): number {
  return 1 << (SIGNALS.indexOf(signal) + SIGNAL_SHIFT);
}
