/** Who may see what: the level that a member sets, and that of an item, over HTTP. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type People, peopleOf } from './people.js';
import { EVALUATION, EVALUATIONS, READ, SEARCH_RESOURCE, SEARCH_SUBJECT, purpose } from './questions.js';
import { listAt, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';

let service: Service;
let people: People;
let feed: string;
let accounts: string;

beforeAll(async () => {
  service = await startService();
  people = await peopleOf(service);
  feed = await service.token({
    sub: 'feed',
    purposes: ['service', 'personalise'],
    scope: 'settings:read',
  });
  accounts = await service.token({
    sub: 'accounts',
    purposes: [],
    scope: 'users:write settings:read choices:write users:export',
  });
});
afterAll(async () => {
  await service.stop();
  await rm(service.dataDir, { recursive: true, force: true });
});

const setLevel = (user: string, group: string, body: unknown, token = accounts) =>
  service.request('PUT', `/v1/users/${user}/visibility/${group}`, { token, body });

function asked(user: string, properties: object = {}, field = 'post.text', context: object = {}) {
  return {
    subject: purpose('personalise'),
    action: READ,
    resource: { type: 'field', id: field, properties: { user, ...properties } },
    context,
  };
}

async function reasonFor(...question: Parameters<typeof asked>): Promise<string> {
  const reply = await service.request('POST', EVALUATION, { token: feed, body: asked(...question) });
  expect(reply).toMatchObject({ status: 200 });
  return textAt(valueAt(reply.body, 'context'), 'reason');
}

describe('the level of an item', () => {
  test('decides what it may be used for', async () => {
    await people.register('v-1', 'US-NY');
    expect(await reasonFor('v-1')).toBe('permitted');
    expect(await reasonFor('v-1', { visibility: 'everyone' })).toBe('permitted');
    expect(await reasonFor('v-1', { visibility: 'only_me' })).toBe('floor');
  });

  test.each([
    ['a number', { visibility: 1 }, '/resource/properties/visibility'],
    ['null', { visibility: null }, '/resource/properties/visibility'],
    ['empty', { visibility: '' }, '/resource/properties/visibility'],
    ['a list', { visibility: ['everyone'] }, '/resource/properties/visibility'],
    ['one that the group does not have', { visibility: 'nobody_knows' }, '/resource/properties/visibility'],
    ['misspelt', { visibilty: 'only_me' }, '/resource/properties/visibilty'],
  ])('is a 400 where it is %s', async (_what, properties, member) => {
    const body = asked('v-1', properties);
    expect(await service.request('POST', EVALUATION, { token: feed, body })).toMatchObject({
      status: 400,
      body: { type: 'urn:assent:problem:invalid_request', member },
    });
  });

  test.each([
    ['beside the properties', { resource: { ...asked('v-1').resource, visibility: 'only_me' } }],
    ['in the context', { context: { visibility: 'only_me' } }],
    ['beside the resource', { visibility: 'only_me' }],
  ])('is a 400 in words where it stands %s', async (_where, members) => {
    const body = { ...asked('v-1'), ...members };
    const reply = await service.request('POST', EVALUATION, { token: feed, body });
    expect(reply).toMatchObject({ status: 400 });
    expect(textAt(reply.body, 'detail')).toContain('`properties` of `resource`');
  });

  test('is a 400 in words by the name that settings have for it', async () => {
    const body = asked('v-1', { level: 'only_me' });
    expect(await service.request('POST', EVALUATION, { token: feed, body })).toMatchObject({
      status: 400,
      body: {
        detail: '`resource.properties.level` is not read here: send it as `visibility`',
        member: '/resource/properties/level',
      },
    });
  });

  test('beside the resource of an item of a batch is refused in its place', async () => {
    const body = { ...asked('v-1'), evaluations: [{ visibility: 'only_me' }, {}] };
    expect(await service.request('POST', EVALUATIONS, { token: feed, body })).toMatchObject({
      status: 200,
      body: {
        evaluations: [
          { decision: false, context: { error: { status: 400, member: '/evaluations/0/visibility' } } },
          { decision: true },
        ],
      },
    });
  });

  test('is a 400 for a field that is in no group, in a batch in its place', async () => {
    const evaluations = [
      asked('v-1', { visibility: 'everyone' }, 'member.skills'),
      asked('v-1', { visibility: 'everyone' }),
    ];
    const reply = await service.request('POST', EVALUATIONS, { token: feed, body: { evaluations } });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        evaluations: [
          {
            decision: false,
            context: { error: { status: 400, member: '/evaluations/0/resource/properties/visibility' } },
          },
          { decision: true },
        ],
      },
    });
  });

  test('counts in a search for fields for those that have a group, and each result can be asked', async () => {
    const resource = { type: 'field', properties: { user: 'v-1', visibility: 'only_me' } };
    const body = { ...asked('v-1'), resource, page: { limit: 100 } };
    const reply = await service.request('POST', SEARCH_RESOURCE, { token: feed, body });
    const results = valueAt(reply.body, 'results');
    if (!Array.isArray(results)) return expect.unreachable();
    const ids = results.map((one: unknown) => textAt(one, 'id'));
    expect(ids).toContain('member.skills');
    expect(ids).not.toContain('post.text');
    expect(ids).not.toContain('activity.reaction');
    for (const found of results)
      expect(
        await service.request('POST', EVALUATION, {
          token: feed,
          body: { ...asked('v-1'), resource: found },
        }),
      ).toMatchObject({ status: 200, body: { decision: true } });
  });

  test('finds no field that does not have it', async () => {
    const { subject, action } = asked('v-1');
    const resource = { type: 'field', properties: { user: 'v-1', visibility: 'nobody_knows' } };
    const body = { subject, action, resource };
    const reply = await service.request('POST', SEARCH_RESOURCE, { token: feed, body });
    const found = listAt(reply.body, 'results').map((one) => textAt(one, 'id'));
    expect(found).toContain('member.skills');
    expect(found).not.toContain('post.text');
  });

  test('counts in a search for purposes', async () => {
    const of = async (visibility: string) => {
      const { resource, action } = asked('v-1', { visibility });
      const body = { subject: { type: 'purpose' }, action, resource };
      const reply = await service.request('POST', SEARCH_SUBJECT, { token: feed, body });
      const results = valueAt(reply.body, 'results');
      return Array.isArray(results) ? results.length : -1;
    };
    expect([await of('connections'), await of('only_me')]).toEqual([2, 0]);
  });
});

describe('the level that a member sets', () => {
  test('holds from the answer on, is in the settings and the history, and opens again', async () => {
    await people.register('v-2', 'US-NY');
    const closed = await setLevel('v-2', 'posts', { level: 'only_me' });
    expect(closed).toMatchObject({ status: 200, body: { changed: true } });
    expect(await reasonFor('v-2')).toBe('floor');
    expect(await reasonFor('v-2', { visibility: 'everyone' })).toBe('floor');
    expect(await reasonFor('v-2', {}, 'public.photo')).toBe('permitted');
    expect(await setLevel('v-2', 'posts', { level: 'only_me' })).toMatchObject({ body: { changed: false } });
    expect(valueAt(await people.settings('v-2'), 'visibility')).toMatchObject([
      {
        id: 'posts',
        title: 'Your posts',
        level: 'only_me',
        choice: 'only_me',
        levels: [{ id: 'everyone' }, { id: 'connections' }, { id: 'only_me', title: 'Only you' }],
        fields: [{ id: 'post.text', title: 'Posts' }, { id: 'post.media' }],
        set_by: { kind: 'service', service: 'accounts', via: 'settings' },
        set_at: expect.any(String),
      },
      { id: 'profile_photo', level: 'everyone', choice: null, set_by: null, set_at: null },
      { id: 'connections', level: 'connections' },
      { id: 'activity', level: 'connections' },
    ]);
    const history = await service.request('GET', '/v1/users/v-2/history', { token: accounts });
    expect(history).toMatchObject({ status: 200 });
    expect(JSON.stringify(history.body)).toContain('"kind":"visibility","group":"posts","level":"only_me"');
    const page = await service.request('GET', '/v1/users/v-2/export', {
      token: accounts,
      headers: { accept: 'text/html' },
    });
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining('posts: only_me') });
    const opened = await setLevel('v-2', 'posts', { level: 'everyone' });
    const token = textAt(opened.body, 'consistency_token');
    expect(await reasonFor('v-2', {}, 'post.text', { consistency_token: token })).toBe('permitted');
  });

  test('opens nothing that their choices close', async () => {
    await people.register('v-3', 'US-NY');
    await people.choose('v-3', 'personalise', 'denied');
    await setLevel('v-3', 'posts', { level: 'everyone' });
    expect(await reasonFor('v-3', { visibility: 'everyone' })).toBe('opted_out');
  });

  test('is their own affair', async () => {
    await people.register('v-4', 'DE');
    const member = await service.token({ sub: 'v-4' });
    expect(await setLevel('me', 'profile_photo', { level: 'only_me' }, member)).toMatchObject({
      status: 200,
    });
    expect(await reasonFor('v-4', {}, 'public.photo')).toBe('floor');
    expect(await setLevel('v-4', 'profile_photo', { level: 'everyone' }, feed)).toMatchObject({
      status: 403,
    });
    const other = await service.token({ sub: 'v-5' });
    expect(await setLevel('v-4', 'profile_photo', { level: 'everyone' }, other)).toMatchObject({
      status: 403,
    });
    const page = await service.request('GET', '/v1/users/me/settings', {
      token: member,
      headers: { 'accept-language': 'de' },
    });
    expect(valueAt(page.body, 'visibility')).toMatchObject([
      { id: 'posts', title: 'Ihre Beiträge', level: 'everyone', choice: null },
      { id: 'profile_photo', level: 'only_me', levels: [{ title: 'Alle' }, {}, { title: 'Nur Sie' }] },
      {},
      {},
    ]);
  });

  test('is told with a decision that is replayed', async () => {
    await people.register('v-9', 'US-NY');
    await setLevel('v-9', 'posts', { level: 'only_me' });
    const token = await service.token({ sub: 'auditor', roles: ['auditor'] });
    const body = { evaluation: asked('v-9'), at: new Date().toISOString() };
    expect(await service.request('POST', '/v1/decisions/replay', { token, body })).toMatchObject({
      status: 200,
      body: {
        context: { reason: 'floor' },
        because: {
          user: { visibility: { posts: 'only_me' } },
          events: [{}, { change: { level: 'only_me' } }],
        },
      },
    });
  });

  test('waits for the profile', async () => {
    expect(await setLevel('v-6', 'posts', { level: 'only_me' })).toMatchObject({ status: 200 });
    await people.register('v-6', 'US-NY');
    expect(await reasonFor('v-6')).toBe('floor');
  });

  test.each([
    ['a group that there is not', 'post', { level: 'only_me' }, 404, 'visibility_not_found'],
    ['a level that the group does not have', 'posts', { level: 'friends' }, 400, 'invalid_request'],
    ['a level of another group', 'connections', { level: 'everyone' }, 400, 'invalid_request'],
    ['no level', 'posts', {}, 400, 'invalid_request'],
    ['a level that is no text', 'posts', { level: 3 }, 400, 'invalid_request'],
    ['a member that is not known', 'posts', { level: 'only_me', until: 'later' }, 400, 'invalid_request'],
  ])('is refused in words for %s', async (_what, group, body, status, code) => {
    const reply = await setLevel('v-2', group, body);
    expect(reply).toMatchObject({ status, body: { type: `urn:assent:problem:${code}` } });
    expect(textAt(reply.body, 'detail')).not.toBe('');
  });

  test('is told what was probably meant', async () => {
    const reply = await setLevel('v-2', 'posts', { level: 'connection' });
    expect(reply).toMatchObject({
      status: 400,
      body: {
        detail: 'the group `posts` has no level `connection`: did you mean `connections`?',
        member: '/level',
      },
    });
  });

  test('is told to those who follow the changes, for purposes that read a field of the group', async () => {
    await people.register('v-7', 'US-NY');
    const index = await service.token({
      sub: 'index',
      purposes: ['personalise', 'recruiting', 'service.messaging'],
      scope: 'changes:read',
    });
    const changes = async (query: string) => {
      const reply = await service.request('GET', `/v1/changes?follow=false${query}`, { token: index });
      const { body } = reply;
      return typeof body === 'string'
        ? body
            .trim()
            .split('\n')
            .map((line): unknown => JSON.parse(line))
        : [body];
    };
    const before = textAt((await changes('')).at(-1), 'consistency_token');
    await setLevel('v-7', 'activity', { level: 'only_me' });
    const told = await changes(`&after=${before}`);
    expect(told.slice(0, -1)).toMatchObject([{ user: 'v-7', purpose: 'personalise', on: true }]);
  });

  test('survives a crash', async () => {
    await people.register('v-8', 'US-NY');
    await setLevel('v-8', 'posts', { level: 'only_me' });
    await service.kill('SIGKILL');
    service = await startService({ DATA_DIR: service.dataDir });
    expect(await reasonFor('v-8')).toBe('floor');
  });
});
