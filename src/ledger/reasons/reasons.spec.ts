import { describe, expect, it } from 'vitest';
import { REASONS } from '../../decision/reasons.js';
import { SPOKEN } from '../../http/headers/spoken.js';
import { reasonWords } from './reasons.js';

describe.each(SPOKEN)('in %s', (language) => {
  const { reasons, discharged } = reasonWords(language);

  it('no two reasons are told alike, and none names what only the code knows', () => {
    const told = Object.values(reasons);
    expect(new Set(told).size).toBe(Object.keys(REASONS).length);
    for (const words of told) {
      expect(words).toMatch(/^[\p{Ll}\p{Lo}].{5,}[^.。]$/u);
      expect(words).not.toMatch(/undefined|_/);
    }
  });

  it('what a service said is told as its word', () => {
    expect(discharged('ads')).toContain('ads');
  });
});

it('the words are those of the API where English is asked for, or a language that is not there', () => {
  expect(reasonWords('en-GB').reasons.age).toBe(REASONS.age.means);
  expect(reasonWords('it')).toBe(reasonWords('en'));
  expect(reasonWords('de-AT')).toBe(reasonWords('de'));
});
