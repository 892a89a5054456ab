/** Opens cases and lets them be approved, extended, reassigned and closed, each by whoever may. */
import {
  type CaseAction,
  type CasePurpose,
  READERS,
  isAllowedOnCases,
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
import {
  type Case,
  LONGEST_MS,
  MOST_EVENTS,
  REPORTS,
  caseOf,
  doorkeepersOf,
  mayBeTold,
  needsApproval,
  statusOf,
} from './case.js';
import {
  ALTERED,
  type CaseActor,
  type CaseEvent,
  type CaseReader,
  type CaseScope,
  type CaseStore,
  alteredCase,
} from './cases.store.js';

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
  readonly discloseAfter?: number;
};

/** What a user is told of a case. */
export type Disclosure = {
  /** As which those read who were named. */
  readonly role: (typeof READERS)[CasePurpose];
  /** How many items could be read; null: any. */
  readonly items: number | null;
};

/** A case with how it stands now. */
export type Standing = { readonly found: Case; readonly status: ReturnType<typeof statusOf> };

/** Which cases a list is of. */
export type CaseFilter = {
  readonly status?: Standing['status'];
  /** Those that wait or are open, and end within so many milliseconds. */
  readonly endsWithin?: number;
};

/** A case that has not ended, and what it asks of the caller. */
export type UnendedCase = {
  readonly id: string;
  readonly purpose: string;
  /** When it ends, in milliseconds since the Unix epoch. */
  readonly due: number;
  readonly isOpen: boolean;
  readonly toRead: boolean;
  /** It, or a later end of it. */
  readonly toApprove: boolean;
};

export type Unended = {
  readonly found: readonly UnendedCase[];
  /** Whether the caller has a part in any cases, and may approve any. */
  readonly mayLook: boolean;
  readonly mayApprove: boolean;
  /** Whether no case that may be open was left out. */
  readonly isWhole: boolean;
};

/** How many cases are looked at for {@link Unended}. */
const MOST_LOOKED_AT = 500;
/** How often a change is judged anew because others changed the case meanwhile. */
const TRIES = 10;
/** Cases read at once for a list: each may have some hundred kilobytes. */
const AT_ONCE = 50;

export class Cases {
  /**
   * @param issuers whose tokens are trusted
   * @param silence the longest time until a user may be told, in milliseconds
   * @param now milliseconds since the Unix epoch
   * @param latest the same, as a clock that never goes back: what has expired stays so
   * @param onAltered told of a case that was altered and is left out of a list
   */
  constructor(
    private readonly store: CaseStore,
    private readonly policies: Pick<PolicyService, 'current'>,
    private readonly issuers: readonly string[],
    private readonly silence: number,
    private readonly newId: () => string,
    private readonly now: () => number,
    private readonly latest: () => number,
    private readonly onAltered: (error: Error) => void,
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
    // nobody else looks at a report before it is read
    if (purpose === REPORTS) mustNotRead(caller, scope.reviewers, 'assign');
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

  /**
   * What users may be told of cases by now.
   *
   * @returns by id; null: nothing yet. Those that do not exist are not there
   */
  async disclosures(ids: Iterable<string>): Promise<ReadonlyMap<string, Disclosure | null>> {
    const wanted = [...new Set(ids)];
    const told = new Map<string, Disclosure | null>();
    if (wanted.length === 0) return told;
    for (const [id, found] of await this.store.readAll(wanted))
      told.set(id, found === ALTERED ? null : this.disclosureOf(caseOf(found)));
    return told;
  }

  private disclosureOf(found: Case): Disclosure | null {
    const { purpose, items } = found.scope;
    if (!isCasePurpose(purpose) || !mayBeTold(found, this.now())) return null;
    return { role: READERS[purpose], items: items?.length ?? null };
  }

  /**
   * Cases that the caller may read, those that were opened last first. It reads on past others: to show where they are
   * would tell of them.
   *
   * @param after the one before the page, as of `openedAt` and `id`
   * @param wanted absent: all
   */
  async list(
    caller: Caller,
    limit: number,
    after?: { readonly at: number; readonly id: string },
    wanted: CaseFilter = {},
  ): Promise<readonly Standing[]> {
    const readable: Standing[] = [];
    for (let from = after; ;) {
      const page = await this.store.list(AT_ONCE, from);
      for (const { id, found } of page) {
        if (found === ALTERED) {
          this.onAltered(alteredCase(id));
          continue;
        }
        const standing = this.standing(caseOf(found));
        if (isReadableBy(caller, standing.found) && this.isWanted(standing, wanted)) readable.push(standing);
      }
      const last = page.at(-1);
      const isPast = (isUnended(wanted.status) || wanted.endsWithin !== undefined) && this.allHaveEnded(last);
      if (last === undefined || page.length < AT_ONCE || readable.length >= limit || isPast)
        return readable.slice(0, limit);
      from = { at: last.openedAt, id: last.id };
    }
  }

  private isWanted({ found, status }: Standing, wanted: CaseFilter): boolean {
    if (wanted.status !== undefined && status !== wanted.status) return false;
    return (
      wanted.endsWithin === undefined ||
      (isUnended(status) && found.scope.expiresAt <= this.latest() + wanted.endsWithin)
    );
  }

  /** Whether what was opened before can have been extended no further. */
  private allHaveEnded(last: { readonly openedAt: number } | undefined): boolean {
    return last !== undefined && last.openedAt + this.silence < this.now();
  }

  /**
   * Cases that wait or are open, of those that the caller may read, the newest {@link MOST_LOOKED_AT} looked at.
   */
  async unended(caller: Caller): Promise<Unended> {
    const mayLook = isAllowedOnCases(caller, 'read');
    const mayApprove = isAllowedOnCases(caller, 'approve');
    const found: UnendedCase[] = [];
    if (!mayLook) return { found, mayLook, mayApprove, isWhole: true };
    for (let from: { readonly at: number; readonly id: string } | undefined, looked = 0; ;) {
      const page = await this.store.list(AT_ONCE, from);
      for (const { id, found: one } of page) {
        if (one === ALTERED) {
          this.onAltered(alteredCase(id));
          continue;
        }
        const read = caseOf(one);
        const { status } = this.standing(read);
        if (!isReadableBy(caller, read) || !isUnended(status)) continue;
        const { purpose, expiresAt, reviewers } = read.scope;
        const isNamed = caller.kind === 'admin' && reviewers.some(({ id }) => isSamePerson(id, caller.id));
        const asked = status === 'waiting' ? read.opened : read.extension;
        found.push({
          id,
          purpose,
          due: expiresAt,
          isOpen: status === 'open',
          toRead: status === 'open' && isNamed,
          toApprove:
            asked !== undefined &&
            !isNamed &&
            !isSamePerson(asked.by.id, caller.id) &&
            isAllowedOnCases(caller, 'approve', factsFor(caller, read)),
        });
      }
      looked += page.length;
      const last = page.at(-1);
      if (last === undefined || page.length < AT_ONCE || this.allHaveEnded(last))
        return { found, mayLook, mayApprove, isWhole: true };
      if (looked >= MOST_LOOKED_AT) return { found, mayLook, mayApprove, isWhole: false };
      from = { at: last.openedAt, id: last.id };
    }
  }

  /**
   * Approves the case or, once it is open, the extension that waits.
   *
   * @param seen how many events it had when the caller looked at it
   * @throws DomainError as `get` does; `case_changed`, `case_ended`, `nothing_to_approve`, `not_confirmed`
   */
  approve(caller: Caller, id: string, reason: string, seen: number): Promise<Standing> {
    return this.change(caller, id, 'approve', reason, (found, said) => {
      if (found.events.length !== seen)
        throw new DomainError(
          'case_changed',
          'something has happened to the case since you read it: read it again, and approve what it says then',
        );
      mustBeOpenStill(this.standing(found));
      mustNotRead(caller, found.scope.reviewers, 'approve');
      const { scope, extension } = found;
      if (needsApproval(found, takesTwoPeople(this.policies.current, scope.purpose)))
        return { ...said, kind: 'approved' };
      if (extension === undefined)
        throw new DomainError(
          'nothing_to_approve',
          'the case is open, and nobody has asked to extend it: there is nothing to do',
        );
      if (isSamePerson(extension.by.id, caller.id))
        throw new DomainError(
          'caller_not_allowed',
          'you asked for this extension: somebody else must approve it',
        );
      return { ...said, kind: 'extension_approved' };
    });
  }

  /**
   * Asks for a later end, which holds once somebody else has approved it.
   *
   * @param expiresAt in milliseconds since the Unix epoch
   * @throws DomainError as `approve` does; `invalid_request`
   */
  extend(caller: Caller, id: string, reason: string, expiresAt: number): Promise<Standing> {
    return this.change(caller, id, 'extend', reason, (found, said) => {
      const { status } = mustBeOpenStill(this.standing(found));
      if (status === 'waiting')
        throw new DomainError(
          'case_waits',
          'the case itself waits for its approval: close it and open one that ends later',
        );
      if (found.extension !== undefined)
        throw new DomainError(
          'case_waits',
          `an extension to \`${timeText(found.extension.expiresAt)}\` waits already: have it approved`,
        );
      const atMost = found.opened.at + this.silence;
      return {
        ...said,
        kind: 'extended',
        expiresAt: this.expiryOf(expiresAt, found.scope.expiresAt, atMost),
      };
    });
  }

  /** Names others who may read, in place of all before. @throws DomainError as `approve` does; `invalid_request` */
  reassign(caller: Caller, id: string, reason: string, reviewers: readonly NamedReader[]): Promise<Standing> {
    return this.change(caller, id, 'reassign', reason, (found, said) => {
      mustBeOpenStill(this.standing(found));
      const readers = this.readersOf(reviewers);
      mustNotRead(caller, readers, 'assign');
      const kept = doorkeepersOf(found);
      if (readers.some((reader) => kept.some((id) => isSamePerson(reader.id, id))))
        throw new DomainError(
          'invalid_request',
          '`reviewers` names somebody who opened the report, approved, or named readers, and they do not read: name others',
          '/reviewers',
        );
      return { ...said, kind: 'reassigned', reviewers: readers };
    });
  }

  /** Closes it, for good. One that is closed stays as it is. @throws DomainError as `get` does; `not_confirmed` */
  close(caller: Caller, id: string, reason: string): Promise<Standing> {
    return this.change(caller, id, 'close', reason, ({ closed }, said) =>
      closed === undefined ? { ...said, kind: 'closed' } : undefined,
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
    reason: string,
    eventOf: (found: Case, said: Said) => CaseEvent | undefined,
  ): Promise<Standing> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const found = await this.found(id);
      mustBeAllowedOnCases(caller, action, factsFor(caller, found));
      const event = eventOf(found, { by: actorOf(caller), at: this.now(), reason });
      if (event === undefined) return this.standing(found);
      if (found.events.length >= MOST_EVENTS && event.kind !== 'closed')
        throw new DomainError(
          'case_full',
          `the case has ${MOST_EVENTS} events, and takes no more: close it, and open a new one`,
        );
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
    return { found, status: statusOf(found, takesTwo, this.latest()) };
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
      discloseAfter: wanted.discloseAfter === undefined ? null : this.silenceOf(wanted.discloseAfter),
    };
  }

  private silenceOf(at: number): number {
    const most = this.now() + this.silence;
    if (at <= most) return at;
    throw new DomainError(
      'invalid_request',
      `\`disclose_after\` is too far ahead for the user to find it on record: send a time until \`${timeText(most)}\``,
      '/disclose_after',
    );
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

  /**
   * @param from what it must lie after
   * @param atMost so that the user can be told before the record forgets
   */
  private expiryOf(at: number, from = this.now(), atMost = Infinity): number {
    const most = Math.min(this.now() + LONGEST_MS, atMost);
    if (at > from && at <= most) return at;
    throw new DomainError(
      'invalid_request',
      most > from
        ? `\`expires_at\` must lie after \`${timeText(from)}\`, and at most 72 hours ahead: send a time until \`${timeText(most)}\``
        : 'the case has been open for so long that the record would forget what was read under it: close it, and open another one',
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

/** One for a purpose of another build is nobody's. */
function isReadableBy(caller: Caller, found: Case): boolean {
  return isCasePurpose(found.scope.purpose) && isAllowedOnCases(caller, 'read', factsFor(caller, found));
}

/** @throws DomainError `case_ended` */
function mustBeOpenStill(standing: Standing): Standing {
  if (standing.status !== 'closed' && standing.status !== 'expired') return standing;
  throw new DomainError(
    'case_ended',
    standing.status === 'closed'
      ? 'the case was closed: open a new one'
      : 'the case has expired: open a new one',
  );
}

/** Whoever lets others read does not read. @throws DomainError `caller_not_allowed` */
function mustNotRead(caller: Caller, readers: readonly CaseReader[], does: 'approve' | 'assign'): void {
  // a service cannot read, whatever its id
  if (caller.kind === 'service' || !readers.some(({ id }) => isSamePerson(id, caller.id))) return;
  throw new DomainError(
    'caller_not_allowed',
    does === 'approve'
      ? 'you are one of those who would read: somebody else must approve it'
      : 'you cannot name yourself as a reader: somebody else must do it',
  );
}

function actorOf({ kind, id }: Caller): CaseActor {
  // INVARIANT: nobody else may do anything to a case
  return { kind: kind === 'service' ? 'service' : 'admin', id };
}

function unconfirmed(): DomainError {
  return new DomainError('not_confirmed', 'others change the case at the same time: read it, and try again');
}

function isUnended(status: Standing['status'] | undefined): boolean {
  return status === 'waiting' || status === 'open';
}
