/**
 * The closed set of reason codes, each with the sentence that explains it.
 *
 * The order is the order of precedence: the first code whose line fails is the answer (docs/meaning.md gives the
 * meaning of each line). `permitted` comes last: nothing failed.
 */
export const REASONS = {
  unknown_purpose: 'the policy names no such purpose',
  unknown_action: 'the only action is `read`',
  unknown_field: 'the policy names no such field',
  field_unclassified: 'the field has no category yet, so nobody may read it',
  purpose_not_allowed_for_client: 'the client may not ask for the purpose',
  floor: 'the purpose is outside the floor of the category of the field, which no policy version may open',
  field_prohibited: 'the field is closed to the purpose by its `never` or `only`',
  category_not_allowed: 'the purpose does not read the category of the field',
  provenance_not_allowed: 'the purpose does not read data of the provenance of the field',
  consent_unavailable: 'the consent state cannot be read or proved fresh',
  unknown_user: 'the user was never registered, so only purposes that are always on may read',
  regime_never: 'the purpose, or one it depends on, is closed in the regime of the user',
  needs_opt_in: 'the user has not granted the purpose, or one it depends on',
  opted_out: 'the user denied the purpose, or one it depends on',
  signal_opted_out: 'a signal of the user closes the purpose, or one it depends on',
  age: 'the purpose is closed for minors, and the user is one or is not known to be an adult',
  notice_outdated: 'the user granted the purpose on terms that have changed since',
  needs_automated_actor: 'only an automated process may read for the purpose',
  needs_case: 'the purpose needs an open case',
  case_expired: 'the case has expired',
  case_scope: 'the case does not cover this reader or this data',
  needs_legal_reference: 'the purpose needs a legal reference',
  not_own_data: 'the purpose reads only for the person the data is about',
  permitted: 'nothing stands against it',
} as const;

export type Reason = keyof typeof REASONS;

/** A reason for a no. */
export type DenyReason = Exclude<Reason, 'permitted'>;

/** Whether the text is a reason code. */
export function isReason(text: string): text is Reason {
  return Object.hasOwn(REASONS, text);
}

/** An answer: permit or deny, why, and on what terms. */
export type Decision = {
  readonly permit: boolean;
  readonly reason: Reason;
  /** What the caller must do with what it reads. Empty on a deny. */
  readonly obligations: readonly string[];
};
