/** What `docs/identity.md` says that Assent makes of each token is what it makes of it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Credentials } from '../../src/access/caller.js';
import { credentialsOf } from '../../src/access/tokens/credentials.js';
import { issuerFrom } from '../../src/access/tokens/issuer-settings.js';
import { placesOf } from '../../src/access/tokens/issuer.js';
import { PROFILES } from '../../src/access/tokens/provider-profiles.js';
import { readConfig } from '../../src/config.js';
import { identityPage } from '../identity-page.js';

/** Credentials as the page words them. */
function worded(credentials: Credentials | string): string {
  if (typeof credentials === 'string') return `refused: ${credentials}`;
  const list = (what: string, of: ReadonlySet<string> | undefined) =>
    of === undefined ? '' : `, ${what} ${[...of].map((one) => `\`${one}\``).join(' ')}`;
  const { kind, id } = credentials;
  const named = `${kind} \`${id}\``;
  switch (kind) {
    case 'service':
      return named + list('purposes', credentials.purposes) + list('scopes', credentials.scopes);
    case 'admin':
      return named + list('roles', credentials.roles);
    case 'user':
      return named;
  }
}

const providers = identityPage();

it('the page has every provider', () => {
  expect(providers.map(({ name }) => name)).toEqual(Object.keys(PROFILES));
});

describe('the table of where it is read', () => {
  const VARIABLES = {
    OIDC_CLIENT_CLAIM: 'client',
    OIDC_USER_CLAIM: 'user',
    OIDC_ROLES_CLAIM: 'roles',
    OIDC_SCOPE_CLAIM: 'scopes',
    OIDC_PURPOSES_CLAIM: 'purposes',
  } as const;
  const cellsOf = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const page = readFileSync(new URL('../../docs/identity.md', import.meta.url), 'utf8');
  const [, table = ''] = /^### Where it is read\n[^|]*((?:^\|.*\n)+)/m.exec(page) ?? [];
  const [head = '', , ...rows] = table.trim().split('\n');

  it('has each claim that can be set', () => {
    expect(cellsOf(head)).toEqual(['provider', ...Object.keys(VARIABLES).map((name) => `\`${name}\``)]);
  });

  it('says of each provider where the code reads it', () => {
    const places = Object.keys(PROFILES).map((provider) => {
      const settings: Record<string, string> = {
        issuer: 'https://id.example',
        provider,
        audience: '<audience>',
      };
      const issuer = issuerFrom((setting) => settings[setting], String, expect.unreachable);
      const cells = Object.values(VARIABLES).map((what) =>
        placesOf(issuer, what, () => false)
          .map((place) => `\`${place.join('.')}\``)
          .join(', '),
      );
      return [`\`${provider}\``, ...cells];
    });
    expect(rows.map(cellsOf)).toEqual(places);
  });
});

describe.each(providers)('$name', ({ name, env, tokens }) => {
  const [issuer] = readConfig({ DATABASE_URL: 'embedded', ...env }).oidc ?? [];

  it('is set up as the page says, and has a token of each kind', () => {
    expect(issuer).toMatchObject({ issuer: env['OIDC_ISSUER'], provider: name });
    for (const kind of ['service', 'user', 'admin', 'refused'])
      expect(tokens.filter(({ verdict }) => verdict.startsWith(kind)).length, kind).toBeGreaterThan(0);
  });

  it.each(tokens)('$name: $verdict', ({ header, claims, verdict }) => {
    if (issuer === undefined) return expect.unreachable();
    expect(claims.iss).toBe(issuer.issuer);
    const made = worded(credentialsOf(issuer, header.typ, claims));
    if (verdict.startsWith('refused')) expect(made).toContain(verdict);
    else expect(made).toBe(verdict);
  });

  it('makes no service of a person and no person of a client, whatever else the token says', () => {
    if (issuer === undefined) return expect.unreachable();
    const extras = [
      { purposes: [] },
      { purposes: ['ads'], scope: 'users:erase', roles: ['Member'] },
      { scope: 'users:erase choices:write purpose:ads' },
      { client: true, service: true },
    ];
    for (const { header, claims, verdict } of tokens)
      for (const extra of extras) {
        const made = credentialsOf(issuer, header.typ, { ...claims, ...extra });
        const kind = typeof made === 'string' ? 'refused' : made.kind;
        const was = verdict.replace(/[ :].*/, '');
        // what is said of roles or scopes may change; what the holder is may not
        if (was === 'service') expect(['service', 'refused']).toContain(kind);
        else if (was !== 'refused') expect(['user', 'admin', 'refused']).toContain(kind);
        else expect(kind === 'service' && !verdict.includes("client's own"), verdict).toBe(false);
      }
  });
});
