/** Of all languages: nobody is talked into a yes, and no word is missing. */
import { describe, expect, test } from 'vitest';
import { ar } from './ar.js';
import { de } from './de.js';
import { type Words, en } from './en.js';
import { es } from './es.js';
import { fr } from './fr.js';
import { ja } from './ja.js';
import { directionOf, spoken } from './words.js';

const ALL: readonly (readonly [string, Words])[] = [
  ['en', en],
  ['de', de],
  ['fr', fr],
  ['es', es],
  ['ar', ar],
  ['ja', ja],
];

const lengthOf = (text: string, language: string) =>
  [...new Intl.Segmenter(language, { granularity: 'grapheme' }).segment(text)].length;

/** Every text of a catalogue; those with numbers and names for some of these. */
function textsOf(words: object): string[] {
  return Object.values(words).flatMap((one: unknown) => {
    if (typeof one === 'string') return [one];
    if (typeof one === 'function') return [0, 1, 2, 3, 11, 100].map((count) => String(one(count, count)));
    return textsOf(Object(one));
  });
}

describe.each(ALL)('in %s', (language, words) => {
  test('no and yes are about as long, and so is what they lead to', () => {
    for (const [no, yes] of [
      [words.refuse, words.allow],
      [words.ifRefused, words.ifAllowed],
    ] as const) {
      const lengths = [lengthOf(no, language), lengthOf(yes, language)];
      expect(Math.min(...lengths) / Math.max(...lengths), `${no} / ${yes}`).toBeGreaterThanOrEqual(0.8);
    }
  });

  test('labels are not negated', () => {
    const NOT =
      /\b(not|no|don.t|never|nicht|kein\w*|nie|ne|pas|non|nunca)\b|しない|ません|(^|\s)(لا|لم|لن|غير)\s/i;
    for (const label of [
      words.on,
      words.off,
      words.refuse,
      words.allow,
      words.refuseAll,
      words.permitted,
      words.refused,
    ])
      expect(label).not.toMatch(NOT);
  });

  test('nothing pleads, thanks, warns or calls anything better', () => {
    const PLEADS =
      /!|¡|please|sorry|miss out|are you sure|recommended|\bbetter\b|\bbest\b(?!ä)|bitte|leider|schade|verpassen|empfohlen|besser|s.il vous pla|dommage|recommand|meilleur|por favor|lástima|recomendad|mejor|من فضلك|للأسف|نوصي|أفضل|残念|おすすめ|推奨/i;
    for (const text of textsOf(words)) expect(text).not.toMatch(PLEADS);
  });

  test('every text says something, and none has a hole', () => {
    for (const text of textsOf(words)) {
      expect(text.trim()).not.toBe('');
      expect(text).not.toMatch(/undefined|NaN|\[object/);
    }
  });

  test('it is loaded by its tag, with a region or without', async () => {
    expect(await spoken(`${language}-XX`)).toEqual({ words, lang: language });
    expect(directionOf(language)).toBe(language === 'ar' ? 'rtl' : 'ltr');
  });
});

test('a catalogue that lacks a text does not compile', () => {
  const { undo: _undo, ...others } = en;
  // @ts-expect-error `undo` is missing
  const words: Words = others;
  expect(words).toBe(others);
});
