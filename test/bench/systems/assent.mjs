/** This engine: the whole reference policy in its table, the users in its state. */
import { FACTS, decide, emptyState, factsIndex, resolved, settle, tabulate } from '../engine.mjs';
import { PURPOSES } from '../comparison.mjs';

/** @param {Awaited<ReturnType<typeof import('../comparison.mjs').comparison>>} asked @param {number} users */
export function open({ policy }, users) {
  const table = tabulate(policy);
  const state = emptyState();
  settle(state, policy, users);
  const resolution = resolved(state, table);
  const clientPurposes = new Set(PURPOSES);
  const facts = factsIndex(FACTS);
  // as the evaluation service asks
  const ask = ({ user, purpose, field }) =>
    decide(table, { purpose, action: 'read', field, clientPurposes, facts }, (place) =>
      resolution.of(resolution.classOf(user), place),
    ).reason;
  return { ask, permits: (answer) => answer === 'permitted' };
}
