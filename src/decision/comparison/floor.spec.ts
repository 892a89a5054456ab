/**
 * The floor of the reference policy, and what moves it. That the proof finds whatever opens,
 * test/property/mutation.spec.ts shows.
 */
import { describe, expect, it } from 'vitest';
import { type FloorProof, changeOfFloor, floorOf, proveFloor } from './floor.js';
import { fieldsAtLevels } from '../visibility.js';
import type { Field, PolicyDocument, VisibilityGroup } from '../policy.js';
import { sentenceOfFloorStep, sentenceOfViolation } from './sentences.js';
import { finish } from '../steps.js';
import { REFERENCE as document } from '../../../test/reference-policy.js';
import { compile, tabulate } from '../../../test/at-once.js';

const listed = document.floor.private_message ?? [];

/** Proves an edited document below the floor of another one. */
function proofOf(edited: PolicyDocument, below: PolicyDocument): FloorProof {
  const result = compile(edited);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return finish(proveFloor(tabulate(result.policy), floorOf(below)));
}

function withField(id: string, edit: Partial<Field>): PolicyDocument {
  return { ...document, fields: document.fields.map((one) => (one.id === id ? { ...one, ...edit } : one)) };
}

function withFloor(private_message: readonly string[], more: PolicyDocument['floor'] = {}): PolicyDocument {
  return { ...document, floor: { private_message, ...more } };
}

const ADS_READ_MESSAGES: PolicyDocument = {
  ...withFloor([...listed, 'ads.inferred']),
  purposes: document.purposes.map((one) =>
    one.id === 'ads.inferred' ? { ...one, categories: [...one.categories, 'private_message'] } : one,
  ),
};
const RELABELLED = withField('message.body', { category: 'engagement' });

const sentences = ({ violations }: FloorProof) => violations.map(sentenceOfViolation);

function changes(after: PolicyDocument, before = document): { lowered: string[]; raised: string[] } {
  const { lowered, raised } = finish(changeOfFloor(before, after));
  return {
    lowered: lowered.map((step) => sentenceOfFloorStep(step, 'lowered')),
    raised: raised.map((step) => sentenceOfFloorStep(step, 'raised')),
  };
}

describe('the floor', () => {
  it('keeps the fields of a category from every purpose that its list does not name, those to come included', () => {
    const messages = fieldsAtLevels(document).all.filter(({ categories }) =>
      categories.includes('private_message'),
    );
    expect(floorOf(document)).toMatchObject([
      { category: 'private_message', purposes: new Set(listed), fields: messages },
    ]);
  });

  it('holds for the reference policy, and says how many cells that is', () => {
    // 6 messages, 6 fields that a member may keep to themself and 2 that are made of one of them × (8 regimes × 3 ages × 2 signals × the standings of what 15 purposes depend on, and for each of them
    // the users who were never registered) × 56 facts; on two purposes that the signal closes, and on a third and the
    // first of them, a grant may have been given after the user was shown it
    const standings = 6 * 4 ** 1 + 4 * 4 ** 2 + 2 * 4 ** 3 + 2 * 6 * 4 ** 2 + 6 ** 2 * 4 ** 2;
    const cells = 14 * (standings * 8 * 3 * 2 + 15) * 56;
    expect(proofOf(document, document)).toEqual({ holds: true, cells, violations: [] });
  });

  it('is not proved by a document that names one more purpose, when it is that of the version in force', () => {
    expect(proofOf(ADS_READ_MESSAGES, ADS_READ_MESSAGES).holds).toBe(true);
    const proof = proofOf(ADS_READ_MESSAGES, document);
    expect(proof.violations).toMatchObject([
      { purpose: 'ads.inferred', category: 'private_message', counterexample: { regime: 'EU_EEA_CH' } },
    ]);
    expect(sentences(proof)).toEqual([
      expect.stringMatching(
        /^the floor of `private_message` forbids `ads.inferred` to read .*, but the policy permits it, for example of an adult in `EU_EEA_CH` who granted `ads.inferred` on notice 1 and granted `ads.personalised` on notice 1 when asked by a person$/,
      ),
    ]);
  });

  it('is not proved by a document that calls a message something else', () => {
    expect(proofOf(RELABELLED, RELABELLED).holds).toBe(true);
    const proof = proofOf(RELABELLED, document);
    expect(proof.violations.map(({ purpose }) => purpose)).toEqual(
      expect.arrayContaining(['ads.inferred', 'ai.generative', 'share.affiliates']),
    );
    for (const { fields } of proof.violations) expect(fields).toEqual(['message.body']);
  });

  it('is not broken by a purpose that no user and no request can open', () => {
    const never = Object.fromEntries(document.regimes.map(({ id }) => [id, 'never' as const]));
    const closed = {
      ...ADS_READ_MESSAGES,
      purposes: ADS_READ_MESSAGES.purposes.map((one) =>
        one.id === 'ads.inferred' ? { ...one, settings: never } : one,
      ),
    };
    expect(proofOf(closed, document)).toMatchObject({ holds: true, violations: [] });
  });

  it('is broken by a purpose that is open to users of whom nothing is known', () => {
    const always = Object.fromEntries(document.regimes.map(({ id }) => [id, 'always' as const]));
    const open = {
      ...withFloor([...listed, 'ads']),
      purposes: document.purposes.map((one) =>
        one.id === 'ads' ? { ...one, settings: always, categories: ['private_message' as const] } : one,
      ),
    };
    expect(sentences(proofOf(open, document))).toEqual([
      'the floor of `private_message` forbids `ads` to read 6 fields (`message.body`, `message.attachment`, `message.metadata`, …), but the policy permits it, for example of an adult in `EU_EEA_CH` when asked by a person',
    ]);
  });
});

describe('a change of the floor', () => {
  it('is none when the floor stays, whatever else changes', () => {
    const edited = {
      ...withField('member.skills', { category: 'public' }),
      purposes: document.purposes.map((one) => ({ ...one, conditions: [] })),
    };
    expect(changes(edited)).toEqual({ lowered: [], raised: [] });
  });

  it('names purposes that are let through, and those that no longer are', () => {
    expect(changes(withFloor([...listed.filter((one) => one !== 'legal'), 'ads']))).toEqual({
      lowered: ['the floor of `private_message` lets `ads` through'],
      raised: ['the floor of `private_message` no longer lets `legal` through'],
    });
  });

  it('names categories that get a floor, and those that lose theirs', () => {
    const stricter = withFloor(listed, { profile: ['rights'] });
    expect(changes(stricter)).toEqual({ lowered: [], raised: ['`profile` gets a floor'] });
    expect(changes(document, stricter)).toEqual({ lowered: ['`profile` loses its floor'], raised: [] });
  });

  it('names fields that leave a floor, and those that come under one', () => {
    expect(changes(RELABELLED)).toEqual({
      lowered: [
        '`message.body`, which was `private_message`, becomes `engagement`, where the floor keeps fewer purposes out',
      ],
      raised: [],
    });
    expect(changes(document, RELABELLED)).toEqual({
      lowered: [],
      raised: [
        '`message.body`, which was `engagement`, becomes `private_message`, where the floor keeps more purposes out',
      ],
    });
  });

  it('is to lower it when a field goes or loses its category, from where it could come back as something else', () => {
    const gone = { ...document, fields: document.fields.filter(({ id }) => id !== 'message.body') };
    const unclassified = withField('message.body', { category: 'unclassified' });
    expect(changes(gone).lowered).toEqual(['`message.body`, which was `private_message`, is removed']);
    expect(changes(unclassified).lowered).toEqual([
      '`message.body`, which was `private_message`, becomes `unclassified`, where there is no floor',
    ]);
    // and nobody could read it when it comes under a floor again
    for (const before of [gone, unclassified])
      expect(changes(document, before)).toEqual({ lowered: [], raised: [] });
  });

  it('is both when a field moves to a category whose floor names other purposes', () => {
    const two = withFloor(listed, { engagement: ['rights', 'improve'] });
    const moved = {
      ...two,
      fields: two.fields.map((one) =>
        one.id === 'message.body' ? { ...one, category: 'engagement' as const } : one,
      ),
    };
    const { lowered, raised } = finish(changeOfFloor(two, moved));
    const step = {
      kind: 'field',
      field: 'message.body',
      before: 'private_message',
      after: 'engagement',
      floors: ['private_message'],
      to: 'message.body',
    };
    expect({ lowered, raised }).toEqual({ lowered: [step], raised: [step] });
  });

  describe('for what a member made stricter', () => {
    const POSTS = (edit: (group: VisibilityGroup) => VisibilityGroup): PolicyDocument => ({
      ...document,
      visibility: (document.visibility ?? []).map((group) => (group.id === 'posts' ? edit(group) : group)),
    });
    const ungrouped = (id: string, group?: string): PolicyDocument => ({
      ...document,
      fields: document.fields.map(({ visibility, ...field }) => {
        const now = field.id === id ? group : visibility;
        return now === undefined ? field : { ...field, visibility: now };
      }),
    });
    const holes: Readonly<Record<string, PolicyDocument>> = {
      'the level becomes data of another category': POSTS((group) => ({
        ...group,
        levels: group.levels.map((level) => ({ ...level, category: 'public' })),
      })),
      'the level goes': POSTS((group) => ({ ...group, levels: group.levels.slice(0, 2) })),
      'its field leaves the group': ungrouped('post.text'),
      'its field moves to another group': ungrouped('post.text', 'profile_photo'),
      'the group has another name': {
        ...POSTS((group) => ({ ...group, id: 'texts' })),
        fields: document.fields.map((field) =>
          field.visibility === 'posts' ? { ...field, visibility: 'texts' } : field,
        ),
      },
      'a message comes under a group, as public': {
        ...document,
        fields: document.fields.map((field) =>
          field.id === 'message.body' ? { ...field, category: 'public', visibility: 'posts' } : field,
        ),
      },
    };

    it.each(Object.entries(holes))('is not proved when %s', (_how, edited) => {
      const proof = proofOf(edited, document);
      expect(proof.holds).toBe(false);
      expect(proof.violations.map(({ purpose }) => purpose)).toContain('service');
      expect(sentences(proof).join()).toMatch(/`(post\.text|post\.media|message\.body)/);
      expect(finish(changeOfFloor(document, edited)).lowered).not.toEqual([]);
    });

    it('is proved when a level gets another name, for the old one is the strictest then', () => {
      const renamed = POSTS((group) => ({
        ...group,
        levels: group.levels.map((level) => (level.id === 'only_me' ? { ...level, id: 'nobody' } : level)),
      }));
      expect(proofOf(renamed, document).holds).toBe(true);
    });
  });
});
