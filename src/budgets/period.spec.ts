import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BUDGET_PERIODS } from '../decision/policy.js';
import { DAY_MS } from '../time.js';
import { periodAt } from './period.js';

const at = (time: string) => Date.parse(`${time}Z`);

test.each([
  ['year', '2026-12-31T23:59:59.999', '2026'],
  ['year', '2027-01-01T00:00:00.000', '2027'],
  ['month', '2026-11-30T23:59:59.999', '2026-11'],
  ['month', '2026-12-01T00:00:00.000', '2026-12'],
  ['day', '2028-02-29T12:00:00.000', '2028-02-29'],
  ['week', '2026-11-29T23:59:59.999', '2026-W48'],
  ['week', '2026-11-30T00:00:00.000', '2026-W49'],
  // a year begins within a week, which belongs to the year of its Thursday
  ['week', '2025-12-28T23:59:59.999', '2025-W52'],
  ['week', '2025-12-29T00:00:00.000', '2026-W01'],
  ['week', '2026-12-31T00:00:00.000', '2026-W53'],
  ['week', '2027-01-03T23:59:59.999', '2026-W53'],
  ['week', '2027-01-04T00:00:00.000', '2027-W01'],
] as const)('the %s of %s is %s', (kind, time, period) => {
  expect(periodAt(kind, at(time))).toBe(period);
});

test('periods follow each other, and each time is in one as long as its kind', () => {
  const time = fc.integer({ min: at('2000-01-01T00:00:00'), max: at('2199-12-31T00:00:00') });
  fc.assert(
    fc.property(fc.constantFrom(...BUDGET_PERIODS), time, (kind, moment) => {
      const period = periodAt(kind, moment);
      expect(period <= periodAt(kind, moment + DAY_MS)).toBe(true);
      if (kind !== 'week') return;
      const week = Array.from({ length: 7 }, (_, day) => periodAt(kind, moment + day * DAY_MS));
      expect(new Set(week).size).toBe(new Date(moment).getUTCDay() === 1 ? 1 : 2);
      expect(periodAt(kind, moment + 7 * DAY_MS)).not.toBe(period);
    }),
  );
});
