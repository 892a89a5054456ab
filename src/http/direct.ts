/**
 * Answers plain requests before the router, on the few routes that get thousands of requests a second. Everything else
 * is passed on unchanged, so that every refusal and every unusual request is answered in only one place (decision 027).
 */
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { headersOfAll } from './problem.js';
import { misread } from './misread.js';
import type { Room } from './waiting.js';

/**
 * A route that can be answered at once: whether a request with such headers can be, before its body has arrived.
 *
 * @returns a function that answers the body: JSON, or `undefined` if the ordinary route must answer it. It must have no
 *   lasting effect then
 */
export type DirectRoute = (
  headers: IncomingHttpHeaders,
) => ((body: Buffer) => string | undefined) | undefined;

/** Maximum bytes of bodies answered here, if the service takes as many. */
const MOST_BYTES = 65_536;
const ID_HEADER = 'x-request-id';
/** Names and values in turn: Node reads them faster than an object. */
const OTHER_HEADERS = Object.entries({
  ...headersOfAll(''),
  'content-type': 'application/json; charset=utf-8',
})
  .filter(([name]) => name !== ID_HEADER)
  .flat();

/** Request ids of clients that are accepted here. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

type Answered = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly json: string;
};

export class DirectRoutes {
  private readonly routes = new Map<string, DirectRoute>();
  private answered: Answered[] = [];

  constructor(
    private readonly room: Room,
    private readonly newId: () => string,
    /** Whether requests are answered here now: not if they must be logged, or are the last of their connection. */
    private readonly isOpen: () => boolean,
    /** Bytes of the largest body that any route takes. */
    private readonly bodyLimit: number,
  ) {}

  /** Lets the route answer `POST` requests to exactly this address, if it can. */
  add(path: string, route: DirectRoute): void {
    this.routes.set(path, route);
  }

  /** Passes on what is not answered here. */
  before(handle: RequestListener): RequestListener {
    return (request, response) => {
      const route = request.method === 'POST' ? this.routes.get(request.url ?? '') : undefined;
      const answer =
        route !== undefined && isPlain(request, this.bodyLimit) && this.isOpen()
          ? route(request.headers)
          : undefined;
      if (answer === undefined) handle(request, response);
      else this.read(request, response, answer, handle);
    };
  }

  private read(
    request: IncomingMessage,
    response: ServerResponse,
    answer: (body: Buffer) => string | undefined,
    handle: RequestListener,
  ): void {
    const length = Number(request.headers['content-length']);
    let body: Buffer | undefined;
    const take = (chunk: Buffer) => {
      body = body === undefined ? chunk : Buffer.concat([body, chunk]);
      if (body.length < length) return;
      request.off('data', take);
      // what is answered is sent, for the ordinary route would count it again
      const json = this.isOpen() && this.room.isAmple ? answer(body) : undefined;
      if (json !== undefined) {
        this.room.take(response, Buffer.byteLength(json));
        return this.send({ request, response, json });
      }
      // its end was not read yet, so the next reader finds the stream unchanged when it resumes it
      request.pause();
      request.unshift(body);
      handle(request, response);
    };
    request.on('data', take);
  }

  /**
   * Sends the answer with all others of this turn of the event loop: each write alone may wake its reader, which costs
   * more than the decision.
   */
  private send(answer: Answered): void {
    if (this.answered.length === 0) setImmediate(() => this.sendAll());
    this.answered.push(answer);
  }

  private sendAll(): void {
    const { answered } = this;
    this.answered = [];
    const isOpen = this.isOpen();
    for (const { request, response, json } of answered) {
      if (!isOpen) response.shouldKeepAlive = false;
      const id = request.headers[ID_HEADER];
      const bytes = Buffer.byteLength(json);
      response.writeHead(200, [
        ID_HEADER,
        typeof id === 'string' ? id : this.newId(),
        'content-length',
        String(bytes),
        ...OTHER_HEADERS,
      ]);
      // ASCII, as in nearly all answers, is the same in Latin-1, which is faster to write
      response.end(json, bytes === json.length ? 'latin1' : 'utf8');
    }
  }
}

/** Whether the request is entirely ordinary. */
function isPlain(request: IncomingMessage, bodyLimit: number): boolean {
  const { headers, httpVersion } = request;
  const length = headers['content-length'];
  const id = headers['x-request-id'];
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
