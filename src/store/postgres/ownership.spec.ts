import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Moment, Ownership, PROOF_HOLDS_MS } from './ownership.js';

type Proof = { readonly answer: (hit: boolean) => void; readonly fail: () => void };

let clock: { monotonic: number; wall: number };
let sent: Proof[];
let ownership: Ownership;
let taken: number;
let regained: number;

beforeEach(() => {
  vi.useFakeTimers();
  clock = { monotonic: 5_000, wall: 1_700_000_000_000 };
  [sent, taken, regained] = [[], 0, 0];
  const prove = () =>
    new Promise<boolean>((resolve, reject) =>
      sent.push({ answer: resolve, fail: () => reject(new Error('nobody knows')) }),
    );
  ownership = new Ownership(now(), prove, () => taken++, now);
  ownership.onRegained(() => regained++);
});

afterEach(() => {
  ownership.stop();
  vi.useRealTimers();
});

describe('ownership', () => {
  it('is proved for two seconds from when the proof was sent, however late it was answered', async () => {
    await passing(1_000);
    expect(sent).toHaveLength(1);
    await passing(PROOF_HOLDS_MS - 1_001);
    expect(ownership.holds).toBe(true);
    last().answer(true);
    await passing(1_000);
    expect(ownership.holds).toBe(true);
    await passing(1);
    expect(ownership.holds).toBe(false);
  });

  it.each([
    ['the monotonic clock alone says that too much time has passed', { monotonic: PROOF_HOLDS_MS, wall: 0 }],
    ['the wall clock alone does, as after a sleep', { monotonic: 0, wall: PROOF_HOLDS_MS }],
    ['the wall clock was set back', { monotonic: 0, wall: -1 }],
  ])('is not proved when %s', async (_case, { monotonic, wall }) => {
    expect(ownership.holds).toBe(true);
    await Promise.resolve();
    clock = { monotonic: clock.monotonic + monotonic, wall: clock.wall + wall };
    expect(ownership.holds).toBe(false);
  });

  it('is not proved by a write of which nobody knows whether it hit, and is tried again', async () => {
    await passing(1_000);
    last().fail();
    await passing(1_000);
    expect([sent.length, ownership.holds, taken]).toEqual([2, false, 0]);
  });

  it('is regained by a proof that is fresh, not by one that was under way all the while', async () => {
    await passing(1_000);
    await passing(60_000);
    last().answer(true);
    await passing(0);
    expect([ownership.holds, regained, sent.length]).toEqual([false, 0, 2]);
    last().answer(true);
    await passing(0);
    expect([ownership.holds, regained]).toEqual([true, 1]);
  });

  it('is gone when the write did not hit, and is not tried any more', async () => {
    await passing(1_000);
    last().answer(false);
    await passing(10_000);
    expect([taken, sent.length, ownership.holds]).toEqual([1, 1, false]);
  });
});

function now(): Moment {
  return { ...clock };
}

async function passing(milliseconds: number): Promise<void> {
  clock = { monotonic: clock.monotonic + milliseconds, wall: clock.wall + milliseconds };
  await vi.advanceTimersByTimeAsync(milliseconds);
}

function last(): Proof {
  const proof = sent.at(-1);
  if (proof === undefined) throw new Error('no proof was sent');
  return proof;
}
