/** Routes that hear Global Privacy Control: whatever else a request asks, the signal it carries is recorded first. */
import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { addressedIn, callerOfRequest } from '../../access/request-caller.js';
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
    Adds({ headers: ['Sec-GPC'], problems: ['not_confirmed'] }),
  );

/** Makes the server hear where routes say so: after authorisation, which finds the user, and before the routes are known to it. */
export function hearSignals(server: FastifyInstance, hearing: Hearing): void {
  server.addHook('preHandler', (request, _reply, done) => {
    const signal = signalOf(request.headers);
    if (signal === undefined || request.routeOptions.config.hearsGpc !== true) return done();
    hearing.hear(addressedIn(request), changedBy(callerOfRequest(request)), signal).then(() => done(), done);
  });
}
