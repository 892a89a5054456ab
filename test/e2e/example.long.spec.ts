/** `npm run example` shows what its page says, and leaves nothing behind. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, ScriptOfTests } from './script.js';

const example = new ScriptOfTests('scripts/example.mjs');

/** What differs from run to run. */
const shapeOf = (text: string) =>
  text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>').replace(/asked \d+ times/, 'asked');

test('the example tells what its page says', async () => {
  const { ended, output } = example.start();
  expect(await ended, output()).toBe(0);
  const page = await readFile(join(ROOT, 'examples/network/README.md'), 'utf8');
  const [, shown = ''] = /^```text\n([\s\S]*?)^```$/m.exec(page) ?? [];
  expect(shapeOf(output())).toBe(shapeOf(shown));
  expect(await readdir(example.folder)).toEqual([]);
});

test('the example stays if it is told to, and is gone when it is interrupted', async () => {
  const { child, ended, output } = example.start('--stay');
  await expect.poll(output).toContain('They stay until Ctrl-C.');
  const [, store = ''] = /The profile store is (\S+),/.exec(output()) ?? [];
  const ask = () => fetch(`${store}/profiles`, { method: 'POST' });
  expect((await ask()).ok).toBe(false);
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(await readdir(example.folder)).toEqual([]);
  await expect.poll(() => ask().catch(() => 'gone')).toBe('gone');
});
