import {
  type NewReceiptKey,
  type ReceiptKey,
  ReceiptKeyStore,
} from '../../src/consent/receipts/receipt-keys.store.js';

/** Keys that end with the process: for tests, and the measure of what an adapter must do. */
export class MemoryReceiptKeyStore extends ReceiptKeyStore {
  private readonly keys = new Map<string, ReceiptKey>();
  private readonly privateKeys = new Map<string, Uint8Array>();

  async all(): Promise<ReceiptKey[]> {
    return [...this.keys.values()].sort((one, other) => one.createdAt - other.createdAt);
  }

  async privateKeyOf(kid: string): Promise<Uint8Array | undefined> {
    return this.privateKeys.get(kid)?.slice();
  }

  async add({ privateKey, ...key }: NewReceiptKey): Promise<void> {
    if (this.privateKeys.size > 0) throw new Error('one key signs at a time: retire the present one first');
    this.keys.set(key.kid, { ...key, retiredAt: null });
    this.privateKeys.set(key.kid, privateKey.slice());
  }

  async retire(kid: string, at: number): Promise<void> {
    const key = this.keys.get(kid);
    if (key?.retiredAt !== null) return;
    this.keys.set(kid, { ...key, retiredAt: at });
    this.privateKeys.delete(kid);
  }
}
