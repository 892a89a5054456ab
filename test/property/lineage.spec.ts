/**
 * Holes in the lineage of data, planted systematically: each lets data out from under the floor by another way, and the
 * floor proof must find each, say what it is about as a chain, and call it a lowering of the floor.
 */
import { describe, expect, it } from 'vitest';
import { changeOfFloor, floorOf, proveFloor } from '../../src/decision/comparison/floor.js';
import { sentenceOfViolation } from '../../src/decision/comparison/sentences.js';
import type { Field, PolicyDocument, RemovedField, VisibilityGroup } from '../../src/decision/policy.js';
import { decideAtLevel } from '../../src/decision/rules/reference.js';
import { finish } from '../../src/decision/steps.js';
import { compiled } from './arbitraries.js';
import { tabulate } from '../at-once.js';

const SOURCES = ['message.body', 'message.draft', 'note.private', 'post.text', 'post.media'] as const;
/** What each of these is made of is the one before it, so that all are made of the source. */
const STEPS = ['first.step', 'second.step', 'third.step'] as const;
const RELEASE = { category: 'public', reason: 'A figure over many.', review: '2027-06-30' } as const;
const HARMLESS = 'member.skills';

const plain = (id: string, more: Partial<Field>): Field => ({
  id,
  title: id,
  category: 'public',
  provenance: 'provided',
  identifiability: 'quasi',
  ...more,
});
const POSTS: VisibilityGroup = {
  id: 'posts',
  title: 'Posts',
  levels: [
    { id: 'everyone', title: 'Everyone', category: 'public' },
    { id: 'only_me', title: 'Only me', category: 'private_message' },
  ],
  defaults: { adult: { WORLD: 'everyone' }, minor_or_age_unknown: { WORLD: 'everyone' } },
};

const BASE: PolicyDocument = {
  schema: 1,
  unknown_regime: 'WORLD',
  regimes: [{ id: 'WORLD', title: 'The world', regions: ['*'] }],
  obligations: [],
  purposes: ['messaging', 'ads'].map((id) => ({
    id,
    title: id,
    description: id,
    dpv: 'Purpose',
    settings: { WORLD: 'opt_out' },
    categories: id === 'ads' ? ['public'] : ['public', 'private_message'],
  })),
  visibility: [POSTS, { ...POSTS, id: 'others' }],
  transforms: [
    { id: 'embedding', title: 'Embedding', description: 'Numbers.' },
    {
      id: 'count',
      title: 'Count',
      description: 'A count.',
      release: { method: 'aggregate', at_least: 1_000 },
    },
  ],
  fields: [
    plain(HARMLESS, {}),
    ...SOURCES.map((id) =>
      plain(id, id.startsWith('post') ? { visibility: 'posts' } : { category: 'private_message' }),
    ),
  ],
  overlays: { minor_or_age_unknown: { never: [] }, gpc: { regimes: [], opt_out: [] } },
  floor: { private_message: ['messaging'] },
};

/** The policy with fields made of a source, some of them released. @param released the steps that are */
function made(source: string, depth: number, released: number): PolicyDocument {
  const steps = STEPS.slice(0, depth).map((id, index): Field => {
    const isReleased = ((released >> index) & 1) === 1;
    return {
      id,
      title: id,
      derived_from: [HARMLESS, index === 0 ? source : (STEPS[index - 1] ?? '')],
      transform: isReleased ? 'count' : 'embedding',
      ...(isReleased ? { release: RELEASE } : {}),
      identifiability: 'none',
    };
  });
  return { ...BASE, fields: [...steps, ...BASE.fields] };
}

function withField(document: PolicyDocument, id: string, edit: (field: Field) => Field): PolicyDocument {
  return { ...document, fields: document.fields.map((field) => (field.id === id ? edit(field) : field)) };
}

/** What must be remembered of a source that is removed. */
function memoryOf(id: string): RemovedField {
  return id.startsWith('post')
    ? { id, categories: ['public'], provenances: ['provided'], visibility: ['posts'] }
    : { id, categories: ['private_message'], provenances: ['provided'] };
}

/** The source gone, and what it was remembered. */
function removed(document: PolicyDocument, id: string): PolicyDocument {
  return {
    ...document,
    fields: document.fields.filter((field) => field.id !== id),
    removed: [memoryOf(id)],
  };
}

/** The source under another id, remembered as public. */
function comingBack(source: string): PolicyDocument {
  const gone = removed(BASE, source);
  return {
    ...gone,
    fields: [...gone.fields, plain('fresh', { replaces: source })],
    removed: [{ id: source, categories: ['public'], provenances: ['provided'] }],
  };
}

type Hole = {
  readonly what: string;
  readonly before: PolicyDocument;
  readonly after: PolicyDocument;
  /** From the field that is open to what it was made of. */
  readonly chain: readonly string[];
};

/** How a field that was made of the source is made of it no more, or how its source is something else. */
const HOLES: Hole[] = SOURCES.flatMap((source): Hole[] => {
  const deep = [1, 2, 3].flatMap((depth) =>
    Array.from({ length: 2 ** depth }, (_, released) => {
      const before = made(source, depth, released);
      const chain = [...STEPS.slice(0, depth).toReversed(), source];
      const what = `${source}, ${depth} deep, released as ${released}`;
      return [
        {
          what: `${what}: it is taken out of the lineage`,
          before,
          after: withField(before, STEPS[0], (field) => ({ ...field, derived_from: [HARMLESS] })),
          chain,
        },
        {
          what: `${what}: the last step becomes a field of its own`,
          before,
          after: withField(before, STEPS[depth - 1] ?? '', ({ id }) => plain(id, {})),
          chain,
        },
      ];
    }).flat(),
  );
  const renamed: Hole[] = [
    {
      what: `${source} comes back under another id at once, and is remembered as public`,
      before: BASE,
      after: comingBack(source),
      chain: ['fresh', source],
    },
    {
      what: `${source} comes back under another id later, and its memory is weakened`,
      before: removed(BASE, source),
      after: comingBack(source),
      chain: ['fresh', source],
    },
    {
      what: `${source} comes back later, and its memory is dropped`,
      before: removed(BASE, source),
      after: { ...BASE, fields: BASE.fields.map((one) => (one.id === source ? plain(source, {}) : one)) },
      chain: [source],
    },
  ];
  const levelled: Hole[] = source.startsWith('post')
    ? [1, 2, 3].flatMap((depth) => {
        const before = made(source, depth, 2 ** depth - 1);
        return [
          {
            what: `${source} moves to another group, ${depth} deep`,
            before,
            after: withField(before, source, (field) => ({ ...field, visibility: 'others' })),
            chain: [...STEPS.slice(0, depth).toReversed(), source],
          },
          {
            what: `the strictest level of ${source} becomes public, ${depth} deep`,
            before,
            after: {
              ...before,
              visibility: (before.visibility ?? []).map((group) => ({
                ...group,
                levels: group.levels.map((level) => ({ ...level, category: 'public' as const })),
              })),
            },
            chain: [...STEPS.slice(0, depth).toReversed(), source],
          },
        ];
      })
    : [];
  return [...deep, ...renamed, ...levelled];
});

const proofOf = (after: PolicyDocument, before: PolicyDocument) =>
  finish(proveFloor(tabulate(compiled(after)), floorOf(before)));

describe(`each of ${HOLES.length} holes in the lineage of data`, () => {
  it('is enough of them', () => {
    expect(HOLES.length).toBeGreaterThanOrEqual(100);
  });

  it.each(HOLES)('is found: $what', ({ before, after, chain }) => {
    const proof = proofOf(after, before);
    const [field] = chain;
    const violation = proof.violations.find(({ fields }) =>
      fields.some((one) => one.split('@', 1)[0] === field),
    );
    expect(violation).toMatchObject({ purpose: 'ads', category: 'private_message' });
    if (violation === undefined) return;
    const { counterexample } = violation;
    // where several steps are open, the way begins at the first of them
    const way = chain.slice(chain.indexOf(counterexample.field.split('@', 1)[0] ?? ''));
    expect(counterexample.chain ?? [field]).toEqual(way);
    if (way.length > 1)
      expect(sentenceOfViolation(violation)).toContain(way.map((one) => `\`${one}\``).join(' ← '));
    const { record, facts } = counterexample;
    const question = { purpose: 'ads', action: 'read', clientPurposes: new Set(['ads']), record, facts };
    for (const one of violation.fields)
      expect(decideAtLevel(compiled(after), { ...question, field: one }).permit).toBe(true);
    expect(finish(changeOfFloor(before, after)).lowered).not.toEqual([]);
  });

  it('is none where nothing was edited, or what is removed is remembered', () => {
    for (const before of new Set(HOLES.map((hole) => hole.before))) {
      expect(proofOf(before, before).violations).toEqual([]);
      expect(finish(changeOfFloor(before, before))).toEqual({ lowered: [], raised: [] });
    }
    for (const source of SOURCES) {
      expect(proofOf(removed(BASE, source), BASE).violations).toEqual([]);
      expect(finish(changeOfFloor(BASE, removed(BASE, source)))).toEqual({ lowered: [], raised: [] });
    }
  });

  it('is found in the own floor of a version that remembers what it opens', () => {
    for (const source of SOURCES) {
      const { fields, ...gone } = removed(BASE, source);
      const after = { ...gone, fields: [...fields, plain('fresh', { replaces: source })] };
      const [violation] = proofOf(after, after).violations;
      expect(violation?.counterexample.chain).toEqual(['fresh', source]);
    }
  });
});
