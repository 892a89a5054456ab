/** What an owner of data believes of grants, without a service: everything but a whole one with its proof is a no. */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { assert, asyncProperty, constantFrom, integer } from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { OwnKey } from '../../src/grants/own-key.js';
import { placeOf } from '../../src/grants/revisions.js';
import { type Verifier, type VerifierSettings, createVerifier } from '../../src/grants/verifier.js';
import { Tokens, drawName } from '../../../src/consent/log/consistency-token.js';
import {
  ISSUER,
  type Maker,
  NOON,
  hashOf,
  makerOfGrants,
  requestWith,
  signed,
  tokenOf,
} from './grant-maker.js';

let maker: Maker;
let key: OwnKey;
let thief: OwnKey;
let now = NOON;

beforeAll(async () => {
  maker = makerOfGrants();
  [key, thief] = await Promise.all([OwnKey.make(), OwnKey.make()]);
});
beforeEach(() => {
  now = NOON;
  // proofs are made now
  vi.useFakeTimers({ now, toFake: ['Date'] });
  return () => vi.useRealTimers();
});

function ownerWith(more: Partial<VerifierSettings> = {}): Verifier {
  return createVerifier({
    url: ISSUER,
    audience: 'profiles',
    jwks: { keys: [maker.jwk] },
    discharges: ['min_cohort_50'],
    now: () => now,
    ...more,
  });
}

const SKILLS = { user: 'u-1', field: 'member.skills' };

/** What an owner says of a request with a grant that says something else. */
async function saidOf(
  claims: object,
  header: object = {},
  wanted: Parameters<Verifier['verify']>[1] = SKILLS,
) {
  const grant = maker.grant(key.thumbprint, { ...claims }, { ...header });
  return ownerWith().verify(await requestWith(grant, key), wanted);
}

describe('a grant with its proof', () => {
  test('permits what it names, of whom it names, to whom it was given', async () => {
    expect(await saidOf({})).toEqual({
      permitted: true,
      client: 'ranking',
      purpose: 'ai',
      obligations: ['min_cohort_50'],
      policy: 'sha256:1',
      revision: tokenOf(7),
    });
    const both = { user: ['u-1', 'u-2'], field: ['member.skills', 'post.text'], purpose: 'ai' };
    expect(await saidOf({}, {}, both)).toMatchObject({ permitted: true });
  });

  test.each([
    ['another user', { ...SKILLS, user: 'u-3' }, 'not_granted'],
    ['another user beside one', { ...SKILLS, user: ['u-1', 'u-3'] }, 'not_granted'],
    ['another field', { ...SKILLS, field: 'message.body' }, 'not_granted'],
    ['another field beside one', { ...SKILLS, field: ['post.text', 'message.body'] }, 'not_granted'],
    ['an item of a level that it does not name', { ...SKILLS, visibility: 'only_me' }, 'not_granted'],
    ['nobody', { ...SKILLS, user: [] }, 'not_granted'],
    ['nothing', { ...SKILLS, field: [] }, 'not_granted'],
    ['another purpose', { ...SKILLS, purpose: 'ads.personalised' }, 'other_purpose'],
    ['what every object has', { ...SKILLS, field: 'constructor' }, 'not_granted'],
  ])('does not permit %s', async (_what, wanted, reason) => {
    expect(await saidOf({}, {}, wanted)).toMatchObject({ permitted: false, reason });
  });

  test.each([
    ['for another owner', { aud: 'payments' }, 'other_audience'],
    ['for nobody', { aud: undefined }, 'malformed_grant'],
    ['for several owners', { aud: ['profiles', 'payments'] }, 'malformed_grant'],
    ['of another service', { iss: 'https://other.example' }, 'other_issuer'],
    ['that has expired', { iat: NOON / 1000 - 61, nbf: NOON / 1000 - 61, exp: NOON / 1000 }, 'expired'],
    ['of the future', { iat: NOON / 1000 + 6 }, 'expired'],
    ['that is not valid yet', { nbf: NOON / 1000 + 6 }, 'expired'],
    ['that lives too long', { exp: NOON / 1000 + 62 }, 'expired'],
    ['that never expires', { exp: undefined }, 'malformed_grant'],
    ['that is of a list of one', { aud: ['profiles'] }, 'malformed_grant'],
    ['for another spelling of the owner', { aud: 'Profiles' }, 'other_audience'],
    ['of another spelling of the service', { iss: 'https://ASSENT.example' }, 'other_issuer'],
    ['that expires in words', { exp: '2099' }, 'malformed_grant'],
    ['of before its key', { iat: NOON / 1000 - 90_000 }, 'unknown_key'],
    ['that is bound to nothing', { cnf: undefined }, 'malformed_grant'],
    ['that is bound to a certificate as well', { cnf: { jkt: 'x', 'x5t#S256': 'y' } }, 'malformed_grant'],
    ['that is bound to another key', { cnf: { jkt: 'another' } }, 'bad_proof'],
    ['without permits', { permits: undefined }, 'malformed_grant'],
    [
      'that names a user twice',
      { permits: [1, 2].map(() => ({ users: ['u-1'], fields: {} })) },
      'malformed_grant',
    ],
    [
      'with an obligation that nobody keeps',
      { permits: [{ users: ['u-1'], fields: { 'member.skills': ['forget_me'] } }] },
      'unknown_obligation',
    ],
  ])('%s is a no', async (_what, claims, reason) => {
    expect(await saidOf(claims)).toMatchObject({ permitted: false, reason });
  });

  test.each([
    ['of a receipt', { typ: 'consent-receipt+jws' }, 'malformed_grant'],
    ['of an access token', { typ: 'at+jwt' }, 'malformed_grant'],
    ['of a proof', { typ: 'dpop+jwt' }, 'malformed_grant'],
    ['of nothing', { typ: undefined }, 'malformed_grant'],
    ['with an extension that must be understood', { crit: ['b64'], b64: false }, 'malformed_grant'],
    ['without an algorithm', { alg: 'none' }, 'malformed_grant'],
    ['with another algorithm', { alg: 'HS256' }, 'malformed_grant'],
    ['without a key', { kid: undefined }, 'unknown_key'],
    ['with a key that there is not', { kid: 'another' }, 'unknown_key'],
    ['with the address of a key', { kid: undefined, jku: 'https://evil.example/keys' }, 'unknown_key'],
    ['with a certificate', { kid: undefined, x5c: ['AA'] }, 'unknown_key'],
    ['with several keys', { kid: ['a', 'b'] }, 'unknown_key'],
    ['with the type in other letters', { typ: 'Assent-Grant+JWT' }, 'malformed_grant'],
    ['with the full type', { typ: 'application/assent-grant+jwt' }, 'malformed_grant'],
    ['of a state', { typ: 'assent-checkpoint' }, 'malformed_grant'],
    ['with no extension at all that must be understood', { crit: [] }, 'malformed_grant'],
    ['with an algorithm in other letters', { alg: 'eddsa' }, 'malformed_grant'],
    [
      'with a key of its own',
      { kid: undefined, jwk: { kty: 'OKP', crv: 'Ed25519', x: 'AA' } },
      'unknown_key',
    ],
  ])('whose header is that %s is a no', async (_what, header, reason) => {
    expect(await saidOf({}, header)).toMatchObject({ permitted: false, reason });
  });

  test('that has no signature, or one by a secret that everybody knows, is a no', async () => {
    const whole = maker.grant(key.thumbprint);
    const [header = '', claims = ''] = whole
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString());
    const asNone = signed({ ...JSON.parse(header), alg: 'none' }, JSON.parse(claims), () => Buffer.alloc(0));
    const asSecret = signed({ ...JSON.parse(header), alg: 'HS256' }, JSON.parse(claims), (text) =>
      createHmac('sha256', String(maker.jwk['x'])).update(text).digest(),
    );
    for (const forged of [asNone, asSecret])
      expect(await ownerWith().verify(await requestWith(forged, key), SKILLS)).toMatchObject({
        reason: 'malformed_grant',
      });
  });

  test('that says a member twice, or is followed by something, is a no', async () => {
    const [header = '', claims = '', signature = ''] = maker.grant(key.thumbprint).split('.');
    const said = Buffer.from(claims, 'base64url').toString();
    const twice = Buffer.from(said.replace('{', '{"aud":"profiles",')).toString('base64url');
    const text = `${header}.${twice}`;
    const signedTwice = `${text}.${sign(null, Buffer.from(text), maker.privateKey).toString('base64url')}`;
    const whole = `${header}.${claims}.${signature}`;
    const odd = [`${whole}.`, `${whole}..`, `.${whole}`, `${whole} `, ` ${whole}`, `${whole}=`, `${whole}\n`];
    for (const forged of [signedTwice, ...odd, `${whole}, ${whole}`, `${whole}.${signature}`])
      expect(await ownerWith().verify(await requestWith(forged, key), SKILLS)).toMatchObject({
        permitted: false,
      });
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'U-1', 'u-1 ', 'u\u20111'])(
    'says nothing of whoever is called %s',
    async (user) => {
      expect(await saidOf({}, {}, { ...SKILLS, user })).toMatchObject({ reason: 'not_granted' });
    },
  );

  test('of somebody who is called as what every object has is of them alone', async () => {
    const permits = [{ users: ['__proto__', 'constructor'], fields: { 'member.skills': [] } }];
    for (const user of ['__proto__', 'constructor'])
      expect(await saidOf({ permits }, {}, { ...SKILLS, user })).toMatchObject({ permitted: true });
    expect(await saidOf({ permits }, {}, { ...SKILLS, user: 'toString' })).toMatchObject({
      permitted: false,
    });
  });

  test('that another key signed under the id of one of the service is a no', async () => {
    const other = makerOfGrants();
    const forged = other.grant(key.thumbprint, {}, { kid: maker.jwk['kid'] });
    expect(await ownerWith().verify(await requestWith(forged, key), SKILLS)).toMatchObject({
      reason: 'not_signed',
    });
  });

  test('of which any letter is another is a no', async () => {
    const grant = maker.grant(key.thumbprint);
    const owner = ownerWith();
    await assert(
      asyncProperty(
        integer({ min: 0, max: grant.length - 1 }),
        constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_', '.', '=', '+', '/', ' ', '\u00e9'),
        async (at, letter) => {
          if (grant[at] === letter) return;
          const changed = `${grant.slice(0, at)}${letter}${grant.slice(at + 1)}`;
          const request = await requestWith(changed, key);
          expect(await owner.verify(request, SKILLS)).toMatchObject({ permitted: false });
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 1],
    ['an empty text', ''],
    ['a word', 'x'],
    ['three words', 'a.b.c'],
    ['two dots', '..'],
    ['a list', ['a', 'b']],
    ['an object', {}],
    ['a control character', '\u0000'],
    ['a very long text', 'a'.repeat(20_000)],
  ])('%s in place of a grant or a proof is a no, and no error', async (_what, odd) => {
    const request = await requestWith(maker.grant(key.thumbprint), key);
    for (const bad of [
      { ...request, grant: odd },
      { ...request, proof: odd },
    ])
      expect(await ownerWith().verify(bad, SKILLS)).toMatchObject({ permitted: false });
  });

  test('is a no where the address of the request is none', async () => {
    const request = await requestWith(maker.grant(key.thumbprint), key);
    expect(await ownerWith().verify({ ...request, url: '/users/u-1' }, SKILLS)).toMatchObject({
      reason: 'bad_proof',
    });
  });
});

describe('a proof', () => {
  let grant: string;
  beforeEach(() => {
    grant = maker.grant(key.thumbprint);
  });
  const said = (request: Parameters<Verifier['verify']>[0], owner = ownerWith()) =>
    owner.verify(request, SKILLS);

  test('is taken once, and the next one as well', async () => {
    const owner = ownerWith();
    const request = await requestWith(grant, key);
    expect(await said(request, owner)).toMatchObject({ permitted: true });
    expect(await said(request, owner)).toMatchObject({ reason: 'replayed' });
    expect(await said(await requestWith(grant, key), owner)).toMatchObject({ permitted: true });
  });

  test('is no proof for another method, address, grant or time', async () => {
    const owner = ownerWith();
    const request = await requestWith(grant, key);
    const others = [
      { ...request, method: 'POST' },
      { ...request, url: 'https://profiles.example/users/u-2' },
      { ...request, url: 'http://profiles.example/users/u-1' },
      { ...request, url: 'https://profiles.example:8443/users/u-1' },
      { ...request, grant: maker.grant(key.thumbprint, { jti: 'g-2' }) },
    ];
    for (const other of others) expect(await said(other, owner)).toMatchObject({ reason: 'bad_proof' });
    for (const at of [NOON + 11_000, NOON - 6_000]) {
      now = at;
      const kept = maker.grant(key.thumbprint, { nbf: at / 1000, iat: at / 1000, exp: at / 1000 + 60 });
      expect(await said(await requestWith(kept, key), owner)).toMatchObject({ reason: 'bad_proof' });
    }
    now = NOON;
    expect(await said({ ...request, url: `${request.url}?full=yes#top` }, owner)).toMatchObject({
      permitted: true,
    });
  });

  test('is not taken again when the clock is set back', async () => {
    const owner = ownerWith();
    const request = await requestWith(grant, key);
    expect(await said(request, owner)).toMatchObject({ permitted: true });
    now = NOON + 20_000;
    vi.setSystemTime(now);
    // a later proof has the owner forget those that are too old
    expect(await said(await requestWith(grant, key), owner)).toMatchObject({ permitted: true });
    now = NOON + 1_000;
    expect(await said(request, owner)).toMatchObject({ reason: 'bad_proof' });
    now = NOON + 21_000;
    vi.setSystemTime(now);
    expect(await said(await requestWith(grant, key), owner)).toMatchObject({ permitted: true });
  });

  test('that is refused is refused without a word of whose data it is about', async () => {
    const request = await requestWith(grant, key);
    const url = 'https://profiles.example/users/erika.mustermann';
    for (const wrong of [
      { ...request, url },
      { ...request, url, method: 'POST' },
      { ...request, url: `${url}?mail=erika` },
    ]) {
      const verdict = await said(wrong);
      expect(verdict.permitted ? '' : verdict.message).toMatch(/proof/);
      expect(JSON.stringify(verdict)).not.toContain('erika');
    }
  });

  test.each([
    ['in capitals', 'HTTPS://PROFILES.EXAMPLE/users/u-1'],
    ['with the port that everybody knows', 'https://profiles.example:443/users/u-1'],
  ])('for the address %s is for the address', async (_how, url) => {
    const request = await requestWith(grant, key);
    expect(await said({ ...request, url })).toMatchObject({ permitted: true });
  });

  test.each([
    ['of another host by its full name', 'https://profiles.example./users/u-1'],
    ['with an encoded letter', 'https://profiles.example/users/%75-1'],
    ['with an encoded slash', 'https://profiles.example/users%2Fu-1'],
    ['with a slash more', 'https://profiles.example/users/u-1/'],
    ['with two slashes', 'https://profiles.example//users/u-1'],
    ['in capitals beyond the host', 'https://profiles.example/Users/u-1'],
    ['of whoever is named before an @', 'https://profiles.example@evil.example/users/u-1'],
  ])('is no proof for an address %s', async (_how, url) => {
    const request = await requestWith(grant, key);
    expect(await said({ ...request, url })).toMatchObject({ reason: 'bad_proof' });
  });

  test('by GET is none for HEAD', async () => {
    expect(await said({ ...(await requestWith(grant, key)), method: 'HEAD' })).toMatchObject({
      reason: 'bad_proof',
    });
  });

  test('by another key than the grant is bound to is no proof, whatever it says', async () => {
    expect(await said(await requestWith(grant, thief))).toMatchObject({ reason: 'bad_proof' });
    // nor is it when the owner knows that key
    const owner = ownerWith();
    const own = await requestWith(maker.grant(thief.thumbprint), thief);
    expect(await said(own, owner)).toMatchObject({ permitted: true });
    expect(await said(await requestWith(grant, thief), owner)).toMatchObject({ reason: 'bad_proof' });
  });

  test('that names the key of the grant and is signed by another is no proof, on its first use or a later one', async () => {
    const owner = ownerWith();
    const honest = await requestWith(grant, key);
    const [header = '', claims = ''] = honest.proof.split('.');
    const [, , signature = ''] = (await requestWith(grant, thief)).proof.split('.');
    const stolen = { ...honest, proof: `${header}.${claims}.${signature}` };
    expect(await said(stolen, owner)).toMatchObject({ reason: 'bad_proof' });
    expect(await said(honest, owner)).toMatchObject({ permitted: true });
    const fresh = await requestWith(grant, key);
    const [again = '', anew = ''] = fresh.proof.split('.');
    expect(await said({ ...fresh, proof: `${again}.${anew}.${signature}` }, owner)).toMatchObject({
      reason: 'bad_proof',
    });
  });

  test.each([
    ['an Ed25519 key', 'EdDSA', () => generateKeyPairSync('ed25519'), null],
    ['a P-256 key', 'ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'sha256'],
  ] as const)('by %s is one, too', async (_what, alg, make, hash) => {
    const { publicKey, privateKey } = make();
    const jwk = publicKey.export({ format: 'jwk' });
    const { publicKeyIn } = await import('../../src/grants/jws.js');
    const bound = maker.grant(publicKeyIn(jwk)?.thumbprint ?? '');
    const claims = { jti: 'p-1', htm: 'GET', htu: 'https://profiles.example/users/u-1', iat: NOON / 1000 };
    const proof = signed({ typ: 'dpop+jwt', alg, jwk }, { ...claims, ath: hashOf(bound) }, (text) =>
      sign(hash, text, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
    );
    const request = { grant: bound, proof, method: 'GET', url: claims.htu };
    expect(await said(request)).toMatchObject({ permitted: true });
  });

  test('by a key that is too short to be safe, or that shows its private half, is none', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
    const { publicKeyIn } = await import('../../src/grants/jws.js');
    expect(publicKeyIn(publicKey.export({ format: 'jwk' }))).toBeUndefined();
    expect(publicKeyIn(privateKey.export({ format: 'jwk' }))).toBeUndefined();
    expect(publicKeyIn(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }))).toBeUndefined();
  });
});

describe('the keys of the service', () => {
  const retiredAt = (at: number) => makerOfGrants({ retired_at: new Date(at).toISOString() });

  test.each([
    ['retired since', 1, 'permitted'],
    ['retired at that moment', 0, 'permitted'],
    ['retired before', -1, 'unknown_key'],
  ])('that are %s: one of them signed', async (_when, later, said) => {
    const other = retiredAt(NOON + later);
    const owner = ownerWith({ jwks: { keys: [maker.jwk, other.jwk] } });
    const verdict = await owner.verify(await requestWith(other.grant(key.thumbprint), key), SKILLS);
    expect(verdict.permitted ? 'permitted' : verdict.reason).toBe(said);
  });

  test.each([[{}], [{ keys: 'none' }], [{ keys: [{ kty: 'OKP' }] }], [null]])(
    '%j are none, and said to be at once',
    (jwks) => {
      expect(() => ownerWith({ jwks })).toThrow('`jwks` is no set of keys');
    },
  );

  test('are none where one is there twice: it may be retired, or not', () => {
    const retired = { ...maker.jwk, retired_at: new Date(NOON - 1).toISOString() };
    for (const keys of [
      [retired, maker.jwk],
      [maker.jwk, retired],
    ])
      expect(() => ownerWith({ jwks: { keys } })).toThrow('`jwks`');
  });

  test('are not taken under the id of another', () => {
    const { jwk } = makerOfGrants();
    expect(() => ownerWith({ jwks: { keys: [{ ...jwk, kid: maker.jwk['kid'] }] } })).toThrow('`jwks`');
  });
});

test('a grant that was believed ends after its life, although the clock is set back', async () => {
  vi.useFakeTimers({ now, toFake: ['Date', 'performance'] });
  const owner = ownerWith();
  const grant = maker.grant(key.thumbprint);
  expect(await owner.verify(await requestWith(grant, key), SKILLS)).toMatchObject({ permitted: true });
  vi.advanceTimersByTime(59_999);
  vi.setSystemTime(now);
  expect(await owner.verify(await requestWith(grant, key), SKILLS)).toMatchObject({ permitted: true });
  vi.advanceTimersByTime(1);
  vi.setSystemTime(now);
  expect(await owner.verify(await requestWith(grant, key), SKILLS)).toMatchObject({ reason: 'expired' });
});

test('an owner that many grants were shown to still believes each of them', async () => {
  const owner = ownerWith();
  const grants = Array.from({ length: 20 }, (_none, at) => maker.grant(key.thumbprint, { jti: `g-${at}` }));
  for (const grant of [...grants, ...grants])
    expect(await owner.verify(await requestWith(grant, key), SKILLS)).toMatchObject({ permitted: true });
});

test('the order of revisions is that of the log', () => {
  const tokens = new Tokens(drawName(), [
    { after: 0, name: drawName() },
    { after: 5, name: drawName() },
  ]);
  const places = [1, 5, 6, 4_294_967_296, 9_000_000_000].map((revision) => placeOf(tokens.of(revision)));
  expect(places.map((place) => place?.revision)).toEqual([1, 5, 6, 4_294_967_296, 9_000_000_000]);
  expect(new Set(places.map((place) => place?.log)).size).toBe(1);
  expect(placeOf('r1.7')).toBeUndefined();
});
