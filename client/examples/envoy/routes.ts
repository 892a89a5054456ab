/** Which requests use which fields of whom, and for what. A request that no route names exactly uses what nobody knows. */
export type Route = {
  readonly method: string;
  /** The path as it is sent, with `{user}` in the place of the id of the user whose data it is. */
  readonly path: string;
  readonly purpose: string;
  readonly fields: readonly string[];
  /** Names of the parameters that the query may have, each once. */
  readonly query: readonly string[];
};

export type Found = { readonly route: Route; readonly user: string };

/** Letters that mean the same encoded or not, to every server; and those of ids that no server splits a path at. */
const WORD = /^[\w.~:@-]{1,256}$/;
/** No `;`, at which some servers split as at `&`, and no second `=`. */
const VALUE = /^[\w.~:@,%+-]*$/;
const USER = '{user}';
const MEMBERS = ['method', 'path', 'purpose', 'fields', 'query'];

/** The route of a request as Envoy hands it on, and the user whom its path names; `undefined`: there is none. */
export function foundIn(routes: readonly Route[], method: string, target: string): Found | undefined {
  const [path = '', query, ...rest] = target.split('?');
  if (rest.length > 0) return undefined;
  for (const route of routes) {
    const user = route.method === method ? userIn(route.path, path) : undefined;
    if (user !== undefined) return takes(route.query, query) ? { route, user } : undefined;
  }
  return undefined;
}

function userIn(template: string, path: string): string | undefined {
  const [expected, given] = [template.split('/'), path.split('/')];
  if (expected.length !== given.length) return undefined;
  const user = given[expected.indexOf(USER)];
  if (user === undefined || !isWord(user)) return undefined;
  return expected.every((segment, at) => segment === USER || segment === given[at]) ? user : undefined;
}

/** Names are compared as they are sent: one that is encoded is another. */
function takes(names: readonly string[], query: string | undefined): boolean {
  if (query === undefined) return true;
  const given = query.split('&').map((pair) => pair.split('='));
  return (
    new Set(given.map(([name]) => name)).size === given.length &&
    given.every(
      ([name = '', value, ...rest]) => names.includes(name) && rest.length === 0 && VALUE.test(value ?? ''),
    )
  );
}

function isWord(segment: string): boolean {
  return WORD.test(segment) && segment !== '.' && segment !== '..';
}

/** The routes in a JSON text. @throws TypeError in words when one of them would not do what it says */
export function routesIn(text: string): readonly Route[] {
  const given: unknown = JSON.parse(text);
  if (!Array.isArray(given) || given.length === 0) throw new TypeError('the routes are no list: list them');
  const routes = given.map(routeIn);
  for (const [at, { method, path }] of routes.entries()) {
    const other = routes.findIndex((route) => route.method === method && isSame(route.path, path));
    if (other !== at)
      throw new TypeError(`the routes ${other} and ${at} name the same requests: remove one of them`);
  }
  return routes;
}

/** Whether there are paths that both name. */
function isSame(one: string, other: string): boolean {
  const segments = other.split('/');
  return (
    one.split('/').length === segments.length &&
    one.split('/').every((segment, at) => segment === segments[at] || [segment, segments[at]].includes(USER))
  );
}

function routeIn(given: unknown, at: number): Route {
  const members = new Map(Object.entries(Object(given)));
  const [method, path, purpose, fields, query = []] = MEMBERS.map((name) => members.get(name));
  const unknown = [...members.keys()].find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw fault(at, `\`${unknown}\` is none of ${MEMBERS.join(', ')}`);
  if (typeof method !== 'string' || !/^[A-Z]+$/.test(method))
    throw fault(at, '`method` is no method: write it in capitals');
  if (typeof path !== 'string' || !isTemplate(path))
    throw fault(
      at,
      `\`path\` must begin with \`/\`, have \`${USER}\` as one segment, and others of letters, digits and \`._~:@-\``,
    );
  if (typeof purpose !== 'string' || purpose === '') throw fault(at, '`purpose` is missing');
  // of no fields, everything could be said
  if (!isTexts(fields) || fields.length === 0) throw fault(at, '`fields` must list what the route uses');
  if (!isTexts(query) || !query.every((name) => WORD.test(name)))
    throw fault(at, '`query` must list names of letters, digits and `._~:@-`');
  return { method, path, purpose, fields, query };
}

function isTemplate(path: string): boolean {
  const [first, ...segments] = path.split('/');
  const words = segments.filter((segment) => segment !== USER);
  return first === '' && segments.length === words.length + 1 && words.every(isWord);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string' && text !== '');
}

function fault(at: number, words: string): TypeError {
  return new TypeError(`route ${at}: ${words}`);
}
