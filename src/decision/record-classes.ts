/**
 * Users who have said the same share one class: a record is kept once, however many users it is the record of. Most of
 * ten million users have left everything as it was, and the rest differ in few ways.
 */
import { AGE_BANDS, CHOICES, type RecordedChoice, SIGNALS, type UserRecord } from './consent-event.js';
import { type HashKey, KeyIndex } from './key-index.js';

/** Packed record: a byte of flags, two of the region's number, then four per choice (purpose, notice and choice). */
const HEAD_BYTES = 3;
const CHOICE_BYTES = 4;
/** Set in every packed record, because no key begins with a byte of 0. */
const PRESENT = 0x80;
const REGISTERED = 0x40;
const SIGNAL_SHIFT = 2;

/** Most choices that a record keeps: a bound of the packed form, and twice the purposes that a policy can have. */
export const MAX_CHOICES = 1_000;

export class RecordClasses {
  private readonly index: KeyIndex;
  /** By class. */
  private readonly addresses: number[] = [0];
  private readonly users: number[] = [0];
  private readonly free: number[] = [];
  private readonly names: string[] = [''];
  private readonly numbers = new Map<string, number>();

  constructor(key: HashKey) {
    this.index = new KeyIndex(key);
  }

  /** Bytes that the packed records hold. */
  get bytes(): number {
    return this.index.bytes + (this.addresses.length + this.users.length) * 8;
  }

  /** Classes are numbered from 1 below this. */
  get end(): number {
    return this.addresses.length;
  }

  /** The class of a record, with one user more. `fresh`: no user had this record before. */
  join(record: UserRecord): { readonly id: number; readonly fresh: boolean } {
    const packed = this.pack(record);
    const known = this.index.get(packed);
    if (known !== 0) {
      this.users[known] = (this.users[known] ?? 0) + 1;
      return { id: known, fresh: false };
    }
    const id = this.free.pop() ?? this.addresses.length;
    this.index.set(packed, id);
    this.addresses[id] = this.index.lastAddress;
    this.users[id] = 1;
    return { id, fresh: true };
  }

  /** Takes a user out of a class. A class without users is given up, and its number used again. */
  leave(id: number): void {
    const left = (this.users[id] ?? 0) - 1;
    this.users[id] = left;
    if (left > 0) return;
    this.index.delete(this.index.bytesAt(this.addresses[id] ?? 0).slice());
    this.free.push(id);
  }

  /** Whether the class has users. */
  isUsed(id: number): boolean {
    return (this.users[id] ?? 0) > 0;
  }

  /** The record of a class that has users. */
  recordOf(id: number): UserRecord {
    const bytes = this.index.bytesAt(this.addresses[id] ?? 0);
    const flags = bytes[0] ?? 0;
    const choices = new Map<string, RecordedChoice>();
    for (let at = HEAD_BYTES; at < bytes.length; at += CHOICE_BYTES) {
      const choice = word(bytes, at + 2);
      choices.set(this.names[word(bytes, at)] ?? '', {
        choice: CHOICES[choice & 1] ?? 'denied',
        notice: choice >> 1,
      });
    }
    const region = this.names[word(bytes, 1)];
    return {
      registered: (flags & REGISTERED) !== 0,
      region: region === undefined || region === '' ? null : region,
      ageBand: AGE_BANDS[flags & 3] ?? 'unknown',
      choices,
      signals: new Set(SIGNALS.filter((_signal, bit) => (flags & (1 << (bit + SIGNAL_SHIFT))) !== 0)),
    };
  }

  // INVARIANT: at most MAX_CHOICES choices, and notices of at most 15 bits; the service and the policy's schema check that
  private pack({ registered, region, ageBand, choices, signals }: UserRecord): Uint8Array {
    const bytes = new Uint8Array(HEAD_BYTES + choices.size * CHOICE_BYTES);
    let flags = PRESENT | (registered ? REGISTERED : 0) | AGE_BANDS.indexOf(ageBand);
    SIGNALS.forEach((signal, bit) => (flags |= signals.has(signal) ? 1 << (bit + SIGNAL_SHIFT) : 0));
    bytes[0] = flags;
    setWord(bytes, 1, this.numberOf(region ?? ''));
    const numbered = [...choices].map(([purpose, choice]) => ({
      purpose: this.numberOf(purpose),
      ...choice,
    }));
    numbered.sort((a, b) => a.purpose - b.purpose);
    numbered.forEach(({ purpose, choice, notice }, index) => {
      const at = HEAD_BYTES + index * CHOICE_BYTES;
      setWord(bytes, at, purpose);
      setWord(bytes, at + 2, (notice << 1) | CHOICES.indexOf(choice));
    });
    return bytes;
  }

  private numberOf(name: string): number {
    if (name === '') return 0;
    let number = this.numbers.get(name);
    if (number === undefined) {
      number = this.names.length;
      if (number > 0xffff) throw new RangeError('there are more regions and purposes than records can name');
      this.names.push(name);
      this.numbers.set(name, number);
    }
    return number;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

function setWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = value >> 8;
}
