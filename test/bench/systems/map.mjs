/** Not an engine: one look-up of the user in a `Map`, which any engine that is asked by id has to do at least once. */
import { population } from '../users.mjs';

/** @param {Awaited<ReturnType<typeof import('../comparison.mjs').comparison>>} asked @param {number} users */
export function open({ policy }, users) {
  const people = population(policy);
  const byUser = new Map();
  for (let number = 0; number < users; number++) byUser.set(people.id(number), number);
  return { ask: ({ user }) => byUser.get(user), permits: undefined };
}
