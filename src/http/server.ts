/** The HTTP server that every room shares: limits, request ids, validation, logs. */
import { randomUUID } from 'node:crypto';
import { maxHeaderSize } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { SchemaObject } from 'ajv';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { DomainError } from '../errors.js';
import { problemOf } from './problem.js';
import { compileSchema, invalidRequest } from './schema.js';

const REQUEST_TIMEOUT_MS = 30_000;

export function createAdapter(bodyLimit: number): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit,
    requestTimeout: REQUEST_TIMEOUT_MS,
    requestIdHeader: 'x-request-id',
    genReqId: () => randomUUID(),
    // addresses that the router itself refuses never reach a hook or a filter
    frameworkErrors: (_error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      const id = String(request.headers['x-request-id'] ?? request.id);
      const error = new DomainError(
        'invalid_request',
        'the address is not well-formed: ids are percent-encoded UTF-8 of at most 256 bytes',
      );
      const problem = problemOf(error, id);
      void withHeaders(reply, id).code(problem.status).type('application/problem+json').send(problem);
    },
    // an idle keep-alive connection must not hold up a shutdown
    forceCloseConnections: 'idle',
    // as long as an address can be: an id that is too long gets the answer that says so
    routerOptions: { maxParamLength: maxHeaderSize },
  });
}

/** The headers of every answer. */
function withHeaders(reply: FastifyReply, requestId: string): FastifyReply {
  return reply
    .header('x-request-id', requestId)
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff');
}

/** Gives the server its validation, its request ids and its log. Before the routes are known to it. */
export function prepareServer(server: FastifyInstance, log: Logger): void {
  // JSON is the only language: what else arrives is refused before it is read
  server.removeContentTypeParser('text/plain');
  server.setValidatorCompiler<SchemaObject>(({ schema }) => compileSchema(schema));
  server.setSchemaErrorFormatter((errors) => invalidRequest(errors));
  server.addHook('onRequest', (request, reply, done) => {
    void withHeaders(reply, request.id);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    const level =
      reply.statusCode >= 500
        ? 'error'
        : route.startsWith('/access/') || route.startsWith('/health/')
          ? 'debug'
          : 'info';
    // the route, never the address: addresses name users
    log[level](
      {
        request_id: request.id,
        method: request.method,
        route,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
      },
      'request',
    );
    done();
  });
}
