/**
 * Tables that give no small figure away. The attacker here knows what is told and tries all tables of whole numbers that
 * look like it; nothing of it is shared with the code that withholds.
 */
import { array, assert, constantFrom, integer, property, record, shuffledSubarray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Aggregation, type Count, aggregateOnly } from './aggregate-only.js';

type Rows = Parameters<typeof aggregateOnly>[0];

/** Rows of as many people as each cell of the table says. */
function rowsOf(table: readonly (readonly number[])[]): Rows {
  return table.flatMap((row, down) =>
    row.flatMap((people, across) =>
      Array.from({ length: people }, (_, at) => ({
        id: `u-${down}-${across}-${at}`,
        country: `c${down}`,
        job: `j${across}`,
      })),
    ),
  );
}

function dimensionsOf(table: readonly (readonly number[])[]): Aggregation['by'] {
  const country = { column: 'country', values: table.map((_, at) => `c${at}`) };
  const width = table[0]?.length ?? 0;
  return width === 1
    ? [country]
    : [country, { column: 'job', values: Array.from({ length: width }, (_, at) => `j${at}`) }];
}

function countsOf(table: readonly (readonly number[])[], atLeast: number): Count[] {
  return aggregateOnly(rowsOf(table), { person: 'id', by: dimensionsOf(table), atLeast });
}

/** The exact counts: the sums, written down once more. */
function exact(table: readonly (readonly number[])[], { of }: Count): number {
  const [down = null, across = null] = of;
  return table
    .filter((_, at) => down === null || down === `c${at}`)
    .flatMap((row) => row.filter((_, at) => across === null || across === `j${at}`))
    .reduce((sum, people) => sum + people, 0);
}

/**
 * Whether there is a table of whole numbers from 0 on that looks like what is told, and in which the figure is as
 * wanted. All figures are sums of cells, so cells are tried, none above `most`.
 */
function canBe(
  told: readonly Count[],
  wanted: (tried: ReadonlyMap<Count, number>) => boolean,
  most: number,
): boolean {
  const cells = told.filter(({ of }) => !of.includes(null));
  const isIn = (cell: Count, sum: Count) =>
    sum.of.every((value, at) => value === null || value === cell.of[at]);
  const sums = told.map((sum) => ({ sum, cells: cells.filter((cell) => isIn(cell, sum)) }));
  const tried = new Map<Count, number>();
  // what is told, once all of its cells are tried, or when they are too large already
  const contradicts = () =>
    sums.some(({ sum, cells }) => {
      if (sum.people === null) return false;
      const known = cells.filter((cell) => tried.has(cell));
      const total = known.reduce((all, cell) => all + (tried.get(cell) ?? 0), 0);
      return total > sum.people || (known.length === cells.length && total < sum.people);
    });
  const search = (at: number): boolean => {
    if (contradicts()) return false;
    const cell = cells[at];
    if (cell === undefined) {
      const all = sums.map(({ sum, cells }): [Count, number] => [
        sum,
        cells.reduce((total, cell) => total + (tried.get(cell) ?? 0), 0),
      ]);
      return wanted(new Map(all));
    }
    for (let people = cell.people ?? 0; people <= (cell.people ?? most); people++) {
      tried.set(cell, people);
      if (search(at + 1)) return true;
    }
    tried.delete(cell);
    return false;
  };
  return search(0);
}

const table = (down: number, across: number) =>
  array(array(integer({ min: 0, max: 5 }), { minLength: across, maxLength: across }), {
    minLength: down,
    maxLength: down,
  });

/** What an attacker must not be able to say of a withheld figure. */
function mustBeHidden(cells: readonly (readonly number[])[], atLeast: number): void {
  const told = countsOf(cells, atLeast);
  const most = Math.max(...cells.flat()) + atLeast;
  for (const count of told) {
    if (count.people !== null) {
      expect(count.people).toBe(exact(cells, count));
      expect(count.people).toBeGreaterThanOrEqual(atLeast);
      continue;
    }
    const people = exact(cells, count);
    expect(canBe(told, (tried) => (tried.get(count) ?? 0) >= atLeast, most)).toBe(true);
    expect(canBe(told, (tried) => tried.get(count) !== people, most)).toBe(true);
  }
}

describe('a withheld figure', () => {
  it('can be told neither exactly nor to be small, in any list of up to six values', () => {
    assert(
      property(
        integer({ min: 1, max: 6 }).chain((down) => table(down, 1)),
        integer({ min: 2, max: 4 }),
        mustBeHidden,
      ),
      { numRuns: 300 },
    );
  });

  it('can be told neither exactly nor to be small, in any table of two by three', () => {
    assert(property(table(2, 3), integer({ min: 2, max: 4 }), mustBeHidden), { numRuns: 200 });
  });

  it('can be told neither exactly nor to be small, in every table of two by two with 0 to 3 people', () => {
    for (let code = 0; code < 4 ** 4; code++) {
      const digit = (at: number) => Math.floor(code / 4 ** at) % 4;
      mustBeHidden(
        [
          [digit(0), digit(1)],
          [digit(2), digit(3)],
        ],
        2,
      );
    }
  });

  it('can be told neither exactly nor to be small, in tables of three by three', () => {
    assert(property(table(3, 3), integer({ min: 2, max: 3 }), mustBeHidden), { numRuns: 60 });
  });

  it('would be told by the total if it were alone: this attacker finds it', () => {
    const told = countsOf([[9], [2], [8]], 5);
    const naive = told.map((count) =>
      count.of[0] === 'c1' ? count : { ...count, people: exact([[9], [2], [8]], count) },
    );
    const hidden = naive.find(({ people }) => people === null);
    if (hidden === undefined) throw new Error('one figure is withheld');
    expect(canBe(naive, (tried) => tried.get(hidden) !== 2, 20)).toBe(false);
    expect(told.filter(({ people }) => people === null)).toHaveLength(2);
  });
});

describe('a table', () => {
  it('is told whole where nothing is small', () => {
    assert(
      property(
        array(array(integer({ min: 3, max: 9 }), { minLength: 3, maxLength: 3 }), {
          minLength: 2,
          maxLength: 5,
        }),
        (cells) => {
          for (const count of countsOf(cells, 3)) expect(count.people).toBe(exact(cells, count));
        },
      ),
    );
  });

  it('loses the least that suffices in a list: its next larger figure', () => {
    const told = countsOf([[90], [4], [60], [55]], 50);
    expect(told.map(({ people }) => people)).toEqual([90, null, 60, null, 209]);
  });

  it('of two dimensions keeps its totals where a square of cells suffices', () => {
    const cells = [
      [3, 60, 80],
      [70, 61, 90],
      [75, 95, 65],
    ];
    const told = countsOf(cells, 50);
    expect(told.filter(({ people }) => people === null).map(({ of }) => of)).toEqual([
      ['c0', 'j0'],
      ['c0', 'j1'],
      ['c1', 'j0'],
      ['c1', 'j1'],
    ]);
  });

  it('counts people, not rows', () => {
    const rows = rowsOf([[6], [5]]);
    assert(
      property(array(constantFrom(...rows)), (again) => {
        const counted = aggregateOnly([...rows, ...again], {
          person: 'id',
          by: dimensionsOf([[6], [5]]),
          atLeast: 5,
        });
        expect(counted.map(({ people }) => people)).toEqual([6, 5, 11]);
      }),
    );
  });

  it('is the same in whatever order the rows come', () => {
    const rows = rowsOf([
      [1, 7],
      [6, 9],
    ]);
    const by = dimensionsOf([
      [1, 7],
      [6, 9],
    ]);
    assert(
      property(shuffledSubarray([...rows], { minLength: rows.length }), (turned) => {
        expect(aggregateOnly(turned, { person: 'id', by, atLeast: 5 })).toEqual(
          aggregateOnly(rows, { person: 'id', by, atLeast: 5 }),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('has every listed value, so that the list tells nothing of the data', () => {
    const values = ['__proto__', 'constructor', 'rare'];
    const told = aggregateOnly([{ id: 'u', country: 'rare' }], {
      person: 'id',
      by: [{ column: 'country', values }],
      atLeast: 2,
    });
    expect(told.map(({ of, people }) => [of[0], people])).toEqual([
      ...values.map((value) => [value, null]),
      [null, null],
    ]);
  });

  it('is not made when a person is in several cells, a value is not listed, or the table is too large', () => {
    const by: Aggregation['by'] = [{ column: 'country', values: ['DE', 'FR'] }];
    const make =
      (rows: Rows, changed: Partial<Aggregation> = {}) =>
      () =>
        aggregateOnly(rows, { person: 'id', by, atLeast: 5, ...changed });
    expect(
      make([
        { id: 'u', country: 'DE' },
        { id: 'u', country: 'FR' },
      ]),
    ).toThrow(expect.objectContaining({ code: 'several_cells' }));
    for (const country of ['UK', undefined, null, 7])
      expect(make([{ id: 'u', country }])).toThrow(expect.objectContaining({ code: 'undeclared_value' }));
    expect(make([{ id: 'u' }])).toThrow('a row has no `country`');
    expect(make([{ country: 'DE' }])).toThrow('a row has no `id`');
    for (const atLeast of [1, 0, -5, 2.5, Number.NaN, Infinity])
      expect(make([], { atLeast })).toThrow('`atLeast` is no whole number');
    expect(make([], { by: [{ column: 'country', values: ['DE', 'DE'] }] })).toThrow('one of them twice');
    expect(make([], { by: [{ column: 'country', values: [] }] })).toThrow('has no values');
    const many = { column: 'country', values: Array.from({ length: 60 }, (_, at) => String(at)) };
    expect(make([], { by: [many, { ...many, column: 'job' }] })).toThrow(
      expect.objectContaining({ code: 'too_much_work' }),
    );
  });

  it('of the largest size, with many small figures, is made in seconds', () => {
    const cells = Array.from({ length: 49 }, (_, down) =>
      Array.from({ length: 49 }, (_, across) => (down * 7 + across * 3) % 11),
    );
    const told = countsOf(cells, 6);
    for (const count of told) if (count.people !== null) expect(count.people).toBe(exact(cells, count));
  });

  it('shows no message with a value of the data', () => {
    assert(
      property(
        record({ id: constantFrom('secret-user'), country: constantFrom('secret-country') }),
        (row) => {
          expect(() =>
            aggregateOnly([row], { person: 'id', by: [{ column: 'country', values: ['DE'] }], atLeast: 2 }),
          ).toThrow(expect.objectContaining({ message: expect.not.stringContaining('secret') }));
        },
      ),
      { numRuns: 1 },
    );
  });
});
