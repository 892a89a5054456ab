/** Who sends slowly, or much, costs a bounded time and a bounded room. Readers that take nothing: memory.long.spec.ts. */
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EVALUATION, EVALUATIONS, mayRead } from './questions.js';
import { type Service, startService } from './service.js';

const SLOW = 300;
const LARGE = 400;
const BYTES = 1_000_000;
/** A heap of so many megabytes: an eighth of it is for bodies. */
const HEAP_MB = 256;

let service: Service;
let token: string;
beforeAll(async () => {
  service = await startService({ OVERLOAD_WAIT_MS: '5' }, [`--max-old-space-size=${HEAP_MB}`]);
  token = await service.token({ sub: 'all', purposes: ['security'] });
  await ask();
});
afterAll(() => service.stop());

function ask() {
  return service.request('POST', EVALUATION, { token, body: mayRead('security', 'u-1') });
}

async function open(text: string): Promise<Socket> {
  const { hostname, port } = new URL(service.url);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.write(text);
  return socket;
}

function peak(): number {
  const status = readFileSync(`/proc/${service.process.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1_000;
}

test('who sends a head byte by byte is cut off in time, and stops nobody meanwhile', async () => {
  const began = performance.now();
  const slow = await Promise.all(
    Array.from({ length: SLOW }, () => open('POST /access/v1/evaluation HTTP/1.1\r\n')),
  );
  const drip = setInterval(
    () => slow.forEach((socket) => socket.writable && socket.write('x: y\r\n')),
    1_000,
  );
  try {
    const closed = slow.map(async (socket) => {
      let answer = '';
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      await once(socket, 'close');
      return answer;
    });
    expect((await ask()).status).toBe(200);
    for (const answer of await Promise.all(closed)) expect(answer).toContain('HTTP/1.1 408 ');
    expect(performance.now() - began).toBeLessThan(90_000);
  } finally {
    clearInterval(drip);
  }
});

test('large bodies that never end take no more room than there is for them, and stop no decision', async () => {
  const before = peak();
  const head = [
    `POST ${EVALUATIONS} HTTP/1.1`,
    'host: localhost',
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    `content-length: ${BYTES}`,
    '',
    '',
  ].join('\r\n');
  const large = await Promise.all(Array.from({ length: LARGE }, () => open(head)));
  let refused = 0;
  for (const socket of large) {
    socket.on(
      'data',
      (chunk: Buffer) => (refused += Number(chunk.includes('urn:assent:problem:overloaded'))),
    );
    socket.write('x'.repeat(BYTES - 1));
  }
  try {
    await expect.poll(() => refused).toBeGreaterThan(LARGE / 2);
    expect((await ask()).status).toBe(200);
    expect(peak() - before).toBeLessThan(LARGE / 2);
  } finally {
    for (const socket of large) socket.destroy();
  }
});
