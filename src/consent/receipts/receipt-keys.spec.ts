/** Keys come and go; what they signed is told from everything else, for ever. */
import { CompactSign, SignJWT, UnsecuredJWT, base64url, generateKeyPair, importPKCS8 } from 'jose';
import { describe, expect, it } from 'vitest';
import { MemoryReceiptKeyStore } from '../../../test/memory/memory-receipt-keys.store.js';
import { ReceiptKeys } from './receipt-keys.js';
import { type ReceiptKey, UnreadableReceiptKey } from './receipt-keys.store.js';
import { MAX_JWS, type Verification, bytesOf, verifyReceipt } from './receipt-verification.js';
import type { Receipt } from './receipt.js';
import { DAY_MS } from '../../time.js';

const START = Date.UTC(2026, 0, 1);

/** Not a whole receipt: what is verified is the same of any. */
function receiptAt(issuedAt: number): Receipt {
  return {
    'dct:created': { '@type': 'xsd:dateTime', '@value': new Date(issuedAt).toISOString() },
    'dct:title': 'Zoë 日本語',
  };
}

function world() {
  const store = new MemoryReceiptKeyStore();
  const clock = { now: START };
  const unreadable: string[] = [];
  const open = () =>
    new ReceiptKeys(
      store,
      90 * DAY_MS,
      () => clock.now,
      (kid) => unreadable.push(kid),
    );
  return { store, clock, unreadable, open, keys: open() };
}

async function verified(keys: ReceiptKeys, jws: string): Promise<Verification> {
  return verifyReceipt(jws, await keys.all());
}

function kidOf(verification: Verification): string {
  if (!verification.valid) throw new Error(verification.because);
  return verification.key.kid;
}

describe('a signed receipt', () => {
  it('is the receipt itself, and verifies', async () => {
    const { keys } = world();
    const { receipt, jws } = await keys.sign(receiptAt);
    expect(JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString())).toEqual(receipt);
    const [key] = await keys.all();
    expect(await verified(keys, jws)).toEqual({ valid: true, receipt, key });
  });

  it('fails when any bit of any of its characters is another', async () => {
    const { keys } = world();
    const { jws } = await keys.sign(receiptAt);
    const all = await keys.all();
    for (let place = 0; place < jws.length; place++)
      for (let bit = 0; bit < 8; bit++) {
        const flipped = String.fromCharCode(jws.charCodeAt(place) ^ (1 << bit));
        const altered = jws.slice(0, place) + flipped + jws.slice(place + 1);
        expect((await verifyReceipt(altered, all)).valid, `bit ${bit} of ${place}`).toBe(false);
      }
  });

  it('fails when any of its characters is another one of base64url, is missing or stands twice', async () => {
    const { keys } = world();
    const { jws } = await keys.sign(receiptAt);
    const all = await keys.all();
    const last = jws.length - 1;
    // bits of the last character of a part that no byte takes in are the ones to hide in
    for (const place of [jws.indexOf('.') - 1, jws.lastIndexOf('.') - 1, last])
      for (const other of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
        if (other === jws[place]) continue;
        const altered = jws.slice(0, place) + other + jws.slice(place + 1);
        expect((await verifyReceipt(altered, all)).valid, `${place} ${other}`).toBe(false);
      }
    for (let place = 0; place < jws.length; place++) {
      const [before, char = '', after] = [jws.slice(0, place), jws[place], jws.slice(place + 1)];
      expect((await verifyReceipt(before + after, all)).valid, `without ${place}`).toBe(false);
      expect((await verifyReceipt(before + char + char + after, all)).valid, `twice ${place}`).toBe(false);
    }
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['an object', { jws: 'a.b.c' }],
    ['an empty text', ''],
    ['dots', '..'],
    ['four parts', 'e30.e30.e30.e30'],
    ['empty JSON', 'e30.e30.e30'],
    ['a header that is a list', `${base64url.encode('[]')}.e30.e30`],
    ['a header that is no UTF-8', `${base64url.encode(Uint8Array.of(0xff, 0xfe))}.e30.e30`],
    ['a header of a prototype', `${base64url.encode('{"__proto__":{"alg":"EdDSA"}}')}.e30.e30`],
    ['NUL characters', '\0.\0.\0'],
    ['half a surrogate pair', '\ud83d.e30.e30'],
    ['a text that is far too long', `e30.${'A'.repeat(MAX_JWS)}.e30`],
    ['ten thousand brackets', `${base64url.encode('['.repeat(10_000))}.e30.e30`],
  ])('is not %s, and that is answered', async (_named, garbage) => {
    const { keys } = world();
    await keys.sign(receiptAt);
    const verification = await verifyReceipt(garbage, await keys.all());
    expect(verification).toEqual({ valid: false, because: expect.stringMatching(/^[a-z]/) });
  });
});

describe('what somebody else made', () => {
  async function forged(header: object, sign: 'own' | 'theirs' = 'own') {
    const { keys, store } = world();
    const { jws } = await keys.sign(receiptAt);
    const [key] = await keys.all();
    if (key === undefined) throw new Error('there is no key');
    const der = Buffer.from((await store.privateKeyOf(key.kid)) ?? []).toString('base64');
    const own = await importPKCS8(`-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----`, 'EdDSA');
    const theirs = (await generateKeyPair('EdDSA', { crv: 'Ed25519' })).privateKey;
    const protectedHeader = { alg: 'EdDSA', kid: key.kid, typ: 'consent-receipt+jws', ...header };
    const made = await new CompactSign(bytesOf(receiptAt(START)))
      .setProtectedHeader(protectedHeader)
      .sign(sign === 'own' ? own : theirs);
    return { jws, made, key, verification: await verified(keys, made) };
  }

  it('would verify if it were ours', async () => {
    expect((await forged({})).verification.valid).toBe(true);
  });

  it('does not verify by the key of another', async () => {
    expect((await forged({}, 'theirs')).verification).toMatchObject({
      because: 'its signature is not that of the key it names',
    });
  });

  it('does not verify as another type, or by a key that nobody knows', async () => {
    for (const typ of ['JWT', 'consent-receipt+jwt', '', undefined])
      expect((await forged({ typ })).verification.valid, String(typ)).toBe(false);
    for (const kid of ['nobody', '', undefined, '__proto__'])
      expect((await forged({ kid })).verification.valid, String(kid)).toBe(false);
    expect((await forged({ kid: 'nobody' })).verification).toEqual({
      valid: false,
      because: expect.stringContaining('it names the key `nobody`, which is none of those'),
    });
  });

  it('does not verify by another algorithm, none included', async () => {
    const { keys } = world();
    await keys.sign(receiptAt);
    const [key] = await keys.all();
    if (key === undefined) throw new Error('there is no key');
    const header = { kid: key.kid, typ: 'consent-receipt+jws' };
    // the public key as the secret of a MAC: what a verifier that trusts the header would take
    const mac = await new SignJWT({})
      .setProtectedHeader({ ...header, alg: 'HS256' })
      .sign(new TextEncoder().encode(key.publicKey.x.padEnd(32)));
    const unsigned = new UnsecuredJWT({}).encode();
    const none = `${base64url.encode(JSON.stringify({ ...header, alg: 'none' }))}.e30.`;
    for (const made of [mac, unsigned, none]) expect((await verified(keys, made)).valid).toBe(false);
    expect(await verified(keys, mac)).toMatchObject({ because: 'its algorithm is not `EdDSA`' });
  });

  it('does not verify by a list that names a key by the id of another', async () => {
    const { made, key } = await forged({});
    expect((await verifyReceipt(made, [{ ...key, kid: `${key.kid}x` }])).valid).toBe(false);
    const { key: other } = await forged({});
    const swapped: ReceiptKey = { ...key, publicKey: other.publicKey };
    expect((await verifyReceipt(made, [swapped])).valid).toBe(false);
  });

  it('does not verify outside the time in which its key was in force', async () => {
    const { made, key } = await forged({});
    for (const [createdAt, retiredAt, valid] of [
      [START, null, true],
      [START, START, true],
      [START - 5, START + 5, true],
      [START + 1, null, false],
      [START - 5, START - 1, false],
    ] as const)
      expect((await verifyReceipt(made, [{ ...key, createdAt, retiredAt }])).valid).toBe(valid);
  });
});

describe('keys', () => {
  it('are made at the first signature, and not before', async () => {
    const { keys } = world();
    expect(await keys.all()).toEqual([]);
    await keys.sign(receiptAt);
    expect(await keys.all()).toMatchObject([{ retiredAt: null }]);
  });

  it('change on demand: what was signed before verifies for ever, what is signed after names the new one', async () => {
    const { keys, store, clock } = world();
    const before = await keys.sign(receiptAt);
    clock.now += 1_000;
    const made = await keys.rotate();
    const after = await keys.sign(receiptAt);
    const old = kidOf(await verified(keys, before.jws));
    expect(old).not.toBe(made.kid);
    expect(kidOf(await verified(keys, after.jws))).toBe(made.kid);
    expect(await store.privateKeyOf(old)).toBeUndefined();
    for (let year = 0; year < 30; year++) {
      clock.now += 365 * DAY_MS;
      await keys.rotate();
    }
    expect(kidOf(await verified(keys, before.jws))).toBe(old);
    expect(await keys.all()).toHaveLength(32);
  });

  it('are replaced at the signature that finds them too old', async () => {
    const { keys, clock } = world();
    const first = await keys.sign(receiptAt);
    clock.now += 89 * DAY_MS;
    const second = await keys.sign(receiptAt);
    clock.now += 2 * DAY_MS;
    const third = await keys.sign(receiptAt);
    const [one, two, three] = await Promise.all(
      [first, second, third].map(async ({ jws }) => kidOf(await verified(keys, jws))),
    );
    expect(two).toBe(one);
    expect(three).not.toBe(one);
  });

  it('outlive the process', async () => {
    const { keys, open, clock } = world();
    const before = await keys.sign(receiptAt);
    clock.now += 1_000;
    const restarted = open();
    const after = await restarted.sign(receiptAt);
    expect(kidOf(await verified(restarted, after.jws))).toBe(kidOf(await verified(keys, before.jws)));
    expect(await restarted.all()).toHaveLength(1);
  });

  it('that cannot be opened are retired, and what they signed still verifies', async () => {
    const { keys, store, open, unreadable } = world();
    const before = await keys.sign(receiptAt);
    const [{ kid } = { kid: '' }] = await keys.all();
    store.privateKeyOf = () => Promise.reject(new UnreadableReceiptKey('sealed by another vault'));
    const restarted = open();
    const after = await restarted.sign(receiptAt);
    expect(unreadable).toEqual([kid]);
    expect(kidOf(await verified(restarted, before.jws))).toBe(kid);
    expect(kidOf(await verified(restarted, after.jws))).not.toBe(kid);
  });

  it('that this process cannot open are not retired: another one signs with them', async () => {
    const { keys, store, open, unreadable } = world();
    await keys.sign(receiptAt);
    store.privateKeyOf = () => Promise.reject(new Error('the key file lacks the key'));
    await expect(open().sign(receiptAt)).rejects.toThrow('the key file lacks the key');
    expect([unreadable, (await store.all()).map(({ retiredAt }) => retiredAt)]).toEqual([[], [null]]);
  });

  it('sign what verifies, however often they change meanwhile, and while the clock goes back', async () => {
    const { keys, clock } = world();
    const signed: Promise<{ jws: string }>[] = [];
    const changed: Promise<unknown>[] = [];
    for (let turn = 0; turn < 200; turn++) {
      clock.now += (turn % 7) - 3;
      signed.push(keys.sign(receiptAt));
      if (turn % 5 === 0) changed.push(keys.rotate());
      if (turn % 3 === 0) await Promise.resolve();
      if (turn % 11 === 0) await Promise.all(signed);
    }
    await Promise.all(changed);
    const all = await keys.all();
    expect(all.length).toBeGreaterThanOrEqual(40);
    expect(all.filter(({ retiredAt }) => retiredAt === null)).toHaveLength(1);
    for (const { jws } of await Promise.all(signed))
      expect(await verifyReceipt(jws, all)).toMatchObject({ valid: true });
  });
});
