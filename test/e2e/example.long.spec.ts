/** `npm run example` shows what its page says, and leaves nothing behind. */
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;

/** Where the command puts its files. */
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-'));
  // PostgreSQL must reach its own below it
  await chmod(folder, 0o711);
});
afterEach(() => rm(folder, { recursive: true }));

function startExample(...args: readonly string[]) {
  const child = spawn(process.execPath, ['scripts/example.mjs', ...args], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: folder },
  });
  let written = '';
  child.stdout.on('data', (chunk) => (written += String(chunk)));
  child.stderr.on('data', (chunk) => (written += String(chunk)));
  return {
    child,
    output: () => written,
    ended: new Promise<number | null>((resolve) => child.once('close', resolve)),
  };
}

/** What differs from run to run. */
const shapeOf = (text: string) =>
  text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>').replace(/asked \d+ times/, 'asked');

test('the example tells what its page says', async () => {
  const { ended, output } = startExample();
  expect(await ended, output()).toBe(0);
  const page = await readFile(join(ROOT, 'examples/network/README.md'), 'utf8');
  const [, shown = ''] = /^```text\n([\s\S]*?)^```$/m.exec(page) ?? [];
  expect(shapeOf(output())).toBe(shapeOf(shown));
  expect(await readdir(folder)).toEqual([]);
});

test('the example stays if it is told to, and is gone when it is interrupted', async () => {
  const { child, ended, output } = startExample('--stay');
  await expect.poll(output, { timeout: 90_000 }).toContain('They stay until Ctrl-C.');
  const [, store = ''] = /The profile store is (\S+),/.exec(output()) ?? [];
  const ask = () => fetch(`${store}/profiles`, { method: 'POST' });
  expect((await ask()).ok).toBe(false);
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(await readdir(folder)).toEqual([]);
  await expect.poll(() => ask().catch(() => 'gone'), { timeout: 10_000 }).toBe('gone');
});
