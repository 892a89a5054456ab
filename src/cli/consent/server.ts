/** The imports and exports of a running server, as the consent commands use them. */
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text as textOf } from 'node:stream/consumers';
import { developmentToken } from '../../access/tokens/development-key.js';
import { readConfig } from '../../config.js';
import { jsonOf } from '../../json.js';
import {
  Json,
  isJson,
  noAnswer,
  noAssent,
  problemIn,
  serverUrl,
  tokenIn,
  unreached,
  urlHelp,
  variable,
} from '../server.js';

export const SERVER_HELP = `${urlHelp('CONSENT_URL')}
  --token-file FILE    a file that holds the token; default: the token in CONSENT_TOKEN, or in development mode
                       one made with the key in DATA_DIR`;

const NDJSON = 'application/x-ndjson';
/** A connection is given up after this long without a byte. */
const SILENCE_MS = 60_000;
/** The same before the first byte: the service answers a GET sooner, even when its database does not. */
const FIRST_SILENCE_MS = 15_000;

/** The server, or the network, failed in a way that may be temporary. */
export class ServerAway extends Error {}

/** The service has not answered since the command began: the URL is probably wrong. */
export class ServerUnknown extends Error {}

/** The server refused, and will again. `code` says why. */
export class ServerRefusal extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

/** A request whose answer arrives while its body is still being sent. */
export type Exchange = { readonly body: ClientRequest; readonly answer: Promise<IncomingMessage> };

type Options = { readonly url?: string; readonly 'token-file'?: string };

export class ConsentServer {
  /** Whether it has answered as the service does. */
  private isKnown = false;

  private constructor(
    private readonly url: string,
    private readonly tokenNow: () => Promise<string>,
  ) {}

  /** @throws Error when there is no token, or when it would be sent where others can read it */
  static from(options: Options): ConsentServer {
    const url = serverUrl(options.url ?? variable('CONSENT_URL'));
    return new ConsentServer(url, tokenSource(options['token-file']));
  }

  /** @throws ServerRefusal, ServerAway, ServerUnknown */
  async get(path: string): Promise<Json> {
    const { body, answer } = await this.open('GET', path, isJson);
    body.end();
    return new Json(jsonOf(await textOf(await answer).catch(away)));
  }

  /**
   * Opens an exchange. The token is read again: during a long import it may have been replaced.
   *
   * @param isExpected whether a media type is that of the answer
   * @returns its answer rejects with ServerRefusal, ServerAway or ServerUnknown
   */
  async open(method: 'GET' | 'POST', path: string, isExpected = isLines): Promise<Exchange> {
    const token = await this.tokenNow();
    const url = new URL(`${this.url}${path}`);
    const body = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method,
      // of the connection as well, which `setTimeout` of a request does not count
      timeout: this.isKnown ? SILENCE_MS : FIRST_SILENCE_MS,
      headers: {
        authorization: `Bearer ${token}`,
        ...(method === 'POST' ? { 'content-type': NDJSON } : {}),
      },
    });
    body.on('timeout', () => body.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })));
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      body.on('error', (error) => reject(this.unreached(error)));
      body.once('response', (response) => {
        body.setTimeout(SILENCE_MS);
        if (response.statusCode !== 200) return void this.refusalOf(response).then(reject, reject);
        if (!isExpected(response.headers['content-type'])) {
          body.destroy();
          return reject(this.strange(200));
        }
        this.isKnown = true;
        resolve(response);
      });
    });
    // the sender of the body handles the answer later
    answer.catch(() => undefined);
    return { body, answer };
  }

  private async refusalOf(response: IncomingMessage): Promise<Error> {
    const status = response.statusCode ?? 0;
    const problem = problemIn(new Json(jsonOf(await textOf(response).catch(away))));
    if (problem === undefined) return this.strange(status);
    this.isKnown = true;
    const message = `the server answered ${status}: ${problem.says}`;
    return status >= 500 ? new ServerAway(message) : new ServerRefusal(message, problem.code);
  }

  private unreached(cause: Error): Error {
    return this.isKnown
      ? new ServerAway(noAnswer(this.url, cause), { cause })
      : new ServerUnknown(unreached(this.url, cause, 'CONSENT_URL'), { cause });
  }

  /** Something else answered. A proxy before a server that is away may do so for a while. */
  private strange(status: number): Error {
    const message = noAssent(this.url, status, 'CONSENT_URL');
    return this.isKnown && status >= 500 ? new ServerAway(message) : new ServerUnknown(message);
  }
}

function isLines(contentType: string | undefined): boolean {
  return contentType?.startsWith(NDJSON) ?? false;
}

function away(cause: unknown): never {
  throw new ServerAway('the connection broke', { cause });
}

function tokenSource(file: string | undefined): () => Promise<string> {
  if (file !== undefined) return () => tokenIn(file);
  const given = variable('CONSENT_TOKEN');
  if (given !== undefined) return () => Promise.resolve(given.trim());
  const { dataDir, oidc } = readConfig(process.env);
  if (oidc !== undefined)
    throw new Error(
      'there is no token: put it into CONSENT_TOKEN, or into a file that --token-file names; never on the command line, where others can see it',
    );
  return () =>
    developmentToken(dataDir, 'client', {
      sub: 'consent-cli',
      purposes: [],
      scope: 'choices:import choices:export',
    });
}
