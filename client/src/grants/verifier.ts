/** Verifies grants for the service that owns the data, without asking anybody. */
import { baseOf, isSecureUrl } from '../http/address.js';
import type { Claims } from './claims.js';
import { grantIn } from './claims.js';
import { isSigned, sha256 } from './jws.js';
import { memberOf } from '../terms/json.js';
import { type ChangesSettings, HeardChanges } from './heard-changes.js';
import { Proofs, addressOf } from './proofs.js';
import { FetchedKeys, type KeySource, type SigningKey, givenKeys } from './published-keys.js';
import { type NotGranted, type Verdict, not } from './verdict.js';

export type VerifierSettings = {
  /** Address of the service that gives the grants: https, or a loopback address. */
  readonly url: string;
  /** What the service has as its `PUBLIC_URL`, which grants name; absent: `url`. */
  readonly issuer?: string;
  /** Id of this owner, as whoever asks for a grant names it. */
  readonly audience: string;
  /** The keys of the service, as `/.well-known/receipt-keys.json` has them; absent: they are fetched from there. */
  readonly jwks?: unknown;
  /** Ids of the obligations that this owner leaves to its callers, or discharges. Absent: none. */
  readonly discharges?: readonly string[];
  /**
   * Follows the changes of the service, so that a grant ends with what it rests on; absent: a grant ends when it expires.
   * While the changes are not heard, nothing is granted.
   */
  readonly changes?: ChangesSettings;
  /** Milliseconds since the Unix epoch; absent: the clock of the machine. */
  readonly now?: () => number;
};

/** A request to the owner, as it came. */
export type OwnedRequest = {
  /** The headers `assent-grant` and `dpop`. */
  readonly grant: unknown;
  readonly proof: unknown;
  readonly method: string;
  /** The address by which callers reach the owner, without what a proxy makes of it. */
  readonly url: string;
};

/** What the request is about to be answered with. */
export type Wanted = {
  readonly user: string | readonly string[];
  readonly field: string | readonly string[];
  /** The level that the item has by itself, as a grant names it (`post.text@connections`); absent: it has none. */
  readonly visibility?: string;
  /** Absent: any. */
  readonly purpose?: string;
};

/** A request whose grant and proof hold. */
export type Admitted = {
  readonly permitted: true;
  readonly client: string;
  readonly purpose: string;
  /** Whether this may be handed out. */
  readonly verdict: (wanted: Wanted) => Verdict;
};

/** A grant that holds, as long as it has not expired. */
type Known = {
  readonly claims: Claims;
  readonly kid: string;
  readonly hash: string;
  /** When it ends at the latest, on the clock that nobody sets. */
  readonly until: number;
};

/** How far the clocks of two machines may differ, in milliseconds. */
const SKEW_MS = 5_000;
/** Longest life of a grant, and what a rounded number may add to it. */
const LONGEST_LIFE_MS = 60_001;
/** Most grants that are remembered, and most characters of all of them. */
const MOST_GRANTS = 10_000;
const MOST_CHARACTERS = 16_000_000;
const TIMEOUT_MS = 2_000;

/** @throws TypeError in words when the settings cannot work */
export function createVerifier(settings: VerifierSettings): Verifier {
  return new Verifier(settings);
}

export class Verifier {
  private readonly issuer: string;
  private readonly audience: string;
  private readonly keys: KeySource;
  private readonly changes: HeardChanges | undefined;
  private readonly proofs: Proofs;
  private readonly now: () => number;
  private readonly discharged: ReadonlySet<string>;
  /** Those that were verified, by what came, the oldest first: of the next request only the proof is. */
  private readonly known = new Map<string, Known>();
  private characters = 0;

  constructor({
    url,
    issuer = url,
    audience,
    jwks,
    discharges = [],
    changes,
    now = Date.now,
  }: VerifierSettings) {
    if (typeof url !== 'string' || !isSecureUrl(url))
      throw new TypeError('`url` is not safe for keys: set an https address, or a loopback one');
    if (typeof audience !== 'string' || audience === '')
      throw new TypeError('`audience` is missing: set the id of this owner, which grants name');
    this.issuer = issuer.replace(/\/+$/, '');
    this.audience = audience;
    this.keys = jwks === undefined ? new FetchedKeys(baseOf(url), TIMEOUT_MS) : givenKeys(jwks);
    this.changes =
      changes === undefined ? undefined : new HeardChanges(baseOf(url), changes, TIMEOUT_MS, now);
    this.proofs = new Proofs(now);
    this.now = now;
    this.discharged = new Set(discharges);
  }

  /**
   * Whether this may be handed out to whoever sends the request. It takes the proof, so call it once for a request. It
   * does not fail: whatever is wrong with a request is a no.
   */
  async verify(request: OwnedRequest, wanted: Wanted): Promise<Verdict> {
    const admitted = await this.admit(request);
    return admitted.permitted ? admitted.verdict(wanted) : admitted;
  }

  /** The same in two steps, for whoever hands out what is granted of a record: ask `verdict` for each part. */
  async admit(request: OwnedRequest): Promise<Admitted | NotGranted> {
    try {
      return await this.admitted(request);
    } catch {
      // such as a getter that fails
      return not('malformed_grant', 'it cannot be read');
    }
  }

  close(): void {
    this.keys.close();
    this.changes?.close();
  }

  private async admitted({ grant, proof, method, url }: OwnedRequest): Promise<Admitted | NotGranted> {
    if (typeof grant !== 'string' || grant === '' || proof === undefined || proof === '')
      return not('no_grant');
    const address = addressOf(url);
    if (address === undefined) return not('bad_proof', 'the address of the request is none');
    await this.changes?.begun;
    const known = this.known.get(grant) ?? (await this.verified(grant));
    if ('reason' in known) return known;
    const fault = (await this.faultOfKey(known)) ?? this.faultOfTime(known);
    if (fault !== undefined) return fault;
    const { claims, hash } = known;
    const refused = this.proofs.take({ proof, method: method.toUpperCase(), address, key: claims.key, hash });
    if (refused !== undefined) return refused;
    this.remember(grant, known);
    const { client, purpose } = claims;
    return { permitted: true, client, purpose, verdict: (wanted) => this.verdictOn(known, wanted) };
  }

  /** Everything about a grant that stays as it is. */
  private async verified(grant: string): Promise<Known | NotGranted> {
    const read = grantIn(grant);
    if (read === undefined) return not('malformed_grant');
    const { parts, header, claims } = read;
    const kid = memberOf(header, 'kid');
    if (memberOf(header, 'crit') !== undefined) return not('malformed_grant');
    if (memberOf(header, 'alg') !== 'EdDSA') return not('malformed_grant', 'it is by another algorithm');
    if (typeof kid !== 'string') return not('unknown_key', 'the grant names none');
    if (claims.issuer !== this.issuer)
      return not('other_issuer', `it is of \`${claims.issuer}\`, and not of \`${this.issuer}\``);
    if (claims.audience !== this.audience) return not('other_audience', `it is for \`${claims.audience}\``);
    const key = await this.keys.find(kid);
    if (key === undefined) return not('unknown_key');
    if (!isSigned(parts, key)) return not('not_signed');
    const left = Math.min(claims.expiresAt * 1000 - this.now(), LONGEST_LIFE_MS);
    return { claims, kid, hash: sha256(grant), until: performance.now() + left };
  }

  /** A key may be retired, and that be known only now. */
  private async faultOfKey({ claims, kid }: Known): Promise<NotGranted | undefined> {
    const found = this.keys.find(kid);
    const key: SigningKey | undefined = found instanceof Promise ? await found : found;
    if (key === undefined) return not('unknown_key');
    const at = Math.round(claims.issuedAt * 1000);
    return at < key.createdAt || at > key.retiredAt
      ? not('unknown_key', 'it was not in force when the grant was signed')
      : undefined;
  }

  private faultOfTime({ claims, until }: Known): NotGranted | undefined {
    const { issuedAt, notBefore, expiresAt } = claims;
    const now = this.now();
    const isNow = now + SKEW_MS >= Math.max(issuedAt, notBefore) * 1000 && now < expiresAt * 1000;
    // the clock may have been set back since
    if (!isNow || performance.now() >= until) return not('expired');
    return (expiresAt - issuedAt) * 1000 > LONGEST_LIFE_MS
      ? not('expired', 'it was to live too long')
      : undefined;
  }

  private verdictOn(known: Known, { user, field, visibility, purpose }: Wanted): Verdict {
    const { claims } = known;
    if (purpose !== undefined && purpose !== claims.purpose)
      return not('other_purpose', `it is for \`${claims.purpose}\``);
    const users = typeof user === 'string' ? [user] : user;
    const fields = typeof field === 'string' ? [field] : field;
    if (users.length === 0 || fields.length === 0) return not('not_granted', 'nothing was asked about');
    // the answer may be asked for later than the request came
    const fault = this.faultOfTime(known);
    if (fault !== undefined) return fault;
    const obligations = new Set<string>();
    for (const one of users) {
      const ended = this.changes?.against(claims, one);
      if (ended !== undefined) return ended;
      for (const what of fields) {
        const terms = claims.permits.get(one)?.get(visibility === undefined ? what : `${what}@${visibility}`);
        if (terms === undefined) return not('not_granted', `\`${what}\` of this user is not in it`);
        for (const term of terms) obligations.add(term);
      }
    }
    const unknown = [...obligations].find((id) => !this.discharged.has(id));
    if (unknown !== undefined) return not('unknown_obligation', `\`${unknown}\``);
    const { client, policy, revision } = claims;
    return Object.freeze({
      permitted: true,
      client,
      purpose: claims.purpose,
      obligations: Object.freeze([...obligations]),
      policy,
      revision,
    });
  }

  /** Forgets the oldest where there are too many: it would only be verified again. */
  private remember(grant: string, known: Known): void {
    if (this.known.has(grant)) return;
    this.known.set(grant, known);
    this.characters += grant.length;
    for (const [oldest] of this.known) {
      if (this.known.size <= MOST_GRANTS && this.characters <= MOST_CHARACTERS) break;
      this.known.delete(oldest);
      this.characters -= oldest.length;
    }
  }
}
