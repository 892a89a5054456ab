import { expect, test } from 'vitest';
import { announce } from './announcing.js';

/** What is said of a service whose parts become ready one look after the other. */
async function said(parts: Record<string, boolean>): Promise<unknown[]> {
  const lines: unknown[] = [];
  const waiting = Object.keys(parts).filter((part) => parts[part] === false);
  await announce(
    { parts: () => ({ ...parts }), trouble: () => (waiting.length === 0 ? undefined : waiting.join('; ')) },
    { onReady: () => lines.push('ready'), onWaiting: (state) => lines.push(state) },
    async () => {
      const part = waiting.shift();
      if (part !== undefined) parts[part] = true;
    },
  );
  return lines;
}

test('a service that is ready says so once', async () => {
  expect(await said({ policy: true, consent: true, identity: true })).toEqual(['ready']);
});

test.each(['consent', 'identity'])(
  'one that waits for %s says why, and then that it is ready',
  async (part) => {
    const parts = { policy: true, consent: true, identity: true, [part]: false };
    expect(await said({ ...parts })).toEqual([{ parts, because: part }, 'ready']);
  },
);

test('one that waits for two is ready when both are', async () => {
  const parts = { policy: true, consent: false, identity: false };
  expect(await said({ ...parts })).toEqual([{ parts, because: 'consent; identity' }, 'ready']);
});
