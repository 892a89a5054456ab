/**
 * Keys that are looked up together, one behind the other in a buffer of their own.
 *
 * A single look-up waits twice for the memory, which takes longer than all the rest of it. Of many keys the waits are
 * for different places, so that the processor waits for all of them at once.
 */
import { encode } from './utf-8.js';

/** Most keys of a batch: beyond it more at once gain nothing, and what was fetched first is pushed out of the caches. */
export const BATCH_KEYS = 128;
const USUAL_BYTES = 64;

export class KeyBatch {
  /** The keys: the n-th is what lies from `starts[n]` to `starts[n + 1]`. */
  bytes: Uint8Array = new Uint8Array(BATCH_KEYS * USUAL_BYTES);
  readonly starts = new Uint32Array(BATCH_KEYS + 1);
  /** The values of the keys, once they were looked up; 0 for one that has none. */
  readonly values = new Uint32Array(BATCH_KEYS);
  private count = 0;

  /** How many keys there are. */
  get size(): number {
    return this.count;
  }

  get isFull(): boolean {
    return this.count === BATCH_KEYS;
  }

  clear(): void {
    this.count = 0;
  }

  /**
   * Adds a key.
   *
   * @throws RangeError when the batch is full
   */
  add(key: string | Uint8Array): void {
    if (this.isFull) throw new RangeError(`a batch has at most ${BATCH_KEYS} keys`);
    const from = this.starts[this.count] ?? 0;
    // a text has at most three bytes for each of its units
    const bytes = this.withRoom(from + key.length * 3);
    let end = from;
    if (typeof key !== 'string') for (let at = 0; at < key.length; at++) bytes[end++] = key[at] ?? 0;
    else end = encode(key, bytes, from);
    this.starts[++this.count] = end;
  }

  private withRoom(length: number): Uint8Array {
    if (length <= this.bytes.length) return this.bytes;
    const more = new Uint8Array(length * 2);
    more.set(this.bytes);
    return (this.bytes = more);
  }
}
