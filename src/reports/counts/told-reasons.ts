import { type Told, toldOf } from '../told.js';

/**
 * What is told of the reasons for which users of a cohort left, beside what {@link Told} says of it.
 *
 * Reasons have an order of precedence. Of those who left for one of the first so many reasons, the same is told as of all
 * who left, and the number of one reason is the difference. So everything that is told of a cohort is about sets of which
 * one contains the other, with the same edges, also over purposes of which one depends on the other: its reason is never
 * one of lower precedence. Then a number narrows no other (048), but where two are in a stretch between edges that is
 * shorter than the minimum. There the stretch is joined to the next one, and where those who left are in such a one
 * themselves, no reason is told.
 *
 * @param all how many users the cohort has
 * @param counts how many left for each reason, the highest precedence first
 * @param told of the same users, see {@link toldOf}
 * @returns of each reason, a multiple of the minimum, 0: not told; together `told.left`. `undefined`: none is told
 */
export function toldReasons(
  all: number,
  counts: readonly number[],
  told: Told,
  minimum: number,
): readonly number[] | undefined {
  const shortest = 2 * minimum;
  const isShort = told.left < shortest || (told.remaining > 0 && told.remaining < shortest);
  // where the policy leaves one reason, it tells nothing that is not told anyway
  if (told.left === 0 || (isShort && counts.length > 1)) return undefined;
  const whole = told.remaining + told.left;
  let [gone, before] = [0, 0];
  return counts.map((users, place) => {
    gone += users;
    const next = place === counts.length - 1 ? told.left : leftOf(toldOf({ all, left: gone }, minimum));
    const one = next - before;
    before = next;
    return one;
  });

  function leftOf({ remaining, left }: Told): number {
    if (remaining === 0 || left === 0) return left;
    return Math.max(shortest, Math.min(left, whole - shortest));
  }
}
