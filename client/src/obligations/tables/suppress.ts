/**
 * Complementary suppression: which figures of a table with totals must be withheld besides the small ones, so that no
 * withheld figure can be worked out, or bounded below the least that may be told.
 *
 * A table with totals is a network, and a table that looks the same from outside is another flow in it: an inner figure
 * leads from its row to its column, the total of a column from there to the sum of all, the total of a row from the sum
 * of all to there (Kelly, Golden and Assad, 1992, "Cell suppression: disclosure protection for sensitive tabular data").
 */

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

/**
 * Withholds every figure below `least`, and others, so that for each withheld figure there is a table that looks the
 * same from outside in which the figure is at least `least`, and one in which it is another. So nothing that can be
 * worked out from what is told is about fewer people: it would bound each withheld figure in it.
 */
export function withhold(figures: readonly Figure[], least: number): void {
  const small = figures.filter(({ people }) => people < least);
  for (const figure of small) figure.isWithheld = true;
  // what else is withheld is in a cycle with a small one, so it changes as that one does
  for (const figure of small) protect(figure, least - figure.people, figures.length);
}

/** Withholds figures until this one could be larger by so much, with those that cost the least first. */
function protect(guarded: Figure, amount: number, count: number): void {
  const change = new Map<Figure, number>();
  const room = ({ figure, sign }: Step) =>
    sign === 1 ? Infinity : figure.people + (change.get(figure) ?? 0);
  for (let left = amount; left > 0;) {
    const path = cheapestPath(guarded, room, count);
    const moved = Math.min(left, ...path.map(room));
    for (const { figure, sign } of path) {
      figure.isWithheld = true;
      change.set(figure, (change.get(figure) ?? 0) + sign * moved);
    }
    left -= moved;
  }
}

/**
 * The cheapest way to make up for a larger figure: other figures that grow, or shrink where there is room (Dijkstra).
 * There always is one, because any figure can grow with the totals that it is in.
 */
function cheapestPath(guarded: Figure, room: (step: Step) => number, count: number): Step[] {
  const price = ({ isWithheld, people }: Figure) => (isWithheld ? 1 : 1 + count * (1 + people));
  const reached = new Map<Sum, { readonly cost: number; readonly path: readonly Step[] }>();
  const open = new Map([[guarded.to, { cost: 0, path: new Array<Step>() }]]);
  for (;;) {
    const [at, here] = [...open].reduce((best, next) => (next[1].cost < best[1].cost ? next : best));
    if (at === guarded.from) return here.path;
    open.delete(at);
    reached.set(at, here);
    const steps: { step: Step; next: Sum }[] = [
      ...at.leaving.map((figure) => ({ step: { figure, sign: 1 as const }, next: figure.to })),
      ...at.entering.map((figure) => ({ step: { figure, sign: -1 as const }, next: figure.from })),
    ];
    for (const { step, next } of steps) {
      if (step.figure === guarded || reached.has(next) || room(step) <= 0) continue;
      const cost = here.cost + price(step.figure);
      if (cost < (open.get(next)?.cost ?? Infinity)) open.set(next, { cost, path: [...here.path, step] });
    }
  }
}
