import { MOST_NUMBER } from '../decision/state/key-index.js';
import { DomainError } from '../errors.js';
import { foreignCursor } from '../http/pages.js';
import { LATEST } from './user-uses.js';
import type { Place } from './uses.store.js';

/** The largest name of a row in the database. */
const MOST = 2n ** 63n - 1n;

/** No more digits than the types of the database hold. */
const NAME = /^(\d{1,6})-(\d{1,19})$/;

/**
 * Where a page of a ledger begins.
 *
 * @param after what its cursor says
 * @throws DomainError `invalid_request` when that is no place in a ledger
 */
export function placeBefore(after: { readonly at: number; readonly id: string } | undefined): Place {
  if (after === undefined) return LATEST;
  const { at, id } = after;
  mustBeNumber(id);
  if (at > LATEST.day) throw foreignCursor();
  return { day: at, term: id };
}

/**
 * The number that a page of people comes after.
 *
 * @param after what its cursor says
 * @throws DomainError `invalid_request` when no user has it
 */
export function numberAfter(after: { readonly at: number } | undefined): number {
  const { at } = after ?? { at: 0 };
  if (at > MOST_NUMBER) throw foreignCursor();
  return at;
}

/** The name of some uses: of those of a day under the same terms. */
export function nameOf({ day, term }: Place): string {
  return `${day}-${term}`;
}

/** @throws DomainError `use_not_found` when it names none */
export function placeNamed(name: string): Place {
  const [, day, term = ''] = NAME.exec(name) ?? [];
  if (day === undefined || BigInt(term) > MOST) throw useNotFound();
  return { day: Number(day), term };
}

export function useNotFound(): DomainError {
  return new DomainError('use_not_found', 'take the `id` of one that the list of uses has now');
}

/** @throws DomainError `invalid_request` when a cursor names no row as the database does */
export function mustBeNumber(id: string): void {
  if (!/^\d{1,19}$/.test(id) || BigInt(id) > MOST) throw foreignCursor();
}
