/**
 * How often something is tried. `npm test` tries it so often that a fault which is there is seen; `npm run test:long` tries
 * it as often as it takes to trust that there is none, and `TEST_TIMES` times as often where that is set. A spec that asks
 * for this is a part of both runs, but for its tests that are tagged `once`, which the long run would only try again.
 */
export const isLong = process.env['TEST_RUN'] === 'long';

/**
 * How many times as often as usual the long run tries: more for a change to what is tried, and a machine with time; less for
 * the checks of a change, whose draws are the same each time.
 */
const FACTOR = Number(process.env['TEST_TIMES'] ?? 1);
if (!(FACTOR > 0)) throw new Error('`TEST_TIMES` must be a number above 0');

/** @param short how often in `npm test`, and at least in the long run */
export function times(full: number, short: number): number {
  return isLong ? Math.max(short, Math.ceil(full * FACTOR)) : short;
}

/** Of a test for the long run alone, in a file that is tagged `once`. */
export const LONG_RUN = { skip: !isLong };
/** Of a test for both runs, in a file that is tagged `once`. */
export const BOTH_RUNS = { skip: false };
