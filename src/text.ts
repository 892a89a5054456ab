/** Decodes incoming text: UTF-8 or refused, because a replacement character would make different texts equal. */
import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';

const BYTE_ORDER_MARK = '\ufeff';

/** The text of these bytes without the byte-order mark it may begin with; `undefined` when they are not UTF-8. */
export function textOf(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? withoutMark(bytes.toString()) : undefined;
}

/** The text without the byte-order mark that some programs write before it. */
function withoutMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** The entries of a list with commas between them. */
export function entriesOf(list: string): string[] {
  return list
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
}

/**
 * The text of a stream, see {@link textOf}.
 *
 * @param most bytes that it may have: whoever sends more is not whoever was asked
 * @throws Error with a message for people, when it is longer or not UTF-8
 */
export async function readStream(
  stream: AsyncIterable<Uint8Array>,
  name: string,
  most: number,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > most) throw new Error(`${name} is longer than ${most} bytes: it is not what was asked for`);
    chunks.push(chunk);
  }
  const text = textOf(Buffer.concat(chunks));
  if (text === undefined) throw new Error(`${name} is not UTF-8: write it as such`);
  return text;
}

/**
 * The text of a file, see {@link textOf}.
 *
 * @throws Error when it cannot be read; with a message for people, when it is not UTF-8
 */
export async function readText(path: string): Promise<string> {
  const text = textOf(await readFile(path));
  if (text === undefined) throw new Error(`\`${path}\` is not UTF-8: save it as such`);
  return text;
}

/** A cell that a spreadsheet may run, whether or not it is guarded already: `=`, `+`, `-`, `@`, also in full width. */
const RUNS = /^'*(?:[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/;

/** Whether a spreadsheet may take the text for a formula. With {@link GUARD} before it, it is shown as text. */
export function isFormula(text: string): boolean {
  return RUNS.test(text);
}

export const GUARD = "'";
