/**
 * Nobody sees anything of anybody else: every route of a user's record, asked by every kind of caller for every user,
 * held against one table of who may. A refusal does not even tell whether there is such a user.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DevelopmentClaims } from '../../src/access/tokens/development-key.js';
import { SCOPES } from '../../src/decision/policy.js';
import { ROLES } from '../../src/access/policy-permissions.js';
import { ok } from './admins.js';
import { listAt, membersOf, textAt, valueAt } from './replies.js';
import { type Reply, type Service, startService } from './service.js';
import { revisionIn, tokenAt } from './tokens.js';

/** What makes a user known again wherever it shows. */
type Person = {
  readonly id: string;
  readonly region: string;
  readonly language: string;
  readonly until: string;
  /** The service that wrote for them. */
  readonly crm: string;
};

const ANN: Person = {
  id: 'u-ann-1907',
  region: 'IS',
  language: 'de-IS',
  until: '2091-01-17',
  crm: 'crm-of-ann',
};
const BEN: Person = {
  id: 'u-ben-4711',
  region: 'MT',
  language: 'de-MT',
  until: '2092-02-19',
  crm: 'crm-of-ben',
};
const NOBODY = 'u-not-there';

/** Who may use a route: the user whose record it is, services with a scope, and admins with a role. Nobody else may. */
type Row = {
  readonly self: boolean;
  readonly scope: keyof typeof SCOPES;
  readonly roles?: readonly (keyof typeof ROLES)[];
  readonly body?: unknown;
  readonly query?: string;
};

/** What admins look into for a reason. */
const LOOKED_INTO: Row = {
  self: true,
  scope: 'settings:read',
  roles: ['auditor', 'privacy_officer'],
  query: '?reason=complaint',
};

const TABLE: Readonly<Record<string, Row>> = {
  'GET /v1/users/{id}/settings': { self: true, scope: 'settings:read' },
  'GET /v1/users/{id}/prompts': { self: true, scope: 'settings:read' },
  'GET /v1/users/{id}/history': LOOKED_INTO,
  'GET /v1/users/{id}/uses': LOOKED_INTO,
  'GET /v1/users/{id}/extracts': { self: true, scope: 'settings:read' },
  'GET /v1/users/{id}/export': { self: true, scope: 'users:export' },
  'GET /v1/users/{id}/receipts': LOOKED_INTO,
  'GET /v1/users/{id}/receipts/{event}': LOOKED_INTO,
  'GET /v1/users/{id}/signals/tcf': { self: true, scope: 'settings:read' },
  'GET /v1/users/{id}/choices/{purpose}': { self: true, scope: 'settings:read' },
  'PUT /v1/users/{id}/choices/{purpose}': {
    self: true,
    scope: 'choices:write',
    body: { choice: 'denied' },
  },
  'DELETE /v1/users/{id}/choices/{purpose}': { self: true, scope: 'choices:write' },
  'DELETE /v1/users/{id}/signals/{signal}': { self: true, scope: 'choices:write' },
  'PUT /v1/users/{id}/choices': { self: true, scope: 'choices:write', body: { choice: 'denied' } },
  'PUT /v1/users/{id}/visibility/{group}': {
    self: true,
    scope: 'choices:write',
    body: { level: 'only_me' },
  },
  'POST /v1/users/{id}/signals': { self: true, scope: 'choices:write', body: { signal: 'gpc' } },
  'PUT /v1/users/{id}': {
    self: false,
    scope: 'users:write',
    body: { region: 'US-CA', age_band: 'adult' },
  },
  'DELETE /v1/users/{id}': { self: true, scope: 'users:erase' },
};

const ANYBODY: Readonly<Record<string, DevelopmentClaims | undefined>> = {
  'user ann': { sub: ANN.id },
  'user ben': { sub: BEN.id },
  'user who is not there': { sub: NOBODY },
  'service without a scope': { sub: 'plain', purposes: ['ads.personalised'] },
  ...Object.fromEntries(
    Object.keys(SCOPES).map((scope) => [`service with ${scope}`, { sub: 'scoped', purposes: [], scope }]),
  ),
  'service with a scope in another case': { sub: 'loud', purposes: [], scope: 'SETTINGS:READ users:*' },
  // a service may be called like a user, and is none
  'service called like ann': { sub: ANN.id, purposes: [] },
  'person without a role': { sub: 'nobody', roles: [] },
  'person with a role of something else': { sub: 'member', roles: ['Member'] },
  'admin called like ann': { sub: ANN.id, roles: ['policy_admin'] },
  ...Object.fromEntries(
    Object.keys(ROLES).map((role) => [`admin with ${role}`, { sub: 'admin', roles: [role] }]),
  ),
  nobody: undefined,
};

let service: Service;
const tokens = new Map<string, string | undefined>();
let steward: string;
let auditor: string;

beforeAll(async () => {
  service = await startService({ TCF_CMP_ID: '300' });
  for (const [name, claims] of Object.entries(ANYBODY))
    tokens.set(name, claims === undefined ? undefined : await service.token(claims));
  const scope = Object.keys(SCOPES).join(' ');
  steward = await service.token({ sub: 'steward', purposes: [], scope });
  auditor = await service.token({ sub: 'auditor', roles: ['auditor'] });
});

afterAll(() => service.stop());

/** The events of a person's choices, by id. */
const planted = new Map<string, readonly string[]>();

/** Gives somebody a record full of what can be recognised; resolves to the tokens of its choices. */
async function plant({ id, region, language, until, crm }: Person): Promise<readonly string[]> {
  await service.request('DELETE', `/v1/users/${id}`, { token: steward });
  const token = await service.token({ sub: crm, purposes: [], scope: 'users:write choices:write' });
  const put = async (path: string, body: object) =>
    textAt(ok(await service.request('PUT', `/v1/users/${id}${path}`, { token, body })), 'consistency_token');
  await put('', { region, age_band: 'minor', adult_from: `${until}T00:00:00Z` });
  const events = [
    await put('/choices/ads.inferred', {
      choice: 'granted',
      notice: 1,
      until: `${until}T00:00:00Z`,
      language,
    }),
    await put('/choices/improve', { choice: 'denied', language }),
  ];
  planted.set(id, events);
  // the revision that an answer rests on, which everybody may know, is of neither of them
  const profile = { token: steward, body: { region: 'US', age_band: 'adult' } };
  await service.request('DELETE', '/v1/users/u-between', { token: steward });
  ok(await service.request('PUT', '/v1/users/u-between', profile));
  return events;
}

/** What may be seen of a person by nobody else. */
function marksOf({ id, region, language, until, crm }: Person): string[] {
  return [id, `"region":"${region}"`, language, until, crm, ...(planted.get(id) ?? [])];
}

function expectNothingOf(person: Person, reply: Reply, asked: string): void {
  const text = JSON.stringify([reply.body, [...reply.headers]]);
  for (const mark of marksOf(person)) expect(text, `${asked} shows ${mark}`).not.toContain(mark);
}

/** Status and body of an answer, without what differs from one request to the next. */
function answered({ status, body }: Reply): unknown {
  if (typeof body !== 'object' || body === null) return { status, body };
  const { request_id: _request, ...rest } = Object.fromEntries(membersOf(body));
  return { status, body: rest };
}

async function head(): Promise<unknown> {
  return ok(await service.request('GET', '/v1/log', { token: auditor }));
}

/** The status that the table gives. */
function statusFor(caller: string, { self, scope, roles = [] }: Row, addressed: string): number {
  const claims = ANYBODY[caller];
  if (claims === undefined) return 401;
  const isUser = claims.purposes === undefined && !claims.roles?.some((role) => Object.hasOwn(ROLES, role));
  // nobody but a user has a `me`, and nobody sets the profile of `me`
  if (addressed === 'me' && (!isUser || !self)) return 400;
  const own = isUser && (addressed === 'me' || addressed === claims.sub);
  const scoped = claims.purposes !== undefined && caller === `service with ${scope}`;
  const isReader = roles.some((role) => caller === `admin with ${role}`);
  return (self && own) || scoped || isReader ? 200 : 403;
}

type Asked = { readonly caller: string; readonly addressed: string; readonly status: number };

const ADDRESSED = [ANN.id, BEN.id, 'me', NOBODY];

function matrixOf(row: Row): Asked[] {
  return Object.keys(ANYBODY).flatMap((caller) =>
    ADDRESSED.map((addressed) => ({ caller, addressed, status: statusFor(caller, row, addressed) })),
  );
}

/** Whose record an allowed question is about. */
function ownerOf({ caller, addressed }: Asked): string {
  return addressed === 'me' ? (ANYBODY[caller]?.sub ?? '') : addressed;
}

describe('of a user', () => {
  test('every route there is has a row in the table', async () => {
    const { body } = await service.request('GET', '/openapi.json');
    const routes = membersOf(valueAt(body, 'paths'))
      .filter(([path]) => path.startsWith('/v1/users'))
      .flatMap(([path, operations]) =>
        membersOf(operations).map(([method]) => `${method.toUpperCase()} ${path}`),
      );
    expect(routes.toSorted()).toEqual(Object.keys(TABLE).toSorted());
  });

  test.each(Object.entries(TABLE))('%s is for those of the table alone', async (route, row) => {
    const [method = '', template = ''] = route.split(' ');
    const events = { [ANN.id]: await plant(ANN), [BEN.id]: await plant(BEN) };
    const send = ({ caller, addressed, status }: Asked, event: string) => {
      const path = template
        .replace('{id}', addressed)
        .replace('{purpose}', 'ads.inferred')
        .replace('{group}', 'posts')
        .replace('{signal}', 'gpc')
        .replace('{event}', event)
        .concat(row.query ?? '');
      const token = tokens.get(caller);
      return service.request(method, path, {
        ...(token === undefined ? {} : { token }),
        ...(row.body === undefined ? {} : { body: row.body }),
        // a signal that is heard before it is known who asks would be written for a stranger; none is taken back with it
        headers: status === 200 && template.endsWith('{signal}') ? {} : { 'sec-gpc': '1' },
      });
    };
    const matrix = matrixOf(row);
    expect(new Set(matrix.map(({ status }) => status))).toEqual(new Set([200, 400, 401, 403]));

    // first those who may not: of them nothing must be left
    const before = await head();
    const refusals = new Map<string, unknown>();
    for (const asked of matrix.filter(({ status }) => status !== 200)) {
      const { caller, addressed, status } = asked;
      const named = `${caller}: ${route} of ${addressed}`;
      for (const event of new Set(Object.values(events).flat())) {
        const reply = await send(asked, event);
        expect(reply.status, named).toBe(status);
        expectNothingOf(ANN, reply, named);
        expectNothingOf(BEN, reply, named);
        // one answer for a caller, whoever was named, there or not
        const key = `${caller} ${status}`;
        expect(answered(reply), named).toEqual(refusals.get(key) ?? answered(reply));
        refusals.set(key, answered(reply));
        if (!template.includes('{event}')) break;
      }
    }
    expect(await head(), 'a refused request left something in the log').toEqual(before);

    for (const asked of matrix.filter(({ status }) => status === 200)) {
      const owner = ownerOf(asked);
      const named = `${asked.caller}: ${route} of ${asked.addressed}`;
      const own = events[owner] ?? [];
      for (const event of template.includes('{event}') ? Object.values(events).flat() : ['']) {
        const reply = await send(asked, event);
        // with the event of somebody else, as with none at all
        const expected = event === '' || own.includes(event) ? 200 : 404;
        expect(reply.status, `${named} ${JSON.stringify(reply.body)}`).toBe(expected);
        for (const person of [ANN, BEN]) if (person.id !== owner) expectNothingOf(person, reply, named);
      }
      if (method !== 'GET') for (const person of [ANN, BEN]) events[person.id] = await plant(person);
    }
  });
});

describe('by tokens of somebody else', () => {
  let ann: string;
  let bensEvents: readonly string[];

  beforeAll(async () => {
    await plant(ANN);
    bensEvents = await plant(BEN);
    ann = await service.token({ sub: ANN.id });
  });

  test('nothing is hidden from the user themselves, so that what is planted can be found', async () => {
    const { body } = await service.request('GET', '/v1/users/me/history', { token: ann });
    for (const mark of marksOf(ANN)) expect(JSON.stringify(body)).toContain(mark);
  });

  test('the receipt of another is not there, as one that never was is not', async () => {
    const never = tokenAt(String(bensEvents[0]), 999_999);
    const replies: Reply[] = [];
    for (const event of [...bensEvents, never])
      for (const id of ['me', ANN.id])
        replies.push(await service.request('GET', `/v1/users/${id}/receipts/${event}`, { token: ann }));
    for (const reply of replies) {
      expect(answered(reply)).toEqual(answered(replies[0] ?? reply));
      expect(reply.status).toBe(404);
      expectNothingOf(BEN, reply, 'a receipt');
    }
  });

  test.each(['history', 'receipts'])(
    'a page of the %s after an event of another holds the own alone',
    async (what) => {
      const list = what === 'history' ? 'events' : 'receipts';
      const member = what === 'history' ? 'id' : 'event';
      const all = ok(await service.request('GET', `/v1/users/me/${what}`, { token: ann }));
      expect(listAt(all, list).length).toBeGreaterThan(0);
      for (const after of bensEvents) {
        const page = await service.request('GET', `/v1/users/me/${what}?after=${after}`, { token: ann });
        expectNothingOf(BEN, page, `${what} after ${after}`);
        const place = revisionIn(after);
        const own = listAt(all, list).filter((entry) => revisionIn(textAt(entry, member)) > place);
        expect(listAt(ok(page), list)).toEqual(own);
      }
    },
  );

  test('the consistency token of another only says how fresh an answer is to be', async () => {
    const ads = await service.token({ sub: 'ads', purposes: ['ads.inferred'] });
    const ask = async (user: string, token?: string) => {
      const body = {
        subject: { type: 'purpose', id: 'ads.inferred' },
        action: { name: 'read' },
        resource: { type: 'field', id: 'member.skills', properties: { user } },
        context: token === undefined ? {} : { consistency_token: token },
      };
      return service.request('POST', '/access/v1/evaluation', { token: ads, body });
    };
    for (const user of [ANN.id, NOBODY])
      for (const token of bensEvents) {
        const reply = await ask(user, token);
        expect(ok(reply)).toEqual(ok(await ask(user)));
        expectNothingOf(BEN, reply, 'a decision');
      }
  });

  test('an id in another spelling is another user', async () => {
    for (const spelled of [
      BEN.id.toUpperCase(),
      `${BEN.id}%20`,
      `%2e%2f${BEN.id}`,
      `${BEN.id}%00`,
      'ME',
      'me%2f',
    ]) {
      const reply = await service.request('GET', `/v1/users/${spelled}/settings`, { token: ann });
      expect([400, 403, 404], spelled).toContain(reply.status);
      expectNothingOf(BEN, reply, spelled);
      expectNothingOf(ANN, reply, spelled);
    }
  });
});
