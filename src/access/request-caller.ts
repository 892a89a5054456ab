/** The caller of a request, and the user whom its address names, once they are known. */
import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../errors.js';
import type { Caller, Credentials, ServiceCaller } from './caller.js';
import { whatLacks } from './lacks.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls, as the token or the session says, once that was verified; null on open routes. */
    credentials: Credentials | null;
    /** The same under the policy that is in force when this is read: while a body comes, another one may be published. */
    readonly caller: Caller | null;
    /** Thumbprint of the key that the token is bound to, once a proof of it was accepted; null for a bearer token. */
    provedKey: string | null;
    /** Id of the user whom the address names, if the caller may do what the route does; null on other routes. */
    addressed: string | null;
  }
}

/** The caller of a request that passed authentication. */
export function callerOfRequest(request: FastifyRequest): Caller {
  if (request.caller === null)
    throw new DomainError('not_authenticated', 'send `Authorization: Bearer <token>`');
  return request.caller;
}

/**
 * The service that makes a request.
 *
 * @throws DomainError `caller_not_allowed` when it is anybody else
 */
export function serviceOf(request: FastifyRequest): ServiceCaller {
  return mustBeService(callerOfRequest(request));
}

/** @throws DomainError `caller_not_allowed` when the caller is no service */
export function mustBeService(caller: Caller): ServiceCaller {
  if (caller.kind !== 'service')
    throw new DomainError(
      'caller_not_allowed',
      `decisions are for services: use the token of a client${whatLacks(caller, 'service')}`,
    );
  return caller;
}

/** The user whom the address of a request names: its route must have declared what it does to a user. */
export function addressedIn({ addressed }: FastifyRequest): string {
  if (typeof addressed !== 'string') throw new Error('the route declares nothing that is done to a user');
  return addressed;
}

const requestOf = (context: ExecutionContext) => context.switchToHttp().getRequest<FastifyRequest>();

/** Parameter: who calls. */
export const CurrentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller =>
  callerOfRequest(requestOf(context)),
);

/** Parameter: the service that calls. */
export const CurrentService = createParamDecorator(
  (_data: unknown, context: ExecutionContext): ServiceCaller => serviceOf(requestOf(context)),
);

/** Parameter: the id of the user whom the address names. */
export const AddressedUser = createParamDecorator((_data: unknown, context: ExecutionContext): string =>
  addressedIn(requestOf(context)),
);
