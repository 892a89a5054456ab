/**
 * The leaf of an entry of the consent log: 0x02 ‖ revision, 64 bits, big-endian ‖ the entry's link of the chain, which is
 * over all that is before it too. Every process and every copy of the log makes the same leaves.
 */
import { HASH_BYTES, type Link, writeNumber } from './chain.js';

const KIND = 2;
const LENGTH = 9 + HASH_BYTES;

type ChainLeaf = Pick<Link, 'revision' | 'hash'>;

export function chainLeaf({ revision, hash }: ChainLeaf): Uint8Array {
  const leaf = Buffer.alloc(LENGTH);
  leaf.writeUInt8(KIND);
  writeNumber(leaf, revision, 1);
  hash.copy(leaf, 9);
  return leaf;
}

/** What the leaf of an entry says; `undefined` when it is none. */
export function readChainLeaf(entry: Uint8Array): ChainLeaf | undefined {
  const leaf = Buffer.from(entry);
  if (leaf.length !== LENGTH || leaf[0] !== KIND) return undefined;
  return { revision: leaf.readUInt32BE(1) * 2 ** 32 + leaf.readUInt32BE(5), hash: leaf.subarray(9) };
}
