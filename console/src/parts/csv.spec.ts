import { expect, test } from 'vitest';
import { isFormula } from '../../../src/text.js';
import { csvOf } from './csv.js';

const HOSTILE = [
  '=HYPERLINK("http://evil","x")',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  ' =1',
  "'=1",
  '\uff1d1',
];

test.each(HOSTILE)('a spreadsheet shows %j as the text that it is', (text) => {
  const cell = csvOf([[text]])
    .trimEnd()
    .replace(/^"/, '');
  expect(isFormula(text)).toBe(true);
  expect(cell.startsWith(`'${text.slice(0, 1)}`)).toBe(true);
});

test('what is no formula is written as it is', () => {
  expect(csvOf([['a=b', 'it is "so", you see', -5, null]])).toBe('a=b,"it is ""so"", you see",-5,\r\n');
});
