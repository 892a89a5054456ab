/** Audiences: what is said of many users at once is what would be said of each. */
import { existsSync, readFileSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type People, peopleOf } from './people.js';
import { EVALUATIONS, FIELDS, PURPOSES, READ, fieldOf, purpose } from './questions.js';
import { listAt, membersOf, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';
import { tokenAt } from './tokens.js';

const PATH = '/v1/audiences';
const ADS = 'ads.personalised';
/** Always on, and it reads nearly everything: permits users whom nobody knows. */
const ALWAYS_ON = 'service';
const SUMMARY = 'assent-summary';

/** Users of every sort, and ids that want to be handled with care. */
const USERS = [
  'german',
  'german who opted in',
  'german who opted out',
  'californian',
  'californian with GPC',
  'brazilian, minor',
  'brazilian, age unknown',
  'nowhere "in" particular \\ \\n',
  'Ünal Ökonomin',
  '\u{1f600}',
  "'; DROP TABLE users; --",
  '__proto__',
  'nobody has heard of them',
];

let service: Service;
let people: People;
/** Of a revision that these tests do not come to. */
let future: string;
let token: string;

beforeAll(async () => {
  service = await startService({ CONSISTENCY_WAIT_MS: '50', LOG_LEVEL: 'debug', BODY_LIMIT: '4000000' });
  people = await peopleOf(service);
  future = tokenAt(await people.register('first', 'DE'), 1_000_000);
  token = await service.token({ sub: 'pep', purposes: PURPOSES });
  for (const user of USERS.slice(0, 3)) await people.register(user, 'DE');
  await people.choose('german who opted in', 'ads.inferred', 'granted');
  await people.choose('german who opted in', 'recruiting', 'granted');
  await people.choose('german who opted out', ADS, 'denied');
  for (const user of ['californian', 'californian with GPC']) await people.register(user, 'US-CA');
  const gpc = await service.token({ sub: 'californian with GPC' });
  await service.request('POST', '/v1/users/me/signals', { token: gpc, body: { signal: 'gpc' } });
  await people.register('brazilian, minor', 'BR', 'minor');
  await people.register('brazilian, age unknown', 'BR', 'unknown');
  for (const user of USERS.slice(7, 12)) await people.register(user, 'US-NY');
});

afterAll(() => service.stop());

// ------------------------------------------------------------------------------------------------ asking and reading

type Reply = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly trailers: NodeJS.Dict<string>;
};

type Sent = {
  /** The question of a stream, as a query. */
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer | readonly (string | Buffer)[];
  readonly agent?: Agent;
};

/** A request that has been begun: its body is still to be sent. */
function begin({ query = {}, headers = {}, agent }: Omit<Sent, 'body'>) {
  const sent = request(`${service.url}${PATH}?${new URLSearchParams(query).toString()}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(agent === undefined ? {} : { agent }),
  });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve);
    sent.on('error', reject);
  });
  return { sent, response };
}

async function send({ body, ...head }: Sent): Promise<Reply> {
  const { sent, response } = begin(head);
  for (const piece of [body].flat()) sent.write(piece);
  sent.end();
  return whole(await response);
}

async function whole(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const { statusCode = 0, headers, trailers } = response;
  return { status: statusCode, headers, trailers, body: Buffer.concat(chunks) };
}

const askedOf = (fields: readonly string[], purposeId = ADS) => ({
  purpose: purposeId,
  fields: fields.join(','),
});

const postList = (body: unknown, accept?: string): Promise<Reply> =>
  send({
    headers: { 'content-type': 'application/json', ...(accept === undefined ? {} : { accept }) },
    body: JSON.stringify(body),
  });

const postLines = (
  body: Sent['body'],
  query: Readonly<Record<string, string>>,
  accept?: string,
  type = 'text/plain',
): Promise<Reply> =>
  send({ query, headers: { 'content-type': type, ...(accept === undefined ? {} : { accept }) }, body });

const lines = (ids: readonly string[]) => ids.map((id) => `${id}\n`).join('');

const jsonOf = ({ body }: Reply): unknown => JSON.parse(body.toString());

/** The lines of newline-delimited JSON, the summary apart. */
function rowsOf({ body }: Reply): { rows: unknown[]; summary: unknown } {
  const rows: unknown[] = body
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { summary: rows.pop(), rows };
}

function summaryIn({ trailers }: Reply): unknown {
  const value = trailers[SUMMARY];
  if (value === undefined) throw new Error('there is no summary in the trailers');
  return JSON.parse(value);
}

/** The fields whose bit is set, row by row. */
function fieldsInBitmap({ body }: Reply, fields: readonly string[]): string[][] {
  const width = Math.ceil(fields.length / 8);
  return Array.from({ length: body.length / width }, (_, row) =>
    fields.filter((_field, index) => (((body[row * width + (index >> 3)] ?? 0) >> (index & 7)) & 1) === 1),
  );
}

function expectProblem(reply: Reply, status: number, problem: object = {}): void {
  expect(reply.status).toBe(status);
  expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(jsonOf(reply)).toMatchObject({ status, ...problem });
}

// ------------------------------------------------------------------------------------------------ the decisions

/** What single evaluations say of the fields of these users. */
async function oneByOne(
  purposeId: string,
  fields: readonly string[],
  users: readonly string[],
  context = {},
) {
  const reply = await service.request('POST', EVALUATIONS, {
    token,
    body: {
      subject: purpose(purposeId),
      action: READ,
      context,
      evaluations: users.flatMap((user) => fields.map((field) => ({ resource: fieldOf(user, field) }))),
    },
  });
  const answers = listAt(reply.body, 'evaluations');
  const counts: Record<string, number> = {};
  let obligations: readonly unknown[] = [];
  const permitted = users.map((_user, row) =>
    fields.filter((_field, column) => {
      const answer = answers[row * fields.length + column];
      const reason = textAt(answer, 'context', 'reason');
      counts[reason] = (counts[reason] ?? 0) + 1;
      if (valueAt(answer, 'decision') !== true) return false;
      obligations = [...new Set([...obligations, ...listAt(answer, 'context', 'obligations')])];
      return true;
    }),
  );
  return { permitted, counts, obligations };
}

describe('an audience', () => {
  test.each(PURPOSES)('for %s is decided as its users are one by one', async (purposeId) => {
    const context = { actor: 'automated', legal_reference: 'file 7' } as const;
    const expected = await oneByOne(purposeId, FIELDS, USERS, context);
    const { rows, summary } = rowsOf(
      await postList({ purpose: purposeId, fields: FIELDS, users: USERS, context }, 'application/x-ndjson'),
    );
    expect(rows).toEqual(USERS.map((user, row) => ({ user, fields: expected.permitted[row] })));
    expect(summary).toMatchObject({
      users: USERS.length,
      counts: expected.counts,
      obligations: expected.obligations,
      malformed_lines: 0,
      malformed: [],
    });
  });

  test.each(['human', 'automated'])('knows the facts of a request whose actor is %s', async (actor) => {
    for (const purposeId of ['security.malware_scan', 'legal', 'rights']) {
      const expected = await oneByOne(purposeId, FIELDS, USERS, { actor });
      const reply = await postLines(lines(USERS), { ...askedOf(FIELDS, purposeId), actor });
      expect(valueAt(rowsOf(reply).summary, 'counts')).toEqual(expected.counts);
    }
  });

  test('that exercises the rights of users is denied: it acts on behalf of none', async () => {
    const asked = { purpose: 'rights', fields: ['member.skills'], users: ['german'] };
    expect(jsonOf(await postList(asked))).toMatchObject({ passing: [], counts: { not_own_data: 1 } });
    const reply = await postList({ ...asked, context: { on_behalf_of: 'german' } });
    expect([reply.status, jsonOf(reply)]).toEqual([
      400,
      expect.objectContaining({ member: '/context/on_behalf_of' }),
    ]);
  });

  test('passes those of whom every field is permitted', async () => {
    const fields = ['member.skills', 'member.education'];
    const expected = await oneByOne(ADS, fields, USERS);
    const passing = USERS.filter((_user, row) => expected.permitted[row]?.length === fields.length);
    expect(passing.length).toBeGreaterThan(2);
    expect(passing.length).toBeLessThan(USERS.length);
    const reply = await postList({ purpose: ADS, fields, users: USERS });
    expect(reply.headers['content-type']).toMatch(/^application\/json/);
    expect(jsonOf(reply)).toMatchObject({ purpose: ADS, fields, passing, users: USERS.length });
  });

  test('is answered the same in all four ways, from a list and from both kinds of lines', async () => {
    const expected = await oneByOne(ADS, FIELDS, USERS);
    const fields = ['member.skills'];
    const passing = (await oneByOne(ADS, fields, USERS)).permitted.flatMap((found, row) =>
      found.length === 1 ? [USERS[row]] : [],
    );
    const ways = [
      (asked: readonly string[], accept: string) =>
        postList({ purpose: ADS, fields: asked, users: USERS }, accept),
      (asked: readonly string[], accept: string) => postLines(lines(USERS), askedOf(asked), accept),
      (asked: readonly string[], accept: string) =>
        postLines(
          lines(USERS.map((user) => JSON.stringify(user))),
          askedOf(asked),
          accept,
          'application/x-ndjson',
        ),
    ];
    for (const ask of ways) {
      const json = jsonOf(await ask(fields, 'application/json'));
      const text = await ask(fields, 'text/plain');
      expect(valueAt(json, 'passing')).toEqual(passing);
      expect(text.body.toString()).toBe(lines(passing.map(String)));
      expect(summaryIn(text)).toMatchObject({ counts: valueAt(json, 'counts') });

      const bitmap = await ask(FIELDS, 'application/octet-stream');
      const rows = rowsOf(await ask(FIELDS, 'application/x-ndjson'));
      expect(bitmap.headers['content-type']).toBe('application/octet-stream');
      expect(bitmap.body.length).toBe(USERS.length * Math.ceil(FIELDS.length / 8));
      expect(fieldsInBitmap(bitmap, FIELDS)).toEqual(expected.permitted);
      expect(rows.rows.map((row) => valueAt(row, 'fields'))).toEqual(expected.permitted);
      expect(summaryIn(bitmap)).toEqual(rows.summary);
      expect(valueAt(rows.summary, 'counts')).toEqual(expected.counts);
    }
  });

  test('names the policy, the revision and the obligations once', async () => {
    const latest = await people.register('the last to come', 'US-NY');
    const reply = jsonOf(await postList({ purpose: ADS, fields: ['member.skills'], users: USERS }));
    expect(reply).toMatchObject({ revision: latest, obligations: ['min_cohort_300'] });
    expect(textAt(reply, 'policy')).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  test('that nobody passes carries no obligations', async () => {
    const reply = await postList({ purpose: ADS, fields: ['member.skills'], users: ['nobody'] });
    expect(jsonOf(reply)).toMatchObject({ passing: [], obligations: [], counts: { unknown_user: 1 } });
  });

  test('of a field twice says it twice', async () => {
    const fields = ['member.skills', 'nothing', 'member.skills'];
    const reply = await postLines('californian', askedOf(fields), 'application/octet-stream');
    expect([...reply.body]).toEqual([0b101]);
    expect(summaryIn(reply)).toMatchObject({ counts: { unknown_field: 1, permitted: 2 } });
  });

  test('for an unknown purpose is denied user by user', async () => {
    const reply = await postList({ purpose: 'ads.unheard_of', fields: FIELDS.slice(0, 2), users: USERS });
    expect(jsonOf(reply)).toMatchObject({ passing: [], counts: { unknown_purpose: USERS.length * 2 } });
  });

  test.each([
    ['/fields/1', ADS, ['member.skills', 'member.skils']],
    ['/purpose', 'ads.unheard_of', ['member.skills']],
  ])('with an unknown %s is no list of passing ids that looks complete', async (member, purpose, fields) => {
    const list = postList({ purpose, fields, users: USERS }, 'text/plain');
    const stream = postLines(lines(USERS), askedOf(fields, purpose), 'text/plain');
    for (const reply of [await list, await stream]) {
      expect(reply.status).toBe(400);
      expect(jsonOf(reply)).toMatchObject({ member, detail: expect.stringContaining('would be empty') });
    }
  });

  test('may ask, as a list and as a stream, that the database confirms what it rests on', async () => {
    const fields = ['member.skills'];
    const consistency = 'confirmed';
    const list = await postList({ purpose: ALWAYS_ON, fields, users: ['german'], context: { consistency } });
    expect(jsonOf(list)).toMatchObject({ passing: ['german'] });
    const stream = await postLines('german', { ...askedOf(fields, ALWAYS_ON), consistency });
    expect(rowsOf(stream).rows).toEqual([{ user: 'german', fields }]);
    const wrong = await postLines('german', { ...askedOf(fields, ALWAYS_ON), consistency: 'proved' });
    expect(wrong.status).toBe(400);
  });

  test('waits for the revision of its token, and is denied if that does not come', async () => {
    const change = await people.choose('californian', 'improve', 'denied');
    const asked = { purpose: ALWAYS_ON, fields: ['member.skills'], users: ['californian', 'nobody'] };
    const fresh = await postList({ ...asked, context: { consistency_token: change } });
    const ahead = await postLines('californian\nnobody\n', {
      ...askedOf(asked.fields, ALWAYS_ON),
      consistency_token: future,
    });
    expect(jsonOf(fresh)).toMatchObject({ passing: ['californian', 'nobody'] });
    expect(valueAt(rowsOf(ahead).summary, 'counts')).toEqual({ consent_unavailable: 2 });
  });

  test('sees an opt-out that was confirmed before its user was sent', async () => {
    await people.register('undecided', 'US-NY');
    const { sent, response } = begin({
      query: askedOf(['member.skills']),
      headers: { 'content-type': 'text/plain' },
    });
    sent.write('undecided\n');
    const answers = createInterface({ input: await response })[Symbol.asyncIterator]();
    const answer = async (): Promise<unknown> => JSON.parse(String((await answers.next()).value));
    expect(await answer()).toEqual({ user: 'undecided', fields: ['member.skills'] });
    await people.choose('undecided', ADS, 'denied');
    sent.write('undecided\n');
    expect(await answer()).toEqual({ user: 'undecided', fields: [] });
    await people.choose('undecided', ADS, 'granted');
    sent.end('undecided\n');
    expect(await answer()).toEqual({ user: 'undecided', fields: ['member.skills'] });
    expect(await answer()).toMatchObject({ users: 3, counts: { permitted: 2, opted_out: 1 } });
  });
});

// ------------------------------------------------------------------------------------------------ lines

describe('a stream of lines', () => {
  const fields = ['member.skills', 'nothing', 'member.education'];
  const PERMITTED = 0b101;
  const ask = (body: Sent['body'], accept: string, type?: string) =>
    postLines(body, askedOf(fields, ALWAYS_ON), accept, type);

  const MALFORMED = [
    { named: 'an empty line', line: '' },
    { named: 'an id of 257 bytes', line: 'x'.repeat(257) },
    { named: 'an id of a megabyte', line: 'x'.repeat(1_000_000) },
    { named: 'a tab', line: 'a\tb' },
    { named: 'NUL', line: '\0' },
    { named: 'a carriage return inside', line: 'a\rb' },
    { named: 'bytes that are no UTF-8', line: Buffer.from([0x61, 0xff, 0x62]) },
    { named: 'half a character', line: Buffer.from([0xe2, 0x82]) },
    { named: 'a surrogate in UTF-8', line: Buffer.from([0xed, 0xa0, 0x80]) },
  ];

  test.each(MALFORMED)('with $named in it stays aligned', async ({ line }) => {
    const body = ['german\n', line, '\n', 'nobody\n', line, '\n', 'californian\n'];
    const bitmap = await ask(body, 'application/octet-stream');
    expect([...bitmap.body]).toEqual([PERMITTED, 0, PERMITTED, 0, PERMITTED]);
    expect(summaryIn(bitmap)).toMatchObject({
      users: 3,
      malformed_lines: 2,
      malformed: [{ line: 2 }, { line: 4 }],
      counts: { permitted: 6, unknown_field: 3 },
    });
    const { rows, summary } = rowsOf(await ask(body, 'application/x-ndjson'));
    expect(rows).toMatchObject([
      { user: 'german' },
      { line: 2, error: expect.stringMatching(/^the line is /) },
      { user: 'nobody' },
      { line: 4, error: expect.stringMatching(/^the line is /) },
      { user: 'californian' },
    ]);
    expect(summary).toEqual(summaryIn(bitmap));
    const known = fields.filter((field) => field !== 'nothing');
    const text = await postLines(body, askedOf(known, ALWAYS_ON), 'text/plain');
    expect(text.body.toString()).toBe(lines(['german', 'nobody', 'californian']));
    expect(summaryIn(text)).toMatchObject({ users: 3, malformed: valueAt(summary, 'malformed') });
    const json = jsonOf(await ask(body, 'application/json'));
    expect(json).toMatchObject({ users: 3, malformed_lines: 2, passing: [] });
    expect(valueAt(json, 'malformed')).toEqual(valueAt(summary, 'malformed'));
  });

  test('counts every malformed line, and names the first twenty', async () => {
    const reply = await ask('\n'.repeat(100), 'application/octet-stream');
    expect(reply.body).toEqual(Buffer.alloc(100));
    const summary = summaryIn(reply);
    expect(summary).toMatchObject({ users: 0, malformed_lines: 100, counts: {} });
    expect(listAt(summary, 'malformed').map((line) => valueAt(line, 'line'))).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  });

  test.each([
    { named: 'LF', body: 'german\nnobody\n' },
    { named: 'CR LF', body: 'german\r\nnobody\r\n' },
    { named: 'LF, the last without', body: 'german\nnobody' },
    { named: 'CR LF, the last without', body: 'german\r\nnobody' },
    { named: 'CR LF, the last with half of it', body: 'german\r\nnobody\r' },
  ])('may end them in $named', async ({ body }) => {
    const { rows, summary } = rowsOf(await ask(body, 'application/x-ndjson'));
    expect(rows.map((row) => valueAt(row, 'user'))).toEqual(['german', 'nobody']);
    expect(summary).toMatchObject({ users: 2, malformed_lines: 0 });
  });

  test('without a line is an audience without users', async () => {
    expect(rowsOf(await ask('', 'application/x-ndjson'))).toMatchObject({
      rows: [],
      summary: { users: 0, counts: {}, malformed_lines: 0 },
    });
    expect(jsonOf(await ask('', 'application/json'))).toMatchObject({ users: 0, passing: [] });
    const bitmap = await ask('', 'application/octet-stream');
    expect(bitmap.body.length).toBe(0);
    expect(summaryIn(bitmap)).toMatchObject({ users: 0 });
  });

  test('takes ids of 256 bytes, of any characters', async () => {
    const ids = ['x'.repeat(256), 'ü'.repeat(128), '\u{1f600}'.repeat(64), '"', '\\', 'null', '名 前'];
    for (const type of ['text/plain', 'application/x-ndjson']) {
      const body = lines(type === 'text/plain' ? ids : ids.map((id) => JSON.stringify(id)));
      const { rows, summary } = rowsOf(await ask(body, 'application/x-ndjson', type));
      expect(rows.map((row) => valueAt(row, 'user'))).toEqual(ids);
      expect(summary).toMatchObject({ users: ids.length, malformed_lines: 0 });
    }
  });

  test('of JSON takes strings, however they are escaped, and nothing else', async () => {
    const good = [
      String.raw`"germ\u0061n"`,
      ' "german" ',
      '"german"\t\r',
      `"${String.raw`\u0067`.repeat(256)}"`,
    ];
    const bad = [
      'german',
      '7',
      'null',
      '{"user":"german"}',
      '["german"]',
      '""',
      '"',
      '"german',
      '"ger"man"',
      '"german" "german"',
      String.raw`"\ud800"`,
      String.raw`"\u0000"`,
      '"ger\tman"',
      `"${'x'.repeat(257)}"`,
      "'german'",
    ];
    const { rows, summary } = rowsOf(
      await ask(lines([...good, ...bad]), 'application/x-ndjson', 'application/x-ndjson'),
    );
    expect(rows.slice(0, 4).map((row) => valueAt(row, 'user'))).toEqual([
      'german',
      'german',
      'german',
      'g'.repeat(256),
    ]);
    expect(rows.slice(4).map((row) => valueAt(row, 'line'))).toEqual(bad.map((_, index) => index + 5));
    expect(summary).toMatchObject({ users: 4, malformed_lines: bad.length });
  });

  test('may be cut anywhere', async () => {
    const ids = ['german', 'Ünal Ökonomin', '\u{1f600}'];
    const pieces = [...Buffer.from(lines(ids))].map((byte) => Buffer.from([byte]));
    const { rows } = rowsOf(await ask(pieces, 'application/x-ndjson'));
    expect(rows.map((row) => valueAt(row, 'user'))).toEqual(ids);
  });

  test('leaves its connection good for the next request', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const head = {
      query: askedOf(fields),
      headers: { 'content-type': 'text/plain', accept: 'application/octet-stream' },
      agent,
    };
    try {
      const ports = new Set<number | undefined>();
      for (let time = 0; time < 3; time++) {
        const { sent, response } = begin(head);
        sent.end('german\n');
        const reply = await response;
        ports.add(reply.socket.localPort);
        expect((await whole(reply)).body.length).toBe(1);
      }
      expect(ports.size).toBe(1);
    } finally {
      agent.destroy();
    }
  });
});

// ------------------------------------------------------------------------------------------------ requests that are refused

describe('an audience is refused', () => {
  const good = { purpose: ADS, fields: ['member.skills'], users: ['german'] };

  test('to a caller without a token, and to one who is no service', async () => {
    const user = await service.token({ sub: 'german' });
    const admin = await service.token({ sub: 'root', roles: ['policy_admin'] });
    for (const type of ['application/json', 'text/plain', 'application/x-ndjson']) {
      const as = (authorization: string) =>
        send({
          query: askedOf(good.fields),
          headers: { 'content-type': type, authorization },
          body: JSON.stringify(good),
        });
      expectProblem(await as(''), 401);
      expectProblem(await as('Bearer nonsense'), 401);
      expectProblem(await as(`Bearer ${user}`), 403, { type: 'urn:assent:problem:caller_not_allowed' });
      expectProblem(await as(`Bearer ${admin}`), 403, { type: 'urn:assent:problem:caller_not_allowed' });
    }
  });

  test('for a purpose that the token does not list', async () => {
    const authorization = `Bearer ${await service.token({ sub: 'narrow', purposes: ['ai'] })}`;
    const problem = { type: 'urn:assent:problem:purpose_not_allowed', member: '/purpose' };
    const list = { 'content-type': 'application/json', authorization };
    const text = { 'content-type': 'text/plain', authorization };
    expectProblem(await send({ headers: list, body: JSON.stringify(good) }), 403, problem);
    expectProblem(await send({ query: askedOf(good.fields), headers: text, body: 'german' }), 403, problem);
  });

  test.each([
    { named: 'no purpose', body: { ...good, purpose: undefined }, member: '/purpose' },
    { named: 'a purpose that is no id', body: { ...good, purpose: '' }, member: '/purpose' },
    { named: 'no fields', body: { ...good, fields: undefined }, member: '/fields' },
    { named: 'an empty list of fields', body: { ...good, fields: [] }, member: '/fields' },
    {
      named: 'more than 100 fields',
      body: { ...good, fields: Array.from({ length: 101 }, () => 'a') },
      member: '/fields',
    },
    { named: 'a field that is no id', body: { ...good, fields: ['a', '\n'] }, member: '/fields/1' },
    { named: 'a field that is no text', body: { ...good, fields: ['a', 7] }, member: '/fields/1' },
    { named: 'no users', body: { ...good, users: undefined }, member: '/users' },
    { named: 'a user who is no text', body: { ...good, users: ['a', null] }, member: '/users/1' },
    { named: 'a user with an empty id', body: { ...good, users: ['a', ''] }, member: '/users/1' },
    { named: 'a user with a line end', body: { ...good, users: ['a\nb'] }, member: '/users/0' },
    { named: 'half a character', body: { ...good, users: ['\ud800'] }, member: '/users/0' },
    { named: 'an id of 257 bytes', body: { ...good, users: ['x'.repeat(257)] }, member: '/users/0' },
    { named: 'an unknown actor', body: { ...good, context: { actor: 'robot' } }, member: '/context/actor' },
    {
      named: 'a token of somebody else',
      body: { ...good, context: { consistency_token: 'nonsense' } },
      member: undefined,
    },
  ])('with $named', async ({ body, member }) => {
    expectProblem(await postList(body), 400, member === undefined ? {} : { member });
  });

  test.each([
    { named: 'no purpose', query: { fields: 'a' }, member: '/purpose' },
    { named: 'no fields', query: { purpose: ADS }, member: '/fields' },
    { named: 'an empty field', query: { purpose: ADS, fields: 'a,' }, member: '/fields/1' },
    {
      named: 'more than 100 fields',
      query: { purpose: ADS, fields: Array.from({ length: 101 }, () => 'a').join(',') },
      member: '/fields',
    },
    { named: 'an unknown actor', query: { ...askedOf(['a']), actor: 'robot' }, member: '/actor' },
    {
      named: 'a token of somebody else',
      query: { ...askedOf(['a']), consistency_token: 'nonsense' },
      member: undefined,
    },
  ])('as a stream with $named in its query', async ({ query, member }) => {
    expectProblem(await postLines('german\n', query), 400, member === undefined ? {} : { member });
  });

  test.each(['image/png', 'application/xml', 'application/json;q=0', 'nonsense', ''])(
    'in the type %j',
    async (accept) => {
      const reply = await postList(good, accept);
      expectProblem(reply, 400, { type: 'urn:assent:problem:invalid_request' });
      expect(textAt(jsonOf(reply), 'detail')).toContain('application/octet-stream');
    },
  );

  test.each([
    { accept: '*/*', type: 'application/json' },
    { accept: 'text/*', type: 'text/plain' },
    { accept: 'application/*', type: 'application/json' },
    { accept: 'image/png, APPLICATION/Octet-Stream', type: 'application/octet-stream' },
    { accept: 'application/x-ndjson;q=0.5, text/plain;q=0.9, */*;q=0.1', type: 'text/plain' },
  ])('but not in $accept, which is $type', async ({ accept, type }) => {
    const reply = await postList(good, accept);
    expect(reply).toMatchObject({ status: 200 });
    expect(reply.headers['content-type']).toContain(type);
  });

  test('when its body is compressed, or of a type that it does not take', async () => {
    const query = askedOf(good.fields);
    expectProblem(
      await send({
        query,
        headers: { 'content-type': 'text/plain', 'content-encoding': 'gzip' },
        body: 'german\n',
      }),
      400,
    );
    for (const type of ['application/xml', 'text/csv', 'application/x-www-form-urlencoded'])
      expectProblem(await postLines('german\n', query, undefined, type), 400);
    expectProblem(await send({ query, body: 'german\n' }), 400);
  });

  test('as a list whose question is in part in the query, where it is not read', async () => {
    for (const query of [
      'consistency=confirmed',
      'consistency_token=x',
      'fields=member.skills',
      'actor=human',
    ]) {
      const [name] = query.split('=');
      const reply = await service.request('POST', `${PATH}?${query}`, { token, body: good });
      expect(reply).toMatchObject({ status: 400, body: { member: `/${name}` } });
      expect(textAt(reply.body, 'detail')).toContain('send it in the body');
    }
  });

  test('at another address, which does not exist whatever is sent to it', async () => {
    for (const type of ['text/plain', 'application/x-ndjson', 'application/json']) {
      const reply = await service.request('POST', `${PATH}/more`, {
        token,
        body: '"german"',
        headers: { 'content-type': type },
      });
      expect(reply).toMatchObject({ status: 404, body: { type: 'urn:assent:problem:route_not_found' } });
    }
  });

  test('as a list that is larger than the limit of bodies', async () => {
    expectProblem(await postList({ ...good, users: ['x'.repeat(4_000_000)] }), 413);
  });
});

// ------------------------------------------------------------------------------------------------ size

/** Lines of 200 bytes, each another id; and how many of them have been taken so far. */
function manyLines(count: number): { readonly body: Readable; readonly taken: () => number } {
  const pad = 'x'.repeat(188);
  let taken = 0;
  const generate = function* () {
    while (taken < count) {
      const first = taken;
      // what is handed over counts at once, also where nothing is asked for after it
      taken += 500;
      yield Buffer.from(
        lines(Array.from({ length: 500 }, (_, index) => `${pad}-${String(first + index).padStart(10, '0')}`)),
      );
    }
  };
  return { body: Readable.from(generate(), { objectMode: false }), taken: () => taken };
}

/** A line of `/proc/<pid>/status`, in bytes. */
function memoryOf(name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${service.process.pid}/status`, 'utf8');
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`there is no ${name} in ${status}`);
  return Number(kilobytes) * 1024;
}

const streamed = { query: askedOf(FIELDS.slice(0, 20)), headers: { 'content-type': 'text/plain' } };

/** Resolves when the service has written this. */
function logged(pattern: RegExp, from: number): Promise<RegExpExecArray> {
  return new Promise((resolve) => {
    const look = () => {
      const found = pattern.exec(service.output().slice(from));
      if (found === null) return;
      service.process.stdout?.off('data', look);
      resolve(found);
    };
    service.process.stdout?.on('data', look);
    look();
  });
}

const ABANDONED = /"audience abandoned: (\d+) users decided, (\d+) lines malformed"/;

describe('a long stream', () => {
  const LONG = 300_000;

  /** How many lines have been taken off the hands of the client when it gets no further. */
  async function stalled(taken: () => number): Promise<number> {
    let before = 0;
    // nothing says that nothing will happen: it has stalled when nothing moved for ten looks in a row
    for (let still = 0; still < 10;) {
      still = taken() === before ? still + 1 : 0;
      before = taken();
      await pause(50);
    }
    return before;
  }

  test.skipIf(!existsSync('/proc/self/status'))(
    'is answered in memory that does not grow with it (needs /proc)',
    async () => {
      const ask = async (count: number) => {
        const { sent, response } = begin(streamed);
        manyLines(count).body.pipe(sent);
        let rows = 0;
        let last = '';
        for await (const chunk of await response) {
          const text = last + String(chunk);
          const cut = text.lastIndexOf('\n') + 1;
          rows += text.slice(0, cut).split('\n').length - 1;
          last = text.slice(cut);
        }
        return rows;
      };
      expect(await ask(LONG / 10)).toBe(LONG / 10 + 1);
      const before = memoryOf('VmHWM');
      expect(await ask(LONG)).toBe(LONG + 1);
      // the body and the answer have more than 60 MB each
      expect(memoryOf('VmHWM') - before).toBeLessThan(40_000_000);
    },
  );

  test.skipIf(!existsSync('/proc/self/status'))(
    'is read no faster than its answer is (needs /proc)',
    async () => {
      // more than the buffers of the operating system hold, in both directions
      const count = 2 * LONG;
      const before = memoryOf('VmHWM');
      const { sent, response } = begin(streamed);
      const { body, taken } = manyLines(count);
      body.pipe(sent);
      const answer = await response;
      expect(await stalled(taken)).toBeLessThan(count);
      expect(memoryOf('VmHWM') - before).toBeLessThan(40_000_000);
      const { rows, summary } = rowsOf(await whole(answer));
      expect(rows.length).toBe(count);
      expect(summary).toMatchObject({ users: count, malformed_lines: 0 });
    },
  );

  test('that the client stops sending is abandoned', async () => {
    const from = service.output().length;
    const { sent, response } = begin(streamed);
    const { body, taken } = manyLines(2 * LONG);
    body.pipe(sent);
    const answer = await response;
    answer.once('error', () => undefined);
    await stalled(taken);
    body.destroy();
    sent.destroy();
    const [, users] = await logged(ABANDONED, from);
    expect(Number(users)).toBeGreaterThan(0);
    // a slow machine may have gone on after a while in which nothing moved
    expect(Number(users)).toBeLessThanOrEqual(taken());
    // its users are nobody's business
    expect(service.output().slice(from)).not.toContain('xxxx');
  });

  test('that is sent whole, and whose answer nobody waits for, is abandoned', async () => {
    const from = service.output().length;
    const users = Array.from({ length: 40_000 }, (_, index) => `u-${index}`);
    const { sent, response } = begin({
      headers: { 'content-type': 'application/json', accept: 'application/x-ndjson' },
    });
    sent.end(JSON.stringify({ purpose: ALWAYS_ON, fields: FIELDS, users }));
    (await response).once('error', () => undefined);
    sent.destroy();
    const [, decided] = await logged(ABANDONED, from);
    expect(Number(decided)).toBeLessThan(users.length);
  });

  test('does not keep others waiting', async () => {
    const { sent, response } = begin({
      ...streamed,
      headers: { ...streamed.headers, accept: 'application/octet-stream' },
    });
    manyLines(LONG).body.pipe(sent);
    const done = response.then(whole);
    for (let time = 0; time < 20; time++) {
      const reply = await service.request('GET', '/health/live');
      expect(reply.status).toBe(200);
    }
    expect((await done).body.length).toBe(LONG * 3);
  });

  test('is in the OpenAPI document with all that it takes and answers', async () => {
    const { body } = await service.request('GET', '/openapi.json');
    const operation = valueAt(body, 'paths', PATH, 'post');
    const types = (at: unknown) => membersOf(valueAt(at, 'content')).map(([type]) => type);
    expect(types(valueAt(operation, 'requestBody'))).toEqual([
      'application/json',
      'application/x-ndjson',
      'text/plain',
    ]);
  });
});
