import type { ErrorCode } from '../errors.js';

/** Problems that only an edit or rebase can fix, not an approval. */
export const EDIT_PROBLEMS: readonly ErrorCode[] = [
  'draft_outdated',
  'draft_not_sound',
  'nothing_to_publish',
  'floor_crossed',
  'notice_not_raised',
];

/** Everything that can prevent the publication of a draft. */
export const PUBLICATION_PROBLEMS: readonly ErrorCode[] = [
  ...EDIT_PROBLEMS,
  'draft_ended',
  'draft_declined',
  'approvals_missing',
  'floor_waits',
  'notice_not_named',
  'not_confirmed',
];
