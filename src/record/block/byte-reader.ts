/** Reads what `ByteWriter` wrote. */

/** The bytes do not say what they should. */
export class Unreadable extends Error {}

export class ByteReader {
  constructor(
    private readonly bytes: Buffer,
    private at = 0,
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Unreadable('it ends too early');
    return byte;
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (value > Number.MAX_SAFE_INTEGER) throw new Unreadable('a number is too large');
      if (byte < 0x80) return value;
    }
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** How many things follow, of which each takes at least a byte. */
  count(): number {
    const count = this.varint();
    if (count > this.bytes.length - this.at) throw new Unreadable('it ends too early');
    return count;
  }

  raw(count: number): Buffer {
    const end = this.at + count;
    if (end > this.bytes.length) throw new Unreadable('it ends too early');
    const raw = this.bytes.subarray(this.at, end);
    this.at = end;
    return raw;
  }

  text(): string {
    const length = this.varint();
    return this.raw(Math.floor(length / 2)).toString(length % 2 === 0 ? 'utf8' : 'utf16le');
  }
}
