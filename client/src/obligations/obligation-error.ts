/** Why an obligation could not be kept. No message holds a value of the data, and no error a cause: both end in logs. */

export const OBLIGATION_ERRORS = {
  bad_input: 'what was passed in is not usable',
  unknown_obligation: 'this library does not know the obligation: treat the permit as a deny',
  weak_secret: 'the secret is too short',
  undeclared_column: 'the data has a column that nobody classified',
  too_much_work: 'the search would take too long',
  not_k_anonymous: 'no generalisation makes the data anonymous enough',
  several_cells: 'a person is in more than one cell',
  undeclared_value: 'the data has a value that the table does not list',
  cohort_too_small: 'the group is too small',
  budget_exhausted: 'the privacy budget does not allow another figure',
  budget_not_offered: 'there is no such privacy budget',
  changed_data: 'the data is not what its snapshot was',
  budget_unavailable: 'the privacy budget could not be asked',
  not_a_participant: 'the viewer is not one of the participants',
  not_for_output: 'the data is for its participants alone',
  no_verdict: 'there is no verdict',
  not_logged: 'the disclosure could not be recorded',
  clock: 'the clock cannot be right',
} as const;

export type ObligationErrorCode = keyof typeof OBLIGATION_ERRORS;

/** An obligation could not be kept: what it guards must not be used. */
export class ObligationError extends Error {
  override readonly name = 'ObligationError';

  /** @param detail what is wrong, and what to do next */
  constructor(
    readonly code: ObligationErrorCode,
    detail: string,
  ) {
    super(detail);
  }
}

/** @throws ObligationError with the code */
export function refuse(code: ObligationErrorCode, detail: string): never {
  throw new ObligationError(code, detail);
}
