/** One record of a block is proved, and the proof is worth nothing for any other record, block or salt. */
import { createCipheriv, createHash } from 'node:crypto';
import { array, assert, integer, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finish } from '../../decision/steps.js';
import { blockLeafOf, isRecordOf, proveRecord, readBlockLeaf } from './block-leaf.js';

const HEAD = Buffer.from('block 7');
const SECRET = Buffer.alloc(32, 7);

function recordsOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => Buffer.from(`record ${index}`));
}

function leafOf(records: readonly Uint8Array[], secret: Uint8Array = SECRET): Uint8Array {
  return finish(blockLeafOf(HEAD, records, secret));
}

function sha256(...parts: Uint8Array[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

describe('the leaf of a block', () => {
  it('is the bytes that are specified', () => {
    const salt = (index: number) =>
      createCipheriv('aes-256-ecb', SECRET, null).update(
        Buffer.from(index.toString(16).padStart(32, '0'), 'hex'),
      );
    const entry = (index: number) => sha256(Buffer.of(0), salt(index), Buffer.from(`record ${index}`));
    const root = sha256(Buffer.of(1), sha256(Buffer.of(1), entry(0), entry(1)), entry(2));
    expect(leafOf(recordsOf(3))).toEqual(
      Buffer.concat([Buffer.of(1, 0, 7), HEAD, Buffer.of(0, 0, 0, 3), root]),
    );
  });

  it('is read as it was written, also of no records', () => {
    for (const count of [0, 1, 300])
      expect(readBlockLeaf(leafOf(recordsOf(count)))).toMatchObject({ head: HEAD, count });
  });

  it('is not read from other bytes', () => {
    const leaf = leafOf(recordsOf(2));
    for (let length = 0; length < leaf.length; length++)
      expect(readBlockLeaf(leaf.subarray(0, length))).toBeUndefined();
    expect(readBlockLeaf(Buffer.concat([leaf, Buffer.of(0)]))).toBeUndefined();
    expect(readBlockLeaf(Buffer.concat([Buffer.of(2), leaf.subarray(1)]))).toBeUndefined();
  });

  it('takes a secret of 32 bytes only, and a head that fits', () => {
    expect(() => leafOf([], Buffer.alloc(31))).toThrow('the secret of a block has 31 bytes');
    expect(() => finish(blockLeafOf(Buffer.alloc(65_536), [], SECRET))).toThrow('has 65536 bytes');
  });
});

describe('the proof of a record', () => {
  it('holds for each record of blocks of every size, and for no other record', () => {
    for (let count = 1; count <= 33; count++) {
      const records = recordsOf(count);
      const leaf = leafOf(records);
      for (const [index, record] of records.entries()) {
        const proof = proveRecord(records, SECRET, index);
        const held = records.filter((other) => isRecordOf(leaf, other, proof));
        expect(held).toEqual([record]);
      }
      expect(() => proveRecord(records, SECRET, count)).toThrow(`has no leaf ${count}`);
    }
  });

  it('shows nothing of the other records: with other salts, the same records have other proofs', () => {
    const records = recordsOf(8);
    const one = proveRecord(records, SECRET, 3);
    const other = proveRecord(records, Buffer.alloc(32, 8), 3);
    for (const [place, hash] of one.path.entries()) expect(hash).not.toEqual(other.path[place]);
    // what somebody would try who guesses the neighbour and knows the salt that was shown
    const guess = sha256(Buffer.of(0), one.salt, Buffer.from('record 2'));
    expect(one.path).not.toContainEqual(guess);
    expect(new Set(records.map((_, index) => proveRecord(records, SECRET, index).salt.join())).size).toBe(8);
  });

  it('does not hold once a bit of leaf, record, salt, path or index is another', () => {
    const flip = (bytes: Uint8Array, bit: number) =>
      bytes.map((byte, place) => (place === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
    assert(
      property(
        array(uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 20 }),
        uint8Array({ minLength: 32, maxLength: 32 }),
        integer({ min: 0 }),
        integer({ min: 0 }),
        (records, secret, chosen, bit) => {
          const index = chosen % records.length;
          const [record = new Uint8Array()] = records.slice(index);
          const leaf = leafOf(records, secret);
          const proof = proveRecord(records, secret, index);
          expect(isRecordOf(leaf, record, proof)).toBe(true);
          const rootBit = (leaf.length - 32) * 8 + (bit % 256);
          expect(isRecordOf(flip(leaf, rootBit), record, proof)).toBe(false);
          expect(isRecordOf(leaf, Buffer.concat([record, Buffer.of(0)]), proof)).toBe(false);
          if (record.length > 0)
            expect(isRecordOf(leaf, flip(record, bit % (record.length * 8)), proof)).toBe(false);
          expect(isRecordOf(leaf, record, { ...proof, salt: flip(proof.salt, bit % 128) })).toBe(false);
          // the border between salt and record does not move
          const shorter = { ...proof, salt: proof.salt.subarray(0, 15) };
          expect(isRecordOf(leaf, Buffer.concat([proof.salt.subarray(15), record]), shorter)).toBe(false);
          for (const [place, hash] of proof.path.entries())
            expect(
              isRecordOf(leaf, record, { ...proof, path: proof.path.with(place, flip(hash, bit % 256)) }),
            ).toBe(false);
        },
      ),
    );
  });
});
