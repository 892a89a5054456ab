/** Middleware for Express, and for whatever else hands on `(request, response, next)`. */
import type { ServerResponse } from 'node:http';
import type { Assent } from './assent.js';
import { type RequestOptions, askingOf, mustBeUse, refusalOf } from './responses/asking.js';

export * from './responses/index.js';

type Middleware<Request> = (
  request: Request,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

/**
 * Lets a request through if the purpose may read all of these fields of its user, and answers it with 403 and a problem
 * document (RFC 9457) otherwise.
 *
 * @throws TypeError in words when the purpose or the fields cannot be asked about
 */
export function usesData<Request = unknown>(
  assent: Assent,
  purpose: string,
  fields: readonly string[],
  options: RequestOptions<Request> = {},
): Middleware<Request> {
  mustBeUse(purpose, fields);
  return async (request, response, next) => {
    try {
      const refusal = await refusalOf(assent, await askingOf(purpose, options, request), fields);
      if (refusal !== undefined) {
        response.writeHead(refusal.status, { 'content-type': 'application/problem+json' });
        response.end(JSON.stringify(refusal));
        return;
      }
    } catch (error) {
      return next(error);
    }
    next();
  };
}
