/** The one list of domain error codes. "Denied" is not among them: a deny is a decision, and a value. */

/** The kind of failure; `http/problem.ts` maps it to a status. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'wrong_method'
  | 'conflict'
  | 'stale'
  | 'unconditional'
  | 'too_large'
  | 'too_many'
  | 'full'
  | 'headers_too_large'
  | 'timeout'
  | 'unavailable'
  | 'internal';

export const ERRORS = {
  invalid_request: { kind: 'invalid', title: 'the request is not well-formed' },
  change_lost: { kind: 'invalid', title: 'the log no longer has the change that the token names' },
  not_authenticated: { kind: 'unauthenticated', title: 'a valid bearer token is needed' },
  purpose_not_allowed: { kind: 'forbidden', title: 'the client may not ask for this purpose' },
  sign_in_failed: { kind: 'invalid', title: 'nobody was signed in' },
  not_own_page: { kind: 'forbidden', title: 'a session is for pages of this service alone' },
  caller_not_allowed: { kind: 'forbidden', title: 'the credentials do not allow this' },
  route_not_found: { kind: 'not_found', title: 'there is nothing at this address' },
  method_not_allowed: { kind: 'wrong_method', title: 'the address does not take this method' },
  purpose_not_found: { kind: 'not_found', title: 'the policy names no such purpose' },
  field_not_found: { kind: 'not_found', title: 'the policy names no such field' },
  visibility_not_found: { kind: 'not_found', title: 'the policy names no such visibility group' },
  policy_not_found: { kind: 'not_found', title: 'there is no such policy version' },
  draft_not_found: { kind: 'not_found', title: 'there is no such draft' },
  notice_not_found: { kind: 'not_found', title: 'the purpose never had such a notice' },
  receipt_not_found: { kind: 'not_found', title: 'there is no such receipt' },
  import_not_found: { kind: 'not_found', title: 'there is no such import' },
  case_not_found: { kind: 'not_found', title: 'there is no such case' },
  use_not_found: { kind: 'not_found', title: 'nothing was used on that day under those terms' },
  extract_not_found: { kind: 'not_found', title: 'there is no such extract of this caller' },
  attribute_not_found: { kind: 'not_found', title: 'there is no such attribute' },
  cache_not_found: { kind: 'not_found', title: 'there is no such cache of this caller' },
  shadow_not_found: { kind: 'not_found', title: 'this draft decides nothing now' },
  too_many_attributes: { kind: 'conflict', title: 'there is no room for another attribute' },
  too_many_drafts: { kind: 'conflict', title: 'there is no room for another draft' },
  draft_edit_not_named: {
    kind: 'unconditional',
    title: 'the request must name the edit of the draft that it is about',
  },
  draft_edited: { kind: 'stale', title: 'the draft has been edited since' },
  draft_ended: { kind: 'conflict', title: 'the draft takes no more edits' },
  draft_outdated: { kind: 'conflict', title: 'another version has come into force since' },
  draft_not_sound: { kind: 'conflict', title: 'the draft does not compile' },
  floor_crossed: { kind: 'conflict', title: 'the draft opens what the floor keeps closed' },
  draft_declined: { kind: 'conflict', title: 'somebody who may approve the draft declined it' },
  approvals_missing: { kind: 'conflict', title: 'the draft needs the approval of others' },
  floor_waits: { kind: 'conflict', title: 'a change of the floor must wait' },
  notice_not_named: { kind: 'conflict', title: 'the terms of an opt-in change, and no notice is named' },
  notice_not_raised: {
    kind: 'conflict',
    title: 'users were shown other terms under the number of the notice',
  },
  nothing_to_publish: { kind: 'conflict', title: 'the draft is the version in force' },
  grant_not_offered: { kind: 'conflict', title: 'no grant is given for private messages' },
  grant_not_bound: { kind: 'invalid', title: 'the request proves no key to bind the grant to' },
  case_not_offered: { kind: 'conflict', title: 'the policy in force takes no cases for this purpose' },
  case_state_not_named: {
    kind: 'unconditional',
    title: 'the request must name the state of the case that it is about',
  },
  case_changed: { kind: 'stale', title: 'something has happened to the case since' },
  case_ended: { kind: 'conflict', title: 'the case is closed or has expired' },
  case_full: { kind: 'conflict', title: 'the case takes no more events' },
  case_waits: { kind: 'conflict', title: 'the case waits for an approval' },
  nothing_to_approve: { kind: 'conflict', title: 'nothing of the case waits for an approval' },
  answer_not_found: { kind: 'not_found', title: 'there is no such answer to this client' },
  obligation_not_owed: { kind: 'conflict', title: 'the answer does not oblige to this' },
  budget_not_offered: { kind: 'conflict', title: 'the policy in force gives no such privacy budget' },
  budget_exhausted: { kind: 'conflict', title: 'the privacy budget does not allow the figure' },
  figure_changed: { kind: 'conflict', title: 'the figure was paid for with another answer, or with less' },
  extract_closed: { kind: 'conflict', title: 'the extract is closed' },
  extract_full: { kind: 'conflict', title: 'the extract keeps no more statements' },
  record_forgotten: { kind: 'conflict', title: 'the log no longer says what the decision rested on' },
  settings_changed: { kind: 'stale', title: 'the settings of the user have changed since' },
  choice_not_offered: { kind: 'conflict', title: 'the law the user lives under leaves no such choice' },
  user_erased: { kind: 'conflict', title: 'the user was erased' },
  too_many_choices: { kind: 'conflict', title: 'the record of the user keeps no more choices' },
  notice_needed: { kind: 'conflict', title: 'the grant does not name the notice that the user was shown' },
  notice_not_current: { kind: 'conflict', title: 'the user was shown another notice than the present one' },
  opt_out_in_progress: {
    kind: 'conflict',
    title: 'an opt-out of the same purpose is being saved, and it holds',
  },
  signal_stands: { kind: 'conflict', title: 'a signal of the user stands against this grant' },
  nothing_recorded: { kind: 'conflict', title: 'decisions are not recorded here' },
  tcf_not_configured: { kind: 'conflict', title: 'TC strings are not configured here' },
  import_elsewhere: { kind: 'conflict', title: 'the import stands at another line' },
  headers_too_large: { kind: 'headers_too_large', title: 'the headers are larger than the limit' },
  request_timeout: { kind: 'timeout', title: 'the request did not arrive in time' },
  body_too_large: { kind: 'too_large', title: 'the body is larger than the limit' },
  too_many_proofs: { kind: 'too_many', title: 'the key has proved too many requests at once' },
  too_many_requests: { kind: 'too_many', title: 'the client has asked for more than it may' },
  cache_refused: { kind: 'too_many', title: 'no cache of this client can be attached now' },
  too_many_users: { kind: 'full', title: 'there is no room for another user' },
  not_confirmed: { kind: 'unavailable', title: 'the change could not be confirmed' },
  consent_unavailable: { kind: 'unavailable', title: 'the consent state cannot be read now' },
  record_unavailable: { kind: 'unavailable', title: 'decisions cannot be recorded now' },
  storage_unavailable: { kind: 'unavailable', title: 'the database does not answer now' },
  identity_unavailable: { kind: 'unavailable', title: 'the identity provider cannot be reached' },
  answers_waiting: { kind: 'unavailable', title: 'too many large answers wait to be read' },
  overloaded: { kind: 'unavailable', title: 'there is more to do than can be done' },
  internal_error: { kind: 'internal', title: 'something went wrong here' },
} as const satisfies Record<string, { kind: ErrorKind; title: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** A failure that a caller can be told about. */
export class DomainError extends Error {
  /**
   * @param code one of {@link ERRORS}
   * @param detail what happened and what to do next, lower case, user input in backticks, no personal data
   * @param member JSON Pointer (RFC 6901) to the member of the request at fault
   */
  constructor(
    readonly code: ErrorCode,
    detail: string,
    readonly member?: string,
    options?: ErrorOptions,
  ) {
    super(detail, options);
    this.name = 'DomainError';
  }
}

/** The database holds what only a newer build understands: skipping it could lose an opt-out. */
export class NewerBuild extends Error {
  /** @param what the data, and its place */
  constructor(what: string, options?: ErrorOptions) {
    super(
      `${what} that this build does not know: a newer build writes to this database; start that build`,
      options,
    );
    this.name = 'NewerBuild';
  }
}

/** The database failed, and may succeed at a retry. */
export class StorageUnavailable extends Error {
  /** @param isPassing whether it may answer in a moment: it did not in time, or the connection broke */
  constructor(
    message: string,
    readonly isPassing = false,
  ) {
    super(message);
    this.name = 'StorageUnavailable';
  }
}
