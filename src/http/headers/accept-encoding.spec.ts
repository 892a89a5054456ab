import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptedCoding } from './accept-encoding.js';

describe('the coding of an answer', () => {
  it.each<[header: string | undefined, coding: string | undefined, because: string]>([
    [undefined, undefined, 'nothing was asked for'],
    ['', undefined, 'nothing is taken'],
    ['gzip, deflate, br', 'br', 'it is the better one'],
    ['gzip, deflate, br, zstd', 'br', 'it is the better one'],
    ['gzip, deflate', 'gzip', 'the better one is not taken'],
    ['GZIP', 'gzip', 'case says nothing'],
    ['br;q=0.5, gzip;q=0.8', 'gzip', 'it weighs more'],
    ['br;q=0, gzip', 'gzip', 'the better one is refused'],
    ['br;q=0, gzip;q=0.0', undefined, 'both are refused'],
    ['*', 'br', 'anything is taken'],
    ['*;q=0', undefined, 'nothing is taken'],
    ['*, br;q=0', 'gzip', 'anything else is taken'],
    ['identity', undefined, 'it is to come as it is'],
    ['identity, gzip;q=0.5', undefined, 'it is rather to come as it is'],
    ['identity;q=0.5, gzip', 'gzip', 'it weighs more'],
    ['identity;q=0', undefined, 'no other is named'],
    ['gzip;q=2, br;q=x', undefined, 'there are no such weights'],
    ['deflate, zstd, compress', undefined, 'none of them is made here'],
    ['__proto__, constructor', undefined, 'they are no codings'],
  ])('for %j is %s: %s', (header, coding) => {
    expect(acceptedCoding(header)).toBe(coding);
  });

  it('is never one that the reader does not name or refuses', () => {
    const weight = fc.constantFrom('', ';q=0', ';q=0.3', ';q=1', '; q=0.000', ';q=');
    const name = fc.constantFrom('br', 'gzip', 'identity', '*', 'deflate', 'x-gzip');
    const entries = fc.array(fc.tuple(name, weight), { maxLength: 6 });
    fc.assert(
      fc.property(entries, (list) => {
        const coding = acceptedCoding(list.map((entry) => entry.join('')).join(', '));
        if (coding === undefined) return;
        expect(list.some(([named]) => named === coding || named === '*')).toBe(true);
        const own = list.findLast(([named, its]) => named === coding && its !== ';q=');
        if (own !== undefined) expect(['', ';q=0.3', ';q=1']).toContain(own[1]);
      }),
    );
  });

  it('is found at once in a header of millions of characters', () => {
    expect(acceptedCoding('x;'.repeat(1_000_000))).toBeUndefined();
    expect(acceptedCoding(`br${' '.repeat(1_000_000)};q=1`)).toBe('br');
  });
});
