import type {
  Approval,
  Decline,
  Draft,
  DraftSummary,
  Publication,
  Schedule,
  StoredVersion,
  VersionSummary,
} from '../../policy/policy.store.js';

/*
 * Parses rows of the policy tables. Everything is checked: a table may have been written by another build or by hand.
 */

type SummaryRow = {
  readonly id: string;
  readonly authors: string;
  readonly message: string;
  readonly parent: string | null;
  readonly at: bigint;
};

export function readVersionSummary({ id, authors, message, parent, at }: SummaryRow): VersionSummary {
  return { id, authors: textsIn(authors, 'authors'), message, parent, at: Number(at) };
}

export function readVersion(row: SummaryRow & { readonly document: string }): StoredVersion {
  return { ...readVersionSummary(row), document: jsonIn(row.document, 'document') };
}

type PublicationRow = {
  readonly sequence: number;
  readonly versionId: string;
  readonly afterRevision: bigint;
  readonly by: string;
  readonly at: bigint;
  readonly draft: string | null;
  readonly approvals: string;
};

export function readPublication(row: PublicationRow): Publication {
  const { sequence, versionId, afterRevision, by, at, draft, approvals } = row;
  return {
    sequence,
    version: versionId,
    after: Number(afterRevision),
    by,
    at: Number(at),
    draft,
    approvals: listIn(approvals, 'approvals').map((approval) => ({
      by: textAt(approval, 'by'),
      roles: listAt(approval, 'roles').map(textOf),
      at: numberAt(approval, 'at'),
    })),
  };
}

type ApprovalRow = {
  readonly edit: number;
  readonly by: string;
  readonly roles: string;
  readonly at: bigint;
};

export type DeclineRow = {
  readonly draftId: string;
  readonly number: number;
  readonly edit: number;
  readonly content: string;
  readonly base: string;
  readonly by: string;
  readonly roles: string;
  readonly remark: string;
  readonly at: bigint;
  readonly liftedAt: bigint | null;
  /** Its draft as it is now. */
  readonly draft: { readonly base: string; readonly content: string };
};

type DraftSummaryRow = {
  readonly id: string;
  readonly edit: number;
  readonly base: string;
  readonly content: string;
  readonly message: string;
  readonly authors: string;
  readonly status: string;
  readonly schedule: string | null;
  readonly refusal: string | null;
  readonly createdAt: bigint;
  readonly changedAt: bigint;
  /** Of any edit of the draft; those of the current one count. */
  readonly approvals: readonly ApprovalRow[];
  readonly declined: readonly DeclineRow[];
};

const STATUSES = [
  'open',
  'scheduled',
  'published',
  'discarded',
] as const satisfies readonly Draft['status'][];

export function readDraft(row: DraftSummaryRow & { readonly document: string }): Draft {
  return { ...readDraftSummary(row), document: jsonIn(row.document, 'document') };
}

export function readDraftSummary(row: DraftSummaryRow): DraftSummary {
  const { id, edit, base, content, message, refusal } = row;
  return {
    id,
    edit,
    base,
    content,
    message,
    refusal,
    authors: textsIn(row.authors, 'authors'),
    status: STATUSES.find((status) => status === row.status) ?? unreadable('status'),
    schedule: row.schedule === null ? null : readSchedule(jsonIn(row.schedule, 'schedule')),
    createdAt: Number(row.createdAt),
    changedAt: Number(row.changedAt),
    approvals: row.approvals.filter((approval) => approval.edit === row.edit).map(readApproval),
    declines: row.declined.map(readDecline),
  };
}

function readApproval({ by, roles, at }: ApprovalRow): Approval {
  return { by, roles: textsIn(roles, 'roles'), at: Number(at) };
}

function readDecline(row: DeclineRow): Decline {
  const { draftId, number, edit, content, base, by, roles, remark, at, liftedAt, draft } = row;
  return {
    draft: draftId,
    number,
    edit,
    content,
    bases: draft.content === content && draft.base !== base ? [base, draft.base] : [base],
    by,
    roles: textsIn(roles, 'roles'),
    remark,
    at: Number(at),
    liftedAt: liftedAt === null ? null : Number(liftedAt),
  };
}

function readSchedule(value: unknown): Schedule {
  const notices = memberOf(value, 'notices');
  if (typeof notices !== 'object' || notices === null) return unreadable('schedule');
  return {
    at: numberAt(value, 'at'),
    by: textAt(value, 'by'),
    notices: Object.fromEntries(Object.keys(notices).map((purpose) => [purpose, numberAt(notices, purpose)])),
  };
}

function jsonIn(text: string, column: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return unreadable(column);
  }
}

function listIn(text: string, column: string): unknown[] {
  const value = jsonIn(text, column);
  return Array.isArray(value) ? value : unreadable(column);
}

function textsIn(text: string, column: string): string[] {
  return listIn(text, column).map(textOf);
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return unreadable(name);
  const member: unknown = Reflect.get(value, name);
  return member;
}

function textAt(value: unknown, name: string): string {
  return textOf(memberOf(value, name));
}

function listAt(value: unknown, name: string): unknown[] {
  const list = memberOf(value, name);
  return Array.isArray(list) ? list : unreadable(name);
}

function numberAt(value: unknown, name: string): number {
  const number = memberOf(value, name);
  return typeof number === 'number' ? number : unreadable(name);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : unreadable('text');
}

function unreadable(column: string): never {
  throw new Error(
    `the policy tables hold an unreadable \`${column}\`; start the build that wrote it, or restore a backup`,
  );
}
