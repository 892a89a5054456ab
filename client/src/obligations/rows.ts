/** Rows as the obligations read them: own columns alone, each of them classified. */
import { refuse } from './obligation-error.js';

/** A row: values by column. Only own columns count, so that none comes from a prototype. */
export type Row = Readonly<Record<string, unknown>>;

const MAX_ID_BYTES = 256;

/** @throws ObligationError `bad_input` unless it is an id: 1 to 256 bytes of well-formed Unicode */
export function mustBeId(id: unknown, what: string): string {
  if (typeof id !== 'string' || id === '' || !id.isWellFormed() || Buffer.byteLength(id) > MAX_ID_BYTES)
    refuse('bad_input', `${what} is no id: pass 1 to ${MAX_ID_BYTES} bytes of well-formed text`);
  return id;
}

/** @throws ObligationError `bad_input` unless it is a whole number from `least` on that a double holds exactly */
export function mustBeWhole(value: number, least: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < least)
    refuse('bad_input', `${what} is no whole number of at least ${least}: pass one`);
  return value;
}

/** @throws ObligationError `bad_input` when a row lacks the column */
export function valueIn(row: Row, column: string): unknown {
  if (!Object.hasOwn(row, column))
    refuse('bad_input', `a row has no \`${column}\`: pass rows that all have it`);
  return row[column];
}

/** Whose row it is. */
export function personOf(row: Row, column: string): string {
  return mustBeId(valueIn(row, column), `\`${column}\` of a row`);
}

/**
 * The columns of all groups, each of which must be in one group alone.
 *
 * @throws ObligationError `bad_input` when a column is listed twice
 */
export function classified(...groups: readonly Iterable<string>[]): ReadonlySet<string> {
  const columns = new Set<string>();
  for (const column of groups.flatMap((group) => [...group])) {
    if (columns.has(column))
      refuse('bad_input', `\`${column}\` is classified twice: decide whether it may stay`);
    columns.add(column);
  }
  return columns;
}

/** @throws ObligationError `undeclared_column` when a row has a column that is not among them */
export function mustBeClassified(rows: readonly Row[], columns: ReadonlySet<string>): void {
  for (const row of rows)
    for (const column of Object.keys(row))
      if (!columns.has(column))
        refuse('undeclared_column', `nobody classified \`${column}\`: say whether it may stay or must go`);
}

/** The columns of a row that may stay. */
export function kept(row: Row, columns: Iterable<string>): [string, unknown][] {
  return [...columns].filter((column) => Object.hasOwn(row, column)).map((column) => [column, row[column]]);
}
