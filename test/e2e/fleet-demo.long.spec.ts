/** `npm run fleet` shows what it says, and leaves nothing behind. */
import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ScriptOfTests } from './script.js';

const demo = new ScriptOfTests('scripts/fleet.mjs');

test(
  'the demo of a fleet kills processes in a storm of opt-outs, and counts no stale permit',
  { timeout: 600_000 },
  async () => {
    const { ended, output } = demo.start('--seconds', '3');
    expect(await ended, output()).toBe(0);
    expect(output()).toMatch(
      /^[1-9][\d,]* decisions in .*, [1-9][\d,]* of them permits\n[1-9][\d,]* opt-outs confirmed, over 1 kill; .*\n.* longest wait .*\n0 stale permits\n0 lost opt-outs\n/m,
    );
    expect(await readdir(demo.folder)).toEqual([]);
  },
);

test('the demo of a fleet that is interrupted says what it saw, and leaves neither files nor processes', async () => {
  const { child, ended, output } = demo.start();
  await expect.poll(output).toContain('process 1 is killed');
  const children = childrenOf(child.pid);
  expect(children.length).toBeGreaterThan(2);
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(output()).toMatch(/\n0 stale permits\n$/);
  expect(await readdir(demo.folder)).toEqual([]);
  await expect.poll(() => children.filter(isThere)).toEqual([]);
});

function childrenOf(parent: number | undefined): readonly number[] {
  const listed = execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' });
  return [...listed.matchAll(/^ *(\d+) +(\d+)$/gm)].flatMap(([, pid, above]) =>
    Number(above) === parent ? [Number(pid)] : [],
  );
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
