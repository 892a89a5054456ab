import { hkdfSync } from 'node:crypto';
import { refuse } from './obligation-error.js';

const LEAST_SECRET_BYTES = 32;
const KEY_BYTES = 32;
const LONGEST_PURPOSE = 200;
const PURPOSE = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/;

/** What a key is for. The keys of two uses tell nothing about each other. */
export type KeyUse = 'pseudonym' | 'noise' | 'figure' | 'data';

/**
 * The key of a use and purpose: HKDF with SHA-256 (RFC 5869) without salt; the info is the JSON of the list
 * `["assent", use, purpose]`, which no other use and purpose have.
 *
 * @throws ObligationError `weak_secret` below 32 bytes; `bad_input` when the purpose is not spelled as in a policy
 */
export function keyFor(secret: Uint8Array, use: KeyUse, purpose: string): Uint8Array {
  if (!(secret instanceof Uint8Array) || secret.length < LEAST_SECRET_BYTES)
    refuse(
      'weak_secret',
      `the secret has fewer than ${LEAST_SECRET_BYTES} bytes: make one with a random generator`,
    );
  // a misspelt purpose would be another purpose, with codes and a budget of its own
  if (typeof purpose !== 'string' || purpose.length > LONGEST_PURPOSE || !PURPOSE.test(purpose))
    refuse('bad_input', 'the purpose is not spelled as in a policy: pass its id, such as `ads.off_platform`');
  return new Uint8Array(hkdfSync('sha256', secret, '', JSON.stringify(['assent', use, purpose]), KEY_BYTES));
}
