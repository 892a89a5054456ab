/** Data of several people, such as a thread, over HTTP: permitted only if it is for each of them. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type People, peopleOf } from './people.js';
import {
  EVALUATION,
  EVALUATIONS,
  READ,
  SEARCH_ACTION,
  SEARCH_RESOURCE,
  SEARCH_SUBJECT,
  purpose,
} from './questions.js';
import { textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';

let service: Service;
let people: People;
let feed: string;
let accounts: string;
let auditor: string;

const BOTH = ['s-ann', 's-ben'];

beforeAll(async () => {
  service = await startService();
  people = await peopleOf(service);
  feed = await service.token({ sub: 'feed', purposes: ['service', 'personalise'] });
  accounts = await service.token({ sub: 'accounts', purposes: [], scope: 'choices:write' });
  auditor = await service.token({ sub: 'auditor', roles: ['auditor'] });
  for (const user of [...BOTH, 's-cleo', 's-dan']) await people.register(user, 'US-NY');
});
afterAll(async () => {
  await service.stop();
  await rm(service.dataDir, { recursive: true, force: true });
});

function asked(properties: object, field = 'member.skills', purposeId = 'personalise', context: object = {}) {
  return {
    subject: purpose(purposeId),
    action: READ,
    resource: { type: 'field', id: field, properties },
    context,
  };
}

const ask = (body: object, path = EVALUATION) => service.request('POST', path, { token: feed, body });

test('the second person’s no closes it for all from its confirmation, and says at which place they are', async () => {
  const users = ['s-cleo', 's-dan'];
  expect(await ask(asked({ users }))).toMatchObject({
    status: 200,
    body: { decision: true, context: { reason: 'permitted' } },
  });
  const consistency_token = await people.choose('s-dan', 'personalise', 'denied');
  const closed = { status: 200, body: { decision: false, context: { reason: 'opted_out', closed_by: 1 } } };
  expect(await ask(asked({ users }))).toMatchObject(closed);
  expect(await ask(asked({ users }, undefined, undefined, { consistency_token }))).toMatchObject(closed);
  expect(await ask(asked({ users: users.toReversed() }))).toMatchObject({
    body: { context: { reason: 'opted_out', closed_by: 0 } },
  });
  // who is asked about alone, or with others, is as before
  for (const properties of [{ user: 's-cleo' }, { users: ['s-cleo', 's-ann'] }])
    expect(await ask(asked(properties))).toMatchObject({ body: { decision: true } });
  await people.choose('s-dan', 'personalise', 'granted');
  expect(await ask(asked({ users }))).toMatchObject({ body: { decision: true } });
});

test('whoever is not known closes it, and so does a state that was not reached, which is nobody’s', async () => {
  expect(await ask(asked({ users: [...BOTH, 's-nobody'] }))).toMatchObject({
    body: { decision: false, context: { reason: 'unknown_user', closed_by: 2 } },
  });
  const of = async (properties: object, field?: string, purposeId?: string) => {
    const { body } = await ask(asked(properties, field, purposeId));
    return valueAt(body, 'context');
  };
  for (const [field, reason] of [
    ['nobody.knows', 'unknown_field'],
    ['message.body', 'floor'],
  ] as const) {
    const context = await of({ users: BOTH }, field);
    expect(context).toMatchObject({ reason });
    expect(context).not.toHaveProperty('closed_by');
  }
});

test('each member’s own level counts, and that of the item for all', async () => {
  await service.request('PUT', '/v1/users/s-ben/visibility/posts', {
    token: accounts,
    body: { level: 'only_me' },
  });
  expect(await ask(asked({ users: BOTH }, 'post.text'))).toMatchObject({
    body: { context: { reason: 'floor', closed_by: 1 } },
  });
  const { body } = await ask(asked({ users: BOTH, visibility: 'only_me' }, 'post.text'));
  expect(body).toMatchObject({ context: { reason: 'floor' } });
  expect(valueAt(body, 'context')).not.toHaveProperty('closed_by');
  expect(await ask(asked({ users: ['s-ann', 's-cleo'] }, 'post.text'))).toMatchObject({
    body: { decision: true },
  });
});

test('nobody exercises the rights of another person', async () => {
  const field = 'member.skills';
  const own = { on_behalf_of: 's-ann' };
  const token = await service.token({ sub: 'rights-desk', purposes: ['rights'] });
  const answerTo = (properties: object) =>
    service.request('POST', EVALUATION, { token, body: asked(properties, field, 'rights', own) });
  expect(await answerTo({ user: 's-ann' })).toMatchObject({ body: { decision: true } });
  expect(await answerTo({ users: BOTH })).toMatchObject({
    body: { decision: false, context: { reason: 'not_own_data', closed_by: 1 } },
  });
});

describe('a question is a 400 that names the member', () => {
  const many = (count: number) => Array.from({ length: count }, (_, place) => `m-${place}`);
  const AT = '/resource/properties/users';
  test.each([
    ['with the same user twice', { users: ['s-ann', 's-ben', 's-ann'] }, `${AT}/2`],
    ['with one user', { users: ['s-ann'] }, AT],
    ['with none', { users: [] }, AT],
    ['with 1,001', { users: many(1_001) }, AT],
    ['with an id that is misspelt', { users: ['s-ann', 's-ben '] }, `${AT}/1`],
    ['with an id that is no text', { users: ['s-ann', 7] }, `${AT}/1`],
    ['with an id that is too long', { users: ['s-ann', 'x'.repeat(257)] }, `${AT}/1`],
    ['with no list', { users: 's-ann' }, AT],
    ['with null', { users: null }, AT],
    ['with a user as well', { user: 's-ann', users: BOTH }, AT],
    [
      'with users by a name that is nearly theirs',
      { user: 's-ann', usrs: BOTH },
      '/resource/properties/usrs',
    ],
  ])('%s', async (_what, properties, member) => {
    const reply = await ask(asked(properties));
    expect(reply).toMatchObject({
      status: 400,
      body: { type: 'urn:assent:problem:invalid_request', member },
    });
    const item = await ask({ evaluations: [asked(properties), asked({ users: BOTH })] }, EVALUATIONS);
    expect(item).toMatchObject({
      status: 200,
      body: {
        evaluations: [
          { decision: false, context: { error: { status: 400, member: `/evaluations/0${member}` } } },
          { decision: true },
        ],
      },
    });
    expect(textAt(reply.body, 'detail')).not.toContain('s-ann');
  });

  test.each([
    ['beside the properties', { resource: { ...asked({ user: 's-ann' }).resource, users: BOTH } }],
    ['in the context', { context: { users: BOTH } }],
    ['beside the resource', { users: BOTH }],
    [
      'of a user',
      { resource: { type: 'user', id: 's-ann', properties: { field: 'member.skills', users: BOTH } } },
    ],
  ])('where users stand %s', async (_where, members) => {
    const reply = await ask({ ...asked({ user: 's-ann' }), ...members });
    expect(reply).toMatchObject({ status: 400, body: { member: expect.stringMatching(/\/users$/) } });
  });

  test('takes 2 and 1,000 users', async () => {
    for (const users of [BOTH, many(1_000)])
      expect(await ask(asked({ users }))).toMatchObject({ status: 200 });
  });
});

test('a batch is about at most 10,000 people, however few its items', async () => {
  const users = Array.from({ length: 1_000 }, (_, place) => `m-${place}`);
  const batch = (count: number) =>
    ask({ ...asked({ users }), evaluations: Array.from({ length: count }, () => ({})) }, EVALUATIONS);
  expect(await batch(10)).toMatchObject({ status: 200 });
  expect(await batch(11)).toMatchObject({
    status: 400,
    body: { member: '/evaluations', detail: expect.stringContaining('11,000 people') },
  });
});

describe('a search', () => {
  const { action, resource } = asked({ users: ['s-ann', 's-cleo'] });

  test('for purposes or actions finds what may be read of all of them', async () => {
    const purposes = await ask({ subject: { type: 'purpose' }, action, resource }, SEARCH_SUBJECT);
    expect(JSON.stringify(purposes.body)).toContain('"id":"personalise"');
    const actions = await ask({ subject: purpose('personalise'), resource }, SEARCH_ACTION);
    expect(actions).toMatchObject({ status: 200, body: { results: [{ name: 'read' }] } });
    const others = { ...resource, properties: { users: ['s-ann', 's-nobody'] } };
    expect(await ask({ subject: purpose('personalise'), resource: others }, SEARCH_ACTION)).toMatchObject({
      body: { results: [] },
    });
  });

  test('for fields or users is refused in words, and so is one about very many', async () => {
    const { properties } = resource;
    for (const type of ['field', 'user'])
      expect(
        await ask(
          { subject: purpose('personalise'), action, resource: { type, properties } },
          SEARCH_RESOURCE,
        ),
      ).toMatchObject({ status: 400, body: { member: '/resource/properties/users' } });
    const users = Array.from({ length: 1_000 }, (_, place) => `m-${place}`);
    const many = { ...resource, properties: { users } };
    expect(await ask({ subject: { type: 'purpose' }, action, resource: many }, SEARCH_SUBJECT)).toMatchObject(
      {
        status: 400,
        body: { member: '/resource/properties/users' },
      },
    );
  });
});

test('an audience of pairs, and a replay, are refused in words', async () => {
  const audience = { purpose: 'personalise', fields: ['member.skills'], users: [BOTH] };
  expect(await ask(audience, '/v1/audiences')).toMatchObject({ status: 400, body: { member: '/users/0' } });
  const body = { evaluation: asked({ users: BOTH }), at: new Date().toISOString() };
  expect(await service.request('POST', '/v1/decisions/replay', { token: auditor, body })).toMatchObject({
    status: 400,
    body: { member: '/evaluation/resource/properties/users' },
  });
});

test('no line of the log names anybody', () => {
  expect(service.output()).not.toMatch(/s-(ann|ben|cleo|dan)/);
});
