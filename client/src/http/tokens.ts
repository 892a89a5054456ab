/** Access tokens: one that never changes, one that the caller gets, or one by client credentials. */
import { type Agent, type Reply, agentFor, exchange } from './exchange.js';
import { Failure } from '../terms/failure.js';
import { isText, memberOf, readJson } from '../terms/json.js';
import { isSecureUrl } from './address.js';
import { settled } from '../terms/settled.js';

/** How to get tokens by the client credentials grant (RFC 6749, section 4.4). */
export type ClientCredentials = {
  /** The token endpoint of the identity provider: https, or a loopback address. */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Scopes, separated by spaces. */
  readonly scope?: string;
  /** Further parameters of the request, such as `audience` or `resource` (RFC 8707). */
  readonly parameters?: Readonly<Record<string, string>>;
};

/** A bearer token; or what gets one, asked before each request and again after a token was refused; or credentials. */
export type TokenSettings = string | ((signal: AbortSignal) => string | Promise<string>) | ClientCredentials;

export type Tokens = {
  /** A token that was not refused yet, as far as there is one. @throws Failure `unauthorised` */
  readonly get: (signal: AbortSignal) => Promise<string>;
  /** Takes note that the service refused a token. */
  readonly refused: (token: string) => void;
  readonly close: () => void;
};

/** @throws TypeError in words when the settings cannot work */
export function tokensOf(settings: TokenSettings, timeout: number): Tokens {
  if (typeof settings === 'string') {
    if (settings === '')
      throw new TypeError('`token` is empty: set a bearer token; its environment variable may be missing');
    if (!isToken(settings))
      throw new TypeError('`token` is not a bearer token: set printable ASCII without spaces');
    return { get: () => Promise.resolve(settings), refused: () => undefined, close: () => undefined };
  }
  if (typeof settings === 'function')
    return { get: (signal) => asked(settings, signal), refused: () => undefined, close: () => undefined };
  // callers in JavaScript may send anything
  if (typeof settings !== 'object' || settings === null)
    throw new TypeError('`token` is missing: set a bearer token, a function that gets one, or credentials');
  return new Renewed(settings, timeout);
}

async function asked(
  source: (signal: AbortSignal) => string | Promise<string>,
  signal: AbortSignal,
): Promise<string> {
  let token: unknown;
  try {
    token = await source(signal);
  } catch {
    // the error is the caller's, and may quote a secret
    throw unauthorised('the function that gets the token failed');
  }
  if (isToken(token)) return token;
  throw unauthorised('the function that gets the token gave none');
}

/** The longest token that a header can hold beside the others. */
const LONGEST = 12_000;

/** Whether it can stand in a header as it is (RFC 6750, section 2.1, is narrower still). */
function isToken(token: unknown): token is string {
  return isText(token) && token.length <= LONGEST && /^[\x21-\x7e]+$/.test(token);
}

/** Part of a token's lifetime after which another is got, while this one is still used. */
const RENEWED_AFTER = 0.8;
/** Milliseconds between two tries to replace a token that is still good. */
const RENEWAL_PAUSE = 1_000;
/** Most bytes of an answer of the identity provider. */
const MOST = 65_536;

type Held = {
  readonly token: string;
  /** When to get another one, and when to use this one no more, on the clock that nobody sets. */
  readonly renewAt: number;
  readonly until: number;
};

/**
 * Gets a token when there is none, and another before it expires. How long it is good is counted from when it was asked
 * for, by a clock that only counts on: that the clocks of two machines differ does not matter.
 */
class Renewed implements Tokens {
  private held: Held | undefined;
  private coming: Promise<Held> | undefined;
  private readonly url: URL;
  private readonly agent: Agent;
  private readonly body: string;
  private readonly authorization: string;

  constructor(
    { tokenUrl, clientId, clientSecret, scope, parameters }: ClientCredentials,
    private readonly timeout: number,
  ) {
    if (!isSecureUrl(tokenUrl))
      throw new TypeError(
        '`token.tokenUrl` is not safe for a secret: set an https address, or a loopback one',
      );
    if (!isText(clientId) || !isText(clientSecret))
      throw new TypeError('`token` has no `clientId` or no `clientSecret`: set both');
    this.url = new URL(tokenUrl);
    this.agent = agentFor(this.url);
    const form = new URLSearchParams({ ...parameters, grant_type: 'client_credentials' });
    if (scope !== undefined) form.set('scope', scope);
    this.body = form.toString();
    this.authorization = `Basic ${Buffer.from(`${encoded(clientId)}:${encoded(clientSecret)}`).toString('base64')}`;
  }

  async get(signal: AbortSignal): Promise<string> {
    const now = performance.now();
    const { held } = this;
    if (held !== undefined && now < held.until) {
      if (now >= held.renewAt) {
        // if nothing comes of it, the next try is not at once
        this.held = { ...held, renewAt: now + RENEWAL_PAUSE };
        this.renew().catch(() => undefined);
      }
      return held.token;
    }
    return (await settled(this.renew(), signal)).token;
  }

  refused(token: string): void {
    if (this.held?.token === token) this.held = undefined;
  }

  close(): void {
    this.agent.destroy();
  }

  /** One request for all who wait; it ends by itself, whoever of them gives up. */
  private renew(): Promise<Held> {
    this.coming ??= this.fetched().finally(() => {
      this.coming = undefined;
    });
    return this.coming;
  }

  private async fetched(): Promise<Held> {
    const asked = performance.now();
    let reply: Reply;
    try {
      reply = await exchange(
        {
          url: this.url,
          agent: this.agent,
          body: this.body,
          most: MOST,
          headers: {
            authorization: this.authorization,
            accept: 'application/json',
            'content-type': 'application/x-www-form-urlencoded',
          },
        },
        AbortSignal.timeout(this.timeout),
      );
    } catch {
      throw unauthorised('the identity provider gave no answer');
    }
    const { status, body } = reply;
    const answer = readJson(body);
    const token = memberOf(answer, 'access_token');
    const type = memberOf(answer, 'token_type');
    const lifetime = memberOf(answer, 'expires_in') ?? Infinity;
    if (status !== 200) throw unauthorised(`the identity provider answered with status ${status}`);
    if (!isToken(token) || typeof type !== 'string' || type.toLowerCase() !== 'bearer')
      throw unauthorised('the identity provider gave no bearer token');
    if (typeof lifetime !== 'number' || !(lifetime >= 0))
      throw unauthorised('the identity provider does not say in seconds how long the token is good');
    this.held = {
      token,
      renewAt: asked + lifetime * RENEWED_AFTER * 1000,
      until: asked + lifetime * 1000,
    };
    return this.held;
  }
}

/** As RFC 6749, section 2.3.1, asks for what Basic authentication is made of. */
function encoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}

function unauthorised(message: string): Failure {
  return new Failure('unauthorised', { message });
}
