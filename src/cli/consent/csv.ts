/** CSV (RFC 4180) with one line per record: none of our cells can hold a line end. */
import { GUARD, isFormula } from '../../text.js';

export const DELIMITERS = new Map([
  [',', ','],
  [';', ';'],
  ['|', '|'],
  ['tab', '\t'],
]);

/**
 * The cells of a line.
 *
 * @returns `undefined` when a quote is open at the end or inside a cell: the rest would be a guess
 */
export function cellsIn(line: string, delimiter: string): string[] | undefined {
  if (!line.includes('"')) return line.split(delimiter);
  const cells: string[] = [];
  for (let at = 0; ;) {
    const { cell, end } = line[at] === '"' ? quotedAt(line, at + 1) : plainAt(line, at, delimiter);
    if (cell === undefined) return undefined;
    cells.push(cell);
    if (end === line.length) return cells;
    if (line[end] !== delimiter) return undefined;
    at = end + 1;
  }
}

type Found = { readonly cell: string | undefined; readonly end: number };

function plainAt(line: string, at: number, delimiter: string): Found {
  const found = line.indexOf(delimiter, at);
  const end = found < 0 ? line.length : found;
  const cell = line.slice(at, end);
  return { cell: cell.includes('"') ? undefined : cell, end };
}

function quotedAt(line: string, at: number): Found {
  for (let from = at; ;) {
    const end = line.indexOf('"', from);
    if (end < 0) return { cell: undefined, end: line.length };
    if (line[end + 1] !== '"') return { cell: line.slice(at, end).replaceAll('""', '"'), end: end + 1 };
    from = end + 2;
  }
}

/** Writes a cell: quoted where necessary, where spaces could be lost, and where other readers split lines. */
export function cellOf(value: string): string {
  return /^\s|\s$|[",;|\t\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/**
 * The cell with a guard, if a spreadsheet would run it.
 *
 * @param isOn false: only cells that {@link unguarded} would change are guarded, so that they come back as they were
 */
export function guarded(cell: string, isOn: boolean): string {
  return isFormula(cell) && (isOn || cell.startsWith(GUARD)) ? `${GUARD}${cell}` : cell;
}

/** The cell as it was before {@link guarded}. */
export function unguarded(cell: string): string {
  return cell.startsWith(GUARD) && isFormula(cell) ? cell.slice(GUARD.length) : cell;
}
