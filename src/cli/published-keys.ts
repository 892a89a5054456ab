import type { ReceiptKey } from '../consent/receipts/receipt-keys.store.js';
import { parseJson } from '../json.js';
import { momentOf } from '../time.js';
import { Json } from './server.js';

/** The keys of a JWK set as the service publishes it. @throws Error with a message for people */
export function publishedKeysIn(text: string): ReceiptKey[] {
  try {
    return new Json(parseJson(text)).at('keys').list.map((key) => ({
      kid: key.at('kid').text,
      publicKey: { kty: 'OKP', crv: 'Ed25519', x: key.at('x').text },
      createdAt: momentOf(key.at('created_at').text),
      retiredAt: key.at('retired_at').value === null ? null : momentOf(key.at('retired_at').text),
    }));
  } catch (error) {
    throw new Error(
      'the keys are not as a service publishes them: fetch /.well-known/receipt-keys.json again',
      { cause: error },
    );
  }
}
