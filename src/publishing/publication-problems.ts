import type { ErrorCode } from '../errors.js';

/** What can keep a draft from being published. */
export const PUBLICATION_PROBLEMS: readonly ErrorCode[] = [
  'draft_ended',
  'draft_outdated',
  'draft_not_sound',
  'floor_crossed',
  'approvals_missing',
  'floor_waits',
  'notice_not_named',
  'notice_not_raised',
  'nothing_to_publish',
  'not_confirmed',
];
