/** Rows as the obligations read them: own columns alone, each of them classified. */
import { mustBeId } from './ids.js';
import { refuse } from './obligation-error.js';
import { quoted } from './quoted.js';

/** A row: values by column. Only own columns count, so that none comes from a prototype. */
export type Row = Readonly<Record<string, unknown>>;

/** @throws ObligationError `bad_input` unless it is a whole number from `least` on that a double holds exactly */
export function mustBeWhole(value: number, least: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < least)
    refuse('bad_input', `${what} is no whole number of at least ${least}: pass one`);
  return value;
}

/**
 * The items of a list. A text is none, though it can be gone through, and a gap is an item.
 *
 * @throws ObligationError `bad_input`
 */
export function itemsOf<T>(list: readonly T[], what: string): T[] {
  if (!Array.isArray(list)) refuse('bad_input', `${what} is no list: pass one`);
  return Array.from(list);
}

/** @throws ObligationError `bad_input` unless it is a list of rows */
export function rowsOf(rows: readonly Row[]): Row[] {
  const all = itemsOf(rows, 'what should be rows');
  for (const row of all)
    if (typeof row !== 'object' || row === null)
      refuse('bad_input', 'a row is no record: pass rows that have columns');
  return all;
}

/** @throws ObligationError `bad_input` when a row lacks the column */
export function valueIn(row: Row, column: string): unknown {
  if (!Object.hasOwn(row, column))
    refuse('bad_input', `a row has no ${quoted(column)}: pass rows that all have it`);
  return row[column];
}

/** Whose row it is. */
export function personOf(row: Row, column: string): string {
  return mustBeId(valueIn(row, column), `${quoted(column)} of a row`);
}

/**
 * The columns of all groups, each of which must be in one group alone.
 *
 * @throws ObligationError `bad_input` when a column is listed twice
 */
export function classified(...groups: readonly (readonly string[])[]): ReadonlySet<string> {
  const columns = new Set<string>();
  for (const column of groups.flatMap((group) => itemsOf(group, 'what should be columns'))) {
    if (columns.has(column))
      refuse('bad_input', `${quoted(column)} is classified twice: decide whether it may stay`);
    columns.add(column);
  }
  return columns;
}

/** @throws ObligationError `undeclared_column` when a row has a column that is not among them */
export function mustBeClassified(rows: readonly Row[], columns: ReadonlySet<string>): void {
  for (const row of rows)
    for (const column of Object.keys(row))
      if (!columns.has(column))
        refuse(
          'undeclared_column',
          `nobody classified ${quoted(column)}: say whether it may stay or must go`,
        );
}

/** The columns of a row that may stay. */
export function kept(row: Row, columns: Iterable<string>): [string, unknown][] {
  return [...columns].filter((column) => Object.hasOwn(row, column)).map((column) => [column, row[column]]);
}
