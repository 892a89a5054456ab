/** Lines out of a stream of bytes, a chunk at a time; nothing is kept between two chunks but the beginning of a line. */
import { isUtf8 } from 'node:buffer';

/** Most bytes of a line. An id takes at most six times its 256 bytes. */
const LINE_BYTES = 16_384;
const LF = 0x0a;

/**
 * The lines that each chunk completes.
 *
 * @returns `undefined` stands for a line that is too long, or not UTF-8
 */
export async function* linesIn(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly (string | undefined)[], void> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const last = chunk.lastIndexOf(LF);
    if (last >= 0) {
      yield textsOf(Buffer.concat([rest, chunk.subarray(0, last)]));
      rest = Buffer.alloc(0);
    }
    // of a line that is too long, as much as shows that it is
    const room = LINE_BYTES + 1 - rest.length;
    if (room > 0) rest = Buffer.concat([rest, chunk.subarray(last + 1, last + 1 + room)]);
  }
  if (rest.length > 0) yield textsOf(rest);
}

function textsOf(lines: Buffer): (string | undefined)[] {
  if (isUtf8(lines))
    return lines
      .toString()
      .split('\n')
      .map((text) =>
        text.length * 3 <= LINE_BYTES || Buffer.byteLength(text) <= LINE_BYTES ? text : undefined,
      );
  const texts: (string | undefined)[] = [];
  for (let at = 0; at <= lines.length;) {
    const found = lines.indexOf(LF, at);
    const end = found < 0 ? lines.length : found;
    const line = lines.subarray(at, end);
    texts.push(line.length <= LINE_BYTES && isUtf8(line) ? line.toString() : undefined);
    at = end + 1;
  }
  return texts;
}
