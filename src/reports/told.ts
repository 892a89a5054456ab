/**
 * What a report tells of a cohort, so that nothing in it is about a few people. Everything in a report is computed from
 * this and from nothing else that is known of users.
 *
 * Whatever is told, and whoever knows how many users the cohort has and all about every other cohort: a number under the
 * minimum is one of as many as the minimum, from 0 on, and nothing tells which. So "nobody left" cannot be told from
 * "some left", and one person's change moves nothing unless it is the one that passes an edge.
 */

/** Users of a cohort. */
export type Count = {
  readonly all: number;
  /** Of these, those for whom the purpose is not on. */
  readonly left: number;
};

/** Multiples of the minimum; 0: not told. With both 0 nothing is told of the cohort, not even whether it has users. */
export type Told = { readonly remaining: number; readonly left: number };

const NOTHING: Told = { remaining: 0, left: 0 };

/**
 * A cohort under twice the minimum is not told of: where neither side reaches the minimum, who knows the size could
 * work out both.
 *
 * @param minimum a whole number from 1 on
 */
export function toldOf({ all, left }: Count, minimum: number): Told {
  if (all < 2 * minimum) return NOTHING;
  const whole = rounded(all, minimum);
  if (left < minimum) return { remaining: whole, left: 0 };
  if (all - left < minimum) return { remaining: 0, left: whole };
  // not both sides: who knows the size would narrow the one by what is told of the other
  const gone = rounded(left, minimum);
  return { remaining: whole - gone, left: gone };
}

function rounded(number: number, minimum: number): number {
  return minimum * Math.round(number / minimum);
}

/**
 * A cohort of which this would be told, drawn from all there could be.
 *
 * @param random draws from 0 up to 1
 */
export function drawnFor({ remaining, left }: Told, minimum: number, random: () => number): Count {
  const whole = remaining + left;
  if (whole === 0) {
    const all = random() * 2 * minimum;
    return { all, left: random() * all };
  }
  const all = Math.max(2 * minimum, whole + (random() - 0.5) * minimum);
  const few = random() * minimum;
  if (left === 0) return { all, left: few };
  if (remaining === 0) return { all, left: all - few };
  const gone = left + (random() - 0.5) * minimum;
  return { all, left: Math.min(Math.max(minimum, gone), all - minimum) };
}
