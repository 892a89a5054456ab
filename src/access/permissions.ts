/** What a caller may do to which user's record, as CASL rules: one place to read, one place to change. */
import { type MongoAbility, type RawRuleOf, createMongoAbility } from '@casl/ability';
import { eachQuoted, listOf } from '../decision/lists.js';
import type { Scope } from '../decision/policy.js';
import { DomainError } from '../errors.js';
import type { AdminCaller, Caller } from './caller.js';
import { whatLacks } from './lacks.js';
import type { Role } from './policy-permissions.js';
import { ScopeMissing } from './scope-missing.js';

const ACTIONS = ['set_profile', 'read_settings', 'look_into', 'choose', 'export', 'erase'] as const;
/** Actions on the record of one user. */
export type UserAction = (typeof ACTIONS)[number];
type Rules = MongoAbility<[UserAction, 'user' | { readonly id: string }]>;

/**
 * Refuses what the caller may not do to the user's record. The refusal is the same whether or not the user exists.
 *
 * @throws DomainError `caller_not_allowed`
 */
export function mustBeAllowed(caller: Caller, action: UserAction, user: string): void {
  if (abilityOf(caller).can(action, { id: user })) return;
  throw refusalOf(caller, action);
}

/** A verified token is the same caller as long as it is remembered. */
const abilities = new WeakMap<Caller, Rules>();

function abilityOf(caller: Caller): Rules {
  const known = abilities.get(caller);
  if (known !== undefined) return known;
  const ability = createMongoAbility<Rules>(rulesFor(caller), { detectSubjectType: () => 'user' });
  abilities.set(caller, ability);
  return ability;
}

/** Actions on the records of all users at once. `describe`: say by which attributes they are told apart, and who has which. */
const BULK_ACTIONS = ['import', 'export', 'follow', 'cache', 'export_permits', 'describe'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

/**
 * Refuses what the caller may not do to the records of all users.
 *
 * @throws DomainError `caller_not_allowed`
 */
export function mustBeAllowedForAll(caller: Caller, action: BulkAction): void {
  const rules: RawRuleOf<MongoAbility<[BulkAction, 'users']>>[] =
    caller.kind === 'service'
      ? BULK_ACTIONS.filter((one) => caller.scopes.has(BULK_SCOPE_OF[one])).map((one) => ({
          action: one,
          subject: 'users',
        }))
      : [];
  if (createMongoAbility<MongoAbility<[BulkAction, 'users']>>(rules).can(action, 'users')) return;
  const scope = BULK_SCOPE_OF[action];
  if (caller.kind === 'service') throw new ScopeMissing(caller, scope);
  throw new DomainError(
    'caller_not_allowed',
    `this is for services: use the token of one with the scope \`${scope}\`${whatLacks(caller, 'service')}`,
  );
}

const BULK_SCOPE_OF: Record<BulkAction, Scope> = {
  import: 'choices:import',
  export: 'choices:export',
  follow: 'changes:read',
  cache: 'decisions:cache',
  export_permits: 'permits:export',
  describe: 'attributes:write',
};

const SCOPE_OF: Record<UserAction, Scope> = {
  set_profile: 'users:write',
  read_settings: 'settings:read',
  look_into: 'settings:read',
  choose: 'choices:write',
  export: 'users:export',
  erase: 'users:erase',
};

function refusalOf(caller: Caller, action: UserAction): DomainError {
  const scope = SCOPE_OF[action];
  if (caller.kind === 'service') return new ScopeMissing(caller, scope);
  return new DomainError(
    'caller_not_allowed',
    `${hintFor(caller.kind, action, scope)}${whatLacks(caller, 'service')}`,
  );
}

function hintFor(kind: 'user' | 'admin', action: UserAction, scope: Scope): string {
  if (kind === 'admin' && action === 'look_into')
    return `this is for admins with the role ${listOf(eachQuoted(ONLOOKERS), 'or')}: use the token of one, or that of a service with the scope \`${scope}\``;
  if (kind === 'admin')
    return `admins have no part in users' records: use the token of the user, or that of a service with the scope \`${scope}\``;
  return action === 'set_profile'
    ? `region and age band are set by services with the scope \`${scope}\`, not by users themselves`
    : 'you may act on your own record alone: write `me` in place of the id';
}

function rulesFor(caller: Caller): RawRuleOf<Rules>[] {
  switch (caller.kind) {
    case 'user':
      return [
        {
          action: ['read_settings', 'look_into', 'choose', 'export', 'erase'],
          subject: 'user',
          conditions: { id: { $eq: caller.id } },
        },
      ];
    case 'service':
      return ACTIONS.filter((action) => caller.scopes.has(SCOPE_OF[action])).map((action) => ({
        action,
        subject: 'user',
      }));
    case 'admin':
      return readerRoleOf(caller) === undefined ? [] : [{ action: 'look_into', subject: 'user' }];
  }
}

/** Who looks into a user's history, receipts and uses for others, for a reason that is noted and told to the user. */
const ONLOOKERS: readonly Role[] = ['privacy_officer', 'auditor'];

/** The role in which an admin may do so; `undefined`: they may not. */
export function readerRoleOf({ roles }: AdminCaller): Role | undefined {
  return ONLOOKERS.find((role) => roles.has(role));
}
