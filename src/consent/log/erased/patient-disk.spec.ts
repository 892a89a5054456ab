import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PatientDisk } from './patient-disk.js';

const PATIENCE_MS = 3_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('nobody waits for a disk that does not answer, and what had not begun is not done when it does', async () => {
  const disk = new PatientDisk(PATIENCE_MS);
  const done: string[] = [];
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const told = [
    disk.does(() => answered.then(() => void done.push('first'))),
    disk.does(async () => void done.push('second')),
  ].map((piece) =>
    piece.then(
      () => 'done',
      (error: unknown) => String(error),
    ),
  );
  await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1);
  const early = await Promise.race([...told, Promise.resolve('waiting')]);
  await vi.advanceTimersByTimeAsync(1);
  expect([early, ...(await Promise.all(told))]).toEqual([
    'waiting',
    expect.stringContaining('did not answer in time'),
    expect.stringContaining('did not answer in time'),
  ]);
  // whoever comes now is told at once
  await expect(disk.does(async () => done.push('third'))).rejects.toThrow('did not answer in time');
  answer();
  await vi.advanceTimersByTimeAsync(0);
  await disk.does(async () => void done.push('fourth'));
  expect(done).toEqual(['first', 'fourth']);
});

test('a disk that answers does one piece after the other, also after one has failed', async () => {
  const disk = new PatientDisk(PATIENCE_MS);
  await expect(disk.does(() => Promise.reject(new Error('it is full')))).rejects.toThrow('it is full');
  expect(await Promise.all([1, 2, 3].map((place) => disk.does(async () => place)))).toEqual([1, 2, 3]);
  expect(vi.getTimerCount()).toBe(0);
});
