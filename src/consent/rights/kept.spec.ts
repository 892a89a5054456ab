import { describe, expect, test } from 'vitest';
import { SPOKEN } from '../../http/headers/spoken.js';
import { Kept } from './kept.js';

const AT = Date.parse('2027-01-01T00:00:00Z');
const kept = (days: number | undefined, language = 'en', isFleet = false, listDays?: number) =>
  new Kept(days, isFleet, listDays).view({ at: AT }, language);
const ends = (days: number | undefined) =>
  Object.fromEntries(kept(days).map(({ kind, until }) => [kind, until]));

describe('what an erasure keeps', () => {
  test('ends after two days for the id, and after the days of the record for uses', () => {
    expect(ends(90)).toEqual({
      erasure: null,
      log: null,
      erased_id: '2027-01-03T00:00:00.000Z',
      uses: '2027-04-01T00:00:00.000Z',
      training_sets: null,
    });
  });

  test('has no end for uses where they are kept for good, and no uses where none are recorded', () => {
    expect(ends(0)).toMatchObject({ uses: null });
    expect(Object.keys(ends(undefined))).toEqual(['erasure', 'log', 'erased_id', 'training_sets']);
  });

  test('is a copy of the state as well where processes share one, for a day', () => {
    expect(kept(90, 'en', true)).toContainEqual(
      expect.objectContaining({ kind: 'snapshot', until: '2027-01-02T00:00:00.000Z' }),
    );
  });

  test('is an entry of the list of erasures where there is one, for its days, the rest of the month, and a day', () => {
    expect(kept(90, 'en', false, 400)).toContainEqual(
      expect.objectContaining({ kind: 'erasure_list', until: '2028-03-08T00:00:00.000Z' }),
    );
    expect(kept(90, 'en', false, 0)).toContainEqual(
      expect.objectContaining({ kind: 'erasure_list', until: null }),
    );
  });

  test('is told in the language of the page, and in English where it is not written in that', () => {
    const texts = (language: string) => kept(90, language, true, 400).flatMap(({ what, why }) => [what, why]);
    expect(texts('de-AT')).toEqual(texts('de'));
    expect(texts('it')).toEqual(texts('en'));
    for (const { lang } of kept(90, 'it')) expect(lang).toEqual({ what: 'en', why: 'en' });
    for (const one of kept(90, 'de-AT')) expect(one).not.toHaveProperty('lang');
    const all = SPOKEN.flatMap(texts);
    expect(new Set(all).size).toBe(all.length);
  });
});
