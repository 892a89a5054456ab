/** Which routes are open to everybody. All others need a bearer token. */

/** Route config that opens a route: `@RouteConfig(PUBLIC)`. */
export const PUBLIC = { public: true } as const;

/** The OpenAPI document and its page, whose routes carry no config. */
const DOCUMENTATION = /^\/(openapi\.json|docs(\/.*)?)$/;

/** The known facts of a route; an unknown one has no address. */
export type Route = { readonly url?: string | undefined; readonly config?: object | undefined };

/** Whether a route is open. An unknown one is not. */
export function isOpen({ config = {}, url }: Route): boolean {
  if (url === undefined) return false;
  return ('public' in config && config.public === true) || DOCUMENTATION.test(url);
}
