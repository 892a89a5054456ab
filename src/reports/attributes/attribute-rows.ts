/** Rows of an attribute, one a line: a user, and the value that they have. */
import { setImmediate as turn } from 'node:timers/promises';
import { type Line, linesIn } from '../../consent/transfer/import-lines.js';
import { REFUSALS } from '../../consent/transfer/import-refusals.js';
import { eachQuoted } from '../../decision/lists.js';
import { ME, isId } from '../../id.js';
import { memberOf, parseJson } from '../../json.js';
import type { AttributeValue, ValuesOfUsers } from './attributes.store.js';

/** Rows that are written together. */
const BLOCK_ROWS = 1_024;

/** Why a row is refused, each with a sentence. */
export const ROW_REFUSALS = {
  not_readable: REFUSALS.not_readable,
  too_long: REFUSALS.too_long,
  not_utf_8: REFUSALS.not_utf_8,
  member_not_known: 'the row has a member that nothing is known of: give `user` and `value` alone',
  user_not_valid: REFUSALS.user_not_valid,
  user_is_me: REFUSALS.user_is_me,
  value_not_valid: '`value` must be one of the attribute, or null',
  user_unknown: 'no such user is known: register the user first, or correct the id',
} as const;
type Refusal = keyof typeof ROW_REFUSALS;

type Summary = { readonly taken: number; readonly refused: number };

/** A refused line, or how far it has come. */
export type RowReport =
  | { readonly line: number; readonly reason: Refusal; readonly error: string }
  | { readonly line: number; readonly summary: Summary; readonly done?: true };

/** Where rows go. */
type Into = {
  /** @returns `undefined`: the log knows no such user */
  readonly numberOf: (user: string) => number | undefined;
  readonly write: (values: ValuesOfUsers) => Promise<void>;
};

/** Takes rows in, a block at a time; of several rows of a user the last one stands. */
export async function* rowsTaken(
  chunks: AsyncIterable<Uint8Array>,
  values: readonly AttributeValue[],
  into: Into,
): AsyncGenerator<RowReport, void> {
  const places = new Map(values.map(({ id }, place) => [id, place]));
  const oneOf = `\`value\` must be one of ${eachQuoted(values.map(({ id }) => id)).join(', ')}, or null: the user has none any more`;
  let [line, taken, refused] = [0, 0, 0];
  for await (const lines of linesIn(chunks))
    for (let from = 0; from < lines.length; from += BLOCK_ROWS) {
      await turn();
      const block = new Map<number, number | null>();
      for (const text of lines.slice(from, from + BLOCK_ROWS)) {
        line++;
        const row = rowIn(text, places);
        const user = typeof row === 'string' ? undefined : into.numberOf(row.user);
        if (typeof row !== 'string' && user !== undefined) {
          block.set(user, row.value);
          taken++;
          continue;
        }
        const reason = typeof row === 'string' ? row : 'user_unknown';
        refused++;
        yield { line, reason, error: reason === 'value_not_valid' ? oneOf : ROW_REFUSALS[reason] };
      }
      if (block.size > 0) await into.write(block);
      yield { line, summary: { taken, refused } };
    }
  yield { line, summary: { taken, refused }, done: true };
}

/** @returns the user and the place of the value, or why the row is refused */
function rowIn(
  text: Line,
  places: ReadonlyMap<unknown, number>,
): { readonly user: string; readonly value: number | null } | Refusal {
  if (typeof text !== 'string') return text.fault;
  let row: unknown;
  try {
    row = parseJson(text);
  } catch {
    return 'not_readable';
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return 'not_readable';
  if (Object.keys(row).some((name) => name !== 'user' && name !== 'value')) return 'member_not_known';
  const [user, value] = [memberOf(row, 'user'), memberOf(row, 'value')];
  if (!isId(user)) return 'user_not_valid';
  if (user === ME) return 'user_is_me';
  const place = value === null ? null : places.get(value);
  return place === undefined ? 'value_not_valid' : { user, value: place };
}
