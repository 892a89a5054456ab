/** What can go wrong on the way to the service, with the reason that it is a no for. */
import { gzipSync } from 'node:zlib';
import type { ClientReason } from '../../src/terms/reasons.js';
import type { Doing } from './fake-service.js';

/** An answer of which the body is changed. */
export const json =
  (change: (body: string) => string): Doing =>
  (response, { headers, body }) => {
    response.writeHead(200, headers).end(change(body));
  };
const status =
  (code: number, body = '', headers = {}): Doing =>
  (response, right) => {
    response.writeHead(code, { ...right.headers, ...headers }).end(body);
  };
const raw =
  (write: (body: string) => string): Doing =>
  (response, { body }) => {
    response.socket?.end(write(body));
  };
const problem = (code: string) => JSON.stringify({ type: `urn:assent:problem:${code}`, detail: 'do this' });
const head = ({ 'x-request-id': id = '', 'content-type': type = '' }: Readonly<Record<string, string>>) =>
  `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\nx-request-id: ${id}\r\n`;

export const FAULTS: readonly (readonly [string, ClientReason, Doing])[] = [
  ['never answers', 'timed_out', () => undefined],
  [
    'never ends its answer',
    'timed_out',
    (response, { headers, body }) => {
      response.writeHead(200, headers).write(body);
    },
  ],
  ['fails', 'unavailable', status(500, problem('internal_error'))],
  ['has nowhere to send it on', 'unavailable', status(502, '<html>Bad gateway</html>')],
  ['is busy', 'unavailable', status(503, problem('answers_waiting'))],
  ['has too many requests', 'unavailable', status(429, problem('too_many_proofs'))],
  ['closes the connection', 'unreachable', (response) => response.socket?.destroy()],
  ['resets the connection', 'unreachable', (response) => response.socket?.resetAndDestroy()],
  ['ends its half of the connection', 'unreachable', (response) => response.socket?.end()],
  ['speaks no HTTP', 'malformed_answer', raw((body) => body)],
  [
    'speaks no HTTP at the end',
    'malformed_answer',
    raw(() => 'HTTP/1.1 200 OK\r\ncontent-length: 1, 2\r\n\r\n{}'),
  ],
  [
    'cuts the body off',
    'unreachable',
    (response, { headers, body }) => {
      response.socket?.end(`${head(headers)}content-length: ${body.length + 1}\r\n\r\n${body}`);
    },
  ],
  [
    'cuts the body off between chunks',
    'unreachable',
    (response, { headers, body }) => {
      const size = Buffer.byteLength(body).toString(16);
      response.socket?.end(`${head(headers)}transfer-encoding: chunked\r\n\r\n${size}\r\n${body}\r\n`);
    },
  ],
  [
    'cuts off a body whose length it did not say',
    'malformed_answer',
    (response, { headers, body }) => {
      response.socket?.end(`${head(headers)}connection: close\r\n\r\n${body.slice(0, -2)}`);
    },
  ],
  [
    'is another server',
    'malformed_answer',
    (response, { headers, body }) => {
      response.writeHead(200, { 'content-type': headers['content-type'] }).end(body);
    },
  ],
  [
    'answers another request',
    'malformed_answer',
    (response, { headers, body }) => {
      response.writeHead(200, { ...headers, 'x-request-id': 'another' }).end(body);
    },
  ],
  [
    'names two requests',
    'malformed_answer',
    (response, { headers, body }) => {
      const id = headers['x-request-id'] ?? '';
      response.writeHead(200, { ...headers, 'x-request-id': [id, id] }).end(body);
    },
  ],
  [
    'redirects to who permits',
    'malformed_answer',
    (response, { headers }, { path }) => {
      response.writeHead(307, { ...headers, location: `${path}#again` }).end();
    },
  ],
  ['has no content', 'malformed_answer', status(204)],
  [
    'has made something',
    'malformed_answer',
    (response, { headers, body }) => response.writeHead(201, headers).end(body),
  ],
  ['is asked to go on', 'malformed_answer', status(304)],
  ['takes no such token', 'unauthorised', status(401, problem('not_authenticated'))],
  ['refuses', 'refused', status(403, problem('caller_not_allowed'))],
  ['does not know the route', 'refused', status(404, 'no such page', { 'content-type': 'text/html' })],
  [
    'compresses, unasked',
    'malformed_answer',
    (response, { headers, body }) => {
      response.writeHead(200, { ...headers, 'content-encoding': 'gzip' }).end(gzipSync(body));
    },
  ],
  [
    'says that it compresses, and does not',
    'malformed_answer',
    (response, { headers, body }) => {
      response.writeHead(200, { ...headers, 'content-encoding': 'br' }).end(body);
    },
  ],
  [
    'compresses, and does not say so',
    'malformed_answer',
    (response, { headers, body }) => response.writeHead(200, headers).end(gzipSync(body)),
  ],
  [
    'answers with a page',
    'malformed_answer',
    (response, { headers, body }) => {
      response.writeHead(200, { ...headers, 'content-type': 'text/html' }).end(body);
    },
  ],
  [
    'writes in another alphabet',
    'malformed_answer',
    (response, { headers, body }) => {
      response.writeHead(200, {
        ...headers,
        'content-type': `${headers['content-type']?.split(';')[0]}; charset=utf-16le`,
      });
      response.end(Buffer.from(body, 'utf16le'));
    },
  ],
  [
    'sends what is not UTF-8',
    'malformed_answer',
    (response, { headers, body }) => {
      // within a text, where a replacement character would pass
      response.writeHead(200, headers).end(Buffer.from(body.replaceAll('sha256:1', '\u00ff'), 'latin1'));
    },
  ],
  ['begins with a byte-order mark', 'malformed_answer', json((body) => `\ufeff${body}`)],
  ['never stops writing', 'malformed_answer', json((body) => body + ' '.repeat(2_000_000))],
  ['says nothing', 'malformed_answer', json(() => '')],
  ['says `true`', 'malformed_answer', json(() => 'true')],
  ['permits one, whatever was asked', 'malformed_answer', json(() => '{"decision":true}')],
  ['answers twice', 'malformed_answer', json((body) => body + body)],
  [
    'names a member twice',
    'malformed_answer',
    json((body) => body.replaceAll('"policy":', '"policy":"2","policy":')),
  ],
  [
    'names a member twice, once with an escape',
    'malformed_answer',
    json((body) => body.replaceAll('"policy":', '"\\u0070olicy":"2","policy":')),
  ],
  ['leaves out the policy', 'malformed_answer', json((body) => body.replaceAll('"policy":', '"police":'))],
  [
    'leaves out the revision',
    'malformed_answer',
    json((body) => body.replaceAll('"revision":"r1"', '"revision":""')),
  ],
  [
    'leaves out the obligations',
    'malformed_answer',
    json((body) => body.replaceAll('"obligations":', '"o":')),
  ],
  [
    'has obligations that are no texts',
    'malformed_answer',
    json((body) => body.replaceAll('["min_cohort_50"]', '[50]')),
  ],
  [
    'has an obligation in place of a list',
    'malformed_answer',
    json((body) => body.replaceAll('["min_cohort_50"]', '"min_cohort_50"')),
  ],
  [
    'obliges to what nobody knows',
    'unknown_obligation',
    json((body) => body.replaceAll('["min_cohort_50"]', '["min_cohort_50","forget_me"]')),
  ],
];

/** What can be wrong with the decisions of a batch, as changes of its body: nothing of it is permitted then. */
export const DECISIONS: readonly (readonly [string, (body: string) => string])[] = [
  ['a decision that is a text', (body) => body.replaceAll('"decision":true', '"decision":"true"')],
  ['a decision that is a number', (body) => body.replaceAll('"decision":true', '"decision":1')],
  ['no decision', (body) => body.replaceAll('"decision":true', '"Decision":true')],
  ['a permit for a reason against it', (body) => body.replaceAll('"permitted"', '"opted_out"')],
  ['a permit without a reason', (body) => body.replaceAll('"reason":"permitted",', '')],
  ['a permit with an error', (body) => body.replaceAll('"reason"', '"error":{"status":400},"reason"')],
  ['a denial for the reason of a permit', (body) => body.replaceAll('"decision":true', '"decision":false')],
  [
    'a denial for a reason that there is not',
    (body) => body.replaceAll('true', 'false').replaceAll('"permitted"', '"whim"'),
  ],
  ['an answer too few', (body) => body.replace(/,\{"decision".*/, ']}')],
  ['an answer too many', (body) => body.replace(/\]\}$/, ',{"decision":true}]}')],
  [
    'its decision in a prototype',
    (body) => body.replaceAll('"decision":true', '"__proto__":{"decision":true}'),
  ],
];
