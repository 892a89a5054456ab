import { DomainError } from '../errors.js';
import { LATEST } from './user-uses.js';
import type { Place } from './uses.store.js';

/** The largest name of a row in the database. */
const MOST = 2n ** 63n - 1n;

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

/** @throws DomainError `invalid_request` when a cursor names no row as the database does */
export function mustBeNumber(id: string): void {
  if (!/^\d{1,19}$/.test(id) || BigInt(id) > MOST) throw foreignCursor();
}

function foreignCursor(): DomainError {
  return new DomainError('invalid_request', '`cursor` is none that was given: begin without one', '/cursor');
}
