import { Readable } from 'node:stream';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { fastify } from 'fastify';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compressAnswers } from './compression.js';

const LONG = JSON.stringify({ purposes: Array.from({ length: 200 }, (_, at) => `purpose ${at % 7}`) });
const JSON_TYPE = 'application/json; charset=utf-8';

type Sent = { readonly payload?: unknown; readonly type?: string; readonly headers?: Record<string, string> };

/** What a route that answers so sends to who asks so. */
async function answerOf(
  { payload = LONG, type = JSON_TYPE, headers = {} }: Sent = {},
  accepted: string | null = 'gzip, deflate, br',
  path = '/v1/users/me/settings',
) {
  const server = fastify();
  compressAnswers(server);
  server.get(path, async (_request, reply) => reply.type(type).headers(headers).send(payload));
  const answer = await server.inject({
    method: 'GET',
    url: path,
    headers: accepted === null ? {} : { 'accept-encoding': accepted },
  });
  await server.close();
  return { coding: answer.headers['content-encoding'], headers: answer.headers, body: answer.rawPayload };
}

const plain = Buffer.from(LONG);

describe('an answer', () => {
  test.each([
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['gzip, deflate', 'gzip', gunzipSync],
  ])('to who takes %s comes as %s, a fraction as long, and says the same', async (takes, coding, opened) => {
    const answer = await answerOf({ headers: { etag: '"1"', vary: 'Accept-Language' } }, takes);
    expect(answer.coding).toBe(coding);
    expect(opened(answer.body).equals(plain)).toBe(true);
    expect(answer.body.length).toBeLessThan(plain.length / 4);
    expect(answer.headers).toMatchObject({
      'content-length': String(answer.body.length),
      vary: 'Accept-Language, Accept-Encoding',
      etag: '"1"',
      'content-type': JSON_TYPE,
    });
  });

  test.each([null, 'identity', 'deflate', 'br;q=0, gzip;q=0'])(
    'to who takes %s comes as it is, and says that it depends on that',
    async (takes) => {
      const answer = await answerOf({}, takes);
      expect(answer.coding).toBeUndefined();
      expect(answer.body.equals(plain)).toBe(true);
      expect(answer.headers['vary']).toBe('Accept-Encoding');
    },
  );

  test('says the same whatever it says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 3_000 }), async (text) => {
        const { coding, body } = await answerOf({ payload: text }, 'br');
        const bytes = Buffer.from(text);
        expect((coding === 'br' ? brotliDecompressSync(body) : body).equals(bytes)).toBe(true);
        expect(coding).toBe(bytes.length < 1_000 ? undefined : 'br');
      }),
      { numRuns: 30 },
    );
  });

  test.each<[what: string, sent: Sent]>([
    ['that is short', { payload: '{"changed":true}' }],
    ['that is compressed already', { payload: plain, headers: { 'content-encoding': 'br' } }],
    ['that is a picture', { payload: plain, type: 'image/png' }],
    ['that is bytes', { payload: plain, type: 'application/vnd.apache.parquet' }],
    ['that is a stream', { payload: Readable.from([LONG]) }],
  ])('%s is passed on', async (_what, sent) => {
    const answer = await answerOf(sent);
    expect(answer.coding).toBe(sent.headers?.['content-encoding']);
    expect(
      answer.body.equals(sent.payload instanceof Readable ? plain : Buffer.from(String(sent.payload))),
    ).toBe(true);
  });

  test.each([
    '/access/v1/evaluation',
    '/access/v1/evaluations',
    '/session/sign-in',
    '/v1/grants',
    '/v1/caches',
    '/v1/caches/1/acknowledgements',
    '/health/ready',
  ])('of %s is never compressed', async (path) => {
    const answer = await answerOf({}, 'br', path);
    expect(answer.coding).toBeUndefined();
    expect(answer.headers['vary']).toBeUndefined();
  });

  test.each(['/v1/grantsmaid', '/settings', '/v1/users/session'])('of %s is', async (path) => {
    expect((await answerOf({}, 'br', path)).coding).toBe('br');
  });
});
