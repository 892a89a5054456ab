/** Opens cases and lets them be approved, extended, reassigned and closed, each by whoever may. */
import {
  type CaseAction,
  type CasePurpose,
  isCasePurpose,
  mustBeAllowedOnCases,
} from '../access/case-permissions.js';
import type { Caller } from '../access/caller.js';
import { isSamePerson } from '../access/person.js';
import { eachQuoted, listOf } from '../decision/lists.js';
import { CASE_CONDITIONS } from '../decision/policy.js';
import { DomainError } from '../errors.js';
import type { PolicyService, PolicyVersion } from '../policy/policy.service.js';
import { timeText } from '../time.js';
import { type Case, LONGEST_MS, REPORTS, caseOf, statusOf } from './case.js';
import type { CaseActor, CaseEvent, CaseReader, CaseScope, CaseStore } from './cases.store.js';

/** A person who is to read, as a request names them. */
export type NamedReader = { readonly issuer?: string; readonly id: string };

/** A case as a request asks for it. */
export type NewCase = {
  readonly purpose: CasePurpose;
  readonly user: string;
  readonly report?: string;
  readonly items?: readonly string[];
  readonly fields?: readonly string[];
  readonly reviewers: readonly NamedReader[];
  readonly reason: string;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number;
};

/** A case with how it stands now. */
export type Standing = { readonly found: Case; readonly status: ReturnType<typeof statusOf> };

/** How often a change is judged anew because others changed the case meanwhile. */
const TRIES = 10;

export class Cases {
  /** @param issuers whose tokens are trusted */
  constructor(
    private readonly store: CaseStore,
    private readonly policies: Pick<PolicyService, 'current'>,
    private readonly issuers: readonly string[],
    private readonly newId: () => string,
    private readonly now: () => number,
  ) {}

  /** @throws DomainError `invalid_request`, `caller_not_allowed`, `case_not_offered`, `not_confirmed` */
  async open(caller: Caller, wanted: NewCase): Promise<Standing> {
    const { purpose, reason } = wanted;
    mustBeAllowedOnCases(caller, 'open', { purpose, own: true });
    const policy = this.policies.current;
    if (!takesCases(policy, purpose))
      throw new DomainError(
        'case_not_offered',
        `\`${purpose}\` reads without a case, or is no purpose: ask for decisions without one`,
        '/purpose',
      );
    const scope = this.scopeOf(policy, wanted);
    const id = this.newId();
    const event = { kind: 'opened', by: actorOf(caller), at: this.now(), reason, scope } as const;
    if (!(await this.store.append(id, 1, event))) throw unconfirmed();
    return this.standing(caseOf({ id, events: [event] }));
  }

  /** @throws DomainError `case_not_found`, `caller_not_allowed` */
  async get(caller: Caller, id: string): Promise<Standing> {
    const found = await this.found(id);
    mustBeAllowedOnCases(caller, 'read', factsFor(caller, found));
    return this.standing(found);
  }

  /** Closes it, once and for all. One that is closed stays as it is. @throws DomainError as `get` does */
  close(caller: Caller, id: string, reason: string): Promise<Standing> {
    return this.change(
      caller,
      id,
      'close',
      ({ closed }, said) => (closed === undefined ? { ...said, kind: 'closed' } : undefined),
      reason,
    );
  }

  /**
   * Appends what the caller does.
   *
   * @param eventOf judges the case as it is; `undefined`: nothing is left to do
   */
  private async change(
    caller: Caller,
    id: string,
    action: CaseAction,
    eventOf: (found: Case, said: Said) => CaseEvent | undefined,
    reason: string,
  ): Promise<Standing> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const found = await this.found(id);
      mustBeAllowedOnCases(caller, action, factsFor(caller, found));
      const event = eventOf(found, { by: actorOf(caller), at: this.now(), reason });
      if (event === undefined) return this.standing(found);
      const events = [...found.events, event];
      if (await this.store.append(id, events.length, event)) return this.standing(caseOf({ id, events }));
    }
    throw unconfirmed();
  }

  private async found(id: string): Promise<Case> {
    const stored = await this.store.read(id);
    if (stored === undefined)
      throw new DomainError(
        'case_not_found',
        'there is no case of this id: correct it in the address',
        '/id',
      );
    return caseOf(stored);
  }

  private standing(found: Case): Standing {
    const takesTwo = takesTwoPeople(this.policies.current, found.scope.purpose);
    return { found, status: statusOf(found, takesTwo, this.now()) };
  }

  private scopeOf(policy: PolicyVersion, wanted: NewCase): CaseScope {
    const { purpose, user, report, items, fields, reviewers } = wanted;
    const isReport = purpose === REPORTS;
    for (const [name, value, isNeeded] of [
      ['report', report, isReport],
      ['items', items, isReport],
      ['fields', fields, !isReport],
    ] as const)
      if ((value !== undefined) !== isNeeded)
        throw new DomainError(
          'invalid_request',
          isNeeded
            ? `\`${name}\` is missing: a case for \`${purpose}\` says what may be read`
            : `\`${name}\` is not part of a case for \`${purpose}\`: leave it out`,
          `/${name}`,
        );
    for (const [place, field] of (fields ?? []).entries())
      if (!policy.fields.has(field))
        throw new DomainError(
          'invalid_request',
          `\`${field}\` is no field of the policy: correct it`,
          `/fields/${place}`,
        );
    return {
      purpose,
      user,
      report: report ?? null,
      items: items === undefined ? null : [...new Set(items)],
      fields: fields === undefined ? null : [...new Set(fields)],
      reviewers: this.readersOf(reviewers),
      expiresAt: this.expiryOf(wanted.expiresAt),
    };
  }

  private readersOf(named: readonly NamedReader[]): CaseReader[] {
    return named.map(({ issuer, id }, place) => {
      const [first, ...others] = this.issuers;
      const known = issuer ?? (others.length === 0 ? first : undefined);
      if (known !== undefined && this.issuers.includes(known)) return { issuer: known, id };
      throw new DomainError(
        'invalid_request',
        `\`reviewers.${place}.issuer\` ${issuer === undefined ? 'is missing' : 'is trusted by nobody here'}: give ${listOf(eachQuoted(this.issuers), 'or')}`,
        `/reviewers/${place}/issuer`,
      );
    });
  }

  private expiryOf(at: number): number {
    const now = this.now();
    if (at > now && at <= now + LONGEST_MS) return at;
    throw new DomainError(
      'invalid_request',
      `\`expires_at\` must lie ahead, and at most 72 hours: send a time until \`${timeText(now + LONGEST_MS)}\``,
      '/expires_at',
    );
  }
}

type Said = Pick<CaseEvent, 'by' | 'at' | 'reason'>;

/** Whether the policy demands a case of the purpose. */
export function takesCases({ purposes }: PolicyVersion, purpose: string): boolean {
  return purposes.get(purpose)?.conditions?.some((one) => CASE_CONDITIONS.has(one)) === true;
}

/** Whether the policy demands a second person, whatever is read. */
export function takesTwoPeople({ purposes }: PolicyVersion, purpose: string): boolean {
  return purposes.get(purpose)?.conditions?.includes('two_person') === true;
}

/** What decides who may do what with a case. A case for a purpose of another build is nobody's. */
function factsFor(caller: Caller, { scope: { purpose }, opened }: Case) {
  if (!isCasePurpose(purpose))
    throw new DomainError('case_not_offered', 'the case is for a purpose that this build has no cases for');
  return { purpose, own: isSamePerson(opened.by.id, caller.id) };
}

function actorOf({ kind, id }: Caller): CaseActor {
  // INVARIANT: nobody else may do anything to a case
  return { kind: kind === 'service' ? 'service' : 'admin', id };
}

function unconfirmed(): DomainError {
  return new DomainError('not_confirmed', 'others change the case at the same time: read it, and try again');
}
