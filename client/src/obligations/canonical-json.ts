import { refuse } from './obligation-error.js';

/** Deeper than any question or row; also what ends a value that contains itself. */
const MAX_DEPTH = 64;

/**
 * The canonical JSON of a value (RFC 8785): values that differ only in the order of members have the same text, all
 * others have different ones.
 *
 * @throws ObligationError `bad_input` for what is not JSON, or would become other JSON: `NaN`, infinities, `undefined`,
 *   bigints, functions, symbols, dates and instances of other classes, lone surrogates, cycles, depth beyond 64
 */
export function canonicalJson(value: unknown): string {
  return textOf(value, 0);
}

function textOf(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) refuse('bad_input', 'a value contains itself or is too deep: pass plain JSON');
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return textOfString(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${Array.from(value, (item) => textOf(item, depth + 1)).join(',')}]`;
  if (!isPlain(value))
    refuse('bad_input', 'a value is not JSON: pass text, finite numbers, lists and records');
  const members = Object.entries(value)
    // by UTF-16 units, as in RFC 8785
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${textOfString(name)}:${textOf(member, depth + 1)}`);
  return `{${members.join(',')}}`;
}

function textOfString(text: string): string {
  if (!text.isWellFormed())
    refuse('bad_input', 'a text has half a character in it: pass well-formed Unicode');
  return JSON.stringify(text);
}

/** What is left out without a word would make different values equal. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    (prototype === Object.prototype || prototype === null) && Object.getOwnPropertySymbols(value).length === 0
  );
}
