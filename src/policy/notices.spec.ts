import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { canonicalize } from 'json-canonicalize';
import { describe, expect, it } from 'vitest';
import type { PolicyDocument, Told } from '../decision/policy.js';
import { type Notice, languagesOfNotice, noticeIn } from './notices.js';
import { REFERENCE } from '../../test/reference-policy.js';
import { policiesOn } from '../../test/at-once.js';

/** A text as it stands in a notice, with the language that it is said to be in. */
type Shown = { readonly text: string; readonly lang: string };

function shownIn({ language, title, description, lang, data }: Notice): Shown[] {
  const shown = (texts: object, langs: Readonly<Record<string, string>> = {}) =>
    Object.entries(texts).flatMap(([member, text]: [string, unknown]) =>
      typeof text === 'string' ? [{ text, lang: langs[member] ?? language }] : [],
    );
  return [
    ...shown({ title, description }, lang),
    ...data.flatMap(({ category: _id, title: heading, fields, lang: own }) => [
      ...shown({ title: heading }, own),
      ...fields.flatMap(({ id: _field, lang: langs, made_from: roots = [], ...texts }) => [
        ...shown(texts, langs),
        ...roots.flatMap(({ id: _root, lang: ofRoot, ...root }) => shown(root, ofRoot)),
      ]),
    ]),
  ];
}

/** Marks every text with its language, and drops those translations for which the oracle says so. */
function marked(drops: () => boolean): PolicyDocument {
  const mark = <T extends Told>(entry: T): T => {
    const kept = drops() ? {} : { title: `de:${entry.id}` };
    const own = entry.description === undefined || drops() ? {} : { description: `de:${entry.id}` };
    const { translations: _german, ...rest } = entry;
    const german = { ...kept, ...own };
    return Object.assign({}, entry, rest, {
      ...(entry.title === undefined ? {} : { title: `en:${entry.id}` }),
      ...(entry.description === undefined ? {} : { description: `en:${entry.id}` }),
      translations: Object.keys(german).length === 0 ? undefined : { de: german },
    });
  };
  return JSON.parse(
    JSON.stringify({
      ...REFERENCE,
      categories: REFERENCE.categories?.map(mark),
      purposes: REFERENCE.purposes.map(mark),
      fields: REFERENCE.fields.map(mark),
    }),
  );
}

function noticesOf(document: PolicyDocument, language: string): Notice[] {
  const { current } = policiesOn(document);
  return document.purposes.map((purpose) => noticeIn(current, purpose, language));
}

describe('a notice', () => {
  it('shows each text in the language asked for or in the first, and says truly in which', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.boolean()), (stream) => {
        const document = marked(() => stream.next().value === true);
        for (const notice of noticesOf(document, 'de')) {
          const shown = shownIn(notice);
          for (const { text, lang } of shown) expect(text).toMatch(new RegExp(`^${lang}:`));
          expect(languagesOfNotice(notice).toSorted()).toEqual(
            [...new Set(shown.map(({ lang }) => lang))].toSorted(),
          );
        }
        // in the first language nothing is missing
        for (const notice of noticesOf(document, 'en'))
          expect(JSON.stringify(notice)).not.toContain('"lang"');
      }),
      { numRuns: 5 },
    );
  });

  it('has a hash that anybody repeats from what was shown, and another one where something stood in', () => {
    const whole = noticesOf(
      marked(() => false),
      'de',
    );
    const none = noticesOf(
      marked(() => true),
      'de',
    );
    for (const [place, { hash, ...text }] of none.entries()) {
      expect(hash).toBe(`sha256:${createHash('sha256').update(canonicalize(text)).digest('hex')}`);
      expect(hash).not.toBe(whole[place]?.hash);
    }
  });

  it('has the titles of categories and the descriptions of fields, where the policy titles categories', () => {
    const data = noticesOf(REFERENCE, 'de').flatMap((notice) => notice.data);
    expect(data.find(({ category }) => category === 'profile')?.title).toBe('Ihr Profil');
    const fields = data.flatMap((part) => part.fields);
    expect(fields.find(({ id }) => id === 'member.phone')?.description).toMatch(/^Sie wird nie/);
  });

  it('of a policy from before categories had titles keeps the members that its hash was made of', () => {
    const { categories: _titles, ...former } = REFERENCE;
    for (const { lang, data } of noticesOf(former, 'de')) {
      expect(lang).toBeUndefined();
      for (const { category: _id, fields, ...others } of data) {
        expect(others).toEqual({});
        for (const { id: _field, title: _title, made_from: _roots, ...rest } of fields)
          expect(rest).toEqual({});
      }
    }
  });
});
