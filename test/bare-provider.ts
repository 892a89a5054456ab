/** A provider that publishes whatever a test wants: its documents, its keys, and how they are sent. */
import { type ServerResponse, createServer } from 'node:http';
import { type SigningKey } from './e2e/openid-provider.js';
import { exportJWK } from 'jose';

type Answer = string | Buffer | ((response: ServerResponse) => void);

export type BareProvider = {
  readonly issuer: string;
  /** Publishes keys at a path, and names the path. `kids` replaces the ids of the keys. */
  readonly publish: (
    keys: readonly SigningKey[],
    options?: { path?: string; kid?: string | null },
  ) => Promise<void>;
  /** Answers a path in another way; `undefined`: with 404. */
  readonly answer: (path: string, answer: Answer | undefined) => void;
  readonly close: () => Promise<void>;
};

export const DISCOVERY = '/.well-known/openid-configuration';

export async function startBareProvider(): Promise<BareProvider> {
  const answers = new Map<string, Answer>();
  const server = createServer((request, response) => {
    const answer = answers.get(request.url ?? '');
    if (answer === undefined) response.writeHead(404).end();
    else if (typeof answer === 'function') answer(response);
    else response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the provider has no port');
  const issuer = `http://127.0.0.1:${address.port}`;
  return {
    issuer,
    publish: async (keys, { path = '/keys', kid } = {}) => {
      const published = await Promise.all(
        keys.map(async ({ publicKey, privateJwk }) => ({
          ...(await exportJWK(publicKey)),
          ...(kid === null ? {} : { kid: kid ?? privateJwk.kid }),
        })),
      );
      answers.set(path, JSON.stringify({ keys: published }));
      answers.set(DISCOVERY, JSON.stringify({ issuer, jwks_uri: `${issuer}${path}` }));
    },
    answer: (path, answer) => void (answer === undefined ? answers.delete(path) : answers.set(path, answer)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
