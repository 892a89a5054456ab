/** What a grant says. Reads it, and verifies nothing. */
import { isText, isTexts, memberOf } from '../terms/json.js';
import { type Jws, partsOf, valueOf } from './jws.js';

/** The `typ` of a grant. */
const GRANT_TYPE = 'assent-grant+jwt';
/** Longest grant that is read, in characters. */
const MAX_GRANT = 12_000;

export type Claims = {
  readonly issuer: string;
  readonly audience: string;
  readonly client: string;
  readonly purpose: string;
  /** By user and field: the obligations. */
  readonly permits: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  readonly policy: string;
  readonly revision: string;
  /** Seconds since the Unix epoch, with a fraction. */
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly expiresAt: number;
  /** Thumbprint of the key that it is bound to (RFC 9449, section 6.1). */
  readonly key: string;
};

/** A grant in its parts. */
export type Read = { readonly parts: Jws; readonly header: unknown; readonly claims: Claims };

/** What a grant says; `undefined`: it is none. */
export function grantIn(grant: unknown): Read | undefined {
  if (typeof grant !== 'string' || grant.length > MAX_GRANT) return undefined;
  const parts = partsOf(grant);
  const header = parts === undefined ? undefined : valueOf(parts.header);
  if (parts === undefined || memberOf(header, 'typ') !== GRANT_TYPE) return undefined;
  const claims = claimsIn(valueOf(parts.claims));
  return claims === undefined ? undefined : { parts, header, claims };
}

function claimsIn(said: unknown): Claims | undefined {
  const text = (name: string) => memberOf(said, name);
  const [issuer, audience, client, purpose] = [text('iss'), text('aud'), text('client_id'), text('purpose')];
  const [policy, revision, bound] = [text('policy'), text('revision'), memberOf(said, 'cnf')];
  const [issuedAt, notBefore, expiresAt] = [text('iat'), text('nbf'), text('exp')];
  const key = memberOf(bound, 'jkt');
  const permits = permitsIn(text('permits'));
  if (!isText(issuer) || !isText(audience) || !isText(client) || !isText(purpose)) return undefined;
  if (!isText(policy) || !isText(revision) || !isText(key) || permits === undefined) return undefined;
  // one that is bound to something else as well is proved only in part
  if (Object.keys(Object(bound)).length !== 1) return undefined;
  if (!isTime(issuedAt) || !isTime(notBefore) || !isTime(expiresAt)) return undefined;
  const times = { issuedAt, notBefore, expiresAt };
  return { issuer, audience, client, purpose, permits, policy, revision, ...times, key };
}

function permitsIn(said: unknown): Claims['permits'] | undefined {
  if (!Array.isArray(said)) return undefined;
  const permits = new Map<string, ReadonlyMap<string, readonly string[]>>();
  for (const alike of said) {
    const users = memberOf(alike, 'users');
    const named = memberOf(alike, 'fields');
    if (!isTexts(users) || typeof named !== 'object' || named === null) return undefined;
    const fields = new Map<string, readonly string[]>();
    for (const [field, obligations] of Object.entries(named)) {
      if (!isTexts(obligations)) return undefined;
      fields.set(field, Object.freeze([...obligations]));
    }
    for (const user of users) {
      // whoever is named twice is permitted something, but who knows what
      if (permits.has(user)) return undefined;
      permits.set(user, fields);
    }
  }
  return permits;
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
