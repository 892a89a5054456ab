import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The cells of the rows of a table, without what only sets it. */
function cellsOf(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^[|: -]+$/.test(line))
    .map((line) => line.replaceAll(/\s+/g, ' '));
}

it('what many users cost is on its page as it is computed', () => {
  const computed = execFileSync(process.execPath, ['scripts/scale.mjs'], { cwd: ROOT, encoding: 'utf8' });
  expect(cellsOf(readFileSync(`${ROOT}docs/scale.md`, 'utf8'))).toEqual(cellsOf(computed));
});
