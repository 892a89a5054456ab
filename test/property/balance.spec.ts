/** The consent balance: what it tells of cohorts, and what it does not tell whoever knows everything else. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGE_BANDS, type ConsentChange, type UserRecord } from '../../src/decision/consent-event.js';
import { regimesOfDecisions } from '../../src/decision/policy.js';
import { ConsentState } from '../../src/decision/state/consent-state.js';
import { finish } from '../../src/decision/steps.js';
import { PERMITTED } from '../../src/decision/table/table.js';
import {
  type Balance,
  type Estimate,
  type Row,
  attributeBalanceOf,
  balanceOf,
} from '../../src/reports/balance.js';
import { countCohorts, countCohortsAndAttributes } from '../../src/reports/cohorts.js';
import { LEAST_COHORT, minimumCohort } from '../../src/reports/minimum-cohort.js';
import { partOf, shareByAttribute, shareByRegime } from '../../src/reports/parts-of-users.js';
import { type Count, toldOf } from '../../src/reports/told.js';
import { ValuesOfUsers } from '../../src/reports/values-of-users.js';
import { tabulate } from '../at-once.js';
import { MemoryAttributeStore } from '../memory/memory-attribute.store.js';
import { isLong, times } from '../times.js';
import { at, compiled, reference, usersOf } from './arbitraries.js';

const NOBODY: Count = { all: 0, left: 0 };
const RUNS = times(300, 20);

function report(counts: readonly Count[], minimum: number, draws?: number): Balance {
  return finish(
    balanceOf(
      counts.map((count) => toldOf(count, minimum)),
      minimum,
      1,
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

/** A user, where they are counted, and in which cohort of each split they would be. */
type Person = {
  readonly cell: number;
  readonly values: readonly number[];
  readonly part: number | undefined;
};

const CELLS = 2;
const VALUES = 2;

/** What is told of all splits together. @param left whether a person left, by place */
function toldOfAll(
  people: readonly Person[],
  attributes: readonly number[],
  left: (place: number) => boolean,
  minimum: number,
  isIn: (person: Person, part: number | undefined) => boolean,
): string {
  const cohorts = (
    part: number | undefined,
    length: number,
    cohortOf: (person: Person) => number | undefined,
  ) => {
    const counts = Array.from({ length }, () => ({ all: 0, left: 0 }));
    for (const [place, person] of people.entries()) {
      if (!isIn(person, part)) continue;
      const count = at(counts, cohortOf(person) ?? 0);
      count.all++;
      if (left(place)) count.left++;
    }
    return counts.map((count) => toldOf(count, minimum));
  };
  return JSON.stringify([
    cohorts(undefined, CELLS, ({ cell }) => cell),
    ...attributes.map((part, nth) => cohorts(part, VALUES, ({ values }) => values[nth])),
  ]);
}

/**
 * The fewest numbers that are possible, over all small populations, for how many of a cohort left: for whoever has the
 * report and knows who is in which cohort and part, and whether anybody outside of that cohort left. Of a cohort with
 * fewer users than the minimum there are no more than these.
 */
function fewestPossible(
  people: readonly Person[],
  attributes: readonly number[],
  minimum: number,
  isIn: (person: Person, part: number | undefined) => boolean,
): number {
  let fewest = Infinity;
  const reports = new Map<number, string>();
  for (let population = 0; population < 2 ** people.length; population++)
    reports.set(
      population,
      toldOfAll(people, attributes, (place) => ((population >>> place) & 1) === 1, minimum, isIn),
    );
  const cohorts = [
    ...Array.from(
      { length: CELLS },
      (_, cell) => (person: Person) => isIn(person, undefined) && person.cell === cell,
    ),
    ...attributes.flatMap((part, nth) =>
      Array.from(
        { length: VALUES },
        (_, value) => (person: Person) => isIn(person, part) && person.values[nth] === value,
      ),
    ),
  ];
  for (const isOf of cohorts) {
    let members = 0;
    for (const [place, person] of people.entries()) if (isOf(person)) members |= 1 << place;
    const size = ones(members);
    const possible = new Map<string, Set<number>>();
    for (const [population, told] of reports) {
      const key = `${told} ${population & ~members}`;
      possible.set(key, (possible.get(key) ?? new Set()).add(ones(population & members)));
    }
    for (const lefts of possible.values()) {
      const isAsked = [...lefts].some((left) => left < minimum || size - left < minimum);
      if (isAsked) fewest = Math.min(fewest, lefts.size + Math.max(0, minimum - size - 1));
    }
  }
  return fewest;
}

function ones(bits: number): number {
  let [rest, count] = [bits, 0];
  for (; rest !== 0; rest &= rest - 1) count++;
  return count;
}

describe('a report with attributes', () => {
  const isCounted = (person: Person, part: number | undefined) => person.part === part;

  const mostly = fc.oneof({ arbitrary: fc.constant(0), weight: 4 }, fc.constant(1));

  /** Users with numbers from somewhere on, who are in parts as the service puts them there. */
  const crowds = (attributes: readonly number[]) =>
    fc
      .record({
        first: fc.nat(1_000_000),
        // mostly of one kind, so that something is told
        drawn: fc.array(
          fc.tuple(mostly, mostly, mostly).map(([cell, ...values]) => ({ cell, values })),
          { minLength: 13, maxLength: 13 },
        ),
      })
      .map(({ first, drawn }) =>
        drawn.map((person, place): Person => ({ ...person, part: partOf(first + place, attributes) })),
      );

  it.each([
    { minimum: 2, attributes: [1] },
    { minimum: 3, attributes: [1] },
    { minimum: 2, attributes: [1, 2] },
  ])(
    'leaves whoever knows all but one cohort with as many possible numbers as the minimum, all splits together: $minimum, $attributes',
    ({ minimum, attributes }) => {
      fc.assert(
        fc.property(crowds(attributes), (people) => {
          expect(fewestPossible(people, attributes, minimum, isCounted)).toBeGreaterThanOrEqual(minimum);
        }),
        { numRuns: times(100, 6) },
      );
    },
  );

  it('would say how many left, were a user counted in two splits', () => {
    // five of one cell, of whom two have one value and three the other, and six of the other cell
    const people = Array.from({ length: 11 }, (_, place): Person => {
      return { cell: place < 5 ? 0 : 1, values: [place % 2], part: undefined };
    });
    expect(fewestPossible(people, [1], 2, () => true)).toBe(1);
  });

  it('counts half of the users by regime and age band, and as many by each attribute', () => {
    for (const attributes of [[1], [3, 4, 9], Array.from({ length: 10 }, (_, place) => place + 1)]) {
      const users = 100_000;
      const counts = new Map<number | undefined, number>();
      for (let user = 1; user <= users; user++) {
        const part = partOf(user, attributes);
        counts.set(part, (counts.get(part) ?? 0) + 1);
      }
      const isNear = (count = 0, share: number) =>
        Math.abs(count - users * share) < 5 * Math.sqrt(users * share * (1 - share));
      expect(isNear(counts.get(undefined), shareByRegime(attributes.length))).toBe(true);
      for (const attribute of attributes)
        expect(isNear(counts.get(attribute), shareByAttribute(attributes.length))).toBe(true);
    }
    expect(partOf(1, [])).toBeUndefined();
    expect(shareByRegime(0)).toBe(1);
  });

  it('takes users for another attribute without moving anybody else', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 0xffff_fffe }),
        fc.uniqueArray(fc.integer({ min: 1, max: 1_000 }), { minLength: 2, maxLength: 10 }),
        (user, [another = 0, ...attributes]) => {
          expect([partOf(user, attributes), another]).toContain(partOf(user, [...attributes, another]));
          if (partOf(user, attributes) === undefined)
            expect(partOf(user, [...attributes, another])).toBeUndefined();
        },
      ),
    );
  });

  it('has bounds between which the figures of all users lie, although a part of them was counted', () => {
    let [within, figures] = [0, 0];
    const part = shareByAttribute(3);
    const uniforms = fc.array(fc.noBias(fc.integer({ min: 0, max: 1_000 })), {
      minLength: 24,
      maxLength: 24,
    });
    const normal = (twelve: readonly number[]) => sum(twelve) / 1_000 - 6;
    fc.assert(
      fc.property(
        fc.array(fc.record({ rate: fc.noBias(fc.integer({ min: 10, max: 90 })), uniforms }), {
          minLength: 6,
          maxLength: 6,
        }),
        (values) => {
          const whole = values.map(({ rate }, place) => {
            const all = 20_000 * (place + 1);
            return { all, left: Math.round((all * rate) / 100) };
          });
          const counted = values.map((value, place) => {
            const { all, left } = at(whole, place);
            const drawn = (users: number, twelve: readonly number[]) =>
              Math.round(users * part + Math.sqrt(users * part * (1 - part)) * normal(twelve));
            const gone = drawn(left, value.uniforms.slice(0, 12));
            return { all: gone + drawn(all - left, value.uniforms.slice(12)), left: gone };
          });
          const told = counted.map((count) => toldOf(count, 50));
          const { split } = finish(attributeBalanceOf(told, 50, part, 400));
          const all = sum(whole.map((count) => count.all));
          const remaining = sum(whole.map((count) => count.all - count.left));
          for (const [place, row] of split.rows.entries()) {
            if (row?.ratio === undefined) continue;
            const count = at(whole, place);
            const exact = (count.all - count.left) / remaining / (count.all / all);
            figures++;
            if (row.ratio.low <= exact && exact <= row.ratio.high) within++;
          }
        },
      ),
      { numRuns: times(200, 40), seed: 16 },
    );
    expect(figures).toBeGreaterThan(200);
    expect(within / figures).toBeGreaterThan(0.93);
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
        expect(finish(countCohorts(state, resolution, ai)).byBoth).toEqual(expected);
      }),
      { numRuns: RUNS },
    );
  });

  it('with attributes has each registered user in one cohort of one split, with the value that they have of it', () => {
    const attributes = [
      { number: 1, values: { length: 2 } },
      { number: 4, values: { length: 3 } },
    ];
    const parts = attributes.map(({ number }) => number);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(usersOf(reference), fc.option(fc.nat(2), { nil: undefined })), { maxLength: 40 }),
        fc.boolean(),
        (users, isGone) => {
          const state = new ConsentState([3, 4]);
          const resolution = state.attach(table);
          const counters = (length: number) => Array.from({ length }, () => ({ all: 0, left: 0 }));
          const byBoth = counters(regimes.length * AGE_BANDS.length);
          const present = isGone ? attributes.slice(0, 1) : attributes;
          const byAttribute = new Map(
            present.map(({ number, values }) => [number, counters(values.length + 1)]),
          );
          const values = new Map<number, number>();
          for (const [place, [record, value]] of users.entries()) {
            const [number, user] = [place + 1, `u-${place}`];
            for (const change of changesOf(record))
              state.apply({
                revision: state.revision + 1,
                subject: number,
                user,
                by: { kind: 'user', id: user },
                at: 0,
                via: 'settings',
                change,
              });
            if (!record.registered) continue;
            const part = partOf(number, parts);
            const length = attributes.find((one) => one.number === part)?.values.length ?? 0;
            const has = value === undefined ? undefined : Math.min(value, length - 1);
            if (has !== undefined) values.set(number, has);
            const regime = regimes.indexOf(reference.regimeInDecisions(record.region));
            const cohort =
              part === undefined
                ? at(byBoth, regime * AGE_BANDS.length + AGE_BANDS.indexOf(record.ageBand))
                : byAttribute.get(part)?.[has ?? length];
            if (cohort === undefined) continue;
            cohort.all++;
            if (table.consentOf(record)(ai) !== PERMITTED) cohort.left++;
          }
          const valueOf = { of: (user: number) => values.get(user) };
          expect(finish(countCohortsAndAttributes(state, resolution, ai, parts, present, valueOf))).toEqual({
            byBoth,
            byAttribute,
          });
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('reads of each user the value of the attribute by which they are counted, page after page', async () => {
    const store = new MemoryAttributeStore();
    const parts: number[] = [];
    const users = Array.from({ length: 3_000 }, (_, place) => place + 65_000);
    for (const id of ['one', 'other']) {
      const number = (await store.add({ id, title: id, values: [] }, 2)) ?? 0;
      parts.push(number);
      await store.set(
        number,
        new Map(users.filter((user) => user % 3 > 0).map((user) => [user, (user + number) % 20])),
      );
    }
    const values = await ValuesOfUsers.read(store, parts);
    for (const user of users) {
      const part = partOf(user, parts);
      expect(values.of(user)).toBe(part === undefined || user % 3 === 0 ? undefined : (user + part) % 20);
    }
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
