/** The tokens of `docs/identity.md`, with what it says that Assent makes of them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JWTHeaderParameters, JWTPayload } from 'jose';

export type PageToken = {
  readonly provider: string;
  readonly name: string;
  readonly header: Partial<JWTHeaderParameters>;
  readonly claims: JWTPayload;
  /** As the page words it. */
  readonly verdict: string;
};

export type PageProvider = {
  readonly name: string;
  /** The variables that set it up. */
  readonly env: Readonly<Record<string, string>>;
  readonly tokens: readonly PageToken[];
};

/** A row of the table of who may do what, cell by cell. */
export type Right = Readonly<Record<'route' | 'user' | 'service' | 'admin', string>>;

const PAGE = fileURLToPath(new URL('../docs/identity.md', import.meta.url));
const SECTION = /^## (generic|keycloak|auth0|entra|okta|cognito)\n([\s\S]*?)(?=^## )/gm;
/** A whole token, or a row of a table that changes the one before. */
const TOKEN =
  /^\*\*(?<whole>.+?)\*\*: (?<its>.+)\n\n```json\n(?<json>[\s\S]*?)\n```|^\| (?<but>[^|]+?) +\| `(?<change>\{[^|]*\})` +\| (?<verdict>.+?) +\|$/gm;

const RIGHT = /^\| `(?<route>[A-Z]+ \/[^`]*)` +\| (?<user>.+?) +\| (?<service>.+?) +\| (?<admin>.+?) +\|$/gm;

export function rightsOfPage(): Right[] {
  return [...readFileSync(PAGE, 'utf8').matchAll(RIGHT)].map(
    ({ groups: { route = '', user = '', service = '', admin = '' } = {} }) => ({
      route,
      user,
      service,
      admin,
    }),
  );
}

export function identityPage(): PageProvider[] {
  return [...readFileSync(PAGE, 'utf8').matchAll(SECTION)].map(([, name = '', text = '']) => ({
    name,
    env: Object.fromEntries([...text.matchAll(/^(OIDC_\w+)=(.+)$/gm)].map(([, key, value]) => [key, value])),
    tokens: tokensOf(name, text),
  }));
}

function tokensOf(provider: string, text: string): PageToken[] {
  let whole: Parts = { header: {}, claims: {} };
  return [...text.matchAll(TOKEN)].map(({ groups = {} }) => {
    if (groups['json'] !== undefined) {
      whole = partsOf(groups['json']);
      return { provider, name: groups['whole'] ?? '', verdict: groups['its'] ?? '', ...whole };
    }
    const { header, claims } = partsOf(groups['change'] ?? '');
    return {
      provider,
      name: groups['but'] ?? '',
      verdict: (groups['verdict'] ?? '').replaceAll('\\|', '|'),
      header: headerOf(merged(whole.header, header)),
      claims: merged(whole.claims, claims),
    };
  });
}

type Parts = Pick<PageToken, 'header' | 'claims'>;

function partsOf(json: string): Parts {
  const { header = {}, claims = {} }: Partial<Parts> = JSON.parse(json);
  return { header, claims };
}

/** `null` takes a member away. */
function merged(one: object, change: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...one, ...change }).filter(([, value]) => value !== null));
}

function headerOf(members: Readonly<Record<string, unknown>>): PageToken['header'] {
  const { alg, typ, kid } = members;
  return {
    ...(typeof alg === 'string' ? { alg } : {}),
    ...(typeof typ === 'string' ? { typ } : {}),
    ...(typeof kid === 'string' ? { kid } : {}),
  };
}
