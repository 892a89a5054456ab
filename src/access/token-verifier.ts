/** Verifies bearer tokens: signature, issuer, audience, time. */
import { type CryptoKey, type JWTPayload, type JWTVerifyGetKey, errors, jwtVerify } from 'jose';
import { DomainError } from '../errors.js';
import { misspelling } from '../id.js';
import { type Credentials, credentialsOf } from './caller.js';
import { DEVELOPMENT_AUDIENCE, DEVELOPMENT_ISSUER, developmentPublicKey } from './development-key.js';
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
/** Credentials kept so that the same token is not verified again; one entry is some hundred bytes. */
const CACHE_SIZE = 10_000;
/** How many keys that fit a token's header are tried. */
const MAX_CANDIDATES = 16;
/** The media type of access tokens (RFC 9068, section 2.1; RFC 8725, section 3.11): a signed logout token is none. */
const TYPE = 'at+jwt';
/** Claims of ID tokens and logout tokens, never of access tokens. */
const FOREIGN_CLAIMS = ['events', 'nonce', 'at_hash', 'c_hash'];

const EXPIRED = 'the token has expired: get a new one';

/** Whose tokens are trusted. */
export type Trust = {
  readonly issuer: string;
  readonly audience: string;
  /** How far the issuer's clock may run ahead, in seconds. */
  readonly leeway: number;
};

/** Where keys come from. */
type Keys = Pick<ProviderKeys, 'current' | 'renewed' | 'generation' | 'found' | 'trouble'>;

type Verified = {
  readonly credentials: Credentials;
  readonly expiresAt: number;
  readonly generation: number;
};

export class TokenVerifier {
  /** By token, oldest first. Credentials are never answered from here once their token has expired. */
  private readonly verified = new Map<string, Verified>();

  private constructor(
    private readonly trust: Trust,
    private readonly keys: Keys,
  ) {}

  /**
   * Trusts the tokens of an OpenID provider.
   *
   * @param onTrouble told why the provider's keys cannot be had
   * @throws ProviderTrouble when the provider can be reached and is not what it is taken for
   */
  static async forProvider(
    trust: Trust,
    onTrouble: (trouble: ProviderTrouble) => void,
    now: () => number = Date.now,
  ): Promise<TokenVerifier> {
    const keys = new ProviderKeys(trust.issuer, now, onTrouble);
    await keys.start();
    if (keys.trouble?.lasting === true) throw keys.trouble;
    return new TokenVerifier(trust, keys);
  }

  /** Trusts the development key in the data folder, and nothing else. */
  static async forDevelopment(dataDir: string): Promise<TokenVerifier> {
    const key = await developmentPublicKey(dataDir);
    const found = { find: async () => key, generation: 1 };
    return new TokenVerifier(
      { issuer: DEVELOPMENT_ISSUER, audience: DEVELOPMENT_AUDIENCE, leeway: 0 },
      {
        current: async () => found,
        renewed: async () => undefined,
        generation: found.generation,
        found: true,
        trouble: undefined,
      },
    );
  }

  /** Why nobody can be recognised yet; `undefined` once the keys were had. */
  get trouble(): string | undefined {
    return this.keys.found ? undefined : (this.keys.trouble?.message ?? 'the keys are being looked for');
  }

  /** The credentials of a token that was verified before and is still valid, without waiting. */
  recall(token: string, now: number): Credentials | undefined {
    const known = this.verified.get(token);
    if (known === undefined) return undefined;
    if (known.expiresAt > now && known.generation === this.keys.generation) return known.credentials;
    this.verified.delete(token);
    return undefined;
  }

  /**
   * Verifies a token.
   *
   * @throws DomainError `not_authenticated`; `identity_unavailable` when the provider's keys cannot be had
   */
  async verify(token: string): Promise<Credentials> {
    if (token.length > MAX_TOKEN_LENGTH) throw new DomainError('not_authenticated', 'the token is too long');
    const { claims, generation } = await this.claimsOf(token);
    const unread = faultOfWriting(token);
    if (unread !== undefined) throw new DomainError('not_authenticated', `the token ${unread}`);
    const credentials = credentialsOf(claims);
    if (typeof credentials === 'string') throw new DomainError('not_authenticated', credentials);
    // of a user the record tells whether the id is one that was given before the rule
    const fault = credentials.kind === 'user' ? undefined : misspelling(credentials.id);
    if (fault !== undefined) throw new DomainError('not_authenticated', `the subject of the token ${fault}`);
    this.remember(token, { credentials, expiresAt: (claims.exp ?? 0) * 1000, generation });
    return credentials;
  }

  private async claimsOf(token: string): Promise<{ claims: JWTPayload; generation: number }> {
    const known = had(await this.keys.current());
    const claims = await this.claimsBy(known, token);
    if (claims !== undefined) return { claims, generation: known.generation };
    // the provider may sign with a key that it had not when it was last asked
    const renewed = had(await this.keys.renewed(known.generation));
    const found = renewed === undefined ? undefined : await this.claimsBy(renewed, token);
    if (renewed === undefined || found === undefined)
      throw new DomainError('not_authenticated', 'the token is signed by none of the keys of its issuer');
    return { claims: found, generation: renewed.generation };
  }

  /**
   * The claims of a token that one of the keys signed; `undefined` when none of them did.
   *
   * @throws DomainError `not_authenticated` for whatever no other key would change
   */
  private async claimsBy({ find }: FoundKeys, token: string): Promise<JWTPayload | undefined> {
    try {
      return await this.claimsIf(token, find);
    } catch (error) {
      if (error instanceof errors.JWKSMultipleMatchingKeys) return this.claimsByOneOf(error, token);
      return unlessSignedByAnother(error);
    }
  }

  private async claimsByOneOf(
    candidates: AsyncIterable<CryptoKey>,
    token: string,
  ): Promise<JWTPayload | undefined> {
    let tried = 0;
    for await (const key of candidates) {
      if (++tried > MAX_CANDIDATES) break;
      try {
        return await this.claimsIf(token, async () => key);
      } catch (error) {
        unlessSignedByAnother(error);
      }
    }
    return undefined;
  }

  private async claimsIf(token: string, find: JWTVerifyGetKey): Promise<JWTPayload> {
    const { issuer, audience, leeway } = this.trust;
    const { payload } = await jwtVerify(token, find, {
      issuer,
      audience,
      typ: TYPE,
      clockTolerance: leeway,
      algorithms: ALGORITHMS,
      requiredClaims: ['sub', 'exp'],
    });
    // the leeway is for clocks that run ahead; what has expired has expired
    if ((payload.exp ?? 0) * 1000 <= Date.now()) throw new DomainError('not_authenticated', EXPIRED);
    const foreign = FOREIGN_CLAIMS.find((claim) => Object.hasOwn(payload, claim));
    if (foreign !== undefined)
      throw new DomainError(
        'not_authenticated',
        `the token has the claim \`${foreign}\`, which no access token has: send the access token, not the ID token or the logout token`,
      );
    return payload;
  }

  private remember(token: string, verified: Verified): void {
    this.verified.set(token, verified);
    if (this.verified.size <= CACHE_SIZE) return;
    for (const oldest of this.verified.keys()) {
      this.verified.delete(oldest);
      return;
    }
  }
}

/** @throws DomainError `identity_unavailable` when there are no keys to be had */
function had<Value>(keys: Value | ProviderTrouble): Value {
  if (!(keys instanceof ProviderTrouble)) return keys;
  const next = keys.lasting ? 'whoever runs this service must mend it' : 'try again shortly';
  throw new DomainError('identity_unavailable', `${keys.message}: ${next}`, undefined, { cause: keys });
}

/** @throws DomainError `not_authenticated` unless all that is wrong is that another key signed */
function unlessSignedByAnother(error: unknown): undefined {
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey)
    return undefined;
  if (error instanceof DomainError) throw error;
  throw new DomainError('not_authenticated', faultOf(error), undefined, { cause: error });
}

function faultOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return EXPIRED;
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.claim === 'typ'
      ? 'the token is no access token: the `typ` of its header is not `at+jwt`'
      : `the token's \`${error.claim}\` is not accepted here: get one from this service's issuer, for its audience`;
  return 'the token is not one of this service: its signature or form does not hold';
}
