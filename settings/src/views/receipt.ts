/** Checks a receipt in the browser: against the published keys and nothing else, as docs/receipts.md says. */
import type { Key, SignedReceipt } from '../service/answers.js';

export type Verdict =
  | { readonly kind: 'genuine'; readonly issuedAt: string }
  | { readonly kind: 'forged' }
  /** This browser has no Ed25519. */
  | { readonly kind: 'unchecked' };

const FORGED: Verdict = { kind: 'forged' };

/** Never throws. */
export async function verdictOf({ jws, receipt }: SignedReceipt, keys: readonly Key[]): Promise<Verdict> {
  try {
    const parts = jws.split('.');
    const [header = '', payload = '', signature = ''] = parts;
    const said: unknown = JSON.parse(textOf(header));
    const { alg, typ, kid } = membersOf(said);
    const key = keys.find((one) => one.kid === kid);
    // a different text that decodes to the same bytes is not what was signed
    const isCompact = parts.length === 3 && parts.every((part) => encoded(decoded(part)) === part);
    if (!isCompact || alg !== 'EdDSA' || typ !== 'consent-receipt+jws' || key === undefined) return FORGED;
    const { kty, crv, x } = key;
    // a key in the set may carry the id of another one (RFC 7638)
    if ((await thumbprintOf(key)) !== kid) return FORGED;
    const imported = await crypto.subtle
      .importKey('jwk', { kty, crv, x }, 'Ed25519', false, ['verify'])
      .catch(() => undefined);
    if (imported === undefined) return { kind: 'unchecked' };
    const signed = new TextEncoder().encode(`${header}.${payload}`);
    if (!(await crypto.subtle.verify('Ed25519', imported, decoded(signature), signed))) return FORGED;
    const content: unknown = JSON.parse(textOf(payload));
    const issuedAt = membersOf(membersOf(content)['dct:created'])['@value'];
    const isInForce =
      typeof issuedAt === 'string' &&
      Date.parse(issuedAt) >= Date.parse(key.created_at) &&
      !(Date.parse(issuedAt) > Date.parse(key.retired_at ?? issuedAt));
    return isInForce && isSame(content, receipt) ? { kind: 'genuine', issuedAt } : FORGED;
  } catch {
    return FORGED;
  }
}

async function thumbprintOf({ crv, kty, x }: Key): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify({ crv, kty, x }));
  return encoded(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(Object(value)));
}

/** Whether two JSON values are equal; the order of members does not count. */
function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other;
  const names = Object.keys(one);
  return (
    Array.isArray(one) === Array.isArray(other) &&
    names.length === Object.keys(other).length &&
    names.every(
      (name) => Object.hasOwn(other, name) && isSame(Reflect.get(one, name), Reflect.get(other, name)),
    )
  );
}

function decoded(part: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
}

function encoded(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

function textOf(part: string): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(decoded(part));
}
