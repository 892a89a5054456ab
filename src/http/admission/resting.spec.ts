import { once } from 'node:events';
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Resting } from './resting.js';

describe('a connection that rests', () => {
  let turn: number;
  let resting: Resting;
  const woken = vi.fn<() => void>();
  const read = (socket: Socket) => !socket.isPaused();
  const after = (milliseconds: number) => vi.advanceTimersByTime(milliseconds);

  function rested(isLateAfterwards = true): Socket {
    const socket = new Socket();
    resting.rest(socket, isLateAfterwards);
    return socket;
  }

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    woken.mockClear();
    turn = 0;
    resting = new Resting(() => turn, woken);
  });
  afterEach(() => void vi.useRealTimers());

  test('is not read for 50 ms, and is then', () => {
    const socket = rested();
    expect(read(socket)).toBe(false);
    after(49);
    expect([resting.has(socket), read(socket)]).toEqual([true, false]);
    after(20);
    expect([resting.has(socket), read(socket), resting.count]).toEqual([false, true, 0]);
    expect(woken).toHaveBeenCalled();
  });

  test('waits behind those that rest already: a thousand are read again in a second, in the order in which they came', () => {
    const sockets = Array.from({ length: 3_000 }, () => rested());
    expect(resting.next).toBe(3_050);
    for (const seconds of [1, 2, 3]) {
      after(1_000);
      const again = sockets.filter(read);
      expect(again.length).toBeGreaterThan(seconds * 1_000 - 100);
      expect(again.length).toBeLessThanOrEqual(seconds * 1_000);
      expect(again).toEqual(sockets.slice(0, again.length));
    }
    after(100);
    expect(resting.count).toBe(0);
    expect(resting.next).toBe(50);
  });

  test('is late with what is read in the turn in which it woke, and not with what comes later', () => {
    const socket = rested();
    after(100);
    expect(resting.hasJustWoken(socket)).toBe(true);
    expect(resting.hasJustWoken(new Socket())).toBe(false);
    turn++;
    expect(resting.hasJustWoken(socket)).toBe(false);
  });

  test('is not late where it rested for what it asked for itself', () => {
    const socket = rested(false);
    after(100);
    expect(resting.hasJustWoken(socket)).toBe(false);
  });

  test('rests once, however often it is told to', () => {
    const socket = rested();
    const { next } = resting;
    resting.rest(socket, true);
    expect([resting.count, resting.next]).toEqual([1, next]);
  });

  test('is forgotten when it closes, and never rests once it is closed', async () => {
    const socket = rested();
    socket.destroy();
    await once(socket, 'close');
    expect(resting.count).toBe(0);
    resting.rest(socket, true);
    expect(resting.count).toBe(0);
  });

  test('gives its place in the line to those that come later when it closes', async () => {
    const sockets = Array.from({ length: 1_000 }, () => rested());
    const gone = sockets.slice(0, 400).map((socket) => once(socket.destroy(), 'close'));
    await Promise.all(gone);
    expect([resting.count, resting.next]).toEqual([600, 650]);
  });

  test('is told to wait for those that are to rest before it', () => {
    const sent = Array.from({ length: 2_000 }, () => resting.expect());
    expect(resting.next).toBe(2_050);
    for (const each of sent) {
      each();
      rested();
    }
    expect(resting.next).toBe(2_050);
  });

  test('listens for its end once, however often it rests', () => {
    const socket = rested();
    const listeners = socket.listenerCount('close');
    after(100);
    resting.rest(socket, true);
    expect(socket.listenerCount('close')).toBe(listeners);
  });
});
