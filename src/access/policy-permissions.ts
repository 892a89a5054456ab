/** Which admin may do what with policies, as CASL rules: one place to read, one place to change. */
import { type MongoAbility, type RawRuleOf, createMongoAbility } from '@casl/ability';
import type { Scope } from '../decision/policy.js';
import { eachQuoted, listOf } from '../decision/lists.js';
import { DomainError } from '../errors.js';
import type { Caller } from './caller.js';
import { whatLacks } from './lacks.js';
import { ScopeMissing } from './scope-missing.js';

/** The roles of admins. */
export const ROLES = {
  policy_admin: 'write drafts, approve or decline those of others, publish and roll back',
  privacy_officer:
    'all that, agree to a change of the floor, record reviews of purposes, read cases, and see ids of the users whom a draft concerns, or whose data was used',
  auditor: 'read policies, drafts and cases, replay decisions, and verify the consent log',
  case_reviewer: 'open and close cases of reported items, and read under those that name them',
  security_investigator: 'ask for cases of investigations, close them, and read under those that name them',
  case_approver: 'approve cases and their extension, reassign and close them',
} as const;

export type Role = keyof typeof ROLES;

/** `oversee`: read how the service that has them runs, and what is brought into it; of no user. */
export type PolicyAction =
  | 'read'
  | 'edit'
  | 'approve'
  | 'decline'
  | 'publish'
  | 'shadow'
  | 'see_users'
  | 'review'
  | 'replay'
  | 'audit'
  | 'oversee';

/** What an action is on. `authored`: whether the caller edited the draft. */
type Subject = 'policy' | { readonly authored: boolean };
type Rules = MongoAbility<[PolicyAction, Subject]>;

/** Whether the caller may do this to policies, or to a draft that they did or did not edit. */
export function isAllowed(caller: Caller, action: PolicyAction, authored = false): boolean {
  const ability = createMongoAbility<Rules>(rulesFor(caller), { detectSubjectType: () => 'policy' });
  return ability.can(action, { authored });
}

/**
 * Refuses what the caller may not do.
 *
 * @throws DomainError `caller_not_allowed`
 */
export function mustBeAllowedOnPolicies(caller: Caller, action: PolicyAction, authored = false): void {
  if (isAllowed(caller, action, authored)) return;
  const scope = caller.kind === 'service' ? SCOPE_OF[action] : undefined;
  if (caller.kind === 'service' && scope !== undefined) throw new ScopeMissing(caller, scope);
  throw new DomainError('caller_not_allowed', hintFor(caller, action, authored));
}

/** What services may do with policies. */
const SCOPE_OF: Partial<Record<PolicyAction, Scope>> = { read: 'policies:read', edit: 'policies:write' };

function rulesFor(caller: Caller): RawRuleOf<Rules>[] {
  switch (caller.kind) {
    case 'admin':
      return [...caller.roles].flatMap(rulesOfRole);
    case 'service':
      return [
        ...(caller.scopes.has('policies:read') || caller.scopes.has('policies:write') ? [on('read')] : []),
        ...(caller.scopes.has('policies:write') ? [on('edit')] : []),
      ];
    case 'user':
      return [];
  }
}

function rulesOfRole(role: string): RawRuleOf<Rules>[] {
  // authors may not approve or decline their own draft; an unknown author is refused as well
  const answer: RawRuleOf<Rules> = {
    action: ['approve', 'decline'],
    subject: 'policy',
    conditions: { authored: { $eq: false } },
  };
  switch (role) {
    case 'policy_admin':
      return [on('read', 'edit', 'publish', 'shadow', 'replay', 'oversee'), answer];
    case 'privacy_officer':
      return [
        on('read', 'edit', 'publish', 'shadow', 'replay', 'see_users', 'review', 'audit', 'oversee'),
        answer,
      ];
    case 'auditor':
      return [on('read', 'replay', 'audit', 'oversee')];
    default:
      return [];
  }
}

function on(...action: PolicyAction[]): RawRuleOf<Rules> {
  return { action, subject: 'policy' };
}

function rolesThatMay(action: PolicyAction): string[] {
  return Object.keys(ROLES).filter((role) => rulesOfRole(role).some((rule) => rule.action.includes(action)));
}

function hintFor(caller: Caller, action: PolicyAction, authored: boolean): string {
  if (action === 'approve' && authored) return 'you edited this draft: somebody else must approve it';
  if (action === 'decline' && authored)
    return 'you edited this draft, so you cannot decline it: edit it, or discard it';
  const roles = listOf(eachQuoted(rolesThatMay(action)), 'or');
  return action === 'see_users'
    ? `ids of users are for admins with the role ${roles}: leave \`samples\` or \`reason\` out, or use the token of one`
    : `this is for admins with the role ${roles}: use the token of one${whatLacks(caller, 'admin')}`;
}
