/** What is withheld is chosen in time, or not at all; what the choice must achieve is tested with the tables. */
import { describe, expect, it } from 'vitest';
import { ObligationError } from '../obligation-error.js';
import { Figure, Sum, withhold } from './suppress.js';

const SIDE = 49;

/** A table of the largest size, with totals. */
function tableOf(cell: (down: number, across: number) => number): Figure[] {
  const [ofRows, ofColumns] = [new Sum(), new Sum()];
  const columns = Array.from({ length: SIDE }, () => new Sum());
  const peopleIn = (figures: readonly Figure[]) => figures.reduce((all, { people }) => all + people, 0);
  const rows = Array.from({ length: SIDE }, (_, down) => {
    const row = new Sum();
    const cells = columns.map((column, across) => new Figure(row, column, cell(down, across)));
    return [...cells, new Figure(ofRows, row, peopleIn(cells))];
  });
  const totals = columns.map((column) => new Figure(column, ofColumns, peopleIn(column.entering)));
  return [...rows.flat(), ...totals, new Figure(ofColumns, ofRows, peopleIn(totals))];
}

describe('what is withheld of a table of the largest size', () => {
  // by the smallest rooms alone, the last would take minutes
  const tables: [string, (down: number, across: number) => number, number][] = [
    ['nobody is in it', () => 0, 1_000],
    ['one is in each cell', () => 1, 100_000],
    ['every second cell is empty', (down, across) => ((down + across) % 2) * 1_000, 1_000],
    ['room is everywhere, and little', (down, across) => 1 + ((down * 31 + across * 17) % 40), 10_000],
  ];
  for (const [what, cell, least] of tables)
    it(`is chosen in time when ${what}`, () => {
      const figures = tableOf(cell);
      withhold(figures, least);
      for (const { people, isWithheld } of figures) if (people < least) expect(isWithheld).toBe(true);
      expect(figures.filter(({ isWithheld }) => isWithheld).length).toBeGreaterThan(1);
    });

  it('is not chosen when that would take long', () => {
    // many small figures, each with many ways to go and no total withheld
    const figures = tableOf((down, across) => (down * 1_009 + across * 5_003 + down * down * across) % 55);
    let refused: unknown;
    try {
      withhold(figures, 50);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(ObligationError);
    expect(refused).toMatchObject({ code: 'too_much_work' });
  });
});
