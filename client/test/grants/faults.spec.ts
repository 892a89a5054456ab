/** Whatever goes wrong on the way to grants, and to the keys that verify them: nothing is permitted. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAssent } from '../../src/assent.js';
import { grantIn } from '../../src/grants/claims.js';
import { partsOf, publicKeyIn, valueOf } from '../../src/grants/jws.js';
import { OwnKey } from '../../src/grants/own-key.js';
import { createVerifier } from '../../src/grants/verifier.js';
import { memberOf, readJson } from '../../src/terms/json.js';
import { type Doing, FakeService, type Received } from '../faults/fake-service.js';
import { FAULTS, json } from '../faults/faults.js';
import { type Maker, makerOfGrants, requestWith } from './grant-maker.js';

/** For what never ends. */
const IMPATIENT = 250;
const PATIENT = 30_000;
const FIELDS = ['member.skills', 'post.text'];
const JSON_TYPE = { 'content-type': 'application/json' };

let service: FakeService;
let maker: Maker;
let key: OwnKey;

beforeAll(async () => {
  maker = makerOfGrants({ created_at: new Date(Date.now() - 60_000).toISOString() });
  key = await OwnKey.make();
});
beforeEach(async () => {
  service = await new FakeService().start();
});
afterEach(() => service.stop());

/** Does the same with another right answer. */
const with_ =
  (bodyOf: (request: Received) => string, fault: Doing): Doing =>
  (response, { headers }, request) =>
    fault(response, { headers: { ...headers, ...JSON_TYPE }, body: bodyOf(request) }, request);
const rightly: Doing = (response, { headers, body }) => response.writeHead(200, headers).end(body);

/** What says something of a decision, which no set of keys does. */
const OF_DECISIONS = /policy|revision|oblig|member twice/;

const keySet = () => JSON.stringify({ keys: [maker.jwk], policy: 'sha256:1' });

const KEY_FAULTS: readonly (readonly [string, Doing])[] = [
  ...FAULTS.filter(([what]) => !OF_DECISIONS.test(what)).map(([what, , fault]) => [what, fault] as const),
  ['has no keys', json(() => '{"keys":[]}')],
  ['has a key under the id of another', json((body) => body.replace(/"x":"..../, '"x":"AAAA'))],
  ['names a key twice', json((body) => body.replace('"kid":', '"kid":"another","kid":'))],
  ['does not say when a key was made', json((body) => body.replace('"created_at"', '"created"'))],
  ['does not say whether a key is retired', json((body) => body.replace('"retired_at"', '"retired"'))],
  [
    'says in words when a key is retired',
    json((body) => body.replace('"retired_at":null', '"retired_at":"no"')),
  ],
  ['has a private key', json((body) => body.replace('"kty"', '"d":"AA","kty"'))],
];

function grantNow(bound: string, claims: object = {}): string {
  const now = Date.now() / 1000;
  return maker.grant(bound, { iss: service.url, iat: now, nbf: now, exp: now + 60, ...claims });
}

describe.each(KEY_FAULTS)('a service that, asked for its keys, %s', (_what, fault) => {
  test('has no grant that an owner believes', async () => {
    service.doing = with_(keySet, fault);
    const owner = createVerifier({ url: service.url, audience: 'profiles', discharges: ['min_cohort_50'] });
    const request = await requestWith(grantNow(key.thumbprint), key);
    const verdict = await owner.verify(request, { user: 'u-1', field: 'member.skills' });
    expect(verdict).toMatchObject({ permitted: false, reason: 'unknown_key' });
    owner.close();
  });
});

test('an owner believes a grant whose keys come as they should, asks for them once, and not again for one that there is not', async () => {
  service.doing = with_(keySet, rightly);
  const owner = createVerifier({ url: service.url, audience: 'profiles', discharges: ['min_cohort_50'] });
  const wanted = { user: 'u-1', field: 'member.skills' };
  const requests = await Promise.all(
    Array.from({ length: 20 }, () => requestWith(grantNow(key.thumbprint), key)),
  );
  // made before the keys are asked for, which is done again for an unknown one after two seconds
  const forged = await Promise.all(
    Array.from({ length: 20 }, () =>
      requestWith(makerOfGrants().grant(key.thumbprint, { iss: service.url }), key),
    ),
  );
  const verdicts = await Promise.all(requests.map((request) => owner.verify(request, wanted)));
  expect(verdicts.every(({ permitted }) => permitted)).toBe(true);
  expect(service.received).toHaveLength(1);
  for (const request of forged)
    expect(await owner.verify(request, wanted)).toMatchObject({ reason: 'unknown_key' });
  expect(service.received).toHaveLength(1);
  owner.close();
});

test('keys that were rotated are believed without a restart, and nothing that a retired one has signed since', async () => {
  const next = makerOfGrants({ created_at: new Date().toISOString() });
  const owner = createVerifier({ url: service.url, audience: 'profiles', discharges: ['min_cohort_50'] });
  const saidOf = async (grant: string) => {
    const verdict = await owner.verify(await requestWith(grant, key), {
      user: 'u-1',
      field: 'member.skills',
    });
    return verdict.permitted ? 'permitted' : verdict.reason;
  };
  service.doing = with_(keySet, rightly);
  const before = grantNow(key.thumbprint);
  expect(await saidOf(before)).toBe('permitted');
  const retired = { ...maker.jwk, retired_at: new Date().toISOString() };
  service.doing = with_(() => JSON.stringify({ keys: [retired, next.jwk] }), rightly);
  const now = Date.now() / 1000 + 1;
  const by = (one: Maker) =>
    one.grant(key.thumbprint, { iss: service.url, iat: now, nbf: now, exp: now + 60 });
  await expect.poll(() => saidOf(by(next))).toBe('permitted');
  expect(await saidOf(by(maker))).toBe('unknown_key');
  expect(await saidOf(before)).toBe('permitted');
  owner.close();
});

/** The answer of a service that gives what was asked for. */
function given({ body, headers }: Received, claims: object = {}): string {
  const asked = readJson(body);
  const proof = partsOf(String(headers['dpop']));
  const bound = publicKeyIn(memberOf(valueOf(proof?.header ?? ''), 'jwk'))?.thumbprint ?? '';
  const permits = [
    { users: ['u-1', 'u-2'], fields: { 'member.skills': ['min_cohort_50'], 'post.text': ['min_cohort_50'] } },
  ];
  const grant = grantNow(bound, { purpose: memberOf(asked, 'purpose'), permits, ...claims });
  return JSON.stringify({ grant, expires_at: 'soon', policy: 'sha256:1', revision: 'r1', denied: [] });
}

/** Its obligations are signed, and nothing beside them is read. */
const GRANT_FAULTS = FAULTS.filter(([what]) => !/oblig/.test(what));

const ANSWERS: readonly (readonly [string, (body: string) => string])[] = [
  ['no grant, and no denial', (body) => body.replace(/"grant":"[^"]+"/, '"grant":null')],
  ['a grant, and a denial of the same', (body) => body.replace('[]', DENIED)],
  ['a denial without a reason', (body) => body.replace('[]', DENIED.replace('opted_out', 'whim'))],
  ['a denial of what was not asked', (body) => body.replace('[]', DENIED.replace('u-1', 'u-9'))],
  ['no list of denials', (body) => body.replace('"denied":[]', '"denied":{}')],
  ['what is no grant', (body) => body.replace(/"grant":"[^"]+"/, '"grant":"a.b.c"')],
];
const DENIED = '[{"user":"u-1","field":"post.text","reason":"opted_out"}]';

async function permitsOf(
  timeout: number,
): Promise<{ readonly permits: number; readonly reasons: Set<string> }> {
  const assent = createAssent({
    url: service.url,
    token: 'a-token',
    purpose: 'ai',
    discharges: ['min_cohort_50'],
    timeout,
  });
  const users = ['u-1', 'u-2'];
  const grant = await assent.grant(users, FIELDS, { audience: 'profiles' });
  const answers = users.flatMap((user) => FIELDS.map((field) => grant.answer(user, field)));
  const sent = await grant.headersFor('GET', 'https://profiles.example').then(
    () => 1,
    () => 0,
  );
  assent.close();
  const permits = answers.filter(({ permitted }) => permitted).length + sent;
  return { permits, reasons: new Set(answers.map(({ reason }) => reason)) };
}

describe('a service that is asked for a grant', () => {
  test('and gives what was asked for is believed', async () => {
    service.doing = with_(given, rightly);
    expect(await permitsOf(PATIENT)).toEqual({ permits: 5, reasons: new Set(['permitted']) });
  });

  test.each(GRANT_FAULTS)('and %s is taken for a no, `%s`', async (_what, reason, fault) => {
    service.doing = with_(given, fault);
    expect(await permitsOf(reason === 'timed_out' ? IMPATIENT : PATIENT)).toEqual({
      permits: 0,
      reasons: new Set([reason]),
    });
  });

  test.each(ANSWERS)('and answers with %s is taken for a no', async (_what, change) => {
    service.doing = with_(given, json(change));
    expect(await permitsOf(PATIENT)).toEqual({ permits: 0, reasons: new Set(['malformed_answer']) });
  });

  test.each([
    ['for another owner', { aud: 'payments' }, 'malformed_answer'],
    ['for another purpose', { purpose: 'ads.personalised' }, 'malformed_answer'],
    ['bound to another key', { cnf: { jkt: 'another' } }, 'malformed_answer'],
    ['of one user', { permits: [{ users: ['u-1'], fields: { 'member.skills': [] } }] }, 'malformed_answer'],
    [
      'with an obligation that nobody keeps',
      { permits: [{ users: ['u-1', 'u-2'], fields: { 'member.skills': [], 'post.text': ['forget_me'] } }] },
      'unknown_obligation',
    ],
  ])('and gives one %s is taken for a no', async (_what, claims, reason) => {
    service.doing = with_((request) => given(request, claims), rightly);
    expect(await permitsOf(PATIENT)).toEqual({ permits: 0, reasons: new Set([reason]) });
  });
});

test('a receipt is no grant, for its holder either', () => {
  expect(grantIn(maker.grant('k', {}, { typ: 'consent-receipt+jws' }))).toBeUndefined();
  expect(grantIn(maker.grant('k'))?.claims).toMatchObject({ key: 'k' });
});
