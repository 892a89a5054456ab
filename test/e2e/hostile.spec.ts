/** Bodies made to confuse: whatever is sent, nothing opens, nothing breaks, and nothing is changed. */
import { on } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type People, peopleOf } from './people.js';
import {
  DECISION_ENDPOINTS,
  EVALUATION,
  EVALUATIONS,
  SEARCH_ACTION,
  SEARCH_RESOURCE,
  SEARCH_SUBJECT,
  READ,
  fieldOf,
  mayRead,
  purpose,
} from './questions.js';
import { rawRequest } from './raw-request.js';
import { listAt, textAt, valueAt } from './replies.js';
import { type Reply, type Service, startService } from './service.js';

const PURPOSE = 'ads.personalised';
/** Turned personalised ads off: no body may get at his data for them. */
const VICTIM = 'victim';
/** Did not: she is asked about to see that the service still answers right. */
const BYSTANDER = 'bystander';
const BODY_LIMIT = 1_048_576;
const DEEP = 100_000;

/** Names that mean something to JavaScript, to CASL or to people who write wildcards. */
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__caslSubjectType__',
  '*',
  'manage',
  'all',
  'any',
  'undefined',
  'null',
  'private_message',
  'ads.*',
  '.*',
  '$ne',
];

/** Values that are no id, as JSON. */
const NO_IDS = [
  { named: 'a list of the right text', json: '["ads.personalised"]' },
  { named: 'an empty list', json: '[]' },
  { named: 'a number', json: '7' },
  { named: 'a number past every number', json: '1e999' },
  { named: 'true', json: 'true' },
  { named: 'null', json: 'null' },
  { named: 'an empty object', json: '{}' },
  { named: 'an object that says it is a text', json: '{"toString":"ads","length":3,"0":"a"}' },
  { named: 'a query operator', json: '{"$ne":null}' },
  { named: 'an empty text', json: '""' },
  { named: 'a text with NUL', json: '"ads\\u0000.personalised"' },
  { named: 'a lone surrogate', json: '"\\ud800"' },
  { named: 'a lone low surrogate inside', json: '"a\\udc00b"' },
  { named: 'a megabyte of text', json: `"${'x'.repeat(1_000_000)}"` },
  { named: 'lists in lists, 100,000 deep', json: '['.repeat(DEEP) + ']'.repeat(DEEP) },
  { named: 'objects in objects, 100,000 deep', json: '{"a":'.repeat(DEEP) + '1' + '}'.repeat(DEEP) },
];

/** Members that no body needs, as JSON: what they try must come to nothing wherever they stand. */
const NO_MEMBERS = [
  { named: '__proto__ with an answer', json: '"__proto__":{"decision":true,"permit":true}' },
  { named: '__proto__ with properties', json: '"__proto__":{"user":"bystander","type":"purpose"}' },
  { named: '__proto__ that is null', json: '"__proto__":null' },
  { named: '__proto__ in escapes', json: '"\\u005f_proto__":{"user":"bystander"}' },
  { named: 'constructor.prototype', json: '"constructor":{"prototype":{"decision":true}}' },
  { named: 'constructor', json: '"constructor":"Object"' },
  { named: "CASL's subject type", json: '"__caslSubjectType__":"public"' },
  {
    named: 'attributes of the rules',
    json: '"client":"bound","record":"known","regime":"ROW","age":"adult"',
  },
  { named: 'a choice of its own', json: '"choices":{"ads.personalised":"granted"},"consent":true' },
  { named: 'toString and valueOf', json: '"toString":1,"valueOf":null,"toJSON":"x"' },
  { named: 'then', json: '"then":{"then":1}' },
  { named: 'a length', json: '"length":4294967296' },
  { named: 'a number past every number', json: '"ignored":1e999' },
  { named: 'a lone surrogate', json: '"ignored":"\\ud800","\\udfff":1' },
  { named: 'NUL', json: '"ignored\\u0000":"\\u0000"' },
  { named: 'null', json: '"ignored":null' },
  { named: 'lists in lists, 100,000 deep', json: `"ignored":${'['.repeat(DEEP)}${']'.repeat(DEEP)}` },
  {
    named: 'objects in objects, 100,000 deep',
    json: `"ignored":${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
  },
  { named: 'ten thousand members', json: Array.from({ length: 10_000 }, (_, n) => `"m${n}":${n}`).join(',') },
];

let service: Service;
let people: People;
/** Of a service that may ask for one purpose, and lists names that are none. */
let token: string;
let accounts: string;

beforeAll(async () => {
  service = await startService();
  people = await peopleOf(service);
  token = await service.token({ sub: 'pep', purposes: [PURPOSE, ...NAMES] });
  accounts = await service.token({
    sub: 'accounts',
    purposes: [],
    scope: 'users:write settings:read choices:write',
  });
  await people.register(VICTIM, 'US-NY');
  await people.choose(VICTIM, PURPOSE, 'denied');
  await people.register(BYSTANDER, 'US-NY');
});

afterAll(() => service.stop());

const post = (path: string, body: unknown): Promise<Reply> => service.request('POST', path, { token, body });

afterEach(stillAnswersRight);

/** After whatever was sent. */
async function stillAnswersRight(): Promise<void> {
  expect((await post(EVALUATION, mayRead(PURPOSE, BYSTANDER))).body).toMatchObject({ decision: true });
  expect((await post(EVALUATION, mayRead(PURPOSE, VICTIM))).body).toMatchObject({
    decision: false,
    context: { reason: 'opted_out' },
  });
  expect((await post(EVALUATION, mayRead(PURPOSE, 'nobody'))).body).toMatchObject({
    decision: false,
    context: { reason: 'unknown_user' },
  });
}

/** Refused as malformed or too large, or denied with a reason: nothing else is an answer to a hostile body. */
function expectNothingOpened(path: string, reply: Reply): void {
  expect([200, 400, 413], `${path} ${JSON.stringify(reply.body).slice(0, 300)}`).toContain(reply.status);
  if (reply.status !== 200) {
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(textAt(reply.body, 'detail')).not.toBe('');
    return;
  }
  const answers = path === EVALUATIONS ? valueAt(reply.body, 'evaluations') : undefined;
  if (path === EVALUATION || path === EVALUATIONS)
    for (const answer of Array.isArray(answers) ? answers : [reply.body]) {
      expect(answer).toMatchObject({ decision: false });
      const why = valueAt(answer, 'context', 'reason') ?? valueAt(answer, 'context', 'error', 'message');
      expect(why).toEqual(expect.stringMatching(/.+/));
      expect(why).not.toBe('permitted');
    }
  else expect(listAt(reply.body, 'results')).toEqual([]);
}

/** Sends a question, which must be JSON of an object, to every endpoint; as a batch's defaults and its item too. */
async function sendEverywhere(json: string): Promise<void> {
  const inItem = `{"evaluations":[${json},{}]}`;
  const asDefaults = `${json.slice(0, -1)},"evaluations":[{}]}`;
  for (const path of DECISION_ENDPOINTS) expectNothingOpened(path, await post(path, json));
  for (const body of [inItem, asDefaults])
    if (Buffer.byteLength(body) <= BODY_LIMIT)
      expectNothingOpened(EVALUATIONS, await post(EVALUATIONS, body));
}

/** The victim's question as JSON, one of its members replaced by what is given. */
function questionWith(at: string, json: string): string {
  const member = (place: string, otherwise: string) => (place === at ? json : otherwise);
  const id = (place: string, text: string) =>
    `${JSON.stringify(place.split('.').at(-1))}:${member(place, JSON.stringify(text))}`;
  const subject = `{${id('subject.type', 'purpose')},${id('subject.id', PURPOSE)}}`;
  const action = `{${id('action.name', 'read')}}`;
  const properties = `{${id('properties.user', VICTIM)},${id('properties.field', 'member.skills')}}`;
  const resource = `{${id('resource.type', 'field')},${id('resource.id', 'member.skills')},"properties":${member('properties', properties)}}`;
  const context = `{${id('context.actor', 'human')},${id('context.case', 'c-1')}}`;
  return `{"subject":${member('subject', subject)},"action":${member('action', action)},"resource":${member('resource', resource)},"context":${member('context', context)}}`;
}

const PLACES = [
  'subject',
  'subject.type',
  'subject.id',
  'action',
  'action.name',
  'resource',
  'resource.type',
  'resource.id',
  'properties',
  'properties.user',
  'properties.field',
  'context',
  'context.actor',
  'context.case',
];

describe('in a question', () => {
  test.each(NO_IDS)('$named instead of any member opens nothing', async ({ json }) => {
    for (const place of PLACES) await sendEverywhere(questionWith(place, json));
  });

  test.each(NO_IDS.filter(({ json }) => !json.startsWith('{')))(
    '$named is no id: it is a 400 that names the member',
    async ({ json }) => {
      for (const [place, member] of [
        ['subject.id', '/subject/id'],
        ['action.name', '/action/name'],
        ['resource.id', '/resource/id'],
        ['properties.user', '/resource/properties/user'],
        ['context.case', '/context/case'],
      ] as const)
        expect(await post(EVALUATION, questionWith(place, json))).toMatchObject({
          status: 400,
          body: { member },
        });
    },
  );

  test.each(NAMES)('the name %s opens nothing, as whatever it is given', async (name) => {
    for (const place of PLACES) await sendEverywhere(questionWith(place, JSON.stringify(name)));
  });

  test.each(NAMES)('the purpose %s is unknown, even to a token that lists it', async (name) => {
    expect(await post(EVALUATION, mayRead(name, BYSTANDER))).toMatchObject({
      status: 200,
      body: { decision: false, context: { reason: 'unknown_purpose' } },
    });
  });

  test.each(NAMES)('the field %s is unknown', async (name) => {
    expect(await post(EVALUATION, mayRead(PURPOSE, BYSTANDER, name))).toMatchObject({
      status: 200,
      body: { decision: false, context: { reason: 'unknown_field' } },
    });
  });

  test.each(NAMES)('the user %s is unknown', async (name) => {
    expect(await post(EVALUATION, mayRead(PURPOSE, name))).toMatchObject({
      status: 200,
      body: { decision: false, context: { reason: 'unknown_user' } },
    });
  });

  test.each(NAMES)('the action %s is unknown', async (name) => {
    expect(await post(EVALUATION, { ...mayRead(PURPOSE, BYSTANDER), action: { name } })).toMatchObject({
      status: 200,
      body: { decision: false, context: { reason: 'unknown_action' } },
    });
  });

  test.each(NO_MEMBERS)('$named opens nothing, wherever it stands', async ({ json }) => {
    const question = questionWith('', '');
    for (const place of ['{"subject":{', '"action":{', '"resource":{', '"properties":{', '"context":{'])
      await sendEverywhere(question.replace(place, `${place}${json},`));
    await sendEverywhere(`{${json},${question.slice(1)}`);
    await sendEverywhere(`${question.slice(0, -1)},"page":{${json}},"options":{${json}}}`);
  });

  test.each(NO_MEMBERS.filter(({ json }) => !json.includes('proto')))(
    '$named in a member that nobody reads changes no answer',
    async ({ json }) => {
      const with_ = (question: object) => `${JSON.stringify(question).slice(0, -1)},"unread":{${json}}}`;
      expect(await post(EVALUATION, with_(mayRead(PURPOSE, BYSTANDER)))).toMatchObject({
        status: 200,
        body: { decision: true },
      });
      expect(
        await post(EVALUATIONS, `{"evaluations":[${with_(mayRead(PURPOSE, BYSTANDER))}]}`),
      ).toMatchObject({ status: 200, body: { evaluations: [{ decision: true }] } });
      expect(
        await post(SEARCH_SUBJECT, with_({ ...mayRead(PURPOSE, BYSTANDER), subject: { type: 'purpose' } })),
      ).toMatchObject({ status: 200, body: { results: [purpose(PURPOSE)] } });
      expect(
        await post(
          SEARCH_RESOURCE,
          with_({
            ...mayRead(PURPOSE, BYSTANDER),
            resource: { type: 'user', properties: { field: 'member.skills' } },
          }),
        ),
      ).toMatchObject({ status: 200, body: { results: [{ type: 'user', id: BYSTANDER }] } });
      expect(
        await post(SEARCH_ACTION, with_({ subject: purpose(PURPOSE), resource: fieldOf(BYSTANDER) })),
      ).toMatchObject({ status: 200, body: { results: [READ] } });
    },
  );

  test('a member that is given twice, first with what would be permitted, opens nothing', async () => {
    const question = questionWith('', '');
    const twice = [
      question.replace('"subject":', `"subject":{"type":"purpose","id":"service"},"subject":`),
      question.replace('"resource":', `"resource":${JSON.stringify(fieldOf(BYSTANDER))},"resource":`),
      question.replace('"user":', `"user":"${BYSTANDER}","user":`),
      question.replace('"properties":', `"properties":{"user":"${BYSTANDER}"},"properties":`),
    ];
    for (const json of twice) await sendEverywhere(json);
  });

  test('bytes that are no text open nothing', async () => {
    const [before, after] = questionWith('', '').split(VICTIM);
    const pieces = [
      Buffer.from(before ?? ''),
      Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80]),
      Buffer.from(after ?? ''),
    ];
    const reply = await rawRequest(service.url, {
      method: 'POST',
      path: EVALUATION,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: [Buffer.concat(pieces)],
    });
    if (reply.status === 200) expect(JSON.parse(reply.body)).toMatchObject({ decision: false });
    else expect(reply.status).toBe(400);
  });

  test('a batch of a thousand hostile items is answered, each in its place', async () => {
    const items = Array.from({ length: 1_000 }, (_, index) => {
      const { json } = NO_IDS[index % 13] ?? { json: 'null' };
      return index % 2 === 0 ? json : questionWith('properties.user', json);
    });
    const reply = await post(EVALUATIONS, `{"evaluations":[${items.join(',')}]}`);
    expectNothingOpened(EVALUATIONS, reply);
    expect(listAt(reply.body, 'evaluations')).toHaveLength(1_000);
  });
});

describe('in a change', () => {
  const profile = (region: string, ageBand: string) => `{"region":${region},"age_band":${ageBand}}`;
  const HOSTILE = [
    ...NO_IDS,
    ...NAMES.map((name) => ({ named: `the name ${name}`, json: JSON.stringify(name) })),
  ];

  test.each(HOSTILE)('$named is refused, and the settings stay as they are', async ({ json }) => {
    const before = await people.settings(VICTIM);
    for (const [method, path, body] of [
      ['PUT', '', profile(json, '"adult"')],
      ['PUT', '', profile('"US"', json)],
      ['PUT', `/choices/${PURPOSE}`, `{"choice":${json}}`],
      ['POST', '/signals', `{"signal":${json}}`],
      ['PUT', '', json],
      ['PUT', `/choices/${PURPOSE}`, json],
      ['POST', '/signals', json],
    ] as const) {
      const reply = await service.request(method, `/v1/users/${VICTIM}${path}`, { token: accounts, body });
      expect([400, 413], `${method} ${path}`).toContain(reply.status);
      expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
    expect(await people.settings(VICTIM)).toEqual(before);
  });

  test.each(NO_MEMBERS)('$named changes nothing but what is asked for', async ({ json }) => {
    const before = await people.settings(VICTIM);
    for (const [method, path, body] of [
      ['PUT', '', `{${json},"region":"US-NY","age_band":"adult"}`],
      ['PUT', `/choices/${PURPOSE}`, `{"choice":"denied",${json}}`],
    ] as const) {
      const reply = await service.request(method, `/v1/users/${VICTIM}${path}`, { token: accounts, body });
      expect([200, 400, 413]).toContain(reply.status);
      if (reply.status === 200) expect(reply.body).toMatchObject({ changed: false });
    }
    expect(await people.settings(VICTIM)).toEqual(before);
  });

  test.each(NAMES)('the user %s is a user like any other', async (name) => {
    await people.register(name, 'US-NY');
    await people.choose(name, PURPOSE, 'denied');
    expect(await people.settings(name)).toMatchObject({ user: name, known: true, region: 'US-NY' });
    expect((await post(EVALUATION, mayRead(PURPOSE, name))).body).toMatchObject({
      decision: false,
      context: { reason: 'opted_out' },
    });
    await people.choose(name, PURPOSE, 'granted');
    expect((await post(EVALUATION, mayRead(PURPOSE, name))).body).toMatchObject({ decision: true });
    await people.choose(name, PURPOSE, 'denied');
  });

  test.each(NAMES)('the purpose %s is not there to be chosen', async (name) => {
    const reply = await service.request('PUT', `/v1/users/${VICTIM}/choices/${encodeURIComponent(name)}`, {
      token: accounts,
      body: { choice: 'denied' },
    });
    expect(reply.status).toBe(404);
  });

  test.each([
    { named: 'NUL', sub: 'a\u0000b' },
    { named: 'a lone surrogate', sub: 'a\ud800b' },
    { named: 'a line break', sub: 'a\nb' },
    { named: '257 letters', sub: 'x'.repeat(257) },
  ])('a token whose subject has $named, which no id may, is refused', async ({ sub }) => {
    const own = await service.token({ sub });
    for (const reply of [
      await service.request('PUT', '/v1/users/me/choices/personalise', {
        token: own,
        body: { choice: 'denied' },
      }),
      await service.request('GET', '/v1/users/me/settings', { token: own }),
    ])
      expect([400, 401], JSON.stringify(reply.body).slice(0, 300)).toContain(reply.status);
    const services = await service.token({ sub, purposes: [PURPOSE], scope: 'choices:write' });
    const reply = await service.request('POST', '/v1/users/other/signals', {
      token: services,
      body: { signal: 'gpc' },
    });
    expect([400, 401], JSON.stringify(reply.body).slice(0, 300)).toContain(reply.status);
  });
});

describe('in an address', () => {
  test.each(['%zz', '%', '%ED%A0%80', '%C0%AF', '%00', '%FF', ''])(
    'the id %j is a 400 with a problem document',
    async (id) => {
      for (const path of [`/v1/users/${id}/settings`, `/v1/users/${id}/choices/personalise`]) {
        const reply = await rawRequest(service.url, {
          method: path.endsWith('settings') ? 'GET' : 'PUT',
          path,
          headers: {
            authorization: `Bearer ${accounts}`,
            'content-type': 'application/json',
            'x-request-id': 'odd-address',
          },
          body: path.endsWith('settings') ? [] : ['{"choice":"denied"}'],
        });
        expect(reply).toMatchObject({
          status: 400,
          headers: {
            'content-type': expect.stringMatching(/^application\/problem\+json/),
            'x-request-id': 'odd-address',
          },
        });
      }
    },
  );
});

describe('a body past the limit', () => {
  const PATHS = [
    ...DECISION_ENDPOINTS.map((path) => ['POST', path] as const),
    ['PUT', `/v1/users/${VICTIM}`] as const,
    ['PUT', `/v1/users/${VICTIM}/choices/${PURPOSE}`] as const,
    ['POST', `/v1/users/${VICTIM}/signals`] as const,
  ];
  const tooLong = `${JSON.stringify(mayRead(PURPOSE, BYSTANDER)).slice(0, -1)},"x":"${'x'.repeat(BODY_LIMIT)}"}`;

  test('is a 413 that says what the limit is', async () => {
    for (const [method, path] of PATHS) {
      const reply = await service.request(method, path, { token: accounts, body: tooLong });
      expect(reply, path).toMatchObject({
        status: 413,
        body: {
          type: 'urn:assent:problem:body_too_large',
          detail: expect.stringContaining(String(BODY_LIMIT)),
        },
      });
    }
  });

  test('is a 413 too when it comes in pieces and does not say how long it is', async () => {
    for (const [method, path] of PATHS) {
      const reply = await rawRequest(service.url, {
        method,
        path,
        headers: { authorization: `Bearer ${accounts}`, 'content-type': 'application/json' },
        body: [tooLong.slice(0, 100), tooLong.slice(100)],
      });
      expect(reply.status, path).toBe(413);
    }
  });

  test.each([...PATHS, ['POST', '/v1/nothing'] as const])(
    'of %s %s is answered also to whom reads nothing before all of it is sent, and the connection stays',
    async (method, path) => {
      const { hostname, port } = new URL(service.url);
      const socket = connect({ host: hostname, port: Number(port) });
      const answers = on(socket.pause(), 'data', { close: ['end', 'error'] });
      const head = `host: x\r\nauthorization: Bearer ${accounts}\r\n`;
      const piece = ' '.repeat(BODY_LIMIT);
      socket.write(
        `${method} ${path} HTTP/1.1\r\n${head}content-type: application/json\r\ncontent-length: ${8 * BODY_LIMIT}\r\n\r\n`,
      );
      for (let count = 0; count < 8; count++) await new Promise((resolve) => socket.write(piece, resolve));
      socket.resume();
      socket.write(`GET /health/live HTTP/1.1\r\n${head}connection: close\r\n\r\n`);
      let text = '';
      for await (const [chunk] of answers) text += String(chunk);
      expect(text.match(/HTTP\/1\.1 (\d+)/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
    },
  );

  test('is not read for whom it does not know', async () => {
    const reply = await service.request('POST', EVALUATION, { body: tooLong });
    expect(reply.status).toBe(401);
  });

  test('of exactly the limit is read', async () => {
    const start = `${JSON.stringify(mayRead(PURPOSE, BYSTANDER)).slice(0, -1)},"x":"`;
    const body = `${start}${'x'.repeat(BODY_LIMIT - start.length - 2)}"}`;
    expect(await post(EVALUATION, body)).toMatchObject({ status: 200, body: { decision: true } });
    expect(await post(EVALUATION, `${body} `)).toMatchObject({ status: 413 });
  });
});

describe('a body that is not what it says', () => {
  const CHANGES = [
    { method: 'PUT', path: `/v1/users/${VICTIM}`, body: '{"region":"DE","age_band":"adult"}' },
    { method: 'PUT', path: `/v1/users/${VICTIM}/choices/${PURPOSE}`, body: '{"choice":"granted"}' },
    { method: 'POST', path: `/v1/users/${VICTIM}/signals`, body: '{"signal":"gpc"}' },
  ];

  test.each(CHANGES)('is a 400 of $method $path, and never a 415', async ({ method, path, body }) => {
    const before = await people.settings(VICTIM);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'nonsense']) {
      const reply = await service.request(method, path, {
        token: accounts,
        body,
        headers: { 'content-type': type },
      });
      expect(reply, type).toMatchObject({ status: 400, body: { title: expect.any(String) } });
    }
    for (const broken of ['', ' ', '{', body.slice(0, -1), `${body}x`, `[${body}]`, 'null', '[]', '""']) {
      const reply = await service.request(method, path, { token: accounts, body: broken });
      expect(reply, broken).toMatchObject({ status: 400, body: { title: expect.any(String) } });
    }
    expect((await service.request(method, path, { token: accounts })).status).toBe(400);
    expect(await people.settings(VICTIM)).toEqual(before);
  });

  test('is a 400 when it is compressed', async () => {
    for (const encoding of ['gzip', 'br', 'deflate']) {
      const reply = await service.request('POST', EVALUATION, {
        token,
        body: '\u001f\u008b not gzip',
        headers: { 'content-encoding': encoding },
      });
      expect(reply.status).toBe(400);
    }
  });
});
