import type { ErrorCode } from '../errors.js';

/** What keeps a draft from being published until it is edited or rebased, whoever approves it. */
export const EDIT_PROBLEMS: readonly ErrorCode[] = [
  'draft_outdated',
  'draft_not_sound',
  'nothing_to_publish',
  'floor_crossed',
  'notice_not_raised',
];

/** What can keep a draft from being published. */
export const PUBLICATION_PROBLEMS: readonly ErrorCode[] = [
  ...EDIT_PROBLEMS,
  'draft_ended',
  'draft_declined',
  'approvals_missing',
  'floor_waits',
  'notice_not_named',
  'not_confirmed',
];
