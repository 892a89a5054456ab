/**
 * What a document would do as a draft, of which nothing is kept; and the document of a draft as YAML.
 *
 * @module-tag once
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePolicyYaml } from '../../src/policy/text/policy-writer.js';
import { REFERENCE } from '../reference-policy.js';
import {
  type Admins,
  adminsOf,
  documentInForce,
  draftOf,
  expectRefusal,
  ok,
  pointerTo,
  publishDocument,
  seenIn,
} from './admins.js';
import { peopleOf } from './people.js';
import { listAt, numberAt, textAt, valueAt } from './replies.js';
import { type Service, startService } from './service.js';

const YAML = { 'content-type': 'application/yaml' };
const TEXT = writePolicyYaml(REFERENCE);
/** The line of the text, from 1, that has this. */
const lineWith = (text: string, what: string) =>
  text.split('\n').findIndex((line) => line.includes(what)) + 1;

/** Closes research in the European Union, where somebody is. */
const CLOSED = {
  ...REFERENCE,
  purposes: REFERENCE.purposes.map((purpose) =>
    purpose.id === 'research'
      ? { ...purpose, settings: { ...purpose.settings, EU_EEA_CH: 'never' as const } }
      : purpose,
  ),
};

let service: Service;
let admins: Admins;

beforeAll(async () => {
  service = await startService();
  admins = await adminsOf(service);
  await (await peopleOf(service)).register('u-de', 'DE');
});

afterAll(() => service.stop());

/** Everything that admins could have left. */
async function left(): Promise<unknown> {
  return [
    ok(await admins.send('ann', 'GET', '/drafts')),
    ok(await admins.send('ann', 'GET', '/versions')),
    ok(await admins.send('ann', 'GET', '/publications')),
  ];
}

describe('the check of a document', () => {
  test('says what the check of a draft of it says, and leaves nothing', async () => {
    const before = await left();
    const found = ok(await admins.send('ann', 'POST', '/check', { body: CLOSED }));
    expect(await left()).toEqual(before);
    const draft = await draftOf(admins, CLOSED);
    const { draft: _id, edit: _edit, requirements, ...same } = Object(await admins.check(draft));
    const { approvals_given: _given, declined: _declined, ready_at: _ready, ...takes } = requirements;
    expect(found).toEqual({ ...same, base: await admins.current(), requirements: takes });
    ok(await admins.send('ann', 'DELETE', `/drafts/${draft.id}`, { edit: draft.edit }));
  });

  test('voids no approval and lifts no decline of what says the same', async () => {
    const draft = await draftOf(admins, CLOSED);
    ok(await admins.approve('bob', draft));
    ok(await admins.decline('cat', draft, 'no'));
    const before = await admins.get(draft);
    for (const who of ['bob', 'cat'] as const) ok(await admins.send(who, 'POST', '/check', { body: CLOSED }));
    expect(await admins.get(draft)).toEqual(before);
    ok(await admins.send('cat', 'DELETE', `/drafts/${draft.id}/declines`, { edit: draft.edit }));
    ok(await admins.send('ann', 'DELETE', `/drafts/${draft.id}`, { edit: draft.edit }));
  });

  test('is of YAML as it is of JSON, and says where in the text each lint is', async () => {
    const odd = { ...CLOSED, obligations: [...CLOSED.obligations, { id: 'unused', description: 'Odd.' }] };
    const text = writePolicyYaml(odd);
    const asJson = ok(await admins.send('ann', 'POST', '/check', { body: odd }));
    const asYaml = ok(await admins.send('ann', 'POST', '/check', { body: text, headers: YAML }));
    const placed = listAt(asYaml, 'lints');
    expect(placed.map((lint) => ({ ...Object(lint), line: undefined, column: undefined }))).toEqual(
      listAt(asJson, 'lints').map((lint) => ({ ...Object(lint), line: undefined, column: undefined })),
    );
    expect(placed.find((lint) => valueAt(lint, 'code') === 'obligation_unused')).toMatchObject({
      line: lineWith(text, '- id: unused'),
    });
    expect({ ...Object(asYaml), lints: [] }).toEqual({ ...Object(asJson), lints: [] });
    expect(JSON.stringify(asJson)).not.toContain('"line"');
  });

  test('compares with the version that is named', async () => {
    const base = await admins.current();
    const draft = await draftOf(admins, CLOSED);
    ok(await admins.publish('ann', draft));
    const checked = async (path: string) => ok(await admins.send('ann', 'POST', path, { body: CLOSED }));
    expect(await checked('/check')).toMatchObject({ base: draft.content, difference: { cells_closed: 0 } });
    const older = await checked(`/check?base=${base}`);
    expect(older).toMatchObject({ base, content: draft.content });
    expect(numberAt(older, 'difference', 'cells_closed')).toBeGreaterThan(0);
    const unknown = `/check?base=sha256:${'0'.repeat(64)}`;
    expectRefusal(await admins.send('ann', 'POST', unknown, { body: CLOSED }), 404, 'policy_not_found');
    expectRefusal(
      await admins.send('ann', 'POST', '/check?base=older', { body: CLOSED }),
      400,
      'invalid_request',
    );
    await publishDocument(admins, REFERENCE);
  });

  test('says of each error where in the document it is, and where in the text', async () => {
    const pointer = `${pointerTo(REFERENCE, 'purposes', 'ads.personalised')}/parent`;
    const text = TEXT.replace('parent: ads\n', 'parent: adds\n');
    const asYaml = await admins.send('ann', 'POST', '/check', { body: text, headers: YAML });
    const [error] = listAt(ok(asYaml), 'errors');
    const line = lineWith(text, 'parent: adds');
    const column = (text.split('\n')[line - 1]?.indexOf('parent') ?? 0) + 1;
    expect(error).toMatchObject({ pointer, line, column, message: expect.stringContaining('`adds`') });
    expect(asYaml.body).toMatchObject({ compiles: false, content: expect.stringMatching(/^sha256:/) });
    expect(valueAt(asYaml.body, 'requirements')).toBeUndefined();

    const document = { ...REFERENCE, 'a/b~c': 1 };
    const asJson = ok(await admins.send('ann', 'POST', '/check', { body: document }));
    expect(listAt(asJson, 'errors').map((one) => valueAt(one, 'pointer'))).toContain('/a~1b~0c');
  });

  test('answers a text that is no YAML with where it is none', async () => {
    const text = 'purposes:\n  - id: "ads\n';
    const found = ok(await admins.send('ann', 'POST', '/check', { body: text, headers: YAML }));
    expect(found).toMatchObject({
      content: null,
      compiles: false,
      errors: [{ path: '', pointer: '', line: expect.any(Number), column: expect.any(Number) }],
    });
  });

  test('is as bounded as a draft is', async () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    const json = { 'content-type': 'application/json' };
    for (const path of ['/check', '/impact']) {
      const nested = await admins.send('ann', 'POST', path, { body: deep, headers: json });
      expectRefusal(nested, 400, 'invalid_request');
      const large = await admins.send('ann', 'POST', path, { body: 'a'.repeat(1_100_000), headers: YAML });
      expectRefusal(large, 413, 'body_too_large');
      expectRefusal(await admins.send('ann', 'POST', path), 400, 'invalid_request');
    }
  });

  test('is for those who may write drafts: others read what they wrote', async () => {
    for (const path of ['/check', '/impact']) {
      for (const who of ['oda', 'pipeline'] as const)
        ok(await admins.send(who, 'POST', path, { body: CLOSED }));
      for (const who of ['auditor', 'reader', 'nobody', 'user', 'service'] as const)
        expectRefusal(await admins.send(who, 'POST', path, { body: CLOSED }), 403, 'caller_not_allowed');
    }
  });
});

describe('the impact of a document', () => {
  test('counts as that of a draft, and names users to privacy officers alone', async () => {
    const before = await left();
    const counted = ok(await admins.send('ann', 'POST', '/impact', { body: CLOSED }));
    expect(counted).toMatchObject({ opened: { users: 0 }, closed: { users: 1 }, concerned: 1 });
    const text = { body: writePolicyYaml(CLOSED), headers: YAML };
    expect(ok(await admins.send('ann', 'POST', '/impact', text))).toEqual(counted);
    const refused = await admins.send('ann', 'POST', '/impact?samples=1', text);
    expectRefusal(refused, 403, 'caller_not_allowed');
    const named = ok(await admins.send('oda', 'POST', '/impact?samples=1', text));
    expect(valueAt(named, 'by_purpose', 0, 'samples', 'closed')).toEqual(['u-de']);
    expect(await left()).toEqual(before);
    const draft = await draftOf(admins, CLOSED);
    expect(ok(await admins.send('ann', 'GET', `/drafts/${draft.id}/impact`))).toEqual(counted);
    ok(await admins.send('ann', 'DELETE', `/drafts/${draft.id}`, { edit: draft.edit }));
  });

  test('is of what compiles', async () => {
    const body = { ...REFERENCE, purposes: [] };
    const refused = await admins.send('ann', 'POST', '/impact', { body });
    expectRefusal(refused, 409, 'draft_not_sound');
    expectRefusal(
      await admins.send('ann', 'POST', '/impact', { body: 'a: "b', headers: YAML }),
      400,
      'invalid_request',
    );
  });
});

describe('the document of a draft', () => {
  test('comes as YAML that says the same, with the edit as its tag', async () => {
    const draft = await admins.draft('ann', [
      { op: 'replace', path: '/purposes/0/title', value: 'Täglich: #1' },
    ]);
    const asYaml = await admins.send('auditor', 'GET', `/drafts/${draft.id}`, {
      headers: { accept: 'application/yaml' },
    });
    expect([asYaml.status, asYaml.headers.get('content-type'), asYaml.headers.get('etag')]).toEqual([
      200,
      'application/yaml; charset=utf-8',
      `"${draft.edit}"`,
    ]);
    const same = await admins.send('ann', 'PUT', `/drafts/${draft.id}/document`, {
      edit: draft.edit,
      body: `# a remark\n${String(asYaml.body)}`,
      headers: YAML,
    });
    // the same content is no edit, whatever its comments say
    expect(seenIn(ok(same))).toEqual(draft);
    const again = await admins.send('ann', 'GET', `/drafts/${draft.id}`, {
      headers: { accept: 'text/yaml' },
    });
    expect(again.body).toBe(asYaml.body);
    expect(textAt(ok(await admins.send('ann', 'GET', `/drafts/${draft.id}`)), 'id')).toBe(draft.id);
  });

  test('comes as YAML also where it is no policy', async () => {
    const opened = await admins.draft('ann');
    const put = { edit: opened.edit, body: { purposes: 'none' } };
    ok(await admins.send('ann', 'PUT', `/drafts/${opened.id}/document`, put));
    const headers = { accept: 'application/yaml' };
    const { body } = await admins.send('ann', 'GET', `/drafts/${opened.id}`, { headers });
    expect(body).toBe('purposes: none\n');
    expect(await documentInForce(admins)).toEqual(REFERENCE);
  });
});
