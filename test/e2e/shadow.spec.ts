/** A draft decides beside the version in force, and nobody who asks notices. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peopleOf } from './people.js';
import { type Admins, type SeenDraft, adminsOf, documentInForce, draftOf } from './admins.js';
import { EVALUATION, EVALUATIONS, PURPOSES, SEARCH_SUBJECT, READ, fieldOf, mayRead } from './questions.js';
import { listAt, numberAt, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';

let service: Service;
let admins: Admins;
let client: string;
/** A draft in which Texans must opt in to personalised ads. */
let draft: SeenDraft;

beforeAll(async () => {
  service = await startService();
  admins = await adminsOf(service);
  client = await service.token({ sub: 'a-service', purposes: [...PURPOSES] });
  const people = await peopleOf(service);
  await people.register('texan', 'US-TX');
  await people.register('granted', 'US-TX');
  await people.choose('granted', 'ads.personalised', 'granted');
  const document = await documentInForce(admins);
  draft = await draftOf(admins, {
    ...document,
    purposes: document.purposes.map((purpose) =>
      purpose.id === 'ads.personalised'
        ? { ...purpose, settings: { ...purpose.settings, US: 'opt_in', EU_EEA_CH: 'opt_in' } }
        : purpose,
    ),
  });
});

afterAll(() => service.stop());

const ask = (body: unknown, path = EVALUATION) => service.request('POST', path, { token: client, body });
const shadow = (method: string, body?: unknown) =>
  admins.send('ann', method, `/drafts/${draft.id}/shadow`, body === undefined ? {} : { body });

describe('a draft in the shadow', () => {
  test('is reported by purpose, client and reason, while every answer stays that of the version in force', async () => {
    const questions = ['texan', 'granted', 'nobody'].flatMap((user) => [
      mayRead('ads.personalised', user, 'member.skills'),
      mayRead('analytics.product', user, 'activity.view'),
    ]);
    const alone = await Promise.all(questions.map(async (question) => (await ask(question)).body));
    expect(await shadow('PUT', { share: 1 })).toMatchObject({ status: 200, body: { compared: 0 } });
    const beside = await Promise.all(questions.map(async (question) => (await ask(question)).body));
    const batch = await ask({ evaluations: questions }, EVALUATIONS);
    expect(beside).toEqual(alone);
    expect(listAt(batch.body, 'evaluations')).toEqual(alone);
    const { body } = await shadow('GET');
    expect(body).toMatchObject({
      draft: draft.id,
      compared: 2 * questions.length,
      skipped: 0,
      trouble: null,
    });
    expect(valueAt(body, 'differences')).toEqual([
      {
        purpose: 'ads.personalised',
        client: 'a-service',
        live: 'permitted',
        draft: 'needs_opt_in',
        count: 2,
        turns: 'to_deny',
      },
      {
        purpose: 'ads.personalised',
        client: 'a-service',
        live: 'permitted',
        draft: 'notice_outdated',
        count: 2,
        turns: 'to_deny',
      },
    ]);
  });

  test('decides about all users of a question, which counts as one decision', async () => {
    await shadow('PUT', { share: 1 });
    const resource = { ...fieldOf('texan'), properties: { users: ['texan', 'granted'] } };
    expect(await ask({ ...mayRead('ads.personalised', 'texan'), resource })).toMatchObject({
      body: { decision: true },
    });
    const { body } = await shadow('GET');
    expect(body).toMatchObject({
      compared: 1,
      differences: [{ live: 'permitted', draft: 'needs_opt_in', count: 1 }],
    });
  });

  test('follows the changes that users make while it decides', async () => {
    await shadow('PUT', { share: 1 });
    const people = await peopleOf(service);
    await people.choose('texan', 'ads.personalised', 'denied');
    await ask(mayRead('ads.personalised', 'texan', 'member.skills'));
    const { body } = await shadow('GET');
    // denied by both, for the same reason
    expect(body).toMatchObject({ compared: 1, differences: [] });
  });

  test('decides the share of the decisions that it is given, and no search', async () => {
    await shadow('PUT', { share: 0.25 });
    for (let asked = 0; asked < 40; asked++)
      await ask(mayRead('ads.personalised', 'granted', 'member.skills'));
    await ask({ subject: { type: 'purpose' }, action: READ, resource: fieldOf('granted') }, SEARCH_SUBJECT);
    const { body } = await shadow('GET');
    expect(body).toMatchObject({ decisions: 40, compared: 10 });
  });

  test('says what it cost', async () => {
    await shadow('PUT', {});
    for (let asked = 0; asked < 20; asked++)
      await ask(mayRead('ads.personalised', 'granted', 'member.skills'));
    const { body } = await shadow('GET');
    expect(numberAt(body, 'cost_ms')).toBeGreaterThan(0);
    expect(numberAt(body, 'cost_share')).toBeGreaterThan(0);
  });

  test('ends when it is told to, with a last report', async () => {
    await shadow('PUT', {});
    expect(await shadow('DELETE')).toMatchObject({ status: 200, body: { draft: draft.id } });
    expect(await shadow('GET')).toMatchObject({
      status: 404,
      body: { type: 'urn:assent:problem:shadow_not_found' },
    });
  });

  test('must be sound', async () => {
    const broken = await draftOf(admins, { schema: 1 });
    const reply = await admins.send('ann', 'PUT', `/drafts/${broken.id}/shadow`, { body: {} });
    expect(reply).toMatchObject({ status: 409, body: { type: 'urn:assent:problem:draft_not_sound' } });
    expect(textAt(reply.body, 'detail')).toContain('is missing');
  });

  test.each([0, -1, 1.5, '1'])('takes no share of %j', async (share) => {
    expect(await shadow('PUT', { share })).toMatchObject({ status: 400 });
  });
});
