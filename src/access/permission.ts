import { type CaseAction, mustBeAllowedOnCases } from './case-permissions.js';
import type { Caller } from './caller.js';
import { type ExtractAction, mustBeAllowedOnExtracts } from './extract-permissions.js';
import { type BulkAction, type UserAction, mustBeAllowed, mustBeAllowedForAll } from './permissions.js';
import { type PolicyAction, mustBeAllowedOnPolicies } from './policy-permissions.js';
import { mustBeAllowedOnReceiptKeys } from './receipt-key-permissions.js';
import { mustBeService } from './request-caller.js';

/**
 * What a route does, and on what. Everybody who is known may read notices, which are the same for all, and who they are.
 */
export type Permission =
  | readonly [action: 'ask', on: 'decisions']
  | readonly [action: 'read', on: 'notices']
  | readonly [action: 'read', on: 'caller']
  | readonly [action: UserAction, on: 'user']
  | readonly [action: BulkAction, on: 'users']
  | readonly [action: PolicyAction, on: 'policies']
  | readonly [action: CaseAction, on: 'cases']
  | readonly [action: ExtractAction, on: 'extracts']
  | readonly [action: 'rotate', on: 'receipt_keys'];

/**
 * Refuses what the caller may not do: to a user, where the caller is one, to themselves.
 *
 * @throws DomainError `caller_not_allowed`
 */
export function mustBeAllowedTo(caller: Caller, [action, on]: Permission): void {
  switch (on) {
    case 'decisions':
      return void mustBeService(caller);
    case 'notices':
    case 'caller':
      return;
    case 'user':
      return mustBeAllowed(caller, action, caller.id);
    case 'users':
      return mustBeAllowedForAll(caller, action);
    case 'policies':
      return mustBeAllowedOnPolicies(caller, action);
    case 'cases':
      return mustBeAllowedOnCases(caller, action);
    case 'extracts':
      return mustBeAllowedOnExtracts(caller, action);
    case 'receipt_keys':
      return mustBeAllowedOnReceiptKeys(caller, action);
  }
}
