import { array, constantFrom, assert as holds, property } from 'fast-check';
import { expect, test } from 'vitest';
import { times } from '../../test/times.js';
import { together } from '../src/pages/draft/editor/three-way.js';

const texts = array(constantFrom('a', 'b', 'c', ''), { maxLength: 8 }).map((lines) => lines.join('\n'));
const RUNS = { numRuns: times(20_000, 1_000) };

test('what one alone changed is there, whoever it was', () => {
  holds(
    property(texts, texts, (before, after) => {
      expect(together(before, after, before)).toEqual({ text: after, conflicts: 0 });
      expect(together(before, before, after)).toEqual({ text: after, conflicts: 0 });
      expect(together(before, after, after)).toEqual({ text: after, conflicts: 0 });
    }),
    RUNS,
  );
});

test('without a conflict it does not matter whose is whose', () => {
  holds(
    property(texts, texts, texts, (before, mine, theirs) => {
      const one = together(before, mine, theirs);
      const other = together(before, theirs, mine);
      expect(other.conflicts).toBe(one.conflicts);
      if (one.conflicts === 0) expect(other.text).toBe(one.text);
    }),
    RUNS,
  );
});

test('far from each other both are taken; at one place mine stands, and it is counted', () => {
  const before = 'a\nb\nc\nd\ne\n';
  expect(together(before, 'A\nb\nc\nd\ne\n', 'a\nb\nc\nd\nE\n')).toEqual({
    text: 'A\nb\nc\nd\nE\n',
    conflicts: 0,
  });
  expect(together(before, 'a\nb\nC\nd\ne\n', 'a\nb\nX\nd\nE\n')).toMatchObject({ conflicts: 1 });
  expect(together(before, 'a\nb\nd\ne\n', 'a\nb\nX\nd\ne\n')).toEqual({ text: 'a\nb\nd\ne\n', conflicts: 1 });
});
