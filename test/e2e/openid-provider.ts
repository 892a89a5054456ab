/** A real OpenID provider on a free loopback port, with keys that can be rotated and a plug that can be pulled. */
import { randomUUID } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import { type CryptoKey, type JWK, type JWTPayload, SignJWT, exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

const ALGORITHM = 'ES256';
const SECRET = 'a secret that only these tests know';

/** What the provider says of a client in its access tokens. */
export type ClientClaims = { readonly purposes?: readonly string[]; readonly roles?: readonly string[] };

/** A page where people sign in by the provider, and what it says of them in their access tokens. */
export type SignInClient = {
  readonly id: string;
  /** Absent: a public client. */
  readonly secret?: string;
  /** Base URL of the service whose page it is. */
  readonly publicUrl: string;
  readonly people: Readonly<Record<string, { readonly roles?: readonly string[] }>>;
};

export type SigningKey = {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly privateJwk: JWK;
};

export type OpenIdProvider = {
  readonly issuer: string;
  /** An access token of a client, from the token endpoint. */
  readonly accessToken: (client: string) => Promise<string>;
  /** The key that the provider signs with now. */
  readonly key: () => SigningKey;
  /** Signs with a new key from now on, and publishes no other. */
  readonly rotate: () => Promise<void>;
  /** Who signs in from now on, without being asked anything; nobody: they cancel. */
  readonly signInAs: (person: string | undefined) => void;
  /** Stops listening. */
  readonly unplug: () => Promise<void>;
  /** Listens again, on the same port. */
  readonly plug: () => Promise<void>;
};

export async function newSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const privateJwk = { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: ALGORITHM, use: 'sig' };
  return { privateKey, publicKey, privateJwk };
}

/** Signs claims as the provider would, whatever they are. */
export function signed(claims: JWTPayload, { privateKey, privateJwk }: SigningKey): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({
      alg: ALGORITHM,
      typ: 'at+jwt',
      ...(privateJwk.kid === undefined ? {} : { kid: privateJwk.kid }),
    })
    .sign(privateKey);
}

/**
 * Starts a provider.
 *
 * @param audience for which it issues access tokens
 * @param clients what it says of each client, by client id
 * @param page where people sign in
 */
export async function startOpenIdProvider(
  audience: string,
  clients: Readonly<Record<string, ClientClaims>>,
  page?: SignInClient,
): Promise<OpenIdProvider> {
  let person: string | undefined;
  let key = await newSigningKey();
  let answer: ReturnType<Provider['callback']> = (_request, response) => response.writeHead(503).end();
  const server = createServer((request, response) => answer(request, response));
  const port = await listen(server, 0);
  const issuer = `http://127.0.0.1:${port}`;
  const serve = () => {
    answer = answersOf(providerOf(issuer, audience, clients, key, page), () => person);
  };
  serve();
  return {
    issuer,
    accessToken: (client) => requestToken(issuer, client, audience),
    key: () => key,
    rotate: async () => {
      key = await newSigningKey();
      serve();
    },
    signInAs: (one) => {
      person = one;
    },
    unplug: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    plug: async () => {
      await listen(server, port);
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the provider has no port'));
      else resolve(address.port);
    });
  });
}

function providerOf(
  issuer: string,
  audience: string,
  clients: Readonly<Record<string, ClientClaims>>,
  { privateJwk }: SigningKey,
  page: SignInClient | undefined,
): Provider {
  return new Provider(issuer, {
    clients: [
      ...Object.keys(clients).map((id) => ({
        client_id: id,
        client_secret: SECRET,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: ALGORITHM,
      })),
      ...(page === undefined ? [] : [clientOf(page)]),
    ],
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_context: unknown, { uid }: { readonly uid: string }) => `${INTERACTION}${uid}` },
    loadExistingGrant: async ({ oidc }: OidcContext) => {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client.clientId,
        accountId: oidc.session.accountId,
      });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
    jwks: { keys: [privateJwk] },
    cookies: { keys: [SECRET] },
    ttl: { ClientCredentials: 600 },
    // whoever signs in anew in another tab does not end what the first one got
    expiresWithSession: () => false,
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: ALGORITHM } },
        }),
      },
    },
    extraTokenClaims: (
      _context: unknown,
      { clientId, accountId = '' }: { readonly clientId: string; readonly accountId?: string },
    ) => (clientId === page?.id ? page.people[accountId] : clients[clientId]),
  });
}

/** What of oidc-provider's context is used here. */
type OidcContext = {
  readonly oidc: {
    readonly client: { readonly clientId: string };
    readonly session: { readonly accountId: string };
    readonly provider: {
      readonly Grant: new (of: { readonly clientId: string; readonly accountId: string }) => {
        addOIDCScope(scope: string): void;
        save(): Promise<string>;
      };
    };
  };
};

const INTERACTION = '/interaction/';

function clientOf({ id, secret, publicUrl }: SignInClient): object {
  return {
    client_id: id,
    ...(secret === undefined ? { token_endpoint_auth_method: 'none' } : { client_secret: secret }),
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: [`${publicUrl}/session/callback`],
    post_logout_redirect_uris: [`${publicUrl}/session/signed-out`],
    id_token_signed_response_alg: ALGORITHM,
    application_type: 'native',
  };
}

/** The answers of a provider, which signs people in without a page. */
function answersOf(provider: Provider, person: () => string | undefined): ReturnType<Provider['callback']> {
  const answer = provider.callback();
  return (request, response) => {
    if (request.url?.startsWith(INTERACTION) !== true) return answer(request, response);
    const accountId = person();
    const result =
      accountId === undefined ? { error: 'access_denied' } : { login: { accountId }, consent: {} };
    void provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  };
}

async function requestToken(issuer: string, client: string, audience: string): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${encodeURIComponent(client)}:${encodeURIComponent(SECRET)}`).toString('base64')}`,
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: `urn:${audience}` }),
  });
  const body: unknown = await response.json();
  if (typeof body === 'object' && body !== null && 'access_token' in body) return String(body.access_token);
  throw new Error(`the provider gave no token: ${JSON.stringify(body)}`);
}
