/** How a refused request can be authenticated: `WWW-Authenticate` (RFC 9110, section 11.6.1). */
import type { DomainError } from '../../errors.js';
import { ScopeMissing } from '../scope-missing.js';
import { BEARER, DPOP, tokenOf } from './authorization-header.js';
import { PROOF_ALGORITHMS, ProofRefused } from './dpop.js';

/** Maximum characters of a description. */
const MAX_DESCRIPTION = 300;

/**
 * The challenge that goes with a refusal (RFC 6750, section 3; RFC 9449, section 7.1), if one does. It names an error
 * only if a token was sent.
 */
export function challengeFor(error: DomainError, authorization?: string): string | undefined {
  if (error instanceof ScopeMissing) {
    const { scope } = error;
    return scope === undefined
      ? undefined
      : `Bearer realm="assent", error="insufficient_scope", scope="${printable(scope)}"`;
  }
  if (error.code !== 'not_authenticated') return undefined;
  const bearer = tokenOf(authorization, BEARER) === '' ? '' : `, ${faultOf(error)}`;
  const dpop = tokenOf(authorization, DPOP) === '' ? '' : `${faultOf(error)}, `;
  return `Bearer realm="assent"${bearer}, DPoP ${dpop}algs="${PROOF_ALGORITHMS.join(' ')}"`;
}

function faultOf(error: DomainError): string {
  // errors of a proof name the address, and so a user, which must not be in a header
  return error instanceof ProofRefused
    ? 'error="invalid_dpop_proof", error_description="the proof does not hold: the body says why"'
    : `error="invalid_token", error_description="${printable(error.message).slice(0, MAX_DESCRIPTION)}"`;
}

/** The text, limited to the characters that such a value may have (RFC 6750, section 3). */
function printable(text: string): string {
  return text.replaceAll('"', "'").replaceAll(/[^\x20-\x5b\x5d-\x7e]/g, '?');
}
