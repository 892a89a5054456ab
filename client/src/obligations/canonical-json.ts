import { isPlain } from '../terms/json.js';
import { refuse } from './obligation-error.js';

/** Deeper than any question or row; also what ends a value that contains itself. */
const MAX_DEPTH = 64;
/** Characters, or values, of one text; also what ends a value that holds the same one over and over. */
const MOST = 1_000_000;

/**
 * The canonical JSON of a value (RFC 8785). Two values have the same text if they are the same JSON: the order of members
 * makes no difference, and neither does the sign of zero. Of a record, the own enumerable members count; of a list, the
 * items.
 *
 * @throws ObligationError `bad_input` for what is not JSON, or would become other JSON: `NaN`, infinities, `undefined`,
 *   bigints, functions, symbols, dates and instances of other classes, lone surrogates, cycles, depth beyond 64;
 *   `too_much_work` beyond a million characters or values
 */
export function canonicalJson(value: unknown): string {
  return textOf(value, 0, { left: MOST });
}

type Space = { left: number };

function textOf(value: unknown, depth: number, space: Space): string {
  if (depth > MAX_DEPTH) refuse('bad_input', 'a value contains itself or is too deep: pass plain JSON');
  take(1, space);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return textOfString(value, space);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) {
    // before a list of gaps is filled
    take(value.length, space);
    return `[${Array.from(value, (item) => textOf(item, depth + 1, space)).join(',')}]`;
  }
  if (!isWhole(value))
    refuse('bad_input', 'a value is not JSON: pass text, finite numbers, lists and records');
  const members = Object.entries(value)
    // by UTF-16 units, as in RFC 8785
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${textOfString(name, space)}:${textOf(member, depth + 1, space)}`);
  return `{${members.join(',')}}`;
}

function textOfString(text: string, space: Space): string {
  take(text.length, space);
  if (!text.isWellFormed())
    refuse('bad_input', 'a text has half a character in it: pass well-formed Unicode');
  return JSON.stringify(text);
}

function take(amount: number, space: Space): void {
  space.left -= amount;
  if (space.left < 0) refuse('too_much_work', 'a value is longer than a million characters: pass less');
}

/** What is left out without a word would make different values equal. */
function isWhole(value: unknown): value is object {
  return isPlain(value) && Object.getOwnPropertySymbols(value).length === 0;
}
