/** The page and the service agree on which receipts are genuine. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { CompactSign, calculateJwkThumbprint } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import type { Key } from '../service/answers.js';
import { verdictOf } from './receipt.js';

const ISSUED = '2026-11-23T19:22:55.754Z';
const RECEIPT = {
  '@type': 'dpv:ConsentReceipt',
  'dct:created': { '@value': ISSUED },
  list: [1, { a: null }],
};
const HEADER = { alg: 'EdDSA', typ: 'consent-receipt+jws', cty: 'ld+json' };

let own: KeyObject;
let key: Key;

beforeAll(async () => {
  const pair = generateKeyPairSync('ed25519');
  own = pair.privateKey;
  const { x = '' } = pair.publicKey.export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x }, 'sha256');
  key = {
    kty: 'OKP',
    crv: 'Ed25519',
    x,
    use: 'sig',
    alg: 'EdDSA',
    kid,
    created_at: '2026-11-23T00:00:00.000Z',
    retired_at: null,
  };
});

function signed(content: object, header: object = {}, by = own): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(content)))
    .setProtectedHeader({ ...HEADER, kid: key.kid, ...header })
    .sign(by);
}

test('one that the service signed is genuine, however the members beside it are ordered', async () => {
  const jws = await signed(RECEIPT);
  const { list, ...others } = RECEIPT;
  for (const receipt of [RECEIPT, { list, ...others }])
    expect(await verdictOf({ jws, receipt }, [key])).toEqual({ kind: 'genuine', issuedAt: ISSUED });
});

test('any other is not: another key, type, time or text, or a receipt beside it that says something else', async () => {
  const jws = await signed(RECEIPT);
  const [header = '', payload = '', signature = ''] = jws.split('.');
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const forged: readonly (readonly [string, object, readonly Key[]])[] = [
    [await signed(RECEIPT, {}, stranger), RECEIPT, [key]],
    [await signed(RECEIPT, { typ: 'JWT' }), RECEIPT, [key]],
    [await signed(RECEIPT, { kid: 'x' }), RECEIPT, [key]],
    [`${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`, RECEIPT, [key]],
    [`${header}.${payload}x.${signature}`, RECEIPT, [key]],
    [`${header}.${payload}.${signature}=`, RECEIPT, [key]],
    [`${header}.${payload}`, RECEIPT, [key]],
    ['', RECEIPT, [key]],
    [jws, { ...RECEIPT, list: [1, { a: 0 }] }, [key]],
    [jws, { ...RECEIPT, more: 1 }, [key]],
    [jws, RECEIPT, []],
    [jws, RECEIPT, [{ ...key, x: 'A'.repeat(43) }]],
    [jws, RECEIPT, [{ ...key, created_at: '2026-11-24T00:00:00.000Z' }]],
    [jws, RECEIPT, [{ ...key, retired_at: '2026-11-23T12:00:00.000Z' }]],
    [await signed({ list: [] }), { list: [] }, [key]],
  ];
  for (const [text, receipt, keys] of forged)
    expect(await verdictOf({ jws: text, receipt }, keys), text).toEqual({ kind: 'forged' });
});
