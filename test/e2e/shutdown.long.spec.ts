/** A shutdown waits for answers that come by themselves, and not for those that wait for somebody else. */
import { type IncomingMessage, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FIELDS, PURPOSES } from './questions.js';
import { type Service, startService } from './service.js';

/** Always on, so that every user has a line of many fields. */
const ALWAYS_ON = 'service';

let service: Service;

beforeEach(async () => {
  service = await startService({ BODY_LIMIT: '4000000' });
});

afterEach(() => service.stop());

/** Begins a request for an audience. Its body is still to be sent, and its answer to be read. */
async function begin(type: string, first: string, query = '') {
  const token = await service.token({ sub: 'pep', purposes: PURPOSES });
  const sent = request(`${service.url}/v1/audiences${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': type, accept: 'application/x-ndjson' },
  });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve);
    sent.on('error', reject);
  });
  sent.write(first);
  return { sent, response };
}

/** All that a client reads, and whether it was told that this is the end. */
async function rest(response: IncomingMessage): Promise<{ text: string; whole: boolean }> {
  let text = '';
  try {
    for await (const chunk of response) text += String(chunk);
    return { text, whole: response.complete };
  } catch {
    return { text, whole: false };
  }
}

describe('a shutdown', () => {
  test('cuts off an answer that nobody reads, so that the client can tell', async () => {
    const users = Array.from({ length: 40_000 }, (_, index) => `u-${index}`);
    const body = JSON.stringify({ purpose: ALWAYS_ON, fields: FIELDS, users });
    const { sent, response } = await begin('application/json', body);
    sent.end();
    const answer = await response;
    // ends with 1 when it gave up waiting
    expect(await service.kill('SIGTERM')).toBe(0);
    const { text, whole } = await rest(answer);
    expect([whole, text.includes('"counts"')]).toEqual([false, false]);
  });

  test('cuts off an answer that waits for more of its question', async () => {
    const query = `?${new URLSearchParams({ purpose: ALWAYS_ON, fields: FIELDS.slice(0, 2).join(',') }).toString()}`;
    const { response } = await begin('text/plain', 'u-1\n', query);
    const answer = await response;
    const read = rest(answer);
    expect(await service.kill('SIGTERM')).toBe(0);
    const { text, whole } = await read;
    expect([whole, text.includes('"counts"')]).toEqual([false, false]);
  });
});
