/**
 * One key of the store, and the keys that are derived from it (HKDF, RFC 5869): AES-256-GCM (NIST SP 800-38D) and
 * HMAC-SHA-256 (FIPS 198-1).
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

export const KEY_BYTES = 32;
/** Bytes of the hash by which a user is found. */
export const LOOKUP_BYTES = 16;
/** Bytes of the id of a key at the end of what it sealed. */
export const ID_BYTES = 6;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Random bytes are drawn in blocks: a call costs more than the bytes. */
const DRAWN_AT_ONCE = 16_384;
/** Begins the check of a key whose id is in what it seals. The database compares by it, see `sealed_by_the_present_key`. */
const NAMED = 'named:';

/** A key as a key file holds it. */
export type RingKey = {
  /** 32 random bytes. */
  readonly key: Uint8Array;
  /** When it was made, in milliseconds since the Unix epoch; absent: with the database, and nothing names it. */
  readonly since?: number;
};

export class StoreKey {
  /** Identifies the key without revealing it: 8 letters of base64url, the first ones of its check. */
  readonly id: string;
  /** Identifies it in the head of the log. */
  readonly check: string;
  readonly since: number | undefined;
  /** Seals the keys of users. */
  readonly subjectKey: Buffer;
  /** Seals other secrets. */
  readonly sealKey: Buffer;
  /** Vouches for the head of the log, and for other texts. */
  readonly headKey: Buffer;
  private readonly idBytes: Buffer;
  private readonly lookupKey: Buffer;
  private readonly contextsKey: Buffer;
  /** The key of the last context: those that come often come in a row. */
  private context: { readonly bound: string; readonly key: Buffer } | undefined;
  private readonly checkKey: Buffer;
  /** For logs from before heads were sealed. */
  private readonly formerCheckKey: Buffer;
  private readonly otherKey: Buffer;

  constructor({ key, since }: RingKey) {
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
    const check = this.checkKey.toString('base64url');
    this.idBytes = this.checkKey.subarray(0, ID_BYTES);
    this.id = this.idBytes.toString('base64url');
    this.since = since;
    this.check = since === undefined ? check : `${NAMED}${check}`;
  }

  /** Whether what it seals ends with its id. That of the first key does not, so that builds without a ring read it. */
  get isNamed(): boolean {
    return this.since !== undefined;
  }

  /** Whether a check is that of this key. */
  matches(check: string): boolean {
    return isSame(Buffer.from(check), Buffer.from(this.check));
  }

  /** Whether a check is that of this key, from before the head of the log was sealed. */
  matchedBefore(check: string): boolean {
    return !this.isNamed && isSame(Buffer.from(check, 'base64url'), this.formerCheckKey);
  }

  vouch(text: string): Buffer {
    return hmac(this.headKey, text);
  }

  vouchesFor(text: string, code: Uint8Array): boolean {
    return isSame(code, this.vouch(text));
  }

  lookupOf(user: string): Buffer {
    return hmac(this.lookupKey, user).subarray(0, LOOKUP_BYTES);
  }

  keyFor(use: string): Uint8Array {
    return derivedKey(this.otherKey, use);
  }

  /** A key for one context among many. */
  keyOf(bound: string): Buffer {
    if (this.context?.bound !== bound) this.context = { bound, key: hmac(this.contextsKey, bound) };
    return this.context.key;
  }

  /** What one of its keys has sealed, with its id where it has one. */
  named(sealed: Buffer): Buffer {
    return this.isNamed ? Buffer.concat([sealed, this.idBytes]) : sealed;
  }

  /** Whether what is sealed ends with its id. */
  isNamedIn(sealed: Uint8Array): boolean {
    return this.isNamed && this.idBytes.equals(sealed.subarray(-ID_BYTES));
  }
}

export function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function derivedKey(key: Uint8Array, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', use, KEY_BYTES));
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

let drawn = Buffer.alloc(0);

/** Fresh random bytes, as a view of a shared block: copy them to keep them. */
export function draw(size: number): Buffer {
  if (drawn.length < size) drawn = randomBytes(DRAWN_AT_ONCE);
  const bytes = drawn.subarray(0, size);
  drawn = drawn.subarray(size);
  return bytes;
}

export function seal(key: Buffer, plain: Uint8Array, bound: Uint8Array): Buffer {
  const nonce = draw(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(bound);
  const body = cipher.update(plain);
  cipher.final();
  return Buffer.concat([nonce, body, cipher.getAuthTag()]);
}

/** @throws Error when it was not sealed with this key for this context */
export function open(key: Buffer, sealed: Uint8Array, bound: Uint8Array): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Error('what was sealed is cut short');
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAAD(bound);
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(NONCE_BYTES, end));
  decipher.final();
  return plain;
}
