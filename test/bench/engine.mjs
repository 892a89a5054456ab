/**
 * The product as the benchmark uses it: what is built in `dist/`, and nothing of its sources. If a name moves there, it
 * moves here and nowhere else.
 */
import { fileURLToPath } from 'node:url';
import { changesOf, population } from './users.mjs';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The folder of the policy that the service starts with. */
export const POLICIES = `${ROOT}policies`;
export const DIST = new URL('../../dist/', import.meta.url);

/** What `npm start` gives Node for the sake of the event loop; see "Node's options" in docs/configuration.md. */
export const SERVICE_ARGS = ['--v8-pool-size=0', '--max-semi-space-size=32'];

/** @param {string} path below `dist/` */
export function product(path) {
  return import(new URL(path, DIST).href);
}

const { readPolicyFiles } = await product('policy/text/policy-files.js');
const { compileSteps } = await product('decision/rules/compile.js');
const { finish } = await product('decision/steps.js');
const { REASON_CODES, PERMITTED, factsIndex } = await product('decision/table/table.js');
const { tabulateSteps } = await product('decision/table/tabulate.js');
const { decide } = await product('decision/table/decide.js');
const { ConsentState } = await product('decision/state/consent-state.js');

const { Audience } = await product('evaluation/audience/outcomes.js');
const { BATCH_KEYS, KeyBatch } = await product('decision/state/key-batch.js');

export { Audience, BATCH_KEYS, ConsentState, KeyBatch, PERMITTED, REASON_CODES, decide, factsIndex };

/** @param {any} policy one that is compiled */
export function tabulate(policy) {
  return finish(tabulateSteps(policy));
}

/** The policy that the service starts with. */
export async function referenceDocument() {
  return readPolicyFiles(POLICIES);
}

/** @param {any} document */
export function compiled(document) {
  const result = finish(compileSteps(document));
  if (!result.ok)
    throw new Error(
      `the policy of the benchmark does not compile: ${JSON.stringify(result.errors.slice(0, 3))}`,
    );
  return result.policy;
}

/**
 * Publishes of versions that were never built before: each document differs from the one before in a title.
 *
 * @param {any} policies the service that builds them
 * @param {any} document
 * @returns {() => Promise<any>} builds the next one, in slices, and gives its table
 */
export function publishing(policies, document) {
  let number = 0;
  return async () => {
    const [first, ...others] = document.purposes;
    const title = `${first.title} (version ${++number})`;
    const version = await policies.build({ ...document, purposes: [{ ...first, title }, ...others] });
    return version.table;
  };
}

/** The facts of every question that is asked here: an automated caller, with no case, reference or right to invoke. */
export const FACTS = { actor: 'automated', case: 'none', legalReference: false, ownData: false };

/** The hash key of a state is random in the product; here it is the same in every round. */
const HASH_KEY = [0x243f6a88, 0x85a308d3];

export function emptyState() {
  return new ConsentState(HASH_KEY);
}

const BY = { kind: 'service', id: 'bench' };

/**
 * Takes the users numbered from 0 into a state, by the events that made them.
 *
 * @param {any} state
 * @param {any} policy
 * @param {number} count
 * @param {'realistic' | 'distinct'} [kind]
 * @returns {number} how many events that took
 */
export function settle(state, policy, count, kind) {
  const people = population(policy, kind);
  const first = state.revision;
  let revision = first;
  for (let number = 0; number < count; number++) {
    const user = people.user(number);
    const subject = number + 1;
    for (const change of changesOf(user))
      state.apply({ revision: ++revision, subject, user: user.id, by: BY, at: 1_750_000_000_000, change });
  }
  return revision - first;
}

/** The events of a user, as they are appended to a log. @param {import('./users.mjs').User} user */
export function newEventsOf(user) {
  return [...changesOf(user)].map((change) => ({
    user: user.id,
    by: BY,
    at: 1_750_000_000_000,
    via: 'import',
    change,
  }));
}

/** The state resolved for a table, all of it at once. @param {any} state @param {any} table */
export function resolved(state, table) {
  const resolution = state.attach(table);
  for (const _slice of resolution.fill());
  return resolution;
}
