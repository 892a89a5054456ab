import { DomainError } from '../errors.js';
import { LATEST } from './user-uses.js';
import type { Place } from './uses.store.js';

/** What the database has as the name of a term. */
const MOST_TERM = 2n ** 63n - 1n;

/**
 * Where a page of a ledger begins.
 *
 * @param after what its cursor says
 * @throws DomainError `invalid_request` when that is no place in a ledger
 */
export function placeBefore(after: { readonly at: number; readonly id: string } | undefined): Place {
  if (after === undefined) return LATEST;
  const { at, id } = after;
  if (at > LATEST.day || !/^\d{1,19}$/.test(id) || BigInt(id) > MOST_TERM)
    throw new DomainError('invalid_request', '`cursor` is none that was given: begin without one', '/cursor');
  return { day: at, term: id };
}
