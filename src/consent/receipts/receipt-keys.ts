/** Keys that sign receipts: Ed25519 (RFC 8037), one at a time. */
import {
  CompactSign,
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importPKCS8,
} from 'jose';
import pLimit from 'p-limit';
import {
  type NewReceiptKey,
  type ReceiptKey,
  type ReceiptKeyStore,
  UnreadableReceiptKey,
} from './receipt-keys.store.js';
import type { Receipt } from './receipt.js';
import { ALGORITHM, CONTENT_TYPE, TYPE, bytesOf } from './receipt-verification.js';

/** How long the list of keys is cached. */
const KNOWN_FOR_MS = 1_000;

/** What something other than a receipt says that is signed by the same keys. */
export type Signable = {
  /** The `typ` of its header, by which nobody takes it for a receipt (RFC 8725, section 3.11). */
  readonly type: string;
  /** @param issuedAt milliseconds since the Unix epoch */
  readonly claimsAt: (issuedAt: number) => object;
};

export type SignedReceipt = { readonly receipt: Receipt; readonly jws: string };

type Present = { readonly kid: string; readonly createdAt: number; readonly privateKey: CryptoKey };

/** The key that signs now, and how it signs bytes (RFC 8032). */
export type CurrentKey = {
  readonly key: ReceiptKey;
  readonly sign: (bytes: Uint8Array) => Promise<Uint8Array>;
};

export class ReceiptKeys {
  private known: { readonly keys: readonly ReceiptKey[]; readonly at: number } | undefined;
  private present: Present | undefined;
  /** The time of the last receipt: a key must not be retired before a receipt that it signed. */
  private lastIssued = 0;
  /** Keys are made and retired one after the other. */
  private readonly inTurn = pLimit(1);

  /**
   * @param maxAge after this many milliseconds a key is retired at the next signature
   * @param now milliseconds since the Unix epoch
   * @param onUnreadable called for a key whose private half exists and nobody can open; it is retired
   */
  constructor(
    private readonly store: ReceiptKeyStore,
    private readonly maxAge: number,
    private readonly now: () => number,
    private readonly onUnreadable: (kid: string, error: unknown) => void,
  ) {}

  /** Every key there ever was, in the order they were made. */
  async all(): Promise<readonly ReceiptKey[]> {
    // cached, because anybody may ask; expires, because another process may have made a key
    const isRecent = this.known !== undefined && this.now() - this.known.at < KNOWN_FOR_MS;
    if (this.known === undefined || !isRecent) this.known = { keys: await this.store.all(), at: this.now() };
    return this.known.keys;
  }

  /** Makes a new key and retires the present one, whose private half is destroyed. */
  rotate(): Promise<ReceiptKey> {
    return this.inTurn(async () => {
      const { kid } = await this.replace();
      const made = (await this.all()).find((key) => key.kid === kid);
      if (made === undefined) throw new Error('the key that was just made is not kept');
      return made;
    });
  }

  /** Signs a receipt with the current key; the first signature makes one, and a key that is too old is replaced. */
  async sign(receiptAt: (issuedAt: number) => Receipt): Promise<SignedReceipt> {
    for (;;) {
      const {
        issuedAt,
        kid,
        said: receipt,
        jws,
      } = await this.signNow(receiptAt, bytesOf, {
        typ: TYPE,
        cty: CONTENT_TYPE,
      });
      const kept = (await this.store.all()).find((key) => key.kid === kid);
      // another process may have retired it
      if (kept !== undefined && (kept.retiredAt ?? Infinity) >= issuedAt) return { receipt, jws };
      this.present = undefined;
    }
  }

  /**
   * Signs something short-lived, of another type than a receipt. That another process retired the key is noticed within
   * a second; what was signed with it meanwhile is refused by whoever knows that it was retired.
   *
   * @returns a compact JWS
   */
  async signClaims({ type, claimsAt }: Signable): Promise<string> {
    for (;;) {
      const { issuedAt, kid, jws } = await this.signNow(claimsAt, claimBytes, { typ: type });
      const kept = (await this.all()).find((key) => key.kid === kid);
      if (kept !== undefined && (kept.retiredAt ?? Infinity) >= issuedAt) return jws;
      this.present = undefined;
      this.known = undefined;
    }
  }

  /**
   * The current key, for other things than receipts; ask again for each signature. The bytes must not be such as a JWS
   * signs, which are letters, digits, `-`, `_` and a dot (RFC 7515, section 5.1).
   */
  async signer(): Promise<CurrentKey> {
    for (;;) {
      await this.inTurn(() => this.prepare());
      const { present } = this;
      const key = (await this.store.all()).find(({ kid }) => kid === present?.kid);
      if (present !== undefined && key?.retiredAt === null)
        return {
          key,
          sign: async (bytes) =>
            new Uint8Array(await crypto.subtle.sign('Ed25519', present.privateKey, Uint8Array.from(bytes))),
        };
      // another process has retired it
      this.present = undefined;
    }
  }

  private async signNow<Said>(
    saidAt: (issuedAt: number) => Said,
    bytes: (said: Said) => Uint8Array,
    header: { readonly typ: string; readonly cty?: string },
  ): Promise<{
    readonly said: Said;
    readonly jws: string;
    readonly issuedAt: number;
    readonly kid: string;
  }> {
    let key = this.usable();
    while (key === undefined) {
      await this.inTurn(() => this.prepare());
      key = this.usable();
    }
    // INVARIANT: no `await` between choosing the key and setting the issue time, so it cannot be retired in between
    const issuedAt = Math.max(this.now(), key.createdAt, this.lastIssued);
    this.lastIssued = issuedAt;
    const said = saidAt(issuedAt);
    const jws = await new CompactSign(bytes(said))
      .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, ...header })
      .sign(key.privateKey);
    return { said, jws, issuedAt, kid: key.kid };
  }

  private usable(): Present | undefined {
    const { present } = this;
    return present === undefined || this.isTooOld(present) ? undefined : present;
  }

  private async prepare(): Promise<void> {
    this.present ??= await this.restored();
    if (this.usable() === undefined) await this.replace();
  }

  /** The key that signed before this process began, if there is one. */
  private async restored(): Promise<Present | undefined> {
    const key = (await this.store.all()).findLast(({ retiredAt }) => retiredAt === null);
    if (key === undefined) return undefined;
    const { kid, createdAt } = key;
    try {
      const opened = await this.store.privateKeyOf(kid);
      return opened === undefined ? undefined : { kid, createdAt, privateKey: await fromDer(opened) };
    } catch (error) {
      // else another process can still sign with it
      if (!(error instanceof UnreadableReceiptKey)) throw error;
      this.onUnreadable(kid, error);
      return undefined;
    }
  }

  private async replace(): Promise<Present> {
    const keys = await this.store.all();
    const at = keys.reduce(
      (latest, { createdAt, retiredAt }) => Math.max(latest, createdAt, retiredAt ?? 0),
      Math.max(this.now(), this.lastIssued),
    );
    this.present = undefined;
    this.known = undefined;
    for (const { kid, retiredAt } of keys) if (retiredAt === null) await this.store.retire(kid, at);
    // the validity periods of two keys must not overlap
    const { fresh, privateKey } = await newKey(keys.length === 0 ? at : at + 1);
    try {
      await this.store.add(fresh);
      this.present = { kid: fresh.kid, createdAt: fresh.createdAt, privateKey };
    } catch (error) {
      // only one key may be current: another process has made it meanwhile
      this.present = await this.restored();
      if (this.present === undefined) throw error;
    }
    this.known = undefined;
    return this.present;
  }

  private isTooOld({ createdAt }: Present): boolean {
    return this.now() - createdAt > this.maxAge;
  }
}

function claimBytes(claims: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(claims));
}

async function newKey(createdAt: number): Promise<{ fresh: NewReceiptKey; privateKey: CryptoKey }> {
  const pair = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const { x } = await exportJWK(pair.publicKey);
  if (typeof x !== 'string') throw new Error('an Ed25519 key without its public half was made');
  const publicKey = { kty: 'OKP', crv: 'Ed25519', x } as const;
  const kid = await calculateJwkThumbprint({ ...publicKey }, 'sha256');
  const der = derOf(await exportPKCS8(pair.privateKey));
  const privateKey = await fromDer(der);
  return { fresh: { kid, publicKey, privateKey: der, createdAt }, privateKey };
}

/** PKCS #8 without its wrapping of text. */
function derOf(pem: string): Uint8Array {
  return Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
}

/** Only for signing: the key in memory cannot be exported. */
function fromDer(der: Uint8Array): Promise<CryptoKey> {
  const body = Buffer.from(der).toString('base64');
  return importPKCS8(`-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`, ALGORITHM);
}
