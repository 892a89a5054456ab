/** A `preHandler` for Fastify. */
import type { Assent } from './assent.js';
import { type RequestOptions, askingOf, mustBeUse, refusalOf } from './responses/asking.js';

export * from './responses/index.js';

/** What is used of a reply of Fastify. */
type Reply = {
  code(status: number): Reply;
  type(contentType: string): Reply;
  send(payload: string): unknown;
};

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
): (request: Request, reply: Reply) => Promise<unknown> {
  mustBeUse(purpose, fields);
  return async (request, reply) => {
    const refusal = await refusalOf(assent, await askingOf(purpose, options, request), fields);
    return refusal === undefined
      ? undefined
      : reply.code(refusal.status).type('application/problem+json').send(JSON.stringify(refusal));
  };
}
