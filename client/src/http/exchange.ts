/** One request over HTTP and its answer, within bounds of size and time. Redirects are not followed. */
import {
  Agent as PlainAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as plain,
} from 'node:http';
import { Agent as SecureAgent, request as secure } from 'node:https';
import { Failure, malformed } from '../terms/failure.js';
import { isObject } from '../terms/json.js';

export type Agent = PlainAgent | SecureAgent;

export type Sent = {
  /** Absent: `POST`. */
  readonly method?: 'GET' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly agent: Agent;
  /** Most bytes of the answer's body. */
  readonly most: number;
  /** Whether the process may end while nothing else waits. */
  readonly isIdle?: boolean | undefined;
  /** Whether the connection is let go of after an answer with these headers; absent: none is. */
  readonly isLast?: ((headers: IncomingHttpHeaders) => boolean) | undefined;
};

export type Reply = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** Most connections to one service; further requests wait for one. */
const CONNECTIONS = 32;

/** Keeps connections open between requests; those without a request keep no process from ending. */
export function agentFor(url: URL): Agent {
  const options = { keepAlive: true, maxSockets: CONNECTIONS };
  return url.protocol === 'https:' ? new SecureAgent(options) : new PlainAgent(options);
}

/** One that makes connections like another, and one at a time: what is sent by it in turn goes to one process. */
export function singleLike(agent: Agent): Agent {
  const kind: unknown = Object.getPrototypeOf(agent);
  const given: unknown = Reflect.get(agent, 'options');
  const options = { ...(isObject(given) ? given : {}), keepAlive: true, maxSockets: 1 };
  if (kind === SecureAgent.prototype) return new SecureAgent(options);
  // how one of another class is made is not known
  return kind === PlainAgent.prototype ? new PlainAgent(options) : agent;
}

/**
 * Sends a request and reads the answer to its end.
 *
 * @param signal aborted with a `Failure` when nobody waits any more
 * @throws Failure `unreachable`, `malformed_answer`, or that of the signal
 */
export async function exchange(sent: Sent, signal: AbortSignal): Promise<Reply> {
  if (signal.aborted) throw reasonOf(signal);
  const { url, agent, body, most } = sent;
  const request = (url.protocol === 'https:' ? secure : plain)(url, {
    method: sent.method ?? 'POST',
    agent,
    headers: { ...sent.headers, 'accept-encoding': 'identity', 'content-length': Buffer.byteLength(body) },
  });
  let abort: (() => void) | undefined;
  try {
    return await new Promise<Reply>((resolve, reject) => {
      let isAnswered = false;
      abort = () => reject(reasonOf(signal));
      signal.addEventListener('abort', abort, { once: true });
      if (sent.isIdle === true) request.once('socket', (socket) => socket.unref());
      // more than one can come, and one that nobody hears would end the process
      request.on('error', (error) => reject(failureIn(error)));
      request.once('response', (response) => {
        isAnswered = true;
        if (sent.isLast?.(response.headers) === true) request.shouldKeepAlive = false;
        response.on('error', (error) => reject(failureIn(error)));
        read(response, most).then(resolve, (error: unknown) => reject(failureIn(error)));
      });
      request.once('close', () => {
        if (!isAnswered) reject(new Failure('unreachable'));
      });
      // a text leaves with the headers, in one write
      request.end(body);
    });
  } catch (error) {
    request.destroy();
    throw error;
  } finally {
    if (abort !== undefined) signal.removeEventListener('abort', abort);
  }
}

async function read(response: IncomingMessage, most: number): Promise<Reply> {
  const { statusCode: status = 0, headers } = response;
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw malformed('it is encoded, which was not asked for');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    if (!Buffer.isBuffer(chunk)) throw malformed('its body is not made of bytes');
    length += chunk.length;
    if (length > most) throw malformed(`it is longer than ${most} bytes`);
    chunks.push(chunk);
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
    return { status, headers, body: text };
  } catch {
    throw malformed('it is not UTF-8');
  }
}

function reasonOf({ reason }: AbortSignal): Failure {
  return reason instanceof Failure ? reason : new Failure('aborted');
}

/** What an error of a connection means. Node's parser of HTTP has codes that begin with HPE. */
function failureIn(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code.startsWith('HPE_')) return malformed('it is not HTTP');
  return new Failure('unreachable', { message: code === '' ? undefined : code });
}
