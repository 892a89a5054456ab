/** Answers to those who take them compressed, over HTTP. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peopleOf } from './people.js';
import { EVALUATIONS, PURPOSES, mayRead } from './questions.js';
import { type Service, startService } from './service.js';

let service: Service;
let member: string;
let asking: string;

beforeAll(async () => {
  service = await startService();
  await (await peopleOf(service)).register('u-1', 'DE');
  member = await service.token({ sub: 'u-1' });
  asking = await service.token({ sub: 'pep', purposes: PURPOSES });
});
afterAll(() => service.stop());

/** The answer as it travels. */
async function sent(method: string, path: string, token: string, coding: string, body?: string, type = '') {
  const asked = request(`${service.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'accept-encoding': coding,
      ...(body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
    },
  }).end(body);
  const [answer]: IncomingMessage[] = await once(asked, 'response');
  if (answer === undefined) throw new Error('there is no answer');
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(Buffer.from(chunk));
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) };
}

describe('a page that takes compressed answers', () => {
  test.each(['/v1/users/me/settings', '/v1/users/me/prompts', '/v1/users/me/export'])(
    'gets the same of %s, in fewer bytes',
    async (path) => {
      const plain = await sent('GET', path, member, 'identity');
      const brotli = await sent('GET', path, member, 'gzip, deflate, br');
      const gzip = await sent('GET', path, member, 'gzip');
      expect(plain.status).toBe(200);
      expect(plain.headers['content-encoding']).toBeUndefined();
      // an export is a stream, which is passed on as it comes
      if (path.endsWith('export')) {
        expect([brotli.headers['content-encoding'], gzip.headers['content-encoding']]).toEqual([
          undefined,
          undefined,
        ]);
        return;
      }
      expect(brotli.headers).toMatchObject({
        'content-encoding': 'br',
        vary: expect.stringContaining('Accept-Encoding'),
      });
      expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true);
      expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true);
      expect(brotli.body.length).toBeLessThan(plain.body.length / 4);
      expect(brotli.headers.etag).toBe(plain.headers.etag);
    },
  );
});

describe('a service that takes compressed answers', () => {
  const batch = JSON.stringify({ evaluations: PURPOSES.map((purpose) => mayRead(purpose, 'u-1')) });

  test('gets decisions as they are', async () => {
    const { headers, body } = await sent('POST', EVALUATIONS, asking, 'br', batch, 'application/json');
    expect(body.length).toBeGreaterThan(1_000);
    expect(headers['content-encoding']).toBeUndefined();
    expect(headers['vary']).toBeUndefined();
  });

  test('gets an audience line by line, before it has sent the last', async () => {
    const asked = request(`${service.url}/v1/audiences?purpose=service&fields=member.skills`, {
      method: 'POST',
      headers: { authorization: `Bearer ${asking}`, 'accept-encoding': 'br', 'content-type': 'text/plain' },
    });
    asked.write('u-1\n'.repeat(20_000));
    const [answer]: IncomingMessage[] = await once(asked, 'response');
    if (answer === undefined) throw new Error('there is no answer');
    const [first] = await once(answer, 'data');
    expect(String(first)).toMatch(/^\{"user":"u-1"/);
    expect(answer.headers['content-encoding']).toBeUndefined();
    asked.end();
    answer.resume();
    await once(answer, 'end');
  });
});
