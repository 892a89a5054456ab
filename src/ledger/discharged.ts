import type { Discharged } from './uses.store.js';

/** Of how many uses each obligation is said to be discharged, in the order of their names. */
export function timesByObligation(discharged: readonly Discharged[]): ReadonlyMap<string, number> {
  const read = discharged.map(({ obligation, count }): [string, number] => [nameIn(obligation), count]);
  return new Map(read.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function nameIn(text: string): string {
  const name: unknown = JSON.parse(text);
  return typeof name === 'string' ? name : text;
}
