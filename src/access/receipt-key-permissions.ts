/** Which admin may do what with the keys of receipts, as CASL rules: one place to read, one place to change. */
import { type MongoAbility, type RawRuleOf, createMongoAbility } from '@casl/ability';
import { DomainError } from '../errors.js';
import type { Caller } from './caller.js';
import { whatLacks } from './lacks.js';

type Rules = MongoAbility<['rotate', 'receipt_key']>;

/**
 * Refuses what the caller may not do.
 *
 * @throws DomainError `caller_not_allowed`
 */
export function mustBeAllowedOnReceiptKeys(caller: Caller, action: 'rotate'): void {
  if (createMongoAbility<Rules>(rulesFor(caller)).can(action, 'receipt_key')) return;
  throw new DomainError(
    'caller_not_allowed',
    `this is for admins with the role \`privacy_officer\`: use the token of one${whatLacks(caller, 'admin')}`,
  );
}

function rulesFor(caller: Caller): RawRuleOf<Rules>[] {
  return caller.kind === 'admin' && caller.roles.has('privacy_officer')
    ? [{ action: 'rotate', subject: 'receipt_key' }]
    : [];
}
