import { describe, expect, it } from 'vitest';
import { numberIn, pageIn, paged } from './pages.js';

const LAST = 2 ** 31 - 1;

/** The cursor after an entry of this number. */
function cursorAfter(number: number): string | undefined {
  return paged(['last', 'another'], { limit: 1 }, () => ({ at: number, id: 'x' })).next.next;
}

describe('pages of a list that the database numbers', () => {
  it('go on after the number of the last entry', () => {
    expect(numberIn(pageIn(undefined, undefined))).toBeUndefined();
    for (const number of [0, 1, LAST]) expect(numberIn(pageIn(undefined, cursorAfter(number)))).toBe(number);
  });

  it('refuse a cursor with a number that no entry can have', () => {
    for (const number of [LAST + 1, 999_999_999_999_999])
      expect(() => numberIn(pageIn(undefined, cursorAfter(number)))).toThrow('begin without one');
  });
});
