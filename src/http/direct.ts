/**
 * Answers that are given before the router: to requests that are as simple as most are, on the few routes that are asked
 * thousands of times a second. What is not plainly one of these is handed on as it came, so that everything that is
 * refused, and everything unusual, has one answer and one place that makes it (decision 027).
 */
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { headersOfAll } from './problem.js';
import { misread } from './misread.js';
import type { Room } from './waiting.js';

/**
 * A route that can be answered at once: whether a request with such headers can be, before its body has come.
 *
 * @returns what answers its body: with JSON, or with nothing when the ordinary route is to answer it. Nothing that lasts
 *   may come of a body that is not answered
 */
export type DirectRoute = (
  headers: IncomingHttpHeaders,
) => ((body: Buffer) => string | undefined) | undefined;

/** Bodies up to this many bytes are answered here, if the service takes as many. */
const MOST_BYTES = 65_536;
/** Ids that clients give to requests, as far as they are answered here. */
const REQUEST_ID = /^[\w.:-]{1,128}$/;

export class DirectRoutes {
  private readonly routes = new Map<string, DirectRoute>();

  constructor(
    private readonly room: Room,
    private readonly newId: () => string,
    /** Whether requests are answered here now: those that are to be logged, or are the last of their connection, are not. */
    private readonly isOpen: () => boolean,
    /** Bytes of the largest body that any route takes. */
    private readonly bodyLimit: number,
  ) {}

  /** Has `POST` requests of exactly this address answered by the route, where it can. */
  add(path: string, route: DirectRoute): void {
    this.routes.set(path, route);
  }

  /** Hands on what is not answered here. */
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
      // its end has not been read yet, so the next reader, who resumes it, finds it as it came
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
    // what is ASCII, as nearly all of them are, is the same in Latin-1, where nothing has to be looked at to be written
    response.end(json, bytes === json.length ? 'latin1' : 'utf8');
    return true;
  }
}

/** Whether nothing about the request is out of the ordinary. */
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
