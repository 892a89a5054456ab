import { describe, expect, it } from 'vitest';
import type { ClientRules, Scope } from '../decision/policy.js';
import type { Grants, ServiceCredentials } from './caller.js';
import { binder, serviceUnder, whyWithout } from './clients.js';

const PURPOSES = ['ads', 'ai'];
const SCOPES: readonly Scope[] = ['users:write', 'settings:read'];
const LISTINGS: ServiceCredentials['listings'] = {
  purposes: [
    { claim: 'assent.purposes', prefix: '' },
    { claim: 'scp', prefix: 'purpose:' },
  ],
  scopes: [{ claim: 'scp', prefix: '' }],
};

/** Every way in which a source can speak of a list: not at all, and each of its subsets. */
function sayings<T>([first, second]: readonly T[]): (readonly T[] | undefined)[] {
  const both = [first, second].filter((one) => one !== undefined);
  return [undefined, [], both.slice(0, 1), both.slice(1), both];
}

function tokenThatSays({
  purposes,
  scopes,
}: {
  readonly purposes?: readonly string[] | undefined;
  readonly scopes?: readonly string[] | undefined;
}): ServiceCredentials {
  return {
    kind: 'service',
    id: 'ads',
    listings: LISTINGS,
    ...(purposes === undefined ? {} : { purposes: new Set(purposes) }),
    ...(scopes === undefined ? {} : { scopes: new Set(scopes) }),
  };
}

describe('a client under the policy in force', () => {
  it('has what the policy lists and no more than its token says, however the two speak', () => {
    for (const listed of sayings(PURPOSES))
      for (const allowed of sayings(SCOPES))
        for (const purposes of sayings(PURPOSES))
          for (const scopes of sayings(SCOPES))
            for (const unlisted_clients of [undefined, 'token', 'refuse'] as const) {
              const isListed = listed !== undefined && allowed !== undefined;
              const rules: ClientRules = {
                ...(isListed ? { clients: [{ id: 'ads', purposes: listed, scopes: allowed }] } : {}),
                ...(unlisted_clients === undefined ? {} : { unlisted_clients }),
              };
              const client = serviceUnder(rules, tokenThatSays({ purposes, scopes }));
              const has = (said: readonly string[] | undefined, list: readonly string[] | undefined) =>
                isListed
                  ? (list ?? []).filter((one) => said?.includes(one) ?? true)
                  : unlisted_clients === 'refuse'
                    ? []
                    : (said ?? []);
              expect([...client.purposes].sort()).toEqual([...has(purposes, listed)].sort());
              expect([...client.scopes].sort()).toEqual([...has(scopes, allowed)].sort());
            }
  });

  it('is listed by its id as it is, and not by one that looks like it', () => {
    const rules: ClientRules = { clients: [{ id: 'Ads', purposes: ['ads'], scopes: [] }] };
    expect(serviceUnder(rules, tokenThatSays({})).purposes).toEqual(new Set());
  });

  it('is the same caller from request to request, and another once another version is in force', () => {
    const version = (...purposes: string[]) => ({
      document: { clients: [{ id: 'ads', purposes, scopes: [] }] },
    });
    const policies = { current: version('ads') };
    const bind = binder(policies);
    const token = tokenThatSays({});
    const caller = bind(token);
    expect(caller).toMatchObject({ purposes: new Set(['ads']) });
    expect(bind(token)).toBe(caller);
    policies.current = version('ai');
    expect(bind(token)).toMatchObject({ purposes: new Set(['ai']) });
  });

  it('leaves people and admins as their tokens show them', () => {
    const bind = binder({ current: { document: { unlisted_clients: 'refuse' } } });
    const user = { kind: 'user', id: 'ads' } as const;
    const admin = { kind: 'admin', id: 'ads', roles: new Set(['auditor']) } as const;
    expect([bind(user), bind(admin)]).toEqual([user, admin]);
  });
});

describe('why a client lacks a purpose', () => {
  const listed: ClientRules = { clients: [{ id: 'ads', purposes: ['ads'], scopes: [] }] };
  it.each<{ says: string; rules: ClientRules; token: Grants }>([
    {
      says: 'the policy does not list `ai` for this client: ask an admin to add it to `clients`',
      rules: listed,
      token: { purposes: new Set(PURPOSES) },
    },
    {
      says: 'the token does not list `ai` in `assent.purposes` or `purpose:ai` in `scp`: ask for credentials that do',
      rules: { clients: [{ id: 'ads', purposes: PURPOSES, scopes: [] }] },
      token: { purposes: new Set(['ads']) },
    },
    {
      says: 'the token does not list `ai` in `assent.purposes` or `purpose:ai` in `scp`, but `AI`: ask for credentials that do',
      rules: { clients: [{ id: 'ads', purposes: PURPOSES, scopes: [] }] },
      token: { purposes: new Set(['ads', 'AI']) },
    },
    {
      says: 'the policy refuses clients that it does not list, and this one is not listed: ask an admin to add it to `clients`',
      rules: { unlisted_clients: 'refuse' },
      token: { purposes: new Set(PURPOSES) },
    },
    {
      says: 'the policy does not list this client, and the token does not list `ai` in `assent.purposes` or `purpose:ai` in `scp`: ask for credentials that do, or for a place among the `clients` of the policy',
      rules: {},
      token: {},
    },
  ])('says: $says', ({ says, rules, token }) => {
    const client = serviceUnder(rules, { kind: 'service', id: 'ads', listings: LISTINGS, ...token });
    expect(client.purposes.has('ai')).toBe(false);
    expect(whyWithout(client, 'purposes', 'ai')).toBe(says);
  });
});
