/**
 * Whether a receipt is what the service signed, by the receipt and the published keys alone: the same on the server
 * and, by the command line, on a machine without network.
 */
import { calculateJwkThumbprint, compactVerify, importJWK } from 'jose';
import { type Receipt, issuedAtOf } from './receipt.js';
import type { ReceiptKey } from './receipt-keys.store.js';
import { parseJson, pointerOf } from '../../json.js';
import { textOf } from '../../text.js';

/** EdDSA with Ed25519 (RFC 8037, section 3.1): the only algorithm. */
export const ALGORITHM = 'EdDSA';
/** The `typ` of a receipt (RFC 7515, section 4.1.9), so that nothing else that is signed passes for one. */
export const TYPE = 'consent-receipt+jws';
/** What is signed (RFC 7515, section 4.1.10). */
export const CONTENT_TYPE = 'ld+json';

/** Longest receipt that is accepted, in characters: several times as long as any that is made. */
export const MAX_JWS = 65_536;

/** Maximum length of a place in an error: the sender chose the names in it. */
const MAX_PLACE = 200;

export type Verification =
  | { readonly valid: true; readonly receipt: object; readonly key: ReceiptKey }
  /** `because`: what is wrong, in words. */
  | { readonly valid: false; readonly because: string };

/**
 * Verifies a receipt as the service answers it: a JWS and, if present, the readable receipt beside it. Never throws.
 */
export async function verifySigned(signed: unknown, keys: readonly ReceiptKey[]): Promise<Verification> {
  const { jws, receipt, ...others }: { readonly jws?: unknown; readonly receipt?: unknown } = Object(signed);
  // it might be the receipt under a misspelt name, which nothing would compare
  if (jws !== undefined && Object.keys(others).length > 0)
    return no('something stands beside `jws` and `receipt`: correct its name, or take it out');
  return verifyReceipt(jws, keys, receipt);
}

/**
 * Verifies a compact JWS (RFC 7515, section 3.1). Never throws.
 *
 * @param shown the readable receipt beside the JWS; absent: there is none
 */
export async function verifyReceipt(
  jws: unknown,
  keys: readonly ReceiptKey[],
  shown?: unknown,
): Promise<Verification> {
  if (typeof jws !== 'string') return no('there is no `jws`, a text, to verify');
  if (jws.length > MAX_JWS) return no(`it is longer than ${MAX_JWS} characters: no receipt is`);
  const parts = jws.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  // a different text that decodes to the same bytes is not what was signed
  if (parts.length !== 3 || ![header, payload, signature].every(isCanonical))
    return no('it is no compact JWS: three parts in base64url, with a dot between them');
  const said = jsonIn(header);
  if (said === undefined) return no('its header is no JSON object');
  if (memberOf(said, 'alg') !== ALGORITHM) return no(`its algorithm is not \`${ALGORITHM}\``);
  if (memberOf(said, 'typ') !== TYPE) return no(`its type is not \`${TYPE}\``);
  const named = memberOf(said, 'kid');
  const key = keys.find(({ kid }) => kid === named);
  if (key === undefined)
    return no(
      typeof named === 'string'
        ? `it names the key \`${printed(named.slice(0, MAX_PLACE))}\`, which is none of those that the service has published, or not in this copy of them`
        : 'it names no key of this service',
    );
  if (!(await isSignedBy(key, jws))) return no('its signature is not that of the key it names');
  const receipt = jsonIn(payload);
  const issuedAt = receipt === undefined ? undefined : issuedAtOf(receipt);
  if (receipt === undefined || issuedAt === undefined) return no('it does not say when it was issued');
  if (issuedAt < key.createdAt || issuedAt > (key.retiredAt ?? Infinity))
    return no('its key was not in force when it says it was issued');
  const differs = shown === undefined ? undefined : firstDifference(receipt, shown);
  if (differs !== undefined)
    return no(
      `the \`receipt\` beside the JWS is not what was signed: it differs at \`${printed(differs.slice(0, MAX_PLACE))}\``,
    );
  return { valid: true, receipt, key };
}

/** A place that is safe to show on a terminal: a forger may name a member so that it overwrites the output. */
function printed(place: string): string {
  return place.replaceAll(/\p{C}/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}

/** The first difference of two JSON values, as a JSON Pointer (RFC 6901); `undefined`: there is none. */
function firstDifference(one: unknown, other: unknown, at = ''): string | undefined {
  if (one === other) return undefined;
  if (!isComposed(one) || !isComposed(other) || Array.isArray(one) !== Array.isArray(other)) return at;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  for (const name of names) {
    const place = `${at}${pointerOf([name])}`;
    const found = firstDifference(memberOf(one, name), memberOf(other, name), place);
    if (found !== undefined) return found;
  }
  return undefined;
}

const isComposed = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** @returns the receipt in the compact form, ready to be signed */
export function bytesOf(receipt: Receipt): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(receipt));
}

async function isSignedBy({ kid, publicKey }: ReceiptKey, jws: string): Promise<boolean> {
  try {
    // a key in a copied list may carry the id of another key
    if ((await calculateJwkThumbprint({ ...publicKey }, 'sha256')) !== kid) return false;
    await compactVerify(jws, await importJWK({ ...publicKey }, ALGORITHM), { algorithms: [ALGORITHM] });
    return true;
  } catch {
    return false;
  }
}

/** Whether the text is the canonical base64url form of its bytes (RFC 4648, section 3.5). */
function isCanonical(part: string): boolean {
  return part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part;
}

function jsonIn(part: string): object | undefined {
  try {
    const text = textOf(Buffer.from(part, 'base64url'));
    const value = text === undefined ? undefined : parseJson(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function memberOf(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

function no(because: string): Verification {
  return { valid: false, because };
}
