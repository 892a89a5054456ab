import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSamePerson, personOf } from './person.js';

describe('one person', () => {
  it.each([
    ['in another case', 'Ann.Smith', 'ANN.smith'],
    ['with a space at the end', 'ann', 'ann '],
    ['with a no-break space', 'ann', 'ann\u00a0'],
    ['with a zero-width space', 'ann', 'a\u200bnn'],
    ['with a mark of direction', 'ann', '\u202aann\u202c'],
    ['with a soft hyphen', 'ann', 'an\u00adn'],
    ['with a variation selector', 'ann', 'ann\ufe0f'],
    ['with its letters in pieces', 'jos\u00e9', 'jose\u0301'],
    ['in letters of full width', 'ann', '\uff41\uff4e\uff4e'],
    ['with a ligature', 'fi', '\ufb01'],
    ['with a sharp s', 'stra\u00dfe', 'STRASSE'],
    ['with a sigma at the end', '\u03a3\u03a3', '\u03c3\u03c2'],
    ['with the sign of kelvin', 'kim', '\u212aim'],
  ])('is meant by an id %s', (_how, one, other) => {
    expect(isSamePerson(one, other)).toBe(true);
  });

  it('is not meant by what reads otherwise', () => {
    expect(isSamePerson('ann', 'anne')).toBe(false);
    expect(isSamePerson('jose', 'jos\u00e9')).toBe(false);
  });

  it('is the same however often an id was folded, in whatever case it comes, and with whatever is not seen', () => {
    const ids = fc.string({ unit: 'grapheme-composite', minLength: 1 });
    const unseen = fc.constantFrom(' ', '\u00a0', '\u200b', '\u2060', '\ufeff', '\u00ad', '\u202e', '\t');
    fc.assert(
      fc.property(ids, unseen, (id, mark) => {
        expect(personOf(personOf(id))).toBe(personOf(id));
        for (const same of [id.toUpperCase(), id.toLowerCase(), id.normalize('NFD'), `${mark}${id}${mark}`])
          expect(isSamePerson(id, same)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
