/** Ways to say a value less exactly, as steps of a hierarchy. */
import { refuse } from './obligation-error.js';
import { mustBeWhole } from './rows.js';

/** A value that can be generalised. */
export type Cell = string | number | boolean | null;

/** Says a value less exactly. Pure: the same value always becomes the same. */
export type Generalisation = (value: Cell) => Cell;

export function isCell(value: unknown): value is Cell {
  return (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  );
}

/** The value with one zero: `-0` and `0` are equal, so they must not look different. */
export function withOneZero(value: Cell): Cell {
  return value === 0 ? 0 : value;
}

/** Whole numbers as ranges of so many: `30-39`. Steps of a hierarchy need widths of which each divides the next. */
export function rangesOf(width: number): Generalisation {
  mustBeWhole(width, 2, 'the width');
  return (value) => {
    if (!Number.isSafeInteger(value) || typeof value !== 'number')
      refuse('bad_input', 'ranges are made of whole numbers: pass rows that have them');
    const from = Math.floor(value / width) * width;
    return `${from}-${from + width - 1}`;
  };
}

/** The first characters of a text, such as of a postcode. */
export function prefixOf(length: number): Generalisation {
  mustBeWhole(length, 1, 'the length');
  return (value) => {
    if (typeof value !== 'string')
      refuse('bad_input', 'a beginning is that of a text: pass rows that have them');
    return `${Array.from(value).slice(0, length).join('')}*`;
  };
}

/** What the table says a value is part of, such as the country of a city. */
export function partOf(table: ReadonlyMap<Cell, Cell>): Generalisation {
  return (value) =>
    table.get(value) ?? refuse('bad_input', 'a value is in no part that the hierarchy knows: add it there');
}

/** Nothing is said: the last step of most hierarchies. */
export const anything: Generalisation = () => '*';
