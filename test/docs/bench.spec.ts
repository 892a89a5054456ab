import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

it('what the benchmark measures stands where it looks for it', () => {
  const files = ['', 'scenarios/', 'systems/'].flatMap((folder) =>
    readdirSync(`${ROOT}test/bench/${folder}`)
      .filter((name) => name.endsWith('.mjs'))
      .map((name) => readFileSync(`${ROOT}test/bench/${folder}${name}`, 'utf8')),
  );
  const named = files.flatMap((text) =>
    [...text.matchAll(/\bproduct\('([^']+)\.js'\)/g)].map(([, path]) => path),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(`${ROOT}src/${path}.ts`))).toEqual([]);
});
