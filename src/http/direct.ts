/**
 * Answers plain requests before the router, on the few routes that get thousands of requests a second. Everything else
 * is passed on unchanged, so that every refusal and every unusual request is answered in only one place (decision 027).
 */
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { nameRoute } from '../traces.js';
import { ID_HEADER, REQUEST_ID } from './headers/request-id.js';
import { headersOfAll } from './problem.js';
import { misread } from './misread.js';
import type { Traffic } from './traffic.js';
import type { Room } from './waiting.js';

/** A route that can be answered at once. */
export type DirectRoute = {
  /** Whether a request with such headers can be, before its body has arrived. */
  readonly open: (headers: IncomingHttpHeaders) => DirectAnswer | undefined;
  /**
   * Headers of the answer besides those that every one has: names and values in turn. Absent: there are none.
   *
   * @param headers of the request, before it is answered
   */
  readonly headers?: (headers: IncomingHttpHeaders) => readonly string[];
  /**
   * Resolves to whether what was answered since the last call may leave.
   *
   * @returns `undefined` when it may at once
   */
  readonly settled: () => Promise<boolean> | undefined;
};

/** A route, and who counts its answers. */
type Watched = { readonly route: DirectRoute; readonly watch: ReturnType<Traffic['direct']> | undefined };

/**
 * Answers a body: JSON, or `undefined` if the ordinary route must answer it; it must have no lasting effect then.
 *
 * @param id of the request; absent: the answer to the same body that may leave where the first one may not
 */
type DirectAnswer = (body: Buffer, id?: string) => string | undefined;

/** Maximum bytes of bodies answered here, if the service takes as many. */
const MOST_BYTES = 65_536;
/** Names and values in turn: Node reads them faster than an object. */
const OTHER_HEADERS = Object.entries({
  ...headersOfAll(''),
  'content-type': 'application/json; charset=utf-8',
})
  .filter(([name]) => name !== ID_HEADER)
  .flat();

const NO_HEADERS: readonly string[] = [];

type Answered = {
  readonly response: ServerResponse;
  /** When it came, where that is watched. */
  readonly since: number;
  readonly id: string;
  readonly json: string;
  /** Of `json`. */
  readonly bytes: number;
  readonly headers: readonly string[];
  readonly instead: () => string | undefined;
};

export class DirectRoutes {
  private readonly routes = new Map<string, Watched>();
  /**
   * Of this turn of the event loop. Made anew for each: of a map that is cleared, V8 links the former table to the new one, so
   * that once one has grown old, all that was ever in those after it stays until the next full collection.
   */
  private answered = new Map<Watched, Answered[]>();

  constructor(
    private readonly room: Room,
    private readonly newId: () => string,
    /** Whether requests are answered here now: not if they must be logged, or are the last of their connection. */
    private readonly isOpen: () => boolean,
    /** Bytes of the largest body that any route takes. */
    private readonly bodyLimit: number,
    /** Absent: nobody watches. */
    private readonly traffic?: Traffic,
  ) {}

  /** Lets the route answer `POST` requests to exactly this address, if it can. */
  add(path: string, route: DirectRoute): void {
    this.routes.set(path, { route, watch: this.traffic?.direct(path) });
  }

  /** Passes on what is not answered here. */
  before(handle: RequestListener): RequestListener {
    return (request, response) => {
      const route = request.method === 'POST' ? this.routes.get(request.url ?? '') : undefined;
      const answer =
        route !== undefined && isPlain(request, this.bodyLimit) && this.isOpen()
          ? route.route.open(request.headers)
          : undefined;
      if (route === undefined || answer === undefined) handle(request, response);
      else this.read(request, response, route, answer, handle);
    };
  }

  private read(
    request: IncomingMessage,
    response: ServerResponse,
    watched: Watched,
    answer: DirectAnswer,
    handle: RequestListener,
  ): void {
    const { route, watch } = watched;
    const since = watch === undefined ? 0 : performance.now();
    const length = Number(request.headers['content-length']);
    let body: Buffer | undefined;
    const take = (chunk: Buffer) => {
      const whole = body === undefined ? chunk : Buffer.concat([body, chunk]);
      body = whole;
      if (whole.length < length) return;
      request.off('data', take);
      const sent = request.headers[ID_HEADER];
      const id = typeof sent === 'string' ? sent : this.newId();
      const headers = route.headers?.(request.headers) ?? NO_HEADERS;
      // what is answered is sent, for the ordinary route would count it again
      const json = this.isOpen() && this.room.isAmple ? answer(whole, id) : undefined;
      if (json !== undefined) {
        nameRoute(request, request.url);
        const bytes = Buffer.byteLength(json);
        this.room.take(response, bytes);
        return this.send(watched, {
          response,
          since,
          id,
          json,
          bytes,
          headers,
          instead: () => answer(whole),
        });
      }
      // its end was not read yet, so the next reader finds the stream unchanged when it resumes it
      request.pause();
      request.unshift(whole);
      handle(request, response);
    };
    request.on('data', take);
  }

  /**
   * Sends the answer with all others of this turn of the event loop: each write alone may wake its reader, which costs
   * more than the decision.
   */
  private send(watched: Watched, answer: Answered): void {
    if (this.answered.size === 0) setImmediate(() => this.settleAll());
    const others = this.answered.get(watched);
    if (others === undefined) this.answered.set(watched, [answer]);
    else others.push(answer);
  }

  private settleAll(): void {
    const all = this.answered;
    this.answered = new Map();
    for (const [watched, answers] of all) {
      const settled = watched.route.settled();
      if (settled === undefined) this.sendAll(watched, answers);
      else void settled.then((may) => this.sendAll(watched, answers, may));
    }
  }

  private sendAll({ watch }: Watched, answers: readonly Answered[], may = true): void {
    const isOpen = this.isOpen();
    // of all at once: a clock that is read for each would cost more than the counting
    const now = watch === undefined ? 0 : performance.now();
    for (const { response, since, id, json, bytes: bytesOfJson, headers, instead } of answers) {
      const body = may ? json : instead();
      // INVARIANT: there is one where there was an answer; without it the caller learns nothing
      if (body === undefined) {
        response.destroy();
        continue;
      }
      if (!isOpen) response.shouldKeepAlive = false;
      const bytes = body === json ? bytesOfJson : Buffer.byteLength(body);
      response.writeHead(200, [ID_HEADER, id, 'content-length', String(bytes), ...headers, ...OTHER_HEADERS]);
      // ASCII, as in nearly all answers, is the same in Latin-1, which is faster to write
      response.end(body, bytes === body.length ? 'latin1' : 'utf8');
      watch?.answered((now - since) / 1_000);
    }
  }
}

/** Whether the request is entirely ordinary. */
function isPlain(request: IncomingMessage, bodyLimit: number): boolean {
  const { headers, httpVersion } = request;
  const length = headers['content-length'];
  const id = headers[ID_HEADER];
  return (
    httpVersion === '1.1' &&
    headers['content-type'] === 'application/json' &&
    length !== undefined &&
    /^[1-9]\d{0,5}$/.test(length) &&
    Number(length) <= Math.min(MOST_BYTES, bodyLimit) &&
    headers['transfer-encoding'] === undefined &&
    headers.expect === undefined &&
    headers.upgrade === undefined &&
    misread(request) === undefined &&
    (id === undefined || (typeof id === 'string' && REQUEST_ID.test(id)))
  );
}
