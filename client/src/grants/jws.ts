/** Compact JWS (RFC 7515) and JWK thumbprints (RFC 7638), as far as grants and their proofs use them. */
import { type KeyObject, constants, createHash, createPublicKey, verify } from 'node:crypto';
import { isText, memberOf, readJson } from '../terms/json.js';

export type Jws = {
  /** Its three parts, in base64url. */
  readonly header: string;
  readonly claims: string;
  readonly signature: string;
};

/** A public key with the one algorithm that it verifies (RFC 8725, section 3.1). */
export type PublicKey = {
  readonly thumbprint: string;
  readonly algorithm: Algorithm;
  readonly key: KeyObject;
};

/** EdDSA is that of RFC 8037, with Ed25519. */
export type Algorithm = 'EdDSA' | 'ES256' | 'PS256';

/** The parts of a compact JWS, each in its one spelling; `undefined`: it is none. */
export function partsOf(text: string): Jws | undefined {
  const parts = text.split('.');
  const [header = '', claims = '', signature = ''] = parts;
  return parts.length === 3 && [header, claims, signature].every(isCanonical)
    ? { header, claims, signature }
    : undefined;
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON value of a part; `undefined`: it is none. */
export function valueOf(part: string): unknown {
  try {
    return readJson(UTF_8.decode(Buffer.from(part, 'base64url')));
  } catch {
    return undefined;
  }
}

/** Whether the signature is by the key. */
export function isSigned({ header, claims, signature }: Jws, { algorithm, key }: PublicKey): boolean {
  try {
    const signed = Buffer.from(`${header}.${claims}`);
    return verify(HASH[algorithm], signed, { key, ...FORM[algorithm] }, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

const HASH: Record<Algorithm, string | null> = { EdDSA: null, ES256: 'sha256', PS256: 'sha256' };
/** How signatures are padded or written (RFC 7518, sections 3.4 and 3.5). */
export const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } as const;
const FORM = { EdDSA: {}, ES256: { dsaEncoding: 'ieee-p1363' }, PS256: PSS } as const;

/** What a JWK of each type must have, in the order of its thumbprint (RFC 7638, section 3.2; RFC 8037, section 2). */
const MEMBERS = { EC: ['crv', 'kty', 'x', 'y'], OKP: ['crv', 'kty', 'x'], RSA: ['e', 'kty', 'n'] } as const;
const KINDS = [
  { kty: 'RSA', crv: undefined, algorithm: 'PS256' },
  { kty: 'EC', crv: 'P-256', algorithm: 'ES256' },
  { kty: 'OKP', crv: 'Ed25519', algorithm: 'EdDSA' },
] as const;
/** Bits of an RSA key: fewer are not safe (RFC 7518, section 3.5), and more take long. */
const RSA_BITS = [2_048, 4_096] as const;

/** The public key of a JWK, which holds nothing private; `undefined`: there is none that is taken here. */
export function publicKeyIn(jwk: unknown): PublicKey | undefined {
  const kind = KINDS.find(({ kty, crv }) => memberOf(jwk, 'kty') === kty && memberOf(jwk, 'crv') === crv);
  if (kind === undefined || memberOf(jwk, 'd') !== undefined) return undefined;
  const members = MEMBERS[kind.kty].map((name) => [name, memberOf(jwk, name)] as const);
  if (!members.every(([, value]) => isText(value))) return undefined;
  const known = Object.fromEntries(members);
  try {
    const key = createPublicKey({ key: known, format: 'jwk' });
    const bits = key.asymmetricKeyDetails?.modulusLength;
    if (bits !== undefined && (bits < RSA_BITS[0] || bits > RSA_BITS[1])) return undefined;
    const thumbprint = sha256(JSON.stringify(known));
    return { thumbprint, algorithm: kind.algorithm, key };
  } catch {
    return undefined;
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** A text that decodes to the same bytes is not what was signed (RFC 4648, section 3.5). */
function isCanonical(part: string): boolean {
  return part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
}
