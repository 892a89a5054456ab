/** Development mode's own identity provider: a key pair in the data folder, valid only on this machine. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CryptoKey, type JWK, SignJWT, exportJWK, generateKeyPair, importJWK } from 'jose';
import { diskFaultOf, isMissing } from '../../disk.js';
import { makeOnce } from '../../durable.js';
import { textOf } from '../../text.js';
import { DEFAULT_ROLES, type Issuer } from './issuer.js';

const ISSUER = 'urn:assent:development';
const AUDIENCE = 'assent';

/** Development mode's tokens are those of RFC 9068. */
export const DEVELOPMENT: Issuer = {
  issuer: ISSUER,
  provider: 'generic',
  audiences: { services: [AUDIENCE], users: [AUDIENCE], admins: [AUDIENCE] },
  claims: {},
  roles: DEFAULT_ROLES,
  prefix: '',
  shared: false,
  leeway: 0,
};

/** The client that gets tokens for people. */
const CLIENT_OF_PEOPLE = 'npm run token';
const ALGORITHM = 'ES256';
const LIFETIME = '8h';

/** What a development token says about its holder. */
export type DevelopmentClaims = {
  readonly sub: string;
  readonly purposes?: readonly string[];
  readonly scope?: string;
  readonly roles?: readonly string[];
};

/** Both halves of the key, as the file has them. */
type PrivateKey = {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly d: string;
  readonly kid?: string;
};

/** The key pair, made at first use; processes that race get the same one. */
async function keyPair(dataDir: string, onMade?: () => void): Promise<PrivateKey> {
  const path = join(dataDir, 'development-key.json');
  try {
    return keyIn(await readFile(path));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const text = JSON.stringify({ ...(await exportJWK(privateKey)), kid: randomUUID() });
  const isMade = await makeOnce(path, text).catch((cause: unknown) => {
    const fault = diskFaultOf(cause) ?? 'make it writable';
    throw new Error(`cannot write to \`${dataDir}\`: ${fault}; or set DATA_DIR to another folder`, { cause });
  });
  if (isMade) onMade?.();
  return keyIn(await readFile(path));
}

/** @throws Error when they are no key: nothing of them is repeated, nor what the parser says, which quotes them */
function keyIn(bytes: Buffer): PrivateKey {
  let key: unknown;
  try {
    key = JSON.parse(textOf(bytes) ?? '');
  } catch {
    throw damaged();
  }
  if (!isPrivateKey(key)) throw damaged();
  return key;
}

function isPrivateKey(value: unknown): value is PrivateKey {
  if (typeof value !== 'object' || value === null) return false;
  const { kty, crv, x, y, d, kid }: { readonly [name: string]: unknown } = { ...value };
  return (
    kty === 'EC' &&
    crv === 'P-256' &&
    [x, y, d].every((part) => typeof part === 'string') &&
    (kid === undefined || typeof kid === 'string')
  );
}

function damaged(): Error {
  return new Error(
    'the development key in DATA_DIR is damaged: delete `development-key.json` there, and start again',
  );
}

/** The public half of the development key. */
export async function developmentPublicKey(dataDir: string): Promise<CryptoKey> {
  const { d: _private, ...open } = await keyPair(dataDir);
  return asymmetric(open);
}

/**
 * A token that a server in development mode on the same data folder accepts for eight hours.
 *
 * @param holder a client, or a person
 * @param onMade called when the folder had no key and a new one was made
 */
export async function developmentToken(
  dataDir: string,
  holder: 'client' | 'person',
  { sub, ...claims }: DevelopmentClaims,
  onMade?: () => void,
): Promise<string> {
  const key = await keyPair(dataDir, onMade);
  return new SignJWT({ client_id: holder === 'client' ? sub : CLIENT_OF_PEOPLE, ...claims })
    .setProtectedHeader({
      alg: ALGORITHM,
      typ: 'at+jwt',
      ...(key.kid === undefined ? {} : { kid: key.kid }),
    })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime(LIFETIME)
    .sign(await asymmetric(key));
}

async function asymmetric(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, ALGORITHM).catch(() => undefined);
  if (key === undefined || key instanceof Uint8Array) throw damaged();
  return key;
}
