import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { expect, test } from 'vitest';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));

const names = await readdir(DIST);
/** The file that a chunk was built into. */
const fileOf = (chunk: string, end = '.js') =>
  names.filter((name) => name.startsWith(`${chunk}-`) && name.endsWith(end)).slice(0, 1);

/** What a script loads with it. */
const STATIC = /(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g;

async function loadedWith(files: readonly string[]): Promise<Set<string>> {
  const all = new Set<string>();
  for (const open = [...files]; open.length > 0;) {
    const file = open.pop() ?? '';
    if (all.size === all.add(file).size) continue;
    const script = await readFile(join(DIST, file), 'utf8');
    for (const [, name = ''] of script.matchAll(STATIC)) open.push(name);
  }
  return all;
}

/** Bytes of what is sent to a browser that takes brotli. */
async function sentOf(files: Iterable<string>): Promise<number> {
  let bytes = 0;
  for (const file of files) {
    const sent = await readFile(join(DIST, `${file}.br`));
    expect(brotliDecompressSync(sent).equals(await readFile(join(DIST, file)))).toBe(true);
    bytes += sent.length;
  }
  return bytes;
}

const styles = names.filter((name) => name.endsWith('.css'));
const first = await loadedWith(fileOf('main'));
const later = (files: ReadonlySet<string>) => [...files].filter((file) => !first.has(file));

test.each([
  ['the first view', 180_000, [...first, ...fileOf('main', '.css')]],
  [
    'the editor, with the merge of two texts',
    170_000,
    [
      ...later(await loadedWith([...fileOf('draft-view'), ...fileOf('merge')])),
      ...styles.filter((name) => !name.startsWith('main-')),
    ],
  ],
  ['the Worker, from the first question to a verdict', 60_000, await loadedWith(fileOf('worker'))],
] as const)('%s costs no more than %i bytes', async (what, budget, files) => {
  const bytes = await sentOf(files);
  process.stdout.write(`${what}: ${bytes} bytes with brotli of ${budget}\n`);
  expect([...files].length).toBeGreaterThan(0);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThanOrEqual(budget);
});
