/** Signing in at an OpenID provider: what a browser keeps until the person comes back, and who they are then. */
import { createHash, randomBytes } from 'node:crypto';
import type { TokenVerifier } from '../access/tokens/token-verifier.js';
import { DomainError } from '../errors.js';
import { CLOCK_TOLERANCE_MS, MINUTE_MS } from '../time.js';
import { clearCookie, cookiesIn, setCookie } from './cookies.js';
import type { Provider, Secrets } from './provider.js';
import type { Sealing } from './sealing.js';
import type { Person } from './session.js';
import type { SpentIdStore } from './spent-ids.store.js';
import { kindOf, pageAskedFor } from './where-to.js';

/** How long signing in may take. */
const PATIENCE_MS = 10 * MINUTE_MS;
/** Begins the name of the cookie of each attempt, so that two tabs do not take it from each other. */
const ATTEMPT = 'assent-sign-in-';
/** Attempts of one browser at once: more cookies would fill the headers of every request. */
const MOST_ATTEMPTS = 5;
const STATE = /^[\w-]{22}$/;

/** An attempt as it is sealed. */
type Attempt = Secrets & { readonly issuer: string; readonly to: string; readonly until: number };

/** Somebody who came back. */
export type Arrived = {
  readonly person: Person;
  readonly issuer: string;
  readonly to: string;
};

export class SignIn {
  /** @param now milliseconds since the Unix epoch */
  constructor(
    private readonly providers: readonly Pick<
      Provider,
      'issuer' | 'address' | 'accessToken' | 'signOutAddress'
    >[],
    private readonly sealing: Sealing,
    private readonly spent: SpentIdStore,
    private readonly verifier: Pick<TokenVerifier, 'verify'>,
    private readonly now: () => number,
  ) {}

  /**
   * Begins an attempt.
   *
   * @param to the page that follows
   * @param cookies the header of the request
   */
  async begin(
    to: string,
    cookies: string | undefined,
  ): Promise<{ readonly address: string; readonly cookies: readonly string[] }> {
    const kind = kindOf(to);
    const provider = this.providers.find(({ issuer }) => issuer.audiences[kind].length > 0);
    if (provider === undefined)
      throw new DomainError(
        'route_not_found',
        `no identity provider is set up for signing in as one of the ${kind}: whoever runs this service sets OIDC_SIGN_IN_CLIENT`,
      );
    const secrets = { state: random(16), nonce: random(32), verifier: random(32) };
    const address = await provider.address(kind, secrets);
    const attempt: Attempt = {
      ...secrets,
      issuer: provider.issuer.issuer,
      to,
      until: this.now() + PATIENCE_MS,
    };
    const others = [...cookiesIn(cookies).keys()].filter((name) => name.startsWith(ATTEMPT));
    return {
      address,
      cookies: [
        ...others.slice(0, Math.max(others.length - MOST_ATTEMPTS + 1, 0)).map(clearCookie),
        setCookie(`${ATTEMPT}${secrets.state}`, await this.sealing.seal(attempt), PATIENCE_MS / 1_000),
      ],
    };
  }

  /**
   * Ends an attempt: the person is who a token of that provider says, read as every token is.
   *
   * @param query as the provider sent it
   * @throws DomainError `sign_in_failed`, `identity_unavailable`
   */
  async complete(query: string, cookies: string | undefined): Promise<Arrived> {
    const attempt = await this.attemptOf(new URLSearchParams(query).getAll('state'), cookies);
    const provider = this.providers.find(({ issuer }) => issuer.issuer === attempt.issuer);
    if (provider === undefined) throw notBegun();
    const person = await this.personOf(
      await provider.accessToken(kindOf(attempt.to), query, attempt),
      attempt,
    );
    const id = createHash('sha256').update(attempt.state).digest().subarray(0, 16);
    if (!(await this.spent.spend(id, attempt.until + CLOCK_TOLERANCE_MS, this.now()))) throw notBegun();
    const { issuer, to } = attempt;
    return { person, issuer, to };
  }

  /** `Set-Cookie` that takes away the attempt that a query names, for one that failed. */
  forgets(query: string): string[] {
    const [state = ''] = new URLSearchParams(query).getAll('state');
    return STATE.test(state) ? [clearCookie(`${ATTEMPT}${state}`)] : [];
  }

  /** Where somebody whom an issuer signed in signs out there too. */
  async signOutAddress(issuer: string, back: string): Promise<string | undefined> {
    return this.providers.find((one) => one.issuer.issuer === issuer)?.signOutAddress(back);
  }

  private async attemptOf(
    [state = '', ...others]: readonly string[],
    cookies: string | undefined,
  ): Promise<Attempt> {
    if (!STATE.test(state) || others.length > 0) throw notBegun();
    const sealed = cookiesIn(cookies).get(`${ATTEMPT}${state}`);
    const attempt = attemptIn(sealed === undefined ? undefined : await this.sealing.open(sealed));
    if (attempt === undefined || attempt.state !== state || attempt.until <= this.now()) throw notBegun();
    return attempt;
  }

  private async personOf(token: string, { issuer }: Attempt): Promise<Person> {
    const verified = await this.verifier.verify(token).catch((error: unknown) => {
      if (!(error instanceof DomainError) || error.code !== 'not_authenticated') throw error;
      throw new DomainError('sign_in_failed', `the identity provider signed you in, but ${error.message}`);
    });
    const { credentials } = verified;
    if (verified.issuer !== issuer || verified.binding !== undefined || credentials.kind === 'service')
      throw new DomainError(
        'sign_in_failed',
        'the identity provider signed you in, but its token is none of a person that counts by itself: tell whoever runs this service',
      );
    return credentials;
  }
}

function notBegun(): DomainError {
  return new DomainError(
    'sign_in_failed',
    'this browser began no such attempt, or too long ago, or it is done: sign in again',
  );
}

function attemptIn(content: unknown): Attempt | undefined {
  if (typeof content !== 'object' || content === null) return undefined;
  const { state, nonce, verifier, issuer, to, until }: Readonly<Record<string, unknown>> = { ...content };
  if (
    typeof state !== 'string' ||
    typeof nonce !== 'string' ||
    typeof verifier !== 'string' ||
    typeof issuer !== 'string' ||
    typeof to !== 'string' ||
    typeof until !== 'number' ||
    pageAskedFor(to) !== to
  )
    return undefined;
  return { state, nonce, verifier, issuer, to, until };
}

function random(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
