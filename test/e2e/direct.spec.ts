/**
 * Evaluations that are answered before the router, held against the ordinary route: whatever is sent, both give the same
 * answer. A request id with a space in it takes the ordinary one.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  json,
  oneof,
  tuple,
} from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminsOf, documentInForce, publishDocument } from './admins.js';
import { peopleOf } from './people.js';
import { EVALUATION, EVALUATIONS, FIELDS, PURPOSES, mayRead } from './questions.js';
import { type RawReply, rawRequest } from './raw-request.js';
import { type Service, startService } from './service.js';

const ORDINARY = 'the ordinary way';
const DIRECT = 'the-direct-way';
const USERS = ['granted', 'denied', 'nobody', 'u-1 ', '__proto__'];

let service: Service;
let authorizations: readonly string[];

beforeAll(async () => {
  service = await startService();
  const people = await peopleOf(service);
  for (const user of ['granted', 'denied']) await people.register(user, 'US-CA');
  await people.choose('denied', 'ads.personalised', 'denied');
  const tokens = await Promise.all([
    service.token({ sub: 'ads', purposes: ['ads.personalised', 'ai.training'] }),
    service.token({ sub: 'all', purposes: [...PURPOSES] }),
    service.token({ sub: 'none', purposes: [] }),
    service.token({ sub: 'granted' }),
  ]);
  authorizations = [...tokens.map((token) => `Bearer ${token}`), 'Bearer nothing', ''];
  // a token that was never seen is verified first, and that takes the ordinary way
  await Promise.all(authorizations.map((authorization) => send(authorization, '{}', ORDINARY)));
});

afterAll(() => service.stop());

function send(
  authorization: string,
  body: string | Buffer,
  id: string,
  path = EVALUATION,
): Promise<RawReply> {
  return rawRequest(service.url, {
    method: 'POST',
    path,
    headers: {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'x-request-id': id,
      ...(authorization === '' ? {} : { authorization }),
    },
    body: [body],
  });
}

/** What was answered, but for when and to which request. */
function told({ status, headers, body }: RawReply, id: string): unknown {
  const { date: _date, 'content-length': _length, 'x-request-id': echoed, ...others } = headers;
  return { status, others, echoed: echoed === id, body: body.replaceAll(id, 'the id') };
}

async function expectOneAnswer(
  authorization: string,
  body: string | Buffer,
  path = EVALUATION,
): Promise<number> {
  const [direct, ordinary] = [
    await send(authorization, body, DIRECT, path),
    await send(authorization, body, ORDINARY, path),
  ];
  expect(told(direct, DIRECT)).toEqual(told(ordinary, ORDINARY));
  return ordinary.status;
}

const good = tuple(constantFrom(...PURPOSES), constantFrom(...USERS), constantFrom(...FIELDS)).map((asked) =>
  JSON.stringify({ ...mayRead(...asked), context: { actor: 'automated' } }),
);

const several = tuple(
  constantFrom(...PURPOSES),
  array(constantFrom(...USERS, 'u-1'), { maxLength: 4 }),
  constantFrom(...FIELDS),
).map(([purposeId, users, field]) =>
  JSON.stringify({
    ...mayRead(purposeId, '', field),
    resource: { type: 'field', id: field, properties: { users } },
    context: { actor: 'automated' },
  }),
);

/** A body with something put in the place of something of it. */
const broken: Arbitrary<string | Buffer> = oneof(
  tuple(good, integer({ min: 0, max: 200 }), integer({ min: 0, max: 255 })).map(([text, at, byte]) => {
    const bytes = Buffer.from(text);
    bytes[at % bytes.length] = byte;
    return bytes;
  }),
  tuple(good, constantFrom('subject', 'action', 'resource', 'context', 'id', 'type', 'user'), json()).map(
    ([text, name, value]) =>
      text.replace(new RegExp(`"${name}":("[^"]*"|\\{)`), (_, old: string) =>
        old === '{' ? `"${name}":${value},"left":{` : `"${name}":${value}`,
      ),
  ),
  tuple(good, json()).map(([text, value]) => text.replace('{', `{"subject":${value},`)),
  json(),
);

test('every good question has one answer', async () => {
  const seen = new Set<number>();
  await assert(
    asyncProperty(constantFrom(...authorizations), good, async (authorization, body) => {
      seen.add(await expectOneAnswer(authorization, body));
    }),
    { numRuns: 200 },
  );
  expect(seen).toEqual(new Set([200, 400, 401, 403]));
});

test('every question about several people has one answer', async () => {
  const seen = new Set<number>();
  await assert(
    asyncProperty(constantFrom(...authorizations), several, async (authorization, body) => {
      seen.add(await expectOneAnswer(authorization, body));
    }),
    { numRuns: 200 },
  );
  expect(seen).toContain(200);
});

test('everything else has one answer', async () => {
  await assert(
    asyncProperty(constantFrom(...authorizations), broken, async (authorization, body) => {
      await expectOneAnswer(authorization, body);
    }),
    { numRuns: 400 },
  );
});

test('every batch has one answer, whatever its items are', async () => {
  const items = array(
    oneof(
      { arbitrary: good, weight: 3 },
      { arbitrary: several, weight: 1 },
      { arbitrary: broken, weight: 1 },
    ),
    { maxLength: 6 },
  );
  const batch = tuple(
    items,
    constantFrom('', ',"options":{"evaluations_semantic":"deny_on_first_deny"}', ',"options":7'),
  );
  await assert(
    asyncProperty(constantFrom(...authorizations), batch, async (authorization, [texts, options]) => {
      const body = `{"evaluations":[${texts.map(String).join(',')}]${options}}`;
      await expectOneAnswer(authorization, body, EVALUATIONS);
    }),
    { numRuns: 300 },
  );
});

test('what was written is told as it was written, in whatever letters', async () => {
  const asked = mayRead('ads.personalised', 'granted');
  for (const letter of ['é', '—', '𝒆']) {
    const name = `cont${letter}xt`;
    const body = JSON.stringify({ evaluations: [asked, { ...asked, [name]: {} }] });
    await expectOneAnswer(authorizations[0] ?? '', body, EVALUATIONS);
    const { body: answer } = await send(authorizations[0] ?? '', body, DIRECT, EVALUATIONS);
    expect(answer).toContain(name);
  }
});

test('a token that nobody would read is refused, however it is asked', async () => {
  const asked = mayRead('ads.personalised', 'granted');
  for (const body of [
    { ...asked, consistency_token: 'x' },
    { ...asked, context: { consistency_tokens: 'x' } },
    { ...asked, contxt: { consistency_token: 'x' } },
  ])
    expect(await expectOneAnswer(authorizations[0] ?? '', JSON.stringify(body))).toBe(400);
  expect(
    await expectOneAnswer(
      authorizations[0] ?? '',
      JSON.stringify({ ...asked, trace: 'x', context: { ip: 'x' } }),
    ),
  ).toBe(200);
});

test('a question that rests on a change is answered alike, whether the change is known or not', async () => {
  const people = await peopleOf(service);
  const token = await people.choose('granted', 'ads.personalised', 'denied');
  for (const consistency_token of [token, `${token}A`, 'AAAA'])
    await expectOneAnswer(
      authorizations[0] ?? '',
      JSON.stringify({ ...mayRead('ads.personalised', 'granted'), context: { consistency_token } }),
    );
});

test('a body is as long as it may be, and no longer', async () => {
  const strict = await startService({ BODY_LIMIT: '1024' });
  try {
    const token = await strict.token({ sub: 'all', purposes: [...PURPOSES] });
    const ask = async (bytes: number, id: string) => {
      const body = JSON.stringify(mayRead('ads.personalised', 'nobody')).padEnd(bytes);
      const headers = { 'x-request-id': id };
      return (await strict.request('POST', EVALUATION, { token, body, headers })).status;
    };
    // the first is of a token that was never seen
    await ask(1024, ORDINARY);
    for (const id of [DIRECT, ORDINARY])
      expect([await ask(1024, id), await ask(1025, id)]).toEqual([200, 413]);
  } finally {
    await strict.stop();
  }
});

type Written = { readonly path: string; readonly token: string; readonly id: string; readonly body: string };

/** A question as it goes over a connection, to be sent in pieces. */
function written({ path, token, id, body }: Written): string {
  return [
    `POST ${path} HTTP/1.1`,
    'host: localhost',
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    `x-request-id: ${id}`,
    '',
    body,
  ].join('\r\n');
}

test.each([DIRECT, ORDINARY])('a shutdown answers what is under way by %s, and is done', async (id) => {
  const stopped = await startService();
  try {
    const token = await stopped.token({ sub: 'all', purposes: [...PURPOSES] });
    const body = JSON.stringify(mayRead('ads.personalised', 'nobody'));
    // a token that was never seen takes the ordinary way
    await stopped.request('POST', EVALUATION, { token, body });
    const asked = written({ path: EVALUATION, token, id, body });
    const { hostname, port } = new URL(stopped.url);
    const socket = connect(Number(port), hostname);
    let got = '';
    socket.on('data', (chunk: Buffer) => (got += chunk.toString()));
    const answers = () => got.match(/HTTP\/1\.1 200/g)?.length ?? 0;
    // the first answer says that the beginning of the second question, which came with the first, was read
    socket.write(asked + asked.slice(0, -10));
    await expect.poll(() => answers()).toBe(1);
    const code = stopped.kill('SIGTERM');
    await expect.poll(() => stopped.output()).toContain('"stopping');
    const closed = once(socket, 'close');
    socket.write(asked.slice(-10));
    // ends with 1 when it gave up waiting
    expect(await code).toBe(0);
    await closed;
    expect(answers()).toBe(2);
    expect(got.toLowerCase().match(/connection: [a-z-]+/g)).toEqual([
      'connection: keep-alive',
      'connection: close',
    ]);
  } finally {
    await stopped.stop();
  }
});

test('a question whose head came before a publication is answered by what its client may ask for since', async () => {
  const ours = await startService();
  try {
    const token = await ours.token({ sub: 'late', purposes: ['service'] });
    const asked = mayRead('service', 'nobody');
    // a token that was never seen takes the ordinary way
    await ours.request('POST', EVALUATION, { token, body: asked });
    const ways = [DIRECT, ORDINARY].flatMap((id) => [
      { id, path: EVALUATION, body: JSON.stringify(asked) },
      { id, path: EVALUATIONS, body: JSON.stringify({ evaluations: [asked] }) },
    ]);
    const { hostname, port } = new URL(ours.url);
    const begun = await Promise.all(
      ways.map(async ({ id, path, body }) => {
        const whole = written({ path, token, id, body });
        const socket = connect(Number(port), hostname);
        let got = '';
        socket.on('data', (chunk: Buffer) => (got += chunk.toString()));
        const decisions = () => got.match(/"decision":(true|false)|HTTP\/1\.1 403/g) ?? [];
        // the first answer says that the head of the second question, which came with the first, was read
        socket.write(whole + whole.slice(0, -10));
        await expect.poll(() => decisions()).toEqual(['"decision":true']);
        return {
          id,
          path,
          decisions,
          end: () => socket.write(whole.slice(-10)),
          leave: () => socket.destroy(),
        };
      }),
    );
    const admins = await adminsOf(ours);
    const document = await documentInForce(admins);
    const late = { id: 'late', description: 'Asks for nothing any more.', purposes: [], scopes: [] };
    await publishDocument(admins, { ...document, clients: [...(document.clients ?? []), late] });
    for (const { id, path, decisions, end, leave } of begun) {
      end();
      await expect.poll(decisions, { message: `${path} by ${id}` }).toHaveLength(2);
      expect(decisions()[1], `${path} by ${id}`).toMatch(/false|403/);
      leave();
    }
  } finally {
    await ours.stop();
  }
});

test('a shutdown does not wait for the rest of requests that does not come', async () => {
  const stopped = await startService();
  try {
    const token = await stopped.token({ sub: 'all', purposes: [...PURPOSES] });
    const body = JSON.stringify(mayRead('ads.personalised', 'nobody'));
    await stopped.request('POST', EVALUATION, { token, body });
    const asked = (id: string) =>
      [
        `POST ${EVALUATION} HTTP/1.1`,
        'host: localhost',
        `authorization: Bearer ${token}`,
        'content-type: application/json',
        `content-length: ${body.length}`,
        `x-request-id: ${id}`,
        '',
        body,
      ].join('\r\n');
    const { hostname, port } = new URL(stopped.url);
    const half = async (id: string, end: number) => {
      const socket = connect(Number(port), hostname);
      // the first answer says that the beginning of the second question was read
      socket.write(asked(id) + asked(id).slice(0, end));
      await once(socket, 'data');
      return socket.resume();
    };
    const inBody = -10;
    const inHeaders = inBody - body.length;
    const sockets = await Promise.all(
      [DIRECT, ORDINARY].flatMap((id) => [half(id, inBody), half(id, inHeaders)]),
    );
    const closed = sockets.map((socket) => once(socket, 'close'));
    // ends with 1 when it gave up waiting
    expect(await stopped.kill('SIGTERM')).toBe(0);
    await Promise.all(closed);
  } finally {
    await stopped.stop();
  }
});

test.each([DIRECT, ORDINARY])(
  'a client that leaves before its body has come is no error of ours, by %s',
  async (id) => {
    const { hostname, port } = new URL(service.url);
    const before = service.output().length;
    const socket = connect(Number(port), hostname);
    const head = [
      `POST ${EVALUATION} HTTP/1.1`,
      'host: localhost',
      `authorization: ${authorizations[0] ?? ''}`,
      'content-type: application/json',
      'content-length: 1000',
      `x-request-id: ${id}`,
      '',
      '{',
    ].join('\r\n');
    // the answer to the first question says that the beginning of the second one was read
    socket.write(head.replace('1000', '2').replace(/\{$/, '{}') + head);
    await once(socket, 'data');
    socket.destroy();
    // the log has what came before this
    await expect(service.request('PUT', '/v1/users/u-1', { body: {} })).resolves.toMatchObject({
      status: 401,
    });
    await expect.poll(() => service.output().slice(before)).toContain('"status":401');
    expect(service.output().slice(before)).not.toContain('"level":50');
  },
);
