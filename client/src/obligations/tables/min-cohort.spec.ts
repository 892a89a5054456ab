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
