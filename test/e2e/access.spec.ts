/** Who may do what: every route, every kind of caller; what a refusal says, what it leaves, and what is logged. */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DevelopmentClaims } from '../../src/access/tokens/development-key.js';
import { type People, peopleOf } from './people.js';
import { DECISION_ENDPOINTS, EVALUATION, EVALUATIONS, PURPOSES, mayRead } from './questions.js';
import { rawRequest } from './raw-request.js';
import { listAt, membersOf, settingOf, textAt } from './replies.js';
import { type Reply, type Service, startService, temporaryFolder } from './service.js';

/** What anybody may ask for without saying who they are. */
const OPEN = [
  '/.well-known/authzen-configuration',
  '/.well-known/gpc.json',
  '/.well-known/receipt-keys.json',
  '/health/live',
  '/health/ready',
  '/openapi.json',
  '/session/sign-in',
  '/session/signed-out',
  '/vocabulary',
  '/docs',
  '/settings',
  '/settings/assent-settings.js',
  '/console',
  '/console/drafts/x',
];
/** What anybody may send, without saying who they are. */
const OPEN_TO_POST = ['/v1/receipts/verify'];
/** What browsers use without a token, and what it answers to anything else. */
const FOR_BROWSERS: Readonly<Record<string, number>> = {
  'POST /session/sign-in': 403,
  'POST /session/sign-out': 403,
  'GET /session/callback': 404,
};
const METHODS = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS'];
const USER = 'u-self';

let service: Service;
let people: People;

beforeAll(async () => {
  // the log says the most it ever says, so that what it must not say shows
  service = await startService({ LOG_LEVEL: 'trace' });
  people = await peopleOf(service);
  await people.register(USER, 'US-NY');
  await people.register('u-other', 'US-NY');
});

afterAll(() => service.stop());

describe('authentication', () => {
  /** The routes of the OpenAPI document, with something in the place of their parameters. */
  async function documented(): Promise<{ readonly method: string; readonly path: string }[]> {
    const { body } = await service.request('GET', '/openapi.json');
    const { paths } = Object.fromEntries(membersOf(body));
    return membersOf(paths).flatMap(([path, operations]) =>
      membersOf(operations).map(([method]) => ({
        method: method.toUpperCase(),
        path: path.replaceAll(/\{[^}]+\}/g, 'x'),
      })),
    );
  }

  test('is needed for every route but those that are open', async () => {
    const routes = [
      ...(await documented()),
      { method: 'GET', path: '/openapi.json' },
      { method: 'GET', path: '/docs' },
      { method: 'GET', path: '/settings' },
      { method: 'GET', path: '/settings/assent-settings.js' },
      { method: 'GET', path: '/console' },
      { method: 'GET', path: '/console/drafts/x' },
    ];
    expect(routes.length).toBeGreaterThan(12);
    const open: string[] = [];
    for (const { method, path } of routes) {
      const reply = await service.request(method, path);
      if (reply.status === 401) continue;
      const refused = FOR_BROWSERS[`${method} ${path}`];
      if (refused !== undefined) expect(reply.status, `${method} ${path}`).toBe(refused);
      if (refused !== undefined) continue;
      expect(reply.status, `${method} ${path}`).toBe(200);
      open.push(path);
    }
    expect(open.toSorted()).toEqual([...OPEN, ...OPEN_TO_POST].toSorted());
  });

  test('is needed for every method of every address, known or not', async () => {
    const addresses = [...new Set((await documented()).map(({ path }) => path))].filter(
      (path) =>
        !OPEN.includes(path) &&
        !OPEN_TO_POST.includes(path) &&
        !METHODS.some((method) => FOR_BROWSERS[`${method} ${path}`] !== undefined),
    );
    for (const path of [
      ...addresses,
      '/',
      '/metrics',
      '/v1/audiences',
      '/health',
      '/health/live/x',
      '/.well-known/other',
      '/openapi.json/x',
      '/openapi.yaml',
      '/docs-json',
      '/admin',
    ])
      for (const method of METHODS)
        expect((await service.request(method, path)).status, `${method} ${path}`).toBe(401);
  });

  test('cannot be walked around by an odd spelling of an address', async () => {
    for (const path of [
      `/docs/../v1/users/${USER}/settings`,
      `/docs/..%2fv1/users/${USER}/settings`,
      `/docs/%2e%2e/v1/users/${USER}/settings`,
      `//v1/users/${USER}/settings`,
      `/V1/USERS/${USER}/settings`,
      `/v1/users/${USER}/settings/`,
      `/v1/users/${USER}/settings?x=/docs`,
      `/v1/users/${USER}/settings;/docs`,
      `/health/live/../../v1/users/${USER}/settings`,
    ]) {
      const reply = await rawRequest(service.url, { method: 'GET', path });
      expect([400, 401, 404], `${path} ${reply.body.slice(0, 200)}`).toContain(reply.status);
      expect(reply.body).not.toContain('purposes');
      // a GET has no body that could be at fault
      expect(reply.body).not.toContain('the body');
    }
  });

  test.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['no token', 'Bearer'],
    ['an empty token', 'Bearer  '],
    ['a token that is no JWT', 'Bearer nonsense'],
    ['three dots', 'Bearer ...'],
    ['another scheme', 'Basic YWRtaW46YWRtaW4='],
    ['a token that is far too long', `Bearer ${'x'.repeat(12_000)}`],
  ])('refuses %s with a 401 that says which scheme it wants', async (_named, authorization) => {
    const reply = await service.request('GET', `/v1/users/${USER}/settings`, {
      headers: authorization === undefined ? {} : { authorization },
    });
    expectProblem(reply, 401, 'not_authenticated');
    expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  const challengeOf = async (headers: Readonly<Record<string, string>>) =>
    (await service.request('GET', `/v1/users/${USER}/settings`, { headers })).headers.get('www-authenticate');

  test('is asked for without an error where none was sent', async () => {
    for (const authorization of [undefined, '', 'Bearer', 'Bearer ', 'DPoP', 'Basic YWRtaW46YWRtaW4='])
      expect(await challengeOf(authorization === undefined ? {} : { authorization })).toMatch(
        /^Bearer realm="assent", DPoP algs="[\w ]+"$/,
      );
  });

  test('is called invalid where it was sent and refused, and why, for the scheme by which it was sent', async () => {
    expect(await challengeOf({ authorization: 'Bearer nonsense' })).toMatch(
      /^Bearer realm="assent", error="invalid_token", error_description="the token is not one of this service, [ !#-[\]-~]+", DPoP algs="[\w ]+"$/,
    );
    expect(await challengeOf({ authorization: 'DPoP nonsense' })).toMatch(
      /^Bearer realm="assent", DPoP error="invalid_token", error_description="[ !#-[\]-~]+", algs="[\w ]+"$/,
    );
  });

  test('takes the scheme in any case, as RFC 9110 says', async () => {
    const token = await service.token({ sub: USER });
    for (const scheme of ['Bearer', 'bearer', 'BEARER'])
      expect(
        await service.request('GET', '/v1/users/me/settings', {
          headers: { authorization: `${scheme} ${token}` },
        }),
      ).toMatchObject({ status: 200 });
  });

  test('refuses a token that is given twice over', async () => {
    const token = await service.token({ sub: USER });
    for (const authorization of [`Bearer ${token} ${token}`, `Bearer ${token},Bearer ${token}`])
      expect(
        await service.request('GET', '/v1/users/me/settings', { headers: { authorization } }),
      ).toMatchObject({ status: 401 });
  });

  test('does not take a token from the address or the body', async () => {
    const token = await service.token({ sub: USER });
    expect(await service.request('GET', `/v1/users/me/settings?access_token=${token}`)).toMatchObject({
      status: 401,
    });
    expect(await service.request('POST', EVALUATION, { body: { access_token: token } })).toMatchObject({
      status: 401,
    });
  });

  test.each([
    { named: 'both purposes and roles', claims: { sub: 'x', purposes: [], roles: ['policy_admin'] } },
    { named: 'an empty subject', claims: { sub: '', purposes: [] } },
  ])('refuses a token with $named', async ({ claims }) => {
    const reply = await service.request('POST', EVALUATION, {
      token: await service.token(claims),
      body: mayRead('service', USER),
    });
    expectProblem(reply, 401, 'not_authenticated');
  });

  test('open routes stay open to whoever sends a token that does not hold', async () => {
    for (const path of OPEN)
      expect((await service.request('GET', path, { token: 'nonsense' })).status, path).toBe(200);
  });
});

test('a scope that is missing is named in the challenge of the refusal', async () => {
  const challengeWith = async (token: string) =>
    service.request('GET', `/v1/users/${USER}/settings`, { token });
  const reply = await challengeWith(
    await service.token({ sub: 'pep', purposes: [], scope: 'choices:write' }),
  );
  expect(reply.status).toBe(403);
  expect(reply.headers.get('www-authenticate')).toBe(
    'Bearer realm="assent", error="insufficient_scope", scope="settings:read"',
  );
  // no scope would let one user read of another, nor help a client to whom the policy does not give it
  for (const claims of [{ sub: 'somebody' }, { sub: 'ads', purposes: [], scope: 'settings:read' }]) {
    const other = await challengeWith(await service.token(claims));
    expect(other.status).toBe(403);
    expect(other.headers.get('www-authenticate')).toBeNull();
  }
});

describe('what a caller may do to the record of a user', () => {
  type Call = { readonly method: string; readonly path: string; readonly body?: unknown };
  const SETTINGS: Call = { method: 'GET', path: `/v1/users/${USER}/settings` };
  const PROFILE: Call = {
    method: 'PUT',
    path: `/v1/users/${USER}`,
    body: { region: 'US-NY', age_band: 'adult' },
  };
  const CHOICE: Call = {
    method: 'PUT',
    path: `/v1/users/${USER}/choices/improve`,
    body: { choice: 'denied' },
  };
  const SIGNAL: Call = { method: 'POST', path: `/v1/users/${USER}/signals`, body: { signal: 'gpc' } };

  type Expected = { profile: number; settings: number; choice: number; signal: number };
  const CALLERS: { who: string; claims: DevelopmentClaims; expected: Expected }[] = [
    {
      who: 'a service without a scope',
      claims: { sub: 's', purposes: PURPOSES },
      expected: { profile: 403, settings: 403, choice: 403, signal: 403 },
    },
    {
      who: 'a service with users:write',
      claims: { sub: 's', purposes: [], scope: 'users:write' },
      expected: { profile: 200, settings: 403, choice: 403, signal: 403 },
    },
    {
      who: 'a service with settings:read',
      claims: { sub: 's', purposes: [], scope: 'settings:read' },
      expected: { profile: 403, settings: 200, choice: 403, signal: 403 },
    },
    {
      who: 'a service with choices:write',
      claims: { sub: 's', purposes: [], scope: 'choices:write' },
      expected: { profile: 403, settings: 403, choice: 200, signal: 200 },
    },
    {
      who: 'a service with every scope',
      claims: { sub: 's', purposes: [], scope: 'users:write settings:read choices:write' },
      expected: { profile: 200, settings: 200, choice: 200, signal: 200 },
    },
    {
      who: 'a service with scopes that are none',
      claims: { sub: 's', purposes: [], scope: '* admin users users:* users:writex,settings:read' },
      expected: { profile: 403, settings: 403, choice: 403, signal: 403 },
    },
    {
      who: 'a service that is called like the user',
      claims: { sub: USER, purposes: [] },
      expected: { profile: 403, settings: 403, choice: 403, signal: 403 },
    },
    {
      who: 'an admin',
      claims: { sub: 'a', roles: ['policy_admin'] },
      expected: { profile: 403, settings: 403, choice: 403, signal: 403 },
    },
    {
      who: 'an admin who is called like the user, with scopes of a service',
      claims: { sub: USER, roles: ['policy_admin'], scope: 'users:write settings:read choices:write' },
      expected: { profile: 403, settings: 403, choice: 403, signal: 403 },
    },
    {
      who: 'the user',
      claims: { sub: USER },
      expected: { profile: 403, settings: 200, choice: 200, signal: 200 },
    },
    {
      who: 'another user',
      claims: { sub: 'u-other' },
      expected: { profile: 403, settings: 403, choice: 403, signal: 403 },
    },
    {
      who: 'another user, with scopes of a service',
      claims: { sub: 'u-other', scope: 'users:write settings:read choices:write' },
      expected: { profile: 403, settings: 403, choice: 403, signal: 403 },
    },
  ];

  test.each(CALLERS)('$who', async ({ claims, expected }) => {
    const token = await service.token(claims);
    const send = async ({ method, path, body }: Call) => {
      const reply = await service.request(method, path, { token, body });
      if (reply.status !== 200) expectProblem(reply, 403, 'caller_not_allowed');
      return reply.status;
    };
    expect({
      profile: await send(PROFILE),
      settings: await send(SETTINGS),
      choice: await send(CHOICE),
      signal: await send(SIGNAL),
    }).toEqual(expected);
  });

  test('a refusal does not tell whether the user exists', async () => {
    const token = await service.token({ sub: 'u-curious' });
    const refusals = await Promise.all(
      [USER, 'u-nobody'].map((user) =>
        service.request('GET', `/v1/users/${user}/settings`, {
          token,
          headers: { 'x-request-id': 'the-same' },
        }),
      ),
    );
    const [known, unknown] = refusals.map(({ status, body }) => ({ status, body }));
    expect(known).toMatchObject({ status: 403 });
    expect(unknown).toEqual(known);
  });

  test('what is not allowed is refused before it is judged', async () => {
    const token = await service.token({ sub: 'u-curious' });
    for (const purpose of ['ads.unheard_of', 'service']) {
      const reply = await service.request('PUT', `/v1/users/${USER}/choices/${purpose}`, {
        token,
        body: { choice: 'denied' },
      });
      expectProblem(reply, 403, 'caller_not_allowed');
    }
  });
});

describe('`me`', () => {
  test('stands for the user who calls', async () => {
    const token = await service.token({ sub: 'u-me' });
    expect(
      await service.request('PUT', '/v1/users/me/choices/improve', { token, body: { choice: 'denied' } }),
    ).toMatchObject({ status: 200 });
    const reply = await service.request('GET', '/v1/users/me/settings', { token });
    expect(reply).toMatchObject({ status: 200, body: { user: 'u-me' } });
    expect(settingOf(reply.body, 'improve')).toMatchObject({ choice: 'denied' });
    expect(settingOf(await people.settings('u-me'), 'improve')).toMatchObject({ choice: 'denied' });
  });

  test('is nobody when a service or an admin calls', async () => {
    for (const claims of [
      { sub: 's', purposes: [], scope: 'users:write settings:read choices:write' },
      { sub: 'a', roles: ['policy_admin'] },
    ]) {
      const token = await service.token(claims);
      for (const [method, path, body] of [
        ['GET', 'settings', undefined],
        ['PUT', 'choices/improve', { choice: 'denied' }],
        ['POST', 'signals', { signal: 'gpc' }],
      ] as const) {
        const reply = await service.request(method, `/v1/users/me/${path}`, { token, body });
        expectProblem(reply, 400, 'invalid_request');
        expect(reply.body).toMatchObject({ member: '/id' });
      }
    }
  });

  test('has no profile to set', async () => {
    for (const claims of [{ sub: 's', purposes: [], scope: 'users:write' }, { sub: USER }]) {
      const reply = await service.request('PUT', '/v1/users/me', {
        token: await service.token(claims),
        body: { region: 'DE', age_band: 'adult' },
      });
      expectProblem(reply, 400, 'invalid_request');
    }
  });
});

describe('decisions', () => {
  test.each(DECISION_ENDPOINTS)('are for services: %s refuses everybody else', async (path) => {
    for (const claims of [
      { sub: 'a', roles: ['policy_admin'] },
      { sub: 'a', roles: [] },
      { sub: USER },
      { sub: USER, scope: 'users:write settings:read choices:write' },
    ]) {
      const reply = await service.request('POST', path, {
        token: await service.token(claims),
        body: mayRead('service', USER),
      });
      expectProblem(reply, 403, 'caller_not_allowed');
    }
  });

  test('a service whose list of purposes is empty may ask for none', async () => {
    const token = await service.token({ sub: 's', purposes: [] });
    expectProblem(
      await service.request('POST', EVALUATION, { token, body: mayRead('service', USER) }),
      403,
      'purpose_not_allowed',
    );
    const batch = await service.request('POST', EVALUATIONS, {
      token,
      body: { evaluations: PURPOSES.map((purpose) => mayRead(purpose, USER)) },
    });
    for (const answer of listAt(batch.body, 'evaluations'))
      expect(answer).toMatchObject({
        decision: false,
        context: { reason: 'purpose_not_allowed_for_client' },
      });
  });

  test('a purpose that is listed does not list those below or above it', async () => {
    const token = await service.token({ sub: 's', purposes: ['ads.personalised'] });
    for (const purpose of ['ads', 'ads.inferred'])
      expectProblem(
        await service.request('POST', EVALUATION, { token, body: mayRead(purpose, USER) }),
        403,
        'purpose_not_allowed',
      );
  });
});

describe('the token of `npm run token`', () => {
  test.each([
    { args: ['service', 'plain'], decides: 'a service', reads: 403 },
    { args: ['service', 'plain', '--scopes', 'policies:read'], decides: 'a service', reads: 200 },
    { args: ['service', 'plain', '--purposes', 'security'], decides: 'a service', reads: 403 },
    { args: ['admin', 'ann', '--roles', 'auditor'], decides: 'no service', reads: 200 },
    { args: ['user', 'plain'], decides: 'no service', reads: 403 },
  ])('for $args is of that kind', async ({ args, decides, reads }) => {
    const env = { PATH: process.env['PATH'], DATA_DIR: service.dataDir };
    const { stdout } = await promisify(execFile)(process.execPath, ['dist/cli/token.js', ...args], { env });
    const token = stdout.trim();
    const reply = await service.request('POST', EVALUATION, { token, body: mayRead('security', USER) });
    const refusedAsNoService = /problem:caller_not_allowed/.test(JSON.stringify(reply.body));
    expect(refusedAsNoService ? 'no service' : 'a service').toBe(decides);
    expect((await service.request('GET', '/v1/policies', { token })).status).toBe(reads);
  });
});

describe('a DATA_DIR that is not that of the service', () => {
  const tokenOf = (dataDir: string) =>
    promisify(execFile)(process.execPath, ['dist/cli/token.js', 'service', 'ads'], {
      env: { PATH: process.env['PATH'], DATA_DIR: dataDir },
    });

  test('is told of when a key is made in it, beside the token, and when the token is refused', async () => {
    const elsewhere = await temporaryFolder();
    try {
      const { stdout, stderr } = await tokenOf(elsewhere);
      expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
      expect(stderr).toContain(`a new key was made in DATA_DIR \`${elsewhere}\``);
      // it is there now
      expect((await tokenOf(elsewhere)).stderr).toBe('');

      const reply = await service.request('POST', EVALUATION, {
        token: stdout.trim(),
        body: mayRead('ads', USER),
      });
      expectProblem(reply, 401, 'not_authenticated');
      expect(reply.body).toMatchObject({
        detail: expect.stringMatching(
          /`npm run -s token` with the same DATA_DIR as the service; .+ the same `development-key.json` in each, or an OpenID provider/,
        ),
      });
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  test('is not told of when it is the same', async () => {
    expect((await tokenOf(service.dataDir)).stderr).toBe('');
  });
});

describe('a refusal', () => {
  type Refused = {
    readonly what: string;
    readonly code: string;
    readonly status: number;
    readonly member?: string;
    readonly claims: DevelopmentClaims | undefined;
    readonly method: string;
    readonly path: string;
    readonly body?: unknown;
  };
  const ALL = { sub: 's', purposes: ['service'], scope: 'users:write settings:read choices:write' };
  const REFUSED: Refused[] = [
    {
      what: 'a member that is missing',
      code: 'invalid_request',
      status: 400,
      member: '/subject/id',
      claims: ALL,
      method: 'POST',
      path: EVALUATION,
      body: { ...mayRead('service', USER), subject: { type: 'purpose' } },
    },
    {
      what: 'a member of another type',
      code: 'invalid_request',
      status: 400,
      member: '/region',
      claims: ALL,
      method: 'PUT',
      path: `/v1/users/${USER}`,
      body: { region: 1, age_band: 'adult' },
    },
    {
      what: 'a value that is not one of those there are',
      code: 'invalid_request',
      status: 400,
      member: '/choice',
      claims: ALL,
      method: 'PUT',
      path: `/v1/users/${USER}/choices/improve`,
      body: { choice: 'maybe' },
    },
    {
      what: 'a body that is no JSON',
      code: 'invalid_request',
      status: 400,
      claims: ALL,
      method: 'POST',
      path: EVALUATION,
      body: '{',
    },
    {
      what: 'no token',
      code: 'not_authenticated',
      status: 401,
      claims: undefined,
      method: 'GET',
      path: `/v1/users/${USER}/settings`,
    },
    {
      what: 'a purpose that is not listed',
      code: 'purpose_not_allowed',
      status: 403,
      member: '/subject/id',
      claims: ALL,
      method: 'POST',
      path: EVALUATION,
      body: mayRead('ads', USER),
    },
    {
      what: 'a caller without the scope',
      code: 'caller_not_allowed',
      status: 403,
      claims: { sub: 's', purposes: [] },
      method: 'PUT',
      path: `/v1/users/${USER}`,
      body: { region: 'DE', age_band: 'adult' },
    },
    {
      what: 'an address that is none',
      code: 'route_not_found',
      status: 404,
      claims: ALL,
      method: 'GET',
      path: '/v1/nothing',
    },
    {
      what: 'a method that an address does not have',
      code: 'method_not_allowed',
      status: 405,
      claims: ALL,
      method: 'DELETE',
      path: `/v1/users/${USER}/settings`,
    },
    {
      what: 'a purpose that is unknown',
      code: 'purpose_not_found',
      status: 404,
      claims: ALL,
      method: 'PUT',
      path: `/v1/users/${USER}/choices/ads.unheard_of`,
      body: { choice: 'granted' },
    },
    {
      what: 'a choice that nobody has',
      code: 'choice_not_offered',
      status: 409,
      member: '/choice',
      claims: ALL,
      method: 'PUT',
      path: `/v1/users/${USER}/choices/service`,
      body: { choice: 'denied' },
    },
    {
      what: 'a body that is too large',
      code: 'body_too_large',
      status: 413,
      claims: ALL,
      method: 'PUT',
      path: `/v1/users/${USER}`,
      body: { region: 'DE', age_band: 'adult', x: 'x'.repeat(1_100_000) },
    },
    {
      what: 'an address that is not well-formed',
      code: 'invalid_request',
      status: 400,
      claims: ALL,
      method: 'GET',
      path: '/v1/users/%zz/settings',
    },
  ];

  test.each(REFUSED)('of $what is a problem document, and changes nothing', async (refused) => {
    const before = await people.settings(USER);
    const { claims, method, path, body, code, status, member } = refused;
    const reply = await service.request(method, path, {
      ...(claims === undefined ? {} : { token: await service.token(claims) }),
      body,
    });
    expectProblem(reply, status, code);
    if (member !== undefined) expect(reply.body).toMatchObject({ member });
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
    expect(JSON.stringify(reply.body)).not.toMatch(/node_modules|at \w+ \(|\.ts:|\.js:/);
    expect(await people.settings(USER)).toEqual(before);
  });
});

describe('the log', () => {
  test('names no user, no token and no region, whatever happened', async () => {
    const ids = ['Quokka7731', 'Narwhal-4410@example.org', 'Ocelot 9915/é'];
    const region = 'FR-20R';
    const [first = '', ...others] = ids;
    const accounts = await service.token({
      sub: 'accounts',
      purposes: [],
      scope: 'users:write settings:read choices:write',
    });
    const asking = await service.token({ sub: 'pep', purposes: PURPOSES });
    const own = await service.token({ sub: first });
    const stolen = `${own.slice(0, -4)}AAAA`;
    const statuses = new Set<number>();
    const send = async (method: string, path: string, token: string | undefined, body?: unknown) => {
      const reply = await service.request(method, path, {
        ...(token === undefined ? {} : { token }),
        body,
      });
      statuses.add(reply.status);
    };
    for (const id of ids) {
      const address = `/v1/users/${encodeURIComponent(id)}`;
      await send('PUT', address, accounts, { region, age_band: 'adult' });
      await send('PUT', address, accounts, { region: `${region}x`, age_band: id });
      await send('PUT', address, accounts, `{"region":"${region}","name":"${id}"`);
      await send('PUT', address, asking, { region, age_band: 'adult' });
      await send('PUT', `${address}/choices/improve`, accounts, { choice: 'denied' });
      await send('PUT', `${address}/choices/${encodeURIComponent(id)}`, accounts, { choice: 'denied' });
      await send('PUT', `${address}/choices/service`, accounts, { choice: 'denied' });
      await send('POST', `${address}/signals`, accounts, { signal: id });
      await send('GET', `${address}/settings`, accounts);
      await send('GET', `${address}/settings`, stolen);
      await send('GET', `${address}/settings?token=${own}&region=${region}`, undefined);
      await send('GET', `${address}/nothing`, accounts);
      await send('GET', `/v1/users/%zz${id.slice(0, 7)}/settings`, accounts);
      await send('POST', EVALUATION, asking, mayRead('improve', id));
      await send('POST', EVALUATION, asking, { ...mayRead('improve', id), context: { case: [id] } });
      await send('POST', EVALUATION, asking, { ...mayRead('improve', id), context: { on_behalf_of: id } });
      await send('POST', EVALUATIONS, asking, { evaluations: [mayRead('improve', id), { resource: id }] });
      await send('POST', EVALUATION, accounts, mayRead('improve', id));
    }
    await send('GET', '/v1/users/me/settings', own);
    await send('PUT', '/v1/users/me/choices/personalise', own, { choice: 'denied' });
    await send('GET', `/v1/users/${encodeURIComponent(others.join())}/settings`, own);
    // a subject that storage cannot hold: even if saving fails, the failure must not tell
    await send('PUT', '/v1/users/me/choices/improve', await service.token({ sub: `${first}\u0000` }), {
      choice: 'denied',
    });

    expect([...statuses]).toEqual(expect.arrayContaining([200, 400, 401, 403, 404, 409]));
    const log = await service.logged();
    expect(log).toContain('"route":"/v1/users/:id/settings"');
    for (const secret of [...ids, ...ids.map(encodeURIComponent), 'Quokka', 'Narwhal', 'Ocelot', region])
      expect(log, secret).not.toContain(secret);
    for (const token of [accounts, asking, own, stolen])
      for (const part of token.split('.').slice(1)) expect(log.includes(part)).toBe(false);
    expect(log).not.toContain('Bearer ey');
    expect(log).not.toMatch(/"level":60/);
  });

  test('is one JSON object a line, and each request has its id in it', async () => {
    const token = await service.token({ sub: USER });
    await service.request('GET', '/v1/users/me/settings', {
      token,
      headers: { 'x-request-id': 'find-me-in-the-log' },
    });
    const log = await service.logged();
    expect(log).toMatch(/"request_id":"find-me-in-the-log".*"status":200/);
    for (const line of log.split('\n').filter(Boolean)) expect(() => JSON.parse(line), line).not.toThrow();
  });
});

/** An RFC 9457 problem document that carries the request id of its answer. */
function expectProblem(reply: Reply, status: number, code: string): void {
  expect(reply.status, JSON.stringify(reply.body)).toBe(status);
  expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(reply.body).toMatchObject({
    type: `urn:assent:problem:${code}`,
    title: expect.stringMatching(/.+/),
    status,
    detail: expect.stringMatching(/.+/),
    request_id: reply.headers.get('x-request-id'),
  });
  expect(textAt(reply.body, 'request_id')).not.toBe('');
}
