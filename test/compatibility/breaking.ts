/** What of a document of the API, or of a JSON schema, callers of the one before cannot go on with. */

type Node = Readonly<Record<string, unknown>>;

/** Whose bytes a schema is of: callers write requests, and read answers. */
type Side = 'request' | 'answer';

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'] as const;
/** Deeper than any schema is, but one that holds itself. */
const MOST_DEPTH = 24;

/** Whatever is taken away, or asked for anew, between two OpenAPI documents; additions are none of it. */
export function breakingIn(before: unknown, after: unknown): string[] {
  return faultsBetween(resolved(before), resolved(after));
}

/** The same, of documents without references. */
export function faultsBetween(was: unknown, is: unknown): string[] {
  return entriesOf(at(was, 'paths')).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = at(item, method);
      if (operation === undefined) return [];
      const now = at(is, 'paths', path, method);
      const place = `${method.toUpperCase()} ${path}`;
      if (now === undefined) return [`${place} is gone`];
      return [
        ...securityFaults(securityOf(operation, was), securityOf(now, is), place),
        ...(isEqual(operation, now) ? [] : operationFaults(operation, now, place)),
      ];
    }),
  );
}

/** The same between two JSON schemas of what people write. */
export function breakingInSchema(before: unknown, after: unknown): string[] {
  return schemaFaults(resolved(before), resolved(after), 'request', '');
}

function securityOf(operation: unknown, document: unknown): readonly unknown[] {
  return listAt(at(operation, 'security') === undefined ? document : operation, 'security');
}

/** Whoever came with one of these comes with it still; an empty list asks for nothing. */
function securityFaults(was: readonly unknown[], is: readonly unknown[], place: string): string[] {
  if (is.length === 0) return [];
  const isKept = was.length > 0 && was.every((one) => is.some((other) => isEqual(one, other)));
  return isKept ? [] : [`${place} asks for other credentials`];
}

function operationFaults(was: unknown, is: unknown, place: string): string[] {
  return [
    ...parameterFaults(listAt(was, 'parameters'), listAt(is, 'parameters'), place),
    ...bodyFaults(at(was, 'requestBody'), at(is, 'requestBody'), place),
    ...entriesOf(at(was, 'responses')).flatMap(([status, answer]) => {
      if (!status.startsWith('2')) return [];
      const now = at(is, 'responses', status);
      if (now === undefined) return [`${place} is not answered ${status} any more`];
      return contentFaults(at(answer, 'content'), at(now, 'content'), 'answer', `${place} ${status}`);
    }),
  ];
}

function parameterFaults(was: readonly unknown[], is: readonly unknown[], place: string): string[] {
  const nameOf = (parameter: unknown) => `${String(at(parameter, 'in'))} ${String(at(parameter, 'name'))}`;
  const known = new Map(is.map((parameter) => [nameOf(parameter), parameter]));
  const gone = was.flatMap((parameter) => {
    const name = nameOf(parameter);
    const now = known.get(name);
    known.delete(name);
    if (now === undefined) return [`${place} does not take ${name} any more`];
    const isNeeded = at(now, 'required') === true && at(parameter, 'required') !== true;
    return [
      ...(isNeeded ? [`${place} needs ${name}`] : []),
      ...schemaFaults(at(parameter, 'schema'), at(now, 'schema'), 'request', `${place} ${name}`),
    ];
  });
  const needed = [...known].filter(([, parameter]) => at(parameter, 'required') === true);
  return [...gone, ...needed.map(([name]) => `${place} needs ${name}`)];
}

function bodyFaults(was: unknown, is: unknown, place: string): string[] {
  const isNeeded = at(is, 'required') === true && at(was, 'required') !== true;
  return [
    ...(isNeeded ? [`${place} needs a body`] : []),
    ...(was === undefined
      ? []
      : contentFaults(at(was, 'content'), at(is, 'content'), 'request', `${place} body`)),
  ];
}

function contentFaults(was: unknown, is: unknown, side: Side, place: string): string[] {
  return entriesOf(was).flatMap(([type, { schema }]) => {
    const now = at(is, type);
    return now === undefined
      ? [`${place} has no ${type} any more`]
      : schemaFaults(schema, at(now, 'schema'), side, place);
  });
}

function schemaFaults(was: unknown, is: unknown, side: Side, place: string): string[] {
  const isAnything = (schema: unknown) => schema === undefined || schema === true;
  if (isAnything(was) && isAnything(is)) return [];
  if (isAnything(is)) return side === 'answer' ? [`${place} may be anything`] : [];
  if (is === false) return [`${place} may not be there`];
  if (isAnything(was)) return side === 'request' ? [`${place} may not be anything any more`] : [];
  return [
    ...typeFaults(was, is, side, place),
    ...(side === 'request' ? narrowed(was, is, place) : []),
    ...memberFaults(was, is, side, place),
    ...schemaFaults(at(was, 'items'), at(is, 'items'), side, `${place}[]`),
    ...['oneOf', 'anyOf', 'allOf'].flatMap((kind) => branchFaults(was, is, kind, side, place)),
  ];
}

/** Callers may send each type that there was, and meet none that there was not. */
function typeFaults(was: unknown, is: unknown, side: Side, place: string): string[] {
  const [before, after] = [typesOf(was), typesOf(is)];
  if (before.length === 0 && after.length === 0) return [];
  if (before.length === 0) return side === 'request' ? [`${place} had no type, and has one`] : [];
  if (after.length === 0) return side === 'answer' ? [`${place} had a type, and has none`] : [];
  const [all, among] = side === 'request' ? [before, after] : [after, before];
  const isFine = all.every(
    (type) => among.includes(type) || (type === 'integer' && among.includes('number')),
  );
  return isFine ? [] : [`${place} was ${before.join(' or ')}, and is ${after.join(' or ')}`];
}

const LOWERED = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const RAISED = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
/** A change of these is taken for a narrower one. */
const CHANGED = [
  'pattern',
  'format',
  'uniqueItems',
  'multipleOf',
  'propertyNames',
  'contains',
  'dependentRequired',
  'not',
  'if',
  'then',
  'else',
];

function narrowed(was: unknown, is: unknown, place: string): string[] {
  const [before, after] = [valuesOf(was), valuesOf(is)];
  const refused =
    after === undefined ? [] : (before ?? ['other values']).filter((value) => !after.includes(value));
  const isLower = (name: string) => numberAt(is, name, Infinity) < numberAt(was, name, Infinity);
  const isHigher = (name: string) => numberAt(is, name, -Infinity) > numberAt(was, name, -Infinity);
  const isAsked = (name: string) => at(is, name) !== undefined && !isEqual(at(was, name), at(is, name));
  const limits = [...LOWERED.filter(isLower), ...RAISED.filter(isHigher), ...CHANGED.filter(isAsked)];
  return [
    ...refused.map((value) => `${place} may not be ${value} any more`),
    ...limits.map((name) => `${place} has a narrower ${name}`),
  ];
}

function memberFaults(was: unknown, is: unknown, side: Side, place: string): string[] {
  const [before, after] = [at(was, 'properties'), at(is, 'properties')];
  const needed = listAt(is, 'required').filter((name) => !listAt(was, 'required').includes(name));
  const promised = listAt(was, 'required').filter((name) => !listAt(is, 'required').includes(name));
  const isOpen = (schema: unknown) => at(schema, 'additionalProperties') !== false;
  return [
    ...(side === 'request' ? needed.map((name) => `${place} needs ${String(name)}`) : []),
    ...(side === 'answer' ? promised.map((name) => `${place} may lack ${String(name)}`) : []),
    ...(side === 'request' && isOpen(was) && !isOpen(is)
      ? [`${place} may have no other members any more`]
      : []),
    ...entriesOf(before).flatMap(([name, schema]) => {
      const now = at(after, name);
      const member = `${place}.${name}`;
      if (now !== undefined) return schemaFaults(schema, now, side, member);
      return side === 'request' && isOpen(is) ? [] : [`${member} is gone`];
    }),
    ...(isOpen(was) && isOpen(is)
      ? schemaFaults(at(was, 'additionalProperties'), at(is, 'additionalProperties'), side, `${place}.*`)
      : []),
    ...entriesOf(at(was, 'patternProperties')).flatMap(([name, schema]) => {
      const now = at(is, 'patternProperties', name);
      return now === undefined
        ? [`${place} has no members like ${name} any more`]
        : schemaFaults(schema, now, side, `${place}.${name}`);
    }),
  ];
}

/** Each that there was must still be there, whatever its place. */
function branchFaults(was: unknown, is: unknown, kind: string, side: Side, place: string): string[] {
  const [before, after] = [listAt(was, kind), listAt(is, kind)];
  if (before.length === 0 || after.length === 0)
    return before.length === after.length ? [] : [`${place} has another ${kind}`];
  const lost = before.filter((one) =>
    after.every((other) => schemaFaults(one, other, side, place).length > 0),
  );
  // one that may not be left out is asked for anew
  const isNarrower = kind === 'allOf' && side === 'request' && after.length > before.length;
  return [
    ...lost.map(() => `${place} lost one of its ${kind}`),
    ...(isNarrower ? [`${place} has one more of ${kind}`] : []),
  ];
}

/** The document with its references replaced by what they name. */
export function resolved(node: unknown, document = node, depth = 0): unknown {
  if (Array.isArray(node)) return node.map((entry) => resolved(entry, document, depth));
  if (typeof node !== 'object' || node === null) return node;
  const { $ref, ...rest } = nodeOf(node);
  if (typeof $ref === 'string') {
    if (depth === MOST_DEPTH) return {};
    const names = $ref
      .slice(2)
      .split('/')
      .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
    const named = at(document, ...names);
    return resolved(
      Object.keys(rest).length === 0 ? named : { ...nodeOf(named), ...rest },
      document,
      depth + 1,
    );
  }
  return Object.fromEntries(
    Object.entries(node).map(([name, member]) => [name, resolved(member, document, depth)]),
  );
}

function nodeOf(value: unknown): Node {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function at(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>((node, name) => nodeOf(node)[name], value);
}

function entriesOf(value: unknown): [string, Node][] {
  return Object.entries(nodeOf(value)).map(([name, member]) => [name, nodeOf(member)]);
}

function listAt(value: unknown, name: string): readonly unknown[] {
  const list = at(value, name);
  return Array.isArray(list) ? list : [];
}

function typesOf(schema: unknown): unknown[] {
  const type = at(schema, 'type');
  return Array.isArray(type) ? type : type === undefined ? [] : [type];
}

function valuesOf(schema: unknown): string[] | undefined {
  const constant = at(schema, 'const');
  const values = constant === undefined ? at(schema, 'enum') : [constant];
  return Array.isArray(values) ? values.map((value) => JSON.stringify(value)) : undefined;
}

function numberAt(schema: unknown, name: string, otherwise: number): number {
  const value = at(schema, name);
  return typeof value === 'number' ? value : otherwise;
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
