import { refuse } from '../obligation-error.js';
import { type Row, mustBeWhole, personOf, valueIn } from '../rows.js';
import { type Dimension, mustBeDimension } from './aggregate-only.js';

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
 * The groups of at least `atLeast` people. A group is left out as well when it, and another group of these or of
 * `before`, differ by fewer people than that, so that nobody can subtract one from the other; and the smallest are left
 * out until those who are in no group are enough to hide among.
 *
 * Keep the people of what you use, and pass them as `before` the next time.
 *
 * @throws ObligationError `cohort_too_small` when there are fewer people than that in all; `undeclared_value`;
 *   `bad_input`
 */
export function minCohort(rows: readonly Row[], { person, by, atLeast, before = [] }: Cohorts): CohortsFound {
  mustBeWhole(atLeast, 2, '`atLeast`');
  const groups = groupsOf(rows, person, by);
  const everybody = new Set([...groups.values()].flatMap(({ people }) => [...people]));
  if (everybody.size < atLeast)
    refuse('cohort_too_small', `there are fewer than ${atLeast} people: read more, or use none of it`);
  const cohorts: Cohort[] = [];
  for (const [value, { people, rows }] of groups)
    if (
      people.size >= atLeast &&
      ![...before, ...cohorts.map((cohort) => cohort.people)].some(isTooNear(people, atLeast))
    )
      cohorts.push({ value, people, rows });
  for (;;) {
    const inside = new Set(cohorts.flatMap(({ people }) => [...people]));
    const leftOut = everybody.size - inside.size;
    if (leftOut === 0 || leftOut >= atLeast) return { cohorts, leftOut };
    const smallest = cohorts.reduce((least, next) => (next.people.size < least.people.size ? next : least));
    cohorts.splice(cohorts.indexOf(smallest), 1);
  }
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
        `\`${by.column}\` has a value that is not listed: list it, or merge it with others`,
      );
    group.people.add(personOf(row, person));
    group.rows.push(row);
  }
  return new Map(by.values.map((value) => [value, groups.get(value) ?? { people: new Set(), rows: [] }]));
}

/** Whether subtracting one group of people from the other leaves somebody, but too few. */
function isTooNear(people: ReadonlySet<string>, least: number): (other: ReadonlySet<string>) => boolean {
  return (other) => isFew(without(people, other), least) || isFew(without(other, people), least);
}

function without(people: ReadonlySet<string>, others: ReadonlySet<string>): number {
  return [...people].filter((person) => !others.has(person)).length;
}

function isFew(people: number, least: number): boolean {
  return people > 0 && people < least;
}
