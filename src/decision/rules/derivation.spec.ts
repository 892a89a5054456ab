/** What must be right about fields that are made of others, and what they may be used for. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../../test/at-once.js';
import { decideBothWays } from '../../../test/decide-both-ways.js';
import { EMPTY_RECORD } from '../consent-event.js';
import type { Field, PolicyDocument, Purpose, Transform, VisibilityGroup } from '../policy.js';

const purpose = (id: string, more: Partial<Purpose>): Purpose => ({
  id,
  title: id,
  description: id,
  dpv: 'Purpose',
  settings: { WORLD: 'always' },
  categories: ['public', 'profile'],
  ...more,
});
const field = (id: string, more: Partial<Field>): Field => ({
  id,
  title: id,
  category: 'public',
  provenance: 'provided',
  identifiability: 'quasi',
  ...more,
});
const derived = (id: string, derived_from: readonly string[], more: Partial<Field> = {}): Field => ({
  id,
  title: id,
  derived_from,
  transform: 'embedding',
  identifiability: 'quasi',
  ...more,
});
const transform = (id: string, more: Partial<Transform> = {}): Transform => ({
  id,
  title: id,
  description: id,
  ...more,
});
const group = (id: string): VisibilityGroup => ({
  id,
  title: id,
  levels: [
    { id: 'everyone', title: 'Everyone', category: 'public' },
    { id: 'connections', title: 'Connections', category: 'profile' },
    { id: 'only_me', title: 'Only me', category: 'private_message' },
  ],
  defaults: { adult: { WORLD: 'everyone' }, minor_or_age_unknown: { WORLD: 'everyone' } },
});
const RELEASE = { category: 'public', reason: 'A figure over many.', review: '2027-06-30' } as const;

const policyOf = (fields: readonly Field[], more: Partial<PolicyDocument> = {}): PolicyDocument => ({
  schema: 1,
  unknown_regime: 'WORLD',
  regimes: [{ id: 'WORLD', title: 'The world', regions: ['*'] }],
  obligations: ['pseudonymise', 'aggregate_only'].map((id) => ({ id, description: id })),
  purposes: [
    purpose('ads', { obligations: ['pseudonymise'] }),
    purpose('ads.open', { parent: 'ads', categories: ['public'] }),
    purpose('given', { provenance: ['provided'] }),
    purpose('messaging', { categories: ['public', 'profile', 'private_message'] }),
  ],
  visibility: ['posts', 'photo', 'activity', 'connections', 'groups'].map(group),
  transforms: [
    transform('embedding'),
    transform('copy', { copies: true }),
    transform('count', { release: { method: 'aggregate', at_least: 1_000 } }),
  ],
  fields: [
    field('skills', { category: 'profile' }),
    field('views', { provenance: 'observed', never: ['ads.open'] }),
    field('message', { category: 'private_message' }),
    field('post', { visibility: 'posts' }),
    field('photo', { visibility: 'photo' }),
    ...fields,
  ],
  overlays: { minor_or_age_unknown: { never: [] }, gpc: { regimes: [], opt_out: [] } },
  floor: { private_message: ['messaging'] },
  ...more,
});

function errorsOf(document: PolicyDocument): string[] {
  const result = compile(document);
  return result.ok ? [] : result.errors.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

/** What becomes of a question of a purpose about a field of an adult. */
function answer(
  document: PolicyDocument,
  purposeId: string,
  fieldId: string,
  levels: Readonly<Record<string, string>> = {},
  item?: string,
): string {
  const result = compile(document);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  const { permit, reason, source, obligations } = decideBothWays(result.policy, {
    purpose: purposeId,
    action: 'read',
    field: fieldId,
    clientPurposes: new Set([purposeId]),
    record: {
      ...EMPTY_RECORD,
      registered: true,
      region: 'DE',
      ageBand: 'adult',
      visibility: new Map(Object.entries(levels)),
    },
    facts: { actor: 'human', case: 'none', legalReference: false, ownData: false },
    visibility: item,
  });
  return permit
    ? ['permitted', ...obligations].join(' ')
    : [reason, ...(source === undefined ? [] : [source])].join(' ');
}

describe('a field that is made of others', () => {
  const SOUND = policyOf([derived('interests', ['skills', 'post'])]);

  it('is sound where its sources and its transform are known', () => {
    expect(errorsOf(SOUND)).toEqual([]);
  });

  it.each<[string, Field, string]>([
    [
      'a category beside',
      derived('interests', ['skills'], { category: 'public' }),
      'fields.5.category: `interests` is made of others, so its category follows from theirs: remove `category`, or give it one of its own in `release` if its transform releases',
    ],
    [
      'a provenance beside',
      derived('interests', ['skills'], { provenance: 'inferred' }),
      'fields.5.provenance: `interests` is made of others, so its provenance follows from theirs: remove `provenance`',
    ],
    [
      'a visibility group of its own',
      derived('interests', ['skills'], { visibility: 'posts' }),
      'fields.5.visibility: `interests` is made of others, so the visibility of those holds for it: remove `visibility`',
    ],
    [
      'an unknown source',
      derived('interests', ['skill']),
      'fields.5.derived_from.0: there is no field `skill`: did you mean `skills`, or should the field be added?',
    ],
    [
      'itself as a source',
      derived('interests', ['skills', 'interests']),
      'fields.5.derived_from: `interests` is made of itself, `interests` → `interests`: break the circle',
    ],
    [
      'an unknown transform',
      derived('interests', ['skills'], { transform: 'embeding' }),
      'fields.5.transform: there is no transform `embeding`: did you mean `embedding`, or should the transform be added?',
    ],
    [
      'a release by a transform that does not release',
      derived('interests', ['skills'], { release: RELEASE }),
      'fields.5.release: the transform `embedding` does not release, so `interests` may be used only for what its sources may be used for: remove `release`, or say in the transform how it releases',
    ],
    [
      'no release by a transform that releases',
      derived('interests', ['skills'], { transform: 'count' }),
      'fields.5: the transform `count` releases, but `interests` does not say what it is then: add `release` with `category`, `reason` and `review`',
    ],
    [
      'a day of review that there is not',
      derived('interests', ['skills'], { transform: 'count', release: { ...RELEASE, review: '2027-02-30' } }),
      'fields.5.release.review: there is no day `2027-02-30`: correct it',
    ],
    [
      'an unknown obligation of its release',
      derived('interests', ['skills'], {
        transform: 'count',
        release: { ...RELEASE, obligations: ['agregate_only'] },
      }),
      'fields.5.release.obligations.0: there is no obligation `agregate_only`: did you mean `aggregate_only`, or should the obligation be added?',
    ],
    [
      'a removed field to replace that nobody remembers',
      field('interests', { replaces: 'skills_old' }),
      'fields.5.replaces: there is no removed field `skills_old`: correct the name, or add the removed field',
    ],
    [
      'a transform and nothing that it makes it of',
      field('interests', { transform: 'embedding' }),
      'fields.5.transform: `interests` is made of nothing, so `transform` has no meaning: name its sources in `derived_from`, or remove it',
    ],
  ])('is refused with %s', (_what, one, error) => {
    expect(errorsOf(policyOf([one]))).toEqual([error]);
  });

  it('is refused without a transform, and one that is not derived without a category and a provenance', () => {
    const { transform: _transform, ...unmade } = derived('interests', ['skills']);
    expect(errorsOf(policyOf([unmade]))).toEqual([
      'fields.5: `interests` is made of others, but not how: name its `transform`',
    ]);
    expect(errorsOf(policyOf([{ id: 'bare', title: 'Bare', identifiability: 'none' }]))).toEqual([
      'fields.5: `category` is missing: add it, or name in `derived_from` what the field is made of',
      'fields.5: `provenance` is missing: add it, or name in `derived_from` what the field is made of',
    ]);
  });

  it('is refused in a circle over several steps, each told the way around', () => {
    const errors = errorsOf(policyOf([derived('a', ['b']), derived('b', ['skills', 'a'])]));
    expect(errors).toEqual([
      'fields.5.derived_from: `a` is made of itself, `a` → `b` → `a`: break the circle',
      'fields.6.derived_from: `b` is made of itself, `b` → `a` → `b`: break the circle',
    ]);
  });

  it('is refused when it is made of too many, or at too many levels', () => {
    const many = Array.from({ length: 101 }, (_, index) =>
      field(`many_${'abcdefghij'[index % 10]}${index}`, {}),
    );
    expect(
      errorsOf(
        policyOf([
          ...many,
          derived(
            'all',
            many.map(({ id }) => id),
          ),
        ]),
      ),
    ).toEqual([
      'fields.106.derived_from: `all` is made of more than 100 fields, directly and through others: make it of fewer',
    ]);
    const wide = ['posts', 'photo', 'activity', 'connections', 'groups'].map((visibility) =>
      field(`of_${visibility}`, { visibility }),
    );
    expect(
      errorsOf(
        policyOf([
          ...wide,
          derived(
            'all',
            wide.map(({ id }) => id),
          ),
        ]),
      ),
    ).toEqual([
      'fields.10.derived_from: `all` is made of data of the visibility groups `posts`, `photo`, `activity`, `connections` and `groups`, whose levels have 243 combinations, and there can be at most 100: make it of data of fewer groups',
    ]);
  });

  it.each([
    [
      transform('t', { release: { method: 'aggregate' } }),
      'transforms.0.release: `t` releases aggregates, but does not say of how many users: add `at_least`',
    ],
    [
      transform('t', { release: { method: 'deidentified' } }),
      'transforms.0.release: `t` releases de-identified data, but does not say how it is de-identified: add `by`',
    ],
    [
      transform('t', { release: { method: 'deidentified', by: 'redaction', at_least: 5 } }),
      'transforms.0.release.at_least: `at_least` has no meaning for the method `deidentified`: remove it',
    ],
  ])('needs a transform that says how it releases', (one, error) => {
    expect(errorsOf(policyOf([], { transforms: [one] }))).toEqual([error]);
  });

  it('is open to what all of its sources are open to, and names the first that closes it', () => {
    const document = policyOf([
      derived('interests', ['skills', 'views']),
      derived('segment', ['post', 'interests']),
      derived('hint', ['segment', 'message'], { never: ['given'] }),
    ]);
    expect(answer(document, 'ads', 'interests')).toBe('field_prohibited views');
    expect(answer(document, 'messaging', 'interests')).toBe('permitted');
    expect(answer(document, 'given', 'interests')).toBe('provenance_not_allowed');
    expect(answer(document, 'given', 'segment')).toBe('provenance_not_allowed');
    expect(answer(document, 'ads.open', 'segment')).toBe('field_prohibited views');
    expect(answer(document, 'ads.open', 'hint')).toBe('floor message');
    expect(answer(document, 'messaging', 'hint')).toBe('permitted');
    // the floor comes first, whatever the field itself says
    expect(answer(document, 'given', 'hint')).toBe('floor message');
  });

  it('is closed by an `only` and a `never` of its own without naming a source, and by an `only` of any source', () => {
    const document = policyOf([
      field('own', { only: ['messaging', 'given'] }),
      derived('made', ['own', 'skills'], { only: ['messaging'] }),
      derived('again', ['made', 'skills']),
    ]);
    expect(answer(document, 'given', 'made')).toBe('field_prohibited');
    expect(answer(document, 'ads', 'again')).toBe('field_prohibited made');
    expect(answer(document, 'messaging', 'again')).toBe('permitted');
  });

  it('is provided where it is a copy of nothing but what is provided', () => {
    const document = policyOf([
      derived('copied', ['skills', 'post'], { transform: 'copy' }),
      derived('mixed', ['copied', 'views'], { transform: 'copy' }),
      derived('twice', ['copied'], { transform: 'copy' }),
    ]);
    expect(answer(document, 'given', 'copied')).toBe('permitted');
    expect(answer(document, 'given', 'twice')).toBe('permitted');
    expect(answer(document, 'given', 'mixed')).toBe('provenance_not_allowed');
  });

  it('is at the level of the member for each group, and at that of the item for all', () => {
    const document = policyOf([derived('collage', ['post', 'photo'])]);
    expect(answer(document, 'ads', 'collage')).toBe('permitted pseudonymise');
    expect(answer(document, 'ads.open', 'collage', { photo: 'connections' })).toBe(
      'category_not_allowed photo',
    );
    expect(answer(document, 'ads', 'collage', { photo: 'connections' })).toBe('permitted pseudonymise');
    expect(answer(document, 'ads', 'collage', { posts: 'only_me' })).toBe('floor post');
    expect(answer(document, 'ads', 'collage', { photo: 'only_me' })).toBe('floor photo');
    expect(answer(document, 'ads.open', 'collage', {}, 'connections')).toBe('category_not_allowed post');
    expect(answer(document, 'ads', 'collage', {}, 'nobody_knows')).toBe('floor post');
  });

  it('is closed to all while a source of it has no category', () => {
    const document = policyOf([
      field('new', { category: 'unclassified' }),
      derived('made', ['skills', 'new']),
    ]);
    expect(answer(document, 'messaging', 'made')).toBe('field_unclassified new');
    expect(answer(document, 'messaging', 'new')).toBe('field_unclassified');
  });
});

describe('a field that is released', () => {
  const released = (sources: readonly string[], more: Partial<Field> = {}) =>
    derived('figure', sources, {
      transform: 'count',
      release: { ...RELEASE, obligations: ['aggregate_only'] },
      ...more,
    });

  it('is what its release says, and obliges to what that says as well', () => {
    const document = policyOf([derived('interests', ['skills', 'views']), released(['interests'])]);
    expect(answer(document, 'ads.open', 'figure')).toBe('permitted aggregate_only');
    expect(answer(document, 'ads', 'figure')).toBe('permitted pseudonymise aggregate_only');
    expect(answer(document, 'given', 'figure')).toBe('provenance_not_allowed');
  });

  it('has a `never` and an `only` of its own', () => {
    const document = policyOf([released(['views'], { only: ['messaging'] })]);
    expect(answer(document, 'ads', 'figure')).toBe('field_prohibited');
    expect(answer(document, 'messaging', 'figure')).toBe('permitted aggregate_only');
  });

  it('is below the floor of all that it was made of, through every step and at every level', () => {
    const document = policyOf([
      derived('hint', ['skills', 'message']),
      released(['hint']),
      derived('second', ['figure', 'post'], { transform: 'count', release: RELEASE }),
      derived('third', ['second']),
    ]);
    expect(answer(document, 'ads', 'figure')).toBe('floor message');
    expect(answer(document, 'ads', 'second')).toBe('floor message');
    expect(answer(document, 'ads', 'third')).toBe('floor message');
    expect(answer(document, 'messaging', 'third')).toBe('permitted aggregate_only');
    const levelled = policyOf([released(['post'])]);
    expect(answer(levelled, 'ads', 'figure', { posts: 'connections' })).toBe(
      'permitted pseudonymise aggregate_only',
    );
    expect(answer(levelled, 'ads', 'figure', { posts: 'only_me' })).toBe('floor post');
  });

  it('closes what is made of it beside a source that is not released', () => {
    const document = policyOf([released(['views']), derived('mixed', ['figure', 'views'])]);
    expect(answer(document, 'ads', 'figure')).toBe('permitted pseudonymise aggregate_only');
    expect(answer(document, 'ads', 'mixed')).toBe('field_prohibited views');
  });
});
