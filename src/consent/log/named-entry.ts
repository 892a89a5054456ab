import { DomainError } from '../../errors.js';
import type { ConsentStore } from './consent.store.js';

/** What names entries of the log, and how far it goes: further, perhaps, than this process of a fleet has read. */
export type Entries = Pick<ConsentStore, 'tokens' | 'head'>;

/**
 * The revision of the entry of the log that a caller names.
 *
 * @param member where the token stands
 * @param lost what the caller does when a restored log no longer has the entry
 * @throws DomainError `invalid_request` when the log has no such entry
 */
export async function entryNamed(
  member: string,
  token: string,
  log: Entries,
  lost?: string,
): Promise<number> {
  const revision = log.tokens.entryOf(token, lost);
  if (typeof revision === 'number' && revision <= (await log.head())) return revision;
  const fault = typeof revision === 'string' ? revision : NOT_GIVEN;
  throw new DomainError('invalid_request', `\`${member}\` ${fault}`, `/${member}`);
}

const NOT_GIVEN = 'was not given yet: send one back as it was given';
