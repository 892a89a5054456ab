import { describe, expect, it } from 'vitest';
import { faultOfRegion, isRegion } from './region.js';

describe('a region', () => {
  it.each(['DE', 'US-CA', 'GB', 'unknown'])('is %s', (text) => {
    expect(isRegion(text)).toBe(true);
  });

  it.each([
    ['UK', 'GB'],
    ['uk-eng', 'GB-ENG'],
    ['EL', 'GR'],
    ['USA', 'US'],
    ['us-ca', 'US-CA'],
    ['US_CA', 'US-CA'],
    [' de ', 'DE'],
    ['Germany', 'DE'],
    ['united kingdom', 'GB'],
    ['UNKNOWN', 'unknown'],
  ])('is not %j, which means %s', (text, meant) => {
    expect(isRegion(text)).toBe(false);
    expect(isRegion(meant)).toBe(true);
    expect(faultOfRegion(text)).toMatch(new RegExp(`: did you mean \`${meant}\`\\?$`));
  });

  it.each(['', 'ZZ', 'Atlantis', 'US-', 'x'.repeat(10_000), 7, null, {}])(
    'is not %j, which means none',
    (value) => {
      expect(isRegion(value)).toBe(false);
      expect(faultOfRegion(value)).toMatch(/or `unknown`$/);
    },
  );
});
