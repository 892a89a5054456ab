/** Whom a grant is given, for what, and what is on record of it. */
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OwnKey } from '../../client/src/grants/own-key.js';
import { recordCommand } from './on-record.js';
import { type People, peopleOf } from './people.js';
import { textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';

const PATH = '/v1/grants';
const PUBLIC = 'https://assent.example.org/consent';
const ADS = 'ads.personalised';

let service: Service;
let people: People;
let key: OwnKey;
let token = '';

beforeAll(async () => {
  key = await OwnKey.make();
  service = await startService({ PUBLIC_URL: PUBLIC });
  people = await peopleOf(service);
  token = await service.token({ sub: 'ranking', purposes: [ADS, 'legal', 'service'] });
  await people.register('u-1', 'US-CA');
  await people.register('u-2', 'US-CA');
  await people.choose('u-2', ADS, 'denied');
});
afterAll(() => service.stop());

const usual = { purpose: ADS, audience: 'profiles', user: 'u-1', fields: ['member.skills'] };

async function ask(body: object = usual, headers: Readonly<Record<string, string>> = {}) {
  const dpop = await key.proof('POST', `${PUBLIC}${PATH}`);
  return service.request('POST', PATH, { token, body, headers: { dpop, ...headers } });
}

const without = (name: keyof typeof usual) => {
  const { [name]: _left, ...rest } = usual;
  return rest;
};

describe('a grant', () => {
  test('names who may read what of whom, until when, and whose key it is bound to', async () => {
    const body = { ...without('user'), users: ['u-1', 'u-2'], fields: ['member.skills', 'message.body'] };
    const before = Date.now() / 1000;
    const { status, body: answer } = await ask(body, { 'x-request-id': 'r-1' });
    expect(status).toBe(200);
    const grant = textAt(answer, 'grant');
    expect(decodeProtectedHeader(grant)).toEqual({
      alg: 'EdDSA',
      kid: expect.any(String),
      typ: 'assent-grant+jwt',
    });
    const claims = decodeJwt(grant);
    expect(claims).toMatchObject({
      iss: PUBLIC,
      aud: 'profiles',
      client_id: 'ranking',
      purpose: ADS,
      permits: [{ users: ['u-1'], fields: { 'member.skills': ['min_cohort_300'] } }],
      policy: valueAt(answer, 'policy'),
      revision: valueAt(answer, 'revision'),
      request: 'r-1',
      cnf: { jkt: key.thumbprint },
    });
    expect(claims.exp).toBeGreaterThan(before + 59);
    expect(claims.exp).toBeLessThan(Date.now() / 1000 + 60.001);
    expect(new Date(textAt(answer, 'expires_at')).getTime()).toBeCloseTo((claims.exp ?? 0) * 1000, 0);
    const refused = (user: string, field: string, reason: string) => ({ user, field, reason });
    expect(valueAt(answer, 'denied')).toEqual([
      refused('u-1', 'message.body', 'floor'),
      refused('u-2', 'member.skills', 'opted_out'),
      refused('u-2', 'message.body', 'floor'),
    ]);
  });

  test('lives as long as it is asked to', async () => {
    const claims = decodeJwt(textAt((await ask({ ...usual, seconds: 5 })).body, 'grant'));
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBeLessThanOrEqual(5);
  });

  test('is for an item at the level that the item has by itself', async () => {
    const fields = ['post.text', 'post.text@only_me', 'no.such.field@only_me'];
    const { body } = await ask({ ...usual, purpose: 'service', fields });
    expect(decodeJwt(textAt(body, 'grant'))['permits']).toEqual([
      { users: ['u-1'], fields: { 'post.text': [] } },
    ]);
    expect(valueAt(body, 'denied')).toMatchObject([
      { field: 'post.text@only_me' },
      { field: 'no.such.field@only_me', reason: 'unknown_field' },
    ]);
    const reply = await ask({ ...usual, purpose: 'service', fields: ['post.text@everybody'] });
    expect([reply.status, textAt(reply.body, 'detail')]).toEqual([400, expect.stringContaining('no level')]);
  });

  test('of which nothing is permitted is none', async () => {
    expect(await ask({ ...usual, user: 'u-2' })).toMatchObject({
      status: 200,
      body: { grant: null, expires_at: null, denied: [{ user: 'u-2', reason: 'opted_out' }] },
    });
  });

  test('is on record, under the request that it names, when it arrives', async () => {
    await ask({ ...without('user'), users: ['u-1', 'u-2'] }, { 'x-request-id': 'r-recorded' });
    const shown = await recordCommand(['show', join(service.dataDir, 'record')]);
    const lines = shown.split('\n').filter((line) => line.includes('"r-recorded"'));
    expect(lines.join()).toContain('"permitted"');
    expect(lines.join()).toContain('"opted_out"');
  });
});

describe('a request for a grant is refused', () => {
  test('without a proof of a key', async () => {
    expect(await service.request('POST', PATH, { token, body: usual })).toMatchObject({
      status: 400,
      body: { type: 'urn:assent:problem:grant_not_bound' },
    });
  });

  test('with a proof that was used before, or is for something else', async () => {
    const dpop = await key.proof('POST', `${PUBLIC}${PATH}`);
    expect(await ask(usual, { dpop })).toMatchObject({ status: 200 });
    const others = [
      dpop,
      await key.proof('GET', `${PUBLIC}${PATH}`),
      await key.proof('POST', `${service.url}${PATH}`),
      await key.proof('POST', `${PUBLIC}${PATH}`, 'the hash of another token'),
      'a.b.c',
    ];
    for (const other of others) expect(await ask(usual, { dpop: other })).toMatchObject({ status: 401 });
  });

  test('for a purpose that the client may not ask for', async () => {
    expect(await ask({ ...usual, purpose: 'ads' })).toMatchObject({
      status: 403,
      body: { type: 'urn:assent:problem:purpose_not_allowed' },
    });
  });

  test('for private messages, whoever may read them', async () => {
    for (const field of ['message.body', 'post.text'])
      expect(await ask({ ...usual, purpose: 'legal', fields: ['member.skills', field] })).toMatchObject({
        status: 409,
        body: { type: 'urn:assent:problem:grant_not_offered', member: '/fields/1' },
      });
    expect(await ask({ ...usual, purpose: 'legal' })).toMatchObject({ status: 200 });
  });

  test.each([
    ['under a case', { context: { case: 'c-1' } }, '/context/case'],
    ['with the token of a reader', { context: { reader_token: 'x' } }, '/context/reader_token'],
    ['about nobody', { user: undefined }, undefined],
    ['about one and several', { users: ['u-2', 'u-3'] }, undefined],
    ['about one user twice', { user: undefined, users: ['u-2', 'u-2'] }, '/users'],
    ['about somebody whose id is misspelt', { user: ' u-1' }, '/user'],
    ['about one of several whose id is misspelt', { user: undefined, users: ['u-1', ' u-2'] }, '/users/1'],
    [
      'on behalf of somebody whose id is misspelt',
      { context: { on_behalf_of: ' u-1' } },
      '/context/on_behalf_of',
    ],
    ['about one field twice', { fields: ['member.skills', 'member.skills'] }, '/fields'],
    ['about no field', { fields: [] }, '/fields'],
    ['for nobody', { audience: undefined }, '/audience'],
    ['for longer than a minute', { seconds: 61 }, '/seconds'],
    ['for no time', { seconds: 0 }, '/seconds'],
    ['with a name that nobody knows', { second: 5 }, '/second'],
    [
      'that no header holds',
      { user: undefined, users: Array.from({ length: 200 }, (_none, at) => `${at}-${'x'.repeat(100)}`) },
      undefined,
    ],
  ])('%s', async (_what, change, member) => {
    // the law lets the purpose read of everybody
    const purpose = 'users' in change && change.users.length > 2 ? 'legal' : ADS;
    const context = purpose === 'legal' ? { legal_reference: 'file 7' } : undefined;
    const reply = await ask({ ...usual, purpose, context, ...change });
    expect([reply.status, valueAt(reply.body, 'type')]).toEqual([400, 'urn:assent:problem:invalid_request']);
    if (member !== undefined) expect(valueAt(reply.body, 'member')).toBe(member);
  });
});
