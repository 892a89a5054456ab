/** What a client may ask for and do: what the policy in force lists for it, and no more than its token lists. */
import { type ClientRules, SCOPES } from '../decision/policy.js';
import { nearest } from '../decision/nearest.js';
import { isSpelledId } from '../id.js';
import type { Caller, Credentials, Grants, ServiceCaller, ServiceCredentials } from './caller.js';

/** What holds the policy in force; every version is another object. */
type InForce = { readonly current: { readonly document: ClientRules } };

/**
 * Turns credentials into callers, under the policy that is in force when they call. A token is the same caller until
 * another version comes into force.
 */
export function binder(policies: InForce): (credentials: Credentials) => Caller {
  let version = policies.current;
  let bound = new WeakMap<Credentials, Caller>();
  return (credentials) => {
    if (credentials.kind !== 'service') return credentials;
    const { current } = policies;
    if (current !== version) {
      version = current;
      bound = new WeakMap();
    }
    const known = bound.get(credentials);
    if (known !== undefined) return known;
    const caller = serviceUnder(current.document, credentials);
    bound.set(credentials, caller);
    return caller;
  };
}

/** A service under a policy. */
export function serviceUnder(
  { clients = [], unlisted_clients = 'token' }: ClientRules,
  token: ServiceCredentials,
): ServiceCaller {
  const { kind, id } = token;
  const entry = clients.find((client) => client.id === id);
  const policy =
    entry === undefined
      ? grantsOfUnlisted[unlisted_clients]
      : { purposes: new Set(entry.purposes), scopes: new Set<string>(entry.scopes) };
  return {
    kind,
    id,
    purposes: inBoth(policy.purposes, token.purposes),
    scopes: inBoth(policy.scopes, token.scopes),
    from: { token, policy, listed: entry !== undefined },
  };
}

const grantsOfUnlisted: Record<'token' | 'refuse', Grants> = {
  token: {},
  refuse: { purposes: new Set(), scopes: new Set() },
};

/**
 * What both sources allow. A source that says nothing does not restrict; if neither says anything, nothing is allowed.
 */
function inBoth(
  one: ReadonlySet<string> | undefined,
  other: ReadonlySet<string> | undefined,
): ReadonlySet<string> {
  if (one === undefined || other === undefined) return one ?? other ?? new Set();
  return new Set([...one].filter((item) => other.has(item)));
}

/**
 * Why a client lacks a purpose or a scope, and who can grant it. The client's id is not repeated: it may be anything.
 */
export function whyWithout(
  { from: { token, policy, listed } }: ServiceCaller,
  what: keyof Grants,
  wanted: string,
): string {
  const policyLacks = policy[what]?.has(wanted) === false;
  if (policyLacks && !listed)
    return `the policy refuses clients that it does not list, and this one is not listed: ask an admin to add it to \`clients\``;
  if (policyLacks)
    return `the policy does not list \`${wanted}\` for this client: ask an admin to add it to \`clients\``;
  const places = token.listings[what].map(({ claim, prefix }) => `\`${prefix}${wanted}\` in \`${claim}\``);
  const slip = slipOf(wanted, token[what] ?? []);
  const tokenLacks = `the token does not list ${places.join(' or ')}${slip === undefined ? '' : `, but \`${slip}\``}`;
  return token[what] === undefined
    ? `the policy does not list this client, and ${tokenLacks}: ask for credentials that do, or for a place among the \`clients\` of the policy`
    : `${tokenLacks}: ask for credentials that do`;
}

/**
 * An entry of a token that is probably a misspelling of what is wanted. Scopes are left out: each has its own meaning.
 */
function slipOf(wanted: string, listed: Iterable<string>): string | undefined {
  return [...listed].find(
    (one) => isSpelledId(one) && !Object.hasOwn(SCOPES, one) && nearest(one, [wanted]) !== undefined,
  );
}
