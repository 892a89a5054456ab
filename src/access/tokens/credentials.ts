/** Who holds a verified token, read only from its claims, by the profile of its issuer. */
import type { JWTPayload } from 'jose';
import { SCOPES, type Scope } from '../../decision/policy.js';
import { nearest } from '../../decision/nearest.js';
import { ME, isId } from '../../id.js';
import type { Credentials, Listing } from '../caller.js';
import type { Lacks } from '../lacks.js';
import { type Issuer, type Kind, placesOf } from './issuer.js';
import type { Role } from '../policy-permissions.js';
import { PROFILES, type Place, type Profile, claimAt } from './provider-profiles.js';

/** Claims of ID tokens and logout tokens, never of access tokens. */
const FOREIGN_CLAIMS = ['events', 'nonce', 'at_hash', 'c_hash'];
/** A scope that names a purpose of a client. */
const PURPOSE_SCOPE = 'purpose:';
const MAX_ENTRIES = 10_000;

/** Why a token is refused, in words. */
class Refused {
  constructor(readonly says: string) {}
}

/**
 * Reads credentials off the claims of a token that its issuer signed. How the token was obtained decides: a token that
 * a client got for itself makes a service and nothing else; one that it got for a person makes a user, or an admin by
 * their roles.
 *
 * @param type the `typ` of the token's header
 * @param elsewhere prefixes of the ids of other issuers
 * @returns the credentials, or a sentence that says why the token shows none
 */
export function credentialsOf(
  issuer: Issuer,
  type: unknown,
  claims: JWTPayload,
  elsewhere: readonly string[] = [],
): Credentials | string {
  const profile = PROFILES[issuer.provider];
  const foreign = FOREIGN_CLAIMS.find((claim) => Object.hasOwn(claims, claim));
  if (foreign !== undefined)
    return `the token has the claim \`${foreign}\`, which no access token has: send the access token, not the ID token or the logout token`;
  const media = mediaType(type);
  if (!takes(profile, media))
    return `the token is no access token of \`${issuer.provider}\`, by the \`typ\` of its header: send the access token${othersThatTake(media)}`;
  if (!profile.isAccess(claims))
    return `the token is no access token of \`${issuer.provider}\`, by its claims: send the access token, which has ${profile.access}`;

  const client = idAt(issuer, claims, 'client');
  if (client instanceof Refused) return client.says;
  const holder = profile.holder(claims, client);
  if (typeof holder === 'object')
    return `the token does not show whether a client got it for itself or for a person: ${holder.unclear}`;
  const found = holder === 'client' ? serviceOf(issuer, claims, client) : personOf(issuer, claims);
  if (found instanceof Refused) return found.says;
  if (issuer.prefix === '' && elsewhere.some((prefix) => found.id.startsWith(prefix)))
    return 'the id that the token names is one of another issuer: get the token from that one';
  const id = `${issuer.prefix}${found.id}`;
  return isId(id)
    ? { ...found, id }
    : 'the id that the token names is too long, with the prefix of its issuer: give the caller a shorter one';
}

function takes({ types }: Profile, media: string | null): boolean {
  return types.includes(media);
}

/** The providers by whose rules it would be an access token. */
function othersThatTake(media: string | null): string {
  const others = Object.entries(PROFILES).filter(([, profile]) => takes(profile, media));
  const names = others.map(([name]) => name).join(', ');
  return others.length === 0
    ? ''
    : `; if it is one, OIDC_PROVIDER names a provider whose tokens have that type: ${names}`;
}

/** What a person's token lacks to be that of a service or of an admin. */
export function lacksOf(issuer: Issuer, claims: JWTPayload): Lacks {
  const has = (place: Place) => claimAt(claims, place) !== undefined;
  return {
    service: `a client's own token of \`${issuer.provider}\` has ${PROFILES[issuer.provider].own(told(placesOf(issuer, 'client', has)))}: if this is one, whoever runs this service sets OIDC_PROVIDER or OIDC_CLIENT_CLAIM`,
    admin: lacksRole(issuer, claims, told(placesOf(issuer, 'roles', has))),
  };
}

function lacksRole(issuer: Issuer, claims: JWTPayload, place: string): string {
  const named = textsAt(issuer, claims, 'roles');
  if (named instanceof Refused || named.length === 0)
    return `the token names no roles in ${place}, or in the claim that OIDC_ROLES_CLAIM names`;
  if (named.some((name) => issuer.roles.has(name)))
    return 'the `aud` of the token is none of those for admins, which OIDC_AUDIENCE_ADMINS or OIDC_AUDIENCE names';
  for (const name of named) {
    const meant = nearest(name, issuer.roles.keys());
    if (meant !== undefined)
      return `the token has \`${name}\` in ${place}, and the role is called \`${meant}\` here: whoever runs this service names those of the provider in OIDC_ADMIN_ROLES`;
  }
  return `the token has none of the roles ${told(
    [...issuer.roles.keys()].map((role) => [role]),
    ', ',
  )} in ${place}: whoever runs this service names those of the provider in OIDC_ADMIN_ROLES`;
}

function told(places: readonly Place[], between = ' or '): string {
  return places.map((place) => `\`${place.join('.')}\``).join(between);
}

/** A media type as RFC 7515 has it in `typ`, where `application/` may be left out. */
function mediaType(type: unknown): string | null {
  if (typeof type !== 'string') return null;
  const lower = type.toLowerCase();
  return lower.includes('/') ? lower : `application/${lower}`;
}

function serviceOf(issuer: Issuer, claims: JWTPayload, id: string): Credentials | Refused {
  const misplaced = rolesOf(issuer, claims);
  if (misplaced instanceof Refused) return misplaced;
  const [role] = misplaced;
  if (role !== undefined)
    return new Refused(
      `the token is a client's own and has the role \`${role}\`, which is for people: take the role from the client`,
    );
  const unfit = audienceFault(issuer, claims, 'services');
  if (unfit !== undefined) return unfit;
  const scopes = textsAt(issuer, claims, 'scopes', ' ');
  if (scopes instanceof Refused) return scopes;
  const known = withoutPrefix(issuer, scopes);
  const has = (one: Place) => claimAt(claims, one) !== undefined;
  const [place = []] = placesOf(issuer, 'purposes', has);
  const placesOfScopes = placesOf(issuer, 'scopes', has);
  const listed = claimAt(claims, place);
  if (listed !== undefined && !isTexts(listed))
    return new Refused(`\`${place.join('.')}\` must be a list of purpose ids`);
  const purposes =
    listed ??
    known
      .filter((scope) => scope.startsWith(PURPOSE_SCOPE))
      .map((scope) => scope.slice(PURPOSE_SCOPE.length));
  const own = known.filter((scope): scope is Scope => Object.hasOwn(SCOPES, scope));
  return {
    kind: 'service',
    id,
    // scopes of other services have no meaning here
    ...(listed === undefined && purposes.length === 0 ? {} : { purposes: new Set(purposes) }),
    ...(own.length === 0 ? {} : { scopes: new Set(own) }),
    listings: {
      // scopes name purposes only where no claim of their own does
      purposes: [
        listingAt(place),
        ...(listed === undefined ? placesOfScopes : []).map((one) => listingAt(one, PURPOSE_SCOPE)),
      ],
      scopes: placesOfScopes.map((one) => listingAt(one)),
    },
  };
}

function listingAt(place: Place, prefix = ''): Listing {
  return { claim: place.join('.'), prefix };
}

function personOf(issuer: Issuer, claims: JWTPayload): Credentials | Refused {
  const id = idAt(issuer, claims, 'user');
  if (id instanceof Refused) return id;
  if (id === ME)
    return new Refused(
      'the token names a person `me`, which stands for whoever calls: give the person another id',
    );
  const roles = rolesOf(issuer, claims);
  if (roles instanceof Refused) return roles;
  const notAdmin = audienceFault(issuer, claims, 'admins');
  if (roles.size > 0 && notAdmin === undefined) return { kind: 'admin', id, roles };
  const notUser = audienceFault(issuer, claims, 'users');
  if (notUser === undefined) return { kind: 'user', id };
  return notAdmin === undefined
    ? new Refused(
        'the audience of the token is for admins, and the token has no role of one: give the person the role, or get a token for the audience of users',
      )
    : notUser;
}

/** What is wrong with the audience of a token for this kind of caller. */
function audienceFault(issuer: Issuer, claims: JWTPayload, kind: Kind): Refused | undefined {
  const { aud = PROFILES[issuer.provider].audienceWithoutAud(claims) } = claims;
  const named: readonly unknown[] = typeof aud === 'string' ? [aud] : aud;
  if (issuer.audiences[kind].some((audience) => named.includes(audience))) return undefined;
  return new Refused(
    issuer.audiences[kind].length === 0
      ? `no tokens of ${kind} are taken from this issuer: get one from another issuer of this service`
      : `the token's \`aud\` is not accepted here for ${kind}: get one from this service's issuer, for its audience, which OIDC_AUDIENCE_${kind.toUpperCase()} or OIDC_AUDIENCE names`,
  );
}

/** The admin roles that somebody has; other roles have no effect. */
function rolesOf(issuer: Issuer, claims: JWTPayload): ReadonlySet<Role> | Refused {
  const named = textsAt(issuer, claims, 'roles');
  if (named instanceof Refused) return named;
  return new Set(named.flatMap((name) => issuer.roles.get(name) ?? []));
}

function idAt(issuer: Issuer, claims: JWTPayload, what: 'client' | 'user'): string | Refused {
  const places = placesOf(issuer, what, (place) => claimAt(claims, place) !== undefined);
  const id = places.map((place) => claimAt(claims, place)).find((value) => value !== undefined);
  return isId(id)
    ? id
    : new Refused(
        `the token has no ${told(places)} that could be the id of a ${what}${otherPlace(issuer, claims, what)}`,
      );
}

/**
 * The setting of the claim, and the claim that another provider has for a client, where the token has that. For a
 * person none is named: what looks like an id may later pass to somebody else.
 */
function otherPlace(issuer: Issuer, claims: JWTPayload, what: 'client' | 'user'): string {
  const said = ': whoever runs this service names the claim in';
  if (what === 'user') return `${said} OIDC_USER_CLAIM`;
  const tried = placesOf(issuer, what, () => false).map((place) => place.join('.'));
  const found = Object.values(PROFILES)
    .flatMap(({ client }): readonly Place[] => client)
    .find((place) => !tried.includes(place.join('.')) && isId(claimAt(claims, place)));
  return `${said} OIDC_CLIENT_CLAIM${found === undefined ? '' : `; it may be ${told([found])}, which the token has`}`;
}

/** The texts of all claims that may hold them, each a text or a list of texts. */
function textsAt(
  issuer: Issuer,
  claims: JWTPayload,
  what: 'roles' | 'scopes',
  separator?: string,
): readonly string[] | Refused {
  const places = placesOf(issuer, what, (place) => claimAt(claims, place) !== undefined);
  const found: string[] = [];
  for (const place of places) {
    const value = claimAt(claims, place) ?? [];
    if (typeof value === 'string')
      found.push(...(separator === undefined ? [value] : value.split(separator).filter(Boolean)));
    else if (isTexts(value)) found.push(...value);
    else return new Refused(`\`${place.join('.')}\` must be a text or a list of texts`);
  }
  return found;
}

/** Scopes under our names: providers write the audience before them. */
function withoutPrefix(issuer: Issuer, scopes: readonly string[]): readonly string[] {
  const prefixes = issuer.audiences.services.flatMap((audience) => [`${audience}/`, `api://${audience}/`]);
  return scopes.map((scope) => {
    const prefix = prefixes.find((one) => scope.startsWith(one));
    return prefix === undefined ? scope : scope.slice(prefix.length);
  });
}

function isTexts(value: unknown): value is string[] {
  return (
    Array.isArray(value) && value.length <= MAX_ENTRIES && value.every((item) => typeof item === 'string')
  );
}
