/**
 * Authorisation of every request: each route declares what it does, and callers that may not do that never reach it.
 */
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../errors.js';
import { isId } from '../id.js';
import type { Caller } from './caller.js';
import { type UserAction, mustBeAllowed } from './permissions.js';
import { DeclaredRoutes } from './declared-routes.js';
import { type Permission, mustBeAllowedTo } from './permission.js';
import { callerOfRequest } from './request-caller.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    may?: Permission;
  }
}

/** The user whom an address names by that id, for the action of the route. */
export type UserAt = (caller: Caller, id: string, action: UserAction) => string;

/** Declares what a route does. Goes above the route's `@RouteConfig`, if it has one. */
export function May(...may: Permission): MethodDecorator {
  return (target, key, descriptor) => {
    const { KEY } = RouteConfig({});
    const config: unknown = Reflect.getMetadata(KEY, Object(descriptor.value));
    RouteConfig({ ...Object(config), may })(target, key, descriptor);
  };
}

/**
 * Makes the server refuse routes that do not declare what they do, and callers that may not do it. Call it after
 * authentication is set up, and before routes are registered.
 *
 * @param isOpen whether a route is open to everybody
 * @param routes where each route is noted with what it declares
 */
export function authorise(
  server: FastifyInstance,
  isOpen: (route: { readonly url: string; readonly config: object }) => boolean,
  userAt: UserAt,
  routes = new DeclaredRoutes(),
): void {
  server.decorateRequest('addressed', null);
  server.addHook('onRoute', ({ method, url, config = {} }) => {
    if (config.may !== undefined) return routes.note([method].flat(), url, config.may);
    if (!isOpen({ url, config }))
      throw new Error(`the route ${String(method)} ${url} does not declare what it does: add @May`);
  });
  server.addHook('preHandler', (request, _reply, done) => {
    // INVARIANT: every route that declares nothing is open, see above
    const { may } = request.routeOptions.config;
    if (may === undefined) return done();
    try {
      admit(request, may, userAt);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error('the request could not be authorised'));
    }
  });
}

/**
 * The user whom the address of a request names, if its route is on a user and the caller may do there what it does. For
 * hooks that run before authorisation: returns undefined instead of refusing, so that a malformed request still gets
 * its own error.
 */
export function userIn(request: FastifyRequest, userAt: UserAt): string | undefined {
  const { may } = request.routeOptions.config;
  if (may?.[1] !== 'user' || !isId(idIn(request))) return undefined;
  try {
    return admitted(request, may[0], userAt);
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}

function admit(request: FastifyRequest, may: Permission, userAt: UserAt): void {
  const [action, on] = may;
  if (on === 'user') request.addressed = admitted(request, action, userAt);
  else mustBeAllowedTo(callerOfRequest(request), may);
}

/**
 * The user whom the address names.
 *
 * @throws DomainError when the caller may not do that there, or the id is not valid
 */
function admitted(request: FastifyRequest, action: UserAction, userAt: UserAt): string {
  const caller = callerOfRequest(request);
  const user = userAt(caller, idIn(request), action);
  mustBeAllowed(caller, action, user);
  return user;
}

function idIn({ params }: FastifyRequest): string {
  if (typeof params === 'object' && params !== null && 'id' in params && typeof params.id === 'string')
    return params.id;
  throw new Error('the address of a route on a user names none');
}
