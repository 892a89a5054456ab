/**
 * The encryption of the store, under a ring of keys: the present one seals, and each opens what it sealed.
 *
 * Every user has a key, which seals the log's contents about them. These keys are stored beside the log, sealed with
 * the store's key. Destroying a user's key makes everything about them unreadable.
 */
import { writeNumber } from '../../consent/log/chain.js';
import { UnfitKeyFile } from './key-lines.js';
import {
  ID_BYTES,
  KEY_BYTES,
  LOOKUP_BYTES,
  type RingKey,
  StoreKey,
  draw,
  hmac,
  open,
  seal,
} from './store-key.js';

export { KEY_BYTES, LOOKUP_BYTES };

/** The user of events, once their row was opened. */
export type Subject = { readonly id: number; readonly user: string; readonly key: Buffer };

/** A user as a row of `consent_subject`. */
export type SealedSubject = { readonly id: number; readonly lookup: Buffer; readonly sealed: Buffer };

/**
 * The keys of a key file, the newest first.
 *
 * @returns none when the file was taken away; `undefined` when it is as at the last call
 */
export type ReadRing = () => readonly RingKey[] | undefined;

const LASTING = 'lasting secret';

export class Vault {
  private keys: readonly StoreKey[];
  /** Those that the key file had when it was read last, unless it can no longer be read. */
  private filed: readonly StoreKey[];
  private isReadable = true;
  private present: StoreKey;
  private lasting: Uint8Array;

  /**
   * @param ring the store's keys, the newest first, or its only key
   * @param again reads the ring again, when something names a key that is not in it
   * @param prepare does what `again` needs and takes time, such as having keys unwrapped
   */
  constructor(
    ring: Uint8Array | readonly RingKey[],
    private readonly again: ReadRing = () => undefined,
    private readonly prepare: () => Promise<void> = async () => undefined,
  ) {
    this.keys = keysOf(ring instanceof Uint8Array ? [{ key: ring }] : ring);
    this.filed = this.keys;
    this.present = firstOf(this.keys);
    this.lasting = this.present.headKey;
  }

  /** Identifies the present key without revealing it. */
  get check(): string {
    return this.present.check;
  }

  /** The key that seals. */
  get current(): StoreKey {
    return this.present;
  }

  /** All keys, the newest first. */
  get ring(): readonly StoreKey[] {
    return this.keys;
  }

  /** Whether the key file can be read, and had the present key when it was read last: otherwise no process can start. */
  get isFiled(): boolean {
    return this.isReadable && this.filed.some((key) => key.matches(this.check));
  }

  /** Whether a check is that of one of the keys. */
  matches(check: string): boolean {
    return this.keyOf(check) !== undefined;
  }

  /** The key with this check; `undefined`: the ring has none. */
  keyOf(check: string): StoreKey | undefined {
    const found = () => this.keys.find((key) => key.matches(check));
    return found() ?? (this.readAgain() ? found() : undefined);
  }

  /** Whether a check is that of the first key, from before the head of the log was sealed. */
  matchedBefore(check: string): boolean {
    return this.keys.some((key) => key.matchedBefore(check));
  }

  /**
   * Seals with another key of the ring from now on.
   *
   * @param check identifies it, see {@link check}
   * @param lasting what {@link entrustLasting} sealed; empty: nothing yet
   * @returns that key
   * @throws Error when the ring has no such key
   */
  follow(check: string, lasting: Uint8Array): StoreKey {
    const key = this.keyOf(check);
    if (key === undefined)
      throw new Error(
        `the store is sealed with the key \`${idIn(check)}\`, which the key file has not: bring the file here from where the key was replaced`,
      );
    this.lasting = lasting.length === 0 ? key.headKey : this.open(lasting, LASTING);
    this.present = key;
    this.keepFiled();
    return key;
  }

  /** The secret of hashes that stay, sealed with another key. */
  entrustLasting(key: StoreKey): Buffer {
    return key.named(seal(key.sealKey, this.lasting, Buffer.from(LASTING)));
  }

  /** The HMAC-SHA-256 (FIPS 198-1) of a text under the present key. */
  vouch(text: string): Buffer {
    return this.present.vouch(text);
  }

  /** Whether it is the HMAC of the text under one of the keys. */
  vouchesFor(text: string, code: Uint8Array): boolean {
    const isTheirs = () => this.keys.some((key) => key.vouchesFor(text, code));
    return isTheirs() || (this.readAgain() && isTheirs());
  }

  /** An HMAC-SHA-256 of a text that stays the same when the key of the store is replaced. */
  lastingHashOf(text: string): Buffer {
    return hmac(this.lasting, text);
  }

  /** The lookup hashes that a user may be found by: of each key. */
  lookupsOf(user: string): Buffer[] {
    return this.keys.map((key) => key.lookupOf(user));
  }

  /** A new user, with a new key. @param by the key of the store that seals */
  admit(id: number, user: string, by: StoreKey): { readonly subject: Subject; readonly row: SealedSubject } {
    const subject = { id, user, key: Buffer.from(draw(KEY_BYTES)) };
    return { subject, row: this.sealSubject(subject, by) };
  }

  /** A user as a row: found and opened by one key of the store, never by two. */
  sealSubject({ id, user, key }: Subject, by: StoreKey): SealedSubject {
    const sealed = seal(by.subjectKey, Buffer.concat([key, Buffer.from(user)]), numberBytes(id));
    return { id, lookup: by.lookupOf(user), sealed: by.named(sealed) };
  }

  /** @throws Error when it was not sealed by a key of the ring for this id */
  openSubject(id: number, sealed: Buffer): Subject {
    const plain = this.openedWith(sealed, (key, bytes) => open(key.subjectKey, bytes, numberBytes(id)));
    return { id, key: plain.subarray(0, KEY_BYTES), user: plain.toString('utf8', KEY_BYTES) };
  }

  /** Seals a content at a revision, with the key of its user. */
  sealContent(subject: Subject, revision: number, content: Uint8Array): Buffer {
    return seal(subject.key, content, placeBytes(subject.id, revision));
  }

  /** @throws Error when it was not sealed for this subject and this place */
  openContent(subject: Subject, revision: number, sealed: Buffer): Buffer {
    return open(subject.key, sealed, placeBytes(subject.id, revision));
  }

  /**
   * A key for something outside the store, 32 bytes: the same one for the same words.
   *
   * @param id of the key of the store that it is derived from; absent: the present one
   * @returns with that id; empty for the first key
   * @throws Error when the ring has no such key
   */
  keyFor(use: string, id?: string): readonly [key: Uint8Array, id: string] {
    const idOf = (key: StoreKey) => (key.isNamed ? key.id : '');
    const found = () => (id === undefined ? this.present : this.keys.find((key) => idOf(key) === id));
    const key = found() ?? (this.readAgain() ? found() : undefined);
    if (key === undefined) throw new Error('there is no key of the store with this id');
    return [key.keyFor(use), idOf(key)];
  }

  /**
   * Seals something else that only this store may read.
   *
   * @param bound its context: it opens only with the same text
   * @param by the key of the store that seals
   */
  seal(plain: Uint8Array, bound: string, by = this.present): Buffer {
    return by.named(seal(by.sealKey, plain, Buffer.from(bound)));
  }

  /** @throws Error when it was not sealed by a key of the ring for this text */
  open(sealed: Uint8Array, bound: string): Buffer {
    return this.openedWith(sealed, (key, bytes) => open(key.sealKey, bytes, Buffer.from(bound)));
  }

  /**
   * Seals what there is so much of that one key would not do: with random nonces it is good for 2^32 (NIST SP 800-38D,
   * section 8.3). Each context has its own.
   *
   * @param bound its context: it opens only with the same text
   */
  sealMany(plain: Uint8Array, bound: string): Buffer {
    const { present } = this;
    return present.named(seal(present.keyOf(bound), plain, Buffer.from(bound)));
  }

  /** @throws Error when it was not sealed by a key of the ring for this text */
  openMany(sealed: Uint8Array, bound: string): Buffer {
    return this.openedWith(sealed, (key, bytes) => open(key.keyOf(bound), bytes, Buffer.from(bound)));
  }

  /**
   * Reads the ring again, also where its keys must be unwrapped for that.
   *
   * @returns whether it has changed
   * @throws Error with a message for people when that cannot be done; the keys that are known stay
   */
  async lookAgain(): Promise<boolean> {
    try {
      await this.prepare();
      const hasChanged = this.readAgain();
      this.isReadable = true;
      return hasChanged;
    } catch (error) {
      // a KMS that is away has lost no key
      if (error instanceof UnfitKeyFile) this.isReadable = false;
      throw error;
    }
  }

  /** Reads the ring again, as far as its keys are known. @returns whether it has changed */
  readAgain(): boolean {
    const ring = this.again();
    if (ring === undefined) return false;
    this.filed = keysOf(ring);
    this.keepFiled();
    return ring.length > 0;
  }

  /** Leaves the keys of the file, and the present one: what this process seals with stays in its ring. */
  private keepFiled(): void {
    // the file was taken away: the keys that are known stay
    if (this.filed.length === 0) return;
    const { check } = this.present;
    const others = this.filed.filter((key) => !key.matches(check));
    this.keys = [this.present, ...others].toSorted(newestFirst);
  }

  /** The first key names itself in nothing: whatever names no key is its, also what seems to name one. */
  private openedWith(sealed: Uint8Array, opened: (key: StoreKey, bytes: Uint8Array) => Buffer): Buffer {
    for (;;) {
      const named = this.keys.find((key) => key.isNamedIn(sealed));
      const first = this.keys.find((key) => !key.isNamed);
      try {
        if (named === undefined) throw new Error('what was sealed names no key of the ring');
        return opened(named, sealed.subarray(0, -ID_BYTES));
      } catch (error) {
        try {
          if (first === undefined) throw error;
          return opened(first, sealed);
        } catch (cause) {
          if (!this.readAgain()) throw cause;
        }
      }
    }
  }
}

function keysOf(ring: readonly RingKey[]): readonly StoreKey[] {
  return ring.map((key) => new StoreKey(key)).toSorted(newestFirst);
}

function newestFirst(one: StoreKey, other: StoreKey): number {
  return (other.since ?? 0) - (one.since ?? 0);
}

function firstOf(keys: readonly StoreKey[]): StoreKey {
  const [first] = keys;
  if (first === undefined) throw new RangeError('a ring of keys has at least one');
  return first;
}

/** The id of a key in its check. */
function idIn(check: string): string {
  return check.slice(check.indexOf(':') + 1).slice(0, (ID_BYTES * 4) / 3);
}

function numberBytes(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  writeNumber(bytes, value, 0);
  return bytes;
}

function placeBytes(subject: number, revision: number): Buffer {
  const bytes = Buffer.allocUnsafe(16);
  writeNumber(bytes, subject, 0);
  writeNumber(bytes, revision, 8);
  return bytes;
}
