/**
 * Who calls the API of the build before, or has policies for it, goes on with this one. `UPDATE_GOLDEN=1` takes the
 * present documents for the ones before: when a version is published, or a break is meant and told in the changelog.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { breakingIn, breakingInSchema, faultsBetween, resolved } from '../compatibility/breaking.js';
import { times } from '../times.js';

const FOLDER = new URL('../compatibility/', import.meta.url);
const API = new URL('openapi.json', FOLDER);
const POLICY = new URL('policy.schema.json', FOLDER);
const policySchema = readFileSync(new URL('../../policies/policy.schema.json', import.meta.url), 'utf8');

if (process.env['UPDATE_GOLDEN'] === '1') {
  writeFileSync(API, `${JSON.stringify(inject('contract'), withoutWords, 1)}\n`);
  writeFileSync(POLICY, policySchema);
}

/** What is said in words may change. */
function withoutWords(name: string, value: unknown): unknown {
  const isWords = name === 'example' || name === 'examples' || typeof value === 'string';
  return isWords && ['description', 'summary', 'example', 'examples'].includes(name) ? undefined : value;
}

const read = (file: URL): unknown => JSON.parse(readFileSync(file, 'utf8'));

it('the API takes and answers all that it did', () => {
  expect(breakingIn(read(API), inject('contract'))).toEqual([]);
});

it('a policy that was valid is', () => {
  expect(breakingInSchema(read(POLICY), JSON.parse(policySchema))).toEqual([]);
});

type Path = readonly (string | number)[];
type Change = { readonly named: string; readonly path: Path; readonly change: (node: object) => void };

/** All objects of a document, by where they are. */
function* nodesOf(value: unknown, path: Path = []): Generator<readonly [Path, object]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield [path, value];
  for (const [name, member] of Object.entries(value))
    yield* nodesOf(member, [...path, Array.isArray(value) ? Number(name) : name]);
}

function changed(document: unknown, { path, change }: Change): unknown {
  const copy: unknown = structuredClone(document);
  for (const [at, node] of nodesOf(copy))
    if (at.length === path.length && at.every((name, place) => name === path[place])) change(node);
  return copy;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];
const isSchema = (path: Path) => path.at(-1) === 'schema' || path.at(-1) === 'items' || isMember(path);
/** Whether it is the schema of a member, whose own name may be `properties`, as in AuthZEN: then its members follow that. */
const isMember = (path: Path) =>
  (path.length - 2 - path.slice(0, -1).findLastIndex((name) => name !== 'properties')) % 2 === 1;
const isOf = (path: Path, side: 'request' | 'answer') =>
  side === 'request'
    ? path.includes('requestBody') || path.includes('parameters')
    : path.some((name, place) => name === 'responses' && String(path[place + 1]).startsWith('2'));
/** Of one among several, another may do; an example is none; and of headers nothing is promised. */
const UNSURE = ['oneOf', 'anyOf', 'allOf', 'not', 'example', 'examples', 'headers'];
const isSure = (path: Path) => !path.some((name) => UNSURE.includes(String(name)));

/** What breaks whoever calls, at every place where it can. */
function breaks(document: unknown): Change[] {
  return [...nodesOf(document)].flatMap(([path, node]): Change[] => {
    const changes: Change[] = [];
    const add = (named: string, change: (node: object) => void) => changes.push({ named, path, change });
    const members = new Map<string, unknown>(Object.entries(node));
    if (path.length === 1 && path[0] === 'paths')
      for (const name of members.keys()) add(`without ${name}`, (all) => Reflect.deleteProperty(all, name));
    if (path.length === 2 && path[0] === 'paths')
      for (const name of METHODS.filter((method) => members.has(method)))
        add(`without ${name}`, (all) => Reflect.deleteProperty(all, name));
    if (path.length === 3 && path[0] === 'paths' && METHODS.includes(String(path[2])))
      add('with other credentials', (operation) => Object.assign(operation, { security: [{ new: [] }] }));
    if (path[0] !== 'paths' || !isSchema(path) || !isSure(path)) return changes;
    const type = members.get('type');
    const isRequest = isOf(path, 'request');
    if (!isRequest && !isOf(path, 'answer')) return changes;
    if (typeof type === 'string')
      add('of another type', (schema) => Object.assign(schema, { type: other(type) }));
    if (!isRequest && type !== undefined)
      add('without its type', (schema) => Reflect.deleteProperty(schema, 'type'));
    if (isRequest && type === undefined)
      add('with a type', (schema) => Object.assign(schema, { type: 'string' }));
    const values = members.get('enum');
    if (isRequest && Array.isArray(values))
      add('with a value less', (schema) => Object.assign(schema, { enum: values.slice(1) }));
    if (type !== 'object') return changes;
    const required = members.get('required');
    const needed = Array.isArray(required) ? required : [];
    if (isRequest && (members.get('additionalProperties') ?? true) === true)
      add('with a type of other members', (schema) =>
        Object.assign(schema, { additionalProperties: { type: 'string' } }),
      );
    if (isRequest)
      add('with a member more that is needed', (schema) =>
        Object.assign(schema, { required: [...needed, 'new'] }),
      );
    const [first] = Object.keys(Object(members.get('properties')));
    if (!isRequest && first !== undefined && needed.includes(first))
      add(`without ${first}`, (schema) => {
        Object.assign(schema, { required: needed.filter((name) => name !== first) });
        Reflect.deleteProperty(Object(Reflect.get(schema, 'properties')), first);
      });
    return changes;
  });
}

function other(type: string): string {
  return type === 'string' ? 'boolean' : 'string';
}

/** What nobody has to know of, at every place where it can be. */
function additions(document: unknown): Change[] {
  return [...nodesOf(document)].flatMap(([path, node]): Change[] => {
    const changes: Change[] = [];
    const add = (named: string, change: (node: object) => void) => changes.push({ named, path, change });
    const members = new Map<string, unknown>(Object.entries(node));
    if (path.length === 1 && path[0] === 'paths')
      add('with a path more', (all) => Object.assign(all, { '/new': { get: { responses: {} } } }));
    if (path[0] !== 'paths' || !isSchema(path) || members.get('type') !== 'object') return changes;
    add('with a member more', (schema) =>
      Object.assign(schema, {
        properties: { ...Object(members.get('properties')), new: { type: 'string' } },
      }),
    );
    add('in other words', (schema) => Object.assign(schema, { description: 'new' }));
    const values = members.get('enum');
    if (Array.isArray(values))
      add('with a value more', (schema) => Object.assign(schema, { enum: [...values, 'new'] }));
    return changes;
  });
}

describe('the check', () => {
  /** Each path as a document of its own, without references. */
  const documents = pathsOf(resolved(read(API)));

  it.each([
    ['finds', 'a break', breaks, true],
    ['passes', 'an addition', additions, false],
  ])('%s %s, wherever it is', (_does, _what, changesOf, isBreak) => {
    const changes = documents.flatMap((document) =>
      changesOf(document).map((change) => ({ document, change })),
    );
    expect(changes.length).toBeGreaterThan(500);
    fc.assert(
      fc.property(fc.constantFrom(...changes), ({ document, change }) => {
        const found = faultsBetween(document, changed(document, change));
        expect(found.length > 0, `${change.path.join('/')} ${change.named}: ${found.join()}`).toBe(isBreak);
      }),
      { numRuns: times(3_000, 300) },
    );
  });
});

function pathsOf(document: unknown): object[] {
  const { paths } = Object(document);
  return Object.entries(Object(paths)).map(([path, item]) => ({ paths: { [path]: item } }));
}
