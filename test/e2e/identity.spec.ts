/**
 * Who the service believes: the tokens of a real OpenID provider, and nothing else; and what it will not start on.
 *
 * @module-tag once
 */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import {
  type JWTPayload,
  SignJWT,
  calculateJwkThumbprint,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  exportSPKI,
} from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type OpenIdProvider,
  type SigningKey,
  newSigningKey,
  signed,
  startOpenIdProvider,
} from './openid-provider.js';
import { EVALUATION, mayRead } from './questions.js';
import { textAt } from './replies.js';
import { type Reply, type Service, refusalToStart, startService } from './service.js';
import { LONG_RUN } from '../times.js';

const AUDIENCE = 'assent.example.org';
const CLIENTS = {
  pep: { purposes: ['ads', 'service'] },
  misplaced: { roles: ['policy_admin'] },
  confused: { purposes: ['service'], roles: ['policy_admin'] },
  // it was forgotten to say what it may ask for
  forgotten: {},
};
const POLL = { interval: 250 };

let provider: OpenIdProvider;
let service: Service;

const seconds = () => Math.floor(Date.now() / 1000);
/** The claims of a service that may ask for what is always on. */
const claimsOf = (over: JWTPayload = {}): JWTPayload => ({
  iss: provider.issuer,
  aud: AUDIENCE,
  sub: 'pep',
  client_id: 'pep',
  purposes: ['service'],
  iat: seconds(),
  exp: seconds() + 600,
  ...over,
});
const without = (name: string): JWTPayload => {
  const { [name]: _left, ...rest } = claimsOf();
  return rest;
};
/** Asks what is permitted to every service that lists the purpose. */
const ask = (token: string, at: Service = service): Promise<Reply> =>
  at.request('POST', EVALUATION, { token, body: mayRead('service', 'anybody') });
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function expectRefused(reply: Reply): void {
  expect(reply.status, JSON.stringify(reply.body)).toBe(401);
  expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer/);
  expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(reply.body).toMatchObject({
    type: 'urn:assent:problem:not_authenticated',
    title: expect.stringMatching(/.+/),
    status: 401,
    detail: expect.stringMatching(/.+/),
    request_id: reply.headers.get('x-request-id'),
  });
}

beforeAll(async () => {
  provider = await startOpenIdProvider(AUDIENCE, CLIENTS);
  service = await startService({
    OIDC_ISSUER: provider.issuer,
    OIDC_AUDIENCE: AUDIENCE,
    PUBLIC_URL: 'https://assent.example.org/consent',
  });
});

afterAll(async () => {
  await service.stop();
  await provider.unplug();
});

describe('a token of the provider', () => {
  test('is believed, and binds the client to its purposes', async () => {
    const token = await provider.accessToken('pep');
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256' });
    expect(decodeJwt(token)).toMatchObject({ iss: provider.issuer, aud: AUDIENCE, client_id: 'pep' });
    expect(await ask(token)).toMatchObject({ status: 200, body: { decision: true } });
    const other = await service.request('POST', EVALUATION, { token, body: mayRead('legal', 'anybody') });
    expect(other.status).toBe(403);
  });

  test('of a client with the role of an admin is refused, and says why', async () => {
    const reply = await ask(await provider.accessToken('misplaced'));
    expectRefused(reply);
    expect(textAt(reply.body, 'detail')).toContain('has the role `policy_admin`, which is for people');
  });

  test('that is taken for a person says what that of a service or of an admin would have', async () => {
    const claims = { ...without('purposes'), sub: 'ads@clients', roles: ['Policy_Admin'] };
    const token = await signed(claims, provider.key());
    const decision = await ask(token);
    expect(decision.status).toBe(403);
    expect(textAt(decision.body, 'detail')).toMatch(
      /its `client_id` as `sub`: if this .* OIDC_CLIENT_CLAIM$/,
    );
    const policies = await service.request('GET', '/v1/policies/current', { token });
    expect(policies.status).toBe(403);
    expect(textAt(policies.body, 'detail')).toContain('the role is called `policy_admin` here');
  });

  test('of a person with a role of an admin is an admin', async () => {
    const claims = { ...without('purposes'), sub: 'pat', roles: ['policy_admin'] };
    const token = await signed(claims, provider.key());
    expect(await ask(token)).toMatchObject({
      status: 403,
      body: { type: 'urn:assent:problem:caller_not_allowed' },
    });
    expect(await service.request('GET', '/v1/policies/current', { token })).toMatchObject({ status: 200 });
  });

  test('of a person is a user, whatever it says of purposes, scopes and roles of others', async () => {
    for (const more of [
      {},
      { purposes: [], scope: 'users:erase settings:read' },
      { purposes: ['service'] },
      { roles: [] },
      { roles: ['Member'] },
    ]) {
      const token = await signed({ ...without('purposes'), ...more, sub: 'u-7' }, provider.key());
      expect(await service.request('GET', '/v1/users/me/settings', { token })).toMatchObject({
        status: 200,
        body: { user: 'u-7' },
      });
      expect(await ask(token)).toMatchObject({ status: 403 });
      expect(await service.request('DELETE', '/v1/users/u-8', { token })).toMatchObject({ status: 403 });
    }
  });

  test('of a person is a user', async () => {
    const token = await signed({ ...without('purposes'), sub: 'u-7' }, provider.key());
    expect(await service.request('GET', '/v1/users/me/settings', { token })).toMatchObject({
      status: 200,
      body: { user: 'u-7' },
    });
  });

  test('for many audiences, ours among them, is believed', async () => {
    const token = await signed(claimsOf({ aud: ['other.example.org', AUDIENCE] }), provider.key());
    expect(await ask(token)).toMatchObject({ status: 200 });
  });

  test('of a client with both purposes and roles is refused', async () => {
    expectRefused(await ask(await provider.accessToken('confused')));
  });

  test('of a client that says nothing of its purposes may ask for none, and is no user', async () => {
    const token = await provider.accessToken('forgotten');
    expect(await ask(token)).toMatchObject({
      status: 403,
      body: { type: 'urn:assent:problem:purpose_not_allowed' },
    });
    expect(await service.request('GET', '/v1/users/me/settings', { token })).toMatchObject({ status: 400 });
  });

  test.each([
    { named: 'another audience', claims: () => claimsOf({ aud: 'other.example.org' }) },
    { named: 'an audience that contains ours', claims: () => claimsOf({ aud: `${AUDIENCE}.evil.example` }) },
    { named: 'no audience', claims: () => without('aud') },
    { named: 'another issuer', claims: () => claimsOf({ iss: 'https://evil.example' }) },
    { named: 'our issuer with a slash', claims: () => claimsOf({ iss: `${provider.issuer}/` }) },
    { named: 'no issuer', claims: () => without('iss') },
    { named: 'an expiry that is past', claims: () => claimsOf({ exp: seconds() - 1 }) },
    { named: 'an expiry long past', claims: () => claimsOf({ exp: 1 }) },
    { named: 'no expiry', claims: () => without('exp') },
    { named: 'a start in the future', claims: () => claimsOf({ nbf: seconds() + 300 }) },
    { named: 'no subject', claims: () => without('sub') },
    { named: 'an empty subject', claims: () => claimsOf({ sub: '' }) },
    { named: 'both purposes and roles', claims: () => claimsOf({ roles: ['policy_admin'] }) },
    { named: 'purposes that are a text', claims: () => claimsOf({ purposes: 'service' }) },
    { named: 'purposes that are no texts', claims: () => claimsOf({ purposes: ['service', 1] }) },
    { named: 'purposes that are null', claims: () => claimsOf({ purposes: null }) },
    { named: 'roles that are a text', claims: () => ({ ...without('purposes'), roles: 'policy_admin' }) },
    { named: 'a scope that is no text', claims: () => claimsOf({ scope: ['users:write', 1] }) },
  ])('with $named is refused', async ({ claims }) => {
    expectRefused(await ask(await signed(claims(), provider.key())));
  });

  test.each(['exp', 'nbf'])('whose %s is no number is refused', async (name) => {
    const token = await signed(claimsOf({ [name]: 'tomorrow' }), provider.key());
    expectRefused(await ask(token));
  });
});

test('the documentation is served in production only where it was asked for', async () => {
  const token = await provider.accessToken('pep');
  for (const path of ['/openapi.json', '/docs', '/docs/swagger-ui-bundle.js']) {
    expect(await service.request('GET', path), path).toMatchObject({ status: 401 });
    expect(await service.request('GET', path, { token }), path).toMatchObject({
      status: 404,
      body: { type: 'urn:assent:problem:route_not_found' },
    });
  }
});

describe('a token that is bound to a key', () => {
  const PATH = '/v1/users/me/settings';
  const PUBLIC = 'https://assent.example.org/consent';
  let holder: SigningKey;
  let token: string;

  beforeAll(async () => {
    holder = await newSigningKey();
    token = await boundTo(await calculateJwkThumbprint(await exportJWK(holder.publicKey)));
  });

  const boundTo = (jkt: string) =>
    signed({ ...without('purposes'), sub: 'u-9', cnf: { jkt } }, provider.key());

  async function proof(htu: string, of = token, { privateKey, publicKey } = holder): Promise<string> {
    const ath = createHash('sha256').update(of).digest('base64url');
    return new SignJWT({ jti: randomUUID(), htm: 'GET', htu, iat: seconds(), ath })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
      .sign(privateKey);
  }

  const send = (dpop?: string, scheme = 'DPoP', sent = token) =>
    service.request('GET', PATH, {
      headers: { authorization: `${scheme} ${sent}`, ...(dpop === undefined ? {} : { dpop }) },
    });

  test('is believed with a proof for the public address of the route, once for each', async () => {
    const first = await proof(`${PUBLIC}${PATH}`);
    expect(await send(first)).toMatchObject({ status: 200, body: { user: 'u-9' } });
    expectRefused(await send(first));
    expect(await send(await proof(`${PUBLIC}${PATH}`))).toMatchObject({ status: 200 });
  });

  test('is refused as a bearer token, before and after it was believed, and with any other proof', async () => {
    const fresh = await boundTo(await calculateJwkThumbprint(await exportJWK(holder.publicKey)));
    expectRefused(await send(undefined, 'Bearer', fresh));
    expect(await send(await proof(`${PUBLIC}${PATH}`, fresh), 'DPoP', fresh)).toMatchObject({ status: 200 });
    expectRefused(await send(undefined, 'Bearer', fresh));
    expectRefused(await send(await proof(`${PUBLIC}${PATH}`, fresh), 'Bearer', fresh));
    expectRefused(await send(undefined));
    expectRefused(await send(await proof(`${service.url}${PATH}`)));
    expectRefused(await send(await proof(`${PUBLIC}/v1/users/me/export`)));
    expectRefused(await send(await proof(`${PUBLIC}${PATH}`, token, await newSigningKey())));
  });

  test('is told what is wrong, the token or the proof, and not whose address the proof is for', async () => {
    const challenge = async (reply: Promise<Reply>) => (await reply).headers.get('www-authenticate');
    expect(await challenge(send(await proof(`${PUBLIC}/v1/users/u-8/export`)))).toMatch(
      /^Bearer realm="assent", DPoP error="invalid_dpop_proof", error_description="the proof does not hold: the body says why", algs="[\w ]+"$/,
    );
    expect(await challenge(send(undefined, 'Bearer'))).toMatch(
      /^Bearer realm="assent", error="invalid_token", error_description="the token is bound to a key: [^"]+", DPoP algs="[\w ]+"$/,
    );
  });

  test('has its grants bound to the same key, and by no other proof', async () => {
    const path = '/v1/grants';
    const jkt = await calculateJwkThumbprint(await exportJWK(holder.publicKey));
    const ofService = await signed(claimsOf({ cnf: { jkt } }), provider.key());
    const ath = createHash('sha256').update(ofService).digest('base64url');
    const asked = async ({ privateKey, publicKey }: SigningKey) =>
      service.request('POST', path, {
        headers: {
          authorization: `DPoP ${ofService}`,
          dpop: await new SignJWT({
            jti: randomUUID(),
            htm: 'POST',
            htu: `${PUBLIC}${path}`,
            iat: seconds(),
            ath,
          })
            .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
            .sign(privateKey),
        },
        body: { purpose: 'service', audience: 'profiles', user: 'anybody', fields: ['member.skills'] },
      });
    const { body } = await asked(holder);
    expect(decodeJwt(textAt(body, 'grant'))).toMatchObject({ cnf: { jkt } });
    expectRefused(await asked(await newSigningKey()));
  });

  test('counts for the limit of its client, and by nobody who has no proof', async () => {
    const limited = await startService({
      OIDC_ISSUER: provider.issuer,
      OIDC_AUDIENCE: AUDIENCE,
      PUBLIC_URL: PUBLIC,
      CLIENT_RATE_LIMIT: '1',
      OVERLOAD_WAIT_MS: '0',
    });
    const jkt = await calculateJwkThumbprint(await exportJWK(holder.publicKey));
    const ofService = await signed(claimsOf({ cnf: { jkt } }), provider.key());
    const path = '/v1/me';
    const statuses = async (key: SigningKey) => {
      const asked = Array.from({ length: 20 }, async () => {
        const dpop = await proof(`${PUBLIC}${path}`, ofService, key);
        return limited.request('GET', path, { headers: { authorization: `DPoP ${ofService}`, dpop } });
      });
      return new Set((await Promise.all(asked)).map(({ status }) => status));
    };
    try {
      expect(await statuses(await newSigningKey())).toEqual(new Set([401]));
      expect(await statuses(holder)).toEqual(new Set([200, 429]));
    } finally {
      await limited.stop();
    }
  });

  test('is refused when it is bound to a certificate and no connection has one', async () => {
    const claims = { ...without('purposes'), sub: 'u-9', cnf: { 'x5t#S256': 'abc' } };
    const bound = await signed(claims, provider.key());
    const reply = await send(undefined, 'Bearer', bound);
    expectRefused(reply);
    expect(textAt(reply.body, 'detail')).toContain('certificate');
  });

  test('that is not bound is not believed more for a proof', async () => {
    const bearer = await signed({ ...without('purposes'), sub: 'u-9' }, provider.key());
    expectRefused(await send(await proof(`${PUBLIC}${PATH}`, bearer), 'DPoP', bearer));
    expect(await send(undefined, 'Bearer', bearer)).toMatchObject({ status: 200 });
  });
});

describe('a token that the provider did not sign', () => {
  test('is refused: signed by another key', async () => {
    expectRefused(await ask(await signed(claimsOf(), await newSigningKey())));
  });

  test("is refused: signed by another key under the provider's key id", async () => {
    const other = await newSigningKey();
    const { kid } = provider.key().privateJwk;
    const privateJwk = { ...other.privateJwk, ...(kid === undefined ? {} : { kid }) };
    expectRefused(await ask(await signed(claimsOf(), { ...other, privateJwk })));
  });

  test('is refused: signed by nobody', async () => {
    for (const alg of ['none', 'None', 'NONE', ''])
      for (const signature of ['', 'AAAA'])
        expectRefused(await ask(`${encoded({ alg, typ: 'JWT' })}.${encoded(claimsOf())}.${signature}`));
  });

  test('is refused: HS256 with the public key for a secret', async () => {
    const { publicKey, privateJwk } = provider.key();
    const pem = await exportSPKI(publicKey);
    const secrets = [pem, pem.trimEnd(), JSON.stringify(await exportJWK(publicKey)), ''];
    for (const alg of ['HS256', 'HS512'])
      for (const secret of secrets) {
        const content = `${encoded({ alg, kid: privateJwk.kid })}.${encoded(claimsOf())}`;
        const signature = createHmac(alg === 'HS256' ? 'sha256' : 'sha512', secret)
          .update(content)
          .digest('base64url');
        expectRefused(await ask(`${content}.${signature}`));
      }
  });

  test('is refused: a key of its own in the header', async () => {
    const own = await newSigningKey();
    const jwk = await exportJWK(own.publicKey);
    const [, payload = '', signature = ''] = (await signed(claimsOf(), own)).split('.');
    expectRefused(await ask(`${encoded({ alg: 'ES256', jwk })}.${payload}.${signature}`));
    expectRefused(
      await ask(`${encoded({ alg: 'ES256', jku: 'https://evil.example/jwks' })}.${payload}.${signature}`),
    );
  });

  test('is refused: a payload that was changed after it was signed', async () => {
    const [header = '', , signature = ''] = (await provider.accessToken('pep')).split('.');
    expectRefused(await ask(`${header}.${encoded(claimsOf({ purposes: ['legal'] }))}.${signature}`));
  });

  test('is refused: a signature that was changed or cut off', async () => {
    const token = await provider.accessToken('pep');
    const [header = '', payload = '', signature = ''] = token.split('.');
    const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    for (const given of [
      `${header}.${payload}.${flipped}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature.slice(0, 20)}`,
      `${token}.${signature}`,
    ])
      expectRefused(await ask(given));
  });

  test('is refused: one of development mode, whose key lies in the data folder', async () => {
    expectRefused(await ask(await service.token({ sub: 'pep', purposes: ['service'] })));
  });

  test('is refused after one that was believed, and the other way round', async () => {
    const good = await provider.accessToken('pep');
    const bad = `${good.slice(0, -6)}AAAAAA`;
    for (let time = 0; time < 3; time++) {
      expect(await ask(good)).toMatchObject({ status: 200 });
      expectRefused(await ask(bad));
    }
  });
});

describe('time', () => {
  test('ends a token that was believed', LONG_RUN, async () => {
    const token = await signed(claimsOf({ exp: seconds() + 3 }), provider.key());
    expect(await ask(token)).toMatchObject({ status: 200 });
    await expect.poll(async () => (await ask(token)).status, { interval: 100 }).toBe(401);
    expect(seconds()).toBeGreaterThanOrEqual(decodeJwt(token).exp ?? 0);
    expectRefused(await ask(token));
  });
});

/** What the service has logged, but for requests. */
async function lines({ logged }: Service): Promise<Record<string, unknown>[]> {
  return (await logged())
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter(({ message }) => message !== 'request');
}

test(
  'where callers are told to come to their own machine, the log says so, and nowhere else',
  LONG_RUN,
  async () => {
    const told = async (one: Service) =>
      (await lines(one)).filter(({ message }) => /set PUBLIC_URL/.test(String(message)));
    const local = await startService({ OIDC_ISSUER: provider.issuer, OIDC_AUDIENCE: AUDIENCE });
    const here = await told(local);
    await local.stop();
    expect(here).toMatchObject([{ level: 40, public_url: 'http://127.0.0.1:0' }]);
    expect(await told(service)).toEqual([]);
  },
);

describe('the provider', () => {
  test('that is down from the start: 503 and never a permit, until it is up', async () => {
    const late = await startOpenIdProvider(AUDIENCE, CLIENTS);
    const token = await late.accessToken('pep');
    await late.unplug();
    const waiting = await startService({ OIDC_ISSUER: late.issuer, OIDC_AUDIENCE: AUDIENCE });
    try {
      for (const given of [token, token, 'nonsense', `${token}x`]) {
        const reply = await ask(given, waiting);
        expect(reply).toMatchObject({
          status: 503,
          body: {
            type: 'urn:assent:problem:identity_unavailable',
            status: 503,
            detail: expect.stringMatching(`${late.issuer}.*cannot be reached`),
          },
        });
        expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
        expect(reply.headers.get('retry-after')).toMatch(/^\d+$/);
      }
      expect(await lines(waiting)).toContainEqual(
        expect.objectContaining({
          url: waiting.url,
          because: expect.stringMatching(/cannot be reached .*: see that/),
          message: 'listening, but not ready',
        }),
      );
      expect((await lines(waiting)).map(({ message }) => message)).not.toContain('ready');
      expect((await waiting.request('GET', '/health/live')).status).toBe(200);
      expect(await waiting.request('GET', '/health/ready')).toMatchObject({
        status: 503,
        body: { parts: { identity: false }, trouble: expect.stringContaining('cannot be reached') },
      });
      await late.plug();
      expect(await ask(token, waiting)).toMatchObject({ status: 200, body: { decision: true } });
      expect((await waiting.request('GET', '/health/ready')).status).toBe(200);
      await expect
        .poll(async () => (await lines(waiting)).at(-1))
        .toMatchObject({ url: waiting.url, message: 'ready' });
    } finally {
      await waiting.stop();
      await late.unplug();
    }
  });

  test('that goes down takes nobody along whose key is known, and lets nobody else in', async () => {
    await ask(await provider.accessToken('pep'));
    await provider.unplug();
    try {
      expect(await ask(await signed(claimsOf({ jti: 'while down' }), provider.key()))).toMatchObject({
        status: 200,
      });
      const reply = await ask(await signed(claimsOf(), await newSigningKey()));
      expect([401, 503]).toContain(reply.status);
    } finally {
      await provider.plug();
    }
  });

  test(
    'that rotates its key is believed by the new one, and no longer by the old one',
    LONG_RUN,
    async () => {
      const old = provider.key();
      await provider.rotate();
      const token = await provider.accessToken('pep');
      await expect.poll(async () => (await ask(token)).status, POLL).toBe(200);
      expectRefused(await ask(await signed(claimsOf({ jti: 'by the old key' }), old)));
    },
  );
});

describe('the service does not start', LONG_RUN, () => {
  const MISSING = '/nonexistent/policies';
  const OIDC = { OIDC_ISSUER: 'https://login.example.org', OIDC_AUDIENCE: AUDIENCE };

  // all that is wrong with the variables is said at once
  test.each<{ on: string; env: Readonly<Record<string, string>>; says: readonly RegExp[] }>([
    {
      on: 'an audience without an issuer, every address in development mode, a port that is no number, a log level that is none, a public URL without TLS',
      env: {
        OIDC_AUDIENCE: AUDIENCE,
        HOST: '0.0.0.0',
        PORT: 'http',
        LOG_LEVEL: 'loud',
        PUBLIC_URL: 'http://assent.example.org',
      },
      says: [
        /OIDC_ISSUER and OIDC_AUDIENCE belong together: set both/,
        /HOST is `0\.0\.0\.0`.*set OIDC_ISSUER and OIDC_AUDIENCE, or HOST=127\.0\.0\.1/,
        /PORT is `http`: give a whole number/,
        /LOG_LEVEL is `loud`: give one of/,
        /PUBLIC_URL .*must be an https URL/,
      ],
    },
    {
      on: 'an issuer without an audience, a variable that is not one, a port that is none',
      env: { OIDC_ISSUER: OIDC.OIDC_ISSUER, OIDC_AUDIANCE: AUDIENCE, PORT: '65536' },
      says: [
        /OIDC_ISSUER and OIDC_AUDIENCE belong together: set both/,
        /there is no setting `OIDC_AUDIANCE`: did you mean `OIDC_AUDIENCE`\?/,
        /PORT is `65536`: give a whole number from 0 to/,
      ],
    },
    {
      on: 'every IPv6 address in development mode, a port below none',
      env: { HOST: '::', PORT: '-1' },
      says: [/HOST is `::`.*or HOST=/, /PORT is `-1`: give a whole number/],
    },
    {
      on: 'a name of another machine in development mode',
      env: { HOST: '127.0.0.1.evil.example' },
      says: [/HOST is `127\.0\.0\.1\.evil\.example`.*or HOST=/],
    },
    {
      on: 'an issuer without TLS',
      env: { ...OIDC, OIDC_ISSUER: 'http://login.example.org' },
      says: [/OIDC_ISSUER is `http:\/\/login\.example\.org`: it must be an https URL/],
    },
    {
      on: 'an issuer that is no URL',
      env: { ...OIDC, OIDC_ISSUER: 'login.example.org' },
      says: [/OIDC_ISSUER .*must be an https URL/],
    },
    {
      on: 'a folder without a policy',
      env: { POLICY_DIR: MISSING },
      says: [/\/nonexistent\/policies` cannot be read: set POLICY_DIR to the folder of the policy/],
    },
    {
      on: 'a data folder that cannot be written',
      env: { DATA_DIR: '/dev/null/assent' },
      says: [/cannot write to `\/dev\/null\/assent`.*set DATA_DIR/],
    },
  ])('on $on, and says what to do about each', async ({ env, says }) => {
    const { code, stderr } = await refusalToStart(env);
    expect(code).toBe(1);
    for (const said of says) expect(stderr).toMatch(said);
    // a sentence for people: no stack
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('on an issuer that calls itself otherwise, and says how', async () => {
    const { code, stdout, stderr } = await refusalToStart({
      OIDC_ISSUER: `${provider.issuer}/`,
      OIDC_AUDIENCE: AUDIENCE,
    });
    expect(code).toBe(1);
    expect(stderr).toContain(`calls itself \`${provider.issuer}\``);
    expect(stdout).not.toContain('calls itself');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('on an issuer that has no discovery document, and says which and what to set', async () => {
    const issuer = `${provider.issuer}/nowhere`;
    const { code, stderr } = await refusalToStart({ OIDC_ISSUER: issuer, OIDC_AUDIENCE: AUDIENCE });
    expect(code).toBe(1);
    expect(stderr).toMatch(/of the issuer `.*\/nowhere` answers 404: set OIDC_ISSUER/);
  });

  test('on a data folder that another one has', async () => {
    const { code, stderr } = await refusalToStart({ DATA_DIR: service.dataDir });
    expect(code).toBe(1);
    expect(stderr).toMatch(/is in use by another process: stop it, or set DATA_DIR to another folder/);
    expect(await ask(await provider.accessToken('pep'))).toMatchObject({ status: 200 });
  });
});
