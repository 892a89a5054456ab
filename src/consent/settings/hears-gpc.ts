/** Routes that hear Global Privacy Control: whatever becomes of a request, the signal it carries is recorded first. */
import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { type UserAt, userIn } from '../../access/authorisation.js';
import { callerOfRequest } from '../../access/request-caller.js';
import { Adds } from '../../http/described.js';
import { changedBy } from './addressed-user.js';
import { signalOf } from './gpc.js';
import type { Hearing } from './hearing.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    hearsGpc?: true;
  }
}

/** Has a route on a user record the `Sec-GPC` of its requests before it does anything else. It stands below `@May`. */
export const HearsGpc = () =>
  applyDecorators(
    RouteConfig({ hearsGpc: true }),
    Adds({ headers: ['Sec-GPC'], problems: ['too_many_users', 'not_confirmed'] }),
  );

/**
 * Makes the server hear where routes say so: of users on whose record the caller may act, and before the rest of the request
 * is looked at, for a slip in a body takes nothing from what the header says. After authentication, and before the routes
 * are known to it.
 */
export function hearSignals(server: FastifyInstance, hearing: Hearing, userAt: UserAt): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const signal = signalOf(request.headers);
    if (signal === undefined || request.routeOptions.config.hearsGpc !== true) return done();
    const user = userIn(request, userAt);
    if (user === undefined) return done();
    hearing.hear(user, changedBy(callerOfRequest(request)), signal).then(() => done(), done);
  });
}
