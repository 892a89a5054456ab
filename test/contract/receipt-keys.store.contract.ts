import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewReceiptKey, ReceiptKeyStore } from '../../src/consent/receipts/receipt-keys.store.js';

export type OpenReceiptKeyStore = {
  readonly store: ReceiptKeyStore;
  readonly close: () => Promise<void>;
};

const AT = 1_700_000_000_123;
/** Every byte that there is. */
const SECRET = Uint8Array.from({ length: 256 }, (_, byte) => byte);

function key(kid: string, createdAt = AT): NewReceiptKey {
  return { kid, publicKey: { kty: 'OKP', crv: 'Ed25519', x: `x of ${kid}` }, privateKey: SECRET, createdAt };
}

/** What every adapter of the receipt key store does. */
export function receiptKeyStoreContract(name: string, open: () => Promise<OpenReceiptKeyStore>): void {
  describe(`receipt key store ${name}`, () => {
    let opened: OpenReceiptKeyStore;
    const store = () => opened.store;

    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    it('has no keys at first', async () => {
      expect(await store().all()).toEqual([]);
      expect(await store().privateKeyOf('nothing')).toBeUndefined();
    });

    it('keeps a key as it was given, and its private half apart', async () => {
      const { privateKey: _privateKey, ...open } = key('first');
      await store().add(key('first'));
      expect(await store().all()).toEqual([{ ...open, retiredAt: null }]);
      expect(Uint8Array.from((await store().privateKeyOf('first')) ?? [])).toEqual(SECRET);
    });

    it('lets one key sign at a time', async () => {
      await expect(store().add(key('second', AT + 1))).rejects.toThrow();
      expect((await store().all()).map(({ kid }) => kid)).toEqual(['first']);
    });

    it('keeps the public half alone of a key that is retired', async () => {
      const { privateKey: _privateKey, ...open } = key('first');
      await store().retire('first', AT + 10);
      expect(await store().all()).toEqual([{ ...open, retiredAt: AT + 10 }]);
      expect(await store().privateKeyOf('first')).toBeUndefined();
    });

    it('retires a key once', async () => {
      await store().retire('first', AT + 99);
      await store().retire('nothing', AT + 99);
      expect((await store().all()).map(({ retiredAt }) => retiredAt)).toEqual([AT + 10]);
    });

    it('lists keys in the order they were made', async () => {
      await store().add(key('a later one', AT + 11));
      expect((await store().all()).map(({ kid }) => kid)).toEqual(['first', 'a later one']);
    });
  });
}
