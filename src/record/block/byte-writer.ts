/** Writes numbers and texts one after another into memory that grows. */

const FIRST_BYTES = 1 << 16;
/** What remains below this is kept for the next block: most are small, and a large one must not stay for ever. */
const KEPT_BYTES = 1 << 20;
/** Texts up to this long are written character by character as long as they are ASCII, which most are. */
const SHORT = 80;
const LARGEST_VARINT_BYTES = 8;

export class ByteWriter {
  private bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  private at = 0;

  get length(): number {
    return this.at;
  }

  /** Begins anew. What `written` gave is overwritten. */
  reset(): void {
    if (this.bytes.length > KEPT_BYTES) this.bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.at = 0;
  }

  /** What was written, until `reset`. */
  written(): Buffer {
    return this.bytes.subarray(0, this.at);
  }

  /** Leaves room to be filled in through `written`. */
  skip(count: number): void {
    this.make(count);
    this.at += count;
  }

  byte(value: number): void {
    if (this.at === this.bytes.length) this.make(1);
    this.bytes[this.at++] = value;
  }

  /** LEB128. @param value a whole number from 0 to 2^53 - 1 */
  varint(value: number): void {
    if (this.at + LARGEST_VARINT_BYTES > this.bytes.length) this.make(LARGEST_VARINT_BYTES);
    const { bytes } = this;
    let { at } = this;
    let left = value;
    while (left > 0x7fff_ffff) {
      bytes[at++] = (left % 0x80) | 0x80;
      left = Math.floor(left / 0x80);
    }
    while (left > 0x7f) {
      bytes[at++] = (left & 0x7f) | 0x80;
      left >>>= 7;
    }
    bytes[at++] = left;
    this.at = at;
  }

  /** A number that may be negative, as a varint: 0, -1, 1, -2, … */
  signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  raw(bytes: Uint8Array): void {
    this.make(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Room to be filled at once, with any bytes in it. */
  room(count: number): Uint8Array {
    this.make(count);
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** Twice its length in bytes and the bytes, in UTF-8; plus one, in UTF-16: a text that UTF-8 would alter. */
  text(text: string): void {
    if (text.length <= SHORT && this.ascii(text)) return;
    const isWellFormed = text.isWellFormed();
    const bytes = Buffer.from(text, isWellFormed ? 'utf8' : 'utf16le');
    this.varint(2 * bytes.length + (isWellFormed ? 0 : 1));
    this.raw(bytes);
  }

  /** @returns whether it is ASCII; if not, nothing was written */
  private ascii(text: string): boolean {
    this.make(SHORT + LARGEST_VARINT_BYTES);
    const before = this.at;
    this.varint(2 * text.length);
    const { bytes } = this;
    let { at } = this;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) {
        this.at = before;
        return false;
      }
      bytes[at++] = unit;
    }
    this.at = at;
    return true;
  }

  private make(room: number): void {
    if (this.at + room <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.at + room, 2 * this.bytes.length));
    larger.set(this.written());
    this.bytes = larger;
  }
}
