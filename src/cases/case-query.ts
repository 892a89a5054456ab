/** Which cases a query asks for. */
import { eachQuoted } from '../decision/lists.js';
import { DomainError } from '../errors.js';
import { PAGE_QUERY } from '../http/pages.js';
import { HOUR_MS } from '../time.js';
import { LONGEST_MS, STATUSES } from './case.js';
import type { CaseFilter } from './cases.js';

/** No case ends later than that from now. */
const MOST_HOURS = LONGEST_MS / HOUR_MS;

export const CASE_QUERY = {
  ...PAGE_QUERY,
  status: { type: 'string', enum: [...STATUSES] },
  expires_within: { type: 'integer', minimum: 1, maximum: MOST_HOURS },
};

/** @throws DomainError `invalid_request` */
export function filterIn(status: string | undefined, within: string | undefined): CaseFilter {
  const wanted = STATUSES.find((one) => one === status);
  if (status !== undefined && wanted === undefined)
    throw new DomainError(
      'invalid_request',
      `\`status\` must be one of ${eachQuoted(STATUSES).join(', ')}`,
      '/status',
    );
  const hours = within === undefined || /^\d{1,2}$/.test(within) ? Number(within ?? 1) : 0;
  if (hours < 1 || hours > MOST_HOURS)
    throw new DomainError(
      'invalid_request',
      `\`expires_within\` must be a whole number of hours from 1 to ${MOST_HOURS}`,
      '/expires_within',
    );
  return {
    ...(wanted === undefined ? {} : { status: wanted }),
    ...(within === undefined ? {} : { endsWithin: hours * HOUR_MS }),
  };
}
