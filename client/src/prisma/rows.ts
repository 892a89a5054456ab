/** Shows of rows what their owners permit. */
import type { Assent } from '../assent.js';
import { permitsOf } from '../responses/asking.js';
import { QueryRefused } from './query-refused.js';
import type { Plan } from './selection.js';

/** What is done where a column may not be read: it is `null`, or the row is left out. */
export type Treatment = 'mask' | 'drop';

/** Fields that may be read, by user. */
type Permitted = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The rows that a query came to, with nothing in them that may not be read.
 *
 * @param found a row, a list of them, or `null`
 * @throws QueryRefused when they are not what was asked for
 */
export async function shown(
  found: unknown,
  plan: Plan,
  assent: Assent,
  purpose: string,
  treatment: Treatment,
): Promise<unknown> {
  const wanted = new Map<string, Set<string>>();
  collect(found, plan, wanted);
  return shownOf(found, plan, await permittedOf(wanted, assent, purpose), treatment);
}

/** Takes down which fields of which users are in the rows. */
function collect(found: unknown, plan: Plan, wanted: Map<string, Set<string>>): void {
  if (Array.isArray(found)) {
    for (const one of found) collect(one, plan, wanted);
    return;
  }
  if (found === null) return;
  const row = rowOf(found, plan);
  const user = ownerOf(row, plan);
  for (const name of row.keys()) {
    const field = plan.columns.get(name);
    if (user !== undefined && field !== undefined) {
      const fields = wanted.get(user) ?? new Set();
      wanted.set(user, fields.add(field));
    }
  }
  for (const [name, within] of plan.relations) collect(row.get(name), within, wanted);
}

async function permittedOf(
  wanted: ReadonlyMap<string, ReadonlySet<string>>,
  assent: Assent,
  purpose: string,
): Promise<Permitted> {
  const questions = [...wanted].flatMap(([user, fields]) => [...fields].map((field) => ({ user, field })));
  const permits = await permitsOf(assent, { purpose }, questions);
  const permitted = new Map<string, Set<string>>();
  for (const [at, { user, field }] of questions.entries())
    if (permits[at] === true) {
      const fields = permitted.get(user) ?? new Set();
      permitted.set(user, fields.add(field));
    }
  return permitted;
}

const DROPPED = Symbol('dropped');

function shownOf(found: unknown, plan: Plan, permitted: Permitted, treatment: Treatment): unknown {
  if (Array.isArray(found))
    return found.map((one) => shownRow(one, plan, permitted, treatment)).filter((row) => row !== DROPPED);
  const row = shownRow(found, plan, permitted, treatment);
  return row === DROPPED ? null : row;
}

function shownRow(found: unknown, plan: Plan, permitted: Permitted, treatment: Treatment): unknown {
  if (found === null) return null;
  const row = rowOf(found, plan);
  const user = ownerOf(row, plan);
  const fields = user === undefined ? undefined : permitted.get(user);
  const visible: Record<string, unknown> = {};
  for (const [name, value] of row) {
    const within = plan.relations.get(name);
    const field = plan.columns.get(name);
    if (within !== undefined) visible[name] = shownOf(value, within, permitted, treatment);
    else if (field === undefined || fields?.has(field) === true) {
      if (!(plan.hidesUser && name === plan.user)) visible[name] = value;
    } else if (treatment === 'drop') return DROPPED;
    else visible[name] = null;
  }
  return visible;
}

/** The members of a row. @throws QueryRefused when it is another one than was asked for */
function rowOf(found: unknown, plan: Plan): ReadonlyMap<string, unknown> {
  const row = new Map(typeof found === 'object' && found !== null ? Object.entries(found) : []);
  const isAsked = [...row.keys()].every(
    (name) => plan.columns.has(name) || plan.relations.has(name) || name === plan.user || name === '_count',
  );
  const isThere = (names: Iterable<string>) => [...names].every((name) => row.has(name));
  const isWhole = isThere(plan.relations.keys()) && (!plan.isWhole || isThere(plan.columns.keys()));
  if (!isAsked || !isWhole || (plan.user !== undefined && !row.has(plan.user)))
    throw new QueryRefused(
      'what came back is not what was asked for, so none of it is shown: ask without extensions of the client',
    );
  return row;
}

/** Whose row it is, as the service names them. */
function ownerOf(row: ReadonlyMap<string, unknown>, { user }: Plan): string | undefined {
  const id = user === undefined ? undefined : row.get(user);
  return typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint' ? String(id) : undefined;
}
