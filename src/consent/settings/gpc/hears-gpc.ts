/**
 * Routes that hear Global Privacy Control: the signal of a request is recorded first, even if the request is refused.
 */
import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { type UserAt, userIn } from '../../../access/authorisation.js';
import { callerOfRequest } from '../../../access/request-caller.js';
import { Adds } from '../../../http/contract/described.js';
import type { StateInForce } from '../../log/state-in-force.js';
import { changedBy, mayBegin } from '../addressed-user.js';
import { signalOf } from './gpc.js';
import type { Hearing } from './hearing.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    hearsGpc?: true;
  }
}

/** Makes a route on a user record the `Sec-GPC` of its requests before anything else. Goes below `@May`. */
export const HearsGpc = () =>
  applyDecorators(
    RouteConfig({ hearsGpc: true }),
    Adds({ headers: ['Sec-GPC'], problems: ['too_many_users', 'not_confirmed'] }),
  );

/**
 * Makes the server record signals where routes say so, for users on whose record the caller may act, before the rest of
 * the request is validated: an invalid body does not invalidate the header. Call it after authentication is set up, and
 * before routes are registered.
 */
export function hearSignals(
  server: FastifyInstance,
  hearing: Hearing,
  userAt: UserAt,
  consent: Pick<StateInForce, 'knows'>,
): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const signal = signalOf(request.headers);
    if (signal === undefined || request.routeOptions.config.hearsGpc !== true) return done();
    const user = userIn(request, userAt);
    if (user === undefined) return done();
    const caller = callerOfRequest(request);
    if (!mayBegin(caller, user, consent)) return done();
    hearing.hear(user, changedBy(caller), signal).then(() => done(), done);
  });
}
