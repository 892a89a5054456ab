/** Who may do what with extracts, as CASL rules: one place to read, one place to change. */
import { type MongoAbility, type RawRuleOf, createMongoAbility } from '@casl/ability';
import { eachQuoted, listOf } from '../decision/lists.js';
import { DomainError } from '../errors.js';
import type { Caller } from './caller.js';
import { whatLacks } from './lacks.js';
import type { Role } from './policy-permissions.js';

/** `keep`: open, fill, close, and ask who withdrew. */
export type ExtractAction = 'keep' | 'read' | 'read_all';
type Rules = MongoAbility<[ExtractAction, 'extract']>;

/** Admins who see all extracts, and who is in none of them. */
const READERS: readonly Role[] = ['privacy_officer', 'auditor'];

/**
 * Refuses what the caller may not do with any extract. A service keeps its own, each for a purpose that it may ask for.
 *
 * @throws DomainError `caller_not_allowed`
 */
export function mustBeAllowedOnExtracts(caller: Caller, action: ExtractAction): void {
  if (allows(caller, action)) return;
  if (action === 'keep')
    throw new DomainError(
      'caller_not_allowed',
      `extracts are kept by services: use the token of a client${whatLacks(caller, 'service')}`,
    );
  throw new DomainError(
    'caller_not_allowed',
    `this is for services, and for admins with the role ${listOf(eachQuoted(READERS), 'or')}: use the token of one${whatLacks(caller, 'admin')}`,
  );
}

/** Whether the caller sees the extracts of all services. */
export function readsAllExtracts(caller: Caller): boolean {
  return allows(caller, 'read_all');
}

function allows(caller: Caller, action: ExtractAction): boolean {
  return createMongoAbility<Rules>(rulesFor(caller)).can(action, 'extract');
}

function rulesFor(caller: Caller): RawRuleOf<Rules>[] {
  if (caller.kind === 'service') return [{ action: ['keep', 'read'], subject: 'extract' }];
  if (caller.kind === 'admin' && READERS.some((role) => caller.roles.has(role)))
    return [{ action: ['read', 'read_all'], subject: 'extract' }];
  return [];
}
