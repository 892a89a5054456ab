/** Routes that hear Global Privacy Control: whatever becomes of a request, the signal it carries is recorded first. */
import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
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
 * Makes the server hear where routes say so: once it is known whose record the caller may act on, and before the rest of the
 * request is looked at, for a slip in a body takes nothing from what the header says. After authorisation, and before the
 * routes are known to it.
 */
export function hearSignals(server: FastifyInstance, hearing: Hearing): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const signal = signalOf(request.headers);
    if (signal === undefined || request.routeOptions.config.hearsGpc !== true || request.addressed === null)
      return done();
    hearing.hear(request.addressed, changedBy(callerOfRequest(request)), signal).then(() => done(), done);
  });
}
