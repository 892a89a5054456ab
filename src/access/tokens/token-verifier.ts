/** Verifies bearer tokens: signature, issuer, audience, time. */
import { type CryptoKey, type JWTPayload, type JWTVerifyGetKey, decodeJwt, errors, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { DomainError } from '../../errors.js';
import { misspelling } from '../../id.js';
import { DAY_MS } from '../../time.js';
import type { Credentials } from '../caller.js';
import { rememberIssued } from '../issued.js';
import { rememberLacks } from '../lacks.js';
import { credentialsOf, lacksOf } from './credentials.js';
import { DEVELOPMENT, developmentPublicKey } from './development-key.js';
import { type Binding, bindingOf } from './dpop.js';
import type { Issuer } from './issuer.js';
import { ProviderTrouble } from './provider-document.js';
import { type FoundKeys, ProviderKeys } from './provider-keys.js';
import { faultOfWriting } from './token-writing.js';

/** Asymmetric signatures only: a shared secret would let every service that verifies also sign. */
const ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
];
const MAX_TOKEN_LENGTH = 16_384;
/** Credentials are kept so that the same token is not verified again; an entry has some hundred bytes. */
const CACHE_SIZE = 10_000;
/** Maximum number of keys tried for a token. */
const MAX_CANDIDATES = 16;
const EXPIRED = 'the token has expired: get a new one';
/** No real token lasts longer. An `exp` in milliseconds means about the year 50,000: it would never expire. */
const FURTHEST_END_MS = 100 * 365 * DAY_MS;

/** Where keys come from. */
type Keys = Pick<ProviderKeys, 'current' | 'renewed' | 'generation' | 'found' | 'trouble'>;

type Trusted = {
  readonly issuer: Issuer;
  readonly keys: Keys;
  /** Prefixes of the ids of other issuers. */
  readonly elsewhere: readonly string[];
};

/** The holder of a token, who says so, and what it is bound to. */
export type Verified = {
  readonly credentials: Credentials;
  readonly issuer: string;
  readonly binding: Binding | undefined;
};

type Remembered = Verified & {
  readonly expiresAt: number;
  readonly keys: Keys;
  readonly generation: number;
};

type Claimed = { readonly claims: JWTPayload; readonly type: unknown };

export class TokenVerifier {
  /** By token. Credentials are never answered from here once their token has expired. */
  private readonly verified = new LRUCache<string, Remembered>({ max: CACHE_SIZE });

  private constructor(private readonly trusted: readonly [Trusted, ...Trusted[]]) {}

  /**
   * Trusts the tokens of OpenID providers.
   *
   * @param onTrouble called when a provider's keys cannot be fetched, unless that error is thrown
   * @throws ProviderTrouble when a provider is reachable but does not match its configuration
   */
  static async forIssuers(
    [first, ...others]: readonly [Issuer, ...Issuer[]],
    onTrouble: (trouble: ProviderTrouble) => void,
    now: () => number = Date.now,
  ): Promise<TokenVerifier> {
    let isStarted = false;
    // an error that ends the start is reported there
    const tell = (trouble: ProviderTrouble) => {
      if (isStarted || !trouble.lasting) onTrouble(trouble);
    };
    const trust = (issuer: Issuer) => ({
      issuer,
      keys: new ProviderKeys(issuer.issuer, now, tell),
      elsewhere: [first, ...others].map(({ prefix }) => prefix).filter((prefix) => prefix !== ''),
    });
    const all = [trust(first), ...others.map(trust)] as const;
    await Promise.all(all.map(({ keys }) => keys.start()));
    for (const { keys } of all) if (keys.trouble?.lasting === true) throw keys.trouble;
    isStarted = true;
    return new TokenVerifier(all);
  }

  /** Trusts the development key in the data folder, and nothing else. */
  static async forDevelopment(dataDir: string): Promise<TokenVerifier> {
    const key = await developmentPublicKey(dataDir);
    const found = { find: async () => key, generation: 1 };
    const keys = {
      current: async () => found,
      renewed: async () => undefined,
      generation: found.generation,
      found: true,
      trouble: undefined,
    };
    return new TokenVerifier([{ issuer: DEVELOPMENT, keys, elsewhere: [] }]);
  }

  /** Whose tokens are trusted, by the claim `iss`. */
  get issuers(): readonly string[] {
    return this.trusted.map(({ issuer }) => issuer.issuer);
  }

  /** Why some tokens cannot be verified yet; `undefined` once the keys of every issuer were fetched. */
  get trouble(): string | undefined {
    const missing = this.trusted.find(({ keys }) => !keys.found);
    return missing && (missing.keys.trouble?.message ?? 'the keys are being looked for');
  }

  /** Of how many issuers the keys could not be fetched when that was last tried. */
  get failing(): number {
    return this.trusted.filter(({ keys }) => keys.trouble !== undefined).length;
  }

  /** The credentials of a bearer token that was verified before and is still valid, without waiting. */
  recall(token: string, now: number): Credentials | undefined {
    const known = this.known(token, now);
    return known?.binding === undefined ? known?.credentials : undefined;
  }

  /** What was verified of a token before and is still valid, without waiting. What it is bound to is still to be checked. */
  known(token: string, now: number): Verified | undefined {
    const known = this.verified.get(token);
    if (known === undefined) return undefined;
    if (known.expiresAt > now && known.generation === known.keys.generation) return known;
    this.verified.delete(token);
    return undefined;
  }

  /**
   * Verifies a token.
   *
   * @throws DomainError `not_authenticated`; `identity_unavailable` when the provider's keys cannot be fetched
   */
  async verify(token: string): Promise<Verified> {
    if (token.length > MAX_TOKEN_LENGTH)
      throw new DomainError(
        'not_authenticated',
        `the token has more than ${MAX_TOKEN_LENGTH} characters: get one that says less`,
      );
    const known = this.known(token, Date.now());
    if (known !== undefined) return known;
    const trusted = this.trustedFor(token);
    const { claims, type, generation } = await this.claimsOf(trusted, token);
    const unread = faultOfWriting(token);
    if (unread !== undefined) throw new DomainError('not_authenticated', `the token ${unread}`);
    const binding = bindingOf(claims);
    if (typeof binding === 'string') throw new DomainError('not_authenticated', binding);
    const credentials = credentialsOf(trusted.issuer, type, claims, trusted.elsewhere);
    if (typeof credentials === 'string') throw new DomainError('not_authenticated', credentials);
    rememberIssued(credentials, (claims.iat ?? 0) * 1000);
    if (credentials.kind === 'user' && trusted.issuer !== DEVELOPMENT)
      rememberLacks(credentials, lacksOf(trusted.issuer, claims));
    // users are exempt: ids recorded before this rule stay valid
    const fault = credentials.kind === 'user' ? undefined : misspelling(credentials.id);
    if (fault !== undefined)
      throw new DomainError('not_authenticated', `the id that the token names ${fault}`);
    const expiresAt = (claims.exp ?? 0) * 1000;
    const { issuer } = trusted.issuer;
    const verified = { credentials, issuer, binding, expiresAt, keys: trusted.keys, generation };
    this.verified.set(token, verified);
    return verified;
  }

  /** The issuer that a token names. Nothing else is read before the signature is verified. */
  private trustedFor(token: string): Trusted {
    const [first] = this.trusted;
    try {
      const { iss } = decodeJwt(token);
      return this.trusted.find(({ issuer }) => issuer.issuer === iss) ?? first;
    } catch {
      return first;
    }
  }

  private async claimsOf(
    { issuer, keys }: Trusted,
    token: string,
  ): Promise<Claimed & { generation: number }> {
    const known = had(await keys.current());
    const claimed = await claimsBy(known, token, issuer);
    if (claimed !== undefined) return { ...claimed, generation: known.generation };
    // the provider may sign with a key that is newer than the last fetch
    const renewed = had(await keys.renewed(known.generation));
    const found = renewed === undefined ? undefined : await claimsBy(renewed, token, issuer);
    if (renewed === undefined || found === undefined)
      throw new DomainError(
        'not_authenticated',
        issuer === DEVELOPMENT
          ? 'the token is signed by another key than that of this service: get one by `npm run -s token` with the same DATA_DIR as the service; processes with folders of their own need the same `development-key.json` in each, or an OpenID provider'
          : 'the token is signed by none of the keys of its issuer: get a new one',
      );
    return { ...found, generation: renewed.generation };
  }
}

/**
 * The claims of a token that one of the keys signed; `undefined` when none of them did.
 *
 * @throws DomainError `not_authenticated` for errors that no other key would change
 */
async function claimsBy({ find }: FoundKeys, token: string, issuer: Issuer): Promise<Claimed | undefined> {
  try {
    return await claimsIf(token, find, issuer);
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return claimsByOneOf(error, token, issuer);
    return unlessSignedByAnother(error);
  }
}

async function claimsByOneOf(
  candidates: AsyncIterable<CryptoKey>,
  token: string,
  issuer: Issuer,
): Promise<Claimed | undefined> {
  let tried = 0;
  for await (const key of candidates) {
    if (++tried > MAX_CANDIDATES) break;
    try {
      return await claimsIf(token, async () => key, issuer);
    } catch (error) {
      unlessSignedByAnother(error);
    }
  }
  return undefined;
}

async function claimsIf(token: string, find: JWTVerifyGetKey, issuer: Issuer): Promise<Claimed> {
  const { payload, protectedHeader } = await jwtVerify(token, find, {
    issuer: issuer.issuer,
    clockTolerance: issuer.leeway,
    algorithms: ALGORITHMS,
    requiredClaims: ['sub', 'exp'],
  });
  // the leeway is only for `nbf`, against clocks that run ahead
  const end = (payload.exp ?? 0) * 1000;
  if (end <= Date.now()) throw new DomainError('not_authenticated', EXPIRED);
  if (end > Date.now() + FURTHEST_END_MS)
    throw new DomainError(
      'not_authenticated',
      "the token's `exp` lies more than 100 years ahead: it counts seconds since 1970, not milliseconds (RFC 7519, section 4.1.4), so get one whose issuer writes it so",
    );
  return { claims: payload, type: protectedHeader.typ };
}

/** @throws DomainError `identity_unavailable` when there are no keys */
function had<Value>(keys: Value | ProviderTrouble): Value {
  if (!(keys instanceof ProviderTrouble)) return keys;
  const next = keys.lasting ? 'whoever runs this service must fix it' : 'try again shortly';
  throw new DomainError('identity_unavailable', `${keys.what}: ${next}`, undefined, { cause: keys });
}

/** @throws DomainError `not_authenticated` unless the only fault is that another key signed */
function unlessSignedByAnother(error: unknown): undefined {
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey)
    return undefined;
  if (error instanceof DomainError) throw error;
  throw new DomainError('not_authenticated', faultOf(error), undefined, { cause: error });
}

function faultOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return EXPIRED;
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the token's \`${error.claim}\` is not accepted here: get one from this service's issuer, ${error.claim === 'iss' ? 'which OIDC_ISSUER names' : 'for its audience'}`;
  return 'the token is not one of this service, for its signature or form does not hold: get a new one';
}
