/** Typed readers of what the service answers: a test that reads what is not there fails, and says where. */

type Path = readonly (string | number)[];

/** The value at a path of a parsed body; `undefined` when there is none. */
export function valueAt(body: unknown, ...path: Path): unknown {
  let value = body;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    const member: unknown = Reflect.get(value, key);
    value = member;
  }
  return value;
}

export function textAt(body: unknown, ...path: Path): string {
  const value = valueAt(body, ...path);
  if (typeof value === 'string') return value;
  throw new Error(`there is no text at /${path.join('/')} of ${JSON.stringify(body)}`);
}

export function numberAt(body: unknown, ...path: Path): number {
  const value = valueAt(body, ...path);
  if (typeof value === 'number') return value;
  throw new Error(`there is no number at /${path.join('/')} of ${JSON.stringify(body)}`);
}

export function listAt(body: unknown, ...path: Path): readonly unknown[] {
  const value = valueAt(body, ...path);
  if (Array.isArray(value)) return value;
  throw new Error(`there is no list at /${path.join('/')} of ${JSON.stringify(body)}`);
}

/** The members of an object, name by name. */
export function membersOf(body: unknown): [string, unknown][] {
  if (typeof body === 'object' && body !== null) return Object.entries(body);
  throw new Error(`there are no members in ${JSON.stringify(body)}`);
}

/** The ids of a search's results, in order. */
export function idsOf(body: unknown): string[] {
  return listAt(body, 'results').map((result) => textAt(result, 'id'));
}

/** The ids that the entries of a list have as this member, in order. */
export function idsAt(body: unknown, list: string, member: string): string[] {
  return listAt(body, list).map((entry) => textAt(entry, member));
}

/** The decisions of a batch, in order. */
export function decisionsOf(body: unknown): unknown[] {
  return listAt(body, 'evaluations').map((evaluation) => valueAt(evaluation, 'decision'));
}

/** One purpose of the settings. */
export function settingOf(settings: unknown, purpose: string): unknown {
  const found = listAt(settings, 'purposes').find((entry) => valueAt(entry, 'id') === purpose);
  if (found === undefined) throw new Error(`the settings have no purpose ${purpose}`);
  return found;
}
