/** Which routes are open to everybody. All others need a bearer token. */
import type { FastifyRequest } from 'fastify';

/** Route config that opens a route: `@RouteConfig(PUBLIC)`. */
export const PUBLIC = { public: true } as const;

/** The OpenAPI document and its page, whose routes carry no config. */
const DOCUMENTATION = /^\/(openapi\.json|docs(\/.*)?)$/;

/** Whether the route that a request met is open. An address that does not exist is not. */
export function isOpen({ config, url }: FastifyRequest['routeOptions']): boolean {
  if (url === undefined) return false;
  return ('public' in config && config.public === true) || DOCUMENTATION.test(url);
}
