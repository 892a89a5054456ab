/** A token that is bound to a key is taken from whoever proves that key, for this request, once. */
import { createHash } from 'node:crypto';
import { type CryptoKey, type JWK, SignJWT, calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DomainError } from '../../errors.js';
import { challengeFor } from './challenge.js';
import { type KeyBinding, Proofs, bindingOf } from './dpop.js';

const BASE = 'https://assent.example/consent';
const TOKEN = 'the.access.token';
const NOW_S = 1_795_667_000;

type Pair = { readonly privateKey: CryptoKey; readonly jwk: JWK };

let own: Pair;
let other: Pair;
let binding: KeyBinding;
let clock: number;
let proofs: Proofs;
let made = 0;

async function pair(): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return { privateKey, jwk: await exportJWK(publicKey) };
}

const digest = (text: string) => createHash('sha256').update(text).digest('base64url');

const good = () => ({
  jti: `proof ${++made}`,
  htm: 'GET',
  htu: `${BASE}/v1/users/me/settings`,
  iat: Math.floor(clock / 1000),
  ath: digest(TOKEN),
});

function proof(
  claims: Readonly<Record<string, unknown>> = {},
  { key = own, header = {} }: { key?: Pair; header?: object } = {},
): Promise<string> {
  const known = Object.entries({ ...good(), ...claims }).filter(([, value]) => value !== null);
  return new SignJWT(Object.fromEntries(known))
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.jwk, ...header })
    .sign(key.privateKey);
}

const REQUEST = { token: TOKEN, method: 'GET', path: '/v1/users/me/settings?language=de' };

/** What becomes of a proof: `taken`, or why not. */
async function fateOf(sent: string | undefined, request: Partial<typeof REQUEST> = {}): Promise<string> {
  try {
    await proofs.take({ ...REQUEST, ...request, proof: sent }, binding);
    return 'taken';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

beforeAll(async () => {
  [own, other] = [await pair(), await pair()];
});

beforeEach(async () => {
  binding = { jkt: await calculateJwkThumbprint(own.jwk) };
  clock = NOW_S * 1000;
  proofs = new Proofs(BASE, () => clock);
});

describe('a proof', () => {
  test('of the key, for this request and token, is taken once', async () => {
    const sent = await proof();
    expect(await fateOf(sent)).toBe('taken');
    expect(await fateOf(sent)).toContain('was used before');
    expect(await fateOf(await proof())).toBe('taken');
  });

  test('is for one proof of many that were sent at once', async () => {
    const sent = await proof();
    const fates = await Promise.all([1, 2, 3, 4].map(() => fateOf(sent)));
    expect(fates.filter((fate) => fate === 'taken')).toHaveLength(1);
  });

  test('is not taken again at any time, not even when it has just been forgotten', async () => {
    const sent = await proof({ iat: NOW_S + 5 });
    expect(await fateOf(sent)).toBe('taken');
    for (const later of [1, 60, 64, 65, 66, 120]) {
      clock = (NOW_S + later) * 1000;
      // another one comes by, so that old ones are forgotten
      await fateOf(await proof());
      expect(await fateOf(sent), `${later} s later`).not.toBe('taken');
    }
  });

  test.each([
    { what: 'is missing', send: () => undefined, says: 'send a proof of it in `DPoP`' },
    { what: 'is no token', send: () => 'nonsense', says: 'does not hold' },
    { what: 'is far too long', send: () => 'x'.repeat(10_000), says: 'too long' },
    { what: 'is by another key', send: () => proof({}, { key: other }), says: 'another key' },
    {
      what: 'shows the key and is signed by another',
      send: () => proof({}, { key: other, header: { jwk: own.jwk } }),
      says: 'does not hold',
    },
    { what: 'shows no key', send: () => proof({}, { header: { jwk: undefined } }), says: 'does not hold' },
    {
      what: 'is of another type',
      send: () => proof({}, { header: { typ: 'at+jwt' } }),
      says: 'does not hold',
    },
    { what: 'is for another method', send: () => proof({ htm: 'DELETE' }), says: '`htm`' },
    { what: 'is for no method', send: () => proof({ htm: null }), says: '`htm`' },
    { what: 'is for another path', send: () => proof({ htu: `${BASE}/v1/users/me/export` }), says: '`htu`' },
    { what: 'is for a path above', send: () => proof({ htu: BASE }), says: '`htu`' },
    {
      what: 'is for the address that is listened on, not the public one',
      send: () => proof({ htu: 'http://127.0.0.1:3000/v1/users/me/settings' }),
      says: `name \`${BASE}/v1/users/me/settings\``,
    },
    { what: 'is for no address', send: () => proof({ htu: null }), says: '`htu`' },
    { what: 'is for another token', send: () => proof({ ath: digest('another') }), says: '`ath`' },
    { what: 'is for no token', send: () => proof({ ath: null }), says: '`ath`' },
    { what: 'is old', send: () => proof({ iat: NOW_S - 61 }), says: 'not of now' },
    { what: 'is of a time to come', send: () => proof({ iat: NOW_S + 6 }), says: 'not of now' },
    { what: 'has no time', send: () => proof({ iat: null }), says: 'not of now' },
    { what: 'has no id', send: () => proof({ jti: null }), says: '`jti`' },
    { what: 'has an empty id', send: () => proof({ jti: '' }), says: '`jti`' },
    { what: 'has an id that is no text', send: () => proof({ jti: 7 }), says: '' },
  ])('that $what is not', async ({ send, says }) => {
    const fate = await fateOf(await send());
    expect(fate).not.toBe('taken');
    expect(fate).toContain(says);
  });

  test('may name the address with a query, and in another spelling of the same', async () => {
    for (const htu of [
      `${BASE}/v1/users/me/settings?language=fr#top`,
      'HTTPS://ASSENT.example:443/consent/v1/users/me/settings',
    ])
      expect(await fateOf(await proof({ htu }))).toBe('taken');
  });
});

describe('the memory of proofs', () => {
  const MOST = 50;
  let keys: { readonly key: Pair; readonly binding: KeyBinding }[];

  beforeAll(async () => {
    keys = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const key = await pair();
        return { key, binding: { jkt: await calculateJwkThumbprint(key.jwk) } };
      }),
    );
  });

  beforeEach(() => {
    proofs = new Proofs(BASE, () => clock, MOST);
  });

  /** Sends proofs by a key until one is refused. @returns how many were taken, and the code of the refusal */
  async function flood({ key, binding: bound }: { key: Pair; binding: KeyBinding }) {
    for (let taken = 0; ; taken++)
      try {
        await proofs.take({ ...REQUEST, proof: await proof({}, { key }) }, bound);
      } catch (error) {
        return { taken, code: error instanceof DomainError ? error.code : undefined };
      }
  }

  test('has a share for each key: who fills theirs is told so, and nobody else is', async () => {
    const [first, second] = keys;
    if (first === undefined || second === undefined) throw new Error('there are keys');
    expect(await flood(first)).toEqual({ taken: MOST / 5, code: 'too_many_proofs' });
    expect(await flood(first)).toEqual({ taken: 0, code: 'too_many_proofs' });
    expect(await fateOf(await proof())).toBe('taken');
    expect((await flood(second)).taken).toBeGreaterThan(MOST / 10);
  });

  test('has room for one more key, however many others flood it', async () => {
    for (const one of keys) expect((await flood(one)).code).toBe('too_many_proofs');
    expect(await fateOf(await proof())).toBe('taken');
  });

  test('has room for a key again once its proofs could not be sent any more, and not before', async () => {
    const [first] = keys;
    if (first === undefined) throw new Error('there are keys');
    await flood(first);
    clock += 64_000;
    expect((await flood(first)).taken).toBe(0);
    clock += 2_000;
    expect((await flood(first)).taken).toBe(MOST / 5);
  });

  test('never forgets a proof to make room: it is refused again while the memory is full', async () => {
    const sent = await proof();
    expect(await fateOf(sent)).toBe('taken');
    for (const one of [{ key: own, binding }, ...keys]) await flood(one);
    expect(await fateOf(sent)).toContain('was used before');
  });

  test('has no room for what proves nothing', async () => {
    for (let times = 0; times < MOST; times++) {
      const stranger = { key: other, header: { jwk: own.jwk } };
      expect(await fateOf(await proof({}, { key: other }))).toContain('another key');
      expect(await fateOf(await proof({}, stranger))).toContain('does not hold');
      expect(await fateOf(await proof({ ath: digest('another') }))).toContain('`ath`');
      expect(await fateOf(await proof({ htu: BASE }))).toContain('`htu`');
      expect(await fateOf(await proof({ iat: NOW_S - 61 }))).toContain('not of now');
    }
    expect(await flood({ key: own, binding })).toEqual({ taken: MOST / 5, code: 'too_many_proofs' });
  });
});

const TOLD = challengeFor(new DomainError('not_authenticated', 'no token')) ?? '';

test('a proof is taken in the algorithms that whoever is refused is told of, and in no other', async () => {
  const told = /algs="([^"]*)"/.exec(TOLD)?.[1]?.split(' ') ?? [];
  for (const alg of ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'PS256', 'PS384', 'RS256', 'RS512']) {
    const { privateKey, publicKey } = await generateKeyPair(alg);
    const key = { privateKey, jwk: await exportJWK(publicKey) };
    binding = { jkt: await calculateJwkThumbprint(key.jwk) };
    const fate = await fateOf(await proof({}, { key, header: { alg } }));
    expect([alg, fate === 'taken']).toEqual([alg, told.includes(alg)]);
  }
});

describe('a token', () => {
  test('is bound by what its claim `cnf` says, and one that nobody can prove here is refused', () => {
    expect(bindingOf({})).toBeUndefined();
    expect(bindingOf({ cnf: { jkt: 'abc' } })).toEqual({ jkt: 'abc' });
    expect(bindingOf({ cnf: { 'x5t#S256': 'abc' } })).toEqual({ certificate: 'abc' });
    for (const cnf of [
      null,
      'abc',
      {},
      [],
      { jkt: 7 },
      { 'x5t#S256': 7 },
      { x5t: 'abc' },
      { jkt: 'abc', 'x5t#S256': 'abc' },
      { jwk: {} },
    ])
      expect(bindingOf({ cnf }), JSON.stringify(cnf)).toContain('cannot be proved here');
  });
});
