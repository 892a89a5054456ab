/** What was probably meant. */
import { describe, expect, it } from 'vitest';
import { nearest } from './nearest.js';

const NAMES = ['ads', 'ads.personalised', 'ads.inferred', 'ai', 'opt_in', 'opt_out', 'US', 'US_CA', 'UK'];

describe('a name that is not among them', () => {
  it.each([
    ['a letter too few', 'ads.personalisd', 'ads.personalised'],
    ['a letter too many', 'ads.inferrred', 'ads.inferred'],
    ['another letter', 'ads.personalized', 'ads.personalised'],
    ['two letters swapped', 'ads.infererd', 'ads.inferred'],
    ['capitals', 'Ads.Inferred', 'ads.inferred'],
    ['a dash', 'opt-in', 'opt_in'],
    ['lower case', 'us_ca', 'US_CA'],
    ['two slips', 'ads.prsonalized', 'ads.personalised'],
  ])('was probably meant when it has %s', (_how, name, meant) => {
    expect(nearest(name, NAMES)).toBe(meant);
  });

  it.each([
    ['has more slips than two', 'ads.prsnalized'],
    ['is so short that a slip makes another word', 'at'],
    ['resembles none', 'research'],
    ['is longer than any can be', 'ads.personalised'.repeat(10)],
    ['is empty', ''],
  ])('is not guessed when it %s', (_how, name) => {
    expect(nearest(name, NAMES)).toBeUndefined();
  });

  it('is taken for the nearest of those that are near', () => {
    expect(nearest('member.skils', ['member.kills', 'member.skills', 'member.skies'])).toBe('member.skills');
  });
});

it('a name that is among them needs no other', () => {
  expect(nearest('UK', NAMES)).toBeUndefined();
});
