/** Styles stay on the page once a view was there, so those of a view hold in it alone. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { en } from '../src/words/en.js';

const PAGES = new URL('../src/pages/', import.meta.url).pathname;
const files = (await readdir(PAGES, { recursive: true })).filter((name) => name.endsWith('.css'));

test.each(files)('%s holds in its view alone', async (file) => {
  const style = await readFile(join(PAGES, file), 'utf8');
  const view = /^\[data-view='(\w+)'\] \{\n(?: .*\n|\n)*\}\n$/.exec(style)?.[1];
  expect(Object.keys(en.views)).toContain(view);
});
