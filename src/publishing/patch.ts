/** JSON Patch (RFC 6902) on the document of a draft. */
import { isDeepStrictEqual } from 'node:util';
import { type Operation, applyPatch } from 'rfc6902';
import { DomainError } from '../errors.js';

/** A document is not to outgrow by copies what could have been sent whole. In characters of JSON. */
const MOST_COPIED = 4_000_000;
/** Of RFC 6901. */
const POINTER = /^(\/([^~/]|~[01])*)*$/;
const INDEX = /^(0|[1-9]\d{0,8})$/;
/** The library passes over these as if they were not there. */
const PASSED_OVER = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * The document that a patch makes of another, which stays as it is.
 *
 * @throws DomainError `invalid_request` when an operation does not apply
 */
export function patched(before: unknown, operations: readonly Operation[]): unknown {
  // below a root of its own, so that an operation on the whole document has a place to put it
  const root = { document: structuredClone(before) };
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

/** Applies one operation; says why, if it does not apply. */
function faultOf(root: { readonly document: unknown }, operation: Operation): string | undefined {
  const { op, path } = operation;
  const adds = op === 'add' || op === 'move' || op === 'copy';
  if (!isPlace(root.document, path, adds)) return `there is no \`${path}\``;
  if ('from' in operation && !isPlace(root.document, operation.from, false))
    return `there is no \`${operation.from}\``;
  if ((op === 'remove' && path === '') || (op === 'move' && operation.from === ''))
    return 'the whole document cannot be taken away';
  // the library would look for the shortest patch between the two, which takes the square of their size
  if (op === 'test')
    return isDeepStrictEqual(valueAt(root.document, path), operation.value)
      ? undefined
      : `\`${path}\` is something else`;
  const [error] = applyPatch(root, [below(operation)]);
  // what was there is gone once the operation has taken it away
  return error instanceof Error ? `there is no \`${path}\` any more` : undefined;
}

function below(operation: Operation): Operation {
  const path = `/document${operation.path}`;
  return 'from' in operation
    ? { ...operation, path, from: `/document${operation.from}` }
    : { ...operation, path };
}

/**
 * Whether a pointer leads to a member of the document. The library would follow inherited members too, out of the document
 * and into what every object of the process shares, and takes anything for the index of a list.
 *
 * @param mayBeNew whether the last step may name a member that is to be added
 */
function isPlace(document: unknown, pointer: string, mayBeNew: boolean): boolean {
  if (!POINTER.test(pointer)) return false;
  const tokens = tokensOf(pointer);
  const last = tokens.pop();
  if (last === undefined) return true;
  if (PASSED_OVER.has(last) || tokens.some((token) => PASSED_OVER.has(token))) return false;
  const parent = tokens.reduce(memberOf, document);
  if (Array.isArray(parent) && mayBeNew)
    return last === '-' || (INDEX.test(last) && Number(last) <= parent.length);
  if (mayBeNew) return typeof parent === 'object' && parent !== null;
  return memberOf(parent, last) !== undefined;
}

function valueAt(document: unknown, pointer: string): unknown {
  return tokensOf(pointer).reduce(memberOf, document);
}

/** A member of its own; `undefined`, which JSON does not have, when there is none. */
function memberOf(value: unknown, token: string): unknown {
  if (Array.isArray(value)) return INDEX.test(token) ? value[Number(token)] : undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined;
  return Reflect.get(value, token);
}

function tokensOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function lengthAt(document: unknown, pointer: string): number {
  return JSON.stringify(valueAt(document, pointer))?.length ?? 0;
}
