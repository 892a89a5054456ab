/** What a first view costs on the way: the page, its script with the style in it, and nothing else. */
import { readFile } from 'node:fs/promises';
import { brotliDecompressSync, constants, brotliCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { valueAt } from '../../test/e2e/replies.js';

const DIST = new URL('../../dist/settings/', import.meta.url);
/** Script and style together, in bytes. */
const BUDGET = 25_000;

const compressed = (bytes: Buffer) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;

test('a first view takes at most 25 kilobytes of script and style', async () => {
  const list: unknown = JSON.parse(await readFile(new URL('files.json', DIST), 'utf8'));
  const entry = String(valueAt(list, 'entry'));
  const plain = await readFile(new URL(entry, DIST));
  const sent = await readFile(new URL(`${entry}.br`, DIST));
  expect(brotliDecompressSync(sent).equals(plain)).toBe(true);
  process.stdout.write(
    `settings page: ${sent.length} bytes with brotli of ${BUDGET}, ${plain.length} without\n`,
  );
  expect(sent.length).toBeLessThanOrEqual(BUDGET);
  expect(sent.length).toBeLessThanOrEqual(compressed(plain));
  // it imports nothing before it is shown; other languages come one by one
  expect(plain.toString()).not.toMatch(/(^|;)import\s*["'{*]/);
});
