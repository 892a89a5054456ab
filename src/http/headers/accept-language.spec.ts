import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptedLanguage, answerLanguage, matching } from './accept-language.js';

const LANGUAGES = ['en', 'de', 'zh-Hant', 'pt-BR'] as const;

describe('the language of an answer', () => {
  it.each<[header: string | undefined, language: string, because: string]>([
    [undefined, 'en', 'nothing was asked for'],
    ['', 'en', 'nothing was asked for'],
    ['de', 'de', 'it is there'],
    ['DE', 'de', 'case says nothing'],
    ['de-CH', 'de', 'the more general one is there'],
    ['de-CH-1996', 'de', 'the more general one is there'],
    ['zh-Hant-TW', 'zh-Hant', 'the more general one is there'],
    ['zh-Hant-x-mine', 'zh-Hant', 'a single letter says nothing without what followed it'],
    ['zh', 'en', 'what is there is more particular than what was asked for'],
    ['fr', 'en', 'it is not there'],
    ['fr, de', 'de', 'the next one is there'],
    ['en;q=0.5, de;q=0.8', 'de', 'it weighs more'],
    ['en;q=0.5, de', 'de', 'no weight is the most'],
    ['en;q=0.8,de;q=0.8', 'en', 'of two that weigh the same, the first'],
    ['de-CH;q=0.9, fr;q=1, en;q=0.2', 'de', 'the heaviest is not there'],
    ['*', 'en', 'anything will do'],
    ['fr, *;q=0.1', 'en', 'anything will do'],
    ['*, de;q=0.5', 'en', 'anything weighs more'],
    ['en;q=0, *', 'de', 'the first is not wanted'],
    ['en;q=0', 'de', 'the first is not wanted'],
    ['de;q=0', 'en', 'it is not wanted'],
    ['en;q=0, de;q=0, zh-Hant;q=0, pt-BR;q=0', 'en', 'there is no other'],
    ['de ; q=0.7 , en;q=0.6', 'de', 'white space says nothing'],
    ['de;q=2, pt-BR', 'pt-BR', 'there is no such weight'],
    ['de;level=1', 'en', 'there is no such parameter'],
    ['; ,,;q=1, pt-BR', 'pt-BR', 'the rest is nothing'],
    ['../../etc/passwd', 'en', 'it is no language'],
    ['__proto__, constructor', 'en', 'it is no language that is there'],
  ])('for %j is %s: %s', (header, language) => {
    expect(acceptedLanguage(header, LANGUAGES)).toBe(language);
  });

  it('is one that there is, whatever is sent', () => {
    const pieces = fc.constantFrom(
      'de',
      '-',
      ',',
      ';q=',
      '0',
      '.5',
      '*',
      ' ',
      'CH',
      '\u0000',
      'ü',
      'x-',
      '"',
    );
    const headers = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(headers, (header) => {
        expect(LANGUAGES).toContain(acceptedLanguage(header, LANGUAGES));
      }),
    );
  });

  it.each([
    ['ranges', 'a-b,'.repeat(1_000_000)],
    ['subtags', `de${'-a'.repeat(1_000_000)}`],
    ['white space', `de${' '.repeat(1_000_000)};q=1`],
    ['digits', `de;q=0.${'0'.repeat(1_000_000)}`],
  ])('is found at once in a header of millions of %s', (_what, header) => {
    // a reading whose time grows with the square of the length would outlast the test
    expect(LANGUAGES).toContain(acceptedLanguage(header, LANGUAGES));
  });

  it('does not depend on what comes after the first thousand characters', () => {
    expect(acceptedLanguage(`${'fr,'.repeat(300)}de`, LANGUAGES)).toBe('de');
    expect(acceptedLanguage(`${'fr,'.repeat(400)}de`, LANGUAGES)).toBe('en');
  });
});

describe('a language that the address names', () => {
  it.each<[asked: string | undefined, header: string | undefined, language: string, because: string]>([
    ['de', 'en', 'de', 'it counts before the header'],
    ['DE-ch', 'pt-BR', 'de', 'the more general one is there'],
    ['fr', 'pt-BR', 'pt-BR', 'it is not there, and the header counts'],
    ['fr', undefined, 'en', 'neither is there'],
    [undefined, 'de', 'de', 'none is named'],
    ['de', 'de;q=0', 'de', 'it was named on purpose'],
  ])('%s, with the header %s, gives %s: %s', (asked, header, language) => {
    const headers = new Map<string, unknown>();
    const reply = { header: (name: string, value: unknown) => (headers.set(name, value), reply) };
    expect(answerLanguage(reply, header, LANGUAGES, asked)).toBe(language);
    expect(Object.fromEntries(headers)).toEqual({ 'content-language': language, vary: 'Accept-Language' });
  });
});

describe('a tag', () => {
  it('finds its own language before a more general one', () => {
    expect(matching('de-CH', ['de', 'de-CH'])).toBe('de-CH');
    expect(matching('de-AT', ['de', 'de-CH'])).toBe('de');
    expect(matching('it', ['de', 'de-CH'])).toBeUndefined();
  });
});
