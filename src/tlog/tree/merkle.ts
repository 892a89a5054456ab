/**
 * The Merkle tree of RFC 9162, section 2.1 (the same as that of RFC 6962): its hashes, proofs, and their verification.
 * Leaves are numbered from 0, sizes are counts of leaves; both stay below 2^53.
 */
import { hash } from 'node:crypto';

export const HASH_BYTES = 32;

/** Hash of an empty tree. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array());

/** No path in a tree of fewer than 2^53 leaves has more hashes. */
const LONGEST_PATH = 54;

/** A perfect subtree: its height above the leaves, and how many such subtrees are left of it. */
export type Place = { readonly height: number; readonly index: number };

function sha256(bytes: Uint8Array): Uint8Array {
  // a string and its bytes take a third of the time of a buffer
  return Buffer.from(hash('sha256', bytes, 'binary'), 'latin1');
}

/** SHA-256(0x00 ‖ entry). @param parts what the entry is, one after the other */
export function leafHash(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(parts.reduce((sum, { length }) => sum + length, 1));
  bytes[0] = 0;
  let at = 1;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return sha256(bytes);
}

/** Filled anew for each hash: nothing waits in between. */
const NODE = new Uint8Array(1 + 2 * HASH_BYTES).fill(1, 0, 1);

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  NODE.set(left, 1);
  NODE.set(right, 1 + HASH_BYTES);
  return sha256(NODE);
}

/** The least of a tree that takes more leaves and knows its root: one hash for each 1 in the binary form of its size. */
export class Frontier {
  /**
   * @param size how many leaves there are
   * @param peaks hashes of the perfect subtrees that they make, from the left, see {@link peaksOf}
   */
  constructor(
    private size = 0,
    private readonly peaks: Uint8Array[] = [],
  ) {
    if (peaks.length !== peaksOf(0, size).length)
      throw new Error(`a tree of ${size} leaves does not have ${peaks.length} peaks`);
  }

  get leaves(): number {
    return this.size;
  }

  append(leaf: Uint8Array): void {
    let node = leaf;
    for (let rest = this.size; rest % 2 === 1; rest = half(rest)) node = nodeHash(takeLast(this.peaks), node);
    this.peaks.push(node);
    this.size++;
  }

  root(): Uint8Array {
    return rootOfPeaks(this.peaks);
  }
}

/** The perfect subtrees that the leaves from `begin` to before `end` make, from the left, where `begin` is the left edge of them. */
export function peaksOf(begin: number, end: number): Place[] {
  const places: Place[] = [];
  for (let at = begin; at < end;) {
    const width = largestPower(end - at);
    places.push({ height: Math.log2(width), index: at / width });
    at += width;
  }
  return places;
}

/** The root over the hashes of {@link peaksOf}. */
export function rootOfPeaks(peaks: readonly Uint8Array[]): Uint8Array {
  return peaks.length === 0 ? EMPTY_ROOT : peaks.reduceRight((right, left) => nodeHash(left, right));
}

/** The root over hashes of leaves, MTH. */
export function rootOf(leaves: Iterable<Uint8Array>): Uint8Array {
  const frontier = new Frontier();
  for (const leaf of leaves) frontier.append(leaf);
  return frontier.root();
}

/**
 * What the inclusion proof of a leaf is made of, from the leaf's sibling upwards (section 2.1.3.1). Each hash of the
 * proof is {@link rootOfPeaks} over the subtrees listed for it.
 *
 * @throws Error when the tree has no such leaf
 */
export function inclusionPath(index: number, size: number): Place[][] {
  if (!(index >= 0 && index < size)) throw new Error(`a tree of ${size} leaves has no leaf ${index}`);
  const path: Place[][] = [];
  for (let [begin, end] = [0, size]; end - begin > 1;) {
    const middle = begin + split(end - begin);
    if (index < middle) {
      path.push(peaksOf(middle, end));
      end = middle;
    } else {
      path.push(peaksOf(begin, middle));
      begin = middle;
    }
  }
  return path.reverse();
}

/**
 * The same for the proof that the tree of the `second` size continues that of the `first` (section 2.1.4.1).
 *
 * @throws Error when it does not have as many leaves
 */
export function consistencyPath(first: number, second: number): Place[][] {
  if (!(first >= 0 && first <= second))
    throw new Error(`a tree of ${second} leaves does not continue one of ${first}`);
  if (first === 0 || first === second) return [];
  const path: Place[][] = [];
  let [begin, end] = [0, second];
  while (first !== end) {
    const middle = begin + split(end - begin);
    if (first <= middle) {
      path.push(peaksOf(middle, end));
      end = middle;
    } else {
      path.push(peaksOf(begin, middle));
      begin = middle;
    }
  }
  // the verifier knows the root of the first tree, and this is it when the tree is perfect
  if (begin > 0) path.push(peaksOf(begin, end));
  return path.reverse();
}

/**
 * Whether the proof shows that the leaf is in the tree (section 2.1.3.2).
 *
 * @param leaf its hash
 */
export function isIncluded(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([leaf, root, ...proof])) return false;
  let [node, last, result] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      result = nodeHash(sibling, result);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else result = nodeHash(result, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && isSame(result, root);
}

/** Whether the proof shows that the second tree continues the first (section 2.1.4.2). */
export function isConsistent(
  first: { readonly size: number; readonly root: Uint8Array },
  second: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (!isCount(first.size) || !isCount(second.size) || first.size > second.size) return false;
  if (!areHashes([first.root, second.root, ...proof])) return false;
  if (first.size === second.size) return proof.length === 0 && isSame(first.root, second.root);
  if (first.size === 0) return proof.length === 0 && isSame(first.root, EMPTY_ROOT);
  const isPerfect = largestPower(first.size) === first.size;
  const [start, ...rest] = isPerfect ? [first.root, ...proof] : proof;
  if (start === undefined || proof.length === 0) return false;
  let [node, last] = [first.size - 1, second.size - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let [older, newer] = [start, start];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else newer = nodeHash(newer, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && isSame(older, first.root) && isSame(newer, second.root);
}

export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function areHashes(all: readonly Uint8Array[]): boolean {
  return all.length <= LONGEST_PATH + 2 && all.every(({ length }) => length === HASH_BYTES);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Not by `>>`, which cuts a number to 32 bits. */
function half(value: number): number {
  return Math.floor(value / 2);
}

/** The largest power of two that is not above a count of at least 1. */
function largestPower(count: number): number {
  let power = 1;
  while (power * 2 <= count) power *= 2;
  return power;
}

/** Where a tree of at least 2 leaves divides: the largest power of two below its size. */
function split(size: number): number {
  return largestPower(size - 1);
}

function takeLast(peaks: Uint8Array[]): Uint8Array {
  const last = peaks.pop();
  if (last === undefined) throw new Error('the tree lacks a hash that its size needs');
  return last;
}
