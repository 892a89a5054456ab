/** Makes the session of a browser count as its token does, on the routes that are for people. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { rememberIssued } from '../access/issued.js';
import { DomainError } from '../errors.js';
import type { Person, Session } from './session.js';
import { type OriginOf, mustBeOwnPage } from './own-page.js';
import { SESSION, type Sessions } from './sessions.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The session by which the caller of the request is known; null where it was known by a token. */
    session: Session | null;
  }
}

/** The only addresses that know sessions. Decisions are for services, which have none. */
const KNOWS_SESSIONS = '/v1/';

/**
 * The person whose session a request has.
 *
 * @returns `undefined` where none counts; rejects with the DomainError of a session that does not hold
 */
export function sessionReader(
  server: FastifyInstance,
  sessions: Sessions,
  originOf: OriginOf,
): (request: FastifyRequest, reply: FastifyReply) => Promise<Person> | undefined {
  server.decorateRequest('session', null);
  return (request, reply) => {
    const { cookie } = request.headers;
    const address = request.is404 ? request.url : request.routeOptions.url;
    if (cookie?.includes(SESSION) !== true || address?.startsWith(KNOWS_SESSIONS) !== true) return undefined;
    return personIn(request, reply, sessions, originOf);
  };
}

async function personIn(
  request: FastifyRequest,
  reply: FastifyReply,
  sessions: Sessions,
  originOf: OriginOf,
): Promise<Person> {
  // before the session is looked for: another page learns nothing of it
  mustBeOwnPage(request.raw, originOf);
  void reply.header('cross-origin-resource-policy', 'same-origin');
  const found = await sessions.find(request.headers.cookie);
  if (found === undefined) throw new DomainError('not_authenticated', 'nobody is signed in: sign in first');
  const { session, cookie } = await sessions.renewed(found);
  if (cookie !== undefined) void reply.header('set-cookie', cookie);
  request.session = session;
  rememberIssued(session.person, session.began);
  return session.person;
}
