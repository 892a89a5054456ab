import { mustBeId } from '../ids.js';
import { refuse } from '../obligation-error.js';
import { quoted } from '../quoted.js';
import { type Row, itemsOf, mustBeWhole, personOf, rowsOf, valueIn } from '../rows.js';
import { type Dimension, mustBeDimension } from './aggregate-only.js';

/** Looks at whether somebody is in a group: a few seconds on a slow core. */
const MOST_WORK = 20_000_000;
/** People in the groups of before, each as often as they are in one. */
const MOST_BEFORE = 5_000_000;

export type Cohorts = {
  /** The column with the user's id: people are counted, not rows. */
  readonly person: string;
  readonly by: Dimension;
  /** The fewest people in a group, from 2. */
  readonly atLeast: number;
  /** The people of each group that was used before. Absent: none was. */
  readonly before?: readonly ReadonlySet<string>[];
};

export type Cohort = {
  readonly value: string;
  readonly people: ReadonlySet<string>;
  readonly rows: readonly Row[];
};

/** The groups that may be used, and how many people are in none of them: nobody, or at least `atLeast`. */
export type CohortsFound = { readonly cohorts: readonly Cohort[]; readonly leftOut: number };

/**
 * The groups of at least `atLeast` people. So that nobody can subtract one from another, these differ from each other by
 * nobody or by at least so many people: each group, all groups together, and everybody in the rows, from each group of
 * `before` and from all of those together; and each group from each other. Groups are left out until that is so, and
 * until those who are in no group are enough to hide among: of two that are too near, the one that is listed later, and
 * else the smallest.
 *
 * Keep the people of what you use, and pass them as `before` the next time.
 *
 * @throws ObligationError `cohort_too_small` when there are fewer people than that in all; `undeclared_value`;
 *   `too_much_work`; `bad_input`
 */
export function minCohort(rows: readonly Row[], { person, by, atLeast, before = [] }: Cohorts): CohortsFound {
  mustBeWhole(atLeast, 2, '`atLeast`');
  const known = peopleBefore(before);
  const groups = groupsOf(rowsOf(rows), person, by);
  const everybody = unionOf([...groups.values()].map(({ people }) => people));
  if (everybody.size < atLeast)
    refuse('cohort_too_small', `there are fewer than ${atLeast} people: read more, or use none of it`);
  const isTooNear = nearness(atLeast);
  const none: CohortsFound = { cohorts: [], leftOut: everybody.size };
  if (isTooNear(everybody, known)) return none;
  const cohorts: Cohort[] = [];
  for (const [value, { people, rows }] of groups)
    if (people.size >= atLeast && !isTooNear(people, [...known, ...cohorts.map((cohort) => cohort.people)]))
      cohorts.push({ value, people, rows });
  while (cohorts.length > 0) {
    const inside = unionOf(cohorts.map(({ people }) => people));
    const leftOut = everybody.size - inside.size;
    if ((leftOut === 0 || leftOut >= atLeast) && !isTooNear(inside, known)) return { cohorts, leftOut };
    const smallest = cohorts.reduce((least, next) => (next.people.size < least.people.size ? next : least));
    cohorts.splice(cohorts.indexOf(smallest), 1);
  }
  return none;
}

type People = ReadonlySet<string>;

/** The groups that were used before, and all of them together: their sum may be known too. */
function peopleBefore(before: readonly People[]): People[] {
  let all = 0;
  const groups = itemsOf(before, '`before`').map((people) => {
    if (!(people instanceof Set)) refuse('bad_input', 'a group of `before` is no set: pass sets of user ids');
    all += people.size;
    if (all > MOST_BEFORE)
      refuse('too_much_work', '`before` has too many groups and people to compare: pass fewer');
    return people;
  });
  for (const people of groups) for (const id of people) mustBeId(id, 'somebody in `before`');
  return groups.length > 1 ? [...groups, unionOf(groups)] : groups;
}

type Group = { readonly people: Set<string>; readonly rows: Row[] };

function groupsOf(rows: readonly Row[], person: string, by: Dimension): Map<string, Group> {
  mustBeDimension(by);
  const groups = new Map(
    by.values.map((value): [unknown, Group] => [value, { people: new Set(), rows: [] }]),
  );
  for (const row of rows) {
    const group =
      groups.get(valueIn(row, by.column)) ??
      refuse(
        'undeclared_value',
        `${quoted(by.column)} has a value that is not listed: list it, or merge it with others`,
      );
    group.people.add(personOf(row, person));
    group.rows.push(row);
  }
  return new Map(by.values.map((value) => [value, groups.get(value) ?? { people: new Set(), rows: [] }]));
}

function unionOf(groups: readonly People[]): People {
  const all = new Set<string>();
  for (const people of groups) for (const person of people) all.add(person);
  return all;
}

/** Whether subtracting some people from one of the others, or the other way, leaves somebody, but fewer than `least`. */
function nearness(least: number): (people: People, others: readonly People[]) => boolean {
  let work = 0;
  const isFewWithout = (people: People, others: People) => {
    let left = 0;
    for (const person of people) {
      if (++work > MOST_WORK)
        refuse('too_much_work', 'there are too many groups and people to compare: pass fewer values');
      if (!others.has(person) && ++left >= least) return false;
    }
    return left > 0;
  };
  return (people, others) =>
    others.some((other) => isFewWithout(people, other) || isFewWithout(other, people));
}
