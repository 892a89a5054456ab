/**
 * What providers put into their access tokens: where they name the holder, and how they show how they were obtained.
 * One entry per provider; `docs/identity.md` has a token of each kind.
 */
import type { JWTPayload } from 'jose';

/** A place in the claims: one claim, or a member inside one. */
export type Place = readonly string[];

/** For whom a token was made: a client itself, or a person; or a sentence that says why that is unclear. */
export type Holder = 'client' | 'person' | { readonly unclear: string };

export type Profile = {
  /** Types that the header of an access token may have; `null`: none at all. */
  readonly types: readonly (string | null)[];
  /** Whether the claims are those of an access token, if the header's type does not say so. */
  readonly isAccess: (claims: JWTPayload) => boolean;
  /** A description of such claims. */
  readonly access: string;
  readonly client: readonly Place[];
  readonly user: Place;
  /** Roles of people. */
  readonly roles: (audiences: readonly string[]) => readonly Place[];
  /** Scopes of clients. */
  readonly scopes: readonly Place[];
  /** What counts as audience in a token that names none. */
  readonly audienceWithoutAud: (claims: JWTPayload) => readonly unknown[];
  readonly holder: (claims: JWTPayload, client: string) => Holder;
  /** A description of a token that a client got for itself. */
  readonly own: (client: string) => string;
};

/** RFC 9068, section 2.1. */
const ACCESS_TOKEN = 'application/at+jwt';
const ANY_TOKEN = 'application/jwt';

/** RFC 9068, section 2.2: the token of a client that acts for nobody has the client as its subject. */
const bySubject: Profile['holder'] = ({ sub }, client) => (sub === client ? 'client' : 'person');

const noAudience = () => [];

const SERVICE_ACCOUNT = 'service-account-';

export const PROFILES = {
  generic: {
    types: [ACCESS_TOKEN],
    isAccess: () => true,
    access: 'any',
    own: (client) => `its ${client} as \`sub\``,
    client: [['client_id']],
    user: ['sub'],
    roles: () => [['roles']],
    scopes: [['scope']],
    audienceWithoutAud: noAudience,
    holder: bySubject,
  },
  keycloak: {
    types: [ANY_TOKEN, ACCESS_TOKEN],
    // an ID token says ID here, a refresh token Refresh, a logout token Logout
    isAccess: ({ typ, cnf }) => typ === 'Bearer' || (typ === 'DPoP' && cnf !== undefined),
    access: '`Bearer` as `typ`, or `DPoP` with `cnf`',
    own: (client) => `\`${SERVICE_ACCOUNT}\` and its ${client} as \`preferred_username\``,
    client: [['azp']],
    user: ['sub'],
    roles: (audiences) => [
      ['realm_access', 'roles'],
      ...audiences.map((audience) => ['resource_access', audience, 'roles']),
    ],
    scopes: [['scope']],
    audienceWithoutAud: noAudience,
    holder: (claims, client) => {
      const { preferred_username: name } = claims;
      if (typeof name !== 'string')
        return { unclear: 'it has no `preferred_username`: give the client the client scope `profile`' };
      const own = claims['client_id'] ?? claims['clientId'];
      const hasHost = claims['clientHost'] !== undefined || claims['clientAddress'] !== undefined;
      if (!name.startsWith(SERVICE_ACCOUNT))
        return hasHost ? { unclear: 'it shows a person and the host of a service account' } : 'person';
      // people may choose their names: the name alone proves nothing
      return name === `${SERVICE_ACCOUNT}${client.toLowerCase()}` && own === client
        ? 'client'
        : {
            unclear:
              'its `preferred_username` is that of a service account, but no `client_id` shows that the client got it for itself: give the client the client scope `service_account`',
          };
    },
  },
  auth0: {
    types: [ANY_TOKEN, ACCESS_TOKEN],
    isAccess: ({ azp, client_id: client }) => azp !== undefined || client !== undefined,
    access: '`azp` or `client_id`',
    own: (client) => `its ${client} with \`@clients\` as \`sub\``,
    client: [['azp'], ['client_id']],
    user: ['sub'],
    roles: () => [['permissions']],
    scopes: [['scope'], ['permissions']],
    audienceWithoutAud: noAudience,
    holder: ({ gty, sub }, client) => {
      // the profile of RFC 9068 has no `gty`
      const forItself = gty === 'client-credentials' || gty === undefined;
      if (sub === `${client}@clients` && forItself) return 'client';
      return sub?.includes('|') === true && gty !== 'client-credentials'
        ? 'person'
        : { unclear: 'its `sub` is neither that of a client (`…@clients`) nor that of a person (`…|…`)' };
    },
  },
  entra: {
    types: [ANY_TOKEN],
    isAccess: ({ scp, idtyp }) => scp !== undefined || idtyp !== undefined,
    access: '`scp` or `idtyp`',
    own: () => '`app` as `idtyp`, and no `scp`',
    client: [['azp'], ['appid']],
    // its `sub` differs for every client
    user: ['oid'],
    roles: () => [['roles']],
    // what a client may do for itself are roles of the application here
    scopes: [['roles']],
    audienceWithoutAud: noAudience,
    holder: ({ idtyp, scp }) => {
      if (idtyp === 'app' && scp === undefined) return 'client';
      if (scp !== undefined && (idtyp === undefined || idtyp === 'user')) return 'person';
      return { unclear: 'it has neither `scp` nor the `idtyp` of an app: add the optional claim `idtyp`' };
    },
  },
  okta: {
    types: [null, ANY_TOKEN, ACCESS_TOKEN, 'application/okta-internal-at+jwt'],
    isAccess: ({ cid }) => cid !== undefined,
    access: '`cid`',
    own: (client) => `its ${client} as \`sub\`, and no \`uid\``,
    client: [['cid']],
    // its `sub` is a login name, which may pass to another person
    user: ['uid'],
    roles: () => [['groups']],
    scopes: [['scp']],
    audienceWithoutAud: noAudience,
    holder: ({ sub, uid }, client) => {
      if (sub === client && uid === undefined) return 'client';
      return uid !== undefined && sub !== client
        ? 'person'
        : { unclear: 'it has neither a `uid` nor its `cid` as `sub`' };
    },
  },
  cognito: {
    types: [null, ANY_TOKEN],
    isAccess: ({ token_use: use }) => use === 'access',
    access: '`access` as `token_use`',
    own: (client) => `its ${client} as \`sub\`, and no \`username\``,
    client: [['client_id']],
    user: ['sub'],
    roles: () => [['cognito:groups']],
    scopes: [['scope']],
    // there is no `aud`, unless a resource was bound: the client, and the resource servers whose scopes it got
    audienceWithoutAud: ({ client_id: client, scope }) => [
      client,
      ...(typeof scope === 'string' ? scope.split(' ').map((one) => one.slice(0, one.lastIndexOf('/'))) : []),
    ],
    holder: ({ sub, username }, client) => {
      if (sub === client && username === undefined) return 'client';
      return username !== undefined && sub !== client
        ? 'person'
        : { unclear: 'it has neither a `username` nor its `client_id` as `sub`' };
    },
  },
} as const satisfies Record<string, Profile>;

export type ProviderName = keyof typeof PROFILES;

export function isProviderName(text: string): text is ProviderName {
  return Object.hasOwn(PROFILES, text);
}

/** The value at a place; `undefined` when there is none. */
export function claimAt(claims: JWTPayload, place: Place): unknown {
  let value: unknown = claims;
  for (const name of place) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = new Map(Object.entries(value)).get(name);
  }
  return value;
}
