import { DomainError } from '../../errors.js';
import type { ConsentStore } from './consent.store.js';

/** Tokens of log entries, and the head of the log, which may be ahead of what this process has read. */
export type Entries = Pick<ConsentStore, 'tokens' | 'head'>;

/**
 * The revision of the entry of the log that a caller names.
 *
 * @param member JSON Pointer to the token
 * @param lost what the caller does when a restored log no longer has the entry
 * @throws DomainError `invalid_request` when the log never had such an entry, `change_lost` when it has it no more
 */
export async function entryNamed(
  member: string,
  token: string,
  log: Entries,
  lost?: string,
): Promise<number> {
  const revision = log.tokens.entryOf(token, lost);
  if (typeof revision === 'number' && revision <= (await log.head())) return revision;
  const { code, fault } = typeof revision === 'number' ? NOT_GIVEN : revision;
  throw new DomainError(code, `\`${member}\` ${fault}`, `/${member}`);
}

const NOT_GIVEN = {
  code: 'invalid_request',
  fault: 'was not given yet: send one back as it was given',
} as const;
