/**
 * Keys to values, tens of bytes a key, tens of millions of them on one machine. A key is a text (a user's id) or bytes
 * (a packed record). A value changes; the number that a lasting key has besides is part of its entry and does not.
 *
 * An open-addressed table of slots points into an arena that holds the keys themselves; every look-up compares the
 * whole key, so two users can never share a slot, whatever their hashes do. The hash is keyed (HalfSipHash-1-3, the
 * 32-bit member of SipHash by J.-P. Aumasson and D. J. Bernstein), so that nobody can choose ids that collide. The
 * table is divided into segments that grow one by one, so growth is never slow.
 *
 * INVARIANT: a text is well-formed Unicode; the edge checks that of ids.
 */
import { type Source, bytesOf, damaged, readNumber, readWord, split, word } from './dump-format.js';
import { halfSipHash } from './half-sip-hash.js';
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
import {
  DELETED,
  FULLEST,
  STRIDE,
  countOf,
  deleteFrom,
  firstSlot,
  forEachKey,
  insert,
  regrown,
  slotOfHash,
} from './key-slots.js';
import { BATCH_KEYS, type KeyBatch } from './key-batch.js';
import { decode, encode } from './utf-8.js';

const SEGMENT_BITS = 10;
const FIRST_CAPACITY = 4;
/** Over-allocation factor: segments fill unevenly. */
const HEADROOM = 1.1;
/** Number of parts of the keys, so that each part is small. */
export const PARTS = 1 << SEGMENT_BITS;
/** The place of every n-th entry is recorded, so that any entry is found by a short walk. */
const MARK_EVERY = 1024;
const NO_WORDS = new Uint32Array(0);
/** Words of a segment, and units of the arena, that a search usually reads. */
const USUAL_SEARCH = 2 * STRIDE - 1;
const USUAL_KEY = 4;
/** Maximum bytes of the arena of an index. */
export const MOST_BYTES = MOST_UNITS * UNIT_BYTES;
/** The highest number that a key can have: it lies in one unit. */
export const MOST_NUMBER = 2 ** 32 - 1;

export type Key = string | Uint8Array;

/** A secret of 64 bits for the hash, as two words of 32 bits. */
export type HashKey = readonly [number, number];

/** Where a key lies: its bytes are `length` bytes of `bytes` from `start` on. */
export type Place = { bytes: Uint8Array; start: number; length: number };

export class KeyIndex {
  private readonly segments: Uint32Array[];
  /** Slots per segment that are not free. */
  private readonly used = new Uint32Array(PARTS);
  /** The arena, and the bytes of each of its chunks. */
  private readonly chunks: Uint32Array[] = [];
  private readonly chunkBytes: Uint8Array[] = [];
  private readonly limit: number;
  /** Units before an entry, for its number. */
  private readonly ahead: number;
  /** Of the last entry. */
  private end = 0;
  private readonly marks: number[] = [];
  private entries = 0;
  private count = 0;
  private last = 0;
  /** The text that was last looked up, until another key is; the address at which it was found, −1: nowhere. */
  private asked: string | undefined;
  private found = -1;
  private deletions = 0;
  /** Per length, addresses of deleted keys whose room the next key of that length takes. */
  private readonly rooms = new Map<number, number[]>();
  private readonly k0: number;
  private readonly k1: number;
  /** The entry of the current key, and its bytes. */
  private readonly entry = new Uint32Array(LONGEST + 1);
  private readonly scratch = bytesOf(this.entry);
  /** Length in bytes of the key in `scratch`. */
  private length = 0;
  /** Per key of a batch, values passed from one step to the next. */
  private readonly hashes = new Uint32Array(BATCH_KEYS);
  private readonly spots = new Uint32Array(BATCH_KEYS);
  /** Stored, so that the compiler does not remove the prefetch. */
  private fetched = 0;

  /**
   * @param order `lasting`: keys keep their places and have numbers, a deleted one leaves a gap; `none`: the room of a
   *   deleted key is reused, for an index whose keys come and go
   * @param expected how many keys there will be soon
   * @param room most bytes of the arena, which holds the keys
   */
  constructor(
    key: HashKey,
    private readonly order: 'lasting' | 'none' = 'lasting',
    expected = 0,
    room = MOST_BYTES,
  ) {
    [this.k0, this.k1] = key;
    this.limit = Math.floor(room / UNIT_BYTES);
    this.ahead = order === 'lasting' ? 1 : 0;
    const capacity = FIRST_CAPACITY + Math.ceil(((expected >>> SEGMENT_BITS) / FULLEST) * HEADROOM);
    this.segments = Array.from({ length: PARTS }, () => new Uint32Array(capacity * STRIDE));
  }

  /** How many keys there are. */
  get size(): number {
    return this.count;
  }

  /** The share of its room that the index has filled, gaps of deleted keys included; it takes no new key at 1. */
  get filled(): number {
    return this.end / this.limit;
  }

  /** The value of a key; 0 when it has none. */
  get(key: Key): number {
    const hash = this.load(key);
    const segment = this.segmentOf(hash);
    const slot = this.find(segment, hash);
    this.found = slot < 0 ? -1 : (segment[slot + 1] ?? 0);
    if (typeof key === 'string') this.asked = key;
    return slot < 0 ? 0 : (segment[slot + 2] ?? 0);
  }

  /**
   * The number of a key; 0 when it has none, or is not in the index. It costs no look-up after a `get` of the same text.
   */
  numberOf(key: Key): number {
    if (key !== this.asked) this.get(key);
    return this.found < 0 ? 0 : this.numberAt(this.found);
  }

  /**
   * Looks up all keys of a batch: afterwards its values and numbers are what `get` and `numberOf` answer for each.
   *
   * In steps, each a loop over all keys: in a single loop the processor would wait for memory key by key. Each step
   * prefetches what the next one reads, by its first and last word.
   */
  getMany(batch: KeyBatch): void {
    const { segments, chunks, hashes, spots, ahead } = this;
    const { bytes, words, starts, ends, values, numbers, size } = batch;
    for (let at = 0; at < size; at++) {
      const from = starts[at] ?? 0;
      hashes[at] = halfSipHash(bytes, (ends[at] ?? 0) - from, this.k0, this.k1, from);
    }
    let fetched = 0;
    for (let at = 0; at < size; at++) {
      const hash = hashes[at] ?? 0;
      const segment = segments[hash >>> (32 - SEGMENT_BITS)] ?? NO_WORDS;
      const slot = firstSlot(hash, segment.length);
      spots[at] = slot;
      fetched ^= (segment[slot] ?? 0) ^ (segment[slot + USUAL_SEARCH] ?? 0);
    }
    for (let at = 0; at < size; at++) {
      const hash = hashes[at] ?? 0;
      const segment = this.segmentOf(hash);
      const slot = slotOfHash(segment, hash, spots[at] ?? 0);
      values[at] = slot < 0 ? 0 : (segment[slot + 2] ?? 0);
      spots[at] = slot < 0 ? ahead : (segment[slot + 1] ?? 0);
    }
    for (let at = 0; at < size; at++) {
      const address = spots[at] ?? 0;
      const chunk = chunks[chunkOf(address)] ?? NO_WORDS;
      const from = unitOf(address) - ahead;
      fetched ^= (chunk[from] ?? 0) ^ (chunk[from + USUAL_KEY] ?? 0);
    }
    this.fetched = fetched;
    for (let at = 0; at < size; at++) {
      numbers[at] = 0;
      if (values[at] === 0) continue;
      const from = starts[at] ?? 0;
      const end = ends[at] ?? 0;
      const address = spots[at] ?? 0;
      if (this.lies(address, words, from >>> 2, unitsOf(end - from))) numbers[at] = this.numberAt(address);
      else {
        // another key with this hash came first
        const key = bytes.subarray(from, end);
        values[at] = this.get(key);
        numbers[at] = this.numberOf(key);
      }
    }
  }

  /**
   * Gives a key a value.
   *
   * @param value 1 to 2³²−2
   * @param number of a new key of a lasting index, 0 to 2³²−1. One that is there keeps its own until it is deleted
   * @returns the value it had, 0 for none
   * @throws RangeError when the key is new and has not 1 to 4096 bytes or begins with a byte of 0, or the index is full,
   *   or the number is none
   */
  set(key: Key, value: number, number = 0): number {
    const hash = this.load(key);
    const segment = this.segmentOf(hash);
    const slot = this.find(segment, hash);
    if (slot >= 0) {
      const before = segment[slot + 2] ?? 0;
      segment[slot + 2] = value;
      return before;
    }
    this.last = this.append(number);
    insert(this.withRoom(hash), hash, this.last, value);
    this.count++;
    return 0;
  }

  /**
   * Forgets a key: its bytes are overwritten.
   *
   * @returns the value it had, 0 for none
   */
  delete(key: Key): number {
    const hash = this.load(key);
    const segment = this.segmentOf(hash);
    const slot = this.find(segment, hash);
    if (slot < 0) return 0;
    const value = segment[slot + 2] ?? 0;
    const address = segment[slot + 1] ?? 0;
    segment[slot + 2] = DELETED;
    this.count--;
    this.deletions++;
    // its length stays, so that a walk finds the next key; no key begins with a 0 byte
    const from = unitOf(address) * UNIT_BYTES + HEAD;
    this.chunkBytes[chunkOf(address)]?.fill(0, from, from + this.length);
    if (this.order === 'none') {
      const rooms = this.rooms.get(this.length);
      if (rooms === undefined) this.rooms.set(this.length, [address]);
      else rooms.push(address);
    }
    return value;
  }

  /**
   * Texts by place, in the order in which they were first set. Deleted ones leave a gap.
   *
   * @param start place of the first, from 0
   * @returns at most `count` places; `undefined` for a deleted one
   */
  textsFrom(start: number, count: number): (string | undefined)[] {
    const texts: (string | undefined)[] = [];
    let place = Math.floor(start / MARK_EVERY) * MARK_EVERY;
    let at = this.marks[place / MARK_EVERY];
    while (at !== undefined && place < this.entries && texts.length < count) {
      if (place >= start) texts.push(this.textAt(at));
      place++;
      at = place % MARK_EVERY === 0 ? this.marks[place / MARK_EVERY] : this.after(at);
    }
    return texts;
  }

  /**
   * Adds keys to a batch until it is full, in the order in which they were first set. Deleted ones are left out.
   *
   * @param start place of the first, from 0
   * @returns the place to go on from; `undefined`: there are no more
   */
  keysFrom(start: number, batch: KeyBatch): number | undefined {
    let place = Math.floor(start / MARK_EVERY) * MARK_EVERY;
    let at = this.marks[place / MARK_EVERY];
    while (at !== undefined && place < this.entries) {
      if (batch.isFull) return place;
      const chunk = this.chunkBytes[chunkOf(at)];
      const from = unitOf(at) * UNIT_BYTES + HEAD;
      if (place >= start && chunk !== undefined && chunk[from] !== 0)
        batch.add(chunk.subarray(from, from + this.lengthOf(at)));
      place++;
      at = place % MARK_EVERY === 0 ? this.marks[place / MARK_EVERY] : this.after(at);
    }
    return undefined;
  }

  /** The text at an address in the arena; `undefined` when it was deleted. */
  textAt(address: number): string | undefined {
    const chunk = this.chunkBytes[chunkOf(address)];
    const from = unitOf(address) * UNIT_BYTES + HEAD;
    return chunk === undefined || chunk[from] === 0 ? undefined : decode(chunk, from, this.lengthOf(address));
  }

  /** Finds a key by its address in the arena, as `lastAddress` gave it. */
  locate(address: number, place: Place): void {
    const chunk = this.chunkBytes[chunkOf(address)];
    if (chunk === undefined) throw new RangeError('there is no key at this address');
    const from = unitOf(address) * UNIT_BYTES;
    place.bytes = chunk;
    place.start = from + HEAD;
    place.length = word(chunk, from);
  }

  /** Address of the key that was last inserted; good until it is deleted. */
  get lastAddress(): number {
    return this.last;
  }

  /** Bytes that the index holds. */
  get bytes(): number {
    return (
      this.segments.reduce((sum, segment) => sum + segment.byteLength, 0) + this.chunks.length * CHUNK_BYTES
    );
  }

  /** Calls back with the value of every key of a part, and with its address in the arena. */
  forEachIn(part: number, take: (value: number, address: number) => void): void {
    forEachKey(this.slotsOf(part), take);
  }

  /**
   * The index in pieces, for `restore`. Keys and values may be set while it is dumped: what the pieces hold is the keys
   * at its start, each with a value that it had at some time since.
   *
   * A piece is valid until the next one is requested.
   *
   * @param size bytes of a piece, more or less
   * @throws Error when a key is deleted meanwhile
   */
  *dump(size: number): Generator<Uint8Array, void> {
    if (this.order !== 'lasting') throw new Error('an index that uses room again cannot be dumped');
    const { end, entries, deletions } = this;
    const watch = () => {
      if (this.deletions !== deletions)
        throw new Error('a key was deleted while the index was dumped; dump it again');
    };
    yield bytesOf(Uint32Array.of(...split(end), entries, this.count));
    let piece = new Uint32Array(size >>> 2);
    let filled = 0;
    for (let index = 0; index < this.segments.length; index++) {
      if (filled + 1 + this.slotsOf(index).length > piece.length && filled > 0) {
        yield bytesOf(piece.subarray(0, filled));
        watch();
        filled = 0;
      }
      // read again, because it may have grown
      const slots = this.slotsOf(index);
      if (slots.length >= piece.length) piece = new Uint32Array(slots.length + 1);
      piece[filled++] = slots.length;
      piece.set(slots, filled);
      // a key that came later is not in the arena as it is dumped
      deleteFrom(piece.subarray(filled, filled + slots.length), end);
      filled += slots.length;
    }
    yield bytesOf(piece.subarray(0, filled));
    // the arena below `end` does not change, so it need not be copied
    for (const [index, chunk] of this.chunkBytes.entries()) {
      const filled = bytesBefore(end, index);
      for (let from = 0; from < filled; from += Math.max(size, 1)) {
        watch();
        yield chunk.subarray(from, Math.min(from + Math.max(size, 1), filled));
      }
    }
    watch();
  }

  /**
   * The index that was dumped.
   *
   * @param key the one that it was made with
   * @throws Error when the bytes are not of a dump; not every damage is found
   */
  static restore(key: HashKey, source: Source): KeyIndex {
    const index = new KeyIndex(key);
    const end = readNumber(source);
    const entries = readWord(source);
    const count = readWord(source);
    for (let at = 0; at < index.segments.length; at++) {
      const length = readWord(source);
      if (length === 0) continue;
      if (length % STRIDE !== 0 || length * 4 > source.left) throw damaged();
      const segment = new Uint32Array(length);
      source.read(bytesOf(segment));
      index.segments[at] = segment;
      const { keys, deleted } = countOf(segment);
      index.used[at] = keys + deleted;
      index.count += keys;
    }
    if (index.count !== count || end > index.limit || end * UNIT_BYTES > source.left) throw damaged();
    for (let filled = bytesBefore(end, 0); filled > 0; filled = bytesBefore(end, index.chunks.length))
      source.read(index.addChunk().subarray(0, filled));
    let at = 0;
    for (; at < end && index.entries < entries; index.entries++) {
      // after the last entry of a chunk there is too little room for the longest key
      at = index.entries > 0 ? index.after(at) : index.ahead;
      if (index.entries % MARK_EVERY === 0) index.marks.push(at);
    }
    if (entries > 0) at += unitsOf(index.lengthOf(at));
    if (index.entries !== entries || at !== end) throw damaged();
    index.end = end;
    return index;
  }

  /** The slots of a segment; none when it has never held a key. */
  private slotsOf(index: number): Uint32Array {
    return this.used[index] === 0 ? NO_WORDS : (this.segments[index] ?? NO_WORDS);
  }

  /** Makes the arena larger. @returns the bytes of the new chunk */
  private addChunk(): Uint8Array {
    const chunk = new Uint32Array(CHUNK_UNITS);
    const bytes = bytesOf(chunk);
    this.chunks.push(chunk);
    this.chunkBytes.push(bytes);
    return bytes;
  }

  private lengthOf(address: number): number {
    const chunk = this.chunkBytes[chunkOf(address)];
    return chunk === undefined ? 0 : word(chunk, unitOf(address) * UNIT_BYTES);
  }

  /** The address of the entry after one. */
  private after(address: number): number {
    return entryFrom(address + unitsOf(this.lengthOf(address))) + this.ahead;
  }

  /** The number of the key at an address. */
  private numberAt(address: number): number {
    return this.ahead === 0 ? 0 : (this.chunks[chunkOf(address)]?.[unitOf(address) - 1] ?? 0);
  }

  /** Puts the loaded key into the arena. @returns its address */
  private append(number: number): number {
    const { length, scratch } = this;
    if (length === 0 || length > KEY_BYTES || scratch[HEAD] === 0)
      throw new RangeError(`a key has 1 to ${KEY_BYTES} bytes, and the first is not 0`);
    // a higher one would lose its high bits, and name somebody else
    if (!Number.isInteger(number) || number < 0 || number > MOST_NUMBER)
      throw new RangeError(`the number of a key is at most ${MOST_NUMBER}`);
    const room = this.rooms.get(length)?.pop();
    if (room !== undefined) {
      this.put(room);
      return room;
    }
    const at = entryFrom(this.end) + this.ahead;
    const end = at + unitsOf(length);
    if (end > this.limit) throw new RangeError('there are more keys than the index can hold');
    if (chunkOf(at) === this.chunks.length) this.addChunk();
    this.put(at);
    const chunk = this.chunks[chunkOf(at)];
    if (this.ahead > 0 && chunk !== undefined) chunk[unitOf(at) - 1] = number;
    if (this.entries % MARK_EVERY === 0) this.marks.push(at);
    this.entries++;
    this.end = end;
    return at;
  }

  /** Writes the loaded key to an address. */
  private put(address: number): void {
    const { entry } = this;
    const chunk = this.chunks[chunkOf(address)];
    if (chunk === undefined) throw new RangeError('there is no room at this address');
    const from = unitOf(address);
    const units = unitsOf(this.length);
    for (let unit = 0; unit < units; unit++) chunk[from + unit] = entry[unit] ?? 0;
  }

  private segmentOf(hash: number): Uint32Array {
    const segment = this.segments[hash >>> (32 - SEGMENT_BITS)];
    if (segment === undefined) throw new RangeError('a hash has 32 bits');
    return segment;
  }

  /** The first word of the slot that holds the loaded key; −1 when none does. */
  private find(segment: Uint32Array, hash: number): number {
    const { entry } = this;
    const units = unitsOf(this.length);
    const end = segment.length;
    for (let slot = firstSlot(hash, end); ;) {
      const value = segment[slot + 2] ?? 0;
      if (value === 0) return -1;
      if (segment[slot] === hash && value !== DELETED && this.lies(segment[slot + 1] ?? 0, entry, 0, units))
        return slot;
      slot += STRIDE;
      if (slot === end) slot = 0;
    }
  }

  /** Whether the arena has this entry at an address. */
  private lies(address: number, entry: Uint32Array, from: number, units: number): boolean {
    const chunk = this.chunks[chunkOf(address)];
    if (chunk === undefined) return false;
    const start = unitOf(address);
    for (let unit = 0; unit < units; unit++) if (chunk[start + unit] !== entry[from + unit]) return false;
    return true;
  }

  /** The segment for a new key of this hash; rebuilt when it is nearly full of keys and deleted slots. */
  private withRoom(hash: number): Uint32Array {
    const index = hash >>> (32 - SEGMENT_BITS);
    const segment = this.segmentOf(hash);
    const used = (this.used[index] ?? 0) + 1;
    this.used[index] = used;
    if (used * STRIDE <= segment.length * FULLEST) return segment;
    const { slots: grown, keys } = regrown(segment);
    this.used[index] = keys + 1;
    this.segments[index] = grown;
    return grown;
  }

  /** Makes a key the current entry. @returns its hash */
  private load(key: Key): number {
    const { scratch } = this;
    this.asked = undefined;
    let end = HEAD;
    // byte by byte: faster than `set` for short keys
    if (typeof key !== 'string') for (let at = 0; at < key.length; at++) scratch[end++] = key[at] ?? 0;
    else end = encode(key, scratch, HEAD);
    frame(scratch, HEAD, end);
    this.length = end - HEAD;
    return halfSipHash(scratch, this.length, this.k0, this.k1, HEAD);
  }
}
