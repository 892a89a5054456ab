/**
 * Reads ids from a stream of lines, without making strings: the bytes of a line are copied into one small buffer,
 * checked on the way, and looked up as they are. A line may be cut anywhere by the chunks it comes in.
 */
import { isUtf8 } from 'node:buffer';
import { parseJson } from '../../json.js';
import { MAX_ID_BYTES, isId, misspelling } from '../../id.js';

/** The form of an id in a line: a JSON string, or plain text. */
export type LineSyntax = 'json' | 'text';

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DELETE = 0x7f;
const FIRST_NOT_ASCII = 0x80;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Bytes of a line that are kept: enough for the longest id, with a byte-order mark before and CR behind. An escape in
 * JSON takes at most 6 bytes for one.
 */
const LINE_BYTES: Record<LineSyntax, number> = {
  text: MAX_ID_BYTES + 4,
  json: MAX_ID_BYTES * 6 + 64,
};

const NOT_AN_ID = 'not an id: send 1 to 256 bytes of text without control characters';
const FAULTS = {
  empty: 'the line is empty: send an id on every line',
  long: `the line is longer than an id of ${MAX_ID_BYTES} bytes can be: correct the id`,
  encoding: 'the line is not UTF-8: encode it as such',
  text: `the line is ${NOT_AN_ID}`,
  json: `the line is not a JSON string that is an id: send 1 to ${MAX_ID_BYTES} bytes of text in quotes, without control characters`,
} as const;

export class IdLines {
  /** Number of the line that ended last, from 1. */
  number = 0;
  /** Whether the last call of `read` reached the end of a line. */
  ended = false;
  /** The id of the line that ended last; valid until the next call. */
  id: Uint8Array = new Uint8Array(0);
  /** The error of that line, if it has no id. */
  fault: string | undefined;

  private readonly line: Buffer;
  /** Bytes of the line so far, those that were not kept included. */
  private length = 0;
  /** How many of them are control characters, and whether any is not ASCII. */
  private controls = 0;
  private beyondAscii = false;
  /** Views of the line by start and length: made once, because a view costs more than a look-up. */
  private readonly views: [Uint8Array[], Uint8Array[]] = [[], []];

  /** @param knows whether the log knows a user by exactly this id */
  constructor(
    private readonly syntax: LineSyntax,
    private readonly knows: (user: string) => boolean,
  ) {
    this.line = Buffer.alloc(LINE_BYTES[syntax]);
  }

  /**
   * Reads on to the end of a line, or of the chunk.
   *
   * @returns the place in the chunk that it reached
   */
  read(chunk: Uint8Array, from: number): number {
    const { line } = this;
    const kept = line.length;
    const end = chunk.length;
    let { length, controls } = this;
    let all = 0;
    let at = from;
    let byte = 0;
    for (; at < end; at++) {
      byte = chunk[at] ?? 0;
      if (byte === LF) break;
      if (length < kept) line[length] = byte;
      length++;
      if (byte < SPACE || byte === DELETE) controls++;
      all |= byte;
    }
    this.length = length;
    this.controls = controls;
    if (all >= FIRST_NOT_ASCII) this.beyondAscii = true;
    this.ended = at < end;
    if (!this.ended) return at;
    this.finish();
    return at + 1;
  }

  /** Treats the end of the stream as the end of a line, if one was begun. */
  end(): void {
    this.ended = this.length > 0;
    if (this.ended) this.finish();
  }

  private finish(): void {
    this.number++;
    if (this.number === 1 && this.beyondAscii) this.skipMark();
    // a line may end in CR LF
    if (this.length <= this.line.length && this.line[this.length - 1] === CR) {
      this.length--;
      this.controls--;
    }
    this.fault = this.length > this.line.length ? FAULTS.long : this.take();
    this.length = 0;
    this.controls = 0;
    this.beyondAscii = false;
  }

  /** Finds the id in the line. @returns what is wrong with it */
  private take(): string | undefined {
    const { length } = this;
    if (length === 0) return FAULTS.empty;
    if (this.beyondAscii && !isUtf8(this.line.subarray(0, length))) return FAULTS.encoding;
    if (this.syntax === 'json') return this.isPlainString() ? this.takeBytes(1, length - 2) : this.parse();
    return this.takeBytes(0, length);
  }

  private takeBytes(from: 0 | 1, length: number): string | undefined {
    if (length > MAX_ID_BYTES) return FAULTS.long;
    if (length === 0 || this.controls > 0) return FAULTS[this.syntax];
    this.id = this.views[from][length] ??= this.line.subarray(from, from + length);
    const isPlain = !this.beyondAscii && this.id[0] !== SPACE && this.id[length - 1] !== SPACE;
    return isPlain ? undefined : this.misspelled(this.line.toString('utf8', from, from + length));
  }

  /** The spelling fault of an id, for users who are not in the log. */
  private misspelled(id: string): string | undefined {
    const fault = misspelling(id);
    return fault === undefined || this.knows(id) ? undefined : `the id ${fault}`;
  }

  /** A byte-order mark before the first line is no part of it. */
  private skipMark(): void {
    const { line } = this;
    if (this.length > line.length || !BYTE_ORDER_MARK.every((byte, at) => line[at] === byte)) return;
    line.copyWithin(0, BYTE_ORDER_MARK.length);
    this.length -= BYTE_ORDER_MARK.length;
  }

  /** Whether the line is a JSON string without an escape and with nothing around it. */
  private isPlainString(): boolean {
    const { line } = this;
    const last = this.length - 1;
    if (last < 1 || line[0] !== QUOTE || line[last] !== QUOTE) return false;
    for (let at = 1; at < last; at++) if (line[at] === QUOTE || line[at] === BACKSLASH) return false;
    return true;
  }

  private parse(): string | undefined {
    let id: unknown;
    try {
      id = parseJson(this.line.toString('utf8', 0, this.length));
    } catch {
      return FAULTS.json;
    }
    if (!isId(id)) return FAULTS.json;
    this.id = Buffer.from(id);
    return this.misspelled(id);
  }
}
