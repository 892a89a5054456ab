/** What the page costs on the way: its scripts, with the style in them. */
import { readFile } from 'node:fs/promises';
import { brotliDecompressSync, constants, brotliCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { listAt, textAt } from '../../test/e2e/replies.js';

const DIST = new URL('../../dist/settings/', import.meta.url);
/** Script and style together, in bytes. */
const BUDGET = 25_000;

const compressed = (bytes: Buffer) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;

/** As it is sent, once it is held against what it stands for. */
async function sizeOf(name: string): Promise<number> {
  const plain = await readFile(new URL(name, DIST));
  const sent = await readFile(new URL(`${name}.br`, DIST));
  expect(brotliDecompressSync(sent).equals(plain)).toBe(true);
  expect(sent.length).toBeLessThanOrEqual(compressed(plain));
  // it imports nothing before it is shown; other languages and views come by themselves
  if (name.startsWith('assent-settings-')) expect(plain.toString()).not.toMatch(/(^|;)import\s*["'{*]/);
  return sent.length;
}

test('script and style take at most 25 kilobytes, with the views that come after the first screen', async () => {
  const list: unknown = JSON.parse(await readFile(new URL('files.json', DIST), 'utf8'));
  const later = listAt(list, 'names').find((name) => String(name).startsWith('later-'));
  const [first, rest] = [await sizeOf(textAt(list, 'entry')), await sizeOf(String(later))];
  process.stdout.write(`settings page: ${first} bytes with brotli, and ${rest} later, of ${BUDGET}\n`);
  expect(first + rest).toBeLessThanOrEqual(BUDGET);
});
