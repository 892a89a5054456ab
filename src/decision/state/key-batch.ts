/**
 * Keys that are looked up together, one behind the other in a buffer of their own.
 *
 * A single look-up waits for memory twice, which takes longer than all the rest. With many keys the processor waits for
 * different places at once.
 */
import { bytesOf } from './dump-format.js';
import { HEAD, UNIT_BYTES, frame } from './key-entries.js';
import { decode, encode } from './utf-8.js';

/** Maximum keys of a batch: more gain nothing, because the first ones would be pushed out of the caches. */
export const BATCH_KEYS = 128;
const USUAL_UNITS = 16;

export class KeyBatch {
  /** The keys as entries, one behind the other, and their bytes. */
  words = new Uint32Array(BATCH_KEYS * USUAL_UNITS);
  bytes = bytesOf(this.words);
  /** The n-th key is what lies in `bytes` from `starts[n]` to `ends[n]`. */
  readonly starts = new Uint32Array(BATCH_KEYS);
  readonly ends = new Uint32Array(BATCH_KEYS);
  /** What the index has for each key, once `KeyIndex.getMany` has looked them up: 0 for a key that it does not have. */
  readonly values = new Uint32Array(BATCH_KEYS);
  readonly numbers = new Uint32Array(BATCH_KEYS);
  private count = 0;
  /** Of the last entry, in units. */
  private end = 0;

  /** How many keys there are. */
  get size(): number {
    return this.count;
  }

  get isFull(): boolean {
    return this.count === BATCH_KEYS;
  }

  /** The key at a place, which is a text. */
  textAt(at: number): string {
    const start = this.starts[at] ?? 0;
    return decode(this.bytes, start, (this.ends[at] ?? 0) - start);
  }

  clear(): void {
    this.count = 0;
    this.end = 0;
  }

  /**
   * Adds a key.
   *
   * @throws RangeError when the batch is full
   */
  add(key: string | Uint8Array): void {
    if (this.isFull) throw new RangeError(`a batch has at most ${BATCH_KEYS} keys`);
    const start = this.end * UNIT_BYTES + HEAD;
    // a text has at most three bytes for each of its units
    const bytes = this.withRoom(start + key.length * 3 + UNIT_BYTES);
    let end = start;
    if (typeof key !== 'string') for (let at = 0; at < key.length; at++) bytes[end++] = key[at] ?? 0;
    else end = encode(key, bytes, start);
    frame(bytes, start, end);
    this.starts[this.count] = start;
    this.ends[this.count++] = end;
    this.end = Math.ceil(end / UNIT_BYTES);
  }

  private withRoom(length: number): Uint8Array {
    if (length <= this.bytes.length) return this.bytes;
    const more = new Uint32Array(Math.ceil(length / UNIT_BYTES) * 2);
    more.set(this.words);
    this.words = more;
    return (this.bytes = bytesOf(more));
  }
}
