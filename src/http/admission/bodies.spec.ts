import { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { Bodies } from './bodies.js';

const LIMIT = 1_048_576;
const MOST = 4 * LIMIT;

/** A request as far as it is looked at, and its answer. */
class Asked extends EventEmitter {
  readonly answer = new EventEmitter();

  constructor(readonly headers: IncomingHttpHeaders) {
    super();
  }
}

/** What ends first, and whether the other follows: of a request that was answered early Node may report no end. */
const ENDS = ['read', 'answered', 'read, then answered', 'answered, then read'] as const;

function end(asked: Asked, how: (typeof ENDS)[number]): void {
  for (const what of how.split(', then ')) (what === 'read' ? asked : asked.answer).emit('close');
}

const requests = array(
  record({
    length: integer({ min: 0, max: 2 * LIMIT }),
    type: constantFrom('application/json', 'application/x-ndjson', 'text/plain; charset=utf-8'),
    isChunked: constantFrom(true, false),
    leaves: constantFrom(true, false),
    how: constantFrom(...ENDS),
  }),
  { maxLength: 100 },
);

test('bodies never hold more than there is room for, and give it back', () => {
  assert(
    property(requests, (all) => {
      const bodies = new Bodies(LIMIT, MOST);
      const held: (() => void)[] = [];
      for (const { length, type, isChunked, leaves, how } of all) {
        const size = isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(length) };
        const asked = new Asked({ 'content-type': type, ...size });
        if (bodies.take(asked, asked.answer, false)) held.push(() => end(asked, how));
        expect(bodies.taken).toBeLessThanOrEqual(MOST);
        if (leaves) held.shift()?.();
      }
      for (const leave of held) leave();
      expect(bodies.taken).toBe(0);
    }),
  );
});

test('a decision has room when nothing else has', () => {
  const bodies = new Bodies(LIMIT, MOST);
  const take = (length: number) => {
    const asked = new Asked({ 'content-length': String(length) });
    return bodies.take(asked, asked.answer, false);
  };
  const large = () => take(LIMIT);
  while (large());
  expect(large()).toBe(false);
  expect(take(300)).toBe(true);
});

test('what people say has room where others have filled theirs, and not for ever', () => {
  const bodies = new Bodies(LIMIT, MOST);
  const take = (isCritical: boolean) => {
    const asked = new Asked({ 'transfer-encoding': 'chunked' });
    return bodies.take(asked, asked.answer, isCritical);
  };
  while (take(false));
  expect(take(true)).toBe(true);
  while (take(true));
  expect(bodies.taken).toBeLessThanOrEqual(2 * MOST);
});
