import { timeText } from '../../time.js';
import type { ReceiptKey } from './receipt-keys.store.js';
import { ALGORITHM } from './receipt-verification.js';

/** What an answer says of a key: of its life alone. */
export function keyView({ kid, createdAt, retiredAt }: ReceiptKey) {
  return {
    kid,
    created_at: timeText(createdAt),
    retired_at: retiredAt === null ? null : timeText(retiredAt),
  };
}

/** The public half as a JWK (RFC 7517), with what a verifier must know of its life. */
export function jwkView(key: ReceiptKey) {
  return { ...key.publicKey, use: 'sig', alg: ALGORITHM, ...keyView(key) };
}
