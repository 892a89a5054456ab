import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Credentials } from '../access/caller.js';
import { DEFAULT_ROLES } from '../access/tokens/issuer.js';
import { MemorySpentIdStore } from '../../test/memory/memory-spent-ids.store.js';
import type { SignInIssuer } from './provider.js';
import { Sealing } from './sealing.js';
import { SignIn } from './sign-in.js';

const MINUTE = 60_000;
const ISSUER: SignInIssuer = {
  issuer: 'https://id.example',
  provider: 'generic',
  audiences: { services: [], users: ['assent'], admins: [] },
  claims: {},
  roles: DEFAULT_ROLES,
  prefix: '',
  shared: false,
  leeway: 0,
  signIn: { id: 'pages' },
};
const SERVICE: Credentials = { kind: 'service', id: 'crm', listings: { purposes: [], scopes: [] } };

let now: number;
let shown: { credentials: Credentials; issuer: string; binding: { jkt: string } | undefined };
const keyOf = (use: string) => [createHash('sha256').update(use).digest(), ''] as const;

/** A provider that checks nothing at all, and gives a token for anything, as often as it is asked. */
const LENIENT = {
  issuer: ISSUER,
  address: async (_kind: string, { state }: { readonly state: string }) => state,
  accessToken: async () => 'a token',
  signOutAddress: async () => undefined,
};
let signIn: SignIn;

beforeEach(() => {
  now = Date.UTC(2026, 10, 29);
  shown = { credentials: { kind: 'user', id: 'mo' }, issuer: ISSUER.issuer, binding: undefined };
  const sealing = new Sealing('signing in', keyOf, () => now);
  const verifier = { verify: async () => shown };
  signIn = new SignIn([LENIENT], sealing, new MemorySpentIdStore(), verifier, () => now);
});

/** An attempt, as the browser has it when it comes back. */
async function begun(to = '/settings'): Promise<readonly [query: string, cookies: string]> {
  const { address, cookies } = await signIn.begin(to, undefined);
  return [`state=${address}&code=x`, cookies.map((cookie) => cookie.split(';', 1)[0]).join('; ')];
}

describe('of a provider that checks nothing itself, an attempt', () => {
  it('counts once, however many come back with it at once', async () => {
    const attempt = await begun();
    const tries = await Promise.allSettled(Array.from({ length: 5 }, () => signIn.complete(...attempt)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(signIn.complete(...attempt)).rejects.toMatchObject({ code: 'sign_in_failed' });
  });

  it('counts for ten minutes, and not a millisecond longer', async () => {
    const [one, other] = [await begun(), await begun()];
    now += 10 * MINUTE - 1;
    expect(await signIn.complete(...one)).toMatchObject({ person: { id: 'mo' }, to: '/settings' });
    now += 1;
    await expect(signIn.complete(...other)).rejects.toMatchObject({ code: 'sign_in_failed' });
  });

  it('counts with its own cookie alone', async () => {
    const [[query], [other, cookies]] = [await begun(), await begun()];
    const [state = ''] = /[\w-]{22}/.exec(query) ?? [];
    const renamed = cookies.replace(/sign-in-[\w-]{22}/, `sign-in-${state}`);
    for (const wrong of [cookies, renamed, ''])
      await expect(signIn.complete(query, wrong)).rejects.toMatchObject({ code: 'sign_in_failed' });
    expect(await signIn.complete(other, cookies)).toMatchObject({ person: { id: 'mo' } });
  });

  it('makes nobody of a token of a service, of another issuer, or one that is bound to a key', async () => {
    const wrong = [
      { credentials: SERVICE },
      { issuer: 'https://other.example' },
      { binding: { jkt: 'a key' } },
    ];
    const right = shown;
    for (const one of wrong) {
      shown = { ...right, ...one };
      await expect(signIn.complete(...(await begun()))).rejects.toMatchObject({ code: 'sign_in_failed' });
    }
  });
});

it('nobody signs in where no provider is set up for people of that kind', async () => {
  await expect(signIn.begin('/console', undefined)).rejects.toMatchObject({ code: 'route_not_found' });
});
