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
/** Request ids of clients that are accepted here. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

export class DirectRoutes {
  private readonly routes = new Map<string, DirectRoute>();

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
      const json = this.isOpen() ? answer(body) : undefined;
      if (json !== undefined && this.send(request, response, json)) return;
      // its end was not read yet, so the next reader finds the stream unchanged when it resumes it
      request.pause();
      request.unshift(body);
      handle(request, response);
    };
    request.on('data', take);
  }

  /** Whether there was room for the answer. */
  private send({ headers }: IncomingMessage, response: ServerResponse, json: string): boolean {
    const bytes = Buffer.byteLength(json);
    if (!this.room.admits(response, bytes)) return false;
    const id = headers['x-request-id'];
    response.writeHead(200, {
      ...headersOfAll(typeof id === 'string' ? id : this.newId()),
      'content-type': 'application/json; charset=utf-8',
      'content-length': bytes,
    });
    // ASCII, as in nearly all answers, is the same in Latin-1, which is faster to write
    response.end(json, bytes === json.length ? 'latin1' : 'utf8');
    return true;
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
