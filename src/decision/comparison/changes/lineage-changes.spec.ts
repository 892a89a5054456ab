/** What a draft does to releases, and to what is remembered of removed fields. */
import { describe, expect, it } from 'vitest';
import { compiled } from '../../../../test/property/arbitraries.js';
import { difference, tabulate } from '../../../../test/at-once.js';
import type { Field, PolicyDocument, RemovedField, Transform } from '../../policy.js';
import { sentenceOfObligations } from '../sentences.js';

const RELEASE = {
  category: 'public',
  obligations: ['aggregate_only'],
  reason: 'A figure over many.',
  review: '2027-06-30',
} as const;
const FIGURE: Field = {
  id: 'figure',
  title: 'A figure',
  derived_from: ['skills'],
  transform: 'count',
  release: RELEASE,
  never: ['research'],
  only: ['ads'],
  identifiability: 'none',
};
const COUNT: Transform = {
  id: 'count',
  title: 'A count',
  description: 'A count.',
  release: { method: 'aggregate', at_least: 1_000 },
};
const plain = (id: string, more: Partial<Field> = {}): Field => ({
  id,
  title: id,
  category: 'profile',
  provenance: 'provided',
  identifiability: 'quasi',
  ...more,
});
const BASE: PolicyDocument = {
  schema: 1,
  unknown_regime: 'WORLD',
  regimes: [{ id: 'WORLD', title: 'The world', regions: ['*'] }],
  obligations: ['aggregate_only', 'pseudonymise'].map((id) => ({ id, description: id })),
  purposes: ['ads', 'research', 'service'].map((id) => ({
    id,
    title: id,
    description: id,
    dpv: 'Purpose',
    settings: { WORLD: 'always' },
    categories: ['public', 'profile'],
  })),
  transforms: [COUNT, { id: 'embedding', title: 'Numbers', description: 'Numbers.' }],
  fields: [plain('skills'), plain('posts', { never: ['ads'], only: ['service'] }), plain('notes'), FIGURE],
  overlays: { minor_or_age_unknown: { never: [] }, gpc: { regimes: [], opt_out: [] } },
  floor: { private_message: ['service'] },
};

const figure = (change: Partial<Field>): PolicyDocument => ({
  ...BASE,
  fields: BASE.fields.map((field) => (field === FIGURE ? { ...FIGURE, ...change } : field)),
});
const counting = (change: Partial<Transform>): PolicyDocument => ({
  ...BASE,
  transforms: [{ ...COUNT, ...change }, ...(BASE.transforms ?? []).slice(1)],
});
/** Without the posts. */
const without = (removed: readonly RemovedField[], fields: readonly Field[] = []): PolicyDocument => ({
  ...BASE,
  fields: [...BASE.fields.filter(({ id }) => id !== 'posts'), ...fields],
  ...(removed.length === 0 ? {} : { removed }),
});
const POSTS: RemovedField = {
  id: 'posts',
  categories: ['profile'],
  provenances: ['provided'],
  never: ['ads'],
  only: ['service'],
};

const between = (before: PolicyDocument, after: PolicyDocument) =>
  difference(tabulate(compiled(before)), tabulate(compiled(after)));
const told = (before: PolicyDocument, after: PolicyDocument) =>
  between(before, after).lineage.map(({ kind, says }) => `${kind}: ${says}`);

describe('a release', () => {
  const { only: _only, ...open } = FIGURE;
  const { never: _never, ...never } = FIGURE;
  const { obligations: _obligations, ...free } = RELEASE;

  it.each<[string, PolicyDocument, string]>([
    [
      'another category',
      figure({ release: { ...RELEASE, category: 'profile' } }),
      'makes it `profile` from now on, not `public`',
    ],
    ['one more source', figure({ derived_from: ['skills', 'notes'] }), 'is made of `notes` too from now on'],
    ['an obligation less', figure({ release: free }), 'no longer obliges to `aggregate_only`'],
    [
      'a purpose less in its `never`',
      { ...BASE, fields: [...BASE.fields.slice(0, 3), never] },
      'is no longer never for `research`',
    ],
    [
      'no `only`',
      { ...BASE, fields: [...BASE.fields.slice(0, 3), open] },
      'is open to more purposes by its `only`',
    ],
    [
      'a purpose more in its `only`',
      figure({ only: ['ads', 'service'] }),
      'is open to more purposes by its `only`',
    ],
    [
      'fewer users',
      counting({ release: { method: 'aggregate', at_least: 999 } }),
      'is made by another method from now on',
    ],
    [
      'another method',
      counting({ release: { method: 'deidentified', by: 'redaction' } }),
      'is made by another method from now on',
    ],
    [
      'a later review',
      figure({ release: { ...RELEASE, review: '2027-07-01' } }),
      'is looked at again on 2027-07-01, not on 2027-06-30',
    ],
  ])('widens by %s', (_by, after, how) => {
    expect(told(BASE, after)).toEqual([`release: the release of \`figure\` ${how}`]);
    expect(between(BASE, after).widens).toBe(true);
  });

  it.each<[string, PolicyDocument]>([
    ['nothing', BASE],
    [
      'an obligation more',
      figure({ release: { ...RELEASE, obligations: ['aggregate_only', 'pseudonymise'] } }),
    ],
    ['more users', counting({ release: { method: 'aggregate', at_least: 1_001 } })],
    ['an earlier review', figure({ release: { ...RELEASE, review: '2027-06-29' } })],
    ['a purpose more in its `never`', figure({ never: ['research', 'service'] })],
  ])('does not widen by %s', (_by, after) => {
    expect(told(BASE, after)).toEqual([]);
  });

  it('is told when it is new, and when something that it is made of gets another source', () => {
    const made = (derived_from: readonly string[]): PolicyDocument => ({
      ...BASE,
      fields: [
        ...BASE.fields.slice(0, 3),
        { id: 'step', title: 'A step', derived_from, transform: 'embedding', identifiability: 'none' },
        { ...FIGURE, derived_from: ['step'] },
      ],
    });
    const unreleased = { ...BASE, fields: BASE.fields.slice(0, 3) };
    expect(told(unreleased, BASE)).toEqual(['release: `figure` is released from the rules of `skills`']);
    expect(told(made(['skills']), made(['skills', 'notes']))).toEqual([
      'release: the release of `figure` is made of `notes` too from now on',
    ]);
  });

  describe('of something released', () => {
    const inner: Field = { ...FIGURE, id: 'inner', release: { ...RELEASE, obligations: [] } };
    const outer = (change: Partial<Field> = {}): Field => ({
      ...FIGURE,
      id: 'outer',
      derived_from: ['inner'],
      transform: 'redaction',
      ...change,
    });
    const made = (...fields: readonly Field[]): PolicyDocument => ({
      ...BASE,
      transforms: [
        ...(BASE.transforms ?? []),
        {
          id: 'redaction',
          title: 'Redaction',
          description: 'Redaction.',
          release: { method: 'deidentified', by: 'redaction' },
        },
      ],
      fields: [...BASE.fields.slice(0, 3), ...fields],
    });
    const { release: _release, ...raw } = inner;

    it.each<[string, PolicyDocument, string]>([
      ['is made of that itself', made(inner, outer({ derived_from: ['skills'] })), '`skills`'],
      ['is made of that itself too', made(inner, outer({ derived_from: ['inner', 'skills'] })), '`skills`'],
      ['is made of what is released no more', made({ ...raw, transform: 'embedding' }, outer()), '`skills`'],
    ])('widens when it %s', (_how, after, what) => {
      expect(told(made(inner, outer()), after)).toEqual([
        `release: the release of \`outer\` is made of ${what} itself from now on, not only of what is released of it`,
      ]);
    });

    it('does not widen when what it is made of is released first', () => {
      expect(told(made(inner, outer({ derived_from: ['inner', 'skills'] })), made(inner, outer()))).toEqual(
        [],
      );
    });
  });

  it('widens when something that it is made of replaces a removed field', () => {
    const before = without([POSTS]);
    const replacing = (one: Field) =>
      one.id === 'skills' ? { ...one, replaces: 'posts', never: ['ads'], only: ['service'] } : one;
    const strict = { ...before, fields: before.fields.map(replacing) };
    expect(told(before, strict)).toEqual([
      'release: the release of `figure` is made of `posts` too from now on',
    ]);
    expect(told(strict, strict)).toEqual([]);
  });

  it('that loses an obligation is told where it is read', () => {
    const { obligations } = between(BASE, figure({ release: free }));
    expect(obligations.map(sentenceOfObligations)).toEqual([
      '`ads` is no longer obliged to `aggregate_only` where it reads `figure`',
    ]);
  });
});

describe('a removed field', () => {
  it.each<[string, PolicyDocument, PolicyDocument, string[]]>([
    ['is remembered as it was', BASE, without([POSTS]), []],
    [
      'is remembered as stricter',
      BASE,
      without([{ ...POSTS, categories: ['profile', 'public'], only: [] }]),
      [],
    ],
    [
      'is not remembered',
      BASE,
      without([]),
      [
        '`posts` is removed and not remembered, so what it held may come back as something less strict: list it under `removed`',
      ],
    ],
    ...[
      { ...POSTS, categories: ['public'] as const },
      { ...POSTS, provenances: ['observed'] as const },
      { ...POSTS, never: ['research'] },
      { ...POSTS, only: ['service', 'research'] },
    ].map((memory): [string, PolicyDocument, PolicyDocument, string[]] => [
      `is remembered as less strict: ${JSON.stringify(memory)}`,
      BASE,
      without([memory]),
      ['`posts` is remembered as less strict than it was'],
    ]),
    ['stays remembered', without([POSTS]), without([POSTS]), []],
    [
      'is forgotten',
      without([POSTS]),
      without([]),
      ['what `posts` was is forgotten, so what it held may come back as something less strict'],
    ],
    [
      'is remembered as less strict than before',
      without([POSTS]),
      without([{ ...POSTS, never: ['research'] }]),
      ['`posts` is remembered as less strict than it was'],
    ],
    ['comes back as it was', without([POSTS]), { ...BASE, removed: [POSTS] }, []],
    ['comes back as it was, and its memory goes', without([POSTS]), BASE, []],
    [
      'comes back as less strict',
      without([POSTS]),
      without([POSTS], [plain('posts', { never: ['ads'] })]),
      ['`posts` comes back, and is less strict than what is remembered of it'],
    ],
    [
      'is replaced by a field that is as strict',
      without([POSTS]),
      without([POSTS], [plain('texts', { replaces: 'posts', never: ['ads'], only: ['service'] })]),
      [],
    ],
    [
      'is replaced by a field that is less strict',
      without([POSTS]),
      without([POSTS], [plain('texts', { replaces: 'posts', only: ['service'] })]),
      ['`texts` replaces `posts`, and is less strict than that was'],
    ],
    [
      'is replaced at once by a field that is less strict',
      BASE,
      without(
        [POSTS],
        [plain('texts', { replaces: 'posts', category: 'public', never: ['ads'], only: ['service'] })],
      ),
      ['`texts` replaces `posts`, and is less strict than that was'],
    ],
    [
      'was replaced by a field that was approved as less strict',
      without([POSTS], [plain('texts', { replaces: 'posts' })]),
      without([POSTS], [plain('texts', { replaces: 'posts', title: 'Texts' })]),
      [],
    ],
  ])('%s', (_how, before, after, sentences) => {
    expect(told(before, after)).toEqual(sentences.map((says) => `removed: ${says}`));
    if (sentences.length > 0) expect(between(before, after).widens).toBe(true);
  });

  it('was in a group, and comes back without it', () => {
    const group = {
      id: 'texts',
      title: 'Texts',
      levels: [
        { id: 'everyone', title: 'Everyone', category: 'public' },
        { id: 'only_me', title: 'Only me', category: 'profile' },
      ],
      defaults: { adult: { WORLD: 'everyone' }, minor_or_age_unknown: { WORLD: 'everyone' } },
    } as const;
    const grouped: PolicyDocument = {
      ...without([]),
      visibility: [group],
      fields: [...without([]).fields, plain('posts', { category: 'public', visibility: 'texts' })],
    };
    const remembered: PolicyDocument = {
      ...without([{ id: 'posts', categories: ['public'], provenances: ['provided'], visibility: ['texts'] }]),
      visibility: [group],
    };
    expect(told(grouped, remembered)).toEqual([]);
    expect(told(remembered, { ...remembered, fields: grouped.fields })).toEqual([]);
    expect(
      told(remembered, {
        ...remembered,
        fields: [...remembered.fields, plain('posts', { category: 'public' })],
      }),
    ).toEqual(['removed: `posts` comes back, and is less strict than what is remembered of it']);
  });
});
