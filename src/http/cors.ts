/**
 * Lets pages of other origins call the API with tokens (Fetch, section 3.3): those that are listed, and no other. Cookies
 * are never let in: `Access-Control-Allow-Credentials` is not sent.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Decisions are for services, and people sign in on pages of this service alone. */
const NEVER = /^\/(?:access|session)(?:\/|$)/;

const ALLOWED = {
  'access-control-allow-methods': 'GET, PUT, POST, DELETE',
  'access-control-allow-headers':
    'Authorization, Content-Type, Accept-Language, If-Match, If-None-Match, DPoP, X-Request-Id',
  // ten minutes, after which a browser asks again whether the origin is still listed
  'access-control-max-age': '600',
};
const EXPOSED = 'ETag, Content-Language, WWW-Authenticate, Retry-After, X-Request-Id';

/** To be called before authentication is set up: a browser asks beforehand without a token. */
export function allowOrigins(server: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  server.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    if (origin === undefined || !origins.includes(origin) || NEVER.test(request.url)) return done();
    void reply.headers({
      'access-control-allow-origin': origin,
      'access-control-expose-headers': EXPOSED,
      // over what pages of this service have, which stand for themselves alone
      'cross-origin-resource-policy': 'cross-origin',
    });
    if (!isAskedBeforehand(request)) return done();
    void reply.code(204).headers(ALLOWED).send();
  });
  server.addHook('onSend', (_request, reply, _payload, done) => {
    const vary = reply.getHeader('vary');
    void reply.header('vary', vary === undefined ? 'Origin' : `${String(vary)}, Origin`);
    done();
  });
}

function isAskedBeforehand({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}
