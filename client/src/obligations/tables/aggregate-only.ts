import { refuse } from '../obligation-error.js';
import { quoted } from '../quoted.js';
import { type Row, itemsOf, mustBeWhole, personOf, rowsOf, valueIn } from '../rows.js';
import { Figure, Sum, withhold } from './suppress.js';

/** Figures that one table may have, its totals included. */
const MOST_FIGURES = 2_500;

/** A column to count by, with all values that it may have: a list made of the data would tell what is in it. */
export type Dimension = { readonly column: string; readonly values: readonly string[] };

export type Aggregation = {
  /** The column with the user's id: people are counted, not rows. */
  readonly person: string;
  readonly by: readonly [Dimension] | readonly [Dimension, Dimension];
  /** The fewest people that a figure may be about, from 2. */
  readonly atLeast: number;
};

/** A figure of a table. */
export type Count = {
  /** A value of each dimension; `null`: all of them together. */
  readonly of: readonly (string | null)[];
  /** `null`: withheld. */
  readonly people: number | null;
};

/**
 * How many people there are, for each value of one or two dimensions and in total. Withheld are figures about fewer than
 * `atLeast` people, none included, and as many others as it takes so that no withheld figure can be worked out from the
 * told ones, nor bounded below `atLeast`. Whoever also knows how the others are chosen may work one out.
 *
 * @throws ObligationError `several_cells` when a person has rows in several cells, so that the totals would not add up;
 *   `undeclared_value`; `too_much_work` for more than 2,500 figures, or when it would take long to choose; `bad_input`
 */
export function aggregateOnly(rows: readonly Row[], { person, by, atLeast }: Aggregation): Count[] {
  mustBeWhole(atLeast, 2, '`atLeast`');
  for (const dimension of itemsOf(by, '`by`')) mustBeDimension(dimension);
  const [down, across] = by;
  if ((down.values.length + 1) * ((across?.values.length ?? 0) + 1) > MOST_FIGURES)
    refuse('too_much_work', `the table would have more than ${MOST_FIGURES} figures: pass fewer values`);
  const cells = peopleByCell(rowsOf(rows), person, by);
  const counts = across === undefined ? ofOneDimension(cells, down) : ofTwoDimensions(cells, down, across);
  withhold(
    counts.map(({ figure }) => figure),
    atLeast,
  );
  return counts.map(({ of, figure }) => ({ of, people: figure.isWithheld ? null : figure.people }));
}

/** @throws ObligationError `bad_input` */
export function mustBeDimension({ column, values }: Dimension): void {
  const listed = itemsOf(values, `what should be values of ${quoted(column)}`);
  if (listed.some((value) => typeof value !== 'string'))
    refuse('bad_input', `${quoted(column)} has a value that is no text: list texts`);
  if (listed.length === 0 || new Set(listed).size < listed.length)
    refuse(
      'bad_input',
      `${quoted(column)} has no values, or one of them twice: list each value that it may have`,
    );
}

/**
 * How many people are in each cell; the name of a cell is the JSON of its values.
 *
 * @throws ObligationError `several_cells`, `undeclared_value`, `bad_input`
 */
function peopleByCell(rows: readonly Row[], person: string, by: readonly Dimension[]): Map<string, number> {
  const listed = by.map(({ column, values }) => ({ column, values: new Set<unknown>(values) }));
  const cellOf = new Map<string, string>();
  for (const row of rows) {
    const of = listed.map(({ column, values }) => {
      const value = valueIn(row, column);
      if (!values.has(value))
        refuse(
          'undeclared_value',
          `${quoted(column)} has a value that is not listed: list it, or merge it with others`,
        );
      return value;
    });
    const who = personOf(row, person);
    const cell = JSON.stringify(of);
    if ((cellOf.get(who) ?? cell) !== cell)
      refuse('several_cells', 'a person is in several cells: choose one row for each person first');
    cellOf.set(who, cell);
  }
  const people = new Map<string, number>();
  for (const cell of cellOf.values()) people.set(cell, (people.get(cell) ?? 0) + 1);
  return people;
}

type Placed = { readonly of: readonly (string | null)[]; readonly figure: Figure };

function ofOneDimension(cells: ReadonlyMap<string, number>, { values }: Dimension): Placed[] {
  const parts = new Sum();
  const whole = new Sum();
  const counts = values.map((value) => {
    const people = cells.get(JSON.stringify([value])) ?? 0;
    return { of: [value], figure: new Figure(whole, parts, people) };
  });
  return [...counts, { of: [null], figure: new Figure(parts, whole, sumOf(counts)) }];
}

function ofTwoDimensions(cells: ReadonlyMap<string, number>, down: Dimension, across: Dimension): Placed[] {
  const columns = across.values.map((value) => ({ value, sum: new Sum() }));
  const [ofRows, ofColumns] = [new Sum(), new Sum()];
  const inner = down.values.map((row) => {
    const sum = new Sum();
    const counts = columns.map((column) => {
      const people = cells.get(JSON.stringify([row, column.value])) ?? 0;
      return { of: [row, column.value], figure: new Figure(sum, column.sum, people) };
    });
    return [...counts, { of: [row, null], figure: new Figure(ofRows, sum, sumOf(counts)) }];
  });
  const totals = columns.map(({ value, sum }) => {
    const people = sum.entering.reduce((all, figure) => all + figure.people, 0);
    return { of: [null, value], figure: new Figure(sum, ofColumns, people) };
  });
  return [
    ...inner.flat(),
    ...totals,
    { of: [null, null], figure: new Figure(ofColumns, ofRows, sumOf(totals)) },
  ];
}

function sumOf(counts: readonly Placed[]): number {
  return counts.reduce((all, { figure }) => all + figure.people, 0);
}
