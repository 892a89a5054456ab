import { CLIENT_REASONS, type ClientReason } from './reasons.js';
import { shown } from './words.js';

export type FailureDetails = {
  /** What happened and what to do; absent: what the reason says. */
  readonly message?: string | undefined;
  /** Code of the problem document (docs/api.md, "Errors"). */
  readonly code?: string | undefined;
  /** Milliseconds that the service asks to wait. */
  readonly retryAfter?: number | undefined;
  /** Whether the same request may be answered otherwise at once, such as with another token. */
  readonly isWorthAnother?: boolean | undefined;
};

/** Why a request has no answer that the client may rest on. It becomes a denial; of a report it is what the caller catches. */
export class Failure extends Error {
  readonly code: string | undefined;
  readonly retryAfter: number;
  readonly isWorthAnother: boolean;

  constructor(
    readonly reason: ClientReason,
    { message, code, retryAfter = 0, isWorthAnother = false }: FailureDetails = {},
  ) {
    super(message === undefined ? CLIENT_REASONS[reason] : `${CLIENT_REASONS[reason]}: ${shown(message)}`);
    this.name = 'Failure';
    this.code = code;
    this.retryAfter = retryAfter;
    this.isWorthAnother = isWorthAnother;
  }

  /** Whether the same request may be answered otherwise a moment later. A decision changes nothing, so it may be asked twice. */
  get passes(): boolean {
    return this.reason === 'unreachable' || this.reason === 'unavailable';
  }
}

/** What a transport rejected with, as a failure. What one of another make threw may quote anything, so it is not repeated. */
export function failureOf(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('unavailable', { message: 'the transport failed' });
}

/** What came is no answer. @param message what is wrong with it */
export function malformed(message: string): Failure {
  return new Failure('malformed_answer', { message });
}
