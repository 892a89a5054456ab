/**
 * Complementary suppression: which figures of a table with totals must be withheld besides the small ones, so that no
 * withheld figure can be worked out, or bounded below the least that may be told.
 *
 * A table with totals is a network, and a table that looks the same from outside is another flow in it: an inner figure
 * leads from its row to its column, the total of a column from there to the sum of all, the total of a row from the sum
 * of all to there (Kelly, Golden and Assad, 1992, "Cell suppression: disclosure protection for sensitive tabular data").
 */

import { refuse } from '../obligation-error.js';

/** A place where figures meet: what comes in is what goes out. */
export class Sum {
  readonly leaving: Figure[] = [];
  readonly entering: Figure[] = [];
}

/** A figure of a table. */
export class Figure {
  isWithheld = false;

  constructor(
    readonly from: Sum,
    readonly to: Sum,
    readonly people: number,
  ) {
    from.leaving.push(this);
    to.entering.push(this);
  }
}

type Step = { readonly figure: Figure; readonly sign: 1 | -1 };

/** Steps looked at, of all searches: a few seconds on a slow core. */
const MOST_WORK = 20_000_000;
/** A way must make up for at least this part of what is left, so that few ways suffice. */
const LEAST_PART = 4;

/**
 * Withholds every figure below `least`, and others, so that for each withheld figure there is a table that looks the
 * same from outside in which the figure is at least `least`, and one in which it is another. So nothing that follows from
 * the told figures alone is about fewer people: it would bound each withheld figure in it.
 *
 * That is no promise against whoever knows this rule too. They can leave out each table for which other figures would
 * have been withheld, and sometimes one table is left. Of equal prices the first that is found is taken: the order of
 * the listed values decides, not who is in the data.
 *
 * @throws ObligationError `too_much_work`
 */
export function withhold(figures: readonly Figure[], least: number): void {
  const small = figures.filter(({ people }) => people < least);
  for (const figure of small) figure.isWithheld = true;
  const search = new Search(figures.length);
  // what else is withheld is in a cycle with a small one, so it changes as that one does
  for (const figure of small) search.protect(figure, least - figure.people);
}

/** By how much a figure can change in a direction. */
type Room = (figure: Figure, sign: Step['sign']) => number;

/** How a sum was reached, and from which other. */
type Reached = { readonly cost: number; readonly step?: Step; readonly from?: Sum };

class Search {
  #work = 0;

  /** @param count of all figures */
  constructor(private readonly count: number) {}

  /** Withholds figures until this one could be larger by so much, with those that cost the least first. */
  protect(guarded: Figure, amount: number): void {
    if (this.#growsAlready(guarded)) return;
    const change = new Map<Figure, number>();
    const room: Room = (figure, sign) => (sign === 1 ? Infinity : figure.people + (change.get(figure) ?? 0));
    for (let left = amount; left > 0;) {
      const path = this.#cheapestPath(guarded, room, Math.ceil(left / LEAST_PART));
      const moved = Math.min(left, ...path.map(({ figure, sign }) => room(figure, sign)));
      for (const { figure, sign } of path) {
        figure.isWithheld = true;
        change.set(figure, (change.get(figure) ?? 0) + sign * moved);
      }
      left -= moved;
    }
  }

  /** Whether it can be as large as one likes because all totals that it is in are withheld: then it costs nothing. */
  #growsAlready(guarded: Figure): boolean {
    const reached = new Set([guarded.to]);
    for (const at of reached)
      for (const figure of at.leaving) {
        this.#count();
        if (figure.isWithheld) reached.add(figure.to);
      }
    return reached.has(guarded.from);
  }

  /**
   * The cheapest way to make up for a larger figure, by at least so much: other figures that grow, or shrink where there
   * is room (Dijkstra). There always is one, because any figure can grow with the totals that it is in.
   */
  #cheapestPath(guarded: Figure, room: Room, least: number): Step[] {
    const price = ({ isWithheld, people }: Figure) => (isWithheld ? 1 : 1 + this.count * (1 + people));
    const reached = new Map<Sum, Reached>();
    const open = new Map<Sum, Reached>([[guarded.to, { cost: 0 }]]);
    for (;;) {
      const [at, here] = [...open].reduce((best, next) => (next[1].cost < best[1].cost ? next : best));
      open.delete(at);
      reached.set(at, here);
      if (at === guarded.from) return pathTo(at, reached);
      const look = (figure: Figure, sign: Step['sign'], next: Sum) => {
        this.#count();
        if (figure === guarded || reached.has(next) || room(figure, sign) < least) return;
        const cost = here.cost + price(figure);
        if (cost < (open.get(next)?.cost ?? Infinity))
          open.set(next, { cost, step: { figure, sign }, from: at });
      };
      for (const figure of at.leaving) look(figure, 1, figure.to);
      for (const figure of at.entering) look(figure, -1, figure.from);
    }
  }

  #count(): void {
    if (++this.#work > MOST_WORK)
      refuse('too_much_work', 'it would take too long to choose what to withhold: pass fewer values');
  }
}

function pathTo(end: Sum, reached: ReadonlyMap<Sum, Reached>): Step[] {
  const steps: Step[] = [];
  for (let at = reached.get(end); at?.step !== undefined && at.from !== undefined; at = reached.get(at.from))
    steps.unshift(at.step);
  return steps;
}
