/** Groups that are large enough, and that nobody can subtract from each other to get a smaller one. */
import { array, assert, integer, property, subarray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cohorts, minCohort } from './min-cohort.js';

const VALUES = ['a', 'b', 'c', 'd'];
const BY = { column: 'group', values: VALUES };

function group(value: string, from: number, to: number) {
  return Array.from({ length: to - from }, (_, at) => ({ id: `u-${from + at}`, group: value }));
}

function find(rows: Parameters<typeof minCohort>[0], changed: Partial<Cohorts> = {}) {
  return minCohort(rows, { person: 'id', by: BY, atLeast: 5, ...changed });
}

const memberships = array(subarray(VALUES, { minLength: 1 }), { minLength: 5, maxLength: 40 });

describe('the groups of some people', () => {
  it('have enough people, differ by enough or by nobody, and leave enough out or nobody', () => {
    assert(
      property(memberships, integer({ min: 2, max: 5 }), (members, atLeast) => {
        const rows = members.flatMap((groups, at) => groups.map((group) => ({ id: `u-${at}`, group })));
        const { cohorts, leftOut } = find(rows, { atLeast });
        const enough = (people: number) => people === 0 || people >= atLeast;
        for (const { people, value, rows: theirs } of cohorts) {
          expect(people.size).toBeGreaterThanOrEqual(atLeast);
          expect(theirs).toEqual(rows.filter(({ group }) => group === value));
          for (const other of cohorts)
            expect(enough([...people].filter((person) => !other.people.has(person)).length)).toBe(true);
        }
        const inside = new Set(cohorts.flatMap(({ people }) => [...people]));
        expect(leftOut).toBe(members.length - inside.size);
        expect(enough(leftOut)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('are counted in people, not rows', () => {
    const busy = Array.from({ length: 100 }, () => ({ id: 'u-0', group: 'a' }));
    expect(
      find([...busy, ...group('b', 10, 20), ...group('a', 1, 4), ...group('c', 30, 31)]).cohorts.map(
        ({ value }) => value,
      ),
    ).toEqual(['b']);
  });

  it('cannot be had smaller by subtracting two, also of two days', () => {
    const monday = find(group('a', 0, 30));
    const before = monday.cohorts.map(({ people }) => people);
    // on tuesday one person is gone, and the difference would be what is known of them
    expect(find(group('a', 1, 30), { before }).cohorts).toEqual([]);
    expect(find(group('a', 0, 31), { before }).cohorts).toEqual([]);
    expect(find(group('a', 0, 30), { before }).cohorts).toHaveLength(1);
    expect(find(group('a', 0, 35), { before }).cohorts).toHaveLength(1);
    expect(find(group('a', 5, 30), { before }).cohorts).toHaveLength(1);
  });

  it('cannot be added up to less than a total of before, nor a total to less than its parts', () => {
    const parts = [...group('a', 0, 20), ...group('b', 20, 30)];
    const total = parts.map((row) => ({ ...row, group: 'c' }));
    const setsOf = (rows: typeof parts) => find(rows).cohorts.map(({ people }) => people);
    for (const [monday, tuesday] of [
      [total, parts],
      [parts, total],
    ] as const) {
      const before = setsOf(monday);
      expect(find(tuesday, { before }).cohorts.length).toBeGreaterThan(0);
      // one person withdraws, and the difference would be them
      for (let gone = 0; gone < 30; gone++)
        expect(find(tuesday.toSpliced(gone, 1), { before }).cohorts).toEqual([]);
      // one joins, alike
      for (const joined of tuesday)
        expect(find([...tuesday, { ...joined, id: 'u-99' }], { before }).cohorts).toEqual([]);
      // five are enough to hide among
      expect(find(tuesday.slice(5), { before }).cohorts.length).toBeGreaterThan(0);
    }
  });

  it('are left out until their sum is far from what was used before', () => {
    const before = [new Set(Array.from({ length: 30 }, (_, at) => `u-${at}`))];
    // `a` and `b` are all but one of those of before; the rows have ten more, in too small groups
    const rest = [...group('c', 29, 33), ...group('d', 33, 37), ...group('d', 29, 30)];
    const rows = [...group('a', 0, 20), ...group('b', 20, 29), ...rest];
    const { cohorts, leftOut } = find(rows, { before });
    expect(cohorts.map(({ value }) => value)).toEqual(['a']);
    expect(leftOut).toBe(17);
  });

  it('are compared with what was used before: in any number of days, no sum differs by few', () => {
    const days = array(memberships, { minLength: 2, maxLength: 4 });
    const without = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
      [...one].filter((person) => !other.has(person)).length;
    const far = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
      [without(one, other), without(other, one)].every((few) => few === 0 || few >= 3);
    assert(
      property(days, (all) => {
        const before: ReadonlySet<string>[] = [];
        for (const members of all) {
          const rows = members.flatMap((groups, at) => groups.map((group) => ({ id: `u-${at}`, group })));
          const { cohorts } = find(rows, { atLeast: 3, before });
          const sum = new Set(cohorts.flatMap(({ people }) => [...people]));
          for (const used of before)
            for (const people of cohorts.length === 0 ? [] : [sum, ...cohorts.map((cohort) => cohort.people)])
              expect(far(people, used)).toBe(true);
          before.push(...cohorts.map(({ people }) => people));
        }
      }),
    );
  });

  it('are not found when there is too much to compare', () => {
    const crowd = Array.from({ length: 500 }, (_, at) => `u-${at}`);
    const values = Array.from({ length: 400 }, (_, at) => `v-${at}`);
    const rows = values.flatMap((group) => crowd.map((id) => ({ id, group })));
    expect(() => find(rows, { by: { column: 'group', values } })).toThrow(
      expect.objectContaining({ code: 'too_much_work' }),
    );
    const before = Array.from({ length: 10_001 }, () => new Set(crowd));
    expect(() => find(group('a', 0, 9), { before })).toThrow(
      expect.objectContaining({ code: 'too_much_work' }),
    );
  });

  it('are not found when what was used before is no list of sets of ids', () => {
    for (const before of ['[["u-1"]]', '[null]', '[{}]', '"ab"', '{}'])
      expect(() => find(group('a', 0, 9), { before: JSON.parse(before) })).toThrow(
        expect.objectContaining({ code: 'bad_input' }),
      );
  });

  it('leave a large one out rather than show that few are in none', () => {
    const { cohorts, leftOut } = find([...group('a', 0, 20), ...group('b', 20, 26), ...group('c', 26, 28)]);
    expect(cohorts.map(({ value }) => value)).toEqual(['a']);
    expect(leftOut).toBe(8);
  });

  it('are refused when there are too few people at all, or a value is not listed', () => {
    expect(() => find(group('a', 0, 4))).toThrow(expect.objectContaining({ code: 'cohort_too_small' }));
    expect(() => find([])).toThrow(expect.objectContaining({ code: 'cohort_too_small' }));
    expect(() => find(group('__proto__', 0, 9))).toThrow(
      expect.objectContaining({ code: 'undeclared_value' }),
    );
    expect(() => find(group('a', 0, 9), { atLeast: 1 })).toThrow('`atLeast` is no whole number');
  });
});
