import { createHmac } from 'node:crypto';

/** Where samplers get their randomness: uniform bytes, each used once. */
export type ByteSource = () => number;

/**
 * Bytes that only a holder of the key can tell from random ones, and that are the same for the same label: the blocks
 * HMAC-SHA-256(seed, 0), HMAC-SHA-256(seed, 1) and so on, where the seed is HMAC-SHA-256(key, label). The blocks are made
 * from a counter, like in the counter mode of NIST SP 800-108, but without its label, context and length.
 */
export function keyedBytes(key: Uint8Array, label: string): ByteSource {
  const seed = createHmac('sha256', key).update(label).digest();
  let block = 0n;
  let bytes: Iterator<number> = [][Symbol.iterator]();
  return () => {
    for (;;) {
      const next = bytes.next();
      if (next.done !== true) return next.value;
      const counter = Buffer.alloc(8);
      counter.writeBigUInt64BE(block++);
      bytes = createHmac('sha256', seed).update(counter).digest().values();
    }
  };
}

/** A uniform whole number from 0 to below `count`, by rejection, so that none is likelier than another. */
export function uniformBelow(count: bigint, bytes: ByteSource): bigint {
  const bits = (count - 1n).toString(2).length;
  for (;;) {
    let drawn = 0n;
    for (let at = 0; at < bits; at += 8) drawn = (drawn << 8n) | BigInt(bytes());
    drawn = BigInt.asUintN(bits, drawn);
    if (drawn < count) return drawn;
  }
}
