/** Splits a stream of bytes into lines; only the beginning of a line is kept between two chunks. */
import { isUtf8 } from 'node:buffer';

/** Maximum bytes of a line. An id takes at most six times its 256 bytes. */
const LINE_BYTES = 16_384;
const LF = 0x0a;
const BYTE_ORDER_MARK = '\ufeff';

/** Stands for a line that is not valid UTF-8. */
export const TOO_LONG = { fault: 'too_long' } as const;
export const NOT_UTF_8 = { fault: 'not_utf_8' } as const;

export type Line = string | typeof TOO_LONG | typeof NOT_UTF_8;

/** The lines that each chunk completes. A byte-order mark before the first one is no part of it. */
export async function* linesIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Line[], void> {
  let rest = Buffer.alloc(0);
  let isFirst = true;
  const take = (lines: Buffer) => {
    const texts = textsOf(lines);
    const [first] = texts;
    if (isFirst && typeof first === 'string' && first.startsWith(BYTE_ORDER_MARK)) texts[0] = first.slice(1);
    isFirst = false;
    return texts;
  };
  for await (const chunk of chunks) {
    const last = chunk.lastIndexOf(LF);
    if (last >= 0) {
      yield take(Buffer.concat([rest, chunk.subarray(0, last)]));
      rest = Buffer.alloc(0);
    }
    // keep only enough of a line to show that it is too long
    const room = LINE_BYTES + 1 - rest.length;
    if (room > 0) rest = Buffer.concat([rest, chunk.subarray(last + 1, last + 1 + room)]);
  }
  if (rest.length > 0) yield take(rest);
}

function textsOf(lines: Buffer): Line[] {
  if (isUtf8(lines))
    return lines
      .toString()
      .split('\n')
      .map((text) =>
        text.length * 3 <= LINE_BYTES || Buffer.byteLength(text) <= LINE_BYTES ? text : TOO_LONG,
      );
  const texts: Line[] = [];
  for (let at = 0; at <= lines.length;) {
    const found = lines.indexOf(LF, at);
    const end = found < 0 ? lines.length : found;
    const line = lines.subarray(at, end);
    texts.push(line.length > LINE_BYTES ? TOO_LONG : isUtf8(line) ? line.toString() : NOT_UTF_8);
    at = end + 1;
  }
  return texts;
}
