/**
 * How the policy is changed: drafts, what is found of them, who must agree, and what is in force afterwards.
 *
 * @module-tag once
 */
import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentIdOf } from '../../src/policy/content-id.js';
import { openDatabase } from '../../src/store/database/database.js';
import {
  ALL_CALLERS,
  type Admins,
  type CallerName,
  type PatchOperation,
  type SeenDraft,
  adminsOf,
  expectRefusal,
  ok,
  pointerTo,
  seenIn,
} from './admins.js';
import { type People, peopleOf } from './people.js';
import { EVALUATION, mayRead } from './questions.js';
import { listAt, membersOf, numberAt, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';
import { newDataFolder } from '../data-folder.js';
import { LONG_RUN } from '../times.js';
import { REFERENCE } from '../reference-policy.js';

const RESEARCH = pointerTo(REFERENCE, 'purposes', 'research');
const INFERRED = pointerTo(REFERENCE, 'purposes', 'ads.inferred');
const METADATA = pointerTo(REFERENCE, 'fields', 'message.metadata');
const YAML = { 'content-type': 'application/yaml' };
/** More than a slow machine takes for what must come before a publication that is due so soon. */
const SOON_MS = 5_000;

/** Fields that research reads, one for each test that closes one. */
const CLOSABLE = REFERENCE.fields.filter(
  ({ category = 'private_message', never, only }) =>
    category !== 'private_message' && never === undefined && only === undefined,
);
let closed = 0;

/** Closes one more field to research: a version that only narrows. */
function narrowing(): PatchOperation[] {
  const field = CLOSABLE[closed++];
  if (field === undefined) throw new Error('there are no more fields to close');
  return [{ op: 'add', path: `${pointerTo(REFERENCE, 'fields', field.id)}/never`, value: ['research'] }];
}

let retitled = 0;

/** Opens more to research, and says something that no other draft says: what is declined of it is declined of no other. */
function widening(): PatchOperation[] {
  return [...WIDENING, { op: 'replace', path: `${RESEARCH}/title`, value: `Research ${++retitled}` }];
}

/** Lets research do with less obligations: it widens. */
const WIDENING: PatchOperation[] = [{ op: 'remove', path: `${RESEARCH}/obligations/1` }];
/** Names one more purpose in the floor: it lowers it, and opens no cell. */
const LOWERING: PatchOperation[] = [{ op: 'add', path: '/floor/private_message/-', value: 'research' }];
const RAISING: PatchOperation[] = [
  { op: 'remove', path: `/floor/private_message/${REFERENCE.floor.private_message?.length ?? 0}` },
];

let service: Service;
let admins: Admins;
let people: People;

beforeAll(async () => {
  service = await startService({ FLOOR_WAIT_MINUTES: '0', CONSISTENCY_WAIT_MS: '2000' });
  admins = await adminsOf(service);
  people = await peopleOf(service);
});

afterAll(() => service.stop());

function inForce(): Promise<string> {
  return admins.current();
}

/** A version that one admin has put in force. */
async function publishNarrowing(): Promise<string> {
  const draft = await admins.draft('ann', narrowing());
  return textAt(ok(await admins.publish('ann', draft)), 'version');
}

/** What a service is answered that asks for the skills of somebody for research. */
async function research(on: Service, user: string, field?: string): Promise<unknown> {
  const token = await on.token({ sub: 'pep', purposes: ['research'] });
  const reply = await on.request('POST', EVALUATION, { token, body: mayRead('research', user, field) });
  return ok(reply);
}

describe('versions', () => {
  test('the first is that of the policy folder, as JSON, as YAML and as rules', async () => {
    const list = ok(await admins.send('auditor', 'GET', ''));
    const first = listAt(list, 'publications').at(-1);
    expect(first).toMatchObject({ sequence: 1, draft: null, approvals: [] });
    const id = textAt(first, 'version');
    const whole = await admins.send('reader', 'GET', `/${id}`);
    expect(whole.headers.get('etag')).toBe(`"${id}"`);
    expect(valueAt(ok(whole), 'document')).toEqual(REFERENCE);
    expect(await contentIdOf(valueAt(whole.body, 'document'))).toBe(id);

    const yaml = await admins.send('ann', 'GET', `/${id}`, { headers: { accept: 'application/yaml' } });
    expect(yaml.headers.get('content-type')).toMatch(/^application\/yaml/);
    const draft = await admins.draft('ann');
    const replaced = await admins.send('ann', 'PUT', `/drafts/${draft.id}/document`, {
      edit: 1,
      body: yaml.body,
      headers: YAML,
    });
    expect(seenIn(ok(replaced))).toMatchObject({ edit: 1, content: id });

    const rules = ok(await admins.send('auditor', 'GET', `/${id}/rules`));
    expect(valueAt(rules, 'policy')).toBe(id);
    expect(membersOf(valueAt(rules, 'rules')).map(([purpose]) => purpose)).toEqual(
      REFERENCE.purposes.map((purpose) => purpose.id),
    );
  });

  test('that there are not are a 404, what cannot be the name of one is a 400', async () => {
    const none = `sha256:${'0'.repeat(64)}`;
    for (const [method, path, body] of [
      ['GET', `/${none}`, undefined],
      ['GET', `/${none}/rules`, undefined],
      ['POST', `/${none}/rollback`, { message: 'back' }],
      ['POST', '/drafts', { base: none, message: 'from nothing' }],
    ] as const)
      expectRefusal(await admins.send('ann', method, path, { body }), 404, 'policy_not_found');
    expectRefusal(await admins.send('ann', 'GET', '/latest'), 400, 'invalid_request');
    expectRefusal(await admins.send('ann', 'GET', '/drafts/none'), 404, 'draft_not_found');
  });
});

describe('a draft', () => {
  test('begins as a copy of the version in force, and each edit of it has an ETag', async () => {
    const created = await admins.send('ann', 'POST', '/drafts', { body: { message: 'why not' } });
    expect(created.status).toBe(201);
    expect(created.headers.get('etag')).toBe('"1"');
    const current = await inForce();
    expect(created.body).toMatchObject({
      base: current,
      content: current,
      authors: ['ann'],
      status: 'open',
      approvals: [],
    });
    const patched = await admins.patch('bob', seenIn(created.body), WIDENING);
    expect(patched.headers.get('etag')).toBe('"2"');
    expect(patched.body).toMatchObject({ authors: ['ann', 'bob'], edit: 2 });
    const read = await admins.send('auditor', 'GET', `/drafts/${textAt(created.body, 'id')}`);
    expect(read.headers.get('etag')).toBe('"2"');
    expect(read.body).toEqual(patched.body);
    expect(await contentIdOf(valueAt(read.body, 'document'))).toBe(textAt(read.body, 'content'));
    const listed = listAt(ok(await admins.send('ann', 'GET', '/drafts')), 'drafts');
    expect(listed[0]).toMatchObject({ id: textAt(created.body, 'id'), edit: 2 });
    expect(listed[0]).not.toHaveProperty('document');
  });

  test('is changed only by who names the edit that they saw', async () => {
    const draft = await admins.draft('bob');
    const { id, content } = draft;
    const calls = [
      ['PUT', '/document', { a: 1 }],
      ['PATCH', '/document', WIDENING],
      ['POST', '/rebase', undefined],
      ['POST', '/approvals', { content }],
      ['POST', '/publication', {}],
      ['DELETE', '/publication', undefined],
      ['DELETE', '', undefined],
    ] as const;
    for (const [method, path, body] of calls) {
      const headers = method === 'PATCH' ? { 'content-type': 'application/json-patch+json' } : {};
      const send = (edit?: number, also = {}) =>
        admins.send('ann', method, `/drafts/${id}${path}`, {
          body,
          headers: { ...headers, ...also },
          ...(edit === undefined ? {} : { edit }),
        });
      const howToName = { detail: expect.stringContaining('`If-Match: "1"`') };
      const unnamed = await send();
      expectRefusal(unnamed, 428, 'draft_edit_not_named');
      expect(unnamed.body).toMatchObject(howToName);
      expectRefusal(await send(2), 412, 'draft_edited');
      // as proxies that compress make of the tag: it names an edit as well
      expectRefusal(await send(undefined, { 'if-match': 'W/"2"' }), 412, 'draft_edited');
      for (const etag of ['1', '*', '"1", "2"', 'W/"1", "2"', 'w/"1"', '"x"', '']) {
        const misnamed = await send(undefined, { 'if-match': etag });
        expectRefusal(misnamed, 400, 'invalid_request');
        expect(misnamed.body, etag).toMatchObject(howToName);
      }
    }
    const { body } = await service.request('GET', '/openapi.json');
    for (const [method, path] of calls)
      expect(
        valueAt(body, 'paths', `/v1/policies/drafts/{id}${path}`, method.toLowerCase(), 'parameters'),
      ).toContainEqual(expect.objectContaining({ name: 'If-Match', in: 'header', required: true }));
    expect(await admins.get(draft)).toMatchObject({ edit: 1, status: 'open' });
  });

  test('says with every answer what its check would find wrong with it', async () => {
    const sound = { compiles: true, errors: [] };
    const created = await admins.send('ann', 'POST', '/drafts', { body: { message: 'a slip' } });
    expect(created.body).toMatchObject(sound);
    const slip = [{ op: 'add', path: `${RESEARCH}/categories/-`, value: 'profil' }];
    const patched = ok(await admins.patch('ann', seenIn(created.body), slip));
    const draft = seenIn(patched);
    const check = await admins.check(draft);
    const found = { compiles: false, errors: listAt(check, 'errors') };
    expect(found.errors).toHaveLength(1);
    expect(patched).toMatchObject(found);
    expect(await admins.get(draft)).toMatchObject(found);

    const replace = (body: unknown, headers = {}) =>
      admins.send('ann', 'PUT', `/drafts/${draft.id}/document`, { edit: draft.edit, body, headers });
    const fragment = seenIn(ok(await replace('purposes: []', YAML)));
    const again = await admins.send('ann', 'POST', `/drafts/${fragment.id}/rebase`, { edit: fragment.edit });
    expect(ok(again)).toMatchObject({
      compiles: false,
      errors: listAt(await admins.check(fragment), 'errors'),
    });
    const opened = await admins.send('ann', 'POST', '/drafts', { body: { message: 'none', document: {} } });
    expect(opened.body).toMatchObject({
      compiles: false,
      errors: listAt(await admins.check(seenIn(opened.body)), 'errors'),
    });
  });

  test('that many edit at once is edited by exactly one of them, each time', async () => {
    let draft = await admins.draft('ann');
    for (let round = 0; round < 5; round++) {
      const at = draft;
      const replies = await Promise.all(
        (['ann', 'bob', 'cat', 'dan', 'oda', 'olaf'] as const).map((who) =>
          admins.patch(who, at, [{ op: 'replace', path: `${RESEARCH}/title`, value: `${who} ${round}` }]),
        ),
      );
      const won = replies.filter(({ status }) => status === 200);
      expect(won).toHaveLength(1);
      for (const lost of replies.filter((reply) => !won.includes(reply)))
        expectRefusal(lost, 412, 'draft_edited');
      expect(await admins.get(draft)).toEqual(won[0]?.body);
      draft = seenIn(won[0]?.body);
    }
  });

  test('that does not compile is kept, says all that is wrong, and is never published', async () => {
    const draft = await admins.draft('ann', [
      { op: 'replace', path: `${RESEARCH}/obligations`, value: ['nothing_known'] },
      { op: 'replace', path: '/unknown_regime', value: 'NOWHERE' },
      { op: 'add', path: `${INFERRED}/categories/-`, value: 'private_message' },
    ]);
    const check = await admins.check(draft);
    expect(check).toMatchObject({ compiles: false, edit: draft.edit, content: draft.content });
    const errors = listAt(check, 'errors');
    expect(errors.length).toBeGreaterThanOrEqual(3);
    expect(errors.map((error) => textAt(error, 'path')).join()).toContain('obligations');
    expect(errors.map((error) => textAt(error, 'message')).join()).toMatch(/the floor does not list it/);
    const approved = await admins.approve('bob', draft);
    expectRefusal(approved, 409, 'draft_not_sound');
    expect(textAt(approved.body, 'detail')).toMatch(
      /^fix the errors that `…\/check` lists; the first of \d+ is/,
    );
    expectRefusal(await admins.publish('ann', draft), 409, 'draft_not_sound');
    expectRefusal(
      await admins.publish('ann', draft, { publish_at: '2099-01-01T00:00:00Z' }),
      409,
      'draft_not_sound',
    );
    expectRefusal(await admins.send('ann', 'GET', `/drafts/${draft.id}/impact`), 409, 'draft_not_sound');
    expect(await admins.get(draft)).toMatchObject({ status: 'open', approvals: [] });
  });

  test.each([
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"policy"'],
    ['an object with nothing of a policy', '{"a":{"b":[1]}}'],
    ['members that every object inherits', '{"toString":1,"hasOwnProperty":2,"purposes":{"length":3}}'],
  ])('may be %s, and the check says so', async (_what, body) => {
    const draft = await admins.draft('ann');
    const replaced = ok(await admins.send('ann', 'PUT', `/drafts/${draft.id}/document`, { edit: 1, body }));
    expect(valueAt(replaced, 'document')).toEqual(JSON.parse(body));
    const check = await admins.check(seenIn(replaced));
    expect(check).toMatchObject({ compiles: false });
    expect(listAt(check, 'errors').length).toBeGreaterThan(0);
  });

  test.each([
    ['no body', undefined, {}],
    ['a number that is none', '{"a":1e999}', {}],
    ['brackets without end', '['.repeat(200_000) + ']'.repeat(200_000), {}],
    ['YAML that is none', 'a: [', YAML],
    ['YAML with nothing in it', '', YAML],
    ['a number in YAML that is none', 'a: .inf', YAML],
  ])('cannot be replaced by %s', async (_what, body, headers) => {
    const draft = await admins.draft('ann');
    const before = await admins.get(draft);
    const reply = await admins.send('ann', 'PUT', `/drafts/${draft.id}/document`, {
      edit: 1,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    expectRefusal(reply, 400, 'invalid_request');
    expect(await admins.get(draft)).toEqual(before);
  });

  test.each([
    ['a member of every object', [{ op: 'add', path: '/toString/call', value: 1 }]],
    ['a method of every list', [{ op: 'add', path: '/purposes/map/call', value: 1 }]],
    ['the prototype of all objects', [{ op: 'add', path: '/__proto__/polluted', value: 1 }]],
    ['the constructor', [{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }]],
    ['an index past the end', [{ op: 'add', path: '/purposes/999', value: {} }]],
    ['a list at what is no index', [{ op: 'add', path: '/purposes/first', value: {} }]],
    ['a pointer that is none', [{ op: 'add', path: 'purposes', value: [] }]],
    ['the whole document away', [{ op: 'remove', path: '' }]],
    [
      'something after a test that fails',
      [
        { op: 'replace', path: '/unknown_regime', value: 'UK' },
        { op: 'test', path: '/schema', value: 2 },
      ],
    ],
    [
      'copies of copies without end',
      Array.from({ length: 30 }, (_, at) => ({
        op: 'copy',
        from: '/purposes',
        path: `/purposes/${at}`,
      })),
    ],
    ['an operation that is none', [{ op: 'merge', path: '/schema', value: 1 }]],
    ['an operation without its value', [{ op: 'add', path: '/schema' }]],
    [
      'more operations than one may send',
      Array.from({ length: 501 }, () => ({
        op: 'test',
        path: '/schema',
        value: 1,
      })),
    ],
  ])('cannot be patched at %s, and nothing is', async (_what, operations) => {
    const draft = await admins.draft('ann');
    const before = await admins.get(draft);
    expectRefusal(await admins.patch('ann', draft, operations), 400, 'invalid_request');
    expect(await admins.get(draft)).toEqual(before);
    // whatever it was that the patch reached for, the service answers as before
    expect(await research(service, 'u-nobody')).toMatchObject({ context: { reason: 'unknown_user' } });
  });

  test('has a message that can be kept', async () => {
    for (const message of ['', 'a\u0000b', 'x'.repeat(2_001), 1])
      expectRefusal(
        await admins.send('ann', 'POST', '/drafts', { body: { message } }),
        400,
        'invalid_request',
      );
  });

  test('that is published or discarded takes nothing more', async () => {
    const published = await admins.draft('ann', narrowing());
    ok(await admins.publish('ann', published));
    const discarded = await admins.draft('ann', WIDENING);
    ok(await admins.send('bob', 'DELETE', `/drafts/${discarded.id}`, { edit: discarded.edit }));
    for (const [draft, status] of [
      [published, 'published'],
      [discarded, 'discarded'],
    ] as const) {
      const { id, edit } = draft;
      for (const reply of [
        await admins.patch('ann', draft, WIDENING),
        await admins.send('ann', 'PUT', `/drafts/${id}/document`, { edit, body: {} }),
        await admins.send('ann', 'POST', `/drafts/${id}/rebase`, { edit }),
        await admins.approve('cat', draft),
        await admins.publish('ann', draft),
        await admins.publish('ann', draft, { publish_at: '2099-01-01T00:00:00Z' }),
        await admins.send('ann', 'DELETE', `/drafts/${id}/publication`, { edit }),
        await admins.send('ann', 'DELETE', `/drafts/${id}`, { edit }),
      ])
        expectRefusal(reply, 409, 'draft_ended');
      expect(await admins.get(draft)).toMatchObject({ status, edit });
    }
  });
});

describe('the check and the impact of a draft', () => {
  test('count what was looked at, and say in words what changes', async () => {
    const draft = await admins.draft('ann', narrowing());
    const check = await admins.check(draft);
    expect(check).toMatchObject({
      compiles: true,
      errors: [],
      floor: { holds: true, own: { holds: true, violations: [] }, of_base: { holds: true }, changes: [] },
      difference: { widens: false, narrows: true, cells_opened: 0 },
      requirements: { approvals_needed: 0, approvals_given: 0, role: null, notices_to_name: [] },
    });
    expect(numberAt(check, 'floor', 'own', 'cells_examined')).toBeGreaterThan(100_000);
    expect(numberAt(check, 'difference', 'cells_closed')).toBeGreaterThan(0);
    const changes = listAt(check, 'difference', 'changes');
    expect(changes.map((change) => textAt(change, 'says'))).toEqual([
      expect.stringMatching(/^`research` may no longer read `\S+` of /),
    ]);
  });

  test('a floor that is crossed comes with a user for whom it is', async () => {
    const draft = await admins.draft('ann', [
      { op: 'replace', path: `${METADATA}/category`, value: 'engagement' },
    ]);
    const check = await admins.check(draft);
    expect(check).toMatchObject({ floor: { holds: false, own: { holds: true }, of_base: { holds: false } } });
    expect(listAt(check, 'floor', 'changes').join()).toContain('message.metadata');
    const violations = listAt(check, 'floor', 'of_base', 'violations');
    expect(violations.map((violation) => valueAt(violation, 'purpose'))).toEqual(
      expect.arrayContaining(['ads.inferred', 'ai', 'research']),
    );
    for (const violation of violations)
      expect(violation).toMatchObject({
        says: expect.stringContaining('forbids'),
        category: 'private_message',
        counterexample: { field: 'message.metadata', regime: expect.any(String), user: expect.any(Object) },
      });
    expect(valueAt(check, 'requirements')).toMatchObject({ approvals_needed: 2, role: 'privacy_officer' });
  });

  test('lints tell what compiles and is odd all the same', async () => {
    const draft = await admins.draft('ann', [{ op: 'replace', path: `${RESEARCH}/description`, value: ' ' }]);
    const check = await admins.check(draft);
    const said = [
      ...listAt(check, 'errors'),
      ...(valueAt(check, 'lints') === undefined ? [] : listAt(check, 'lints')),
    ];
    expect(said.map((one) => textAt(one, 'message')).join()).toContain('research');
  });

  test('the impact counts the users that there are; their ids are for privacy officers', async () => {
    const users = ['u-impact-1', 'u-impact-2', 'u-impact-3'];
    for (const user of users) await people.register(user, 'DE');
    await people.register('u-impact-uk', 'GB');
    await people.register('u-impact-out', 'DE');
    await people.choose('u-impact-out', 'research', 'denied');
    const draft = await admins.draft('ann', [
      { op: 'replace', path: `${RESEARCH}/settings/EU_EEA_CH`, value: 'never' },
    ]);
    const address = `/drafts/${draft.id}/impact`;
    const impact = ok(await admins.send('auditor', 'GET', address));
    expect(impact).toMatchObject({ opened: { users: 0 }, closed: { users: 3 }, concerned: 3 });
    const [entry, ...others] = listAt(impact, 'by_purpose');
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      purpose: 'research',
      regime_before: 'EU_EEA_CH',
      regime_after: 'EU_EEA_CH',
      closed: { users: 3 },
      samples: { opened: [], closed: [] },
    });
    expect(numberAt(entry, 'closed', 'user_fields') % 3).toBe(0);
    for (const who of ['ann', 'auditor', 'reader', 'pipeline'] as const) {
      const refused = await admins.send(who, 'GET', `${address}?samples=1`);
      expectRefusal(refused, 403, 'caller_not_allowed');
      expect(JSON.stringify(refused.body)).not.toContain('u-impact');
    }
    const samples = await admins.send('oda', 'GET', `${address}?samples=20`);
    const closedFor = listAt(ok(samples), 'by_purpose', 0, 'samples', 'closed');
    expect(new Set(closedFor)).toEqual(new Set(users));
    for (const odd of ['21', '-1', 'x', '1.5', ''])
      expectRefusal(await admins.send('oda', 'GET', `${address}?samples=${odd}`), 400, 'invalid_request');
  });
});

describe('what only narrows', () => {
  test('is published by one admin, and the very next decision rests on it', async () => {
    await people.register('u-next', 'US-NY');
    const [operation] = narrowing();
    const field = CLOSABLE[closed - 1]?.id ?? '';
    const before = await research(service, 'u-next', field);
    expect(before).toMatchObject({ decision: true, context: { policy: await inForce() } });
    const draft = await admins.draft('ann', operation === undefined ? [] : [operation]);
    const publication = ok(await admins.publish('ann', draft));
    expect(publication).toMatchObject({ version: draft.content, by: 'ann', draft: draft.id, approvals: [] });
    expect(await research(service, 'u-next', field)).toMatchObject({
      decision: false,
      context: { policy: draft.content, reason: 'field_prohibited' },
    });
    const stored = ok(await admins.send('ann', 'GET', `/${draft.content}`));
    expect(stored).toMatchObject({
      authors: ['ann'],
      message: 'a test',
      parent: valueAt(before, 'context', 'policy'),
    });
  });

  test('that says nothing new is not published', async () => {
    const draft = await admins.draft('ann');
    expectRefusal(await admins.publish('ann', draft), 409, 'nothing_to_publish');
    expectRefusal(await admins.approve('bob', draft), 409, 'nothing_to_publish');
    const current = await inForce();
    const rolled = await admins.send('ann', 'POST', `/${current}/rollback`, { body: { message: 'again' } });
    expectRefusal(rolled, 409, 'nothing_to_publish');
  });

  test('waits for a rebase when another version has come into force', async () => {
    const draft = await admins.draft('ann', narrowing());
    ok(await admins.approve('bob', draft));
    const other = await publishNarrowing();
    expectRefusal(await admins.publish('ann', draft), 409, 'draft_outdated');
    // a rebase would void it
    expectRefusal(await admins.approve('dan', draft), 409, 'draft_outdated');
    const rebased = ok(await admins.send('cat', 'POST', `/drafts/${draft.id}/rebase`, { edit: draft.edit }));
    expect(rebased).toMatchObject({
      base: other,
      content: draft.content,
      approvals: [],
      authors: ['ann', 'cat'],
    });
    // what only narrowed the old version opens again what the other closed
    expectRefusal(await admins.publish('ann', seenIn(rebased)), 409, 'approvals_missing');
  });
});

describe('what widens', () => {
  test('is not approved by whoever looked at what it did before a rebase, though its content is the same', async () => {
    const seen = await admins.draft('ann', narrowing());
    await publishNarrowing();
    const rebased = seenIn(
      ok(await admins.send('ann', 'POST', `/drafts/${seen.id}/rebase`, { edit: seen.edit })),
    );
    expect(rebased.content).toBe(seen.content);
    for (const who of ['cat', 'dan'] as const)
      expectRefusal(await admins.approve(who, seen), 412, 'draft_edited');
    expect(await admins.get(rebased)).toMatchObject({ approvals: [] });
    expectRefusal(await admins.publish('ann', rebased), 409, 'approvals_missing');
    for (const who of ['cat', 'dan'] as const) ok(await admins.approve(who, rebased));
    expect(await admins.check(rebased)).toMatchObject({ requirements: { approvals_given: 2 } });
  });

  test('takes the approval of two who did not write on it', async () => {
    const drafted = await admins.draft('ann', WIDENING);
    const draft = seenIn(ok(await admins.patch('bob', drafted, narrowing())));
    const missing = async () => expectRefusal(await admins.publish('ann', draft), 409, 'approvals_missing');
    await missing();
    for (const author of ['ann', 'bob'] as const)
      expectRefusal(await admins.approve(author, draft), 403, 'caller_not_allowed');
    for (const other of ['service', 'reader', 'pipeline', 'auditor', 'nobody', 'user'] as const)
      expectRefusal(await admins.approve(other, draft), 403, 'caller_not_allowed');
    for (let twice = 0; twice < 2; twice++) ok(await admins.approve('cat', draft));
    expect(await admins.check(draft)).toMatchObject({
      requirements: { approvals_needed: 2, approvals_given: 1, role: null },
    });
    await missing();
    expectRefusal(await admins.approve('dan', { ...draft, content: drafted.id }), 400, 'invalid_request');
    expectRefusal(
      await admins.approve('dan', { ...draft, content: `sha256:${'0'.repeat(64)}` }),
      412,
      'draft_edited',
    );
    await missing();
    ok(await admins.approve('dan', draft));
    for (const other of ['service', 'pipeline', 'auditor', 'nobody', 'user'] as const)
      expectRefusal(await admins.publish(other, draft), 403, 'caller_not_allowed');
    const publication = ok(await admins.publish('ann', draft));
    expect(listAt(publication, 'approvals').map((approval) => valueAt(approval, 'by'))).toEqual([
      'cat',
      'dan',
    ]);
    expect(await inForce()).toBe(draft.content);
    await roll(valueAt(ok(await admins.send('ann', 'GET', `/${draft.content}`)), 'parent'));
  });

  test('counts nobody twice who comes in another spelling, and nobody who publishes', async () => {
    const draft = await admins.draft('ann', WIDENING);
    const approveAs = async (sub: string) =>
      service.request('POST', `/v1/policies/drafts/${draft.id}/approvals`, {
        token: await service.token({ sub, roles: ['policy_admin'] }),
        headers: { 'if-match': `"${draft.edit}"` },
        body: { content: draft.content },
      });
    for (const author of ['Ann', 'ANN']) expectRefusal(await approveAs(author), 403, 'caller_not_allowed');
    for (const one of ['cat', 'Cat', 'CAT']) ok(await approveAs(one));
    expect(await admins.check(draft)).toMatchObject({ requirements: { approvals_given: 1 } });
    expectRefusal(await admins.publish('ann', draft), 409, 'approvals_missing');
    ok(await approveAs('Dan'));
    for (const approver of ['cat', 'dan'] as const) {
      const refused = await admins.publish(approver, draft);
      expectRefusal(refused, 409, 'approvals_missing');
      expect(textAt(refused.body, 'detail')).toContain('it has 1 without your own: ask others for theirs');
    }
    ok(await admins.publish('ann', draft));
    await roll(valueAt(ok(await admins.send('ann', 'GET', `/${draft.content}`)), 'parent'));
  });

  test('keeps its approvals where nothing changes: an empty patch, the same document, a rebase on the same version', async () => {
    const draft = await admins.draft('ann', widening());
    for (const who of ['cat', 'dan'] as const) ok(await admins.approve(who, draft));
    const before = await admins.get(draft);
    const { id, edit } = draft;
    const title = `Research ${retitled}`;
    for (const same of [
      () => admins.patch('bob', draft, []),
      () => admins.patch('bob', draft, [{ op: 'replace', path: `${RESEARCH}/title`, value: title }]),
      () => admins.send('bob', 'PUT', `/drafts/${id}/document`, { edit, body: valueAt(before, 'document') }),
      () => admins.send('bob', 'POST', `/drafts/${id}/rebase`, { edit }),
    ]) {
      const reply = await same();
      expect(ok(reply)).toEqual(before);
      expect(reply.headers.get('etag')).toBe(`"${edit}"`);
    }
    const other = await admins.patch('bob', draft, narrowing());
    expect(ok(other)).toMatchObject({ edit: edit + 1, approvals: [], authors: ['ann', 'bob'] });
  });

  test('has its approvals voided by an edit, and editing back brings none of them back', async () => {
    const draft = await admins.draft('ann', WIDENING);
    for (const who of ['cat', 'dan'] as const) ok(await admins.approve(who, draft));
    const title = REFERENCE.purposes.find(({ id }) => id === 'research')?.title;
    const away = ok(
      await admins.patch('ann', draft, [{ op: 'replace', path: `${RESEARCH}/title`, value: 'x' }]),
    );
    expect(away).toMatchObject({ approvals: [] });
    const back = ok(
      await admins.patch('ann', seenIn(away), [{ op: 'replace', path: `${RESEARCH}/title`, value: title }]),
    );
    expect(back).toMatchObject({ approvals: [], content: draft.content });
    expectRefusal(await admins.publish('ann', draft), 412, 'draft_edited');
    expectRefusal(await admins.publish('ann', seenIn(back)), 409, 'approvals_missing');
  });
});

describe('a decline', () => {
  const REMARK = 'research must stay pseudonymous:\nask the ethics board first';

  test('keeps a draft from being published, shows who declined and why, and withdraws their approval', async () => {
    const draft = await admins.draft('ann', widening());
    for (const who of ['bob', 'cat', 'dan'] as const) ok(await admins.approve(who, draft));
    const declined = await admins.decline('cat', draft, REMARK);
    expect(declined.headers.get('etag')).toBe(`"${draft.edit}"`);
    expect(ok(declined)).toMatchObject({
      declined: 1,
      declines: [
        {
          by: 'cat',
          roles: ['policy_admin'],
          draft: draft.id,
          edit: draft.edit,
          content: draft.content,
          remark: REMARK,
          lifted_at: null,
          stands: true,
        },
      ],
    });
    expect(listAt(declined.body, 'approvals').map((approval) => valueAt(approval, 'by'))).toEqual([
      'bob',
      'dan',
    ]);
    const listed = listAt(ok(await admins.send('auditor', 'GET', '/drafts')), 'drafts');
    expect(listed.find((one) => valueAt(one, 'id') === draft.id)).toMatchObject({ declined: 1 });
    const check = await admins.check(draft);
    expect(check).toMatchObject({ requirements: { approvals_given: 2, declined: 1 } });

    for (const body of [{}, { publish_at: '2099-01-01T00:00:00Z' }]) {
      const refused = await admins.publish('ann', draft, body);
      expectRefusal(refused, 409, 'draft_declined');
      expect(textAt(refused.body, 'detail')).toContain(
        `it was declined by \`cat\` with the remark \`${REMARK}\``,
      );
    }
  });

  test('is lifted by the approval of the one who gave it, and the draft tells of both', async () => {
    const draft = await admins.draft('ann', narrowing());
    ok(await admins.decline('cat', draft, 'no'));
    ok(await admins.decline('cat', draft, 'no, and this is why'));
    ok(await admins.approve('dan', draft));
    expectRefusal(await admins.publish('ann', draft), 409, 'draft_declined');
    const approved = ok(await admins.approve('cat', draft));
    expect(approved).toMatchObject({ declined: 0 });
    expect(
      listAt(approved, 'declines').map((decline) => [
        valueAt(decline, 'remark'),
        valueAt(decline, 'stands'),
        typeof valueAt(decline, 'lifted_at'),
      ]),
    ).toEqual([
      ['no', false, 'string'],
      ['no, and this is why', false, 'string'],
    ]);
    ok(await admins.publish('ann', draft));
    expect(await admins.get(draft)).toMatchObject({ declines: [{ by: 'cat' }, { by: 'cat' }] });
  });

  test('is of what was read: an edit ends it, and one that changes nothing, or back, does not', async () => {
    const draft = await admins.draft('ann', widening());
    ok(await admins.decline('cat', draft, REMARK));
    const patch = async (seen: SeenDraft, value: string) =>
      seenIn(ok(await admins.patch('ann', seen, [{ op: 'replace', path: `${RESEARCH}/title`, value }])));
    const title = `Research ${retitled}`;
    const same = await patch(draft, title);
    expectRefusal(await admins.publish('ann', same), 409, 'draft_declined');
    const rebased = seenIn(
      ok(await admins.send('ann', 'POST', `/drafts/${draft.id}/rebase`, { edit: same.edit })),
    );
    expectRefusal(await admins.publish('ann', rebased), 409, 'draft_declined');
    const other = await patch(rebased, 'Other research');
    expectRefusal(await admins.publish('ann', other), 409, 'approvals_missing');
    expect(await admins.get(other)).toMatchObject({
      declined: 0,
      declines: [{ remark: REMARK, edit: draft.edit, stands: false }],
    });
    expectRefusal(await admins.publish('ann', await patch(other, title)), 409, 'draft_declined');
  });

  test('is of the content in whatever draft: a second one that says the same is told, and is lifted with the first', async () => {
    const operations = narrowing();
    const draft = await admins.draft('pipeline', operations);
    ok(await admins.decline('cat', draft, REMARK));
    const twin = await admins.draft('pipeline', operations);
    expect(twin.content).toBe(draft.content);
    expect(await admins.get(twin)).toMatchObject({
      declined: 1,
      declines: [{ by: 'cat', draft: draft.id, stands: true }],
    });
    expect(await admins.check(twin)).toMatchObject({ requirements: { declined: 1 } });
    const refused = await admins.publish('ann', twin);
    expectRefusal(refused, 409, 'draft_declined');
    expect(textAt(refused.body, 'detail')).toContain(
      `by \`cat\` with the remark \`${REMARK}\` in the draft \`${draft.id}\`, which says the same`,
    );
    ok(await admins.send('ann', 'DELETE', `/drafts/${draft.id}`, { edit: draft.edit }));
    expectRefusal(await admins.publish('ann', twin), 409, 'draft_declined');

    const other = seenIn(ok(await admins.patch('pipeline', twin, narrowing())));
    expect(await admins.get(other)).toMatchObject({ declined: 0, declines: [] });
    const third = await admins.draft('pipeline', operations);
    expect(ok(await admins.approve('cat', third))).toMatchObject({
      declined: 0,
      declines: [{ stands: false }],
    });
    ok(await admins.publish('ann', third));
  });

  test('is for those who may approve, of what they looked at and did not write', async () => {
    const drafted = await admins.draft('ann', WIDENING);
    const draft = seenIn(ok(await admins.patch('bob', drafted, narrowing())));
    for (const author of ['ann', 'bob'] as const) {
      const refused = await admins.decline(author, draft, 'no');
      expectRefusal(refused, 403, 'caller_not_allowed');
      expect(textAt(refused.body, 'detail')).toContain('edit it, or discard it');
    }
    for (const other of ['service', 'reader', 'pipeline', 'auditor', 'nobody', 'user'] as const)
      expectRefusal(await admins.decline(other, draft, 'no'), 403, 'caller_not_allowed');
    const content = `sha256:${'0'.repeat(64)}`;
    expectRefusal(await admins.decline('cat', { ...draft, content }, 'no'), 412, 'draft_edited');
    expectRefusal(await admins.decline('cat', drafted, 'no'), 412, 'draft_edited');
    const body = { content: draft.content, remark: 'no' };
    expectRefusal(
      await admins.send('cat', 'POST', `/drafts/${draft.id}/declines`, { body }),
      428,
      'draft_edit_not_named',
    );
    ok(await admins.send('ann', 'DELETE', `/drafts/${draft.id}`, { edit: draft.edit }));
    expectRefusal(await admins.decline('cat', draft, 'no'), 409, 'draft_ended');
    expect(await admins.get(draft)).toMatchObject({ declined: 0, declines: [] });
  });

  test('has a remark that can be read', async () => {
    const draft = await admins.draft('ann', narrowing());
    for (const remark of [
      undefined,
      7,
      '',
      ' \n ',
      '\u00a0',
      'nul\0',
      'bell\u0007',
      'tab\t',
      'zero\u200bwidth',
      'turned\u202eround',
      '\ufeff',
      'line\u2028',
      'half \ud83d',
      'lost \ufffd',
      'x'.repeat(2_001),
      `${'x'.repeat(100_000)}\0`,
    ]) {
      const refused = await admins.decline('cat', draft, remark);
      expectRefusal(refused, 400, 'invalid_request');
      expect(textAt(refused.body, 'detail')).toContain('`remark`');
    }
    expect(await admins.get(draft)).toMatchObject({ declines: [] });
    for (const remark of ['nein: „Größe“ 日本語 👎', '  two\r\n\n lines ', 'x'.repeat(2_000)]) {
      const { body } = await admins.decline('cat', draft, remark);
      expect(valueAt(listAt(body, 'declines').at(-1), 'remark')).toBe(remark);
    }
  });

  test('that comes before the time of a publication refuses it then, and the draft says why', async () => {
    const draft = await admins.draft('ann', narrowing());
    const before = await inForce();
    ok(await admins.publish('ann', draft, { publish_at: new Date(Date.now() + SOON_MS).toISOString() }));
    expect(ok(await admins.decline('cat', draft, REMARK))).toMatchObject({ status: 'scheduled' });
    await expect.poll(async () => textAt(await admins.get(draft), 'status'), { interval: 50 }).toBe('open');
    expect(textAt(await admins.get(draft), 'refusal')).toContain(`\`cat\` with the remark \`${REMARK}\``);
    expect(await inForce()).toBe(before);
  });
});

/** Puts an old version in force again, with whatever approvals it takes. */
async function roll(id: unknown): Promise<void> {
  const rolled = ok(
    await admins.send('ann', 'POST', `/${String(id)}/rollback`, { body: { message: 'back' } }),
  );
  if (valueAt(rolled, 'publication') !== undefined) return;
  const draft = seenIn(valueAt(rolled, 'draft'));
  for (const who of ['oda', 'olaf'] as const) ok(await admins.approve(who, draft));
  ok(await admins.publish('ann', draft));
}

describe('what was said of a draft', () => {
  test('is withdrawn by the one who said it alone, and a decline by no approval', async () => {
    const draft = await admins.draft('ann', widening());
    const at = (what: string) => `/drafts/${draft.id}/${what}`;
    for (const who of ['bob', 'cat'] as const) ok(await admins.approve(who, draft));
    const { edit } = draft;
    // nothing of theirs is there, so nothing changes
    const before = await admins.get(draft);
    for (const who of ['ann', 'dan'] as const) {
      expect(ok(await admins.send(who, 'DELETE', at('approvals'), { edit }))).toEqual(before);
      expect(ok(await admins.send(who, 'DELETE', at('declines'), { edit }))).toEqual(before);
    }
    expectRefusal(await admins.send('cat', 'DELETE', at('approvals')), 428, 'draft_edit_not_named');
    const stale = await admins.send('cat', 'DELETE', at('approvals'), { edit: edit - 1 });
    expectRefusal(stale, 412, 'draft_edited');
    for (const who of ['auditor', 'pipeline', 'user'] as const)
      for (const what of ['approvals', 'declines'])
        expectRefusal(await admins.send(who, 'DELETE', at(what), { edit }), 403, 'caller_not_allowed');

    const withdrawn = await admins.send('cat', 'DELETE', at('approvals'), { edit });
    expect(withdrawn.headers.get('etag')).toBe(`"${edit}"`);
    expect(listAt(ok(withdrawn), 'approvals').map((one) => valueAt(one, 'by'))).toEqual(['bob']);
    expectRefusal(await admins.publish('ann', draft), 409, 'approvals_missing');

    ok(await admins.decline('dan', draft, 'not yet'));
    const lifted = ok(await admins.send('dan', 'DELETE', at('declines'), { edit }));
    expect(lifted).toMatchObject({ declined: 0, declines: [{ by: 'dan', stands: false }] });
    expect(listAt(lifted, 'approvals').map((one) => valueAt(one, 'by'))).toEqual(['bob']);
    expectRefusal(await admins.publish('ann', draft), 409, 'approvals_missing');
    ok(await admins.send('ann', 'DELETE', `/drafts/${draft.id}`, { edit }));
    expectRefusal(await admins.send('bob', 'DELETE', at('approvals'), { edit }), 409, 'draft_ended');
  });
});

describe('a change of the floor', () => {
  test('takes two privacy officers, and with no wait comes into force at once, up and down', async () => {
    const start = await inForce();
    for (const operations of [LOWERING, RAISING]) {
      const draft = await admins.draft('ann', operations);
      for (const who of ['bob', 'cat', 'dan'] as const) {
        const uncounted = await admins.approve(who, draft);
        expectRefusal(uncounted, 403, 'caller_not_allowed');
        expect(textAt(uncounted.body, 'detail')).toContain(
          'only the approval of admins with the role `privacy_officer` counts',
        );
      }
      expect(listAt(ok(await admins.approve('oda', draft)), 'approvals')).toHaveLength(1);
      const refused = await admins.publish('ann', draft);
      expectRefusal(refused, 409, 'approvals_missing');
      expect(textAt(refused.body, 'detail')).toContain('privacy_officer');
      ok(await admins.approve('olaf', draft));
      const publication = ok(await admins.publish('ann', draft));
      expect(listAt(publication, 'approvals').map((approval) => valueAt(approval, 'by'))).toEqual([
        'oda',
        'olaf',
      ]);
    }
    expect(await inForce()).toBe(start);
  });

  test('waits as long as the configuration says, from the second approval on', LONG_RUN, async () => {
    const waiting = await startService({ FLOOR_WAIT_MINUTES: '60' });
    try {
      const there = await adminsOf(waiting);
      const draft = await there.draft('ann', LOWERING);
      for (const who of ['oda', 'olaf'] as const) ok(await there.approve(who, draft));
      const approved = listAt(await there.get(draft), 'approvals').map((one) =>
        Date.parse(textAt(one, 'at')),
      );
      const ready = Math.max(...approved) + 3_600_000;
      expect(await there.check(draft)).toMatchObject({
        requirements: { approvals_given: 2, ready_at: new Date(ready).toISOString() },
      });
      // a third approval must not put it off
      ok(await there.approve('otto', draft));
      const at = (ms: number) => ({ publish_at: new Date(ms).toISOString() });
      expectRefusal(await there.publish('ann', draft), 409, 'floor_waits');
      expectRefusal(await there.publish('ann', draft, at(ready - 1)), 409, 'floor_waits');
      expectRefusal(await there.publish('ann', draft, at(Date.UTC(2000, 0, 1))), 409, 'floor_waits');
      expect(await there.get(draft)).toMatchObject({ status: 'open' });
      const scheduled = ok(await there.publish('ann', draft, at(ready)));
      expect(scheduled).toMatchObject({ status: 'scheduled', ...at(ready) });
      expect(await there.current()).not.toBe(draft.content);
    } finally {
      await waiting.stop();
    }
  });
});

describe('a change of the terms of an opt-in', () => {
  const rename = (title: string) => ({ op: 'replace', path: `${INFERRED}/title`, value: title });

  test('takes two people and a higher notice, which the publisher names', async () => {
    const draft = await admins.draft('ann', [rename('Ads from what you do')]);
    const check = await admins.check(draft);
    expect(check).toMatchObject({
      difference: { widens: false, narrows: false },
      requirements: {
        approvals_needed: 2,
        notices_to_name: ['ads.inferred'],
        notices_to_raise: [{ purpose: 'ads.inferred', at_least: 2 }],
        notices: { 'ads.inferred': 2 },
      },
    });
    expect(listAt(check, 'difference', 'rewrites').map((one) => textAt(one, 'says'))).toEqual([
      expect.stringMatching(
        /^`title` of the purpose `ads\.inferred` changes from ".+" to "Ads from what you do"$/,
      ),
    ]);
    // whatever is approved now, the edit that it still takes would void
    for (const reply of [
      await admins.approve('bob', draft),
      await admins.publish('ann', draft),
      await admins.publish('ann', draft, { notices: { 'ads.inferred': 1 } }),
    ]) {
      expectRefusal(reply, 409, 'notice_not_raised');
      expect(textAt(reply.body, 'detail')).toContain('to 2 or higher, as in `"notice": 2`');
    }
    expect(await admins.get(draft)).toMatchObject({ approvals: [] });

    const raised = seenIn(
      ok(await admins.patch('ann', draft, [{ op: 'replace', path: `${INFERRED}/notice`, value: 2 }])),
    );
    const notices = { 'ads.inferred': 2 };
    expect(await admins.check(raised)).toMatchObject({ requirements: { notices_to_raise: [], notices } });
    expectRefusal(await admins.publish('ann', raised, { notices }), 409, 'approvals_missing');
    for (const who of ['bob', 'cat'] as const) ok(await admins.approve(who, raised));
    for (const other of [undefined, { 'ads.inferred': 3 }, { ads: 1 }]) {
      const misnamed = await admins.publish('ann', raised, other === undefined ? {} : { notices: other });
      expectRefusal(misnamed, 409, 'notice_not_named');
      expect(misnamed.body).toMatchObject({
        detail: expect.stringContaining('as in `{"notices":{"ads.inferred":2}}`'),
        member: '/notices/ads.inferred',
      });
    }
    for (const [more, said] of [
      [{ 'ads.infered': 2 }, 'the draft has no purpose `ads.infered`: did you mean `ads.inferred`?'],
      [{ nothing: 2 }, 'the draft has no purpose `nothing`: leave it out'],
      [
        { ads: 2 },
        'the terms of `ads` do not change, and the draft has notice 1 for it, not 2: leave it out',
      ],
    ] as const) {
      const mistaken = await admins.publish('ann', raised, { notices: { ...notices, ...more } });
      expectRefusal(mistaken, 400, 'invalid_request');
      expect(mistaken.body).toMatchObject({ detail: expect.stringContaining(said), member: '/notices' });
    }
    for (const odd of [{ 'ads.inferred': '1' }, { 'ads.inferred': 1.5 }, { 'ads.inferred': 0 }, []])
      expectRefusal(await admins.publish('ann', raised, { notices: odd }), 400, 'invalid_request');
    // it is not published: what follows begins where this began
    ok(await admins.send('ann', 'DELETE', `/drafts/${raised.id}`, { edit: raised.edit }));
  });

  test('asks those again who granted it before, and so does a rollback to the words of before', async () => {
    const user = 'u-renamed';
    await people.register(user, 'DE');
    const token = await service.token({ sub: 'pep', purposes: ['ads.inferred'] });
    const asked = async () =>
      valueAt(
        ok(
          await service.request('POST', EVALUATION, {
            token,
            body: mayRead('ads.inferred', user, 'activity.view'),
          }),
        ),
        'context',
        'reason',
      );
    for (const purpose of ['ads.personalised', 'ads.inferred']) await people.choose(user, purpose, 'granted');
    expect(await asked()).toBe('permitted');
    const before = await inForce();
    const publish = async (draft: SeenDraft, notice: number) => {
      for (const who of ['bob', 'cat'] as const) ok(await admins.approve(who, draft));
      ok(await admins.publish('ann', draft, { notices: { 'ads.inferred': notice } }));
    };
    const raised = { op: 'add', path: `${INFERRED}/notice`, value: 2 };
    await publish(await admins.draft('ann', [rename('Ads from what you do'), raised]), 2);
    expect(await asked()).toBe('notice_outdated');
    await people.choose(user, 'ads.inferred', 'granted', 2);
    expect(await asked()).toBe('permitted');

    const rolled = await admins.send('ann', 'POST', `/${before}/rollback`, { body: { message: 'back' } });
    expect(ok(rolled)).not.toHaveProperty('publication');
    await publish(seenIn(valueAt(rolled.body, 'draft')), 3);
    // granted on other words
    expect(await asked()).toBe('notice_outdated');
  });
});

describe('a rollback', () => {
  test('that narrows is in force at once, one that widens waits for its approvals', async () => {
    const wide = await inForce();
    const narrow = await publishNarrowing();
    const back = ok(
      await admins.send('ann', 'POST', `/${wide}/rollback`, { body: { message: 'too narrow' } }),
    );
    expect(back).not.toHaveProperty('publication');
    const draft = seenIn(valueAt(back, 'draft'));
    expect(draft.content).toBe(wide);
    expectRefusal(await admins.approve('ann', draft), 403, 'caller_not_allowed');
    expectRefusal(await admins.publish('ann', draft), 409, 'approvals_missing');
    expect(await inForce()).toBe(narrow);
    for (const who of ['bob', 'cat'] as const) ok(await admins.approve(who, draft));
    expect(ok(await admins.publish('ann', draft))).toMatchObject({ version: wide });

    const again = ok(
      await admins.send('bob', 'POST', `/${narrow}/rollback`, { body: { message: 'after all' } }),
    );
    expect(again).toMatchObject({
      draft: { status: 'published' },
      publication: { version: narrow, by: 'bob' },
    });
    expect(await inForce()).toBe(narrow);
    const { publications } = Object.fromEntries(membersOf(ok(await admins.send('ann', 'GET', ''))));
    expect(
      listAt(publications)
        .slice(0, 3)
        .map((one) => valueAt(one, 'version')),
    ).toEqual([narrow, wide, narrow]);
  });

  test('goes by the message it is given, and not by that of a draft of the same', async () => {
    const wide = await inForce();
    const narrow = await publishNarrowing();
    const back = async (id: string, message: string) =>
      ok(await admins.send('ann', 'POST', `/${id}/rollback`, { body: { message } }));
    const wanted = await back(wide, 'too narrow');
    expect(await back(wide, 'too narrow')).toEqual(wanted);
    const draft = seenIn(valueAt(await back(wide, 'it hides too much'), 'draft'));
    expect(await admins.get(draft)).toMatchObject({ message: 'it hides too much' });
    for (const who of ['bob', 'cat'] as const) ok(await admins.approve(who, draft));
    ok(await admins.publish('ann', draft));

    const { document } = Object.fromEntries(membersOf(ok(await admins.send('ann', 'GET', `/${narrow}`))));
    const body = { base: 'current', document, message: 'to look at' };
    expect((await admins.send('ann', 'POST', '/drafts', { body })).status).toBe(201);
    expect(await back(narrow, 'after all')).toMatchObject({
      draft: { status: 'published', message: 'after all' },
      publication: { version: narrow },
    });
  });

  test('that is refused leaves no draft behind', async () => {
    // it closes a field to an opt-in, so that its notice is to be named
    const field = pointerTo(REFERENCE, 'fields', 'activity.view');
    const closing = await admins.draft('ann', [
      // what others have closed stays closed
      { op: 'add', path: `${field}/never`, value: ['research', 'ads.inferred'] },
    ]);
    const purposes = listAt(await admins.get(closing), 'document', 'purposes');
    const notice = numberAt(
      purposes.find((purpose) => valueAt(purpose, 'id') === 'ads.inferred'),
      'notice',
    );
    const notices = { 'ads.inferred': notice };
    ok(await admins.publish('ann', closing, { notices }));
    const narrow = await inForce();
    const opening = await admins.draft('ann', [
      { op: 'remove', path: `${field}/never` },
      { op: 'replace', path: `${INFERRED}/notice`, value: notice + 1 },
    ]);
    for (const who of ['bob', 'cat'] as const) ok(await admins.approve(who, opening));
    ok(await admins.publish('ann', opening, { notices: { 'ads.inferred': notice + 1 } }));
    const open = async () =>
      listAt(ok(await admins.send('ann', 'GET', '/drafts?limit=100')), 'drafts').filter(
        (draft) => valueAt(draft, 'status') === 'open',
      ).length;
    const count = await open();
    const back = (body: object) => admins.send('ann', 'POST', `/${narrow}/rollback`, { body });
    expectRefusal(await back({ message: 'back' }), 409, 'notice_not_named');
    expect(await open()).toBe(count);
    const rolled = ok(await back({ message: 'back', notices: { 'ads.inferred': notice + 1 } }));
    expect(textAt(rolled, 'publication', 'version')).toBe(await inForce());
    const version = ok(await admins.send('ann', 'GET', '/current'));
    expect(valueAt(version, 'document', ...field.slice(1).split('/'), 'never')).toEqual([
      'research',
      'ads.inferred',
    ]);
    // what grants are given on from now on is what they were given on before
    expect(valueAt(version, 'document', ...INFERRED.slice(1).split('/'), 'notice')).toBe(notice + 1);
  });
});

describe('a publication at a time', () => {
  const soon = () => new Date(Date.now() + SOON_MS).toISOString();

  test('comes into force then, and not before', async () => {
    const draft = await admins.draft('ann', narrowing());
    const before = await inForce();
    const at = soon();
    expect(ok(await admins.publish('bob', draft, { publish_at: at }))).toMatchObject({
      status: 'scheduled',
      publish_at: at,
    });
    expectRefusal(await admins.patch('ann', draft, WIDENING), 409, 'draft_ended');
    // read before the clock: who is slow may find it in force by then
    const read = await inForce();
    if (Date.now() < Date.parse(at)) expect(read).toBe(before);
    await expect.poll(() => inForce(), { interval: 50 }).toBe(draft.content);
    expect(await admins.get(draft)).toMatchObject({ status: 'published', publish_at: null });
    const [latest] = listAt(ok(await admins.send('ann', 'GET', '')), 'publications');
    expect(latest).toMatchObject({ version: draft.content, by: 'bob', draft: draft.id });
    expect(Date.parse(textAt(latest, 'at'))).toBeGreaterThanOrEqual(Date.parse(at));
  });

  test('can be taken back, and the draft is open again with its approvals', async () => {
    const draft = await admins.draft('ann', WIDENING);
    for (const who of ['cat', 'dan'] as const) ok(await admins.approve(who, draft));
    ok(await admins.publish('ann', draft, { publish_at: soon() }));
    const taken = ok(
      await admins.send('bob', 'DELETE', `/drafts/${draft.id}/publication`, { edit: draft.edit }),
    );
    expect(taken).toMatchObject({ status: 'open', publish_at: null });
    expect(listAt(taken, 'approvals')).toHaveLength(2);
    const before = await inForce();
    // a later publication is through: the time of the one that was taken back has passed
    const marker = await admins.draft('ann', narrowing());
    ok(await admins.publish('ann', marker, { publish_at: soon() }));
    await expect.poll(() => inForce(), { interval: 50 }).toBe(marker.content);
    expect(before).not.toBe(draft.content);
    expect(await admins.get(draft)).toMatchObject({ status: 'open' });
  });

  test('can be discarded with its draft', async () => {
    const draft = await admins.draft('ann', narrowing());
    ok(await admins.publish('ann', draft, { publish_at: '2099-01-01T00:00:00Z' }));
    ok(await admins.send('ann', 'DELETE', `/drafts/${draft.id}`, { edit: draft.edit }));
    expect(await admins.get(draft)).toMatchObject({ status: 'discarded', publish_at: null });
  });

  test('is refused when another version came into force before it, and the draft says why', async () => {
    const draft = await admins.draft('ann', narrowing());
    ok(await admins.publish('ann', draft, { publish_at: soon() }));
    const other = await publishNarrowing();
    await expect.poll(async () => textAt(await admins.get(draft), 'status'), { interval: 50 }).toBe('open');
    expect(textAt(await admins.get(draft), 'refusal')).toContain('rebase');
    expect(await inForce()).toBe(other);
  });

  test('at what is no time is a 400', async () => {
    const draft = await admins.draft('ann', narrowing());
    for (const at of ['tomorrow', '2099-01-01', '2099-01-01T00:00:00', '2099-13-01T00:00:00Z', 0])
      expectRefusal(await admins.publish('ann', draft, { publish_at: at }), 400, 'invalid_request');
  });

  test('that has passed is a 400, and nothing is published', async () => {
    const wide = await admins.draft('ann', widening());
    for (const who of ['cat', 'dan'] as const) ok(await admins.approve(who, wide));
    const passed = new Date(Date.now() - 3_600_000).toISOString();
    for (const draft of [await admins.draft('ann', narrowing()), wide]) {
      const refused = await admins.publish('ann', draft, { publish_at: passed });
      expectRefusal(refused, 400, 'invalid_request');
      expect(refused.body).toMatchObject({
        detail: expect.stringContaining('`publish_at` has passed'),
        member: '/publish_at',
      });
      expect(await admins.get(draft)).toMatchObject({ status: 'open' });
    }
  });
});

describe('a restart', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await newDataFolder();
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  const running = async <T>(work: (on: Service, there: Admins) => Promise<T>): Promise<T> => {
    const started = await startService({ DATA_DIR: dataDir });
    try {
      return await work(started, await adminsOf(started));
    } finally {
      expect(await started.kill('SIGTERM')).toBe(0);
    }
  };

  test('goes on with the version that was published, whatever the policy folder holds', async () => {
    const [operation] = narrowing();
    const field = CLOSABLE[closed - 1]?.id ?? '';
    const version = await running(async (on, there) => {
      const { register } = await peopleOf(on);
      await register('u-lasting', 'US-NY');
      const draft = await there.draft('ann', operation === undefined ? [] : [operation]);
      return textAt(ok(await there.publish('ann', draft)), 'version');
    });
    await running(async (on, there) => {
      expect(await there.current()).toBe(version);
      expect(await research(on, 'u-lasting', field)).toMatchObject({
        decision: false,
        context: { policy: version, reason: 'field_prohibited' },
      });
    });
  });

  test('keeps what waits for its time, and puts in force what became due meanwhile', async () => {
    const [later, due, before] = await running(async (_on, there) => {
      const late = await there.draft('ann', narrowing());
      ok(await there.publish('ann', late, { publish_at: '2099-01-01T00:00:00Z' }));
      const next = await there.draft('ann', narrowing());
      ok(await there.publish('ann', next, { publish_at: new Date(Date.now() + SOON_MS).toISOString() }));
      return [late, next, await there.current()] as const;
    });
    expect(before).not.toBe(due.content);
    // the time comes while the service is down
    await pause(SOON_MS);
    await running(async (on, there) => {
      await expect.poll(() => there.current(), { interval: 50 }).toBe(due.content);
      expect(await research(on, 'u-lasting')).toMatchObject({ context: { policy: due.content } });
      expect(await there.get(due)).toMatchObject({ status: 'published' });
      expect(await there.get(later)).toMatchObject({ status: 'scheduled' });
    });
  });

  test('is refused when the version in force was changed by hand', async () => {
    const database = await openDatabase({ dataDir });
    const { versionId: version } = await database.prisma.policyPublication.findFirstOrThrow({
      orderBy: { sequence: 'desc' },
    });
    const row = await database.prisma.policyVersion.findUniqueOrThrow({ where: { id: version } });
    const changed = row.document.replace('"Research"', '"Reserach"');
    expect(changed).not.toBe(row.document);
    await database.prisma.policyVersion.update({ where: { id: version }, data: { document: changed } });
    await database.close();
    await expect(startService({ DATA_DIR: dataDir })).rejects.toThrow(
      `the policy version \`${version}\` is kept with a content that is not its own: restore the table \`policy_version\` from a backup`,
    );
  });
});

describe('who may do what', () => {
  type Call = readonly [method: string, path: string, body?: unknown];
  const ALL_ZERO = `sha256:${'0'.repeat(64)}`;
  const READ: CallerName[] = ['ann', 'oda', 'auditor', 'reader', 'pipeline'];
  const EDIT: CallerName[] = ['ann', 'oda', 'pipeline'];
  const DECIDE: CallerName[] = ['ann', 'oda'];
  const calls = (id: string): readonly (readonly [CallerName[], Call])[] => [
    [READ, ['GET', '']],
    [READ, ['GET', '/current']],
    [READ, ['GET', '/current/rules']],
    [READ, ['GET', '/v1/lineage?field=post.text']],
    [DECIDE, ['POST', `/${ALL_ZERO}/rollback`, { message: 'back' }]],
    [READ, ['GET', '/drafts']],
    [EDIT, ['POST', '/drafts', { message: 'm', document: {} }]],
    [READ, ['GET', `/drafts/${id}`]],
    [READ, ['GET', `/drafts/${id}/check`]],
    [READ, ['GET', `/drafts/${id}/impact`]],
    [['oda'], ['GET', `/drafts/${id}/impact?samples=1`]],
    [EDIT, ['PUT', `/drafts/${id}/document`, {}]],
    [EDIT, ['PATCH', `/drafts/${id}/document`, []]],
    [EDIT, ['POST', `/drafts/${id}/rebase`]],
    [EDIT, ['DELETE', `/drafts/${id}`]],
    [DECIDE, ['POST', `/drafts/${id}/approvals`, { content: ALL_ZERO }]],
    [DECIDE, ['POST', `/drafts/${id}/declines`, { content: ALL_ZERO, remark: 'no' }]],
    [DECIDE, ['POST', `/drafts/${id}/publication`, {}]],
    [DECIDE, ['DELETE', `/drafts/${id}/publication`]],
  ];
  const WHO = ALL_CALLERS.filter((who) => !['bob', 'cat', 'dan', 'olaf', 'otto'].includes(who));

  test('each route takes those whom it is for, and tells nobody else whether a draft exists', async () => {
    const draft = await admins.draft('bob', narrowing());
    const there = calls(draft.id);
    const nowhere = calls('00000000-0000-4000-8000-000000000000');
    for (const [place, [welcome, call]] of there.entries())
      for (const who of WHO) {
        const [reply, other] = [await asked(who, call), await asked(who, nowhere[place]?.[1] ?? call)];
        const name = `${who}: ${call[0]} ${call[1]}`;
        if (welcome.includes(who)) expect([401, 403], name).not.toContain(reply.status);
        else {
          expectRefusal(reply, 403, 'caller_not_allowed');
          expect(other.body, name).toEqual(reply.body);
        }
      }
    expect(await admins.get(draft)).toMatchObject({ edit: draft.edit, status: 'open' });
  });

  /** With an If-Match that never matches, so that those who may do it change nothing. */
  function asked(who: CallerName, [method, path, body]: Call) {
    const type = method === 'PATCH' ? { 'content-type': 'application/json-patch+json' } : {};
    return admins.send(who, method, path, {
      edit: 999,
      headers: { ...type, 'x-request-id': 'the-same' },
      ...(body === undefined ? {} : { body }),
    });
  }
});
