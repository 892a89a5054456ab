/** Fields that are made of others, over HTTP. */
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type People, peopleOf } from './people.js';
import { EVALUATION, EVALUATIONS, READ, SEARCH_RESOURCE, purpose } from './questions.js';
import { textAt, valueAt } from './replies.js';
import { type Service, startService, temporaryFolder } from './service.js';

const POLICY = new URL('../../policies', import.meta.url).pathname;
/** Beside the reference policy. */
const DERIVED = `
transforms:
  - id: test_embedding
    title: A summary
    description: A summary in numbers.
    translations: { de: { title: Zahlen, description: In Zahlen. } }
  - id: test_count
    title: A count
    description: A figure over many.
    translations: { de: { title: Zahl, description: Eine Zahl. } }
    release: { method: aggregate, at_least: 1000 }
fields:
  - id: test.interests
    title: Interests
    translations: { de: { title: Interessen } }
    derived_from: [member.skills, post.text]
    transform: test_embedding
    identifiability: quasi
  - id: test.hint
    title: A hint
    translations: { de: { title: Hinweis } }
    derived_from: [test.interests, message.body]
    transform: test_embedding
    identifiability: quasi
  - id: test.figure
    title: A figure
    translations: { de: { title: Zahl } }
    derived_from: [test.interests]
    transform: test_count
    release:
      category: public
      obligations: [aggregate_only]
      reason: It is a figure over at least a thousand members.
      review: 2099-06-30
    identifiability: none
`;

let folder: string;
let service: Service;
let people: People;
let feed: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  await cp(POLICY, folder, { recursive: true });
  await writeFile(join(folder, 'test-derived.yaml'), DERIVED);
  service = await startService({ POLICY_DIR: folder });
  people = await peopleOf(service);
  feed = await service.token({ sub: 'feed', purposes: ['service', 'personalise'] });
  await people.register('d-1', 'US-NY');
});
afterAll(async () => {
  await service.stop();
  await rm(service.dataDir, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

const asked = (field: string, properties: object = {}) => ({
  subject: purpose('personalise'),
  action: READ,
  resource: { type: 'field', id: field, properties: { user: 'd-1', ...properties } },
});
const ask = async (...question: Parameters<typeof asked>) => {
  const reply = await service.request('POST', EVALUATION, { token: feed, body: asked(...question) });
  expect(reply).toMatchObject({ status: 200 });
  return valueAt(reply.body, 'context');
};

describe('a derived field', () => {
  test('is permitted where everything is that it is made of, and names what closes it', async () => {
    expect(await ask('test.interests')).toMatchObject({ reason: 'permitted' });
    expect(await ask('test.interests')).not.toHaveProperty('derived_source');
    expect(await ask('test.hint')).toMatchObject({ reason: 'floor', derived_source: 'message.body' });
    expect(await ask('message.body')).not.toHaveProperty('derived_source');
  });

  test('is at the level of its items, and each answer of a batch names its own source', async () => {
    const evaluations = [
      asked('test.interests', { visibility: 'only_me' }),
      asked('test.hint'),
      asked('test.figure', { visibility: 'only_me' }),
    ];
    const reply = await service.request('POST', EVALUATIONS, { token: feed, body: { evaluations } });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        evaluations: [
          { decision: false, context: { reason: 'floor', derived_source: 'post.text' } },
          { decision: false, context: { reason: 'floor', derived_source: 'message.body' } },
          { decision: false, context: { reason: 'floor', derived_source: 'post.text' } },
        ],
      },
    });
  });

  test('carries the obligations of its release, alone and in an audience', async () => {
    const { length } = [valueAt(await ask('test.interests'), 'obligations')].flat();
    const obligations = [valueAt(await ask('test.figure'), 'obligations')].flat();
    expect(obligations).toHaveLength(length + 1);
    expect(obligations).toContain('aggregate_only');
    const body = { purpose: 'personalise', fields: ['test.interests', 'test.figure'], users: ['d-1'] };
    const reply = await service.request('POST', '/v1/audiences', { token: feed, body });
    expect(reply).toMatchObject({ status: 200 });
    expect(valueAt(reply.body, 'obligations')).toEqual(obligations);
  });

  test('is found by a search where it is open', async () => {
    const resource = { type: 'field', properties: { user: 'd-1' } };
    const body = { ...asked('-'), resource, page: { limit: 1_000 } };
    const reply = await service.request('POST', SEARCH_RESOURCE, { token: feed, body });
    const found = [valueAt(reply.body, 'results')].flat().map((one) => textAt(one, 'id'));
    expect(found.filter((id) => id.startsWith('test.'))).toEqual(['test.interests', 'test.figure']);
  });
});
