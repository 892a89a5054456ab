/**
 * Proofs of possession (DPoP, RFC 9449): a token that is bound to a key is accepted only from the holder of the key.
 */
import { createHash } from 'node:crypto';
import { EmbeddedJWK, type JWTPayload, calculateJwkThumbprint, jwtVerify } from 'jose';
import { DomainError } from '../../errors.js';
import { faultOfWriting } from './token-writing.js';

/** How old a proof may be, and how far ahead its maker's clock may run, in seconds. */
const LIFETIME_S = 60;
const AHEAD_S = 5;
/** Maximum number of remembered proofs, so that none is accepted twice (RFC 9449, section 11.1). */
const MOST_REMEMBERED = 500_000;
/**
 * One key may take at most a quarter of the remaining room: alone it fills a fifth, and no number of keys fills it all.
 */
const SHARE_OF_FREE = 1 / 4;
const MAX_PROOF_LENGTH = 8_192;
const OTHER_TOKEN = 'the proof is for another token: `ath` must be the hash of this one';

export const PROOF_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'PS256', 'RS256'];

/** The token may be valid; the proof of its key is not. */
export class ProofRefused extends DomainError {
  constructor(says: string, options?: ErrorOptions) {
    super('not_authenticated', says, undefined, options);
  }
}

/** What a token is bound to. */
export type Binding = KeyBinding | CertificateBinding;
export type KeyBinding = { readonly jkt: string };
/** By the thumbprint of the certificate (`x5t#S256`, RFC 8705). */
export type CertificateBinding = { readonly certificate: string };

/**
 * What a token is bound to (RFC 7800); `undefined` for a bearer token.
 *
 * @returns an error sentence for a binding that cannot be proved here
 */
export function bindingOf({ cnf }: JWTPayload): Binding | undefined | string {
  if (cnf === undefined) return undefined;
  if (typeof cnf === 'object' && cnf !== null) {
    const [[kind, value] = [], ...others] = Object.entries(cnf);
    if (others.length === 0 && typeof value === 'string') {
      if (kind === 'jkt') return { jkt: value };
      if (kind === 'x5t#S256') return { certificate: value };
    }
  }
  return 'the token is bound to a key or a certificate (`cnf`) in a way that cannot be proved here: get a bearer token, or one that is bound by DPoP (`jkt`) or to a certificate (`x5t#S256`)';
}

/** What was sent with a token. */
export type Presented = {
  readonly token: string;
  /** The `DPoP` header. */
  readonly proof: string | undefined;
  readonly method: string;
  /** Path and query of the request. */
  readonly path: string;
};

type Remembered = { readonly until: number; readonly key: string };

export class Proofs {
  /** Proofs that were accepted and could still be replayed, oldest first. */
  private readonly seen = new Map<string, Remembered>();
  /** How many of them are by each key. */
  private readonly held = new Map<string, number>();

  /**
   * @param base the URL by which callers reach the service; never derived from the Host header
   * @param now the clock, in milliseconds
   * @param most proofs that are remembered at once
   */
  constructor(
    private readonly base: string,
    private readonly now: () => number,
    private readonly most = MOST_REMEMBERED,
  ) {}

  /**
   * Accepts a proof, once. The token was verified before: nobody else can fill the memory.
   *
   * @throws DomainError `not_authenticated`; `too_many_proofs` for one that could not be remembered
   */
  async take(presented: Presented, { jkt }: KeyBinding): Promise<void> {
    const { claims, key } = await this.checked(presented);
    if (key !== jkt) refuse('the proof is by another key than the token is bound to: sign it with that one');
    if (claims.ath !== digestOf(presented.token)) refuse(OTHER_TOKEN);
    this.takeOnce(claims.jti, key);
  }

  /**
   * The key of a proof that comes with a token bound to none, as at a token endpoint (RFC 9449, section 5): what is
   * answered is bound to it. The proof is accepted once, and need not name the token.
   *
   * @returns the JWK thumbprint of the key (RFC 7638)
   * @throws DomainError as `take` does
   */
  async keyOf(presented: Presented): Promise<string> {
    const { claims, key } = await this.checked(presented);
    if (claims.ath !== undefined && claims.ath !== digestOf(presented.token)) refuse(OTHER_TOKEN);
    this.takeOnce(claims.jti, key);
    return key;
  }

  /** What a proof says, if it is of now and for this request. */
  private async checked({ proof, method, path }: Presented) {
    if (proof === undefined) refuse('the token is bound to a key: send a proof of it in `DPoP`');
    if (proof.length > MAX_PROOF_LENGTH)
      refuse(`the proof in \`DPoP\` is too long: it has at most ${MAX_PROOF_LENGTH} characters`);
    const { claims, key } = await opened(proof);
    const { jti, htm, htu, iat, ath } = claims;
    if (htm !== method) refuse('the proof is for another method: name that of the request in `htm`');
    const address = addressOf(`${this.base}${path}`);
    if (address === undefined || addressOf(htu) !== address)
      refuse(`the proof is for another address: name \`${address ?? this.base}\` in \`htu\``);
    const now = this.now();
    if (iat === undefined || iat * 1000 > now + AHEAD_S * 1000 || iat * 1000 < now - LIFETIME_S * 1000)
      refuse(`the proof is not of now: make one for each request, no more than ${LIFETIME_S} seconds before`);
    if (typeof jti !== 'string' || jti === '') refuse('the proof has no `jti`: give each one of its own');
    return { claims: { jti, ath }, key };
  }

  private takeOnce(jti: string, key: string): void {
    const now = this.now();
    const proof = digestOf(`${key} ${jti}`);
    this.forgetUntil(now);
    if (this.seen.has(proof)) refuse('the proof was used before: make one for each request');
    const held = this.held.get(key) ?? 0;
    // forgetting a proof that is still valid would allow a replay
    if (held >= (this.most - this.seen.size) * SHARE_OF_FREE)
      throw new DomainError(
        'too_many_proofs',
        `the key of the token has proved ${held} requests within ${LIFETIME_S + AHEAD_S} seconds, and there is no room to remember more: send fewer at once, or several of them as a batch`,
      );
    this.held.set(key, held + 1);
    this.seen.set(proof, { until: now + (LIFETIME_S + AHEAD_S) * 1000, key });
  }

  private forgetUntil(now: number): void {
    for (const [proof, { until, key }] of this.seen) {
      if (until >= now) return;
      this.seen.delete(proof);
      const left = (this.held.get(key) ?? 1) - 1;
      if (left === 0) this.held.delete(key);
      else this.held.set(key, left);
    }
  }
}

async function opened(proof: string): Promise<{ claims: JWTPayload; key: string }> {
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: PROOF_ALGORITHMS,
    });
    const unread = faultOfWriting(proof);
    if (unread !== undefined) refuse(`the proof ${unread}`);
    if (protectedHeader.jwk === undefined)
      refuse('the proof has no key: put the public one into `jwk` of its header');
    return { claims: payload, key: await calculateJwkThumbprint(protectedHeader.jwk) };
  } catch (error) {
    if (error instanceof DomainError) throw error;
    return refuse(
      'the proof in `DPoP` does not hold, for its form, type or signature is wrong: make a new one',
      error,
    );
  }
}

/** An address without query and fragment, in one spelling; `undefined` for none. */
function addressOf(url: unknown): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined;
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function refuse(says: string, cause?: unknown): never {
  throw new ProofRefused(says, { cause });
}
