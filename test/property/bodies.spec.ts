/**
 * Any request is answered or refused; it never breaks the service, and an unregistered user gets always-on purposes only.
 * The server is the real one, in this process, on a log in memory.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticate } from '../../src/access/tokens/authentication.js';
import { binder } from '../../src/access/clients.js';
import { developmentToken } from '../../src/access/tokens/development-key.js';
import { challengeFor } from '../../src/access/tokens/challenge.js';
import { TokenVerifier } from '../../src/access/tokens/token-verifier.js';
import { DeclaredRoutes } from '../../src/access/declared-routes.js';
import { DischargeTokens } from '../../src/discharges/discharge-tokens.js';
import { KEY_BYTES, Vault } from '../../src/store/database/vault.js';
import { ConsentCounts } from '../../src/reports/counts/consent-counts.js';
import { AppModule } from '../../src/app.module.js';
import { readConfig } from '../../src/config.js';
import { authorise } from '../../src/access/authorisation.js';
import { StateInForce } from '../../src/consent/log/state-in-force.js';
import { userOf } from '../../src/consent/settings/addressed-user.js';
import { isOpen } from '../../src/http/open-routes.js';
import { createLog, nestLogger } from '../../src/http/logger.js';
import { Addresses } from '../../src/http/addresses.js';
import { ProblemFilter } from '../../src/http/problem.js';
import { DirectRoutes } from '../../src/http/direct.js';
import { createAdapter, prepareServer, requestIds } from '../../src/http/server.js';
import { Ending } from '../../src/http/ending.js';
import { Room } from '../../src/http/waiting.js';
import { houseOn } from '../house.js';
import { MemoryAttributeStore } from '../memory/memory-attribute.store.js';
import { MemoryConsentCountStore } from '../memory/memory-consent-counts.store.js';
import { MemoryConsentStore } from '../memory/memory-consent.store.js';
import { MemoryPolicyStore } from '../memory/memory-policy.store.js';
import { MemoryFailedVerificationStore } from '../memory/memory-failed-verifications.store.js';
import { MemoryPurposeReviewStore } from '../memory/memory-purpose-review.store.js';
import { MemoryBudgetStore } from '../memory/memory-budget.store.js';
import { MemoryCaseStore } from '../memory/memory-case.store.js';
import { MemoryExtractStore } from '../memory/memory-extract.store.js';
import { MemoryUseStore } from '../memory/memory-use.store.js';
import { openSessions } from '../../src/sessions/open-sessions.js';
import { MemorySpentIdStore } from '../memory/memory-spent-ids.store.js';
import { MemoryReceiptKeyStore } from '../memory/memory-receipt-keys.store.js';
import { expectedDependencies } from '../oracle.js';
import { RUNS, reference } from './arbitraries.js';
import { policiesOn } from '../at-once.js';

const { document } = reference;
const EVALUATION = '/access/v1/evaluation';
const EVALUATIONS = '/access/v1/evaluations';
const SEARCHES = [
  '/access/v1/search/subject',
  '/access/v1/search/resource',
  '/access/v1/search/action',
] as const;
const ASKED = [EVALUATION, EVALUATIONS, ...SEARCHES] as const;

/** Purposes that may read of anybody: they and all they rest on are always on, where nobody knows who lives. */
const ALWAYS = new Set(
  document.purposes
    .filter(({ id }) =>
      expectedDependencies(document, id).every(
        ({ settings }) => settings[document.unknown_regime] === 'always',
      ),
    )
    .map(({ id }) => id),
);

let app: NestFastifyApplication;
let folder: string;
let token: string;
/** Users whose profile a request of these tests has set. */
const registered = new Set<string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-bodies-'));
  const config = readConfig({ DATA_DIR: folder, LOG_LEVEL: 'silent', CONSISTENCY_WAIT_MS: '0' });
  const log = createLog(config.logLevel);
  const policies = policiesOn(document);
  const consentStore = new MemoryConsentStore();
  const { log: consentLog, erasures, recording } = await houseOn(consentStore, policies, Date.now);
  const verifier = await TokenVerifier.forDevelopment(folder);
  const room = new Room();
  const newId = requestIds();
  const adapter = createAdapter(
    config.bodyLimit,
    newId,
    new DirectRoutes(room, newId, () => false, config.bodyLimit),
  );
  const ending = new Ending();
  prepareServer(adapter.getInstance(), log, config.bodyLimit, room, ending);
  authenticate(
    adapter.getInstance(),
    verifier,
    config.publicUrl,
    binder({ current: { document } }),
    () => false,
    () => undefined,
  );
  authorise(adapter.getInstance(), isOpen, (caller, id, action) =>
    userOf(caller, id, action, consentLog.state),
  );
  const policyStore = new MemoryPolicyStore();
  const state = new StateInForce(consentLog, policies);
  const attributeStore = new MemoryAttributeStore();
  const parts = {
    verifier,
    policies,
    policyStore,
    consentStore,
    log: consentLog,
    state,
    erasures,
    sure: { at: async (now: number) => now },
    recording,
    dischargeTokens: new DischargeTokens(new Vault(new Uint8Array(KEY_BYTES)), consentStore.tokens),
    receiptKeyStore: new MemoryReceiptKeyStore(),
    caseStore: new MemoryCaseStore(),
    extractStore: new MemoryExtractStore(),
    attributeStore,
    consentCounts: new ConsentCounts(
      state,
      policies,
      attributeStore,
      new MemoryConsentCountStore(),
      config.reportDays,
      Date.now,
    ),
    useStore: new MemoryUseStore(),
    budgetStore: new MemoryBudgetStore(),
    purposeReviewStore: new MemoryPurposeReviewStore(),
    failedVerifications: new MemoryFailedVerificationStore(),
    ...openSessions(
      config,
      verifier,
      new MemorySpentIdStore(),
      () => [new Uint8Array(32), ''],
      Date.now,
      () => undefined,
    ),
  };
  app = await NestFactory.create<NestFastifyApplication>(
    AppModule.on(config, parts, log, new DeclaredRoutes(), ending),
    adapter,
    {
      bodyParser: false,
      logger: nestLogger(log),
    },
  );
  app.useGlobalFilters(new ProblemFilter(log, config.bodyLimit, new Addresses(), challengeFor));
  await app.init();
  await adapter.getInstance().ready();
  token = await developmentToken(folder, 'client', {
    sub: 'everything',
    purposes: document.purposes.map(({ id }) => id),
    scope: 'users:write settings:read choices:write',
  });
});

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

type Sent = { readonly status: number; readonly body: unknown };

async function send(method: 'POST' | 'PUT', url: string, payload: string): Promise<Sent> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await app.inject({ method, url, headers, payload });
  expect(response.headers['content-type']).toMatch(/^application\/(problem\+)?json/);
  const body: unknown = JSON.parse(response.payload);
  return { status: response.statusCode, body };
}

// ------------------------------------------------------------------------------------------------ what is sent

/** Members that mean something somewhere, here or in JavaScript. */
const MEMBERS = [
  'subject action resource context page options evaluations evaluations_semantic type id name',
  'properties user field actor case legal_reference on_behalf_of consistency_token token limit',
  'region age_band choice decision reason __caslSubjectType__ constructor prototype $ne toJSON',
  'length then choices notice language',
].flatMap((line) => line.split(' '));

/** Users that are ever asked about; only some of them are ever registered. */
const USERS = ['u-1', 'u-2', 'u-3', 'u-4', '*', 'constructor', 'Ünal'] as const;

/** Any JSON value at all. */
const anything = fc.jsonValue({ maxDepth: 3, noUnicodeString: false }).map((value): unknown => value);

/** Any JSON value that is made of words of ours. */
const familiar = fc.oneof(
  fc.constantFrom(
    ...USERS,
    ...MEMBERS,
    'read',
    'granted',
    'automated',
    'adult',
    'DE',
    'cjEuMQ',
    '',
    ' ',
    '\u0000',
  ),
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e300, [], {}, [[]], ['read'], { $ne: null }, '\ud800'),
  fc.dictionary(fc.constantFrom(...MEMBERS), fc.oneof(fc.constantFrom(...USERS, 'read'), fc.constant({})), {
    maxKeys: 3,
  }),
  anything,
);

const purposeIds = fc.constantFrom(...document.purposes.map(({ id }) => id), 'nobody.knows');
const fieldIds = fc.constantFrom(...document.fields.map(({ id }) => id), 'member.shoe_size');
const users = fc.constantFrom(...USERS);

const contexts = fc.record(
  {
    actor: fc.constantFrom('automated', 'human'),
    case: fc.constant('c-1'),
    legal_reference: fc.constant('file 7'),
    on_behalf_of: users,
    consistency_token: fc.constantFrom('cjEuMA', 'cjEuOTk5OTk5', 'r1.0'),
  },
  { requiredKeys: [] },
);

const evaluations = fc.record(
  {
    subject: fc.record({ type: fc.constant('purpose'), id: purposeIds }),
    action: fc.record({ name: fc.constant('read') }),
    resource: fc.record({
      type: fc.constantFrom('field', 'field', 'field', 'user'),
      id: fieldIds,
      properties: fc.record({ user: users, field: fieldIds }),
    }),
    context: contexts,
    page: fc.record({ limit: fc.nat(30) }, { requiredKeys: [] }),
  },
  { requiredKeys: ['subject', 'action', 'resource'] },
);

const batches = fc
  .tuple(evaluations, fc.array(fc.oneof(evaluations, evaluations, familiar), { maxLength: 3 }))
  .map(([defaults, items]) => ({ ...defaults, evaluations: items }));

/** What happens to a value on its way: nothing, or some member of it, at some depth, is replaced, added or taken away. */
const changes = fc.array(
  fc.record({
    depth: fc.nat(3),
    place: fc.nat(20),
    how: fc.constantFrom('replace', 'add', 'remove'),
    member: fc.constantFrom(...MEMBERS),
    value: familiar,
  }),
  { maxLength: 2 },
);
type Change = (typeof changes extends fc.Arbitrary<infer T> ? T : never)[number];

function changed(value: unknown, change: Change): unknown {
  const { depth, place, how, member, value: other } = change;
  if (typeof value !== 'object' || value === null) return how === 'replace' ? other : value;
  const entries = Object.entries(value);
  const index = entries.length === 0 ? 0 : place % entries.length;
  const next =
    depth > 0
      ? entries.map(([key, inner], at) => [
          key,
          at === index ? changed(inner, { ...change, depth: depth - 1 }) : inner,
        ])
      : how === 'add'
        ? [...entries, [member, other]]
        : how === 'remove'
          ? entries.filter((_, at) => at !== index)
          : entries.map(([key, inner], at) => [key, at === index ? other : inner]);
  return Array.isArray(value) ? next.map(([, inner]) => inner) : Object.fromEntries(next);
}

function bent(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 1, arbitrary: familiar },
    {
      weight: 5,
      arbitrary: fc.tuple(values, changes).map(([value, steps]) => steps.reduce<unknown>(changed, value)),
    },
  );
}

const questions = fc.oneof(
  ...ASKED.map((url) =>
    fc.record({
      method: fc.constant('POST' as const),
      url: fc.constant(url),
      body: bent(url === EVALUATIONS ? batches : evaluations),
    }),
  ),
);

const addresses = fc.oneof(
  users.map(encodeURIComponent),
  fc.string({ unit: 'binary-ascii', maxLength: 5 }).map(encodeURIComponent),
  fc.constantFrom('me', '%00', '%2e%2e', '%2F', 'x'.repeat(300)),
);

const statements = fc.oneof(
  fc.record({
    method: fc.constant('PUT' as const),
    // the last users are never registered: they stay those of whom nothing is known
    url: fc
      .oneof(fc.constantFrom('u-1', 'u-2', '*').map(encodeURIComponent), fc.constantFrom('me', '%00', ''))
      .map((id) => `/v1/users/${id}`),
    body: bent(
      fc.record({
        region: fc.constantFrom('DE', 'US-CA', 'unknown', 'XX', 'us'),
        age_band: fc.constantFrom('adult', 'minor', 'unknown'),
      }),
    ),
  }),
  fc.record({
    method: fc.constant('PUT' as const),
    url: fc
      .tuple(addresses, fc.oneof(purposeIds, addresses))
      .map(([id, purpose]) => `/v1/users/${id}/choices/${purpose}`),
    body: bent(fc.record({ choice: fc.constantFrom('granted', 'denied') })),
  }),
  fc.record({
    method: fc.constant('PUT' as const),
    url: addresses.map((id) => `/v1/users/${id}/choices`),
    body: bent(
      fc.record(
        {
          choices: fc.array(
            fc.record({
              purpose: purposeIds,
              choice: fc.constantFrom('granted', 'denied'),
              notice: fc.nat(2),
            }),
            { maxLength: 3 },
          ),
          choice: fc.constantFrom('granted', 'denied'),
          language: fc.constantFrom('de', 'en-GB', '', '*'),
        },
        { requiredKeys: [] },
      ),
    ),
  }),
);

const requests = fc.oneof({ weight: 5, arbitrary: questions }, { weight: 2, arbitrary: statements });

// ------------------------------------------------------------------------------------------- what is answered

/** The member of a value that may be anything. */
function member(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at = value;
  for (const key of path)
    at =
      typeof at === 'object' && at !== null && Object.hasOwn(at, key)
        ? Object.entries(at).find(([name]) => name === String(key))?.[1]
        : undefined;
  return at;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Every permit that an answer gives: for which purpose, of which user. */
function permitsOf(url: string, request: unknown, answer: unknown): { purpose: unknown; user: unknown }[] {
  const purpose = member(request, 'subject', 'id');
  const user = member(request, 'resource', 'properties', 'user');
  switch (url) {
    case EVALUATION:
      return member(answer, 'decision') === false ? [] : [{ purpose, user }];
    case EVALUATIONS: {
      const items = list(member(request, 'evaluations'));
      if (items.length === 0) return permitsOf(EVALUATION, request, answer);
      return list(member(answer, 'evaluations')).flatMap((one, index) => {
        const entity = (name: string) => member(items, index, name) ?? member(request, name);
        const item = { subject: entity('subject'), resource: entity('resource') };
        return permitsOf(EVALUATION, item, one);
      });
    }
    case '/access/v1/search/subject':
      return list(member(answer, 'results')).map((found) => ({ purpose: member(found, 'id'), user }));
    case '/access/v1/search/resource': {
      const forUsers = member(request, 'resource', 'type') === 'user';
      return list(member(answer, 'results')).map((found) => ({
        purpose,
        user: forUsers ? member(found, 'id') : user,
      }));
    }
    default:
      return list(member(answer, 'results')).map(() => ({ purpose, user }));
  }
}

function isAllowed({ purpose, user }: { purpose: unknown; user: unknown }): boolean {
  return (
    (typeof user === 'string' && registered.has(user)) || (typeof purpose === 'string' && ALWAYS.has(purpose))
  );
}

/** Sends a request and holds its answer against what every answer must be. */
async function expectSound(method: 'POST' | 'PUT', url: string, payload: string): Promise<Sent> {
  const answer = await send(method, url, payload);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(500);
  if (answer.status !== 200) expect(member(answer.body, 'status')).toBe(answer.status);
  else if (method === 'POST') {
    const permits = permitsOf(url, JSON.parse(payload), answer.body);
    expect(permits.filter((permit) => !isAllowed(permit))).toEqual([]);
  } else if (/^\/v1\/users\/[^/]*$/.test(url))
    registered.add(decodeURIComponent(url.slice('/v1/users/'.length)));
  return answer;
}

describe('whatever is sent', () => {
  it('is answered without an error of ours, and opens nothing of a user without a profile', async () => {
    const came = { answered: 0, refused: 0, permits: 0 };
    await fc.assert(
      fc.asyncProperty(requests, async ({ method, url, body }) => {
        // JSON has no word for some values: what has none is sent as null
        const payload = JSON.stringify(body) ?? 'null';
        const { status, body: answer } = await expectSound(method, url, payload);
        if (status === 200) came.answered++;
        else came.refused++;
        if (status === 200 && method === 'POST')
          came.permits += permitsOf(url, JSON.parse(payload), answer).length;
      }),
      { numRuns: RUNS },
    );
    // of each a good part, or the test would say little
    expect(Math.min(came.answered, came.refused)).toBeGreaterThan(RUNS / 10);
    expect(came.permits).toBeGreaterThan(RUNS / 100);
    expect(registered.size).toBeGreaterThan(0);
  });

  it('need not even be JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ASKED), fc.string({ unit: 'binary' }), async (url, payload) => {
        const { status } = await send('POST', url, payload);
        expect([200, 400, 403]).toContain(status);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['%', '%ff', '%c3%28', '%e0%a4%a'])('is refused as a problem at the address `%s`', async (id) => {
    const { status, body } = await send('PUT', `/v1/users/${id}`, '{"region":"DE","age_band":"adult"}');
    expect([400, 404]).toContain(status);
    expect(body).toMatchObject({ type: expect.stringContaining('urn:assent:problem:'), status });
  });

  const sound =
    '"subject":{"type":"purpose","id":"ads.personalised"},"action":{"name":"read"},' +
    '"resource":{"type":"field","id":"member.skills","properties":{"user":"nobody","field":"member.skills"}}';
  const depth = 100_000;

  describe.each(ASKED)('to %s', (url) => {
    it.each([
      ['a member nested very deep', `{${sound},"x":${'['.repeat(depth)}${']'.repeat(depth)}}`],
      [
        'a member of the context nested very deep',
        `{${sound},"context":{"x":${'{"x":'.repeat(depth)}1${'}'.repeat(depth)}}}`,
      ],
      ['a body nested very deep', `${'['.repeat(depth)}${']'.repeat(depth)}`],
      ['a number larger than any', `{${sound},"x":1e999,"page":{"limit":10}}`],
      ['half of a character', `{${sound},"x":"\\ud800","page":{"limit":10}}`],
      ['the same member twice', `{${sound},"action":{"name":"write"},"action":{"name":"read"}}`],
      ['a member that JavaScript treats as its own', `{${sound},"__proto__":{"decision":true}}`],
      ['a prototype in a constructor', `{${sound},"constructor":{"prototype":{"decision":true}}}`],
      ['a decision of its own', `{${sound},"decision":true,"context":{}}`],
      ['an item with a decision of its own', `{${sound},"evaluations":[{"decision":true,"context":{}}]}`],
    ])('%s is answered or refused', async (_what, payload) => {
      await expectSound('POST', url, payload);
    });
  });
});
