/** The public half of an Ed25519 key (RFC 8037, section 2). */
export type PublicJwk = { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string };

/** The public facts of a key that signs receipts. */
export type ReceiptKey = {
  /** JWK thumbprint with SHA-256 (RFC 7638). */
  readonly kid: string;
  readonly publicKey: PublicJwk;
  /** Milliseconds since the Unix epoch, as all times here. */
  readonly createdAt: number;
  /** Null for the current key. */
  readonly retiredAt: number | null;
};

export type NewReceiptKey = Omit<ReceiptKey, 'retiredAt'> & {
  /** PKCS #8 (RFC 5958), in DER. */
  readonly privateKey: Uint8Array;
};

/** The private half of a key was altered, or is sealed with a key of the store that is gone. */
export class UnreadableReceiptKey extends Error {}

/**
 * The keys of receipts, of which one signs. Public halves are kept for ever, the private half until the key is retired.
 */
export abstract class ReceiptKeyStore {
  /** In the order they were made. */
  abstract all(): Promise<ReceiptKey[]>;

  /**
   * The private half, in PKCS #8; `undefined` when the key is retired, or there is none.
   *
   * @throws UnreadableReceiptKey when it is there, and nobody can open it; Error when this process cannot, or not now
   */
  abstract privateKeyOf(kid: string): Promise<Uint8Array | undefined>;

  /** Stores a key. @throws Error while another one is not retired */
  abstract add(key: NewReceiptKey): Promise<void>;

  /** Retires a key and destroys its private half. One that is retired already stays as it is. */
  abstract retire(kid: string, at: number): Promise<void>;
}
