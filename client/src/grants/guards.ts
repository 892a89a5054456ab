/** Guards for routes of the owner of the data: a middleware for Express and its like, and a `preHandler` for Fastify. */
import { memberOf } from '../terms/json.js';
import { type Users, userOfRoute, usersOfRequest } from '../responses/asking.js';
import { type Middleware, type PreHandler, middlewareOf, preHandlerOf } from '../responses/guards.js';
import { baseOf } from '../http/address.js';
import type { Verifier } from './verifier.js';
import { type GrantReason, type IsGranted, type NotGranted } from './verdict.js';

/** What a route hands out. */
export type Owned<Request> = {
  /** The address by which callers reach the owner; what their proofs name begins with it. */
  readonly base: string;
  readonly fields: readonly string[];
  /** The only purpose that it hands them out for; absent: any. */
  readonly purpose?: string;
  /** The user or users; absent: the parameter `user` of the route. */
  readonly user?: (request: Request) => Users | Promise<Users>;
};

/** Why a request is refused, as the body of an answer (RFC 9457). It names no user. */
type Refusal = {
  readonly type: 'about:blank';
  readonly title: 'Forbidden';
  readonly status: 403;
  readonly detail: string;
  readonly reason: GrantReason;
};

/** What was granted to the requests that were let through. */
const GRANTED = new WeakMap<object, IsGranted>();

/** What was granted to a request: who asks, for which purpose, and what it must do. `undefined`: nothing was. */
export function grantedTo(request: object): IsGranted | undefined {
  return GRANTED.get(request);
}

/** For Express, and whatever else hands on `(request, response, next)`. @throws TypeError in words */
export function requiresGrant<Request = unknown>(
  verifier: Verifier,
  owned: Owned<Request>,
): Middleware<Request> {
  return middlewareOf(refusing(verifier, owned));
}

/** A `preHandler` for Fastify. @throws TypeError in words */
export function grantPreHandler<Request = unknown>(
  verifier: Verifier,
  owned: Owned<Request>,
): PreHandler<Request> {
  return preHandlerOf(refusing(verifier, owned));
}

function refusing<Request = unknown>(
  verifier: Verifier,
  { base, fields, purpose, user = userOfRoute }: Owned<Request>,
): (request: Request) => Promise<Refusal | undefined> {
  if (!URL.canParse(base))
    throw new TypeError('`base` is no address: set that by which callers reach the owner');
  if (!Array.isArray(fields) || fields.length === 0)
    throw new TypeError('`fields` is empty or no list: list the fields that are handed out');
  const address = baseOf(base).href.slice(0, -1);
  return async (request) => {
    const users = await usersOfRequest(user, request);
    const headers = read(request, 'headers');
    // Express has the path below its router in `url`
    const path = read(request, 'originalUrl') ?? read(request, 'url');
    const verdict = await verifier.verify(
      {
        grant: memberOf(headers, 'assent-grant'),
        proof: memberOf(headers, 'dpop'),
        method: String(read(request, 'method')),
        url: `${address}${String(path)}`,
      },
      { user: users, field: fields, ...(purpose === undefined ? {} : { purpose }) },
    );
    if (!verdict.permitted) return refusal(verdict);
    if (typeof request === 'object' && request !== null) GRANTED.set(request, verdict);
    return undefined;
  };
}

/** A member of a request, whose class may have it. */
function read(request: unknown, name: string): unknown {
  return Reflect.get(Object(request), name);
}

function refusal({ reason, message }: NotGranted): Refusal {
  return { type: 'about:blank', title: 'Forbidden', status: 403, detail: message, reason };
}
