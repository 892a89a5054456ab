/** What fields are made of, as the API and the command line tell it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Admins, adminsOf, expectRefusal, ok } from './admins.js';
import { textAt } from './replies.js';
import { type Service, startService } from './service.js';

let service: Service;
let admins: Admins;
beforeAll(async () => {
  service = await startService();
  admins = await adminsOf(service);
});
afterAll(() => service.stop());

const lineageOf = (query: string, headers: Record<string, string> = {}) =>
  admins.send('auditor', 'GET', `/v1/lineage${query}`, { headers });

describe('the lineage of a field', () => {
  test('says what it is made of, what is made of it, for what it is open, and what closes it', async () => {
    const lineage = ok(await lineageOf('?field=member.embedding'));
    expect(lineage).toMatchObject({
      policy: await admins.current(),
      field: {
        id: 'member.embedding',
        category: null,
        provenance: 'inferred',
        transform: 'embedding',
        derived_from: ['member.skills', 'member.experience', 'post.text', 'activity.view'],
        release: null,
      },
      made_of: [
        { field: { id: 'member.skills', category: 'profile' }, released: false },
        { field: { id: 'member.experience' } },
        { field: { id: 'post.text', visibility: 'posts' } },
        { field: { id: 'activity.view' } },
      ],
      made_into: [{ id: 'job.match' }],
      purposes: expect.arrayContaining([
        { id: 'personalise', open: true, levels: { posts: 'connections' }, obligations: [] },
        {
          id: 'ads.inferred',
          open: false,
          reason: 'category_not_allowed',
          chain: ['member.embedding', 'post.text'],
          why: 'it is made of `post.text`: the purpose does not read the category of the field',
        },
      ]),
    });
  });

  test('says by what it was released, and what goes with it', async () => {
    const lineage = ok(await lineageOf('?field=insights.skill_demand'));
    expect(lineage).toMatchObject({
      field: { category: 'public', release: { method: 'aggregate', at_least: 300, review: '2027-06-30' } },
      made_of: [{ released: true }, { released: true }, { released: true }],
      purposes: expect.arrayContaining([
        {
          id: 'research',
          open: true,
          levels: {},
          obligations: ['deidentify', 'min_cohort_50', 'aggregate_only', 'min_cohort_300'],
        },
      ]),
    });
  });

  test.each([
    ['text/plain', 'made of\n  member.interests'],
    ['text/vnd.graphviz', '"member.interests" -> "ad.audience_segment" [label="segmentation"];'],
  ])('is told as %s', async (type, part) => {
    const { headers, body } = await lineageOf('?field=ad.audience_segment', { accept: type });
    expect(headers.get('content-type')).toBe(`${type}; charset=utf-8`);
    expect(body).toContain(part);
  });

  test('is that of the version that is asked for', async () => {
    const current = await admins.current();
    expect(ok(await lineageOf(`?field=post.text&version=${current}`))).toMatchObject({ policy: current });
    const none = `sha256:${'0'.repeat(64)}`;
    expectRefusal(await lineageOf(`?field=post.text&version=${none}`), 404, 'policy_not_found');
  });

  test('is a 404 for a field that the policy does not name, and a 400 without one', async () => {
    const misspelt = await lineageOf('?field=post.txt');
    expectRefusal(misspelt, 404, 'field_not_found');
    expect(textAt(misspelt.body, 'detail')).toBe(
      'the policy names no field `post.txt`: did you mean `post.text`?',
    );
    expectRefusal(await lineageOf(''), 400, 'invalid_request');
    expectRefusal(await lineageOf('?feld=post.text'), 400, 'invalid_request');
  });
});
