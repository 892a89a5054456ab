/** `npm run soak` compares what is answered within faults, and leaves nothing but its figures. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listAt, numberAt } from './replies.js';
import { ScriptOfTests } from './script.js';

const soak = new ScriptOfTests('scripts/soak.mjs');

test(
  'a short soak with faults has no wrong answer, loses no change, and says what it saw',
  { timeout: 600_000 },
  async () => {
    const out = join(soak.folder, 'out');
    const { ended, output } = soak.start('--minutes', '0.75', '--seed', '1', '--out', out);
    expect(await ended, output()).toBe(0);
    expect(output()).toContain('Nothing was wrong.');
    const figures: unknown = JSON.parse(await readFile(join(out, 'soak.json'), 'utf8'));
    expect(listAt(figures, 'faults').length).toBeGreaterThan(0);
    expect(numberAt(figures, 'seen', 'compared')).toBeGreaterThan(5_000);
    expect(numberAt(figures, 'seen', 'changes')).toBeGreaterThan(50);
    expect(await readdir(soak.folder)).toEqual(['out']);
  },
);
