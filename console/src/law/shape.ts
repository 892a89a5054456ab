/**
 * Whether a value has the shape of `policies/policy.schema.json`. The service asks Ajv, which makes code of the schema;
 * the content security policy of the page allows none, so this reads the schema instead. A test holds it against the
 * service: the same errors, in the same words.
 */
import type { ErrorObject } from 'ajv';
import schema from '../../../policies/policy.schema.json';
import type { PolicyDocument } from '../../../src/decision/policy.js';
import { ErrorList, type CompileError } from '../../../src/decision/rules/validate.js';
import type { Steps } from '../../../src/decision/steps.js';
import { isPrintable } from '../../../src/policy/text/quoting.js';
import { shapeSentence } from '../../../src/policy/text/shape-sentences.js';

type Path = readonly (string | number)[];
type Node = Readonly<Record<string, unknown>>;
/** Takes a fault: what of the schema is not met, and where. */
type Fault = (keyword: string, params: Node, path: Path) => void;

export type Shaped =
  | { readonly ok: true; readonly document: PolicyDocument }
  | { readonly ok: false; readonly errors: readonly CompileError[] };

/** The sections that a whole document has; a file of the folder may leave any out. */
const SECTIONS = [
  'regimes',
  'obligations',
  'purposes',
  'fields',
  'schema',
  'unknown_regime',
  'overlays',
  'floor',
];
const ROOT: Node = { ...schema, required: SECTIONS };

/** Checks a value, an entry of a section in each step. */
export function* shapeSteps(value: unknown): Steps<Shaped> {
  const errors = new ErrorList();
  const faulty = new Set<string | number | undefined>();
  for (const error of faultsIn(value, { ...ROOT, properties: withoutEntries() }, []).toSorted(tooManyFirst)) {
    faulty.add(error.path[0]);
    tell(error, errors);
  }
  for (const [section, { items }] of Object.entries(sectionsOf())) {
    // of a list that is too long, only its length is told
    const list: unknown = faulty.has(section) ? undefined : nodeOf(value)[section];
    if (!isEntry(items) || !Array.isArray(list)) continue;
    for (const [index, entry] of list.entries()) {
      for (const error of faultsIn(entry, nodeOf(items), [section, index])) tell(error, errors);
      yield;
    }
  }
  const all = errors.all();
  return all.length === 0 && isShaped(value) ? { ok: true, document: value } : { ok: false, errors: all };
}

// INVARIANT: asked only of what the schema has no fault with
function isShaped(value: unknown): value is PolicyDocument {
  return typeof value === 'object' && value !== null;
}

function sectionsOf(): Readonly<Record<string, Node>> {
  return schema.properties;
}

/** The sections without the shape of their entries, which are checked one by one. */
function withoutEntries(): Node {
  return Object.fromEntries(
    Object.entries(sectionsOf()).map(([section, { items, ...list }]) => [
      section,
      items === undefined || isEntry(items) ? list : { ...list, items },
    ]),
  );
}

/** Whether it is the shape of an entry of a section, and not of a name in a list. */
function isEntry(items: unknown): boolean {
  return nodeOf(items)['$ref'] !== undefined;
}

type Found = {
  readonly path: Path;
  readonly keyword: string;
  readonly params: Node;
  readonly data: unknown;
  readonly parentSchema: Node;
  readonly isRoot: boolean;
};

function tell({ path, isRoot, ...error }: Found, errors: ErrorList): void {
  const told: ErrorObject = { ...error, schemaPath: '', instancePath: isRoot ? '' : '/' };
  const message = shapeSentence(told, isRoot);
  if (message !== undefined) errors.report(path, message);
}

function tooManyFirst(one: Found, other: Found): number {
  return Number(other.keyword === 'maxItems') - Number(one.keyword === 'maxItems');
}

function nodeOf(value: unknown): Node {
  return Object(value);
}

function resolved(node: Node): Node {
  const { $ref } = node;
  return typeof $ref === 'string'
    ? resolved(nodeOf(nodeOf(schema.definitions)[$ref.slice('#/definitions/'.length)]))
    : node;
}

function isMapping(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const IS_TYPE: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  array: (value) => Array.isArray(value),
  object: isMapping,
};

function faultsIn(value: unknown, given: Node, path: Path): Found[] {
  const found: Found[] = [];
  const node = resolved(given);
  const isRoot = path.length === 0;
  const fault: Fault = (keyword, params, at) =>
    found.push({ keyword, params, path: at, data: value, parentSchema: node, isRoot });
  const { type, enum: allowed, const: only } = node;
  if (typeof type === 'string' && IS_TYPE[type]?.(value) !== true) fault('type', { type }, path);
  if (Array.isArray(allowed) && !allowed.includes(value)) fault('enum', { allowedValues: allowed }, path);
  if (only !== undefined && only !== value) fault('const', { allowedValue: only }, path);
  if (typeof value === 'string') checkText(value, node, path, fault);
  else if (typeof value === 'number') checkNumber(value, node, path, fault);
  else if (Array.isArray(value)) found.push(...entriesIn(value, node, path, fault));
  else if (isMapping(value)) found.push(...membersIn(value, node, path, fault));
  return found;
}

const patterns = new Map<string, RegExp>();
function patternOf(source: string): RegExp {
  const known = patterns.get(source) ?? new RegExp(source, 'u');
  patterns.set(source, known);
  return known;
}

function checkText(text: string, { maxLength, minLength, pattern, format }: Node, path: Path, fault: Fault) {
  const length = Array.from(text).length;
  if (typeof maxLength === 'number' && length > maxLength) fault('maxLength', { limit: maxLength }, path);
  if (typeof minLength === 'number' && length < minLength) fault('minLength', { limit: minLength }, path);
  if (typeof pattern === 'string' && !patternOf(pattern).test(text)) fault('pattern', { pattern }, path);
  if (format === 'text' && !isPrintable(text)) fault('format', { format }, path);
}

function checkNumber(number: number, { maximum, minimum }: Node, path: Path, fault: Fault) {
  if (typeof maximum === 'number' && number > maximum) fault('maximum', { limit: maximum }, path);
  if (typeof minimum === 'number' && number < minimum) fault('minimum', { limit: minimum }, path);
}

function entriesIn(list: readonly unknown[], node: Node, path: Path, fault: Fault): Found[] {
  const { maxItems, minItems, uniqueItems, items } = node;
  if (typeof maxItems === 'number' && list.length > maxItems) fault('maxItems', { limit: maxItems }, path);
  if (typeof minItems === 'number' && list.length < minItems) fault('minItems', { limit: minItems }, path);
  const seen = new Set<unknown>();
  const index = uniqueItems === true ? list.findIndex((entry) => seen.size === seen.add(entry).size) : -1;
  if (index >= 0) fault('uniqueItems', { index, twice: list[index] }, [...path, index]);
  if (items === undefined) return [];
  return list.flatMap((entry, place) => faultsIn(entry, nodeOf(items), [...path, place]));
}

function membersIn(value: Node, node: Node, path: Path, fault: Fault): Found[] {
  const { maxProperties, minProperties, required, properties, patternProperties, additionalProperties } =
    node;
  const names = Object.keys(value);
  if (typeof maxProperties === 'number' && names.length > maxProperties)
    fault('maxProperties', { limit: maxProperties }, path);
  if (typeof minProperties === 'number' && names.length < minProperties)
    fault('minProperties', { limit: minProperties }, path);
  for (const name of Array.isArray(required) ? required : [])
    if (!Object.hasOwn(value, name)) fault('required', { missingProperty: name }, path);
  const known = nodeOf(properties);
  const byPattern = Object.entries(nodeOf(patternProperties));
  return names.flatMap((name) => {
    const below = [...path, name];
    const shapes = [
      ...(Object.hasOwn(known, name) ? [known[name]] : []),
      ...byPattern.filter(([pattern]) => patternOf(pattern).test(name)).map(([, shape]) => shape),
    ];
    if (shapes.length === 0 && additionalProperties === false)
      fault('additionalProperties', { additionalProperty: name }, below);
    return shapes.flatMap((shape) => faultsIn(value[name], nodeOf(shape), below));
  });
}
