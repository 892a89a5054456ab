/** What a question is answered with. */
import type { Failure } from './failure.js';
import { type DenyReason, type ServiceReason, meaningOf } from './reasons.js';

/** The field may be read, on these terms. */
export type Permit = {
  readonly permitted: true;
  readonly reason: 'permitted';
  /** What the caller must do with what it reads. All of them are among those that it declared to discharge. */
  readonly obligations: readonly string[];
  /** The policy version that the decision rests on. */
  readonly policy: string;
  /** The revision that the decision rests on, as a consistency token. */
  readonly revision: string;
  /** Names the answer in a report; absent: it obliges to nothing, or the client does not report. */
  readonly dischargeToken?: string;
};

/** The field may not be read. */
export type Denial = {
  readonly permitted: false;
  readonly reason: DenyReason;
  /** The reason in words. */
  readonly message: string;
  /** Of a derived field: the field it is made of that is closed. */
  readonly derivedSource?: string;
  /** Code of the service's refusal (docs/api.md, "Errors"). */
  readonly code?: string;
  /** As of a permit; absent: there was no decision. */
  readonly policy?: string;
  readonly revision?: string;
};

export type Answer = Permit | Denial;

/** What a decision rests on. */
export type Basis = { readonly policy: string; readonly revision: string };

/** A no of the service. */
export function denied(reason: ServiceReason, basis: Basis, derivedSource?: string): Denial {
  return Object.freeze<Denial>({
    permitted: false,
    reason,
    message: meaningOf(reason),
    ...(derivedSource === undefined ? {} : { derivedSource }),
    ...basis,
  });
}

/** The no that a failure is. @param basis of a permit that is none for this caller */
export function denialOf({ reason, message, code }: Failure, basis?: Basis): Denial {
  return Object.freeze<Denial>({
    // first, so that nothing in it makes a permit of it
    ...basis,
    permitted: false,
    reason,
    message,
    ...(code === undefined ? {} : { code }),
  });
}
