/** Proofs that a caller has the key of its grant (DPoP, RFC 9449, section 4.3), each taken once. */
import { isText, memberOf } from '../terms/json.js';
import { type PublicKey, isSigned, partsOf, publicKeyIn, valueOf } from './jws.js';
import { type NotGranted, not } from './verdict.js';

/** How old a proof may be, and how far ahead its maker's clock, in seconds: one is made for each request. */
const LIFETIME_S = 10;
const AHEAD_S = 5;
const REMEMBERED_MS = (LIFETIME_S + AHEAD_S) * 1000;
/** Most proofs that are remembered at once, each for the seconds above: about 13,000 requests a second. */
const MOST_REMEMBERED = 200_000;
/** The part of the room left that one key may take, so that none fills it all. */
const SHARE_OF_FREE = 1 / 4;
const LONGEST_PROOF = 8_192;
const LONGEST_ID = 256;

/** What a proof must be about. */
export type Proved = {
  readonly proof: unknown;
  readonly method: string;
  /** Scheme, host and path. */
  readonly address: string;
  /** Thumbprint of the key, and hash of the grant. */
  readonly key: string;
  readonly hash: string;
};

/** Most keys that are kept as they are. */
const MOST_KEYS = 2_000;

export class Proofs {
  /** Oldest first, with when each may be forgotten, in milliseconds, and its key. */
  private readonly seen = new Map<string, { readonly until: number; readonly key: string }>();
  private readonly held = new Map<string, number>();
  /** When the last of those that are forgotten was taken, in milliseconds. */
  private forgotten = -Infinity;
  /**
   * Keys of callers, by the headers that name them, of which all proofs of one caller have the same. A key that is made anew
   * takes RSA half as long again. Only those whose signature held are kept.
   */
  private readonly keys = new Map<string, PublicKey>();

  /** @param now milliseconds since the Unix epoch */
  constructor(
    private readonly now: () => number,
    private readonly most = MOST_REMEMBERED,
  ) {}

  /** Takes a proof, once. @returns why it does not; `undefined`: it did */
  take({ proof, method, address, key, hash }: Proved): NotGranted | undefined {
    if (typeof proof !== 'string' || proof.length > LONGEST_PROOF) return not('bad_proof', 'there is none');
    const parts = partsOf(proof);
    if (parts === undefined) return not('bad_proof', 'it is no compact JWS');
    const named = this.keys.get(parts.header) ?? keyIn(parts.header);
    if (named?.thumbprint !== key) return not('bad_proof', 'it is by another key, or of another kind');
    const claims = valueOf(parts.claims);
    const [id, at] = [memberOf(claims, 'jti'), memberOf(claims, 'iat')];
    if (memberOf(claims, 'htm') !== method) return not('bad_proof', 'it is for another method');
    const htu = memberOf(claims, 'htu');
    if (htu !== address && addressOf(htu) !== address)
      // the path may name the user
      return not(
        'bad_proof',
        `it is not for this path at \`${new URL(address).origin}\`, by which the owner is known`,
      );
    if (memberOf(claims, 'ath') !== hash) return not('bad_proof', 'it is for another grant');
    const now = this.now();
    if (typeof at !== 'number' || at * 1000 > now + AHEAD_S * 1000 || at * 1000 < now - LIFETIME_S * 1000)
      return not('bad_proof', `it is not of now: make one for each request, and compare the clocks`);
    // a clock that was set back would let what is forgotten be sent again
    if (at * 1000 <= this.forgotten + AHEAD_S * 1000)
      return not('bad_proof', 'it may be one that was used before the clock was set back: wait a while');
    if (!isText(id) || id.length > LONGEST_ID) return not('bad_proof', 'it has no `jti` of its own');
    if (!isSigned(parts, named)) return not('bad_proof', 'its signature does not hold');
    this.keep(parts.header, named);
    return this.takeOnce(`${key} ${id}`, key, now) ? undefined : not('replayed');
  }

  private keep(header: string, key: PublicKey): void {
    this.keys.set(header, key);
    const [oldest] = this.keys.keys();
    if (this.keys.size > MOST_KEYS && oldest !== undefined) this.keys.delete(oldest);
  }

  private takeOnce(proof: string, key: string, now: number): boolean {
    for (const [old, { until, key: by }] of this.seen) {
      if (until >= now) break;
      this.seen.delete(old);
      this.forgotten = Math.max(this.forgotten, until - REMEMBERED_MS);
      const left = (this.held.get(by) ?? 1) - 1;
      if (left === 0) this.held.delete(by);
      else this.held.set(by, left);
    }
    const held = this.held.get(key) ?? 0;
    // to forget one that could be sent again would let it be
    if (this.seen.has(proof) || held >= (this.most - this.seen.size) * SHARE_OF_FREE) return false;
    this.held.set(key, held + 1);
    this.seen.set(proof, { until: now + REMEMBERED_MS, key });
    return true;
  }
}

function keyIn(header: string): PublicKey | undefined {
  const said = valueOf(header);
  const key = publicKeyIn(memberOf(said, 'jwk'));
  const isProof = memberOf(said, 'typ') === 'dpop+jwt' && memberOf(said, 'crit') === undefined;
  return isProof && memberOf(said, 'alg') === key?.algorithm ? key : undefined;
}

/** An address without query and fragment, in one spelling; `undefined`: it is none. */
export function addressOf(url: unknown): string | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined;
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
