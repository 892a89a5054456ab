/** What a case is, as its events made it, and what may become of it. Times are given in. */
import type { CaseStanding } from '../decision/rules/ability.js';
import { DAY_MS, HOUR_MS } from '../time.js';
import type { CaseActor, CaseEvent, CaseReader, CaseScope, StoredCase } from './cases.store.js';

/** The longest time that may lie between an opening, or an extension, and the expiry that it sets. */
export const LONGEST_MS = 72 * HOUR_MS;
/** The one purpose whose cases are about what somebody reported, and open without a second person. */
export const REPORTS = 'safety.report_review';
/** After so many events a case can only be closed. */
export const MOST_EVENTS = 200;
const MOST_SILENT_DAYS = 365;
/** So long at least the user can read what they are told, before the record forgets it. */
const DAYS_TO_READ = 7;

/**
 * The longest time until the user may be told, in milliseconds.
 *
 * @param recordDays how many days the record is kept; 0: for ever
 */
export function longestSilence(recordDays: number): number {
  const days = recordDays === 0 ? MOST_SILENT_DAYS : Math.min(MOST_SILENT_DAYS, recordDays - DAYS_TO_READ);
  return Math.max(LONGEST_MS, days * DAY_MS);
}

type Done = { readonly by: CaseActor; readonly at: number; readonly reason: string };

export type Case = {
  readonly id: string;
  /** As it is by now: with the readers of the last reassignment and the expiry of the last approved extension. */
  readonly scope: CaseScope;
  readonly opened: Done;
  readonly approved: Done | undefined;
  readonly closed: Done | undefined;
  /** An extension that was asked for and waits for its approval. */
  readonly extension: (Done & { readonly expiresAt: number }) | undefined;
  readonly events: readonly CaseEvent[];
};

/** @throws Error when its events do not follow from each other */
export function caseOf({ id, events }: StoredCase): Case {
  const [first, ...others] = events;
  if (first?.kind !== 'opened') throw new Error(`the first event of the case \`${id}\` does not open it`);
  const start: Case = {
    id,
    scope: first.scope,
    opened: first,
    approved: undefined,
    closed: undefined,
    extension: undefined,
    events,
  };
  return others.reduce(after, start);
}

function after(one: Case, event: CaseEvent): Case {
  switch (event.kind) {
    case 'opened':
      throw new Error(`the case \`${one.id}\` is opened twice`);
    case 'approved':
      return { ...one, approved: event };
    case 'closed':
      return { ...one, closed: event };
    case 'extended':
      return { ...one, extension: event };
    case 'extension_approved': {
      const { expiresAt } = one.extension ?? one.scope;
      return { ...one, scope: { ...one.scope, expiresAt }, extension: undefined };
    }
    case 'reassigned':
      return { ...one, scope: { ...one.scope, reviewers: event.reviewers } };
  }
}

/** Whether it still takes the approval of a second person. @param takesTwo whether the policy demands it */
export function needsApproval({ scope, approved }: Case, takesTwo: boolean): boolean {
  return approved === undefined && (takesTwo || scope.purpose !== REPORTS);
}

export const STATUSES = ['waiting', 'open', 'closed', 'expired'] as const;

export function statusOf(one: Case, takesTwo: boolean, now: number): (typeof STATUSES)[number] {
  if (one.closed !== undefined) return 'closed';
  if (hasExpired(one, now)) return 'expired';
  return needsApproval(one, takesTwo) ? 'waiting' : 'open';
}

/** Nothing happens to a case before its last event, whatever a clock says. */
function hasExpired({ scope, events }: Case, now: number): boolean {
  return now >= scope.expiresAt || events.some(({ at }) => at >= scope.expiresAt);
}

/** Whether the user may be told of it. */
export function mayBeTold(one: Case, now: number): boolean {
  const { discloseAfter } = one.scope;
  return (one.closed !== undefined || hasExpired(one, now)) && now >= (discloseAfter ?? now);
}

/** Admins who took part in it so that others may read, and so do not read under it themselves. */
export function doorkeepersOf({ scope, events }: Case): readonly string[] {
  return events
    .filter(({ by, kind }) => by.kind === 'admin' && (kind !== 'opened' || scope.purpose === REPORTS))
    .filter(({ kind }) => kind !== 'closed' && kind !== 'extended')
    .map(({ by }) => by.id);
}

/** What is asked for under a case. */
export type AskedUnder = {
  readonly purpose: string;
  /** Whether the policy demands a second person of the purpose of the case. */
  readonly takesTwo: boolean;
  /** Whether the policy opens to the purpose only what was reported. */
  readonly itemsOnly: boolean;
  readonly user: string | undefined;
  readonly field: string | undefined;
  readonly item: string | undefined;
  /** Who reads, once they proved who they are and have the role. */
  readonly reader: CaseReader | undefined;
};

/** What a case is worth for what is asked. The first fault in the order of the reasons is told (docs/meaning.md). */
export function standingOf(one: Case | undefined, asked: AskedUnder, now: number): CaseStanding {
  if (one === undefined) return 'out_of_scope';
  if (needsApproval(one, asked.takesTwo)) return 'not_approved';
  if (one.closed !== undefined) return 'closed';
  if (hasExpired(one, now)) return 'expired';
  if (!covers(one.scope, asked)) return 'out_of_scope';
  return asked.reader !== undefined && isAmong(one.scope.reviewers, asked.reader) ? 'valid' : 'other_reader';
}

function covers(scope: CaseScope, { purpose, itemsOnly, user, field, item }: AskedUnder): boolean {
  if (scope.purpose !== purpose || scope.user !== user) return false;
  if (field === undefined || scope.fields?.includes(field) === false) return false;
  if (scope.items === null) return !itemsOnly;
  return item !== undefined && scope.items.includes(item);
}

function isAmong(readers: readonly CaseReader[], { issuer, id }: CaseReader): boolean {
  return readers.some((one) => one.issuer === issuer && one.id === id);
}
