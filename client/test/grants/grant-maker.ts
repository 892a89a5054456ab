/** A service that gives grants, as far as its owner sees it: its keys, and what it signs. */
import { type KeyObject, createHash, generateKeyPairSync, sign } from 'node:crypto';
import { publicKeyIn } from '../../src/grants/jws.js';
import type { OwnKey } from '../../src/grants/own-key.js';

/** A day of the tests, in milliseconds since the Unix epoch. */
export const NOON = Date.UTC(2027, 0, 31, 12);
export const ISSUER = 'https://assent.example';

type Said = Readonly<Record<string, unknown>>;

export type Maker = {
  readonly jwk: Said;
  /** A grant as the service makes it, or one that says something else. */
  readonly grant: (key: string, claims?: Said, header?: Said) => string;
  readonly privateKey: KeyObject;
};

export function makerOfGrants(validity: Said = {}): Maker {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { crv, kty, x } = publicKey.export({ format: 'jwk' });
  const kid = publicKeyIn({ crv, kty, x })?.thumbprint;
  const times = { created_at: new Date(NOON - 86_400_000).toISOString(), retired_at: null };
  return {
    jwk: { kty, crv, x, use: 'sig', alg: 'EdDSA', kid, ...times, ...validity },
    privateKey,
    grant: (key, claims = {}, header = {}) =>
      signed(
        { alg: 'EdDSA', kid, typ: 'assent-grant+jwt', ...header },
        { ...usual(key), ...claims },
        (text) => sign(null, text, privateKey),
      ),
  };
}

function usual(key: string): Said {
  return {
    iss: ISSUER,
    aud: 'profiles',
    client_id: 'ranking',
    purpose: 'ai',
    permits: [{ users: ['u-1', 'u-2'], fields: { 'member.skills': ['min_cohort_50'], 'post.text': [] } }],
    policy: 'sha256:1',
    revision: tokenOf(7),
    request: 'r-1',
    iat: NOON / 1000,
    nbf: NOON / 1000,
    exp: NOON / 1000 + 60,
    jti: 'g-1',
    cnf: { jkt: key },
  };
}

/** A compact JWS. */
export function signed(header: object, claims: object, by: (text: Buffer) => Buffer): string {
  const text = `${partOf(header)}.${partOf(claims)}`;
  return `${text}.${by(Buffer.from(text)).toString('base64url')}`;
}

/** The consistency token of a revision of a log. */
export function tokenOf(revision: number, log = 'log---'): string {
  const bytes = Buffer.alloc(21);
  bytes[0] = 2;
  bytes.write(`${log}era---`, 1, 'latin1');
  bytes.writeBigUInt64BE(BigInt(revision), 13);
  return bytes.toString('base64url');
}

/** A request that its holder makes with a grant. */
export async function requestWith(
  grant: string,
  key: OwnKey,
  { method = 'GET', url = 'https://profiles.example/users/u-1', shown = grant } = {},
) {
  return { grant: shown, proof: await key.proof(method, url, hashOf(grant)), method, url };
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function partOf(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
