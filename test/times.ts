/**
 * How often something is tried. `npm test` tries it so often that a fault which is there is seen; `npm run test:long` tries
 * it as often as it takes to trust that there is none. A spec that asks for this is a part of both runs.
 */
export const isLong = process.env['TEST_RUN'] === 'long';

/** @param short how often in `npm test` */
export function times(full: number, short: number): number {
  return isLong ? full : short;
}
