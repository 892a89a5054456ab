import { isISO31661Alpha2 } from 'class-validator';
import { iso31662 } from 'iso-3166';
import { describe, expect, it } from 'vitest';
import { faultOfRegion, isRegion } from './region.js';

describe('a region', () => {
  it.each(['DE', 'US-CA', 'GB', 'unknown', 'GB-SCT', 'FR-75C', 'FR-RE', 'US-PR', 'CN-91', 'BQ-BO', 'SH-AC'])(
    'is %s',
    (text) => {
      expect(isRegion(text)).toBe(true);
    },
  );

  it.each([
    ['UK', 'GB'],
    ['uk-eng', 'GB-ENG'],
    ['EL', 'GR'],
    ['USA', 'US'],
    ['us-ca', 'US-CA'],
    ['US_CA', 'US-CA'],
    [' de ', 'DE'],
    ['de', 'DE'],
    ['Us', 'US'],
    ['Germany', 'DE'],
    ['united kingdom', 'GB'],
    ['UNKNOWN', 'unknown'],
    ['US-AC', 'US-CA'],
    ['us-california', 'US-CA'],
    ['DE-BYY', 'DE-BY'],
    ['gb_scotland', 'GB-SCT'],
  ])('is not %j, which means %s', (text, meant) => {
    expect(isRegion(text)).toBe(false);
    expect(isRegion(meant)).toBe(true);
    expect(faultOfRegion(text)).toMatch(new RegExp(`: did you mean \`${meant}\`\\?$`));
  });

  it('of a country that has no such subdivision is refused, and none is guessed where several are as near', () => {
    for (const text of ['US-XX', 'US-CAL', 'DE-US', 'AQ-01', 'ZZ-01', 'US-', 'US-CA-', 'us-CA']) {
      expect(isRegion(text), text).toBe(false);
      expect(faultOfRegion(text)).toMatch(/^must be an ISO 3166-1 alpha-2 or ISO 3166-2 code/);
    }
    expect(faultOfRegion('US-CAL')).not.toContain('did you mean');
  });

  it('is every code of ISO 3166-2 whose country has one', () => {
    const wrong = iso31662.filter(({ code }) => !isRegion(code));
    expect(wrong).toEqual([]);
    expect(iso31662.filter(({ code }) => !isISO31661Alpha2(code.slice(0, 2)))).toEqual([]);
  });

  it.each(['', 'ZZ', 'Atlantis', 'US-', 'x'.repeat(10_000), 7, null, {}])(
    'is not %j, which means none',
    (value) => {
      expect(isRegion(value)).toBe(false);
      expect(faultOfRegion(value)).toMatch(/or `unknown`$/);
    },
  );
});
