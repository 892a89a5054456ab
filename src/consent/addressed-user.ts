/** Who an address of a user names, and who the log says did what is done there. */
import type { Caller } from '../access/caller.js';
import type { ChangedBy } from '../decision/consent-event.js';
import { DomainError } from '../errors.js';

/** How a user calls themselves in an address. */
export const ME = 'me';

/** @throws DomainError `invalid_request` when somebody else than a user says `me` */
export function userOf(caller: Caller, id: string): string {
  if (id !== ME) return id;
  if (caller.kind !== 'user')
    throw new DomainError(
      'invalid_request',
      '`me` stands for a user who calls: give the id of a user',
      '/id',
    );
  return caller.id;
}

export function changedBy(caller: Caller): ChangedBy {
  return { kind: caller.kind === 'user' ? 'user' : 'service', id: caller.id };
}
