/** What all lives together have come through: a test that never gets there proves nothing. */
export const seen = new Map<string, number>();
export const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);

/** Refusals, reasons, and what happened. */
export const MUST_BE_SEEN = [
  'choice_not_offered',
  'invalid_request',
  'notice_needed',
  'notice_not_current',
  'opt_out_in_progress',
  'purpose_not_found',
  'signal_stands',
  'age',
  'needs_opt_in',
  'notice_outdated',
  'opted_out',
  'permitted',
  'regime_never',
  'signal_opted_out',
  'unknown_user',
  'erased',
  'user_erased',
  'left by a signal',
  'met',
  'lapsed',
  'renewed',
  'published',
  'restarted',
  'tcf',
  'taken back: granted',
  'taken back: denied',
  'left to a banner: granted',
  'left to a banner: denied',
  'signal taken back',
  'not granted again',
];
