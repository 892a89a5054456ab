/** Authentication of every request, before its body is read: every route asks for a bearer token unless it is open. */
import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../errors.js';
import type { Caller, Credentials, ServiceCaller } from './caller.js';
import type { TokenVerifier } from './token-verifier.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls, once the token was verified; null on open routes. */
    caller: Caller | null;
  }
}

/**
 * Makes the server ask every request for its bearer token (RFC 6750).
 *
 * @param bind makes the caller of verified credentials, under the policy in force
 */
export function authenticate(
  server: FastifyInstance,
  verifier: TokenVerifier,
  bind: (credentials: Credentials) => Caller,
  isOpen: (request: FastifyRequest) => boolean,
): void {
  server.decorateRequest('caller', null);
  server.addHook('onRequest', (request, _reply, done) => {
    const token = tokenOf(request.headers.authorization);
    const known = verifier.recall(token, Date.now());
    request.caller = known === undefined ? null : bind(known);
    if (request.caller !== null || isOpen(request)) return done();
    if (token === '')
      return done(new DomainError('not_authenticated', 'send `Authorization: Bearer <token>`'));
    void recognise(request, token, verifier, bind).then(done);
  });
}

const SCHEME = 'bearer ';

/** The token of an `Authorization` header; empty when there is none. The scheme is in any case (RFC 9110, section 11.1). */
function tokenOf(header: string | undefined): string {
  if (header === undefined || header.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return '';
  return header.slice(SCHEME.length).trim();
}

/** Verifies the token and keeps its caller; resolves to what went wrong, if anything did. */
async function recognise(
  request: FastifyRequest,
  token: string,
  verifier: TokenVerifier,
  bind: (credentials: Credentials) => Caller,
): Promise<Error | undefined> {
  try {
    request.caller = bind(await verifier.verify(token));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error('the token could not be verified');
  }
}

/** The caller of a request that passed authentication. */
export function callerOfRequest(request: FastifyRequest): Caller {
  if (request.caller === null)
    throw new DomainError('not_authenticated', 'send `Authorization: Bearer <token>`');
  return request.caller;
}

/** Parameter: who calls. */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller =>
  callerOfRequest(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** Parameter: the service that calls; anybody else is refused. */
export const CurrentService = createParamDecorator(
  (_data: unknown, context: ExecutionContext): ServiceCaller => {
    const caller = callerOfRequest(context.switchToHttp().getRequest<FastifyRequest>());
    if (caller.kind !== 'service')
      throw new DomainError('caller_not_allowed', 'decisions are for services: use the token of a client');
    return caller;
  },
);
