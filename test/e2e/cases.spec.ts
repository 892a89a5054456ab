/** Cases: what they open, to whom, and how long. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ok } from './admins.js';
import { EVALUATION, EVALUATIONS, READ, purpose } from './questions.js';
import { textAt, valueAt } from './replies.js';
import { type Reply, type Service, startService } from './service.js';

const REPORTS = 'safety.report_review';
const HOUR_MS = 3_600_000;
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
