import * as fc from 'fast-check';
import { isISO31661Alpha2 } from 'class-validator';
import { describe, expect, it, test } from 'vitest';
import { compile, lint } from '../../test/at-once.js';
import { COUNTRIES, PLACES_OF_TWO_CODES, isOfACountry, placeOf } from './places.js';
import { ANY_REGION, type PolicyDocument } from './policy.js';
import { REFERENCE as reference } from '../../test/reference-policy.js';

/** All codes of each place that has several. */
const CODES = [...new Set(PLACES_OF_TWO_CODES.map(placeOf))]
  .map((place) => PLACES_OF_TWO_CODES.filter((code) => placeOf(code) === place))
  .filter((codes) => codes.length > 1);

/** Under which law a policy has a region when it decides; `unknown`: nobody knows. */
function lawIn(document: PolicyDocument): (region: string) => string {
  const result = compile(document);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.policy.regimeInDecisions;
}

/** A small policy of three regimes with these regions; the last has the rest of the world. */
function withRegions(...regions: readonly (readonly string[])[]): PolicyDocument {
  const ids = ['STRICT', 'MIDDLE', 'LAX'];
  return {
    schema: 1,
    unknown_regime: 'STRICT',
    regimes: ids.map((id, at) => ({
      id,
      title: id,
      regions: [...(regions[at] ?? []), ...(id === 'LAX' ? [ANY_REGION] : [])],
    })),
    obligations: [],
    purposes: [
      {
        id: 'feed',
        title: 'Feed',
        description: 'Your feed is chosen.',
        dpv: 'ServiceProvision',
        settings: { STRICT: 'opt_in', MIDDLE: 'opt_out', LAX: 'always' },
        categories: ['profile'],
      },
    ],
    fields: [],
    overlays: { minor_or_age_unknown: { never: [] }, gpc: { regimes: [], opt_out: [] } },
    floor: { private_message: [] },
  };
}

/** Every code of these places in one of the regimes or in none. */
const divisions = fc
  .array(fc.nat(4), { minLength: PLACES_OF_TWO_CODES.length, maxLength: PLACES_OF_TWO_CODES.length })
  .map((drawn) =>
    withRegions(...[0, 1, 2].map((regime) => PLACES_OF_TWO_CODES.filter((_, at) => drawn[at] === regime))),
  );

describe('one place', () => {
  it('lives under one law in the reference policy, whichever of its codes a user is recorded by', () => {
    const law = lawIn(reference);
    for (const codes of CODES) expect(new Set(codes.map(law)).size, codes.join(' ')).toBe(1);
    expect(lint(reference).filter(({ code }) => code === 'place_under_two_laws')).toEqual([]);
  });

  it.each([
    ['NO-21', 'SJ', 'EU_EEA_CH'],
    ['FR-971', 'GP', 'EU_EEA_CH'],
    ['FR-GF', 'GF', 'EU_EEA_CH'],
    ['FI-01', 'AX', 'EU_EEA_CH'],
    ['FR-NC', 'NC', 'EU_EEA_CH'],
    ['ES-CN', 'IC', 'EU_EEA_CH'],
    ['ES-CE', 'EA', 'EU_EEA_CH'],
    ['GR', 'EL', 'EU_EEA_CH'],
    ['CN-HK', 'HK', 'HK'],
    ['CN-91', 'HK', 'HK'],
    ['US-PR', 'PR', 'US'],
    ['GB', 'UK', 'UK'],
    ['RS-KM', 'XK', 'ROW'],
    ['CN-TW', 'TW', 'ROW'],
  ])('%s and %s live in %s', (one, other, regime) => {
    expect([one, other].map(lawIn(reference))).toEqual([regime, regime]);
  });

  it('lives under one law in any policy, and the lint finds exactly the places that a policy divides', () => {
    fc.assert(
      fc.property(divisions, (document) => {
        const law = lawIn(document);
        const found = lint(document).filter(({ code }) => code === 'place_under_two_laws');
        const lists = (code: string) =>
          document.regimes.filter(({ regions }) => regions.includes(code)).map(({ id }) => id);
        for (const codes of CODES) {
          expect(new Set(codes.map(law)).size).toBe(1);
          const divided = new Set(codes.flatMap(lists)).size > 1;
          expect(found.some(({ message }) => codes.some((code) => message.startsWith(`\`${code}\``)))).toBe(
            divided,
          );
          if (divided) expect(codes.map(law)).toEqual(codes.map(() => 'unknown'));
        }
      }),
      { numRuns: 50 },
    );
  });
});

test('a part of a country is one place by every code of the country', () => {
  for (const [other, own] of [
    ['UK-NIR', 'GB-NIR'],
    ['EL-30', 'GR-30'],
    ['FX-971', 'GP'],
  ] as const)
    expect(placeOf(other)).toBe(own);
});

describe('a code that no country has', () => {
  it('is no place of the rest of the world: nobody knows the law there, so the strictest holds', () => {
    const law = lawIn(reference);
    for (const code of ['ZZ', 'QM-1', 'AA', 'SU']) expect(law(code)).toBe('unknown');
    for (const code of COUNTRIES) expect(law(code)).not.toBe('unknown');
  });

  it('is found by a lint where a policy lists it', () => {
    const document = withRegions(['CA', 'QC'], ['UK']);
    expect(lint(document).filter(({ code }) => code === 'region_unknown')).toEqual([
      expect.objectContaining({
        message: 'no country has the code `QC`, so no user can live there: correct it, or remove it',
      }),
    ]);
  });

  it('is known from the codes of ISO 3166-1, which are the same at every edge', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
    for (const code of letters.flatMap((first) => letters.map((second) => first + second)))
      expect(COUNTRIES.has(code), code).toBe(isISO31661Alpha2(code));
    expect(PLACES_OF_TWO_CODES.every(isOfACountry)).toBe(true);
  });
});
