/**
 * The encryption of the store: AES-256-GCM (NIST SP 800-38D) under keys derived from one (HKDF, RFC 5869).
 *
 * Every user has a key, which seals the log's contents about them. These keys are stored beside the log, sealed with
 * the store's key. Destroying a user's key makes everything about them unreadable.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { writeNumber } from '../../consent/log/chain.js';

export const KEY_BYTES = 32;
/** Bytes of the hash by which a user is found. */
export const LOOKUP_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Random bytes are drawn in blocks: a call costs more than the bytes. */
const DRAWN_AT_ONCE = 16_384;

/** The user of events, once their row was opened. */
export type Subject = { readonly id: number; readonly user: string; readonly key: Buffer };

export class Vault {
  private readonly lookupKey: Buffer;
  private readonly subjectKey: Buffer;
  private readonly sealKey: Buffer;
  private readonly contextsKey: Buffer;
  /** The key of the last context: those that come often come in a row. */
  private context: { readonly bound: string; readonly key: Buffer } | undefined;
  private readonly checkKey: Buffer;
  /** For logs from before heads were sealed. */
  private readonly formerCheckKey: Buffer;
  private readonly headKey: Buffer;
  private readonly otherKey: Buffer;

  /** @param key the store's key, 32 random bytes */
  constructor(key: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new RangeError(`the key of the store has ${KEY_BYTES} bytes`);
    const derived = (use: string) => derivedKey(key, `assent ${use}`);
    this.lookupKey = derived('lookup of users');
    this.subjectKey = derived('keys of users');
    this.sealKey = derived('secrets');
    this.contextsKey = derived('secrets that are many');
    this.checkKey = derived('check of a log with a sealed head');
    this.formerCheckKey = derived('check');
    this.headKey = derived('head of the log');
    this.otherKey = derived('keys of other uses');
  }

  /** Identifies the key without revealing it. */
  get check(): string {
    return this.checkKey.toString('base64url');
  }

  /** Whether a check is that of this key. */
  matches(check: string): boolean {
    return isSame(Buffer.from(check, 'base64url'), this.checkKey);
  }

  /** Whether a check is that of this key, from before the head of the log was sealed. */
  matchedBefore(check: string): boolean {
    return isSame(Buffer.from(check, 'base64url'), this.formerCheckKey);
  }

  /** The HMAC-SHA-256 (FIPS 198-1) of a text under this key. */
  vouch(text: string): Buffer {
    return createHmac('sha256', this.headKey).update(text).digest();
  }

  /** Whether it is the HMAC of the text under this key. */
  vouchesFor(text: string, code: Uint8Array): boolean {
    return isSame(code, this.vouch(text));
  }

  /** The lookup hash of a user id: the beginning of an HMAC-SHA-256. */
  lookupOf(user: string): Buffer {
    return createHmac('sha256', this.lookupKey).update(user).digest().subarray(0, LOOKUP_BYTES);
  }

  /** A new user, with a new key. */
  admit(id: number, user: string): { readonly subject: Subject; readonly sealed: Buffer } {
    const key = Buffer.from(draw(KEY_BYTES));
    const plain = Buffer.concat([key, Buffer.from(user)]);
    return { subject: { id, user, key }, sealed: seal(this.subjectKey, plain, numberBytes(id)) };
  }

  /** @throws Error when it was not sealed by this key for this id */
  openSubject(id: number, sealed: Buffer): Subject {
    const plain = open(this.subjectKey, sealed, numberBytes(id));
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

  /** A key for something outside the store, 32 bytes: the same one for the same words. */
  keyFor(use: string): Uint8Array {
    return derivedKey(this.otherKey, use);
  }

  /**
   * Seals something else that only this store may read.
   *
   * @param bound its context: it opens only with the same text
   */
  seal(plain: Uint8Array, bound: string): Buffer {
    return seal(this.sealKey, plain, Buffer.from(bound));
  }

  /** @throws Error when it was not sealed by this key for this text */
  open(sealed: Uint8Array, bound: string): Buffer {
    return open(this.sealKey, sealed, Buffer.from(bound));
  }

  /**
   * Seals what there is so much of that one key would not do: with random nonces it is good for 2^32 (NIST SP 800-38D,
   * section 8.3). Each context has its own.
   *
   * @param bound its context: it opens only with the same text
   */
  sealMany(plain: Uint8Array, bound: string): Buffer {
    return seal(this.keyOf(bound), plain, Buffer.from(bound));
  }

  /** @throws Error when it was not sealed by this key for this text */
  openMany(sealed: Uint8Array, bound: string): Buffer {
    return open(this.keyOf(bound), sealed, Buffer.from(bound));
  }

  private keyOf(bound: string): Buffer {
    if (this.context?.bound !== bound)
      this.context = { bound, key: createHmac('sha256', this.contextsKey).update(bound).digest() };
    return this.context.key;
  }
}

function derivedKey(key: Uint8Array, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', use, KEY_BYTES));
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

let drawn = Buffer.alloc(0);

/** Fresh random bytes, as a view of a shared block: copy them to keep them. */
function draw(size: number): Buffer {
  if (drawn.length < size) drawn = randomBytes(DRAWN_AT_ONCE);
  const bytes = drawn.subarray(0, size);
  drawn = drawn.subarray(size);
  return bytes;
}

function seal(key: Buffer, plain: Uint8Array, bound: Uint8Array): Buffer {
  const nonce = draw(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(bound);
  const body = cipher.update(plain);
  cipher.final();
  return Buffer.concat([nonce, body, cipher.getAuthTag()]);
}

function open(key: Buffer, sealed: Uint8Array, bound: Uint8Array): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Error('what was sealed is cut short');
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAAD(bound);
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(NONCE_BYTES, end));
  decipher.final();
  return plain;
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
