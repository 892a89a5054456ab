import { expect, test } from 'vitest';
import { durationText } from './times.js';

test.each([
  ['en', 'P13M', '13 months'],
  ['en', 'P1Y1M', '1 year and 1 month'],
  ['en', 'P1Y2M3D', '1 year, 2 months, and 3 days'],
  ['de', 'P13M', '13 Monate'],
  ['fr', 'P1Y', '1\u00a0an'],
  ['es', 'P6M', '6 meses'],
  ['ar', 'P2M', 'شهران'],
  ['ja', 'P13M', '13 か月'],
])('a time is told in words: in %s, %s is %s', (language, duration, words) => {
  expect(durationText(duration, language)).toBe(words);
});
