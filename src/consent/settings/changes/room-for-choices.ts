/** How many choices the record of a user keeps. */
import type { UserRecord } from '../../../decision/consent-event.js';
import { MAX_CHOICES } from '../../../decision/state/record-classes.js';
import { DomainError } from '../../../errors.js';

/** Whether a record keeps a choice for each of these purposes besides those and the levels that it has. */
export function hasRoomFor({ choices, visibility }: UserRecord, purposes: readonly string[]): boolean {
  return (
    choices.size + (visibility?.size ?? 0) + purposes.filter((purpose) => !choices.has(purpose)).length <=
    MAX_CHOICES
  );
}

/**
 * @param member JSON Pointer of the purpose, where one is sent
 * @throws DomainError `too_many_choices`
 */
export function mustHaveRoomFor(record: UserRecord, purposes: readonly string[], member?: string): void {
  if (hasRoomFor(record, purposes)) return;
  throw new DomainError(
    'too_many_choices',
    `the record of the user keeps at most ${MAX_CHOICES} choices and levels: only one that it has can be changed`,
    member,
  );
}
