/** Issuers whose tokens are trusted, the kinds of callers they may speak for, and where their claims are. */
import { PROFILES, type Place, type ProviderName } from './provider-profiles.js';
import { ROLES, type Role } from '../policy-permissions.js';

export const KINDS = ['services', 'users', 'admins'] as const;
/** The kinds of callers. */
export type Kind = (typeof KINDS)[number];

/** What this service is to an issuer where people sign in. */
export type SignInClient = {
  readonly id: string;
  /** Absent: a public client, which has PKCE alone. */
  readonly secret?: string;
  /** Absent: as the provider needs it. */
  readonly scope?: string;
  /** More parameters of the request, in place of those that the provider needs. */
  readonly parameters?: Readonly<Record<string, string>>;
};

export type Issuer = {
  readonly issuer: string;
  readonly provider: ProviderName;
  /** Audiences of the tokens of each kind of caller; a kind without one is not accepted. */
  readonly audiences: Readonly<Record<Kind, readonly string[]>>;
  /** Names of claims that were set, in place of those of the profile. */
  readonly claims: Readonly<Partial<Record<'client' | 'user' | 'roles' | 'scopes' | 'purposes', string>>>;
  /** What each of the issuer's roles means here. */
  readonly roles: ReadonlyMap<string, Role>;
  /** Prefix of the ids of its callers here, so that they differ from those of other issuers. */
  readonly prefix: string;
  /** Whether another issuer may speak for the same ids. */
  readonly shared: boolean;
  /** How far the issuer's clock may run ahead, in seconds. */
  readonly leeway: number;
  /** How people sign in to pages of this service there; absent: they do not. */
  readonly signIn?: SignInClient;
};

export const DEFAULT_ROLES: Issuer['roles'] = new Map(
  Object.keys(ROLES)
    .filter((name): name is Role => Object.hasOwn(ROLES, name))
    .map((role) => [role, role]),
);

/** What is wrong with a combination of issuers: none may speak for the callers of another unless that is configured. */
export function faultsAmong(issuers: readonly Issuer[]): string[] {
  return issuers.flatMap((one, place) =>
    issuers.slice(place + 1).flatMap((other) => {
      if (one.issuer === other.issuer) return [`the issuer \`${one.issuer}\` is named twice`];
      const kind = KINDS.find((each) => one.audiences[each].length > 0 && other.audiences[each].length > 0);
      if (kind === undefined || (one.shared && other.shared)) return [];
      const apart =
        one.prefix !== other.prefix &&
        (one.prefix === '' || !other.prefix.startsWith(one.prefix)) &&
        (other.prefix === '' || !one.prefix.startsWith(other.prefix));
      return apart
        ? []
        : [
            `\`${one.issuer}\` and \`${other.issuer}\` both speak for ${kind}, and an id of the one could be an id of the other: give one of them an \`id_prefix\` of its own, or both \`"shared_ids": "yes"\` if that is meant`,
          ];
    }),
  );
}

/**
 * Where a claim is in the tokens of an issuer: as configured, by a claim of exactly that name or else a path with dots;
 * otherwise as in the profile.
 */
export function placesOf(
  issuer: Issuer,
  what: 'client' | 'user' | 'roles' | 'scopes' | 'purposes',
  has: (place: Place) => boolean,
): readonly Place[] {
  const set = issuer.claims[what];
  if (set !== undefined) return has([set]) ? [[set]] : [set.split('.')];
  const profile = PROFILES[issuer.provider];
  switch (what) {
    // no provider has its own claim for them
    case 'purposes':
      return [['purposes']];
    case 'user':
      return [profile.user];
    case 'roles':
      return profile.roles([...new Set(KINDS.flatMap((kind) => issuer.audiences[kind]))]);
    case 'client':
    case 'scopes':
      return profile[what];
  }
}
