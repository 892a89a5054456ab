import { Base64Url, Segment, SegmentEncoder, TCModel } from '@iabtcf/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_CHARACTERS, readTcString, saidAtIn, writeTcString } from './tc-string.js';
import { DAY_MS } from '../../time.js';

const [CORE = ''] = writeTcString({ consents: [1, 4], legitimateInterests: [2, 7] }, 300, 0).split('.');
/** The bits of a core segment up to where its vendors begin. */
const FIXED = Base64Url.decode(CORE).slice(0, 213);
const NO_VENDORS = '0'.repeat(17);
const NO_RESTRICTIONS = '0'.repeat(12);

function bits(value: number, count: number): string {
  return value.toString(2).padStart(count, '0');
}

/** A segment, whole characters of bits. */
function segment(...parts: readonly string[]): string {
  return Base64Url.encode(parts.join(''));
}

/** A list of ranges of vendors. */
function ranges(...spans: readonly (readonly [number, number])[]): string {
  return bits(spans.length, 12) + spans.map(([from, to]) => `1${bits(from, 16)}${bits(to, 16)}`).join('');
}

describe('a TC string that is read', () => {
  it('may be one of TCF 2.0: the example of its specification', () => {
    const tc = readTcString(
      'COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA.IFoEUQQgAIQwgIwQABAEAAAAOIAACAIAAAAQAIAgEAACEAAAAAgAQBAAAAAAAGBAAgAAAAAAAFAAECAAAgAAQARAEQAAAAAJAAIAAgAAAYQEAAAQmAgBC3ZAYzUw',
    );
    expect(tc).toMatchObject({
      policyVersion: 2,
      consents: new Set([1, 2, 3]),
      legitimateInterests: new Set(),
      vendorConsents: 3,
      vendorLegitimateInterests: 3,
      publisherRestrictions: 0,
      segments: new Set([1]),
    });
    expect(new Date(tc.lastUpdated).toISOString()).toMatch(/^2020-02-20T/);
  });

  it('has its vendors counted as the library of the framework counts them', () => {
    const vendors = fc.uniqueArray(fc.integer({ min: 1, max: 2_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(vendors, vendors, vendors, (consented, interested, disclosed) => {
        const model = new TCModel();
        model.cmpId = 300;
        model.vendorConsents.set(consented);
        model.vendorLegitimateInterests.set(interested);
        model.vendorsDisclosed.set(disclosed);
        const text = `${SegmentEncoder.encode(model, Segment.CORE)}.${SegmentEncoder.encode(model, Segment.VENDORS_DISCLOSED)}`;
        expect(readTcString(text)).toMatchObject({
          vendorConsents: consented.length,
          vendorLegitimateInterests: interested.length,
          segments: new Set([1]),
        });
      }),
    );
  });

  it('has restrictions and custom purposes of the publisher counted', () => {
    const restriction = bits(4, 6) + bits(1, 2) + ranges([1, 1_500]);
    const core = segment(FIXED, NO_VENDORS, NO_VENDORS, bits(2, 12), restriction, restriction);
    const publisher = segment(bits(3, 3), '0'.repeat(48), bits(5, 6), '0'.repeat(10));
    expect(readTcString(`${core}.${publisher}`)).toMatchObject({
      consents: new Set([1, 4]),
      legitimateInterests: new Set([2, 7]),
      publisherRestrictions: 2,
      customPurposes: 5,
      segments: new Set([3]),
    });
  });

  it('has vendors that its ranges repeat counted and not written out, which would take minutes', () => {
    const all = ranges(...Array.from({ length: 1_400 }, () => [1, 65_535] as const));
    const vendors = `${bits(65_535, 16)}1${all}`;
    const restricted = `${NO_VENDORS}${NO_VENDORS}${bits(1, 12)}${bits(4, 6)}00${all}`;
    for (const rest of [`${vendors}${NO_VENDORS}${NO_RESTRICTIONS}`, restricted]) {
      const text = segment(FIXED, rest);
      expect(text.length).toBeLessThanOrEqual(MOST_CHARACTERS);
      const { vendorConsents, publisherRestrictions } = readTcString(text);
      expect([vendorConsents, publisherRestrictions]).toEqual(
        rest === restricted ? [0, 1] : [1_400 * 65_535, 0],
      );
    }
  });
});

describe('when a TC string was said', () => {
  const NOW = Date.UTC(2026, 10, 26, 12);
  const TODAY = NOW - DAY_MS / 2;
  const string = readTcString(writeTcString({ consents: [], legitimateInterests: [] }, 300, TODAY));

  it.each([
    { what: 'today', created: TODAY, lastUpdated: TODAY },
    { what: 'years ago', created: Date.UTC(2020, 7, 15), lastUpdated: Date.UTC(2020, 7, 16) },
    { what: 'tomorrow, where it is tomorrow already', created: TODAY, lastUpdated: TODAY + DAY_MS },
    { what: 'on the day version 2 was published', created: Date.UTC(2019, 7, 21), lastUpdated: TODAY },
  ])('is known: $what', ({ created, lastUpdated }) => {
    expect(saidAtIn({ ...string, created, lastUpdated }, NOW)).toBe(lastUpdated);
  });

  it.each([
    { what: 'the beginning of all clocks', created: 0, lastUpdated: 0 },
    { what: 'before there was the framework', created: Date.UTC(1990, 0), lastUpdated: Date.UTC(1990, 0) },
    { what: 'a day before version 2', created: Date.UTC(2019, 7, 20), lastUpdated: Date.UTC(2019, 7, 20) },
    { what: 'begun before version 2', created: Date.UTC(2019, 7, 20), lastUpdated: TODAY },
    { what: 'updated before it was begun', created: TODAY, lastUpdated: TODAY - DAY_MS },
    { what: 'the day after tomorrow', created: TODAY, lastUpdated: TODAY + 2 * DAY_MS },
    { what: 'a year to come', created: Date.UTC(2040, 0), lastUpdated: Date.UTC(2040, 0) },
  ])('is not known: $what', ({ created, lastUpdated }) => {
    expect(saidAtIn({ ...string, created, lastUpdated }, NOW)).toBeUndefined();
  });
});

describe('a TC string is refused', () => {
  const core = segment(FIXED, NO_VENDORS, NO_VENDORS, NO_RESTRICTIONS);
  const disclosed = segment('001', NO_VENDORS);
  it.each([
    { name: 'when it is empty', text: '', why: 'a part that is not base64url' },
    { name: 'of version 1', text: `B${core.slice(1)}`, why: 'it is of version 1;' },
    { name: 'of a version to come', text: `D${core.slice(1)}`, why: 'it is of version 3;' },
    { name: 'in base64 of another alphabet', text: `${core}+/`, why: 'a part that is not base64url' },
    { name: 'with a space before it', text: ` ${core}`, why: 'a part that is not base64url' },
    { name: 'as a GPP string', text: `DBABMA~${core}`, why: 'a part that is not base64url' },
    { name: 'when it ends in its purposes', text: core.slice(0, 30), why: 'it is cut short' },
    { name: 'when it ends in its vendors', text: core.slice(0, 38), why: 'it is cut short' },
    { name: 'with an empty segment', text: `${core}.`, why: 'a part that is not base64url' },
    { name: 'with two cores', text: `${core}.${core}`, why: 'it has a segment twice' },
    {
      name: 'with a segment twice',
      text: `${core}.${disclosed}.${disclosed}`,
      why: 'it has a segment twice',
    },
    {
      name: 'with the id of no platform',
      text: segment(
        `${FIXED.slice(0, 78)}${'0'.repeat(12)}${FIXED.slice(90)}`,
        NO_VENDORS,
        NO_VENDORS,
        NO_RESTRICTIONS,
      ),
      why: 'one of its fields has a value that none can have',
    },
    {
      name: 'with a range that ends before it begins',
      text: segment(FIXED, `${bits(9, 16)}1${ranges([9, 1])}`, NO_VENDORS, NO_RESTRICTIONS),
      why: 'it has a range of vendors that ends before it begins',
    },
  ])('$name', ({ text, why }) => {
    expect(() => readTcString(text)).toThrow(why);
  });
});
