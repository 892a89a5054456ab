/** The policy API of a running server, as the policy commands ask it. */
import { isSecureUrl } from '../secure-url.js';
import { during } from './terminal.js';
import { parseJson } from '../json.js';
import { readStream, readText } from '../text.js';

/** Options of every command that asks a server. */
export const SERVER_OPTIONS = { url: { type: 'string' }, 'token-file': { type: 'string' } } as const;
export const SERVER_HELP = `  --url URL            the server; default POLICY_URL, or http://127.0.0.1:3000
  --token-file FILE    a file that holds the token, - for standard input; default: the token in POLICY_TOKEN`;

const TIMEOUT_MS = 60_000;

/** What a server answers, read member by member. @throws Error where a member is not as expected */
export class Json {
  constructor(
    readonly value: unknown,
    private readonly place = '',
  ) {}

  /** A member; `undefined` inside where there is none. */
  at(name: string): Json {
    const { value } = this;
    const members = typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
    return new Json(members?.get(name), `${this.place}/${name}`);
  }

  get isThere(): boolean {
    return this.value !== undefined;
  }

  get text(): string {
    return typeof this.value === 'string' ? this.value : this.unexpected('a text');
  }

  get number(): number {
    return typeof this.value === 'number' ? this.value : this.unexpected('a number');
  }

  get flag(): boolean {
    return typeof this.value === 'boolean' ? this.value : this.unexpected('true or false');
  }

  get list(): Json[] {
    if (!Array.isArray(this.value)) return this.unexpected('a list');
    return this.value.map((entry: unknown, index) => new Json(entry, `${this.place}/${index}`));
  }

  private unexpected(what: string): never {
    throw new Error(
      `the answer of the server has not ${what} at \`${this.place}\`: use the command of the version that the server runs`,
    );
  }
}

export class PolicyServer {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /**
   * Finds the server and the token in options, or else in the environment.
   *
   * @throws Error when there is no token, or when it would travel where others can read it
   */
  static async from(options: {
    readonly url?: string;
    readonly 'token-file'?: string;
  }): Promise<PolicyServer> {
    const url = serverUrl(options.url ?? variable('POLICY_URL'));
    const token = await tokenFrom(options['token-file']);
    if (token === '')
      throw new Error(
        'there is no token: put it into POLICY_TOKEN, or into a file that --token-file names; never on the command line, where others can see it',
      );
    return new PolicyServer(url, token);
  }

  get(path: string): Promise<Json> {
    return during('waiting for the server', this.send('GET', path));
  }

  post(path: string, body: object): Promise<Json> {
    return during('waiting for the server', this.send('POST', path, JSON.stringify(body)));
  }

  /** @throws Error with what the server said against it */
  private async send(method: string, path: string, body?: string): Promise<Json> {
    const response = await this.fetch(method, path, body);
    const answer = new Json(
      jsonOf(response.body === null ? '' : await readStream(response.body, 'the answer')),
    );
    if (response.ok) return answer;
    const [title, detail] = [answer.at('title'), answer.at('detail')];
    throw new Error(
      title.isThere && detail.isThere
        ? `the server answered ${response.status}: ${title.text}: ${detail.text}`
        : `${this.url} answered ${response.status}: is it a server of Assent?`,
    );
  }

  private async fetch(method: string, path: string, body?: string): Promise<Response> {
    try {
      return await fetch(`${this.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
        // the token is for this server, and not for where it may point to
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError')
        throw new Error(`${this.url} did not answer in ${TIMEOUT_MS / 1000} s: try again`, { cause: error });
      throw new Error(`no server answers at ${this.url}: start it, or name another with --url`, {
        cause: error,
      });
    }
  }
}

/** @throws Error when a token would travel where others can read it */
export function serverUrl(given = 'http://127.0.0.1:3000'): string {
  const url = given.replace(/\/+$/, '');
  if (!isSecureUrl(url))
    throw new Error(
      `the server is \`${url}\`: give an https URL (http only on a loopback address), or others could read the token`,
    );
  return url;
}

async function tokenFrom(file: string | undefined): Promise<string> {
  if (file === undefined) return (variable('POLICY_TOKEN') ?? '').trim();
  if (file === '-') return (await readStream(process.stdin, 'standard input')).trim();
  return tokenIn(file);
}

export async function tokenIn(file: string): Promise<string> {
  try {
    return (await readText(file)).trim();
  } catch (error) {
    throw new Error(`the token file \`${file}\` cannot be read: name another`, { cause: error });
  }
}

/** A variable of the environment; an empty one is none. */
export function variable(name: `${'POLICY' | 'CONSENT'}_${'URL' | 'TOKEN'}`): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}

/** The value of a JSON text; `undefined` when it is none. */
export function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
