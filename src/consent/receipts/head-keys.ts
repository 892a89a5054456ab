import { LogKeys } from '../../tlog/heads/log-keys.js';
import type { NoteKey, NoteSigner } from '../../tlog/heads/note.js';
import type { ReceiptKeys } from './receipt-keys.js';
import type { ReceiptKey } from './receipt-keys.store.js';

/** The keys of receipts sign the heads of logs too: they are sealed, rotated and published alike. */
export class HeadKeys extends LogKeys {
  /** @param origin the log, in whose name they sign */
  constructor(
    private readonly keys: ReceiptKeys,
    private readonly origin: string,
  ) {
    super();
  }

  override async signers(): Promise<readonly NoteSigner[]> {
    const { key, sign } = await this.keys.signer();
    return [{ ...this.noteKeyOf(key), sign }];
  }

  override async known(): Promise<readonly NoteKey[]> {
    return (await this.keys.all()).map((key) => this.noteKeyOf(key));
  }

  private noteKeyOf({ publicKey }: ReceiptKey): NoteKey {
    return { name: this.origin, publicKey: Buffer.from(publicKey.x, 'base64url') };
  }
}
