/** A `preHandler` for Fastify. */
import type { Assent } from './assent.js';
import { type RequestOptions, askingOf, mustBeUse, refusalOf } from './responses/asking.js';
import { type PreHandler, preHandlerOf } from './responses/guards.js';

export * from './responses/index.js';

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
): PreHandler<Request> {
  mustBeUse(purpose, fields);
  return preHandlerOf(async (request) =>
    refusalOf(assent, await askingOf(purpose, options, request), fields),
  );
}
