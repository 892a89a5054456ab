import {
  type NewReceiptKey,
  type PublicJwk,
  type ReceiptKey,
  ReceiptKeyStore,
  UnreadableReceiptKey,
} from '../consent/receipts/receipt-keys.store.js';
import type { Database } from './database/database.js';
import { refusedOn } from './postgres/database-refusal.js';

/** Seals secrets for storage. */
type Sealer = {
  /** @param bound its context: it opens only with the same text */
  seal(plain: Uint8Array, bound: string): Uint8Array;
  /** @throws Error when it was sealed with another key, for something else, or altered */
  open(sealed: Uint8Array, bound: string): Uint8Array;
};

/** Keys in PostgreSQL, embedded or on a server, their private halves sealed. */
export class PrismaReceiptKeyStore extends ReceiptKeyStore {
  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
  ) {
    super();
  }

  async all(): Promise<ReceiptKey[]> {
    const rows = await this.database.prisma.receiptKey
      .findMany({ orderBy: [{ createdAt: 'asc' }, { kid: 'asc' }], omit: { privateKey: true } })
      .catch(refused);
    return rows.map(({ kid, publicKey, createdAt, retiredAt }) => ({
      kid,
      publicKey: readPublicKey(kid, publicKey),
      createdAt: Number(createdAt),
      retiredAt: retiredAt === null ? null : Number(retiredAt),
    }));
  }

  async privateKeyOf(kid: string): Promise<Uint8Array | undefined> {
    const row = await this.database.prisma.receiptKey
      .findUnique({ where: { kid }, select: { privateKey: true } })
      .catch(refused);
    const sealed = row?.privateKey ?? undefined;
    if (sealed === undefined) return undefined;
    const open = () => this.sealer.open(sealed, boundToReceiptKey(kid));
    try {
      return open();
    } catch {
      // a process whose key file lacks the key that seals says so: others can open it
      await this.database.head.read();
    }
    try {
      // by the head it may have learned of the key
      return open();
    } catch (cause) {
      throw new UnreadableReceiptKey(`the private half of the receipt key \`${kid}\` cannot be opened`, {
        cause,
      });
    }
  }

  add(key: NewReceiptKey): Promise<void> {
    return this.database.sealing(() => this.addSealed(key));
  }

  private async addSealed({ kid, publicKey, privateKey, createdAt }: NewReceiptKey): Promise<void> {
    await this.database.prisma.receiptKey
      .create({
        data: {
          kid,
          publicKey: JSON.stringify(publicKey),
          // Prisma needs bytes with their own buffer
          privateKey: Uint8Array.from(this.sealer.seal(privateKey, boundToReceiptKey(kid))),
          createdAt: BigInt(createdAt),
        },
      })
      .catch(refused);
  }

  async retire(kid: string, at: number): Promise<void> {
    await this.database.prisma.receiptKey
      .updateMany({ where: { kid, retiredAt: null }, data: { retiredAt: BigInt(at), privateKey: null } })
      .catch(refused);
  }
}

/** Binds the sealed bytes to the private half of this key. */
export function boundToReceiptKey(kid: string): string {
  return `receipt_key ${kid}`;
}

function readPublicKey(kid: string, text: string): PublicJwk {
  try {
    const key: unknown = JSON.parse(text);
    if (typeof key === 'object' && key !== null && 'x' in key && typeof key.x === 'string')
      return { kty: 'OKP', crv: 'Ed25519', x: key.x };
  } catch {
    // said below
  }
  throw new Error(
    `the receipt key \`${kid}\` has an unreadable \`public_key\`; start the build that wrote it, or restore a backup`,
  );
}

const refused = refusedOn('the receipt keys');
