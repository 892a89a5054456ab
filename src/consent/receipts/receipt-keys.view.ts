import {
  ANYTHING,
  TEXT,
  TIME,
  either,
  just,
  listOf,
  named,
  objectOf,
  orNull,
  said,
} from '../../http/contract/shapes.js';
import { timeText } from '../../time.js';
import type { ReceiptKey } from './receipt-keys.store.js';
import { ALGORITHM } from './receipt-verification.js';

const KEY_MEMBERS = {
  kid: said('JWK thumbprint with SHA-256 (RFC 7638)', TEXT),
  created_at: TIME,
  retired_at: said('null: it signs', orNull(TIME)),
};
export const KEY = named('ReceiptKey', objectOf(KEY_MEMBERS));
export const KEY_SET = named(
  'ReceiptKeySet',
  objectOf({
    keys: listOf(
      objectOf({
        kty: just('OKP'),
        crv: just('Ed25519'),
        x: TEXT,
        use: just('sig'),
        alg: just(ALGORITHM),
        ...KEY_MEMBERS,
      }),
    ),
  }),
);

const JSON_LD = { type: 'object', additionalProperties: ANYTHING };
/** A consent receipt; docs/receipts.md says what is in it. */
const RECEIPT = named('Receipt', said('JSON-LD, by the W3C Data Privacy Vocabulary', JSON_LD));
export const SIGNED_RECEIPT = named('SignedReceipt', objectOf({ receipt: RECEIPT, jws: TEXT }));
export const VERIFICATION = named(
  'ReceiptVerification',
  either(
    objectOf({ valid: just(true), receipt: RECEIPT, key: KEY }),
    objectOf({ valid: just(false), because: said('what is wrong, in words', TEXT) }),
  ),
);
export const VOCABULARY_DOCUMENT = named(
  'Vocabulary',
  objectOf({ '@context': JSON_LD, '@graph': listOf(JSON_LD) }),
);

/** What an answer says about a key: only its validity. */
export function keyView({ kid, createdAt, retiredAt }: ReceiptKey) {
  return {
    kid,
    created_at: timeText(createdAt),
    retired_at: retiredAt === null ? null : timeText(retiredAt),
  };
}

/** The public half as a JWK (RFC 7517), with its validity. */
export function jwkView(key: ReceiptKey) {
  return { ...key.publicKey, use: 'sig', alg: ALGORITHM, ...keyView(key) };
}
