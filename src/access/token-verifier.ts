/** Verifies bearer tokens: signature, issuer, audience, time. */
import {
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  createRemoteJWKSet,
  errors,
  jwtVerify,
} from 'jose';
import { DomainError } from '../errors.js';
import { type Credentials, credentialsOf } from './caller.js';
import { DEVELOPMENT_AUDIENCE, DEVELOPMENT_ISSUER, developmentPublicKey } from './development-key.js';

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
const FETCH_TIMEOUT_MS = 5_000;
/** How soon after the last look at the provider's keys an unknown one is looked for again. */
const ROTATION_MS = 5_000;

/** Codes of jose for a provider whose keys could not be fetched. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'ERR_JOSE_GENERIC',
  'ERR_JWKS_TIMEOUT',
  'ERR_JWKS_INVALID',
]);

type Verified = { readonly credentials: Credentials; readonly expiresAt: number };

export class TokenVerifier {
  /** By token, oldest first. Credentials are never answered from here once their token has expired. */
  private readonly verified = new Map<string, Verified>();

  private constructor(
    private readonly options: JWTVerifyOptions & { issuer: string; audience: string },
    private readonly keys: () => Promise<JWTVerifyGetKey>,
  ) {}

  /** Trusts the tokens of an OpenID provider, found by its discovery document (OpenID Connect Discovery 1.0, section 4). */
  static forProvider({ issuer, audience }: { issuer: string; audience: string }): TokenVerifier {
    let keys: Promise<JWTVerifyGetKey> | undefined;
    const discover = async () => {
      const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
        signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
        redirect: 'error',
      });
      if (!response.ok) throw new Error(`discovery answered ${response.status}`);
      const document: unknown = await response.json();
      if (
        typeof document !== 'object' ||
        document === null ||
        !('jwks_uri' in document) ||
        !('issuer' in document)
      )
        throw new Error('the discovery document names no issuer or no keys');
      if (document.issuer !== issuer) throw new Error('the discovery document is of another issuer');
      return createRemoteJWKSet(new URL(String(document.jwks_uri)), {
        timeoutDuration: FETCH_TIMEOUT_MS,
        cooldownDuration: ROTATION_MS,
      });
    };
    return new TokenVerifier({ issuer, audience }, () => {
      keys ??= discover().catch((error: unknown) => {
        keys = undefined;
        throw error;
      });
      return keys;
    });
  }

  /** Trusts the development key in the data folder, and nothing else. */
  static async forDevelopment(dataDir: string): Promise<TokenVerifier> {
    const key = await developmentPublicKey(dataDir);
    return new TokenVerifier(
      { issuer: DEVELOPMENT_ISSUER, audience: DEVELOPMENT_AUDIENCE },
      async () => async () => key,
    );
  }

  /** The credentials of a token that was verified before and is still valid, without waiting. */
  recall(token: string, now: number): Credentials | undefined {
    const known = this.verified.get(token);
    if (known === undefined) return undefined;
    if (known.expiresAt > now) return known.credentials;
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
    const claims = await this.claimsOf(token);
    const credentials = credentialsOf(claims);
    if (typeof credentials === 'string') throw new DomainError('not_authenticated', credentials);
    this.remember(token, { credentials, expiresAt: (claims.exp ?? 0) * 1000 });
    return credentials;
  }

  private async claimsOf(token: string): Promise<JWTPayload> {
    let keys: JWTVerifyGetKey;
    try {
      keys = await this.keys();
    } catch (error) {
      throw new DomainError('identity_unavailable', 'try again shortly', undefined, { cause: error });
    }
    try {
      const { payload } = await jwtVerify(token, keys, {
        ...this.options,
        algorithms: ALGORITHMS,
        requiredClaims: ['sub', 'exp'],
      });
      return payload;
    } catch (error) {
      if (!(error instanceof errors.JOSEError) || UNREACHABLE.has(error.code))
        throw new DomainError('identity_unavailable', 'try again shortly', undefined, { cause: error });
      throw new DomainError('not_authenticated', faultOf(error));
    }
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

function faultOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired: get a new one';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the token's \`${error.claim}\` is not accepted here: get one from this service's issuer, for its audience`;
  return 'the token is not one of this service: its signature or form does not hold';
}
