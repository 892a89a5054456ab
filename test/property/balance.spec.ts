/** The consent balance: what it tells of cohorts, and what it does not tell whoever knows everything else. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGE_BANDS, type ConsentChange, type UserRecord } from '../../src/decision/consent-event.js';
import { regimesOfDecisions } from '../../src/decision/policy.js';
import { ConsentState } from '../../src/decision/state/consent-state.js';
import { finish } from '../../src/decision/steps.js';
import { PERMITTED } from '../../src/decision/table/table.js';
import { type Balance, type Estimate, type Row, balanceOf } from '../../src/reports/balance.js';
import { countCohorts } from '../../src/reports/cohorts.js';
import { LEAST_COHORT, minimumCohort } from '../../src/reports/minimum-cohort.js';
import { type Count, toldOf } from '../../src/reports/told.js';
import { tabulate } from '../at-once.js';
import { isLong, times } from '../times.js';
import { at, compiled, reference, usersOf } from './arbitraries.js';

const NOBODY: Count = { all: 0, left: 0 };
const RUNS = times(300, 20);

function report(counts: readonly Count[], minimum: number, draws?: number): Balance {
  return finish(
    balanceOf(
      counts.map((count) => toldOf(count, minimum)),
      minimum,
      draws,
    ),
  );
}

const rowsOf = ({ byRegime, byAgeBand, byBoth }: Balance): Row[] =>
  [byRegime, byAgeBand, byBoth].flatMap(({ rows }) => rows.filter((row) => row !== undefined));

const estimatesOf = (balance: Balance): Estimate[] =>
  [
    ...[balance.byRegime, balance.byAgeBand, balance.byBoth].map(({ divergence }) => divergence),
    ...rowsOf(balance).map(({ ratio }) => ratio),
  ].filter((estimate) => estimate !== undefined);

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** Cohorts of one to four regimes: empty, small, one-sided and large. */
const tables = fc
  .record({ minimum: fc.integer({ min: 1, max: 60 }), regimes: fc.integer({ min: 1, max: 4 }) })
  .chain(({ minimum, regimes }) => {
    const size = fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 3 * minimum }),
      fc.integer({ min: 0, max: 1_000_000 }),
    );
    const count = size.chain((all) =>
      fc
        .oneof(
          fc.integer({ min: 0, max: all }),
          fc.integer({ min: 0, max: Math.min(all, 2 * minimum) }),
          fc.integer({ min: Math.max(0, all - 2 * minimum), max: all }),
        )
        .map((left): Count => ({ all, left })),
    );
    const length = regimes * AGE_BANDS.length;
    return fc.record({
      minimum: fc.constant(minimum),
      counts: fc.array(count, { minLength: length, maxLength: length }),
    });
  });

describe('a report', () => {
  it('tells no number under the minimum, and only multiples of it, whatever is added up', () => {
    fc.assert(
      fc.property(tables, ({ counts, minimum }) => {
        for (const { remaining, left } of rowsOf(report(counts, minimum, 1)))
          for (const users of [remaining, left, remaining + left]) {
            expect(users === 0 || users >= minimum).toBe(true);
            expect(users % minimum).toBe(0);
          }
      }),
      { numRuns: RUNS * 5 },
    );
  });

  it('is as far from the numbers as was rounded, and no further', () => {
    fc.assert(
      fc.property(tables, ({ counts, minimum }) => {
        for (const [cohort, row] of report(counts, minimum, 1).byBoth.rows.entries()) {
          const { all, left } = at(counts, cohort);
          if (row === undefined) expect(all).toBeLessThan(2 * minimum);
          else {
            expect(Math.abs(row.remaining + row.left - all)).toBeLessThanOrEqual(minimum / 2);
            expect(Math.abs(row.left - left)).toBeLessThan(1.5 * minimum);
            expect(row.left === 0).toBe(left < minimum);
            expect(row.remaining === 0).toBe(all - left < minimum);
          }
        }
      }),
      { numRuns: RUNS * 5 },
    );
  });

  /**
   * By brute force over every small population: those with the same report are put together. Whoever has the report, and
   * knows the size of every cohort and all about every cohort but one, is left with these.
   */
  it.each(isLong ? [1, 2, 3] : [2])(
    'leaves whoever knows all but one cohort with as many possible numbers as the minimum, here %i',
    (minimum) => {
      const cohorts: Count[] = [];
      for (let all = 0; all <= 3 * minimum; all++)
        for (let left = 0; left <= all; left++) cohorts.push({ all, left });
      const fixed = [NOBODY, { all: 3 * minimum, left: minimum }];
      const seen = new Map<string, Set<number>>();
      const populations: { readonly key: string; readonly all: number; readonly left: number }[] = [];
      for (const one of cohorts)
        for (const other of cohorts) {
          // adults and minors of one regime, and adults of another
          for (const third of fixed) {
            const counts = [one, other, NOBODY, third, NOBODY, NOBODY];
            const told = report(counts, minimum, 1);
            const row = told.byBoth.rows[0];
            if (row !== undefined && row.left > 0 && row.remaining > 0) continue;
            const key = JSON.stringify([told, one.all, other, third]);
            const lefts = seen.get(key) ?? new Set();
            seen.set(key, lefts.add(one.left));
            populations.push({ key, ...one });
          }
        }
      expect(populations.length).toBeGreaterThan(0);
      for (const { key, all, left } of populations) {
        const possible = [...(seen.get(key) ?? [])].toSorted((a, b) => a - b);
        expect(possible).toContain(left);
        // all there are, or as many as the minimum, side by side from one end on
        expect(possible.length).toBe(all < 2 * minimum ? all + 1 : minimum);
        expect([0, all - minimum + 1]).toContain(possible[0]);
      }
    },
  );

  it('has shares that add up to one, and movers the largest first, whose differences add up to nothing', () => {
    fc.assert(
      fc.property(tables, ({ counts, minimum }) => {
        const balance = report(counts, minimum, 1);
        for (const { rows } of [balance.byRegime, balance.byAgeBand, balance.byBoth]) {
          const told = rows.filter((row) => row !== undefined);
          if (told.length > 0) expect(sum(told.map(({ shareOfAll }) => shareOfAll))).toBeCloseTo(1);
          const remaining = told.flatMap(({ shareOfRemaining }) => shareOfRemaining ?? []);
          if (remaining.length > 0) expect(sum(remaining)).toBeCloseTo(1);
        }
        const differences = balance.movers.map(({ difference }) => difference);
        expect(differences.length).toBeLessThanOrEqual(10);
        if (counts.length <= 10) expect(sum(differences)).toBeCloseTo(0);
        const sizes = differences.map(Math.abs);
        expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
      }),
      { numRuns: RUNS },
    );
  });

  it('has every figure between its bounds, and they are what there can be', () => {
    fc.assert(
      fc.property(tables, ({ counts, minimum }) => {
        const balance = report(counts, minimum, 50);
        for (const { value, low, high } of estimatesOf(balance)) {
          expect(low).toBeGreaterThanOrEqual(0);
          expect(value).toBeGreaterThanOrEqual(low);
          expect(high).toBeGreaterThanOrEqual(value);
        }
        for (const { divergence } of [balance.byRegime, balance.byAgeBand, balance.byBoth])
          expect(divergence?.high ?? 0).toBeLessThanOrEqual(1);
      }),
      { numRuns: RUNS },
    );
  });

  it('finds no difference where nobody left, and where as many of each cohort did', () => {
    for (const left of [0, 100_000]) {
      const counts = Array.from({ length: 6 }, () => ({ all: 1_000_000, left }));
      const { byBoth, byRegime, movers } = report(counts, 50);
      for (const { divergence } of [byBoth, byRegime]) {
        expect(divergence).toMatchObject({ value: 0, low: 0 });
        expect(divergence?.high).toBeLessThan(1e-6);
      }
      expect(movers).toEqual([]);
    }
  });

  it('finds who left: the cohort, by how much, and that it is not chance', () => {
    const counts = Array.from({ length: 6 }, () => ({ all: 20_000, left: 1_000 }));
    counts[4] = { all: 20_000, left: 10_000 };
    const { byBoth, byRegime, movers } = report(counts, 50);
    expect(movers[0]).toMatchObject({ cohort: 4 });
    expect(movers[0]?.difference).toBeCloseTo(10_000 / 105_000 - 1 / 6, 10);
    const ratio = byBoth.rows[4]?.ratio;
    expect(ratio?.value).toBeCloseTo((10_000 / 105_000) * 6, 10);
    expect(ratio?.high).toBeLessThan(0.6);
    expect(ratio?.low).toBeGreaterThan(0.55);
    expect(byBoth.divergence?.low).toBeGreaterThan(0.001);
    expect(byRegime.divergence?.low).toBeGreaterThan(0.0001);
  });

  it('has bounds between which the true figures lie, although they are not told', () => {
    let [within, figures] = [0, 0];
    fc.assert(
      fc.property(tables, ({ counts, minimum }) => {
        const { byBoth } = report(counts, minimum);
        const all = sum(counts.map((count) => count.all));
        const remaining = sum(counts.map((count) => count.all - count.left));
        for (const [cohort, row] of byBoth.rows.entries()) {
          if (row?.ratio === undefined) continue;
          const count = at(counts, cohort);
          const exact = (count.all - count.left) / remaining / (count.all / all);
          figures++;
          if (row.ratio.low <= exact && exact <= row.ratio.high) within++;
        }
      }),
      { numRuns: times(200, 40), seed: 16 },
    );
    expect(figures).toBeGreaterThan(50);
    expect(within / figures).toBeGreaterThan(0.95);
  });

  it('takes chance for chance: a divergence that is above 0 for certain is rare where everybody left at the same rate', () => {
    let above = 0;
    const runs = times(100, 20);
    const cohort = fc.array(fc.noBias(fc.integer({ min: 0, max: 1_000 })), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(cohort, { minLength: 24, maxLength: 24 }), (drawn) => {
        // a sum of twelve is normally distributed, near enough
        const counts = drawn.map((twelve, place) => {
          const all = 100_000 + 10_000 * place;
          return { all, left: Math.round(all * 0.2 + Math.sqrt(all * 0.16) * (sum(twelve) / 1_000 - 6)) };
        });
        if ((report(counts, 2).byBoth.divergence?.low ?? 0) > 0) above++;
      }),
      { numRuns: runs, seed: 16 },
    );
    expect(above).toBeLessThanOrEqual(runs / 10);
  });

  it('is the same each time', () => {
    fc.assert(
      fc.property(tables, ({ counts, minimum }) => {
        expect(report(counts, minimum, 10)).toEqual(report(counts, minimum, 10));
      }),
      { numRuns: 5 },
    );
  });
});

describe('the count', () => {
  const table = tabulate(reference);
  const regimes = regimesOfDecisions(reference.document);
  const ai = table.purposeIndex('ai') ?? -1;

  function changesOf({ registered, region, ageBand, choices, signals }: UserRecord): ConsentChange[] {
    return [
      ...[...signals].map((signal) => ({ kind: 'signal', signal }) as const),
      ...[...choices].map(([purpose, said]) => ({ kind: 'choice', purpose, ...said }) as const),
      ...(registered ? [{ kind: 'profile', region, ageBand } as const] : []),
    ];
  }

  it('by classes of records is that of users one by one, whoever is not registered left out', () => {
    fc.assert(
      fc.property(fc.array(usersOf(reference), { maxLength: 40 }), (records) => {
        const state = new ConsentState([3, 4]);
        const resolution = state.attach(table);
        const expected = regimes.flatMap(() => AGE_BANDS.map(() => ({ all: 0, left: 0 })));
        for (const [place, record] of records.entries()) {
          for (const change of changesOf(record))
            state.apply({
              revision: state.revision + 1,
              subject: place + 1,
              user: `u-${place}`,
              by: { kind: 'user', id: `u-${place}` },
              at: 0,
              via: 'settings',
              change,
            });
          if (!record.registered) continue;
          const regime = regimes.indexOf(reference.regimeInDecisions(record.region));
          const cohort = at(expected, regime * AGE_BANDS.length + AGE_BANDS.indexOf(record.ageBand));
          cohort.all++;
          if (table.consentOf(record)(ai) !== PERMITTED) cohort.left++;
        }
        expect(finish(countCohorts(state, resolution, ai))).toEqual(expected);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('the minimum', () => {
  it('is the largest that the policy asks for with the purpose, and never less than the least', () => {
    expect(minimumCohort(reference, 'ai')).toBe(50);
    expect(minimumCohort(reference, 'ads.personalised')).toBe(300);
    expect(minimumCohort(reference, 'service')).toBe(LEAST_COHORT);
    const document = structuredClone(reference.document);
    const lax = compiled({
      ...document,
      obligations: [...document.obligations, { id: 'min_cohort_2', description: 'two' }],
      purposes: document.purposes.map((purpose) =>
        purpose.id === 'ai' ? { ...purpose, obligations: ['min_cohort_2'] } : purpose,
      ),
    });
    expect(minimumCohort(lax, 'ai')).toBe(LEAST_COHORT);
  });
});
