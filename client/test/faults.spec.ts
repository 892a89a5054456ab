/** Whatever goes wrong on the way, by every function: nothing is permitted, in time; and all is well once the way is. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Settings, createAssent } from '../src/assent.js';
import type { ClientReason } from '../src/reasons.js';
import { HttpTransport } from '../src/http-transport.js';
import { type Doing, FakeService, PERMIT } from './fake-service.js';
import { FUNCTIONS } from './functions.js';

/** For what ends by itself: nothing here may rest on how fast the machine is. */
const PATIENT = 30_000;
/** For what never ends. */
const IMPATIENT = 250;
/** Much more than any deadline, much less than the time of a test. */
const LATE = 15_000;

let service: FakeService;
beforeEach(async () => {
  service = await new FakeService().start();
});
afterEach(() => service.stop());

const settings = (timeout: number) =>
  ({
    url: service.url,
    token: 'a-token',
    purpose: 'ai',
    discharges: ['min_cohort_50'],
    timeout,
  }) satisfies Settings;

/** Asks by every function, each with a client of its own. */
async function permitsBy(clients: ReadonlyMap<string, ReturnType<typeof createAssent>>) {
  const permits = await Promise.all(
    [...clients].map(async ([name, client]) => [name, await FUNCTIONS[name]?.(client)] as const),
  );
  return Object.fromEntries(permits);
}

/** Asks until all are permitted: a deadline that is short enough to wait for may be too short for one of them. */
const healed = (clients: Parameters<typeof permitsBy>[0]) =>
  vi.waitFor(async () => expect(await permitsBy(clients)).toEqual(ALL), { timeout: LATE });

const NONE = Object.fromEntries(Object.keys(FUNCTIONS).map((name) => [name, 0]));
const ALL = { may: 1, check: 2, checkMany: 3, filter: 2, audience: 9, explain: 1 };

const json =
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

const FAULTS: readonly (readonly [string, ClientReason, Doing])[] = [
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

describe.each(FAULTS)('a server that %s', (_what, reason, fault) => {
  test(`is taken for a no, \`${reason}\`, and for a yes once it answers`, async () => {
    service.doing = fault;
    const timeout = reason === 'timed_out' ? IMPATIENT : PATIENT;
    const clients = new Map(Object.keys(FUNCTIONS).map((name) => [name, createAssent(settings(timeout))]));
    const began = performance.now();
    expect(await permitsBy(clients)).toEqual(NONE);
    expect(performance.now() - began).toBeLessThan(LATE);
    const [client = expect.unreachable()] = clients.values();
    const [told] = await client.checkMany([{ user: 'u-1', field: 'member.skills' }]);
    expect(told).toMatchObject({ permitted: false, reason });
    service.heal();
    await healed(clients);
    for (const one of clients.values()) one.close();
  });
});

const DECISIONS: readonly (readonly [string, (body: string) => string])[] = [
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

test.each(DECISIONS)('a batch with %s permits nothing of all of it', async (_what, change) => {
  service.doing = json(change);
  const client = createAssent(settings(PATIENT));
  const answers = await client.check('u-1', ['member.skills', 'post.text']);
  const malformed = expect.objectContaining({ permitted: false, reason: 'malformed_answer' });
  expect({ ...answers }).toEqual({ 'member.skills': malformed, 'post.text': malformed });
  client.close();
});

test.each([
  ['few', (body: string) => body.replace(/,\{"decision".*/, ']}')],
  ['many', (body: string) => body.replace(/\]\}$/, `,${JSON.stringify(PERMIT)}]}`)],
])('the transport itself takes no batch with too %s answers', async (_what, change) => {
  service.doing = json(change);
  const transport = new HttpTransport({ url: service.url, token: 'a-token' }, PATIENT);
  const question = { purpose: 'ai', user: 'u-1', field: 'member.skills' };
  const { signal } = new AbortController();
  await expect(transport.evaluate([question, question], signal)).rejects.toMatchObject({
    reason: 'malformed_answer',
  });
  transport.close();
});

const LINES: readonly (readonly [string, (body: string) => string])[] = [
  ['without its summary', (body) => body.replace(/\{"policy".*\n$/, '')],
  ['whose summary is cut off', (body) => body.slice(0, -2)],
  ['whose last line does not end', (body) => body.slice(0, -1)],
  ['with more after its summary', (body) => `${body}{}`],
  ['without a user', (body) => body.slice(body.indexOf('\n') + 1)],
  [
    'about the users in another order',
    (body) => body.replace('u-1', 'u-0').replace('u-2', 'u-1').replace('u-0', 'u-2'),
  ],
  ['about another user', (body) => body.replace('"u-2"', '"u-9"')],
  ['with a field that was not asked about', (body) => body.replace('post.text', 'message.body')],
  ['with a field twice', (body) => body.replace('post.text', 'member.skills')],
  ['with fields that are no list', (body) => body.replace(/"fields":\[[^\]]*\]/, '"fields":"member.skills"')],
  [
    'with a line that is both an answer and an error',
    (body) => body.replace('"fields"', '"error":"no","fields"'),
  ],
  ['with an error in the place of another line', (body) => body.replace(/.*\n/, '{"line":2,"error":"no"}\n')],
  ['whose summary counts other users', (body) => body.replace('"users":3', '"users":2')],
  [
    'whose summary is one of others that were malformed',
    (body) => body.replace('"malformed_lines":0', '"malformed_lines":1'),
  ],
];

test.each(LINES)('an audience %s permits nothing of all of it', async (_what, change) => {
  service.doing = json(change);
  const client = createAssent(settings(PATIENT));
  const answers = [];
  for await (const answer of client.audience(['u-1', 'u-2', 'u-3'], ['member.skills', 'post.text']))
    answers.push(answer);
  const malformed = { permitted: false, fields: [], obligations: [], reason: 'malformed_answer' };
  expect(answers).toEqual(
    ['u-1', 'u-2', 'u-3'].map((user) => ({ user, ...malformed, message: expect.any(String) })),
  );
  client.close();
});

test('a server that is down is taken for a no, and for a yes once it is up', async () => {
  await service.stop();
  const clients = new Map(Object.keys(FUNCTIONS).map((name) => [name, createAssent(settings(PATIENT))]));
  expect(await permitsBy(clients)).toEqual(NONE);
  await service.start();
  expect(await permitsBy(clients)).toEqual(ALL);
  await service.stop();
  // connections that were kept open are of no use any more
  expect(await permitsBy(clients)).toEqual(NONE);
  for (const one of clients.values()) one.close();
});

test('a name that no name server knows is taken for a no', async () => {
  const clients = new Map(
    Object.keys(FUNCTIONS).map((name) => [
      name,
      createAssent({ ...settings(PATIENT), url: 'https://assent.invalid' }),
    ]),
  );
  expect(await permitsBy(clients)).toEqual(NONE);
});

test('a server that takes connections and says nothing is taken for a no', async () => {
  const deaf = createServer({ allowHalfOpen: true }, (socket) => socket.pause());
  deaf.listen(0, '127.0.0.1');
  await once(deaf, 'listening');
  const address = deaf.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const protocol of ['http', 'https']) {
    const clients = new Map(
      Object.keys(FUNCTIONS).map((name) => [
        name,
        createAssent({ ...settings(IMPATIENT), url: `${protocol}://127.0.0.1:${port}` }),
      ]),
    );
    expect(await permitsBy(clients)).toEqual(NONE);
    for (const one of clients.values()) one.close();
  }
  deaf.close();
});
