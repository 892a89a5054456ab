/** What a response shows: which of its properties holds which field, of whom. */
import { faultOfName } from '../terms/question.js';

export type ShowsOptions = {
  /** Paths of what is no personal data: it is shown whatever may be read. */
  readonly open?: string | readonly string[];
  /**
   * Paths of the properties that hold the id of the user whom the object around them, and all in it, is about; absent:
   * the user of the request. It is not shown by that.
   */
  readonly owner?: string | readonly string[];
};

/** A value that is shown or left out as a whole. */
export class Whole {
  /** @param field `undefined`: it is no personal data */
  constructor(
    readonly path: string,
    readonly field: string | undefined,
  ) {}

  get fields(): readonly string[] {
    return this.field === undefined ? [] : [this.field];
  }

  get isAboutRequest(): boolean {
    return this.field !== undefined;
  }
}

/** An object, or a list of such. What `inner` does not have is left out. */
export class Properties {
  readonly inner = new Map<string, Shape>();
  /** Name of the property that holds the id of the user whom it is about; `undefined`: whoever is what is around it. */
  owner: string | undefined;

  constructor(readonly path: string) {}

  /** All fields that are shown anywhere in it. */
  get fields(): readonly string[] {
    return [...this.inner.values()].flatMap(({ fields }) => fields);
  }

  /** Whether something in it is about the user of the request. */
  get isAboutRequest(): boolean {
    return this.owner === undefined && [...this.inner.values()].some((part) => part.isAboutRequest);
  }
}

export type Shape = Whole | Properties;

/**
 * The shape of a response. A path is names of properties with points between them; lists add nothing to it.
 *
 * @param fields the field that is at each path; or the one that the whole response is
 * @throws TypeError in words when two paths contradict each other, or something is no path or field
 */
export function shows(
  fields: string | Readonly<Record<string, string>>,
  { open = [], owner = [] }: ShowsOptions = {},
): Shape {
  if (typeof fields === 'string') {
    mustBeField(fields);
    if (open.length + owner.length > 0)
      throw new TypeError('the response is one field: leave `open` and `owner` out');
    return new Whole('', fields);
  }
  const root = new Properties('');
  for (const [path, field] of Object.entries(fields)) {
    mustBeField(field);
    add(root, path, field);
  }
  for (const path of typeof open === 'string' ? [open] : open) add(root, path, undefined);
  for (const path of typeof owner === 'string' ? [owner] : owner) addOwner(root, path);
  return root;
}

function mustBeField(field: unknown): void {
  const fault = faultOfName('field', field);
  if (fault !== undefined) throw new TypeError(fault);
}

function add(root: Properties, path: string, field: string | undefined): void {
  const { around, name } = placeOf(root, path);
  const there = around.inner.get(name);
  if (there instanceof Properties)
    throw new TypeError(`\`${path}\` is mapped as a whole, and what is in it as well: do one of them`);
  if (there !== undefined) throw new TypeError(`\`${path}\` is mapped twice: map it once`);
  around.inner.set(name, new Whole(path, field));
}

function addOwner(root: Properties, path: string): void {
  const { around, name } = placeOf(root, path);
  if (around.owner !== undefined)
    throw new TypeError(
      `\`${around.owner}\` and \`${name}\` both name the owner of one object: leave one out`,
    );
  around.owner = name;
}

/** The object that a path leads to, and the name of the property in it. */
function placeOf(root: Properties, path: string): { readonly around: Properties; readonly name: string } {
  const names = path.split('.');
  if (names.includes('')) throw new TypeError(`\`${path}\` is no path: name properties, with points between`);
  const name = names.pop() ?? '';
  let around = root;
  for (const step of names) {
    let next = around.inner.get(step);
    if (next === undefined) {
      next = new Properties(around.path === '' ? step : `${around.path}.${step}`);
      around.inner.set(step, next);
    }
    if (next instanceof Whole)
      throw new TypeError(`\`${path}\` lies in \`${next.path}\`, which is mapped as a whole: do one of them`);
    around = next;
  }
  return { around, name };
}
