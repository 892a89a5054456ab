/** Cases on the wire. */
import { READERS } from '../access/case-permissions.js';
import { TEXT, TIME, listOf, named, objectOf, orNull, said, wordOf } from '../http/contract/shapes.js';
import { NEXT } from '../http/pages.js';
import { timeText } from '../time.js';
import { STATUSES } from './case.js';
import type { Standing } from './cases.js';
import type { CaseEvent } from './cases.store.js';

const KINDS = ['opened', 'approved', 'closed', 'extended', 'extension_approved', 'reassigned'];
const ACTOR = objectOf({ kind: wordOf(['service', 'admin']), id: TEXT });
const READER = named('CaseReader', objectOf({ issuer: TEXT, id: TEXT }));

const SUMMARY = {
  id: TEXT,
  purpose: wordOf(Object.keys(READERS)),
  status: said('`waiting`: for the approval of a second person', wordOf(STATUSES)),
  user: TEXT,
  report: said('where the report is kept; null: an investigation', orNull(TEXT)),
  fields: said('the fields that may be read; null: any that the purpose reads', orNull(listOf(TEXT))),
  reviewers: listOf(READER),
  opened_at: TIME,
  expires_at: TIME,
  disclose_after: said(
    'when the user may be told of it, though not before it has ended; null: once it has',
    orNull(TIME),
  ),
  extension: said(
    'one that waits for the approval of a second person',
    orNull(objectOf({ expires_at: TIME, by: ACTOR })),
  ),
};

export const CASES = objectOf({ cases: listOf(named('CaseSummary', objectOf(SUMMARY))) }, NEXT);

export const CASE = named(
  'Case',
  objectOf({
    ...SUMMARY,
    items: said('what may be read; null: any item', orNull(listOf(TEXT))),
    events: listOf(
      named(
        'CaseEvent',
        objectOf(
          { kind: wordOf(KINDS), at: TIME, by: ACTOR, reason: TEXT },
          { expires_at: TIME, reviewers: listOf(READER) },
        ),
      ),
    ),
  }),
);

export function caseSummaryView({ found, status }: Standing) {
  const { id, scope, opened, extension } = found;
  const { purpose, user, report, fields, reviewers, expiresAt, discloseAfter } = scope;
  return {
    id,
    purpose,
    status,
    user,
    report,
    fields,
    reviewers,
    opened_at: timeText(opened.at),
    expires_at: timeText(expiresAt),
    disclose_after: discloseAfter === null ? null : timeText(discloseAfter),
    extension:
      extension === undefined ? null : { expires_at: timeText(extension.expiresAt), by: extension.by },
  };
}

export function caseView(standing: Standing) {
  const { scope, events } = standing.found;
  return { ...caseSummaryView(standing), items: scope.items, events: events.map(eventView) };
}

function eventView(event: CaseEvent) {
  const { kind, at, by, reason } = event;
  const same = { kind, at: timeText(at), by, reason };
  switch (event.kind) {
    case 'opened':
      return {
        ...same,
        expires_at: timeText(event.scope.expiresAt),
        reviewers: event.scope.reviewers,
      };
    case 'extended':
      return { ...same, expires_at: timeText(event.expiresAt) };
    case 'reassigned':
      return { ...same, reviewers: event.reviewers };
    case 'approved':
    case 'closed':
    case 'extension_approved':
      return same;
  }
}
