/** Lists in pages, so that answers stay small however long the history becomes. */
import { DomainError } from '../errors.js';
import { queryOf } from './contract/schema.js';
import { TEXT, said } from './contract/shapes.js';

const MOST = 200;
const USUAL = 50;
/** The largest number that the database gives to an entry. */
const MOST_NUMBER = 2 ** 31 - 1;
/** Its description for routes. */
export const PAGES = `\`limit\` from 1 to ${MOST}, ${USUAL} unless given. \`next\` is the \`cursor\` of the page after, and absent on the last.`;

export const PAGE_QUERY = {
  limit: { type: 'integer', minimum: 1, maximum: MOST, default: USUAL },
  cursor: said('`next` of the page before', TEXT),
};
export const PAGE_PARAMETERS = queryOf(...Object.keys(PAGE_QUERY));
/** Absent on the last page. */
export const NEXT = { next: said('the `cursor` of the page after; absent on the last', TEXT) };

/** Where a page begins: after this entry, by its time in milliseconds and its id. */
type After = { readonly at: number; readonly id: string };

export type Page = { readonly limit: number; readonly after?: After };

/** The page that is asked for. @throws DomainError `invalid_request` */
export function pageIn(limit: string | undefined, cursor: string | undefined): Page {
  const wanted = limit === undefined ? USUAL : /^\d{1,3}$/.test(limit) ? Number(limit) : 0;
  if (wanted < 1 || wanted > MOST)
    throw new DomainError('invalid_request', `\`limit\` must be a whole number from 1 to ${MOST}`, '/limit');
  return { limit: wanted, ...(cursor === undefined ? {} : { after: afterIn(cursor) }) };
}

/**
 * The number of the entry before the page, in a list of entries that the database numbers; `undefined`: the first page.
 *
 * @throws DomainError `invalid_request` when none can have it
 */
export function numberIn({ after }: Page): number | undefined {
  if (after !== undefined && after.at > MOST_NUMBER) throw foreignCursor();
  return after?.at;
}

/** @param found the entries of the page, and one more if there is one */
export function paged<T>(
  found: readonly T[],
  { limit }: Page,
  placeOf: (entry: T) => After,
): { readonly entries: readonly T[]; readonly next: { readonly next?: string } } {
  const entries = found.slice(0, limit);
  const last = entries.at(-1);
  if (last === undefined || found.length <= limit) return { entries, next: {} };
  const { at, id } = placeOf(last);
  return { entries, next: { next: Buffer.from(`${at} ${id}`).toString('base64url') } };
}

function afterIn(cursor: string): After {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, at, id] = /^(\d{1,15}) (\P{Cc}{1,300})$/u.exec(text) ?? [];
  if (at === undefined || id === undefined) throw foreignCursor();
  return { at: Number(at), id };
}

/** The refusal of a cursor that names no place of its list. */
export function foreignCursor(): DomainError {
  return new DomainError('invalid_request', '`cursor` is none that was given: begin without one', '/cursor');
}
