import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canBeLonger, timeAfter } from './duration.js';

const day = (text: string) => Date.parse(`${text}T09:30:00.123Z`);

describe('a calendar duration', () => {
  it.each([
    ['2026-01-31', 'P1M', '2026-02-28'],
    ['2028-01-31', 'P1M', '2028-02-29'],
    ['2028-02-29', 'P1Y', '2029-02-28'],
    ['2026-03-15', 'P13M', '2027-04-15'],
    ['2026-12-31', 'P2M', '2027-02-28'],
    ['2026-01-31', 'P1M1D', '2026-03-01'],
    ['2026-11-29', 'P90D', '2027-02-27'],
    ['2026-03-28', 'P1Y2M3D', '2027-05-31'],
  ])('from %s, %s is until %s, at the same time of day', (from, duration, until) => {
    expect(timeAfter(day(from), duration)).toBe(day(until));
  });

  it('ends after it begins, and never earlier for who begins later', () => {
    const durations = fc.constantFrom('P1D', 'P1M', 'P13M', 'P1Y', 'P6M15D', 'P999Y');
    const times = fc.integer({ min: 0, max: Date.UTC(2100, 0) });
    fc.assert(
      fc.property(durations, times, times, (duration, one, other) => {
        const [first, second] = one < other ? [one, other] : [other, one];
        expect(timeAfter(first, duration)).toBeGreaterThan(first);
        // months are counted before days, so within a day of the end of a month the order of days is lost, never more
        expect(timeAfter(second, duration) + 86_400_000 * 3).toBeGreaterThan(timeAfter(first, duration));
      }),
    );
  });

  it.each(['P', 'PT1H', 'P1W', '1M', 'P1M2Y', 'P-1M', 'P1.5M', 'p1m', ''])('is not `%s`', (text) => {
    expect(() => timeAfter(0, text)).toThrow('a duration is in years, months and days: write it as in P13M');
  });

  it('is compared with another by when the two can end', () => {
    expect([canBeLonger('P13M', 'P12M'), canBeLonger('P12M', 'P13M')]).toEqual([true, false]);
    expect([canBeLonger('P1Y', 'P12M'), canBeLonger('P12M', 'P1Y')]).toEqual([false, false]);
    // of a month and thirty days, either can be the longer
    expect([canBeLonger('P1M', 'P30D'), canBeLonger('P30D', 'P1M')]).toEqual([true, true]);
  });
});
