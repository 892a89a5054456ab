import { expect, it } from 'vitest';
import { type Chore, Chores } from './chores.js';

const SILENT = { onTrouble: () => undefined, onDone: () => undefined };

it('does a chore once more at the close, where it is to be', async () => {
  const signals: AbortSignal[] = [];
  const chore = {
    name: 'count',
    restMs: 60_000,
    run: async (signal: AbortSignal) => void signals.push(signal),
  };
  const chores = new Chores([{ ...chore, isDoneAtTheClose: true }, chore], SILENT);
  await chores.close();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false]);
});

it('does each chore again and again, tells which failed, and lets the last one finish', async () => {
  const told: unknown[] = [];
  const done: string[] = [];
  let release: () => void = () => undefined;
  let second: () => void = () => undefined;
  const twice = new Promise<void>((resolve) => (second = resolve));
  const fails: Chore = {
    name: 'fail',
    restMs: 1,
    run: async () => {
      done.push('fail');
      if (done.length === 3) second();
      throw new Error('no');
    },
  };
  const long: Chore = {
    name: 'last',
    restMs: 1,
    run: async () => {
      await new Promise<void>((resolve) => (release = resolve));
      done.push('finished');
    },
  };
  const chores = new Chores([fails, long], { ...SILENT, onTrouble: (name) => told.push(name) });
  await twice;
  const closing = chores.close();
  expect(done).not.toContain('finished');
  release();
  await closing;
  expect(done.at(-1)).toBe('finished');
  expect(told.slice(0, 2)).toEqual(['fail', 'fail']);
});

it('does a chore that rests first not at once, and ends it when it is closed meanwhile', async () => {
  let isDone = false;
  const later: Chore = {
    name: 'wait',
    restMs: 600_000,
    restsFirst: true,
    run: async () => void (isDone = true),
  };
  await new Chores([later], SILENT).close();
  expect(isDone).toBe(false);
});
