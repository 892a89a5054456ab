import { array, assert, constantFrom, property } from 'fast-check';
import { expect, test } from 'vitest';
import { differenceOf, wordsOf } from './difference.js';

const list = array(constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });

const without = (kind: 'new' | 'gone', pieces: ReturnType<typeof differenceOf>) =>
  (pieces ?? []).filter((piece) => piece.kind !== kind).flatMap(({ items }) => items);

/** The length of a longest common subsequence, by its definition. */
function mostInCommon(one: readonly string[], other: readonly string[]): number {
  const [first, ...rest] = one;
  if (first === undefined || other.length === 0) return 0;
  const at = other.indexOf(first);
  const skipped = mostInCommon(rest, other);
  return at < 0 ? skipped : Math.max(skipped, 1 + mostInCommon(rest, other.slice(at + 1)));
}

test('without what is new it is the one, without what is gone the other, and no more than needed is either', () => {
  assert(
    property(list, list, (before, now) => {
      const pieces = differenceOf(before, now);
      expect(without('new', pieces)).toEqual(before);
      expect(without('gone', pieces)).toEqual(now);
      const same = (pieces ?? []).filter(({ kind }) => kind === 'same').flatMap(({ items }) => items);
      expect(same).toHaveLength(mostInCommon(before, now));
    }),
  );
});

test('a few changed lines of very many are found, and texts with nothing in common are not marked word by word', () => {
  const lines = Array.from({ length: 50_000 }, (_, line) => `line ${line}`);
  const pieces = differenceOf(lines, lines.with(20_000, 'other').toSpliced(40_000, 1));
  expect(pieces?.map(({ kind, items }) => [kind, items.length])).toEqual([
    ['same', 20_000],
    ['gone', 1],
    ['new', 1],
    ['same', 19_999],
    ['gone', 1],
    ['same', 9_999],
  ]);
  expect(
    differenceOf(
      lines.slice(0, 3_000),
      lines.slice(0, 3_000).map((line) => `${line}!`),
    ),
  ).toBeUndefined();
});

test('words keep the space after them', () => {
  expect(wordsOf('What you say, counts.', 'en')).toEqual(['What ', 'you ', 'say', ', ', 'counts', '.']);
});
