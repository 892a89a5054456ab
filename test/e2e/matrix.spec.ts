/**
 * Who may do what: every route, asked with every token of `docs/identity.md`, as each provider makes it, and held against
 * the table of that page. The issuers are six at once, beside each other.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES } from '../../src/access/policy-permissions.js';
import { SCOPES } from '../../src/decision/policy.js';
import { type BareProvider, DISCOVERY, startBareProvider } from '../bare-provider.js';
import { type PageToken, type Right, identityPage, rightsOfPage } from '../identity-page.js';
import { ok } from './admins.js';
import { type SigningKey, newSigningKey } from './openid-provider.js';
import { EVALUATION, EVALUATIONS, SEARCH_ACTION, SEARCH_RESOURCE, SEARCH_SUBJECT } from './questions.js';
import { fieldOf, mayRead, purpose, READ } from './questions.js';
import { membersOf, textAt, valueAt } from './replies.js';
import { type Reply, type Service, startService } from './service.js';

/** Whom a token shows, as the page words it. */
type Shown = {
  readonly kind: string;
  readonly id: string;
  readonly purposes: readonly string[];
  /** Scopes of a service, roles of an admin. */
  readonly grants: readonly string[];
};

type Holder = { readonly named: string; readonly token: string | undefined; readonly shown: Shown };
type Asked = { readonly holder: Holder; readonly addressed: string; readonly status: number | 'fine' };

const ELSE = 'u-somebody-else';
const NO_DRAFT = 'd-not-there';
const AT_ONCE = 8;
/** What a browser adds on a page of the service. */
const FROM_OWN_PAGE = { 'sec-fetch-site': 'same-origin', 'x-assent-request': '1' };
const pages = identityPage();
const rights = rightsOfPage();

let folder: string;
let provider: BareProvider;
let key: SigningKey;
let service: Service;
let holders: readonly Holder[];
let auditor: string;

/** As the providers are told apart where they stand beside each other. */
const prefixOf = (name: string) => `${name}/`;

function shownBy(verdict: string, prefix: string): Shown {
  const [kind = '', id = ''] = verdict.split(/[ :,]+/);
  const listed = (what: string) =>
    [...(verdict.match(new RegExp(`, ${what}((?: \`[^\`]+\`)+)`))?.[1] ?? '').matchAll(/`([^`]+)`/g)].map(
      ([, one = '']) => one,
    );
  return {
    kind,
    id: `${prefix}${id.replaceAll('`', '')}`,
    purposes: listed('purposes'),
    grants: [...listed('scopes'), ...listed('roles')],
  };
}

function signedAs({ header, claims }: Pick<PageToken, 'header' | 'claims'>, name: string): Promise<string> {
  const { typ } = header;
  const { kid = '' } = key.privateJwk;
  // who has shown who they are so long ago makes no record of a user whom the log does not know
  const payload: JWTPayload = {
    ...claims,
    iat: Math.floor(Date.now() / 1000),
    iss: `${provider.issuer}/${name}`,
  };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', kid, ...(typ === undefined ? {} : { typ }) })
    .sign(key.privateKey);
}

/** The tokens of the page, and of the first provider one of each scope and role. */
async function everyHolder(): Promise<Holder[]> {
  const given = pages.flatMap(({ name, tokens }) => tokens.map((token) => ({ name, token })));
  const [first] = pages;
  const ofKind = (kind: string) => first?.tokens.find(({ verdict }) => verdict.startsWith(kind));
  const [client, person] = [ofKind('service'), ofKind('user')];
  if (first === undefined || client === undefined || person === undefined)
    throw new Error('the page has no provider with a client and a person');
  for (const scope of Object.keys(SCOPES)) {
    const token = { ...client, name: scope, claims: { ...client.claims, scope } };
    given.push({ name: first.name, token: { ...token, verdict: `service \`ads\`, scopes \`${scope}\`` } });
  }
  for (const scope of ['changes:read', 'permits:export']) {
    const claims = { ...client.claims, scope: `${scope} purpose:ads.personalised` };
    const verdict = `service \`ads\`, purposes \`ads.personalised\`, scopes \`${scope}\``;
    given.push({ name: first.name, token: { ...client, name: `${scope} of a purpose`, claims, verdict } });
  }
  for (const role of Object.keys(ROLES)) {
    const token = { ...person, name: role, claims: { ...person.claims, roles: [role] } };
    given.push({ name: first.name, token: { ...token, verdict: `admin \`u-7\`, roles \`${role}\`` } });
  }
  const made = given.map(async ({ name, token }) => ({
    named: `${name}: ${token.name}`,
    token: await signedAs(token, name),
    shown: shownBy(token.verdict, prefixOf(name)),
  }));
  const nobody = { named: 'nobody', token: undefined, shown: shownBy('refused', '') };
  return [...(await Promise.all(made)), nobody];
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-'));
  key = await newSigningKey();
  provider = await startBareProvider();
  await provider.publish([key]);
  const issuers = pages.map(({ name, env }) => {
    const issuer = `${provider.issuer}/${name}`;
    provider.answer(`/${name}${DISCOVERY}`, JSON.stringify({ issuer, jwks_uri: `${provider.issuer}/keys` }));
    const members = Object.entries(env).map(([variable, value]) => [
      variable.replace('OIDC_', '').toLowerCase(),
      value,
    ]);
    return { ...Object.fromEntries(members), issuer, id_prefix: prefixOf(name) };
  });
  const file = join(folder, 'issuers.json');
  await writeFile(file, JSON.stringify({ issuers }));
  service = await startService({ OIDC_FILE: file, DOCUMENTATION: 'on', TCF_CMP_ID: '300' });
  holders = await everyHolder();
  auditor = holders.find(({ shown }) => shown.grants.includes('auditor'))?.token ?? '';
});

afterAll(async () => {
  await service.stop();
  await provider.close();
  await rm(folder, { recursive: true, force: true });
});

/** What makes a request good but for who sends it. */
function bodyOf(route: string, asked: string, { grants }: Shown): unknown {
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  const opening = {
    user: ELSE,
    reviewers: [{ issuer: 'none', id: 'rita' }],
    reason: 'so',
    expires_at: inAnHour,
  };
  const investigation = { ...opening, purpose: 'security.investigation', fields: ['message.body'] };
  const report = { ...opening, purpose: 'safety.report_review', report: 'r-1', items: ['m-1'] };
  const bodies: Readonly<Record<string, unknown>> = {
    [`POST ${EVALUATION}`]: mayRead(asked, ELSE),
    [`POST ${EVALUATIONS}`]: { evaluations: [mayRead(asked, ELSE)] },
    [`POST ${SEARCH_SUBJECT}`]: { subject: { type: 'purpose' }, action: READ, resource: fieldOf(ELSE) },
    [`POST ${SEARCH_RESOURCE}`]: {
      subject: purpose(asked),
      action: READ,
      resource: { type: 'field', properties: { user: ELSE } },
    },
    [`POST ${SEARCH_ACTION}`]: { subject: purpose(asked), resource: fieldOf(ELSE) },
    'POST /v1/audiences': { purpose: asked, fields: ['member.skills'], users: [ELSE] },
    'POST /v1/grants': { purpose: asked, audience: 'profiles', user: ELSE, fields: ['member.skills'] },
    'PUT /v1/users/{id}': { region: 'US-CA', age_band: 'adult' },
    'PUT /v1/users/{id}/choices': { choice: 'denied' },
    'PUT /v1/users/{id}/choices/{purpose}': { choice: 'denied' },
    'PUT /v1/users/{id}/visibility/{group}': { level: 'only_me' },
    'POST /v1/users/{id}/signals': { signal: 'gpc' },
    'POST /v1/policies/{id}/rollback': { message: 'as before' },
    'POST /v1/policies/check': {},
    'POST /v1/policies/impact': {},
    'POST /v1/policies/drafts': { message: 'a draft' },
    'PUT /v1/policies/drafts/{id}/document': {},
    'PATCH /v1/policies/drafts/{id}/document': [{ op: 'remove', path: '/purposes/0' }],
    'POST /v1/policies/drafts/{id}/approvals': { content: `sha256:${'0'.repeat(64)}` },
    'POST /v1/policies/drafts/{id}/declines': { content: `sha256:${'0'.repeat(64)}`, remark: 'no' },
    'POST /v1/policies/drafts/{id}/publication': {},
    'PUT /v1/policies/drafts/{id}/shadow': {},
    'POST /v1/policies/reviews': { purpose: 'research', finding: 'All is well.' },
    'POST /v1/caches/{id}/acknowledgements': { sequence: 0 },
    'POST /v1/cases': grants.includes('security_investigator') ? investigation : report,
    'POST /v1/cases/{id}/approvals': { reason: 'seen' },
    'POST /v1/cases/{id}/extensions': { reason: 'more', expires_at: new Date().toISOString() },
    'POST /v1/cases/{id}/reviewers': { reason: 'away', reviewers: [{ id: 'rob' }] },
    'POST /v1/cases/{id}/closings': { reason: 'done' },
    'POST /v1/extracts': { purpose: asked, fields: ['member.skills'] },
    'PUT /v1/attributes/{attribute}': { title: 'Industry', values: [{ id: 'law', title: 'Law' }] },
    'POST /v1/extracts/{id}/unlearned': { since: 'none.0' },
    'POST /v1/discharges': { discharges: [{ answer: 'none.at.all', obligation: 'pseudonymise' }] },
    'POST /v1/budgets/{purpose}/{period}/spend': {
      figure: '0a'.repeat(32),
      data: '0a'.repeat(32),
      epsilon: '0.1',
    },
    'POST /v1/decisions/replay': { at: new Date().toISOString(), evaluation: mayRead('service', ELSE) },
    'POST /v1/receipts/verify': { receipt: 'e30.e30.e30' },
  };
  return bodies[route];
}

/** The status of an answer; a batch denies in its place what the client may not ask. */
function statusOf({ status, body }: Reply): number {
  const reason = valueAt(body, 'evaluations', 0, 'context', 'reason');
  return reason === 'purpose_not_allowed_for_client' ? 403 : status;
}

function send(route: string, { holder, addressed }: Asked): Promise<Reply> {
  const [method = '', template = ''] = route.split(' ');
  const [asked = 'service'] = holder.shown.purposes;
  const id = template.includes('/drafts/')
    ? NO_DRAFT
    : template.includes('/policies/')
      ? method === 'GET'
        ? 'current'
        : `sha256:${'0'.repeat(64)}`
      : template.includes('/imports/')
        ? 'i-1'
        : encodeURIComponent(addressed);
  const path = template
    .replace('{id}', id)
    .replace('{purpose}', template.includes('/budgets/') ? asked : 'ads.inferred')
    .replace('{period}', new Date().toISOString().slice(0, 7))
    .replace('{attribute}', 'industry')
    .replace('{signal}', 'gpc')
    .replace('{event}', Buffer.alloc(21).toString('base64url'));
  const rows = ['POST /v1/imports/{id}', 'POST /v1/attributes/{attribute}/rows'].includes(route);
  const queries: Readonly<Record<string, string>> = {
    'POST /v1/imports/{id}': '?from=1',
    'GET /v1/changes': '?follow=false',
    'GET /v1/lineage': '?field=post.text',
    'GET /v1/reports/consent-balance': '?purpose=ai',
    'GET /v1/reports/consent-counts': '?purpose=ai',
    'GET /v1/permits': `?purpose=${asked}`,
  };
  const query = queries[route] ?? '';
  const body = rows
    ? `${JSON.stringify({ user: ELSE, region: 'IS' })}\n`
    : bodyOf(route, asked, holder.shown);
  return service.request(method, `${path}${query}`, {
    ...(holder.token === undefined ? {} : { token: holder.token }),
    ...(body === undefined ? {} : { body }),
    headers: {
      ...(rows ? { 'content-type': 'application/x-ndjson' } : {}),
      ...(/drafts\/|\/approvals/.test(template) ? { 'if-match': '"1"' } : {}),
      'sec-gpc': '1',
      ...(template.startsWith('/session/') ? FROM_OWN_PAGE : {}),
    },
  });
}

/** The status that the table gives; `fine`: whatever somebody gets who may. */
function statusFor({ user, service: ofService, admin, route }: Right, { shown }: Holder, addressed: string) {
  const { kind, id, purposes, grants } = shown;
  if (user === 'anybody') return 'fine';
  if (kind === 'refused') return 401;
  const ofUsers = route.includes('/v1/users/{id}');
  // nobody but a user has a `me`, and nobody sets the profile of `me`
  if (ofUsers && addressed === 'me' && (kind !== 'user' || user === 'no')) return 400;
  const cell = { user, service: ofService, admin }[kind] ?? 'no';
  if (cell === 'any') return 'fine';
  if (cell === 'own') return addressed === 'me' || addressed === id ? 'fine' : 403;
  if (cell.startsWith('its purposes') && purposes.length === 0) return 403;
  return cell === 'its purposes' || isGranted(cell, grants) ? 'fine' : 403;
}

function isGranted(cell: string, grants: Holder['shown']['grants']): boolean {
  return grants.some((grant) => cell.includes(`\`${grant}\``));
}

function matrixOf(right: Right): Asked[] {
  return holders.flatMap((holder) => {
    const addressed = right.route.includes('/v1/users/{id}') ? [holder.shown.id, ELSE, 'me'] : [ELSE];
    return addressed.map((whom) => ({ holder, addressed: whom, status: statusFor(right, holder, whom) }));
  });
}

/** Whether the refusal of a service names a scope that would help, and none that would not. */
function leadsOn({ holder, status }: Asked, { service: cell }: Right, body: unknown): boolean {
  if (holder.shown.kind !== 'service' || status !== 403) return true;
  const named = Object.keys(SCOPES).filter((scope) => textAt(body, 'detail').includes(`\`${scope}\``));
  return (
    named.every((scope) => cell.includes(scope)) &&
    named.length > 0 === (cell.includes('`') && !isGranted(cell, holder.shown.grants))
  );
}

/** Asks some at once, and names those that were not answered as the table says. */
async function wrongOf(row: Right, questions: readonly Asked[]): Promise<string[]> {
  const wrong: string[] = [];
  const waiting = questions.values();
  const worker = async () => {
    for (const asked of waiting) {
      const reply = await send(row.route, asked);
      const status = statusOf(reply);
      const right =
        asked.status === 'fine' ? ![401, 403].includes(status) && status < 500 : status === asked.status;
      if (!right || (reply.status === 403 && !leadsOn(asked, row, reply.body)))
        wrong.push(
          `${asked.holder.named} (${asked.addressed}): ${status} ${JSON.stringify(valueAt(reply.body, 'detail'))}, not ${asked.status}`,
        );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return wrong;
}

describe('the table of the page', () => {
  test('has every route there is', async () => {
    const { body } = await service.request('GET', '/openapi.json');
    const routes = membersOf(valueAt(body, 'paths')).flatMap(([path, operations]) =>
      membersOf(operations).map(([method]) => `${method.toUpperCase()} ${path}`),
    );
    expect(rights.map(({ route }) => route).toSorted()).toEqual(routes.toSorted());
  });

  test('gives something to somebody in every row, and tokens of every kind are asked with', () => {
    for (const right of rights)
      expect(
        matrixOf(right).map(({ status }) => status),
        right.route,
      ).toContain('fine');
    expect(new Set(holders.map(({ shown }) => shown.kind))).toEqual(
      new Set(['service', 'user', 'admin', 'refused']),
    );
  });

  test.each(rights.map((right) => [right.route, right] as const))('holds for %s', async (_route, right) => {
    const head = async () => textAt(ok(await service.request('GET', '/v1/log', { token: auditor })), 'hash');
    const matrix = matrixOf(right);
    const before = await head();
    // first those who may not: of them nothing must be left
    const refused = matrix.filter(({ status }) => status !== 'fine');
    expect(await wrongOf(right, refused)).toEqual([]);
    expect(await head(), 'a refused request left something in the log').toBe(before);
    expect(
      await wrongOf(
        right,
        matrix.filter(({ status }) => status === 'fine'),
      ),
    ).toEqual([]);
  });
});

test('everybody is told beforehand what the table gives them, and why not the rest', async () => {
  const closed = rights.filter(({ user }) => user !== 'anybody');
  for (const holder of holders.filter(({ shown }) => shown.kind !== 'refused')) {
    const { kind, purposes } = holder.shown;
    const { body } = await service.request(
      'GET',
      '/v1/me',
      holder.token === undefined ? {} : { token: holder.token },
    );
    const wrong = closed
      // which purposes a service may ask for is told by their own answers
      .filter(({ service: cell }) => purposes.length > 0 || !cell.startsWith('its purposes'))
      .filter((right) => {
        const isOpen = statusFor(right, holder, kind === 'user' ? 'me' : ELSE) === 'fine';
        const told = valueAt(body, 'may');
        const why = valueAt(body, 'may_not', right.route);
        return isOpen
          ? why !== undefined || !Array.isArray(told) || !told.includes(right.route)
          : typeof why !== 'string' || why.length === 0;
      });
    expect(
      wrong.map(({ route }) => route),
      holder.named,
    ).toEqual([]);
    expect(textAt(body, 'id'), holder.named).toBe(holder.shown.id);
  }
});
