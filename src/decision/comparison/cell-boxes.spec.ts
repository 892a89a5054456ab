/** Boxes, held equal to plain lists of cells. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Box, boxesOf, inBoth, joined, placesIn, sizeOf, without } from './cell-boxes.js';
import { finish } from '../steps.js';

const COUNTS = [3, 2, 4];
const CELLS = 24;
const YES = 7;

/** Any set of cells, by the byte of each: the value that is looked for, or one of two others. */
const sets = fc
  .array(fc.constantFrom(0, 5, YES, YES), { minLength: CELLS, maxLength: CELLS })
  .map((bytes) => Uint8Array.from(bytes));

const inBoxes = (cells: Uint8Array): Box[] => finish(boxesOf(cells, COUNTS, YES));

/** The cells of the boxes by their places, one entry for each time that a cell is in a box. */
function cellsOf(boxes: readonly Box[]): number[] {
  const places = boxes.flatMap((box) =>
    box.reduce<number[]>(
      (starts, bits, axis) =>
        starts.flatMap((start) => placesIn(bits).map((place) => start * (COUNTS[axis] ?? 0) + place)),
      [0],
    ),
  );
  return places.sort((a, b) => a - b);
}

const placesOf = (cells: Uint8Array, holds: (byte: number, place: number) => boolean) =>
  [...cells.keys()].filter((place) => holds(cells[place] ?? 0, place));

describe('boxes', () => {
  it('hold every cell with the value once, and no other', () => {
    fc.assert(
      fc.property(sets, (cells) => {
        const boxes = inBoxes(cells);
        const expected = placesOf(cells, (byte) => byte === YES);
        expect(cellsOf(boxes)).toEqual(expected);
        expect(sizeOf(boxes)).toBe(expected.length);
      }),
    );
  });

  it('are one where the cells are a product, and none where there is no cell', () => {
    const product = Uint8Array.from({ length: CELLS }, (_, cell) =>
      cell % 4 === 2 || cell % 4 === 3 ? YES : 0,
    );
    expect(inBoxes(product)).toEqual([[0b111n, 0b11n, 0b1100n]]);
    expect(inBoxes(new Uint8Array(CELLS))).toEqual([]);
  });

  it('are taken from each other cell by cell', () => {
    fc.assert(
      fc.property(sets, sets, (one, other) => {
        const left = finish(without(inBoxes(one), inBoxes(other)));
        expect(cellsOf(left)).toEqual(placesOf(one, (byte, place) => byte === YES && other[place] !== YES));
      }),
    );
  });

  it('share the cells that are in both', () => {
    fc.assert(
      fc.property(sets, sets, (one, other) => {
        const shared = finish(inBoth(inBoxes(one), inBoxes(other)));
        expect(cellsOf(shared)).toEqual(placesOf(one, (byte, place) => byte === YES && other[place] === YES));
      }),
    );
  });

  it('keep their cells when they are joined, until no two of them differ on one axis alone', () => {
    fc.assert(
      fc.property(sets, (cells) => {
        const single = placesOf(cells, (byte) => byte === YES).map((cell) => [
          1n << BigInt(Math.floor(cell / 8)),
          1n << BigInt(Math.floor(cell / 4) % 2),
          1n << BigInt(cell % 4),
        ]);
        const fewer = joined(single);
        expect(cellsOf(fewer)).toEqual(cellsOf(single));
        const differing = (one: Box, other: Box) => one.filter((bits, axis) => bits !== other[axis]).length;
        for (const one of fewer)
          for (const other of fewer) if (one !== other) expect(differing(one, other)).toBeGreaterThan(1);
      }),
    );
  });
});
