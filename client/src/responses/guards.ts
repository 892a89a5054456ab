/** Turns away requests, in the ways that frameworks have for that. */
import type { ServerResponse } from 'node:http';

/** Why a request is turned away, as the body of its answer (RFC 9457). */
export type Problem = { readonly status: number };

/** @returns why; `undefined`: it is let through */
type RefusalOf<Request> = (request: Request) => Promise<Problem | undefined>;

/** For Express, and whatever else hands on `(request, response, next)`. */
export type Middleware<Request> = (
  request: Request,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

/** What is used of a reply of Fastify. */
type Reply = {
  code(status: number): Reply;
  type(contentType: string): Reply;
  send(payload: string): unknown;
};

/** For Fastify. */
export type PreHandler<Request> = (request: Request, reply: Reply) => Promise<unknown>;

const PROBLEM = 'application/problem+json';

export function middlewareOf<Request>(refusalOf: RefusalOf<Request>): Middleware<Request> {
  return async (request, response, next) => {
    let refusal: Problem | undefined;
    try {
      refusal = await refusalOf(request);
    } catch (error) {
      // nothing, and the word `route`, would let the request through
      return next(error instanceof Error ? error : new Error('it is not known whether a request may go on'));
    }
    if (refusal === undefined) return next();
    response.writeHead(refusal.status, { 'content-type': PROBLEM });
    response.end(JSON.stringify(refusal));
  };
}

export function preHandlerOf<Request>(refusalOf: RefusalOf<Request>): PreHandler<Request> {
  return async (request, reply) => {
    const refusal = await refusalOf(request);
    return refusal === undefined
      ? undefined
      : reply.code(refusal.status).type(PROBLEM).send(JSON.stringify(refusal));
  };
}
