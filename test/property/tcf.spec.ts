/** TC strings and any policy: what is read from one only ever closes, and what is written is true of every purpose. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hearTcString, sayInTcf } from '../../src/consent/signals/tcf.js';
import { type TcString, readTcString, writeTcString } from '../../src/consent/signals/tc-string.js';
import { EMPTY_RECORD, type UserRecord, applyChange } from '../../src/decision/consent-event.js';
import type { PolicyDocument } from '../../src/decision/policy.js';
import { DomainError } from '../../src/errors.js';
import type { PolicyVersion } from '../../src/policy/policy.service.js';
import { REASON_CODES } from '../../src/decision/table/table.js';
import { RUNS, reference, soundDocuments, usersOf } from './arbitraries.js';
import { policiesOn } from '../at-once.js';

/** Building a version and its table is slow beside hearing a string. */
const WORLDS = RUNS / 10;
const DAY_MS = 86_400_000;
const CMP = 300;

const tcfNumber = fc.integer({ min: 1, max: 11 });
const numbers = fc.uniqueArray(tcfNumber, { maxLength: 11 });
const tcfLists = fc.array(
  fc.oneof(fc.constant([]), fc.uniqueArray(fc.oneof(tcfNumber, fc.constant('SP1')), { maxLength: 4 })),
  { minLength: 8, maxLength: 8 },
);

/** Policies whose purposes stand for TCF purposes of all kinds. */
const documents: fc.Arbitrary<PolicyDocument> = fc
  .tuple(soundDocuments, tcfLists)
  .map(([document, lists]) => ({
    ...document,
    purposes: document.purposes.map((purpose, index) => {
      const tcf = lists[index] ?? [];
      return tcf.length === 0 ? purpose : { ...purpose, tcf };
    }),
  }));

const strings: fc.Arbitrary<TcString> = fc
  .record({
    consents: numbers,
    interests: numbers,
    day: fc.nat(40_000),
    policyVersion: fc.constantFrom(2, 4, 5, 6),
    purposeOneTreatment: fc.boolean(),
  })
  .map(({ consents, interests, day, policyVersion, purposeOneTreatment }) => ({
    created: day * DAY_MS,
    lastUpdated: day * DAY_MS,
    policyVersion,
    consents: new Set(consents),
    legitimateInterests: new Set(interests),
    purposeOneTreatment,
    specialFeatures: 0,
    vendorConsents: 0,
    vendorLegitimateInterests: 0,
    publisherRestrictions: 0,
    segments: new Set([1]),
    customPurposes: 0,
  }));

const worlds = documents.chain((document) => {
  const version = policiesOn(document).current;
  return fc.record({
    version: fc.constant(version),
    record: fc.tuple(usersOf(version), fc.boolean()).map(([record, signal]) => withSignals(record, signal)),
    tc: strings,
    grantedOn: fc.nat(40_000),
  });
});

/** The record with grants that were given against a signal, or were not. */
function withSignals(record: UserRecord, signal: boolean): UserRecord {
  const choices = new Map([...record.choices].map(([purpose, said]) => [purpose, { ...said, signal }]));
  return { ...record, choices };
}

function heardBy(version: PolicyVersion, record: UserRecord, tc: TcString, grantedAt: number) {
  const regime = version.regimeOf(record.region);
  return hearTcString(tc, version.purposes.values(), regime, record, () => grantedAt, tc.lastUpdated);
}

function closedIn(record: UserRecord, closed: readonly string[]): UserRecord {
  return closed.reduce<UserRecord>(
    (left, purpose) =>
      applyChange(left, { kind: 'choice', purpose, choice: 'denied', notice: 0, signal: true }),
    record,
  );
}

function openIn(version: PolicyVersion, record: UserRecord): string[] {
  const consent = version.table.consentOf(record);
  return [...version.purposes.keys()].filter(
    (purpose) => REASON_CODES[consent(version.table.purposeIndex(purpose) ?? -1)] === 'permitted',
  );
}

/** Whether the string gives a purpose what its setting asks for, of each TCF purpose that it stands for. */
function isGranted(tc: TcString, setting: string | undefined, tcf: readonly (number | string)[]): boolean {
  return tcf.every((number) => {
    if (typeof number === 'string' || tc.consents.has(number)) return true;
    if (number === 1 && tc.purposeOneTreatment) return true;
    if (setting === 'opt_in' || !tc.legitimateInterests.has(number)) return false;
    return tc.policyVersion < 4 || [2, 7, 8, 9, 10, 11].includes(number);
  });
}

describe('a TC string', () => {
  it('never opens anything, for anybody, under any policy', () => {
    let closings = 0;
    fc.assert(
      fc.property(worlds, ({ version, record, tc, grantedOn }) => {
        const { closed } = heardBy(version, record, tc, grantedOn * DAY_MS);
        closings += closed.length;
        const before = openIn(version, record);
        const after = openIn(version, closedIn(record, closed));
        expect(before).toEqual(expect.arrayContaining(after));
        for (const purpose of closed) expect(after).not.toContain(purpose);
      }),
      { numRuns: WORLDS },
    );
    expect(closings).toBeGreaterThan(0);
  });

  it('closes exactly what it refuses, and not what was granted after it', () => {
    fc.assert(
      fc.property(worlds, ({ version, record, tc, grantedOn }) => {
        const { closed, unchanged } = heardBy(version, record, tc, grantedOn * DAY_MS);
        const regime = version.regimeOf(record.region);
        for (const { id, settings, tcf = [] } of version.document.purposes) {
          const setting = settings[regime];
          const recorded = record.choices.get(id);
          const refused = (setting === 'opt_in' || setting === 'opt_out') && !isGranted(tc, setting, tcf);
          const sameDayCounts = recorded?.signal === true ? 0 : DAY_MS;
          const later =
            recorded?.choice === 'granted' && grantedOn * DAY_MS >= tc.lastUpdated + sameDayCounts;
          expect(closed.includes(id), id).toBe(refused && recorded?.choice !== 'denied' && !later);
          expect(unchanged.includes(id), id).toBe(refused && recorded?.choice === 'denied');
        }
      }),
      { numRuns: WORLDS },
    );
  });

  it('that is heard again closes nothing more', () => {
    fc.assert(
      fc.property(worlds, ({ version, record, tc, grantedOn }) => {
        const first = heardBy(version, record, tc, grantedOn * DAY_MS);
        const again = heardBy(version, closedIn(record, first.closed), tc, grantedOn * DAY_MS);
        expect(again.closed).toEqual([]);
        expect(again.unchanged.toSorted()).toEqual([...first.closed, ...first.unchanged].toSorted());
      }),
      { numRuns: WORLDS },
    );
  });

  it('says of settings what is true of every purpose that a bit stands for', () => {
    let bits = 0;
    fc.assert(
      fc.property(worlds, fc.nat(40_000), ({ version, record }, day) => {
        const standings = standingsOf(version, record);
        const said = sayInTcf(standings);
        const text = writeTcString(said, CMP, day * DAY_MS + 12_345);
        const read = readTcString(text);
        expect([...read.consents]).toEqual([...said.consents]);
        expect([...read.legitimateInterests]).toEqual([...said.legitimateInterests]);
        expect(read).toMatchObject({ lastUpdated: day * DAY_MS, policyVersion: 5, segments: new Set([1]) });
        for (const number of [...read.consents, ...read.legitimateInterests]) {
          bits++;
          const meant = standings.filter(({ purpose }) => purpose.tcf?.includes(number) === true);
          expect(meant.length).toBeGreaterThan(0);
          for (const { on, setting, choice } of meant) {
            expect(on).toBe(true);
            if (read.consents.has(number)) expect(setting === 'opt_in' || choice === 'granted').toBe(true);
            if (read.legitimateInterests.has(number)) expect(setting).not.toBe('opt_in');
          }
        }
      }),
      { numRuns: WORLDS },
    );
    expect(bits).toBeGreaterThan(0);
  });
});

function standingsOf(version: PolicyVersion, record: UserRecord) {
  const open = openIn(version, record);
  const regime = version.regimeOf(record.region);
  return version.document.purposes.map((purpose) => ({
    purpose,
    setting: purpose.settings[regime] ?? ('never' as const),
    choice: record.choices.get(purpose.id)?.choice ?? null,
    on: open.includes(purpose.id),
  }));
}

const ofReference = policiesOn(reference.document).current;

describe('a text that calls itself a TC string', () => {
  const sound = writeTcString({ consents: [1, 3], legitimateInterests: [2] }, CMP, 0);
  const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('');
  const characters = fc.string({ unit: fc.constantFrom(...base64url), maxLength: 400 });
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    characters,
    characters.map((rest) => `${sound.slice(0, 36)}${rest}`),
    characters.map((rest) => `${sound}.${rest}`),
    fc
      .tuple(fc.nat(sound.length), fc.constantFrom(...base64url, '.', ' ', '~'))
      .map(([place, other]) => `${sound.slice(0, place)}${other}${sound.slice(place + 1)}`),
    fc.nat(sound.length).map((length) => sound.slice(0, length)),
  );

  it('is read, or refused with a sentence, whatever it is', () => {
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const tc = readTcString(text);
          outcomes.read++;
          heardBy(ofReference, EMPTY_RECORD, tc, 0);
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          outcomes.refused++;
          expect(error).toMatchObject({ code: 'invalid_request', member: '/tc_string' });
        }
      }),
      { numRuns: RUNS },
    );
    expect(outcomes.read).toBeGreaterThan(RUNS / 100);
    expect(outcomes.refused).toBeGreaterThan(RUNS / 100);
  });
});
