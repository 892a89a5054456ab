/**
 * What the service takes from its identity provider: access tokens alone, keys however they are published, within
 * bounds.
 */
import { type JWTPayload, SignJWT } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BareProvider, DISCOVERY, startBareProvider } from '../../../test/bare-provider.js';
import { type SigningKey, newSigningKey } from '../../../test/e2e/openid-provider.js';
import { DomainError } from '../../errors.js';
import { issuerFrom } from './issuer-settings.js';
import { TokenVerifier } from './token-verifier.js';

const AUDIENCE = 'assent.example.org';
const LEEWAY = 60;
/** Longer than the verifier waits before it looks again for a key that it does not know. */
const A_WHILE = 6_000;

const seconds = () => Math.floor(Date.now() / 1000);

let provider: BareProvider;
let verifier: TokenVerifier;
let clock: number;
let troubles: string[];
let first: SigningKey;
let second: SigningKey;

type Signing = { readonly typ?: string | null; readonly key?: SigningKey; readonly kid?: string | null };

/** A token of the client `ads`, with other claims and another header if they are given. */
function token(claims: JWTPayload = {}, { typ = 'at+jwt', key = first, kid }: Signing = {}): Promise<string> {
  const named = kid === undefined ? key.privateJwk.kid : (kid ?? undefined);
  return new SignJWT({
    iss: provider.issuer,
    aud: AUDIENCE,
    sub: 'ads',
    client_id: 'ads',
    purposes: ['service'],
    iat: seconds(),
    exp: seconds() + 600,
    ...claims,
  })
    .setProtectedHeader({
      alg: 'ES256',
      ...(typ === null ? {} : { typ }),
      ...(named === undefined ? {} : { kid: named }),
    })
    .sign(key.privateKey);
}

const issuerNamed = (issuer: string) => {
  const settings: Record<string, string> = { issuer, audience: AUDIENCE, leeway_seconds: String(LEEWAY) };
  return issuerFrom((setting) => settings[setting], String, expect.unreachable);
};

/** What becomes of a token: `believed`, or the code of the refusal and its words. */
async function fateOf(given: string): Promise<string> {
  if (verifier.recall(given, Date.now()) !== undefined) return 'believed';
  try {
    await verifier.verify(given);
    return 'believed';
  } catch (error) {
    if (error instanceof DomainError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

function trust(issuer: string): Promise<TokenVerifier> {
  return TokenVerifier.forIssuers(
    [issuerNamed(issuer)],
    ({ message }) => troubles.push(message),
    () => clock,
  );
}

beforeAll(async () => {
  [first, second] = await Promise.all([newSigningKey(), newSigningKey()]);
});

beforeEach(async () => {
  clock = Date.now();
  troubles = [];
  provider = await startBareProvider();
  await provider.publish([first]);
  verifier = await trust(provider.issuer);
});

afterEach(() => provider.close());

describe('a token that the issuer signed', () => {
  test.each(['at+jwt', 'AT+JWT', 'application/at+jwt'])(
    'of the type `%s` is an access token',
    async (typ) => {
      expect(await fateOf(await token({}, { typ }))).toBe('believed');
    },
  );

  test.each([
    { what: 'a logout token', typ: 'logout+jwt', claims: {} },
    { what: 'a logout token of the type of an access token', typ: 'at+jwt', claims: { events: {} } },
    { what: 'an ID token', typ: 'JWT', claims: { nonce: 'n' } },
    { what: 'an ID token of the type of an access token', typ: 'at+jwt', claims: { nonce: 'n' } },
    { what: 'an ID token that names its access token', typ: 'at+jwt', claims: { at_hash: 'h' } },
    { what: 'an ID token that names its code', typ: 'at+jwt', claims: { c_hash: 'h' } },
    { what: 'a security event', typ: 'secevent+jwt', claims: {} },
    { what: 'a token of no type', typ: null, claims: {} },
    { what: 'a proof of possession', typ: 'dpop+jwt', claims: {} },
  ])('that is $what is refused', async ({ typ, claims }) => {
    expect(await fateOf(await token(claims, { typ }))).toMatch(/^not_authenticated: .*access token/);
  });

  test('is taken from a clock that runs ahead by no more than the leeway, and ends when it says', async () => {
    expect(await fateOf(await token({ nbf: seconds() + LEEWAY / 2 }))).toBe('believed');
    expect(await fateOf(await token({ nbf: seconds() + 5 * LEEWAY }))).toMatch(/^not_authenticated: .*`nbf`/);
    expect(await fateOf(await token({ exp: seconds() - 1 }))).toMatch(/^not_authenticated: .*expired/);
  });

  test.each([
    ['in milliseconds', () => Date.now() + 600_000],
    ['for ever', () => Number.MAX_SAFE_INTEGER],
    ['at 101 years from now', () => seconds() + 101 * 366 * 86_400],
  ])('that ends %s is refused, and told how its end is written', async (_end, exp) => {
    expect(await fateOf(await token({ exp: exp() }))).toMatch(/^not_authenticated: .*`exp`.*seconds/);
  });

  test('may last for years', async () => {
    expect(await fateOf(await token({ exp: seconds() + 90 * 365 * 86_400 }))).toBe('believed');
  });
});

describe('keys', () => {
  test.each([
    { how: 'the same id', kid: 'one and the same' },
    { how: 'no id', kid: null },
  ])('of which several fit, with $how, lock nobody out', async ({ kid }) => {
    await provider.publish([first, second], { kid });
    clock += A_WHILE;
    for (const key of [second, first]) expect(await fateOf(await token({}, { key, kid }))).toBe('believed');
    const stranger = await token({}, { key: await newSigningKey(), kid });
    expect(await fateOf(stranger)).toMatch(/^not_authenticated/);
  });

  test('of which far too many fit are not all tried', async () => {
    const many = await Promise.all(Array.from({ length: 20 }, newSigningKey));
    await provider.publish([...many, second], { kid: null });
    clock += A_WHILE;
    expect(await fateOf(await token({}, { key: second, kid: null }))).toMatch(/^not_authenticated/);
  });

  test('that moved are found without a restart', async () => {
    const moved = await newSigningKey();
    await provider.publish([moved], { path: '/moved' });
    provider.answer('/keys', undefined);
    clock += A_WHILE;
    expect(await fateOf(await token({}, { key: moved }))).toBe('believed');
  });

  test('that are new are found by all who ask for them at once', async () => {
    await provider.publish([first, second]);
    clock += A_WHILE;
    const given = await Promise.all([1, 2, 3].map((jti) => token({ jti: String(jti) }, { key: second })));
    expect(await Promise.all(given.map(fateOf))).toEqual(['believed', 'believed', 'believed']);
  });

  test('are not looked for at every token that nobody signed', async () => {
    let asked = 0;
    await provider.publish([first]);
    provider.answer(DISCOVERY, (response) => {
      asked++;
      response.end(JSON.stringify({ issuer: provider.issuer, jwks_uri: `${provider.issuer}/keys` }));
    });
    clock += A_WHILE;
    for (let time = 0; time < 5; time++) await fateOf(await token({}, { key: second }));
    expect(asked).toBe(1);
  });

  test('that are gone take those along who were known by them', async () => {
    const known = await token();
    expect(await fateOf(known)).toBe('believed');
    await provider.publish([second]);
    clock += A_WHILE;
    expect(await fateOf(await token({}, { key: second }))).toBe('believed');
    expect(await fateOf(known)).toMatch(/^not_authenticated/);
  });

  test('are believed for an hour while the provider is away, and no longer', async () => {
    provider.answer(DISCOVERY, (response) => response.writeHead(503).end());
    clock += 3_500_000;
    expect(await fateOf(await token({ jti: 'within the hour' }))).toBe('believed');
    clock += 200_000;
    expect(await fateOf(await token({ jti: 'after it' }))).toMatch(/^identity_unavailable: .*answers 503/);
  });

  test('that the provider sends without end end nothing here', async () => {
    let sent = 0;
    const cut = new Promise<void>((resolve) =>
      provider.answer('/keys', (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const chunk = Buffer.alloc(65_536, ' ');
        const more = () => {
          while (!response.destroyed && response.write(chunk)) sent += chunk.length;
        };
        response.on('drain', more).on('close', () => resolve());
        more();
      }),
    );
    clock += A_WHILE;
    const unknown = await token({}, { key: second });
    expect(await fateOf(unknown)).toMatch(/^identity_unavailable: .*more than 1048576 bytes/);
    await cut;
    // what lies in the sockets is not in the memory of the service
    expect(sent).toBeLessThan(32 * 1_048_576);
    expect(await fateOf(await token())).toBe('believed');
    expect(troubles).toHaveLength(1);
  });

  test('among which one is broken are the others', async () => {
    const [good] = await publishedBy(provider);
    provider.answer('/keys', JSON.stringify({ keys: [null, 'key', {}, { kty: 'EC', kid: 'x' }, good] }));
    clock += A_WHILE;
    await fateOf(await token({}, { key: second }));
    expect(await fateOf(await token())).toBe('believed');
  });
});

async function publishedBy({ issuer }: BareProvider): Promise<unknown[]> {
  const body: unknown = await (await fetch(`${issuer}/keys`)).json();
  if (typeof body === 'object' && body !== null && 'keys' in body && Array.isArray(body.keys))
    return body.keys;
  throw new Error('the provider publishes no keys');
}

describe('a provider that is not what it is taken for is told of at the start', () => {
  const discovery = (members: object) => JSON.stringify({ issuer: provider.issuer, ...members });
  const body = (text: string | Buffer) => () => provider.answer(DISCOVERY, text);

  test.each([
    {
      what: 'a slash too many',
      issuer: () => `${provider.issuer}/`,
      says: () => `calls itself \`${provider.issuer}\``,
    },
    {
      what: 'another name for its address',
      issuer: () => provider.issuer.replace('127.0.0.1', 'localhost'),
      says: () => `calls itself \`${provider.issuer}\``,
    },
    {
      what: 'a path that is not there',
      issuer: () => `${provider.issuer}/realms/x`,
      says: () => 'answers 404',
    },
    { what: 'a document that is no JSON', does: body('<html>'), says: () => 'is not JSON' },
    { what: 'a document that is no object', does: body('[]'), says: () => 'is no JSON object' },
    {
      what: 'a document that is not UTF-8',
      does: body(Buffer.from([0x22, 0xff, 0x22])),
      says: () => 'is not UTF-8',
    },
    { what: 'a document without an issuer', does: body('{}'), says: () => 'names no `issuer`' },
    {
      what: 'a document without keys',
      does: () => provider.answer(DISCOVERY, discovery({})),
      says: () => 'names no `jwks_uri`',
    },
    {
      what: 'keys that anybody on the way could change',
      does: () => provider.answer(DISCOVERY, discovery({ jwks_uri: 'http://keys.example.org/' })),
      says: () => '`http://keys.example.org/` is not an https URL',
    },
    {
      what: 'keys in a file',
      does: () => provider.answer(DISCOVERY, discovery({ jwks_uri: 'file:///etc/passwd' })),
      says: () => 'is not an https URL',
    },
    {
      what: 'a key set without keys',
      does: () => provider.answer('/keys', '{}'),
      says: () => 'has no `keys`',
    },
    {
      what: 'a redirect',
      does: () =>
        provider.answer(DISCOVERY, (response) => response.writeHead(302, { location: '/elsewhere' }).end()),
      says: () => 'redirects to `/elsewhere`',
    },
    {
      what: 'a document without end',
      does: () => provider.answer(DISCOVERY, Buffer.alloc(1_048_577, ' ')),
      says: () => 'has more than 1048576 bytes',
    },
  ])('$what', async ({ issuer = () => provider.issuer, does, says }) => {
    does?.();
    await expect(trust(issuer())).rejects.toThrow(says());
    // and what to do about it
    await expect(trust(issuer())).rejects.toThrow(
      /: (set OIDC_ISSUER,|if that is |whoever runs the provider )/,
    );
  });

  test('a path that is not there, by the issuer and with what to set', async () => {
    const issuer = `${provider.issuer}/realms/x`;
    await expect(trust(issuer)).rejects.toThrow(
      `the discovery document \`${issuer}${DISCOVERY}\` of the issuer \`${issuer}\` answers 404: set OIDC_ISSUER, or the \`issuer\` in OIDC_FILE, to exactly what your provider's discovery document has as \`issuer\``,
    );
  });
});

test.each([
  ['does not answer', 'http://127.0.0.1:1', /cannot be reached \(.+\): see that its address is right/],
  ['fails', undefined, /answers 503: it is tried again by itself; if it stays so, tell/],
])('a provider that %s is told of with what to do', async (_how, issuer, says) => {
  provider.answer(DISCOVERY, (response) => response.writeHead(503).end());
  expect((await trust(issuer ?? provider.issuer)).trouble).toMatch(says);
});

test('a provider that speaks no TLS at an address of https is told of as that', async () => {
  const issuer = provider.issuer.replace('http:', 'https:');
  expect((await trust(issuer)).trouble).toMatch(/speaks no TLS, as if it were an address of http: correct/);
});

test('a provider that cannot be reached yet is waited for, and it is said why', async () => {
  provider.answer(DISCOVERY, (response) => response.writeHead(502).end());
  verifier = await trust(provider.issuer);
  expect(verifier.trouble).toMatch(/answers 502/);
  expect(await fateOf(await token())).toMatch(/^identity_unavailable: .*answers 502: try again shortly/);

  // found at last, it is another one than it is taken for: that will not pass
  const other = { issuer: 'https://other.example', jwks_uri: `${provider.issuer}/keys` };
  provider.answer(DISCOVERY, JSON.stringify(other));
  expect(await fateOf(await token())).toMatch(/calls itself `https:\/\/other\.example`.*must fix it/);

  await provider.publish([first]);
  expect(await fateOf(await token())).toBe('believed');
  expect(verifier.trouble).toBeUndefined();
});
