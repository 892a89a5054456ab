/**
 * Names people whom the consent log does not know: by a keyed hash, so that their records of a day can be counted, and of
 * different days cannot be tied together. The key is never stored, so nobody can try ids against old records.
 */
import { hash, randomBytes } from 'node:crypto';
import { STRANGER_BYTES } from '../block/block-format.js';
import { DAY_MS } from '../../time.js';

const KEY_BYTES = 32;
/** A question is often about many fields of one person, and a hash takes longer than a decision. */
const MOST_KNOWN = 4_096;

export class Strangers {
  private key = newKey();
  private since: number;
  private readonly known = new Map<string, Uint8Array>();

  /** @param now milliseconds since the Unix epoch */
  constructor(private readonly now: () => number) {
    this.since = now();
  }

  nameOf(id: string): Uint8Array {
    const now = this.now();
    // both ways: a clock that was set back must not keep the key for longer
    if (Math.abs(now - this.since) >= DAY_MS) {
      this.key = newKey();
      this.since = now;
      this.known.clear();
    }
    const known = this.known.get(id);
    if (known !== undefined) return known;
    if (this.known.size >= MOST_KNOWN) this.known.clear();
    const name = this.hashOf(id);
    this.known.set(id, name);
    return name;
  }

  /** The first 16 bytes of the SHA-256 of key and id: what is cut off cannot be extended to the hash of another id. */
  private hashOf(id: string): Uint8Array {
    // through a text, which costs half as much as a buffer from Node
    return Buffer.from(hash('sha256', this.key + id, 'binary'), 'binary').subarray(0, STRANGER_BYTES);
  }
}

function newKey(): string {
  return randomBytes(KEY_BYTES).toString('hex');
}
