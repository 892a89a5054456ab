/** Cases: what they open, to whom, and how long. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { HOUR_MS } from '../../src/time.js';
import { expectRefusal, ok } from './admins.js';
import { EVALUATION, EVALUATIONS, READ, purpose } from './questions.js';
import { idsAt, listAt, textAt, valueAt } from './replies.js';
import { type Reply, type Service, startService } from './service.js';

const REPORTS = 'safety.report_review';
const REVIEWED = { reason: 'reviewed' };

let service: Service;
/** The service that asks for decisions, and opens cases of reports. */
let safety: string;
let tokens: Readonly<Record<string, string>>;

beforeAll(async () => {
  service = await startService();
  safety = await service.token({
    sub: 'safety',
    purposes: [REPORTS, 'security.investigation'],
    scope: 'cases:write users:write',
  });
  const person = async (sub: string, role: string) => [sub, await service.token({ sub, roles: [role] })];
  tokens = Object.fromEntries(
    await Promise.all([
      person('rita', 'case_reviewer'),
      person('rob', 'case_reviewer'),
      person('ivan', 'security_investigator'),
      person('iris', 'security_investigator'),
      person('arno', 'case_approver'),
      person('ada', 'case_approver'),
      person('auditor', 'auditor'),
    ]),
  );
  const profile = { region: 'DE', age_band: 'adult' };
  for (const user of ['u-1', 'u-2'])
    ok(await service.request('PUT', `/v1/users/${user}`, { token: safety, body: profile }));
});
afterAll(() => service.stop());

const by = (who: string): string => tokens[who] ?? safety;
const inAnHour = () => new Date(Date.now() + HOUR_MS).toISOString();

function report(over: object = {}): object {
  return {
    purpose: REPORTS,
    user: 'u-1',
    report: 'r-1',
    items: ['m-1', 'm-2'],
    reviewers: [{ id: 'rita' }],
    reason: 'threats',
    expires_at: inAnHour(),
    ...over,
  };
}

const open = (who: string, body: object) => service.request('POST', '/v1/cases', { token: by(who), body });
const act = (who: string, id: string, what: string, body: object = REVIEWED) =>
  service.request('POST', `/v1/cases/${id}/${what}`, { token: by(who), body });
/** Of a case that was read when it had as many events. */
const approve = (who: string, id: string, seen: number, token = by(who)) =>
  service.request('POST', `/v1/cases/${id}/approvals`, {
    token,
    body: REVIEWED,
    headers: { 'if-match': `"${seen}"` },
  });
const idOf = ({ body }: Reply) => textAt(body, 'id');
const opened = async (over: object = {}) => {
  const reply = await open('safety', report(over));
  expect(reply.status, JSON.stringify(reply.body)).toBe(201);
  return idOf(reply);
};

type Asked = {
  readonly asks?: string;
  readonly user?: string;
  readonly field?: string;
  readonly item?: string | undefined;
  readonly token?: string | undefined;
};

/** What a reader asks for: by default what the case of a report opens to rita. */
function under(id: string, { asks = REPORTS, user = 'u-1', field = 'message.body', ...rest }: Asked = {}) {
  const { item, token } = { item: 'm-1', token: tokens['rita'], ...rest };
  return {
    subject: purpose(asks),
    action: READ,
    resource: { type: 'field', id: field, properties: { user, ...(item === undefined ? {} : { item }) } },
    context: { case: id, ...(token === undefined ? {} : { reader_token: token }) },
  };
}

const ask = (body: object, at = service) => at.request('POST', EVALUATION, { token: safety, body });
const reasonOf = async (body: object) => textAt((await ask(body)).body, 'context', 'reason');

describe('a case of a report', () => {
  test('opens what was reported to the reviewer whom it names, and tells the duty to log it', async () => {
    expect((await ask(under(await opened()))).body).toMatchObject({
      decision: true,
      context: { reason: 'permitted', obligations: ['log_disclosure'] },
    });
  });

  test.each<[string, Asked, string]>([
    ['another item', { item: 'm-3' }, 'case_scope'],
    ['no item', { item: undefined }, 'case_scope'],
    ['another user', { user: 'u-2' }, 'case_scope'],
    ['nobody who proves who they are', { token: undefined }, 'case_reader'],
  ])('opens nothing to %s', async (_what, asked, reason) => {
    expect(await reasonOf(under(await opened(), asked))).toBe(reason);
  });

  test('opens nothing to another reviewer, to a service, or to whoever forges a token', async () => {
    const id = await opened();
    const rita = by('rita');
    const forged = `${rita.slice(0, -4)}${rita.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    const plain = await service.token({ sub: 'rita' });
    const otherRole = await service.token({ sub: 'rita', roles: ['case_approver', 'privacy_officer'] });
    for (const token of [by('rob'), safety, forged, plain, otherRole, 'none'])
      expect(await reasonOf(under(id, { token }))).toBe('case_reader');
  });

  test('that there is not opens nothing, nor does one that is not named', async () => {
    expect(await reasonOf(under('c-none'))).toBe('case_scope');
    const { context: _context, ...bare } = under(await opened());
    expect(await reasonOf(bare)).toBe('needs_case');
  });

  test('that was closed opens nothing more, and stays closed', async () => {
    const id = await opened();
    expect(await reasonOf(under(id))).toBe('permitted');
    expect(ok(await act('rita', id, 'closings'))).toMatchObject({ status: 'closed' });
    expect(await reasonOf(under(id))).toBe('case_closed');
    expect(valueAt(ok(await act('rita', id, 'closings')), 'events')).toHaveLength(2);
  });

  test('counts in a batch item by item', async () => {
    const id = await opened();
    const evaluations = [under(id), under(id, { item: 'm-3' }), under('c-none'), under(id, { item: 'm-2' })];
    const { body } = await service.request('POST', EVALUATIONS, { token: safety, body: { evaluations } });
    expect(evaluations.map((_, place) => valueAt(body, 'evaluations', place, 'context', 'reason'))).toEqual([
      'permitted',
      'case_scope',
      'case_scope',
      'permitted',
    ]);
  });

  test('is told whole to whoever may read it', async () => {
    const id = await opened();
    const reply = await service.request('GET', `/v1/cases/${id}`, { token: by('auditor') });
    expect(ok(reply)).toMatchObject({
      id,
      status: 'open',
      user: 'u-1',
      items: ['m-1', 'm-2'],
      reviewers: [{ issuer: 'urn:assent:development', id: 'rita' }],
      events: [{ kind: 'opened', by: { kind: 'service', id: 'safety' }, reason: 'threats' }],
    });
  });
});

describe('a case of an investigation', () => {
  const wanted = (over: object = {}) => ({
    purpose: 'security.investigation',
    user: 'u-1',
    fields: ['message.metadata', 'activity.ip_location'],
    reviewers: [{ id: 'ivan' }],
    reason: 'taken over',
    expires_at: inAnHour(),
    ...over,
  });
  const asks = (id: string, over: Asked = {}) =>
    reasonOf(
      under(id, {
        asks: 'security.investigation',
        field: 'message.metadata',
        item: undefined,
        token: by('ivan'),
        ...over,
      }),
    );
  const requested = async (over: object = {}) => idOf(await open('ivan', wanted(over)));

  test('opens nothing before a second person has approved it, and then its fields alone', async () => {
    const id = await requested();
    expect(await asks(id)).toBe('case_not_approved');
    expect(ok(await approve('arno', id, 1))).toMatchObject({ status: 'open' });
    expect(await asks(id)).toBe('permitted');
    expect(await asks(id, { item: 'm-9' })).toBe('permitted');
    expect(await asks(id, { field: 'message.body' })).toBe('case_scope');
    expect(await asks(id, { token: by('iris') })).toBe('case_reader');
    expect(await reasonOf(under(id, { field: 'message.metadata' }))).toBe('case_scope');
  });

  test('is approved by nobody who opened it, who would read, or who lacks the role', async () => {
    const both = ['security_investigator', 'case_approver'];
    const opener = await service.token({ sub: 'IVAN ', roles: both });
    const reader = await service.token({ sub: 'iris', roles: both });
    const id = await requested({ reviewers: [{ id: 'iris' }] });
    for (const token of [opener, reader, by('iris'), by('auditor'), safety]) {
      const { status } = await approve('', id, 1, token);
      expect([401, 403]).toContain(status);
    }
    expect(await asks(id, { token: by('iris') })).toBe('case_not_approved');
  });

  test('is approved once, and not when it has ended', async () => {
    const id = await requested();
    const both = await Promise.all([approve('arno', id, 1), approve('ada', id, 1)]);
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 412]));
    expect((await approve('ada', id, 2)).body).toMatchObject({
      type: 'urn:assent:problem:nothing_to_approve',
    });
    const closed = await requested();
    ok(await act('ivan', closed, 'closings'));
    expect((await approve('arno', closed, 2)).body).toMatchObject({
      type: 'urn:assent:problem:case_ended',
    });
    expect(await asks(closed)).toBe('case_not_approved');
  });

  test('is approved as it was read, and by nobody who does not say how that was', async () => {
    const id = await requested();
    const read = await service.request('GET', `/v1/cases/${id}`, { token: by('arno') });
    ok(await act('ada', id, 'reviewers', { reason: 'ill', reviewers: [{ id: 'iris' }] }));
    const seen = String(read.headers.get('etag'));
    expect(seen).toBe('"1"');
    expect((await approve('arno', id, 1)).body).toMatchObject({
      status: 412,
      type: 'urn:assent:problem:case_changed',
    });
    expect((await act('arno', id, 'approvals')).body).toMatchObject({
      status: 428,
      type: 'urn:assent:problem:case_state_not_named',
    });
    expect(await asks(id, { token: by('iris') })).toBe('case_not_approved');
    expect((await approve('arno', id, 2)).headers.get('etag')).toBe('"3"');
    expect(await asks(id, { token: by('iris') })).toBe('permitted');
  });

  test('is opened by no service and by nobody with another role', async () => {
    for (const who of ['safety', 'rita', 'arno', 'auditor'])
      expect((await open(who, wanted())).status).toBe(403);
    expect((await open('ivan', report())).status).toBe(403);
  });
});

describe('a later end', () => {
  const later = () => ({ reason: 'more time', expires_at: new Date(Date.now() + 2 * HOUR_MS).toISOString() });

  test('takes two people, neither of them the other', async () => {
    const id = await opened();
    const body = later();
    expect(valueAt(ok(await act('arno', id, 'extensions', body)), 'extension', 'by', 'id')).toBe('arno');
    expect((await approve('arno', id, 2)).status).toBe(403);
    expect((await act('rita', id, 'extensions', later())).body).toMatchObject({
      type: 'urn:assent:problem:case_waits',
    });
    expect(ok(await approve('ada', id, 2))).toMatchObject({
      expires_at: body.expires_at,
      extension: null,
    });
    expect((await act('safety', id, 'extensions', later())).status).toBe(403);
  });

  test('lies after the present one, and 72 hours ahead at most', async () => {
    const id = await opened();
    const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();
    for (const expires_at of [at(-1), at(0.5), at(73)]) {
      const { status, body } = await act('rita', id, 'extensions', { reason: 'more time', expires_at });
      expect([status, textAt(body, 'member')]).toEqual([400, '/expires_at']);
    }
    for (const expires_at of [at(-1), at(73)])
      expect((await open('safety', report({ expires_at }))).status).toBe(400);
  });
});

// each waits for the ledger, and none for another
describe.concurrent('what was read under a case', () => {
  const accessesOf = (who: string, id: string, query = '') =>
    service.request('GET', `/v1/cases/${id}/accesses${query}`, { token: by(who) });
  /** Once all that was asked before the call is there. */
  const accesses = async (id: string) => {
    const asked = Date.now();
    return vi.waitUntil(
      async () => {
        const body = ok(await accessesOf('auditor', id));
        return Date.parse(String(valueAt(body, 'complete_until'))) > asked && body;
      },
      { timeout: 120_000, interval: 100 },
    );
  };
  const usesUnder = async (id: string) => {
    const { body } = await service.request('GET', '/v1/users/me/uses?limit=200', {
      token: await service.token({ sub: 'u-1' }),
    });
    return listAt(body, 'uses').filter((use) => valueAt(use, 'case') === id);
  };

  test('is listed one by one to whoever may read the case, in pages, with who was to read', async () => {
    const id = await opened();
    await reasonOf(under(id));
    await reasonOf(under(id, { item: 'm-2' }));
    await reasonOf(under(id, { item: 'm-3' }));
    await reasonOf(under(id, { token: undefined }));
    const rita = 'rita of urn:assent:development';
    const all = listAt(await accesses(id), 'accesses');
    expect(
      all.map((one) => ['item', 'reader', 'reason', 'permitted'].map((name) => valueAt(one, name))),
    ).toEqual([
      ['m-1', null, 'case_reader', false],
      ['m-3', rita, 'case_scope', false],
      ['m-2', rita, 'permitted', true],
      ['m-1', rita, 'permitted', true],
    ]);
    expect(all[0]).toMatchObject({ client: 'safety', purpose: REPORTS, field: 'message.body' });
    const first = ok(await accessesOf('rita', id, '?limit=3'));
    const rest = ok(await accessesOf('rita', id, `?limit=3&cursor=${textAt(first, 'next')}`));
    expect([...listAt(first, 'accesses'), ...listAt(rest, 'accesses')]).toEqual(all);
    expect((await accessesOf('ivan', id)).status).toBe(403);
    expect((await accessesOf('auditor', 'c-none')).body).toMatchObject({
      type: 'urn:assent:problem:case_not_found',
    });
    expect((await accessesOf('rita', id, '?cursor=e30')).status).toBe(400);
  });

  test('is told to the user once the case has ended: as which role, and of how many items', async () => {
    const id = await opened();
    await reasonOf(under(id));
    await accesses(id);
    expect(await usesUnder(id)).toEqual([]);
    ok(await act('rita', id, 'closings'));
    expect(await usesUnder(id)).toMatchObject([
      { purpose: { id: REPORTS }, times: 1, review: { role: 'case_reviewer', items: 2 } },
    ]);
  });

  test('warns the user of no case that goes on: not by pages, the export, look-ups, or what was refused', async () => {
    const user = 'u-watched';
    const profile = { region: 'US-NY', age_band: 'adult' };
    ok(await service.request('PUT', `/v1/users/${user}`, { token: safety, body: profile }));
    const own = await service.token({ sub: user });
    const ranking = await service.token({ sub: 'ranking', purposes: ['ads.personalised', REPORTS] });
    const get = async (path: string, token = own) => ok(await service.request('GET', path, { token }));
    const officer = await service.token({ sub: 'oda', roles: ['privacy_officer'] });
    const id = await opened({ user });
    const body = { ...under(id, { user }), subject: purpose('ads.personalised') };
    const { context: _context, ...plain } = body;
    for (const one of [
      plain,
      body,
      under(id, { user }),
      under(`${id}x`, { user }),
      under(id, { user, item: 'm-9' }),
    ])
      await service.request('POST', EVALUATION, { token: ranking, body: one });
    await reasonOf({ ...plain, subject: purpose(REPORTS) });
    await accesses(id);
    const under2 = listAt(await get(`/v1/uses?case=${id}`, officer), 'uses');
    expect(under2).toHaveLength(1);
    for (const use of under2) await get(`/v1/uses/${textAt(use, 'id')}/people?reason=why`, officer);

    const shown = async () => {
      const seen: unknown[] = [];
      let cursor: string | undefined = '';
      for (; cursor !== undefined;) {
        const page = await get(`/v1/users/me/uses?limit=1${cursor}`);
        const next = valueAt(page, 'next');
        cursor = typeof next === 'string' ? `&cursor=${next}` : undefined;
        expect(listAt(page, 'uses')).toHaveLength(1);
        seen.push(...listAt(page, 'uses'));
      }
      const exported = await get('/v1/users/me/export');
      expect(listAt(exported, 'uses')).toEqual(seen);
      const page = await get('/v1/users/me/uses');
      expect(listAt(exported, 'lookups')).toEqual(listAt(page, 'lookups'));
      return {
        seen,
        lookups: listAt(page, 'lookups'),
        text: JSON.stringify([seen, listAt(exported, 'lookups'), page]),
      };
    };
    const before = await shown();
    // what named the case for another purpose was not under it
    expect(before.seen).toMatchObject([{ reason: 'floor', times: 2, case: null, review: null }]);
    expect(before.lookups).toEqual([]);
    for (const hint of [id, REPORTS, 'case'])
      expect(before.text.replaceAll('"case":null', '')).not.toContain(hint);

    ok(await act('rita', id, 'closings'));
    const after = await shown();
    expect(after.seen).toHaveLength(2);
    expect(after.seen.filter((use) => valueAt(use, 'case') === id)).toMatchObject([
      { permitted: true, times: 1, review: { role: 'case_reviewer', items: 2 } },
    ]);
    expect(after.lookups).toMatchObject([{ reason: 'why' }]);
    // what was refused may have been meant for another case
    expect(after.text).not.toContain('case_scope');
  });

  test('is told no earlier than the case says, and a case says nothing that the record would forget first', async () => {
    const id = await opened({ disclose_after: inAnHour() });
    await reasonOf(under(id));
    await accesses(id);
    ok(await act('rita', id, 'closings'));
    expect(await usesUnder(id)).toEqual([]);
    const past = await opened({ disclose_after: '2026-01-01T00:00:00Z' });
    await reasonOf(under(past));
    await accesses(past);
    expect(await usesUnder(past)).toEqual([]);
    ok(await act('rita', past, 'closings'));
    expect(await usesUnder(past)).toHaveLength(1);
    const { status, body } = await open('safety', report({ disclose_after: '2099-01-01T00:00:00Z' }));
    expect([status, textAt(body, 'member')]).toEqual([400, '/disclose_after']);
  });
});

describe('other readers', () => {
  test('read in place of those before', async () => {
    const id = await opened();
    ok(await act('arno', id, 'reviewers', { reason: 'ill', reviewers: [{ id: 'rob' }] }));
    expect(await reasonOf(under(id))).toBe('case_reader');
    expect(await reasonOf(under(id, { token: by('rob') }))).toBe('permitted');
  });

  test('are named by nobody who reads, and not by those who opened the door', async () => {
    const id = await opened();
    const roles = ['case_approver', 'case_reviewer'];
    const token = await service.token({ sub: 'arno', roles });
    const body = { reason: 'ill', reviewers: [{ id: 'Arno' }] };
    const reply = await service.request('POST', `/v1/cases/${id}/reviewers`, { token, body });
    expect(reply.status).toBe(403);
    expect((await act('rita', id, 'reviewers', { reason: 'ill', reviewers: [{ id: 'rob' }] })).status).toBe(
      403,
    );
    expect((await open('rita', report())).status).toBe(403);
    expect((await open('rob', report())).status).toBe(201);
  });

  test('are never those who opened the report, approved a later end, or named readers before', async () => {
    const both = ['case_approver', 'case_reviewer'];
    const name = async (token: string, id: string, reader: string) => {
      const body = { reason: 'ill', reviewers: [{ id: reader }] };
      const { status, body: said } = await service.request('POST', `/v1/cases/${id}/reviewers`, {
        token,
        body,
      });
      return status === 200 ? 'named' : textAt(said, 'detail');
    };
    const refused = expect.stringContaining('opened the report');
    const byRob = idOf(await open('rob', report()));
    expect(await name(by('arno'), byRob, 'Rob')).toEqual(refused);
    const id = await opened();
    const expires_at = new Date(Date.now() + 2 * HOUR_MS).toISOString();
    ok(await act('rita', id, 'extensions', { reason: 'more', expires_at }));
    const token = await service.token({ sub: 'abe', roles: both });
    expect((await approve('', id, 2, token)).status).toBe(200);
    expect(await name(by('arno'), id, 'abe')).toEqual(refused);
    expect(await name(by('ada'), id, 'rob')).toBe('named');
    expect(await name(by('arno'), id, 'ada')).toEqual(refused);
    expect(await name(by('arno'), id, 'rita')).toBe('named');
  });
});

test('cases are listed to whoever may read them, page by page', async () => {
  const seen = async (who: string) => {
    const ids: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const query = `?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page = ok(await service.request('GET', `/v1/cases${query}`, { token: by(who) }));
      ids.push(...idsAt(page, 'cases', 'id'));
      cursor = valueAt(page, 'next') === undefined ? undefined : textAt(page, 'next');
    }
    return ids;
  };
  const [all, reports, investigations] = await Promise.all(['auditor', 'rita', 'ivan'].map(seen));
  expect(all?.toSorted()).toEqual([...(reports ?? []), ...(investigations ?? [])].toSorted());
  expect(new Set(all).size).toBe(all?.length);
  expect(reports).not.toEqual([]);
  expect(investigations).not.toEqual([]);
});

test.each([
  ['status=ended', '/status', 'must be one of `waiting`, `open`, `closed`, `expired`'],
  ['status=', '/status', 'must be one of'],
  ['expires_within=0', '/expires_within', 'must be a whole number of hours from 1 to 72'],
  ['expires_within=73', '/expires_within', 'from 1 to 72'],
  ['expires_within=1.5', '/expires_within', 'from 1 to 72'],
  ['status=open&expires_within=soon', '/expires_within', 'from 1 to 72'],
])('no list of cases is given for `%s`, and it is said what would be', async (query, member, says) => {
  const reply = await service.request('GET', `/v1/cases?${query}`, { token: by('auditor') });
  expectRefusal(reply, 400, 'invalid_request');
  expect(reply.body).toMatchObject({ member, detail: expect.stringContaining(says) });
});

describe('what cannot be a case is refused in words', () => {
  test.each<[string, object, string]>([
    ['items by the ten thousand', { items: Array.from({ length: 10_000 }, (_, at) => `m-${at}`) }, '/items'],
    ['no items', { items: [] }, '/items'],
    ['an item with a control character', { items: ['m-1', 'm\u0000'] }, '/items/1'],
    ['an item that is too long', { items: ['m'.repeat(257)] }, '/items/0'],
    ['a reader with a control character', { reviewers: [{ id: 'ri\nta' }] }, '/reviewers/0/id'],
    ['readers by the hundred', { reviewers: Array.from({ length: 100 }, () => ({ id: 'r' })) }, '/reviewers'],
    [
      'a reader of an issuer that nobody trusts',
      { reviewers: [{ issuer: 'https://evil.example', id: 'rita' }] },
      '/reviewers/0/issuer',
    ],
    ['a name for a reader', { reviewers: ['rita'] }, '/reviewers/0'],
    ['a reason that says nothing', { reason: ' ' }, '/reason'],
    ['a reason with a control character', { reason: 'a\u0007' }, '/reason'],
    ['a user with a control character', { user: 'u\u0001' }, '/user'],
    ['no report', { report: undefined }, '/report'],
    ['fields of a report', { fields: ['message.body'] }, '/fields'],
    ['another purpose', { purpose: 'ads' }, '/purpose'],
    ['an end that is no time', { expires_at: 'tomorrow' }, '/expires_at'],
    ['a member that there is not', { approved: true }, '/approved'],
  ])('%s', async (_what, over, member) => {
    const { status, body } = await open('safety', report(over));
    expect([status, textAt(body, 'member')], JSON.stringify(body)).toEqual([400, member]);
    expect(textAt(body, 'detail')).toMatch(/[:,] |must|is missing/);
  });

  test.each<[string, Asked, string]>([
    ['a token with a control character', { token: 'a\nb' }, '/context/reader_token'],
    ['a token that is too long', { token: 'a'.repeat(16_385) }, '/context/reader_token'],
    ['an item with a control character', { item: 'm\u0000' }, '/resource/properties/item'],
    ['an item that is too long', { item: 'm'.repeat(257) }, '/resource/properties/item'],
  ])('and so is a question with %s', async (_what, asked, member) => {
    const { status, body } = await ask(under(await opened(), asked));
    expect([status, textAt(body, 'member')]).toEqual([400, member]);
  });

  test('and so is a member that is nearly that of a reader, or of an item', async () => {
    const { context, resource, ...rest } = under(await opened());
    const near = await ask({ ...rest, resource, context: { ...context, reader_tokens: 'x' } });
    expect(textAt(near.body, 'detail')).toContain('did you mean `reader_token`?');
    const { properties } = resource;
    const items = { ...resource, properties: { ...properties, items: 'm-1' } };
    expect((await ask({ ...rest, context, resource: items })).status).toBe(400);
  });
});
