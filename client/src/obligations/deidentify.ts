import { canonicalJson } from './canonical-json.js';
import { type Cell, type Generalisation, isCell, withOneZero } from './generalise.js';
import { refuse } from './obligation-error.js';
import { quoted } from './quoted.js';
import {
  type Row,
  classified,
  itemsOf,
  kept,
  mustBeClassified,
  mustBeWhole,
  personOf,
  rowsOf,
  valueIn,
} from './rows.js';

/** Generalisations tried, times rows and generalised columns: half a minute on a slow core. */
const MOST_WORK = 10_000_000;
/** Steps that a column may have. */
const MOST_STEPS = 64;

export type Deidentification = {
  /** The column with the user's id: by it people are counted. It is dropped. */
  readonly person: string;
  /** Columns that tell who the user is. They are dropped. */
  readonly direct: readonly string[];
  /**
   * Columns that tell it together with others, each with the steps by which its values may be said less exactly. Every
   * step starts from the exact value and merges what the step before has merged. At most 64 for each.
   */
  readonly quasi: ReadonlyMap<string, readonly Generalisation[]>;
  /** Columns that stay as they are, because nobody outside could know them. */
  readonly keep: readonly string[];
  /** The fewest people who may look alike; at least 2. */
  readonly k: number;
  /** The most people of whom something may be left out, so that the others can be told more exactly. Absent: none. */
  readonly leaveOut?: number;
};

export type DeidentificationReport = {
  /** Of each generalised column, the number of its step; 0: as it was. */
  readonly steps: ReadonlyMap<string, number>;
  /** Classes of people who look alike, and people in the smallest; 0 without rows. */
  readonly classes: number;
  readonly smallest: number;
  /** What is not in the rows. */
  readonly leftOut: { readonly rows: number; readonly people: number };
};

export type Deidentified = { readonly rows: readonly Row[]; readonly report: DeidentificationReport };

/** What a step makes of a value, with a number for it: of the same column, equal cells have equal numbers. */
type Said = { readonly cell: Cell; readonly number: number };

/** A row, with what each step makes of each of its generalised columns, from the value itself on. */
type Prepared = {
  readonly row: Row;
  readonly person: string;
  readonly said: ReadonlyMap<string, readonly Said[]>;
};

type Class = { readonly rows: Prepared[]; readonly people: Set<string> };

type Attempt = {
  readonly steps: ReadonlyMap<string, number>;
  readonly classes: Class[];
  readonly small: Class[];
};

/**
 * Rows in which each combination of the generalised columns belongs to at least `k` people (Sweeney, 2002,
 * "k-anonymity"). A column is generalised as a whole, and the columns together by as few steps as suffice (Samarati,
 * 2001, "Protecting respondents' identities in microdata release"); among those, so that the fewest people are left out,
 * then so that there are the most classes. The rows come in an order that tells nothing about the one in which they were.
 *
 * @throws ObligationError `not_k_anonymous` when no steps suffice; `undeclared_column` when a column is not classified;
 *   `too_much_work`; `bad_input`, also when a step parts what the step before has merged
 */
export function deidentify(rows: readonly Row[], how: Deidentification): Deidentified {
  const { person, direct, quasi, keep } = how;
  const k = mustBeWhole(how.k, 2, '`k`');
  const most = mustBeWhole(how.leaveOut ?? 0, 0, '`leaveOut`');
  const all = rowsOf(rows);
  mustBeClassified(all, classified([person], direct, columnsOf(quasi), keep));
  const attempts = [...quasi.values()].reduce((product, steps) => product * (steps.length + 1), 1);
  if (attempts * (all.length + 1) * quasi.size > MOST_WORK)
    refuse('too_much_work', 'there are too many rows and steps to try them all: pass fewer steps or columns');
  const prepared = prepare(all, person, quasi);
  const found = leastAttempt(prepared, quasi, k, most);
  if (found === undefined)
    refuse(
      'not_k_anonymous',
      `no steps leave at least ${k} people in every class: add coarser steps, or leave more people out`,
    );
  return { rows: released(found, keep), report: reportOf(found) };
}

function columnsOf(quasi: Deidentification['quasi']): string[] {
  if (!(quasi instanceof Map)) refuse('bad_input', '`quasi` is no map from columns to their steps: pass one');
  for (const [column, steps] of quasi)
    if (itemsOf(steps, `what should be steps of ${quoted(column)}`).length > MOST_STEPS)
      refuse('too_much_work', `${quoted(column)} has more than ${MOST_STEPS} steps: pass fewer`);
  return [...quasi.keys()];
}

function prepare(rows: readonly Row[], person: string, quasi: Deidentification['quasi']): Prepared[] {
  const columns = [...quasi].map(([column, steps]) => ({ column, said: hierarchyOf(column, steps) }));
  return rows.map((row) => ({
    row,
    person: personOf(row, person),
    said: new Map(columns.map(({ column, said }) => [column, said(valueIn(row, column))])),
  }));
}

function hierarchyOf(column: string, steps: readonly Generalisation[]): (value: unknown) => readonly Said[] {
  const known = new Map<Cell, readonly Said[]>();
  const numbers = new Map<Cell, number>();
  // by step, what it says of those that the step before says are alike
  const merged = steps.map(() => new Map<Cell, Cell>());
  const numbered = (cell: Cell): Said => {
    const number = numbers.get(cell) ?? numbers.size;
    numbers.set(cell, number);
    return { cell, number };
  };
  return (exact) => {
    if (!isCell(exact))
      refuse('bad_input', `a value of ${quoted(column)} is no text, number or yes or no: pass those`);
    const value = withOneZero(exact);
    const before = known.get(value);
    if (before !== undefined) return before;
    const cells = [value];
    for (const [at, step] of steps.entries())
      cells.push(coarser(column, stepped(column, step, value), cells[at], merged[at]));
    const said = cells.map(numbered);
    known.set(value, said);
    return said;
  };
}

/** What a step makes of a value. What it throws is not passed on, because it may hold the value. */
function stepped(column: string, step: Generalisation, value: Cell): Cell {
  let made: unknown;
  try {
    made = step(value);
  } catch {
    refuse(
      'bad_input',
      `a step of ${quoted(column)} fails on a value: pass values that it takes, or correct it`,
    );
  }
  if (!isCell(made))
    refuse('bad_input', `a step of ${quoted(column)} makes no text, number or yes or no: correct it`);
  return withOneZero(made);
}

function coarser(
  column: string,
  value: Cell,
  before: Cell | undefined,
  merged: Map<Cell, Cell> | undefined,
): Cell {
  if (before === undefined || merged === undefined) return value;
  if (merged.has(before) && merged.get(before) !== value)
    refuse(
      'bad_input',
      `a step of ${quoted(column)} parts what the step before it has merged: make it coarser`,
    );
  merged.set(before, value);
  return value;
}

function leastAttempt(
  rows: readonly Prepared[],
  quasi: Deidentification['quasi'],
  k: number,
  most: number,
): Attempt | undefined {
  const heights = [...quasi].map(([column, steps]): [string, number] => [column, steps.length]);
  const highest = heights.reduce((sum, [, height]) => sum + height, 0);
  for (let height = 0; height <= highest; height++) {
    let best: Attempt | undefined;
    for (const steps of stepsOfHeight(height, heights)) {
      const attempt = attemptOf(rows, new Map(steps), k);
      if (peopleIn(attempt.small) <= most && (rows.length === 0 || attempt.classes.length > 0))
        best = best === undefined || isBetter(attempt, best) ? attempt : best;
    }
    if (best !== undefined) return best;
  }
  return undefined;
}

/** All ways to go so many steps in all. */
function* stepsOfHeight(
  height: number,
  [first, ...others]: readonly (readonly [string, number])[],
): Generator<[string, number][]> {
  if (first === undefined) {
    if (height === 0) yield [];
    return;
  }
  const [column, most] = first;
  for (let step = 0; step <= Math.min(height, most); step++)
    for (const rest of stepsOfHeight(height - step, others)) yield [[column, step], ...rest];
}

function attemptOf(rows: readonly Prepared[], steps: ReadonlyMap<string, number>, k: number): Attempt {
  const classes = new Map<string, Class>();
  for (const row of rows) {
    let looks = '';
    for (const [column, step] of steps) looks += `${row.said.get(column)?.[step]?.number} `;
    const alike = classes.get(looks) ?? { rows: [], people: new Set() };
    classes.set(looks, alike);
    alike.rows.push(row);
    alike.people.add(row.person);
  }
  const all = [...classes.values()];
  return {
    steps,
    classes: all.filter(({ people }) => people.size >= k),
    small: all.filter(({ people }) => people.size < k),
  };
}

/** The generalised columns of a row, as they would be released. */
function looksOf({ said }: Prepared, steps: ReadonlyMap<string, number>): [string, Cell][] {
  return [...steps].map(([column, step]) => [column, said.get(column)?.[step]?.cell ?? null]);
}

function isBetter(one: Attempt, other: Attempt): boolean {
  const fewer = peopleIn(other.small) - peopleIn(one.small);
  return fewer === 0 ? one.classes.length > other.classes.length : fewer > 0;
}

/** People who have a row in one of the classes. */
function peopleIn(classes: readonly Class[]): number {
  return new Set(classes.flatMap(({ people }) => [...people])).size;
}

function released({ steps, classes }: Attempt, keep: readonly string[]): Row[] {
  return classes
    .flatMap(({ rows }) => rows)
    .map((row) => Object.fromEntries([...looksOf(row, steps), ...kept(row.row, keep)]))
    .map((row) => ({ row, text: canonicalJson(row) }))
    .sort((one, other) => (one.text < other.text ? -1 : Number(one.text > other.text)))
    .map(({ row }) => row);
}

function reportOf({ steps, classes, small }: Attempt): DeidentificationReport {
  const smallest = classes.reduce((least, { people }) => Math.min(least, people.size), Infinity);
  return {
    steps,
    classes: classes.length,
    smallest: classes.length === 0 ? 0 : smallest,
    leftOut: { rows: small.reduce((sum, { rows }) => sum + rows.length, 0), people: peopleIn(small) },
  };
}
