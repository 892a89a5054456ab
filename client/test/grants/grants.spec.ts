/** Grants of the real service: asked for, shown to an owner, and ended by what the user says. */
import { randomUUID } from 'node:crypto';
import { type RequestListener, createServer } from 'node:http';
import { once } from 'node:events';
import fastify, { type FastifyRequest } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type Assent, createAssent } from '../../src/assent.js';
import type { Grant } from '../../src/grants/grant.js';
import { grantPreHandler, grantedTo, requiresGrant } from '../../src/grants/guards.js';
import { partsOf, valueOf } from '../../src/grants/jws.js';
import { OwnKey } from '../../src/grants/own-key.js';
import { type Verifier, type VerifierSettings, createVerifier } from '../../src/grants/verifier.js';
import { isText, isTexts, memberOf, readJson } from '../../src/terms/json.js';
import { REFERENCE } from '../../../test/reference-policy.js';
import { clientToken, everywhere } from '../people.js';

const PURPOSE = 'ads.personalised';
const TERMS = ['min_cohort_300'];
const FIELDS = ['member.skills', 'member.education', 'message.body'];
const OWNER = 'https://profiles.example';
const SKILLS = 'member.skills';

let assent: Assent;
let verifier: Verifier;

beforeAll(async () => {
  await everywhere(
    {
      'g-open': { region: 'US-CA', age_band: 'adult' },
      'g-other': { region: 'US-CA', age_band: 'adult' },
      'g-closed': { region: 'US-CA', age_band: 'adult', choices: { [PURPOSE]: 'denied' } },
    },
    [PURPOSE],
  );
  const { url, publicUrl } = inject('service');
  const token = await clientToken([PURPOSE]);
  assent = createAssent({ url, publicUrl, token, purpose: PURPOSE, discharges: TERMS, timeout: 60_000 });
});
beforeEach(() => {
  verifier = ownerWith();
  return () => verifier.close();
});
afterAll(() => assent.close());

function ownerWith(more: Partial<VerifierSettings> = {}): Verifier {
  const { url, publicUrl } = inject('service');
  return createVerifier({ url, issuer: publicUrl, audience: 'profiles', discharges: TERMS, ...more });
}

function ask(users: string | readonly string[], fields: readonly string[] = FIELDS): Promise<Grant> {
  return assent.grant(users, fields, { audience: 'profiles' });
}

/** A request to the owner with a grant, and a proof of its own. */
async function requestWith(grant: Grant, method = 'GET', url = `${OWNER}/users/g-open?full=yes`) {
  const headers = await grant.headersFor(method, url);
  return { grant: headers['assent-grant'], proof: headers.dpop, method, url };
}

/** What the owner says of a new request about the skills of a user. */
async function saidOf(grant: Grant, user: string, owner = verifier): Promise<string> {
  const verdict = await owner.verify(await requestWith(grant), { user, field: SKILLS });
  return verdict.permitted ? 'permitted' : verdict.reason;
}

describe('a grant', () => {
  test('permits exactly what evaluations permit, for the same reasons', async () => {
    const users = ['g-open', 'g-other', 'g-closed', 'g-stranger'];
    const fields = [...FIELDS, 'no.such.field', 'member.age_range'];
    const grant = await ask(users, fields);
    const asked = users.flatMap((user) => fields.map((field) => ({ user, field })));
    const answers = await assent.checkMany(asked);
    const granted = asked.map(({ user, field }) => grant.answer(user, field));
    const short = (
      list: readonly { permitted: boolean; reason: string; obligations?: readonly string[] }[],
    ) => list.map(({ permitted, reason, obligations }) => [permitted, reason, obligations]);
    expect(short(granted)).toEqual(short(answers));
    const owned = asked.map(async ({ user, field }) => {
      const verdict = await verifier.verify(await requestWith(grant), { user, field });
      return verdict.permitted;
    });
    expect(await Promise.all(owned)).toEqual(answers.map(({ permitted }) => permitted));
    expect(new Set(await Promise.all(owned)).size).toBe(2);
  });

  test('of more users than one holds comes in several, which are about each of them once', async () => {
    const users = Array.from({ length: 450 }, (_none, at) =>
      at % 150 === 7 ? 'g-open' : `g-stranger-${at}`,
    );
    const seen: string[] = [];
    let open = 0;
    for await (const grant of assent.grants(users, [SKILLS], { audience: 'profiles' })) {
      seen.push(...grant.users);
      if (grant.may('g-open', SKILLS)) expect(await saidOf(grant, 'g-open')).toBe('permitted');
      open += grant.users.filter((user) => grant.may(user, SKILLS)).length;
    }
    expect(new Set(seen)).toEqual(new Set(users));
    expect(open).toBe(2);
  });

  test('says to its owner who asks, for what, and on which terms', async () => {
    const grant = await ask('g-open');
    const wanted = { user: 'g-open', field: FIELDS.slice(0, 2), purpose: PURPOSE };
    expect(await verifier.verify(await requestWith(grant), wanted)).toEqual({
      permitted: true,
      client: 'client',
      purpose: PURPOSE,
      obligations: TERMS,
      policy: expect.stringMatching(/^sha256:/),
      revision: expect.any(String),
    });
  });

  test('of which nothing is permitted is none, and sends nothing', async () => {
    const grant = await ask('g-closed');
    expect(grant.isOver).toBe(true);
    expect(grant.denied.map(({ reason }) => reason)).toEqual(['opted_out', 'opted_out', 'floor']);
    await expect(grant.headersFor('GET', OWNER)).rejects.toThrow('there is no grant to send');
  });

  test('is no use to anybody without its key', async () => {
    const grant = await ask('g-open');
    const request = await requestWith(grant);
    const thief = await OwnKey.make();
    const { hashOf } = await import('./grant-maker.js');
    const proof = await thief.proof('GET', request.url, hashOf(request.grant));
    const wanted = { user: 'g-open', field: SKILLS };
    expect(await verifier.verify({ ...request, proof }, wanted)).toMatchObject({ reason: 'bad_proof' });
    expect(await verifier.verify(request, wanted)).toMatchObject({ permitted: true });
    expect(await verifier.verify(request, wanted)).toMatchObject({ reason: 'replayed' });
  });

  test('is none for another owner, and none of another service', async () => {
    const grant = await ask('g-open');
    const others = [ownerWith({ audience: 'payments' }), ownerWith({ issuer: 'https://other.example' })];
    expect(await Promise.all(others.map((owner) => saidOf(grant, 'g-open', owner)))).toEqual([
      'other_audience',
      'other_issuer',
    ]);
    for (const owner of others) owner.close();
  });

  test('ends when it expires, for its holder and its owner', async () => {
    const grant = await assent.grant('g-open', [SKILLS], { audience: 'profiles', seconds: 5 });
    expect(grant.may('g-open', SKILLS)).toBe(true);
    const request = await requestWith(grant);
    const later = ownerWith({ now: () => Date.now() + 5_000 });
    expect(await later.verify(request, { user: 'g-open', field: SKILLS })).toMatchObject({
      reason: 'expired',
    });
    later.close();
    await expect.poll(() => grant.answer('g-open', SKILLS)).toMatchObject({ reason: 'expired' });
    await expect(grant.headersFor('GET', OWNER)).rejects.toThrow('expired');
  });

  test('that the key of before signed is believed after a rotation, and so is one by the next', async () => {
    const before = await ask('g-open');
    await post('/v1/receipt-keys', {}, await officerToken());
    const after = await ask('g-open');
    expect(headerOf(before).kid).not.toBe(headerOf(after).kid);
    expect([await saidOf(before, 'g-open'), await saidOf(after, 'g-open')]).toEqual([
      'permitted',
      'permitted',
    ]);
  });

  test('is no receipt, and a receipt is no grant', async () => {
    const request = await requestWith(await ask('g-open'));
    const { body } = await post('/v1/receipts/verify', { jws: request.grant });
    expect(body).toMatchObject({ valid: false, because: 'its type is not `consent-receipt+jws`' });
    const users = await clientToken([], 'settings:read');
    const listed = await get('/v1/users/g-closed/receipts', users);
    const event = memberOf([memberOf(listed, 'receipts')].flat()[0], 'event');
    const jws = memberOf(await get(`/v1/users/g-closed/receipts/${String(event)}`, users), 'jws');
    expect(jws).toEqual(expect.any(String));
    const verdict = await verifier.verify({ ...request, grant: jws }, { user: 'g-closed', field: SKILLS });
    expect(verdict).toMatchObject({ reason: 'malformed_grant' });
  });
});

describe('what a user says ends a grant', () => {
  let following: Verifier;
  beforeEach(async () => {
    const token = await clientToken([PURPOSE], 'changes:read');
    following = ownerWith({ changes: { token } });
    return () => following.close();
  });

  /** A grant of a new user that the owner believes. */
  async function grantOfNew(): Promise<{ readonly user: string; readonly grant: Grant }> {
    const user = `g-${randomUUID()}`;
    await everywhere({ [user]: { region: 'US-CA', age_band: 'adult' } }, [PURPOSE]);
    let grant = await ask(user, [SKILLS]);
    // the owner believes none that was given long before it hears of changes, here and below
    const saidOfAnother = async () => saidOf((grant = await ask(user, [SKILLS])), user, following);
    await expect.poll(saidOfAnother).toBe('permitted');
    return { user, grant };
  }

  const ended = async (grant: Grant, user: string) => {
    await expect.poll(() => saidOf(grant, user, following)).toBe('withdrawn');
  };

  test.each([
    ['an opt-out', 'PUT', (user: string) => `/v1/users/${user}/choices/${PURPOSE}`, { choice: 'denied' }],
    ['a signal of their browser', 'POST', (user: string) => `/v1/users/${user}/signals`, { signal: 'gpc' }],
    ['another age', 'PUT', (user: string) => `/v1/users/${user}`, { region: 'US-CA', age_band: 'minor' }],
    ['another place', 'PUT', (user: string) => `/v1/users/${user}`, { region: 'DE', age_band: 'adult' }],
    ['an erasure', 'DELETE', (user: string) => `/v1/users/${user}`, undefined],
  ])('by the changes: %s', async (_what, method, path, body) => {
    const { user, grant } = await grantOfNew();
    await send(method, path(user), body);
    await ended(grant, user);
    // those of others go on, and one that was given since rests on what was said
    await expect.poll(async () => saidOf(await ask('g-open'), 'g-open', following)).toBe('permitted');
    expect((await ask(user, [SKILLS])).may(user, SKILLS)).toBe(await assent.may(user, SKILLS));
  });

  test('by the changes: another visibility, of a purpose that reads what is visible', async () => {
    const { url, publicUrl } = inject('service');
    const user = `g-${randomUUID()}`;
    await everywhere({ [user]: { region: 'US-CA', age_band: 'adult' } }, ['service']);
    const token = await clientToken(['service'], 'changes:read');
    const service = createAssent({ url, publicUrl, token, purpose: 'service', timeout: 60_000 });
    const owner = ownerWith({ changes: { token } });
    const grantNow = () => service.grant(user, ['post.text'], { audience: 'profiles' });
    let grant = await grantNow();
    const wanted = { user, field: 'post.text' };
    const said = async () => owner.verify(await requestWith(grant), wanted);
    const saidOfAnother = async () => {
      grant = await grantNow();
      return said();
    };
    await expect.poll(saidOfAnother).toMatchObject({ permitted: true });
    await send('PUT', `/v1/users/${user}/visibility/posts`, { level: 'only_me' });
    await expect.poll(() => said()).toMatchObject({ reason: 'withdrawn' });
    expect((await grantNow()).may(user, 'post.text')).toBe(false);
    owner.close();
    service.close();
  });

  test('by the changes: what closes a field that another one is made of', async () => {
    const { url, publicUrl } = inject('service');
    const [user, purpose, field] = [`g-${randomUUID()}`, 'personalise', 'member.embedding'];
    await everywhere({ [user]: { region: 'US-CA', age_band: 'adult' } }, [purpose]);
    const token = await clientToken([purpose], 'changes:read');
    const discharges = REFERENCE.obligations.map(({ id }) => id);
    const reader = createAssent({ url, publicUrl, token, purpose, discharges, timeout: 60_000 });
    const owner = ownerWith({ discharges, changes: { token } });
    const grantNow = () => reader.grant(user, [field], { audience: 'profiles' });
    let grant = await grantNow();
    const said = async () => owner.verify(await requestWith(grant), { user, field });
    const saidOfAnother = async () => {
      grant = await grantNow();
      return said();
    };
    await expect.poll(saidOfAnother).toMatchObject({ permitted: true });
    await send('PUT', `/v1/users/${user}/visibility/posts`, { level: 'only_me' });
    await expect.poll(() => said()).toMatchObject({ reason: 'withdrawn' });
    expect((await grantNow()).answer(user, field)).toMatchObject({
      permitted: false,
      derivedSource: 'post.text',
    });
    owner.close();
    reader.close();
  });

  test('and nobody gets one for somebody who was erased, or under another spelling of their id', async () => {
    const { user, grant } = await grantOfNew();
    const others = [user.toUpperCase(), `${user}.`, user.slice(0, -1), '__proto__', 'constructor'];
    for (const other of others) {
      expect(await saidOf(grant, other, following)).toBe('not_granted');
      expect((await ask(other, [SKILLS])).may(other, SKILLS)).toBe(false);
    }
    await send('DELETE', `/v1/users/${user}`);
    const after = await ask([user, 'g-open'], [SKILLS]);
    expect([after.may(user, SKILLS), after.may('g-open', SKILLS)]).toEqual([false, true]);
    expect(await saidOf(after, user)).toBe('not_granted');
  });

  test('and who opts in again gets another one, which the owner believes', async () => {
    const { user, grant } = await grantOfNew();
    await send('PUT', `/v1/users/${user}/choices/${PURPOSE}`, { choice: 'denied' });
    await send('PUT', `/v1/users/${user}/choices/${PURPOSE}`, { choice: 'granted', notice: 1 });
    await ended(grant, user);
    await expect.poll(async () => saidOf(await ask(user, [SKILLS]), user, following)).toBe('permitted');
  });

  test('by its expiry alone where the owner does not follow the changes', async () => {
    const { user, grant } = await grantOfNew();
    await send('PUT', `/v1/users/${user}/choices/${PURPOSE}`, { choice: 'denied' });
    expect(await saidOf(grant, user)).toBe('permitted');
    const later = ownerWith({ now: () => Date.now() + 60_000 });
    expect(await saidOf(grant, user, later)).toBe('expired');
    later.close();
  });

  test('of a purpose whose changes are not followed, none is believed', async () => {
    const token = await clientToken(['ai'], 'changes:read');
    const other = ownerWith({ changes: { token } });
    expect(await saidOf(await ask('g-open'), 'g-open', other)).toBe('changes_unheard');
    other.close();
  });

  test('where the changes may not be followed at all, none is believed', async () => {
    const other = ownerWith({ changes: { token: await clientToken([PURPOSE]) } });
    expect(await saidOf(await ask('g-open'), 'g-open', other)).toBe('changes_unheard');
    other.close();
  });
});

describe('a route of the owner', () => {
  const owned = { base: OWNER, fields: [SKILLS], purpose: PURPOSE };

  async function asks(url: string, headers: Readonly<Record<string, string>>) {
    const response = await fetch(url, { headers });
    return { status: response.status, body: readJson(await response.text()) };
  }

  test('of Express lets through whoever brings a grant, once, and knows who that is', async () => {
    const guard = requiresGrant(verifier, { ...owned, user: () => 'g-open' });
    const listener: RequestListener = (request, response) => {
      void guard(request, response, () => response.end(JSON.stringify(grantedTo(request))));
    };
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/users/g-open`;
    const headers = { ...(await (await ask('g-open')).headersFor('GET', `${OWNER}/users/g-open`)) };
    expect(await asks(url, headers)).toMatchObject({
      status: 200,
      body: { client: 'client', purpose: PURPOSE },
    });
    expect(await asks(url, headers)).toMatchObject({ status: 403, body: { reason: 'replayed' } });
    expect(await asks(url, {})).toMatchObject({ status: 403, body: { reason: 'no_grant' } });
    server.closeAllConnections();
    server.close();
  });

  test('of Fastify lets nobody through who names somebody in a way of their own', async () => {
    const server = fastify();
    const preHandler = grantPreHandler<FastifyRequest>(verifier, owned);
    const asked = (request: FastifyRequest) => {
      const user = memberOf(request.query, 'user');
      return isText(user) || isTexts(user) ? user : undefined;
    };
    server.get('/users/:user', { preHandler }, () => 'welding');
    server.get(
      '/skills',
      { preHandler: grantPreHandler(verifier, { ...owned, user: asked }) },
      () => 'welding',
    );
    const grant = await ask('g-open');
    const statusOf = async (url: string) => {
      const { pathname } = new URL(url, OWNER);
      const headers = { ...(await grant.headersFor('GET', `${OWNER}${pathname}`)) };
      return (await server.inject({ url, headers })).statusCode;
    };
    for (const path of ['/users/g%2Dopen', '/skills?user=g-open', '/skills?user=g-open&user=g-open'])
      expect(await statusOf(path), path).toBe(200);
    for (const path of [
      '/users/g%252Dopen',
      '/users/G-OPEN',
      '/users/g-open%00',
      '/users/g-open%20',
      '/users/__proto__',
      '/skills',
      '/skills?user=',
      '/skills?user[]=g-open',
      '/skills?user=g-open&user=g-other',
      '/skills?user=g-other&user=g-open',
      '/skills?user=g-open,g-other',
    ])
      expect(await statusOf(path), path).toBe(403);
    await server.close();
  });

  test('of Fastify lets through whoever brings a grant for its user', async () => {
    const server = fastify();
    server.get(
      '/users/:user',
      { preHandler: grantPreHandler<FastifyRequest>(verifier, owned) },
      () => 'welding',
    );
    const grant = await ask('g-open');
    const headersFor = async (path: string) => ({ ...(await grant.headersFor('GET', `${OWNER}${path}`)) });
    const inject_ = async (path: string, headers: Readonly<Record<string, string>>) =>
      (await server.inject({ url: path, headers: { ...headers } })).statusCode;
    expect(await inject_('/users/g-open', await headersFor('/users/g-open'))).toBe(200);
    expect(await inject_('/users/g-other', await headersFor('/users/g-other'))).toBe(403);
    expect(await inject_('/users/g-open', await headersFor('/users/g-other'))).toBe(403);
    expect(await inject_('/users/g-open', {})).toBe(403);
    await server.close();
  });
});

function headerOf(grant: Grant): { readonly kid: unknown } {
  // INVARIANT: it was granted
  const jws: unknown = Reflect.get(Object(Reflect.get(grant, 'held')), 'jws');
  return { kid: memberOf(valueOf(partsOf(String(jws))?.header ?? ''), 'kid') };
}

async function officerToken(): Promise<string> {
  const { developmentToken } = await import('../../../src/access/tokens/development-key.js');
  return developmentToken(inject('service').dataDir, 'person', {
    sub: 'officer',
    roles: ['privacy_officer'],
  });
}

async function send(method: string, path: string, body?: object): Promise<void> {
  const token = await clientToken([], 'users:write choices:write users:erase');
  const { status } = await request(method, path, token, body);
  expect(status).toBeLessThan(300);
}

async function post(path: string, body: object, token?: string) {
  return request('POST', path, token, body);
}

async function get(path: string, token: string): Promise<unknown> {
  return (await request('GET', path, token)).body;
}

async function request(method: string, path: string, token?: string, body?: object) {
  const response = await fetch(`${inject('service').url}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: readJson(await response.text()) };
}
