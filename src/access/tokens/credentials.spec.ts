/** What can be set of an issuer, and how issuers stand beside each other. */
import type { JWTPayload } from 'jose';
import { describe, expect, it, test } from 'vitest';
import { readConfig } from '../../config.js';
import type { Credentials } from '../caller.js';
import { serviceUnder, whyWithout } from '../clients.js';
import { credentialsOf, lacksOf } from './credentials.js';
import { issuersFrom } from './issuer-settings.js';
import type { Issuer } from './issuer.js';

const HERE = { OIDC_ISSUER: 'https://id.example', OIDC_AUDIENCE: 'assent', DATABASE_URL: 'embedded' };
const CLIENT = { iss: 'https://id.example', aud: 'assent', sub: 'ads', client_id: 'ads' };
const PERSON = { ...CLIENT, sub: 'u-7', client_id: 'web' };

function issuerOf(env: Readonly<Record<string, string>>): Issuer {
  const [issuer] = readConfig({ ...HERE, ...env }).oidc ?? [];
  if (issuer === undefined) throw new Error('there is no issuer');
  return issuer;
}

const made = (claims: JWTPayload, env: Readonly<Record<string, string>> = {}): Credentials | string =>
  credentialsOf(issuerOf(env), 'at+jwt', claims);

/** What is wrong with the issuers of a file. */
function problemsOf(issuers: unknown): string[] {
  const problems: string[] = [];
  issuersFrom({ issuers }, 'the file', (problem) => problems.push(problem));
  return problems;
}

describe('an audience of its own', () => {
  const APART = {
    OIDC_AUDIENCE_SERVICES: 'assent-services',
    OIDC_AUDIENCE_USERS: 'assent-users',
    OIDC_AUDIENCE_ADMINS: 'assent-admins',
  };
  const admin = { ...PERSON, roles: ['auditor'] };

  it.each([
    { whose: "a client's", claims: CLIENT, aud: 'assent-services', kind: 'service' },
    { whose: "a client's", claims: CLIENT, aud: 'assent-users', kind: 'refused' },
    { whose: "a client's", claims: CLIENT, aud: 'assent-admins', kind: 'refused' },
    { whose: "a client's", claims: CLIENT, aud: 'assent', kind: 'refused' },
    { whose: "a person's", claims: PERSON, aud: 'assent-services', kind: 'refused' },
    { whose: "a person's", claims: PERSON, aud: 'assent-users', kind: 'user' },
    { whose: "a person's", claims: PERSON, aud: 'assent-admins', kind: 'refused' },
    { whose: "a person's", claims: PERSON, aud: 'assent', kind: 'refused' },
    { whose: "an employee's", claims: admin, aud: 'assent-services', kind: 'refused' },
    { whose: "an employee's", claims: admin, aud: 'assent-users', kind: 'user' },
    { whose: "an employee's", claims: admin, aud: 'assent-admins', kind: 'admin' },
  ])('holds for $whose token for $aud: $kind', ({ claims, aud, kind }) => {
    const credentials = made({ ...claims, aud }, APART);
    expect(typeof credentials === 'string' ? 'refused' : credentials.kind).toBe(kind);
    if (kind === 'refused') expect(credentials).toContain('audience');
  });

  it('that one kind alone has leaves the others theirs', () => {
    const env = { OIDC_AUDIENCE_ADMINS: 'assent-admins' };
    expect(made(CLIENT, env)).toMatchObject({ kind: 'service' });
    expect(made(admin, env)).toEqual({ kind: 'user', id: 'u-7' });
    expect(made({ ...admin, aud: ['assent', 'assent-admins'] }, env)).toMatchObject({ kind: 'admin' });
  });
});

describe('a place that was set', () => {
  it('is where the client, the person, the scopes, the purposes and the roles are read, and nowhere else', () => {
    const env = {
      OIDC_CLIENT_CLAIM: 'app',
      OIDC_USER_CLAIM: 'https://acme.example/person',
      OIDC_SCOPE_CLAIM: 'can.do',
      OIDC_PURPOSES_CLAIM: 'for',
      OIDC_ROLES_CLAIM: 'groups',
      OIDC_ADMIN_ROLES: 'auditor=Revision, policy_admin=8f1c',
    };
    const client = { app: 'ads', sub: 'ads', can: { do: ['users:write'] }, for: ['ads'] };
    expect(
      made({ ...CLIENT, client_id: 'web', scope: 'users:erase', purposes: ['ai'], ...client }, env),
    ).toEqual({
      kind: 'service',
      id: 'ads',
      purposes: new Set(['ads']),
      scopes: new Set(['users:write']),
      listings: {
        purposes: [{ claim: 'for', prefix: '' }],
        scopes: [{ claim: 'can.do', prefix: '' }],
      },
    });
    const person = { app: 'web', 'https://acme.example/person': 'mo' };
    expect(made({ ...PERSON, ...person, roles: ['auditor'] }, env)).toEqual({ kind: 'user', id: 'mo' });
    expect(made({ ...PERSON, ...person, groups: ['auditor', 'staff'] }, env)).toMatchObject({ kind: 'user' });
    expect(made({ ...PERSON, ...person, groups: ['8f1c', 'Revision'] }, env)).toEqual({
      kind: 'admin',
      id: 'mo',
      roles: new Set(['policy_admin', 'auditor']),
    });
    expect(made({ ...PERSON, app: 'web' }, env)).toContain('`https://acme.example/person`');
  });

  it('narrows the purposes of a client wherever in the token it stands', () => {
    const narrowed = (env: Readonly<Record<string, string>>, claims: object) =>
      made({ ...CLIENT, ...claims }, env);
    const only = { purposes: new Set(['ads']) };
    expect(
      narrowed({ OIDC_PURPOSES_CLAIM: 'assent.purposes' }, { assent: { purposes: ['ads'] } }),
    ).toMatchObject(only);
    expect(
      narrowed({ OIDC_PURPOSES_CLAIM: 'https://a.example/for' }, { 'https://a.example/for': ['ads'] }),
    ).toMatchObject(only);
    expect(narrowed({ OIDC_PURPOSES_CLAIM: 'assent.purposes' }, { assent: { purposes: 'ads' } })).toContain(
      '`assent.purposes` must be a list',
    );
  });

  it('that cannot be used is named', () => {
    for (const [env, says] of [
      [{ OIDC_PROVIDER: 'acme' }, /OIDC_PROVIDER is `acme`: give one of generic, keycloak/],
      [{ OIDC_PROVIDER: 'keycloack' }, /OIDC_PROVIDER is `keycloack`: did you mean `keycloak`\?/],
      [{ OIDC_AUDIANCE: 'assent' }, /there is no setting `OIDC_AUDIANCE`: did you mean `OIDC_AUDIENCE`\?/],
      [{ OIDC_SECRET: 'x' }, /there is no setting `OIDC_SECRET`: correct the name; the settings are HOST,/],
      [{ OIDC_ADMIN_ROLES: 'boss=Boss' }, /OIDC_ADMIN_ROLES has `boss=Boss`/],
      [{ OIDC_ADMIN_ROLES: 'auditor=x,policy_admin=x' }, /gives `x` two meanings/],
      [{ OIDC_ISSUER: '' }, /OIDC_ISSUER and OIDC_AUDIENCE belong together/],
      [{ OIDC_FILE: 'issuers.json' }, /OIDC_FILE is set, and so is OIDC_ISSUER, OIDC_AUDIENCE/],
    ] as const)
      expect(() => issuerOf(env)).toThrow(says);
  });
});

describe('an issuer that cannot be one', () => {
  const ENTRA = 'https://login.microsoftonline.com';
  const DISCOVERY = '/.well-known/openid-configuration';

  it.each([
    {
      what: 'the address of its discovery document',
      issuer: `https://id.example/realms/acme${DISCOVERY}`,
      says: 'the address of a discovery document: give what stands in it as `issuer`, most likely `https://id.example/realms/acme`',
    },
    {
      what: 'that of its OAuth metadata',
      issuer: 'https://id.example/.well-known/oauth-authorization-server',
      says: 'most likely `https://id.example`',
    },
    {
      what: 'an address with a query',
      issuer: 'https://id.example/?p=x',
      says: 'without query and fragment',
    },
    {
      what: 'any tenant of Entra',
      issuer: `${ENTRA}/common/v2.0`,
      says: `\`common\` signs no tokens: give the tenant that does, \`${ENTRA}/<id of your tenant>/v2.0\``,
    },
    {
      what: 'any organisation of Entra',
      issuer: `${ENTRA}/organizations/v2.0`,
      says: '`organizations` signs no tokens',
    },
    {
      what: 'all personal accounts of Microsoft',
      issuer: `${ENTRA}/consumers/v2.0/`,
      says: `${ENTRA}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0`,
    },
    { what: 'that of another cloud', issuer: 'https://login.microsoftonline.us/common', says: '`common`' },
  ])('is refused in words before anybody is asked: $what', ({ issuer, says }) => {
    expect(() => issuerOf({ OIDC_ISSUER: issuer })).toThrow(says);
    expect(() => issuerOf({ OIDC_ISSUER: issuer })).toThrow(`OIDC_ISSUER is \`${issuer}\``);
    expect(problemsOf([{ issuer, audience: 'a' }]).join()).toContain(says);
  });

  it('is not one that is called so elsewhere', () => {
    expect(problemsOf([{ issuer: 'https://id.example/common', audience: 'a' }])).toEqual([]);
  });
});

describe('a file that was meant otherwise', () => {
  const ONE = { issuer: 'https://id.example', audience: 'assent' };
  const told = (value: unknown) => {
    const problems: string[] = [];
    issuersFrom(value, 'the file', (problem) => problems.push(problem));
    return problems;
  };

  it.each([
    {
      what: 'a bare list',
      value: [ONE],
      says: ['the file is a list: put it into a member, `{"issuers": […]}`'],
    },
    {
      what: 'members that are called like the variables',
      value: { issuers: [{ OIDC_ISSUER: ONE.issuer, OIDC_AUDIENCE: 'assent' }] },
      says: [
        'the file, issuer 1: there is no member `OIDC_ISSUER`: did you mean `issuer`?',
        'the file, issuer 1: there is no member `OIDC_AUDIENCE`: did you mean `audience`?',
      ],
    },
    {
      what: 'a member with a slip',
      value: { issuers: [{ issuer: ONE.issuer, audiance: 'assent' }] },
      says: ['the file, issuer 1: there is no member `audiance`: did you mean `audience`?'],
    },
    {
      what: 'a member that resembles none',
      value: { issuers: [{ ...ONE, colour: 'red' }] },
      says: [expect.stringMatching(/there is no member `colour`: give one of issuer, provider, audience,/)],
    },
    {
      what: 'a list that is called otherwise',
      value: { isuers: [ONE] },
      says: [
        expect.stringContaining('names no issuers'),
        'the file has a member `isuers`: did you mean `issuers`?',
      ],
    },
    {
      what: 'one issuer without the list',
      value: ONE,
      says: [
        expect.stringContaining('names no issuers'),
        expect.stringContaining('`issuer` outside of the list: put it into the issuer'),
        expect.stringContaining('`audience` outside of the list'),
      ],
    },
  ])('is told what to write: $what', ({ value, says }) => {
    expect(told(value)).toEqual(says);
  });
});

describe('what a client lacks', () => {
  const CLIENTS = {
    generic: {},
    keycloak: { typ: 'Bearer', azp: 'ads', preferred_username: 'service-account-ads' },
    auth0: { azp: 'ads', sub: 'ads@clients' },
    entra: { azp: 'ads', idtyp: 'app' },
    okta: { cid: 'ads' },
    cognito: { token_use: 'access' },
  };
  const lacking = (
    what: 'purposes' | 'scopes',
    provider: keyof typeof CLIENTS,
    claims: object,
    env: object,
  ) => {
    const issuer = issuerOf({ OIDC_PROVIDER: provider, ...env });
    const type = provider === 'generic' ? 'at+jwt' : 'JWT';
    const credentials = credentialsOf(issuer, type, { ...CLIENT, ...CLIENTS[provider], ...claims });
    if (typeof credentials === 'string' || credentials.kind !== 'service') throw new Error('it is a service');
    return whyWithout(serviceUnder({}, credentials), what, what === 'purposes' ? 'ai' : 'users:erase');
  };

  it.each([
    { provider: 'generic', purposes: '`ai` in `purposes` or `purpose:ai` in `scope`', scopes: '`scope`' },
    { provider: 'keycloak', purposes: '`ai` in `purposes` or `purpose:ai` in `scope`', scopes: '`scope`' },
    {
      provider: 'auth0',
      purposes: '`ai` in `purposes` or `purpose:ai` in `scope` or `purpose:ai` in `permissions`',
      scopes: '`scope` or `users:erase` in `permissions`',
    },
    { provider: 'entra', purposes: '`ai` in `purposes` or `purpose:ai` in `roles`', scopes: '`roles`' },
    { provider: 'okta', purposes: '`ai` in `purposes` or `purpose:ai` in `scp`', scopes: '`scp`' },
    { provider: 'cognito', purposes: '`ai` in `purposes` or `purpose:ai` in `scope`', scopes: '`scope`' },
  ] as const)(
    'is told by the claims that tokens of $provider have it in',
    ({ provider, purposes, scopes }) => {
      expect(lacking('purposes', provider, {}, {})).toContain(`the token does not list ${purposes}: ask`);
      expect(lacking('scopes', provider, {}, {})).toContain(
        `does not list \`users:erase\` in ${scopes}: ask`,
      );
    },
  );

  it('is told by the claims that were set, and by none that is not read', () => {
    const env = { OIDC_SCOPE_CLAIM: 'can.do', OIDC_PURPOSES_CLAIM: 'for' };
    expect(lacking('scopes', 'okta', {}, env)).toContain('does not list `users:erase` in `can.do`: ask');
    expect(lacking('purposes', 'okta', {}, env)).toContain(
      'does not list `ai` in `for` or `purpose:ai` in `can.do`: ask',
    );
    expect(lacking('purposes', 'okta', { for: ['ads'] }, env)).toBe(
      'the token does not list `ai` in `for`: ask for credentials that do',
    );
  });
});

test('an id that is too long with the prefix of its issuer is refused: nobody could ask for it', () => {
  const long = 'x'.repeat(254);
  const prefixed = { ...issuerOf({}), prefix: 'corp:' };
  expect(credentialsOf(prefixed, 'at+jwt', { ...PERSON, sub: long })).toContain('too long');
  expect(credentialsOf(prefixed, 'at+jwt', { ...PERSON, sub: 'x' })).toMatchObject({ id: 'corp:x' });
});

describe('a token that says what nobody may be called', () => {
  it.each(['me', '', 7, null, ['u-7'], 'x'.repeat(300)])('as the person %j is refused', (sub) => {
    expect(typeof credentialsOf(issuerOf({}), 'at+jwt', Object.assign({ ...PERSON }, { sub }))).toBe(
      'string',
    );
  });
});

describe('several issuers', () => {
  const customers = { issuer: 'https://customers.example', provider: 'keycloak', audience_users: 'assent' };
  const staff = { issuer: 'https://staff.example', audience_services: 'assent', audience_admins: 'assent' };

  it('stand beside each other where none speaks for the callers of another', () => {
    expect(problemsOf([customers, staff])).toEqual([]);
    const partners = { issuer: 'https://partners.example', audience: 'assent', id_prefix: 'p:' };
    expect(problemsOf([customers, staff, partners])).toEqual([]);
    expect(
      problemsOf([
        { ...customers, shared_ids: 'yes' },
        { ...partners, id_prefix: '', shared_ids: 'yes' },
      ]),
    ).toEqual([]);
  });

  it.each([
    { what: 'speak for the same users', other: { audience_users: 'assent' } },
    { what: 'are meant to share ids by one of them alone', other: { audience: 'assent', shared_ids: 'yes' } },
  ])('are refused when they $what', ({ other }) => {
    const problems = problemsOf([customers, { issuer: 'https://other.example', ...other }]);
    expect(problems.join()).toContain(
      'both speak for users, and an id of the one could be an id of the other',
    );
  });

  it('are refused when their prefixes do not keep ids apart', () => {
    const [one, other] = ['p:', 'p:q:'].map((id_prefix, at) => ({
      issuer: `https://id-${at}.example`,
      audience: 'assent',
      id_prefix,
    }));
    expect(problemsOf([one, other]).join()).toContain('give one of them an `id_prefix` of its own');
  });

  it.each([
    { what: 'names one twice', issuers: [staff, staff], says: 'is named twice' },
    { what: 'names none', issuers: [], says: 'names no issuers' },
    { what: 'is none', issuers: 'https://id.example', says: 'names no issuers' },
    {
      what: 'has a member that is not one',
      issuers: [{ ...staff, audiance: 'x' }],
      says: 'no member `audiance`',
    },
    {
      what: 'has a member that is no text',
      issuers: [{ ...staff, leeway_seconds: 5 }],
      says: 'must be a text',
    },
    {
      what: 'has one without audience',
      issuers: [{ issuer: 'https://a.example' }],
      says: 'give it an `audience`',
    },
    {
      what: 'has one without TLS',
      issuers: [{ ...staff, issuer: 'http://a.example' }],
      says: 'must be an https URL',
    },
  ])('of a file that $what are refused', ({ issuers, says }) => {
    expect(problemsOf(issuers).join()).toContain(says);
  });

  it('take no id of each other: one with the prefix of another is refused', () => {
    const issuers = issuersFrom(
      {
        issuers: [
          { ...staff, audience: 'assent' },
          { ...customers, id_prefix: 'c:' },
        ],
      },
      'the file',
      expect.unreachable,
    );
    const [first] = issuers;
    if (first === undefined) return expect.unreachable();
    const person = { ...PERSON, iss: first.issuer };
    expect(credentialsOf(first, 'at+jwt', { ...person, sub: 'c:mo' }, ['c:'])).toContain(
      'one of another issuer',
    );
    expect(credentialsOf(first, 'at+jwt', { ...person, sub: 'mo' }, ['c:'])).toEqual({
      kind: 'user',
      id: 'mo',
    });
  });
});

describe('who is refused is told which claim was looked for, and which setting names another', () => {
  const refused = (
    claims: JWTPayload,
    env: Readonly<Record<string, string>> = {},
    type: unknown = 'at+jwt',
  ) => {
    const read = credentialsOf(issuerOf(env), type, claims);
    return typeof read === 'string' ? read : 'it was taken';
  };
  const without = (claim: string) =>
    Object.fromEntries(Object.entries(CLIENT).filter(([one]) => one !== claim));

  it('where the type is that of the tokens of other providers', () => {
    expect(refused(CLIENT, {}, 'JWT')).toMatch(
      /by the `typ` of its header.*OIDC_PROVIDER names a provider whose tokens have that type: keycloak, auth0,/,
    );
    expect(refused(CLIENT, {}, 'logout+jwt')).not.toContain('OIDC_PROVIDER');
  });

  it('where another claim names the client, or the person', () => {
    expect(refused({ ...without('client_id'), azp: 'ads' })).toContain(
      'has no `client_id` that could be the id of a client: whoever runs this service names the claim in OIDC_CLIENT_CLAIM; it may be `azp`, which the token has',
    );
    expect(refused(without('client_id'))).toMatch(/names the claim in OIDC_CLIENT_CLAIM$/);
    const person = { ...CLIENT, azp: 'web', scp: 'x', sub: 'pairwise' };
    expect(refused(person, { OIDC_PROVIDER: 'entra' }, 'JWT')).toMatch(
      /no `oid` that could be the id of a user: .* OIDC_USER_CLAIM$/,
    );
  });

  it('where the claims are not those of an access token, or the audience is another', () => {
    expect(refused(CLIENT, { OIDC_PROVIDER: 'cognito' }, null)).toContain(
      'which has `access` as `token_use`',
    );
    expect(refused({ ...CLIENT, aud: 'x' })).toContain('which OIDC_AUDIENCE_SERVICES or OIDC_AUDIENCE names');
  });

  it('where a client of another id than its subject is taken for a person', () => {
    expect(lacksOf(issuerOf({}), PERSON).service).toBe(
      "a client's own token of `generic` has its `client_id` as `sub`: if this is one, whoever runs this service sets OIDC_PROVIDER or OIDC_CLIENT_CLAIM",
    );
    expect(lacksOf(issuerOf({ OIDC_CLIENT_CLAIM: 'app' }), { ...PERSON, app: 'web' }).service).toContain(
      'its `app` as `sub`',
    );
  });

  it.each<readonly [string, JWTPayload, Readonly<Record<string, string>>, string]>([
    [
      'are written otherwise',
      { roles: ['Staff', 'Policy_Admin'] },
      {},
      '`Policy_Admin` in `roles`, and the role is called `policy_admin` here',
    ],
    [
      'are others',
      { roles: ['Staff'] },
      {},
      'none of the roles `policy_admin`, `privacy_officer`, `auditor`, `case_reviewer`, `security_investigator`, `case_approver` in `roles`: whoever runs this service names those of the provider in OIDC_ADMIN_ROLES',
    ],
    [
      'are elsewhere',
      { groups: ['auditor'] },
      {},
      'names no roles in `roles`, or in the claim that OIDC_ROLES_CLAIM names',
    ],
    [
      'are for another audience',
      { roles: ['auditor'] },
      { OIDC_AUDIENCE_ADMINS: 'admins' },
      'which OIDC_AUDIENCE_ADMINS or OIDC_AUDIENCE names',
    ],
  ])('where roles %s', (_how, claims, env, says) => {
    expect(lacksOf(issuerOf(env), { ...PERSON, ...claims }).admin).toContain(says);
  });
});
