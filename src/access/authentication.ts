/** Authentication of every request, before its body is read: every route asks for a bearer token unless it is open. */
import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../errors.js';
import type { Caller, ServiceCaller } from './caller.js';
import type { TokenVerifier } from './token-verifier.js';

const callers = new WeakMap<FastifyRequest, Caller>();

/** Makes the server ask every request for its bearer token (RFC 6750). */
export function authenticate(
  server: FastifyInstance,
  verifier: TokenVerifier,
  isOpen: (request: FastifyRequest) => boolean,
): void {
  server.addHook('onRequest', (request, _reply, done) => {
    if (isOpen(request)) return done();
    const header = request.headers.authorization;
    const token =
      header !== undefined && /^bearer /i.test(header) ? header.slice('bearer '.length).trim() : '';
    if (token === '')
      return done(new DomainError('not_authenticated', 'send `Authorization: Bearer <token>`'));
    const known = verifier.recall(token, Date.now());
    if (known !== undefined) {
      callers.set(request, known);
      return done();
    }
    void recognise(request, token, verifier).then(done);
  });
}

/** Verifies the token and keeps its caller; resolves to what went wrong, if anything did. */
async function recognise(
  request: FastifyRequest,
  token: string,
  verifier: TokenVerifier,
): Promise<Error | undefined> {
  try {
    callers.set(request, await verifier.verify(token));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error('the token could not be verified');
  }
}

/** The caller of a request that passed authentication. */
export function callerOfRequest(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined)
    throw new DomainError('not_authenticated', 'send `Authorization: Bearer <token>`');
  return caller;
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
      throw new DomainError(
        'caller_not_allowed',
        'decisions are for services: use a token that lists `purposes`',
      );
    return caller;
  },
);
