/**
 * What a log's leaf says of a block of records, so that one record can be proved without showing another one.
 *
 * The block has a secret of 32 random bytes, which stays with its records. Record i, from 0, has a salt of 16 bytes:
 * AES-256 with the secret as its key, of i as 128 bits, big-endian. So whoever is shown one salt knows no other one, and
 * cannot try what the records beside it may say. The records make a tree as RFC 9162, section 2.1 has it, whose entry i is
 * salt i ‖ record i. The leaf of the block is:
 *
 *     0x01 ‖ length of head, 16 bits, big-endian ‖ head ‖ count of records, 32 bits, big-endian ‖ root of their tree
 *
 * Once the secret is gone, the leaf says no more of the records than their count.
 */
import { type Cipher, createCipheriv } from 'node:crypto';
import {
  Frontier,
  HASH_BYTES,
  type Place,
  inclusionPath,
  isIncluded,
  leafHash,
  rootOf,
  rootOfPeaks,
} from './merkle.js';

const VERSION = 1;
const SALT_BYTES = 16;
const SECRET_BYTES = 32;
/** So many take some ten microseconds. */
const RECORDS_PER_STEP = 8;

const MAX_HEAD = 65_535;
const MAX_RECORDS = 2 ** 32 - 1;

export type BlockLeaf = {
  /** What the block says of itself. */
  readonly head: Uint8Array;
  /** How many records it has. */
  readonly count: number;
  readonly root: Uint8Array;
};

/** Shows that a record is one of a block. */
export type RecordProof = {
  readonly index: number;
  readonly salt: Uint8Array;
  readonly path: readonly Uint8Array[];
};

/**
 * The leaf of a block, see above. Yields after every few records.
 *
 * @param head at most 65,535 bytes; everybody sees it
 * @param secret 32 random bytes
 */
export function* blockLeafOf(
  head: Uint8Array,
  records: Iterable<Uint8Array>,
  secret: Uint8Array,
): Generator<undefined, Uint8Array, undefined> {
  if (head.length > MAX_HEAD) throw new Error(`the head of a block has ${head.length} bytes`);
  const salts = saltsOf(secret);
  const tree = new Frontier();
  for (const record of records) {
    tree.append(leafHash(salts.next().value, record));
    if (tree.leaves % RECORDS_PER_STEP === 0) yield;
  }
  if (tree.leaves > MAX_RECORDS) throw new Error(`a block has ${tree.leaves} records`);
  const numbers = Buffer.alloc(3);
  numbers.writeUInt8(VERSION);
  numbers.writeUInt16BE(head.length, 1);
  const count = Buffer.alloc(4);
  count.writeUInt32BE(tree.leaves);
  return Buffer.concat([numbers, head, count, tree.root()]);
}

/** What the leaf of a block says; `undefined` when it is none. */
export function readBlockLeaf(leaf: Uint8Array): BlockLeaf | undefined {
  const bytes = Buffer.from(leaf);
  if (bytes.length < 3 || bytes[0] !== VERSION) return undefined;
  const end = 3 + bytes.readUInt16BE(1);
  if (bytes.length !== end + 4 + HASH_BYTES) return undefined;
  return { head: bytes.subarray(3, end), count: bytes.readUInt32BE(end), root: bytes.subarray(end + 4) };
}

/** Proves one record of a block, given all of them. @throws Error when it has no such record */
export function proveRecord(records: Iterable<Uint8Array>, secret: Uint8Array, index: number): RecordProof {
  const salts = saltsOf(secret);
  const hashes: Uint8Array[] = [];
  let own: Uint8Array | undefined;
  for (const record of records) {
    const salt = salts.next().value;
    if (hashes.length === index) own = salt;
    hashes.push(leafHash(salt, record));
  }
  const at = ({ height, index: place }: Place) =>
    rootOf(hashes.slice(place * 2 ** height, (place + 1) * 2 ** height));
  const path = inclusionPath(index, hashes.length).map((places) => rootOfPeaks(places.map(at)));
  if (own === undefined) throw new Error(`the block has no record ${index}`);
  return { index, salt: own, path };
}

/** Whether this is the record of the block that the proof is of. */
export function isRecordOf(
  leaf: Uint8Array,
  record: Uint8Array,
  { index, salt, path }: RecordProof,
): boolean {
  const block = readBlockLeaf(leaf);
  return (
    block !== undefined &&
    // a salt of another length could take in a part of the record
    salt.length === SALT_BYTES &&
    isIncluded(leafHash(salt, record), index, block.count, path, block.root)
  );
}

function saltsOf(secret: Uint8Array): Generator<Uint8Array, never, undefined> {
  if (secret.length !== SECRET_BYTES) throw new Error(`the secret of a block has ${secret.length} bytes`);
  return slicesOf(createCipheriv('aes-256-ctr', secret, new Uint8Array(SALT_BYTES)));
}

/**
 * The salts in their order: the key stream of the counter mode (NIST SP 800-38A) from a counter of 0, some at a time,
 * because a call takes as long as hashing a record.
 */
function* slicesOf(cipher: Cipher): Generator<Uint8Array, never, undefined> {
  const none = new Uint8Array(64 * SALT_BYTES);
  for (;;) {
    const salts = cipher.update(none);
    for (let at = 0; at < salts.length; at += SALT_BYTES) yield salts.subarray(at, at + SALT_BYTES);
  }
}
