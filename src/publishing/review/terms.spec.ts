import { describe, expect, it } from 'vitest';
import type { Field, PolicyDocument, Purpose } from '../../decision/policy.js';
import { changedTerms, covers } from './terms.js';
import { REFERENCE } from '../../../test/reference-policy.js';
import { policiesOn } from '../../../test/at-once.js';

/** Opt-in in the European Union; it opens what people do here. */
const GRANTED = 'ads.inferred';

function withPurpose(id: string, change: Partial<Purpose>): PolicyDocument {
  const purposes = REFERENCE.purposes.map((purpose) =>
    purpose.id === id ? { ...purpose, ...change } : purpose,
  );
  return { ...REFERENCE, purposes };
}

function withField(id: string, change: Partial<Field>): PolicyDocument {
  const fields = REFERENCE.fields.map((field) => (field.id === id ? { ...field, ...change } : field));
  return { ...REFERENCE, fields };
}

function changed(document: PolicyDocument): string[] {
  return changedTerms(policiesOn(REFERENCE).current, policiesOn(document).current);
}

function purpose(id: string): Purpose {
  const found = REFERENCE.purposes.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no ${id}`);
  return found;
}

function germanOf(id: string) {
  const german = purpose(id).translations?.['de'];
  if (german?.title === undefined || german.description === undefined)
    throw new Error(`there is no German for ${id}`);
  return { title: german.title, description: german.description };
}

/** The reference policy in these languages, the first being that of the texts; French ones say what the English say. */
function inLanguages(languages: readonly string[]): PolicyDocument {
  const [, ...others] = languages;
  const translated = <T extends object>(
    entry: { readonly translations?: Readonly<Record<string, T>> },
    own: T,
  ) =>
    others.length === 0
      ? {}
      : { translations: Object.fromEntries(others.map((one) => [one, entry.translations?.[one] ?? own])) };
  return {
    ...REFERENCE,
    languages,
    regimes: REFERENCE.regimes.map(({ translations, ...one }) => ({
      ...one,
      ...translated(translations === undefined ? {} : { translations }, { title: one.title }),
    })),
    obligations: REFERENCE.obligations.map(({ translations: _others, ...one }) => one),
    categories: (REFERENCE.categories ?? []).map(({ translations: _others, ...one }) => one),
    purposes: REFERENCE.purposes.map(({ translations, ...one }) => ({
      ...one,
      ...translated(translations === undefined ? {} : { translations }, {
        title: one.title,
        description: one.description,
      }),
    })),
    visibility: (REFERENCE.visibility ?? []).map(({ translations, levels, ...one }) => ({
      ...one,
      levels: levels.map(({ translations, ...level }) => ({
        ...level,
        ...translated(translations === undefined ? {} : { translations }, { title: level.title }),
      })),
      ...translated(translations === undefined ? {} : { translations }, {
        title: one.title,
        ...(one.description === undefined ? {} : { description: one.description }),
      }),
    })),
    transforms: (REFERENCE.transforms ?? []).map(({ translations, ...one }) => ({
      ...one,
      ...translated(translations === undefined ? {} : { translations }, {
        title: one.title,
        description: one.description,
      }),
    })),
    fields: REFERENCE.fields.map(({ translations, ...one }) => ({
      ...one,
      ...translated(translations === undefined ? {} : { translations }, {
        title: one.title,
        ...(one.description === undefined ? {} : { description: one.description }),
      }),
    })),
  };
}

describe('the terms of an opt-in', () => {
  it.each<[string, PolicyDocument]>([
    ['what it is called', withPurpose(GRANTED, { title: 'Other ads' })],
    [
      'what it is called in another language',
      withPurpose(GRANTED, {
        translations: { de: { title: 'Andere Anzeigen', description: germanOf(GRANTED).description } },
      }),
    ],
    [
      'what it is said to be for in another language',
      withPurpose(GRANTED, {
        translations: { de: { title: germanOf(GRANTED).title, description: 'Etwas anderes.' } },
      }),
    ],
    [
      'what it is called in another language, in which it is described no more',
      withPurpose(GRANTED, { translations: { de: { title: 'Andere Anzeigen' } } }),
    ],
    ['every language', inLanguages(['fr'])],
    [
      'every language, even if it is called as it was in one of them',
      {
        ...inLanguages(['fr', 'de']),
        purposes: inLanguages(['fr', 'de']).purposes.map((one) => ({
          ...one,
          translations: { de: { title: germanOf(one.id).title } },
        })),
      },
    ],
    ['what it is said to be for', withPurpose(GRANTED, { description: 'Something else.' })],
    ['its obligations', withPurpose(GRANTED, { obligations: [] })],
    ['the data it opens, by its categories', withPurpose(GRANTED, { categories: ['profile'] })],
    ['the data it opens, by a field', withField('activity.view', { never: [GRANTED] })],
    [
      'what the data it opens is made of',
      withField('ad.audience_segment', { derived_from: ['member.interests'] }),
    ],
    ['the other purposes it needs', withPurpose(GRANTED, { requires: ['personalise'] })],
  ])('change with %s', (_what, document) => {
    expect(changed(document)).toContain(GRANTED);
  });

  it.each<[string, PolicyDocument]>([
    ['nothing', REFERENCE],
    ['a language more', inLanguages(['en', 'de', 'fr'])],
    ['a language less', inLanguages(['en'])],
    ['a language that nothing is written in yet', { ...REFERENCE, languages: ['en', 'de', 'fr'] }],
    [
      'a translation less',
      withPurpose(GRANTED, { translations: { de: { title: germanOf(GRANTED).title } } }),
    ],
    [
      'the words of its obligations in another language',
      {
        ...REFERENCE,
        obligations: REFERENCE.obligations.map(({ translations: _german, ...english }) => english),
      },
    ],
    [
      'the order of its obligations',
      withPurpose('ads.off_platform', {
        obligations: purpose('ads.off_platform').obligations?.toReversed() ?? [],
      }),
    ],
    ['the words of a purpose that nobody grants', withPurpose('research', { title: 'Other research' })],
    ['its notice alone', withPurpose(GRANTED, { notice: 2 })],
  ])('do not change with %s', (_what, document) => {
    expect(changed(document)).toEqual([]);
  });

  it.each<[string, Purpose['lapses_after'], Purpose['lapses_after'], boolean]>([
    ['a longer time', { EU_EEA_CH: 'P13M' }, { EU_EEA_CH: 'P24M' }, true],
    ['no end any more', { EU_EEA_CH: 'P13M' }, undefined, true],
    ['a shorter time', { EU_EEA_CH: 'P13M' }, { EU_EEA_CH: 'P6M' }, false],
    ['the same time in other words', { EU_EEA_CH: 'P12M' }, { EU_EEA_CH: 'P1Y' }, false],
    ['an end where there was none', undefined, { EU_EEA_CH: 'P13M' }, false],
  ])('as to how long a grant holds: %s', (_what, was, is, isOther) => {
    const lapsing = (lapses_after: Purpose['lapses_after']) =>
      policiesOn(withPurpose(GRANTED, lapses_after === undefined ? {} : { lapses_after })).current;
    const [before, after] = [lapsing(was), lapsing(is)];
    expect(changedTerms(before, after)).toEqual(isOther ? [GRANTED] : []);
    expect(covers(before, after, GRANTED)).toBe(!isOther);
  });

  it('are not asked about where a purpose becomes an opt-in, or is none any more', () => {
    const settings = Object.fromEntries(
      Object.entries(purpose('research').settings).map(([regime]) => [regime, 'opt_in' as const]),
    );
    expect(changed(withPurpose('research', { settings, title: 'Other research' }))).toEqual([]);
  });
});
