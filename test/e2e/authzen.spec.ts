/**
 * The AuthZEN Authorization API 1.0 on the wire. The numbers in the titles are those of the public certification
 * scenario; its fixture is retold in this domain: a purpose reads a field, and whose field it is decides.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type People, peopleOf } from './people.js';
import {
  DECISION_ENDPOINTS,
  EVALUATION,
  EVALUATIONS,
  FIELDS,
  PURPOSES,
  READ,
  SEARCH_ACTION,
  SEARCH_RESOURCE,
  SEARCH_SUBJECT,
  fieldOf,
  mayRead,
  purpose,
} from './questions.js';
import { rawRequest } from './raw-request.js';
import { decisionsOf, idsOf, listAt, membersOf, textAt, valueAt } from './replies.js';
import { type Reply, type Service, startService } from './service.js';

const PUBLIC_URL = 'https://assent.example.org';
/** Lives in the United States, has said nothing: personalised ads may use her profile. */
const ALICE = 'alice';
/** Lives in the United States, turned personalised ads off. */
const BOB = 'bob';
/** Live in Germany, where ads from activity need an opt-in; Dana gave hers. */
const CARLA = 'carla';
const DANA = 'dana';
/** What an authorization system might add, and this one has no use for. */
const CONTEXT = { time: '2025-06-27T18:03-07:00', ip: '192.168.1.1' };
const ADS = purpose('ads.personalised');

let service: Service;
let people: People;
/** Of a service that may ask for every purpose. */
let token: string;

const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  service.request('POST', path, { token, body, headers });
const decide = async (purposeId: string, user: string, field?: string): Promise<unknown> =>
  valueAt((await post(EVALUATION, mayRead(purposeId, user, field))).body, 'decision');

/** Keeps of the candidates those for which the answer is yes, asked one by one. */
async function permitted(
  candidates: readonly string[],
  ask: (id: string) => Promise<unknown>,
): Promise<string[]> {
  const found: string[] = [];
  for (const id of candidates) if ((await ask(id)) === true) found.push(id);
  return found;
}

/** The ids of all pages, in order. */
async function walk(path: string, question: object, limit: number): Promise<string[]> {
  const found: string[] = [];
  let next: string | undefined;
  do {
    const page = next === undefined ? { limit } : { limit, token: next };
    const reply = await post(path, { ...question, page });
    expect(reply.status).toBe(200);
    const ids = idsOf(reply.body);
    expect(ids.length).toBeLessThanOrEqual(limit);
    expect(valueAt(reply.body, 'page', 'count')).toBe(ids.length);
    found.push(...ids);
    next = textAt(reply.body, 'page', 'next_token');
  } while (next !== '');
  return found;
}

function expectProblem(reply: Reply, status: number): void {
  expect(reply.status).toBe(status);
  expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(reply.body).toMatchObject({ status });
}

beforeAll(async () => {
  service = await startService({ PUBLIC_URL });
  people = await peopleOf(service);
  token = await service.token({ sub: 'pep', purposes: PURPOSES });
  await people.register(ALICE, 'US-NY');
  await people.register(BOB, 'US-NY');
  await people.choose(BOB, 'ads.personalised', 'denied');
  await people.register(CARLA, 'DE');
  await people.register(DANA, 'DE');
  for (const purpose of ['ads.personalised', 'ads.inferred']) await people.choose(DANA, purpose, 'granted');
});

afterAll(() => service.stop());

describe('one evaluation', () => {
  test('2.2.1 a permit', async () => {
    const reply = await post(EVALUATION, mayRead('ads.personalised', ALICE));
    expect(reply).toMatchObject({
      status: 200,
      body: { decision: true, context: { reason: 'permitted', obligations: ['min_cohort_300'] } },
    });
  });

  test('2.2.2 a deny', async () => {
    const reply = await post(EVALUATION, mayRead('ads.personalised', ALICE, 'message.body'));
    expect(reply).toMatchObject({
      status: 200,
      body: { decision: false, context: { reason: 'floor', obligations: [] } },
    });
  });

  test('2.2.3 a context it has no use for does not change the answer', async () => {
    const reply = await post(EVALUATION, { ...mayRead('ads.personalised', ALICE), context: CONTEXT });
    expect(reply).toMatchObject({ status: 200, body: { decision: true } });
  });

  test('2.2.4 a deny that the properties of the resource decide: the user who turned it off', async () => {
    const reply = await post(EVALUATION, mayRead('ads.personalised', BOB));
    expect(reply).toMatchObject({ status: 200, body: { decision: false, context: { reason: 'opted_out' } } });
  });

  test('2.2.5 another subject is permitted on the very resource that the first one is denied', async () => {
    const reply = await post(EVALUATION, mayRead('personalise', BOB));
    expect(reply).toMatchObject({ status: 200, body: { decision: true } });
  });

  test('2.2.6 a permit that the properties of the resource decide: the user who opted in', async () => {
    const reply = await post(EVALUATION, mayRead('ads.inferred', DANA));
    expect(reply).toMatchObject({ status: 200, body: { decision: true } });
  });

  test('2.2.7 a deny that the properties of the resource decide: the user who did not opt in', async () => {
    const reply = await post(EVALUATION, mayRead('ads.inferred', CARLA));
    expect(reply).toMatchObject({
      status: 200,
      body: { decision: false, context: { reason: 'needs_opt_in' } },
    });
  });

  test.each([
    { user: ALICE, decision: true },
    { user: BOB, decision: false },
  ])('2.2.8 additional properties do not change the answer for $user', async ({ user, decision }) => {
    const reply = await post(EVALUATION, {
      subject: { ...ADS, properties: { department: 'Sales', role: 'admin' } },
      action: { ...READ, properties: { method: 'GET', soft: true } },
      resource: { ...fieldOf(user), properties: { user, status: 'active', owner: ALICE } },
    });
    expect(reply).toMatchObject({ status: 200, body: { decision } });
  });

  test('2.2.9 unknown members are ignored', async () => {
    const reply = await post(EVALUATION, {
      ...mayRead('ads.personalised', ALICE),
      foo: 'bar',
      futureField: { nested: true },
    });
    expect(reply).toMatchObject({ status: 200, body: { decision: true } });
  });

  test('2.3.1 and 2.3.2 the answer has a boolean decision, and a context that says why', async () => {
    for (const user of [ALICE, BOB]) {
      const { body } = await post(EVALUATION, mayRead('ads.personalised', user));
      expect(valueAt(body, 'decision')).toBeTypeOf('boolean');
      expect(valueAt(body, 'context')).toEqual({
        reason: expect.stringMatching(/^[a-z_]+$/),
        policy: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        revision: expect.stringMatching(/.+/),
        obligations: expect.any(Array),
      });
    }
  });

  test.each(['subject', 'action', 'resource'])('2.4.1 without %s it is a 400', async (member) => {
    const { [member]: _left, ...rest }: Record<string, unknown> = mayRead('ads.personalised', ALICE);
    const reply = await post(EVALUATION, rest);
    expectProblem(reply, 400);
    expect(reply.body).toMatchObject({ member: `/${member}` });
  });

  test.each([
    { without: '/subject/type', change: { subject: { id: 'ads.personalised' } } },
    { without: '/subject/id', change: { subject: { type: 'purpose' } } },
    { without: '/action/name', change: { action: {} } },
    {
      without: '/resource/type',
      change: { resource: { id: 'member.skills', properties: { user: ALICE } } },
    },
    { without: '/resource/id', change: { resource: { type: 'field', properties: { user: ALICE } } } },
    { without: '/resource/properties/user', change: { resource: { type: 'field', id: 'member.skills' } } },
  ])('2.4.2 without $without it is a 400', async ({ without, change }) => {
    const reply = await post(EVALUATION, { ...mayRead('ads.personalised', ALICE), ...change });
    expectProblem(reply, 400);
    expect(reply.body).toMatchObject({ member: without });
  });

  test.each([
    { member: '/subject', change: { subject: 'ads.personalised' } },
    { member: '/action/name', change: { action: { name: 123 } } },
    { member: '/resource', change: { resource: [fieldOf(ALICE)] } },
    { member: '/resource/id', change: { resource: { ...fieldOf(ALICE), id: ['member.skills'] } } },
    { member: '/resource/properties', change: { resource: { ...fieldOf(ALICE), properties: ALICE } } },
    {
      member: '/resource/properties/user',
      change: { resource: { ...fieldOf(ALICE), properties: { user: 1 } } },
    },
    { member: '/resource/properties', change: { resource: { ...fieldOf(ALICE), properties: [ALICE] } } },
    { member: '/subject/properties', change: { subject: { ...ADS, properties: 'Sales' } } },
    { member: '/subject/properties', change: { subject: { ...ADS, properties: null } } },
    { member: '/action/properties', change: { action: { ...READ, properties: ['soft'] } } },
    { member: '/action/properties', change: { action: { ...READ, properties: 1 } } },
    { member: '/context', change: { context: 'none' } },
    { member: '/context', change: { context: [] } },
    { member: '/context', change: { context: null } },
    { member: '/context/actor', change: { context: { actor: 'robot' } } },
  ])('2.4.6 a mistyped $member is a 400', async ({ member, change }) => {
    const reply = await post(EVALUATION, { ...mayRead('ads.personalised', ALICE), ...change });
    expectProblem(reply, 400);
    expect(reply.body).toMatchObject({ member });
  });

  test('2.4.6 properties that are no object are said to be none', async () => {
    const reply = await post(EVALUATION, {
      ...mayRead('ads.personalised', ALICE),
      subject: { ...ADS, properties: 'Sales' },
    });
    expect(reply.body).toMatchObject({ detail: '`subject.properties` must be an object' });
  });

  test('a user with the field is the question that the field with its user is', async () => {
    const asked = (id: string, field?: string) => ({
      ...mayRead('ads.personalised', ALICE),
      resource: { type: 'user', id, properties: field === undefined ? {} : { field } },
    });
    for (const user of [ALICE, BOB, 'nobody'])
      for (const field of ['member.skills', 'message.body', 'member.unheard_of'])
        expect((await post(EVALUATION, asked(user, field))).body).toEqual(
          (await post(EVALUATION, mayRead('ads.personalised', user, field))).body,
        );
    const reply = await post(EVALUATION, asked(ALICE));
    expectProblem(reply, 400);
    expect(reply.body).toMatchObject({ member: '/resource/properties/field' });
  });

  test('an id that is not spelled as ids are is a 400, of a field and of a user', async () => {
    for (const resource of [
      fieldOf(ALICE, 'member.skills '),
      { type: 'user', id: 'alice ', properties: { field: 'member.skills' } },
      { type: 'record', id: ' ', properties: { user: ALICE } },
    ]) {
      const reply = await post(EVALUATION, { ...mayRead('ads.personalised', ALICE), resource });
      expectProblem(reply, 400);
      expect(reply.body).toMatchObject({ member: '/resource/id' });
    }
  });

  test('2.6 the same question gets the same answer each time', async () => {
    for (let time = 0; time < 5; time++) {
      expect(await decide('ads.personalised', ALICE)).toBe(true);
      expect(await decide('ads.personalised', BOB)).toBe(false);
    }
  });

  test('a purpose that the token does not list is a 403', async () => {
    const bound = await service.token({ sub: 'feed', purposes: ['personalise'] });
    const reply = await service.request('POST', EVALUATION, {
      token: bound,
      body: mayRead('ads.personalised', ALICE),
    });
    expectProblem(reply, 403);
    expect(reply.body).toMatchObject({ member: '/subject/id' });
  });

  test.each([
    { named: 'purpose', change: { subject: purpose('ads.unheard_of') }, reason: 'unknown_purpose' },
    { named: 'subject type', change: { subject: { ...ADS, type: 'user' } }, reason: 'unknown_purpose' },
    { named: 'action', change: { action: { name: 'write' } }, reason: 'unknown_action' },
    { named: 'field', change: { resource: fieldOf(ALICE, 'member.unheard_of') }, reason: 'unknown_field' },
    {
      named: 'resource type',
      change: { resource: { ...fieldOf(ALICE), type: 'record' } },
      reason: 'unknown_field',
    },
    { named: 'user', change: { resource: fieldOf('nobody') }, reason: 'unknown_user' },
  ])('an unknown $named is a deny, not an error', async ({ change, reason }) => {
    const reply = await post(EVALUATION, { ...mayRead('ads.personalised', ALICE), ...change });
    expect(reply).toMatchObject({ status: 200, body: { decision: false, context: { reason } } });
  });
});

describe.each(DECISION_ENDPOINTS)('the transport of %s', (path) => {
  const json = () => JSON.stringify(mayRead('ads.personalised', ALICE));

  test('2.4.3 another content type is a 400, and never a 415', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/xml',
      'application/jsonx',
      'application/problem+json',
      'text/json',
      'nonsense',
    ]) {
      const reply = await post(path, json(), { 'content-type': type });
      expectProblem(reply, 400);
      expect(textAt(reply.body, 'detail'), type).toMatch(/content-type: application\/json/i);
    }
  });

  test('2.4.3 a body without a content type is a 400', async () => {
    const reply = await rawRequest(service.url, {
      method: 'POST',
      path,
      headers: { authorization: `Bearer ${token}` },
      body: [json()],
    });
    expect(reply.status).toBe(400);
  });

  test('5 a content type with a charset is JSON all the same', async () => {
    const reply = await post(path, json(), { 'content-type': 'application/json; charset=utf-8' });
    expect(reply.status).toBe(200);
  });

  test('2.4.4 malformed JSON is a 400', async () => {
    for (const body of ['{', '{"subject":', `${json()}}`, "{'subject': 1}", 'NaN', 'undefined', '\u0000'])
      expectProblem(await post(path, body), 400);
  });

  test('2.4.5 an empty body is a 400', async () => {
    for (const body of ['', ' ', '\n']) expectProblem(await post(path, body), 400);
  });

  test('2.4.5 no body at all is a 400', async () => {
    expectProblem(await service.request('POST', path, { token }), 400);
  });

  test('2.4.6 a body that is JSON but no object is a 400', async () => {
    for (const body of ['[]', '"text"', '1', 'true', 'null', `[${json()}]`])
      expectProblem(await post(path, body), 400);
  });

  test('5 an answer is JSON, and must not be kept', async () => {
    const reply = await post(path, json());
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/);
    expect(reply.headers.get('cache-control')).toBe('no-store');
  });

  test('2.5.1 the request id comes back, whatever the answer', async () => {
    const id = 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716';
    const header = { 'x-request-id': id };
    const replies = [
      await post(path, json(), header),
      await post(path, '{', header),
      await post(path, '{}', header),
      await post(path, json(), { ...header, 'content-type': 'text/plain' }),
      await service.request('POST', path, { body: json(), headers: header }),
      await service.request('GET', path, { token, headers: header }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([200, 400, 400, 400, 401, 405]);
    for (const reply of replies) {
      expect(reply.headers.get('x-request-id')).toBe(id);
      if (reply.status !== 200) expect(reply.body).toMatchObject({ request_id: id });
    }
  });

  test('2.5.1 a request id is an arbitrary string', async () => {
    for (const id of ['1', 'a b;c="d"', '{"json":true}', '%s%n', 'x'.repeat(300)]) {
      const reply = await post(path, json(), { 'x-request-id': id });
      expect(reply.status).toBe(200);
      expect(reply.headers.get('x-request-id')).toBe(id);
    }
  });

  test('2.5.2 without a request id the service makes one', async () => {
    const first = await post(path, json());
    const second = await post(path, json());
    expect(first.status).toBe(200);
    expect(first.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}-[0-9a-z]+$/);
    expect(first.headers.get('x-request-id')).not.toBe(second.headers.get('x-request-id'));
  });
});

describe('a batch', () => {
  test('3.2.1 answers each evaluation', async () => {
    const reply = await post(EVALUATIONS, {
      subject: ADS,
      action: READ,
      evaluations: [{ resource: fieldOf(ALICE) }, { resource: fieldOf(ALICE, 'member.headline') }],
    });
    expect(reply.status).toBe(200);
    expect(decisionsOf(reply.body)).toEqual([expect.any(Boolean), expect.any(Boolean)]);
  });

  test('3.2.2 answers in the order of the request', async () => {
    const evaluations = [{ action: READ }, { action: { name: 'write' } }];
    const batch = { subject: ADS, resource: fieldOf(ALICE) };
    const forth = await post(EVALUATIONS, { ...batch, evaluations });
    const back = await post(EVALUATIONS, { ...batch, evaluations: evaluations.toReversed() });
    expect(decisionsOf(forth.body)).toEqual([true, false]);
    expect(decisionsOf(back.body)).toEqual([false, true]);
  });

  test("3.2.3 reads each evaluation's own resource properties", async () => {
    const reply = await post(EVALUATIONS, {
      subject: ADS,
      action: READ,
      evaluations: [{ resource: fieldOf(ALICE) }, { resource: fieldOf(BOB) }],
    });
    expect(decisionsOf(reply.body)).toEqual([true, false]);
  });

  test("3.2.4 reads each evaluation's own subject", async () => {
    const reply = await post(EVALUATIONS, {
      action: READ,
      resource: fieldOf(BOB),
      evaluations: [{ subject: ADS }, { subject: purpose('personalise') }],
    });
    expect(decisionsOf(reply.body)).toEqual([false, true]);
  });

  test('3.2.5 needs no defaults', async () => {
    const reply = await post(EVALUATIONS, {
      evaluations: [mayRead('ads.inferred', DANA), mayRead('ads.inferred', CARLA)],
    });
    expect(decisionsOf(reply.body)).toEqual([true, false]);
  });

  test('3.2.6 passes its context on, unless an evaluation has its own', async () => {
    const reply = await post(EVALUATIONS, {
      subject: purpose('security.malware_scan'),
      action: READ,
      context: { actor: 'automated', time: CONTEXT.time },
      evaluations: [
        { resource: fieldOf(ALICE, 'message.body') },
        { resource: fieldOf(ALICE, 'message.body'), context: { source: 'batch-override' } },
        { resource: fieldOf(ALICE, 'message.body'), context: { actor: 'human' } },
      ],
    });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        evaluations: [
          { decision: true },
          { decision: false, context: { reason: 'needs_automated_actor' } },
          { decision: false, context: { reason: 'needs_automated_actor' } },
        ],
      },
    });
  });

  test('3.2.7 gives an empty evaluation all of its defaults, and replaces a default whole', async () => {
    const reply = await post(EVALUATIONS, {
      ...mayRead('ads.personalised', ALICE),
      evaluations: [{}, { resource: fieldOf(BOB) }],
    });
    expect(decisionsOf(reply.body)).toEqual([true, false]);
  });

  test('3.2.7 merges nothing below a member: half a resource is not completed from the default', async () => {
    const reply = await post(EVALUATIONS, {
      ...mayRead('ads.personalised', ALICE),
      evaluations: [
        {},
        { resource: { type: 'field', id: 'member.skills' } },
        { resource: { properties: { user: ALICE } } },
        { subject: { id: 'ads.personalised' } },
        { action: {} },
      ],
    });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        evaluations: [
          { decision: true },
          { decision: false, context: { error: { member: '/evaluations/1/resource/properties/user' } } },
          { decision: false, context: { error: { member: '/evaluations/2/resource/type' } } },
          { decision: false, context: { error: { member: '/evaluations/3/subject/type' } } },
          { decision: false, context: { error: { member: '/evaluations/4/action/name' } } },
        ],
      },
    });
  });

  test('3.3.1 and 3.3.3 has one decision for each evaluation', async () => {
    const evaluations = FIELDS.map((field) => ({ resource: fieldOf(ALICE, field) }));
    const reply = await post(EVALUATIONS, { subject: purpose('service'), action: READ, evaluations });
    const decisions = decisionsOf(reply.body);
    expect(decisions).toHaveLength(evaluations.length);
    for (const decision of decisions) expect(decision).toBeTypeOf('boolean');
  });

  test('3.3.2 says of each evaluation what a single request would', async () => {
    const evaluations = PURPOSES.flatMap((id) =>
      [ALICE, BOB, CARLA, DANA, 'nobody'].map((user) => mayRead(id, user)),
    );
    const reply = await post(EVALUATIONS, { evaluations });
    const singles = await Promise.all(
      evaluations.map(async (evaluation) => (await post(EVALUATION, evaluation)).body),
    );
    expect(listAt(reply.body, 'evaluations')).toEqual(singles);
  });

  test('3.3.4 has no decision of its own', async () => {
    const reply = await post(EVALUATIONS, { evaluations: [mayRead('ads.personalised', ALICE)] });
    expect(membersOf(reply.body).map(([name]) => name)).toEqual(['evaluations']);
  });

  test('3.4.1 denies a broken evaluation in its place, and answers the others', async () => {
    const reply = await post(EVALUATIONS, {
      subject: ADS,
      action: READ,
      options: { evaluations_semantic: 'execute_all' },
      evaluations: [{ resource: fieldOf(ALICE) }, {}],
    });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        evaluations: [
          { decision: true },
          {
            decision: false,
            context: {
              error: {
                status: 400,
                message: expect.stringContaining('resource'),
                member: '/evaluations/1/resource',
              },
            },
          },
        ],
      },
    });
  });

  test('3.4.1 denies an evaluation that is no object in its place', async () => {
    const reply = await post(EVALUATIONS, {
      ...mayRead('ads.personalised', ALICE),
      evaluations: [null, 'x', 1, [], [{}], true, {}],
    });
    expect(decisionsOf(reply.body)).toEqual([false, false, false, false, false, false, true]);
  });

  test('3.4.1 denies an evaluation with properties or a context that are no objects in its place', async () => {
    const reply = await post(EVALUATIONS, {
      ...mayRead('ads.personalised', ALICE),
      evaluations: [
        { subject: { ...ADS, properties: 'Sales' } },
        { action: { ...READ, properties: [] } },
        { resource: { ...fieldOf(ALICE), properties: ALICE } },
        { context: [] },
        {},
      ],
    });
    const refused = (member: string) => ({
      decision: false,
      context: {
        error: {
          status: 400,
          code: 'invalid_request',
          message: expect.stringMatching(/must be an object$/),
          member,
        },
      },
    });
    expect(listAt(reply.body, 'evaluations').slice(0, 4)).toEqual([
      refused('/evaluations/0/subject/properties'),
      refused('/evaluations/1/action/properties'),
      refused('/evaluations/2/resource/properties'),
      refused('/evaluations/3/context'),
    ]);
    expect(decisionsOf(reply.body).at(4)).toBe(true);
  });

  test('3.4.2 without evaluations is a single evaluation', async () => {
    const reply = await post(EVALUATIONS, mayRead('ads.personalised', ALICE));
    expect(reply).toMatchObject({ status: 200, body: { decision: true } });
    expect(valueAt(reply.body, 'evaluations')).toBeUndefined();
  });

  test('3.4.3 with an empty list of evaluations is a single evaluation', async () => {
    for (const [user, decision] of [
      [ALICE, true],
      [BOB, false],
    ])
      expect(
        await post(EVALUATIONS, { ...mayRead('ads.personalised', String(user)), evaluations: [] }),
      ).toMatchObject({ status: 200, body: { decision } });
  });

  test.each([
    { named: 'an empty object', body: {} },
    { named: 'an empty list and no question', body: { evaluations: [] } },
    { named: 'a default that is no object', body: { subject: 'ads', evaluations: [{}] } },
    { named: 'evaluations that are no list', body: { evaluations: { 0: {} } } },
    { named: 'null for evaluations', body: { ...mayRead('ads.personalised', 'alice'), evaluations: null } },
    { named: 'options that are no object', body: { options: 'execute_all', evaluations: [{}] } },
  ])('2.4 $named is a 400 for the whole request', async ({ body }) => {
    expectProblem(await post(EVALUATIONS, body), 400);
  });

  test('of 1,000 evaluations is answered, and one more is a 400', async () => {
    const batch = (count: number) => ({
      ...mayRead('ads.personalised', ALICE),
      evaluations: Array.from({ length: count }, () => ({})),
    });
    const reply = await post(EVALUATIONS, batch(1_000));
    expect(new Set(decisionsOf(reply.body))).toEqual(new Set([true]));
    expect(decisionsOf(reply.body)).toHaveLength(1_000);
    const refused = await post(EVALUATIONS, batch(1_001));
    expectProblem(refused, 400);
    expect(refused.body).toMatchObject({ member: '/evaluations' });
  });

  test('denies a purpose that the token does not list, and answers the others', async () => {
    const bound = await service.token({ sub: 'feed', purposes: ['personalise'] });
    const reply = await service.request('POST', EVALUATIONS, {
      token: bound,
      body: { evaluations: [mayRead('ads.personalised', ALICE), mayRead('personalise', ALICE)] },
    });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        evaluations: [
          { decision: false, context: { reason: 'purpose_not_allowed_for_client' } },
          { decision: true },
        ],
      },
    });
  });
});

describe('the semantics of a batch', () => {
  const YES = mayRead('ads.personalised', ALICE);
  const NO = mayRead('ads.personalised', BOB);
  const BROKEN = { subject: ADS };
  const decisions = async (semantic: string | undefined, evaluations: readonly object[]) => {
    const options = semantic === undefined ? {} : { options: { evaluations_semantic: semantic, other: 1 } };
    const reply = await post(EVALUATIONS, { ...options, evaluations });
    expect(reply.status).toBe(200);
    return decisionsOf(reply.body);
  };

  test('execute_all answers everything, and is what happens when nothing is said', async () => {
    for (const semantic of ['execute_all', undefined])
      expect(await decisions(semantic, [NO, YES, BROKEN, YES])).toEqual([false, true, false, true]);
  });

  test('deny_on_first_deny ends with the first deny', async () => {
    const semantic = 'deny_on_first_deny';
    expect(await decisions(semantic, [YES, YES, NO, YES, NO])).toEqual([true, true, false]);
    expect(await decisions(semantic, [NO, YES])).toEqual([false]);
    expect(await decisions(semantic, [YES, YES])).toEqual([true, true]);
  });

  test('deny_on_first_deny takes a broken evaluation for a deny', async () => {
    expect(await decisions('deny_on_first_deny', [YES, BROKEN, YES])).toEqual([true, false]);
  });

  test('permit_on_first_permit ends with the first permit', async () => {
    const semantic = 'permit_on_first_permit';
    expect(await decisions(semantic, [NO, BROKEN, YES, NO, YES])).toEqual([false, false, true]);
    expect(await decisions(semantic, [YES, NO])).toEqual([true]);
    expect(await decisions(semantic, [NO, NO])).toEqual([false, false]);
  });

  test.each(['execute_some', '', 'EXECUTE_ALL', 'toString', '__proto__', null, 1, ['execute_all']])(
    'any other value is a 400: %j',
    async (semantic) => {
      const reply = await post(EVALUATIONS, {
        options: { evaluations_semantic: semantic },
        evaluations: [YES],
      });
      expectProblem(reply, 400);
      expect(reply.body).toMatchObject({ member: '/options/evaluations_semantic' });
    },
  );
});

describe('the search for subjects', () => {
  const question = (user: string) => ({
    subject: { type: 'purpose' },
    action: READ,
    resource: fieldOf(user),
  });

  test('4.2.1 finds the purposes that may read, and no other', async () => {
    const reply = await post(SEARCH_SUBJECT, question(ALICE));
    expect(reply.status).toBe(200);
    for (const result of listAt(reply.body, 'results'))
      expect(result).toEqual({ type: 'purpose', id: expect.any(String) });
    const ids = idsOf(reply.body);
    expect(ids).toEqual(expect.arrayContaining(['ads.personalised', 'personalise', 'service']));
    expect(ids).toEqual(await permitted(PURPOSES, (id) => decide(id, ALICE)));
  });

  test('4.2.2 is not changed by a context it has no use for', async () => {
    const plain = await post(SEARCH_SUBJECT, question(ALICE));
    const reply = await post(SEARCH_SUBJECT, { ...question(ALICE), context: CONTEXT });
    expect(reply).toMatchObject({ status: 200, body: { results: listAt(plain.body, 'results') } });
  });

  test('4.2.3 ignores an id of the subject', async () => {
    const plain = await post(SEARCH_SUBJECT, question(ALICE));
    for (const id of ['ads.personalised', 'ads.unheard_of', 7, null]) {
      const reply = await post(SEARCH_SUBJECT, { ...question(ALICE), subject: { type: 'purpose', id } });
      expect(reply).toMatchObject({ status: 200, body: { results: listAt(plain.body, 'results') } });
    }
  });

  test('4.2.4 is decided by the properties of the resource', async () => {
    const ids = idsOf((await post(SEARCH_SUBJECT, question(BOB))).body);
    expect(ids).toContain('personalise');
    expect(ids).not.toContain('ads.personalised');
    expect(ids).toEqual(await permitted(PURPOSES, (id) => decide(id, BOB)));
  });

  test('finds only purposes that the token lists', async () => {
    const bound = await service.token({ sub: 'pep', purposes: ['personalise', 'recruiting'] });
    const reply = await service.request('POST', SEARCH_SUBJECT, { token: bound, body: question(ALICE) });
    expect(idsOf(reply.body)).toEqual(['personalise']);
  });
});

describe('the search for resources', () => {
  const question = (purposeId: string, user: string) => ({
    subject: purpose(purposeId),
    action: READ,
    resource: { type: 'field', properties: { user } },
  });

  test('4.3.1 finds the fields that may be read, and no other', async () => {
    const reply = await post(SEARCH_RESOURCE, question('ads.personalised', ALICE));
    expect(reply.status).toBe(200);
    for (const result of listAt(reply.body, 'results'))
      expect(result).toEqual({ type: 'field', id: expect.any(String), properties: { user: ALICE } });
    expect(idsOf(reply.body)).toContain('member.skills');
    expect(idsOf(reply.body)).toEqual(
      await permitted(FIELDS, (field) => decide('ads.personalised', ALICE, field)),
    );
  });

  test('4.3.2 is not changed by a context it has no use for', async () => {
    const plain = await post(SEARCH_RESOURCE, question('service', ALICE));
    const reply = await post(SEARCH_RESOURCE, { ...question('service', ALICE), context: CONTEXT });
    expect(reply).toMatchObject({ status: 200, body: { results: listAt(plain.body, 'results') } });
  });

  test('4.3.3 ignores an id of the resource', async () => {
    const plain = await post(SEARCH_RESOURCE, question('service', ALICE));
    for (const id of ['member.skills', 'member.unheard_of', 7, null]) {
      const reply = await post(SEARCH_RESOURCE, {
        ...question('service', ALICE),
        resource: { type: 'field', id, properties: { user: ALICE } },
      });
      expect(reply).toMatchObject({ status: 200, body: { results: listAt(plain.body, 'results') } });
    }
  });

  test('4.3.4 is decided by the properties of the resource', async () => {
    const ofDana = idsOf((await post(SEARCH_RESOURCE, question('ads.inferred', DANA))).body);
    const ofCarla = idsOf((await post(SEARCH_RESOURCE, question('ads.inferred', CARLA))).body);
    expect(ofDana).toContain('member.skills');
    expect(ofCarla).toEqual([]);
  });

  test('4.3.4 ignores properties of the subject', async () => {
    const reply = await post(SEARCH_RESOURCE, {
      ...question('ads.personalised', BOB),
      subject: { ...ADS, properties: { role: 'admin', user: ALICE } },
    });
    expect(idsOf(reply.body)).toEqual([]);
  });

  test('finds the users whose field may be read', async () => {
    const reply = await post(SEARCH_RESOURCE, {
      subject: ADS,
      action: READ,
      resource: { type: 'user', properties: { field: 'member.skills' } },
    });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        results: expect.arrayContaining([
          { type: 'user', id: ALICE, properties: { field: 'member.skills' } },
        ]),
      },
    });
    expect(idsOf(reply.body)).not.toContain(BOB);
  });

  test('4.7.1 the search for users needs a field', async () => {
    const reply = await post(SEARCH_RESOURCE, { subject: ADS, action: READ, resource: { type: 'user' } });
    expectProblem(reply, 400);
    expect(reply.body).toMatchObject({ member: '/resource/properties/field' });
  });

  test('a purpose that the token does not list is a 403', async () => {
    const bound = await service.token({ sub: 'feed', purposes: ['personalise'] });
    expectProblem(
      await service.request('POST', SEARCH_RESOURCE, {
        token: bound,
        body: question('ads.personalised', ALICE),
      }),
      403,
    );
  });
});

describe('the search for actions', () => {
  test('4.4.1 finds what may be done', async () => {
    const reply = await post(SEARCH_ACTION, { subject: ADS, resource: fieldOf(ALICE) });
    expect(reply).toMatchObject({ status: 200, body: { results: [{ name: 'read' }] } });
  });

  test('4.4.2 is not changed by a context it has no use for, nor by an action', async () => {
    const reply = await post(SEARCH_ACTION, {
      subject: ADS,
      resource: fieldOf(ALICE),
      action: { name: 'write' },
      context: CONTEXT,
    });
    expect(reply).toMatchObject({ status: 200, body: { results: [{ name: 'read' }] } });
  });

  test('4.4.3 is decided by the properties of the resource', async () => {
    const found = async (user: string) =>
      listAt(
        (await post(SEARCH_ACTION, { subject: purpose('ads.inferred'), resource: fieldOf(user) })).body,
        'results',
      );
    expect(await found(DANA)).toEqual([{ name: 'read' }]);
    expect(await found(CARLA)).toEqual([]);
  });

  test('a purpose that the token does not list is a 403', async () => {
    const bound = await service.token({ sub: 'feed', purposes: ['personalise'] });
    const body = { subject: ADS, resource: fieldOf(ALICE) };
    expectProblem(await service.request('POST', SEARCH_ACTION, { token: bound, body }), 403);
  });
});

describe('what a search cannot find', () => {
  const subjects = { subject: { type: 'purpose' }, action: READ, resource: fieldOf(ALICE) };
  const resources = {
    subject: ADS,
    action: READ,
    resource: { type: 'field', properties: { user: ALICE } },
  };
  const users = {
    subject: ADS,
    action: READ,
    resource: { type: 'user', properties: { field: 'member.skills' } },
  };
  const actions = { subject: ADS, resource: fieldOf(ALICE) };

  test.each([
    { path: SEARCH_SUBJECT, of: 'field', body: { ...subjects, resource: fieldOf(ALICE, 'no.such') } },
    { path: SEARCH_SUBJECT, of: 'action', body: { ...subjects, action: { name: 'write' } } },
    { path: SEARCH_RESOURCE, of: 'purpose', body: { ...resources, subject: purpose('no.such') } },
    { path: SEARCH_RESOURCE, of: 'action', body: { ...resources, action: { name: 'write' } } },
    {
      path: SEARCH_RESOURCE,
      of: 'user',
      body: { ...resources, resource: { type: 'field', properties: { user: 'nobody' } } },
    },
    {
      path: SEARCH_RESOURCE,
      of: 'field of users',
      body: { ...users, resource: { type: 'user', properties: { field: 'no.such' } } },
    },
    { path: SEARCH_RESOURCE, of: 'purpose for users', body: { ...users, subject: purpose('no.such') } },
    { path: SEARCH_ACTION, of: 'purpose', body: { ...actions, subject: purpose('no.such') } },
    { path: SEARCH_ACTION, of: 'field', body: { ...actions, resource: fieldOf(ALICE, 'no.such') } },
    { path: SEARCH_ACTION, of: 'user', body: { ...actions, resource: fieldOf('nobody') } },
  ])('4.6.1 an unknown $of is an empty list of $path', async ({ path, body }) => {
    expect(await post(path, body)).toMatchObject({
      status: 200,
      body: { results: [], page: { next_token: '' } },
    });
  });

  test('4.6.1 of an unknown user, only what is always on is found', async () => {
    const reply = await post(SEARCH_SUBJECT, { ...subjects, resource: fieldOf('nobody') });
    expect(idsOf(reply.body)).toEqual(await permitted(PURPOSES, (id) => decide(id, 'nobody')));
    expect(idsOf(reply.body)).not.toContain('ads.personalised');
  });

  test.each([
    { path: SEARCH_SUBJECT, of: 'subject', body: { ...subjects, subject: { type: 'spaceship' } } },
    {
      path: SEARCH_SUBJECT,
      of: 'resource',
      body: { ...subjects, resource: { type: 'spaceship', id: 'enterprise' } },
    },
    { path: SEARCH_RESOURCE, of: 'resource', body: { ...resources, resource: { type: 'spaceship' } } },
    {
      path: SEARCH_RESOURCE,
      of: 'subject',
      body: { ...resources, subject: { type: 'spaceship', id: 'ads.personalised' } },
    },
    {
      path: SEARCH_RESOURCE,
      of: 'subject for users',
      body: { ...users, subject: { type: 'spaceship', id: 'ads.personalised' } },
    },
    {
      path: SEARCH_ACTION,
      of: 'subject',
      body: { ...actions, subject: { type: 'spaceship', id: 'ads.personalised' } },
    },
    {
      path: SEARCH_ACTION,
      of: 'resource',
      body: { ...actions, resource: { type: 'spaceship', id: 'member.skills' } },
    },
  ])('4.6.2 an unknown type of $of is an empty list of $path', async ({ path, body }) => {
    expect(await post(path, body)).toMatchObject({
      status: 200,
      body: { results: [], page: { next_token: '' } },
    });
  });

  test.each([
    { path: SEARCH_SUBJECT, body: subjects, members: ['subject', 'action', 'resource'] },
    { path: SEARCH_RESOURCE, body: resources, members: ['subject', 'action', 'resource'] },
    { path: SEARCH_ACTION, body: actions, members: ['subject', 'resource'] },
  ])('4.7.1 a member that is missing is a 400 of $path', async ({ path, body, members }) => {
    for (const member of members) {
      const { [member]: _left, ...rest }: Record<string, unknown> = body;
      const reply = await post(path, rest);
      expectProblem(reply, 400);
      expect(reply.body).toMatchObject({ member: `/${member}` });
    }
  });

  test.each([
    {
      path: SEARCH_SUBJECT,
      missing: '/resource/id',
      body: { ...subjects, resource: { type: 'field', properties: { user: ALICE } } },
    },
    {
      path: SEARCH_SUBJECT,
      missing: '/resource/properties/user',
      body: { ...subjects, resource: { type: 'field', id: 'member.skills' } },
    },
    { path: SEARCH_SUBJECT, missing: '/subject/type', body: { ...subjects, subject: {} } },
    { path: SEARCH_RESOURCE, missing: '/subject/id', body: { ...resources, subject: { type: 'purpose' } } },
    { path: SEARCH_RESOURCE, missing: '/resource/type', body: { ...resources, resource: {} } },
    {
      path: SEARCH_RESOURCE,
      missing: '/resource/properties/user',
      body: { ...resources, resource: { type: 'field' } },
    },
    { path: SEARCH_ACTION, missing: '/subject/id', body: { ...actions, subject: { type: 'purpose' } } },
    { path: SEARCH_ACTION, missing: '/resource/id', body: { ...actions, resource: { type: 'field' } } },
  ])('4.7.2 without $missing it is a 400 of $path', async ({ path, missing, body }) => {
    const reply = await post(path, body);
    expectProblem(reply, 400);
    expect(reply.body).toMatchObject({ member: missing });
  });
});

test('4.1 what a search finds is permitted when it is put back as it came', async () => {
  const question = mayRead('ads.personalised', ALICE);
  for (const [path, member, searched] of [
    [SEARCH_SUBJECT, 'subject', { type: 'purpose' }],
    [SEARCH_ACTION, 'action', undefined],
    [SEARCH_RESOURCE, 'resource', { type: 'field', properties: { user: ALICE } }],
    [SEARCH_RESOURCE, 'resource', { type: 'user', properties: { field: 'member.skills' } }],
  ] as const) {
    const found = listAt((await post(path, { ...question, [member]: searched })).body, 'results');
    expect(found).not.toEqual([]);
    const reply = await post(EVALUATIONS, {
      ...question,
      evaluations: found.map((entity) => ({ [member]: entity })),
    });
    expect(decisionsOf(reply.body)).toEqual(found.map(() => true));
  }
});

describe('pages', () => {
  const subjects = { subject: { type: 'purpose' }, action: READ, resource: fieldOf(ALICE) };
  const fields = {
    subject: purpose('service'),
    action: READ,
    resource: { type: 'field', properties: { user: ALICE } },
  };
  const actions = { subject: ADS, resource: fieldOf(ALICE) };
  const users = {
    subject: purpose('research'),
    action: READ,
    resource: { type: 'user', properties: { field: 'member.skills' } },
  };
  const CROWD = Array.from({ length: 270 }, (_, index) => `crowd-${index}`);

  beforeAll(async () => {
    for (const [index, user] of CROWD.entries()) {
      await people.register(user, index % 2 === 0 ? 'DE' : 'BR');
      if (index % 3 === 0) await people.choose(user, 'research', 'denied');
    }
  });

  test('4.5.1 a limit is kept, and the page says whether there is more', async () => {
    const reply = await post(SEARCH_SUBJECT, { ...subjects, page: { limit: 1 } });
    expect(reply).toMatchObject({
      status: 200,
      body: { page: { next_token: expect.stringMatching(/.+/), count: 1 } },
    });
    expect(idsOf(reply.body)).toHaveLength(1);
  });

  test('4.5.2 a token alone gets the next page, of the same length', async () => {
    const first = await post(SEARCH_SUBJECT, { ...subjects, page: { limit: 2 } });
    const page = { token: textAt(first.body, 'page', 'next_token') };
    const second = await post(SEARCH_SUBJECT, { ...subjects, page });
    const all = idsOf((await post(SEARCH_SUBJECT, subjects)).body);
    expect(second.status).toBe(200);
    expect([...idsOf(first.body), ...idsOf(second.body)]).toEqual(all.slice(0, 4));
  });

  test('4.5.2 an empty token is the first page', async () => {
    const first = await post(SEARCH_SUBJECT, subjects);
    const reply = await post(SEARCH_SUBJECT, { ...subjects, page: { token: '' } });
    expect(reply).toMatchObject({ status: 200, body: { results: listAt(first.body, 'results') } });
  });

  test('4.5.3 the last page has an empty token', async () => {
    for (const [path, question] of [
      [SEARCH_SUBJECT, subjects],
      [SEARCH_RESOURCE, fields],
      [SEARCH_ACTION, actions],
    ] as const)
      expect(await post(path, question)).toMatchObject({ status: 200, body: { page: { next_token: '' } } });
  });

  test.each([
    [SEARCH_SUBJECT, { ...subjects, subject: { type: 'person' } }, 'unknown_purpose', '/subject/type'],
    [SEARCH_SUBJECT, { ...subjects, subject: { type: 'purpose', id: 'ignored' } }, undefined, undefined],
    [SEARCH_SUBJECT, { ...subjects, action: { name: 'delete' } }, 'unknown_action', '/action/name'],
    [
      SEARCH_SUBJECT,
      { ...subjects, resource: fieldOf('u-1', 'no.such.field') },
      'unknown_field',
      '/resource/id',
    ],
    [SEARCH_RESOURCE, { ...fields, subject: purpose('ads.personalized') }, 'unknown_purpose', '/subject/id'],
    [SEARCH_RESOURCE, { ...fields, resource: { type: 'file' } }, 'unknown_field', '/resource/type'],
    [
      SEARCH_RESOURCE,
      { ...fields, resource: { type: 'user', properties: { field: 'no.such' } } },
      'unknown_field',
      '/resource/properties/field',
    ],
    [SEARCH_ACTION, { ...actions, subject: purpose('ads.personalized') }, 'unknown_purpose', '/subject/id'],
    [SEARCH_ACTION, actions, undefined, undefined],
  ] as const)('at %s what the policy does not have is named: %j', async (path, question, reason, member) => {
    const { status, body } = await post(path, question);
    expect([status, valueAt(body, 'context', 'reason'), valueAt(body, 'context', 'member')]).toEqual([
      200,
      reason,
      member,
    ]);
    if (reason !== undefined) expect(listAt(body, 'results')).toEqual([]);
  });

  test('a type of resource that there is not is told as such, and not as a field', async () => {
    const { body } = await post(SEARCH_RESOURCE, { ...fields, resource: { type: 'file' } });
    expect(valueAt(body, 'context', 'message')).toBe('`resource.type` must be `field` or `user`');
  });

  test('4.5.4 members of a page that are not known are ignored', async () => {
    const page = { limit: 1_000, properties: { sort: 'id' }, total: true };
    const reply = await post(SEARCH_ACTION, { ...actions, page });
    expect(reply).toMatchObject({ status: 200, body: { results: [{ name: 'read' }] } });
  });

  test('4.5 a limit of none gives none, and no page after it', async () => {
    for (const [path, question] of [
      [SEARCH_SUBJECT, subjects],
      [SEARCH_RESOURCE, fields],
      [SEARCH_RESOURCE, users],
      [SEARCH_ACTION, actions],
    ] as const)
      expect(await post(path, { ...question, page: { limit: 0 } })).toMatchObject({
        status: 200,
        body: { results: [], page: { count: 0, next_token: '' } },
      });
  });

  test.each([-1, 1.5, '1', null, [], true])(
    '4.5 a limit that is no whole number is a 400: %j',
    async (limit) => {
      const reply = await post(SEARCH_SUBJECT, { ...subjects, page: { limit } });
      expectProblem(reply, 400);
      expect(reply.body).toMatchObject({ member: '/page/limit' });
    },
  );

  test.each([1, 2, 3, 4, 5, 6, 7])('4.5 pages of %i give the whole result once, in order', async (limit) => {
    expect(await walk(SEARCH_SUBJECT, subjects, limit)).toEqual(
      await permitted(PURPOSES, (id) => decide(id, ALICE)),
    );
    expect(await walk(SEARCH_RESOURCE, fields, limit)).toEqual(
      await permitted(FIELDS, (field) => decide('service', ALICE, field)),
    );
    const reading = await walkActions(limit);
    expect(reading).toEqual(['read']);
  });

  test('4.5 hundreds of users come in pages, each once', async () => {
    const everyone = await permitted([ALICE, BOB, CARLA, DANA, ...CROWD], (user) => decide('research', user));
    expect(everyone.length).toBeGreaterThan(180);
    const whole = await post(SEARCH_RESOURCE, { ...users, page: { limit: 1_000 } });
    expect(idsOf(whole.body).toSorted()).toEqual(everyone.toSorted());
    for (const limit of [1, 2, 3, 4, 5, 6, 7, 100])
      expect(await walk(SEARCH_RESOURCE, users, limit)).toEqual(idsOf(whole.body));
  });

  test('4.5 hundreds of users come in pages when no limit is given', async () => {
    const whole = await post(SEARCH_RESOURCE, { ...users, page: { limit: 1_000 } });
    const first = await post(SEARCH_RESOURCE, users);
    expect(textAt(first.body, 'page', 'next_token')).not.toBe('');
    const page = { token: textAt(first.body, 'page', 'next_token') };
    const second = await post(SEARCH_RESOURCE, { ...users, page });
    expect([...idsOf(first.body), ...idsOf(second.body)]).toEqual(idsOf(whole.body));
    expect(textAt(second.body, 'page', 'next_token')).toBe('');
  });

  test('4.5 who opts out between two pages is not on the second', async () => {
    const whole = idsOf((await post(SEARCH_RESOURCE, { ...users, page: { limit: 1_000 } })).body);
    const first = await post(SEARCH_RESOURCE, { ...users, page: { limit: 10 } });
    const leaving = whole.slice(15, 16);
    for (const user of leaving) await people.choose(user, 'research', 'denied');
    const page = { limit: 10, token: textAt(first.body, 'page', 'next_token') };
    const second = await post(SEARCH_RESOURCE, { ...users, page });
    expect(leaving).toHaveLength(1);
    expect(idsOf(second.body)).toEqual(whole.slice(10, 21).filter((user) => !leaving.includes(user)));
  });

  test.each([
    { changed: 'the subject', change: { subject: purpose('improve') } },
    {
      changed: 'properties of the subject',
      change: { subject: { ...fields.subject, properties: { a: 1 } } },
    },
    { changed: 'the action', change: { action: { name: 'write' } } },
    { changed: 'properties of the action', change: { action: { ...READ, properties: { soft: true } } } },
    { changed: 'the resource', change: { resource: { type: 'field', properties: { user: BOB } } } },
    {
      changed: 'properties of the resource that mean nothing here',
      change: { resource: { type: 'field', properties: { user: ALICE, status: 'active' } } },
    },
    { changed: 'the context', change: { context: { actor: 'automated' } } },
    { changed: 'a context that means nothing here', change: { context: { time: 'now' } } },
    { changed: 'the limit', change: {}, page: { limit: 3 } },
    { changed: 'the limit, to none,', change: {}, page: { limit: 0 } },
    { changed: 'properties of the page', change: {}, page: { properties: { sort: 'name' } } },
  ])('4.5.2 a token with $changed changed is a 400', async ({ change, page = {} }) => {
    const given = { limit: 2, properties: { sort: 'id' } };
    const first = await post(SEARCH_RESOURCE, { ...fields, page: given });
    const token = textAt(first.body, 'page', 'next_token');
    const reply = await post(SEARCH_RESOURCE, { ...fields, ...change, page: { ...given, ...page, token } });
    expectProblem(reply, 400);
    expect(reply.body).toMatchObject({
      member: '/page/token',
      detail: expect.stringContaining(
        'belongs to another search: repeat the search it was given for, unchanged',
      ),
    });
  });

  test('4.5.2 a token is good for the same request, whatever the order of its members', async () => {
    const context = { time: 'now', place: { a: [1, { b: 2, c: 3 }], d: null } };
    const first = await post(SEARCH_RESOURCE, { ...fields, context, page: { limit: 2 } });
    const token = textAt(first.body, 'page', 'next_token');
    const reply = await post(SEARCH_RESOURCE, {
      page: { token, limit: 2 },
      context: { place: { d: null, a: [1, { c: 3, b: 2 }] }, time: 'now' },
      resource: { properties: { user: ALICE }, type: 'field' },
      action: READ,
      subject: { id: 'service', type: 'purpose' },
    });
    expect(reply.status).toBe(200);
    expect(idsOf(reply.body)).toEqual(idsOf((await post(SEARCH_RESOURCE, fields)).body).slice(2, 4));
  });

  test('a search that is as deep as it is long is answered', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const body = JSON.stringify({ ...fields, context: { deep: 0 } }).replace('"deep":0', `"deep":${deep}`);
    expect((await post(SEARCH_RESOURCE, body)).status).toBe(200);
  });

  test('4.5.2 a token of another search, or of nobody, is a 400', async () => {
    const first = await post(SEARCH_RESOURCE, { ...fields, page: { limit: 2 } });
    const other = textAt(first.body, 'page', 'next_token');
    for (const given of [other, 'nonsense', 'MTAwLjEuYWJj', '../../etc/passwd', 'x'.repeat(5_000)]) {
      const reply = await post(SEARCH_SUBJECT, { ...subjects, page: { token: given } });
      expectProblem(reply, 400);
      expect(reply.body).toMatchObject({ member: '/page/token' });
    }
  });

  async function walkActions(limit: number): Promise<string[]> {
    const found: string[] = [];
    let next: string | undefined;
    do {
      const page = next === undefined ? { limit } : { limit, token: next };
      const reply = await post(SEARCH_ACTION, { ...actions, page });
      expect(reply.status).toBe(200);
      found.push(...listAt(reply.body, 'results').map((action) => textAt(action, 'name')));
      next = textAt(reply.body, 'page', 'next_token');
    } while (next !== '');
    return found;
  }
});

describe('discovery', () => {
  const WELL_KNOWN = '/.well-known/authzen-configuration';
  const METADATA = {
    policy_decision_point: PUBLIC_URL,
    access_evaluation_endpoint: `${PUBLIC_URL}${EVALUATION}`,
    access_evaluations_endpoint: `${PUBLIC_URL}${EVALUATIONS}`,
    search_subject_endpoint: `${PUBLIC_URL}${SEARCH_SUBJECT}`,
    search_resource_endpoint: `${PUBLIC_URL}${SEARCH_RESOURCE}`,
    search_action_endpoint: `${PUBLIC_URL}${SEARCH_ACTION}`,
  };

  test('6.1 to 6.5 the metadata names every endpoint, for anybody who asks', async () => {
    const reply = await service.request('GET', WELL_KNOWN);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/);
    expect(reply.body).toEqual(METADATA);
  });

  test('6.5 every URL is https, without query or fragment', async () => {
    const { body } = await service.request('GET', WELL_KNOWN);
    for (const [, value] of membersOf(body)) {
      const url = new URL(String(value));
      expect(url.protocol).toBe('https:');
      expect(url.search + url.hash).toBe('');
    }
  });

  test('6.5 the URLs are those of the configuration, whatever the request says of itself', async () => {
    const reply = await rawRequest(service.url, {
      method: 'GET',
      path: WELL_KNOWN,
      headers: {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'http',
        forwarded: 'host=evil.example',
      },
    });
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.body)).toEqual(METADATA);
  });

  test('6.1 a base with a path has its metadata where the path stands after the well-known part', async () => {
    const base = 'https://assent.example.org/eu/tenant1';
    const tenant = await startService({ PUBLIC_URL: `${base}/` });
    try {
      for (const path of [WELL_KNOWN, `${WELL_KNOWN}/eu/tenant1`]) {
        const reply = await tenant.request('GET', path);
        expect(reply.status).toBe(200);
        expect(reply.headers.get('content-type')).toMatch(/^application\/json/);
        expect(reply.headers.get('cache-control')).toMatch(/max-age=\d+/);
        expect(reply.body).toMatchObject({
          policy_decision_point: base,
          access_evaluation_endpoint: `${base}${EVALUATION}`,
        });
      }
      for (const path of ['/eu', '/eu/tenant2', '/eu/tenant1/more'])
        expect((await tenant.request('GET', `${WELL_KNOWN}${path}`)).status).toBe(401);
    } finally {
      await tenant.stop();
    }
  });

  test('the metadata may be kept, for a bounded time', async () => {
    const reply = await service.request('GET', WELL_KNOWN);
    expect(reply.headers.get('cache-control')).toMatch(/max-age=\d+/);
  });

  test('2.5.1 the request id comes back here too', async () => {
    const reply = await service.request('GET', WELL_KNOWN, { headers: { 'x-request-id': 'r-1' } });
    expect(reply.headers.get('x-request-id')).toBe('r-1');
  });

  test('every endpoint that the metadata names is there', async () => {
    const { body } = await service.request('GET', WELL_KNOWN);
    for (const [name, url] of membersOf(body)) {
      if (name === 'policy_decision_point') continue;
      const reply = await post(new URL(String(url)).pathname, mayRead('ads.personalised', ALICE));
      expect(reply.status, name).toBe(200);
    }
  });
});
