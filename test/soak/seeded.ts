/** Numbers that a seed decides, so that a soak can be run again with the same faults at the same times. */

export type Seeded = {
  /** From 0 up to, and without, 1. */
  readonly next: () => number;
  /** A whole number from 0 up to, and without, the bound. */
  readonly below: (bound: number) => number;
  /** @throws Error when there is nothing to pick from */
  readonly pick: <T>(list: readonly T[]) => T;
};

/** @param seed a whole number; of two seeds the numbers have nothing in common (`splitmix32`: Steele, Lea and Flood, 2014) */
export function seeded(seed: number): Seeded {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  return {
    next,
    below,
    pick: (list) => {
      const picked = list[below(list.length)];
      if (picked === undefined) throw new Error('there is nothing to pick from');
      return picked;
    },
  };
}
