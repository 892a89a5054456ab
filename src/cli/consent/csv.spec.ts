import { array, assert, boolean, constantFrom, property, string, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellOf, cellsIn, guarded, unguarded } from './csv.js';

/** Text without line ends, of which much begins as a formula or a guard does. */
const cells = tuple(
  constantFrom('', "'", "''", ' ', " '", "' "),
  constantFrom('', '=', '+', '-', '@', '\t', '＝', '＋', '－', '＠', '"', ','),
  string({ unit: 'grapheme' }),
).map((parts) => parts.join('').replaceAll(/[\r\n]/g, ''));

describe('a cell', () => {
  test('comes back as it was, guarded or not, whatever is in it and beside it', () => {
    assert(
      property(array(cells, { minLength: 1 }), boolean(), (values, isOn) => {
        const line = values.map((value) => cellOf(guarded(value, isOn))).join(',');
        expect(cellsIn(line, ',')?.map(unguarded)).toEqual(values);
      }),
      { numRuns: 500 },
    );
  });

  test('that is guarded never begins as a formula does, nor does a part that another delimiter splits off', () => {
    assert(
      property(cells, (value) => {
        const text = guarded(value, true);
        expect(text).not.toMatch(/^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/);
        const written = cellOf(text);
        for (const delimiter of [';', '\t', '|']) expect(cellsIn(written, delimiter)).toHaveLength(1);
      }),
      { numRuns: 500 },
    );
  });

  test('that no spreadsheet would run is written as it is', () => {
    for (const value of ['u-1', "O'Brien", "'quoted'", 'a=b', 'DE', '2024-05-31T12:00:00Z', '']) {
      expect(guarded(value, true)).toBe(value);
      expect(unguarded(value)).toBe(value);
    }
  });
});
