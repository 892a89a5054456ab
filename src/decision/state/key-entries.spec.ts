import { describe, expect, it } from 'vitest';
import {
  CHUNK_BYTES,
  CHUNK_UNITS,
  HEAD,
  KEY_BYTES,
  LONGEST,
  MOST_UNITS,
  UNIT_BYTES,
  bytesBefore,
  chunkOf,
  entryFrom,
  frame,
  unitOf,
  unitsOf,
} from './key-entries.js';

const CHUNKS = MOST_UNITS / CHUNK_UNITS;

/**
 * Places around the begin of every chunk, up to the end of the arena: further than the longest entry reaches, both
 * ways.
 */
function* aroundBorders(): Generator<number> {
  for (let chunk = 0; chunk <= CHUNKS; chunk++)
    for (let place = -LONGEST - 2; place <= 2; place++) {
      const at = chunk * CHUNK_UNITS + place;
      if (at >= 0 && at <= MOST_UNITS) yield at;
    }
}

/** Those of the places around borders for which something does not hold. */
function failing(holds: (at: number) => boolean): number[] {
  const failed: number[] = [];
  for (const at of aroundBorders()) if (!holds(at)) failed.push(at);
  return failed.slice(0, 10);
}

describe('an arena of 16 GiB', () => {
  it('has each address in one chunk, at one unit of it', () => {
    expect(
      failing(
        (at) =>
          at === MOST_UNITS ||
          (chunkOf(at) === Math.floor(at / CHUNK_UNITS) && unitOf(at) === at % CHUNK_UNITS),
      ),
    ).toEqual([]);
  });

  it('has room for the longest entry wherever one begins, and none begins at the last address', () => {
    expect(
      failing((end) => {
        const at = entryFrom(end);
        return (
          at === MOST_UNITS ||
          (chunkOf(at) === chunkOf(at + LONGEST - 1) && at + LONGEST <= MOST_UNITS && at < 0xffff_ffff)
        );
      }),
    ).toEqual([]);
  });

  it('is dumped whole: what its chunks have of it is all there is, and no byte twice', () => {
    expect(
      failing((end) => {
        const chunk = Math.min(chunkOf(Math.max(end - 1, 0)), CHUNKS - 1);
        return (
          chunk * CHUNK_BYTES + bytesBefore(end, chunk) === end * UNIT_BYTES &&
          (chunk === 0 || bytesBefore(end, chunk - 1) === CHUNK_BYTES) &&
          bytesBefore(end, chunk + 1) === 0
        );
      }),
    ).toEqual([]);
    for (const end of [0, 1, 2 ** 30 - 1, 2 ** 30, 2 ** 30 + 1, 2 ** 31, MOST_UNITS - 1, MOST_UNITS]) {
      let sum = 0;
      for (let chunk = 0; chunk < CHUNKS; chunk++) sum += bytesBefore(end, chunk);
      expect(sum).toBe(end * UNIT_BYTES);
    }
  });
});

describe('an entry', () => {
  it('takes as few units as hold its key and the length', () => {
    for (let length = 1; length <= KEY_BYTES; length++)
      expect(unitsOf(length)).toBe(Math.ceil((length + HEAD) / UNIT_BYTES));
    expect(LONGEST).toBe(unitsOf(KEY_BYTES));
  });

  it('is equal to another one only if their keys are, whatever was in its place before', () => {
    const entryOf = (key: string) => {
      const bytes = new Uint8Array(unitsOf(key.length) * UNIT_BYTES + UNIT_BYTES).fill(0xff);
      bytes.set(Buffer.from(key), HEAD);
      frame(bytes, HEAD, HEAD + key.length);
      return Buffer.from(bytes.subarray(0, unitsOf(key.length) * UNIT_BYTES)).toString('hex');
    };
    const keys = ['a', 'a\0', 'a\0\0', 'a\0\0\0', 'a\0\0\0\0', 'ab', 'abc', 'abcd', 'abcde'];
    expect(new Set(keys.map(entryOf)).size).toBe(keys.length);
    expect(entryOf('a')).toBe('01006100');
    expect(entryOf('abc')).toBe('0300616263000000');
  });

  it('of a key that is too long has the length of none, so that it is no other one’s', () => {
    for (const length of [KEY_BYTES + 1, 2 ** 16, 2 ** 16 + 1, 2 ** 16 + KEY_BYTES]) {
      const bytes = new Uint8Array(length + 8).fill(0x61);
      frame(bytes, HEAD, HEAD + length);
      expect([bytes[0], bytes[1]]).toEqual([0, 0]);
    }
    const longest = new Uint8Array(KEY_BYTES + 8);
    frame(longest, HEAD, HEAD + KEY_BYTES);
    expect((longest[0] ?? 0) + (longest[1] ?? 0) * 256).toBe(KEY_BYTES);
  });
});
