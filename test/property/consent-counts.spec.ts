/** Counts by purpose, regime and reason: what they are, and what they do not tell whoever knows everything else. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGE_BANDS, type ConsentChange, type UserRecord } from '../../src/decision/consent-event.js';
import { regimesOfDecisions } from '../../src/decision/policy.js';
import { ConsentState } from '../../src/decision/state/consent-state.js';
import { finish } from '../../src/decision/steps.js';
import { REASON_CODES } from '../../src/decision/table/table.js';
import { countReasons } from '../../src/reports/counts/count-reasons.js';
import { toldReasons } from '../../src/reports/counts/told-reasons.js';
import { partOf } from '../../src/reports/parts-of-users.js';
import { toldOf } from '../../src/reports/told.js';
import { tabulate } from '../at-once.js';
import { isLong, times } from '../times.js';
import { reference, usersOf } from './arbitraries.js';

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** All ways to share out so many among so many. */
function* sharings(users: number, among: number): Generator<number[]> {
  if (among === 1) yield [users];
  else
    for (let first = 0; first <= users; first++)
      for (const others of sharings(users - first, among - 1)) yield [first, ...others];
}

/** What is told of a cohort of which so many left for each reason, and so many, the last, remain. */
function tell(numbers: readonly number[], minimum: number) {
  const counts = numbers.slice(0, -1);
  const [all, left] = [sum(numbers), sum(counts)];
  const told = toldOf({ all, left }, minimum);
  return { told, why: toldReasons(all, counts, told, minimum) };
}

/**
 * Of two purposes, one of which depends on the other: what answers a user may have of both, by place in the order of
 * precedence. What closes a purpose closes what depends on it, if nothing of higher precedence does.
 */
function answersOf(places: number): (readonly [number, number])[] {
  return Array.from({ length: places }, (_, one) => one).flatMap((one) =>
    Array.from({ length: one + 1 }, (_, other) => [one, other] as const),
  );
}

describe('what is told of a cohort', () => {
  /**
   * By brute force over every small cohort: those of which the same is told are put together. Whoever knows its size, and
   * all about everybody else, is left with these.
   */
  it.each([
    { minimum: 2, places: 2, most: 20, purposes: 1 },
    { minimum: 2, places: 3, most: 20, purposes: 1 },
    { minimum: 2, places: 4, most: isLong ? 20 : 16, purposes: 1 },
    { minimum: 3, places: 3, most: isLong ? 36 : 30, purposes: 1 },
    { minimum: 2, places: 3, most: isLong ? 17 : 12, purposes: 2 },
    ...(isLong
      ? [
          { minimum: 3, places: 4, most: 24, purposes: 1 },
          { minimum: 4, places: 3, most: 40, purposes: 1 },
          { minimum: 3, places: 3, most: 16, purposes: 2 },
        ]
      : []),
  ])(
    'leaves as many possible numbers as the minimum for each that is under it: $minimum, $places answers, $purposes purposes',
    ({ minimum, places, most, purposes }) => {
      const answers =
        purposes === 2 ? answersOf(places) : answersOf(places).filter(([one, other]) => one === other);
      let told = 0;
      for (let all = 0; all <= most; all++) {
        const possible = new Map<string, Set<number>[]>();
        const cohorts: { readonly numbers: readonly number[]; readonly key: string }[] = [];
        for (const users of sharings(all, answers.length)) {
          const numbers = Array.from({ length: 2 * places }, () => 0);
          for (const [at, [one, other]] of answers.entries())
            for (const place of [one, places + other])
              numbers[place] = (numbers[place] ?? 0) + (users[at] ?? 0);
          const halves = [numbers.slice(0, places), numbers.slice(places)].map((half) => tell(half, minimum));
          if (halves.some(({ why }) => why !== undefined)) told++;
          cohorts.push({ numbers, key: JSON.stringify(halves) });
        }
        for (const { numbers, key } of cohorts) {
          const sets = possible.get(key) ?? numbers.map(() => new Set<number>());
          possible.set(key, sets);
          for (const [place, users] of numbers.entries()) sets[place]?.add(users);
        }
        const fewest = Math.min(minimum, all + 1);
        for (const { numbers, key } of cohorts)
          for (const [place, users] of numbers.entries())
            if (users < minimum && (possible.get(key)?.[place]?.size ?? 0) < fewest)
              expect.unreachable(`of ${numbers.join(' ')} is told ${key}`);
      }
      expect(told).toBeGreaterThan(0);
    },
  );

  it('are multiples of the minimum, which add up to how many left, and none is far from the number', () => {
    const cohorts = fc.record({
      minimum: fc.integer({ min: 1, max: 60 }),
      numbers: fc.array(fc.oneof(fc.nat(120), fc.nat(100_000)), { minLength: 2, maxLength: 7 }),
    });
    fc.assert(
      fc.property(cohorts, ({ minimum, numbers }) => {
        const { told, why } = tell(numbers, minimum);
        if (why === undefined) return;
        expect(sum(why)).toBe(told.left);
        for (const [place, users] of why.entries()) {
          expect(users % minimum).toBe(0);
          expect(users === 0 || users >= minimum).toBe(true);
          // two sets of which each is off by the minimum at most, and by half of it more where few remain
          expect(Math.abs(users - (numbers[place] ?? 0))).toBeLessThanOrEqual(2.5 * minimum);
        }
      }),
      { numRuns: times(2_000, 500) },
    );
  });
});

describe('the count', () => {
  const table = tabulate(reference);
  const regimes = regimesOfDecisions(reference.document);
  /** Users of whom some have the same record. */
  const crowds = fc
    .array(fc.tuple(usersOf(reference), fc.integer({ min: 1, max: 4 })), { maxLength: 20 })
    .map((drawn) => drawn.flatMap(([record, users]) => Array.from({ length: users }, () => record)));

  it('is that of users one by one, without those whom an attribute counts', () => {
    fc.assert(
      fc.property(crowds, fc.boolean(), (records, hasAttributes) => {
        const parts = hasAttributes ? [1, 4] : [];
        const state = new ConsentState([3, 4]);
        const resolution = state.attach(table);
        const expected = new Map<string, number>();
        for (const [place, record] of records.entries()) {
          const user = { subject: place + 1, user: `u-${place}` };
          for (const change of changesOf(record))
            state.apply({
              ...user,
              revision: state.revision + 1,
              by: { kind: 'user', id: user.user },
              at: 0,
              via: 'settings',
              change,
            });
          if (!record.registered || partOf(user.subject, parts) !== undefined) continue;
          const regime = regimes.indexOf(reference.regimeInDecisions(record.region));
          const cohort = regime * AGE_BANDS.length + AGE_BANDS.indexOf(record.ageBand);
          for (let purpose = 0; purpose < table.purposeCount; purpose++) {
            const key = `${purpose} ${cohort} ${table.consentOf(record)(purpose)}`;
            expected.set(key, (expected.get(key) ?? 0) + 1);
          }
        }
        const counts = finish(countReasons(state, resolution, parts));
        const counted = new Map<string, number>();
        for (let purpose = 0; purpose < table.purposeCount; purpose++)
          for (let cohort = 0; cohort < counts.cohorts; cohort++)
            for (const reason of REASON_CODES.keys()) {
              const users = counts.of(purpose, cohort, reason);
              if (users === 0) continue;
              expect(counts.reasonsIn(purpose, cohort)).toContain(reason);
              counted.set(`${purpose} ${cohort} ${reason}`, users);
            }
        expect(counted).toEqual(expected);
      }),
      { numRuns: times(300, 20) },
    );
  });

  it('has of a purpose no reason of lower precedence than of what it depends on: so sets lie within sets', () => {
    fc.assert(
      fc.property(usersOf(reference), (record) => {
        const answers = table.consentOf(record);
        const of = (id: string) => answers(table.purposeIndex(id) ?? -1);
        for (const { id } of reference.document.purposes)
          for (const dependency of reference.dependencies.get(id) ?? [])
            expect(of(id), `${id} on ${dependency}`).toBeLessThanOrEqual(of(dependency));
      }),
      { numRuns: times(3_000, 500) },
    );
  });
});

function changesOf({ registered, region, ageBand, choices, signals }: UserRecord): ConsentChange[] {
  return [
    ...[...signals].map((signal) => ({ kind: 'signal', signal }) as const),
    ...[...choices].map(([purpose, said]) => ({ kind: 'choice', purpose, ...said }) as const),
    ...(registered ? [{ kind: 'profile', region, ageBand } as const] : []),
  ];
}
