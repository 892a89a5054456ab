/** Why something may not be read: the reasons of the service, and those of the client itself. */
import { type DenyReason as ServiceReason, REASONS, isReason } from '../../../src/decision/reasons.js';

export type { ServiceReason };

/** The closed set of reasons that the client gives where it has no decision, or may not rest on one. */
export const CLIENT_REASONS = {
  invalid_question: 'the question cannot be asked as it is',
  unknown_obligation: 'the permit comes with an obligation that `discharges` does not list',
  timed_out: 'no whole answer came in time',
  unreachable: 'the connection could not be made, or broke before the answer was whole',
  unavailable: 'the service cannot answer now',
  malformed_answer: 'what came is not an answer of the service to this question',
  unauthorised: 'the service takes no token of this client, or none could be got',
  refused: 'the service refuses the request',
  expired: 'the grant has expired: ask for another',
  breaker_open: 'the last requests failed, so none is sent for a while',
  aborted: 'the caller gave up, or has closed the client',
} as const satisfies Readonly<Record<string, string>>;

export type ClientReason = keyof typeof CLIENT_REASONS;
export type DenyReason = ServiceReason | ClientReason;

/** The reason of the service for a no that a text is; `undefined`: it is none. */
export function serviceReasonOf(text: unknown): ServiceReason | undefined {
  return typeof text === 'string' && isReason(text) && text !== 'permitted' ? text : undefined;
}

/** The reason of the client that a text is; `undefined`: it is none. */
export function clientReasonOf(text: unknown): ClientReason | undefined {
  return isClientReason(text) ? text : undefined;
}

function isClientReason(text: unknown): text is ClientReason {
  return typeof text === 'string' && Object.hasOwn(CLIENT_REASONS, text);
}

export function meaningOf(reason: ServiceReason): string {
  return REASONS[reason].means;
}
