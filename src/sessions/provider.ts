/**
 * What this service asks OpenID providers: authorization code with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636;
 * RFC 9700, section 2.1). The library is loaded when the first person signs in: a start does not wait for it.
 */
import type { Configuration } from 'openid-client';
import type { Issuer, Kind, SignInClient } from '../access/tokens/issuer.js';
import { DomainError } from '../errors.js';
import { MINUTE_MS } from '../time.js';

const TIMEOUT_S = 5;
const DISCOVERED_FOR_MS = 10 * MINUTE_MS;

/** An issuer where people sign in. */
export type SignInIssuer = Issuer & { readonly signIn: SignInClient };

/** What only the browser that began may bring back. */
export type Secrets = { readonly state: string; readonly nonce: string; readonly verifier: string };

type Discovered = { readonly at: number; readonly configuration: Promise<Configuration> };

export class Provider {
  private discovered: Discovered | undefined;

  /**
   * @param callback where the provider sends people back
   * @param now milliseconds since the Unix epoch
   * @param onTrouble called with what went wrong, for the operator: it has no data of people
   */
  constructor(
    readonly issuer: SignInIssuer,
    private readonly callback: string,
    private readonly now: () => number,
    private readonly onTrouble: (because: string) => void,
  ) {}

  /** Where a person signs in. */
  async address(kind: Kind, { state, nonce, verifier }: Secrets): Promise<string> {
    return this.asking(async (client, configuration) =>
      client.buildAuthorizationUrl(configuration, {
        ...this.parametersFor(kind),
        redirect_uri: this.callback,
        scope: this.scopeFor(kind),
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }),
    ).then(({ href }) => href);
  }

  /** The access token of the person who comes back. @param query as the provider sent it */
  async accessToken(kind: Kind, query: string, secrets: Secrets): Promise<string> {
    const { resource } = this.parametersFor(kind);
    const answer = await this.asking((client, configuration) =>
      client.authorizationCodeGrant(
        configuration,
        new URL(`${this.callback}?${query}`),
        {
          expectedState: secrets.state,
          expectedNonce: secrets.nonce,
          pkceCodeVerifier: secrets.verifier,
          idTokenExpected: true,
        },
        resource === undefined ? {} : { resource },
      ),
    );
    return answer.access_token;
  }

  /** Where a person signs out there too (OpenID Connect RP-Initiated Logout 1.0); `undefined` when there is no such place. */
  async signOutAddress(back: string): Promise<string | undefined> {
    return this.asking(async (client, configuration) =>
      configuration.serverMetadata().end_session_endpoint === undefined
        ? undefined
        : client.buildEndSessionUrl(configuration, { post_logout_redirect_uri: back }).href,
    );
  }

  private parametersFor(kind: Kind): Readonly<Record<string, string>> {
    const { provider, signIn, audiences } = this.issuer;
    const [audience = ''] = audiences[kind];
    if (signIn.parameters !== undefined) return signIn.parameters;
    if (provider === 'auth0') return { audience };
    // RFC 8707 has absolute URIs alone
    return provider === 'generic' && URL.canParse(audience) ? { resource: audience } : {};
  }

  private scopeFor(kind: Kind): string {
    const { provider, signIn, audiences } = this.issuer;
    const [audience = ''] = audiences[kind];
    return signIn.scope ?? (provider === 'entra' ? `openid ${audience}/.default` : 'openid');
  }

  /** @throws DomainError `sign_in_failed`, `identity_unavailable` */
  private async asking<T>(
    ask: (client: OpenIdClient, configuration: Configuration) => Promise<T> | T,
  ): Promise<T> {
    const client = await import('openid-client');
    try {
      return await ask(client, await this.configuration(client));
    } catch (error) {
      throw this.told(client, error);
    }
  }

  private configuration(client: OpenIdClient): Promise<Configuration> {
    const now = this.now();
    const { discovered } = this;
    if (discovered !== undefined && Math.abs(now - discovered.at) < DISCOVERED_FOR_MS)
      return discovered.configuration;
    const fresh = { at: now, configuration: this.discover(client) };
    this.discovered = fresh;
    fresh.configuration.catch(() => {
      if (this.discovered === fresh) this.discovered = undefined;
    });
    return fresh.configuration;
  }

  private async discover(client: OpenIdClient): Promise<Configuration> {
    const { issuer, signIn } = this.issuer;
    // http: is accepted only on loopback addresses
    const execute = issuer.startsWith('http:') ? [client.allowInsecureRequests] : [];
    const found = await client.discovery(new URL(issuer), signIn.id, {}, client.None(), {
      execute,
      timeout: TIMEOUT_S,
    });
    const server = found.serverMetadata();
    const { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = server;
    const authentication =
      signIn.secret === undefined
        ? client.None()
        : methods.includes('client_secret_basic')
          ? client.ClientSecretBasic(signIn.secret)
          : client.ClientSecretPost(signIn.secret);
    const configuration = new client.Configuration(server, signIn.id, {}, authentication);
    configuration.timeout = TIMEOUT_S;
    for (const allow of execute) allow(configuration);
    client.enableNonRepudiationChecks(configuration);
    return configuration;
  }

  private told(client: OpenIdClient, error: unknown): DomainError {
    if (error instanceof client.AuthorizationResponseError && error.error === 'access_denied')
      return new DomainError('sign_in_failed', 'signing in was cancelled: begin again when you like');
    const failure = failureIn(client, error);
    this.onTrouble(failure.because);
    return failure.passing
      ? new DomainError('identity_unavailable', 'the identity provider does not answer: try again shortly')
      : new DomainError(
          'sign_in_failed',
          'the answer of the identity provider does not hold: sign in again; if it stays, tell whoever runs this service',
        );
  }
}

type OpenIdClient = typeof import('openid-client');

/** What went wrong, by codes alone: messages may quote what a person sent. */
function failureIn(
  client: OpenIdClient,
  error: unknown,
): { readonly because: string; readonly passing: boolean } {
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError)
    return { because: codeLike(error.error), passing: error.error === 'temporarily_unavailable' };
  if (error instanceof client.ClientError)
    return { because: codeLike(error.code), passing: error.code === 'OAUTH_TIMEOUT' };
  // what `fetch` throws when there is no connection
  if (error instanceof TypeError && error.message === 'fetch failed')
    return { because: 'no connection', passing: true };
  return { because: error instanceof Error ? error.name : 'unknown', passing: false };
}

function codeLike(code: unknown): string {
  return typeof code === 'string' && /^[\w-]{1,64}$/.test(code) ? code : 'unknown';
}
