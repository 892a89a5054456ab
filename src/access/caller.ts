/** Who calls: read from the claims of a verified token, and from nothing else. */
import type { JWTPayload } from 'jose';
import { isId } from '../id.js';

/** What a client may ask for and do, as one source says it; what is absent, the source says nothing about. */
export type Grants = {
  readonly purposes?: ReadonlySet<string>;
  readonly scopes?: ReadonlySet<string>;
};

/** An internal service, as its token shows it. */
export type ServiceCredentials = Grants & { readonly kind: 'service'; readonly id: string };

/** An internal service, bound to the purposes and scopes that it has under the policy in force. */
export type ServiceCaller = {
  readonly kind: 'service';
  readonly id: string;
  readonly purposes: ReadonlySet<string>;
  readonly scopes: ReadonlySet<string>;
  /** What these follow from, for a refusal to tell which of the two is in the way. */
  readonly from: { readonly token: Grants; readonly policy: Grants; readonly listed: boolean };
};
/** A person who administers policies. */
export type AdminCaller = {
  readonly kind: 'admin';
  readonly id: string;
  readonly roles: ReadonlySet<string>;
};
/** The person the data is about. */
export type UserCaller = { readonly kind: 'user'; readonly id: string };

/** What a verified token says of its holder. INVARIANT: one token is one object for as long as it is remembered. */
export type Credentials = ServiceCredentials | AdminCaller | UserCaller;

/** Whom a request is served as. */
export type Caller = ServiceCaller | AdminCaller | UserCaller;

/**
 * Reads the credentials off verified claims: `purposes` makes a service (an empty list is fine), so does being the token
 * of a client that acts for nobody, `roles` make an admin, none of these a user. Claims that would make two of them, or
 * that have another shape, make none.
 *
 * @returns the credentials, or a sentence that says what is wrong with the claims
 */
export function credentialsOf(claims: JWTPayload): Credentials | string {
  const id = claims.sub;
  if (!isId(id)) return 'the token names no subject (`sub`) that could be an id';
  const { purposes, roles, scope } = claims;
  if (purposes !== undefined && roles !== undefined)
    return 'the token has `purposes` (a service) and `roles` (an admin): it can be only one of them';
  // RFC 9068, section 2.2: the token of a client that acts for nobody has the client as its subject
  if (purposes !== undefined || (roles === undefined && claims['client_id'] === id)) {
    if (purposes !== undefined && !isStrings(purposes)) return '`purposes` must be a list of purpose ids';
    if (scope !== undefined && typeof scope !== 'string')
      return '`scope` must be a text of scopes separated by spaces';
    return {
      kind: 'service',
      id,
      ...(purposes === undefined ? {} : { purposes: new Set(purposes) }),
      ...(scope === undefined ? {} : { scopes: new Set(scope.split(' ').filter(Boolean)) }),
    };
  }
  if (roles !== undefined)
    return isStrings(roles)
      ? { kind: 'admin', id, roles: new Set(roles) }
      : '`roles` must be a list of role names';
  return { kind: 'user', id };
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= 10_000 && value.every((item) => typeof item === 'string');
}
