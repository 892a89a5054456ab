/** How commands find and call a server, and their errors when there is none. */
import { readConfig } from '../config.js';
import { isLoopback, isSecureUrl } from '../secure-url.js';
import { during } from './terminal.js';
import { jsonOf } from '../json.js';
import { readStream, readText } from '../text.js';

/** Options of every command that asks a server. */
export const SERVER_OPTIONS = { url: { type: 'string' }, 'token-file': { type: 'string' } } as const;
/** The line of a help about the server. */
export const urlHelp = (variable: UrlVariable) =>
  `  --url URL            the server; default ${variable}, or the one on this machine, at PORT (3000 without it),
                       or at PUBLIC_URL where it speaks TLS`;
export const SERVER_HELP = `${urlHelp('POLICY_URL')}
  --token-file FILE    a file that holds the token, - for standard input; default: the token in POLICY_TOKEN`;

const TIMEOUT_MS = 60_000;
/** Longest answer that is read: the largest are a difference or a draft of some megabytes. */
const MOST_BYTES = 1 << 26;
const MOST_TOKEN_BYTES = 1 << 16;

/** An answer of a server, read member by member. @throws Error where a member is not as expected */
export class Json {
  constructor(
    readonly value: unknown,
    private readonly place = '',
  ) {}

  /** A member; its value is `undefined` if it is missing. */
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

  async get(path: string): Promise<Json> {
    return (await during('waiting for the server', this.send('GET', path))).answer;
  }

  /**
   * @param edit of the draft that the request is about
   * @returns the answer, and whether something new was created
   */
  async post(
    path: string,
    body: object,
    edit?: number,
  ): Promise<{ readonly isNew: boolean; readonly answer: Json }> {
    const sent = this.send('POST', path, JSON.stringify(body), edit);
    const { status, answer } = await during('waiting for the server', sent);
    return { isNew: status === 201, answer };
  }

  /** @param edit of the draft that the request is about */
  async delete(path: string, edit: number): Promise<Json> {
    return (await during('waiting for the server', this.send('DELETE', path, undefined, edit))).answer;
  }

  /** @throws Error with the server's refusal */
  private async send(
    method: string,
    path: string,
    body?: string,
    edit?: number,
  ): Promise<{ readonly status: number; readonly answer: Json }> {
    const response = await this.fetch(method, path, body, edit);
    const answer = new Json(
      jsonOf(
        response.body === null
          ? ''
          : await readStream(response.body, `the answer of ${this.url}`, MOST_BYTES),
      ),
    );
    const problem = problemIn(answer);
    if (response.ok && isJson(response.headers.get('content-type')))
      return { status: response.status, answer };
    throw new Error(
      problem === undefined
        ? noAssent(this.url, response.status, 'POLICY_URL')
        : `the server answered ${response.status}: ${problem.says}`,
    );
  }

  private async fetch(method: string, path: string, body?: string, edit?: number): Promise<Response> {
    try {
      return await fetch(`${this.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(edit === undefined ? {} : { 'if-match': `"${edit}"` }),
        },
        ...(body === undefined ? {} : { body }),
        // the token is for this server, not for the target of a redirect
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError')
        throw new Error(
          `${this.url} did not answer in ${TIMEOUT_MS / 1000} s: ${urlQuestion('POLICY_URL')}, or try again`,
          { cause: error },
        );
      throw new Error(unreached(this.url, error, 'POLICY_URL'), { cause: error });
    }
  }
}

export type UrlVariable = 'POLICY_URL' | 'CONSENT_URL';

function urlQuestion(variable: UrlVariable): string {
  return `is the URL right? set --url or ${variable}`;
}

/** The message when a server was never reached. */
export function unreached(url: string, error: unknown, variable: UrlVariable): string {
  return `${noAnswer(url, error)}: start it; ${urlQuestion(variable)}`;
}

/** The message when something other than the service answered. */
export function noAssent(url: string, status: number, variable: UrlVariable): string {
  return `${url} answered ${status}, but not as Assent does: ${urlQuestion(variable)}`;
}

const UNREACHED = new Map([
  ['ECONNREFUSED', 'the connection was refused'],
  ['ENOTFOUND', 'there is no such host'],
  ['EAI_AGAIN', 'the name of the host could not be resolved'],
  ['ETIMEDOUT', 'nothing came back'],
]);

/** That there is no connection, and why. @param error of the connection, or with that as its cause */
export function noAnswer(url: string, error: unknown): string {
  const why = whyIn(error);
  return `no server answers at ${url}${why === '' ? '' : ` (${why})`}`;
}

function whyIn(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (!('code' in error)) return error.cause === undefined ? error.message : whyIn(error.cause);
  const code = String(error.code);
  return UNREACHED.get(code) ?? code;
}

/** Whether a media type is that of JSON. */
export function isJson(contentType: string | null | undefined): boolean {
  return /^application\/([\w.-]+\+)?json\b/.test(contentType ?? '');
}

/** The problem document in an answer; `undefined` when it is none of ours. */
export function problemIn(answer: Json): { readonly code: string; readonly says: string } | undefined {
  const type = answer.at('type').value;
  const [title, detail] = [answer.at('title').value, answer.at('detail').value];
  return typeof type === 'string' && typeof title === 'string' && typeof detail === 'string'
    ? { code: type.slice(type.lastIndexOf(':') + 1), says: `${title}: ${detail}` }
    : undefined;
}

/** @throws Error when a token would be sent where others can read it */
export function serverUrl(given = ownUrl()): string {
  const url = given.replace(/\/+$/, '');
  if (!isSecureUrl(url))
    throw new Error(
      `the server is \`${url}\`: give an https URL (http only on a loopback address), or others could read the token`,
    );
  return url;
}

/** The server that runs on this machine with these settings. */
function ownUrl(): string {
  const { host, port, tls, publicUrl } = readConfig(process.env);
  // its certificate is for that name
  if (tls !== undefined) return publicUrl;
  // a service that listens on all addresses listens on this one as well
  const own = isLoopback(host) ? host : '127.0.0.1';
  return `http://${own.includes(':') ? `[${own}]` : own}:${port}`;
}

async function tokenFrom(file: string | undefined): Promise<string> {
  if (file === undefined) return (variable('POLICY_TOKEN') ?? '').trim();
  if (file === '-') return (await readStream(process.stdin, 'standard input', MOST_TOKEN_BYTES)).trim();
  return tokenIn(file);
}

export async function tokenIn(file: string): Promise<string> {
  try {
    return (await readText(file)).trim();
  } catch (error) {
    throw new Error(`the token file \`${file}\` cannot be read: name another`, { cause: error });
  }
}

/** A variable of the environment; an empty one counts as absent. */
export function variable(name: `${'POLICY' | 'CONSENT'}_${'URL' | 'TOKEN'}`): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}
