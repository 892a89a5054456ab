/** JSON Patch (RFC 6902) on the document of a draft. */
import { isDeepStrictEqual } from 'node:util';
import { DomainError } from '../errors.js';
import { nearest } from '../decision/nearest.js';
import { memberOf, namesIn, pointerOf } from '../json.js';

/** One operation of a patch; `path` and `from` are JSON Pointers (RFC 6901). */
export type Operation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'move' | 'copy'; readonly path: string; readonly from: string }
  | { readonly op: 'remove'; readonly path: string };

/** Maximum characters of JSON: copies must not make a document larger than could be sent whole. */
const MOST_COPIED = 4_000_000;
/** Syntax of RFC 6901. */
const POINTER = /^(\/([^~/]|~[01])*)*$/;
const INDEX = /^(0|[1-9]\d{0,8})$/;
/** Names that lead to prototypes, which all objects share. */
const SHARED = new Set(['__proto__', 'constructor', 'prototype']);

/** A holder of the document, for operations on the whole. */
type Root = { document: unknown };

/**
 * The result of a patch; the original is not changed.
 *
 * @throws DomainError `invalid_request` when an operation does not apply
 */
export function patched(before: unknown, operations: readonly Operation[]): unknown {
  const root: Root = { document: structuredClone(before) };
  let copied = 0;
  operations.forEach((operation, at) => {
    if (operation.op === 'copy') copied += lengthAt(root.document, operation.from);
    const because = copied > MOST_COPIED ? 'the document gets too large' : faultOf(root, operation);
    if (because !== undefined)
      throw new DomainError(
        'invalid_request',
        `operation ${at} of the patch does not apply: ${because}; none was applied: correct it, and send all of them again`,
        `/${at}`,
      );
  });
  return root.document;
}

/** Applies one operation; returns the reason if it does not apply. */
function faultOf(root: Root, operation: Operation): string | undefined {
  const { op, path } = operation;
  const adds = op === 'add' || op === 'move' || op === 'copy';
  const isThere = isPlace(root.document, path, adds);
  // removing an item shifts later items of the list, so the target is resolved afterwards
  if (!isThere && op !== 'move') return nothingAt(root.document, path);
  if ('from' in operation && !isPlace(root.document, operation.from, false))
    return nothingAt(root.document, operation.from);
  if ((op === 'remove' && path === '') || (op === 'move' && operation.from === ''))
    return 'the whole document cannot be taken away';
  switch (op) {
    case 'test':
      return isDeepStrictEqual(valueAt(root.document, path), operation.value)
        ? undefined
        : `\`${path}\` is something else`;
    case 'remove':
      removeAt(root, path);
      return undefined;
    case 'replace':
      replaceAt(root, path, structuredClone(operation.value));
      return undefined;
    case 'add':
      addAt(root, path, structuredClone(operation.value));
      return undefined;
    case 'copy':
      addAt(root, path, structuredClone(valueAt(root.document, operation.from)));
      return undefined;
    case 'move': {
      const moved = valueAt(root.document, operation.from);
      removeAt(root, operation.from);
      if (!isPlace(root.document, path, true))
        return isThere ? `there is no \`${path}\` any more` : nothingAt(root.document, path);
      addAt(root, path, moved);
      return undefined;
    }
  }
}

/** INVARIANT: the pointer exists, and is not the whole document. */
function removeAt({ document }: Root, pointer: string): void {
  const { parent, name } = stepsOf(document, pointer);
  if (Array.isArray(parent)) parent.splice(Number(name), 1);
  else if (typeof parent === 'object' && parent !== null) Reflect.deleteProperty(parent, name);
}

/** INVARIANT: the pointer exists, or may be added. */
function addAt(root: Root, pointer: string, value: unknown): void {
  const { parent, name } = stepsOf(root.document, pointer);
  if (pointer !== '' && Array.isArray(parent))
    parent.splice(name === '-' ? parent.length : Number(name), 0, value);
  else replaceAt(root, pointer, value);
}

/** INVARIANT: the pointer exists. Other members keep their order. */
function replaceAt(root: Root, pointer: string, value: unknown): void {
  const { parent, name } = stepsOf(root.document, pointer);
  if (pointer === '') root.document = value;
  else if (typeof parent === 'object' && parent !== null) Reflect.set(parent, name, value);
}

/**
 * Whether a pointer leads to a member of the document.
 *
 * @param mayBeNew whether the last step may name a member that is to be added
 */
function isPlace(document: unknown, pointer: string, mayBeNew: boolean): boolean {
  if (!POINTER.test(pointer)) return false;
  if (pointer === '') return true;
  if (namesIn(pointer).some((name) => SHARED.has(name))) return false;
  const { parent, name } = stepsOf(document, pointer);
  if (!mayBeNew) return partOf(parent, name) !== undefined;
  if (Array.isArray(parent)) return name === '-' || (INDEX.test(name) && Number(name) <= parent.length);
  return typeof parent === 'object' && parent !== null;
}

/** The error for a pointer that leads nowhere, with the nearest existing place. */
function nothingAt(document: unknown, pointer: string): string {
  const nothing = `there is no \`${pointer}\``;
  if (!POINTER.test(pointer)) return `${nothing}: a path is a JSON Pointer, as \`/purposes/0/title\` is one`;
  const names = namesIn(pointer);
  const found: string[] = [];
  let there = document;
  for (const name of names) {
    const member = SHARED.has(name) ? undefined : partOf(there, name);
    if (member === undefined) break;
    there = member;
    found.push(name);
  }
  const place = found.length === 0 ? 'the document' : `\`${pointerOf(found)}\``;
  if (Array.isArray(there)) return `${nothing}: ${place} has ${there.length} entries, counted from 0`;
  if (typeof there !== 'object' || there === null) return `${nothing}: ${place} has no members`;
  const meant = nearest(names[found.length] ?? '', Object.keys(there));
  return meant === undefined
    ? `${nothing}: ${place} is there, and has no such member`
    : `${nothing}: did you mean \`${pointerOf([...found, meant])}\`?`;
}

/** The parent of the member that a pointer leads to, and its name there. INVARIANT: the pointer names a member. */
function stepsOf(document: unknown, pointer: string): { readonly parent: unknown; readonly name: string } {
  const names = namesIn(pointer);
  const name = names.pop() ?? '';
  return { parent: names.reduce(partOf, document), name };
}

function valueAt(document: unknown, pointer: string): unknown {
  return namesIn(pointer).reduce(partOf, document);
}

/** A member of an object, or an entry of a list. */
function partOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return INDEX.test(name) ? value[Number(name)] : undefined;
  return memberOf(value, name);
}

function lengthAt(document: unknown, pointer: string): number {
  return JSON.stringify(valueAt(document, pointer))?.length ?? 0;
}
