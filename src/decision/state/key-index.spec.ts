import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { halfSipHash } from './half-sip-hash.js';
import type { Source } from './dump-format.js';
import { BATCH_KEYS, KeyBatch } from './key-batch.js';
import { type HashKey, type Key, KeyIndex, MOST_NUMBER } from './key-index.js';

// much is tried, on machines that may be busy
vi.setConfig({ testTimeout: 60_000 });

const SECRET: HashKey = [0x03020100, 0x07060504];

/** HalfSipHash-1-3 as its paper says it, with numbers that cannot overflow. */
function slowHash(bytes: Uint8Array, [k0, k1]: HashKey): number {
  const mask = 0xffff_ffffn;
  const rotated = (word: bigint, by: bigint) => ((word << by) | (word >> (32n - by))) & mask;
  let [v0, v1, v2, v3] = [BigInt(k0), BigInt(k1), 0x6c796765n ^ BigInt(k0), 0x74656462n ^ BigInt(k1)];
  const round = () => {
    v0 = (v0 + v1) & mask;
    v1 = rotated(v1, 5n) ^ v0;
    v0 = rotated(v0, 16n);
    v2 = (v2 + v3) & mask;
    v3 = rotated(v3, 8n) ^ v2;
    v0 = (v0 + v3) & mask;
    v3 = rotated(v3, 7n) ^ v0;
    v2 = (v2 + v1) & mask;
    v1 = rotated(v1, 13n) ^ v2;
    v2 = rotated(v2, 16n);
  };
  const padded = new Uint8Array((Math.floor(bytes.length / 4) + 1) * 4);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length % 256;
  const view = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += 4) {
    const word = BigInt(view.getUint32(at, true));
    v3 ^= word;
    round();
    v0 ^= word;
  }
  v2 ^= 0xffn;
  for (let count = 0; count < 3; count++) round();
  return Number(v1 ^ v3);
}

/** All keys, taken a batch at a time. */
function walked(index: KeyIndex): string[] {
  const keys: string[] = [];
  const batch = new KeyBatch();
  for (let place: number | undefined = 0; place !== undefined;) {
    batch.clear();
    place = index.keysFrom(place, batch);
    for (let at = 0; at < batch.size; at++)
      keys.push(Buffer.from(batch.bytes.subarray(batch.starts[at], batch.ends[at])).toString());
  }
  return keys;
}

describe('the hash', () => {
  it('gives the values published for HalfSipHash-1-3', () => {
    const counted = Uint8Array.from({ length: 64 }, (_, index) => index);
    const published = [0x5814c896, 0xe7e864ca, 0xbc4b0e30, 0x01539939, 0x7e059ea6, 0x88e3d89b, 0xa0080b65];
    expect(published.map((_, length) => halfSipHash(counted, length, ...SECRET))).toEqual(published);
    expect(halfSipHash(counted, 63, ...SECRET)).toBe(0x87178304);
  });

  it('is what the paper says, for all keys and lengths', () => {
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), word, word, (bytes, k0, k1) => {
        expect(halfSipHash(bytes, bytes.length, k0, k1)).toBe(slowHash(bytes, [k0, k1]));
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Ids of 1 to 256 bytes of UTF-8, of characters of one to four bytes. */
const text = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
    fc.string({
      unit: fc.constantFrom('a', 'é', '中', '😀', '\u{10ffff}', '\uffff'),
      minLength: 1,
      maxLength: 256,
    }),
  )
  .filter((id) => !id.startsWith('\0') && Buffer.byteLength(id) <= 256);
const bytes = fc
  .uint8Array({ minLength: 1, maxLength: 4_096, size: 'max' })
  .map((key) => Uint8Array.from(key, (byte, at) => (at === 0 && byte === 0 ? 1 : byte)));

type Step = { readonly key: number; readonly value: number };

/** Sets (value above 0) and deletes (value 0) of a few keys, so that they meet again. */
function steps(keys: fc.Arbitrary<Key>): fc.Arbitrary<{ keys: Key[]; steps: Step[] }> {
  return fc.record({
    keys: fc.uniqueArray(keys, { minLength: 1, maxLength: 12, selector: nameOf }),
    steps: fc.array(
      fc.record({
        key: fc.nat(11),
        value: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2 ** 32 - 2 })),
      }),
      {
        maxLength: 60,
      },
    ),
  });
}

function nameOf(key: Key): string {
  return typeof key === 'string' ? Buffer.from(key).toString('latin1') : Buffer.from(key).toString('latin1');
}

/** Runs the steps on an index and on a map, and compares every answer. */
function compare(
  index: KeyIndex,
  keys: readonly Key[],
  taken: readonly Step[],
  { isNumbered } = { isNumbered: true },
): void {
  const model = new Map<string, number>();
  const numbers = new Map<string, number>();
  for (const [place, { key: at, value }] of taken.entries()) {
    const key = keys[at % keys.length] ?? '';
    const name = nameOf(key);
    const before = model.get(name) ?? 0;
    expect(index.get(key)).toBe(before);
    expect(index.numberOf(key)).toBe(numbers.get(name) ?? 0);
    if (value === 0) {
      expect(index.delete(key)).toBe(before);
      model.delete(name);
      numbers.delete(name);
    } else {
      // the highest, so that no bit is lost
      expect(index.set(key, value, MOST_NUMBER - place)).toBe(before);
      model.set(name, value);
      if (before === 0 && isNumbered) numbers.set(name, MOST_NUMBER - place);
    }
    // asked twice, as what was found last is remembered
    expect(index.numberOf(key)).toBe(numbers.get(name) ?? 0);
    expect(index.numberOf(key)).toBe(numbers.get(name) ?? 0);
    expect(index.size).toBe(model.size);
  }
  for (const key of keys) {
    expect(index.get(key)).toBe(model.get(nameOf(key)) ?? 0);
    expect(index.numberOf(key)).toBe(numbers.get(nameOf(key)) ?? 0);
  }
}

/** Keys whose hashes are equal: as many pairs as chance gives among so many of 32 bits. */
function pairsOfOneHash(): (readonly [string, string])[] {
  const scratch = new Uint8Array(8);
  const seen = new Map<number, string>();
  const pairs: (readonly [string, string])[] = [];
  for (let number = 0; number < 200_000; number++) {
    const key = number.toString(36);
    const hash = halfSipHash(scratch, Buffer.from(scratch.buffer).write(key), ...SECRET);
    const other = seen.get(hash);
    if (other === undefined) seen.set(hash, key);
    else pairs.push([other, key]);
  }
  expect(pairs.length).toBeGreaterThan(0);
  return pairs;
}

/**
 * What the index answers for many keys at once; what was looked up before them is still in the batch's memory. Their
 * numbers must be those of each by itself.
 */
function valuesOf(index: KeyIndex, keys: readonly Key[], batch = new KeyBatch()): number[] {
  const values: number[] = [];
  const numbers: number[] = [];
  for (let from = 0; from < keys.length; from += BATCH_KEYS) {
    batch.clear();
    for (const key of keys.slice(from, from + BATCH_KEYS)) batch.add(key);
    index.getMany(batch);
    values.push(...batch.values.subarray(0, batch.size));
    numbers.push(...batch.numbers.subarray(0, batch.size));
  }
  expect(numbers).toEqual(keys.map((key) => index.numberOf(key)));
  return values;
}

describe('an index', () => {
  it('of texts answers as a map does, and knows each by the number that it had at first', () => {
    fc.assert(
      fc.property(steps(text), ({ keys, steps }) => compare(new KeyIndex(SECRET), keys, steps)),
      { numRuns: 500 },
    );
  });

  it('of bytes that come and go answers as a map does, and numbers none', () => {
    fc.assert(
      fc.property(
        steps(
          fc.oneof(
            bytes,
            bytes.map((key) => key.slice(0, 8)),
          ),
        ),
        ({ keys, steps }) => compare(new KeyIndex(SECRET, 'none'), keys, steps, { isNumbered: false }),
      ),
      { numRuns: 300 },
    );
  });

  it('lists texts by place, with a gap where one was deleted', () => {
    fc.assert(
      fc.property(steps(text), fc.nat(20), fc.nat(20), ({ keys, steps }, start, count) => {
        const index = new KeyIndex(SECRET);
        compare(index, keys, steps);
        const places: (string | undefined)[] = [];
        for (const { key: at, value } of steps) {
          const key = String(keys[at % keys.length]);
          const place = places.indexOf(key);
          if (value === 0 && place >= 0) places[place] = undefined;
          if (value > 0 && place < 0) places.push(key);
        }
        expect(index.textsFrom(0, 1_000)).toEqual(places);
        expect(index.textsFrom(start, count)).toEqual(places.slice(start, start + count));
      }),
      { numRuns: 500 },
    );
  });

  it('holds a hundred thousand keys, while all its segments grow', () => {
    const index = new KeyIndex(SECRET);
    const ids = Array.from({ length: 100_000 }, (_, number) => `ü-${number.toString(36)}`);
    ids.forEach((id, place) => index.set(id, place + 1));
    for (let place = 0; place < ids.length; place += 3) index.delete(ids[place] ?? '');
    const wrong = ids.filter((id, place) => index.get(id) !== (place % 3 === 0 ? 0 : place + 1));
    expect(wrong).toEqual([]);
    expect(walked(index)).toEqual(ids.filter((_, place) => place % 3 !== 0));
    expect(index.textsFrom(99_990, 100)).toEqual(
      ids.slice(99_990).map((id, at) => ((99_990 + at) % 3 === 0 ? undefined : id)),
    );
  });

  it('walks from chunk to chunk, also where a key ends with its chunk', () => {
    const index = new KeyIndex(SECRET);
    // 1,021 keys of 4,096 bytes with their numbers and one of 10 leave just the room for one of 4,096 in a chunk of 4 MiB
    const long = (number: number) => String(number).padEnd(4_096, '.');
    const ids = Array.from({ length: 1_021 }, (_, number) => long(number));
    ids.push('short'.padEnd(10, '.'), long(1_022));
    for (let number = 2_000; number < 3_200; number++)
      ids.push(number % 7 === 0 ? String(number) : long(number));
    ids.forEach((id, place) => index.set(id, place + 1, place + 7));
    expect(walked(index)).toEqual(ids);
    const places = index.textsFrom(0, ids.length + 1);
    expect(places.length).toBe(ids.length);
    expect(places.every((id, place) => id === ids[place])).toBe(true);
    expect(index.textsFrom(1_022, 2)).toEqual(ids.slice(1_022, 1_024));
    expect(ids.every((id, place) => index.get(id) === place + 1 && index.numberOf(id) === place + 7)).toBe(
      true,
    );
  });

  it('never takes a key for another one with the same hash', () => {
    const pairs = pairsOfOneHash();
    const index = new KeyIndex(SECRET);
    for (const [one, other] of pairs) {
      index.set(one, 1);
      expect(index.get(other)).toBe(0);
      expect(index.delete(other)).toBe(0);
      index.set(other, 2);
      expect([index.get(one), index.get(other)]).toEqual([1, 2]);
      index.delete(one);
      expect([index.get(one), index.get(other)]).toEqual([0, 2]);
    }
  });

  it('looks up many keys as it looks up each, whatever was looked up before', () => {
    const stranger = fc.oneof(text, bytes, fc.constantFrom('', '\0', 'x'.repeat(4_097), 'é'.repeat(5_000)));
    fc.assert(
      fc.property(
        steps(fc.oneof(text, bytes)),
        fc.array(fc.oneof(fc.nat(11), stranger), { maxLength: 200 }),
        fc.nat(3),
        fc.constantFrom('lasting', 'none'),
        ({ keys, steps }, asked, rounds, order) => {
          const index = new KeyIndex(SECRET, order);
          const batch = new KeyBatch();
          const wanted = asked.map((key) =>
            typeof key === 'number' ? (keys[key % keys.length] ?? '') : key,
          );
          for (let round = 0; round <= rounds; round++) {
            for (const { key: at, value } of steps.slice(round * 15, round * 15 + 15)) {
              const key = keys[at % keys.length] ?? '';
              if (value === 0) index.delete(key);
              else index.set(key, value, value);
            }
            expect(valuesOf(index, wanted, batch)).toEqual(wanted.map((key) => index.get(key)));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('looks up many keys of one hash, each as itself', () => {
    const index = new KeyIndex(SECRET);
    const pairs = pairsOfOneHash();
    const both = pairs.flat();
    pairs.forEach(([one], place) => index.set(one, place + 1, place + 7));
    expect(valuesOf(index, both)).toEqual(pairs.flatMap((_, place) => [place + 1, 0]));
    pairs.forEach(([, other], place) => index.set(other, place + 1_001, place + 2_001));
    expect(valuesOf(index, both)).toEqual(pairs.flatMap((_, place) => [place + 1, place + 1_001]));
    expect(both.map((key) => index.numberOf(key))).toEqual(
      pairs.flatMap((_, place) => [place + 7, place + 2_001]),
    );
    for (const [one] of pairs) index.delete(one);
    expect(valuesOf(index, both)).toEqual(pairs.flatMap((_, place) => [0, place + 1_001]));
  });

  it('looks up many keys while its segments grow and keys are deleted', () => {
    const index = new KeyIndex(SECRET);
    const batch = new KeyBatch();
    const model = new Map<string, number>();
    const idAt = (number: number) => `ü-${number.toString(36)}`;
    const wrong: string[] = [];
    for (let number = 1; number <= 60_000; number++) {
      index.set(idAt(number), number);
      model.set(idAt(number), number);
      const gone = idAt(number - 40);
      if (number % 3 === 0 && index.delete(gone) !== 0) model.delete(gone);
      if (number % 97 !== 0) continue;
      const asked = Array.from({ length: 2 * BATCH_KEYS }, (_, at) =>
        idAt((number * at * 7) % (number + 50)),
      );
      valuesOf(index, asked, batch).forEach((value, at) => {
        const id = asked[at] ?? '';
        if (value !== (model.get(id) ?? 0)) wrong.push(id);
      });
    }
    expect(wrong).toEqual([]);
  });

  it('takes no more keys at once than a batch has room for', () => {
    const batch = new KeyBatch();
    for (let number = 0; number < BATCH_KEYS; number++) batch.add('u');
    expect(() => batch.add('u')).toThrow(RangeError);
    batch.clear();
    new KeyIndex(SECRET).getMany(batch);
    expect([batch.size, batch.isFull]).toEqual([0, false]);
  });

  it('does not grow by keys that come and go', () => {
    const index = new KeyIndex(SECRET, 'none');
    const churn = (from: number) => {
      for (let number = from; number < from + 100_000; number++) {
        index.set(`class ${number % 2_000_000}`.padEnd(15 + (number % 9)), 1);
        if (number >= 500)
          index.delete(`class ${(number - 500) % 2_000_000}`.padEnd(15 + ((number - 500) % 9)));
      }
      return index.bytes;
    };
    const before = churn(0);
    expect(Math.max(churn(100_000), churn(200_000), churn(300_000), churn(400_000))).toBeLessThan(
      before * 1.1,
    );
    expect(index.size).toBe(500);
  });

  it('tells apart keys that differ only in zeros at their end', () => {
    const index = new KeyIndex(SECRET);
    const keys = ['a', 'ab', 'abc', 'abcd'].flatMap((key) =>
      [0, 1, 2, 3, 4].map((zeros) => key + '\0'.repeat(zeros)),
    );
    keys.forEach((key, place) => {
      expect(index.get(key)).toBe(0);
      index.set(key, place + 1);
    });
    expect(keys.map((key) => index.get(key))).toEqual(keys.map((_, place) => place + 1));
    expect(valuesOf(index, keys)).toEqual(keys.map((_, place) => place + 1));
    expect(index.textsFrom(0, 100)).toEqual(keys);
  });

  it.each([100, 4_096, 65_536, 6_000_000])(
    'with room for %i bytes fills it, refuses a new key then, and loses none',
    (room) => {
      const index = new KeyIndex(SECRET, 'lasting', 0, room);
      const idAt = (number: number) => `user ${number}`.padEnd(1 + (number % 300), '.');
      const shares = [index.filled];
      let count = 0;
      expect(() => {
        for (; ; count++) {
          index.set(idAt(count), count + 1);
          shares.push(index.filled);
        }
      }).toThrow('more keys than the index can hold');
      const ids = Array.from({ length: count }, (_, number) => idAt(number));
      expect(shares[0]).toBe(0);
      expect(shares.every((share, at) => share <= 1 && share >= (shares[at - 1] ?? 0))).toBe(true);
      // what is left is less than the key that did not fit with its number, or than the longest, where a chunk ends
      expect((1 - index.filled) * room).toBeLessThan(room > 4_194_304 ? 4_104 : 308);
      expect(index.get(idAt(count))).toBe(0);
      expect(index.size).toBe(count);
      expect(index.textsFrom(0, count + 1)).toEqual(ids);
      // keys that are there go on as ever
      expect(ids.filter((id, place) => index.set(id, place + 7) !== place + 1)).toEqual([]);
      expect(ids.filter((id, place) => index.get(id) !== place + 7)).toEqual([]);
      const restored = KeyIndex.restore(SECRET, sourceOf(index.dump(1 << 12)));
      expect(restored.textsFrom(0, count + 1)).toEqual(ids);
    },
  );

  it('of keys that come and go takes a new one in the room of another, also when it is full', () => {
    const index = new KeyIndex(SECRET, 'none', 0, 400);
    const idAt = (number: number) => `user ${number}`.padEnd(38);
    for (let number = 0; number < 10; number++) index.set(idAt(number), 1);
    expect(index.filled).toBe(1);
    expect(() => index.set(idAt(10), 1)).toThrow(RangeError);
    index.delete(idAt(3));
    index.set(idAt(10), 1);
    expect([index.size, index.get(idAt(10)), index.get(idAt(3))]).toEqual([10, 1, 0]);
  });

  it('refuses what cannot be a key, and stays as it was', () => {
    const index = new KeyIndex(SECRET);
    for (const key of ['', '\0x', 'é'.repeat(2_049), new Uint8Array(0), new Uint8Array(4_097).fill(1)])
      expect(() => index.set(key, 1)).toThrow(RangeError);
    for (const number of [MOST_NUMBER + 1, -1, 0.5, Number.NaN])
      expect(() => index.set('u', 1, number)).toThrow('the number of a key is at most 4294967295');
    expect(index.get('')).toBe(0);
    expect([index.size, index.textsFrom(0, 9)]).toEqual([0, []]);
  });
});

/** What a generator gave, to read again. */
function sourceOf(pieces: Iterable<Uint8Array>, between: () => void = () => undefined): Source {
  const copies: Uint8Array[] = [];
  for (const piece of pieces) {
    copies.push(piece.slice());
    between();
  }
  const whole = Buffer.concat(copies);
  let at = 0;
  return {
    get left() {
      return whole.length - at;
    },
    read: (into) => {
      if (whole.length - at < into.length) throw new Error('too few');
      into.set(whole.subarray(at, (at += into.length)));
    },
  };
}

describe('a restored index', () => {
  it('has the keys there were, with their places and with values they had since', () => {
    fc.assert(
      fc.property(fc.uniqueArray(text, { maxLength: 60 }), fc.nat(60), fc.nat(300), (ids, known, size) => {
        const index = new KeyIndex(SECRET);
        ids.slice(0, known).forEach((id, place) => index.set(id, 1, place + 7));
        const later = ids.slice(known);
        let turn = 1;
        const change = () => {
          turn++;
          const id = later.pop() ?? ids[turn % ids.length];
          if (id !== undefined && turn < 200) index.set(id, turn, turn);
        };
        const restored = KeyIndex.restore(SECRET, sourceOf(index.dump(size), change));
        expect(restored.textsFrom(0, 100)).toEqual(ids.slice(0, known));
        expect(restored.size).toBe(Math.min(known, ids.length));
        for (const id of ids.slice(0, known)) expect(restored.get(id)).toBeGreaterThan(0);
        for (const id of ids.slice(known)) expect(restored.get(id)).toBe(0);
        const numbers = (of: KeyIndex) => ids.map((id) => of.numberOf(id));
        expect(numbers(restored)).toEqual(ids.map((_, place) => (place < known ? place + 7 : 0)));
        // and it goes on as any other
        ids.forEach((id, place) => restored.set(id, 7, place + 1_001));
        expect(numbers(restored)).toEqual(ids.map((_, place) => place + (place < known ? 7 : 1_001)));
        expect(restored.textsFrom(0, 100)).toEqual(ids);
        expect(ids.every((id) => restored.get(id) === 7)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps gaps, chunks and tombstones', () => {
    const index = new KeyIndex(SECRET);
    const ids = Array.from({ length: 3_500 }, (_, number) =>
      String(number).padEnd(number % 3 === 0 ? 4_096 : 30, '.'),
    );
    ids.forEach((id, place) => index.set(id, place + 1, place + 7));
    for (let place = 0; place < ids.length; place += 5) index.delete(ids[place] ?? '');
    const restored = KeyIndex.restore(SECRET, sourceOf(index.dump(1 << 16)));
    expect(restored.textsFrom(0, 3_501)).toEqual(index.textsFrom(0, 3_501));
    expect(restored.textsFrom(3_000, 10)).toEqual(index.textsFrom(3_000, 10));
    expect(ids.filter((id) => restored.get(id) !== index.get(id))).toEqual([]);
    expect(ids.filter((id) => restored.numberOf(id) !== index.numberOf(id))).toEqual([]);
    expect(restored.size).toBe(index.size);
  });

  it('is not had when a key is deleted during the dump', () => {
    const index = new KeyIndex(SECRET);
    index.set('a', 1);
    index.set('b', 2);
    const dump = index.dump(64);
    dump.next();
    index.delete('a');
    expect(() => [...dump]).toThrow(/deleted while/);
  });
});
