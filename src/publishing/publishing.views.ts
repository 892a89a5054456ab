/** Versions, drafts and reviews, as they go over the wire. */
import type { Tokens } from '../consent/log/consistency-token.js';
import type { FloorProof } from '../decision/comparison/floor.js';
import type { Impact } from '../decision/comparison/impact.js';
import { sentenceOfFloorStep, sentenceOfViolation } from '../decision/comparison/sentences.js';
import type {
  Approval,
  Decline,
  Draft,
  DraftSummary,
  Publication,
  VersionSummary,
} from '../policy/policy.store.js';
import { type PolicyError, checkPolicyValueSteps } from '../policy/text/policy-text.js';
import type { Path, Place } from '../policy/text/policy-yaml.js';
import {
  ANYTHING,
  TEXT,
  TIME,
  WHOLE,
  YES_OR_NO,
  either,
  listOf,
  mapOf,
  named,
  objectOf,
  orNull,
  said,
  wordOf,
} from '../http/contract/shapes.js';
import { CATEGORIES } from '../decision/policy.js';
import { REASONS } from '../decision/reasons.js';
import { LINTS } from '../decision/comparison/lint-codes.js';
import { pointerOf } from '../json.js';
import { timeText } from '../time.js';
import { inSlices } from '../work/slices.js';
import { DIFFERENCE, FACTS, RECORD, differenceView, recordView } from './difference.view.js';
import { NEXT } from '../http/pages.js';
import { numberOfDecliners, standingDeclines } from './review/declines.js';
import { countingApprovals, readyAt } from './review/requirements.js';
import { type Check, type Review, type Reviewer, noticesToName } from './review/review.js';

const VERSION_MEMBERS = {
  id: TEXT,
  authors: said('everybody who wrote on it', listOf(TEXT)),
  message: TEXT,
  parent: said('the version that it was made from; null for the first', orNull(TEXT)),
  created_at: TIME,
};
const VERSION = named('Version', objectOf(VERSION_MEMBERS));
/** A policy; docs/policy.md and policies/policy.schema.json say what is in it. */
const DOCUMENT = named('PolicyDocument', { type: 'object', additionalProperties: ANYTHING });
export const WHOLE_VERSION = named('WholeVersion', objectOf({ ...VERSION_MEMBERS, document: DOCUMENT }));
const APPROVALS = listOf(named('GivenApproval', objectOf({ by: TEXT, roles: listOf(TEXT), at: TIME })));
export const PUBLICATION = named(
  'PublishedVersion',
  objectOf({
    sequence: WHOLE,
    version: TEXT,
    after_revision: said('decisions on later revisions rest on it', WHOLE),
    by: TEXT,
    at: TIME,
    draft: said('null for the policy that the service first started on', orNull(TEXT)),
    approvals: APPROVALS,
  }),
);
export const VERSIONS = named('Versions', objectOf({ versions: listOf(VERSION) }, NEXT));
export const PUBLICATIONS = named('Publications', objectOf({ publications: listOf(PUBLICATION) }, NEXT));
export const POLICIES = named(
  'Policies',
  objectOf({ current: TEXT, versions: listOf(VERSION), publications: listOf(PUBLICATION) }),
);
/** A rule as CASL has it. */
const RULE = named(
  'Rule',
  objectOf(
    { action: said('the purpose', TEXT), subject: wordOf(CATEGORIES), reason: wordOf(Object.keys(REASONS)) },
    {
      fields: said('absent: all', listOf(TEXT)),
      conditions: mapOf(ANYTHING),
      inverted: said('it denies', YES_OR_NO),
      source: said('of derived fields: which of the fields that they are made of it is about', TEXT),
    },
  ),
);
export const RULES = named(
  'Rules',
  objectOf({ policy: TEXT, rules: said('by purpose', mapOf(listOf(RULE))) }),
);

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

const DRAFT_MEMBERS = {
  id: TEXT,
  edit: said('counts the edits from 1', WHOLE),
  base: said('the version that it is to follow', TEXT),
  content: said('the id of the version that it would be', TEXT),
  message: TEXT,
  authors: said('everybody who wrote on it; none of them may approve it', listOf(TEXT)),
  status: wordOf(['open', 'scheduled', 'published', 'discarded']),
  publish_at: orNull(TIME),
  refusal: said('why it was not published when its time came', orNull(TEXT)),
  created_at: TIME,
  changed_at: TIME,
  approvals: said('of the present edit', APPROVALS),
  declined: said('how many decline what it says now; while any does it is not published', WHOLE),
};
/** Only of a document that was sent as text. */
const PLACE = {
  line: said('of the text that was sent, from 1', WHOLE),
  column: said('from 1, in UTF-16 code units', WHOLE),
};
const SOUNDNESS = {
  compiles: YES_OR_NO,
  errors: listOf(
    named(
      'PolicyError',
      objectOf(
        {
          path: said('for people; empty: the whole', TEXT),
          pointer: said('the same as a JSON Pointer (RFC 6901) into the document', TEXT),
          message: TEXT,
        },
        PLACE,
      ),
    ),
  ),
};
export const DRAFTS = named(
  'Drafts',
  objectOf({ drafts: listOf(named('DraftSummary', objectOf(DRAFT_MEMBERS))) }, NEXT),
);
const DECLINES = listOf(
  named(
    'GivenDecline',
    objectOf({
      by: TEXT,
      roles: listOf(TEXT),
      at: TIME,
      draft: said('that it was given in: this one, or one that says the same', TEXT),
      edit: said('of that draft, which was read', WHOLE),
      content: said('what it said', TEXT),
      remark: TEXT,
      lifted_at: said(
        'when the one who declined withdrew it, approved the content, or declined it anew',
        orNull(TIME),
      ),
      stands: said(
        'it keeps this draft from being published: it is of what it says now, following the same version, and not lifted',
        YES_OR_NO,
      ),
    }),
  ),
);
/** A whole draft. Its document need not have the shape of a policy. */
export const DRAFT = named(
  'Draft',
  objectOf({
    ...DRAFT_MEMBERS,
    declines: said(
      'all that were given in it, the oldest first, then those of what it says that were given in others',
      DECLINES,
    ),
    ...SOUNDNESS,
    document: ANYTHING,
  }),
);
export const ROLLBACK = named('RolledBack', objectOf({ draft: DRAFT }, { publication: PUBLICATION }));

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
    declined: numberOfDecliners(draft),
  };
}

/** A whole draft, and whether it is sound, so that an editor need not ask. */
export async function draftView(draft: Draft) {
  const checked = await inSlices(checkPolicyValueSteps(draft.document));
  const standing = new Set(standingDeclines(draft));
  return {
    ...draftSummaryView(draft),
    declines: draft.declines.map((decline) => declineView(decline, standing.has(decline))),
    ...soundnessView(checked.ok ? [] : checked.errors),
    document: draft.document,
  };
}

function soundnessView(errors: readonly PolicyError[]) {
  return {
    compiles: errors.length === 0,
    errors: errors.map(({ path, steps = [], line, column, message }) => ({
      path,
      pointer: pointerOf(steps.map(String)),
      message,
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
    })),
  };
}

function approvalView({ by, roles, at }: Approval) {
  return { by, roles, at: timeText(at) };
}

function declineView({ by, roles, at, draft, edit, content, remark, liftedAt }: Decline, stands: boolean) {
  return {
    by,
    roles,
    at: timeText(at),
    draft,
    edit,
    content,
    remark,
    lifted_at: liftedAt === null ? null : timeText(liftedAt),
    stands,
  };
}

const PROOF = named(
  'FloorProof',
  objectOf({
    holds: YES_OR_NO,
    cells_examined: WHOLE,
    violations: listOf(
      objectOf({
        says: TEXT,
        purpose: TEXT,
        category: wordOf(CATEGORIES),
        fields: listOf(TEXT),
        counterexample: objectOf(
          { field: TEXT, regime: TEXT, user: RECORD, facts: FACTS },
          {
            chain: said(
              'from the field, through what it is made of or replaces, to what the floor protects',
              listOf(TEXT),
            ),
          },
        ),
      }),
    ),
  }),
);
/** What a document takes to be published. */
const REQUIREMENT_MEMBERS = {
  approvals_needed: WHOLE,
  role: said('the role that each approver must have; null: any that may approve', orNull(TEXT)),
  notices_to_name: listOf(TEXT),
  notices_to_raise: said(
    'what the draft must raise before anybody approves it',
    listOf(objectOf({ purpose: TEXT, at_least: WHOLE })),
  ),
  notices: said('what the publication must name, once nothing is to be raised', mapOf(WHOLE)),
};
const REQUIREMENTS = named(
  'Requirements',
  objectOf(
    {
      ...REQUIREMENT_MEMBERS,
      approvals_given: WHOLE,
      declined: said('how many decline it; none may', WHOLE),
    },
    { ready_at: said('absent while approvals are missing or somebody declines it', TIME) },
  ),
);
/** What is found in a document that compiles. */
const FINDINGS = {
  floor: named(
    'FloorFinding',
    objectOf({
      holds: YES_OR_NO,
      own: PROOF,
      of_base: PROOF,
      changes: said('one sentence each', listOf(TEXT)),
    }),
  ),
  lints: listOf(
    named(
      'Lint',
      objectOf(
        {
          code: wordOf(Object.keys(LINTS)),
          path: said('the steps to the place in the document', listOf(either(TEXT, WHOLE))),
          message: TEXT,
        },
        PLACE,
      ),
    ),
  ),
  difference: DIFFERENCE,
};
export const CHECK = named(
  'Check',
  objectOf(
    { draft: TEXT, edit: WHOLE, content: TEXT, ...SOUNDNESS },
    { ...FINDINGS, requirements: REQUIREMENTS },
  ),
);
export const DOCUMENT_CHECK = named(
  'DocumentCheck',
  objectOf(
    {
      base: said('the version that it was compared with', TEXT),
      content: said('the id of the version that it would be; null: the text is no YAML', orNull(TEXT)),
      ...SOUNDNESS,
    },
    {
      ...FINDINGS,
      requirements: named('DocumentRequirements', objectOf(REQUIREMENT_MEMBERS)),
    },
  ),
);

export function checkView(draft: Draft, check: Check) {
  const { id, edit, content } = draft;
  return {
    draft: id,
    edit,
    content,
    ...findingsView(check),
    ...(check.review === undefined ? {} : { requirements: draftRequirementsView(draft, check.review) }),
  };
}

/** A document that is no draft, and where in its text something stands. */
export type CheckedDocument = {
  readonly base: string;
  /** `undefined`: it could not be read. */
  readonly content?: string;
  readonly placeOf: (path: Path) => Place | undefined;
};

export function documentCheckView({ base, content, placeOf }: CheckedDocument, check: Check) {
  return {
    base,
    content: content ?? null,
    ...findingsView(check, placeOf),
    ...(check.review === undefined ? {} : { requirements: requirementsView(check.review) }),
  };
}

const NOWHERE = () => undefined;

function findingsView(
  { errors, review, floor, lints }: Check,
  placeOf: CheckedDocument['placeOf'] = NOWHERE,
) {
  const placed = errors.map((error) => ({ ...placeOf(error.steps ?? []), ...error }));
  const soundness = soundnessView(placed);
  if (review === undefined || floor === undefined) return soundness;
  return {
    ...soundness,
    floor: {
      holds: floor.own.holds && floor.base.holds,
      own: proofView(floor.own),
      of_base: proofView(floor.base),
      changes: [
        ...review.floorChange.lowered.map((step) => sentenceOfFloorStep(step, 'lowered')),
        ...review.floorChange.raised.map((step) => sentenceOfFloorStep(step, 'raised')),
      ],
    },
    lints: lints.map(({ code, path, message }) => ({ code, path, message, ...placeOf(path) })),
    difference: differenceView(review.difference),
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
        ...(violation.counterexample.chain === undefined ? {} : { chain: violation.counterexample.chain }),
      },
    })),
  };
}

const TURNED = named(
  'Turned',
  objectOf({ users: WHOLE, user_fields: said('pairs of a user and a field', WHOLE) }),
);
export const IMPACT = named(
  'Impact',
  objectOf({
    users: said('how many were looked at', WHOLE),
    revision: TEXT,
    changes: said('that arrived while it was counted', WHOLE),
    concerned: said('users of whom anything turns', WHOLE),
    opened: TURNED,
    closed: TURNED,
    lapsing: said(
      'grants that are older than the draft lets them be: they would lapse at once, and are not among those that turn',
      listOf(objectOf({ purpose: TEXT, regime: TEXT, grants: WHOLE })),
    ),
    by_purpose: listOf(
      objectOf({
        purpose: TEXT,
        regime_before: TEXT,
        regime_after: TEXT,
        opened: TURNED,
        closed: TURNED,
        samples: said('ids of users', objectOf({ opened: listOf(TEXT), closed: listOf(TEXT) })),
      }),
    ),
  }),
);

export function impactView(
  {
    users,
    revision,
    changes,
    concerned,
    opened,
    closed,
    lapsing,
    byPurpose,
  }: Awaited<ReturnType<Reviewer['impact']>>,
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
    lapsing,
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

function requirementsView(review: Review) {
  const { requirements, toRaise } = review;
  const { approvers, role, notices } = requirements;
  return {
    approvals_needed: approvers,
    role,
    notices_to_name: notices,
    notices_to_raise: toRaise.map(({ purpose, atLeast }) => ({ purpose, at_least: atLeast })),
    notices: Object.fromEntries(noticesToName(review)),
  };
}

function draftRequirementsView(draft: Draft, review: Review) {
  const { requirements } = review;
  const { approvals_needed, ...rest } = requirementsView(review);
  const declined = numberOfDecliners(draft);
  const ready = declined > 0 ? undefined : readyAt(requirements, draft);
  return {
    approvals_needed,
    approvals_given: countingApprovals(requirements, draft).length,
    declined,
    ...rest,
    /** Absent while approvals are missing or somebody declines it. */
    ...(ready === undefined || ready === 0 ? {} : { ready_at: timeText(ready) }),
  };
}
