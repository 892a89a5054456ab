/** Who calls: read from the claims of a verified token, and from nothing else. */
import type { JWTPayload } from 'jose';
import { isId } from '../id.js';

/** An internal service, bound to the purposes its credentials list. */
export type ServiceCaller = {
  readonly kind: 'service';
  readonly id: string;
  readonly purposes: ReadonlySet<string>;
  readonly scopes: ReadonlySet<string>;
};
/** A person who administers policies. */
export type AdminCaller = {
  readonly kind: 'admin';
  readonly id: string;
  readonly roles: ReadonlySet<string>;
};
/** The person the data is about. */
export type UserCaller = { readonly kind: 'user'; readonly id: string };

export type Caller = ServiceCaller | AdminCaller | UserCaller;

/**
 * Reads the caller off verified claims: `purposes` makes a service (an empty list is fine), `roles` an admin, neither a
 * user. Claims that would make two of them, or that have another shape, make none.
 *
 * @returns the caller, or a sentence that says what is wrong with the claims
 */
export function callerOf(claims: JWTPayload): Caller | string {
  const id = claims.sub;
  if (!isId(id)) return 'the token names no subject (`sub`) that could be an id';
  const purposes = claims['purposes'];
  const roles = claims['roles'];
  if (purposes !== undefined && roles !== undefined)
    return 'the token has `purposes` (a service) and `roles` (an admin): it can be only one of them';
  if (purposes !== undefined) {
    if (!isStrings(purposes)) return '`purposes` must be a list of purpose ids';
    const scope = claims['scope'] ?? '';
    if (typeof scope !== 'string') return '`scope` must be a text of scopes separated by spaces';
    return {
      kind: 'service',
      id,
      purposes: new Set(purposes),
      scopes: new Set(scope.split(' ').filter(Boolean)),
    };
  }
  if (roles !== undefined)
    return isStrings(roles)
      ? { kind: 'admin', id, roles: new Set(roles) }
      : '`roles` must be a list of role names';
  // RFC 9068, section 2.2: the token of a client that acts for nobody has the client as its subject
  if (claims['client_id'] === id)
    return "a client's own token must list its `purposes`, even if there are none";
  return { kind: 'user', id };
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= 10_000 && value.every((item) => typeof item === 'string');
}
