/** The HTTP server that every room shares: limits, request ids, validation, logs. */
import { randomUUID } from 'node:crypto';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { SchemaObject } from 'ajv';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { compileSchema, invalidRequest, MAX_ID_BYTES } from './schema.js';

const REQUEST_TIMEOUT_MS = 30_000;

export function createAdapter(bodyLimit: number): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit,
    requestTimeout: REQUEST_TIMEOUT_MS,
    requestIdHeader: 'x-request-id',
    genReqId: () => randomUUID(),
    // an idle keep-alive connection must not hold up a shutdown
    forceCloseConnections: 'idle',
    // an id in an address is percent-encoded: three characters a byte at most
    routerOptions: { maxParamLength: MAX_ID_BYTES * 3 },
  });
}

/** Gives the server its validation, its request ids and its log. Before the routes are known to it. */
export function prepareServer(server: FastifyInstance, log: Logger): void {
  // JSON is the only language: what else arrives is refused before it is read
  server.removeContentTypeParser('text/plain');
  server.setValidatorCompiler<SchemaObject>(({ schema }) => compileSchema(schema));
  server.setSchemaErrorFormatter((errors) => invalidRequest(errors));
  server.addHook('onRequest', (request, reply, done) => {
    void reply
      .header('x-request-id', request.id)
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff');
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
