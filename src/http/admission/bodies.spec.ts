import { EventEmitter } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { Bodies } from './bodies.js';

const LIMIT = 1_048_576;
const MOST = 4 * LIMIT;

/** A request as far as it is looked at. */
class Asked extends EventEmitter {
  constructor(readonly headers: IncomingHttpHeaders) {
    super();
  }
}

const requests = array(
  record({
    length: integer({ min: 0, max: 2 * LIMIT }),
    type: constantFrom('application/json', 'application/x-ndjson', 'text/plain; charset=utf-8'),
    isChunked: constantFrom(true, false),
    leaves: constantFrom(true, false),
  }),
  { maxLength: 100 },
);

test('bodies never hold more than there is room for, and give it back', () => {
  assert(
    property(requests, (all) => {
      const bodies = new Bodies(LIMIT, MOST);
      const held: Asked[] = [];
      for (const { length, type, isChunked, leaves } of all) {
        const size = isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(length) };
        const asked = new Asked({ 'content-type': type, ...size });
        if (bodies.take(asked, false)) held.push(asked);
        expect(bodies.taken).toBeLessThanOrEqual(MOST);
        if (leaves) held.shift()?.emit('close');
      }
      for (const asked of held) asked.emit('close');
      expect(bodies.taken).toBe(0);
    }),
  );
});

test('a decision has room when nothing else has', () => {
  const bodies = new Bodies(LIMIT, MOST);
  const large = () => bodies.take(new Asked({ 'content-length': String(LIMIT) }), false);
  while (large());
  expect(large()).toBe(false);
  expect(bodies.take(new Asked({ 'content-length': '300' }), false)).toBe(true);
});

test('what people say has room where others have filled theirs, and not for ever', () => {
  const bodies = new Bodies(LIMIT, MOST);
  const take = (isSaid: boolean) => bodies.take(new Asked({ 'transfer-encoding': 'chunked' }), isSaid);
  while (take(false));
  expect(take(true)).toBe(true);
  while (take(true));
  expect(bodies.taken).toBeLessThanOrEqual(2 * MOST);
});
