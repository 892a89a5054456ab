/** Versions, drafts and what was found of them, as they go over the wire. */
import type { Tokens } from '../consent/log/consistency-token.js';
import type { FloorProof } from '../decision/comparison/floor.js';
import type { Impact } from '../decision/comparison/impact.js';
import { sentenceOfFloorStep, sentenceOfViolation } from '../decision/comparison/sentences.js';
import type { Approval, Draft, DraftSummary, Publication, VersionSummary } from '../policy/policy.store.js';
import { type PolicyError, checkPolicyValueSteps } from '../policy/text/policy-text.js';
import { timeText } from '../time.js';
import { inSlices } from '../work/slices.js';
import { differenceView, recordView } from './difference.view.js';
import { countingApprovals, readyAt } from './review/requirements.js';
import type { Check, Review } from './review/review.js';

export function versionView({ id, authors, message, parent, at }: VersionSummary) {
  return { id, authors, message, parent, created_at: timeText(at) };
}

export function publicationView({ sequence, version, after, by, at, draft, approvals }: Publication) {
  return {
    sequence,
    version,
    after_revision: after,
    by,
    at: timeText(at),
    draft,
    approvals: approvals.map(approvalView),
  };
}

export function draftSummaryView(draft: DraftSummary) {
  const { id, edit, base, content, message, authors, status, schedule, refusal } = draft;
  return {
    id,
    edit,
    base,
    content,
    message,
    authors,
    status,
    publish_at: schedule === null ? null : timeText(schedule.at),
    refusal,
    created_at: timeText(draft.createdAt),
    changed_at: timeText(draft.changedAt),
    approvals: draft.approvals.map(approvalView),
  };
}

/** A draft, whole, and whether it is sound: who has just edited it need not ask for that. */
export async function draftView(draft: Draft) {
  const checked = await inSlices(checkPolicyValueSteps(draft.document));
  return {
    ...draftSummaryView(draft),
    ...soundnessView(checked.ok ? [] : checked.errors),
    document: draft.document,
  };
}

function soundnessView(errors: readonly PolicyError[]) {
  return {
    compiles: errors.length === 0,
    errors: errors.map(({ path, message }) => ({ path, message })),
  };
}

function approvalView({ by, roles, at }: Approval) {
  return { by, roles, at: timeText(at) };
}

export function checkView(draft: Draft, { errors, review, floor, lints }: Check) {
  const head = {
    draft: draft.id,
    edit: draft.edit,
    content: draft.content,
    ...soundnessView(errors),
  };
  if (review === undefined || floor === undefined) return head;
  return {
    ...head,
    floor: {
      holds: floor.own.holds && floor.base.holds,
      own: proofView(floor.own),
      of_base: proofView(floor.base),
      changes: [
        ...review.floorChange.lowered.map((step) => sentenceOfFloorStep(step, 'lowered')),
        ...review.floorChange.raised.map((step) => sentenceOfFloorStep(step, 'raised')),
      ],
    },
    lints: lints.map(({ code, path, message }) => ({ code, path, message })),
    difference: differenceView(review.difference),
    requirements: requirementsView(draft, review),
  };
}

function proofView({ holds, cells, violations }: FloorProof) {
  return {
    holds,
    cells_examined: cells,
    violations: violations.map((violation) => ({
      says: sentenceOfViolation(violation),
      purpose: violation.purpose,
      category: violation.category,
      fields: violation.fields,
      counterexample: {
        field: violation.counterexample.field,
        regime: violation.counterexample.regime,
        user: recordView(violation.counterexample.record),
        facts: violation.counterexample.facts,
      },
    })),
  };
}

export function impactView(
  { users, revision, changes, concerned, opened, closed, byPurpose }: Impact,
  tokens: Tokens,
) {
  return {
    users,
    revision: tokens.of(revision),
    /** Changes that arrived while it was counted. */
    changes,
    concerned,
    opened: turnedView(opened),
    closed: turnedView(closed),
    by_purpose: byPurpose.map((entry) => ({
      purpose: entry.purpose,
      regime_before: entry.regimeBefore,
      regime_after: entry.regimeAfter,
      opened: turnedView(entry.opened),
      closed: turnedView(entry.closed),
      samples: entry.samples,
    })),
  };
}

function turnedView({ users, userFields }: Impact['opened']) {
  return { users, user_fields: userFields };
}

function requirementsView(draft: Draft, { requirements, toRaise }: Review) {
  const { approvers, role, notices } = requirements;
  const ready = readyAt(requirements, draft);
  return {
    approvals_needed: approvers,
    approvals_given: countingApprovals(requirements, draft).length,
    role,
    notices_to_name: notices,
    notices_to_raise: toRaise.map(({ purpose, atLeast }) => ({ purpose, at_least: atLeast })),
    /** Absent while approvals are missing. */
    ...(ready === undefined || ready === 0 ? {} : { ready_at: timeText(ready) }),
  };
}
