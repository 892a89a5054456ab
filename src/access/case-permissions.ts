/** Who may do what with cases, as CASL rules: one place to read, one place to change. */
import { type MongoAbility, type RawRuleOf, createMongoAbility } from '@casl/ability';
import { eachQuoted, listOf } from '../decision/lists.js';
import { DomainError } from '../errors.js';
import type { AdminCaller, Caller } from './caller.js';
import { whatLacks } from './lacks.js';
import type { Role } from './policy-permissions.js';
import { ScopeMissing } from './scope-missing.js';

/** Per purpose that cases are opened for, the role of those who read under them. */
export const READERS = {
  'safety.report_review': 'case_reviewer',
  'security.investigation': 'security_investigator',
} as const satisfies Readonly<Record<string, Role>>;
export type CasePurpose = keyof typeof READERS;

/** Whether cases are opened for the purpose. */
export function isCasePurpose(purpose: string): purpose is CasePurpose {
  return Object.hasOwn(READERS, purpose);
}

export type CaseAction = 'open' | 'read' | 'approve' | 'close' | 'extend' | 'reassign';

/** What of a case decides who may do what. `own`: whether the caller opened it. */
type CaseFacts = { readonly purpose: CasePurpose; readonly own: boolean };
type Rules = MongoAbility<[CaseAction, 'case' | CaseFacts]>;

const ALL_ROLES: readonly Role[] = [
  'case_reviewer',
  'security_investigator',
  'case_approver',
  'privacy_officer',
  'auditor',
];

/**
 * Refuses what the caller may not do.
 *
 * @param on the case; absent: any, which is what a route declares
 * @throws DomainError `caller_not_allowed`
 */
export function mustBeAllowedOnCases(caller: Caller, action: CaseAction, on?: CaseFacts): void {
  if (!isAllowedOnCases(caller, action, on)) throw refusalOf(caller, action, on);
}

/** Whether the caller may do this. @param on the case; absent: any */
export function isAllowedOnCases(caller: Caller, action: CaseAction, on?: CaseFacts): boolean {
  return allows(rulesFor(caller), action, on);
}

function allows(rules: RawRuleOf<Rules>[], action: CaseAction, on: CaseFacts | undefined): boolean {
  const ability = createMongoAbility<Rules>(rules, { detectSubjectType: () => 'case' });
  return ability.can(action, on ?? 'case');
}

/** Whether an admin may read what the purpose reads under a case that names them. */
export function mayReadUnder({ roles }: AdminCaller, purpose: CasePurpose): boolean {
  return roles.has(READERS[purpose]);
}

function rulesFor(caller: Caller): RawRuleOf<Rules>[] {
  switch (caller.kind) {
    case 'service':
      return caller.scopes.has('cases:write') ? [about('safety.report_review', ...OF_SERVICES)] : [];
    case 'admin':
      return [...caller.roles].flatMap(rulesOfRole);
    case 'user':
      return [];
  }
}

/** A service has no second person behind it: it asks for nothing that takes two. */
const OF_SERVICES: readonly CaseAction[] = ['open', 'read', 'close', 'reassign'];

function rulesOfRole(role: string): RawRuleOf<Rules>[] {
  switch (role) {
    case 'case_reviewer':
      return [about('safety.report_review', 'open', 'read', 'close', 'extend')];
    case 'security_investigator':
      return [about('security.investigation', 'open', 'read', 'close', 'extend')];
    case 'case_approver':
      return [
        { action: ['read', 'close', 'extend'], subject: 'case' },
        // who opened a case neither approves it nor says who else may read
        { action: ['approve', 'reassign'], subject: 'case', conditions: { own: { $eq: false } } },
      ];
    case 'privacy_officer':
    case 'auditor':
      return [{ action: 'read', subject: 'case' }];
    default:
      return [];
  }
}

function about(purpose: CasePurpose, ...action: CaseAction[]): RawRuleOf<Rules> {
  return { action, subject: 'case', conditions: { purpose: { $eq: purpose } } };
}

function refusalOf(caller: Caller, action: CaseAction, on: CaseFacts | undefined): DomainError {
  if (caller.kind === 'service' && OF_SERVICES.includes(action) && on === undefined)
    return new ScopeMissing(caller, 'cases:write');
  if (on?.own === true && (action === 'approve' || action === 'reassign'))
    return new DomainError('caller_not_allowed', 'you opened this case: somebody else must do this');
  const roles = ALL_ROLES.filter((role) => allows(rulesOfRole(role), action, on && { ...on, own: false }));
  return new DomainError(
    'caller_not_allowed',
    `this is for admins with the role ${listOf(eachQuoted(roles), 'or')}: use the token of one${whatLacks(caller, 'admin')}`,
  );
}
