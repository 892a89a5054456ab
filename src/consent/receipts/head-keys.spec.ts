/** Heads of logs are signed with the keys of receipts, and verify after those have changed. */
import { describe, expect, it } from 'vitest';
import { MemoryReceiptKeyStore } from '../../../test/memory/memory-receipt-keys.store.js';
import { DAY_MS } from '../../time.js';
import { openCheckpoint, signCheckpoint } from '../../tlog/heads/checkpoint.js';
import { readVerifierKey, verifierKeyOf } from '../../tlog/heads/note.js';
import { EMPTY_ROOT } from '../../tlog/tree/merkle.js';
import { HeadKeys } from './head-keys.js';
import { ReceiptKeys } from './receipt-keys.js';
import { verifyReceipt } from './receipt-verification.js';

const ORIGIN = 'assent.example/record';

function world() {
  const store = new MemoryReceiptKeyStore();
  const clock = { now: Date.UTC(2026, 0, 1) };
  const open = () =>
    new ReceiptKeys(
      store,
      90 * DAY_MS,
      () => clock.now,
      () => undefined,
    );
  const receipts = open();
  const keys = new HeadKeys(receipts, ORIGIN);
  const head = async (size: number, by = keys) =>
    Buffer.from(await signCheckpoint({ origin: ORIGIN, size, root: EMPTY_ROOT }, await by.signers()));
  return { clock, open, receipts, keys, head };
}

describe('a head signed with a key of receipts', () => {
  it('verifies with the published key, as a verifier key', async () => {
    const { receipts, head } = world();
    const note = await head(1);
    const [published] = await receipts.all();
    const key = { name: ORIGIN, publicKey: Buffer.from(published?.publicKey.x ?? '', 'base64url') };
    expect(openCheckpoint(note, ORIGIN, [readVerifierKey(verifierKeyOf(key))]).size).toBe(1);
  });

  it('verifies after the key was replaced, on demand or by age, by another process too', async () => {
    const { clock, open, receipts, keys, head } = world();
    const notes = [await head(1)];
    await receipts.rotate();
    notes.push(await head(2));
    clock.now += 91 * DAY_MS;
    notes.push(await head(3));
    await open().rotate();
    notes.push(await head(4));
    clock.now += DAY_MS;
    const known = await keys.known();
    expect(known).toHaveLength(4);
    for (const [place, note] of notes.entries()) {
      expect(openCheckpoint(note, ORIGIN, known).size).toBe(place + 1);
      expect(openCheckpoint(note, ORIGIN, known.slice(place, place + 1)).size).toBe(place + 1);
    }
  });

  it('is of the key that signs receipts at that time, and those verify as before', async () => {
    const { receipts, keys } = world();
    const { jws } = await receipts.sign((issuedAt) => ({
      'dct:created': { '@type': 'xsd:dateTime', '@value': new Date(issuedAt).toISOString() },
    }));
    const [signer] = await keys.signers();
    const all = await receipts.all();
    expect(all).toHaveLength(1);
    expect(Buffer.from(signer?.publicKey ?? []).toString('base64url')).toBe(all[0]?.publicKey.x);
    expect((await verifyReceipt(jws, all)).valid).toBe(true);
  });

  it('is none of another log', async () => {
    const { receipts, head, keys } = world();
    const note = await head(1, new HeadKeys(receipts, 'assent.example/consent'));
    expect(() => openCheckpoint(note, ORIGIN, [])).toThrow('is signed by none of the keys given');
    const known = await keys.known();
    expect(() => openCheckpoint(note, ORIGIN, known)).toThrow('is signed by none of the keys given');
  });
});
