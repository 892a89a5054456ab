import type { KeyBatch } from '../../decision/state/key-batch.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The size at which an output is full, and below which it is copied rather than handed over. */
const FULL_BYTES = 65_536;
const SMALL_BYTES = 8_192;

/** Bytes on their way out. */
export class Output {
  private buffer: Buffer;
  private length = 0;

  /** @param widest maximum bytes written between two checks of whether it is full */
  constructor(private readonly widest: number) {
    this.buffer = Buffer.allocUnsafeSlow(FULL_BYTES + widest);
  }

  get isFull(): boolean {
    return this.length >= FULL_BYTES;
  }

  get isEmpty(): boolean {
    return this.length === 0;
  }

  byte(byte: number): void {
    this.buffer[this.length++] = byte;
  }

  bytes(bytes: Uint8Array): void {
    const { buffer } = this;
    let { length } = this;
    // a loop: for a few bytes, calling `set` takes longer than copying
    for (const byte of bytes) buffer[length++] = byte;
    this.length = length;
  }

  /** The id at a place of a batch. */
  id({ bytes, starts, ends }: KeyBatch, place: number): void {
    const { buffer } = this;
    let { length } = this;
    const end = ends[place] ?? 0;
    for (let at = starts[place] ?? 0; at < end; at++) buffer[length++] = bytes[at] ?? 0;
    this.length = length;
  }

  /** The id as a JSON string. It has no control characters, so only two characters are escaped. */
  jsonString({ bytes, starts, ends }: KeyBatch, place: number): void {
    const { buffer } = this;
    let { length } = this;
    buffer[length++] = QUOTE;
    const end = ends[place] ?? 0;
    for (let at = starts[place] ?? 0; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE || byte === BACKSLASH) buffer[length++] = BACKSLASH;
      buffer[length++] = byte;
    }
    buffer[length++] = QUOTE;
    this.length = length;
  }

  /** The bytes written since the last call. */
  take(): Uint8Array {
    const written = this.buffer.subarray(0, this.length);
    this.length = 0;
    if (written.length < SMALL_BYTES) return Buffer.from(written);
    // it is being sent: it must not be overwritten
    this.buffer = Buffer.allocUnsafeSlow(FULL_BYTES + this.widest);
    return written;
  }
}
