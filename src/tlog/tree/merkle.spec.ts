/** Held to the definitions of RFC 9162 as they stand there, for all small trees, and to the vectors of Certificate Transparency. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { times } from '../../../test/times.js';
import {
  EMPTY_ROOT,
  Frontier,
  type Place,
  consistencyPath,
  inclusionPath,
  isConsistent,
  isIncluded,
  leafHash,
  nodeHash,
  peaksOf,
  rootOf,
  rootOfPeaks,
} from './merkle.js';

const LARGEST = times(300, 140);
const ENTRIES = Array.from({ length: LARGEST }, (_, index) => Buffer.from(`entry ${index}`));
const LEAVES = ENTRIES.map((entry) => leafHash(entry));

const roots = new Map<string, Uint8Array>();

function sha256(...parts: Uint8Array[]): Uint8Array {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

function powerBelow(n: number): number {
  return n <= 2 ? 1 : 2 * powerBelow(Math.ceil(n / 2));
}

/** MTH(D[begin:end]), section 2.1.1. Remembered, because every proof asks for the same ones. */
function mth(begin: number, end: number): Uint8Array {
  const key = `${begin}:${end}`;
  const known = roots.get(key);
  if (known !== undefined) return known;
  const middle = begin + powerBelow(end - begin);
  const root =
    end === begin
      ? sha256()
      : end - begin === 1
        ? sha256(Uint8Array.of(0), ENTRIES[begin] ?? Buffer.of())
        : sha256(Uint8Array.of(1), mth(begin, middle), mth(middle, end));
  roots.set(key, root);
  return root;
}

/** PATH(m, D[begin:end]), section 2.1.3.1. */
function path(m: number, begin: number, end: number): Uint8Array[] {
  if (end - begin === 1) return [];
  const k = powerBelow(end - begin);
  return m < k
    ? [...path(m, begin, begin + k), mth(begin + k, end)]
    : [...path(m - k, begin + k, end), mth(begin, begin + k)];
}

/** SUBPROOF(m, D[begin:end], isKnown), section 2.1.4.1. */
function subproof(m: number, begin: number, end: number, isKnown: boolean): Uint8Array[] {
  if (m === end - begin) return isKnown ? [] : [mth(begin, end)];
  const k = powerBelow(end - begin);
  return m <= k
    ? [...subproof(m, begin, begin + k, isKnown), mth(begin + k, end)]
    : [...subproof(m - k, begin + k, end, false), mth(begin, begin + k)];
}

function hexes(hashes: readonly Uint8Array[]): string[] {
  return hashes.map((hash) => Buffer.from(hash).toString('hex'));
}

function isEqual(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return Buffer.concat(some).equals(Buffer.concat(others));
}

/** The hashes that a path lists, each over perfect subtrees alone. */
function proofOf(places: readonly Place[][]): Uint8Array[] {
  return places.map((peaks) =>
    rootOfPeaks(peaks.map(({ height, index }) => mth(index * 2 ** height, (index + 1) * 2 ** height))),
  );
}

function flipped(hash: Uint8Array): Uint8Array {
  return hash.map((byte, place) => (place === 7 ? byte ^ 1 : byte));
}

describe('a tree', () => {
  it('has the root of the definition at every size, however it was begun', () => {
    const grown = new Frontier();
    expect(grown.root()).toEqual(EMPTY_ROOT);
    for (let size = 1; size <= LARGEST; size++) {
      grown.append(LEAVES[size - 1] ?? EMPTY_ROOT);
      expect(grown.root()).toEqual(mth(0, size));
      const peaks = peaksOf(0, size).map(({ height, index }) =>
        mth(index * 2 ** height, (index + 1) * 2 ** height),
      );
      expect(new Frontier(size, peaks).root()).toEqual(mth(0, size));
      expect(rootOf(LEAVES.slice(0, size))).toEqual(mth(0, size));
    }
  });

  it('is not begun with another number of peaks than its size has', () => {
    expect(() => new Frontier(3, [EMPTY_ROOT])).toThrow('a tree of 3 leaves does not have 1 peaks');
  });

  it('counts beyond 32 bits', () => {
    const size = 2 ** 40 + 2 ** 33 + 1;
    expect(peaksOf(0, size)).toEqual([
      { height: 40, index: 0 },
      { height: 33, index: 128 },
      { height: 0, index: 2 ** 40 + 2 ** 33 },
    ]);
    const frontier = new Frontier(
      2 ** 40 - 1,
      Array.from({ length: 40 }, () => EMPTY_ROOT),
    );
    frontier.append(EMPTY_ROOT);
    expect(frontier.leaves).toBe(2 ** 40);
    expect(inclusionPath(2 ** 40, size)).toHaveLength(35);
  });
});

describe('an inclusion proof', () => {
  it('is that of the definition for every leaf of every tree, and verifies', () => {
    const wrong: string[] = [];
    for (let size = 1; size <= LARGEST; size++)
      for (let index = 0; index < size; index++) {
        const proof = proofOf(inclusionPath(index, size));
        const isRight =
          isEqual(proof, path(index, 0, size)) &&
          isIncluded(LEAVES[index] ?? EMPTY_ROOT, index, size, proof, mth(0, size));
        if (!isRight) wrong.push(`${index} of ${size}`);
      }
    expect(wrong).toEqual([]);
  });

  it('verifies for no other leaf, place, root or path', () => {
    for (let size = 1; size <= 20; size++)
      for (let index = 0; index < size; index++) {
        const leaf = LEAVES[index] ?? EMPTY_ROOT;
        const proof = path(index, 0, size);
        const root = mth(0, size);
        for (let other = 0; other < 33; other++) {
          if (other !== index) expect(isIncluded(leaf, other, size, proof, root)).toBe(false);
          if (mth(0, other) !== root) expect(isIncluded(leaf, index, size, proof, mth(0, other))).toBe(false);
        }
        expect(isIncluded(flipped(leaf), index, size, proof, root)).toBe(false);
        expect(isIncluded(leaf, index, size, proof, flipped(root))).toBe(false);
        expect(isIncluded(leaf, index, size, [...proof, root], root)).toBe(false);
        expect(isIncluded(leaf, index, size, [leaf, ...proof], root)).toBe(false);
        for (const [place, hash] of proof.entries()) {
          expect(isIncluded(leaf, index, size, proof.with(place, flipped(hash)), root)).toBe(false);
          expect(isIncluded(leaf, index, size, proof.toSpliced(place, 1), root)).toBe(false);
          expect(isIncluded(leaf, index, size, proof.with(place, hash.subarray(1)), root)).toBe(false);
        }
      }
  });

  it('is refused where numbers are no counts or the path has no end', () => {
    const root = LEAVES[0] ?? EMPTY_ROOT;
    expect(isIncluded(root, 0, 1, [], root)).toBe(true);
    for (const [index, size] of [
      [-1, 1],
      [1, 1],
      [0, 0],
      [0.5, 1],
      [NaN, 1],
      [0, Infinity],
      [0, 2 ** 53],
    ] as const)
      expect(isIncluded(root, index, size, [], root)).toBe(false);
    const endless = Array.from({ length: 100_000 }, () => root);
    expect(isIncluded(root, 0, 2 ** 53 - 1, endless, root)).toBe(false);
    expect(() => inclusionPath(3, 3)).toThrow('a tree of 3 leaves has no leaf 3');
  });
});

describe('a consistency proof', () => {
  it('is that of the definition for every pair of sizes, and verifies', () => {
    const wrong: string[] = [];
    for (let second = 0; second <= LARGEST; second++)
      for (let first = 0; first <= second; first++) {
        const proof = proofOf(consistencyPath(first, second));
        const older = { size: first, root: mth(0, first) };
        const newer = { size: second, root: mth(0, second) };
        const isRight =
          (first === 0 || isEqual(proof, subproof(first, 0, second, true))) &&
          isConsistent(older, newer, proof) &&
          !isConsistent({ ...older, root: flipped(older.root) }, newer, proof) &&
          // of an empty tree anything is a continuation
          (first === 0 || !isConsistent(older, { ...newer, root: flipped(newer.root) }, proof));
        if (!isRight) wrong.push(`${first} to ${second}`);
      }
    expect(wrong).toEqual([]);
  });

  it('verifies for no other size and no other path', () => {
    for (let second = 1; second <= 20; second++)
      for (let first = 1; first <= second; first++) {
        const proof = subproof(first, 0, second, true);
        const [older, newer] = [
          { size: first, root: mth(0, first) },
          { size: second, root: mth(0, second) },
        ];
        for (let other = 1; other < 33; other++)
          if (other !== first) expect(isConsistent({ ...older, size: other }, newer, proof)).toBe(false);
        expect(isConsistent(older, newer, [...proof, newer.root])).toBe(false);
        expect(isConsistent(older, newer, [older.root, ...proof])).toBe(false);
        for (const [place, hash] of proof.entries()) {
          expect(isConsistent(older, newer, proof.with(place, flipped(hash)))).toBe(false);
          expect(isConsistent(older, newer, proof.toSpliced(place, 1))).toBe(false);
        }
      }
    expect(() => consistencyPath(4, 3)).toThrow('a tree of 3 leaves does not continue one of 4');
  });
});

/** Of google/certificate-transparency, `merkle_tree_test.cc`. */
describe('the vectors of Certificate Transparency', () => {
  const entries = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ];
  const leaves = entries.map((entry) => leafHash(Buffer.from(entry, 'hex')));
  const at = ({ height, index }: Place): Uint8Array =>
    height === 0
      ? (leaves[index] ?? EMPTY_ROOT)
      : nodeHash(
          at({ height: height - 1, index: 2 * index }),
          at({ height: height - 1, index: 2 * index + 1 }),
        );
  const proven = (places: Place[][]) => hexes(places.map((peaks) => rootOfPeaks(peaks.map(at))));

  it('are the roots', () => {
    expect(hexes([0, 1, 2, 3, 4, 5, 6, 7, 8].map((size) => rootOf(leaves.slice(0, size))))).toEqual([
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]);
  });

  it('are the proofs', () => {
    expect(proven(inclusionPath(0, 8))).toEqual([
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ]);
    expect(proven(inclusionPath(5, 8))).toEqual([
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
    expect(proven(consistencyPath(6, 8))).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
    expect(proven(consistencyPath(2, 5))).toEqual([
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ]);
  });
});
