import { describe, expect, it } from 'vitest';
import { clientChanges } from '../decision/comparison/changes/client-changes.js';
import type { Client, ClientRules } from '../decision/policy.js';
import { serviceUnder } from './clients.js';

const LISTS = [[], ['ads'], ['ai'], ['ads', 'ai']];

/** Every way in which a policy can speak of one client and of those that it does not list. */
const POLICIES = [undefined, ...LISTS].flatMap((purposes) =>
  (['token', 'refuse'] as const).map((unlisted_clients): ClientRules => {
    const clients: Client[] = purposes === undefined ? [] : [{ id: 'ads', purposes, scopes: [] }];
    return { clients, unlisted_clients };
  }),
);
/** Every token: of the client and of one that is never listed, silent or with any purposes. */
const TOKENS = ['ads', 'other'].flatMap((id) =>
  [undefined, ...LISTS, ['ads', 'ai', 'legal']].map((purposes) => ({
    kind: 'service' as const,
    id,
    listings: { purposes: [], scopes: [] },
    ...(purposes === undefined ? {} : { purposes: new Set(purposes) }),
  })),
);

describe('a change of clients', () => {
  it('opens exactly if some token may ask for more, and is told exactly if some token may ask for something else', () => {
    for (const before of POLICIES)
      for (const after of POLICIES) {
        const pairs = TOKENS.map((token) =>
          [before, after].map((rules) => serviceUnder(rules, token).purposes),
        );
        const gains = pairs.some(([was, is]) => [...(is ?? [])].some((one) => was?.has(one) === false));
        const loses = pairs.some(([was, is]) => [...(was ?? [])].some((one) => is?.has(one) === false));
        const told = clientChanges(before, after);
        const message = JSON.stringify([before, after]);
        expect(
          told.some(({ opens }) => opens),
          message,
        ).toBe(gains);
        if (gains || loses) expect(told, message).not.toEqual([]);
      }
  });

  it('is told in words', () => {
    const ads: Client = { id: 'ads', purposes: ['ads'], scopes: ['settings:read'] };
    const told = (after: ClientRules) => clientChanges({ clients: [ads] }, after).map(({ says }) => says);
    expect(told({ clients: [ads] })).toEqual([]);
    expect(told({ clients: [{ ...ads, description: 'Other words.' }] })).toEqual([]);
    expect(told({ clients: [{ ...ads, purposes: ['ads', 'ai'] }] })).toEqual([
      'client `ads` may now ask for `ai`',
    ]);
    expect(told({ clients: [{ ...ads, purposes: ['ai'], scopes: ['users:erase'] }] })).toEqual([
      'client `ads` may now ask for `ai` and now has the scope `users:erase` and may no longer ask for `ads` and no longer has the scope `settings:read`',
    ]);
    expect(told({ clients: [ads, { id: 'new', purposes: ['ai'], scopes: [] }] })).toEqual([
      'client `new` is added: it may ask for `ai`, and no more than its token says',
    ]);
    expect(told({ clients: [{ ...ads, scopes: ['settings:read', 'users:write', 'users:erase'] }] })).toEqual([
      'client `ads` now has the scopes `users:write` and `users:erase`',
    ]);
    expect(told({ unlisted_clients: 'refuse' })).toEqual([
      'client `ads` is removed: it is refused from now on',
      'clients that are not listed are refused from now on',
    ]);
    expect(told({})).toEqual(['client `ads` is removed: it has what its token says from now on']);
  });
});
