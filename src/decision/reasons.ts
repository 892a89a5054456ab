/** The lines of docs/meaning.md; 0: before them. */
type Line = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/**
 * The closed set of reason codes, each with the line that gives it and the sentence that explains it.
 *
 * The order is the order of precedence: the first code whose line fails is the answer (docs/meaning.md gives the
 * meaning of each line). `permitted` comes last: nothing failed.
 */
export const REASONS = {
  record_unavailable: { line: 0, means: 'the decision cannot be recorded, so nothing is permitted' },
  unknown_purpose: { line: 1, means: 'the policy names no such purpose' },
  unknown_action: { line: 1, means: 'the only action is `read`' },
  unknown_field: { line: 1, means: 'the policy names no such field' },
  field_unclassified: { line: 1, means: 'the field has no category yet, so nobody may read it' },
  purpose_not_allowed_for_client: { line: 2, means: 'the client may not ask for the purpose' },
  floor: {
    line: 3,
    means: 'the purpose is outside the floor of the category of the field, which no policy version may open',
  },
  field_prohibited: { line: 4, means: 'the field is closed to the purpose by its `never` or `only`' },
  category_not_allowed: { line: 5, means: 'the purpose does not read the category of the field' },
  provenance_not_allowed: { line: 5, means: 'the purpose does not read data of the provenance of the field' },
  consent_unavailable: { line: 6, means: 'the consent state cannot be read or proved fresh' },
  unknown_user: {
    line: 6,
    means: 'the user was never registered, so only purposes that are always on may read',
  },
  regime_never: { line: 6, means: 'the purpose, or one it depends on, is closed in the regime of the user' },
  needs_opt_in: { line: 6, means: 'the user has not granted the purpose, or one it depends on' },
  opted_out: { line: 6, means: 'the user denied the purpose, or one it depends on' },
  signal_opted_out: { line: 6, means: 'a signal of the user closes the purpose, or one it depends on' },
  age: {
    line: 6,
    means: 'the purpose is closed for minors, and the user is one or is not known to be an adult',
  },
  notice_outdated: { line: 6, means: 'the user granted the purpose on terms that have changed since' },
  needs_automated_actor: { line: 7, means: 'only an automated process may read for the purpose' },
  needs_case: { line: 7, means: 'the purpose needs an open case' },
  case_not_approved: { line: 7, means: 'the case waits for the approval of a second person' },
  case_closed: { line: 7, means: 'the case was closed' },
  case_expired: { line: 7, means: 'the case has expired' },
  case_scope: { line: 7, means: 'the case does not cover this purpose, user, field or item' },
  case_reader: { line: 7, means: 'the reader is not one of the case, or did not prove who they are' },
  needs_legal_reference: { line: 7, means: 'the purpose needs a legal reference' },
  not_own_data: { line: 7, means: 'the purpose reads only for the person the data is about' },
  permitted: { line: 8, means: 'nothing stands against it' },
} as const satisfies Readonly<Record<string, { readonly line: Line; readonly means: string }>>;

export type Reason = keyof typeof REASONS;

/** A reason for a no. */
export type DenyReason = Exclude<Reason, 'permitted'>;

/** What a line depends on, besides the purpose and the field. */
const LOOKS_AT = {
  0: 'engine',
  1: 'policy',
  2: 'client',
  3: 'policy',
  4: 'policy',
  5: 'policy',
  6: 'user',
  7: 'request',
  8: 'nothing',
} as const satisfies Readonly<Record<Line, string>>;

/**
 * What a reason depends on, besides the purpose and the field: `policy` is independent of user and request, `engine`
 * of every question, `nothing` is the permit.
 */
export function looksAt(reason: Reason): (typeof LOOKS_AT)[Line] {
  return LOOKS_AT[REASONS[reason].line];
}

/** Whether the text is a reason code. */
export function isReason(text: string): text is Reason {
  return Object.hasOwn(REASONS, text);
}

/** An answer: permit or deny, why, and on what terms. */
export type Decision = {
  readonly permit: boolean;
  readonly reason: Reason;
  /** Which of the fields that the field is made of denies; absent: it does so itself, or it is another matter. */
  readonly source?: string;
  /** What the caller must do with what it reads. Empty on a deny. */
  readonly obligations: readonly string[];
};
