/** Data in which every look belongs to several people, by the fewest steps; counted anew here, by who is in the rows. */
import { array, assert, constantFrom, integer, property, record, shuffledSubarray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Deidentification, deidentify } from './deidentify.js';
import { type Generalisation, anything, partOf, prefixOf, rangesOf } from './generalise.js';
import { ObligationError } from './obligation-error.js';

const AGE: readonly Generalisation[] = [rangesOf(2), rangesOf(4), anything];
const CITIES = new Map([
  ['Paris', 'FR'],
  ['Lyon', 'FR'],
  ['Rome', 'IT'],
  ['Oslo', 'NO'],
]);
const CITY: readonly Generalisation[] = [partOf(CITIES), anything];
const QUASI = new Map([
  ['age', AGE],
  ['city', CITY],
]);

const person = record({
  id: integer({ min: 0, max: 6 }).map((at) => `u-${at}`),
  age: integer({ min: 0, max: 7 }),
  city: constantFrom(...CITIES.keys()),
});
const people = array(person, { maxLength: 14 }).map((rows) =>
  // `at` tells these tests whose row it is
  rows.map((row, at) => ({ ...row, name: `name of ${row.id}`, at })),
);
type Rows = ReturnType<typeof people.generate>['value'];

function run(rows: Rows, changed: Partial<Deidentification> = {}) {
  return deidentify(rows, { person: 'id', direct: ['name'], quasi: QUASI, keep: ['at'], k: 2, ...changed });
}

/** The people of each look under some steps, by another way than the code's. */
function looks(rows: Rows, ageStep: number, cityStep: number): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { id, age, city } of rows) {
    const look = `${AGE[ageStep - 1]?.(age) ?? age} in ${CITY[cityStep - 1]?.(city) ?? city}`;
    found.set(look, (found.get(look) ?? new Set()).add(id));
  }
  return found;
}

/** Whether these steps would do. */
function suffices(rows: Rows, k: number, leaveOut: number, ageStep: number, cityStep: number): boolean {
  const all = [...looks(rows, ageStep, cityStep).values()];
  const out = new Set(all.filter((ids) => ids.size < k).flatMap((ids) => [...ids]));
  return out.size <= leaveOut && (rows.length === 0 || all.some((ids) => ids.size >= k));
}

const STEPS = [0, 1, 2, 3].flatMap((age) => [0, 1, 2].map((city) => ({ age, city })));

describe('de-identified rows', () => {
  it('have at least k people in every class, by the fewest steps; refused is only what no steps make so', () => {
    assert(
      property(people, integer({ min: 2, max: 4 }), integer({ min: 0, max: 2 }), (rows, k, leaveOut) => {
        const heights = STEPS.filter(({ age, city }) => suffices(rows, k, leaveOut, age, city)).map(
          ({ age, city }) => age + city,
        );
        if (heights.length === 0) {
          expect(() => run(rows, { k, leaveOut })).toThrow(
            expect.objectContaining({ code: 'not_k_anonymous' }),
          );
          return;
        }
        const { rows: out, report } = run(rows, { k, leaveOut });
        const steps = [...report.steps.values()];
        expect(steps.reduce((sum, step) => sum + step, 0)).toBe(Math.min(...heights));
        const classes = new Map<string, Set<string>>();
        for (const row of out) {
          const look = JSON.stringify([row['age'], row['city']]);
          const id = rows.find(({ at }) => at === row['at'])?.id ?? '';
          classes.set(look, (classes.get(look) ?? new Set()).add(id));
        }
        for (const ids of classes.values()) expect(ids.size).toBeGreaterThanOrEqual(k);
        expect(report.classes).toBe(classes.size);
        expect(report.smallest).toBe(Math.min(...[...classes.values()].map(({ size }) => size), rows.length));
      }),
      { numRuns: 400 },
    );
  });

  it('leave out the fewest people that so many steps allow, then tell the most classes', () => {
    assert(
      property(people, integer({ min: 2, max: 3 }), integer({ min: 0, max: 3 }), (rows, k, leaveOut) => {
        const possible = STEPS.filter(({ age, city }) => suffices(rows, k, leaveOut, age, city)).map(
          ({ age, city }) => {
            const all = [...looks(rows, age, city).values()];
            const out = new Set(all.filter((ids) => ids.size < k).flatMap((ids) => [...ids])).size;
            return [age + city, out, -all.filter((ids) => ids.size >= k).length];
          },
        );
        const [best] = possible.toSorted(
          ([height = 0, out = 0, classes = 0], [otherHeight = 0, otherOut = 0, otherClasses = 0]) =>
            height - otherHeight || out - otherOut || classes - otherClasses,
        );
        if (best === undefined) return;
        const { report } = run(rows, { k, leaveOut });
        expect([report.leftOut.people, -report.classes]).toEqual(best.slice(1));
      }),
      { numRuns: 300 },
    );
  });

  it('and those that are counted as left out are all that there were', () => {
    assert(
      property(people, integer({ min: 0, max: 3 }), (rows, leaveOut) => {
        try {
          const { rows: out, report } = run(rows, { k: 3, leaveOut });
          const gone = rows.filter(({ at }) => !out.some((row) => row['at'] === at));
          expect(report.leftOut).toEqual({
            rows: gone.length,
            people: new Set(gone.map(({ id }) => id)).size,
          });
          expect(report.leftOut.people).toBeLessThanOrEqual(leaveOut);
        } catch (error) {
          if (!(error instanceof ObligationError)) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('have no direct identifier and nothing that tells the order in which they came', () => {
    assert(
      property(
        people.chain((rows) =>
          shuffledSubarray(rows, { minLength: rows.length }).map((turned) => ({ rows, turned })),
        ),
        ({ rows, turned }) => {
          const make = (all: Rows) =>
            run(all, {
              keep: [],
              direct: ['name', 'at'],
              leaveOut: 0,
              quasi: new Map([
                ['age', [anything]],
                ['city', [anything]],
              ]),
            });
          if (new Set(rows.map(({ id }) => id)).size < 2) return;
          const { rows: out } = make(rows);
          expect(JSON.stringify(out)).not.toMatch(/u-|name|"at"/);
          expect(make(turned).rows).toEqual(out);
        },
      ),
    );
  });

  it('have one zero, whether a value or a step makes it', () => {
    for (const steps of [[], [(value: unknown) => (Object.is(value, 1) ? -0 : 0)]]) {
      const rows = [-0, 0, 0, -0, 1, 1].map((age, at) => ({ id: `u-${at}`, age }));
      const { rows: out } = deidentify(rows, {
        person: 'id',
        direct: [],
        quasi: new Map([['age', steps]]),
        keep: [],
        k: steps.length === 0 ? 2 : 6,
      });
      expect(out.filter(({ age }) => Object.is(age, -0))).toEqual([]);
      expect(out).toHaveLength(6);
    }
  });

  it('are not of k people because one person is in k rows', () => {
    const rows = Array.from({ length: 10 }, (_, at) => ({ id: 'u-1', name: 'x', age: 1, city: 'Rome', at }));
    expect(() => run(rows)).toThrow(expect.objectContaining({ code: 'not_k_anonymous' }));
  });

  it('never take two looks for one, however many values there are', () => {
    const pairs = Array.from({ length: 12 }, (_, at) => [at, at]);
    const rows = [...pairs, ...pairs, [1, 11], [11, 1]].map(([one = 0, other = 0], at) => ({
      id: `u-${at}`,
      one,
      other,
    }));
    const quasi = new Map([
      ['one', []],
      ['other', []],
    ]);
    const make = (leaveOut: number) =>
      deidentify(rows, { person: 'id', direct: [], quasi, keep: [], k: 2, leaveOut });
    expect(() => make(1)).toThrow(expect.objectContaining({ code: 'not_k_anonymous' }));
    expect(make(2).report).toMatchObject({ classes: 12, leftOut: { rows: 2, people: 2 } });
  });

  it('tell more when one person may be left out, and say that one is', () => {
    const rows = ['u-0', 'u-1', 'u-2', 'u-3'].map((id, at) => ({
      id,
      name: 'x',
      age: 1,
      city: at === 3 ? 'Oslo' : 'Rome',
      at,
    }));
    expect(run(rows).report).toMatchObject({
      steps: new Map([
        ['age', 0],
        ['city', 2],
      ]),
      leftOut: { rows: 0, people: 0 },
    });
    expect(run(rows, { leaveOut: 1 }).report).toMatchObject({
      steps: new Map([
        ['age', 0],
        ['city', 0],
      ]),
      leftOut: { rows: 1, people: 1 },
    });
  });

  it('cannot be matched with what an attacker knows of fewer than k people', () => {
    assert(
      property(people, (rows) => {
        try {
          const { rows: out, report } = run(rows, { k: 3 });
          for (const { age, city } of rows) {
            const [ageStep = 0, cityStep = 0] = report.steps.values();
            const match = out.filter(
              (row) =>
                row['age'] === (AGE[ageStep - 1]?.(age) ?? age) &&
                row['city'] === (CITY[cityStep - 1]?.(city) ?? city),
            );
            const suspects = new Set(match.map((row) => rows.find(({ at }) => at === row['at'])?.id));
            expect(suspects.size).toBeGreaterThanOrEqual(3);
          }
        } catch (error) {
          if (!(error instanceof ObligationError)) throw error;
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('what cannot be de-identified', () => {
  const row = { id: 'u', name: 'x', age: 1, city: 'Rome', at: 0 };

  it('has a column that nobody classified, or one that is classified twice', () => {
    const more: Rows = [Object.fromEntries([...Object.entries(row), ['__proto__', 'u']]), row].map(
      (entry) => ({ ...row, ...entry }),
    );
    expect(() =>
      deidentify([JSON.parse('{"id":"u","age":1,"city":"Rome","__proto__":7}')], {
        person: 'id',
        direct: [],
        quasi: QUASI,
        keep: [],
        k: 2,
      }),
    ).toThrow(expect.objectContaining({ code: 'undeclared_column' }));
    expect(() => run(more, { direct: [] })).toThrow(expect.objectContaining({ code: 'undeclared_column' }));
    expect(() => run([row], { keep: ['at', 'age'] })).toThrow('`age` is classified twice');
    expect(() => run([row], { keep: ['at', 'id'] })).toThrow('`id` is classified twice');
  });

  it('has a value that is no cell, or lacks one', () => {
    for (const age of [[1], {}, Number.NaN, 1n, undefined])
      expect(() =>
        deidentify([{ ...row, age }], { person: 'id', direct: ['name'], quasi: QUASI, keep: ['at'], k: 2 }),
      ).toThrow(expect.objectContaining({ code: 'bad_input' }));
    expect(() =>
      deidentify([{ id: 'u' }], { person: 'id', direct: [], quasi: QUASI, keep: [], k: 2 }),
    ).toThrow('a row has no `age`');
  });

  it('has steps that part what was merged, or that fail', () => {
    const ages = (steps: readonly Generalisation[]) =>
      new Map([
        ['age', steps],
        ['city', CITY],
      ]);
    const rows = [3, 4, 5].map((age, at) => ({ ...row, age, at }));
    expect(() => run(rows, { quasi: ages([rangesOf(3), rangesOf(2)]) })).toThrow(
      'parts what the step before it has merged',
    );
    expect(() => run(rows, { quasi: ages([prefixOf(2)]) })).toThrow('a step of `age` fails');
    expect(() => run([{ ...row, city: 'Bern' }])).toThrow('a step of `city` fails');
    expect(() => run([{ ...row, city: 'constructor' }])).toThrow('a step of `city` fails');
  });

  it('would take too long', () => {
    const quasi = new Map(
      Array.from({ length: 12 }, (_, at): [string, readonly Generalisation[]] => [
        `c${at}`,
        [anything, anything, anything, anything],
      ]),
    );
    const wide = Object.fromEntries([['id', 'u'], ...[...quasi.keys()].map((column) => [column, 1])]);
    expect(() => deidentify([wide], { person: 'id', direct: [], quasi, keep: [], k: 2 })).toThrow(
      expect.objectContaining({ code: 'too_much_work' }),
    );
  });

  it('has more steps than anybody could mean', () => {
    const steps = (count: number) => new Map([['age', Array.from({ length: count }, () => anything)]]);
    const make = (count: number) =>
      deidentify([], { person: 'id', direct: [], quasi: steps(count), keep: [], k: 2 });
    expect(make(64).rows).toEqual([]);
    expect(() => make(65)).toThrow(expect.objectContaining({ code: 'too_much_work' }));
  });

  it('has columns that are no map of steps', () => {
    for (const quasi of ['null', '{"age":[]}', '[["age",[]]]'])
      expect(() => run([], { quasi: JSON.parse(quasi) })).toThrow('`quasi` is no map');
  });

  it('is asked for with a k that hides nobody', () => {
    for (const k of [1, 0, -1, 1.5, Number.NaN])
      expect(() => run([], { k })).toThrow('`k` is no whole number of at least 2');
    expect(() => run([], { leaveOut: -1 })).toThrow('`leaveOut` is no whole number');
  });
});

describe('a step', () => {
  it('of ranges merges negative numbers as it does others', () => {
    expect([-11, -10, -1, 0, 9, 10].map(rangesOf(10))).toEqual([
      '-20--11',
      '-10--1',
      '-10--1',
      '0-9',
      '0-9',
      '10-19',
    ]);
  });

  it('of beginnings does not cut a character in two', () => {
    expect(['10115', '1', '😀😀'].map(prefixOf(1))).toEqual(['1*', '1*', '😀*']);
  });
});
