/** The OpenAPI document: it says every answer that there is, and clients can be made from it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import openapiTS, { astToString } from 'openapi-typescript';
import { OwnKey } from '../../client/src/grants/own-key.js';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Admins, type SeenDraft, adminsOf, documentInForce, ok, pointerTo, seenIn } from './admins.js';
import { BrowserByHand, freeUrl } from './by-hand.js';
import { startOpenIdProvider } from './openid-provider.js';
import { Contract, type Exchange, contract } from './contract.js';
import { type People, peopleOf } from './people.js';
import {
  EVALUATION,
  EVALUATIONS,
  SEARCH_ACTION,
  SEARCH_RESOURCE,
  SEARCH_SUBJECT,
  mayRead,
} from './questions.js';
import { listAt, numberAt, textAt, valueAt } from './replies.js';
import { type RequestOptions, type Service, startService } from './service.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const NDJSON = { 'content-type': 'application/x-ndjson' };

describe('every operation', () => {
  let service: Service;
  let admins: Admins;
  let people: People;

  beforeAll(async () => {
    service = await startService({ TCF_CMP_ID: '31' });
    admins = await adminsOf(service);
    people = await peopleOf(service);
    await people.register('u-1', 'DE');
  });
  afterAll(() => service.stop());

  /** Does it, and holds the answer to the document. */
  const does = async (method: string, path: string, options: RequestOptions, status = 200) => {
    const { status: answered, body } = await service.request(method, path, options);
    expect(answered, `${method} ${path}: ${JSON.stringify(body)}`).toBe(status);
    return body;
  };

  /** A draft that closes one more field to research, which takes nobody's approval. */
  async function narrowing(): Promise<SeenDraft> {
    const document = await documentInForce(admins);
    const field = document.fields.find(
      ({ category = 'private_message', never, only }) =>
        category !== 'private_message' && never === undefined && only === undefined,
    );
    const value = ['research'];
    const closing = { op: 'add', path: `${pointerTo(document, 'fields', field?.id ?? '')}/never`, value };
    return admins.draft('ann', [closing]);
  }

  test('of decisions answers as the document says', async () => {
    const token = await service.token({ sub: 'pep', purposes: ['research'] });
    const question = mayRead('research', 'u-1');
    const asked: [string, object][] = [
      [EVALUATION, question],
      [EVALUATIONS, { ...question, evaluations: [{}, { resource: 1 }] }],
      [SEARCH_SUBJECT, { ...question, subject: { type: 'purpose' } }],
      [SEARCH_RESOURCE, { ...question, resource: { type: 'field', properties: { user: 'u-1' } } }],
      [SEARCH_RESOURCE, { ...question, resource: { type: 'user', properties: { field: 'member.skills' } } }],
      [SEARCH_ACTION, question],
    ];
    for (const [path, body] of asked) await does('POST', path, { token, body });
    const replay = { evaluation: question, at: new Date().toISOString() };
    const auditor = await service.token({ sub: 'auditor', roles: ['auditor'] });
    await does('POST', '/v1/decisions/replay', { token: auditor, body: replay });
    const audience = { purpose: 'research', fields: ['member.skills'], users: ['u-1', 'u-2'] };
    for (const accept of [
      'application/json',
      'application/x-ndjson',
      'text/plain',
      'application/octet-stream',
    ])
      await does('POST', '/v1/audiences', { token, body: audience, headers: { accept } });
    // the port of this service was not known when it named itself
    const dpop = await (await OwnKey.make()).proof('POST', 'http://127.0.0.1:0/v1/grants');
    const wanted = { purpose: 'research', audience: 'profiles', user: 'u-1', fields: ['member.skills'] };
    await does('POST', '/v1/grants', { token, body: wanted, headers: { dpop } });
    await does('GET', '/.well-known/authzen-configuration', {});
    for (const path of ['/health/live', '/health/ready']) await does('GET', path, {});
  });

  test('of sessions answers as the document says', async () => {
    const url = await freeUrl();
    const page = { id: 'pages', publicUrl: url, people: {} };
    const provider = await startOpenIdProvider('https://assent.example', {}, page);
    const production = await startService({
      OIDC_ISSUER: provider.issuer,
      OIDC_AUDIENCE: 'https://assent.example',
      OIDC_SIGN_IN_CLIENT: 'pages',
      PUBLIC_URL: url,
      PORT: new URL(url).port,
    });
    try {
      provider.signInAs('mo');
      const browser = new BrowserByHand(url);
      await browser.follows('/session/sign-in', `${url}/settings`);
      expect((await browser.fetches('GET', '/v1/me')).status).toBe(200);
      expect((await browser.fetches('POST', '/session/sign-out')).status).toBe(200);
    } finally {
      await production.stop();
      await provider.unplug();
    }
    await does('GET', '/session/signed-out', {});
    const picker = new BrowserByHand(service.url);
    expect((await picker.opens('/session/sign-in')).status).toBe(200);
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
    };
    const picked = await picker.send('POST', `${service.url}/session/sign-in`, { headers, body: 'id=mo' });
    expect(picked.status).toBe(303);
  });

  test('on a user answers as the document says', async () => {
    const scope = 'users:write settings:read choices:write users:export users:erase';
    const token = await service.token({ sub: 'accounts', purposes: [], scope });
    const at = (path: string) => `/v1/users/u-1${path}`;
    await does('PUT', at(''), { token, body: { region: 'DE', age_band: 'adult' } });
    await does('PUT', at('/choices/research'), { token, body: { choice: 'granted', notice: 1 } });
    await does('PUT', at('/visibility/posts'), { token, body: { level: 'connections' } });
    await does('PUT', at('/choices'), { token, body: { choice: 'denied' } });
    await does('POST', at('/signals'), { token, body: { signal: 'gpc' } });
    await does('DELETE', at('/choices/research'), { token });
    await does('DELETE', at('/signals/gpc'), { token });
    await does('POST', at('/signals'), { token, body: { signal: 'gpc' } });
    for (const path of [
      '/settings',
      '/choices/research',
      '/prompts',
      '/history',
      '/extracts',
      '/signals/tcf',
      '/uses',
    ])
      await does('GET', at(path), { token, headers: { 'accept-language': 'de' } });
    for (const accept of ['application/json', 'text/html'])
      await does('GET', at('/export'), { token, headers: { accept } });
    const receipts = listAt(await does('GET', at('/receipts'), { token }), 'receipts');
    const receipt = await does('GET', at(`/receipts/${textAt(receipts[0], 'event')}`), { token });
    for (const jws of [textAt(receipt, 'jws'), 'none'])
      await does('POST', '/v1/receipts/verify', { body: { jws } });
    for (const path of ['/.well-known/receipt-keys.json', '/.well-known/gpc.json', '/vocabulary'])
      await does('GET', path, {});
    for (const path of ['/v1/notices/research', '/v1/notices/research/versions'])
      await does('GET', path, { token });
    await does('DELETE', at(''), { token });
    await does('DELETE', at(''), { token });
  });

  test('on all users, and on the log, answers as the document says', async () => {
    const mover = await service.token({ sub: 'mover', purposes: [], scope: 'choices:import choices:export' });
    const officer = await service.token({ sub: 'oda', roles: ['privacy_officer'] });
    const rows = [
      { user: 'u-3', region: 'DE', age_band: 'adult' },
      { user: 'u-3', purpose: 'research', choice: 'granted', notice: 1 },
      { user: 'u-3', purpose: 'none', choice: 'denied' },
    ];
    const body = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    await does('POST', '/v1/imports/one?from=1', { token: mover, body, headers: NDJSON });
    await does('GET', '/v1/imports/one', { token: mover });
    await does('GET', '/v1/imports', { token: officer });
    await does('GET', '/v1/waiting', { token: officer });
    await does('GET', '/v1/processes', { token: officer });
    await does('GET', '/v1/exports/choices', { token: mover });
    const follower = await service.token({ sub: 'index', purposes: ['ads.inferred'], scope: 'changes:read' });
    await does('GET', '/v1/changes?follow=false', { token: follower });
    const lake = await service.token({ sub: 'lake', purposes: ['research'], scope: 'permits:export' });
    await does('GET', '/v1/permits?purpose=research', { token: lake });
    for (const accept of ['application/json', 'text/csv', 'application/x-ndjson'])
      await does('GET', '/v1/uses', { token: officer, headers: { accept } });
    await does('GET', '/v1/uses/counts?every=week&by=client', { token: officer });
    const used = async () => listAt(await does('GET', '/v1/uses?limit=1', { token: officer }), 'uses').length;
    await expect.poll(used).toBe(1);
    const [use] = listAt(await does('GET', '/v1/uses', { token: officer }), 'uses');
    await does('GET', `/v1/uses/${textAt(use, 'id')}/people`, { token: officer });
    const crm = await service.token({ sub: 'crm', purposes: [], scope: 'attributes:write' });
    const industry = { title: 'Industry', values: [{ id: 'health', title: 'Health care' }] };
    await does('PUT', '/v1/attributes/industry', { token: crm, body: industry });
    const has = ['u-3', 'u-none'].map((user) => `${JSON.stringify({ user, value: 'health' })}\n`).join('');
    await does('POST', '/v1/attributes/industry/rows', { token: crm, body: has, headers: NDJSON });
    await does('GET', '/v1/attributes', { token: crm });
    await does('GET', '/v1/reports/consent-balance?purpose=ai', { token: officer });
    await does('GET', '/v1/reports/consent-counts?purpose=ai', { token: officer });
    await does('DELETE', '/v1/attributes/industry', { token: crm });
    for (const path of ['/v1/log', '/v1/erasures']) await does('GET', path, { token: officer });
    await does('POST', '/v1/log/verification', { token: officer });
    await does('POST', '/v1/receipt-keys', { token: officer }, 201);
  });

  test('on caches answers as the document says', async () => {
    const token = await service.token({ sub: 'keeper', purposes: ['research'], scope: 'decisions:cache' });
    const attached = await does('POST', '/v1/caches', { token, body: {} }, 201);
    const cache = `/v1/caches/${textAt(attached, 'id')}`;
    await does('POST', `${cache}/acknowledgements`, {
      token,
      body: { sequence: numberAt(attached, 'sequence') },
    });
    await does('DELETE', cache, { token });
  });

  test('on cases answers as the document says', async () => {
    const token = await service.token({ sub: 'safety', purposes: [], scope: 'cases:write' });
    const body = {
      purpose: 'safety.report_review',
      user: 'u-1',
      report: 'r-1',
      items: ['m-1'],
      reviewers: [{ id: 'rita' }],
      reason: 'threats',
      expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    };
    const id = textAt(await does('POST', '/v1/cases', { token, body }, 201), 'id');
    await does('GET', `/v1/cases/${id}`, { token });
    await does('GET', `/v1/cases/${id}/accesses`, { token });
    const approver = await service.token({ sub: 'arno', roles: ['case_approver'] });
    const rita = await service.token({ sub: 'rita', roles: ['case_reviewer'] });
    const act = (what: string, more: object = {}, by = approver) =>
      does('POST', `/v1/cases/${id}/${what}`, { token: by, body: { reason: 'so', ...more } });
    await act('reviewers', { reviewers: [{ id: 'rob' }] });
    await act('extensions', { expires_at: new Date(Date.now() + 7_200_000).toISOString() }, rita);
    await does('POST', `/v1/cases/${id}/approvals`, {
      token: approver,
      body: { reason: 'so' },
      headers: { 'if-match': '"3"' },
    });
    await does('GET', '/v1/cases?limit=1', { token });
    await does('GET', '/v1/cases?status=open&expires_within=72', { token });
    await does('POST', `/v1/cases/${id}/closings`, { token, body: { reason: 'reviewed' } });
  });

  test('on extracts answers as the document says', async () => {
    const token = await service.token({ sub: 'trainer', purposes: ['service'] });
    await people.register('u-5', 'DE');
    const body = { purpose: 'service', fields: ['member.skills'] };
    const id = textAt(await does('POST', '/v1/extracts', { token, body }, 201), 'id');
    await does('POST', '/v1/audiences', { token, body: { ...body, users: ['u-5'], extract: id } });
    for (const path of ['', `/${id}`]) await does('GET', `/v1/extracts${path}`, { token });
    await does('POST', `/v1/extracts/${id}/close`, { token });
    const look = await does('GET', `/v1/extracts/${id}/withdrawn`, { token });
    const officer = await service.token({ sub: 'oda', roles: ['privacy_officer'] });
    await does('GET', `/v1/extracts/${id}/balance`, { token: officer });
    await does('POST', `/v1/extracts/${id}/unlearned`, { token, body: { since: valueAt(look, 'since') } });
  });

  test('on discharges and budgets answers as the document says', async () => {
    const token = await service.token({ sub: 'measuring', purposes: ['improve', 'ads.insights'] });
    await people.register('u-6', 'US-NY');
    await people.choose('u-6', 'improve', 'granted');
    const question = { ...mayRead('improve', 'u-6'), context: { discharge: true } };
    const answer = await does('POST', EVALUATION, { token, body: question });
    const [obligation] = listAt(answer, 'context', 'obligations');
    const discharges = [{ answer: textAt(answer, 'context', 'discharge_token'), obligation }];
    await does('POST', '/v1/discharges', { token, body: { discharges } });
    const code = 'ab'.repeat(32);
    const path = `/v1/budgets/ads.insights/${new Date().toISOString().slice(0, 7)}/spend`;
    await does('POST', path, { token, body: { figure: code, data: code, epsilon: '0.1' } });
    const officer = await service.token({ sub: 'oda', roles: ['privacy_officer'] });
    await does('GET', '/v1/budgets?limit=1', { token: officer });
  });

  test('on the policy answers as the document says', async () => {
    const before = await admins.current();
    const draft = await narrowing();
    const at = `/drafts/${draft.id}`;
    for (const path of ['', '/check', '/impact?samples=1'])
      ok(await admins.send('oda', 'GET', `${at}${path}`));
    ok(await admins.send('ann', 'PUT', `${at}/shadow`, { body: { share: 1 } }));
    await people.settings('u-1');
    ok(await admins.send('ann', 'GET', `${at}/shadow`));
    ok(await admins.send('ann', 'DELETE', `${at}/shadow`));
    ok(await admins.decline('bob', draft, 'not yet'));
    const { edit } = draft;
    ok(await admins.send('bob', 'DELETE', `${at}/declines`, { edit }));
    ok(await admins.approve('bob', draft));
    ok(await admins.send('bob', 'DELETE', `${at}/approvals`, { edit }));
    const approved = seenIn(ok(await admins.approve('bob', draft)));
    const yaml = ok(await admins.send('ann', 'GET', at, { headers: { accept: 'application/yaml' } }));
    const asYaml = { body: yaml, headers: { 'content-type': 'application/yaml' } };
    for (const path of ['/check', '/impact']) ok(await admins.send('ann', 'POST', path, asYaml));
    ok(await admins.send('ann', 'POST', '/check', { body: { purposes: 'none' } }));
    ok(await admins.send('ann', 'POST', '/check', { ...asYaml, body: '- [' }));
    const later = { publish_at: new Date(Date.now() + 3_600_000).toISOString() };
    const waiting = seenIn(ok(await admins.publish('ann', approved, later)));
    const freed = ok(await admins.send('ann', 'DELETE', `${at}/publication`, { edit: waiting.edit }));
    ok(await admins.publish('ann', seenIn(freed)));
    for (const path of ['', '/versions', '/publications', '/drafts', '/current', '/current/rules'])
      ok(await admins.send('ann', 'GET', path));
    ok(await admins.send('ann', 'GET', '/current', { headers: { accept: 'application/yaml' } }));
    const review = { purpose: 'research', finding: 'All is well.', next: '2100-01-01' };
    expect(await admins.send('oda', 'POST', '/reviews', { body: review })).toMatchObject({ status: 201 });
    for (const path of ['/reviews', '/due?within=P99Y']) ok(await admins.send('auditor', 'GET', path));
    for (const accept of ['application/json', 'text/plain', 'text/vnd.graphviz'])
      ok(await admins.send('ann', 'GET', '/v1/lineage?field=job.match', { headers: { accept } }));

    const unsound = await admins.draft('ann');
    const slip = { edit: unsound.edit, body: { purposes: 'none' } };
    const replaced = seenIn(ok(await admins.send('ann', 'PUT', `/drafts/${unsound.id}/document`, slip)));
    const rebased = { edit: replaced.edit };
    const last = seenIn(ok(await admins.send('ann', 'POST', `/drafts/${unsound.id}/rebase`, rebased)));
    ok(await admins.send('ann', 'DELETE', `/drafts/${unsound.id}`, { edit: last.edit }));
    ok(await admins.send('ann', 'POST', `/${before}/rollback`, { body: { message: 'back' } }));
  });

  test('is called above', () => {
    expect(contract()?.undone).toEqual([]);
  });
});

describe('the examples of the document', () => {
  /** Operations whose first tries are copied from the document. */
  const MAIN = [
    ...[EVALUATION, EVALUATIONS, SEARCH_SUBJECT, SEARCH_RESOURCE, SEARCH_ACTION, '/v1/audiences'].map(
      (path) => `POST ${path}`,
    ),
    'PUT /v1/users/{id}',
    'PUT /v1/users/{id}/choices/{purpose}',
    'PUT /v1/users/{id}/visibility/{group}',
    'PUT /v1/users/{id}/choices',
    'POST /v1/users/{id}/signals',
    'POST /v1/imports/{id}',
    'POST /v1/policies/drafts',
    'PATCH /v1/policies/drafts/{id}/document',
    'POST /v1/policies/drafts/{id}/approvals',
    'POST /v1/policies/drafts/{id}/declines',
    'POST /v1/policies/drafts/{id}/publication',
    'POST /v1/policies/{id}/rollback',
  ];
  const examples = () => contract()?.examples ?? [];
  const sentTo = (operation: string) =>
    examples().flatMap((example) => (example.isSent && example.operation === operation ? [example] : []));

  test('are there for what is asked first', () => {
    expect(MAIN.filter((operation) => sentTo(operation).length === 0)).toEqual([]);
  });

  test('are as their schemas have it', () => {
    expect(examples().filter(({ fault }) => fault !== undefined)).toEqual([]);
  });

  describe('that a new service takes', () => {
    let service: Service;
    beforeAll(async () => {
      service = await startService();
    });
    afterAll(() => service.stop());

    test('are taken, in the order of the document', async () => {
      const pep = await service.token({
        sub: 'pep',
        purposes: ['ads.personalised', 'ai'],
        scope: 'users:write choices:write choices:import',
      });
      for (const operation of MAIN.filter((one) => !one.includes('/policies/')))
        for (const [at, { value, type }] of sentTo(operation).entries()) {
          const [method = '', template = ''] = operation.split(' ');
          const path = template
            .replace('{id}', 'u-123')
            .replace('{purpose}', 'ads.personalised')
            .replace('{group}', 'posts');
          const isLine = type === NDJSON['content-type'];
          const reply = await service.request(method, isLine ? `${path}?from=${at + 1}` : path, {
            token: pep,
            body: isLine ? `${JSON.stringify(value)}\n` : value,
            headers: { 'content-type': type },
          });
          const said = `${operation} ${JSON.stringify(value)}: ${JSON.stringify(reply.body)}`;
          expect(reply.status, said).toBe(200);
          expect(said).not.toMatch(/"refused":[1-9]|"error"/);
        }
    });

    test('change the policy from a draft to its publication', async () => {
      const admins = await adminsOf(service);
      const bodyOf = (operation: string) => sentTo(operation)[0]?.value;
      const opened = await admins.send('ann', 'POST', '/drafts', {
        body: bodyOf('POST /v1/policies/drafts'),
      });
      expect(opened.status).toBe(201);
      const patch = listAt(bodyOf('PATCH /v1/policies/drafts/{id}/document'));
      const at = `/drafts/${textAt(opened.body, 'id')}`;
      const draft = seenIn(
        ok(
          await admins.send('ann', 'PATCH', `${at}/document`, {
            edit: 1,
            body: patch,
            headers: { 'content-type': 'application/json-patch+json' },
          }),
        ),
      );
      for (const answers of ['approvals', 'declines']) {
        const body = bodyOf(`POST /v1/policies/drafts/{id}/${answers}`);
        const unread = await admins.send('bob', 'POST', `${at}/${answers}`, { edit: draft.edit, body });
        // what it holds stands for the content that was read
        expect(unread.status).toBe(412);
      }
      ok(await admins.approve('bob', draft));
      const body = bodyOf('POST /v1/policies/drafts/{id}/publication');
      expect(
        ok(await admins.send('ann', 'POST', `${at}/publication`, { edit: draft.edit, body })),
      ).toMatchObject({
        sequence: 2,
      });
    });
  });
});

describe('an answer', () => {
  const shape = {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'string' }, of: { $ref: '#/components/schemas/Part' } },
  };
  const small = new Contract({
    paths: {
      '/things/{id}': {
        get: {
          responses: {
            200: {
              headers: { ETag: { required: true }, Age: { required: false } },
              content: { 'application/json': { schema: shape }, 'application/x-ndjson': { schema: shape } },
            },
            404: { $ref: '#/components/responses/gone' },
          },
        },
      },
    },
    components: {
      schemas: {
        Part: { type: 'object', properties: { a: { type: 'integer' } } },
        Problem: { type: 'object', properties: { type: { type: 'string' } } },
      },
      responses: {
        gone: {
          content: { 'application/problem+json': { schema: { properties: { type: { enum: ['gone'] } } } } },
        },
      },
    },
  });
  const fault = (
    body: unknown,
    {
      type = 'application/json',
      etag = '"1"',
      ...exchange
    }: Partial<Exchange> & { type?: string; etag?: string } = {},
  ) =>
    small.faultOf({
      method: 'GET',
      path: '/things/a%2Fb?x=1',
      status: 200,
      header: (name) => ({ 'content-type': `${type}; charset=utf-8`, ETag: etag })[name],
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...exchange,
    });
  const problem = { type: 'application/problem+json', status: 404 };

  test('that the document says passes', () => {
    expect(fault({ id: 'a', of: { a: 1 } })).toBeUndefined();
    expect(fault('{"id":"a"}\n{"id":"b"}\n', { type: 'application/x-ndjson' })).toBeUndefined();
    expect(fault({ type: 'gone' }, problem)).toBeUndefined();
    expect(fault({ type: 'anything' }, { ...problem, path: '/none' })).toBeUndefined();
  });

  test.each([
    ['a route', fault({}, { path: '/things' }), /no GET \/things, which was answered with 200/],
    ['a method', fault({}, { method: 'PUT' }), /no PUT/],
    ['a status', fault({}, { status: 201 }), /no status 201 for GET \/things\/\{id\}/],
    ['a media type', fault('', { type: 'text/html' }), /no media type text\/html for 200/],
    ['a header', fault({ id: 'a' }, { etag: '' }), /a header ETag for 200 .* the answer has none/],
    ['a member', fault({ id: 'a', more: 1 }), /must NOT have additional properties/],
    ['a member of a part', fault({ id: 'a', of: { b: 1 } }), /data\/of must NOT have additional properties/],
    ['the absence of a member', fault({}), /must have required property 'id'/],
    ['the type of a member', fault({ id: 1 }), /data\/id must be string/],
    ['a line', fault('{"id":"a"}\n{}\n', { type: 'application/x-ndjson' }), /required property 'id'/],
    ['a code', fault({ type: 'lost' }, problem), /data\/type must be equal to one of/],
  ])('whose %s the document does not say is told of', (_what, said, sentence) => {
    expect(said).toMatch(sentence);
  });
});

describe('the document', () => {
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(ROOT, 'node_modules', '.openapi-'));
    file = join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(inject('contract')));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('is one that a linter finds nothing wrong with', async () => {
    const linter = join(ROOT, 'node_modules/@redocly/cli/bin/cli.js');
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const { stdout } = await run(process.execPath, [linter, 'lint', '--format=json', file], { env });
    expect(valueAt(JSON.parse(stdout), 'totals', 'errors')).toBe(0);
  });

  test('makes types that compile, of which a client can rely on every answer', async () => {
    await writeFile(join(folder, 'api.ts'), astToString(await openapiTS(JSON.stringify(inject('contract')))));
    await writeFile(
      join(folder, 'client.ts'),
      `import type { operations } from './api.ts';
       type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
       type Problem<T> = T extends { content: { 'application/problem+json': infer Body } } ? Body : never;
       declare const decision: Json<operations['evaluate']['responses'][200]>;
       if ('evaluations' in decision) throw new Error('one answer');
       export const permitted: boolean = decision.decision;
       export const reason: 'opted_out' | 'other' = decision.context.reason === 'opted_out' ? 'opted_out' : 'other';
       declare const lost: Problem<operations['getDraft']['responses'][404]>;
       export const code: 'urn:assent:problem:draft_not_found' = lost.type;
       export const edit: operations['patchDocument']['parameters']['header'] = { 'If-Match': '"1"' };
       export const page: operations['getHistory']['parameters']['query'] = { limit: 10 };
       export const user: operations['getHistory']['parameters']['path'] = { id: 'me' };
       // @ts-expect-error there is no such member
       export const none: unknown = decision.context.none;
      `,
    );
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    const settings = ['--strict', '--noEmit', '--ignoreConfig', '--target', 'es2023', '--module', 'nodenext'];
    const options = [...settings, '--allowImportingTsExtensions', '--exactOptionalPropertyTypes'];
    await expect(
      run(process.execPath, [compiler, ...options, join(folder, 'client.ts')]),
    ).resolves.toMatchObject({
      stdout: '',
    });
  });
});
