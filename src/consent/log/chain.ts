/**
 * The chain of the consent log: every entry carries a hash over the one before and over itself, so that the last hash
 * shows whether anything before it was changed, removed or inserted (as in RFC 6962, without the tree).
 *
 * A link holds the digest of an entry's content, not the content, so that the chain stays verifiable after a deletion.
 */
import { hash } from 'node:crypto';
import type { Publication } from '../../policy/policy.store.js';

/** Kinds of entries. A new kind may be written only from one minor version after the first build that reads it. */
export const KINDS = ['profile', 'choice', 'signal', 'visibility', 'erasure', 'retention'] as const;
export type Kind = (typeof KINDS)[number];

/**
 * Formats of contents: all are read; each content is written in the first that can say it, so that former builds go on
 * until they meet what they do not know. Add one for every change of meaning. 2: a choice or a signal was taken back.
 */
export const FORMATS = [1, 2];

/** What the chain records about an entry. */
export type Link = {
  readonly revision: number;
  /** Number of the user it is about. */
  readonly subject: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly kind: string;
  /** SHA-256 of the content as it is stored. */
  readonly digest: Buffer;
  readonly hash: Buffer;
};

/** An entry as it is verified. */
export type VerifiableLink = Link & {
  /** Whether its content is still there. */
  readonly isKept: boolean;
  /** The revisions whose content it records as forgotten. */
  readonly forgets?: readonly number[];
};

/** Bytes of a SHA-256 hash. */
export const HASH_BYTES = 32;

/** The hash before the first entry. */
export const GENESIS = sha256(Buffer.from('the consent log of assent'));

/** The hash before the first publication. */
export const PUBLICATIONS_GENESIS = sha256(Buffer.from('the publications of assent'));

/** SHA-256 (FIPS 180-4). Through a text, which costs half as much as a buffer from Node. */
export function sha256(bytes: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'binary');
}

/** Writes a whole number as 64 bits in two's complement, the highest byte first; without a BigInt, which costs more. */
export function writeNumber(bytes: Buffer, value: number, at: number): void {
  const high = Math.floor(value / 2 ** 32);
  bytes.writeInt32BE(high, at);
  bytes.writeUInt32BE(value - high * 2 ** 32, at + 4);
}

const NUMBERS_BYTES = 24;

/** The hash of an entry after one of this hash. */
export function hashAfter(
  before: Buffer,
  { revision, subject, at, kind, digest }: Omit<Link, 'hash'>,
): Buffer {
  const numbers = Buffer.allocUnsafe(NUMBERS_BYTES);
  writeNumber(numbers, revision, 0);
  writeNumber(numbers, subject, 8);
  writeNumber(numbers, at, 16);
  return sha256(Buffer.concat([before, numbers, digest, Buffer.from(kind)]));
}

/** The hash of a publication after one of this hash. */
export function publicationHashAfter(before: Buffer, publication: Publication): Buffer {
  const { sequence, version, after, by, at, draft, approvals } = publication;
  const given = approvals.map((approval) => [approval.by, approval.roles, approval.at]);
  const text = JSON.stringify([sequence, version, after, by, at, draft, given]);
  return sha256(Buffer.concat([before, Buffer.from(text)]));
}

/**
 * The first of these entries whose hash does not follow from the one before; `undefined` when all do.
 *
 * @param before revision and hash of the entry before the first
 */
export function firstBroken(
  before: { readonly revision: number; readonly hash: Buffer },
  links: readonly Link[],
): number | undefined {
  let { revision, hash: last } = before;
  for (const link of links) {
    revision++;
    if (link.revision !== revision || !hashAfter(last, link).equals(link.hash)) return revision;
    last = link.hash;
  }
  return undefined;
}
