/** A real OpenID provider on a free loopback port, with keys that can be rotated and a plug that can be pulled. */
import { randomUUID } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import { type CryptoKey, type JWK, type JWTPayload, SignJWT, exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

const ALGORITHM = 'ES256';
const SECRET = 'a secret that only these tests know';

/** What the provider says of a client in its access tokens. */
export type ClientClaims = { readonly purposes?: readonly string[]; readonly roles?: readonly string[] };

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
 */
export async function startOpenIdProvider(
  audience: string,
  clients: Readonly<Record<string, ClientClaims>>,
): Promise<OpenIdProvider> {
  let key = await newSigningKey();
  let answer: ReturnType<Provider['callback']> = (_request, response) => response.writeHead(503).end();
  const server = createServer((request, response) => answer(request, response));
  const port = await listen(server, 0);
  const issuer = `http://127.0.0.1:${port}`;
  const serve = () => {
    answer = providerOf(issuer, audience, clients, key).callback();
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
): Provider {
  return new Provider(issuer, {
    clients: Object.keys(clients).map((id) => ({
      client_id: id,
      client_secret: SECRET,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: ALGORITHM,
    })),
    jwks: { keys: [privateJwk] },
    cookies: { keys: [SECRET] },
    ttl: { ClientCredentials: 600 },
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
    extraTokenClaims: (_context: unknown, { clientId }: { readonly clientId: string }) => clients[clientId],
  });
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
