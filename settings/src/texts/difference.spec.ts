import { assert, array, constantFrom, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { differenceOf } from './difference.js';

/** Texts whose words are often the same. */
const texts = array(constantFrom('data', 'is', 'used', 'shown', 'to', 'partners', ', ', ' ', '. '), {
  maxLength: 40,
}).map((words) => words.join(' '));

test('what is the same and what is gone is the text before; what is the same and what is new is the text now', () => {
  assert(
    property(texts, texts, (before, now) => {
      const pieces = differenceOf(before, now, 'en') ?? [];
      const without = (kind: string) =>
        pieces
          .filter((piece) => piece.kind !== kind)
          .map(({ text }) => text)
          .join('');
      expect(without('new')).toBe(before);
      expect(without('gone')).toBe(now);
    }),
  );
});

test('of one text with itself nothing is marked', () => {
  assert(
    property(string(), (text) => {
      expect(differenceOf(text, text, 'en')?.filter(({ kind }) => kind !== 'same')).toEqual([]);
    }),
  );
});

test.each([
  ['en', 'your skills are used', 'your age is used', ['skills are '], ['age is ']],
  ['ja', '技能が使われます', '年齢が使われます', ['技能'], ['年齢']],
])('in %s, the words that changed are marked, and no others', (language, before, now, gone, added) => {
  const pieces = differenceOf(before, now, language) ?? [];
  const of = (kind: string) => pieces.filter((piece) => piece.kind === kind).map(({ text }) => text);
  expect(of('gone').join(' ')).toBe(gone.join(' '));
  expect(of('new').join(' ')).toBe(added.join(' '));
});

test('texts that are too long are not compared', () => {
  expect(differenceOf('a '.repeat(1000), 'b '.repeat(1000), 'en')).toBeUndefined();
});
