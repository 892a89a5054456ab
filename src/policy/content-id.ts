import { createHash } from 'node:crypto';
import { canonicalize } from 'json-canonicalize';
import type { Steps } from '../decision/steps.js';
import { inSlices } from '../work/slices.js';

/**
 * The id of the version that a document is: `sha256:` and the hash of its canonical JSON (RFC 8785). Documents with the
 * same content have the same id, whatever the order of their keys.
 */
export function* contentIdSteps(document: object): Steps<string> {
  const hash = createHash('sha256');
  for (const piece of canonicalPieces(document)) {
    hash.update(piece);
    yield;
  }
  return `sha256:${hash.digest('hex')}`;
}

/** The same for any JSON value, such as a draft that is not a policy yet. */
export async function contentIdOf(value: unknown): Promise<string> {
  if (isObject(value)) return inSlices(contentIdSteps(value));
  return `sha256:${createHash('sha256').update(canonicalize(value)).digest('hex')}`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The canonical JSON of a document, an entry of a section at a time. */
function* canonicalPieces(document: object): Generator<string, void> {
  let separator = '{';
  // by UTF-16 units, as in RFC 8785; every section has a value, because the document is JSON
  for (const [section, value] of Object.entries(document).sort(([a], [b]) => (a < b ? -1 : 1))) {
    yield `${separator}${JSON.stringify(section)}:`;
    if (Array.isArray(value)) yield* listPieces(value);
    else yield canonicalize(value);
    separator = ',';
  }
  yield '}';
}

function* listPieces(entries: readonly unknown[]): Generator<string, void> {
  let separator = '[';
  for (const entry of entries) {
    yield `${separator}${canonicalize(entry)}`;
    separator = ',';
  }
  yield entries.length === 0 ? '[]' : ']';
}
