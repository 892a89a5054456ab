/** What waits for a caller: found without building a policy, so that a page can ask for it whenever it is opened. */
import type { Caller } from '../access/caller.js';
import { isSamePerson } from '../access/person.js';
import { isAllowed } from '../access/policy-permissions.js';
import type { Cases } from '../cases/cases.js';
import type { FailedVerificationStore } from '../consent/upkeep/failed-verifications.store.js';
import type { Shadow } from '../evaluation/shadow.js';
import type { DraftSummary, PolicyStore } from '../policy/policy.store.js';
import { standingDeclinesOf } from './review/declines.js';

/** What each kind has. */
export const KINDS = {
  drafts_to_judge: 'open drafts of others that the caller has neither approved nor declined as they are now',
  drafts_own: 'open drafts that the caller wrote on',
  drafts_refused: 'open drafts that could not be published when their time came',
  drafts_scheduled: 'drafts that wait for their time',
  drafts_in_shadow: 'drafts that decide beside the version in force, in the process that answers',
  cases_to_approve: 'cases, and later ends of cases, that the caller may approve',
  cases_to_read: 'open cases that name the caller as one who reads',
  cases_open: 'all open cases that the caller may look at',
  verifications_failed:
    'the consent log, or a record of use, that was last found not to be as it was written',
} as const;
export type Kind = keyof typeof KINDS;

/** One thing that waits. */
export type Waits = {
  /** Of a draft or a case; what was verified. */
  readonly id: string;
  /** The message of a draft, the purpose of a case, or what was found. */
  readonly about: string;
  /** When it ends or is done by itself, in milliseconds since the Unix epoch; null: never. */
  readonly due: number | null;
  /** When it was found, in milliseconds since the Unix epoch. */
  readonly at?: number;
};

export type WaitingList = {
  /** Without what the caller has no part in. */
  readonly kinds: ReadonlyMap<Kind, readonly Waits[]>;
  /** Whether all cases were looked at that may be open. */
  readonly isWhole: boolean;
};

export class WaitingWork {
  constructor(
    private readonly store: Pick<PolicyStore, 'standingDrafts'>,
    private readonly cases: Pick<Cases, 'unended'>,
    private readonly shadow: Pick<Shadow, 'report'>,
    private readonly failed: Pick<FailedVerificationStore, 'all'>,
  ) {}

  /** What waits for the caller, the soonest due of each kind first. Who has no part in policies or cases has nothing. */
  async for(caller: Caller): Promise<WaitingList> {
    const drafts = isAllowed(caller, 'read') ? await this.store.standingDrafts() : [];
    const cases = await this.cases.unended(caller);
    const caseKind = (chosen: (one: (typeof cases.found)[number]) => boolean) =>
      cases.found.filter(chosen).map(({ id, purpose, due }) => ({ id, about: purpose, due }));
    const kinds = [
      ...this.ofDrafts(caller, drafts),
      ...(cases.mayApprove ? [['cases_to_approve', caseKind(({ toApprove }) => toApprove)] as const] : []),
      ...(cases.mayLook
        ? ([
            ['cases_to_read', caseKind(({ toRead }) => toRead)],
            ['cases_open', caseKind(({ isOpen }) => isOpen)],
          ] as const)
        : []),
      ...(isAllowed(caller, 'audit') ? [['verifications_failed', await this.failures()] as const] : []),
    ] as const;
    return {
      kinds: new Map(kinds.map(([kind, all]) => [kind, all.toSorted(soonestFirst)])),
      isWhole: cases.isWhole,
    };
  }

  private async failures(): Promise<readonly Waits[]> {
    const failed = await this.failed.all();
    return failed.map(({ of, because, at }) => ({ id: of, about: because, due: null, at }));
  }

  private ofDrafts(
    caller: Caller,
    drafts: readonly DraftSummary[],
  ): readonly (readonly [Kind, readonly Waits[]])[] {
    if (!isAllowed(caller, 'read')) return [];
    const shown = (chosen: (draft: DraftSummary) => boolean) =>
      drafts
        .filter(chosen)
        .map(({ id, message, schedule }) => ({ id, about: message, due: schedule?.at ?? null }));
    const inShadow = this.shadow.report()?.draft;
    const isOpen = ({ status }: DraftSummary) => status === 'open';
    return [
      ...(isAllowed(caller, 'approve')
        ? [['drafts_to_judge', shown((draft) => isOpen(draft) && mayJudge(caller, draft))] as const]
        : []),
      ...(isAllowed(caller, 'edit')
        ? [['drafts_own', shown((draft) => isOpen(draft) && isAuthor(caller, draft))] as const]
        : []),
      ['drafts_refused', shown((draft) => isOpen(draft) && draft.refusal !== null)],
      ['drafts_scheduled', shown(({ status }) => status === 'scheduled')],
      ['drafts_in_shadow', shown(({ id }) => id === inShadow)],
    ];
  }
}

function isAuthor({ id }: Caller, { authors }: DraftSummary): boolean {
  return authors.some((author) => isSamePerson(author, id));
}

function mayJudge(caller: Caller, draft: DraftSummary): boolean {
  return (
    isAllowed(caller, 'approve', isAuthor(caller, draft)) &&
    !draft.approvals.some(({ by }) => isSamePerson(by, caller.id)) &&
    standingDeclinesOf(caller.id, draft).length === 0
  );
}

function soonestFirst(one: Waits, other: Waits): number {
  return (one.due ?? Infinity) === (other.due ?? Infinity)
    ? 0
    : (one.due ?? Infinity) - (other.due ?? Infinity);
}
