/** Whose tokens are trusted, for whom they may speak, and where theirs say what. */
import { PROFILES, type Place, type ProviderName } from './provider-profiles.js';
import { ROLES, type Role } from '../policy-permissions.js';

export const KINDS = ['services', 'users', 'admins'] as const;
/** The kinds of callers. */
export type Kind = (typeof KINDS)[number];

export type Issuer = {
  readonly issuer: string;
  readonly provider: ProviderName;
  /** Audiences of the tokens of each kind of caller; of a kind without one, no token is taken. */
  readonly audiences: Readonly<Record<Kind, readonly string[]>>;
  /** Names of claims that were set, in place of those of the profile. */
  readonly claims: Readonly<Partial<Record<'client' | 'user' | 'roles' | 'scopes' | 'purposes', string>>>;
  /** What each role of theirs means here. */
  readonly roles: ReadonlyMap<string, Role>;
  /** What the ids of its callers begin with here, so that they are not those of another issuer. */
  readonly prefix: string;
  /** Whether another issuer is meant to speak for the same ids. */
  readonly shared: boolean;
  /** How far the issuer's clock may run ahead, in seconds. */
  readonly leeway: number;
};

export const DEFAULT_ROLES: Issuer['roles'] = new Map(
  Object.keys(ROLES)
    .filter((name): name is Role => Object.hasOwn(ROLES, name))
    .map((role) => [role, role]),
);

/** What is wrong with several issuers beside each other: none may speak for the callers of another unless it is meant. */
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
 * Where a claim stands in the tokens of an issuer: where it was set to, which is a claim of that very name or else a path
 * of members with dots between; or else where the profile has it.
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
    // no provider has a claim of its own for them
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
