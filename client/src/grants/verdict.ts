/** What the owner of the data is told about a request that brings a grant. */
import { shown } from '../terms/words.js';

/** The closed set of reasons why a request is not to be answered. */
export const GRANT_REASONS = {
  no_grant: 'the request brings no grant, or no proof of its key',
  malformed_grant: 'what came is no grant',
  unknown_key:
    'the key that signed the grant is not among those of the service, as far as they are known now',
  not_signed: 'the signature of the grant does not hold',
  other_issuer: 'the grant is of another service',
  other_audience: 'the grant is for another owner',
  expired: 'the grant has expired, or is not valid yet',
  bad_proof: 'the proof does not show that the caller has the key of the grant',
  replayed: 'the proof was used before, or there is no room to remember more',
  withdrawn: 'something has changed since the grant was given: ask for another',
  changes_unheard: 'the changes of the service are not heard now, so that nobody knows what was withdrawn',
  other_purpose: 'the grant is for another purpose',
  not_granted: 'the grant does not permit this',
  unknown_obligation: 'the grant comes with an obligation that the owner does not leave to its callers',
} as const satisfies Readonly<Record<string, string>>;

export type GrantReason = keyof typeof GRANT_REASONS;

/** Nothing may be handed out. */
export type NotGranted = {
  readonly permitted: false;
  readonly reason: GrantReason;
  /** The reason in words, without anybody's data. */
  readonly message: string;
};

/** What was asked may be handed out to this caller, once. */
export type IsGranted = {
  readonly permitted: true;
  /** Who asked. */
  readonly client: string;
  readonly purpose: string;
  /** What the caller must do with what it gets. */
  readonly obligations: readonly string[];
  readonly policy: string;
  readonly revision: string;
};

export type Verdict = IsGranted | NotGranted;

export function not(reason: GrantReason, more?: string): NotGranted {
  const message = more === undefined ? GRANT_REASONS[reason] : `${GRANT_REASONS[reason]}: ${shown(more)}`;
  return Object.freeze({ permitted: false, reason, message });
}
