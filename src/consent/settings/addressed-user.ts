/** The user whom an address names, and who the log records as the actor. */
import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../access/caller.js';
import type { UserAction } from '../../access/permissions.js';
import { issuedAtOf } from '../../access/issued.js';
import { callerOfRequest } from '../../access/request-caller.js';
import type { ChangedBy } from '../../decision/consent-event.js';
import { DomainError } from '../../errors.js';
import { ME, misspelling } from '../../id.js';
import { ERASED_KEPT_MS } from '../log/consent.store.js';
import type { StateInForce } from '../log/state-in-force.js';

/** What to use instead of `me`. */
const NOT_ME = {
  service:
    '`me` stands for a person, and this is a token that a client got for itself: send the one that it got for the person, or, as a service with the scope, the id of the user in place of `me`',
  admin:
    "`me` stands for a user, and this is the token of an admin, who has no part in users' records: use the token of the user, or that of a service with the scope",
};

/**
 * Refuses a user id that is not spelled as ids are. An id that is in the log already stays valid for its user: their
 * choices hold, and can be changed.
 *
 * @param member where the request names the user, as a JSON Pointer
 * @throws DomainError `invalid_request`
 */
export function mustBeSpelled(user: string, member: string, consent: Pick<StateInForce, 'knows'>): void {
  const fault = misspelling(user);
  if (fault !== undefined && !consent.knows(user))
    throw new DomainError('invalid_request', `the id of the user ${fault}`, member);
}

/**
 * The user whom an address names.
 *
 * @throws DomainError `invalid_request` when a caller who is no user says `me`, or the id is not spelled as ids are;
 *   `not_authenticated` when a user who is not known chooses, and has shown who they are too long ago
 */
export function userOf(
  caller: Caller,
  id: string,
  action: UserAction,
  consent: Pick<StateInForce, 'knows'>,
): string {
  const user = id === ME ? callingUser(caller, action) : id;
  // a user must not learn whether other ids exist
  if (caller.kind === 'user' && caller.id !== user) return user;
  mustBeSpelled(user, '/id', consent);
  if (action === 'choose' && !mayBegin(caller, user, consent))
    throw new DomainError(
      'not_authenticated',
      'nothing is known of this user, and the token says nothing newer than a day: sign in again',
    );
  return user;
}

/**
 * Whether what the caller says may make the record of a user whom the log does not know. Users themselves must have shown
 * lately who they are: a token from before an erasure that the log does not know of any more brings nobody back.
 */
export function mayBegin(caller: Caller, user: string, consent: Pick<StateInForce, 'knows'>): boolean {
  return caller.kind !== 'user' || consent.knows(user) || issuedAtOf(caller) > Date.now() - ERASED_KEPT_MS;
}

function callingUser(caller: Caller, action: UserAction): string {
  if (caller.kind !== 'user') throw new DomainError('invalid_request', NOT_ME[caller.kind], '/id');
  if (action === 'set_profile')
    throw new DomainError(
      'invalid_request',
      'users do not set their own region and age band: a service with the scope `users:write` does, by the id of the user',
      '/id',
    );
  return caller.id;
}

/** The actor that the log records for the caller. */
export function changedBy(caller: Caller): ChangedBy {
  return { kind: caller.kind === 'user' ? 'user' : 'service', id: caller.id };
}

/** Parameter: the actor that the log records for the request. */
export const Author = createParamDecorator((_data: unknown, context: ExecutionContext): ChangedBy =>
  changedBy(callerOfRequest(context.switchToHttp().getRequest<FastifyRequest>())),
);
