import type { ReceiptKey } from './receipt-keys.store.js';
import { ALGORITHM } from './receipt-verification.js';

/** What an answer says of a key: of its life alone. */
export function keyView({ kid, createdAt, retiredAt }: ReceiptKey) {
  return { kid, created_at: timeOf(createdAt), retired_at: retiredAt === null ? null : timeOf(retiredAt) };
}

/** The public half as a JWK (RFC 7517), with what a verifier must know of its life. */
export function jwkView(key: ReceiptKey) {
  return { ...key.publicKey, use: 'sig', alg: ALGORITHM, ...keyView(key) };
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
