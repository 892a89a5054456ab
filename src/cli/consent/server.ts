/** The imports and exports of a running server, as the consent commands use them. */
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text as textOf } from 'node:stream/consumers';
import { developmentToken } from '../../access/tokens/development-key.js';
import { readConfig } from '../../config.js';
import { Json, jsonOf, serverUrl, tokenIn, variable } from '../server.js';

export const SERVER_HELP = `  --url URL            the server; default CONSENT_URL, or http://127.0.0.1:3000
  --token-file FILE    a file that holds the token; default: the token in CONSENT_TOKEN, or in development mode
                       one made with the key in DATA_DIR`;

const NDJSON = 'application/x-ndjson';
/** After this long without a byte a connection is given up. */
const SILENCE_MS = 60_000;

/** The server, or the way to it, is in trouble that may pass. */
export class ServerAway extends Error {}

/** The server refused, and will again. `code` says why. */
export class ServerRefusal extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

/** A request whose answer comes while its body is still sent. */
export type Exchange = { readonly body: ClientRequest; readonly answer: Promise<IncomingMessage> };

type Options = { readonly url?: string; readonly 'token-file'?: string };

export class ConsentServer {
  private constructor(
    private readonly url: string,
    private readonly tokenNow: () => Promise<string>,
  ) {}

  /** @throws Error when there is no token, or when it would travel where others can read it */
  static from(options: Options): ConsentServer {
    const url = serverUrl(options.url ?? variable('CONSENT_URL'));
    return new ConsentServer(url, tokenSource(options['token-file']));
  }

  /** @throws ServerRefusal, ServerAway */
  async get(path: string): Promise<Json> {
    const { body, answer } = await this.open('GET', path);
    body.end();
    return new Json(jsonOf(await textOf(await answer).catch(away)));
  }

  /**
   * Opens an exchange. The token is read anew: during a long import it may have been replaced.
   *
   * @returns its answer rejects with ServerRefusal, or ServerAway
   */
  async open(method: 'GET' | 'POST', path: string): Promise<Exchange> {
    const token = await this.tokenNow();
    const url = new URL(`${this.url}${path}`);
    const body = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(method === 'POST' ? { 'content-type': NDJSON } : {}),
      },
    });
    body.setTimeout(SILENCE_MS, () => body.destroy(new ServerAway('the server says nothing any more')));
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      body.on('error', (error) =>
        reject(new ServerAway(`no server answers at ${this.url}`, { cause: error })),
      );
      body.once('response', (response) => {
        if (response.statusCode === 200) resolve(response);
        else refusalOf(this.url, response).then(reject, reject);
      });
    });
    // whoever sends the body looks at the answer when it comes to that
    answer.catch(() => undefined);
    return { body, answer };
  }
}

async function refusalOf(url: string, response: IncomingMessage): Promise<Error> {
  const status = response.statusCode ?? 0;
  const said = new Json(jsonOf(await textOf(response).catch(away)));
  const [type, title, detail] = [said.at('type'), said.at('title'), said.at('detail')];
  if (!type.isThere || !title.isThere || !detail.isThere)
    return new ServerRefusal(`${url} answered ${status}: is it a server of Assent?`, '');
  const message = `the server answered ${status}: ${title.text}: ${detail.text}`;
  return status >= 500
    ? new ServerAway(message)
    : new ServerRefusal(message, type.text.slice(type.text.lastIndexOf(':') + 1));
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
